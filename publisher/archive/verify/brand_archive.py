"""Verifies the archive of one brand: its files, its chain, its documents, and its history in git.

A worker, here or on another machine, does this brand by brand; `verify` combines the results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.corrections import between, doubtful
from publisher.archive.entries import Import, Record
from publisher.archive.folder import read_ledger
from publisher.archive.fork import Forked
from publisher.archive.fork_origins import forked_in
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.notice_record import disagreements
from publisher.archive.trust.trust_files import Trust, copied
from publisher.archive.verify.contradictions import contradicting
from publisher.archive.verify.endorsements import doubted
from publisher.archive.verify.examine import examine
from publisher.archive.verify.findings import Examined, Finding, Note, misquoted
from publisher.archive.verify.hours import ended_within_days
from publisher.archive.verify.proofs import Proofs, proofs
from publisher.archive.verify.witnesses import (
    Blobs,
    clocks_doubted,
    differing,
    tags_moved,
    uncommitted,
)
from publisher.errors import ArchiveDamaged, NewerArchive, NotCheckedOut
from publisher.files.cache import Cache
from publisher.repository.moment import Moment, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, ArchiveFolder, Source, Unreadable
from publisher.repository.tags import Tags, tag_ids
from publisher.repository.witness import Committed
from publisher.repository.writing import committing
from publisher.scheduler.work import TOGETHER, Wording
from publisher.workspace.names import brand_file


@dataclass(frozen=True, slots=True)
class BrandWork:
    """What a worker has to know to verify a brand: whom to trust, and the options.

    With `brought`, the auditor provided the list of those who may sign; `only` is the one brand
    that is asked for, or None.
    """

    trust: Trust
    brought: bool
    rebuild: bool
    documents: bool
    only: str | None
    word: bool = False
    together: int = TOGETHER
    wording: Wording = Wording(  # noqa: RUF009 - it is frozen
        "verified", "verifies", FOLDER, "verify it on this machine, without --scheduler"
    )

    def begin(self, moment: Moment, root: Path, _cache: Cache) -> _BrandArchives:
        """Begin to verify the archives of a workspace."""
        return _BrandArchives(self, moment, root)


@dataclass(frozen=True, slots=True)
class BrandVerified:
    """What was found in one brand's archive; small, however long its documents are.

    `sources` are the entries of versions, each with the commit that it was composed from.
    """

    results: tuple[Finding | Note, ...]
    newer: tuple[str, ...]
    forked: bool
    redacted: frozenset[str]
    digests: Mapping[int, tuple[str, ...]]
    proofs: Proofs
    answers: tuple[str, ...]
    entries: int
    versions: int
    sources: tuple[tuple[str, str], ...]


class _BrandArchives:
    """Verifies brand by brand, so that only one archive is in memory at a time."""

    def __init__(self, work: BrandWork, moment: Moment, root: Path) -> None:
        self.work = work
        self.moment = moment
        self.root = root

    @cached_property
    def common(self) -> str:
        """The digest of what git knows of all brands besides commits: the tags."""
        repository = self.moment.repository
        return repr((repository.prefix, tag_ids(repository))) if repository is not None else ""

    def own(self, brand: str) -> str:
        """Return a digest of everything in a brand's archive, and of the brand's own file."""
        digest = hashlib.sha256()
        archive = ArchiveFolder(self.root)
        for path in (brand_file(brand), *_below(archive, f"{FOLDER}/{brand}")):
            data = archive.read(path) if not path.endswith("/") else b""
            kept = hashlib.sha256(data).hexdigest() if data is not None else "unreadable"
            digest.update(f"{path} {kept}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def do(self, brand: str) -> BrandVerified:
        """Return the result for a brand's archive."""
        with TemporaryDirectory() as folder:
            trust = copied(self.work.trust, Path(folder))
            one = examine(self.root, brand, trust, self.moment.repository)
            return BrandVerified(
                tuple(self._results(one, trust)),
                tuple(str(NewerArchive(path, entry.unknown)) for path, entry in one.newer.items()),
                one.fork is not None,
                frozenset(one.redacted),
                one.digests,
                proofs(one, trust),
                tuple(self._answers(one)),
                len(one.entries),
                len(one.versions),
                tuple(
                    (version.name, version.source)
                    for version in one.versions
                    if not isinstance(version, Import)
                ),
            )

    def _results(self, one: Examined, trust: Trust) -> Iterator[Finding | Note]:
        yield from one.findings
        yield from one.notes
        yield from _undecided(one)
        yield from _contents(one, everything=self.work.documents)
        if one.fork is not None:
            fault = forked_in(ArchiveFolder(one.root), one.fork)
            yield Finding(ledger_folder(one.brand), fault.what)
        yield from doubted(one, trust.signers, brought=self.work.brought)
        if self.moment.repository is not None and self.moment.commit is not None:
            yield from self._in_git(one, trust, self.moment.repository, self.moment.commit)

    @cached_property
    def _listed(self) -> tuple[Committed, Tags]:
        """The files that git has of all brands, or of the one asked for, listed once."""
        repository, commit, only = self.moment.repository, self.moment.commit, self.work.only
        if repository is None or commit is None:
            raise ValueError("the archive is not in git")
        tags = Tags(repository, f"{only}/" if only else "")
        return Committed(repository, commit, FOLDER, only), tags

    def _answers(self, one: Examined) -> Iterator[str]:
        with suppress(ArchiveDamaged, Forked, NewerArchive, NotCheckedOut):
            yield from ended_within_days(_ledger(self.moment.archive, one))

    def _in_git(
        self, one: Examined, trust: Trust, repository: Repository, commit: str
    ) -> Iterator[Finding | Note]:
        """Yield where git contradicts a brand's archive."""
        listed, tags = self._listed
        committed = listed.take(one.brand)
        yield from differing(committed, one)
        yield from _uncommitted(committed, one)
        yield from tags_moved(tags, one, trust.signers)
        yield from clocks_doubted(repository, commit, one)
        for path, message, version in disagreements(source_at(repository, commit), one.entries):
            yield Finding(path, message, version)
        if self.work.rebuild:
            from publisher.archive.verify.rebuild import rebuilt

            yield from rebuilt(repository, one)


