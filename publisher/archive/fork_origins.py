"""Two clones appended to one ledger: which commits did, and how to undo one of the two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from publisher.archive import folder as archive_folder
from publisher.archive.entries import Release, Version, sha256
from publisher.archive.fork import Branch, Fork, Forked, listed
from publisher.archive.in_force import InForce
from publisher.archive.ledger import Ledger, ledger_folder
from publisher.archive.moments import Period, When, counted
from publisher.errors import GitFailed
from publisher.repository.source import FOLDER, ArchiveFolder, Source

if TYPE_CHECKING:
    from publisher.repository.reading import Repository


def read_ledger(archive: Source, brand: str, *, before_fork: bool = False) -> Ledger:
    """Return a brand's ledger, as `publisher.archive.folder.read_ledger` does.

    Where two clones appended to it, the error says how to undo one of the two.
    """
    try:
        return archive_folder.read_ledger(archive, brand, before_fork=before_fork)
    except Forked as fault:
        if not isinstance(archive, ArchiveFolder):
            raise
        raise forked_in(archive, fault.fork) from None


def forked_in(archive: ArchiveFolder, fork: Fork) -> Forked:
    """Return the error on a fork in a folder, with what git knows of it."""
    from publisher.repository.reading import Repository

    try:
        repository = Repository.find(archive.root)
    except GitFailed:
        repository = None
    if repository is None:
        return Forked(fork, _NOBODY_KNOWS.format(folder=f"{FOLDER}/{fork.brand}"))
    with repository:
        return forked(repository, fork)


_NOBODY_KNOWS = (
    "Git does not say which commit brought each: restore {folder} from a clone that has one of "
    "them only"
)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a branch of a fork comes from.

    `brought` is the first commit with its first entry; `whole` the newest with all of it, and
    nothing of the other branches.
    """

    branch: Branch
    brought: str
    whole: str

    def __str__(self) -> str:
        return f"{self.branch.names[0]} (commit {self.brought[:10]})"


def forked(repository: Repository, fork: Fork) -> Forked:
    """Return the error on a fork, which says how to undo one of its branches."""
    from publisher.repository.folder_history import pushed, under_way

    folder = f"{FOLDER}/{fork.brand}"
    origins = _origins(repository, fork)
    if origins is None:
        return Forked(fork, _NOBODY_KNOWS.format(folder=folder))
    kept = [origin for origin in origins if pushed(repository, origin.brought)]
    commit = f"`git commit -m 'Undo entry {fork.number} of {fork.brand}'`"
    if len(kept) == 1:
        undone = [origin for origin in origins if origin not in kept]
        if [origin.brought for origin in undone] == [under_way(repository, "REBASE_HEAD")]:
            commands = ["`git rebase --skip`"]
        else:
            whole = kept[0].whole[:10]
            commands = [f"`git rm -rfq {folder}`", f"`git checkout {whole} -- {folder}`", commit]
        commands += (f"`git tag -d {name}`" for name in _tags(repository, fork, undone))
        return Forked(
            fork,
            f"{listed(map(str, undone))} {'was' if len(undone) == 1 else 'were'} not pushed. To "
            f"undo it, run {listed(commands)}; then repeat the command that made it",
        )
    ways = ", or ".join(
        f"`git checkout {origin.whole[:10]} -- {folder}` to keep {origin}" for origin in origins
    )
    return Forked(
        fork,
        f"Keep the one that was published: run `git rm -rfq {folder}`, then {ways}, and {commit}; "
        "then repeat the command that made the other one",
    )


