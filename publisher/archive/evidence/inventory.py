"""What the archive has of a brand in a period: versions by language, gaps, and what came later.

It follows from the archive alone: a period is over, open, or still to come as of the newest entry
of the ledger. Everything is checked: chains, signatures, time-stamps, captures, and all documents
of each listed version, wanted or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from publisher.archive.captures import (
    RECORD,
    capture_files,
    capture_folder,
    read_record,
)
from publisher.archive.entries import (
    Absence,
    Capture,
    Clock,
    Endorse,
    Entry,
    Notified,
    Redact,
    Reschedule,
    Retire,
    Timestamp,
    Version,
)
from publisher.archive.evidence.bundle import (
    chain_files,
    controllers_of,
    covering,
    subject_of,
    version_files,
)
from publisher.archive.evidence.values import File, Recorded, Subject
from publisher.archive.fields import CAPTURES
from publisher.archive.folder import read_recorded, version_folder
from publisher.archive.in_force import InForce
from publisher.archive.issued import DOCUMENTS, document_path
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Period, first_moment, next_day, retired_at
from publisher.archive.trust.trust_files import Trust
from publisher.archive.verify.attachments import check_attachments
from publisher.errors import ArchiveDamaged

_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list of a brand: the days of a period, both included, languages and formats.

    A bound that is None is open; without languages, or formats, all are wanted.
    """

    since: date | None = None
    until: date | None = None
    locales: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in one language: when it was in force, its files, and what proves its entry.

    `locale` is today's tag of the language, `tag` the one in the version. `files` are those of the
    wanted formats; `paths` are all that the version has in the language. `stamps` are the
    time-stamps that prove its entry, the earliest first. `notes` say how other entries concern it.
    """

    version: Version
    locale: str
    tag: str
    period: Period
    files: tuple[File, ...]
    paths: tuple[str, ...]
    entry: Recorded
    stamps: tuple[Timestamp, ...]
    notes: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The folder of the version."""
        return version_folder(self.version.brand, self.version.version)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the archive has no version in a language; `ends` is None if it is open.

    `after` is the entry that began it: it retired the language, recorded its absence, or released a
    version without it. It is None if nothing came before.
    """

    brand: str
    locale: str
    begins: datetime
    ends: datetime | None
    zone: str
    after: Version | Retire | Absence | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the archive has of a brand: the versions, the first to come into force first.

    `newest` are the newest entries of its ledgers, today's name of the brand first, and `sizes` how
    many entries each has. `events` are entries on what happened to versions later, or to the brand.
    `controllers` are the companies that the listed versions name, or the one of the `subject`.
    `files` are the checked files, by their paths: all but the redacted ones.
    """

    brand: str
    subject: Subject
    controllers: tuple[str, ...]
    newest: tuple[Recorded, ...]
    listed: tuple[Listed, ...]
    gaps: tuple[Gap, ...]
    events: tuple[Recorded, ...]
    files: Mapping[str, bytes]

    @property
    def zones(self) -> tuple[str, ...]:
        """The time zones in which its days count."""
        zones = [listed.period.zone for listed in self.listed] + [gap.zone for gap in self.gaps]
        return tuple(dict.fromkeys(zones))


def inventory(root: Path, lineage: Lineage, trust: Trust, brand: str, wanted: Wanted) -> Inventory:
    """Return what the archive in `root` has of a brand; the list may be empty.

    Raises `NeverReleased`, `ArchiveDamaged`, `InvalidPolicy`, `NewerArchive`, `Forked`,
    `SigningFailed` and `StampsUnchecked`.
    """
    return _Brand(root, lineage, trust, brand, wanted).inventory()


