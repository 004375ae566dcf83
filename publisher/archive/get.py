"""``publisher get``: the document that was in force on a day, as it was issued.

``publisher versions`` lists what was released, and when it is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from publisher.archive.before_release import claimed
from publisher.archive.entries import (
    Import,
    Reconstruct,
    Release,
    Reschedule,
    Retire,
    Version,
    sha256,
)
from publisher.archive.folder import document_names, read_document
from publisher.archive.fork_origins import refuse_unsettled, settled, unsettled
from publisher.archive.in_force import InForce
from publisher.archive.issued import DOCUMENTS, archived_dating, archived_policy, document_path
from publisher.archive.ledger import Ledger
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Asked, Period, Text, When
from publisher.errors import AskedWrongly, NotInForce, UnknownName
from publisher.files.format import DOCX, known_format
from publisher.files.output import cannot_write, file_in, write_document
from publisher.problem import Problem
from publisher.repository.source import ArchiveFolder, FolderSource, Source


@dataclass(frozen=True, slots=True)
class Meant:
    """The version that is asked for, and its locale.

    `others` are versions that are less certain, and may have been in force, too. `asked` is the day
    or the moment asked about, None for a version asked for by its id; `texts` are all that was, or
    may have been, in force on that day, in its order.
    """

    version: Version
    locale: str
    others: tuple[Version, ...] = ()
    asked: Asked | None = None
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Got(Meant):
    """A document of a version: its bytes, proven to be those that were archived.

    `path` is where it was written; None if it was not. `entry` is the SHA-256 of the ledger's entry
    on it; `moved` the newest entry that rescheduled it, which is later than the document.
    `unsettled` says from when on nobody knows what became of the version: two clones appended to
    its ledger. `derived` says in the document's language that it was made just now from the
    archived text, and never issued: the end of its name.
    """

    period: Period
    format: str
    data: bytes
    sha256: str
    entry: str
    moved: Reschedule | None
    unsettled: str | None
    path: Path | None = None
    derived: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the archive of a brand at the moment `now`, and where the answer goes.

    It is asked for the version in force on a day or at a moment, or for a `version` by its id; for
    neither, it answers with the one in force `now`. `output` is a file or a folder.
    """

    brand: str
    now: datetime
    on: When | None = None
    version: str | None = None
    locale: str | None = None
    output: Path | str | None = None
    write: bool = True


def get(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: When | None = None,
    version: str | None = None,
    locale: str | None = None,
    format: str | None = None,
    output: Path | str | None = None,
    write: bool = True,
) -> Got:
    """Return a document as it was issued, and write it: that in force on a day, or of a version.

    For a day, it is the one in force at its end; for today, or without either, the one in force
    `now`. Released versions come first, then imported, then reconstructed ones. Without `format`,
    it is the PDF, or the first other document that the version has. A Word document that it does
    not have is made from its text, and says so. `output` is a file or a folder; without it, the
    file is ``BRAND-VERSION-LOCALE.EXTENSION`` in the working folder. Raises `NotInForce` if there
    is no exact answer, `NeverReleased`, `UnknownName`, `AskedWrongly`, `Redacted`,
    `ArchiveDamaged`, `CannotWrite`; nothing is written then. If two clones appended to the ledger,
    it answers questions that the earlier entries decide, and raises `Forked` for others.
    """
    format = known_format(format, DOCUMENTS) if format is not None else None
    request = Request(brand, now, on, version, locale, output, write)
    archive = ArchiveFolder(root)
    lineage = Lineage(archive, before_fork=True)
    refuse_unsettled(archive, lineage.chain(brand, now), on, version)
    known = archived(lineage, request)
    meant = asked_for(known, request, lineage.tags(brand, locale))
    got = _document(root, archive, known, meant, format)
    ending = DOCUMENTS[got.format].rpartition(".")[2]
    name = f"{got.version.brand}-{got.version.version}-{got.locale}"
    name += f"-{got.derived}" if got.derived else ""
    return replace(got, path=write_answer(root, request, f"{name}.{ending}", got.data))


def _document(root: Path, archive: Source, known: InForce, meant: Meant, format: str | None) -> Got:
    """Return the document that is asked for, as the entries before any fork know it."""
    version, locale = meant.version, meant.locale
    names = document_names(archive, version)
    derived = ""
    if format == DOCX.name and names and document_path(locale, format) not in names:
        data, derived = _for_word(root, archive, version, locale)
    else:
        format = _format(names, version, locale, format)
        data = read_document(archive, version, document_path(locale, format))
    return Got(
        version,
        locale,
        meant.others,
        meant.asked,
        tuple(replace(text, period=settled(known, text.period)) for text in meant.texts),
        period=settled(known, known.period(version, locale)),
        format=format,
        data=data,
        sha256=sha256(data),
        entry=known.ledger.digest(version.sequence),
        moved=known.timeline.moved(version) if isinstance(version, Release) else None,
        unsettled=unsettled(known, version, locale),
        derived=derived,
    )


def _for_word(root: Path, archive: Source, version: Version, locale: str) -> tuple[bytes, str]:
    """Return a Word document made from a version's text, and the end of its file's name.

    It has the look that the brand has today. Raises `AskedWrongly` if the version has no text,
    `Redacted`, `ArchiveDamaged`, `InvalidPolicy` where the brand's theme cannot be used.
    """
    from publisher.render.documents import style_today
    from publisher.render.languages import labels_of
    from publisher.render.word import docx

    policy = archived_policy(archive, version, locale)
    dating = archived_dating(archive, version, locale)
    source = "" if isinstance(version, Import) else version.source
    if isinstance(version, Reconstruct | Import):
        dating = replace(dating, commit=source, recorded=version.recorded_at.date())
    style = style_today(FolderSource(root), (version.brand,), locale)
    return docx(policy, dating, style, source), labels_of(policy)["derived_name"]


