"""Dating, against a plain telling of its rule that composes at every commit."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import InvalidPolicy
from publisher.history import Subject, ages
from publisher.model.dating import Commit, Stamp
from publisher.model.policy import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.model.problem import error

OWN, CLAUSE, OTHER = "brands/x/brand.yaml", "shared/clauses/en/a.md", "brands/y/clauses/en/a.md"
FILES = frozenset([OWN, CLAUSE])
BROKEN, ABSENT = "broken", "absent"


@dataclass(frozen=True)
class Step:
    """A commit: what the policy is after it, whether it says editorial, what it touches besides."""

    state: str
    editorial: bool
    touches: str


STEPS = st.builds(
    Step,
    state=st.sampled_from(["a", "a", "b", "c", BROKEN, ABSENT]),
    editorial=st.booleans(),
    touches=st.sampled_from([OWN, CLAUSE, OTHER]),
)


def policy(says: str) -> Policy:
    clause = Clause("a", "A", (Paragraph((Text(says),)),), (), (), CLAUSE)
    return Policy(
        brand=BrandName("x", "X", "x.example"),
        locale="en",
        title="P",
        controller=Controller("C", ()),
        clauses=(clause,),
        questions=(),
        files=FILES,
    )


def commits(steps: list[Step]) -> list[Commit]:
    """Return a log, newest first; a commit that changes the policy touches what it is made of."""
    log = []
    for at, step in enumerate(steps):
        before = steps[at + 1].state if at + 1 < len(steps) else ABSENT
        changed = {step.touches}
        if step.state != before:
            changed.add(OWN if ABSENT in (step.state, before) else CLAUSE)
        stamp = Stamp(0, ("editorial",) if step.editorial else ())
        parent = str(at + 1) if at + 1 < len(steps) else None
        log.append(Commit(str(at), parent, frozenset(changed), stamp))
    return log


def plainly(steps: list[Step]) -> int | None:
    """Return the newest material revision by the rule, as it is written."""
    says, span = steps[0].state, []
    for at, commit in enumerate(commits(steps)):
        if FILES.isdisjoint(commit.changed):
            continue
        span.append(at)
        before = steps[at + 1].state if at + 1 < len(steps) else ABSENT
        if before == BROKEN:
            continue
        if before == ABSENT:
            return span[0]
        if before != says and not all(steps[each].editorial for each in span):
            return span[0]
        says, span = before, []
    return None


def found(steps: list[Step]) -> tuple[int | None, list[str]]:
    """Return the newest material revision of the newest policy, and what was composed for it."""
    composed: list[str] = []

    def compose_at(commit: str) -> Policy | None:
        composed.append(commit)
        state = steps[int(commit)].state
        if state == BROKEN:
            raise InvalidPolicy((error("x", CLAUSE, 1, "is broken", ""),), FILES)
        return None if state == ABSENT else policy(state)

    age = ages({"x": Subject(policy(steps[0].state), compose_at)}, commits(steps))["x"]
    return (int(age.commit.id) if age.commit else None), composed


@settings(max_examples=3000)
@given(st.lists(STEPS, max_size=14), STEPS.filter(lambda step: step.state in "abc"))
def test_passing_commits_over_changes_no_date(older: list[Step], newest: Step) -> None:
    steps = [newest, *older]
    assert found(steps)[0] == plainly(steps)


def test_editorial_commits_are_not_composed() -> None:
    steps = [Step("ab"[at % 2], True, CLAUSE) for at in range(100)]
    revision, composed = found([*steps, Step("a", False, CLAUSE)])
    assert revision == 100
    assert len(composed) <= 1
