"""The summary of a redline: how many words differ, and which clauses changed, and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.redline.values import ClauseRedline, Counts, Redline


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """How one clause differs. `before` and `after` are its ids; None for no such clause.

    `changed` is true if its words differ, `moved` if its place among the others does. Link targets
    and the structure of lists and tables count as words, so that a clause can change without any
    other word.
    """

    before: str | None
    after: str | None
    changed: bool
    moved: bool
    counts: Counts


@dataclass(frozen=True, slots=True)
class Changes:
    """How one policy differs from another: a summary of their redline, of words only.

    `clauses` are those that differ, in the order of the newer policy, the removed ones last.
    `title` is true if the policy's title changed; its words are among the `counts`.
    """

    clauses: tuple[ClauseChange, ...]
    title: bool
    counts: Counts

    @property
    def added(self) -> tuple[str, ...]:
        """The ids of the added clauses."""
        return tuple(new for old, new in self._ids if old is None and new)

    @property
    def removed(self) -> tuple[str, ...]:
        """The ids, before, of the removed clauses."""
        return tuple(old for old, new in self._ids if new is None and old)

    @property
    def changed(self) -> tuple[str, ...]:
        """The ids, after, of the clauses in both policies whose words differ."""
        changed = (clause for clause in self.clauses if clause.changed)
        return tuple(clause.after for clause in changed if clause.before and clause.after)

    @property
    def moved(self) -> tuple[str, ...]:
        """The ids, after, of the clauses that moved."""
        return tuple(clause.after for clause in self.clauses if clause.moved and clause.after)

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The ids before and after of the clauses whose id changed."""
        return tuple((old, new) for old, new in self._ids if old and new and old != new)

    @property
    def _ids(self) -> Iterator[tuple[str | None, str | None]]:
        return ((clause.before, clause.after) for clause in self.clauses)


def changes(redline: Redline) -> Changes:
    """Return the summary of a redline."""
    every = [_change(clause) for clause in redline.clauses if clause.part.status != "from"]
    differing = [c for c in every if c.changed or c.moved or c.before != c.after]
    differing.sort(key=lambda clause: clause.after is None)
    both = redline.old is not None and redline.new is not None
    return Changes(
        tuple(differing), both and redline.title.status != "same", redline.counts.of_words
    )


def _change(clause: ClauseRedline) -> ClauseChange:
    both = clause.old is not None and clause.new is not None
    return ClauseChange(
        clause.old,
        clause.new,
        not both or clause.reworded,
        clause.part.status == "to",
        clause.counts.of_words,
    )
