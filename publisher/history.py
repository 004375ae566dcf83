"""When a policy's words last changed: commits → the newest material revision.

A revision is a commit on the first-parent line at which the words differ from the commit before.
Only composing decides: each commit that touches a file which the policy reads is composed and its
words compared; commits that touch none are passed over unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from publisher.errors import InvalidPolicy
from publisher.model.dating import Commit, Stamp
from publisher.model.policy import Policy
from publisher.model.problem import Problem, warning
from publisher.model.words import words

ComposeAt = Callable[[str], Policy | None]
"""The policy at a commit, None where there is none; raises `InvalidPolicy` where it is broken."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest commit that changed a policy's words and their meaning.

    `appeared` says that the commit before has no such policy. `problems` are the commits on the way
    whose workspace does not load, or whose trailer is not understood.
    """

    commit: Commit
    stamp: Stamp
    appeared: bool
    problems: tuple[Problem, ...] = ()


def newest_material(
    policy: Policy,
    log: Iterable[Commit],
    compose_at: ComposeAt,
    stamp: Callable[[str], Stamp],
) -> Revision | None:
    """Return the newest material revision of `policy`, which is that of the first commit in `log`.

    `log` is the first-parent line, newest first; `stamp` tells what a commit says of itself. A
    commit before which there is no such policy counts as material whatever it says. A commit at
    which the policy is broken is passed over, and reported; a change of words across it is dated at
    the commit that mended it. None if no commit of the log made the policy what it is.
    """
    search = _Search(policy, compose_at, stamp)
    for commit in log:
        found = search.step(commit)
        if found is not None:
            return found
    return None


class _Search:
    """Walks back in time.

    `words` are those of the policy as it was behind the commits seen so far, `files` what composing
    it looked up there, even where that failed: a commit that touches none of them changes nothing.
    """

    def __init__(
        self, policy: Policy, compose_at: ComposeAt, stamp: Callable[[str], Stamp]
    ) -> None:
        self.words = words(policy)
        self.files = policy.files
        self.compose_at = compose_at
        self.stamp = stamp
        self.gap: list[Commit] = []
        self.problems: dict[Problem, None] = {}

    def step(self, commit: Commit) -> Revision | None:
        """Take the next older commit; return the revision, if it is the one."""
        if self.files.isdisjoint(commit.changed):
            return None
        self.gap.append(commit)
        try:
            before = None if commit.parent is None else self.compose_at(commit.parent)
        except InvalidPolicy as fault:
            self.report_gap(str(commit.parent), fault)
            self.files = fault.files
            return None
        span, self.gap = self.gap, []
        if before is None:
            return self.revision(span[0], appeared=True)
        self.files = before.files
        if words(before) == self.words:
            return None
        stamps = [self.stamp(each.id) for each in span]
        for each, said in zip(span, stamps, strict=True):
            self.report_trailer(each, said)
        if not all(said.editorial for said in stamps):
            return self.revision(span[0], appeared=False)
        self.words = words(before)
        return None

    def revision(self, commit: Commit, *, appeared: bool) -> Revision:
        return Revision(commit, self.stamp(commit.id), appeared, tuple(self.problems))

    def report_gap(self, parent: str, fault: InvalidPolicy) -> None:
        for problem in fault.problems:
            message = f"at commit {parent[:10]}: {problem.message}"
            mend = "that commit is passed over: the commits around it are compared"
            self.problems[
                replace(problem, severity="warning", rule="gap", message=message, mend=mend)
            ] = None

    def report_trailer(self, commit: Commit, said: Stamp) -> None:
        for value in said.policy_change:
            if value != "editorial":
                message = f"has the trailer Policy-Change: {value}, and counts as material"
                mend = "`editorial` is the only value; amend the commit, if it is not pushed yet"
                where = f"commit {commit.id[:10]}"
                self.problems[warning("trailer", where, None, message, mend)] = None


def day_of(revision: Revision, zone: str) -> date | None:
    """Return the day of a revision in a time zone; None where its date cannot be true.

    Dates before 1990 are older than any policy could be.
    """
    time = revision.stamp.time
    if time is None or time < EARLIEST:
        return None
    try:
        return datetime.fromtimestamp(time, ZoneInfo(zone)).date()
    except (OverflowError, ValueError):
        return None


def untrue_date(revision: Revision) -> Problem:
    """Return what is wrong with the date of a revision that has no day."""
    time = revision.stamp.time
    what = "lies before 1990" if time is not None and time < EARLIEST else "cannot be read"
    where = f"commit {revision.commit.id[:10]}"
    message = f"has a date that {what}, and is not used"
    return warning("commit-date", where, None, message, "make the change anew, with a true date")
