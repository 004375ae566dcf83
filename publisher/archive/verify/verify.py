"""``publisher verify``: whether the archive is as it was released, with git as a witness."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from publisher.archive.corrections import between, doubtful
from publisher.archive.entries import Import
from publisher.archive.folder import archived_brands, read_ledger
from publisher.archive.fork import Forked
from publisher.archive.fork_origins import forked_in
from publisher.archive.issued import with_versions
from publisher.archive.ledger import head_path, ledger_folder
from publisher.archive.trust.trust_files import Named, Trust, trusted
from publisher.archive.verify.alterations import told_by_history
from publisher.archive.verify.endorsements import doubted
from publisher.archive.verify.examine import examine
from publisher.archive.verify.findings import Examined, Finding, Note, misquoted
from publisher.archive.verify.hours import told_by_days
from publisher.archive.verify.proofs import Proofs, proofs
from publisher.archive.verify.witnesses import (
    Blobs,
    compared_with,
    differing,
    tags_moved,
    uncommitted,
)
from publisher.errors import ArchiveDamaged, NewerArchive
from publisher.repository.moment import Moment, open_workspace
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER, ArchiveFolder
from publisher.repository.witness import Alteration, altered, blobs, folders, missing


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at: `findings` are what is wrong, `notes` what is worth knowing.

    `heads` holds the SHA-256 of the newest entry of each brand: whoever keeps it elsewhere can tell
    later whether the ledger was cut off or written anew. `proofs` tell who signed entries, and
    since when they are there. `versions` and `entries` count. `answers` are notes, too, but not on
    the archive: on what earlier publishers answered from it, and this one does not. `newer` tells
    of entries of a newer publisher: this one cannot say that all is well. To the ledgers of the
    brands `forked`, two clones appended.
    """

    brands: tuple[str, ...]
    entries: int
    versions: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    heads: dict[str, str]
    proofs: tuple[Proofs, ...]
    answers: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    forked: tuple[str, ...] = ()


def verify(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brands: Iterable[str] = (),
    *,
    against: str | None = None,
    allowed_signers: Path | None = None,
    authorities: Path | None = None,
    rebuild: bool = False,
) -> Verified:
    """Look at the archive of the workspace in `root`, or at that of `brands`; repair nothing.

    `against` names another telling of it: a clone, a revision, or the SHA-256 of an entry.
    `allowed_signers` and `authorities` are files that say whose signatures and time-stamps to
    believe, in place of the workspace's. `rebuild` composes each version again from its source
    commit. Raises `NeverReleased`, `AskedWrongly`, `InvalidTrust`, `ShallowClone`, `GitFailed`.
    """
    named = tuple(dict.fromkeys(brands))
    given = Named(allowed_signers, authorities)
    with open_workspace(root) as moment, trusted(moment, given) as believed:
        wanted = _brands(moment, named)
        with ThreadPoolExecutor(1) as aside:  # git goes through history while we read files
            history = aside.submit(_history, moment, named)
            looked = _Looked(moment, believed.trust, rebuild=rebuild)
            for brand in wanted:
                looked.at(examine(root, brand, believed.trust))
        looked.told += [Note(each) for each in believed.notes]
        looked.told += [] if named else _strays(moment)
        looked.compare(history.result())
        if moment.repository is None or moment.commit is None:
            looked.told.append(Note("the workspace is not in git: only hashes were looked at"))
        if against is not None:
            looked.told += compared_with(moment, looked.digests, against, whole=not named)
    return looked.verified()


