"""``publisher verify``: whether the archive is as it was released, with git as a witness."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from publisher.archive.folder import archived_brands
from publisher.archive.ledger import head_path, ledger_folder
from publisher.archive.lineage import Lineage
from publisher.archive.trust.trust_files import trusted
from publisher.archive.verify.alterations import altered_by_commits
from publisher.archive.verify.brand_archive import BrandVerified, BrandWork
from publisher.archive.verify.findings import Finding, Note
from publisher.archive.verify.other_refs import FIRST_ENTRY, differing_refs, moved_and_changed
from publisher.archive.verify.proofs import Proofs
from publisher.archive.verify.witnesses import (
    compared_with,
    ledger_digests,
)
from publisher.compose.brands import Progress
from publisher.files.cache import Cache
from publisher.problem import Problem
from publisher.repository.moment import Moment, left_out, open_workspace
from publisher.repository.source import FOLDER
from publisher.repository.sparse import left_out_of
from publisher.repository.witness import Alteration, Past, folders, missing, past
from publisher.scheduler.results import results

_HASHES = (
    "only hashes were checked, and somebody who rewrites the whole archive can rewrite them, too. "
    "Verify a clone, or compare with one by --against"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked: `findings` are what is wrong, `notes` what is worth knowing.

    `heads` holds the SHA-256 of the newest entry of each brand: somebody who keeps it elsewhere can
    see later whether the ledger was cut off or rewritten. `proofs` show who signed entries, and at
    what times they existed. `versions` and `entries` count. `answers` are notes on answers that
    earlier publishers gave from the archive, and this one does not. `newer` names entries of a
    newer publisher, which this one cannot check in full. Two clones appended to the ledgers of the
    brands `forked`. The brands `unverified` could not be verified; each has a finding. `unfit` are
    the workers of a scheduler that could not take part.
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
    """Check a workspace's archive, or only the archives of `brands`, without repairing anything.

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
        absent = left_out(root, FOLDER)
        for brand in named:
            if brand in absent:
                raise left_out_of(root).brand(brand)
        wanted = tuple(brand for brand in _brands(moment, named) if brand not in absent)
        only = wanted[0] if len(wanted) == 1 else None
        work = BrandWork(trust, allowed_signers is not None, rebuild, documents, only)
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
        verification.unwitnessed = _unwitnessed(moment, () if named else absent, wanted)
        if against is not None:
            whole, digests = not (named or absent), verification.digests
            verification.results += compared_with(moment, digests, against, whole=whole)
    return verification.verified()


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

    def add(self, brand: str, one: BrandVerified | Problem) -> None:
        """Add the results for one brand, or that it could not be verified."""
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
        """Yield a finding for each brand with versions whose source commits are missing."""
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
        """Add what commits changed, other than by additions: a redaction deletes a file."""
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
        """Add what other references have, and what was deleted from the archive's former places."""
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


def _unwitnessed(moment: Moment, absent: Collection[str], brands: Iterable[str]) -> str:
    """Return why git could not be a witness, or not for all `brands`; nothing if it could.

    A sparse checkout leaves out the archives of the brands that are `absent`.
    """
    if moment.repository is None:
        return f"the workspace is not in git: {_HASHES}"
    if moment.commit is None:
        return f"the branch that is checked out has no commit: {_HASHES}"
    left_out = left_out_of(moment.repository.folder)
    files = [path for brand in brands for path in left_out.below(f"{FOLDER}/{brand}")]
    unseen = {
        "archives that it leaves out were not checked": len(absent),
        "files that it leaves out were checked in git, but not here": len(files),
    }
    if absent or files:
        what = ", and ".join(f"{what}: {number}" for what, number in unseen.items() if number)
        such = f" ({files[0]}{f' and {len(files) - 1} more' if files[1:] else ''})" if files else ""
        command = left_out.command(FOLDER)
        return f"the checkout is sparse, and {what}{such}; run `{command}`, then verify again"
    committed = folders(moment.repository, moment.commit, FOLDER)
    unknown = [brand for brand in brands if brand not in committed]
    if unknown:
        more = f" and {len(unknown) - 1} more" if unknown[1:] else ""
        return f"the newest commit has no {FOLDER}/{unknown[0]}{more} in this workspace: {_HASHES}"
    return ""


def _brands(moment: Moment, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the brands to check: those `named`, or all, here or in the newest commit."""
    archived = set(archived_brands(moment.archive))
    if moment.repository is not None and moment.commit is not None:
        moment.repository.refuse_shallow()
        archived.update(folders(moment.repository, moment.commit, FOLDER))
    for brand in named:
        if brand not in archived:
            raise Lineage(moment.archive, moment).never_released(brand)
    return named or tuple(sorted(archived))


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
