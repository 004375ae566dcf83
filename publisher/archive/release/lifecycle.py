"""``publisher reschedule``, ``retire`` and ``redact``: entries about earlier versions.

``redact`` deletes a file from the archive; the ledger keeps the fact, and the file's hash.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from publisher.archive.captures import captures
from publisher.archive.entries import Redact, Release, Reschedule, Retire, Version
from publisher.archive.fields import CAPTURES
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
from publisher.archive.store import Addition
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
    """Let a version that is not in force yet take effect on another day.

    Raises `Refused` for a version in force, for a day in the past, and for one that would change
    the order in which versions take effect.
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
        return prepared.append(Addition(entry), message)


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

    Raises `Refused` for a day in the past, and for a brand without a policy to end.
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
            raise Refused(
                f"{brand} is retired from {ended.on} already; a release with --in-force "
                f"{ended.on} or later brings it back"
            )
        entry = prepared.entry(Retire, locale=locale, on=on, reason=reason)
        policy = f"{brand} in {locale}" if locale else brand
        return prepared.append(Addition(entry), f"Retire {policy}\n\nFrom {on}: {reason}")


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
    """Delete a file of a version, and record why, and by whose authority.

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
