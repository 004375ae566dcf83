"""``publisher check``: everything wrong with a workspace, and every open question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.law_checks import Judge, settle, unordered, whole
from publisher.archive.lineage import Lineage
from publisher.archive.moments import last_moment
from publisher.archive.notified import notices_now
from publisher.archive.trust.trust_files import untrusted
from publisher.build.incremental import Inputs
from publisher.checks.law import Judged
from publisher.checks.links import OutsideLink, outside_links
from publisher.checks.policy_text import blank_paragraphs, open_questions
from publisher.checks.reviews import OverTime
from publisher.checks.unused import (
    strange_files,
    unused_clauses,
    unused_entries,
)
from publisher.checks.vanished import vanished_in, vanished_texts
from publisher.compose.brands import (
    Composed,
    Progress,
    brand_names,
    compose_all,
    policies_at,
    refuse_unspoken,
)
from publisher.errors import (
    ArchiveDamaged,
    AskedWrongly,
    InvalidPolicy,
    NotCheckedOut,
    NotFetched,
    PublisherError,
)
from publisher.files.cache import Cache
from publisher.history import CUT
from publisher.policy.dating import UNDATED
from publisher.policy.tree import Policy
from publisher.problem import Problem, in_order, mild, warning
from publisher.render.fonts import lacking
from publisher.render.page import html
from publisher.render.style import style_of
from publisher.repository.moment import Moment, commit_at, open_workspace
from publisher.scheduler.results import results
from publisher.scheduler.work import TOGETHER, Wording
from publisher.workspace import brands_in, load, mail, parsed_brand, stray_names
from publisher.workspace.facts import Brand, Mail
from publisher.workspace.names import brand_file
from publisher.workspace.parsed import Parsed, Workspace

_CLAUSE_LOCALE = re.compile(r"/clauses/([^/]+)/")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Every problem, by path and line, and the number of `policies`.

    `accepted` counts the remarks that somebody accepted. `unfit` are the workers of a scheduler
    that took no part. `apart` is true if there are brands that were not asked about.
    """

    policies: int
    problems: tuple[Problem, ...]
    accepted: int = 0
    unfit: tuple[Problem, ...] = ()
    apart: bool = False


def check(  # noqa: PLR0913 - they are the command's options
    root: Path,
    *,
    brands: Iterable[str] = (),
    locales: Iterable[str] = (),
    at: str | None = None,
    today: date = date.min,
    cache: Cache | None = None,
    scheduler: str | None = None,
    progress: Progress = lambda *_: None,
) -> CheckReport:
    """Return the problems of the workspace in `root`: all, or those that touch `brands`.

    With `locales`, clauses in other locales are left out. `today` decides which days of review have
    passed. `cache` remembers the dates of policies. With a `scheduler`, Dask's workers there check
    whole brands. Raises `UnknownName`, `LibraryMissing`, `SchedulerFailed`.
    """
    brands, locales = tuple(dict.fromkeys(brands)), tuple(locales)
    with open_workspace(root, at) as moment:
        names = brand_names(moment.source, brands)
        refuse_unspoken(moment.source, names, locales)
        gathered = _Gathered(moment, names, locales)
        checking = results(
            scheduler,
            root,
            moment,
            _Work(brands, locales, today),
            tuple(sorted(names)),
            cache=cache or Cache(None),
            progress=progress,
            unfit=gathered.unfit,
        )
        with closing(checking) as checked:
            for brand, one in checked:
                gathered.add(brand, one)
        problems = [*gathered.problems, *gathered.shared(everything=not brands)]
        problems += _dates(moment, names, cache, everything=not brands)
        law = settle(moment, gathered.workspace, gathered.judged, gathered.used, today, names)
        apart = not set(names).issuperset(brands_in(moment.source))
    problems += law.problems
    if not (brands or locales):
        problems += gathered.unread(problems)
    if locales:
        problems = [problem for problem in problems if _about(problem, locales)]
    problems = [*_weighed(gathered.workspace, problems)]
    unfit = tuple(gathered.unfit)
    return CheckReport(gathered.policies, in_order(problems), law.accepted, unfit, apart)


