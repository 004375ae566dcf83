"""Dates policies from git: hands `history` the commits and the policy at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import dropwhile, islice

from publisher.compose import compose
from publisher.errors import GitFailed, InvalidPolicy
from publisher.history import ComposeAt, Revision, day_of, newest_material, untrue_date
from publisher.model.dating import Commit, Dating
from publisher.model.facts import Brand
from publisher.model.policy import Policy
from publisher.model.problem import Problem, error
from publisher.model.source import Source, Unreadable
from publisher.model.words import words
from publisher.model.workspace import brand_file
from publisher.repository import Repository
from publisher.tasks.workspaces import Moment, source_at
from publisher.workspace import load


class Dates:
    """Dates the policies of one moment; the commits are read from git once, as far as needed."""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        repository, commit = moment.repository, moment.commit
        self._log = (
            _Replayed(repository.log(commit)) if repository and commit else _Replayed(iter(()))
        )
        if repository is not None and commit is not None:
            repository.refuse_shallow()

    def of(self, policies: Sequence[tuple[Policy, Brand]]) -> list[Dating]:
        """Return what git says of the age of each policy, as it is at this moment.

        A policy whose baseline cannot be true has an error among the problems of its dating.
        """
        repository, commit = self.moment.repository, self.moment.commit
        datings: list[Dating | None] = []
        searched: dict[int, tuple[Policy, ComposeAt]] = {}
        for index, (policy, _) in enumerate(policies):
            if policy.draft:
                datings.append(Dating("draft"))
            elif repository is None or commit is None:
                datings.append(Dating("undated"))
            else:
                at = _PolicyAt(repository, policy.brand.id, policy.locale)
                committed = policy if self.moment.committed else self._committed(policy, commit, at)
                datings.append(None if committed else Dating("uncommitted"))
                if committed is not None:
                    searched[index] = committed, at
        found = newest_material(searched, self._log)
        return [
            dating or self._dating(found.get(index), policy, brand)
            for index, (dating, (policy, brand)) in enumerate(zip(datings, policies, strict=True))
        ]

    def _dating(self, revision: Revision | None, policy: Policy, brand: Brand) -> Dating:
        if revision is None:
            raise GitFailed("git lists no commit that made this policy; run `git fsck`")
        day = day_of(revision, brand.timezone)
        problems = revision.problems
        if brand.baseline is not None and self._oldest(revision, policy.brand.id):
            made, day = day, brand.baseline.last_updated
            if made is not None and day > made:
                problems = (*problems, _late_baseline(policy.brand.id, made))
        if day is None:
            problems = (*problems, untrue_date(revision))
        return Dating("ready" if day else "undated", day, revision.commit.id, problems)

    def _committed(self, policy: Policy, commit: str, at: _PolicyAt) -> Policy | None:
        """Return the policy at the newest commit, if it has the words of `policy`."""
        head = source_at(at.repository, commit)
        if all(_same(self.moment.source, head, path) for path in policy.files):
            return policy
        try:
            found = at(commit)
        except InvalidPolicy:
            return None
        return found if found is not None and words(found) == words(policy) else None

    def _oldest(self, revision: Revision, brand: str) -> bool:
        """Return whether there was no such brand before a revision, in any locale."""
        if not revision.appeared:
            return False
        before = dropwhile(lambda commit: commit.id != revision.commit.id, self._log)
        return not any(brand_file(brand) in commit.changed for commit in islice(before, 1, None))


def _late_baseline(brand: str, made: date) -> Problem:
    message = f"'baseline.last_updated' lies after the first commit of the policy, {made}"
    mend = "give the date of the text before that, or delete the baseline"
    return error("baseline", brand_file(brand), None, message, mend)


class _PolicyAt:
    """Composes one brand's policy as it was at a commit."""

    def __init__(self, repository: Repository, brand: str, locale: str) -> None:
        self.repository = repository
        self.brand = brand
        self.locale = locale

    def __call__(self, commit: str) -> Policy | None:
        workspace = load(source_at(self.repository, commit), (self.brand,))
        parsed = workspace.brands.get(self.brand)
        if parsed is None or (parsed.value and self.locale not in parsed.value.locales):
            return None
        return compose(workspace, self.brand, self.locale)


class _Replayed(Iterable[Commit]):
    """An iterator that can be gone through again: what was taken once is kept."""

    def __init__(self, commits: Iterator[Commit]) -> None:
        self.commits = commits
        self.taken: list[Commit] = []

    def __iter__(self) -> Iterator[Commit]:
        at = 0
        while True:
            if at == len(self.taken):
                commit = next(self.commits, None)
                if commit is None:
                    return
                self.taken.append(commit)
            yield self.taken[at]
            at += 1


def _same(one: Source, other: Source, path: str) -> bool:
    try:
        return one.read(path) == other.read(path)
    except Unreadable:
        return False
