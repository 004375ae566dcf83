"""Markdown that the toolkit has written about redlines → one self-contained page of HTML."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import escape

from publisher.render.html import content_security_policy, stylesheet
from publisher.render.redline.inert import BREAK
from publisher.render.style import Style

_CSS = """
main { padding-top: 2rem; }
.redline main h2 { margin: 0 0 0.4rem; }
.redline main :is(h3, h4) { margin-top: 1.25rem; }
details { border-top: 1px solid var(--line); padding: 0.75rem 0; margin-bottom: 1rem; }
details > summary { font-weight: 600; color: var(--ink); overflow-wrap: anywhere; }
@media print { details:not([open]) > *:not(summary) { display: revert; } }
"""


def page(title: str, markdown: str, style: Style) -> bytes:
    """Return Markdown as a page in English: no script, and no request to anywhere.

    The Markdown's only HTML must be the toolkit's own: everything else in it is escaped.
    """
    whole = markdown.replace(BREAK, "")  # which is for git hosts
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(whole)
    said = {f"marked_{what}": what for what in ("added", "removed", "moved")}
    sheets = (stylesheet(name, style, said) for name in ("screen.css", "redline.css"))
    css = "\n".join(["", *sheets, _CSS])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        f'content="{escape(content_security_policy(css))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n"
        f'<body class="redline">\n<main>\n{body}</main>\n</body>\n</html>\n'
    ).encode()
