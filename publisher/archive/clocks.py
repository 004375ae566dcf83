"""Entries recorded with a clock that was ahead, and the later entry that corrects them.

Entries are in the order of their times, so nothing can be appended after one that is dated years
ahead until that day comes. An entry of the kind `clock` names each entry that is ahead, by its
number and its SHA-256, and says when it was really recorded. No file changes: the entry's own file
keeps the time that the clock showed, and everything that reads the ledger uses the right time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from publisher.archive.entries import (
    Clock,
    Entry,
    Release,
    Retire,
    RightTime,
    entry_bytes,
    sha256,
)
from publisher.archive.moments import clock as shown
from publisher.archive.moments import day_in


def with_right_time(entry: Entry, right: RightTime, by: Clock) -> Entry:
    """Return an entry with the right time, which another entry gives.

    A version was published on that day, and its words are not younger.
    """
    written = entry.as_written
    update: dict[str, object] = {"recorded_at": right.time}
    day = day_in(right.time, written.timezone)
    if isinstance(written, Release):
        update["published"] = day
        update["in_force_from"] = right.takes_effect or written.in_force_from
        update["locales"] = {
            locale: wording.model_copy(update={"last_updated": min(wording.last_updated, day)})
            for locale, wording in written.locales.items()
        }
    if isinstance(written, Retire):
        update["on"] = right.takes_effect or written.on
    corrected = written.model_copy(update=update)
    object.__setattr__(corrected, "_correction", (written, by))  # which is frozen, as all entries
    return corrected


def corrected(entries: Sequence[Entry], by: Clock) -> list[Entry]:
    """Return the entries of a ledger with right times, once one of them corrects a clock."""
    rights = {right.entry: right for right in by.entries}
    return [
        with_right_time(entry, rights[entry.sequence], by) if entry.sequence in rights else entry
        for entry in entries
    ]


def right_times(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the entries of a ledger, by the paths of their files, with the clocks corrected."""
    counted = [*entries.values()]
    for by in entries.values():
        counted = corrected(counted, by) if isinstance(by, Clock) else counted
    return dict(zip(entries, counted, strict=True))


def clock_faults(by: Clock, before: Sequence[Entry]) -> Iterator[str]:
    """Yield why an entry cannot correct the clock of others; `before` have the times of the ledger.

    It must name exactly the entries that are ahead of it, with times between those of the entries
    around them.
    """
    ahead = {entry.sequence: entry for entry in before if entry.recorded_at > by.recorded_at}
    named = [right.entry for right in by.entries]
    for right in by.entries:
        entry = ahead.get(right.entry)
        if entry is None:
            yield f"corrects the clock of entry {right.entry}, which is not ahead of it"
        elif sha256(entry_bytes(entry.as_written)) != right.digest:
            yield f"corrects an entry {right.entry} whose SHA-256 is different here"
    if named != sorted(ahead):
        numbers = ", ".join(map(str, ahead)) or "none"
        yield f"does not name, once and in their order, the entries that are ahead: {numbers}"
        return
    for earlier, later in pairwise([*corrected(before, by), by]):
        if later.recorded_at < earlier.recorded_at:
            yield (
                f"says a time for entry {earlier.sequence if later is by else later.sequence} that "
                "does not lie between those of the entries around it"
            )


def clock_note(entry: Entry) -> str:
    """Return a note that the clock of an entry was wrong, if a later entry says so."""
    if entry.clock is None:
        return ""
    zone = entry.timezone
    return (
        f"recorded as {shown(entry.as_written.recorded_at, zone)}, corrected to "
        f"{shown(entry.recorded_at, zone)} ({zone}) by {entry.clock.name}: {entry.clock.reason}"
    )
