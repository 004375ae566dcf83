"""Follows one clause through a policy's history, under all its ids and in all its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from publisher.history.walk import Brought, ComposeAt, Gap, Step, Trace, Walk, untraced
from publisher.policy.pairs import Pair, pairs
from publisher.policy.tree import Clause, Policy
from publisher.repository.commits import Commit

if TYPE_CHECKING:
    from publisher.redline.summary import Changes, ClauseChange


@dataclass(frozen=True, slots=True)
class Compared:
    """The changes of a step, clause by clause, without the text of the clauses.

    A long history of long policies has to fit into memory.
    """

    span: tuple[Commit, ...]
    material: bool
    pairs: tuple[Pair, ...]
    changes: Changes

    @classmethod
    def of(cls, step: Step, changes: Changes) -> Compared:
        """Return the changes of a step; `changes` compares the policies before and after it."""
        bare = tuple(
            Pair(_bare(pair.before), _bare(pair.after), pair.changed)
            for pair in pairs(step.before, step.after)
        )
        return cls(step.span, step.material, bare, changes)

    def has(self, id: str, *, after: bool) -> bool:
        """Return whether a clause has an id after the step, or before it."""
        return self.pair(id, after=after) is not None

    def pair(self, id: str, *, after: bool) -> Pair | None:
        """Return the pair with the clause that had an id after the step, or before it."""
        sides = ((pair, pair.after if after else pair.before) for pair in self.pairs)
        return next((pair for pair, clause in sides if clause and clause.id == id), None)


def _bare(clause: Clause | None) -> Clause | None:
    return clause and replace(clause, blocks=(), notes=(), questions=(), places=(), quoted=())


@dataclass(frozen=True, slots=True)
class ClauseStep:
    """The change of one clause in a step.

    `change` is None if only the file of the clause is different: it moved between the shared files
    and those of the brand. `files` are the file before and the file after.
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
    """Yield the changes of a policy's words, its clauses' ids and their files, newest first.

    `policy` is the one at the first commit in `log`, the first-parent line. Other steps are left
    out, except the confirmation of a draft and the end of a gap. A gap follows the step that fixed
    it. `trace` returns the earlier place of the policy.
    """
    walk = Walk(policy, compose_at, brought, trace, log, skipping=False)
    gaps: list[Gap] = []
    for commit in _along(walk):
        for event in walk.step(commit):
            if isinstance(event, Gap):
                gaps.append(event)
                continue
            if event.differs or event.problems or _files(event) or _confirmed(event):
                yield event
            yield from gaps
            gaps.clear()
    yield from gaps


def _along(walk: Walk) -> Iterator[Commit]:
    """Yield the commits to walk; they change to another log once the policy needs that."""
    commits = iter(walk.log)
    while (commit := next(commits, None)) is not None:
        yield commit
        if walk.elsewhere is not None:
            commits, walk.elsewhere = iter(walk.elsewhere), None


def _confirmed(step: Step) -> bool:
    """Return whether a draft was confirmed."""
    return bool(step.before and step.after and step.before.draft and not step.after.draft)


def _files(step: Step) -> bool:
    """Return whether a clause has a different id or file from before."""
    one, other = (
        [(c.id, c.path) for c in p.clauses] if p else [] for p in (step.before, step.after)
    )
    return one != other


def follow(steps: Sequence[Compared], id: str) -> Iterator[ClauseStep]:
    """Yield the changes of the clause that has `id` after the first of `steps`, newest first.

    If none has it, the clause is the last one that was removed under that id.
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
    """Return the id to `follow` for a clause that has, or once had, `id`; None if none did.

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


def _change(changes: Changes, pair: Pair) -> ClauseChange | None:
    ids = tuple(clause and clause.id for clause in (pair.before, pair.after))
    return next((c for c in changes.clauses if (c.before, c.after) == ids), None)


def _moved(pair: Pair) -> tuple[str, str] | None:
    """Return the files that a clause moved between, if one is shared and the other a brand's."""
    if pair.before is None or pair.after is None:
        return None
    one, other = pair.before.path, pair.after.path
    return (one, other) if one.startswith("shared/") != other.startswith("shared/") else None
