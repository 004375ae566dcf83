"""``publisher export``: every version of brands in a period, as issued, with an index.

All of it follows from the archive, except the names of a brand that only has documents, and the two
files of allowed signers and trusted authorities, which come from the working tree. No clock is
read: the same archive and options give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.archive.entries import sha256
from publisher.archive.evidence.bundle import TRUSTED, zipped
from publisher.archive.evidence.export_index import (
    event_rows,
    index_rows,
    index_words,
    manuscript,
)
from publisher.archive.evidence.inventory import Gap, Inventory, Listed, Wanted, inventory
from publisher.archive.fields import EARLIEST, LATEST
from publisher.archive.folder import NAME, sums_bytes
from publisher.archive.get import write_new
from publisher.archive.issued import DOCUMENTS
from publisher.archive.lineage import Lineage
from publisher.archive.trust.trust_files import trusted
from publisher.errors import AskedWrongly, NotInForce, UnknownName
from publisher.files.format import csv_bytes, known_format
from publisher.files.output import is_folder, new_folder, refuse_filled, refuse_own, write_file
from publisher.repository.moment import Moment
from publisher.repository.source import ArchiveFolder, FolderSource, bytes_of

if TYPE_CHECKING:
    from publisher.compose.brands import Progress

INDEX, ROWS, EVENTS = "index.pdf", "index.csv", "events.csv"
"""The files of an export on all others, beside its list of hashes."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The brands, days (both included), languages and formats to export: all by default.

    The index is in `language`. `output` is a new or empty folder, or a file that ends in .zip.
    """

    brands: tuple[str, ...]
    output: Path | str
    since: date | None = None
    until: date | None = None
    locales: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """An export and its place.

    `sha256` is the hash of the zip, or of the folder's list of hashes, which fixes all other files.
    """

    inventories: tuple[Inventory, ...]
    path: Path
    zipped: bool
    files: int
    sha256: str

    @property
    def name(self) -> str:
        """The name of the folder in the zip."""
        first, *others = (part.brand for part in self.inventories)
        return f"{'policies' if others else first}-export"

    @property
    def listed(self) -> tuple[Listed, ...]:
        """The versions in each language, brand by brand."""
        return tuple(one for part in self.inventories for one in part.listed)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps of all brands."""
        return tuple(gap for part in self.inventories for gap in part.gaps)

    @property
    def versions(self) -> tuple[str, ...]:
        """The folders of the versions, brand by brand."""
        return tuple(dict.fromkeys(one.folder for one in self.listed))

    @property
    def redacted(self) -> tuple[str, ...]:
        """The paths of the redacted files, which are left out."""
        return tuple(
            f"{one.folder}/{file.path}"
            for one in self.listed
            for file in one.files
            if file.redacted
        )


def export(root: Path, request: ExportRequest, progress: Progress = lambda *_: None) -> Export:
    """Write every version that was in force in a period, with an index; return what that is.

    Raises `AskedWrongly`, `UnknownName`, `NeverReleased`, `NotInForce`, `ArchiveDamaged`,
    `CannotWrite` and what checking signatures and time-stamps raises; nothing is written then.
    """
    wanted = _wanted(request)
    path = Path(request.output)
    refuse_own(root, path)
    if not _is_zip(path):
        refuse_filled(path)
    lineage = Lineage(ArchiveFolder(root))
    for brand in request.brands:
        if not lineage.archives(brand):
            raise lineage.never_released(brand)
    brands = _once(map(lineage.today, request.brands))
    _refuse_unspoken(lineage, brands, wanted.locales)
    inventories = _inventories(root, lineage, brands, wanted, progress)
    if not any(part.listed for part in inventories):
        raise NotInForce(_nothing(brands, wanted))
    progress(len(brands), len(brands) + 1, INDEX)
    files = _files(lineage, inventories, wanted, request.language)
    return _written(path, inventories, files)


def _wanted(request: ExportRequest) -> Wanted:
    """Return the wanted content; raises `AskedWrongly`, `UnknownName`."""
    since, until = request.since, request.until
    for day in (since, until):
        if day is not None and not EARLIEST <= day.year <= LATEST:
            years = f"{EARLIEST} to {LATEST}"
            raise AskedWrongly(f"{day} is in no year that a policy can be of; give one of {years}")
    if since is not None and until is not None and until < since:
        raise AskedWrongly(f"--since {since} is after --until {until}. Exchange the two")
    formats = tuple(known_format(name, DOCUMENTS) for name in request.formats)
    return Wanted(since, until, *map(_once, (request.locales, formats)))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _refuse_unspoken(lineage: Lineage, brands: Sequence[str], locales: Iterable[str]) -> None:
    """Raise `UnknownName` for a language in which no version of the brands is."""
    ledgers = [lineage.ledger(name) for brand in brands for name in lineage.archives(brand)]
    versions = [version for ledger in ledgers for version in ledger.versions()]
    for locale in locales:
        if not any(lineage.tag(version, locale) for version in versions):
            known = {name for version in versions for name in lineage.locales(version)}
            raise UnknownName("locale", locale, known)


def _inventories(
    root: Path, lineage: Lineage, brands: Sequence[str], wanted: Wanted, progress: Progress
) -> tuple[Inventory, ...]:
    inventories = []
    working = Moment(FolderSource(root), lineage.archive, None, None, committed=False)
    with trusted(working, None, None) as (trust, _):
        for at, brand in enumerate(brands):
            progress(at, len(brands) + 1, brand)
            inventories.append(inventory(root, lineage, trust, brand, wanted))
    return tuple(inventories)


def _nothing(brands: Sequence[str], wanted: Wanted) -> str:
    since = f" from {wanted.since}" if wanted.since else ""
    until = f" until {wanted.until}" if wanted.until else ""
    listed = f"`publisher versions {' '.join(brands)}` lists the periods of all versions"
    return f"no version of {', '.join(brands)} was in force{since}{until}. {listed}"


def _files(
    lineage: Lineage, inventories: Sequence[Inventory], wanted: Wanted, named: str | None
) -> Mapping[str, bytes]:
    """Return the files of an export, by their paths in it."""
    from publisher.render.worker import typeset_apart

    words = index_words(named, inventories, lineage.archive)
    files = {path: data for path in TRUSTED if (data := bytes_of(lineage.archive, path))}
    for part in inventories:
        files |= part.files
    files[INDEX] = typeset_apart(manuscript(inventories, wanted, words))
    files[ROWS] = csv_bytes(index_rows(inventories))
    files[EVENTS] = csv_bytes(event_rows(inventories))
    files[NAME] = sums_bytes(files)
    return files


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and not is_folder(path)


def _written(path: Path, inventories: tuple[Inventory, ...], files: Mapping[str, bytes]) -> Export:
    """Write a zip, or a folder, in one step; raises `AskedWrongly`, `CannotWrite`."""
    is_zip = _is_zip(path)
    written = Export(inventories, path, is_zip, len(files), sha256(files[NAME]))
    if not is_zip:
        with new_folder(path) as folder:
            for name, data in files.items():
                write_file(folder / name, data)
        return written
    newest = (recorded.entry for part in inventories for recorded in part.newest)
    data = zipped(written.name, files, max(entry.recorded_at for entry in newest))
    write_new(path, data)
    return replace(written, sha256=sha256(data))
