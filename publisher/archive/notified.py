"""What customers were told about versions, by the ledger, and the last day to tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from publisher.archive.entries import Notified, Release
from publisher.archive.in_force import InForce
from publisher.archive.ledger import Ledger
from publisher.archive.moments import day_in
from publisher.archive.timeline import Timeline


def notices_of(ledger: Ledger, version: str) -> tuple[Notified, ...]:
    """Return the notices of a version, oldest first.

    A later entry on the same text, channel and list has the counts of all, and replaces the earlier
    one.
    """
    newest: dict[tuple[object, ...], Notified] = {}
    for entry in ledger.of(Notified):
        texts = tuple(sorted(entry.texts.items()))
        key = (entry.channel, entry.in_force_from, texts, entry.recipients)
        if entry.version == version:
            newest.setdefault(key, entry)
    return tuple(sorted(newest.values(), key=lambda entry: entry.sequence))


def last_day(timeline: Timeline, release: Release, notice_days: int | None) -> date | None:
    """Return the last day on which a notice of a version is in time.

    None if nothing sets one: the brand gives no `notice_days`, the version is editorial, or a
    reason for a shorter notice is recorded.
    """
    scheduled = timeline.scheduled(release)
    if notice_days is None or release.change == "editorial" or scheduled.short_notice is not None:
        return None
    return scheduled.in_force_from - timedelta(days=notice_days)


@dataclass(frozen=True, slots=True)
class VersionNotices:
    """The notices of a material version that is in force, or to come.

    `given` are those with its day, `superseded` those with a day that it had before. `until` is the
    last day for a notice, None if nothing sets one; `late` is true once it is over.
    """

    version: str
    locales: tuple[str, ...]
    in_force_from: date
    upcoming: bool
    until: date | None
    late: bool
    given: tuple[Notified, ...]
    superseded: tuple[Notified, ...]


def notices_now(known: InForce, notice_days: int | None) -> Iterator[VersionNotices]:
    """Yield the notices of each material version in force or to come, the next one last."""
    timeline, now = known.timeline, known.now
    newest = timeline.newest(now)
    releases = [newest] if newest and timeline.period(newest, now).state == "in force" else []
    for release in (*releases, *timeline.upcoming(now)):
        if release.change == "material":
            starts = timeline.start(release)
            until = last_day(timeline, release, notice_days)
            entries = notices_of(known.ledger, release.version)
            yield VersionNotices(
                release.version,
                tuple(release.locales),
                starts,
                timeline.begin(release) > now,
                until,
                until is not None and day_in(now, timeline.scheduled(release).timezone) > until,
                tuple(entry for entry in entries if entry.in_force_from == starts),
                tuple(entry for entry in entries if entry.in_force_from != starts),
            )


def days_of(entry: Notified) -> tuple[date, date]:
    """Return the days of the first and the last message, where the brand is."""
    return day_in(entry.first, entry.timezone), day_in(entry.last, entry.timezone)


def in_words(entry: Notified) -> str:
    """Return the outcome of a notice: ``mail, 2026-11-30: 1986 accepted, 14 refused``."""
    first, last = days_of(entry)
    when = f"{first}" if first == last else f"{first} to {last}"
    counts = [f"{entry.accepted} accepted"]
    counts += [f"{entry.refused} refused"] if entry.refused else []
    counts += [f"{entry.bounced} bounced"] if entry.bounced else []
    return f"{entry.channel}, {when}: {', '.join(counts)}"
