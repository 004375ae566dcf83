"""Glyphs → lines, and lines → running text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from itertools import groupby, pairwise
from typing import NamedTuple

from publisher.intake.draft import tidy
from publisher.intake.lists import seam
from publisher.intake.pdf.pdfium import Glyph
from publisher.policy.tree import Inline, LineBreak, Link, Text

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_APART = 2.0
"""Times the size of the type: a gap that divides a line in two."""
_SPACE = 0.16
"""Times the size of the type: a gap in a line that is read as a space."""
_MARK_GAP = 6.0
"""Times the size of the type: how far behind its mark an item begins, at most."""
_LEAST = 0.06
"""The same if the file has a space: a space without room does not count."""
_MOST_LINES = 500
"""Lines on a page, above which its columns are not looked for."""
_ALONE = re.compile(r"(?:[-*+•◦▪▫●○■□‣⁃∙·–—►➢✓\uf000-\uf0ff]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s*")


class Line(NamedTuple):
    """A line: its text, with where each character links to; where it stands, and how it looks.

    `inner` is where its text begins, after the mark of an item; `edge` is where its column ends.
    """

    text: str
    links: tuple[str, ...]
    left: float
    right: float
    base: float
    size: float
    bold: bool
    inner: float
    edge: float


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Return glyphs, in their order, as lines; a gap in a line parts it in two."""
    rows: list[list[Glyph]] = []
    last: Glyph | None = None
    for glyph in glyphs:
        if glyph.char.isspace():
            if rows:
                rows[-1].append(glyph)
            continue
        if last is None or _parted(last, glyph):
            rows.append([])
        rows[-1].append(glyph)
        last = glyph
    lines = [line for line in map(_line, rows) if line is not None]
    return _labelled(lines)


def columned(page: Sequence[Line]) -> list[Line]:
    """Return the lines of a page, each with the edge of its column: where the longest line ends."""
    if len(page) > _MOST_LINES:
        edge = max(line.right for line in page)
        return [line._replace(edge=edge) for line in page]
    return [line._replace(edge=_edge(page, line)) for line in page]


def _edge(page: Sequence[Line], line: Line) -> float:
    wide = (
        other.right
        for other in page
        if other.left < line.right and line.left < other.right and other.size < line.size * 1.3
    )
    return max(wide, default=line.right)


def _parted(last: Glyph, glyph: Glyph) -> bool:
    size = max(last.size, glyph.size)
    return (
        abs(glyph.base - last.base) > 0.5 * size
        or glyph.left < last.left - 0.5 * size
        or glyph.left - last.right > _APART * size
    )


def _line(glyphs: Sequence[Glyph]) -> Line | None:
    inked = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not inked:
        return None
    spaced = _tracking(inked)
    text: list[str] = []
    links: list[str] = []
    before, blank = inked[0], False
    for glyph in glyphs:
        if glyph.char.isspace():
            blank = True
            continue
        gap = (glyph.left - before.right) / glyph.size - spaced
        if text and gap > (_LEAST if blank else _SPACE):
            text.append(" ")
            links.append(glyph.link if glyph.link == before.link else "")
        letters = _LIGATURES.get(glyph.char, glyph.char)
        text += letters
        links += [glyph.link] * len(letters)
        before, blank = glyph, False
    size = Counter(round(g.size, 1) for g in inked).most_common(1)[0][0]
    base = next(g.base for g in inked if round(g.size, 1) == size)
    left, right = min(g.left for g in inked), max(g.right for g in inked)
    bold = all(g.bold for g in inked)
    return Line("".join(text), tuple(links), left, right, base, size, bold, left, right)


def _tracking(inked: Sequence[Glyph]) -> float:
    """Return by how much the letters of a line are spaced, in sizes of their type."""
    gaps = sorted((after.left - glyph.right) / after.size for glyph, after in pairwise(inked))
    return max(gaps[len(gaps) // 2], 0.0) if len(gaps) > 4 else 0.0


def _labelled(lines: list[Line]) -> list[Line]:
    """Return lines in which the mark of an item and its text, though apart, are one.

    Some programs draw all marks of a page after its text; they belong to the text beside them.
    """
    labels = [line for line in lines if _ALONE.fullmatch(line.text)]
    rows: dict[int, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        rows[round(line.base)].append(at)
    taken: dict[int, Line] = {}
    placed: set[int] = set()
    for label in labels:
        near = [at for row in range(-2, 3) for at in rows.get(round(label.base) + row, ())]
        neighbours = [
            (lines[at].left - label.right, at)
            for at in near
            if lines[at] is not label
            and at not in taken
            and 0 < lines[at].left - label.left < _MARK_GAP * label.size
        ]
        if neighbours:
            taken[min(neighbours)[1]] = label
            placed.add(id(label))
    return [
        _with_label(taken[at], line) if at in taken else line
        for at, line in enumerate(lines)
        if id(line) not in placed
    ]


def _with_label(label: Line, line: Line) -> Line:
    mark = f"{label.text.strip()} "
    links = ("",) * len(mark) + line.links
    return line._replace(text=mark + line.text, links=links, left=min(label.left, line.left))


class Joiner:
    """Joins lines to running text; `doubtful` counts the words with an ambiguous hyphen."""

    def __init__(self, known: Set[str]) -> None:
        self.known = known
        self.doubtful = 0

    def run(self, lines: Sequence[Line], mark: int = 0) -> tuple[Inline, ...]:
        """Return lines as running text, without a mark at the start of so many characters."""
        built: list[Inline] = []
        if not lines:
            return ()
        parts, links = [lines[0].text[mark:]], [*lines[0].links[mark:]]
        for before, line in pairwise(lines):
            if broken(before, line):
                built += (*_linked("".join(parts), links), LineBreak())
                parts, links = [line.text], [*line.links]
                continue
            cut, between, doubtful = seam(parts[-1], line.text, self.known)
            parts[-1] = parts[-1][: len(parts[-1]) - cut]
            links = links[: len(links) - cut] if cut else links
            link = links[-1] if links and links[-1] == line.links[0] else ""
            links += [*[link] * len(between), *line.links]
            parts += (between, line.text)
            self.doubtful += doubtful
        return tidy((*built, *_linked("".join(parts), links)))


def broken(before: Line, line: Line) -> bool:
    """Return whether a line ends on purpose: the next word had room on it."""
    if before.text[-1] in "-\u2010\u00ad" and before.text[-2:-1].isalpha():
        return False
    word = line.text.partition(" ")[0]
    width = (line.right - line.left) / max(len(line.text), 1)
    return before.right + width * (len(word) + 2) < before.edge - line.size


def _linked(text: str, links: Sequence[str]) -> Iterable[Inline]:
    at = 0
    for link, group in groupby(links):
        length = sum(1 for _ in group)
        piece = Text(text[at : at + length])
        at += length
        yield Link(link, (piece,)) if link else piece