def _origins(repository: Repository, fork: Fork) -> list[_Origin] | None:
    """Return where each branch comes from; None unless git knows it for all."""
    from publisher.repository.folder_history import blob_id, heads, ids, touching

    folder = ledger_folder(fork.brand)
    commits = tuple(touching(repository, heads(repository), f"{FOLDER}/{fork.brand}"))
    paths = {f"{folder}/{name}" for branch in fork.branches for name in branch.names}
    known = ids(repository, commits, sorted(paths))

    def has(commit: str, branch: Branch, at: int) -> bool:
        return known.get((commit, f"{folder}/{branch.names[at]}")) == blob_id(branch.data[at])

    origins = []
    for branch in fork.branches:
        others = [other for other in fork.branches if other != branch]
        brought = [commit for commit in commits if has(commit, branch, 0)]
        whole = [
            commit
            for commit in brought
            if has(commit, branch, -1) and not any(has(commit, other, 0) for other in others)
        ]
        if not whole:
            return None
        origins.append(_Origin(branch, brought[-1], whole[0]))
    return origins


def _tags(repository: Repository, fork: Fork, undone: Iterable[_Origin]) -> Iterator[str]:
    """Yield the tags of versions that are to be undone."""
    from publisher.repository.tags import tags

    digests = {sha256(data) for origin in undone for data in origin.branch.data}
    for tag in tags(repository, f"{fork.brand}/"):
        if any(digest in tag.message for digest in digests):
            yield tag.name


_KEPT = frozenset(
    ("release", "reschedule", "retire", "timestamp", "redact", "endorse", "capture", "notice")
)
"""The kinds of entries that change nothing before the moment at which they were recorded."""


def refuse_unsettled(
    archive: ArchiveFolder, chain: Sequence[InForce], on: When | None, version: str | None
) -> None:
    """Raise `Forked` for a time, or a version, that the entries before a fork do not decide.

    Nothing that is appended later, except the correction of a clock, changes what was in force; a
    later import may change the answer for the time before the first release. `chain` answers from
    entries before a fork.
    """
    fork = _fork(chain)
    if fork is None:
        return
    if version is not None:
        decided = any(known.ledger.version(version) is not None for known in chain)
    else:
        first = _first(on, fork) if on is not None else fork.recorded
        last = first if isinstance(on, datetime) else first + timedelta(days=1)
        released = any(known.timeline.newest(first) is not None for known in chain)
        released = released and not any("clock" in branch.kinds for branch in fork.branches)
        before = last.astimezone(UTC) <= fork.recorded.astimezone(UTC)
        known_then = any(len(known.ledger) for known in chain) and (released or _keeps(fork))
        decided = on is not None and before and known_then
    if not decided:
        raise forked_in(archive, fork)


def settled(known: InForce, period: Period) -> Period:
    """Return a period, without its end if a fork leaves that unsettled."""
    fork = _fork(known.chain)
    if fork is None or (period.ends is not None and period.ends < fork.recorded):
        return period
    return replace(period, ends=None, ended_by=None)


def unsettled(known: InForce, version: Version, locale: str) -> str | None:
    """Return the moment from which a fork leaves a version unsettled; None if it does not."""
    fork = _fork(known.chain)
    if fork is None:
        return None
    ends = known.period(version, locale).ends
    decided = isinstance(version, Release) or _keeps(fork)
    if ends is not None and ends < fork.recorded and decided:
        return None
    at = fork.recorded.replace(tzinfo=None).isoformat(sep=" ")
    return f"not settled from {at} on: the ledger of {fork.brand} has {fork}"


def _fork(chain: Sequence[InForce]) -> Fork | None:
    """Return the first fork in the ledgers that answer for a brand."""
    forks = [known.ledger.fork for known in chain if known.ledger.fork is not None]
    return min(forks, key=lambda fork: fork.recorded, default=None)


def _first(on: When, fork: Fork) -> datetime:
    """Return the first moment that is asked about."""
    if not isinstance(on, datetime):
        return datetime.combine(counted(on), time(), fork.recorded.tzinfo)
    return on if on.tzinfo is not None else on.replace(tzinfo=fork.recorded.tzinfo)


def _keeps(fork: Fork) -> bool:
    """Return whether the appended entries leave the time before them as it was."""
    return all(_KEPT.issuperset(branch.kinds) for branch in fork.branches)
