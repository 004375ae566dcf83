"""``publisher get``: the document that was in force on a day, as it was issued.

``publisher versions`` lists what was released, and when it is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path

from publisher.archive.before_release import claimed
from publisher.archive.entries import Import, Release, Reschedule, Retire, Version, sha256
from publisher.archive.entries import Version as VersionEntry
from publisher.archive.folder import document_names, read_document
from publisher.archive.fork_origins import read_ledger, refuse_unsettled, settled, unsettled
from publisher.archive.in_force import InForce
from publisher.archive.issued import DOCUMENTS, document_path
from publisher.archive.ledger import Ledger
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Asked, Period, Text, When
from publisher.errors import AskedWrongly, CannotWrite, NotInForce, UnknownName
from publisher.files.format import known_format
from publisher.files.output import write_document
from publisher.repository.source import FOLDER, ArchiveFolder


@dataclass(frozen=True, slots=True)
class Got:
    """A document of a version: its bytes, proven to be those that were archived.

    `path` is where it was written; None if it was not. `entry` is the SHA-256 of the ledger's entry
    on it; `moved` the newest entry that rescheduled it, of which the document cannot know. `others`
    are versions that are less certain, and may have been in force, too. `asked` is the day or the
    moment asked about, None for a version asked for by its id; `texts` are all that was, or may
    have been, in force on that day, in its order. `unsettled` says from when on it is not known
    what became of the version: two clones appended to its ledger.
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
    asked: Asked | None = None
    texts: tuple[Text, ...] = ()
    path: Path | None = None
    unsettled: str | None = None


def get(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: When | None = None,
    version: str | None = None,
    locale: str | None = None,
    format: str | None = None,
    output: Path | None = None,
    write: bool = True,
) -> Got:
    """Return a document as it was issued, and write it: that in force on a day, or of a version.

    Of a day, it is the one in force at its end; of today, or without either, the one in force
    `now`. Released versions answer first, then imported, then reconstructed ones. Without `format`,
    it is the PDF, or else the first document that there is. `output` is a file or a folder; without
    it, the file is ``BRAND-VERSION-LOCALE.EXTENSION`` in the working folder. Raises `NotInForce`
    where there is no exact answer, `NeverReleased`, `UnknownName`, `AskedWrongly`, `Redacted`,
    `ArchiveDamaged`, `CannotWrite`; nothing is written then. Where two clones appended to the
    ledger, what stands before that is answered still, and `Forked` raised for the rest.
    """
    format = known_format(format, DOCUMENTS) if format is not None else None
    archive = ArchiveFolder(root)
    lineage = _before_fork(archive, brand, now, on, version)
    known = archived(lineage, brand, now, on, version)
    meant = asked_for(known, on, version, lineage.tags(brand, locale))
    entry, named = meant.version, meant.locale
    chosen = _format(document_names(archive, entry), entry, named, format)
    data = read_document(archive, entry, document_path(named, chosen))
    got = Got(
        entry,
        named,
        settled(known, known.period(entry, named)),
        chosen,
        data,
        sha256(data),
        known.ledger.digest(entry.sequence),
        known.timeline.moved(entry) if isinstance(entry, Release) else None,
        meant.others,
        meant.asked,
        tuple(replace(text, period=settled(known, text.period)) for text in meant.texts),
        unsettled=unsettled(known, entry, named),
    )
    name = f"{entry.brand}-{entry.version}-{named}.{DOCUMENTS[chosen].rpartition('.')[2]}"
    if not write:
        return got
    path = target(root, output, name)
    write_new(path, data)
    return replace(got, path=path)


def _before_fork(
    archive: ArchiveFolder, brand: str, now: datetime, on: When | None, version: str | None
) -> Lineage:
    """Return the archives of a brand before any fork; raises `Forked` where they do not decide."""
    lineage = Lineage(archive, cache(partial(read_ledger, archive, before_fork=True)))
    refuse_unsettled(archive, lineage.chain(brand, now), on, version)
    return lineage


def archived(
    lineage: Lineage, brand: str, now: datetime, on: When | None, version: str | None
) -> InForce:
    """Return what answers for a brand of the archive: on a day, or now, or for a version by its id.

    Raises `AskedWrongly`, `NeverReleased`, `NotInForce`, `ArchiveDamaged`, and `InvalidPolicy`
    where the former names of the brand cannot be true.
    """
    if on is not None and version is not None:
        raise AskedWrongly("give --on DATE or --version ID, not both")
    if version is not None:
        return lineage.having(brand, now, version)
    return lineage.answering(brand, now, on)


