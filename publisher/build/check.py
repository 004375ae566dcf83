"""``publisher check``: everything wrong with a workspace, and every open question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.law_checks import remarked
from publisher.archive.lineage import Lineage
from publisher.checks.links import OutsideLink, outside_links
from publisher.checks.policy_text import blank_paragraphs, open_questions
from publisher.checks.unused import unordered_clauses, unused_clauses, unused_entries
from publisher.checks.vanished import vanished_texts
from publisher.compose.brands import compose_all, load_brands
from publisher.errors import ArchiveDamaged, InvalidPolicy, NotFetched
from publisher.files.cache import Cache
from publisher.history import CUT
from publisher.policy.dating import UNDATED
from publisher.policy.tree import Policy
from publisher.problem import Problem, in_order, warning
from publisher.render.fonts import lacking
from publisher.render.page import html
from publisher.render.style import style_of
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.workspace import brands_in, load
from publisher.workspace.parsed import Workspace


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Every problem, by path and line; `policies` says how many were looked at.

    `accepted` says how many remarks somebody accepts.
    """

    policies: int
    problems: tuple[Problem, ...]
    accepted: int = 0


def check(
    root: Path,
    *,
    brands: Iterable[str] = (),
    at: str | None = None,
    today: date = date.min,
    cache: Cache | None = None,
) -> CheckReport:
    """Return what is wrong with the workspace in `root`: all of it, or what touches `brands`.

    By `today` it is known which days of review have passed. `cache` remembers how
    old policies were.
    """
    brands = tuple(brands)
    with open_workspace(root, at) as moment:
        workspace = load_brands(moment.source, brands)
        composed = compose_all(workspace)
        problems = [problem for each in composed for problem in each.problems]
        problems += workspace.problems
        problems += vanished_texts(workspace)
        problems += () if brands else Lineage(moment.archive).problems()
        for each in composed:
            if each.policy is not None:
                problems += _rendering(moment, workspace, each.policy)
        problems += unordered_clauses(load(moment.source), tuple(workspace.brands))
        problems += _dated(moment, brands, cache)
        law = remarked(moment.source, tuple(workspace.brands), today)
        problems += law.problems
    policies = [each.policy for each in composed if each.policy is not None]
    problems += open_questions(policies)
    for policy in policies:
        problems += [*policy.warnings, *blank_paragraphs(policy)]
    if not brands and len(policies) == len(composed):
        used = frozenset(path for policy in policies for path in policy.files)
        known = {problem.path for problem in problems if problem.rule == "unused"}
        problems += unused_clauses(workspace, used | known)
        problems += unused_entries(workspace)
    return CheckReport(len(composed), in_order(problems), law.accepted)


def links(
    root: Path, *, brands: Iterable[str] = (), at: str | None = None
) -> tuple[OutsideLink, ...]:
    """Return where the links of the policies of `brands` lead, or of all."""
    with open_workspace(root, at) as moment:
        composed = compose_all(load_brands(moment.source, brands))
    policies = (each.policy for each in composed if each.policy is not None)
    return tuple(link for policy in policies for link in outside_links(policy))


def _dated(
    moment: Moment, brands: tuple[str, ...], cache: Cache | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with the commits that matter for a policy's date.

    That is a trailer that does nothing, or a history that is cut.
    """
    repository, commit = moment.repository, moment.commit
    if repository is None or commit is None:
        return ()
    if repository.shallow():
        message = "has its history cut off, so that trailers are not checked"
        fix = "run `git fetch --unshallow`; in CI, check out the whole history"
        return (warning("trailer", f"commit {commit[:10]}", None, message, fix),)
    head = committed(repository, commit)
    there = brands_in(head.source)
    known = [brand for brand in brands or there if brand in there]
    if not known:
        return ()
    try:
        _, policies = DatedPolicies(head, Lineage(moment.archive), cache).of(known)
    except (ArchiveDamaged, InvalidPolicy, NotFetched):  # `publisher verify` tells that
        _, policies = DatedPolicies(head, None, cache).of(known)
    return tuple(
        problem
        for policy in policies
        for problem in policy.dating.problems
        if problem.rule in ("trailer", CUT)
    )


def trailers(root: Path, brand: str) -> tuple[Problem, ...]:
    """Return what is wrong with the trailers of commits that matter for a brand's dates."""
    with open_workspace(root) as moment:
        return tuple(p for p in _dated(moment, (brand,)) if p.rule == "trailer")


def _rendering(moment: Moment, workspace: Workspace, policy: Policy) -> tuple[Problem, ...]:
    """Return why a policy's documents could not be made, short of making them all."""
    try:
        own = workspace.brands[policy.brand.id]
        html(policy, UNDATED, style_of(moment.source, own, past=moment.committed))
    except InvalidPolicy as fault:
        return fault.problems
    return lacking(policy, moment.source)
