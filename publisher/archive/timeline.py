"""What was in force when, by a ledger, to the moment.

A version begins with its day or, if it was released or moved on that very day, when that was
recorded; so does a retirement. The version in force at a moment is the newest one that had begun by
then, unless the brand, or the locale, was retired by then and no version that began later had been
released since.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from publisher.archive.entries import Release, Reschedule, Retire
from publisher.archive.ledger import Ledger
from publisher.archive.moments import Period, State, Text, retired_at, takes_effect

_FARTHEST = timedelta(hours=14)
"""How far clocks can be before UTC."""
_ZONES = timedelta(days=2)
"""A day that begins this much later begins later, in whatever zones the two are."""


class Timeline:
    """Answers from a ledger. `locale` None asks about the brand as a whole.

    `after` is the timeline of the brand's next name that has versions: its first ends all of these.
    """

    def __init__(self, ledger: Ledger, after: Timeline | None = None) -> None:
        self._ledger = ledger
        self._after = after
        self._reschedules: dict[str, Reschedule] = {}
        for entry in ledger.of(Reschedule):
            self._reschedules.setdefault(entry.version, entry)  # the newest one counts
        self._retired = tuple(ledger.of(Retire))
        self._numbers = ledger.numbers("release")
        self._begins: dict[tuple[str, int], datetime] = {}
        self.newest = lru_cache(maxsize=8)(self._newest)

    @property
    def earliest(self) -> Release | None:
        """The first version that was released; None before there is one."""
        return self._ledger.release(self._numbers[0]) if self._numbers else None

    @property
    def first(self) -> date | None:
        """The first day on which a released version is in force; None before the first release."""
        return self.start(self.earliest) if self.earliest is not None else None

    def start(self, release: Release) -> date:
        """Return the day on which a version comes into force."""
        return self.scheduled(release).in_force_from

    def begin(self, release: Release) -> datetime:
        """Return the moment at which a version comes into force."""
        known = self._begins.get((release.brand, release.sequence))
        if known is None:
            entry = self.scheduled(release)
            known = takes_effect(entry.in_force_from, entry.recorded_at, entry.timezone)
            self._begins[release.brand, release.sequence] = known
        return known

    def zone(self, day: date) -> str:
        """Return the time zone in which a day counts: the zone of the newest version until then.

        Before the first version, it is the zone of the first; without any, of the newest entry.
        """
        newest = next(self._ledger.published_by(day), None) or self.earliest
        return (newest or self._ledger.entry(len(self._ledger))).timezone

    def _newest(self, moment: datetime) -> Release | None:
        """Return the newest version that had begun by a moment, even if it is retired."""
        return next(
            (release for release in self._published(moment) if self.begin(release) <= moment), None
        )

    def during(self, first: datetime, last: datetime, locale: str | None = None) -> Iterator[Text]:
        """Yield the versions that were in force from `first` to `last`, the newest first."""
        for release in self._published(last):
            period = self.period(release, last, locale)
            if period.meets(first, last) and locale in (None, *release.locales):
                yield Text(release, period)
            if self.begin(release) <= first:
                return  # all before it had ended by then

    def ended(self, release: Release, moment: datetime, locale: str | None = None) -> Retire | None:
        """Return the entry by which a version, if it was the newest, was retired by a moment."""
        entry = self._retirement(release, locale)
        return entry if entry is not None and retired_at(entry) <= moment else None

    def ends(self, locale: str | None = None) -> Retire | None:
        """Return the entry from which on no version is in force any more; None if none is set."""
        newest = next(self._ledger.releases(), None)
        return self._retirement(newest, locale) if newest is not None else None

    def back(self, entry: Retire) -> str | None:
        """Return the first version that is in force again after it was retired by an entry."""
        for number in self._numbers[bisect_right(self._numbers, entry.sequence) :]:
            release = self._ledger.release(number)
            if self.begin(release) >= retired_at(entry):
                return release.version
        return None

    def scheduled(self, release: Release) -> Release | Reschedule:
        """Return the entry that sets the day on which a version comes into force."""
        return self._reschedules.get(release.version, release)

    def moved(self, release: Release) -> Reschedule | None:
        """Return the newest entry that moved a version's day."""
        return self._reschedules.get(release.version)

    def period(self, release: Release, moment: datetime, locale: str | None = None) -> Period:
        """Return when a version is in force, and its state at a moment."""
        begins = self.begin(release)
        ends, entry = self._end(release, begins, locale)
        scheduled = self.scheduled(release)
        zone = scheduled.timezone
        period = Period(scheduled.in_force_from, begins, ends, zone, "superseded", entry)
        if begins > moment:
            return period if period.empty else replace(period, state="upcoming")
        if self.newest(moment) != release or (self._after and self._after.newest(moment)):
            return period
        state: State = "retired" if self.ended(release, moment, locale) else "in force"
        return replace(period, state=state)

    def upcoming(self, moment: datetime) -> tuple[Release, ...]:
        """Return the versions that will come into force, the next one first."""
        upcoming = []
        for release in self._ledger.releases():
            if self.begin(release) <= moment:
                break
            if self.period(release, moment).state == "upcoming":
                upcoming.append(release)
        return tuple(reversed(upcoming))

    def _published(self, moment: datetime) -> Iterator[Release]:
        """Yield the versions that can have been published by a moment, the newest first.

        The others cannot be in force then: they are left unread.
        """
        latest = (moment.astimezone(UTC) + _FARTHEST).date()
        return self._ledger.published_by(latest)

    def _end(
        self, release: Release, begins: datetime, locale: str | None
    ) -> tuple[datetime | None, Release | Retire | None]:
        """Return the moment at which a version ends, and the entry that ends it."""
        ends: list[tuple[datetime, Release | Retire]] = []
        later = self._next(release)
        if later is not None:
            ends.append((self.begin(later), later))
        if self._after is not None and self._after.earliest is not None:
            ends.append((self._after.begin(self._after.earliest), self._after.earliest))
        entry = self._retirement(release, locale)
        if entry is not None:
            ends.append((max(retired_at(entry), begins), entry))
        return min(ends, key=lambda end: end[0], default=(None, None))

    def _next(self, release: Release) -> Release | None:
        """Return the version after a version that is the first of these to come into force.

        Days come in the order of versions, so that few are read; moments may not, where the brand
        changed its time zone.
        """
        following = None
        for at in range(bisect_right(self._numbers, release.sequence), len(self._numbers)):
            other = self._ledger.release(self._numbers[at])
            if following is None or self.begin(other) <= self.begin(following):
                following = other
            elif self.start(other) > self.start(following) + _ZONES:
                break
        return following

    def _retirement(self, release: Release, locale: str | None) -> Retire | None:
        """Return the entry that retires a version first, or one locale of it.

        A version is also retired with the last of its locales.
        """
        if not self._retired:
            return None
        ends = list(self._retirements(release, locale))
        if locale is None:
            of_locales = [self._retirement(release, name) for name in release.locales]
            if all(of_locales):
                ends.append(max(filter(None, of_locales), key=retired_at))
        return min(ends, key=retired_at, default=None)

    def _retirements(self, release: Release, locale: str | None) -> Iterator[Retire]:
        """Yield the entries that retire a version, or one locale of it, at some time."""
        for entry in self.retiring(release.sequence, self.begin(release)):
            if entry.locale in (None, locale):
                yield entry

    def retiring(self, sequence: int, begins: datetime) -> Iterator[Retire]:
        """Yield the entries that retire a version of a sequence, if it begins at a moment.

        Each retires all of it, or one locale. One that was recorded before the version, and for an
        earlier moment, does not.
        """
        for entry in self._retired:
            if sequence <= entry.sequence or begins < retired_at(entry):
                yield entry
