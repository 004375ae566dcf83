"""Lines of a PDF without a structure → titles and blocks, by their layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from publisher.intake.draft import Piece, Title
from publisher.intake.lists import DASHES, Lists, like_a_title, marked, words_in
from publisher.intake.pdf.lines import Joiner, Line, broken
from publisher.policy.tree import Paragraph

_LARGER = 1.06
"""Times the size of most of the text: the least for a title."""
_LOOSER = 1.25
"""Times the usual distance of lines: the least before a new paragraph."""
_ENDED = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_TITLE = 200
"""The most characters in a title."""


Lines = list[Line]
"""Lines that belong together."""


class Layout:
    """Reads the lines of all pages."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        self.pages = pages
        every = [line for page in pages for line in page]
        self.size = _usual(every)
        self.leading = _leading(every)
        self.joiner = Joiner(words_in(line.text for line in every))

    def pieces(self) -> tuple[Piece, ...]:
        """Return the pieces of all pages, in their order."""
        blocks = self.blocks()
        levels = self.levels(blocks)
        built: list[Piece] = []
        lists = Lists()
        for block in blocks:
            first = block[0]
            mark = marked(first.text)
            look = self.title_look(block)
            if look is None and mark is not None:
                item = Paragraph(self.joiner.run(block, mark[0]))
                if not lists.add(item, first.left, mark[1]):
                    built.append(lists.done())
                    lists.add(item, first.left, mark[1])
                continue
            if lists.open:
                built.append(lists.done())
            run = self.joiner.run(block)
            if run:
                built.append(Title(levels[look], run) if look is not None else Paragraph(run))
        if lists.open:
            built.append(lists.done())
        return tuple(built)

    # --- paragraphs ------------------------------------------------------------------------------

    def blocks(self) -> list[Lines]:
        """Return lines that are one paragraph each, those across the end of a page too."""
        blocks: list[Lines] = []
        for page in self.pages:
            here: list[Lines] = []
            for line in page:
                last = here[-1] if here else None
                if last and (
                    self.goes_on(last, line)
                    or (_in_next_column(last[-1], line) and self.turns_over(last, line))
                ):
                    last.append(line)
                else:
                    here.append([line])
            if blocks and here and self.turns_over(blocks[-1], here[0][0]):
                blocks[-1] += here.pop(0)
            blocks += here
        return blocks

    def goes_on(self, lines: Sequence[Line], line: Line) -> bool:
        """Return whether a line continues the paragraph of the lines above."""
        last = lines[-1]
        down = last.base - line.base
        if not _same_look(last, line) or self.begins_item(lines, line):
            return False
        if not 0.3 * last.size < down < self.leading * _LOOSER * last.size:
            return False
        overlaps = line.left < max(above.right for above in lines) and last.left < line.right
        ended = _ENDED.search(last.text) and broken(last, line)
        outdented = bool(marked(lines[0].text)) and line.left < lines[0].left + 0.2 * line.size
        if outdented and (_ENDED.search(last.text) or broken(last, line)):
            return False
        return overlaps and not (ended and line.text[:1].isupper())

    def begins_item(self, lines: Sequence[Line], line: Line) -> bool:
        """Return whether a line begins an item, and not with a number or dash of a sentence."""
        mark = marked(line.text)
        if mark is None:
            return False
        if mark[1] is None and line.text[0] not in DASHES:
            return True  # a bullet is not punctuation
        before = marked(lines[0].text)
        follows = before is not None and before[1] is not None and mark[1] == before[1] + 1
        flush = abs(line.left - lines[-1].inner) < 0.3 * line.size
        full = not broken(lines[-1], line) or line.text[0] in DASHES
        full = full and not _ENDED.search(lines[-1].text)
        return follows or not (flush and full)

    def turns_over(self, lines: Sequence[Line], line: Line) -> bool:
        """Return whether a paragraph continues at the top of the next page, or column."""
        last = lines[-1]
        return (
            _same_look(last, line)
            and not self.begins_item(lines, line)
            and (not _ENDED.search(last.text) or line.text[:1].islower())
            and self.title_look(lines) is None
            and (len(last.text) > 40 or line.text[:1].islower())
        )

    # --- titles ----------------------------------------------------------------------------------

    def title_look(self, block: Sequence[Line]) -> tuple[float, bool] | None:
        """Return the look of a block that is set as a title; None for any other block."""
        text = " ".join(line.text for line in block)
        look = (round(block[0].size * 2) / 2, block[0].bold)
        if len(text) > _TITLE or not any(c.isalpha() for c in text):
            return None
        if block[0].size > self.size * _LARGER:
            return look if not text.endswith((".", ";", ",")) else None
        set_off = look[1] and block[0].size > self.size * 0.94 and len(block) < 3
        numbered = re.sub(r"^[\d.§()\s]+", "", text)
        return look if set_off and numbered and like_a_title(numbered) else None

    def levels(self, blocks: Sequence[Sequence[Line]]) -> dict[tuple[float, bool], int]:
        """Return the level of each look of titles: the larger the type, the higher."""
        looks = {look for block in blocks if (look := self.title_look(block))}
        return {look: at for at, look in enumerate(sorted(looks, reverse=True), 1)}


def _same_look(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.06 * one.size and one.bold == other.bold


def _in_next_column(last: Line, line: Line) -> bool:
    return line.base > last.base + last.size and line.left > last.right - last.size


def _usual(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _leading(lines: Sequence[Line]) -> float:
    """Return the usual distance of lines, in sizes of their type."""
    steps: Counter[float] = Counter()
    for one, other in pairwise(lines):
        step = (one.base - other.base) / one.size
        if _same_look(one, other) and 0.8 < step < 2.2:
            steps[round(step, 1)] += 1
    often = [step for step, number in steps.items() if number * 4 >= max(steps.values())]
    return min(often, default=1.4) + 0.05
