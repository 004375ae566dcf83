"""Checks that the entries of a ledger are consistent: their days, and what they refer to.

Commands append no others, but an entry may have been written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from publisher.archive.clocks import clock_faults, corrected
from publisher.archive.corrections import same_document
from publisher.archive.entries import (
    Absence,
    Capture,
    Clock,
    Endorse,
    Entry,
    Import,
    Notified,
    Reconstruct,
    Redact,
    Release,
    Reschedule,
    Retire,
    Timestamp,
    Version,
)
from publisher.archive.fields import UNKNOWN, published_on
from publisher.archive.moments import day_in
from publisher.archive.trust.timestamp_reply import SKEW


def impossible(entries: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """Yield the path of each entry that cannot be true, and why; `entries` are in their order.

    After a correction of clocks, the corrected entries count with the right time.
    """
    past, before, known = _Past(), list[Entry](), set[tuple[int, str]]()
    for path, entry in entries.items():
        reasons = [*past.add(entry)]
        if isinstance(entry, Clock):
            reasons = [*clock_faults(entry, before)]
            if not reasons:
                before = corrected(before, entry)
                past, faults = _again(before)
                reasons = [
                    f"would let entry {number} say what cannot be true: it {reason}"
                    for number, reason in faults
                    if (number, reason) not in known
                ]
        if before and entry.recorded_at < before[-1].recorded_at:
            reasons.append("was recorded before the previous entry")
        for reason in reasons:
            yield path, reason
        known.update((entry.sequence, reason) for reason in reasons)
        before.append(entry)


def _again(entries: Iterable[Entry]) -> tuple[_Past, list[tuple[int, str]]]:
    """Return the state after entries, and why some, by number, cannot be true."""
    past = _Past()
    return past, [(entry.sequence, reason) for entry in entries for reason in past.add(entry)]


class _Past:
    """The state after the entries so far: when versions come into force, in order, and locales."""

    def __init__(self) -> None:
        self.starts: dict[str, date] = {}
        self.scheduled: set[tuple[str, date]] = set()
        self.released: dict[str, datetime] = {}
        self.latest = date.min
        self.published = date.min
        self.locales: set[str] = set()
        self.versions: set[str] = set()
        self.imports: dict[str, Import] = {}
        self.reconstructed_from: dict[str, date] = {}
        self.corrected: set[str] = set()
        self.redacted: set[tuple[str, str]] = set()
        self.recorded: dict[int, datetime] = {}

    def add(self, entry: Entry) -> Iterator[str]:
        """Yield why the next entry cannot be true."""
        today = day_in(entry.recorded_at, entry.timezone)
        match entry:
            case Release():
                yield from self.release(entry, today)
            case Reschedule():
                yield from self.reschedule(entry, today)
            case Retire():
                yield from self.retire(entry, today)
            case Import():
                yield from self.imported(entry, today)
            case Reconstruct():
                yield from self.reconstructed(entry, today)
            case Absence():
                yield from self.absence(entry, today)
            case Redact():
                yield from self.redact(entry)
            case Timestamp():
                yield from self.timestamp(entry)
            case Endorse() | Capture() | Notified():
                yield from self.refers(entry)
        self.recorded[entry.sequence] = entry.recorded_at

    def release(self, entry: Release, today: date) -> Iterator[str]:
        """Yield why a version that was recorded on a day cannot be true."""
        yield from self._version(entry)
        written = entry.as_written
        if entry.published != today or written.published != published_on(entry.version):
            yield "was not recorded on the day that it names as its publication"
        if entry.published < self.published:
            yield "was published before an earlier version"
        if entry.in_force_from < entry.published:
            yield "comes into force before its publication"
        if entry.in_force_from < self.latest:
            yield "comes into force before an earlier version"
        self.starts[entry.version] = entry.in_force_from
        self.scheduled |= {(entry.version, one.in_force_from) for one in (entry, written)}
        self.released[entry.version] = entry.recorded_at
        self.latest = max(self.latest, entry.in_force_from)
        self.published = entry.published
        self.locales |= set(entry.locales)

    def reschedule(self, entry: Reschedule, today: date) -> Iterator[str]:
        """Yield why a new day for a version, recorded on `today`, cannot be true."""
        start = self.starts.get(entry.version)
        if start is None or start != entry.instead_of:
            yield f"is not about how {entry.version} was scheduled before"
        elif start <= today or entry.in_force_from < today:
            yield "changes what was in force already"
        self.starts[entry.version] = entry.in_force_from
        self.scheduled.add((entry.version, entry.in_force_from))
        days = [*self.starts.values()]
        if days != sorted(days):
            yield "lets versions come into force out of their order"
        self.latest = max(days)

    def retire(self, entry: Retire, today: date) -> Iterator[str]:
        """Yield why a retirement that was recorded on a day cannot be true."""
        if entry.on < today:
            yield "changes what was in force already"
        if not self.starts:
            yield "retires what had not been released"
        elif entry.locale is not None and entry.locale not in self.locales:
            yield f"retires {entry.locale}, which had not been released"

    def imported(self, entry: Import, today: date) -> Iterator[str]:
        """Yield why an import, or its correction of an earlier one, cannot be true."""
        yield from self.claim(entry, entry.claimed_date, today)
        for verb, version in (("corrects", entry.corrects), ("repeats", entry.repeats)):
            earlier = self.imports.get(version or "")
            if version is not None and (earlier is None or earlier.locale != entry.locale):
                yield f"{verb} {version}, which is not an earlier import in {entry.locale}"
            elif earlier is not None and verb == "repeats" and not same_document(earlier, entry):
                yield f"repeats {version}, which has another document"
        if entry.corrects in self.corrected:
            yield f"corrects {entry.corrects} a second time"
        self.corrected |= {entry.corrects} if entry.corrects is not None else set()
        self.imports[entry.version] = entry

    def reconstructed(self, entry: Reconstruct, today: date) -> Iterator[str]:
        """Yield why a reconstructed version, recorded on a day, cannot be true."""
        yield from self.claim(entry, entry.revised, today)
        for locale in entry.locales:
            self.reconstructed_from[locale] = min(
                entry.revised, self.reconstructed_from.get(locale, date.max)
            )

    def absence(self, entry: Absence, today: date) -> Iterator[str]:
        """Yield why an absence that was recorded on a day cannot be true."""
        if entry.on > today:
            yield "was recorded before the day from which the policy is said to have been absent"
        if entry.on >= min(self.starts.values(), default=date.max):
            yield "is said to have been absent when a released version was in force"
        for locale in entry.locales:
            if self.reconstructed_from.get(locale, date.max) > entry.on:
                yield f"ends {locale}, for which nothing was reconstructed before"

    def claim(self, entry: Import | Reconstruct, since: date | None, today: date) -> Iterator[str]:
        """Yield why a version from before the archive, recorded on a day, cannot be true."""
        yield from self._version(entry)
        begins = entry.version.partition("-imported")[0].partition("-reconstructed")[0]
        if begins.partition(".")[0] != (since.isoformat() if since is not None else UNKNOWN):
            yield "names a day that differs from its id"
        if since is not None and since > today:
            yield "was recorded before the day from which it is said to have been in force"
        if since is not None and since >= min(self.starts.values(), default=date.max):
            yield "is said to have been in force when a released version was"

    def redact(self, entry: Redact) -> Iterator[str]:
        """Yield why a redaction cannot be true."""
        if entry.version not in self.versions and entry.concerns(entry.version):
            yield f"redacts a file of {entry.version}, which is not an earlier version"
        if (entry.version, entry.file) in self.redacted:
            yield f"redacts {entry.file} of {entry.version} a second time"
        self.redacted.add((entry.version, entry.file))

    def timestamp(self, entry: Timestamp) -> Iterator[str]:
        """Yield why a time-stamp cannot be true."""
        if entry.entry >= entry.sequence:
            yield f"proves entry {entry.entry}, which is not before it"
        if entry.time > entry.recorded_at + SKEW:
            yield "was recorded before the moment that it proves"
        proven = self.recorded.get(entry.entry)
        if proven is not None and entry.time < proven - SKEW:
            yield f"proves entry {entry.entry} for a moment before that was recorded"

    def notified(self, entry: Notified) -> Iterator[str]:
        """Yield why a notice cannot be true."""
        released = self.released.get(entry.version)
        if released is None:
            yield f"tells of {entry.version}, which is not an earlier version"
            return
        if (entry.version, entry.in_force_from) not in self.scheduled:
            yield f"tells a day on which {entry.version} was never to come into force"
        if entry.first < released - SKEW:
            yield f"was given before {entry.version} was released"
        if entry.last > entry.as_written.recorded_at + SKEW:
            yield "was recorded before the last message was sent"

    def refers(self, entry: Endorse | Capture | Notified) -> Iterator[str]:
        """Yield why an endorsement, a capture or a notice cannot be true."""
        if isinstance(entry, Notified):
            yield from self.notified(entry)
            return
        if isinstance(entry, Capture):
            if entry.version not in self.versions:
                yield f"says that a page shows {entry.version}, which is not an earlier version"
            return
        for endorsed in entry.entries:
            if endorsed.entry >= entry.sequence:
                yield f"endorses entry {endorsed.entry}, which is not before it"

    def _version(self, entry: Version) -> Iterator[str]:
        if entry.version in self.versions:
            yield f"is a second version {entry.version}"
        self.versions.add(entry.version)