class _Brand:
    """The checked archives of a brand, under each of its names."""

    def __init__(
        self, root: Path, lineage: Lineage, trust: Trust, brand: str, wanted: Wanted
    ) -> None:
        self.root, self.archive, self.lineage = root, lineage.archive, lineage
        self.brand, self.wanted = lineage.today(brand), wanted
        ledgers = [
            ledger for name in lineage.archives(brand) if len(ledger := lineage.ledger(name))
        ]
        if not ledgers:
            raise lineage.never_released(brand)
        as_of = max(ledger.entry(len(ledger)).recorded_at for ledger in ledgers)
        self.chain = [known for known in lineage.chain(brand, as_of) if len(known.ledger)]
        self.files: dict[str, bytes] = {}
        self._last: tuple[Version, dict[File, bytes]] | None = None
        self.recorded: dict[tuple[str, int], Recorded] = {}
        for ledger in ledgers:
            self._check(ledger, trust)
        zone = self._zone(wanted.since or date.min)
        self.first = first_moment(wanted.since, zone) if wanted.since is not None else _EVER
        zone = self._zone(wanted.until or date.max)
        self.end = next_day(wanted.until, zone) if wanted.until is not None else _NEVER

    def inventory(self) -> Inventory:
        """Return the inventory."""
        texts = [*self._texts()]
        listed = tuple(one for text in texts for one in self._listed(*text))
        newest = self.chain[0].ledger
        own = next(newest.versions(), None)
        version = own or (listed[-1].version if listed else None)
        if version is None:
            raise self.lineage.never_released(self.brand)
        locale = next(iter(version.locales))
        subject = subject_of(self.root, self.archive, newest, version, locale)
        versions = {(one.version.brand, one.version.version): one.version for one in listed}
        named = controllers_of(self.archive, versions.values())
        return Inventory(
            self.brand,
            subject,
            tuple(sorted(named or filter(None, [subject.controller]))),
            tuple(self.recorded[k.ledger.brand, len(k.ledger)] for k in self.chain),
            tuple(sorted(listed, key=_order)),
            tuple(self._gaps([text[1:] for text in texts])),
            tuple(self._events(listed)),
            self.files,
        )

    def _check(self, ledger: Ledger, trust: Trust) -> None:
        """Take in a ledger; raises `ArchiveDamaged` for an entry with a false attachment."""
        chain = chain_files(self.archive, ledger)
        folder = ledger_folder(ledger.brand)
        entries = [ledger.entry(number) for number in range(1, len(ledger) + 1)]
        paths = {f"{folder}/{entry.name}": entry for entry in entries}
        attachments = check_attachments(paths, chain, trust)
        for path, message in (fault for file in attachments.values() for fault in file.faults):
            raise ArchiveDamaged(f"{path} {message}")
        for path, entry in paths.items():
            signature = attachments[path].signature if path in attachments else None
            self.recorded[entry.brand, entry.sequence] = Recorded(
                entry, ledger.digest(entry.sequence), signature.name if signature else None
            )
        self.files |= chain

    def _zone(self, day: date) -> str:
        """Return the time zone in which a day counts, by the name that the brand had then."""
        begun = (k.timeline for k in self.chain if k.timeline.first and k.timeline.first <= day)
        return next(begun, self.chain[-1].timeline).zone(day)

    def _wants(self, tag: str) -> bool:
        """Return whether a language is wanted, by the tag that it had."""
        names = self.wanted.locales
        return not names or any(tag in self.lineage.tags(self.brand, name) for name in names)

    def _within(self, moment: datetime) -> bool:
        return self.first <= moment < self.end

    # --- versions ---

    def _texts(self) -> Iterator[tuple[InForce, Version, str, str, Period]]:
        """Yield every version in each of the wanted languages: by today's tag, and its own."""
        for known in self.chain:
            for version in known.ledger.versions():
                for locale, tag in self.lineage.locales(version).items():
                    if self._wants(tag):
                        yield known, version, locale, tag, known.period(version, tag)

    def _listed(
        self, known: InForce, version: Version, locale: str, tag: str, period: Period
    ) -> Iterator[Listed]:
        """Yield a version if it was in force in the period, or was to be, or may have been."""
        if period.begins is not None and not self._meets(period.begins, period):
            return
        files = self._documents(known.ledger, version)
        names = {document_path(tag, format) for format in self.wanted.formats or DOCUMENTS}
        own = [file for file in files if file.path.startswith(f"{tag}/")]
        listed = [file for file in own if not self.wanted.formats or file.path in names]
        folder = version_folder(version.brand, version.version)
        self.files |= {f"{folder}/{file.path}": files[file] for file in listed if not file.redacted}
        yield Listed(
            version,
            locale,
            tag,
            period,
            tuple(listed),
            tuple(file.path for file in own),
            self.recorded[version.brand, version.sequence],
            covering(known.ledger, version),
            tuple(known.past.notes(version)),
        )

    def _meets(self, begins: datetime, period: Period) -> bool:
        if period.empty:
            return self._within(begins)
        return begins < self.end and (period.ends is None or self.first < period.ends)

    def _documents(self, ledger: Ledger, version: Version) -> dict[File, bytes]:
        """Return the files of a version; raises `ArchiveDamaged` if one was altered."""
        if self._last is None or self._last[0] != version:
            self._last = (version, version_files(self.archive, ledger, version))
        return self._last[1]

    # --- gaps ---

    def _gaps(self, texts: list[tuple[Version, str, str, Period]]) -> Iterator[Gap]:
        """Yield when there was no version, language by language."""
        periods: dict[str, list[Period]] = {}
        for _, locale, _, period in texts:
            own = periods.setdefault(locale, [])
            if period.begins is not None and period.state != "corrected":
                own.append(period)
        for name in self.wanted.locales:
            if not periods.keys() & set(self.lineage.tags(self.brand, name)):
                periods[name] = []
        begun = [p.begins for own in periods.values() for p in own if p.begins and not p.empty]
        first = self.first if self.wanted.since is not None else min(begun, default=_NEVER)
        for locale, own in periods.items():
            yield from self._between(locale, own, first)

    def _between(self, locale: str, periods: Iterable[Period], first: datetime) -> Iterator[Gap]:
        """Yield the times from a moment on that no period covers.

        A version that was retired as it was to begin covers nothing, and says why there is a gap.
        """
        spans = [(p.begins or _EVER, p.ends or _NEVER, p.empty, p.ended_by) for p in periods]
        spans.sort(key=lambda span: span[:2])
        covered, after = _EVER, None
        for begins, ends, empty, by in (*spans, (_NEVER, _NEVER, False, None)):
            gap = max(covered, first), min(begins, self.end)
            if gap[0] < gap[1] and not empty:
                end = gap[1] if gap[1] != _NEVER else None
                zone = self._zone(gap[0].date())
                yield Gap(self.brand, locale, gap[0], end, zone, after)
            if ends == covered or (ends > covered and not empty):
                covered, after = ends, by

    # --- later entries ---

    def _events(self, listed: Iterable[Listed]) -> Iterator[Recorded]:
        """Yield the later entries on what is listed, and on the brand in the period."""
        tags = {(one.version.brand, one.version.version, one.tag) for one in listed}
        numbers = {(one.version.brand, one.version.sequence) for one in listed}
        for known in reversed(self.chain):
            for number in range(1, len(known.ledger) + 1):
                entry = known.ledger.entry(number)
                if self._concerns(entry, known.ledger, tags, numbers):
                    yield self.recorded[entry.brand, number]

    def _concerns(
        self,
        entry: Entry,
        ledger: Ledger,
        tags: set[tuple[str, str, str]],
        numbers: set[tuple[str, int]],
    ) -> bool:
        match entry:
            case Reschedule() | Notified():
                return (entry.brand, entry.version) in {pair[:2] for pair in tags}
            case Redact() if not entry.file.startswith(f"{CAPTURES}/"):
                return (entry.brand, entry.version, entry.file.partition("/")[0]) in tags
            case Redact():
                return self._wants(entry.file.split("/")[1].partition("Z-")[2])
            case Retire():
                wanted = entry.locale is None or self._wants(entry.locale)
                return wanted and self._within(retired_at(entry))
            case Absence():
                wanted = any(map(self._wants, entry.locales))
                return wanted and self._within(first_moment(entry.on, entry.timezone))
            case Endorse():
                endorsed = {(entry.brand, one.entry) for one in entry.entries}
                return entry.signer is not None and bool(endorsed & numbers)
            case Clock():
                return bool({(entry.brand, right.entry) for right in entry.entries} & numbers)
            case Capture():
                return self._wants(entry.locale) and self._captured(entry, ledger)
            case _:
                return False

    def _captured(self, entry: Capture, ledger: Ledger) -> bool:
        """Take in what a page showed, if that was in the period; return whether it was."""
        folder = capture_folder(entry.brand, entry.capture)
        path = f"{folder}/{RECORD}"
        captured = read_record(read_recorded(self.archive, path, entry.record), entry.capture)
        if captured is None:
            raise ArchiveDamaged(f"{path} is altered")
        if not self._within(entry.recorded_at if entry.clock else captured.captured):
            return False
        self.files |= capture_files(self.archive, captured, ledger)
        return True


def _order(listed: Listed) -> tuple[datetime, str, int]:
    version = listed.version
    return listed.period.begins or _EVER, version.brand, version.sequence
