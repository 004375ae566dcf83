"""Items, one after the other, each with its indentation and its number → lists in lists."""

from __future__ import annotations

from dataclasses import dataclass, field

from publisher.intake.pieces import DEEPEST
from publisher.model.policy import Block, List


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