def _ledger(archive: Source, one: Examined) -> Ledger:
    """Return a brand's ledger: the examined one, if nothing is wrong with it.

    Raises what reading it raises.
    """
    if one.findings or one.newer or one.fork is not None:
        return read_ledger(archive, one.brand)
    paths = [*one.entries]
    records = [Record(path.rpartition("/")[2], one.files[path].data or b"") for path in paths]
    return Ledger(one.brand, records, known=dict(enumerate(one.entries.values(), 1)))


def _below(source: Source, folder: str) -> Iterator[str]:
    """Yield the paths of all that lies below a folder; those of folders end with a slash."""
    try:
        names = source.list(folder)
    except (Unreadable, OSError):
        yield f"{folder}/ cannot be read/"
        return
    for name in names:
        yield f"{folder}/{name}"
        if name.endswith("/"):
            yield from _below(source, f"{folder}/{name}".removesuffix("/"))


def _contents(one: Examined, *, everything: bool) -> Iterator[Finding]:
    """Yield where the documents of the newest version, or of all versions, contradict their policy.

    No later entry holds the hash of the newest one. Documents with findings are not read.
    """
    known = () if one.newer or one.fork is not None else one.versions
    altered = {finding.path for finding in one.findings}
    for version in known if everything else known[-1:]:
        for locale in version.locales:
            yield from misquoted(one, version, locale)
            yield from contradicting(one, version, locale, altered)


def _undecided(one: Examined) -> Iterator[Note]:
    """Yield the imports of one document if nobody recorded whether one corrects the other."""
    imports = [entry for entry in one.entries.values() if isinstance(entry, Import)]
    for earlier, later in doubtful(imports):
        where = f"{ledger_folder(one.brand)}/{later.name}"
        what = f"{where} has the document of {earlier.version} and does not say if it corrects it"
        parted = between(earlier, later, imports)
        if parted is not None:
            yield Note(
                f"{what}; both count, as {parted.version} lies between. If it does, import the "
                f"document again with --corrects {earlier.version}"
            )
        else:
            yield Note(
                f"{what}; it counts as a correction, as no other version lies between. If the text "
                f"was in force twice, import the document of {earlier.version} again"
            )


def _uncommitted(committed: Blobs, one: Examined) -> Iterator[Note]:
    """Yield a finding for files of a brand that are not committed yet."""
    new = uncommitted(committed, one)
    if new and one.fork is None:
        yield Note(
            f"{new[0]} {f'and {len(new) - 1} more are' if new[1:] else 'is'} not committed yet; "
            f"run `{committing(one.root, f'{FOLDER}/{one.brand}')}`"
        )
