"""``publisher reschedule`` and ``publisher retire``: new entries about what was released before.

``publisher redact`` takes a file out of the archive; the ledger keeps the fact, and its hash.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from publisher.archive.entries import Redact, Release, Reschedule, Retire, Version
from publisher.archive.folder import NAME, document_digests, document_names, version_folder
from publisher.archive.moments import takes_effect
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_line,
    checked_text,
    writer,
)
from publisher.archive.release.release import refuse_short_notice
from publisher.archive.timeline import Timeline
from publisher.errors import Refused, UnknownName


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
    """Let a version that is not in force yet come into force on another day.

    Raises `Refused` for one that is, or for a day before today or out of the order of versions.
    """
    reason, short_notice = (
        checked_text("--reason", reason),
        checked_line("--short-notice", short_notice),
    )
    with writer(root, brand, asked) as prepared:
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
    root: Path,
    brand: str,
    on: date,
    reason: str,
    asked: AppendOptions,
    *,
    locale: str | None = None,
) -> AppendResult:
    """End a brand's policy, or one locale of it: from the day `on`, it is not in force any more.

    Raises `Refused` for a day before today, or where there is nothing to end.
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


def _released(writer: LedgerWriter, version: str) -> Release:
    """Return the released version with an id; raises `UnknownName` and `Refused`."""
    found = writer.ledger.version(version)
    if found is None:
        raise UnknownName("version", version, writer.ledger.version_ids)
    if not isinstance(found, Release):
        raise Refused(
            f"{version} was {found.origin}, not released: only what was released can be rescheduled"
        )
    return found


def _refuse_disorder(
    writer: LedgerWriter, timeline: Timeline, release: Release, in_force: date
) -> None:
    """Refuse a day in the past, or one that lets versions come into force out of their order."""
    if in_force < writer.now.date():
        raise Refused(f"{in_force} is past; give today or a later day with --in-force")
    for other in writer.ledger.releases():
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


def redact(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    version: str,
    file: str,
    reason: str,
    authority: str,
    asked: AppendOptions,
) -> AppendResult:
    """Delete a file of a version, and record why, and by whose authority.

    `file` is its path in the version's folder, as ``en/policy.pdf``, or from the workspace. Its
    SHA-256 stays in the version's SHA256SUMS, so that a copy elsewhere can be told to be the one.
    Git's history has its bytes still. Raises `UnknownName`, and `Refused` for one that is redacted
    already.
    """
    reason = checked_text("--reason", reason)
    authority = checked_text("--authority", authority)
    with writer(root, brand, asked) as prepared:
        found = prepared.ledger.version(version)
        if found is None:
            raise UnknownName("version", version, prepared.ledger.version_ids)
        path, digest = _file(prepared, found, file)
        entry = Redact.model_validate(
            prepared.common
            | {
                "kind": "redact",
                "version": version,
                "file": path,
                "digest": digest,
                "reason": reason,
                "authority": authority,
            }
        )
        message = f"Redact {path} of {brand} {version}\n\nBy authority of {authority}: {reason}"
        return prepared.append(entry, message, {})


def _file(writer: LedgerWriter, version: Version, file: str) -> tuple[str, str]:
    """Return a file's path in its version's folder, and its SHA-256."""
    folder = version_folder(writer.brand, version.version)
    path = file.removeprefix("./").removeprefix(f"{folder}/")
    known = document_names(writer.working.archive, version)
    if path not in known:
        kept = f"{NAME} and the ledger stay, as the proof" if path == NAME else ""
        raise Refused(kept) if kept else UnknownName(f"file of {version.version}", path, known)
    for entry in writer.ledger.of(Redact):
        if (entry.version, entry.file) == (version.version, path):
            raise Refused(
                f"{path} of version {version.version} is redacted already, by {entry.name}"
            )
    return path, document_digests(writer.working.archive, version)[path]
