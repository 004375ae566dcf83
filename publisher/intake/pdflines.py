"""Glyphs → lines, and lines → running text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from itertools import groupby, pairwise
from typing import NamedTuple

from publisher.intake.glyphs import Glyph
from publisher.intake.lines import BULLET, NUMBER, spliced
from publisher.intake.pieces import tidy
from publisher.model.policy import Inline, LineBreak, Link, Text

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_APART = 2.0
"""Times the size of the type: a gap in a line from which on what follows is something else."""
_SPACE = 0.2
"""Times the size of the type: a gap in a line that is read as a space."""
_ALONE = re.compile(r"(?:[-*+•◦▪▫●○■□‣⁃∙·–—►➢✓\uf000-\uf0ff]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s*")


class Line(NamedTuple):
    """A line: its text, with where each character links to; where it stands, and how it looks."""

    text: str
    links: tuple[str, ...]
    left: float
    right: float
    base: float
    size: float
    bold: bool


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Return glyphs, in their order, as lines; a gap in a line parts it in two."""
    found: list[list[Glyph]] = []
    last: Glyph | None = None
    for glyph in glyphs:
        if glyph.char.isspace():
            if found:
                found[-1].append(glyph)
            continue
        if last is None or _parted(last, glyph):
            found.append([])
        found[-1].append(glyph)
        last = glyph
    lines = [line for line in map(_line, found) if line is not None]
    return _labelled(lines)


def _parted(last: Glyph, glyph: Glyph) -> bool:
    size = max(last.size, glyph.size)
    return (
        abs(glyph.base - last.base) > 0.5 * size
        or glyph.left < last.left - 0.5 * size
        or glyph.left - last.right > _APART * size
    )


def _line(glyphs: Sequence[Glyph]) -> Line | None:
    text: list[str] = []
    links: list[str] = []
    before: Glyph | None = None
    for glyph in glyphs:
        letters = _LIGATURES.get(glyph.char, glyph.char)
        if glyph.char.isspace():
            letters = "" if not text or text[-1] == " " else " "
        elif before and glyph.left - before.right > _SPACE * glyph.size and text[-1] != " ":
            text.append(" ")
            links.append(glyph.link if glyph.link == before.link else "")
        text += letters
        links += [glyph.link] * len(letters)
        before = None if glyph.char.isspace() else glyph
    while text and text[-1] == " ":
        text.pop()
    inked = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not text or not inked:
        return None
    size = Counter(round(g.size, 1) for g in inked).most_common(1)[0][0]
    base = next(g.base for g in inked if round(g.size, 1) == size)
    left, right = min(g.left for g in inked), max(g.right for g in inked)
    bold = all(g.bold for g in inked)
    return Line("".join(text), tuple(links[: len(text)]), left, right, base, size, bold)


def _labelled(lines: list[Line]) -> list[Line]:
    """Return lines with the mark of an item and its text, which stand apart, as one."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last and _ALONE.fullmatch(last.text) and abs(last.base - line.base) < 0.5 * line.size:
            joined[-1] = line._replace(
                text=f"{last.text.strip()} {line.text}",
                links=("",) * (len(last.text.strip()) + 1) + line.links,
                left=min(last.left, line.left),
            )
        else:
            joined.append(line)
    return joined


def marked(text: str) -> tuple[int, int | None] | None:
    """Return how long the mark of an item is, and its number; None if there is none."""
    bullet = BULLET.match(text)
    if bullet:
        return bullet.end(), None
    number = NUMBER.match(text)
    return (number.end(), int(number[1])) if number else None


class Joiner:
    """Joins lines to running text; `doubtful` counts the words whose hyphen may be either kind."""

    def __init__(self, known: Set[str]) -> None:
        self.known = known
        self.doubtful = 0

    def run(self, lines: Sequence[Line], edge: float, mark: int = 0) -> tuple[Inline, ...]:
        """Return lines, which could have been as long as to `edge`, without a mark at the start."""
        built: list[Inline] = []
        text, links = "", []
        for before, line in pairwise((None, *lines)):
            assert line is not None
            if before is None:
                text, links = line.text[mark:], [*line.links[mark:]]
            elif broken(before, line, edge):
                built += (*_linked(text, links), LineBreak())
                text, links = line.text, [*line.links]
            else:
                joined, doubtful = spliced(text, line.text, self.known)
                self.doubtful += doubtful
                head = len(joined) - len(line.text)
                between = links[-1] if links and links[-1] == line.links[0] else ""
                links = [*links[:head], *[between] * (head - len(links)), *line.links]
                text = joined
        return tidy((*built, *_linked(text, links)))


def broken(before: Line, line: Line, edge: float) -> bool:
    """Return whether a line was ended on purpose: the next word had room on it."""
    word = line.text.partition(" ")[0]
    width = (line.right - line.left) / max(len(line.text), 1)
    return before.right + width * (len(word) + 2) < edge - line.size


def _linked(text: str, links: Sequence[str]) -> Iterable[Inline]:
    at = 0
    for link, group in groupby(links):
        length = sum(1 for _ in group)
        piece = Text(text[at : at + length])
        at += length
        yield Link(link, (piece,)) if link else piece
