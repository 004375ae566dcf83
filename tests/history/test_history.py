"""Dating and histories, against a plain telling of their rules that composes at every commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import InvalidPolicy
from publisher.history import Age, Boundary, Compared, Gap, Subject, ages, follow, steps
from publisher.policy.tree import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.policy.words import words_digest
from publisher.problem import error
from publisher.redline import redline
from publisher.redline.summary import changes
from publisher.repository.commits import Commit, Stamp

OWN, CLAUSE, OTHER = "brands/x/brand.yaml", "shared/clauses/en/a.md", "brands/y/clauses/en/a.md"
FILES = frozenset([OWN, CLAUSE])
BROKEN, ABSENT = "broken", "absent"

Says = tuple[tuple[str, str, str], ...]
"""What a policy says: title, id and text of each clause."""


@dataclass(frozen=True)
class Step:
    """A commit: what the policy is after it, whether it says editorial, what it touches besides.

    `brings` are the commits that a merge brings: whether each changes the words, and is editorial.
    """

    state: Says | str
    editorial: bool
    touches: str
    brings: tuple[tuple[bool, bool], ...] = ()


TEXTS = st.sampled_from(["one", "one", "two"])
FIRST = st.tuples(st.just("A"), st.sampled_from(["a", "a", "a2"]), TEXTS)
SECOND = st.tuples(st.just("B"), st.just("b"), TEXTS)
SAYS = st.one_of(
    st.tuples(FIRST), st.tuples(FIRST, SECOND), st.tuples(FIRST, SECOND), st.tuples(SECOND, FIRST)
)
STEPS = st.builds(
    Step,
    state=st.one_of(SAYS, SAYS, SAYS, st.sampled_from([BROKEN, ABSENT])),
    editorial=st.booleans(),
    touches=st.sampled_from([OWN, CLAUSE, CLAUSE, OTHER]),
    brings=st.one_of(
        st.just(()), st.just(()), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=3)
    ).map(tuple),
)
HISTORIES = st.builds(
    lambda newest, older: [newest, *older],
    STEPS.filter(lambda step: not isinstance(step.state, str)),
    st.lists(STEPS, max_size=14),
)


def policy(says: Says) -> Policy:
    return Policy(
        brand=BrandName("x", "X", "x.example"),
        locale="en",
        title="P",
        controller=Controller("C", ()),
        clauses=tuple(
            Clause(id, title, (Paragraph((Text(text),)),), (), (), CLAUSE)
            for title, id, text in says
        ),
        questions=(),
        files=FILES,
    )


def commits(steps: list[Step]) -> list[Commit]:
    """Return a log, newest first; a commit that changes the policy touches what it is made of.

    One with which the brand, or a clause, comes or goes touches the brand's own file.
    """
    log = []
    for at, step in enumerate(steps):
        before = steps[at + 1].state if at + 1 < len(steps) else ABSENT
        changed = {step.touches}
        if step.state != before:
            changed.add(CLAUSE)
        older = [each.state for each in steps[at:]] + [ABSENT]
        whole = next(state for state in older[1:] if state != BROKEN)
        if ABSENT in (step.state, before) or titles(step.state) != titles(whole):
            changed.add(OWN)
        stamp = Stamp(at, ("editorial",) if step.editorial else ())
        parent = str(at + 1) if at + 1 < len(steps) else None
        merged = ("other",) if step.brings and parent else ()
        log.append(Commit(str(at), parent, frozenset(changed), stamp, merged))
    return log


def titles(state: Says | str) -> list[str]:
    return [] if isinstance(state, str) else [title for title, _, _ in state]


def brought(steps: list[Step], merge: Commit) -> Iterable[Commit]:
    """Return what a merge brings: commits with ids that `At` knows."""
    if not merge.merged:
        return
    for changed, editorial in steps[int(merge.id)].brings:
        stamp = Stamp(0, ("editorial",) if editorial else ())
        yield Commit("changed" if changed else "plain", "plain", frozenset([CLAUSE]), stamp)


class At:
    """Composes the policy at a commit, and takes down what was composed."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.composed: list[str] = []

    def __call__(self, commit: str) -> Policy | None:
        if commit in ("plain", "changed"):
            return policy((("A", "a", commit),))
        self.composed.append(commit)
        state = self.steps[int(commit)].state
        if isinstance(state, str):
            if state == BROKEN:
                raise InvalidPolicy((error("x", CLAUSE, 1, "is broken", ""),), FILES)
            return None
        return policy(state)


# --- the plain telling ---------------------------------------------------------------------------


def words_of(state: Says | str) -> object:
    """Return what counts as words in a state: all but the ids."""
    return state if isinstance(state, str) else [(title, text) for title, _, text in state]


def says_editorial(step: Step, commit: Commit) -> bool:
    changing = [editorial for changes, editorial in step.brings if changes and commit.merged]
    return step.editorial or (changing != [] and all(changing))


@dataclass
class Told:
    """The rule as it is written: newest material commit, that of each clause, ids at the end."""

    policy: int | None
    clauses: dict[str, int]
    older: dict[str, str]


