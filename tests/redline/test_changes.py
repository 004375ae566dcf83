"""Policies compared: which clauses were added, removed, changed, moved or renamed, and how many words."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.policies import written

from publisher.policy.pairs import bare_title, pairs
from publisher.policy.tree import Policy
from publisher.policy.words import clause_words, words
from publisher.redline import redline
from publisher.redline.lcs import rising, stretches
from publisher.redline.summary import Changes, ClauseChange, changes
from publisher.redline.values import Counts

make = partial(written, title="Policy")


def differing(before: Policy | None, after: Policy | None) -> Changes:
    """Return the summary of the redline of two policies."""
    return changes(redline(before, after))


A, B, C = ("a", "A", "one two three"), ("b", "B", "four five six"), ("c", "C", "seven eight")
IDS = "abcde"
TEXTS = st.lists(st.sampled_from("uvwxyz"), max_size=8).map(" ".join)
CLAUSES = st.tuples(st.sampled_from(IDS), st.sampled_from(["S", "T", "U"]), TEXTS)
POLICIES = st.builds(
    lambda clauses, title: written(*clauses, title=title),
    st.lists(CLAUSES, max_size=5, unique_by=lambda clause: clause[0]),
    st.sampled_from(["P", "Q R"]),
)


def test_nothing_changed() -> None:
    assert differing(make(A, B), make(A, B)) == Changes((), False, Counts())


def test_a_clause_that_came_and_one_that_went() -> None:
    diff = differing(make(A, B), make(A, C))
    assert (diff.added, diff.removed) == (("c",), ("b",))
    assert (diff.counts.words_added, diff.counts.words_removed) == (3, 4)


def test_a_word_replaced() -> None:
    diff = differing(make(A, B), make(A, ("b", "B", "four 5 six seven")))
    assert diff.clauses == (ClauseChange("b", "b", True, False, Counts(2, 1, clauses_changed=1)),)
    assert diff.changed == ("b",)


def test_the_target_of_a_link_is_a_word() -> None:
    diff = differing(make(("a", "A", "[x](https://x.example)")), make(("a", "A", "[x](tel:+1)")))
    assert (diff.changed, diff.counts) == (("a",), Counts(links_changed=1, clauses_changed=1))


def test_structure_changes_a_clause_without_a_word() -> None:
    diff = differing(make(("a", "A", "- x\n- y")), make(("a", "A", "1. x\n2. y")))
    assert (diff.changed, diff.counts.words_added, diff.counts.words_removed) == (("a",), 0, 0)


def test_the_policys_own_title() -> None:
    diff = differing(make(A, title="Old title"), make(A, title="New title"))
    assert (diff.title, diff.clauses) == (True, ())
    assert (diff.counts.words_added, diff.counts.words_removed) == (1, 1)


def test_the_first_and_the_last_of_a_policy() -> None:
    assert (differing(None, make(A)).added, differing(None, make(A)).counts.words_added) == (
        ("a",),
        5,
    )
    assert not differing(None, make(A)).title
    assert (differing(make(A), None).removed, differing(make(A), None).counts.words_removed) == (
        ("a",),
        5,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (A, ("z", "A", "one two three")),
        (A, ("z", "A", "nothing alike")),
        (A, ("z", "Z", "one two three")),
        (("a", "A", "t u v w x y"), ("z", "Z", "t u v w x y")),
        (
            ("a", "Safe ways", "Your data is sent using HTTPS."),
            ("z", "How we keep it safe", "Your data are sent using HTTPS."),
        ),
        (
            ("a", "8. Ending", "you may end it by post at any time"),
            ("z", "9. Ending", "you end it on the site of ours"),
        ),
        (("a", "IV. Ending", "you may end it by post"), ("z", "Ending", "you end it on paper")),
    ],
    ids=[
        "words",
        "title",
        "three of four words",
        "most words",
        "the text below another title",
        "a title with another number",
        "a title without its number",
    ],
)
def test_a_clause_is_the_same_under_another_id(
    before: tuple[str, str, str], after: tuple[str, str, str]
) -> None:
    diff = differing(make(before, B), make(after, B))
    assert diff.renamed == (("a", "z"),)
    assert (diff.added, diff.removed) == ((), ())


def test_a_clause_is_another_where_less_is_alike() -> None:
    diff = differing(make(A), make(("z", "Z", "one two four")))
    assert (diff.added, diff.removed, diff.renamed) == (("z",), ("a",), ())


@pytest.mark.parametrize(("one", "other"), [("8. Ending", "9. Ending"), ("8.", "9."), ("8.", "8)")])
def test_numbers_in_titles_make_no_clause_the_same(one: str, other: str) -> None:
    before, after = make(("a", one, "r s t u v w")), make(("z", other, "k l m n o p"))
    assert (differing(before, after).added, differing(before, after).removed) == (("z",), ("a",))


def test_ids_that_change_hands_change_no_words() -> None:
    diff = differing(make(A, B), make(("b", *A[1:]), ("a", *B[1:])))
    assert diff.renamed == (("a", "b"), ("b", "a"))
    assert (diff.changed, diff.moved, diff.counts.words_added) == ((), (), 0)


def test_the_same_words_go_before_the_same_title() -> None:
    before = make(("a", "Same", "x"), ("b", "B", "y z"))
    after = make(("m", "Same", "q r"), ("n", "Same", "x"))
    assert dict(differing(before, after).renamed) == {"a": "n"}


def test_one_clause_moved_is_one_clause_moved() -> None:
    five = [(id, id.upper(), f"text of {id}") for id in IDS]
    moved = differing(make(*five), make(*five[1:], five[0]))
    assert (moved.moved, moved.changed) == (("a",), ())
    back = differing(make(*five), make(five[4], *five[:4]))
    assert back.moved == ("e",)


def test_clauses_that_make_room_do_not_move() -> None:
    diff = differing(make(A, B), make(C, A, B))
    assert (diff.added, diff.moved) == (("c",), ())


@given(POLICIES, POLICIES)
def test_changes_are_the_words(before: Policy, after: Policy) -> None:
    diff = differing(before, after)
    same = words(before) == words(after)
    if not (diff.title or diff.added or diff.removed or diff.changed or diff.moved):
        assert same
    if same:
        assert {(clause.changed, clause.moved) for clause in diff.clauses} <= {(False, False)}
        assert not diff.title
        assert (diff.counts.words_added, diff.counts.words_removed) == (0, 0)


@given(POLICIES, POLICIES)
def test_the_other_way_round(before: Policy, after: Policy) -> None:
    there, back = differing(before, after), differing(after, before)
    assert (there.counts.words_added, there.counts.words_removed) == (
        back.counts.words_removed,
        back.counts.words_added,
    )
    assert {*there.added} == {*back.removed}
    assert {*there.removed} == {*back.added}
    assert {*there.renamed} == {(old, new) for new, old in back.renamed}
    assert len(there.moved) == len(back.moved)


@given(POLICIES, POLICIES)
def test_each_clause_is_in_one_pair(before: Policy, after: Policy) -> None:
    matched = pairs(before, after)
    assert sorted(p.before.id for p in matched if p.before) == sorted(c.id for c in before.clauses)
    assert [pair.after for pair in matched if pair.after] == [*after.clauses]
    for pair in matched:
        if pair.before and pair.after:
            one = clause_words(before)[pair.before.id]
            assert pair.changed == (one != clause_words(after)[pair.after.id])


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
def test_as_many_words_as_can_be_stay(before: list[str], after: list[str]) -> None:
    longest = next(
        size
        for size in range(min(len(before), len(after)), -1, -1)
        if {*combinations(before, size)} & {*combinations(after, size)}
    )
    same = sum(
        stretch.old[1] - stretch.old[0] for stretch in stretches(before, after) if stretch.same
    )
    assert same == longest


@given(st.permutations(range(7)))
def test_the_longest_rise_is_one(numbers: list[int]) -> None:
    kept = [numbers[at] for at in sorted(rising(numbers))]
    assert kept == sorted(kept)
    longest = max(len(r) for n in range(8) for r in combinations(numbers, n) if [*r] == sorted(r))
    assert len(kept) == longest


def test_sequences_that_are_very_long_are_matched_by_what_they_have_once() -> None:
    many = [f"w{number}" for number in range(20_000)]
    other = [*many[:5], "new", *many[7:9_000], *many[9_010:], "new"]
    parts = stretches(many, other)
    assert (
        sum(stretch.old[1] - stretch.old[0] for stretch in parts if stretch.same) == 20_000 - 2 - 10
    )
    assert [stretch.same for stretch in stretches(["a"] * 9_000, ["b"] * 9_000)] == [False]


def test_a_title_of_any_length_is_read_once() -> None:
    title = f"1{'.' * 200_000}x"
    assert bare_title(f"{title} Who (a) 2.1 we are") == (title, "who", "we", "are")
