"""Plain text → titles and blocks, by its layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.intake.draft import Draft, Piece, Title, counted
from publisher.intake.lists import (
    DASHES,
    NUMBER,
    Lists,
    like_a_title,
    marked,
    numbered_title,
    seam,
    words_in,
)
from publisher.policy.tree import Inline, LineBreak, List, Paragraph, Text

_UNDERLINE = re.compile(r"(={3,}|-{3,}|_{3,}|~{3,}|\*{3,})\s*")
_LONG = 100
"""The characters of a line that was not wrapped."""
_FULL_STOPS = '.!?:)"”'
_SENTENCE = 60
"""Characters from which a line is neither a title nor a line of an address."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: how far it is indented, what it says, and whether an empty one is before it."""

    indent: int
    text: str
    apart: bool


def read(text: str) -> Draft:
    """Return the draft of a text: all of it, in titles, lists and paragraphs."""
    lines = _lines(text)
    return _Reader(lines).draft()


def plain(text: str) -> str:
    """Return all characters of a text: for the second reading."""
    return text


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
    """Return whether lines were broken to fit on a page: hardly any is wider than one."""
    if not lines:
        return False
    long = sum(line.indent + len(line.text) > _LONG for line in lines)
    return long * 50 <= len(lines)


class _Reader:
    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.wrapped = _wrapped(lines)
        self.spaced = sum(line.apart for line in lines) > 2
        self.edge = max((line.indent + len(line.text) for line in lines), default=0)
        self.known = words_in(line.text for line in lines)
        self.doubtful = 0
        self.marks = self.item_marks()
        self.titles = self.all_titles()

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
            elif at in self.marks:
                at, block = self.list_from(at)
                pieces.append(block)
            else:
                end = self.end_of(at)
                pieces.append(Paragraph(self.run(at, end)))
                at = end
        remarks: tuple[str, ...] = ()
        if self.doubtful:
            what = counted(self.doubtful, "word is", "words are")
            remarks = (f"{what} divided by a hyphen at the end of a line, which stays",)
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
            and end not in self.marks
            and not (not self.spaced and self.finished(end - 1))
        ):
            end += 1
        return end

    def run(self, at: int, end: int, mark: int = 0) -> tuple[Inline, ...]:
        """Return lines as running text, the first one without its mark of so many characters."""
        built: list[Inline] = []
        parts = [self.lines[at].text[mark:]]
        for number, line in enumerate(self.lines[at + 1 : end], at):
            if self.ended(number):
                built += (Text("".join(parts)), LineBreak())
                parts = [line.text]
                continue
            cut, between, doubtful = seam(parts[-1], line.text, self.known)
            parts[-1] = parts[-1][: len(parts[-1]) - cut]
            parts += (between, line.text)
            self.doubtful += doubtful
        return (*built, Text("".join(parts)))

    # --- lists -----------------------------------------------------------------------------------

    def list_from(self, at: int) -> tuple[int, List]:
        """Return the list that begins at a line, and where it ends."""
        lists = Lists()
        while at < len(self.lines) and at not in self.titles:
            line = self.lines[at]
            mark = self.marks.get(at)
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

    def all_titles(self) -> dict[int, int]:
        """Return the level of each line that is a title; 0 for a line drawn below one."""
        titles: dict[int, int] = {}
        for at, line in enumerate(self.lines):
            drawn = _UNDERLINE.fullmatch(line.text)
            above = self.lines[at - 1] if at else None
            if drawn and above and not line.apart and at - 1 not in titles:
                if len(above.text) <= _LONG and not marked(above.text):
                    titles |= {at - 1: 1 if drawn[1][0] == "=" else 2, at: 0}
            elif drawn and line.apart:
                titles[at] = 0  # a line across the page
        titles = self.marked_titles() | titles
        if sum(level > 0 for level in titles.values()) < 2:
            titles = self.plain_titles() | titles
        first = 0
        if (
            titles
            and first not in titles
            and self.alone(first)
            and like_a_title(self.lines[0].text)
        ):
            titles[first] = 1
        return titles

    def marked_titles(self) -> dict[int, int]:
        """Return titles that have a number, or are in capitals, and stand alone."""
        titles = {}
        for at, line in enumerate(self.lines):
            depth = numbered_title(line.text)
            if not self.alone(at) or len(line.text) > _LONG:
                continue
            if depth is not None and not self.counts_on(at):
                titles[at] = depth + 1
            elif _in_capitals(line.text) and at not in self.marks:
                titles[at] = 2
        return titles

    def alone(self, at: int) -> bool:
        """Return whether a line is a paragraph of its own."""
        after = self.lines[at + 1] if at + 1 < len(self.lines) else None
        if not self.wrapped:
            return True
        if not self.spaced:
            above = at == 0 or self.ended(at - 1) or self.lines[at - 1].text[-1] in _FULL_STOPS
            return above and self.ended(at)
        return self.lines[at].apart and (after is None or after.apart)

    def ended(self, at: int) -> bool:
        """Return whether a line ends on purpose: the next word had room on it."""
        if at + 1 >= len(self.lines):
            return True
        line = self.lines[at]
        if line.text[-1] in "-\u2010\u00ad" and line.text[-2:-1].isalpha():
            return False
        word = self.lines[at + 1].text.partition(" ")[0]
        return line.indent + len(line.text) + 1 + len(word) < self.edge * 0.95

    def finished(self, at: int) -> bool:
        """Return whether a line ends on purpose, with the end of a sentence."""
        return self.ended(at) and self.lines[at].text[-1] in _FULL_STOPS

    def item_marks(self) -> dict[int, tuple[int, int | None]]:
        """Return the lines that begin an item, with their marks.

        In the middle of a paragraph a line may begin with a number, or a dash, of a sentence.
        """
        marks: dict[int, tuple[int, int | None]] = {}
        counted: dict[int, int] = {}  # the last number, by its indentation
        for at, line in enumerate(self.lines):
            mark = marked(line.text)
            if mark is None:
                continue
            number = mark[1]
            free = not self.wrapped or line.apart or (at - 1 in marks and number is None)
            if number is None:
                free = free or line.text[0] not in DASHES or self.free(at)
            else:
                free = free or number in (1, counted.get(line.indent, -1) + 1)
                counted[line.indent] = number
            if free:
                marks[at] = mark
        return marks

    def free(self, at: int) -> bool:
        """Return whether the line before a dash is complete."""
        ended = self.lines[at - 1].text[-1] in f"{_FULL_STOPS},;"
        return ended or (self.ended(at - 1) and self.lines[at].text[0] == "-")

    def counts_on(self, at: int) -> bool:
        """Return whether a numbered line is an item: the lines around it count on."""
        here = NUMBER.match(self.lines[at].text)
        if here is None:
            return False
        near = ((at + step, int(here[1]) + step) for step in (-1, 1))
        return any(
            0 <= other < len(self.lines)
            and (match := NUMBER.match(self.lines[other].text)) is not None
            and int(match[1]) == number
            for other, number in near
        )

    def plain_titles(self) -> dict[int, int]:
        """Return the lines that look like titles, and have text below them that does not."""
        titles = {}
        for at in range(len(self.lines) - 1):
            below = self.lines[at + 1].text
            leads = marked(below) or len(below) > _SENTENCE or below[-1] in ".:;!?"
            if self.short(at) and leads and not self.short(at + 1):
                titles[at] = 2
        return titles if len(titles) > 1 else {}

    def short(self, at: int) -> bool:
        """Return whether a single line looks like a title."""
        line = self.lines[at]
        return self.alone(at) and at not in self.marks and like_a_title(line.text)


def _in_capitals(text: str) -> bool:
    """Return whether a line is in capitals, and not a number with some capitals."""
    letters = [c for c in text if c.isalpha()]
    digits = sum(c.isdigit() for c in text)
    return len(letters) > 2 and all(c.isupper() for c in letters) and digits * 3 < len(letters)
