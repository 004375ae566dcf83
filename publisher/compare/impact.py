"""``publisher impact``: whom a change reaches, before it is published, and whom it does not.

Every policy is composed on both sides of the change. Words decide: a brand that reads a changed
file and says what it said is not reached.

`reasons` says why a change of files does not reach a policy.
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
from publisher.compose.brands import compose_all, load_brands
from publisher.errors import AskedWrongly, GitFailed, UnknownRevision, did_you_mean
from publisher.history import Boundary, ages
from publisher.history.places import Names
from publisher.history.traces import Places
from publisher.policy.dating import Place
from publisher.policy.tree import Clause, Policy
from publisher.policy.words import reading_digest, words
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.values import Difference, Origin
from publisher.repository.moment import repository_at, source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FolderSource, IndexSource, Source, Unreadable
from publisher.workspace import brands_in
from publisher.workspace.facts import Brand

_CLAUSE = re.compile(r"shared/clauses/([^/]+)/(.+)\.md")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a policy says what it said, though the file at `path` has changed.

    ``overridden``: the brand has a clause of its own, `by`. ``locale``: the file is for another
    locale. ``absent``: the policy has no such clause. ``unused``: nothing of the policy is made
    from it. ``condition``: the policy is made from it, and what changed is said elsewhere, but
    under a condition that is not met here, or of facts that are not quoted here. ``no words``: what
    changed is said nowhere in it.
    """

    path: str
    why: Literal["overridden", "locale", "absent", "unused", "condition", "no words"]
    by: str | None = None


def reasons(policy: Policy, files: Iterable[str], spread: frozenset[str]) -> tuple[Reason, ...]:
    """Return the reasons, one for each changed file but those of other brands.

    `spread` are the files that reach any policy.
    """
    own = f"brands/{policy.brand.id}/"
    return tuple(
        _reason(policy, path, spread)
        for path in files
        if path.startswith(own) or not path.startswith("brands/")
    )


def _reason(policy: Policy, path: str, spread: frozenset[str]) -> Reason:
    if path in policy.files:
        return Reason(path, "condition" if path in spread else "no words")
    found = _CLAUSE.fullmatch(path)
    if found is None:
        return Reason(path, "unused")
    locale, id = found.groups()
    if locale != policy.locale:
        return Reason(path, "locale", locale)
    override = f"brands/{policy.brand.id}/clauses/{locale}/{id}.md"
    if any(clause.path == override for clause in policy.clauses):
        return Reason(path, "overridden", override)
    return Reason(path, "unused" if id.startswith("_") else "absent")


def changed_files(old: Source, new: Source) -> tuple[str, ...]:
    """Return the files of the company that two sources have otherwise, sorted."""
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
        for name in names:
            path = f"{folder}/{name}"
            if name.endswith("/"):
                waiting.append(path.removesuffix("/"))
            else:
                yield path


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

    `editorial` says that every commit that changed them says so; what is not committed cannot.
    `earliest` is the first day on which it could be in force, released today with the notice that
    the brand gives; None where the brand is gone. `notice_days` are those of the brand. `broken`
    says that the policy had errors before, so that all of it shows as added.
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
    """A policy that says what it said, and why, for each file that has changed around it."""

    brand: str
    locale: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change comes to. `failed` are the policies that have errors behind it.

    `brought` and `taken` are the remarks of `publisher check` that come and go with it.
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
    """One side of the change, and what is composed of it; `commit` is None for what has none."""

    origin: Origin
    source: Source
    commit: str | None
    policies: Mapping[Key, Policy]
    brands: Mapping[str, Brand]
    failed: Mapping[tuple[str, str | None], tuple[Problem, ...]]


