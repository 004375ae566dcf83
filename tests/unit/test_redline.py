"""Redlines: exact, the same in both directions, and as a lawyer would mark them by hand."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policies import pairs, policies

from publisher.model.policy import Policy
from publisher.model.redline import Counts, Part, Redline, walk
from publisher.model.words import words
from publisher.redline import accepted, redline, rejected

SWAPPED = {
    name: name.replace("added", "X").replace("removed", "added").replace("X", "removed")
    for name in (each.name for each in fields(Counts))
}


@given(pairs(), st.booleans())
def test_a_redline_is_exact(both: tuple[Policy, Policy], confetti: bool) -> None:
    exact(*both, confetti=confetti)


@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(pairs(shrinking=False))
def test_ten_thousand_redlines_are_exact(both: tuple[Policy, Policy]) -> None:
    exact(*both)


def exact(old: Policy, new: Policy, *, confetti: bool = False) -> None:
    """Accept all, reject all, and swap the policies."""
    found, back = redline(old, new, confetti=confetti), redline(new, old, confetti=confetti)
    assert accepted(found) == rejected(back) == new
    assert rejected(found) == accepted(back) == old
    assert bool(found.counts) or words(old) == words(new)
    mirror_image(found, back)


def mirror_image(there: Redline, back: Redline) -> None:
    """Compare a redline with that of the policies swapped."""
    assert (there.old, there.new) == (back.new, back.old)
    for name, other in SWAPPED.items():
        assert getattr(there.counts, name) == getattr(back.counts, other)
    parts = ([p for c in each.clauses for p in walk(c.part)] for each in (there, back))
    one, other = (
        sorted(map(_said, found, [flip] * len(found)))
        for found, flip in zip(parts, (0, 1), strict=True)
    )
    assert one == other


def _said(part: Part, flip: int) -> str:
    sides = [part.old, part.new]
    runs = [[s.kind, s.restyled, *([s.new, s.old] if flip else [s.old, s.new])] for s in part.run]
    end = part.move and (part.move.end == "from") != bool(flip)
    return repr((part.kind, sides[::-1] if flip else sides, runs, part.same, end))


@given(policies())
def test_identical_policies_give_an_empty_redline(policy: Policy) -> None:
    found = redline(policy, policy)
    assert found.empty
    assert not found.counts
    assert not any(clause.differs for clause in found.clauses)


@given(policies())
def test_a_policy_that_came_or_went_is_added_or_removed_whole(policy: Policy) -> None:
    assert accepted(redline(None, policy)) == policy
    assert rejected(redline(None, policy)) is None
    assert rejected(redline(policy, None)) == policy
    assert redline(None, policy).counts.clauses_added == len(policy.clauses)
    assert redline(policy, None).counts.clauses_removed == len(policy.clauses)
