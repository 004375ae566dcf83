"""``publisher site``: the public pages of each brand, written so that no address is ever lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path

from publisher.archive.entries import Version, sha256
from publisher.archive.folder import read_document
from publisher.archive.in_force import InForce
from publisher.archive.lineage import Lineage
from publisher.archive.moments import day_in, last_moment
from publisher.errors import AskedWrongly, InvalidPolicy
from publisher.files.cache import Cache
from publisher.files.output import refuse_own, write_folder
from publisher.render.style import plain_style, style_of
from publisher.repository.source import ArchiveFolder, FolderSource, Source, read_output
from publisher.site.changes import Comparing
from publisher.site.contents import Look, read_site
from publisher.site.feeds import HOSTS, SUMS, machine_files
from publisher.site.pages import Pages
from publisher.site.values import BrandSite, Document
from publisher.site.versions_file import NAME, SiteListed, read_versions_file, versions_file
from publisher.workspace import brands_in, parsed_brand
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Parsed
from publisher.workspace.scalars import is_web_folder

Progress = Callable[[int, int, str], None]
_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """The site of a brand, as it was written: `files` are all, `written` the new or changed ones.

    `next_build` is the day from which its content is different, and `because` why. `notes` say what
    is missing in it.
    """

    brand: str
    folder: Path
    versions: int
    files: int
    written: int
    next_build: date | None
    because: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SitesBuilt:
    """The sites that were written, and the brands that were skipped, having no release."""

    sites: tuple[BuiltSite, ...]
    passed_over: tuple[str, ...]


def site(  # noqa: PLR0913 - they are the command's options
    root: Path,
    output: Path,
    now: datetime,
    *,
    brands: Iterable[str] = (),
    on: date | None = None,
    base_url: str | None = None,
    default_url: str | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> SitesBuilt:
    """Write the sites of the brands in the archive of the workspace in `root`, or of `brands`.

    Each is a folder below `output`. `on` is the day that they show (default: `now`). `base_url` is
    where `output` is served; without it, each brand's file says where its folder is, or
    `default_url` stands in for `base_url`. Everything is made before anything is written.

    Raises `NeverReleased` for a brand that was named and has no release, `ArchiveDamaged`,
    `AskedWrongly`, `InvalidPolicy`, `CannotWrite`.
    """
    refuse_own(root, output)
    lineage = Lineage(ArchiveFolder(root))
    source = FolderSource(root)
    wanted, passed_over = _wanted(lineage, tuple(brands))
    for brand in wanted:
        refuse_own(root, output / brand)
    looks = {brand: _look(source, brand, base_url, default_url) for brand in wanted}
    _refuse_shared_address(looks)
    comparing = Comparing(cache or Cache(None))
    planned = []
    for at, brand in enumerate(wanted):
        if progress is not None:
            progress(at, len(wanted), brand)
        moment = _moment(lineage, brand, now, on)
        shown = read_site(lineage, brand, moment, looks[brand])
        planned.append(_planned(lineage.archive, shown, Pages(shown, comparing), output / brand))
    comparing.cache.trim()
    return SitesBuilt(tuple(plan.write() for plan in planned), passed_over)


def _wanted(lineage: Lineage, named: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the brands to build, by their names of today, and those that have no release.

    Raises `NeverReleased` for one of these that was named.
    """
    for name in named:
        if not any(True for _ in lineage.releases(name)):
            raise lineage.never_released(name)
    if named:
        return tuple(dict.fromkeys(lineage.today(name) for name in named)), ()
    known = dict.fromkeys((*lineage.brands, *(lineage.today(name) for name in lineage.archived)))
    released = tuple(name for name in known if any(True for _ in lineage.releases(name)))
    return released, tuple(name for name in known if name not in released)