# --- one brand, in any process ---


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker has to know to check a brand; without `brands` or `locales`, all count.

    Other brands are only judged.
    """

    brands: tuple[str, ...]
    locales: tuple[str, ...]
    today: date
    word: bool = False
    together: int = TOGETHER
    wording: Wording = Wording("checked", "checks")  # noqa: RUF009 - it is frozen

    def begin(self, moment: Moment, _root: Path, cache: Cache) -> _BrandChecks:
        """Begin to check the brands of a workspace at a moment."""
        return _BrandChecks(self, moment, cache)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The result for one brand; small, however long its policies are.

    `unread` are problems of its clauses that no policy reads, if every policy can be composed:
    `composed` counts all, and `whole` those that could be. `used` are the shared files that each of
    its policies reads, by locale.
    """

    file: Brand | None
    composed: int
    whole: int
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    used: Mapping[str, frozenset[str]]
    judged: Judged


class _BrandChecks(Inputs):
    """Checks brand by brand, so that only one is in memory at a time."""

    def __init__(self, work: _Work, moment: Moment, cache: Cache) -> None:
        super().__init__(moment, (), cache)
        self.work = work
        self.moment = moment
        self.days = _Days(moment, cache)
        self.lineage = Lineage(moment.archive, moment)
        self.judge = Judge(moment, work.today, everything=not work.brands)

    def do(self, brand: str) -> _Checked:
        """Return the result for a brand; raises `AskedWrongly` if the brand was deleted."""
        own = load(self.source, (brand,))
        if brand not in own.brands:
            raise AskedWrongly(f"brands/{brand} was deleted during the check. Check again")
        composed = compose_all(own, proposed=True)
        named = brand in (self.work.brands or (brand,))
        locales = self.work.locales
        asked = [one for one in composed if not locales or one.locale in (None, *locales)]
        asked = asked if named else []
        dated = self.days.of(brand)
        problems = [*dict.fromkeys(self._problems(own, brand, asked, dated))] if named else []
        over_time = OverTime(dated.updated, self._unnoticed(own, brand))
        policies = whole(composed)
        return _Checked(
            own.brands[brand].value,
            len(asked),
            len(whole(asked)),
            tuple(problems),
            _unread(own, brand, policies, problems),
            {policy.locale: _shared_files(policy) for policy in policies},
            self.judge.of(own, brand, policies, over_time),
        )

    def _problems(
        self, own: Workspace, brand: str, composed: Sequence[Composed], dated: _Dated
    ) -> Iterator[Problem]:
        """Yield the problems of a brand and of the shared files it uses, except those of law."""
        for one in composed:
            yield from one.problems
        files = (*own.problems, *vanished_texts(own), *strange_files(self.source, own))
        yield from (problem for problem in files if problem.path.startswith("brands/"))
        if self.lineage.has(brand):
            yield from self.lineage.untrue(brand)
        for policy in whole(composed):
            faults = _rendering(self.moment, own, policy)
            proposed = own.brands[brand].content.proposed
            yield from mild(faults) if policy.locale in proposed else faults
            yield from (*policy.warnings, *blank_paragraphs(policy))
        yield from dated.problems
        yield from open_questions(whole(composed))

    def _unnoticed(self, own: Workspace, brand: str) -> Mapping[str, tuple[str, date]]:
        """Return a brand's material version in force today without a recorded notice."""
        file, unnoticed, today = own.brands[brand].value, {}, self.work.today
        if file is None or today == date.min:
            return {}
        with suppress(PublisherError):  # `publisher verify` reports what is wrong there
            for known in self.lineage.chain(brand, last_moment(today, file.timezone)):
                for version in notices_now(known, None):
                    if not (version.upcoming or version.given):
                        unnoticed[brand] = (version.version, version.in_force_from)
        return unnoticed


def _shared_files(policy: Policy) -> frozenset[str]:
    return frozenset(path for path in policy.files if path.startswith("shared/"))


def _unread(
    own: Workspace, brand: str, policies: Iterable[Policy], problems: Iterable[Problem]
) -> tuple[Problem, ...]:
    """Return the clauses of a brand that none of its policies reads."""
    read = {path for policy in policies for path in policy.files}
    known = {problem.path for problem in problems if problem.rule == "unused"}
    folder = f"brands/{brand}/"
    clauses = {path: clause for path, clause in own.clauses.items() if path.startswith(folder)}
    return tuple(unused_clauses(replace(own, texts={}, clauses=clauses), frozenset(read | known)))


