"""Plain text → titles and blocks, by how it is set out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.intake.lines import (
    BULLET,
    NUMBER,
    like_a_title,
    numbered_title,
    spliced,
    words_in,
)
from publisher.intake.listing import Lists
from publisher.intake.pieces import Draft, Piece, Title, counted
from publisher.model.policy import Inline, LineBreak, List, Paragraph, Text

_UNDERLINE = re.compile(r"(={3,}|-{3,}|_{3,}|~{3,}|\*{3,})\s*")
_LONG = 100
"""Characters in a line that nobody has wrapped."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: how far it is indented, what it says, and whether an empty one stands before it."""

    indent: int
    text: str
    apart: bool


def read(text: str) -> Draft:
    """Return what a text says. Any text has something to say, and nothing of it is lost."""
    lines = _lines(text)
    return _Reader(lines).draft()


def _lines(text: str) -> list[_Line]:
    lines = []
    apart = True
    for raw in re.split(r"\r\n|[\n\r\f\v\x85\u2028\u2029]", text):
        full = raw.expandtabs(8).rstrip()
        bare = full.lstrip()
        if bare:
            lines.append(_Line(len(full) - len(bare), bare, apart))
        apart = not bare
    return lines


def _wrapped(lines: Sequence[_Line]) -> bool:
    """Return whether lines were broken to fit on a page: then nearly none is longer than that."""
    if not lines:
        return False
    long = sum(line.indent + len(line.text) > _LONG for line in lines)
    return long * 50 <= len(lines)


class _Reader:
    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.wrapped = _wrapped(lines)
        self.edge = max((line.indent + len(line.text) for line in lines), default=0)
        self.known = words_in(line.text for line in lines)
        self.doubtful = 0
        self.titles = self.found_titles()

    def draft(self) -> Draft:
        """Return the whole text."""
        pieces: list[Piece] = []
        at = 0
        while at < len(self.lines):
            level = self.titles.get(at)
            if level is not None:
                if level:
                    pieces.append(Title(level, (Text(self.lines[at].text),)))
                at += 1
            elif _mark(self.lines[at].text):
                at, block = self.list_from(at)
                pieces.append(block)
            else:
                end = self.end_of(at)
                pieces.append(Paragraph(self.run(at, end)))
                at = end
        remarks = ()
        if self.doubtful:
            what = counted(self.doubtful, "word is", "words are")
            remarks = (f"{what} parted by a hyphen at the end of a line, and kept it",)
        return Draft("", tuple(pieces), remarks=remarks)

    # --- paragraphs ------------------------------------------------------------------------------

    def end_of(self, at: int) -> int:
        """Return where the paragraph ends that begins at a line."""
        end = at + 1
        while (
            self.wrapped
            and end < len(self.lines)
            and not self.lines[end].apart
            and end not in self.titles
            and not _mark(self.lines[end].text)
        ):
            end += 1
        return end

    def run(self, at: int, end: int, mark: int = 0) -> tuple[Inline, ...]:
        """Return lines as running text, the first one without its mark of so many characters."""
        built: list[Inline] = []
        text = self.lines[at].text[mark:]
        for before, line in zip(self.lines[at:end], self.lines[at + 1 : end], strict=False):
            first = line.text.partition(" ")[0]
            if before.indent + len(before.text) + 1 + len(first) <= self.edge * 0.9:
                built += (Text(text), LineBreak())
                text = line.text
            else:
                text, doubtful = spliced(text, line.text, self.known)
                self.doubtful += doubtful
        return (*built, Text(text))

    # --- lists -----------------------------------------------------------------------------------

    def list_from(self, at: int) -> tuple[int, List]:
        """Return the list that begins at a line, and where it ends."""
        lists = Lists()
        while at < len(self.lines) and at not in self.titles:
            line = self.lines[at]
            mark = _mark(line.text)
            end = self.end_of(at)
            if mark is not None:
                item = Paragraph(self.run(at, end, mark[0]))
                if not lists.add(item, line.indent, mark[1], apart=line.apart):
                    break
            elif line.apart and line.indent > lists.open[-1].indent:
                lists.more(Paragraph(self.run(at, end)))
                lists.open[-1].tight = False
            else:
                break
            at = end
        return at, lists.done()

    # --- titles ----------------------------------------------------------------------------------

    def found_titles(self) -> dict[int, int]:
        """Return the level of each line that is a title; 0 for a line drawn below one."""
        found: dict[int, int] = {}
        for at, line in enumerate(self.lines):
            drawn = _UNDERLINE.fullmatch(line.text)
            above = self.lines[at - 1] if at else None
            if drawn and above and not line.apart and at - 1 not in found:
                if len(above.text) <= _LONG and not _mark(above.text):
                    found |= {at - 1: 1 if drawn[1][0] == "=" else 2, at: 0}
            elif drawn and line.apart:
                found[at] = 0  # a line across the page
        marked = self.marked_titles()
        found = marked | found
        if sum(level > 0 for level in found.values()) < 2:
            found = self.plain_titles() | found
        first = 0
        if found and first not in found and self.alone(first) and like_a_title(self.lines[0].text):
            found[first] = 1
        return found

    def marked_titles(self) -> dict[int, int]:
        """Return titles that have a number, or are in capitals, and stand alone."""
        found = {}
        for at, line in enumerate(self.lines):
            letters = [c for c in line.text if c.isalpha()]
            depth = numbered_title(line.text)
            if not self.alone(at) or len(line.text) > _LONG:
                continue
            if depth is not None and not self.counts_on(at):
                found[at] = depth + 1
            elif len(letters) > 2 and all(c.isupper() for c in letters) and not _mark(line.text):
                found[at] = 2
        return found

    def alone(self, at: int) -> bool:
        """Return whether a line is a paragraph of its own."""
        after = self.lines[at + 1] if at + 1 < len(self.lines) else None
        if not self.wrapped:
            return True
        return self.lines[at].apart and (after is None or after.apart)

    def counts_on(self, at: int) -> bool:
        """Return whether a numbered line is an item: the line before or after has the next number."""
        here = NUMBER.match(self.lines[at].text)
        if here is None:
            return False
        near = ((at + step, int(here[1]) + step) for step in (-1, 1))
        return any(
            0 <= other < len(self.lines)
            and (found := NUMBER.match(self.lines[other].text)) is not None
            and int(found[1]) == number
            for other, number in near
        )

    def plain_titles(self) -> dict[int, int]:
        """Return the lines that read as titles, have text below them, and no other such line."""
        found = {}
        for at in range(len(self.lines) - 1):
            if self.short(at) and not self.short(at + 1):
                found[at] = 2
        return found if len(found) > 1 else {}

    def short(self, at: int) -> bool:
        """Return whether a line alone reads as a title."""
        line = self.lines[at]
        return self.alone(at) and not _mark(line.text) and like_a_title(line.text)


def _mark(text: str) -> tuple[int, int | None] | None:
    """Return how long the mark of a list item is, and its number; None if there is no mark."""
    bullet = BULLET.match(text)
    if bullet:
        return bullet.end(), None
    number = NUMBER.match(text)
    return (number.end(), int(number[1])) if number else None
