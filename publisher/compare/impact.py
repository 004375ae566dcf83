"""``publisher impact``: the policies that a change reaches, before it is published.

Every policy is composed on both sides of the change. Words decide: a change does not reach a brand
that reads a changed file and has the same words as before. `reasons` says why not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from publisher.archive.law_checks import between
from publisher.compose.brands import policies_at
from publisher.errors import AskedWrongly, GitFailed, UnknownName, UnknownRevision, did_you_mean
from publisher.history import Boundary, ages
from publisher.history.places import Names
from publisher.history.traces import Places
from publisher.policy.dating import Place
from publisher.policy.tree import Clause, Policy
from publisher.policy.words import reading_digest, words
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.values import Difference, Origin
from publisher.repository.moment import Moment, repository_at, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FolderSource, IndexSource, Source, Unreadable
from publisher.workspace import brands_in
from publisher.workspace.facts import Brand
from publisher.workspace.names import COMPANIES, brand_file

_COMPANIES = ("shared/company.yaml", COMPANIES)
_CLAUSE = re.compile(r"shared/clauses/([^/]+)/(.+)\.md")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a policy has the same words as before, though the file at `path` has changed.

    ``overridden``: the brand has a clause of its own, `by`. ``locale``: the file is for another
    locale. ``absent``: the policy has no such clause. ``unused``: the policy does not read it.
    ``condition``: the policy reads it, and other policies show the change, but this one does not
    meet its condition or quote its facts. ``controller``: only the controller above the words is
    another one, or has another name or address. ``no words``: no policy shows the change.
    """

    path: str
    why: Literal["overridden", "locale", "absent", "unused", "condition", "controller", "no words"]
    by: str | None = None


def reasons(
    policy: Policy, files: Iterable[str], spread: frozenset[str], before: Policy | None = None
) -> tuple[Reason, ...]:
    """Return the reasons, one for each changed file; other brands' files have none.

    `spread` are the files that change the words of any policy; `before` is the policy before.
    """
    own = f"brands/{policy.brand.id}/"
    above = _above(before, policy) if before is not None else frozenset()
    return tuple(
        Reason(path, "controller") if path in above else _reason(policy, path, spread)
        for path in files
        if path.startswith(own) or not path.startswith("brands/")
    )


def _above(before: Policy, after: Policy) -> frozenset[str]:
    """Return the files that say who the controller is, if it differs from the one before."""
    if before.controller == after.controller:
        return frozenset()
    old, new = (
        {path for path in policy.files if path.startswith(_COMPANIES)} for policy in (before, after)
    )
    return frozenset(new if old == new else (*new, brand_file(after.brand.id)))


def _reason(policy: Policy, path: str, spread: frozenset[str]) -> Reason:
    if path in policy.files:
        return Reason(path, "condition" if path in spread else "no words")
    clause_file = _CLAUSE.fullmatch(path)
    if clause_file is None:
        return Reason(path, "unused")
    locale, id = clause_file.groups()
    if locale != policy.locale:
        return Reason(path, "locale", locale)
    override = f"brands/{policy.brand.id}/clauses/{locale}/{id}.md"
    if any(clause.path == override for clause in policy.clauses):
        return Reason(path, "overridden", override)
    return Reason(path, "unused" if id.startswith("_") else "absent")


def changed_files(old: Source, new: Source) -> tuple[str, ...]:
    """Return the paths below ``brands/`` and ``shared/`` that differ, sorted."""
    paths = {path for source in (old, new) for path in _files(source)}
    return tuple(sorted(path for path in paths if _read(old, path) != _read(new, path)))


def _files(source: Source) -> Iterator[str]:
    waiting = ["brands", "shared"]
    while waiting:
        folder = waiting.pop()
        try:
            names = source.list(folder)
        except Unreadable:
            yield folder
            continue
        paths = [f"{folder}/{name}" for name in names]
        waiting += [path[:-1] for path in paths if path.endswith("/")]
        yield from (path for path in paths if not path.endswith("/"))


def _read(source: Source, path: str) -> bytes | str | None:
    try:
        data = source.read(path)
    except Unreadable as fault:
        return fault.reason
    return None if data is None else data.replace(b"\r\n", b"\n")


