"""``publisher verify``: whether the archive is as it was released, with git as a witness."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.corrections import between, doubtful
from publisher.archive.entries import Import
from publisher.archive.folder import archived_brands, read_ledger
from publisher.archive.fork import Forked
from publisher.archive.fork_origins import forked_in
from publisher.archive.issued import with_versions
from publisher.archive.ledger import head_path, ledger_folder
from publisher.archive.notice_record import disagreements
from publisher.archive.trust.trust_files import Trust, copied, trusted
from publisher.archive.verify.alterations import altered_by_commits
from publisher.archive.verify.contradictions import contradicting
from publisher.archive.verify.endorsements import doubted
from publisher.archive.verify.examine import examine
from publisher.archive.verify.findings import Examined, Finding, Note, misquoted
from publisher.archive.verify.hours import ended_within_days
from publisher.archive.verify.other_refs import FIRST_ENTRY, differing_refs, moved_and_changed
from publisher.archive.verify.proofs import Proofs, proofs
from publisher.archive.verify.witnesses import (
    Blobs,
    clocks_doubted,
    compared_with,
    differing,
    ledger_digests,
    tags_moved,
    uncommitted,
)
from publisher.compose.brands import Progress
from publisher.errors import ArchiveDamaged, NewerArchive
from publisher.files.cache import Cache
from publisher.problem import Problem
from publisher.repository.moment import Moment, left_out, open_workspace, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, ArchiveFolder, Source, Unreadable
from publisher.repository.tags import Tags, tag_ids
from publisher.repository.witness import Alteration, Committed, Past, folders, missing, past
from publisher.repository.writing import committing
from publisher.scheduler.results import results
from publisher.scheduler.work import Wording
from publisher.workspace.names import brand_file

_HASHES = (
    "only hashes were checked, and whoever rewrites the whole archive writes hashes to fit. Verify "
    "a clone, or compare with one by --against"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked: `findings` are what is wrong, `notes` what is worth knowing.

    `heads` holds the SHA-256 of the newest entry of each brand: whoever keeps it elsewhere can tell
    later whether the ledger was cut off or rewritten. `proofs` show who signed entries, and at what
    times they existed. `versions` and `entries` count. `answers` are notes on answers that earlier
    publishers gave from the archive, and this one does not. `newer` names entries of a
    newer publisher: this one cannot say that all is well. To the ledgers of the brands `forked`,
    two clones appended. Nobody could verify the brands that are `unverified`; each has a finding.
    `unfit` are the workers of a scheduler that took no part.
    """

    brands: tuple[str, ...]
    entries: int
    versions: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    heads: dict[str, str]
    proofs: tuple[Proofs, ...]
    answers: tuple[str, ...]
    newer: tuple[str, ...]
    forked: tuple[str, ...]
    unwitnessed: str = ""
    unverified: tuple[str, ...] = ()
    unfit: tuple[Problem, ...] = ()


