"""Two sequences → their common items, in order."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

T = TypeVar("T")

LARGE = 50_000_000
"""The product of two lengths from which items that each sequence has once are matched first."""

_WIDTHS = (1, 2, 4, 8, 16)
"""The numbers of consecutive items to try, until some occur exactly once in each sequence."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of each sequence, as (first, last + 1), whose items are the same, or not."""

    same: bool
    old: tuple[int, int]
    new: tuple[int, int]

    @property
    def size(self) -> int:
        """The number of items of both sequences."""
        return self.old[1] - self.old[0] + self.new[1] - self.new[0]


def stretches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Stretch]:
    """Return two sequences in stretches, alternately the same and different.

    The same items are a longest common subsequence, unless the sequences are very long.
    """
    runs: list[Stretch] = []
    at = (0, 0)
    for i, j, length in (*_common(old, new), (len(old), len(new), 0)):
        if (i, j) != at:
            runs.append(Stretch(False, (at[0], i), (at[1], j)))
        if length and runs and runs[-1].same:
            last = runs.pop()
            runs.append(Stretch(True, (last.old[0], i + length), (last.new[0], j + length)))
        elif length:
            runs.append(Stretch(True, (i, i + length), (j, j + length)))
        at = (i + length, j + length)
    return runs


def _common(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Yield where equal stretches begin in both sequences, and how long they are."""
    if len(old) * len(new) > LARGE:
        yield from _anchored(old, new)
    elif old and new:
        from rapidfuzz.distance import Indel

        for step in Indel.opcodes(old, new):
            if step.tag == "equal":
                yield step.src_start, step.dest_start, step.src_end - step.src_start


def _anchored(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Match both ends, then items that each sequence has once, then items between; or nothing."""
    ahead = sum(1 for _ in takewhile(_equal, zip(old, new, strict=False)))
    behind = sum(1 for _ in takewhile(_equal, zip(old[:ahead:-1], new[:ahead:-1], strict=False)))
    if ahead or behind:
        ends = len(old) - behind, len(new) - behind
        yield 0, 0, ahead
        between = _common(old[ahead : ends[0]], new[ahead : ends[1]])
        yield from ((ahead + one, ahead + other, length) for one, other, length in between)
        yield *ends, behind
        return
    anchors = next(filter(None, (_once(old, new, width) for width in _WIDTHS)), [])
    if not anchors:
        return
    at = (0, 0)
    for i, j in (*anchors, (len(old), len(new))):
        between = _common(old[at[0] : i], new[at[1] : j])
        yield from ((at[0] + one, at[1] + other, length) for one, other, length in between)
        if i < len(old):
            yield i, j, 1
        at = (i + 1, j + 1)


def _once(old: Sequence[Hashable], new: Sequence[Hashable], width: int) -> list[tuple[int, int]]:
    """Return the places of `width` items in a row that each sequence has once, in one order."""
    rows = [list(zip(*(items[at:] for at in range(width)), strict=False)) for items in (old, new)]
    numbers = [Counter(items) for items in rows]
    places = {row: j for j, row in enumerate(rows[1]) if numbers[0][row] == numbers[1][row] == 1}
    common = [(i, places[row]) for i, row in enumerate(rows[0]) if row in places]
    kept = rising([j for _, j in common])
    return [common[at] for at in sorted(kept)]


def _equal(both: tuple[Hashable, Hashable]) -> bool:
    return both[0] == both[1]


def interleaved(
    olds: Sequence[T], news: Sequence[T], pairs: Iterable[tuple[int, int]]
) -> Iterator[tuple[T | None, T | None]]:
    """Yield the items of two sequences in the order of both, given which share a place."""
    at = (0, 0)
    for i, j in (*pairs, (len(olds), len(news))):
        yield from ((item, None) for item in olds[at[0] : i])
        yield from ((None, item) for item in news[at[1] : j])
        if i < len(olds):
            yield olds[i], news[j]
        at = (i + 1, j + 1)


def rising(numbers: Sequence[int]) -> frozenset[int]:
    """Return the indices of a longest rising subsequence of different numbers."""
    ends: list[int] = []  # the smallest number that a rise of each length can end with
    tails: list[int] = []  # and its index
    previous: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(tails[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        tails[length : length + 1] = [at]
    rise: list[int] = []
    at = tails[-1] if tails else -1
    while at >= 0:
        rise.append(at)
        at = previous[at]
    return frozenset(rise)


def heaviest(candidates: Iterable[tuple[int, int, float]], width: int) -> list[tuple[int, int]]:
    """Return the heaviest pairs that do not cross; each item is in at most one of them.

    `candidates` are (index before, index after, weight); `width` is more than any index after.
    """
    best: list[tuple[float, int]] = [(0.0, -1)] * (width + 1)  # a Fenwick tree of maxima
    chosen: list[tuple[int, int, int]] = []  # index before, index after, the one ahead in its chain

    def until(at: int) -> tuple[float, int]:
        top = (0.0, -1)
        while at > 0:
            top = max(top, best[at], key=_weight)
            at -= at & -at
        return top

    for i, j, weight in sorted(candidates, key=lambda candidate: (candidate[0], -candidate[1])):
        ahead, last = until(j)
        chosen.append((i, j, last))
        mine, at = (ahead + weight, len(chosen) - 1), j + 1
        while at <= width:
            best[at] = max(best[at], mine, key=_weight)
            at += at & -at
    pairs: list[tuple[int, int]] = []
    last = until(width)[1]
    while last >= 0:
        i, j, last = chosen[last]
        pairs.append((i, j))
    return pairs[::-1]


def _weight(entry: tuple[float, int]) -> float:
    return entry[0]