Key = tuple[str, str]
"""A brand and a locale."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A policy whose words the change reaches.

    `editorial`: every commit that changed them says so; the working tree never does. `earliest` is
    the first day on which the policy could be in force, released today with the `notice_days` that
    the brand gives; None for a brand that the change removes. `broken`: the policy had errors
    before, so that all of it shows as added.
    """

    brand: str
    locale: str
    difference: Difference
    editorial: bool
    earliest: date | None
    notice_days: int | None
    draft: bool
    broken: bool


@dataclass(frozen=True, slots=True)
class Untouched:
    """A policy with the same words as before, and why, for each changed file around it."""

    brand: str
    locale: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """The effect of a change. `failed` are the policies that have errors after it.

    `brought` and `taken` are the remarks of `publisher check` that it adds and removes.
    """

    origins: tuple[Origin, Origin]
    files: tuple[str, ...]
    reached: tuple[Reached, ...]
    untouched: tuple[Untouched, ...]
    failed: tuple[tuple[str, str | None], ...]
    problems: tuple[Problem, ...]
    brought: tuple[Problem, ...] = ()
    taken: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the change; `commit` is None for the working tree and for what is staged."""

    origin: Origin
    source: Source
    commit: str | None
    policies: Mapping[Key, Policy]
    failed: Mapping[tuple[str, str | None], tuple[Problem, ...]]
    brands: Mapping[str, Brand]


def impact(
    root: Path,
    now: datetime,
    revisions: str | None = None,
    *,
    staged: bool = False,
    brands: Iterable[str] = (),
) -> Impact:
    """Return the effect of a change on every policy, or on the policies of `brands`.

    `revisions` are ``A..B``, ``A...B`` (since B left A), or ``A`` (the working tree against A).
    The default is the working tree against the newest commit, or with `staged`, what is staged.
    Raises `UnknownRevision`, `UnknownName`, `AskedWrongly`, `ShallowClone`, `GitFailed`.
    """
    if staged and revisions is not None:
        raise AskedWrongly("give revisions or --staged, not both")
    repository = Repository.find(root)
    if repository is None:
        raise GitFailed(f"{root} is not in a git repository; use a clone of one")
    with repository:
        old, new = _sides(root, repository, revisions, staged=staged)
        return _impact(repository, old, new, now, _wanted((old, new), brands))


def _impact(
    repository: Repository, old: _Side, new: _Side, now: datetime, wanted: frozenset[str]
) -> Impact:
    keys = [key for key in (*new.policies, *old.policies) if key not in new.failed]
    differing = [key for key in dict.fromkeys(keys) if _differ(key, old, new)]
    editorial = _editorial(repository, old, new, differing)
    files = changed_files(old.source, new.source)
    reached = tuple(_reached(key, old, new, now, editorial=key in editorial) for key in differing)
    spread = _spread(reached)
    untouched = (
        Untouched(*key, reasons(policy, files, spread, old.policies.get(key)))
        for key, policy in new.policies.items()
        if key not in differing and key[0] in wanted
    )
    failed = {key: problems for key, problems in new.failed.items() if key[0] in wanted}
    problems = (problem for problems in failed.values() for problem in problems)
    return Impact(
        (old.origin, new.origin),
        files,
        tuple(policy for policy in reached if policy.brand in wanted),
        tuple(untouched),
        tuple(failed),
        tuple(dict.fromkeys(problems)),
        *(_on(remarks, wanted) for remarks in _remarks(repository, old, new, now)),
    )


def _remarks(
    repository: Repository, old: _Side, new: _Side, now: datetime
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the remarks that the change brings, and those that it takes away."""
    before, after = (
        Moment(
            side.source,
            side.source,
            repository,
            side.commit or repository.head(),
            committed=side.commit is not None,
        )
        for side in (old, new)
    )
    return between(before, after, now.date())


def _wanted(sides: Iterable[_Side], brands: Iterable[str]) -> frozenset[str]:
    """Return `brands`, or all; raises `UnknownName` for one that is on neither side."""
    known = frozenset(brand for side in sides for brand in brands_in(side.source))
    wanted = frozenset(brands) or known
    for brand in wanted - known:
        raise UnknownName("brand", brand, known)
    return wanted


def _on(remarks: Iterable[Problem], brands: frozenset[str]) -> tuple[Problem, ...]:
    """Return the remarks on the policies of some brands."""
    return tuple(
        remark
        for remark in remarks
        if remark.grounds is None
        or not remark.grounds.brands
        or not brands.isdisjoint(remark.grounds.brands)
    )


