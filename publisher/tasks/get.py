"""``publisher get``: the document that was in force on a day, as it was issued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from publisher.archive.folder import (
    FOLDER,
    ArchiveFolder,
    archived_brands,
    read_document,
    read_ledger,
)
from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Period, Timeline, When
from publisher.errors import AskedWrongly, CannotWrite, NotInForce, UnknownName
from publisher.model.ledger import Release, Reschedule, sha256
from publisher.output import write_document
from publisher.tasks.archived import with_versions
from publisher.tasks.built import FORMATS, file_name, known_format
from publisher.tasks.inforce import refuse_retired, version_on


@dataclass(frozen=True, slots=True)
class Got:
    """A document of a version: its bytes, proven to be those that were released.

    `path` is where it was written; None if it was not. `entry` is the SHA-256 of the ledger's entry
    on it; `moved` the newest entry that rescheduled it, of which the document cannot know.
    """

    release: Release
    locale: str
    period: Period
    data: bytes
    sha256: str
    entry: str
    moved: Reschedule | None = None
    path: Path | None = None


def get(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: date | None = None,
    version: str | None = None,
    locale: str | None = None,
    format: str = "pdf",
    output: Path | None = None,
    write: bool = True,
) -> Got:
    """Return a document as it was issued, and write it: that in force on a day, or of a version.

    Without either, it is the one in force `now`. `output` is a file or a folder; without it, the
    file is ``BRAND-VERSION-LOCALE.EXTENSION`` in the working folder. Raises `NotInForce` where
    there is no exact answer, `NeverReleased`, `UnknownName`, `AskedWrongly`, `ArchiveDamaged`,
    `CannotWrite`; nothing is written then.
    """
    if on is not None and version is not None:
        raise AskedWrongly("give --on DATE or --version ID, not both")
    format = known_format(format)
    archive = ArchiveFolder(root)
    with_versions(archived_brands(archive), (brand,))
    ledger = read_ledger(archive, brand)
    timeline = Timeline(ledger)
    release, named = (
        _in_force(ledger, timeline, now, on, locale)
        if version is None
        else _named(ledger, version, locale)
    )
    data = read_document(archive, release, file_name(named, format))
    got = Got(
        release,
        named,
        timeline.period(release, now, named),
        data,
        sha256(data),
        ledger.digest(release.sequence),
        timeline.moved(release),
    )
    name = f"{brand}-{release.version}-{named}.{FORMATS[format]}"
    return _written(got, _target(root, output, name)) if write else got


def _named(ledger: Ledger, version: str, locale: str | None) -> tuple[Release, str]:
    """Return the version with an id, and its locale; raises `UnknownName`, `NotInForce`."""
    release = ledger.version(version)
    if release is None:
        raise UnknownName("version", version, ledger.version_ids)
    return release, _locale(release, locale)


def _in_force(
    ledger: Ledger, timeline: Timeline, now: datetime, on: date | None, locale: str | None
) -> tuple[Release, str]:
    """Return the version in force on a day, or now, and its locale; raises `NotInForce`."""
    release = version_on(ledger, timeline, now, on)
    when: When = now if on is None else on
    named = locale or _only_one(timeline, release, when)
    refuse_retired(timeline, release, when, named)
    return release, _locale(release, named)


def _only_one(timeline: Timeline, release: Release, when: When) -> str | None:
    """Return the locale of a version that is in force, if there is one alone."""
    there = [name for name in release.locales if timeline.ended(release, when, name) is None]
    return there[0] if len(there) == 1 else None


def _locale(release: Release, locale: str | None) -> str:
    """Return the locale that was asked for, or the only one; raises `NotInForce`."""
    listed = ", ".join(release.locales)
    if locale is None:
        if len(release.locales) > 1:
            raise AskedWrongly(
                f"version {release.version} of {release.brand} was published in {listed}; "
                "name one with --locale"
            )
        return next(iter(release.locales))
    if locale not in release.locales:
        raise NotInForce(
            f"version {release.version} of {release.brand} was not published in {locale}, "
            f"but in {listed}"
        )
    return locale


def _target(root: Path, output: Path | None, name: str) -> Path:
    """Return where to write; raises `AskedWrongly` for a place in the archive."""
    path = Path(name) if output is None else output / name if output.is_dir() else output
    if path.resolve().is_relative_to(root.resolve() / FOLDER):
        raise AskedWrongly(f"{path} is in the archive, where nothing is written; name another")
    return path


def _written(got: Got, path: Path) -> Got:
    """Write a document; another file is not overwritten."""
    if path.is_file():
        try:
            same = path.read_bytes() == got.data
        except OSError as fault:
            raise CannotWrite(str(path), (fault.strerror or str(fault)).lower()) from fault
        if not same:
            raise AskedWrongly(f"{path} is there already, and is another file; name another")
    else:
        write_document(path, got.data)
    return replace(got, path=path)
