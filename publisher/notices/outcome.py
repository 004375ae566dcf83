"""The outcome of a notice → an entry of the ledger; and the last day for a notice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from publisher.archive.entries import Notified
from publisher.archive.moments import day_in, last_moment
from publisher.archive.notice_record import approvals
from publisher.archive.notified import last_day
from publisher.archive.release.append import AppendOptions, AppendResult, writer
from publisher.archive.store import Addition
from publisher.errors import AskedWrongly, Refused
from publisher.notices.message import Subject, subject_of
from publisher.notices.values import Notice, Tally
from publisher.repository.source import FolderSource
from publisher.workspace import parsed_brand

_CHANNEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def refuse_late(root: Path, brand: str, version: str, now: datetime) -> date | None:
    """Return the last day on which a notice of a version is in time, None if nothing sets one.

    Raises `Refused` if that day is over. To be called before a notice is sent, and before sending
    resumes: the version may have been rescheduled. Raises what `subject_of` does.
    """
    subject = subject_of(root, brand, version, now)
    until = _until(root, subject, brand)
    begins = subject.begins
    if until is not None and day_in(now, str(begins.tzinfo)) > until:
        raise Refused(
            f"{brand} {version} takes effect on {begins:%Y-%m-%d}, and the last day for its notice "
            f"was {until} (`notice_days` in brand.yaml). Move it with `publisher reschedule "
            f"{brand} {version} --in-force DATE`; --short-notice can say why the notice is shorter"
        )
    return until


def _until(root: Path, subject: Subject, brand: str) -> date | None:
    own = parsed_brand(FolderSource(root), subject.lineage.today(brand)).value
    days = own.notice_days if own is not None else None
    return last_day(subject.known.timeline, subject.release, days)


def record_notice(root: Path, notice: Notice, tally: Tally, asked: AppendOptions) -> AppendResult:
    """Append an entry on the outcome of an approved notice in a channel.

    `tally` has the counts so far: the entry replaces earlier ones on the same text, channel and
    list. Raises what every command that appends raises.
    """
    return _append(
        root, notice.brand, notice.version, notice.in_force_from, dict(notice.digests), tally, asked
    )


def record_count(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    channel: str,
    count: int,
    on: date | None,
    asked: AppendOptions,
) -> AppendResult:
    """Append an entry on a notice that was given by other means, on a day, or today.

    `count` is the total number of people told in that channel. The entry has the approved text, if
    there is one that names the version's day. Raises `AskedWrongly` for a day before the release,
    or to come; and what `subject_of` does.
    """
    if not _CHANNEL.fullmatch(channel):
        raise AskedWrongly(
            f"--channel takes a word such as post, phone or account, not '{channel}': lower-case "
            "letters, digits and single hyphens"
        )
    subject = subject_of(root, brand, version, asked.now)
    release, begins = subject.release, subject.begins
    today = day_in(asked.now, str(begins.tzinfo))
    day = on or today
    if not release.published <= day <= today:
        raise AskedWrongly(
            f"customers cannot have been told about {version} on {day}: it was published on "
            f"{release.published}, and today is {today}. Give the day with --on"
        )
    moment = min(last_moment(day, str(begins.tzinfo)), asked.now).astimezone(UTC)
    moment = moment.replace(microsecond=0)
    known = approvals(subject.lineage.archive, release.brand, release.version)
    texts = {}
    if known and known[-1].in_force_from == begins:
        texts = known[-1].digests
    tally = Tally(channel, count, 0, 0, moment, moment, None)
    return _append(root, release.brand, release.version, begins, texts, tally, asked)


def _append(  # noqa: PLR0913 - the parts of an entry
    root: Path,
    brand: str,
    version: str,
    begins: datetime,
    texts: dict[str, str],
    tally: Tally,
    asked: AppendOptions,
) -> AppendResult:
    with writer(root, brand, asked) as prepared:
        entry = prepared.entry(
            Notified,
            version=version,
            in_force_from=begins.date(),
            channel=tally.channel,
            texts=texts,
            accepted=tally.accepted,
            refused=tally.refused,
            bounced=tally.bounced,
            first=tally.first,
            last=tally.last,
            recipients=tally.recipients,
        )
        message = f"Record the notice of {brand} {version}\n\n{tally.accepted} by {tally.channel}"
        return prepared.append(Addition(entry), message)
