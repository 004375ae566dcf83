"""Remembers what pure functions returned: of many short texts, and of few long ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LONG = 8192
"""The fewest characters of a long text."""
_FEWER = 8


def _texts(*args: object, **_: object) -> int:
    return sum(len(text) for text in args if isinstance(text, str | bytes))


class _Remembered(Generic[P, T]):
    def __init__(self, function: Callable[P, T], most: int, size: Callable[..., int]) -> None:
        update_wrapper(self, function)
        self.size = size
        self.short = lru_cache(maxsize=most)(function)
        self.long = lru_cache(maxsize=most // _FEWER)(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        kept = self.long if self.size(*args, **kwargs) >= LONG else self.short
        return kept(*args, **kwargs)  # type: ignore[arg-type]

    def cache_clear(self) -> None:
        """Forget everything."""
        self.short.cache_clear()
        self.long.cache_clear()


def remembered(
    most: int, size: Callable[..., int] = _texts
) -> Callable[[Callable[P, T]], _Remembered[P, T]]:
    """Return a decorator: a function remembers `most` results, an eighth of them for long texts.

    Memory stays flat that way, however long the clauses of a history are. `size` returns how long
    the arguments are; the default is the length of all texts among them.
    """
    return lambda function: _Remembered(function, most, size)
