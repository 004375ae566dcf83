"""A ledger that two clones wrote at the same time: two entries with one number.

Git, or somebody, merged the two. Each entry follows the one before it, so neither was altered; but
only one of two can stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from publisher.archive.entries import Newer, Record, ending, entry_name, read_entry, sha256
from publisher.errors import PublisherError

_OURS, _BASE, _MIDDLE, _THEIRS = b"<<<<<<< ", b"|||||||", b"=======", b">>>>>>> "
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Branch:
    """What one clone appended: its entries' names and bytes, the first one first.

    `recorded` is the moment of the first one, in its brand's zone; `kinds` are the kinds of all.
    """

    names: tuple[str, ...]
    data: tuple[bytes, ...]
    recorded: datetime
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fork:
    """The fork in the ledger of a brand: `branches` begin with entry `number`, oldest first."""

    brand: str
    number: int
    branches: tuple[Branch, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the entries of all branches; two may have the same."""
        return tuple(name for branch in self.branches for name in branch.names)

    @property
    def recorded(self) -> datetime:
        """The moment from which it is unsettled what happened."""
        return min(branch.recorded for branch in self.branches)

    def __str__(self) -> str:
        count = len(self.branches)
        word = _COUNTS[count] if count < len(_COUNTS) else str(count)
        days = _on_days([branch.recorded.date() for branch in self.branches])
        names = tuple(dict.fromkeys(branch.names[0] for branch in self.branches))
        same = "each named " * (len(names) == 1)
        return (
            f"{word} entries {self.number}, written in {word} clones {days}: {same}{listed(names)}"
        )


def _on_days(days: Sequence[date]) -> str:
    """Return days in words: ``on 2 and 4 May 2025``."""
    days = sorted({*days})
    last = days[-1]
    parts = [f"{last.day} {last:%B} {last.year}"]
    later = last
    for day in reversed(days[:-1]):
        month = "" if (day.year, day.month) == (later.year, later.month) else f" {day:%B}"
        year = "" if day.year == later.year else f" {day.year}"
        parts.insert(0, f"{day.day}{month}{year}")
        later = day
    return f"on {listed(parts)}"


def listed(words: Iterable[str]) -> str:
    """Return a list in words: ``a, b and c``."""
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


def parted(brand: str, records: Sequence[Record]) -> tuple[list[Record], Fork | None]:
    """Return the entries before a fork, and the fork; without a fork, all entries and None.

    An entry that follows no other is damage, not a fork.
    """
    if len({_number(record) for record in records}) == len(records) and not any(
        _OURS in record.data for record in records
    ):
        return [*records], None
    sides = [*dict.fromkeys(s for record in records for s in in_conflict(record) or (record,))]
    numbered: dict[int, list[Record]] = defaultdict(list)
    for record in sides:
        name = entry_name(record.name)
        numbered[name.sequence if name is not None else 0].append(record)
    number = next((n for n in sorted(numbered) if len(numbered[n]) > 1), 0)
    if number == 0:
        return [*records], None
    trunk = [record for n in sorted(numbered) if n < number for record in numbered[n]]
    previous = sha256(trunk[-1].data) if trunk else None
    chains = [
        [first, *_after(first, number, numbered)]
        for first in _following(numbered[number], previous)
    ]
    reached = len({record for chain in chains for record in chain})
    if len(trunk) != number - 1 or reached != len({*sides[len(trunk) :]}):
        return [*records], None
    branches = [_branch(chain) for chain in chains]
    if len(branches) < 2 or None in branches:
        return [*records], None
    ordered = sorted(filter(None, branches), key=lambda branch: (branch.recorded, branch.names))
    return trunk, Fork(brand, number, tuple(ordered))


def _number(record: Record) -> str:
    return record.name.partition("-")[0]


def in_conflict(record: Record) -> tuple[Record, Record] | None:
    """Return the two entries of one name that git has left in a file, between its marks."""
    if b"\n" + _OURS not in b"\n" + record.data:
        return None
    ours, theirs = bytearray(), bytearray()
    into: tuple[bytearray, ...] = (ours, theirs)
    for line in record.data.splitlines(keepends=True):
        if line.startswith(_OURS):
            into = (ours,)
        elif line.startswith(_BASE):
            into = ()
        elif line.rstrip() == _MIDDLE:
            into = (theirs,)
        elif line.startswith(_THEIRS):
            into = (ours, theirs)
        else:
            for side in into:
                side.extend(line)
    return Record(record.name, bytes(ours)), Record(record.name, bytes(theirs))


def _after(record: Record, number: int, numbered: Mapping[int, list[Record]]) -> Iterator[Record]:
    """Yield the entries that follow an entry, one after the other."""
    tips = [record]
    while tips:
        number += 1
        previous = dict.fromkeys(sha256(tip.data) for tip in tips)
        tips = [
            later for digest in previous for later in _following(numbered.get(number, []), digest)
        ]
        yield from tips


def _following(records: Sequence[Record], previous: str | None) -> list[Record]:
    return [record for record in records if record.data.endswith(ending(previous))]


def _branch(chain: Sequence[Record]) -> Branch | None:
    """Return the entries of one clone; None if they cannot be read."""
    try:
        entries = [read_entry(record.data) for record in chain]
    except ValueError:
        return None
    recorded, zone = entries[0].recorded_at, entries[0].timezone
    if recorded is None:
        return None
    return Branch(
        tuple(record.name for record in chain),
        tuple(record.data for record in chain),
        recorded.astimezone(ZoneInfo(zone)) if zone else recorded,
        frozenset("newer" if isinstance(entry, Newer) else entry.kind for entry in entries),
    )