def _moment(lineage: Lineage, brand: str, now: datetime, on: date | None) -> datetime:
    """Return the moment that a site shows: now, or the last one of a day.

    Raises `AskedWrongly` before the first release.
    """
    chain: tuple[InForce, ...] = lineage.chain(brand, now)
    moment = now if on is None else last_moment(on, chain[0].timeline.zone(on))
    first = next((known.timeline.earliest for known in reversed(chain)), None)
    if first is not None and first.recorded_at > moment:
        cure = "Give a later day with --on" if on is not None else "Set this machine's clock right"
        raise AskedWrongly(
            f"on {on or now.date()}, {brand} had no release yet: the first is from "
            f"{first.published}. {cure}. Nothing was written"
        )
    return moment


def _look(source: Source, brand: str, base_url: str | None, default_url: str | None) -> Look:
    """Return the look and the address of a brand of the workspace; a plain look for one that left.

    Raises `InvalidPolicy`, and `AskedWrongly` if the address is unknown.
    """
    given = f"{checked_address(base_url)}{brand}/" if base_url is not None else None
    default = f"{checked_address(default_url)}{brand}/" if default_url is not None else None
    if brand not in brands_in(source):
        return Look(given or default, None, plain_style())
    parsed: Parsed[Brand] = parsed_brand(source, brand)
    if parsed.value is None:
        raise InvalidPolicy(parsed.problems)
    address = given or parsed.value.site.base_url or default
    if address is None:
        raise AskedWrongly(
            f"{parsed.path} does not say where the site of {brand} is served. Write "
            "`site: {base_url: https://…/}` there, or give --base-url. Nothing was written"
        )
    return Look(address, parsed.value.domain, style_of(source, parsed, past=True))


def checked_address(base_url: str) -> str:
    """Return an address that the user typed, with a slash at the end; raises `AskedWrongly`."""
    if not is_web_folder(base_url):
        raise AskedWrongly(
            f"--base-url takes an address such as https://example.com/privacy/, not '{base_url}'"
        )
    return f"{base_url.rstrip('/')}/"


