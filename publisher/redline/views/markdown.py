"""A redline → Markdown, for a comment on a pull request.

Git hosts show ``<ins>`` and ``<del>``; the text in them is inert: it is not markup, notifies nobody
and refers to no issue.

`page` makes a page of HTML from Markdown that the toolkit wrote about redlines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from markdown_it import MarkdownIt
from markupsafe import escape

from publisher.redline.values import ClauseRedline, Origin, Redline
from publisher.redline.views.inert import BREAK, inert
from publisher.redline.views.marked_lines import Line, Piece, heading, lines, title
from publisher.redline.views.phrases import absent, became, clauses_counted, compared, counts_text
from publisher.redline.views.phrases import summary as happened
from publisher.render.languages import labels
from publisher.render.markdown import started
from publisher.render.page import content_security_policy, stylesheet
from publisher.render.style import Style

LARGEST = 60_000
"""How many characters a redline may have; git hosts refuse comments of more than 65,536."""

_MARKS = {"removed": "<del>{}</del>", "added": "<ins>{}</ins>", "note": " *({})*"}
_MARGINS = {"from": "*moved away ({})*: ", "to": "*moved here ({})*: "}


def markdown(
    redline: Redline,
    origins: tuple[Origin, Origin],
    *,
    full: bool = False,
    summary: bool = False,
    level: int = 2,
) -> str:
    """Return a redline as Markdown: what is compared, how much differs, and each clause that does.

    Its heading has a `level`; a `summary` only lists the clauses. Clauses that would make it too
    large for a comment are left out, and a last line says so.
    """
    parts = [*_head(redline, origins, level), *_above(redline)]
    size = sum(map(len, parts))
    shown = [changed for changed in redline.clauses if changed.differs or (full and not summary)]
    if summary:
        here = (listed for listed in shown if listed.part.status != "from")
        parts.append("\n".join(f"- {_named(listed)}" for listed in here))
        shown = []
    for at, clause in enumerate(shown):
        text = "\n\n".join(_clause(clause, level + 1, full=full))
        size += len(text) + 2
        if size > LARGEST:
            parts.append(f"*{len(shown) - at} more clauses differ; `publisher diff` shows them.*")
            break
        parts.append(text)
    return "\n\n".join(filter(None, parts)) + "\n"


def changes(redline: Redline) -> str:
    """Return all changes that a redline shows: equal for two policies with the same changes."""
    differing = (_clause(clause, 1, full=False) for clause in redline.clauses if clause.differs)
    whole = redline.old is None, redline.new is None
    return "\n".join([str(whole), *_above(redline), *chain.from_iterable(differing)])


def _head(redline: Redline, origins: tuple[Origin, Origin], level: int) -> Iterator[str]:
    policies, sides = compared(redline.policy.locale, origins)
    yield f"{'#' * level} {inert(policies)}"
    yield inert(sides)
    for origin in origins:
        if origin.unverified:
            yield f"**Not verified**: {inert(origin.unverified)}"
        yield from (f"Note on {inert(origin.id)}: {inert(note)}" for note in origin.notes)
    if redline.old is None or redline.new is None:
        yield inert(absent(redline, origins))
    if redline.empty:
        yield "No differences."
    else:
        yield f"**{clauses_counted(redline.counts)}; {counts_text(redline.counts)}**"
        yield inert(happened(redline, labels("en")))


def _above(redline: Redline) -> Iterator[str]:
    """Yield the differences above the clauses."""
    for name, part in (("title", redline.title), ("controller", redline.controller)):
        line = heading(part)
        if line is not None:
            yield f"The policy's {name}: {_text(line.pieces)}"


def _named(clause: ClauseRedline) -> str:
    counts = f", {counts_text(clause.counts)}" if clause.counts else ""
    return f"{started(_headed(clause))}: {became(clause)}{counts}"


def _headed(clause: ClauseRedline) -> str:
    """Return the title of a clause; its id if the title is empty, as in some old documents."""
    return _text(title(clause.part)) or f"({clause.new or clause.old})"


def _clause(clause: ClauseRedline, level: int, *, full: bool) -> Iterator[str]:
    headed = _headed(clause)
    ends = (
        "\\" if headed.endswith("#") else ""
    )  # as part of the heading's mark they would disappear
    yield f"{'#' * level} {headed[:-1]}{ends}{headed[-1:]}"
    counts = f", {counts_text(clause.counts)}" if clause.counts else ""
    yield f"*{inert(became(clause))}{counts}*"
    if clause.part.status != "from":
        yield "\n".join(_line(line) for line in lines(clause.part, full=full))


def _line(line: Line) -> str:
    lead = "" if line.lead == "- " else inert(line.lead).replace(".", "\\.")
    moved = _MARGINS.get(line.status, "").format(line.move)
    return f"{'  ' * line.depth}- {started(f'{moved}{lead}{_text(line.pieces)}')}"


def _text(pieces: Iterable[Piece]) -> str:
    texts = []
    for mark, group in groupby(pieces, lambda piece: _MARKS.get(piece.marked, "{}")):
        between = "; " if mark == _MARKS["note"] else ""
        texts.append(mark.format(inert(between.join(piece.text for piece in group))))
    return "".join(texts).strip()


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
    whole = markdown.replace(BREAK, "")  # only git hosts need it
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(whole)
    words = {f"marked_{what}": what for what in ("added", "removed", "moved")}
    sheets = (stylesheet(name, style, words) for name in ("screen.css", "redline.css"))
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
