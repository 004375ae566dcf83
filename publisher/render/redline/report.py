"""Markdown that the toolkit has written about redlines → one self-contained page of HTML."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import escape

from publisher.render.html import content_security_policy, stylesheet
from publisher.render.redline.inert import BREAK
from publisher.render.style import Style

_CSS = """
main { max-width: 52rem; padding-top: 2rem; }
details { border: 1px solid var(--line); border-radius: 4px; padding: 0.25rem 1rem; }
details { margin-bottom: 1rem; }
summary { cursor: pointer; font-weight: 600; padding: 0.5rem 0; min-height: 1.5rem; }
ins { background: var(--shade); text-decoration: underline; text-decoration-thickness: 0.12em; }
del { color: var(--soft); text-decoration: line-through; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print { details:not([open]) > *:not(summary) { display: revert; } }
"""


def page(title: str, markdown: str, style: Style) -> bytes:
    """Return Markdown as a page in English: no script, and no request to anywhere.

    The Markdown's only HTML must be the toolkit's own: everything else in it is escaped.
    """
    whole = markdown.replace(BREAK, "")  # which is for git hosts
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(whole)
    for mark, said in (("ins", "added"), ("del", "removed")):
        body = body.replace(f"<{mark}>", f'<{mark}><span class="said">[{said}: </span>')
        body = body.replace(f"</{mark}>", f'<span class="said">]</span></{mark}>')
    css = f"\n{stylesheet('screen.css', style, {})}{_CSS}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        f'content="{escape(content_security_policy(css))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode()
