"""Which version of a brand was in force on a day, or an exact answer why none was."""

from __future__ import annotations

from datetime import date, datetime

from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Timeline, When, day_in
from publisher.errors import NotInForce
from publisher.model.ledger import Release


def version_on(ledger: Ledger, timeline: Timeline, now: datetime, on: date | None) -> Release:
    """Return the newest version that had come into force by a day, or `now`, be it retired or not.

    Raises `NotInForce` for a day to come, or before the first.
    """
    newest = next(ledger.releases(), None)
    if newest is None:
        raise NotInForce(f"{ledger.brand} has no released version")
    today = day_in(now, newest.timezone)
    if on is not None and on > today:
        raise NotInForce(_future(timeline, now, on, today, ledger.brand))
    release = timeline.newest(now if on is None else on)
    if release is not None:
        return release
    first = ledger.release(next(n.sequence for n in ledger.names if n.kind == "release"))
    raise NotInForce(
        f"on {on or today}, no version of {ledger.brand} was in force: the first, {first.version}, "
        f"{'is' if timeline.start(first) > today else 'was'} in force from "
        f"{timeline.start(first)}. What was published before that, this archive does not know"
    )


def refuse_retired(timeline: Timeline, release: Release, when: When, locale: str | None) -> None:
    """Raise `NotInForce` if a version, or one locale of it, had been retired by then."""
    retired = timeline.ended(release, when, locale)
    if retired is None:
        return
    what = f"{release.brand} in {retired.locale}" if retired.locale else release.brand
    raise NotInForce(
        f"on {day_in(when, release.timezone)}, no version of {what} was in force: it was retired "
        f"on {retired.on} ({retired.reason}). The last one was {release.version}; "
        f"`--version {release.version}` gets it"
    )


def _future(timeline: Timeline, now: datetime, on: date, today: date, brand: str) -> str:
    current = timeline.newest(now)
    gone = current is not None and timeline.ended(current, now) is not None
    name = current.version if current is not None and not gone else "no version"
    coming = [
        f"{each.version} comes into force on {timeline.start(each)}"
        for each in timeline.upcoming(now)
        if timeline.start(each) <= on
    ]
    ends = timeline.ends()
    if ends is not None and today < ends <= on:
        coming.append(f"{brand} is retired on {ends}")
    return (
        f"{on} has not come yet, so nobody can say what {brand} will say then; today, {today}, "
        f"{name} is in force, and {', then '.join(coming) or 'nothing is scheduled until then'}. "
        "`--version ID` gets a version"
    )