def archived(lineage: Lineage, request: Request) -> InForce:
    """Return the archive that answers for a brand: on a day, or now, or for a version by its id.

    Raises `AskedWrongly`, `NeverReleased`, `NotInForce`, `ArchiveDamaged`, and `InvalidPolicy`
    where the former names of the brand cannot be true.
    """
    if request.on is not None and request.version is not None:
        raise AskedWrongly("give --on DATE or --version ID, not both")
    if request.version is not None:
        return lineage.having(request.brand, request.now, request.version)
    return lineage.answering(request.brand, request.now, request.on)


def asked_for(known: InForce, request: Request, tags: tuple[str | None, ...]) -> Meant:
    """Return the version that is asked for; raises `AskedWrongly`, `UnknownName`, `NotInForce`.

    `tags` are those of the locale that is asked for: the first one that has an answer counts.
    """
    faults = []
    for tag in tags:
        try:
            if request.version is not None:
                return _named(known.ledger, request.version, tag)
            return _in_force(known, known.asked(request.on), tag)
        except NotInForce as fault:
            faults.append(fault)
    raise faults[0]


def _named(ledger: Ledger, version: str, locale: str | None) -> Meant:
    """Return the version with an id, and its locale; raises `UnknownName`, `NotInForce`."""
    entry = ledger.version(version)
    if entry is None:
        raise UnknownName("version", version, ledger.version_ids)
    return Meant(entry, _locale(entry, tuple(entry.locales), locale))


def _in_force(known: InForce, asked: Asked, locale: str | None) -> Meant:
    """Return what was in force then, and the locale; raises `NotInForce`."""
    candidates = known.on(asked, locale)
    newest = candidates[0]
    locales = known.spoken(newest, asked)
    if not isinstance(newest, Release):  # each has locales of its own
        spoken = (name for version in candidates for name in known.spoken(version, asked))
        locales = tuple(dict.fromkeys(spoken))
    named = locale or (locales[0] if len(locales) == 1 else None)
    known.refuse_retired(newest, asked, named)
    earlier = known.earlier(asked, named) if named is not None else ""
    chosen = _locale(newest, locales, named, earlier)
    others = tuple(version for version in candidates[1:] if chosen in known.spoken(version, asked))
    return Meant(newest, chosen, others, asked, known.texts(asked, chosen))


def _locale(
    version: Version, locales: tuple[str, ...], locale: str | None, earlier: str = ""
) -> str:
    """Return the locale that was asked for, or the only one; raises `NotInForce`."""
    listed = ", ".join(version.locales)
    if locale is None:
        if len(locales) > 1:
            raise AskedWrongly(
                f"version {version.version} of {version.brand} was published in "
                f"{', '.join(locales)}; name one with --locale"
            )
        return locales[0]
    if locale not in version.locales:
        raise NotInForce(
            f"version {version.version} of {version.brand} was not published in {locale}, "
            f"but in {listed}{earlier}"
        )
    return locale


def _format(names: tuple[str, ...], version: Version, locale: str, format: str | None) -> str:
    """Return the format that is meant; raises `AskedWrongly` if the version does not have it."""
    formats = [name for name in DOCUMENTS if document_path(locale, name) in names]
    if format is None:
        return next(iter(formats), "pdf")
    if names and format not in formats:
        of = "imported" if isinstance(version, Import) else "published"
        raise AskedWrongly(
            f"version {version.version} of {version.brand} was not {of} as {format}; it has "
            f"{', '.join(formats)}"
        )
    return format


def write_answer(root: Path, request: Request, name: str, data: bytes) -> Path | None:
    """Write a file where the request says, by default under its name in the working folder.

    Returns the path, None if nothing is to be written. Raises `AskedWrongly` for a path in a folder
    of the company's own, and for another file there; `CannotWrite`.
    """
    if not request.write:
        return None
    path = file_in(root, request.output, name)
    write_new(path, data)
    return path


def write_new(path: Path, data: bytes) -> None:
    """Write a file; raises `AskedWrongly` rather than overwrite another one, and `CannotWrite`."""
    if not path.is_file():
        write_document(path, data)
        return
    try:
        same = path.read_bytes() == data
    except OSError as fault:
        raise cannot_write(fault, path) from fault
    if not same:
        raise AskedWrongly(f"{path} exists already, and is a different file; name another")


@dataclass(frozen=True, slots=True)
class BrandVersions:
    """The versions of a brand, of all origins, and the entries that retire it, newest first.

    Each retirement comes with the version that brought the brand back, if one did. `notes` say how
    other entries concern a version, by the brand's name then and the version's id.
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


def versions_elsewhere(root: Path) -> tuple[Problem, ...]:
    """Return a warning for each brand whose versions only another branch, or a tag, has."""
    return tuple(Lineage(ArchiveFolder(root)).unmerged())


def _newest_first(ledger: Ledger) -> list[Version]:
    """Return the released versions, then earlier ones, by the days that they claim."""
    releases = [*ledger.releases()]
    others = [version for version in ledger.versions() if not isinstance(version, Release)]
    others.sort(key=lambda version: claimed(version) or date.min, reverse=True)
    return [*releases, *others]


def _versions(brand: str, chain: tuple[InForce, ...]) -> BrandVersions:
    return BrandVersions(
        brand,
        tuple(
            Text(entry, known.period(entry))
            for known in chain
            for entry in _newest_first(known.ledger)
        ),
        tuple(
            (entry, known.timeline.back(entry))
            for known in chain
            for entry in known.ledger.of(Retire)
        ),
        {
            (entry.brand, entry.version): tuple(known.past.notes(entry))
            for known in chain
            for entry in known.ledger.versions()
        },
    )