def impact(
    root: Path, now: datetime, revisions: str | None = None, *, staged: bool = False
) -> Impact:
    """Return what a change does to every policy.

    `revisions` are ``A..B``, ``A...B`` (since B left A), or ``A`` (the working tree against A).
    Left out, it is the working tree against the newest commit, or with `staged`, what is staged.
    Raises `UnknownRevision`, `AskedWrongly`, `ShallowClone`, `GitFailed`.
    """
    if staged and revisions is not None:
        raise AskedWrongly("give revisions or --staged, not both")
    repository = Repository.find(root)
    if repository is None:
        raise GitFailed(f"{root} is in no git repository; use a clone of one")
    with repository:
        old, new = _sides(root, repository, revisions, staged=staged)
        keys = [key for key in (*new.policies, *old.policies) if key not in new.failed]
        differing = [key for key in dict.fromkeys(keys) if _differ(key, old, new)]
        editorial = _editorial(repository, old, new, differing)
        files = changed_files(old.source, new.source)
        reached = tuple(
            _reached(key, old, new, now, editorial=key in editorial) for key in differing
        )
        spread = _spread(reached)
        return Impact(
            (old.origin, new.origin),
            files,
            reached,
            tuple(
                Untouched(*key, reasons(policy, files, spread))
                for key, policy in new.policies.items()
                if key not in differing
            ),
            tuple(new.failed),
            tuple(dict.fromkeys(p for problems in new.failed.values() for p in problems)),
            *between(old.source, new.source, now.date()),
        )


def _sides(
    root: Path, repository: Repository, revisions: str | None, *, staged: bool
) -> tuple[_Side, _Side]:
    if staged:
        origin = Origin("--staged", "staged", "")
        index = IndexSource(repository, repository.staged())
        return _commit(repository, "HEAD"), _composed(origin, index)
    one, dots, other = _range(revisions or "HEAD")
    if not dots:
        return _commit(repository, one), _composed(Origin("draft", "draft", ""), FolderSource(root))
    if dots == "...":
        ends = (_resolved(repository, each) for each in (one, other))
        fork = repository.fork(*ends)
        if fork is None:
            raise AskedWrongly(
                f"{one} and {other} have no commit in common; compare them with two dots"
            )
        return _commit(repository, fork), _commit(repository, other)
    return _commit(repository, one), _commit(repository, other)


def _range(revisions: str) -> tuple[str, str, str]:
    """Return the two ends of a range, and the dots between; an end left out is ``HEAD``."""
    dots = next((dots for dots in ("...", "..") if dots in revisions), "")
    one, _, other = revisions.partition(dots) if dots else (revisions, "", "")
    return one or "HEAD", dots, other or "HEAD"


def _resolved(repository: Repository, asked: str) -> str:
    try:
        return repository.resolve(asked)
    except UnknownRevision as fault:
        repository.refuse_shallow()
        hint = did_you_mean(asked, repository.names())
        raise UnknownRevision(asked, fault.reason, hint) from None


def _commit(repository: Repository, asked: str) -> _Side:
    commit = _resolved(repository, asked)
    return _composed(Origin(asked, "commit", "", commit), source_at(repository, commit), commit)


def _composed(origin: Origin, source: Source, commit: str | None = None) -> _Side:
    brands = brands_in(source)
    workspace = load_brands(source, brands) if brands else None
    policies, failed = {}, {}
    for each in compose_all(workspace) if workspace else ():
        if each.policy is not None and each.locale is not None:
            policies[each.brand, each.locale] = each.policy
        else:
            failed[each.brand, each.locale] = each.problems
    parsed = workspace.brands if workspace else {}
    about = {name: each.value for name, each in parsed.items() if each.value is not None}
    return _Side(origin, source, commit, policies, about, failed)


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
        return set()  # what changed is not only what commits since then have done
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
    found = ages(subjects, here.log(new.commit), brought) if subjects else {}
    return {key for key, age in found.items() if age.commit is None}


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
    clauses = (each for one in reached for each in one.difference.redline.clauses if each.reworded)
    return frozenset(each.part.new.path for each in clauses if isinstance(each.part.new, Clause))
