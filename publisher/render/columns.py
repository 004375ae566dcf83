"""How a table is set: the widths of its columns, the size of its type, the page that it is on.

No word is broken if the table has room for all of them. If not, addresses and very long words are
broken first; then the type gets smaller, names are broken at their signs, and the table gets a
landscape page. As a last resort, words are broken anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from publisher.render.breaks import LONG, addressed, sensible, words

SMALLEST = 7.0
"""The size of type in tables at least, in pt."""

_SMALL = 8.0
_COMFORT = 7.0
"""The least width of a column of running text, in em, if there is a choice."""
_WAYS = _NOWHERE, _ADDRESSES, _SIGNS, _ANYWHERE = range(4)
"""Where words are broken."""
_LEAST = {_NOWHERE: 0.0, _ADDRESSES: 8.0, _SIGNS: 6.0, _ANYWHERE: 3.0}
"""The least width of a column in which words are broken, in em."""
_DAMPED = 0.7
_GAP, _NARROW_GAP = 8.5, 5.7
"""The space between columns, in pt: 3 mm, or 2 mm in smaller type."""


@dataclass(frozen=True, slots=True)
class Column:
    """The content of a column, in em.

    `least` is the widest part that is not broken, for each of the ways to break words; `widest`
    is its widest cell; `weight` is the amount of text in it, in which long cells count more.
    """

    least: tuple[float, ...]
    widest: float
    weight: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is set. Widths are in pt, with the space after each column but the last."""

    widths: tuple[float, ...]
    size: float
    gap: float
    across: bool

    @property
    def tight(self) -> bool:
        """Whether the columns are closer together than they would in larger type."""
        return self.gap < _GAP

    @property
    def rooms(self) -> tuple[float, ...]:
        """The widths of the columns without the space after them."""
        return (*(width - self.gap for width in self.widths[:-1]), self.widths[-1])


@dataclass(frozen=True, slots=True)
class _Try:
    across: bool
    size: float
    breaks: int


Measured = tuple[str, Sequence[float], Sequence[bool]]
"""A text, where each of its characters begins, in em, and which of them no break may part."""


def column(texts: Sequence[Measured]) -> Column:
    """Return the measures of a column, from the texts in it.

    Each word is measured in its place: a text may have several sizes of words.
    """
    parts = [part for text in texts for part in _parts(*text)]
    widths = [at[-1] for _, at, _ in texts]
    least = tuple(max((part[way] for part in parts), default=1.0) for way in _WAYS)
    return Column(least, max(widths, default=1.0), hypot(*widths))


def _parts(text: str, at: Sequence[float], fixed: Sequence[bool]) -> Iterator[tuple[float, ...]]:
    """Yield how wide each word is, and its widest part where words are broken."""
    for start, end in words(text):
        word, whole = text[start:end], at[end] - at[start]
        if whole <= _LEAST[_ANYWHERE] or any(fixed[start:end]):
            yield (whole,) * 4
            continue
        cuts = [start, *(start + place for place in sensible(word)), end]
        part = max(
            min(at[last] - at[first], _LEAST[_ADDRESSES])
            if last - first >= LONG
            else at[last] - at[first]
            for first, last in pairwise(cuts)
        )
        yield (
            whole,
            max(part, min(whole, _LEAST[_ADDRESSES])) if addressed(word) else whole,
            max(part, min(whole, _LEAST[_SIGNS])),
            min(whole, _LEAST[_ANYWHERE]),
        )


def plan(columns: Sequence[Column], upright: float, across: float, size: float) -> Plan:
    """Return the best setting of a table.

    `upright` and `across` are the widths that it has on either page, `size` the size of type of
    tables, all in pt.
    """
    whole = _Try(False, size, _NOWHERE)
    rooms = {False: upright, True: across}
    unbroken = _fits(columns, whole, rooms, comfort=False)
    for attempt in _tries(size):
        if unbroken and attempt.breaks != _NOWHERE:
            continue
        if _fits(columns, attempt, rooms, comfort=True):
            return _plan(columns, attempt, rooms)
    return _plan(columns, whole if unbroken else _Try(True, SMALLEST, _ANYWHERE), rooms)


