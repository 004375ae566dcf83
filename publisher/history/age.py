"""How old a policy and its clauses are: commits → the newest material revision of each.

Editorial commits never set the date, so they are skipped unless a neighbour fails to load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.history.walk import Brought, ComposeAt, Gap, Step, Trace, Walk, untraced
from publisher.policy.dating import Place
from publisher.policy.pairs import pairs
from publisher.policy.tree import Policy
from publisher.policy.words import has_words
from publisher.problem import Problem, warning
from publisher.repository.commits import Commit

K = TypeVar("K")

CUT = "history"
"""The rule of a problem that says where a history is cut."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Boundary:
    """The latest released version, at which a search ends.

    `newer` are the commits that its source commit does not have. It is None if the repository does
    not have the source commit: the search then ends at a policy with the version's `words`
    (`publisher.policy.words.has_words`).
    """

    newer: frozenset[str] | None
    words: str
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A policy whose age to find, and where the search ends.

    `compose_at` returns the policy at other commits; `known` its remembered age at a commit,
    without a boundary. `trace` returns its place before a commit, if that was not `place`.
    """

    policy: Policy
    compose_at: ComposeAt
    boundary: Boundary | None = None
    known: Callable[[str], Age | None] = lambda _: None
    place: Place | None = None
    trace: Trace = untraced


@dataclass(frozen=True, slots=True)
class Age:
    """The newest commits that changed the meaning of a policy and of each clause.

    `commit` is that of the policy, None if no commit after the boundary changed it. `appeared` is
    the commit with which the policy appeared, if the search reached it, and `place` its place then.
    `clauses` has the commit of each clause, by clause id; `older` the ids at the boundary of the
    clauses without one. `problems` say where the history is cut. `at` is the newest commit that
    touched a file of the policy: the policy has this age there, as long as no later commit corrects
    an earlier one.
    """

    commit: Commit | None
    appeared: Commit | None
    clauses: Mapping[str, Commit]
    older: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    at: str | None = None
    place: Place | None = None


def ages(
    subjects: Mapping[K, Subject], log: Iterable[Commit], brought: Brought = lambda _: ()
) -> dict[K, Age]:
    """Return the age of each policy, as it is at the first commit in `log`.

    `log` is the first-parent line, newest first, read once for all policies. A commit with which
    the policy appears is always material. A commit at which the policy is broken is skipped; a
    change of words across it is dated at the commit that fixed it. `brought` returns the commits
    that a merge brings, which is editorial by the rule in `publisher.history.walk`.

    A clause is followed through changes of its id. A clause that an editorial commit added has the
    age of the newest material revision before it: its meaning was in the policy already.
    """
    searches = {key: _Search(subject, brought, log) for key, subject in subjects.items()}
    lines: list[tuple[Iterable[Commit], list[_Search]]] = [(log, [*searches.values()])]
    while lines:
        lines += _search(*lines.pop())
    return {key: search.age() for key, search in searches.items()}


def _search(
    log: Iterable[Commit], searches: list[_Search]
) -> Iterable[tuple[Iterable[Commit], list[_Search]]]:
    """Search along one line; return the lines on which searches continue, each with those."""
    elsewhere: dict[int, tuple[Iterable[Commit], list[_Search]]] = {}
    for commit in log:
        for search in [*searches]:
            ended = search.ends_with(commit)
            line = search.line()
            if ended or line is not None:
                searches.remove(search)
            if not ended and line is not None:
                elsewhere.setdefault(id(line), (line, []))[1].append(search)
        if not searches:
            break
    for search in searches:
        search.take(search.walk.finish())
    return elsewhere.values()


class _Search:
    """Searches the commits that give one policy, and each of its clauses, its age.

    `undated` are the clauses without a commit so far, by today's id, with the id that they have
    where the search is; None for a clause that an editorial commit added.
    """

    def __init__(self, subject: Subject, brought: Brought, log: Iterable[Commit]) -> None:
        boundary = subject.boundary
        by_words = boundary is not None and boundary.newer is None
        at, trace = subject.compose_at, subject.trace
        self.walk = Walk(subject.policy, at, brought, trace, log, skipping=not by_words)
        self.place = subject.place
        self.bounded = boundary is not None
        self.newer = boundary.newer if boundary else None
        self.version = boundary if by_words else None
        self.known = subject.known if boundary is None else lambda _: None
        self.at: str | None = None
        ids = _ids(subject.policy)
        self.undated: dict[str, str | None] = dict(zip(ids, ids, strict=True))
        self.dated: dict[str, Commit] = {}
        self.commit: Commit | None = None
        self.appeared: Commit | None = None
        self.problems: dict[Problem, None] = {}
        self.ended = False

    def ends_with(self, commit: Commit) -> bool:
        """Take the next older commit; return whether the search is complete."""
        if self.newer is not None and commit.id not in self.newer:
            self.take(self.walk.finish())
            return True
        if not self.walk.concerned(commit):
            return False
        known = self.known(commit.id)
        self.at = self.at or commit.id
        if known is not None and not self.walk.gap:
            self.take(self.walk.finish(commit.id))
            if not self.ended:
                self.adopt(known)
        else:
            self.take(self.walk.step(commit))
        return self.ended

    def line(self) -> Iterable[Commit] | None:
        """Return the line on which to continue, if that changes now."""
        former, self.walk.former = self.walk.former, None
        if former is not None:
            self.place = former.place
            self.known = self.known if self.bounded else former.known
        elsewhere, self.walk.elsewhere = self.walk.elsewhere, None
        return elsewhere

    def adopt(self, known: Age) -> None:
        """End with the age that the policy had at this point."""
        if self.commit is None or self.undated:
            self.problems |= dict.fromkeys(known.problems)
        self.commit = self.commit or known.commit
        self.appeared, self.place = known.appeared, known.place
        for id, then in self.undated.items():
            commit = known.clauses.get(then) if then is not None else known.commit
            if commit is not None:
                self.dated[id] = commit
        self.undated = {}
        self.ended = True

    def take(self, events: Iterator[Step | Gap]) -> None:
        """Take the events of a walk, until the search is complete."""
        for event in events:
            if isinstance(event, Step):
                self.take_step(event)
            if self.ended:
                return

    def take_step(self, step: Step) -> None:
        """Date the policy, and the clauses, that a step changed."""
        if step.cut is not None:
            self.problems[step.cut] = None
        self.follow(step)
        if step.material and self.commit is None:
            self.commit = step.span[0]
        if step.before is None:
            self.appeared = step.span[0]
        done = self.commit is not None and not self.undated
        self.ended = bool(done or self.reached(step.before) or self.appeared)

    def reached(self, policy: Policy | None) -> bool:
        """Return whether a policy has the words of the version that ends the search."""
        version = self.version
        return (
            version is not None
            and policy is not None
            and has_words(policy, version.words, redacted=version.redacted)
        )

    def follow(self, step: Step) -> None:
        """Date the clauses that a step changed, and note the ids of the others before it."""
        if not step.material and _ids(step.before) == _ids(step.after):
            return
        paired = {pair.after.id: pair for pair in pairs(step.before, step.after) if pair.after}
        for id, then in [*self.undated.items()]:
            pair = paired[then] if then is not None else None
            if step.material and (pair is None or pair.changed):
                self.dated[id] = step.span[0]
                del self.undated[id]
            elif pair is not None:
                self.undated[id] = pair.before.id if pair.before else None

    def age(self) -> Age:
        """Return the result of the search."""
        older = {id: then for id, then in self.undated.items() if then is not None}
        return Age(
            self.commit, self.appeared, self.dated, older, tuple(self.problems), self.at, self.place
        )


def _ids(policy: Policy | None) -> list[str]:
    return [clause.id for clause in policy.clauses] if policy else []


def day_of(commit: Commit, zone: str) -> date | None:
    """Return the day of a commit in a time zone; None if its date cannot be true.

    Dates before 1990 are older than any policy could be.
    """
    time = commit.stamp.time
    if time is None or time < EARLIEST:
        return None
    try:
        return datetime.fromtimestamp(time, ZoneInfo(zone)).date()
    except (OverflowError, ValueError):
        return None


def untrue_date(commit: Commit) -> Problem:
    """Return the problem of a commit whose date has no day."""
    time = commit.stamp.time
    what = "lies before 1990" if time is not None and time < EARLIEST else "cannot be read"
    where = f"commit {commit.id[:10]}"
    message = f"has a date that {what}, and is not used"
    fix = "commit the change again, with the right date"
    return warning("commit-date", where, None, message, fix)