def _refuse_shared_address(looks: Mapping[str, Look]) -> None:
    """Raise `AskedWrongly` if two brands would have their pages at one address."""
    for (one, first), (other, second) in combinations(looks.items(), 2):
        if first.base_url is not None and first.base_url == second.base_url:
            raise AskedWrongly(
                f"{one} and {other} have the same address, {first.base_url}. Give each brand a "
                "`site.base_url` of its own. Nothing was written"
            )


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A file of the archive that is served as it is."""

    archive: Source
    version: Version
    document: Document

    def read(self) -> bytes:
        """Return its bytes, verified once more; raises `ArchiveDamaged`."""
        return read_document(self.archive, self.version, self.document.path)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A site that is ready to be written: what `changed`, and the files of the last one to delete.

    `files` counts all that it has.
    """

    site: BrandSite
    folder: Path
    files: int
    changed: Mapping[str, bytes]
    removed: tuple[str, ...]

    def write(self) -> BuiltSite:
        """Write what differs from what is there, in one step; a link stays, and leads there."""
        if self.changed or self.removed:
            write_folder(Path(os.path.realpath(self.folder)), self.changed, self.removed)
        site = self.site
        return BuiltSite(
            site.brand,
            self.folder,
            len({version.id for _, version in site.versions()}),
            self.files,
            len(self.changed),
            site.next_build,
            site.because,
            tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        """Yield what is missing, and the sites of former names that are no longer built."""
        if self.site.base_url is None:
            lacks = "the sitemap and the TimeMap are left out: no address is known for the site"
            yield f"{lacks}. Give --base-url"
        for name in self.site.heads:
            former = self.folder.with_name(name)
            if former != self.folder and (former / NAME).is_file():
                yield (
                    f"{former} is the site of the former name {name}, and is unchanged. Redirect "
                    f"its addresses to the same ones of {self.site.brand}, and delete it"
                )


def _planned(archive: Source, site: BrandSite, pages: Pages, folder: Path) -> _Planned:
    """Return a site with all its files, and which of them differ from what is there.

    Raises `AskedWrongly` if two files would have one address, or an address would be lost.
    """
    before = read_versions_file(folder)
    files: dict[str, bytes | _Frozen] = {}
    taken: dict[str, str] = {}
    for path, data in _files(archive, pages):
        _refuse_collision(site.brand, taken, path)
        files[path] = data
    addresses = {address_of(path) for path in files if path not in HOSTS}
    removed = _removed(folder, before, addresses) if before is not None else ()
    files[NAME] = versions_file(site, addresses)
    changed = {}
    for path, data in files.items():
        there = read_output(folder / path)
        if isinstance(data, bytes):
            if there != data:
                changed[path] = data
        elif there is None or sha256(there) != data.document.sha256:
            changed[path] = data.read()
    return _Planned(site, folder, len(files), changed, removed)


def _files(archive: Source, pages: Pages) -> Iterator[tuple[str, bytes | _Frozen]]:
    """Yield all files of a site except ``versions.json``, by their paths."""
    for path, page in pages.all():
        yield path if path.endswith(".html") else f"{path}{_INDEX}", page
    yield from machine_files(pages)
    for _, version in pages.site.versions():
        yield f"{version.folder}{SUMS}", version.sums
        for document in version.documents:
            if document.redaction is None:
                frozen = _Frozen(archive, version.version, document)
                yield f"{version.folder}{document.name}", frozen


def address_of(path: str) -> str:
    """Return the address of a file, from the brand's folder."""
    return path.removesuffix(_INDEX) if path.endswith(f"/{_INDEX}") or path == _INDEX else path


def _refuse_collision(brand: str, taken: dict[str, str], path: str) -> None:
    """Raise `AskedWrongly` for an address that another file has, also where case does not count."""
    other = taken.setdefault(path.casefold(), path)
    if len(taken) and other is not path:
        raise AskedWrongly(
            f"two pages of {brand} would have the address {address_of(path)}: versions of its "
            "former names have the same id, or tags of locales differ in case only. Nothing was "
            "written"
        )


def _removed(folder: Path, before: SiteListed, addresses: set[str]) -> tuple[str, ...]:
    """Return the files of the last build whose address now belongs to a page: redacted files.

    Raises `AskedWrongly` if an address would be lost.
    """
    there = {address.rstrip("/") for address in addresses}
    lost = [
        address
        for address in before.addresses
        if address.rstrip("/") not in there and address != NAME
    ]
    if lost:
        more = f" and {len(lost) - 1} more" if lost[1:] else ""
        raise AskedWrongly(
            f"{folder} has {lost[0]}{more}, and the new site would not: links to it would break. "
            "Restore what the archive or brand.yaml had then, or write to another folder "
            "with --output. Nothing was written"
        )
    return tuple(
        address
        for address in before.addresses
        if address not in addresses and not address.endswith("/") and address != NAME
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A brand whose site must be built again, and why."""

    brand: str
    because: str


def due(root: Path, output: Path, now: datetime, brands: Iterable[str] = ()) -> tuple[Due, ...]:
    """Return the sites below `output` that are out of date.

    A site is due once its next day has come, or its archive has a new entry. Raises what `site`
    does.
    """
    lineage = Lineage(ArchiveFolder(root))
    late = []
    for brand in _wanted(lineage, tuple(brands))[0]:
        listed = read_versions_file(output / brand)
        chain = lineage.chain(brand, now)
        zone = chain[0].timeline.zone(now.date())
        heads = {known.ledger.brand: known.ledger.head or "" for known in chain}
        if listed is None:
            late.append(Due(brand, "it was never built"))
        elif listed.heads != heads:
            late.append(Due(brand, "its archive has entries that the site does not show"))
        elif listed.next_build is not None and listed.next_build <= day_in(now, zone):
            late.append(Due(brand, f"the day {listed.next_build} has come"))
    return tuple(late)
