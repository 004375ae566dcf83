"""``publisher get``: the document that was in force on a day, as it was issued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from publisher.archive.folder import (
    FOLDER,
    ArchiveFolder,
    archived_brands,
    document_names,
    read_document,
    read_ledger,
)
from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Period
from publisher.errors import AskedWrongly, CannotWrite, NotInForce, UnknownName
from publisher.model.ledger import Import, Release, Reschedule, Version, sha256
from publisher.output import write_document
from publisher.tasks.archived import DOCUMENTS, document_path, with_versions
from publisher.tasks.built import known_format
from publisher.tasks.inforce import InForce


@dataclass(frozen=True, slots=True)
class Got:
    """A document of a version: its bytes, proven to be those that were archived.

    `path` is where it was written; None if it was not. `entry` is the SHA-256 of the ledger's entry
    on it; `moved` the newest entry that rescheduled it, of which the document cannot know. `others`
    are versions that are less certain, and may have been in force on the day, too.
    """

    version: Version
    locale: str
    period: Period
    format: str
    data: bytes
    sha256: str
    entry: str
    moved: Reschedule | None = None
    others: tuple[Version, ...] = ()
    path: Path | None = None


def get(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: date | None = None,
    version: str | None = None,
    locale: str | None = None,
    format: str | None = None,
    output: Path | None = None,
    write: bool = True,
) -> Got:
    """Return a document as it was issued, and write it: that in force on a day, or of a version.

    Without either, it is the one in force `now`. Released versions answer first, then imported,
    then reconstructed ones. Without `format`, it is the PDF, or else the first document that there
    is. `output` is a file or a folder; without it, the file is ``BRAND-VERSION-LOCALE.EXTENSION``
    in the working folder. Raises `NotInForce` where there is no exact answer, `NeverReleased`,
    `UnknownName`, `AskedWrongly`, `Redacted`, `ArchiveDamaged`, `CannotWrite`; nothing is written
    then.
    """
    format = known_format(format, DOCUMENTS) if format is not None else None
    archive = ArchiveFolder(root)
    known = archived(archive, brand, now)
    found, named = asked_for(known, on, version, locale)
    chosen = _format(document_names(archive, found[0]), found[0], named, format)
    data = read_document(archive, found[0], document_path(named, chosen))
    got = Got(
        found[0],
        named,
        known.period(found[0], named),
        chosen,
        data,
        sha256(data),
        known.ledger.digest(found[0].sequence),
        known.timeline.moved(found[0]) if isinstance(found[0], Release) else None,
        tuple(each for each in found[1:] if named in each.locales),
    )
    name = f"{brand}-{found[0].version}-{named}.{DOCUMENTS[chosen].rpartition('.')[2]}"
    if not write:
        return got
    path = target(root, output, name)
    write_new(path, data)
    return replace(got, path=path)


def archived(archive: ArchiveFolder, brand: str, now: datetime) -> InForce:
    """Return what answers for a brand of the archive; raises `NeverReleased`, `ArchiveDamaged`."""
    with_versions(archived_brands(archive), (brand,))
    return InForce(read_ledger(archive, brand), now)


def asked_for(
    known: InForce, on: date | None, version: str | None, locale: str | None
) -> tuple[tuple[Version, ...], str]:
    """Return the version that is asked for, with others that claim the day, and the locale.

    Raises `AskedWrongly`, `UnknownName`, `NotInForce`.
    """
    if on is not None and version is not None:
        raise AskedWrongly("give --on DATE or --version ID, not both")
    if version is None:
        return _in_force(known, on, locale)
    return _named(known.ledger, version, locale)


def _named(ledger: Ledger, version: str, locale: str | None) -> tuple[tuple[Version, ...], str]:
    """Return the version with an id, and its locale; raises `UnknownName`, `NotInForce`."""
    found = ledger.version(version)
    if found is None:
        raise UnknownName("version", version, ledger.version_ids)
    return (found,), _locale(found, tuple(found.locales), locale)


def _in_force(
    known: InForce, on: date | None, locale: str | None
) -> tuple[tuple[Version, ...], str]:
    """Return what was in force on a day, or now, and the locale; raises `NotInForce`."""
    found = known.on(on, locale)
    newest = found[0]
    there = known.spoken(newest, on)
    if not isinstance(newest, Release):  # each has locales of its own
        spoken = (name for each in found for name in each.locales)
        there = tuple(dict.fromkeys(spoken))
    named = locale or (there[0] if len(there) == 1 else None)
    known.refuse_retired(newest, on, named)
    return found, _locale(newest, there, named)


def _locale(version: Version, there: tuple[str, ...], locale: str | None) -> str:
    """Return the locale that was asked for, or the only one; raises `NotInForce`."""
    listed = ", ".join(version.locales)
    if locale is None:
        if len(there) > 1:
            raise AskedWrongly(
                f"version {version.version} of {version.brand} was published in "
                f"{', '.join(there)}; name one with --locale"
            )
        return there[0]
    if locale not in version.locales:
        raise NotInForce(
            f"version {version.version} of {version.brand} was not published in {locale}, "
            f"but in {listed}"
        )
    return locale


def _format(names: tuple[str, ...], version: Version, locale: str, format: str | None) -> str:
    """Return the format that is meant; raises `AskedWrongly` where there is no such document."""
    there = [each for each in DOCUMENTS if document_path(locale, each) in names]
    if format is None:
        return next(iter(there), "pdf")
    if names and format not in there:
        of = "imported" if isinstance(version, Import) else "published"
        raise AskedWrongly(
            f"version {version.version} of {version.brand} was not {of} as {format}; it has "
            f"{', '.join(there)}"
        )
    return format


def target(root: Path, output: Path | None, name: str) -> Path:
    """Return where to write; raises `AskedWrongly` for a place in the archive."""
    path = Path(name) if output is None else output / name if output.is_dir() else output
    if path.resolve().is_relative_to(root.resolve() / FOLDER):
        raise AskedWrongly(f"{path} is in the archive, where nothing is written; name another")
    return path


def write_new(path: Path, data: bytes) -> None:
    """Write a file; another one is not overwritten."""
    if not path.is_file():
        write_document(path, data)
        return
    try:
        same = path.read_bytes() == data
    except OSError as fault:
        raise CannotWrite(str(path), (fault.strerror or str(fault)).lower()) from fault
    if not same:
        raise AskedWrongly(f"{path} is there already, and is another file; name another")
