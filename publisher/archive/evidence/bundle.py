"""``publisher get --bundle``: the evidence of a version, for an outsider who trusts nobody.

Everything in it follows from the archive, but for the colour of the letter and the two files that
say whose keys and time-stamps count: these are those of the working tree.

Each file is checked before it is handed over. The documents of one version, the whole ledger with
what lies beside its entries, and the ``SHA256SUMS`` of every version: with these, whoever has no
clone can follow each hash to the newest entry.

`Gathered` collects what the archive proves of a version.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from publisher.archive.entries import (
    Absence,
    Endorse,
    Entry,
    Import,
    Reconstruct,
    Redact,
    Reschedule,
    Retire,
    Timestamp,
    Version,
    sha256,
)
from publisher.archive.evidence.values import Evidence, File, Record, Recorded, Subject
from publisher.archive.folder import (
    NAME,
    document_digests,
    read_document,
    read_file,
    read_recorded,
    sums_bytes,
    version_folder,
)
from publisher.archive.fork_origins import read_ledger
from publisher.archive.get import Meant, archived, asked_for, write_new
from publisher.archive.in_force import InForce
from publisher.archive.issued import DOCUMENTS, archived_policy, document_path
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Asked, Period, Text, When
from publisher.archive.trust import signatures
from publisher.archive.trust.signatures import verify_signature
from publisher.archive.trust.trust_files import ALLOWED_SIGNERS, AUTHORITIES, workspace_signers
from publisher.errors import ArchiveDamaged, AskedWrongly, PublisherError
from publisher.files.output import file_in
from publisher.policy.tree import BrandName
from publisher.render.style import Style, plain_style
from publisher.repository.moment import Moment
from publisher.repository.source import ArchiveFolder, FolderSource, Source
from publisher.workspace import brands_in, load

_Later = Reschedule | Retire | Redact | Absence | Import
_TRUSTED = (ALLOWED_SIGNERS, AUTHORITIES)


class Gathered:
    """What goes into the bundle of a version, proven, and what its letter is to say."""

    def __init__(
        self, root: Path, archive: ArchiveFolder, known: InForce, version: Version, locale: str
    ) -> None:
        self.root = root
        self.archive = archive
        self.known = known
        self.ledger: Ledger = known.ledger
        self.version = version
        self.locale = locale
        self.period = known.period(version, locale)
        self.recorded = lru_cache(maxsize=None)(self._recorded)
        folder = version_folder(version.brand, version.version)
        own = version_files(archive, self.ledger, version)
        self.own: tuple[File, ...] = tuple(own)
        self.trusted = {path: data for path in _TRUSTED if (data := read_file(self.archive, path))}
        self.files = (
            {f"{folder}/{file.path}": data for file, data in own.items() if not file.redacted}
            | chain_files(archive, self.ledger)
            | self._next_name()
            | self.trusted
        )

    def evidence(self, meant: Meant) -> Evidence:
        """Return what the letter is to say."""
        names = [each.path for each in self.own if not each.redacted]
        issued = (document_path(self.locale, each) for each in DOCUMENTS if each != "extracted")
        signers = self.trusted.get(ALLOWED_SIGNERS, b"")
        return Evidence(
            subject=self._subject(),
            locale=self.locale,
            version=self.version,
            asked=meant.asked,
            period=self.period,
            others=meant.others,
            texts=meant.texts,
            document=next((path for path in issued if path in names), None),
            files=self.own,
            record=self._record(),
            authorities=AUTHORITIES in self.trusted,
            dated=b"valid-before" in signers or b"valid-after" in signers,
            back=self._back(),
        )

    def _record(self) -> Record:
        stamps = covering(self.ledger, self.version)
        shown = (stamps[0], stamps[-1]) if stamps[1:] else stamps
        return Record(
            of=self.recorded(self.version.sequence),
            events=tuple(map(self.recorded, self._events())),
            stamps=tuple((each, self.ledger.entry(each.entry).name) for each in shown),
            stamped=len(stamps),
            redactions=sum(1 for _ in self.ledger.of(Redact)),
            entries=len(self.ledger),
            newest=self.recorded(len(self.ledger)),
        )

    def _back(self) -> Reconstruct | None:
        """Return the version by which the repository had the policy again, after an absence."""
        end = self.period.ended_by
        return self.known.past.back(end, self.locale) if isinstance(end, Absence) else None

    def _later(self) -> list[_Later]:
        """Return the entries of what happened to versions, in order."""
        found: list[_Later] = [*self.ledger.of(Reschedule)]
        found += [*self.ledger.of(Retire), *self.ledger.of(Redact)]
        found += [*self.ledger.of(Absence), *self.known.past.corrections.values()]
        return sorted(found, key=lambda each: each.sequence)

    def _events(self) -> list[int]:
        """Return the numbers of later entries about the version, or that endorse one of these."""
        about = [each.sequence for each in self._later() if self._concerns(each)]
        named = [(each, self.ledger.digest(each)) for each in (self.version.sequence, *about)]
        endorsing = [
            entry.sequence
            for entry in self.ledger.of(Endorse)
            if entry.signer is not None and any(entry.endorses(*each) for each in named)
        ]
        return sorted((*about, *endorsing))

    def _concerns(self, entry: _Later) -> bool:
        """Return whether an entry tells of the version."""
        if isinstance(entry, Import):
            return self.known.past.corrections.get(self.version.version) == entry
        if isinstance(entry, Retire | Absence):
            return entry == self.period.ended_by
        return entry.version == self.version.version

    def _recorded(self, sequence: int) -> Recorded:
        """Return an entry, whose signature, if it has one, is by the key that it names."""
        entry = self.ledger.entry(sequence)
        digest = self.ledger.digest(sequence)
        return Recorded(entry, digest, self._principal(entry) if entry.signer else None)

    def _principal(self, entry: Entry) -> str | None:
        path = f"{ledger_folder(entry.brand)}/{entry.name}"
        said, signature = self.files[path], self.root / f"{path}.sig"
        key, when = entry.signer or "", entry.recorded_at
        working = Moment(FolderSource(self.root), self.archive, None, None, committed=False)
        with workspace_signers(working) as allowed:
            found = verify_signature(said, signature, key, when, allowed)
        if found.key != key:
            raise ArchiveDamaged(f"{path}.sig is no signature of it by {key}")
        return found.name

    def _next_name(self) -> dict[str, bytes]:
        """Return the chain of the brand's next name, if its first version ends the period."""
        after = self.period.ended_by
        if after is None or after.brand == self.ledger.brand:
            return {}
        return chain_files(self.archive, read_ledger(self.archive, after.brand))

    def _subject(self) -> Subject:
        """Return whose policy it is: as the version says, or the newest, or the working tree.

        What was extracted from an imported document tells its title, and nothing for certain.
        """
        title = None
        newest = next(self.ledger.releases(), None)
        asked = [(self.version, self.locale)]
        asked += [(newest, locale) for locale in newest.locales] if newest is not None else []
        for version, locale in asked:
            try:
                policy = archived_policy(self.archive, version, locale)
            except AskedWrongly:
                continue  # it has documents only, or its text was redacted
            title = policy.title if version == self.version else title
            if not isinstance(version, Import):
                return Subject(policy.brand, policy.controller.name, title or None)
        return replace(_working(self.root, self.version.brand), title=title or None)


