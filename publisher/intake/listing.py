"""Items, one after the other, each with its indentation and its number → lists in lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from publisher.intake.pieces import DEEPEST, tidy
from publisher.model.numerals import label, readings
from publisher.model.policy import Block, List, Paragraph, Text


@dataclass(slots=True)
class Open:
    """A list that is being read: where its marks stand, its first number, and its items."""

    indent: float
    start: int | None
    items: list[list[Block | Open]] = field(default_factory=list)
    tight: bool = True

    def block(self) -> List:
        """Return the list."""
        items = tuple(
            tuple(each.block() if isinstance(each, Open) else each for each in item)
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
        """Return the outermost list, and begin anew."""
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

    So Markdown and PDF have lettered lists. Any other list is returned as it is.
    """
    found = [_labelled(item) for item in block.items]
    if block.start is not None or None in found:
        return block
    parted = [each for each in found if each is not None]
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
    said = tidy((Text(rest), *first.children[1:]))
    blocks = (*((Paragraph(said),) if said else ()), *item[1:])
    return (mark, blocks) if blocks and readings(mark) else None
