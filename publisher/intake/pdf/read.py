"""PDF → titles and blocks: by its structure, or, if it has none, by its layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from publisher.intake.draft import (
    OWN,
    Draft,
    Passage,
    Piece,
    Title,
    counted,
    unfolded,
    without_page_number,
)
from publisher.intake.lists import words_in
from publisher.intake.pdf import pdfium
from publisher.intake.pdf.lines import Joiner, Line, columned, lines_of
from publisher.intake.pdf.pdfium import Document, Page
from publisher.intake.pdf.tagged import Tagged, outside, share
from publisher.intake.pdf.untagged import Layout
from publisher.policy.tree import Paragraph, Text, inlines_of, plain_text

_AGAIN = "text at the top or bottom of several pages was kept once"
_STACKED = "text that is set with one letter below the other was left out"
_ENOUGH = 0.8
"""The share of its text that a document's structure must have to be used."""
_AT_ENDS = 6
"""Lines at the top and at the bottom of a page that may be the same on every page."""
_SET_OFF = 1.8
"""Times the size of the type: wider space between two lines sets them apart."""
_NAMED = 8
"""The most pages that a note names."""


_LETTERS = 4
"""The fewest lines of one letter, one below the other, that are one text."""


def read(data: bytes) -> Draft:
    """Return the draft of a PDF. Raises `NotADocument`, `LibraryMissing`."""
    return draft_of(pdfium.document(data))


def plain(document: Document) -> list[Passage]:
    """Return the text of each page as PDFium reads it: for the second reading."""
    return [
        Passage(f"on page {number}", "\n".join((page.plain, *(t.text for t in page.typed))))
        for number, page in enumerate(document.pages, 1)
    ]


def draft_of(document: Document) -> Draft:
    """Return the draft of a PDF that PDFium has read."""
    pages, own = document.pages, document.creator.startswith(OWN)
    omitted = [("text that is not upright was left out", p.turned) for p in pages if p.turned]
    parted = [_upright(lines_of(page.glyphs)) for page in pages]
    for text in (text for _, stacked in parted for text in stacked):
        omitted += [(_STACKED, text), ("", " ".join(text))]
    lines = [_with_typed(kept, page) for (kept, _), page in zip(parted, pages, strict=True)]
    remarks = [*_empty(lines)]
    if not any(lines):
        return Draft("", (), remarks=tuple(remarks), omitted=tuple(omitted))
    tagged = any(page.elements for page in pages) and share(pages) >= _ENOUGH
    apart = [outside(page) for page in pages] if tagged else lines
    running = _running(apart)
    margins, rest, again = _margins(apart, running)
    if tagged:
        joiner = Joiner(words_in(line.text for page in lines for line in page))
        reader = Tagged(joiner)
        pieces = reader.pieces(pages)
        remarks += [unfolded(reader.unfolded)] if reader.unfolded else []
        omitted += [("", text) for text in reader.repeated]
        omitted += [("" if own else remark, text) for remark, text in _unplaced(pages, running)]
    else:
        kept = [columned([line for line in page if _key(line) not in running]) for page in lines]
        layout = Layout(kept)
        pieces, joiner = layout.pieces(), layout.joiner
    if own:
        pieces, labels = _without_labels(pieces)
        rest, margins = [*rest, *margins, *again, *labels], []
    else:
        omitted += [(_AGAIN, text) for text in again]
    omitted += [("", text) for text in rest]
    inner = sum(page.inner for page in pages)
    if inner:
        what = counted(inner, "link to a place", "links to places")
        remarks.append(f"{what} in the document became text")
    if joiner.doubtful:
        what = counted(joiner.doubtful, "word is", "words are")
        remarks.append(f"{what} divided by a hyphen at the end of a line, which stays")
    title = "" if _no_title(document.title) else document.title
    blocks = tuple(Paragraph((Text(text),)) for text in margins)
    return Draft(title, pieces, {}, tuple(remarks), blocks, tuple(omitted))


