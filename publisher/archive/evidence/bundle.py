"""``publisher get --bundle``: the evidence of a version, for an outsider who trusts nobody.

All of it follows from the archive, except six things of the working tree: colour, paper and own
labels of the letter, the two files of allowed signers and trusted authorities, and the record of
the notices that were sent, whose digests the ledger has.

Each file is checked before it goes into the bundle: the documents of one version, the whole ledger
with signatures and time-stamps, and the ``SHA256SUMS`` of every version. With these, somebody
without a clone can follow each hash to the newest entry.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from publisher.archive.captures import capture_files, last_capture
from publisher.archive.entries import (
    Absence,
    Endorse,
    Entry,
    Import,
    Notified,
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
    read_recorded,
    sums_bytes,
    version_folder,
)
from publisher.archive.fork_origins import read_ledger
from publisher.archive.get import Meant, Request, archived, asked_for, write_answer
from publisher.archive.in_force import InForce
from publisher.archive.issued import DOCUMENTS, archived_policy, document_path
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Period
from publisher.archive.notice_record import disagreements, record_path
from publisher.archive.notified import notices_of
from publisher.archive.trust import signatures
from publisher.archive.trust.signatures import verify_signature
from publisher.archive.trust.trust_files import ALLOWED_SIGNERS, AUTHORITIES, workspace_signers
from publisher.errors import ArchiveDamaged, AskedWrongly, PublisherError
from publisher.policy.tree import BrandName, Policy
from publisher.render.own_texts import texts_in
from publisher.render.style import paper_of, plain_style
from publisher.repository.moment import Moment
from publisher.repository.source import ArchiveFolder, FolderSource, Source, bytes_of
from publisher.workspace import load
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Workspace

LETTER = "evidence-letter.pdf"
TRUSTED = (ALLOWED_SIGNERS, AUTHORITIES)
"""The files of the working tree that say whose signatures and time-stamps count."""
_BEGINS, _ENDS = 1980, 2107
"""The first and last year of dates in a zip."""
_MODE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Meant):
    """The evidence of a version, as a zip: its bytes, and its path, if it was written.

    `missing` are the paths of the version's redacted files.
    """

    period: Period
    name: str
    data: bytes
    sha256: str
    files: int
    missing: tuple[str, ...]
    path: Path | None


def bundle(root: Path, request: Request) -> Bundle:
    """Return the evidence of the version in force on a day, or of a version, and write it.

    The version is the one that `publisher.archive.get.get` finds. Raises what that raises,
    `SigningFailed` if ssh-keygen is missing, and `LibraryMissing`; in these cases nothing is
    written.
    """
    archive = ArchiveFolder(root)
    lineage = Lineage(archive)
    known = archived(lineage, request)
    meant = asked_for(known, request, lineage.tags(request.brand, request.locale))
    proof = _Proof(root, archive, known, meant)
    evidence = proof.evidence()
    files = proof.files | {LETTER: _letter(root, lineage.today(request.brand), evidence)}
    files[NAME] = sums_bytes(files)
    data = zipped(evidence.name, files, evidence.record.newest.entry.recorded_at)
    return Bundle(
        meant.version,
        meant.locale,
        meant.others,
        meant.asked,
        meant.texts,
        period=proof.period,
        name=evidence.name,
        data=data,
        sha256=sha256(data),
        files=len(files),
        missing=tuple(file.path for file in evidence.files if file.redacted),
        path=write_answer(root, request, f"{evidence.name}.zip", data),
    )


def _letter(root: Path, brand: str, evidence: Evidence) -> bytes:
    """Return the letter, in the colour and on the paper of the brand, if it still exists."""
    from publisher.archive.evidence.letter import manuscript
    from publisher.render.worker import typeset_apart

    workspace, own = _working(root, brand)
    style = plain_style(own.theme.accent if own is not None else None)
    if workspace is not None:
        style = style.on(paper_of(workspace, brand, evidence.locale))
    return typeset_apart(manuscript(evidence, style))


def _working(root: Path, brand: str) -> tuple[Workspace | None, Brand | None]:
    """Return the working tree and a brand of it; None if the brand is missing or has errors."""
    try:
        workspace = load(FolderSource(root), (brand,))
    except PublisherError:
        return None, None
    file = workspace.brands.get(brand)
    return workspace, file.value if file is not None else None


class _Proof:
    """The checked files of a bundle, and the evidence for its letter."""

    def __init__(self, root: Path, archive: ArchiveFolder, known: InForce, meant: Meant) -> None:
        self.root = root
        self.archive = archive
        self.known = known
        self.ledger: Ledger = known.ledger
        self.meant = meant
        self.version, self.locale = meant.version, meant.locale
        self.period = known.period(self.version, self.locale)
        self.recorded = lru_cache(maxsize=None)(self._recorded)
        folder = version_folder(self.version.brand, self.version.version)
        own = version_files(archive, self.ledger, self.version)
        self.own: tuple[File, ...] = tuple(own)
        self.trusted = {path: data for path in TRUSTED if (data := bytes_of(archive, path))}
        self.files = (
            {f"{folder}/{file.path}": data for file, data in own.items() if not file.redacted}
            | chain_files(archive, self.ledger)
            | self._next_name()
            | self._capture()
            | self._notices()
            | self.trusted
        )

    def evidence(self) -> Evidence:
        """Return the content of the letter."""
        names = [file.path for file in self.own if not file.redacted]
        issued = [document_path(self.locale, kind) for kind in DOCUMENTS if kind != "extracted"]
        signers = self.trusted.get(ALLOWED_SIGNERS, b"")
        return Evidence(
            subject=subject_of(self.root, self.archive, self.ledger, self.version, self.locale),
            locale=self.locale,
            version=self.version,
            asked=self.meant.asked,
            period=self.period,
            others=self.meant.others,
            texts=self.meant.texts,
            document=next((path for path in issued if path in names), None),
            files=self.own,
            record=self._record(),
            authorities=AUTHORITIES in self.trusted,
            dated=b"valid-before" in signers or b"valid-after" in signers,
            back=self._back(),
            own_texts=texts_in(self.archive, self.locale),
        )

    def _record(self) -> Record:
        stamps = covering(self.ledger, self.version)
        shown = (stamps[0], stamps[-1]) if stamps[1:] else stamps
        return Record(
            of=self.recorded(self.version.sequence),
            events=tuple(map(self.recorded, self._events())),
            stamps=tuple((stamp, self.ledger.entry(stamp.entry).name) for stamp in shown),
            stamped=len(stamps),
            redactions=sum(1 for _ in self.ledger.of(Redact)),
            entries=len(self.ledger),
            newest=self.recorded(len(self.ledger)),
        )

    def _back(self) -> Reconstruct | None:
        """Return the version with which the policy came back after an absence."""
        end = self.period.ended_by
        return self.known.past.back(end, self.locale) if isinstance(end, Absence) else None

    def _events(self) -> list[int]:
        """Return the numbers of later entries about the version, or that endorse one of these."""
        entries = [self.ledger.entry(number) for number in range(1, len(self.ledger) + 1)]
        about = [entry.sequence for entry in entries if self._concerns(entry)]
        named = [(number, self.ledger.digest(number)) for number in (self.version.sequence, *about)]
        endorsing = [
            entry.sequence
            for entry in self.ledger.of(Endorse)
            if entry.signer is not None and any(entry.endorses(*pair) for pair in named)
        ]
        clocks = {
            entry.clock.sequence
            for entry in entries
            if entry.clock is not None and entry.sequence in dict(named)
        }
        return sorted((*about, *endorsing, *clocks))

    def _concerns(self, entry: Entry) -> bool:
        """Return whether an entry says what happened to the version."""
        match entry:
            case Import():
                return self.known.past.corrections.get(self.version.version) == entry
            case Retire() | Absence():
                return entry == self.period.ended_by
            case Redact():
                return entry.concerns(self.version.version)
            case Reschedule() | Notified():
                return entry.version == self.version.version
            case _:
                return False

    def _recorded(self, sequence: int) -> Recorded:
        """Return an entry, whose signature, if it has one, is by the key that it names."""
        entry = self.ledger.entry(sequence)
        digest = self.ledger.digest(sequence)
        return Recorded(entry, digest, self._principal(entry) if entry.signer else None)

    def _principal(self, entry: Entry) -> str | None:
        path = f"{ledger_folder(entry.brand)}/{entry.name}"
        file, key = self.root / f"{path}.sig", entry.signer or ""
        working = Moment(FolderSource(self.root), self.archive, None, None, committed=False)
        with workspace_signers(working) as allowed:
            signature = verify_signature(self.files[path], file, key, entry.recorded_at, allowed)
        if signature.key != key:
            raise ArchiveDamaged(f"{path}.sig is not a signature of it by {key}")
        return signature.name

    def _next_name(self) -> dict[str, bytes]:
        """Return the chain of the brand's next name, if its first version ends the period."""
        after = self.period.ended_by
        if after is None or after.brand == self.ledger.brand:
            return {}
        return chain_files(self.archive, read_ledger(self.archive, after.brand))

    def _capture(self) -> dict[str, bytes]:
        """Return the files of the newest capture of the locale, if there is one."""
        captured = last_capture(self.archive, self.ledger, self.locale, self.known.now)
        if captured is None:
            return {}
        return dict(capture_files(self.archive, captured, self.ledger))

    def _notices(self) -> dict[str, bytes]:
        """Return the record of the notices of the version, if it has the texts that were sent."""
        entries = {e.name: e for e in notices_of(self.ledger, self.version.version)}
        path = record_path(self.version.brand, self.version.version)
        data = bytes_of(self.archive, path) if entries else None
        if data is None or any(disagreements(self.archive, entries)):
            return {}
        return {path: data}