def _sides(
    root: Path, repository: Repository, revisions: str | None, *, staged: bool
) -> tuple[_Side, _Side]:
    if staged:
        index = IndexSource(repository, repository.staged())
        return _committed(repository, "HEAD"), _side(Origin("--staged", "staged", ""), index)
    one, dots, other = _range(revisions or "HEAD")
    if dots == "...":
        fork = repository.fork(_resolved(repository, one), _resolved(repository, other))
        if fork is None:
            raise AskedWrongly(
                f"{one} and {other} have no commit in common; compare them with two dots"
            )
        one = fork
    old = _committed(repository, one)
    if dots:
        return old, _committed(repository, other)
    return old, _side(Origin("draft", "draft", ""), FolderSource(root))


def _range(revisions: str) -> tuple[str, str, str]:
    """Return the two ends of a range, and the dots between; the default of an end is ``HEAD``."""
    dots = next((dots for dots in ("...", "..") if dots in revisions), "")
    one, _, other = revisions.partition(dots) if dots else (revisions, "", "")
    return one or "HEAD", dots, other or "HEAD"


def _resolved(repository: Repository, asked: str) -> str:
    try:
        return repository.resolve(asked)
    except UnknownRevision as fault:
        repository.refuse_shallow()
        if repository.head() is None:
            raise AskedWrongly("there is no commit to compare with yet; commit first") from None
        hint = did_you_mean(asked, repository.names())
        raise UnknownRevision(asked, fault.reason, hint) from None


def _committed(repository: Repository, asked: str) -> _Side:
    commit = _resolved(repository, asked)
    return _side(Origin(asked, "commit", "", commit), source_at(repository, commit), commit)


def _side(origin: Origin, source: Source, commit: str | None = None) -> _Side:
    brands = brands_in(source)
    if not brands:
        return _Side(origin, source, commit, {}, {}, {})
    policies = policies_at(source, brands)
    failed = {(one.brand, one.locale): one.problems for one in policies.composed if not one.policy}
    parsed = policies.workspace.brands.items()
    about = {brand: file.value for brand, file in parsed if file.value is not None}
    return _Side(origin, source, commit, policies.whole, failed, about)


def _differ(key: Key, old: _Side, new: _Side) -> bool:
    before, after = old.policies.get(key), new.policies.get(key)
    if before is None or after is None:
        return before is not after
    return words(before) != words(after)


def _editorial(repository: Repository, old: _Side, new: _Side, keys: Iterable[Key]) -> set[Key]:
    """Return the policies whose words only editorial commits have changed."""
    if old.commit is None or new.commit is None:
        return set()
    repository.refuse_shallow()
    if repository.fork(old.commit, new.commit) != old.commit:
        return set()  # the change is not only what commits since then have done
    newer = repository.since(new.commit, old.commit)
    here = repository_at(repository, new.commit)
    places = Places(here, new.commit)
    subjects = {}
    for key in keys:
        if key in old.policies and key in new.policies:
            names = Names.of(new.brands[key[0]])
            subject = places.subject(new.policies[key], Place(here.prefix, *key), names)
            boundary = Boundary(newer, reading_digest(old.policies[key]))
            subjects[key] = replace(subject, boundary=boundary)
    brought = places.brought(here.prefix)
    dated = ages(subjects, here.log(new.commit), brought) if subjects else {}
    return {key for key, age in dated.items() if age.commit is None}


def _reached(key: Key, old: _Side, new: _Side, now: datetime, *, editorial: bool) -> Reached:
    brand, locale = key
    policy, about = new.policies.get(key), new.brands.get(brand)
    earliest = None
    if policy is not None and about is not None:
        today = now.astimezone(ZoneInfo(about.timezone)).date()
        earliest = today if editorial else today + timedelta(days=about.notice_days or 0)
    origins = replace(old.origin, brand=brand), replace(new.origin, brand=brand)
    return Reached(
        brand,
        locale,
        Difference(redline(old.policies.get(key), policy), origins, locale),
        editorial,
        earliest,
        about.notice_days if about else None,
        draft=policy is not None and policy.draft,
        broken=key in old.failed,
    )


def _spread(reached: Iterable[Reached]) -> frozenset[str]:
    """Return the files whose clauses have other words than before, in any policy."""
    clauses = (clause for policy in reached for clause in policy.difference.redline.clauses)
    parts = (clause.part.new for clause in clauses if clause.reworded)
    return frozenset(part.path for part in parts if isinstance(part, Clause))
