"""``publisher impact``: the policies that a change reaches, before it is published.

Every policy that may read a changed file is composed on both sides of the change. Words decide: a
change does not reach a brand with the same words as before, even if it reads a changed file.
`reasons` says why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
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
from publisher.repository.moment import (
    Moment,
    not_checked_out,
    refuse_left_out,
    repository_at,
    source_at,
)
from publisher.repository.reading import Repository
from publisher.repository.source import FolderSource, IndexSource, Source, TreeSource, Unreadable
from publisher.workspace import brands_in, identity, parsed_brand
from publisher.workspace.facts import Brand
from publisher.workspace.loader import parse_clause
from publisher.workspace.names import COMPANIES, brand_file

_COMPANIES = ("shared/company.yaml", COMPANIES)
_CLAUSE = re.compile(r"shared/clauses/([^/]+)/([^/]+)\.md")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a policy has the same words as before, though the file at `path` has changed.

    ``overridden``: the brand has a clause of its own, `by`. ``locale``: the file is for another
    locale. ``absent``: the policy has no such clause. ``unused``: the policy does not read it.
    ``condition``: the policy reads it, and other policies show the change, but this one does not
    meet its condition or quote its facts. ``controller``: only the controller above the words, or
    its name or address, is different. ``no words``: no policy shows the change.
    """

    path: str
    why: Literal["overridden", "locale", "absent", "unused", "condition", "controller", "no words"]
    by: str | None = None


