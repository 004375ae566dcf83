"""A ledger that was written in two clones at once: two entries of one number, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from publisher.errors import PublisherError

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Branch:
    """What one clone appended: its entries' names and bytes, the first one first.

    `recorded` is the moment of the first, in its brand's zone; `kinds` are those of all.
    """

    names: tuple[str, ...]
    data: tuple[bytes, ...]
    recorded: datetime
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fork:
    """Where the ledger of a brand parts: `branches` begin with entry `number`, oldest first."""

    brand: str
    number: int
    branches: tuple[Branch, ...]

    @property
    def recorded(self) -> datetime:
        """The moment from which it is not settled what happened."""
        return min(branch.recorded for branch in self.branches)

    def __str__(self) -> str:
        count = len(self.branches)
        word = _COUNTS[count] if count < len(_COUNTS) else str(count)
        days = said_days([branch.recorded.date() for branch in self.branches])
        names = tuple(dict.fromkeys(branch.names[0] for branch in self.branches))
        same = "each named " * (len(names) == 1)
        return (
            f"{word} entries {self.number}, written in {word} clones {days}: {same}{listed(names)}"
        )


def said_days(days: Sequence[date]) -> str:
    """Return days in words: ``on 2 and 4 May 2025``."""
    days = sorted({*days})
    last = days[-1]
    said = [f"{last.day} {last:%B} {last.year}"]
    later = last
    for day in reversed(days[:-1]):
        month = "" if (day.year, day.month) == (later.year, later.month) else f" {day:%B}"
        year = "" if day.year == later.year else f" {day.year}"
        said.insert(0, f"{day.day}{month}{year}")
        later = day
    return f"on {listed(said)}"


def listed(words: Iterable[str]) -> str:
    """Return words in a row: ``a, b and c``."""
    words = [*words]
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


class Forked(PublisherError):
    """Two clones appended to one ledger; `advice` is how one of the two is undone."""

    exit_code = 3

    def __init__(self, fork: Fork, advice: str = "") -> None:
        self.fork = fork
        advice = advice or "Run `publisher verify`, which says how to undo one of them"
        self.what = f"has {fork}. {advice}"
        super().__init__(f"the ledger of {fork.brand} {self.what}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return Forked, (self.fork,)
