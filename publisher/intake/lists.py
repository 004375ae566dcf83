"""Consecutive items, each with its indentation and its number → nested lists.

Single lines show bullets, numbers and titles, and whether running text continues.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace

from publisher.intake.draft import DEEPEST, tidy
from publisher.policy.numerals import label, readings
from publisher.policy.tree import Block, List, Paragraph, Text


@dataclass(slots=True)
class Open:
    """A list that is being read: where its marks are, its first number, and its items."""

    indent: float
    start: int | None
    items: list[list[Block | Open]] = field(default_factory=list)
    tight: bool = True

    def block(self) -> List:
        """Return the list."""
        items = tuple(
            tuple(block.block() if isinstance(block, Open) else block for block in item)
            for item in self.items
        )
        return List(items, self.start, self.tight)


class Lists:
    """The lists that are open, each in an item of the one before it."""

    def __init__(self) -> None:
        self.open: list[Open] = []

    def add(self, block: Block, indent: float, number: int | None, *, apart: bool = False) -> bool:
        """Add an item where it belongs; return whether it belongs to the outermost list at all."""
        if not self._placed(indent, number, apart=apart):
            return False
        self.open[-1].items.append([block])
        return True

    def more(self, block: Block) -> None:
        """Add to the last item."""
        self.open[-1].items[-1].append(block)

    def done(self) -> List:
        """Return the outermost list, and start again."""
        block = self.open[0].block()
        self.open = []
        return block

    def _placed(self, indent: float, number: int | None, *, apart: bool) -> bool:
        while len(self.open) > 1 and indent < self.open[-1].indent - 1:
            self.open.pop()
        if not self.open:
            self.open.append(Open(indent, number))
            return True
        last = self.open[-1]
        if indent > last.indent + 1 and len(self.open) < DEEPEST:
            inner = Open(indent, number)
            last.items[-1].append(inner)
            self.open.append(inner)
            return True
        follows = None if last.start is None else last.start + len(last.items)
        if number == follows:
            last.tight = last.tight and not apart
            return True
        if len(self.open) == 1:
            return False
        other = Open(indent, number)
        self.open[-2].items[-1].append(other)
        self.open[-1] = other
        return True


def labelled(block: List) -> List:
    """Return a list with bullets whose items begin with labels, ``(a)`` ``(b)``, as one of those.

    Markdown and PDF have lettered lists in this form. Any other list is returned as it is.
    """
    items = [_labelled(item) for item in block.items]
    if block.start is not None or None in items:
        return block
    parted = [item for item in items if item is not None]
    for style, number in sorted(readings(parted[0][0]), key=lambda reading: reading[1]):
        if [label(style, number + at) for at in range(len(parted))] == [it[0] for it in parted]:
            return replace(
                block, items=tuple(item for _, item in parted), start=number, style=style
            )
    return block


def _labelled(item: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]] | None:
    """Return the label that an item begins with, and the item without it."""
    first = item[0] if item else None
    if not isinstance(first, Paragraph) or not isinstance(first.children[0], Text):
        return None
    mark, _, rest = first.children[0].text.partition(" ")
    run = tidy((Text(rest), *first.children[1:]))
    blocks = (*((Paragraph(run),) if run else ()), *item[1:])
    return (mark, blocks) if blocks and readings(mark) else None


BULLET = re.compile(r"[-*+•◦▪▫●○■□‣⁃∙·–—►➢✓\uf0b7\uf0a7\uf0d8\uf076\uf02d]\s+(?=\S)")
DASHES = "-–—·+"
"""Marks of items that are also punctuation."""
NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_LONGEST_WORD = 100
_ENDS = ".;:,!?…"
_WORD_END = re.compile(r"([^\W\d_]+)[-\u2010]$")
_WORD_START = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def marked(text: str) -> tuple[int, int | None] | None:
    """Return the length of the mark of an item, and its number; None without a mark."""
    bullet = BULLET.match(text)
    if bullet:
        return bullet.end(), None
    number = NUMBER.match(text)
    return (number.end(), int(number[1])) if number else None


def words_in(lines: Iterable[str]) -> frozenset[str]:
    """Return the words that are whole on a line, with the hyphens inside them."""
    return frozenset(word.casefold() for line in lines for word in _LETTERS.findall(line))


def seam(before: str, after: str, known: Set[str]) -> tuple[int, str, bool]:
    """Return how two lines become one text.

    The result is the number of characters to cut off the first line, the text between the two, and
    whether a hyphen there is ambiguous. A hyphen at the end of a line is cut off if the word
    without it is among the `known` words, and the word with it is not; in all other cases it stays,
    and the word stays whole. A hyphen that is on no keyboard only divides the word.
    """
    before = before[-_LONGEST_WORD:]
    if before.endswith("\u00ad"):
        return 1, "", False
    ended, started = _WORD_END.search(before), _WORD_START.match(after)
    if ended is None or started is None:
        tied = re.search(r"\w/$|(?<![\s-])[-\u2010]$", before) and after[:1].isalnum()
        return 0, "" if tied else " ", False
    whole, parted = ended[1] + started[0], f"{ended[0]}{started[0]}"
    if not started[0][0].islower() or parted.casefold() in known:
        return 0, "", False
    if whole.casefold() in known or before[-1] == "\u2010":  # which nobody types
        return 1, "", False
    return 0, "", True


def like_a_title(text: str) -> bool:
    """Return whether a line looks like a title: short, begun as one, and not a sentence."""
    words = text.split()
    return (
        0 < len(words) <= 12
        and len(text) <= 80
        and text[-1] not in _ENDS.replace("?", "").replace("!", "")
        and (text[0].isupper() or text[0].isdigit() or text[0] in '§¿¡“"«(')
        and any(c.isalpha() for c in text)
        and not re.search(r"@|https?:|www\.|^\S+\.\S+$|\d{4}$|:\s", text)
    )


def numbered_title(text: str) -> int | None:
    """Return how deep a title is numbered: 1 for ``3. Who we are``, 2 for ``3.1 Where``."""
    number = re.match(
        r"(?:(?:article|artikel|articolo|artículo|artigo|artykuł|section|abschnitt|chapter|chapitre|"
        r"kapitel|hoofdstuk|άρθρο|§)\s*)?(\d{1,2}(?:\.\d{1,2}){0,4})[.):]?(?:\s*[-–—:])?\s+(?=\w)",
        text,
        re.IGNORECASE,
    )
    if number is None or not like_a_title(text[number.end() :]):
        return None
    return number[1].count(".") + 1