@dataclass(frozen=True, slots=True)
class Meant:
    """The version that is asked for, its locale, and what `Got` says of the question."""

    version: Version
    locale: str
    others: tuple[Version, ...] = ()
    asked: Asked | None = None
    texts: tuple[Text, ...] = ()


def asked_for(
    known: InForce, on: When | None, version: str | None, tags: tuple[str | None, ...]
) -> Meant:
    """Return the version that is asked for; raises `AskedWrongly`, `UnknownName`, `NotInForce`.

    `tags` are those of the locale that is asked for: the first one that has an answer counts.
    """
    faults = []
    for tag in tags:
        try:
            return _asked_for(known, on, version, tag)
        except NotInForce as fault:
            faults.append(fault)
    raise faults[0]


def _asked_for(known: InForce, on: When | None, version: str | None, locale: str | None) -> Meant:
    if version is None:
        return _in_force(known, known.asked(on), locale)
    return _named(known.ledger, version, locale)


def _named(ledger: Ledger, version: str, locale: str | None) -> Meant:
    """Return the version with an id, and its locale; raises `UnknownName`, `NotInForce`."""
    found = ledger.version(version)
    if found is None:
        raise UnknownName("version", version, ledger.version_ids)
    return Meant(found, _locale(found, tuple(found.locales), locale))


def _in_force(known: InForce, asked: Asked, locale: str | None) -> Meant:
    """Return what was in force then, and the locale; raises `NotInForce`."""
    found = known.on(asked, locale)
    newest = found[0]
    there = known.spoken(newest, asked)
    if not isinstance(newest, Release):  # each has locales of its own
        spoken = (name for version in found for name in known.spoken(version, asked))
        there = tuple(dict.fromkeys(spoken))
    named = locale or (there[0] if len(there) == 1 else None)
    known.refuse_retired(newest, asked, named)
    earlier = known.earlier(asked, named) if named is not None else ""
    chosen = _locale(newest, there, named, earlier)
    others = tuple(version for version in found[1:] if chosen in known.spoken(version, asked))
    return Meant(newest, chosen, others, asked, known.texts(asked, chosen))


def _locale(version: Version, there: tuple[str, ...], locale: str | None, earlier: str = "") -> str:
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
            f"but in {listed}{earlier}"
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


@dataclass(frozen=True, slots=True)
class BrandVersions:
    """The versions of a brand, of all origins, and the entries that retire it, newest first.

    With each of these is the version that brought the brand back after it, if one did. `notes` say
    what other entries have to do with a version, by the brand's name then and the version's id.
    """

    brand: str
    versions: tuple[Text, ...]
    retirements: tuple[tuple[Retire, str | None], ...]
    notes: Mapping[tuple[str, str], tuple[str, ...]]


def versions(root: Path, now: datetime, brands: Iterable[str] = ()) -> tuple[BrandVersions, ...]:
    """Return the versions of the brands in the archive of the workspace in `root`, or of `brands`.

    Raises `NeverReleased`, `ArchiveDamaged`.
    """
    lineage = Lineage(ArchiveFolder(root))
    wanted = tuple(brands) or lineage.archived
    return tuple(
        _versions(brand, lineage.chain(brand, now))
        for brand in dict.fromkeys(lineage.today(name) for name in wanted)
    )


def _newest_first(ledger: Ledger) -> list[VersionEntry]:
    """Return the released versions, then those from before them, by the days that they claim."""
    releases = [*ledger.releases()]
    others = [each for each in ledger.versions() if not isinstance(each, Release)]
    others.sort(key=lambda each: claimed(each) or date.min, reverse=True)
    return [*releases, *others]


def _versions(brand: str, chain: tuple[InForce, ...]) -> BrandVersions:
    return BrandVersions(
        brand,
        tuple(
            Text(each, known.period(each))
            for known in chain
            for each in _newest_first(known.ledger)
        ),
        tuple(
            (each, known.timeline.back(each)) for known in chain for each in known.ledger.of(Retire)
        ),
        {
            (entry.brand, entry.version): tuple(known.past.notes(entry))
            for known in chain
            for entry in known.ledger.versions()
        },
    )
