"""Days and moments: when a day begins where a brand is, and the period in which a text applied.

A day begins at its first moment, which is not midnight where clocks skip that; it ends where the
next one begins. Moments are compared in UTC: Python compares two of one zone by their clocks alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from publisher.archive.entries import Absence, Retire, Version

State = Literal[
    "in force", "upcoming", "superseded", "retired", "asserted", "corrected", "reconstructed"
]
"""What a version is; the last three are for versions that were not released."""
When = date | datetime
"""A day, or a moment; a moment without a distance from UTC is one of the clocks of the brand."""

_DAY = timedelta(days=1)
_TICK = timedelta.resolution
_EVER = datetime.min.replace(tzinfo=UTC)
_YEARS = date(1000, 1, 1), date(9000, 12, 31)
"""Days outside count as these: zones have no offsets at the ends of the calendar."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def parse_when(text: str) -> When | None:
    """Return the day or the moment that a text such as 2026-11-26T09:00 names; None for neither."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            return moment if _YEARS[0] <= moment.date() <= _YEARS[1] else None
    except ValueError:
        pass
    return None


def counted(day: date) -> date:
    """Return a day, or the first or last day that counts if it is outside these."""
    return min(max(day, _YEARS[0]), _YEARS[1])


def first_moment(day: date, zone: str) -> datetime:
    """Return the first moment of a day in a time zone; of the next, where clocks skip the day."""
    return _first(counted(day), zone)


@lru_cache(maxsize=16384)
def _first(day: date, zone: str) -> datetime:
    clocks = ZoneInfo(zone)
    midnight = datetime.combine(day, time(), clocks)
    first, other = (int(midnight.replace(fold=fold).timestamp()) for fold in (0, 1))
    seconds = range(min(first, other), first + 1)  # more than one where clocks skip midnight
    at = bisect_left(seconds, day, key=lambda second: datetime.fromtimestamp(second, clocks).date())
    return datetime.fromtimestamp(seconds[at], UTC)


def next_day(day: date, zone: str) -> datetime:
    """Return the moment at which a day ends in a time zone, and the next one begins."""
    return _first(counted(day) + _DAY, zone)


def last_moment(day: date, zone: str) -> datetime:
    """Return the last moment of a day in a time zone."""
    return next_day(day, zone) - _TICK


def day_in(moment: datetime, zone: str) -> date:
    """Return the day that it is at a moment in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def readings(moment: datetime, zone: str) -> tuple[datetime, ...]:
    """Return the moments that a moment can mean in a time zone, the first one first.

    There are two if it has no distance from UTC, and clocks show it twice, or skip it.
    """
    clocks = ZoneInfo(zone)
    if moment.tzinfo is not None:
        return (moment.astimezone(UTC),)
    folds = (moment.replace(tzinfo=clocks, fold=fold).astimezone(UTC) for fold in (0, 1))
    return tuple(sorted(set(folds)))


def clock(moment: datetime, zone: str, known: date | None = None) -> str:
    """Return a moment as the clocks of a time zone show it: to the second, with its day.

    The day is left out if it is `known`. If the clocks show the moment twice, the offset from UTC
    is added.
    """
    local = moment.astimezone(ZoneInfo(zone))
    once = local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset()
    text = (local.replace(tzinfo=None) if once else local).isoformat(sep=" ", timespec="seconds")
    return text.partition(" ")[2] if local.date() == known else text


def day_or_clock(day: date, moment: datetime, zone: str) -> str:
    """Return a day if a moment is its first one; the moment and the time zone if it is not."""
    if moment == first_moment(day, zone):
        return day.isoformat()
    return f"{clock(moment, zone)} ({zone})"


def takes_effect(day: date, recorded: datetime, zone: str) -> datetime:
    """Return when something takes effect that was recorded for a day: with it, or at once."""
    return max(first_moment(day, zone), recorded.astimezone(UTC))


def retired_at(entry: Retire) -> datetime:
    """Return the moment from which a brand, or a locale, is retired."""
    return takes_effect(entry.on, entry.recorded_at, entry.timezone)


def retired_from(entry: Retire) -> str:
    """Return in words from when a brand, or a locale, is retired: a day, or a moment within it."""
    return day_or_clock(entry.on, retired_at(entry), entry.timezone)


@dataclass(frozen=True, slots=True)
class Period:
    """When a version is in force: from the moment `begins`, until just before `ends`.

    `since` is the day on which it begins, as it was recorded or asserted, in the time zone `zone`;
    None if it is unknown, which only happens to imported versions. `ends` is None while nothing
    ends it; `ended_by` is the entry that does. `state` is what it is at the moment that was asked
    about.
    """

    since: date | None
    begins: datetime | None
    ends: datetime | None
    zone: str
    state: State
    ended_by: Version | Retire | Absence | None = field(default=None, compare=False)

    @property
    def empty(self) -> bool:
        """Whether it was never in force: it was replaced, or retired, before it began."""
        return self.begins is not None and self.ends is not None and self.ends <= self.begins

    @property
    def until(self) -> date | None:
        """The last day on which it is in force, even for hours; before `since` if it never is."""
        if self.ends is None or self.since is None:
            return None
        last = day_in(self.ends - _TICK, self.zone)
        return min(last, self.since - _DAY) if self.empty else max(last, self.since)

    @property
    def begins_within(self) -> bool:
        """Whether it begins within a day, and not where the day does."""
        return self.begins is not None and _within(self.begins, self.zone)

    @property
    def ends_within(self) -> bool:
        """Whether it ends within a day, on which it was in force for hours."""
        return self.ends is not None and not self.empty and _within(self.ends, self.zone)

    def meets(self, first: datetime, last: datetime) -> bool:
        """Return whether it has a moment from `first` to `last`, both included."""
        if self.begins is None or self.empty:
            return False
        return self.begins <= last and (self.ends is None or first < self.ends)


@lru_cache(maxsize=16384)
def _within(moment: datetime, zone: str) -> bool:
    return moment != first_moment(day_in(moment, zone), zone)


@dataclass(frozen=True, slots=True)
class Text:
    """A version that was in force, or may have been, and when."""

    version: Version
    period: Period


def in_order(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Return texts, the first to come into force first."""
    return tuple(sorted(texts, key=lambda text: text.period.begins or _EVER))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about: a moment, which is both `first` and `last`, or the day `on`.

    Of a day, `first` and `last` are the first and the last moment in the time zone.
    """

    first: datetime
    last: datetime
    zone: str
    on: date | None = None

    @property
    def text(self) -> str:
        """The day, or the moment with its time zone."""
        return str(self.on) if self.on else f"{clock(self.first, self.zone)} ({self.zone})"

    @property
    def day(self) -> date:
        """The day, or the day of the moment."""
        return self.on or day_in(self.first, self.zone)

    def begins_within(self, period: Period) -> bool:
        """Return whether a period begins after the day has."""
        return period.begins is not None and self.first < period.begins

    def ends_within(self, period: Period) -> bool:
        """Return whether a period ends on the day."""
        return period.ends is not None and period.ends <= self.last

    def hours(self, period: Period) -> str:
        """Return in words which hours of the day a period covers; nothing for all of them."""
        parts = []
        if period.begins is not None and self.begins_within(period):
            parts.append(f"from {clock(period.begins, self.zone, self.day)}")
        if period.ends is not None and self.ends_within(period):
            parts.append(f"until {clock(period.ends, self.zone, self.day)}")
        return " ".join(parts)
