"""Versions that were in force for hours of a day on which earlier publishers said they were not.

These counted whole days: a version ended with the day before the next one began, or with the day
before it was retired, even where that happened in the afternoon; one that was replaced on its first
day was said to have been in force never.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from publisher.archive.before_release import Past
from publisher.archive.entries import Release, Retire, Version
from publisher.archive.ledger import Ledger
from publisher.archive.moments import Period, Text, clock, first_moment
from publisher.archive.timeline import Timeline

SHOWN = 20
"""Versions of a brand that are told of one by one, the newest first."""
_EVER = first_moment(date.max, "UTC")


def told_by_days(ledger: Ledger) -> Iterator[str]:
    """Yield a note on each version of which an earlier publisher told another end."""
    timeline = Timeline(ledger)
    past = Past(ledger, timeline)
    texts = [
        Text(version, period)
        for version in ledger.versions()
        if (period := _period(timeline, past, version)).ends_within
    ]
    for text in texts[:SHOWN]:
        yield _note(timeline, text.version, text.period)
    if texts[SHOWN:]:
        yield (
            f"{ledger.brand}: the same holds for {len(texts) - SHOWN} earlier versions; "
            f"`publisher versions {ledger.brand}` lists the hours of each"
        )


def _period(timeline: Timeline, past: Past, version: Version) -> Period:
    if isinstance(version, Release):
        return timeline.period(version, _EVER)
    return past.period(version)


def _note(timeline: Timeline, version: Version, period: Period) -> str:
    ends, last = period.ends or _EVER, _last_day(timeline, period)
    was = "was" if isinstance(version, Release) else "may have been"
    ever = last is not None and period.since is not None and last >= period.since
    return (
        f"{version.brand}: {version.version} {was} in force until {clock(ends, period.zone)} "
        f"({period.zone}). Earlier publishers counted whole days, and said that it "
        f"{f'was so until {last}' if ever else 'never was'}; if you told anybody that, do what "
        "docs/problems.md says"
    )


def _last_day(timeline: Timeline, period: Period) -> date | None:
    """Return the last day on which a version was in force, as whole days were counted."""
    match period.ended_by:
        case Release() as release:
            return timeline.start(release) - timedelta(days=1)
        case Retire(on=on):
            return on - timedelta(days=1)
        case _:
            return period.until
