"""Dates policies from git: gives `ages` the commits and the policy at each.

A trailer ``Policy-Change`` without effect is a problem of the dating.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from publisher.errors import GitFailed, InvalidPolicy
from publisher.files.cache import Cache
from publisher.history import Age, Boundary, Subject, ages, day_of, untrue_date
from publisher.history.places import Names, PolicyAt, policy_at, tree_at
from publisher.history.traces import Places
from publisher.policy.dating import Dating, Place, Released
from publisher.policy.tree import Policy
from publisher.policy.words import has_words, same_words
from publisher.problem import Problem, error, warning
from publisher.repository.commits import Commit
from publisher.repository.headers import parents
from publisher.repository.moment import Moment
from publisher.repository.reading import Repository
from publisher.repository.source import Source, Unreadable
from publisher.repository.trailers import Fault
from publisher.workspace.facts import Brand
from publisher.workspace.names import brand_file

SHOWN = 3
"""The most commits that a message names."""


def trailer_problems(
    repository: Repository, commit: str, brand: str, start: str | None, version: Released | None
) -> Iterator[Problem]:
    """Yield the problems of trailers between `start` and `commit`.

    Only commits about a policy of `brand` count, whose latest version is `version`.
    """
    remarks = repository.remarks(commit)
    by = {remark.by for on in remarks.on.values() for remark in on}
    asked = {commit.id for commit, _ in remarks.faults} | by
    if not asked:
        return
    newer = asked if start is None else repository.beyond(start, asked | {*remarks.on})
    for source, fault in remarks.faults:
        if source.id in newer and _is_about(brand, source.changed):
            yield _problem(source, fault)
    if version is None or start != version.source or not by & newer:
        return
    frozen = [id for id, on in remarks.on.items() if id not in newer and on[0].by in newer]
    named: dict[str, list[str]] = {}
    for known in repository.commits(frozen, remarks.on):
        if known.changed and _is_about(brand, known.changed):
            named.setdefault(known.remarks[0].by, []).append(known.id[:10])
    for by_id, ids in named.items():
        yield _frozen(by_id, ids, brand, version)


def _is_about(brand: str, changed: Iterable[str]) -> bool:
    """Return whether a commit can be about a brand's policy.

    It can if it changed a file that the policy may read, or no file of any policy: then only its
    message counts.
    """
    read = [path for path in changed if path.startswith(("brands/", "shared/"))]
    own = f"brands/{brand}/"
    return not read or any(
        path.startswith((own, "shared/")) or path.endswith("/brand.yaml") for path in read
    )


def _problem(commit: Commit, fault: Fault) -> Problem:
    """Return the problem with a trailer, and what to write instead."""
    id = (commit.id if fault.about is None else fault.about)[:10] or "ID"
    change = fault.meant or "editorial"
    command = f'git commit --allow-empty -m "Correct {id}" -m "Policy-Change: {change} {id}"'
    fix = f"in a later commit, say what you meant: `{command}`"
    if fault.about == "":
        fix += "; `publisher history` shows the ids"
    elif fault.meant is None:
        fix += ", or with `material`"
    else:
        fix = f"did you mean `{change}`? Then say so in a later commit: `{command}`"
    return warning("trailer", f"commit {commit.id[:10]}", None, fault.message, fix)


def _frozen(by: str, named: list[str], brand: str, version: Released) -> Problem:
    """Return the problem that a trailer names commits which a version has already."""
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    message = (
        f"names {', '.join(named[:SHOWN])}{more}, which {brand} {version.version} has already, so "
        "its date stays"
    )
    fix = "nothing to do: a released version never changes"
    return warning("trailer", f"commit {by[:10]}", None, message, fix)


Releases = Mapping[tuple[str, str], Released]
"""The latest released version of each policy that has one, by brand id and locale."""

NONE: Releases = MappingProxyType({})


class Dates:
    """Dates the policies of one moment; the commits are read from git once, as far as needed.

    `cache` remembers the ages at commits that were dated before.
    """

    def __init__(self, moment: Moment, cache: Cache | None = None) -> None:
        self.moment = moment
        self.cache = cache or Cache(None)
        repository, commit = moment.repository, moment.commit
        if repository is not None and commit is not None:
            repository.refuse_shallow()
            self._places = Places(repository, commit, self.cache)
            self._newer = lru_cache(maxsize=64)(repository.since)

    def of(
        self, policies: Sequence[tuple[Policy, Brand]], released: Releases = NONE
    ) -> list[Dating]:
        """Return the dating of each policy at this moment.

        A policy with the words of the latest released version has the version's date, whatever git
        says. For others, only commits after the version's source commit count. A wrong baseline is
        an error among the problems of the dating.
        """
        datings: dict[int, Dating] = {}
        sought: dict[int, Subject] = {}
        for index, (policy, brand) in enumerate(policies):
            version = released.get((policy.brand.id, policy.locale))
            known = self._known(policy, brand, version)
            if isinstance(known, Dating):
                datings[index] = known
            else:
                sought[index] = known
        if sought:
            brought = self._places.brought(self._prefix)
            log = self._places.log((policies[at][0], Names.of(policies[at][1])) for at in sought)
            for index, age in ages(sought, log, brought).items():
                policy, brand = policies[index]
                version = released.get((policy.brand.id, policy.locale))
                committed = sought[index].policy
                if sought[index].boundary is None:
                    self._places.checkpoints(self._place(policy), Names.of(brand)).keep(age)
                datings[index] = self._dating(age, committed, policy, brand, version)
        return [
            self._with_trailers(
                datings[index], policy, released.get((policy.brand.id, policy.locale))
            )
            for index, (policy, _) in enumerate(policies)
        ]

    def _with_trailers(self, dating: Dating, policy: Policy, version: Released | None) -> Dating:
        """Return a dating with the problems of the trailers of commits that matter for it.

        They are the commits since the latest version; without one, since the commit that dates the
        policy; without that, all.
        """
        repository, commit = self.moment.repository, self.moment.commit
        if repository is None or commit is None:
            return dating
        start, source = None, version.source if version is not None else None
        if source is not None and self._newer(commit, source) is not None:
            start = source
        elif dating.commit not in (None, source):
            start = next(iter(parents(repository.object(str(dating.commit)))), None)
        problems = trailer_problems(repository, commit, policy.brand.id, start, version)
        return replace(dating, problems=(*dating.problems, *problems))

    def _known(self, policy: Policy, brand: Brand, released: Released | None) -> Dating | Subject:
        """Return the dating of a policy, or the subject of a search in git for its age."""
        repository, commit = self.moment.repository, self.moment.commit
        same = released is not None and has_words(
            policy, released.words, redacted=released.redacted
        )
        if policy.locale in brand.proposed:
            return Dating("proposed")
        if policy.draft:
            return Dating("draft")
        if repository is None or commit is None:
            return _as_released(policy, released) if released and same else Dating("undated")
        at = policy_at(repository, self._place(policy))
        committed = policy if self.moment.committed else self._committed(policy, commit, at)
        if committed is None:
            return Dating("uncommitted")
        if released is not None and same:
            return _as_released(policy, released)
        subject = self._places.subject(committed, self._place(policy), Names.of(brand))
        if released is None:
            return subject
        newer = self._newer(commit, released.source)
        return replace(subject, boundary=Boundary(newer, released.words, released.redacted))

    @property
    def _prefix(self) -> str:
        return self.moment.repository.prefix if self.moment.repository is not None else ""

    def _place(self, policy: Policy) -> Place:
        return Place(self._prefix, policy.brand.id, policy.locale)

    def _dating(
        self, age: Age, committed: Policy, policy: Policy, brand: Brand, version: Released | None
    ) -> Dating:
        """Return the dating of a policy by its age; `committed` has its words."""
        began = self._began(age, brand)
        day = self._calendar(age, brand, began=began)
        problems = () if began else age.problems
        last_updated = version.last_updated if version is not None else None
        commit = version.source if version is not None else None
        if age.commit is not None:
            last_updated, commit = day(age.commit), age.commit.id
            first = day_of(age.commit, brand.timezone)
            if last_updated is None:
                problems = (*problems, untrue_date(age.commit))
            elif age.commit == age.appeared and first is not None and last_updated > first:
                problems = (*problems, _late_baseline(policy.brand.id, first))
        elif version is None:
            raise GitFailed("git lists no commit that made this policy; run `git fsck`")
        if last_updated is None:
            return Dating("undated", None, commit, problems)
        days = {id: day(commit) for id, commit in age.clauses.items()}
        if version is not None:
            days = {
                id: days[id] if id in days else _day_in(version, age.older.get(id))
                for id in _ids(committed)
            }
        ids = zip(_ids(committed), _ids(policy), strict=True)
        clauses = {own: known for id, own in ids if (known := days.get(id)) is not None}
        return Dating("ready", last_updated, commit, problems, clauses)

    def _calendar(self, age: Age, brand: Brand, *, began: bool) -> Callable[[Commit], date | None]:
        """Return the function from commit to day; the first commit may have the baseline's day."""
        first = age.appeared.id if began and age.appeared is not None else None

        def day(commit: Commit) -> date | None:
            if brand.baseline is not None and commit.id == first:
                return brand.baseline.last_updated
            return day_of(commit, brand.timezone)

        return day

    def _began(self, age: Age, brand: Brand) -> bool:
        """Return whether a policy appeared with its brand, and the brand has a baseline."""
        first, place = age.appeared, age.place
        if brand.baseline is None or first is None or place is None:
            return False
        under = self._places.repository.under(place.prefix)
        return {*under.touching(first.id, [brand_file(place.brand)], 2)} <= {first.id}

    def _committed(self, policy: Policy, commit: str, at: PolicyAt) -> Policy | None:
        """Return the policy at the newest commit, if it has the words of `policy`."""
        head = tree_at(at.repository, commit)
        if all(_same(self.moment.source, head, path) for path in policy.files):
            return policy
        try:
            committed = at(commit)
        except InvalidPolicy:
            return None
        same = committed is not None and same_words(committed, policy)
        return committed if same else None


def _as_released(policy: Policy, version: Released) -> Dating:
    """Return the dating of a policy with the words of a version.

    The clauses are then the same, one by one, even if their ids are different.
    """
    days = version.clauses
    if set(days) != set(_ids(policy)) and len(days) == len(policy.clauses):
        days = dict(zip(_ids(policy), days.values(), strict=True))
    clauses = {id: days.get(id, version.last_updated) for id in _ids(policy)}
    return Dating(
        "ready", version.last_updated, version.source, clauses=clauses, version=version.version
    )


def _day_in(version: Released, id: str | None) -> date:
    return version.clauses.get(id or "", version.last_updated)


def _ids(policy: Policy) -> list[str]:
    return [clause.id for clause in policy.clauses]


def _late_baseline(brand: str, first: date) -> Problem:
    message = f"'baseline.last_updated' is after the first commit of the policy, {first}"
    fix = "give the date of the text before that, or delete the baseline"
    return error("baseline", brand_file(brand), None, message, fix)


def _same(one: Source, other: Source, path: str) -> bool:
    try:
        return one.read(path) == other.read(path)
    except Unreadable:
        return False
