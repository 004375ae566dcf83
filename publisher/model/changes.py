"""Two policies compared: which clauses came, went, changed, moved or have another id.

Pure, and about words only: policies with the same words differ in nothing but clause ids. Histories
count with it, and whatever shows a difference pairs the clauses with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from publisher.model.policy import Clause, Policy
from publisher.model.words import clause_words, fold, one_by_one

ALIKE = 0.7
"""The share of words in common from which a clause under a new id is still the same clause."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A clause before and after; None where there is none. `changed` says that its words differ."""

    before: Clause | None
    after: Clause | None
    changed: bool

    @property
    def renamed(self) -> bool:
        """Whether the clause has another id than before."""
        return bool(self.before and self.after and self.before.id != self.after.id)


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """What became of one clause. `before` and `after` are its ids; None where it was not there.

    `changed` says that its words differ, `moved` that it stands elsewhere among the others. The
    target of a link counts as a word; how lists and tables are built does not, so that a clause can
    have changed without a word more or less.
    """

    before: str | None
    after: str | None
    changed: bool
    moved: bool
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True)
class Changes:
    """How one policy differs from another.

    `clauses` are those that differ: in the order of the policy after, and behind them the removed.
    `title` says that the policy has another title than before; its words are counted in
    `words_added` and `words_removed`, too.
    """

    clauses: tuple[ClauseChange, ...]
    title: bool
    words_added: int
    words_removed: int

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


def changes(before: Policy | None, after: Policy | None) -> Changes:
    """Return how `after` differs from `before`; None stands for a policy that is not there."""
    paired = pairs(before, after)
    moved = _moved(before, paired)
    found: list[ClauseChange] = []
    for pair in paired:
        one, other = pair.before, pair.after
        same_place = other is None or other.id not in moved
        if one and other and not (pair.changed or pair.renamed) and same_place:
            continue
        count = _counted(_words(before, one), _words(after, other)) if pair.changed else (0, 0)
        found.append(
            ClauseChange(
                one.id if one else None,
                other.id if other else None,
                pair.changed,
                not same_place,
                *count,
            )
        )
    titles = [fold(policy.title) if policy else "" for policy in (before, after)]
    more, less = _counted(*(title.split() for title in titles))
    return Changes(
        tuple(found),
        bool(before and after) and titles[0] != titles[1],
        more + sum(each.words_added for each in found),
        less + sum(each.words_removed for each in found),
    )


def pairs(before: Policy | None, after: Policy | None) -> tuple[Pair, ...]:
    """Return the clauses side by side: in the order of `after`, and behind them those removed.

    Policies with the same words have the same clauses in the same order, whatever their ids. Else a
    clause is the same if it has the same id. Of the clauses whose id vanished and those whose id
    appeared, two are the same if they have the same words, else if they have the same title, else
    if at least seven tenths of their words are the same, whatever their order. The best match comes
    first, among equals the one that stands first.
    """
    old = {clause.id: clause for clause in before.clauses} if before else {}
    new = {clause.id: clause for clause in after.clauses} if after else {}
    old_words = clause_words(before) if before else {}
    new_words = clause_words(after) if after else {}
    if [*old_words.values()] == [*new_words.values()]:
        origin = dict(zip(new, old, strict=True))
    else:
        origin = {id: id for id in new if id in old}
        origin |= _renamed(before, after, {*origin})
    matched = [
        Pair(
            old.get(origin.get(id, "")), clause, old_words.get(origin.get(id, "")) != new_words[id]
        )
        for id, clause in new.items()
    ]
    gone = set(old) - set(origin.values())
    return (*matched, *(Pair(old[id], None, changed=True) for id in old if id in gone))


def _renamed(before: Policy | None, after: Policy | None, known: set[str]) -> dict[str, str]:
    """Return the id before of each clause that has another id now."""
    vanished = [clause for clause in before.clauses if clause.id not in known] if before else []
    appeared = [clause for clause in after.clauses if clause.id not in known] if after else []
    if before is None or after is None or not vanished or not appeared:
        return {}
    old_words, new_words = clause_words(before), clause_words(after)
    ranked = []
    for i, one in enumerate(vanished):
        for j, other in enumerate(appeared):
            same = old_words[one.id] == new_words[other.id]
            titled = fold(one.title) == fold(other.title)
            alike = 1.0 if same else _alike(_words(before, one), _words(after, other))
            if same or titled or alike >= ALIKE:
                ranked.append((not same, not titled, -alike, i + j, i, one.id, other.id))
    origin: dict[str, str] = {}
    for *_, one_id, other_id in sorted(ranked):
        if other_id not in origin and one_id not in origin.values():
            origin[other_id] = one_id
    return origin


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the share of words that two texts have in common, whatever their order: 0 to 1."""
    common = (Counter(one) & Counter(other)).total()
    return 2 * common / ((len(one) + len(other)) or 1)


def _moved(before: Policy | None, paired: Sequence[Pair]) -> frozenset[str]:
    """Return the ids, after, of the fewest clauses that must have moved to give the new order."""
    place = {clause.id: at for at, clause in enumerate(before.clauses)} if before else {}
    both = [(place[pair.before.id], pair.after.id) for pair in paired if pair.before and pair.after]
    kept = _longest_rise([at for at, _ in both])
    return frozenset(id for at, (_, id) in enumerate(both) if at not in kept)


def _longest_rise(numbers: Sequence[int]) -> frozenset[int]:
    """Return the indices of a longest rising subsequence of different numbers."""
    ends: list[int] = []  # the smallest number that a rise of each length can end with
    tails: list[int] = []  # and its index
    previous: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(tails[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        tails[length : length + 1] = [at]
    rise: list[int] = []
    at = tails[-1] if tails else -1
    while at >= 0:
        rise.append(at)
        at = previous[at]
    return frozenset(rise)


def _words(policy: Policy | None, clause: Clause | None) -> Sequence[str]:
    return one_by_one(policy, clause) if policy and clause else ()


def _counted(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Return how many words were added and removed, at the least, to make one text of the other."""
    ahead = sum(1 for _ in takewhile(_equal, zip(before, after, strict=False)))
    before, after = before[ahead:], after[ahead:]
    behind = sum(1 for _ in takewhile(_equal, zip(reversed(before), reversed(after), strict=False)))
    before, after = before[: len(before) - behind], after[: len(after) - behind]
    common = _in_common(before, after)
    return len(after) - common, len(before) - common


def _equal(both: tuple[str, str]) -> bool:
    return both[0] == both[1]


def _in_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit by bit in one large number (Hyyrö 2004), so that even clauses without a word in common cost
    next to nothing.
    """
    masks: dict[str, int] = {}
    for at, word in enumerate(one):
        masks[word] = masks.get(word, 0) | 1 << at
    whole = (1 << len(one)) - 1
    row = whole
    for word in other:
        met = row & masks.get(word, 0)
        row = ((row + met) | (row - met)) & whole
    return len(one) - row.bit_count()