class _Looked:
    """What was seen of the archive: brand by brand, so that only one is in memory at a time."""

    def __init__(self, moment: Moment, trust: Trust, *, rebuild: bool) -> None:
        self.moment = moment
        self.trust = trust
        self.rebuild = rebuild
        self.told: list[Finding | Note] = []
        self.newer: list[str] = []
        self.forked: list[str] = []
        self.redacted: set[str] = set()
        self.digests: dict[str, Mapping[int, tuple[str, ...]]] = {}
        self.proofs: list[Proofs] = []
        self.answers: list[str] = []
        self.entries = self.versions = 0

    def at(self, one: Examined) -> None:
        """Take down what is to be told of one brand."""
        self.told += [*one.findings, *one.notes, *_newest(one), *_unsaid(one)]
        for path, entry in one.newer.items():
            self.newer.append(str(NewerArchive(path, entry.unknown)))
        if one.fork is not None:
            said = forked_in(ArchiveFolder(one.root), one.fork)
            self.told.append(Finding(ledger_folder(one.brand), said.what))
            self.forked.append(one.brand)
        signers = self.trust.signers
        self.told += doubted(one, signers)
        self.answers += _answers(self.moment, one.brand)
        repository, commit = self.moment.repository, self.moment.commit
        if repository is not None and commit is not None:
            committed = blobs(repository, commit, f"{FOLDER}/{one.brand}")
            self.told += _in_git(repository, committed, one)
            self.told += tags_moved(repository, one, signers)
            self.told += _rebuilt(repository, one) if self.rebuild else ()
        self.redacted.update(one.redacted)
        self.digests[one.brand] = one.digests
        self.proofs.append(proofs(one, self.trust))
        self.entries += len(one.entries)
        self.versions += len(one.versions)

    def compare(self, history: Iterable[Alteration]) -> None:
        """Take down what commits did, other than to add: a redaction deletes a file."""
        repository = self.moment.repository
        if repository is None:
            return
        alterations = [
            each for each in history if not (each.path in self.redacted and each.deleted)
        ]
        unsound = {each.path.split("/")[1] for each in self.findings if "/" in each.path}
        told, covered = told_by_history(repository, alterations, unsound)
        self.told = [
            each for each in self.told if isinstance(each, Note) or each.path not in covered
        ]
        forked = {ledger_folder(brand) for brand in self.forked}
        self.told += [each for each in told if isinstance(each, Note) or each.path not in forked]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, each thing once."""
        return tuple(dict.fromkeys(each for each in self.told if isinstance(each, Finding)))

    def verified(self) -> Verified:
        """Return all that was seen, each thing once."""
        return Verified(
            tuple(self.digests),
            self.entries,
            self.versions,
            self.findings,
            tuple(dict.fromkeys(each.text for each in self.told if isinstance(each, Note))),
            {
                brand: digests[max(digests)][0]
                for brand, digests in self.digests.items()
                if digests and brand not in self.forked
            },
            tuple(self.proofs),
            tuple(self.answers),
            tuple(self.newer),
            tuple(self.forked),
        )


def _brands(moment: Moment, named: tuple[str, ...]) -> tuple[str, ...]:
    """Return the brands to look at: those `named`, else all, here or in the newest commit."""
    there = set(archived_brands(moment.archive))
    if moment.repository is not None and moment.commit is not None:
        moment.repository.refuse_shallow()
        there.update(folders(moment.repository, moment.commit, FOLDER))
    return with_versions(sorted(there), named)


def _strays(moment: Moment) -> Iterator[Finding]:
    for name in moment.archive.list(FOLDER):
        if not name.endswith("/") and name != "README.md":
            yield Finding(f"{FOLDER}/{name}", "belongs to no brand")


def _history(moment: Moment, named: Collection[str]) -> list[Alteration]:
    """Return what commits did to the archive, or to that of brands, other than to add to it."""
    if moment.repository is None or moment.commit is None:
        return []
    return [
        each
        for each in altered(moment.repository, moment.commit, FOLDER)
        if len(parts := each.path.split("/")) > 2
        and (not named or parts[1] in named)
        and each.path != head_path(parts[1])  # which every entry changes
    ]


def _answers(moment: Moment, brand: str) -> Iterator[str]:
    """Yield what earlier publishers answered otherwise; nothing where no answer can be given."""
    with suppress(ArchiveDamaged, Forked, NewerArchive):
        yield from told_by_days(read_ledger(moment.archive, brand))


def _rebuilt(repository: Repository, each: Examined) -> Iterator[Finding | Note]:
    from publisher.archive.verify.rebuild import rebuilt

    return rebuilt(repository, each)


def _newest(each: Examined) -> Iterator[Finding]:
    """Yield whether the newest version is misquoted: no later entry holds the hash of its own."""
    known = () if each.newer or each.fork is not None else each.versions
    for version in known[-1:]:
        for locale in version.locales:
            yield from misquoted(each, version, locale)


def _unsaid(each: Examined) -> Iterator[Note]:
    """Yield the imports of one document of which nobody has said what they are to each other."""
    imports = [entry for entry in each.entries.values() if isinstance(entry, Import)]
    for earlier, later in doubtful(imports):
        where = f"{ledger_folder(each.brand)}/{later.name}"
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


def _in_git(repository: Repository, committed: Blobs, each: Examined) -> Iterator[Finding | Note]:
    """Yield where git tells something else of a brand, or does not know."""
    yield from differing(committed, each)
    new = uncommitted(committed, each)
    if new and each.fork is None:
        yield Note(
            f"{new[0]}{f' and {len(new) - 1} more' if new[1:] else ''} not committed yet; "
            f"run `git add --force {FOLDER}/{each.brand}` and `git commit`"
        )
    made = [version for version in each.versions if not isinstance(version, Import)]
    unknown = missing(repository, (version.source for version in made))
    lost = [version for version in made if version.source in unknown]
    if lost:
        more = f", nor are those of {len(lost) - 1} later versions" if lost[1:] else ""
        yield Note(
            f"{ledger_folder(each.brand)}/{lost[0].name}: its source commit "
            f"{lost[0].source[:10]} is not in this repository{more}"
        )
