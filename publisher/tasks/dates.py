"""Dates policies from git: hands `history` the commits and the policy at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.compose import compose
from publisher.errors import InvalidPolicy
from publisher.history import day_of, newest_material
from publisher.model.dating import Commit, Dating
from publisher.model.facts import Brand
from publisher.model.policy import Policy
from publisher.model.source import Source
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

    def of(self, policy: Policy, brand: Brand) -> Dating:
        """Return what git says of the age of `policy`, as it is at this moment."""
        if policy.draft:
            return Dating("draft")
        repository, commit = self.moment.repository, self.moment.commit
        if repository is None or commit is None:
            return Dating("undated")
        if not self.moment.committed and not self._is_committed(policy, repository, commit):
            return Dating("uncommitted")
        at = _PolicyAt(repository, policy.brand.id, policy.locale)
        revision = newest_material(policy, self._log, at)
        if revision is None:
            return Dating("undated")
        if revision.first and brand.baseline is not None:
            day = brand.baseline.last_updated
            return Dating("ready", day, revision.commit.id, revision.problems)
        file = brand_file(policy.brand.id)
        found, problems = day_of(revision.commit, brand.timezone, file)
        return Dating(
            "ready" if found else "undated",
            found,
            revision.commit.id,
            (*revision.problems, *problems),
        )

    def _is_committed(self, policy: Policy, repository: Repository, commit: str) -> bool:
        head = source_at(repository, commit)
        if all(_same(self.moment.source, head, path) for path in policy.files):
            return True
        try:
            before = _PolicyAt(repository, policy.brand.id, policy.locale)(commit)
        except InvalidPolicy:
            return False
        return before is not None and words(before) == words(policy)


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
    return one.read(path) == other.read(path)