def subject_of(
    root: Path, archive: Source, ledger: Ledger, version: Version, locale: str
) -> Subject:
    """Return whose policy a version is: by itself, or the newest one, or the working tree.

    The text extracted from an imported document gives a title, and nothing certain. The controller
    is unknown if the brand changed hands, and nobody recorded whose it was.
    """
    text = _text(archive, version, (locale,))
    title = (text.title or None) if text is not None else None
    newest = next(ledger.releases(), None)
    latest = _text(archive, newest, newest.locales) if newest is not None else None
    if text is not None and not isinstance(version, Import):
        newer = latest or text
        return Subject(text.brand, text.controller.name, title, newer.controller.name)
    if latest is not None:
        brand, holder = latest.brand, latest.controller.name or None
    else:
        brand, holder = _today(root, version.brand)
    controller = version.controller if isinstance(version, Import) else None
    if controller is None and controllers_of(archive, ledger.versions()) <= {holder}:
        controller = holder
    return Subject(brand, controller, title, holder if controller else None)


def _text(archive: Source, version: Version, locales: Iterable[str]) -> Policy | None:
    """Return the first text that a version has in some locales, if it has one."""
    for locale in locales:
        with suppress(AskedWrongly):  # it has documents only, or its text was redacted
            return archived_policy(archive, version, locale)
    return None


