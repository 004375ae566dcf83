"""PDF → titles and blocks: by its structure, or, if it has none, by its layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from publisher.intake.draft import Draft, counted
from publisher.intake.lists import words_in
from publisher.intake.pdf import pdfium
from publisher.intake.pdf.lines import Joiner, Line, columned, lines_of
from publisher.intake.pdf.pdfium import Page
from publisher.intake.pdf.tagged import Tagged, outside, share
from publisher.intake.pdf.untagged import Layout

_ENOUGH = 0.8
"""The share of its text that a document's structure must have to be used."""
_AT_ENDS = 3
"""Lines at the top and at the bottom of a page that may be the same on every page."""
_NAMED = 8
"""Pages that a note names, at most."""


def read(data: bytes) -> Draft:
    """Return the draft of a PDF. Raises `NotADocument`, `LibraryMissing`."""
    pages, title = pdfium.pages(data)
    lines = [lines_of(page.glyphs) for page in pages]
    remarks = [*_empty(lines)]
    if not any(lines):
        return Draft("", (), remarks=tuple(remarks))
    if any(page.turned for page in pages):
        remarks.append("text that is not upright was left out")
    running = _running(lines)
    shares = [share(page) for page in pages if page.glyphs]
    if any(page.elements for page in pages) and sum(shares) >= _ENOUGH * len(shares):
        joiner = Joiner(words_in(line.text for page in lines for line in page))
        pieces = Tagged(joiner).pieces(pages)
        remarks += _unplaced(pages, running)
    else:
        kept = [columned([line for line in page if _key(line) not in running]) for page in lines]
        layout = Layout(kept)
        pieces, joiner = layout.pieces(), layout.joiner
    if running:
        remarks.append("page headers and footers were left out")
    if joiner.doubtful:
        what = counted(joiner.doubtful, "word is", "words are")
        remarks.append(f"{what} divided by a hyphen at the end of a line, which stays")
    return Draft("" if _no_title(title) else title, pieces, remarks=tuple(remarks))


def _empty(lines: Sequence[Sequence[Line]]) -> Iterable[str]:
    """Yield the remark on pages without text."""
    empty = [str(number) for number, page in enumerate(lines, 1) if not page]
    named = ", ".join(empty[:_NAMED]) + (", …" if len(empty) > _NAMED else "")
    if len(lines) == 1 and empty:
        yield "the page has no text: it may be scanned"
    elif len(empty) == len(lines):
        yield f"none of the {len(lines)} pages has text: they may be scanned"
    elif len(empty) == 1:
        yield f"page {named} has no text: it may be scanned"
    elif empty:
        yield f"pages {named} have no text: they may be scanned"


def _key(line: Line) -> tuple[str, int]:
    """Return the key of a line: text without numbers, and height; the same on every page."""
    return re.sub(r"\d+", "#", line.text), round(line.base / 4)


def _running(lines: Sequence[Sequence[Line]]) -> frozenset[tuple[str, int]]:
    """Return the lines that stand at the top or bottom of half of the pages, at one height."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in lines:
        by_height = sorted(page, key=lambda line: line.base)
        low, high = by_height[:_AT_ENDS], by_height[-_AT_ENDS:]
        seen.update({_key(line) for line in (*low, *high)})
    full = sum(map(bool, lines))
    return frozenset(key for key, number in seen.items() if number > 1 and number * 2 >= full)


def _unplaced(pages: Sequence[Page], running: frozenset[tuple[str, int]]) -> Iterable[str]:
    """Yield the lines that the structure leaves out, although they do not stand on every page."""
    for number, page in enumerate(pages, 1):
        for line in outside(page):
            if _key(line) not in running:
                yield f"page {number}: “{line.text}” was left out: it is outside the structure"


def _no_title(title: str) -> bool:
    """Return whether a title in the metadata is only the name of a file, as programs write it."""
    named = re.search(r"\.\w{2,5}$|^microsoft word|^untitled|^document\d*$", title, re.IGNORECASE)
    return bool(named) or not title
