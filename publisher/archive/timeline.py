"""What was in force when, told by a ledger.

Days count in the time zone recorded with each version. The version in force on a day is the newest
one that had come into force by then, unless the brand, or the locale, was retired by then and no
version that came into force later had been released since.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from publisher.archive.ledger import Ledger
from publisher.model.fields import published_on
from publisher.model.ledger import Release, Reschedule, Retire

State = Literal["in force", "upcoming", "superseded", "retired", "asserted", "reconstructed"]
"""What a version is; the last two are those of versions that were not released."""
When = date | datetime
"""A day, wherever it is; or a moment, which is another day in each time zone."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """When a version is in force: from a day, until another one, that day included.

    `until` is None while nothing ends it; before `since` where the version was superseded before it
    came into force. `since` is None where nobody knows, which only imported versions can have.
    `state` is what it is at the moment that was asked about.
    """

    since: date | None
    until: date | None
    state: State

    @property
    def empty(self) -> bool:
        """Whether there is no day on which the version is in force."""
        return self.until is not None and self.since is not None and self.until < self.since


def day_in(when: When, zone: str) -> date:
    """Return the day that it is at a moment in a time zone; a day is itself."""
    return when.astimezone(ZoneInfo(zone)).date() if isinstance(when, datetime) else when


class Timeline:
    """Answers from a ledger. `locale` None asks about the brand as a whole."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._reschedules: dict[str, Reschedule] = {}
        for entry in ledger.of(Reschedule):
            self._reschedules.setdefault(entry.version, entry)  # the newest one counts
        self._retired = tuple(ledger.of(Retire))
        self._numbers = [name.sequence for name in ledger.names if name.kind == "release"]
        self.newest = lru_cache(maxsize=8)(self._newest)

    @property
    def first(self) -> date | None:
        """The first day on which a released version is in force; None before the first release."""
        return self.start(self._ledger.release(self._numbers[0])) if self._numbers else None

    def start(self, release: Release) -> date:
        """Return the day on which a version comes into force."""
        moved = self._reschedules.get(release.version)
        return release.in_force_from if moved is None else moved.in_force_from

    def _newest(self, when: When) -> Release | None:
        """Return the newest version that has come into force by then, be it retired or not."""
        latest = (
            (when.astimezone(ZoneInfo("UTC")) + timedelta(hours=14)).date()
            if isinstance(when, datetime)
            else when
        )
        for number in reversed(self._numbers):
            if published_on(self._ledger.names[number - 1].about) > latest:
                continue  # it cannot be in force before its publication: left unread
            release = self._ledger.release(number)
            if self.start(release) <= day_in(when, release.timezone):
                return release
        return None

    def ended(self, release: Release, when: When, locale: str | None = None) -> Retire | None:
        """Return the entry by which a version, if it was the newest, was retired by then."""
        entry = self._end(release, locale)
        return entry if entry is not None and entry.on <= day_in(when, entry.timezone) else None

    def ends(self, locale: str | None = None) -> date | None:
        """Return the day from which no version is in force any more; None if none is set."""
        newest = next(self._ledger.releases(), None)
        entry = self._end(newest, locale) if newest is not None else None
        return entry.on if entry is not None else None

    def back(self, entry: Retire) -> str | None:
        """Return the first version that is in force again after it was retired by an entry."""
        for number in self._numbers[bisect_right(self._numbers, entry.sequence) :]:
            release = self._ledger.release(number)
            if self.start(release) >= entry.on:
                return release.version
        return None

    def moved(self, release: Release) -> Reschedule | None:
        """Return the newest entry that moved a version's day."""
        return self._reschedules.get(release.version)

    def period(self, release: Release, when: When, locale: str | None = None) -> Period:
        """Return when a version is in force, and its state at a moment or on a day."""
        since = self.start(release)
        period = Period(since, self._until(release, since, locale), "superseded")
        if since > day_in(when, release.timezone):
            return period if period.empty else replace(period, state="upcoming")
        if self.newest(when) != release:
            return period
        state: State = "retired" if self.ended(release, when, locale) else "in force"
        return replace(period, state=state)

    def upcoming(self, when: When) -> tuple[Release, ...]:
        """Return the versions that will come into force, the next one first."""
        found = []
        for release in self._ledger.releases():
            if self.start(release) <= day_in(when, release.timezone):
                break
            if self.period(release, when).state == "upcoming":
                found.append(release)
        return tuple(reversed(found))

    def _until(self, release: Release, since: date, locale: str | None) -> date | None:
        entry = self._end(release, locale)
        ends = [max(entry.on, since) - _DAY] if entry is not None else []
        at = bisect_right(self._numbers, release.sequence)
        if at < len(self._numbers):
            ends.append(self.start(self._ledger.release(self._numbers[at])) - _DAY)
        return min(ends, default=None)

    def _end(self, release: Release, locale: str | None) -> Retire | None:
        """Return the entry that ends a version first, or one locale of it.

        A version also ends with the last of its locales.
        """
        ends = list(self._ends(release, locale))
        if locale is None:
            each = [self._end(release, name) for name in release.locales]
            if all(each):
                ends.append(max(filter(None, each), key=lambda entry: entry.on))
        return min(ends, key=lambda entry: entry.on, default=None)

    def _ends(self, release: Release, locale: str | None) -> Iterator[Retire]:
        """Yield the entries that end a version, or one locale of it, some day."""
        for entry in self._retired:
            released_since = release.sequence > entry.sequence and self.start(release) >= entry.on
            if entry.locale in (None, locale) and not released_since:
                yield entry