def _tries(size: float) -> Iterator[_Try]:
    """Yield the ways to set a table, from the one that reads best."""
    small = min(size, _SMALL)
    for across in (False, True):
        for type_size in (size, small):
            for breaks in (_NOWHERE, _ADDRESSES):
                yield _Try(across, type_size, breaks)
        yield _Try(across, small, _SIGNS)
    yield _Try(True, SMALLEST, _SIGNS)
    yield _Try(False, small, _ANYWHERE)


def _fits(
    columns: Sequence[Column], attempt: _Try, rooms: dict[bool, float], *, comfort: bool
) -> bool:
    least = _least(columns, attempt, _COMFORT if comfort else 0.0)
    return sum(least) <= _room(columns, attempt, rooms)


def _gap(attempt: _Try) -> float:
    return _GAP if attempt.size > _SMALL else _NARROW_GAP


def _room(columns: Sequence[Column], attempt: _Try, rooms: dict[bool, float]) -> float:
    return rooms[attempt.across] - _gap(attempt) * (len(columns) - 1)


def _least(columns: Sequence[Column], attempt: _Try, comfort: float) -> list[float]:
    return [
        max(column.least[attempt.breaks], min(column.widest, comfort)) * attempt.size * _SLACK
        for column in columns
    ]


_SLACK = 1.015
"""For kerning, which may set letters further apart."""


def _plan(columns: Sequence[Column], attempt: _Try, rooms: dict[bool, float]) -> Plan:
    room = _room(columns, attempt, rooms)
    least = _least(columns, attempt, _COMFORT)
    if sum(least) > room:
        least = _least(columns, attempt, 0.0)
    widest = [column.widest * attempt.size * _SLACK for column in columns]
    inner = _shared(room, least, widest, [column.weight for column in columns])
    gap = _gap(attempt)
    outer = [width + gap for width in inner[:-1]] + inner[-1:]
    return Plan(tuple(round(width, 2) for width in outer), attempt.size, gap, attempt.across)


def _shared(
    room: float, least: list[float], widest: list[float], weights: list[float]
) -> list[float]:
    """Return widths that share out `room`.

    Columns that need no more than their equal share get what they need; the others share the rest
    by their weights, each at least as wide as its longest word.
    """
    if sum(least) >= room:
        return [width * room / sum(least) for width in least]
    given: dict[int, float] = {}
    for index in sorted(range(len(least)), key=lambda index: widest[index]):
        others = [other for other in range(len(least)) if other not in given and other != index]
        rest = room - sum(given.values())
        need = max(widest[index], least[index])
        if need > rest / (len(others) + 1) or need + sum(least[other] for other in others) > rest:
            break
        given[index] = need
    if len(given) == len(least):
        return [given[index] * room / sum(given.values()) for index in range(len(least))]
    wanted = {index: weights[index] ** _DAMPED for index in range(len(least)) if index not in given}
    return _weighted(room, given, wanted, least)


def _weighted(
    room: float, given: dict[int, float], wanted: dict[int, float], least: list[float]
) -> list[float]:
    """Return widths: those `given`; the others in proportion to `wanted`, and at least `least`."""
    given, wanted = dict(given), dict(wanted)
    while True:
        unit = (room - sum(given.values())) / sum(wanted.values())
        narrow = [index for index, weight in wanted.items() if weight * unit < least[index]]
        if not narrow:
            return [
                given[index] if index in given else wanted[index] * unit
                for index in range(len(least))
            ]
        for index in narrow:
            given[index] = least[index]
            del wanted[index]


def lines(text: str, at: Sequence[float], room: float) -> int:
    """Return how many lines `room` wide a text takes whose characters begin `at`."""
    number, begun = 1, 0.0
    for start, end in words(text):
        if at[end] - begun > room:
            over = int((at[end] - at[start]) / room)
            number, begun = number + 1 + over, at[start] + over * room
    return number