def _working(root: Path, brand: str) -> Subject:
    """Return whose policy it is, as the working tree says."""
    source = FolderSource(root)
    try:
        workspace = load(source, (brand,)) if brand in brands_in(source) else None
    except PublisherError:
        workspace = None
    own = workspace.brands[brand].value if workspace is not None else None
    if workspace is None or own is None:
        return Subject(BrandName(brand, brand, brand), None, None)
    company = workspace.company.value
    return Subject(
        BrandName(brand, own.name, own.domain), company.name if company is not None else None, None
    )


_BEGINS, _ENDS = 1980, 2107
"""The years that a zip can tell."""
_MODE = 0o100644 << 16
_UNIX = 3


def chain_files(archive: Source, ledger: Ledger) -> dict[str, bytes]:
    """Return the ledger of a brand and the ``SHA256SUMS`` of its versions, by their paths.

    Raises `ArchiveDamaged` where an entry, what lies beside it, or a ``SHA256SUMS`` is not as it
    was recorded. Whose a signature is, is not looked at.
    """
    files: dict[str, bytes] = {}
    for number in range(1, len(ledger) + 1):
        entry = ledger.entry(number)
        path = f"{ledger_folder(ledger.brand)}/{entry.name}"
        files[path] = read_recorded(archive, path, ledger.digest(number))
        files |= _beside(archive, path, entry, ledger)
        if isinstance(entry, Version):
            where = f"{version_folder(entry.brand, entry.version)}/{NAME}"
            files[where] = read_recorded(archive, where, entry.sums)
    return files


