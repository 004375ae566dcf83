"""What the archive proves of a version, gathered for an outsider with the files that prove it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from publisher.archive.evidence import chain_files, covering, version_files
from publisher.archive.folder import ArchiveFolder, version_folder
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.signatures import looked_at
from publisher.errors import ArchiveDamaged, AskedWrongly, PublisherError
from publisher.model.evidence import (
    ALLOWED_SIGNERS,
    AUTHORITIES,
    Evidence,
    File,
    Record,
    Recorded,
    Subject,
)
from publisher.model.ledger import (
    Absence,
    Endorse,
    Entry,
    Import,
    Reconstruct,
    Redact,
    Reschedule,
    Retire,
    Version,
)
from publisher.model.policy import BrandName
from publisher.model.source import Unreadable
from publisher.source import FolderSource
from publisher.tasks.archived import DOCUMENTS, archived_policy, document_path
from publisher.tasks.forks import read_ledger
from publisher.tasks.get import Meant
from publisher.tasks.inforce import InForce
from publisher.tasks.trusting import workspace_signers
from publisher.tasks.workspaces import Moment
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
        self.trusted = {path: data for path in _TRUSTED if (data := self._trusted(path))}
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
            found = looked_at(said, signature, key, when, allowed)
        if found.key != key:
            raise ArchiveDamaged(f"{path}.sig is no signature of it by {key}")
        return found.name

    def _next_name(self) -> dict[str, bytes]:
        """Return the chain of the brand's next name, if its first version ends the period."""
        after = self.period.ended_by
        if after is None or after.brand == self.ledger.brand:
            return {}
        return chain_files(self.archive, read_ledger(self.archive, after.brand))

    def _trusted(self, path: str) -> bytes | None:
        try:
            return self.archive.read(path)
        except Unreadable:
            return None

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