# --- all brands ---


class _Gathered:
    """The results for all brands besides problems; `names` were asked about.

    `workspace` has what all brands share, and the values of the brands' files.
    """

    def __init__(self, moment: Moment, names: Sequence[str], locales: Sequence[str]) -> None:
        self.moment = moment
        self.source = moment.source
        self.archive = moment.archive
        self.names = frozenset(names)
        self.locales = locales
        self.problems: dict[Problem, None] = {}
        self.unfit: list[Problem] = []
        self.judged: list[Judged] = []
        self.used: dict[tuple[str, str], frozenset[str]] = {}
        self.policies = self.whole = 0
        self._unread: list[Problem] = []
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._brands: dict[str, Parsed[Brand]] = {}

    def add(self, brand: str, one: _Checked | Problem) -> None:
        """Add the result for a brand, or that it could not be checked."""
        if isinstance(one, Problem):
            self.problems[one] = None
            self.policies += 1  # at least, and it is not whole
            self.judged.append(Judged())
            self._brands[brand] = Parsed(brand_file(brand), None, ())
            return
        self.problems |= dict.fromkeys(one.problems)
        self.policies += one.composed
        self.whole += one.whole
        self.judged.append(one.judged)
        self._unread += one.unread
        for locale, paths in one.used.items():  # most policies read the same files
            self.used[brand, locale] = self._sets.setdefault(paths, paths)
        self._brands[brand] = Parsed(brand_file(brand), one.file, ())

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace without the brands' clauses, and without the lines of their files."""
        return replace(load(self.source, ()), brands=self._brands)

    def shared(self, *, everything: bool) -> Iterator[Problem]:
        """Yield what is wrong with the shared files, and, for all brands, beside them."""
        shared = replace(self.workspace, brands={})
        yield from (*shared.problems, *vanished_texts(shared), *strange_files(self.source, shared))
        mailing = mail(self.source)
        yield from (*mailing.problems, *vanished_in(mailing, Mail))
        yield from untrusted(self.moment)
        lineage = Lineage(self.archive, self.moment)
        for name in lineage.archived if everything else lineage.archived_among(self.names):
            yield from lineage.lost(name)
        yield from lineage.unmerged(() if everything else self.names)
        yield from self._copied()
        if everything:
            yield from stray_names(self.source)
        yield from unordered(self.moment, sorted(self.names))

    def _copied(self) -> Iterator[Problem]:
        """Yield a warning for each brand with the name, domain or address of one before it.

        Brands may share a domain if each has its own `site.base_url`.
        """
        seen: dict[tuple[str, ...], str] = {}
        for brand, file in sorted(self._brands.items()):
            if file.value is None:
                continue
            own, url = file.value, file.value.site.base_url or ""
            for key, value, apart in (
                ("name", own.name.casefold(), ""),
                ("domain", own.domain, url),
                ("site.base_url", url, ""),
            ):
                other = seen.setdefault((key, value, apart), brand)
                if value and other != brand:
                    shown = own.name if key == "name" else value
                    message = f"'{key}' is '{shown}', the same as in the brand '{other}'"
                    fix = "write this brand's own; if the folder is a copy, delete it"
                    line = parsed_brand(self.source, brand).line(*key.split("."))
                    yield warning("copy", file.path, line, message, fix)

    def unread(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the clauses and entries that no policy uses; none while a policy has errors."""
        if self.whole < self.policies:
            return ()
        used = frozenset(path for paths in self._sets for path in paths)
        known = {problem.path for problem in problems if problem.rule == "unused"}
        clauses = unused_clauses(self.workspace, used | known)
        return (*self._unread, *clauses, *unused_entries(self.workspace))


def _dates(
    moment: Moment, names: Collection[str], cache: Cache | None, *, everything: bool
) -> Iterator[Problem]:
    """Yield whether the history is cut off, and what is wrong with dates of brands no longer here.

    These are known if `everything` was checked.
    """
    days = _Days(moment, cache or Cache(None))
    yield from days.cut()
    for brand in sorted({*days.brands} - {*names}) if everything else ():
        yield from days.of(brand).problems


def _weighed(workspace: Workspace, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield problems; those in clauses of locales that are only proposed are not errors."""
    brands = [brand.value for brand in workspace.brands.values() if brand.value is not None]
    released = {locale for brand in brands for locale in brand.locales}
    proposed = {locale for brand in brands for locale in brand.proposed} - released
    for problem in problems:
        folder = problem.path.partition("/clauses/")[2].partition("/")[0]
        yield from mild([problem]) if folder in proposed else [problem]


def _about(problem: Problem, locales: tuple[str, ...]) -> bool:
    """Return whether a problem is in the clauses of some locales, or beside all clauses."""
    grounds = problem.grounds
    paths = [path for path, _ in grounds.places] if grounds is not None else [problem.path]
    clauses = [_CLAUSE_LOCALE.search(path) for path in paths]
    return any(clause is None or clause[1] in locales for clause in clauses)


def links(
    root: Path, *, brands: Iterable[str] = (), at: str | None = None
) -> tuple[OutsideLink, ...]:
    """Return where the links of the policies of `brands` lead, or of all."""
    with open_workspace(root, at) as moment:
        policies = policies_at(moment.source, brands, proposed=True).whole.values()
    return tuple(link for policy in policies for link in outside_links(policy))


def _rendering(moment: Moment, workspace: Workspace, policy: Policy) -> tuple[Problem, ...]:
    """Return the problems that would stop the documents of a policy, without typesetting."""
    try:
        own = workspace.brands[policy.brand.id]
        html(
            policy,
            UNDATED,
            style_of(moment.source, own, past=moment.committed, locale=policy.locale),
        )
    except InvalidPolicy as fault:
        return fault.problems
    return lacking(policy, moment.source)


@dataclass(frozen=True, slots=True)
class _Dated:
    """The problems of the commits that date policies, and the day of each brand's first policy.

    The problems are trailers without effect, and cuts in the history.
    """

    problems: tuple[Problem, ...] = ()
    updated: Mapping[str, date] = field(default_factory=dict)


class _Days:
    """Dates brands by the newest commit, one by one."""

    def __init__(self, moment: Moment, cache: Cache) -> None:
        self.moment = moment
        self.cache = cache

    @cached_property
    def _head(self) -> Moment | None:
        """The newest commit; None without one, or without the history that dates need."""
        repository, commit = self.moment.repository, self.moment.commit
        if repository is None or commit is None or repository.shallow():
            return None
        return commit_at(repository, commit)

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """The brands that the newest commit has."""
        return brands_in(self._head.source) if self._head is not None else ()

    def cut(self) -> Iterator[Problem]:
        """Yield a warning if the history is cut off."""
        repository, commit = self.moment.repository, self.moment.commit
        if repository is not None and commit is not None and repository.shallow():
            message = "is in a shallow clone, so that trailers are not checked"
            fix = "run `git fetch --unshallow`; in CI, check out the whole history"
            yield warning("trailer", f"commit {commit[:10]}", None, message, fix)

    @cached_property
    def _released(self) -> DatedPolicies:
        return DatedPolicies(self._at, Lineage(self.moment.archive, self.moment), self.cache)

    @cached_property
    def _unreleased(self) -> DatedPolicies:
        return DatedPolicies(self._at, None, self.cache)

    @property
    def _at(self) -> Moment:
        return self._head or self.moment

    def of(self, brand: str) -> _Dated:
        """Return the dates of a brand's policies, if the newest commit has it."""
        if brand not in self.brands:
            return _Dated()
        try:
            dated = self._released.of([brand])
        except (ArchiveDamaged, InvalidPolicy, NotCheckedOut, NotFetched):
            # `publisher verify` reports these
            dated = None
        if dated is None or any(problem.rule == "was" for problem in dated.problems):
            dated = self._unreleased.of([brand])
        problems = (problem for policy in dated.composed for problem in policy.dating.problems)
        days = ((policy.brand, policy.dating.last_updated) for policy in reversed(dated.composed))
        return _Dated(
            tuple(problem for problem in problems if problem.rule in ("trailer", CUT)),
            {brand: day for brand, day in days if day is not None},
        )


def trailers(root: Path, brand: str) -> tuple[Problem, ...]:
    """Return the problems of the trailers of commits that date a brand's policies."""
    with open_workspace(root) as moment:
        days = _Days(moment, Cache(None))
        problems = (*days.of(brand).problems, *days.cut())
    return tuple(problem for problem in problems if problem.rule == "trailer")
