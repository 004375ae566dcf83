"""Follows one clause through a policy's history: by whatever id, and from whichever file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.history.walk import Brought, ComposeAt, Gap, Step, Trace, Walk, untraced
from publisher.policy.pairs import Pair, pairs
from publisher.policy.tree import Clause, Policy
from publisher.redline.summary import Changes, ClauseChange
from publisher.repository.commits import Commit


@dataclass(frozen=True, slots=True)
class Compared:
    """What a step did, clause by clause, without what the clauses say.

    A long history of long policies has to fit into memory.
    """

    span: tuple[Commit, ...]
    material: bool
    pairs: tuple[Pair, ...]
    changes: Changes

    @classmethod
    def of(cls, step: Step, changes: Changes) -> Compared:
        """Return what a step did; `changes` tells how the policies around it differ."""
        bare = tuple(
            Pair(_bare(pair.before), _bare(pair.after), pair.changed)
            for pair in pairs(step.before, step.after)
        )
        return cls(step.span, step.material, bare, changes)

    def has(self, id: str, *, after: bool) -> bool:
        """Return whether a clause has an id after the step, or before it."""
        return self.pair(id, after=after) is not None

    def pair(self, id: str, *, after: bool) -> Pair | None:
        """Return the pair with the clause that has an id after the step, or before it."""
        sides = ((pair, pair.after if after else pair.before) for pair in self.pairs)
        return next((pair for pair, clause in sides if clause and clause.id == id), None)


def _bare(clause: Clause | None) -> Clause | None:
    return clause and replace(clause, blocks=(), notes=(), questions=(), places=())


@dataclass(frozen=True, slots=True)
class ClauseStep:
    """What a step did to the clause that is followed.

    `change` is None where it says what it said, under the same id and in the same place: it only
    moved between the shared files and those of the brand. `files` are the one before and the one
    after, where it did.
    """

    step: Compared
    change: ClauseChange | None
    files: tuple[str, str] | None


def steps(
    policy: Policy,
    compose_at: ComposeAt,
    log: Iterable[Commit],
    brought: Brought,
    trace: Trace = untraced,
) -> Iterator[Step | Gap]:
    """Yield all that happened to a policy's words, its clauses' ids and their files, newest first.

    `policy` is the one at the first commit in `log`, the first-parent line. Whatever happened to
    none of them is left out, but for the confirmation of a draft. A gap stands behind the revision
    that fixed it. `trace` tells where the policy comes from.
    """
    walk = Walk(policy, compose_at, brought, trace, skipping=False)
    gaps: list[Gap] = []
    for commit in _along(walk, log):
        for event in walk.step(commit):
            if isinstance(event, Gap):
                gaps.append(event)
                continue
            if event.differs or _files(event) or _confirmed(event):
                yield event
            yield from gaps
            gaps.clear()
    yield from gaps


def _along(walk: Walk, log: Iterable[Commit]) -> Iterator[Commit]:
    """Yield the commits that a walk is to take: those of another workspace, once it came to it."""
    commits = iter(log)
    while (commit := next(commits, None)) is not None:
        yield commit
        former, walk.former = walk.former, None
        if former is not None and former.log is not None:
            commits = iter(former.log)


def _confirmed(step: Step) -> bool:
    """Return whether what was a draft is none any more."""
    return bool(step.before and step.after and step.before.draft and not step.after.draft)


def _files(step: Step) -> bool:
    """Return whether a clause is known by another id, or read from another file, than before."""
    one, other = (
        [(c.id, c.path) for c in p.clauses] if p else [] for p in (step.before, step.after)
    )
    return one != other


def follow(steps: Sequence[Compared], id: str) -> Iterator[ClauseStep]:
    """Yield what happened to the clause that `id` is of after the first of `steps`, newest first.

    Where there is none, it is the clause that was removed last under that id, or that was there
    before another came.
    """
    here = bool(steps) and steps[0].has(id, after=True)
    for step in steps:
        if not here and (step.has(id, after=True) or not step.has(id, after=False)):
            continue
        pair = step.pair(id, after=here)
        if pair is None:
            continue
        change = _change(step.changes, pair)
        files = _moved(pair)
        if change is not None or files is not None:
            yield ClauseStep(step, change, files)
        here = pair.before is not None
        id = pair.before.id if pair.before is not None else id


def id_today(steps: Sequence[Compared], id: str) -> str | None:
    """Return the id to `follow` for a clause that has, or once had, `id`; None if none ever had.

    It is the id that the clause has after the first of `steps`, or had when it was removed.
    """
    if steps and steps[0].has(id, after=True):
        return id
    newest = next((at for at, step in enumerate(steps) if step.has(id, after=False)), None)
    if newest is None:
        return None
    for step in reversed(steps[: newest + 1]):
        pair = step.pair(id, after=False)
        if pair is None or pair.after is None:
            return id
        id = pair.after.id
    return id


def ids_ever(steps: Sequence[Compared]) -> set[str]:
    """Return every id that a clause has, or once had."""
    clauses = (c for step in steps for pair in step.pairs for c in (pair.before, pair.after) if c)
    return {clause.id for clause in clauses}


def _change(found: Changes, pair: Pair) -> ClauseChange | None:
    ids = tuple(clause and clause.id for clause in (pair.before, pair.after))
    return next((each for each in found.clauses if (each.before, each.after) == ids), None)


def _moved(pair: Pair) -> tuple[str, str] | None:
    """Return the files that a clause moved between, if one is shared and the other a brand's."""
    if pair.before is None or pair.after is None:
        return None
    one, other = pair.before.path, pair.after.path
    return (one, other) if one.startswith("shared/") != other.startswith("shared/") else None
