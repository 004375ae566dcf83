"""On which terms a version is released, and which are refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from publisher.archive.timeline import Timeline
from publisher.errors import AskedWrongly, Refused
from publisher.model.ledger import Release
from publisher.tasks.appending import Desk, checked_line
from publisher.tasks.forks import read_ledger


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a version is released; left out, `in_force` is the day of its publication.

    `editorial` says that the meaning has not changed, whatever commits say, and `reason` why;
    `short_notice` why a material version comes into force before its notice is up.
    """

    in_force: date | None = None
    summary: str | None = None
    editorial: bool = False
    reason: str | None = None
    short_notice: str | None = None
    approvals: tuple[str, ...] = ()
    tag: bool = False


def checked(terms: Terms) -> Terms:
    """Return terms with their texts trimmed; raises `AskedWrongly` and `Refused`."""
    if terms.editorial != (terms.reason is not None):
        raise AskedWrongly("--editorial needs --reason TEXT, and --reason is for --editorial only")
    return replace(
        terms,
        summary=checked_line("--summary", terms.summary),
        reason=checked_line("--reason", terms.reason),
        short_notice=checked_line("--short-notice", terms.short_notice),
        approvals=tuple(checked_line("--approved-by", each) or "" for each in terms.approvals),
    )


def refuse_day(desk: Desk, earlier: Release | None, in_force: date, published: date) -> None:
    """Raise `Refused` for a day before publication, or before that of the version before."""
    if in_force < published:
        raise Refused(
            f"a version published on {published} cannot be in force from {in_force}, before it; "
            "give that day, or a later one, with --in-force"
        )
    if earlier is not None and published < earlier.published:
        raise Refused(
            f"in {desk.timezone} it is {published} still, and version {earlier.version} was "
            "published on a later day; release tomorrow",
            4,
        )
    if earlier is None:
        return
    start = Timeline(read_ledger(desk.working.archive, earlier.brand)).start(earlier)
    if start <= in_force:
        return  # the days of those before it are not later
    raise Refused(
        f"version {earlier.version} comes into force on {start}, and a later one cannot do so "
        f"before it, on {in_force}; give --in-force {start} or later, or move the earlier one with "
        f"`publisher reschedule {earlier.brand} {earlier.version}`"
    )


def refuse_short_notice(
    desk: Desk, in_force: date, published: date, short_notice: str | None
) -> None:
    """Raise `Refused` where a material version is in force sooner than the brand gives notice."""
    days = desk.about.notice_days if desk.about is not None else None
    if days is None or short_notice is not None:
        return
    earliest = published + timedelta(days=days)
    if in_force < earliest:
        raise Refused(
            f"{desk.brand} gives {days} days' notice of a material change: the earliest day is "
            f"{earliest}; give it with --in-force {earliest}, or say why it is sooner with "
            "--short-notice REASON"
        )
