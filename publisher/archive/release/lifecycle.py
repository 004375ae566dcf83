"""``publisher reschedule``, ``retire``, ``correct-clock``, ``redact``: entries about earlier ones.

``redact`` deletes a file from the archive; the ledger keeps a record of it, and its hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.archive.captures import captures
from publisher.archive.entries import Clock, Entry, Redact, Release, Reschedule, Retire, Version
from publisher.archive.fields import CAPTURES
from publisher.archive.folder import NAME, document_digests, document_names, version_folder
from publisher.archive.in_force import one_moment
from publisher.archive.moments import clock, day_in, retired_at, takes_effect
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_line,
    checked_text,
    entries_ahead,
    refuse_year,
    writer,
)
from publisher.archive.release.release import refuse_short_notice, retirement_note
from publisher.archive.store import Addition
from publisher.archive.verify.plausibility import impossible
from publisher.errors import AskedWrongly, Refused, UnknownName

_COMMITS = 100
"""How many of the newest commits show whether the clock of today can be right."""


def reschedule(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    in_force: date,
    reason: str,
    asked: AppendOptions,
    *,
    short_notice: str | None = None,
) -> AppendResult:
    """Let a version that is not in force yet take effect on another day.

    Raises `Refused` for a version in force, and for a day that is past, on which the brand is
    retired, or that would change the order in which versions take effect.
    """
    reason = checked_text("--reason", reason)
    short_notice = checked_line("--short-notice", short_notice)
    with writer(root, brand, asked) as prepared:
        release = _released(prepared, version)
        start = prepared.timeline.start(release)
        if start <= prepared.now.date():
            raise Refused(
                f"version {version} came into force on {start}, and that can no longer change; "
                "release a new version"
            )
        if in_force == start:
            raise Refused(f"version {version} comes into force on {start} already")
        _refuse_disorder(prepared, release, in_force)
        notes = _retirements(prepared, release, in_force)
        if release.change == "material":
            refuse_short_notice(prepared, in_force, release.published, short_notice)
        entry = prepared.entry(
            Reschedule,
            version=version,
            in_force_from=in_force,
            instead_of=start,
            reason=reason,
            short_notice=short_notice,
        )
        message = f"Reschedule {brand} {version}\n\nIn force from {in_force}: {reason}"
        return replace(prepared.append(Addition(entry), message), notes=notes)


def _retirements(writer: LedgerWriter, release: Release, in_force: date) -> tuple[str, ...]:
    """Return which retirements end a version that is to begin on a day.

    Raises `Refused` where one comes first, so that the version would never be in force.
    """
    begins = takes_effect(in_force, writer.now, writer.timezone)
    notes = []
    for end in writer.timeline.retiring(release.sequence, begins):
        if end.locale is None and begins >= retired_at(end):
            raise Refused(
                f"{writer.brand} is retired from {end.on}, by a later entry than version "
                f"{release.version}, so that would never come into force on {in_force}; give a day "
                f"before {end.on}, or release a new version with --in-force {end.on} or later"
            )
        if end.locale in (None, *release.locales):
            notes.append(retirement_note(end, release.version, begins))
    return tuple(notes)


def retire(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    on: date,
    reason: str,
    asked: AppendOptions,
    *,
    locale: str | None = None,
) -> AppendResult:
    """End a brand's policy, or one locale of it, from the day `on`.

    The notes of the result name the versions that were to come into force later. Raises `Refused`
    for a day in the past, and for a brand without a policy to end.
    """
    reason = checked_text("--reason", reason)
    with writer(root, brand, asked) as prepared:
        newest = next(prepared.ledger.releases(), None)
        if newest is None:
            raise Refused(f"{brand} has no version that could be retired")
        if locale is not None and locale not in newest.locales:
            raise UnknownName("locale", locale, newest.locales)
        if on < prepared.now.date():
            raise Refused(
                f"{on} is in the past, and what was in force then can no longer change; "
                "give today or a later day with --on"
            )
        moment = takes_effect(on, prepared.now, prepared.timezone)
        ended = prepared.timeline.ended(newest, moment, locale)
        if ended is not None:
            policy = f"{brand} in {ended.locale}" if ended.locale else brand
            raise Refused(
                f"{policy} is retired from {ended.on} already; a release with --in-force "
                f"{ended.on} or later brings it back"
            )
        entry = prepared.entry(Retire, locale=locale, on=on, reason=reason)
        policy = f"{brand} in {locale}" if locale else brand
        result = prepared.append(Addition(entry), f"Retire {policy}\n\nFrom {on}: {reason}")
        notes = (
            retirement_note(entry, release.version, begins)
            for release in prepared.timeline.upcoming(prepared.now)
            if isinstance(entry, Retire)  # for the checker of types
            and locale in (None, *release.locales)
            and (begins := prepared.timeline.begin(release)) >= moment
        )
        return replace(result, notes=tuple(notes))


def correct_clock(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    times: Sequence[datetime],
    reason: str,
    asked: AppendOptions,
    *,
    in_force: date | None = None,
) -> AppendResult:
    """Record when the newest entries of a brand were really made, if their clock was ahead.

    `times` are the moments, one for each entry that is ahead of `asked.now`, in their order; one
    without a distance from UTC is in the brand's time zone. A release or a retirement that was to
    take effect at once does so at its right time; one for a chosen day keeps that day, unless
    `in_force` names another. Raises `AskedWrongly`, and `Refused` if no entry is ahead, or if the
    times cannot be true.
    """
    reason = checked_text("--reason", reason)
    with writer(root, brand, asked, ahead=True) as prepared:
        ahead = entries_ahead(prepared.ledger, prepared.now)
        _refuse_slow_clock(prepared, ahead)
        if len(times) != len(ahead):
            raise AskedWrongly(
                f"{len(ahead)} of the entries of {brand} are dated later than now, "
                f"{', '.join(entry.name for entry in ahead)}; give --at MOMENT for each, in this "
                "order"
            )
        moments = [one_moment(time, prepared.timezone) for time in times]
        entry = prepared.entry(
            Clock, entries=[*_right_times(prepared, ahead, moments, in_force)], reason=reason
        )
        before = [prepared.ledger.entry(number) for number in range(1, entry.sequence)]
        for _, fault in impossible({one.name: one for one in (*before, entry)}):
            raise Refused(f"{entry.name} {fault}; give other moments with --at, or --in-force DATE")
        message = f"Correct the clock of {brand}, {', '.join(one.name for one in ahead)}"
        return prepared.append(Addition(entry), f"{message}\n\n{reason}")


def _right_times(
    writer: LedgerWriter, ahead: Sequence[Entry], moments: Sequence[datetime], day: date | None
) -> Iterator[dict[str, object]]:
    """Yield the fields on each entry that is ahead.

    Raises `AskedWrongly` for a day of none, and `Refused` for a year of no policy.
    """
    if day is not None:
        refuse_year(day)
    starts = [entry for entry in ahead if isinstance(entry, Release | Retire)]
    if day is not None and len(starts) != 1:
        raise AskedWrongly(
            f"--in-force is for one release or retirement, and the entries have {len(starts)}"
        )
    for entry, moment in zip(ahead, moments, strict=True):
        today = day_in(moment, entry.timezone)
        refuse_year(today)
        at_once = day_in(entry.recorded_at, entry.timezone) == _starts(entry)
        named = day if entry in starts else None
        yield {
            "entry": entry.sequence,
            "digest": writer.ledger.digest(entry.sequence),
            "time": moment.astimezone(ZoneInfo(entry.timezone)),
            "takes_effect": named or (today if at_once else None),
        }


def _starts(entry: Entry) -> date | None:
    """Return the day from which a release, or a retirement, counts."""
    if isinstance(entry, Release):
        return entry.in_force_from
    return entry.on if isinstance(entry, Retire) else None


def _refuse_slow_clock(writer: LedgerWriter, ahead: Sequence[Entry]) -> None:
    """Refuse to correct entries if none is ahead, or if the clock is behind now."""
    if not ahead:
        raise Refused(
            f"no entry of {writer.brand} is dated later than now, "
            f"{clock(writer.now, writer.timezone)} ({writer.timezone}): there is nothing to correct"
        )
    first = ahead[0].recorded_at.timestamp()
    newest = [] if writer.asked.clock_is_right else writer.repository.line(writer.head.commit or "")
    for id in newest[:_COMMITS]:
        stamp = writer.repository.time(id)
        if stamp is not None and writer.now.timestamp() < stamp < first:
            raise Refused(
                f"the clock says {clock(writer.now, writer.timezone)}, and commit {id[:10]}, which "
                f"is older than {ahead[0].name}, is dated "
                f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d %H:%M} UTC; set the clock, or "
                "confirm with --clock-is-right that it is right",
                4,
            )


def _version(writer: LedgerWriter, id: str) -> Version:
    """Return the version with an id; raises `UnknownName`."""
    version = writer.ledger.version(id)
    if version is None:
        raise UnknownName("version", id, writer.ledger.version_ids)
    return version


def _released(writer: LedgerWriter, id: str) -> Release:
    """Return the released version with an id; raises `UnknownName` and `Refused`."""
    version = _version(writer, id)
    if not isinstance(version, Release):
        raise Refused(
            f"{id} was {version.origin}, not released; only a released version can be rescheduled"
        )
    return version


def _refuse_disorder(writer: LedgerWriter, release: Release, in_force: date) -> None:
    """Refuse a day in the past, or one that changes the order in which versions take effect."""
    if in_force < writer.now.date():
        raise Refused(f"{in_force} is in the past; give today or a later day with --in-force")
    for other in writer.ledger.releases():
        start = writer.timeline.start(other)
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


def redact(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    file: str,
    reason: str,
    authority: str,
    asked: AppendOptions,
) -> AppendResult:
    """Delete a file of a version, and record the reason and the authority.

    `file` is its path in the version's folder, as ``en/policy.pdf``, or from the workspace; or
    `version` is ``captures``, and `file` the path of a page that was captured. Its SHA-256 stays in
    the version's SHA256SUMS, or in the capture, so that a copy elsewhere can be recognised. Git's
    history still has its bytes. Raises `UnknownName`, and `Refused` for a redacted file.
    """
    reason = checked_text("--reason", reason)
    authority = checked_text("--authority", authority)
    with writer(root, brand, asked) as prepared:
        if version == CAPTURES:
            version, path, digest = _captured(prepared, file)
        else:
            path, digest = _file(prepared, _version(prepared, version), file)
        entry = prepared.entry(
            Redact, version=version, file=path, digest=digest, reason=reason, authority=authority
        )
        message = f"Redact {path} of {brand} {version}\n\nBy authority of {authority}: {reason}"
        return prepared.append(Addition(entry), message)


def _file(writer: LedgerWriter, version: Version, file: str) -> tuple[str, str]:
    """Return a file's path in its version's folder, and its SHA-256."""
    folder = version_folder(writer.brand, version.version)
    path = file.removeprefix("./").removeprefix(f"{folder}/")
    if path == NAME:
        raise Refused(f"{NAME} and the ledger are the proof, and cannot be redacted")
    known = document_names(writer.working.archive, version)
    if path not in known:
        raise UnknownName(f"file of {version.version}", path, known)
    _refuse_redacted(writer, version.version, path)
    return path, document_digests(writer.working.archive, version)[path]


def _captured(writer: LedgerWriter, file: str) -> tuple[str, str, str]:
    """Return the day of a capture, the path of a file of it, and the file's SHA-256."""
    digests = {
        f"{CAPTURES}/{captured.id}/{name}": digest
        for captured in captures(writer.working.archive, writer.brand)
        for name, digest in captured.files.items()
    }
    path = f"{CAPTURES}/{file.removeprefix(f'{CAPTURES}/')}"
    if path not in digests:
        raise UnknownName("file of a capture", path, digests)
    day = path.split("/")[1][:10]
    _refuse_redacted(writer, day, path)
    return day, path, digests[path]


def _refuse_redacted(writer: LedgerWriter, version: str, path: str) -> None:
    """Refuse a file that an entry took out of the archive already."""
    for entry in writer.ledger.of(Redact):
        if (entry.version, entry.file) == (version, path):
            raise Refused(f"{path} of version {version} is redacted already, by {entry.name}")
