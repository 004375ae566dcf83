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
from publisher.model.dating import Commit
from publisher.model.policy import Policy
from publisher.model.problem import Problem, warning
from publisher.model.words import words

ComposeAt = Callable[[str], Policy | None]
"""The policy at a commit, None where there is none; raises `InvalidPolicy` where it is broken."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest commit that changed a policy's words and their meaning.

    `first` says that there was no policy before it. `problems` are the commits on the way whose
    workspace does not load, or whose trailer is not understood.
    """

    commit: Commit
    first: bool
    problems: tuple[Problem, ...] = ()


def newest_material(
    policy: Policy, log: Iterable[Commit], compose_at: ComposeAt
) -> Revision | None:
    """Return the newest material revision of `policy`, which is that of the first commit in `log`.

    `log` is the first-parent line, newest first. The first commit that has the policy counts as
    material whatever it says of itself. A commit at which the policy is broken is passed over, and
    reported; a change of words across it is dated at the commit that mended it. None only if `log`
    is empty.
    """
    search = _Search(policy, compose_at)
    for commit in log:
        found = search.step(commit)
        if found is not None:
            return found
    return search.oldest()


class _Search:
    """Walks back in time; `after` is the policy as it was behind the commits seen so far."""

    def __init__(self, policy: Policy, compose_at: ComposeAt) -> None:
        self.after = policy
        self.words = words(policy)
        self.compose_at = compose_at
        self.gap: list[Commit] = []
        self.last: Commit | None = None
        self.problems: dict[Problem, None] = {}

    def step(self, commit: Commit) -> Revision | None:
        """Take the next older commit; return the revision, if it is the one."""
        self.last = commit
        if not self.gap and self.after.files.isdisjoint(commit.changed):
            return None
        if commit.policy_change not in ("", "editorial"):
            self.report_trailer(commit)
        if commit.parent is None:
            return self.revision((*self.gap, commit)[0], first=True)
        try:
            before = self.compose_at(commit.parent)
        except InvalidPolicy as fault:
            self.report_gap(commit.parent, fault)
            self.gap.append(commit)
            return None
        span, self.gap = (*self.gap, commit), []
        if before is None:
            return self.revision(span[0], first=True)
        if words(before) != self.words and not all(each.editorial for each in span):
            return self.revision(span[0], first=False)
        self.after, self.words = before, words(before)
        return None

    def oldest(self) -> Revision | None:
        """Return the revision where the log ended without one."""
        last = self.gap[0] if self.gap else self.last
        return None if last is None else self.revision(last, first=True)

    def revision(self, commit: Commit, *, first: bool) -> Revision:
        return Revision(commit, first, tuple(self.problems))

    def report_gap(self, parent: str, fault: InvalidPolicy) -> None:
        for problem in fault.problems:
            message = f"at commit {parent[:10]}: {problem.message}"
            mend = "the commit is passed over; history goes on behind it"
            self.problems[
                replace(problem, severity="warning", rule="gap", message=message, mend=mend)
            ] = None

    def report_trailer(self, commit: Commit) -> None:
        message = f"commit {commit.id[:10]} has the trailer Policy-Change: {commit.policy_change}"
        mend = "it counts as material; `editorial` is the only value that is understood"
        path = f"brands/{self.after.brand.id}/brand.yaml"
        self.problems[warning("trailer", path, None, message, mend)] = None


def day_of(commit: Commit, zone: str, path: str) -> tuple[date | None, tuple[Problem, ...]]:
    """Return the day of a commit in a time zone; None, and why, where its date cannot be true.

    `path` is the file to report it at. Dates before 1990 are older than any policy could be.
    """
    if commit.time is None or commit.time < EARLIEST:
        what = "cannot be read" if commit.time is None else "lies before 1990"
        message = f"the date of commit {commit.id[:10]} {what}, so it is not used"
        mend = "give the date yourself: `baseline: {last_updated: …, source: …}`"
        return None, (warning("commit-date", path, None, message, mend),)
    try:
        return datetime.fromtimestamp(commit.time, ZoneInfo(zone)).date(), ()
    except (OverflowError, ValueError):
        return day_of(replace(commit, time=None), zone, path)