def _without_labels(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], list[str]]:
    """Return the pieces of a PDF of our own without what is below its title, and that text."""
    titles = [at for at, piece in enumerate(pieces) if isinstance(piece, Title)]
    start, end = titles[:2] if len(titles) > 1 else (0, 0)
    labels = pieces[:start] + pieces[start + 1 : end]
    runs = (run for piece in labels if not isinstance(piece, Title) for run in inlines_of(piece))
    return (*pieces[start : start + 1], *pieces[end or start + 1 :]), [
        plain_text(run) for run in runs
    ]


def _upright(page: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """Return the lines of a page, and the texts that are set with one letter below the other."""
    kept: list[Line] = []
    stacked: list[str] = []
    for alone, group in groupby(page, lambda line: len(line.text) == 1 and line.text.isalpha()):
        lines = [*group]
        middles = [(line.left + line.right) / 2 for line in lines]
        straight = max(middles) - min(middles) < lines[0].size
        if alone and len(lines) >= _LETTERS and straight:
            stacked.append("".join(line.text for line in lines))
        else:
            kept += lines
    return kept, stacked


def _with_typed(lines: list[Line], page: Page) -> list[Line]:
    """Return the lines of a page with the texts typed onto it, each below the line above it."""
    for text, left, right, base in page.typed:
        near = min(lines, key=lambda line: abs(line.base - base), default=None)
        size, bold = (near.size, near.bold) if near is not None else (10.0, False)
        at = next((at for at, line in enumerate(lines) if line.base < base), len(lines))
        new = [
            Line(
                row,
                ("",) * len(row),
                left,
                right,
                base - step * size * 1.2,
                size,
                bold,
                left,
                right,
            )
            for step, row in enumerate(filter(None, map(str.strip, text.splitlines())))
        ]
        lines = [*lines[:at], *new, *lines[at:]]
    return lines


def _margins(
    lines: Sequence[Sequence[Line]], running: frozenset[tuple[str, int]]
) -> tuple[list[str], list[str], list[str]]:
    """Return what is on every page, once; the page numbers; and its repetitions."""
    kept: dict[str, None] = {}
    numbers: list[str] = []
    again: list[str] = []
    for line in (line for page in lines for line in page if _key(line) in running):
        text = without_page_number(line.text)
        numbers.append(line.text.replace(text, "", 1) if text else line.text)
        if text in kept:
            again.append(text)
        elif text:
            kept[text] = None
    return [*kept], numbers, again


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
    """Return the key of a line: text without a page number, and height; the same on every page."""
    return without_page_number(line.text), round(line.base / 4)


def _running(lines: Sequence[Sequence[Line]]) -> frozenset[tuple[str, int]]:
    """Return the lines that are at the top or bottom of half of the pages, at one height.

    Empty space sets them off from the text of the page.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for page in lines:
        by_height = sorted(page, key=lambda line: line.base)
        seen.update({_key(line) for line in (*_set_off(by_height), *_set_off(by_height[::-1]))})
    full = sum(map(bool, lines))
    return frozenset(key for key, number in seen.items() if number > 1 and number * 2 >= full)


def _set_off(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the first lines, from one end of a page, up to the first empty space."""
    for at, (line, other) in enumerate(pairwise(lines[: _AT_ENDS + 1]), 1):
        if abs(other.base - line.base) > _SET_OFF * max(line.size, other.size):
            return lines[:at]
    return lines if len(lines) <= _AT_ENDS else ()


def _unplaced(
    pages: Sequence[Page], running: frozenset[tuple[str, int]]
) -> Iterator[tuple[str, str]]:
    """Yield the lines that the structure leaves out, although they are not on every page."""
    for number, page in enumerate(pages, 1):
        for line in outside(page):
            if _key(line) not in running:
                yield f"page {number} has text outside its structure, which was left out", line.text
        for typed in page.typed:
            yield f"page {number} has text typed onto it, which was left out", typed.text


def _no_title(title: str) -> bool:
    """Return whether a title in the metadata is only the name of a file, as programs write it."""
    named = re.search(
        r"\.\w{2,5}$|^microsoft word|^\(?(?:untitled|anonymous|unspecified)\b|^document\d*$",
        title,
        re.IGNORECASE,
    )
    return bool(named) or not title