def controllers_of(archive: Source, versions: Iterable[Version]) -> set[str]:
    """Return every controller that versions name: several, if their brand changed hands."""
    named = set()
    for version in versions:
        if isinstance(version, Import):
            named.add(version.controller)
        else:
            text = _text(archive, version, version.locales)
            named.add(text.controller.name if text is not None else None)
    return {name for name in named if name}


def _today(root: Path, brand: str) -> tuple[BrandName, str | None]:
    """Return the brand as the working tree has it, and the company, if there is only one."""
    workspace, own = _working(root, brand)
    if workspace is None or own is None:
        return BrandName(brand, brand, brand), None
    company = workspace.company.value if not workspace.companies else None
    return BrandName(brand, own.name, own.domain), company.name if company is not None else None


def chain_files(archive: Source, ledger: Ledger) -> dict[str, bytes]:
    """Return the ledger of a brand and the ``SHA256SUMS`` of its versions, by their paths.

    Raises `ArchiveDamaged` if an entry, its signature or time-stamp, or a ``SHA256SUMS`` was
    altered. Who made a signature is not checked here.
    """
    files: dict[str, bytes] = {}
    for number in range(1, len(ledger) + 1):
        entry = ledger.entry(number)
        path = f"{ledger_folder(ledger.brand)}/{entry.name}"
        files[path] = read_recorded(archive, path, ledger.digest(number))
        files |= _attachments(archive, path, entry, ledger)
        if isinstance(entry, Version):
            sums = f"{version_folder(entry.brand, entry.version)}/{NAME}"
            files[sums] = read_recorded(archive, sums, entry.sums)
    return files


def _attachments(
    archive: Source, path: str, entry: Entry, ledger: Ledger
) -> Iterator[tuple[str, bytes]]:
    """Yield the signature and the time-stamp of an entry, by their paths."""
    if entry.signer is not None:
        data = bytes_of(archive, f"{path}.sig")
        if data is None or not signatures.canonical(data):
            raise ArchiveDamaged(f"{path}.sig is {'missing' if data is None else 'altered'}")
        yield f"{path}.sig", data
    if isinstance(entry, Timestamp):
        if entry.entry >= entry.sequence or ledger.digest(entry.entry) != entry.digest:
            raise ArchiveDamaged(
                f"{path} proves an entry {entry.entry} that differs from the one here"
            )
        yield f"{path}.tsr", read_recorded(archive, f"{path}.tsr", entry.reply)


def version_files(archive: Source, ledger: Ledger, version: Version) -> dict[File, bytes]:
    """Return the files of a version, each with its bytes; no bytes for a redacted one.

    Further files in its folder do not belong to it. Raises `ArchiveDamaged`.
    """
    folder = version_folder(version.brand, version.version)
    digests = document_digests(archive, version)
    redacted = {e.file: e for e in ledger.of(Redact) if e.version == version.version}
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
    """Return the time-stamps that prove a version's entry, the earliest first.

    One that proves a later entry proves all before it.
    """
    stamps = [stamp for stamp in ledger.of(Timestamp) if stamp.entry >= version.sequence]
    return tuple(sorted(stamps, key=lambda stamp: (stamp.time, stamp.sequence)))


def zipped(folder: str, files: Mapping[str, bytes], when: datetime) -> bytes:
    """Return a zip of files in a folder, whose bytes follow from these alone.

    They are sorted, stored without compression, and dated `when`, as far as a zip can.
    """
    at = when.astimezone(UTC)
    date = at.timetuple()[:6] if _BEGINS <= at.year <= _ENDS else (_BEGINS, 1, 1, 0, 0, 0)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(f"{folder}/{path}", date)
            info.create_system, info.external_attr = _UNIX, _MODE
            archive.writestr(info, files[path])
    return written.getvalue()
