"""Fragments → stretches of them."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.model.fragments import Fragment, plain
from publisher.model.policy import Code, Text


class Cut:
    """Cuts fragments, from first to last, into stretches of so many characters."""

    def __init__(self, fragments: Sequence[Fragment]) -> None:
        self.fragments = fragments
        self.at = 0
        self.used = 0

    def take(self, length: int) -> tuple[Fragment, ...]:
        """Return the next `length` characters, and what has none behind them."""
        taken: list[Fragment] = []
        while self.at < len(self.fragments):
            first = self.fragments[self.at]
            text = plain(first.leaf)
            left = len(text) - self.used
            if left > length:
                if length:
                    taken.append(_part(first, text[self.used : self.used + length]))
                    self.used += length
                break
            taken.append(_part(first, text[self.used :]) if self.used else first)
            length -= left
            self.at, self.used = self.at + 1, 0
        return tuple(taken)


def _part(fragment: Fragment, text: str) -> Fragment:
    leaf = Code(text) if isinstance(fragment.leaf, Code) else Text(text)
    return Fragment(leaf, fragment.marks, fragment.path)
