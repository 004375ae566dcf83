"""``publisher check``: everything wrong with a workspace, and every open question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.law_checks import remarked
from publisher.archive.lineage import Lineage
from publisher.archive.moments import last_moment
from publisher.archive.notified import notices_now
from publisher.checks.links import OutsideLink, outside_links
from publisher.checks.policy_text import blank_paragraphs, open_questions
from publisher.checks.unused import (
    strange_files,
    unordered_clauses,
    unused_clauses,
    unused_entries,
)
from publisher.checks.vanished import vanished_texts
from publisher.compose.brands import Policies, policies_at, refuse_unspoken
from publisher.errors import ArchiveDamaged, InvalidPolicy, NotFetched, PublisherError
from publisher.files.cache import Cache
from publisher.history import CUT
from publisher.policy.dating import UNDATED
from publisher.policy.tree import Policy
from publisher.problem import Problem, in_order, mild, warning
from publisher.render.fonts import lacking
from publisher.render.page import html
from publisher.render.style import style_of
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.workspace import brands_in, load, mail
from publisher.workspace.parsed import Workspace

_CLAUSE_LOCALE = re.compile(r"/clauses/([^/]+)/")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Every problem, by path and line, of so many `policies`.

    `accepted` counts the remarks that somebody accepted.
    """

    policies: int
    problems: tuple[Problem, ...]
    accepted: int = 0


def check(  # noqa: PLR0913 - they are the command's options
    root: Path,
    *,
    brands: Iterable[str] = (),
    locales: Iterable[str] = (),
    at: str | None = None,
    today: date = date.min,
    cache: Cache | None = None,
) -> CheckReport:
    """Return the problems of the workspace in `root`: all, or those that touch `brands`.

    With `locales`, clauses in other locales are left out. `today` decides which days of review have
    passed. `cache` remembers how old policies were. Raises `UnknownName`.
    """
    brands, locales = tuple(brands), tuple(locales)
    with open_workspace(root, at) as moment:
        policies = policies_at(moment.source, brands, locales, proposed=True)
        refuse_unspoken(moment.source, tuple(policies.workspace.brands), locales)
        workspace, whole = policies.workspace, policies.whole.values()
        problems = [*policies.problems, *workspace.problems, *vanished_texts(workspace)]
        problems += strange_files(moment.source, workspace)
        problems += mail(moment.source).problems
        problems += () if brands else Lineage(moment.archive).problems()
        for policy in whole:
            faults = _rendering(moment, workspace, policy)
            proposed = workspace.brands[policy.brand.id].content.proposed
            problems += mild(faults) if policy.locale in proposed else faults
            problems += [*policy.warnings, *blank_paragraphs(policy)]
        problems += unordered_clauses(load(moment.source), tuple(workspace.brands))
        dated = _dated(moment, brands, cache)
        problems += dated.problems
        unnoticed = _unnoticed(moment, workspace, today)
        law = remarked(moment, tuple(workspace.brands), today, dated.updated, unnoticed)
    problems += [*law.problems, *open_questions(list(whole))]
    if not (brands or locales):
        problems += _unused(policies, problems)
    if locales:
        problems = [problem for problem in problems if _about(problem, locales)]
    problems = [*_weighed(workspace, problems)]
    return CheckReport(len(policies.composed), in_order(problems), law.accepted)


def _unnoticed(moment: Moment, workspace: Workspace, today: date) -> Mapping[str, tuple[str, date]]:
    """Return, for each brand, a material version in force today of which no notice is recorded."""
    lineage, unnoticed = Lineage(moment.archive), {}
    for brand, file in workspace.brands.items():
        if file.value is None or today == date.min:
            continue
        with suppress(PublisherError):  # `publisher verify` reports what is wrong there
            for known in lineage.chain(brand, last_moment(today, file.value.timezone)):
                for version in notices_now(known, None):
                    if not (version.upcoming or version.given):
                        unnoticed[brand] = (version.version, version.in_force_from)
    return unnoticed


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


def _unused(policies: Policies, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the clauses and entries that no policy uses; none while a policy has errors."""
    whole = policies.whole.values()
    if len(whole) < len(policies.composed):
        return ()
    used = frozenset(path for policy in whole for path in policy.files)
    known = {problem.path for problem in problems if problem.rule == "unused"}
    clauses = unused_clauses(policies.workspace, used | known)
    return (*clauses, *unused_entries(policies.workspace))


@dataclass(frozen=True, slots=True)
class _Dated:
    """The problems of the commits that date policies, and the day of each brand's first policy.

    The problems are trailers without effect, and cuts in the history.
    """

    problems: tuple[Problem, ...] = ()
    updated: Mapping[str, date] = field(default_factory=dict)


def _dated(moment: Moment, brands: tuple[str, ...], cache: Cache | None = None) -> _Dated:
    repository, commit = moment.repository, moment.commit
    if repository is None or commit is None:
        return _Dated()
    if repository.shallow():
        message = "is in a shallow clone, so that trailers are not checked"
        fix = "run `git fetch --unshallow`; in CI, check out the whole history"
        return _Dated((warning("trailer", f"commit {commit[:10]}", None, message, fix),))
    head = committed(repository, commit)
    present = brands_in(head.source)
    known = [brand for brand in brands or present if brand in present]
    if not known:
        return _Dated()
    try:
        dated = DatedPolicies(head, Lineage(moment.archive), cache).of(known)
    except (ArchiveDamaged, InvalidPolicy, NotFetched):  # `publisher verify` reports these
        dated = None
    if dated is None or any(problem.rule == "was" for problem in dated.problems):
        dated = DatedPolicies(head, None, cache).of(known)
    problems = (problem for policy in dated.composed for problem in policy.dating.problems)
    days = ((policy.brand, policy.dating.last_updated) for policy in reversed(dated.composed))
    return _Dated(
        tuple(problem for problem in problems if problem.rule in ("trailer", CUT)),
        {brand: day for brand, day in days if day is not None},
    )


def trailers(root: Path, brand: str) -> tuple[Problem, ...]:
    """Return the problems of the trailers of commits that date a brand's policies."""
    with open_workspace(root) as moment:
        return tuple(p for p in _dated(moment, (brand,)).problems if p.rule == "trailer")
