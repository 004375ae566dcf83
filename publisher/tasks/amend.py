"""``publisher reschedule`` and ``publisher retire``: new entries about what was released before."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from publisher.archive.timeline import Timeline
from publisher.errors import Refused, UnknownName
from publisher.model.ledger import Release, Reschedule, Retire
from publisher.model.moments import takes_effect
from publisher.tasks.appending import Appended, Appending, Desk, checked_line, checked_text, desk
from publisher.tasks.terms import refuse_short_notice


def reschedule(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    in_force: date,
    reason: str,
    asked: Appending,
    *,
    short_notice: str | None = None,
) -> Appended:
    """Let a version that is not in force yet come into force on another day.

    Raises `Refused` for one that is, or for a day before today or out of the order of versions.
    """
    reason, short_notice = (
        checked_text("--reason", reason),
        checked_line("--short-notice", short_notice),
    )
    with desk(root, brand, asked) as prepared:
        release = _released(prepared, version)
        timeline = prepared.timeline
        start = timeline.start(release)
        today = prepared.now.date()
        if start <= today:
            raise Refused(
                f"version {version} came into force on {start}: that cannot be changed any more; "
                "release a new version"
            )
        if in_force == start:
            raise Refused(f"version {version} comes into force on {start} already")
        _refuse_disorder(prepared, timeline, release, in_force)
        if release.change == "material":
            refuse_short_notice(prepared, in_force, release.published, short_notice)
        entry = Reschedule.model_validate(
            prepared.common
            | {
                "kind": "reschedule",
                "version": version,
                "in_force_from": in_force,
                "instead_of": start,
                "reason": reason,
                "short_notice": short_notice,
            }
        )
        message = f"Reschedule {brand} {version}\n\nIn force from {in_force}: {reason}"
        return prepared.append(entry, message, {})


def retire(  # noqa: PLR0913 - they are the command's options
    root: Path, brand: str, on: date, reason: str, asked: Appending, *, locale: str | None = None
) -> Appended:
    """End a brand's policy, or one locale of it: from the day `on`, it is not in force any more.

    Raises `Refused` for a day before today, or where there is nothing to end.
    """
    reason = checked_text("--reason", reason)
    with desk(root, brand, asked) as prepared:
        newest = next(prepared.ledger.releases(), None)
        if newest is None:
            raise Refused(f"{brand} has no version that could be retired")
        if locale is not None and locale not in newest.locales:
            raise UnknownName("locale", locale, newest.locales)
        if on < prepared.now.date():
            raise Refused(
                f"{on} is past, and what was in force then cannot be changed any more; "
                "give today or a later day with --on"
            )
        moment = takes_effect(on, prepared.now, prepared.timezone)
        ended = prepared.timeline.ended(newest, moment, locale)
        if ended is not None:
            raise Refused(
                f"{brand} is retired from {ended.on} already; a release with --in-force "
                f"{ended.on} or later brings it back"
            )
        entry = Retire.model_validate(
            prepared.common | {"kind": "retire", "locale": locale, "on": on, "reason": reason}
        )
        what = f"{brand} in {locale}" if locale else brand
        return prepared.append(entry, f"Retire {what}\n\nFrom {on}: {reason}", {})


def _released(desk: Desk, version: str) -> Release:
    """Return the released version with an id; raises `UnknownName` and `Refused`."""
    found = desk.ledger.version(version)
    if found is None:
        raise UnknownName("version", version, desk.ledger.version_ids)
    if not isinstance(found, Release):
        raise Refused(
            f"{version} was {found.origin}, not released: only what was released can be rescheduled"
        )
    return found


def _refuse_disorder(desk: Desk, timeline: Timeline, release: Release, in_force: date) -> None:
    """Refuse a day in the past, or one that lets versions come into force out of their order."""
    if in_force < desk.now.date():
        raise Refused(f"{in_force} is past; give today or a later day with --in-force")
    for other in desk.ledger.releases():
        start = timeline.start(other)
        if other.sequence < release.sequence and start > in_force:
            raise Refused(
                f"version {other.version}, released before {release.version}, comes into force on "
                f"{start}; give that day or a later one, or reschedule it first"
            )
        if other.sequence > release.sequence and start < in_force:
            raise Refused(
                f"version {other.version}, released after {release.version}, comes into force on "
                f"{start}; give that day or an earlier one, or reschedule it first"
            )
