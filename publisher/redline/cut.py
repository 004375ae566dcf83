"""Fragments → stretches of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from publisher.model.fragments import Fragment, plain


class Cut:
    """Cuts fragments, from first to last, into stretches of so many characters."""

    def __init__(self, fragments: Iterable[Fragment]) -> None:
        self.left = deque(fragments)

    def take(self, length: int) -> tuple[Fragment, ...]:
        """Return the next `length` characters, and what has none behind them."""
        taken: list[Fragment] = []
        while self.left:
            first = self.left[0]
            text = plain(first.leaf)
            if len(text) > length:
                if length:
                    taken.append(_with(first, text[:length]))
                    self.left[0] = _with(first, text[length:])
                break
            length -= len(text)
            taken.append(self.left.popleft())
        return tuple(taken)


def _with(fragment: Fragment, text: str) -> Fragment:
    return Fragment(type(fragment.leaf)(text), fragment.marks, fragment.path)  # type: ignore[call-arg, arg-type]