def plainly(steps: list[Step], limit: int | None = None, version: Says | None = None) -> Told:
    says, span, log = steps[0].state, [], commits(steps)
    assert not isinstance(says, str)
    told, today = Told(None, {}, {}), {title: id for title, id, _ in says}
    then: dict[str, str | None] = {**today}
    for at, commit in enumerate(log[:limit]):
        if FILES.isdisjoint(commit.changed):
            continue
        span.append(at)
        before = steps[at + 1].state if at + 1 < len(steps) else ABSENT
        if before == BROKEN:
            continue
        there = {} if isinstance(before, str) else {t: (id, text) for t, id, text in before}
        texts = {} if isinstance(says, str) else {title: text for title, _, text in says}
        material = words_of(before) != words_of(says) and not all(
            says_editorial(steps[each], log[each]) for each in span
        )
        material = material or before == ABSENT
        if material and told.policy is None:
            told.policy = span[0]
        for title in [title for title in today if today[title] not in told.clauses]:
            same = title in there and then[title] and there[title][1] == texts[title]
            if material and not same:
                told.clauses[today[title]] = span[0]
            else:
                then[title] = there[title][0] if title in there and then[title] else None
        says, span = before, []
        if before == ABSENT or (version and words_of(before) == words_of(version)):
            break
    told.older = {
        today[title]: id for title, id in then.items() if id and today[title] not in told.clauses
    }
    return told


def age(
    steps: list[Step],
    boundary: Boundary | None = None,
    known: Callable[[str], Age | None] = lambda _: None,
    start: int = 0,
) -> tuple[Age, At]:
    at = At(steps)
    subject = Subject(policy(steps[start].state), at, boundary, known)  # type: ignore[arg-type]
    log = commits(steps)[start:]
    return ages({"x": subject}, log, lambda merge: brought(steps, merge))["x"], at


def found(steps: list[Step], boundary: Boundary | None = None) -> Told:
    it, _ = age(steps, boundary)
    clauses = {id: int(commit.id) for id, commit in it.clauses.items()}
    return Told(int(it.commit.id) if it.commit else None, clauses, dict(it.older))


# --- the properties ------------------------------------------------------------------------------


@settings(max_examples=examples(2000))
@given(HISTORIES)
def test_passing_commits_over_changes_no_date(steps: list[Step]) -> None:
    assert found(steps) == plainly(steps)


@settings(max_examples=examples(1000))
@given(HISTORIES, st.integers(0, 15))
def test_a_search_ends_at_the_version(steps: list[Step], limit: int) -> None:
    newer = frozenset(commit.id for commit in commits(steps)[:limit])
    assert found(steps, Boundary(newer, "")) == plainly(steps, limit)


@settings(max_examples=examples(1000))
@given(HISTORIES, SAYS)
def test_a_search_ends_at_the_words_of_the_version(steps: list[Step], version: Says) -> None:
    boundary = Boundary(None, words_digest(policy(version)))
    assert found(steps, boundary) == plainly(steps, version=version)


@settings(max_examples=examples(1000))
@given(HISTORIES, st.sets(st.integers(0, 14)))
def test_what_was_found_before_changes_no_date(steps: list[Step], known: set[int]) -> None:
    def before(commit: str) -> Age | None:
        at = int(commit)
        whole = not isinstance(steps[at].state, str)
        return age(steps, start=at)[0] if at in known and whole else None

    it, at = age(steps, known=before)
    alone, composed = age(steps)
    assert (it.commit, it.clauses, it.problems) == (alone.commit, alone.clauses, alone.problems)
    assert len(at.composed) <= len(composed.composed) + 1


@settings(max_examples=examples(500))
@given(HISTORIES)
def test_a_history_has_the_revision_that_dates_the_policy(history: list[Step]) -> None:
    it, at = age(history)
    past = [
        event
        for event in steps(
            policy(history[0].state),  # type: ignore[arg-type]
            at,
            commits(history),
            lambda merge: brought(history, merge),
        )
        if not isinstance(event, Gap)
    ]
    material = [event.span[0] for event in past if event.material]
    assert it.commit == (material[0] if material else None)
    assert all(event.differs for event in past if event.material)
    compared = [Compared.of(event, changes(redline(event.before, event.after))) for event in past]
    for id, commit in it.clauses.items():
        own = [event for event in follow(compared, id) if event.change]
        changed = [each for each in own if each.change and each.change.changed]
        if all(each.step.material for each in changed if each.change and not each.change.before):
            assert commit == next(each.step.span[0] for each in changed if each.step.material)


def test_editorial_commits_are_not_composed() -> None:
    pair = ("one", "two")
    history = [Step((("A", "a", pair[at % 2]),), True, CLAUSE) for at in range(100)]
    it, at = age([*history, Step((("A", "a", "one"),), False, CLAUSE)])
    assert it.commit is not None
    assert it.commit.id == "100"
    assert len(at.composed) <= 1


def test_a_search_composes_no_more_than_up_to_the_version() -> None:
    history = [Step((("A", "a", f"{at}"),), True, CLAUSE) for at in range(100)]
    it, at = age(history, Boundary(frozenset(map(str, range(50))), ""))
    assert (it.commit, len(at.composed)) == (None, 1)
