"""Notes versions that were in force for hours of a day on which earlier publishers denied it.

Those counted whole days: a version ended with the day before the next one began, or before it was
retired, even if that happened in the afternoon; a version that was replaced on its first day
counted as never in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from publisher.archive.entries import Release, Retire, Version
from publisher.archive.in_force import InForce
from publisher.archive.ledger import Ledger
from publisher.archive.moments import Period, Text, clock, first_moment
from publisher.archive.timeline import Timeline

SHOWN = 20
"""Versions of a brand that have a note each, the newest first."""
_EVER = first_moment(date.max, "UTC")


def ended_within_days(ledger: Ledger) -> Iterator[str]:
    """Yield a note on each version that ended later than an earlier publisher said."""
    known = InForce(ledger, _EVER)
    texts = [
        text
        for version in ledger.versions()
        if (text := Text(version, known.period(version))).period.ends_within
        and not _corrected(text)
    ]
    for text in texts[:SHOWN]:
        yield _note(known.timeline, text.version, text.period)
    if texts[SHOWN:]:
        yield (
            f"{ledger.brand}: the same holds for {len(texts) - SHOWN} earlier versions; "
            f"`publisher versions {ledger.brand}` lists the hours of each"
        )


def _corrected(text: Text) -> bool:
    """Return whether a clock was ahead when a version began or ended.

    Earlier publishers knew no such correction, and gave other days.
    """
    entries = (text.version, text.period.ended_by)
    return any(entry.clock is not None for entry in entries if entry is not None)


def _note(timeline: Timeline, version: Version, period: Period) -> str:
    ends, last = period.ends or _EVER, _last_day(timeline, period)
    was = "was" if isinstance(version, Release) else "may have been"
    ever = last is not None and period.since is not None and last >= period.since
    return (
        f"{version.brand}: {version.version} {was} in force until {clock(ends, period.zone)} "
        f"({period.zone}). Earlier versions of publisher counted whole days, and said that it "
        f"{f'was in force until {last}' if ever else 'was never in force'}; if you told anybody "
        "that, do what docs/problems.md says"
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
