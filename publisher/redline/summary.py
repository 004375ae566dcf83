"""What a redline comes to: how many words, and what became of each clause."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.redline.values import ClauseRedline, Counts, Redline


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """What became of one clause. `before` and `after` are its ids; None where it was not there.

    `changed` says that its words differ, `moved` that it stands elsewhere among the others. Link
    targets and how lists and tables are built count as words, so that a clause can have changed
    without a word more or less.
    """

    before: str | None
    after: str | None
    changed: bool
    moved: bool
    counts: Counts


@dataclass(frozen=True, slots=True)
class Changes:
    """How one policy differs from another: a summary of their redline, of words only.

    `clauses` are those that differ: in the order of the policy after, and behind them the removed.
    `title` says that the policy has another title than before; its words are among the `counts`.
    """

    clauses: tuple[ClauseChange, ...]
    title: bool
    counts: Counts

    @property
    def added(self) -> tuple[str, ...]:
        """The ids of the clauses that came."""
        return tuple(each.after for each in self.clauses if each.before is None and each.after)

    @property
    def removed(self) -> tuple[str, ...]:
        """The ids, before, of the clauses that went."""
        return tuple(each.before for each in self.clauses if each.after is None and each.before)

    @property
    def changed(self) -> tuple[str, ...]:
        """The ids, after, of the clauses that were there and say something else now."""
        return tuple(e.after for e in self.clauses if e.before and e.after and e.changed)

    @property
    def moved(self) -> tuple[str, ...]:
        """The ids, after, of the clauses that stand elsewhere."""
        return tuple(each.after for each in self.clauses if each.moved and each.after)

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The ids before and after of the clauses that have another id."""
        both = ((each.before, each.after) for each in self.clauses)
        return tuple((one, other) for one, other in both if one and other and one != other)


def changes(redline: Redline) -> Changes:
    """Return what a redline comes to."""
    found = [_change(each) for each in redline.clauses if each.part.status != "from"]
    differing = [each for each in found if each.changed or each.moved or each.before != each.after]
    differing.sort(key=lambda each: each.after is None)
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