def version_files(archive: Source, ledger: Ledger, version: Version) -> dict[File, bytes]:
    """Return the files of a version, each with its bytes; none for one that was redacted.

    What else lies in its folder is no part of it. Raises `ArchiveDamaged`.
    """
    folder = version_folder(version.brand, version.version)
    digests = document_digests(archive, version)
    redacted = {each.file: each for each in ledger.of(Redact) if each.version == version.version}
    files = {}
    for path, digest in digests.items():
        entry = redacted.get(path)
        if entry is None:
            data = read_document(archive, version, path)
            files[File(path, digest, len(data))] = data
        elif entry.digest != digest:
            raise ArchiveDamaged(f"{folder}/{path} has another SHA-256 in {entry.name}")
        else:
            files[File(path, digest, None, entry)] = b""
    return files


def covering(ledger: Ledger, version: Version) -> tuple[Timestamp, ...]:
    """Return the entries that prove when a version's entry was there, the earliest first.

    One that proves a later entry proves all before it.
    """
    found = [each for each in ledger.of(Timestamp) if each.entry >= version.sequence]
    return tuple(sorted(found, key=lambda each: (each.time, each.sequence)))


def zipped(folder: str, files: Mapping[str, bytes], when: datetime) -> bytes:
    """Return a zip of files in a folder, whose bytes follow from these alone.

    They are sorted and stored as they are, and dated `when`, as far as a zip can tell that.
    """
    at = when.astimezone(UTC)
    moment = at.timetuple()[:6] if _BEGINS <= at.year <= _ENDS else (_BEGINS, 1, 1, 0, 0, 0)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            each = zipfile.ZipInfo(f"{folder}/{path}", moment)
            each.create_system, each.external_attr = _UNIX, _MODE
            archive.writestr(each, files[path])
    return written.getvalue()


def _beside(
    archive: Source, path: str, entry: Entry, ledger: Ledger
) -> Iterator[tuple[str, bytes]]:
    """Yield what lies beside an entry, by its path."""
    if entry.signer is not None:
        data = read_file(archive, f"{path}.sig")
        if data is None or not signatures.canonical(data):
            raise ArchiveDamaged(f"{path}.sig is {'missing' if data is None else 'altered'}")
        yield f"{path}.sig", data
    if isinstance(entry, Timestamp):
        if entry.entry >= entry.sequence or ledger.digest(entry.entry) != entry.digest:
            raise ArchiveDamaged(f"{path} proves another entry {entry.entry} than that here")
        yield f"{path}.tsr", read_recorded(archive, f"{path}.tsr", entry.reply)


LETTER = "evidence-letter.pdf"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The evidence of a version, as a zip: its bytes, and where it was written, if it was.

    `missing` are the paths of the version's files that were redacted; `asked` and `texts` are as
    in `publisher.archive.get.Got`.
    """

    version: Version
    locale: str
    period: Period
    name: str
    data: bytes
    sha256: str
    files: int
    missing: tuple[str, ...]
    asked: Asked | None = None
    texts: tuple[Text, ...] = ()
    path: Path | None = None


def bundle(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    on: When | None = None,
    version: str | None = None,
    locale: str | None = None,
    output: Path | str | None = None,
    write: bool = True,
) -> Bundle:
    """Return the evidence of the version in force on a day, or of a version, and write it.

    Which version that is, is decided as `publisher.archive.get.get` does. Raises what that raises,
    `SigningFailed` where ssh-keygen is missing, and `LibraryMissing`; nothing is written then.
    """
    archive = ArchiveFolder(root)
    lineage = Lineage(archive)
    known = archived(lineage, brand, now, on, version)
    meant = asked_for(known, on, version, lineage.tags(brand, locale))
    gathered = Gathered(root, archive, known, meant.version, meant.locale)
    evidence = gathered.evidence(meant)
    files = gathered.files | {LETTER: _letter(evidence, _style(root, lineage.today(brand)))}
    files[NAME] = sums_bytes(files)
    data = zipped(evidence.name, files, evidence.record.newest.entry.recorded_at)
    made = Bundle(
        meant.version,
        meant.locale,
        gathered.period,
        evidence.name,
        data,
        sha256(data),
        len(files),
        tuple(each.path for each in evidence.files if each.redacted),
        meant.asked,
        meant.texts,
    )
    if not write:
        return made
    path = file_in(root, output, f"{evidence.name}.zip")
    write_new(path, data)
    return replace(made, path=path)


def _style(root: Path, brand: str) -> Style:
    """Return a plain style in the colour of the brand, if the working tree still has it."""
    source = FolderSource(root)
    try:
        own = load(source, (brand,)).brands[brand].value if brand in brands_in(source) else None
    except PublisherError:
        own = None
    return plain_style(own.theme.accent if own is not None else None)


def _letter(evidence: Evidence, style: Style) -> bytes:
    from publisher.archive.evidence.letter import manuscript
    from publisher.render.typeset import typeset

    return typeset(manuscript(evidence, style))