def reasons(
    policy: Policy, files: Iterable[str], spread: frozenset[str], before: Policy | None = None
) -> tuple[Reason, ...]:
    """Return the reasons, one for each changed file, except those of other brands.

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


_EXTENDING = re.compile(rb"shared/([^\"'/]+\.md)")


@dataclass(frozen=True)
class _Change:
    """The changes between two ends, and the brands whose policies may read them.

    A brand's file is read by that brand, and its name and domain by the brands that name it as a
    sister. A shared clause is read by all brands except those that override it.
    """

    repository: Repository
    old: _End
    new: _End

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The paths below ``brands/`` and ``shared/`` that differ, sorted."""
        old, new, here = self.old, self.new, self.repository
        ends = [commit for commit in (old.commit, new.commit) if commit is not None]
        if old.commit is None or any(repository_at(here, id).prefix != here.prefix for id in ends):
            return changed_files(old.source, new.source)
        to = "--cached" if new.origin.kind == "staged" else new.commit
        paths = here.altered(old.commit, "brands", "shared", to=to)
        return tuple(path for path in paths if _read(old.source, path) != _read(new.source, path))

    @cached_property
    def reading(self) -> tuple[str, ...]:
        """The brands that may read what has changed."""
        own = {path.split("/")[1] for path in self.files if path.startswith("brands/")}
        renamed = {brand for brand in own if len({*self._identities(brand)}) > 1}
        reading = own | {*self._naming(renamed)}
        if any(path.startswith("shared/") for path in self.files):
            reading |= self._known - {*self.overriding}
        return tuple(sorted(reading & self._known))

    @cached_property
    def _known(self) -> frozenset[str]:
        ends = (self.old, self.new)
        here = frozenset(brand for end in ends for brand in brands_in(end.source))
        return here - {*self.left_out}

    @cached_property
    def left_out(self) -> frozenset[str]:
        """The brands that a sparse checkout leaves out, where the files here are compared."""
        return not_checked_out(self.new.source, "brands")

    def _identities(self, brand: str) -> Iterator[object]:
        for end in (self.old, self.new):
            there = brand in brands_in(end.source)
            yield identity(end.source, brand) if there else None

    def _naming(self, brands: Collection[str]) -> Iterator[str]:
        """Yield the brands whose files, at the older end, name one of `brands`."""
        ids = [brand.encode() for brand in brands]
        if ids and isinstance(self.old.source, TreeSource):
            files = self.old.source.brand_files()
            yield from (brand for brand, data in files.items() if any(id in data for id in ids))

    @cached_property
    def overriding(self) -> frozenset[str]:
        """The brands that override all shared clauses that have changed, and quote none of them."""
        shared = [path for path in self.files if path.startswith("shared/")]
        clauses = [_CLAUSE.fullmatch(path) for path in shared]
        if not shared or self.old.commit is None or any(not self._same_front(p) for p in shared):
            return frozenset()
        names = {(one[1], f"{one[2]}.md") for one in clauses if one is not None}
        names = self._with_users(names)
        texts = {f"shared/{name}" for _, name in names}
        quoting = self.repository.naming(self.old.commit, sorted(texts), "brands")
        own = (path for path in self.files if path.startswith("brands/"))
        passed = {path.split("/")[1] for path in (*quoting, *own)}
        return frozenset(b for b in self._known - passed if self._overrides(b, names))

    def _same_front(self, path: str) -> bool:
        """Return whether a file is a clause at both ends, with the same front matter."""
        sides = [_read(end.source, path) for end in (self.old, self.new)]
        if not _CLAUSE.fullmatch(path) or not all(isinstance(side, bytes) for side in sides):
            return False
        clauses = [parse_clause(path, side)[0] for side in sides if isinstance(side, bytes)]
        return len({repr(one.front.value) if one else path for one in clauses}) == 1

    def _with_users(self, names: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return shared clauses, and all that extend or include them, by locale and name."""
        users: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for end in (self.old, self.new):
            for locale in {locale for locale, _ in names}:
                for name in _names(end.source, f"shared/clauses/{locale}"):
                    data = _read(end.source, f"shared/clauses/{locale}/{name}")
                    for base in _EXTENDING.findall(data) if isinstance(data, bytes) else ():
                        quoted = (locale, base.decode("utf-8", "surrogateescape"))
                        users.setdefault(quoted, set()).add((locale, name))
        waiting = [*names]
        while waiting:
            more = users.get(waiting.pop(), set()) - names
            names = names | more
            waiting += more
        return names

    def _overrides(self, brand: str, names: Collection[tuple[str, str]]) -> bool:
        own = {
            (locale, name)
            for locale in {locale for locale, _ in names}
            for name in _names(self.new.source, f"brands/{brand}/clauses/{locale}")
        }
        shown = {(locale, name) for locale, name in names if not name.startswith("_")}
        return shown <= own and parsed_brand(self.new.source, brand).value is not None

    def kept_away(self, brand: str) -> Iterator[Untouched]:
        """Yield the policies of a brand that overrides everything that has changed."""
        own = parsed_brand(self.new.source, brand).value
        for locale in own.locales if own is not None else ():
            shared = (path for path in self.files if path.startswith("shared/"))
            yield Untouched(brand, locale, tuple(_kept(brand, locale, path) for path in shared))


def _kept(brand: str, locale: str, path: str) -> Reason:
    _, _, of, name = path.split("/")
    if of != locale:
        return Reason(path, "locale", of)
    if name.startswith("_"):
        return Reason(path, "unused")
    return Reason(path, "overridden", f"brands/{brand}/clauses/{locale}/{name}")


def _names(source: Source, folder: str) -> tuple[str, ...]:
    """Return the names in a folder; none if it is unreadable, which the policies then report."""
    try:
        return source.list(folder)
    except Unreadable:
        return ()


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
    the first day on which the policy could be in force, if released today with the brand's
    `notice_days`; None for a brand that the change removes. `broken`: the policy had errors before,
    so that all of it shows as added.
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

    `brought` and `taken` are the remarks of `publisher check` that it adds and removes. `apart`
    counts the brands that were not read, as only files of other brands have changed, and `left_out`
    those that are not checked out here.
    """

    origins: tuple[Origin, Origin]
    files: tuple[str, ...]
    reached: tuple[Reached, ...]
    untouched: tuple[Untouched, ...]
    failed: tuple[tuple[str, str | None], ...]
    problems: tuple[Problem, ...]
    brought: tuple[Problem, ...] = ()
    taken: tuple[Problem, ...] = ()
    apart: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _End:
    """One end of the change; `commit` is None for the working tree and for what is staged."""

    origin: Origin
    source: Source
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class _Side(_End):
    """One side of the change: the policies that it may reach, at that end."""

    _: KW_ONLY
    policies: Mapping[Key, Policy]
    failed: Mapping[tuple[str, str | None], tuple[Problem, ...]]
    brands: Mapping[str, Brand]

    def has_errors(self, key: Key) -> bool:
        """Return whether a policy has errors, or the file of its brand; without one, it is gone."""
        of_brand = self.failed.get((key[0], None), ())
        return key in self.failed or any(problem.rule != "missing-file" for problem in of_brand)


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
        change = _Change(repository, *_ends(root, repository, revisions, staged=staged))
        brands = tuple(brands)
        if isinstance(change.new.source, FolderSource):
            refuse_left_out(root, brands)
        return _impact(change, now, _wanted((change.old, change.new), brands) - change.left_out)


def _impact(change: _Change, now: datetime, wanted: frozenset[str]) -> Impact:
    repository, files = change.repository, change.files
    overriding = [brand for brand in change.overriding if brand in wanted]
    reading = [brand for brand in change.reading if brand in wanted]
    old, new = (_side(end, reading) for end in (change.old, change.new))
    keys = [key for key in (*new.policies, *old.policies) if not new.has_errors(key)]
    differing = [key for key in dict.fromkeys(keys) if _differ(key, old, new)]
    editorial = _editorial(repository, old, new, differing)
    reached = tuple(_reached(key, old, new, now, editorial=key in editorial) for key in differing)
    spread = _spread(reached)
    untouched = [
        Untouched(*key, reasons(policy, files, spread, old.policies.get(key)))
        for key, policy in new.policies.items()
        if key not in differing
    ]
    untouched += [one for brand in overriding for one in change.kept_away(brand)]
    problems = (problem for problems in new.failed.values() for problem in problems)
    remarks = _remarks(repository, old, new, now, reading)
    brought, taken = (_on(side, wanted) for side in remarks)
    return Impact(
        (old.origin, new.origin),
        files,
        reached,
        tuple(sorted(untouched, key=lambda one: one.brand)),
        tuple(new.failed),
        tuple(dict.fromkeys(problems)),
        brought,
        taken,
        apart=len(wanted) - len(reading) - len(overriding),
        left_out=len(change.left_out),
    )


def _remarks(
    repository: Repository, old: _Side, new: _Side, now: datetime, brands: Collection[str]
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
    return between(before, after, now.date(), brands)


def _wanted(ends: Iterable[_End], brands: Iterable[str]) -> frozenset[str]:
    """Return `brands`, or all; raises `UnknownName` for one that is on neither side."""
    known = frozenset(brand for end in ends for brand in brands_in(end.source))
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


def _ends(
    root: Path, repository: Repository, revisions: str | None, *, staged: bool
) -> tuple[_End, _End]:
    if staged:
        index = IndexSource(repository, repository.staged())
        return _committed(repository, "HEAD"), _End(Origin("--staged", "staged", ""), index)
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
    return old, _End(Origin("draft", "draft", ""), FolderSource(root))


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


def _committed(repository: Repository, asked: str) -> _End:
    commit = _resolved(repository, asked)
    return _End(Origin(asked, "commit", "", commit), source_at(repository, commit), commit)


def _side(end: _End, brands: Iterable[str]) -> _Side:
    there = frozenset(brands_in(end.source))
    brands = [brand for brand in brands if brand in there]
    given = (end.origin, end.source, end.commit)
    if not brands:
        return _Side(*given, policies={}, failed={}, brands={})
    policies = policies_at(end.source, brands)
    failed = {(one.brand, one.locale): one.problems for one in policies.composed if not one.policy}
    parsed = policies.workspace.brands.items()
    about = {brand: file.value for brand, file in parsed if file.value is not None}
    return _Side(*given, policies=policies.whole, failed=failed, brands=about)


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
        return set()  # the change also has something other than the commits since then
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
    log = here.log(new.commit, {brand for brand, _ in subjects})
    dated = ages(subjects, log, brought) if subjects else {}
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
        broken=old.has_errors(key),
    )


def _spread(reached: Iterable[Reached]) -> frozenset[str]:
    """Return the files whose clauses have changed words, in any policy."""
    clauses = (clause for policy in reached for clause in policy.difference.redline.clauses)
    parts = (clause.part.new for clause in clauses if clause.reworded)
    return frozenset(part.path for part in parts if isinstance(part, Clause))
