"""When a policy's words last changed: commits → the newest material revision.

A revision is a commit on the first-parent line at which the words differ from the commit before.
Only composing decides: each commit that touches a file which the policy reads is composed and its
words compared; commits that touch none are passed over unread. So are those that say that they are
editorial, as they cannot be material, unless something around them is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.errors import InvalidPolicy
from publisher.model.dating import Commit
from publisher.model.policy import Policy
from publisher.model.problem import Problem, warning
from publisher.model.words import words
from publisher.model.workspace import brand_file

K = TypeVar("K")
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
    appeared: bool
    problems: tuple[Problem, ...] = ()


def newest_material(
    policies: Mapping[K, tuple[Policy, ComposeAt]], log: Iterable[Commit]
) -> dict[K, Revision]:
    """Return the newest material revision of each policy, as it is at the first commit in `log`.

    `log` is the first-parent line, newest first; it is gone through once, for all policies side by
    side, as they have most files in common. A commit before which there is no such policy counts as
    material whatever it says. A commit at which the policy is broken is passed over, and reported;
    a change of words across it is dated at the commit that mended it. A policy that no commit of
    the log made what it is has no revision.
    """
    searches = {key: _Search(*given) for key, given in policies.items()}
    found: dict[K, Revision] = {}
    for commit in log:
        for key in [*searches]:
            revision = searches[key].step(commit)
            if revision is not None:
                found[key] = revision
                del searches[key]
        if not searches:
            break
    for key, search in searches.items():
        revision = search.finish()
        if revision is not None:
            found[key] = revision
    return found


class _Search:
    """Walks back in time with one policy.

    `words` are those of the policy as it was behind the commits seen so far, `files` what composing
    it looked up there, even where that failed: a commit that touches none of them changes nothing.
    Behind `skipped` commits, neither is known.
    """

    def __init__(self, policy: Policy, compose_at: ComposeAt) -> None:
        self.brand = policy.brand.id
        self.words = words(policy)
        self.files = policy.files
        self.compose_at = compose_at
        self.skipped: list[Commit] = []
        self.gap: list[Commit] = []
        self.problems: dict[Problem, None] = {}

    def step(self, commit: Commit) -> Revision | None:
        """Take the next older commit; return the revision, if it is the one."""
        if self.skipped:
            if not any(self.in_reach(path) for path in commit.changed):
                return None
            if not self.harmless(commit):
                return self.catch_up(commit) or self.look(commit)
        elif not self.touched_by(commit):
            return None
        if self.harmless(commit):
            self.skipped.append(commit)
            return None
        return self.look(commit)

    def finish(self) -> Revision | None:
        """Return the revision where the log has ended without one."""
        return self.look_at_skipped()

    def touched_by(self, commit: Commit) -> bool:
        """Return whether a commit changes what the policy looked up, or what must not lie there."""
        own = f"brands/{self.brand}/clauses/"
        return not self.files.isdisjoint(commit.changed) or any(
            path.startswith(own) for path in commit.changed
        )

    def in_reach(self, path: str) -> bool:
        """Return whether any version of the policy can have looked up a path."""
        own = path.startswith(f"brands/{self.brand}/")
        return own or not path.startswith("brands/") or path.endswith("/brand.yaml")

    def harmless(self, commit: Commit) -> bool:
        """Return whether a commit cannot be the one, whatever it did to the words.

        It is none to which a policy owes its being there, and nothing near it is broken.
        """
        return (
            commit.stamp.editorial
            and commit.parent is not None
            and brand_file(self.brand) not in commit.changed
            and not self.gap
        )

    def catch_up(self, commit: Commit) -> Revision | None:
        """Learn what the policy was at `commit`, behind those skipped."""
        try:
            policy = self.compose_at(commit.id)
        except InvalidPolicy:
            policy = None
        if policy is None:
            return self.look_at_skipped()
        self.skipped = []
        self.words, self.files = words(policy), policy.files
        return None

    def look_at_skipped(self) -> Revision | None:
        """Look at the skipped commits after all, as one of them is the end of something broken."""
        skipped, self.skipped = self.skipped, []
        for commit in skipped:
            found = self.look(commit)
            if found is not None:
                return found
        return None

    def look(self, commit: Commit) -> Revision | None:
        """Compare the words before a commit with those after it."""
        if not self.touched_by(commit):
            return None
        self.gap.append(commit)
        try:
            before = None if commit.parent is None else self.compose_at(commit.parent)
        except InvalidPolicy as fault:
            self.report_gap(str(commit.parent), fault)
            self.files |= fault.files  # it may have ended before all was looked up
            return None
        span, self.gap = self.gap, []
        if before is None:
            return self.revision(span[0], appeared=True)
        self.files = before.files
        if words(before) == self.words:
            return None
        for each in span:
            self.report_trailer(each)
        if not all(each.stamp.editorial for each in span):
            return self.revision(span[0], appeared=False)
        self.words = words(before)
        return None

    def revision(self, commit: Commit, *, appeared: bool) -> Revision:
        return Revision(commit, appeared, tuple(self.problems))

    def report_gap(self, parent: str, fault: InvalidPolicy) -> None:
        for problem in fault.problems:
            message = f"at commit {parent[:10]}: {problem.message}"
            mend = "that commit is passed over: the commits around it are compared"
            self.problems[
                replace(problem, severity="warning", rule="gap", message=message, mend=mend)
            ] = None

    def report_trailer(self, commit: Commit) -> None:
        for value in commit.stamp.policy_change:
            if value != "editorial":
                message = f"has the trailer Policy-Change: {value}, and counts as material"
                mend = "`editorial` is the only value; amend the commit, if it is not pushed yet"
                where = f"commit {commit.id[:10]}"
                self.problems[warning("trailer", where, None, message, mend)] = None


def day_of(revision: Revision, zone: str) -> date | None:
    """Return the day of a revision in a time zone; None where its date cannot be true.

    Dates before 1990 are older than any policy could be.
    """
    time = revision.commit.stamp.time
    if time is None or time < EARLIEST:
        return None
    try:
        return datetime.fromtimestamp(time, ZoneInfo(zone)).date()
    except (OverflowError, ValueError):
        return None


def untrue_date(revision: Revision) -> Problem:
    """Return what is wrong with the date of a revision that has no day."""
    time = revision.commit.stamp.time
    what = "lies before 1990" if time is not None and time < EARLIEST else "cannot be read"
    where = f"commit {revision.commit.id[:10]}"
    message = f"has a date that {what}, and is not used"
    return warning("commit-date", where, None, message, "make the change anew, with a true date")