def verify(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brands: Iterable[str] = (),
    *,
    against: str | None = None,
    allowed_signers: Path | None = None,
    authorities: Path | None = None,
    rebuild: bool = False,
    documents: bool = False,
    scheduler: str | None = None,
    progress: Progress = lambda *_: None,
) -> Verified:
    """Check a workspace's archive, or only the archives of `brands`; repair nothing.

    `against` names another copy of it: a clone, a revision, or the SHA-256 of an entry.
    `allowed_signers` and `authorities` are files that say whose signatures and time-stamps to
    believe, in place of the workspace's. `rebuild` composes each version again from its source
    commit; `documents` reads those of all versions, not only of the newest. With a `scheduler`,
    Dask's workers there verify whole brands. Raises `NeverReleased`, `AskedWrongly`,
    `InvalidTrust`, `ShallowClone`, `GitFailed`, `LibraryMissing`, `SchedulerFailed`.
    """
    named = tuple(dict.fromkeys(brands))
    with (
        open_workspace(root) as moment,
        trusted(moment, allowed_signers, authorities) as (trust, notes),
    ):
        absent = () if named else left_out(root, FOLDER)
        wanted = tuple(brand for brand in _brands(moment, named) if brand not in absent)
        only = wanted[0] if len(wanted) == 1 else None
        work = _Work(trust, allowed_signers is not None, rebuild, documents, only)
        verification = _Verification(moment)
        with ThreadPoolExecutor(1) as aside:  # git goes through history while we read files
            history = aside.submit(_history, moment, named)
            verifying = results(
                scheduler,
                root,
                moment,
                work,
                wanted,
                cache=Cache(None),
                progress=progress,
                unfit=verification.unfit,
            )
            with closing(verifying) as verified:
                for brand, one in verified:
                    verification.add(brand, one)
        verification.results += verification.lost()
        verification.results += map(Note, notes)
        verification.results += [] if named else _strays(moment)
        verification.compare(history.result().alterations)
        verification.compare_refs(history.result())
        if moment.repository is None:
            verification.unwitnessed = f"the workspace is not in git: {_HASHES}"
        elif moment.commit is None:
            branch = "the branch that is checked out has no commit"
            verification.unwitnessed = f"{branch}: {_HASHES}"
        elif absent:
            verification.unwitnessed = (
                "the checkout is sparse, and archives that it leaves out were not checked: "
                f"{len(absent)}; run `git sparse-checkout add versions`, then verify again"
            )
        if against is not None:
            digests = verification.digests
            verification.results += compared_with(
                moment, digests, against, whole=not (named or absent)
            )
    return verification.verified()


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker has to know to verify a brand: whom to believe, and what was asked for.

    `brought` says that the auditor has brought the list of those who may sign; `only` is the one
    brand that is asked for, or None.
    """

    trust: Trust
    brought: bool
    rebuild: bool
    documents: bool
    only: str | None
    word: bool = False
    wording: Wording = Wording(  # noqa: RUF009 - it is frozen
        "verified", "verifies", FOLDER, "verify it on this machine, without --scheduler"
    )

    def begin(self, moment: Moment, root: Path, _cache: Cache) -> _BrandArchives:
        """Begin to verify the archives of a workspace."""
        return _BrandArchives(self, moment, root)


@dataclass(frozen=True, slots=True)
class _BrandVerified:
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

    def __init__(self, work: _Work, moment: Moment, root: Path) -> None:
        self.work = work
        self.moment = moment
        self.root = root

    @cached_property
    def common(self) -> str:
        """The digest of what git knows of all brands besides commits: the tags."""
        repository = self.moment.repository
        return repr((repository.prefix, tag_ids(repository))) if repository is not None else ""

    def own(self, brand: str) -> str:
        """Return a digest of all that lies in a brand's archive, and of the brand's own file."""
        digest = hashlib.sha256()
        archive = ArchiveFolder(self.root)
        for path in (brand_file(brand), *_below(archive, f"{FOLDER}/{brand}")):
            data = archive.read(path) if not path.endswith("/") else b""
            kept = hashlib.sha256(data).hexdigest() if data is not None else "unreadable"
            digest.update(f"{path} {kept}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def do(self, brand: str) -> _BrandVerified:
        """Return what was found in a brand's archive."""
        with TemporaryDirectory() as folder:
            trust = copied(self.work.trust, Path(folder))
            one = examine(self.root, brand, trust)
            return _BrandVerified(
                tuple(self._results(one, trust)),
                tuple(str(NewerArchive(path, entry.unknown)) for path, entry in one.newer.items()),
                one.fork is not None,
                frozenset(one.redacted),
                one.digests,
                proofs(one, trust),
                tuple(self._answers(brand)),
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
        """What git has of all brands, or of the only one that is asked for: it lists that once."""
        repository, commit, only = self.moment.repository, self.moment.commit, self.work.only
        if repository is None or commit is None:
            raise ValueError("the archive is not in git")
        tags = Tags(repository, f"{only}/" if only else "")
        return Committed(repository, commit, FOLDER, only), tags

    def _answers(self, brand: str) -> Iterator[str]:
        with suppress(ArchiveDamaged, Forked, NewerArchive):
            yield from ended_within_days(read_ledger(self.moment.archive, brand))

    def _in_git(
        self, one: Examined, trust: Trust, repository: Repository, commit: str
    ) -> Iterator[Finding | Note]:
        """Yield where git says something else of a brand."""
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


class _Verification:
    """What was found in the archive: brand by brand, and then in all of it."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.results: list[Finding | Note] = []
        self.newer: list[str] = []
        self.forked: list[str] = []
        self.unverified: list[str] = []
        self.unfit: list[Problem] = []
        self.redacted: set[str] = set()
        self.digests: dict[str, Mapping[int, tuple[str, ...]]] = {}
        self.proofs: list[Proofs] = []
        self.answers: list[str] = []
        self.entries = self.versions = 0
        self.unwitnessed = ""
        self.sources: dict[str, tuple[tuple[str, str], ...]] = {}

    def add(self, brand: str, one: _BrandVerified | Problem) -> None:
        """Take down what was found in one brand, or that nobody could verify it."""
        if isinstance(one, Problem):
            self.results.append(Finding(one.path, f"{one.message}; {one.fix}"))
            self.unverified.append(brand)
            known = ledger_digests(self.moment.archive, brand)
            self.digests[brand] = {number: (digest,) for number, (_, digest) in known.items()}
            return
        self.results += one.results
        self.newer += one.newer
        self.forked += [brand] if one.forked else []
        self.redacted |= one.redacted
        self.digests[brand] = one.digests
        self.proofs.append(one.proofs)
        self.answers += one.answers
        self.entries += one.entries
        self.versions += one.versions
        self.sources[brand] = one.sources

    def lost(self) -> Iterator[Note]:
        """Yield for each brand that source commits of its versions are missing here."""
        if self.moment.repository is None or self.moment.commit is None:
            return
        asked = (source for named in self.sources.values() for _, source in named)
        unknown = missing(self.moment.repository, asked)
        for brand, named in self.sources.items():
            lost = [(name, source) for name, source in named if source in unknown]
            if lost:
                plural = "s" if lost[2:] else ""
                more = (
                    f", nor are those of {len(lost) - 1} later version{plural}" if lost[1:] else ""
                )
                yield Note(
                    f"{ledger_folder(brand)}/{lost[0][0]}: its source commit "
                    f"{lost[0][1][:10]} is not in this repository{more}"
                )

    def compare(self, history: Iterable[Alteration]) -> None:
        """Take down what commits did, other than to add: a redaction deletes a file."""
        if self.moment.repository is None:
            return
        alterations = [
            alteration
            for alteration in history
            if not (alteration.deleted and alteration.path in self.redacted)
        ]
        paths = [result.path for result in self.results if isinstance(result, Finding)]
        unsound = {path.split("/")[1] for path in paths if "/" in path} - {*self.unverified}
        results, covered = altered_by_commits(self.moment.repository, alterations, unsound)
        forked = {ledger_folder(brand) for brand in self.forked}
        self.results = [*_but(self.results, covered), *_but(results, forked)]

    def compare_refs(self, past: Past) -> None:
        """Take down what other references have, and what was deleted where the archive lay."""
        repository, commit = self.moment.repository, self.moment.commit
        if repository is not None and commit is not None:
            sound = {b: known for b, known in self.digests.items() if b not in self.forked}
            self.results += differing_refs(repository, commit, sound)
            self.results += moved_and_changed(repository, past, sound)

    def verified(self) -> Verified:
        """Return all that was found, each thing once."""
        results = dict.fromkeys(self.results)
        return Verified(
            tuple(self.digests),
            self.entries,
            self.versions,
            tuple(result for result in results if isinstance(result, Finding)),
            tuple(result.text for result in results if isinstance(result, Note)),
            {
                brand: digests[max(digests)][0]
                for brand, digests in self.digests.items()
                if digests and brand not in (*self.forked, *self.unverified)
            },
            tuple(self.proofs),
            tuple(self.answers),
            tuple(self.newer),
            tuple(self.forked),
            self.unwitnessed,
            tuple(self.unverified),
            tuple(self.unfit),
        )


def _but(results: Iterable[Finding | Note], paths: Collection[str]) -> Iterator[Finding | Note]:
    """Yield all results but the findings on some paths."""
    for result in results:
        if isinstance(result, Note) or result.path not in paths:
            yield result


def _brands(moment: Moment, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the brands to check: those `named`, or all, here or in the newest commit."""
    archived = set(archived_brands(moment.archive))
    if moment.repository is not None and moment.commit is not None:
        moment.repository.refuse_shallow()
        archived.update(folders(moment.repository, moment.commit, FOLDER))
    return with_versions(sorted(archived), named)


def _strays(moment: Moment) -> Iterator[Finding]:
    for name in moment.archive.list(FOLDER):
        if not name.endswith("/") and name != "README.md":
            yield Finding(f"{FOLDER}/{name}", "belongs to no brand")


def _history(moment: Moment, named: Collection[str]) -> Past:
    """Return what commits changed in the archive, or for the named brands, besides additions."""
    if moment.repository is None or moment.commit is None:
        return Past()
    whole = past(moment.repository, moment.commit, FOLDER, FIRST_ENTRY)
    alterations = (
        alteration
        for alteration in whole.alterations
        if len(parts := alteration.path.split("/")) > 2
        and (not named or parts[1] in named)
        and alteration.path != head_path(parts[1])  # which every entry changes
    )
    return replace(whole, alterations=tuple(alterations))


def _contents(one: Examined, *, everything: bool) -> Iterator[Finding]:
    """Yield whether documents and policy of the newest version say the same, or of all versions.

    No later entry holds the hash of the newest one's. Documents with findings are not read.
    """
    known = () if one.newer or one.fork is not None else one.versions
    altered = {finding.path for finding in one.findings}
    for version in known if everything else known[-1:]:
        for locale in version.locales:
            yield from misquoted(one, version, locale)
            yield from contradicting(one, version, locale, altered)


def _undecided(one: Examined) -> Iterator[Note]:
    """Yield the imports of one document of which nobody has said if one corrects the other."""
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
    """Yield that files of a brand are not committed yet."""
    new = uncommitted(committed, one)
    if new and one.fork is None:
        yield Note(
            f"{new[0]} {f'and {len(new) - 1} more are' if new[1:] else 'is'} not committed yet; "
            f"run `{committing(one.root, f'{FOLDER}/{one.brand}')}`"
        )
