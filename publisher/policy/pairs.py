"""Two policies side by side: which clause is which, and how each changed.

Pure, and about words only: policies with the same words differ in nothing but clause ids.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from publisher.policy.tree import Clause, Policy
from publisher.policy.words import clause_words, fold, one_by_one

ALIKE = 0.6
"""The least share of common words for a clause under a new id to be the same clause."""
_TEXT_ALIKE = 0.7
"""The same without the titles, which may have nothing in common."""
_RENUMBERED = 0.3
"""The same under a title in which nothing differs but its numbers."""
_NUMBER = re.compile(r"[^\W\d]?\W*+\d[\d.]*+\W*|[(]?([ivxlc]+|[a-z])[.)]+|[\W_]+")
"""A number in a title, or a letter that stands for one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A clause before and after, or None if it is missing; `changed` if its words differ."""

    before: Clause | None
    after: Clause | None
    changed: bool

    @property
    def renamed(self) -> bool:
        """Whether the clause has a different id from before."""
        return bool(self.before and self.after and self.before.id != self.after.id)


def pairs(before: Policy | None, after: Policy | None) -> tuple[Pair, ...]:
    """Return the clauses side by side, as `origins` has them.

    They are in the order of `after`, and after them those removed.
    """
    origin = origins(before, after)
    old = {clause.id: clause for clause in before.clauses} if before else {}
    old_words = clause_words(before) if before else {}
    new_words = clause_words(after) if after else {}
    matched = [
        Pair(old.get(source), clause, old_words.get(source) != new_words[clause.id])
        for clause in (after.clauses if after else ())
        for source in (origin.get(clause.id, ""),)
    ]
    removed = set(old) - set(origin.values())
    return (*matched, *(Pair(old[id], None, changed=True) for id in old if id in removed))


def origins(before: Policy | None, after: Policy | None) -> dict[str, str]:
    """Return the id before of each clause that was there before, by its id after.

    Policies with the same words have the same clauses in the same order, even under other ids.
    In different policies, a clause is the same if it has the same id. Of the clauses whose id
    vanished and those whose id appeared, two are the same if they have the same words, or the same
    title, or enough words in common, in any order: six tenths of all, seven tenths of those below
    the titles, or three tenths where only numbers differ in the titles. The best match counts;
    among equals, the first one.
    """
    if before is None or after is None:
        return {}
    old, new = ([clause.id for clause in policy.clauses] for policy in (before, after))
    if old == new:
        return dict(zip(new, old, strict=True))
    if [*clause_words(before).values()] == [*clause_words(after).values()]:
        return dict(zip(new, old, strict=True))
    there = set(old)
    same = {id: id for id in new if id in there}
    return same | _renamed(before, after, {*same})


def _renamed(before: Policy | None, after: Policy | None, known: set[str]) -> dict[str, str]:
    """Return the id before of each clause that has another id now."""
    vanished = [clause for clause in before.clauses if clause.id not in known] if before else []
    appeared = [clause for clause in after.clauses if clause.id not in known] if after else []
    if before is None or after is None or not vanished or not appeared:
        return {}
    old_words, new_words = clause_words(before), clause_words(after)
    olds, news = (
        [_Likeness(policy, clause) for clause in clauses]
        for policy, clauses in ((before, vanished), (after, appeared))
    )
    ranked = []
    for i, one in enumerate(olds):
        for j, other in enumerate(news):
            same = old_words[one.id] == new_words[other.id]
            titled = one.title == other.title
            alike = 1.0 if same else one.share(other)
            if same or titled or one.alike(other):
                ranked.append((not same, not titled, -alike, i + j, i, one.id, other.id))
    origin: dict[str, str] = {}
    for *_, one_id, other_id in sorted(ranked):
        if other_id not in origin and one_id not in origin.values():
            origin[other_id] = one_id
    return origin


def bare_title(title: str) -> tuple[str, ...]:
    """Return the words of a title in lower case, without numbers."""
    return tuple(word for word in fold(title).casefold().split() if not _NUMBER.fullmatch(word))


class _Likeness:
    """The words by which a clause is compared with one under another id."""

    def __init__(self, policy: Policy, clause: Clause) -> None:
        self.id = clause.id
        self.title = fold(clause.title)
        self.bare = bare_title(clause.title)
        words = one_by_one(policy, clause)
        self.words = Counter(words)
        self.text = Counter(words[len(self.title.split()) :])

    def share(self, other: _Likeness) -> float:
        """Return the share of words that two clauses have in common, in any order."""
        return _share(self.words, other.words)

    def alike(self, other: _Likeness) -> bool:
        """Return whether two clauses have enough in common to be one."""
        share = self.share(other)
        if share >= ALIKE or _share(self.text, other.text) >= _TEXT_ALIKE:
            return True
        return share >= _RENUMBERED and bool(self.bare) and self.bare == other.bare


def _share(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / ((one.total() + other.total()) or 1)
