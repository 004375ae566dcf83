"""Remarks on what policies say, for every command: now, and at an earlier commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from publisher.checks.law import Lawfulness, lawfulness
from publisher.checks.remarks import joined, key_of
from publisher.checks.reviews import Behind, OverTime, Rule
from publisher.compose.brands import compose_all
from publisher.errors import InvalidPolicy, PublisherError
from publisher.history.followers import Seen
from publisher.history.overrides import Override, overrides
from publisher.history.translations import Translation, translations
from publisher.policy.tree import Policy
from publisher.problem import Problem, errors, warning
from publisher.redline.views.marked_lines import in_marks
from publisher.repository.moment import Moment, committed
from publisher.workspace import accepted, brands_in, load
from publisher.workspace.names import brand_file
from publisher.workspace.parsed import Workspace


def remarked(
    moment: Moment,
    brands: Collection[str],
    today: date,
    updated: Mapping[str, date] | None = None,
    unnoticed: Mapping[str, tuple[str, date]] | None = None,
) -> Lawfulness:
    """Return what a lawyer would remark on the policies of `brands`.

    `updated` has the day on which each brand's policy last changed, where that matters, and
    `unnoticed` the versions of which no notice is recorded. Nothing is remarked where the files
    that all policies read have errors.
    """
    whole = load(moment.source)
    if any(file.value is None for file in whole.shared):
        return Lawfulness((), 0)
    composed = compose_all(whole, proposed=True)
    policies = [one.policy for one in composed if one.policy is not None]
    acceptances = accepted(moment.source)
    among = whole
    if not (acceptances.value and acceptances.value.root):  # idle ones are told among all remarks
        among = replace(whole, brands={id: whole.brands[id] for id in brands if id in whole.brands})
    behind = tuple(_behind(moment, among, policies))
    over_time = OverTime(behind, updated or {}, unnoticed or {})
    return lawfulness(whole, policies, acceptances, today, brands, over_time)


def _behind(moment: Moment, workspace: Workspace, policies: Iterable[Policy]) -> Iterator[Behind]:
    """Yield the overrides and translations that fell behind; none where the history is cut off."""
    if moment.repository is None or moment.repository.shallow():
        return
    for override in overrides(moment, workspace):
        about = (override.followed, override.hidden)
        yield from _fallen("override-behind", override, (override.brand,), about)
    used = {(policy.brand.id, policy.locale): policy.files for policy in policies}
    for one in translations(moment, workspace):
        users = tuple(id for id in one.brands if one.path in used.get((id, one.locale), ()))
        yield from _fallen("translation-behind", one, users, (one.name, f"{one.locale} {one.now}"))


def _fallen(
    rule: Rule, follower: Override | Translation, brands: tuple[str, ...], about: tuple[str, str]
) -> Iterator[Behind]:
    """Yield an override or a translation if what it follows changed; `about` names that."""
    since = follower.since
    if brands and since.redline is not None and since.changed is not None:
        line = follower.line if isinstance(follower, Translation) else 1
        clause = PurePosixPath(follower.path).stem
        commits = _named(since.changed), _named(since.reviewed)
        marked = in_marks(since.redline)
        path = follower.path
        yield Behind(rule, brands, clause, path, line, about[0], *commits, marked, about[1])


def _named(seen: Seen | None) -> str:
    """Return a commit in words: "on 2026-11-22 (0a62bd1b0e: Subject)"."""
    if seen is None or not seen.commit:
        return "in what is not committed yet"
    return f"on {seen.day or 'an unknown day'} ({seen.commit[:10]}: {seen.subject})"


def refusals(moment: Moment, brand: str, today: date) -> tuple[Problem, ...]:
    """Return what stops the release of a brand: errors of content, translations that fell behind.

    A version has all languages of a brand, so that one that is behind stops it; accepted, with a
    reason, it does not.
    """
    problems = remarked(moment, (brand,), today).problems
    behind = (problem for problem in problems if problem.rule == "translation-behind")
    return (*errors(problems), *(replace(problem, severity="error") for problem in behind))


def counted(moment: Moment, today: date) -> dict[str, int]:
    """Return how many remarks each brand has; one that several have counts for each."""
    brands = brands_in(moment.source)
    counts = dict.fromkeys(brands, 0)
    for problem in remarked(moment, brands, today).problems:
        for brand in problem.grounds.brands if problem.grounds is not None else ():
            counts[brand] += 1
    return counts


def between(
    old: Moment, new: Moment, today: date
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the remarks that a change brings, and those that it takes away."""
    sides = [_of_all(moment, today) for moment in (old, new)]
    keys = [{key_of(problem) for problem in side} for side in sides]
    return _but(sides[1], keys[0]), _but(sides[0], keys[1])


def _of_all(moment: Moment, today: date) -> tuple[Problem, ...]:
    with suppress(InvalidPolicy):
        problems = remarked(moment, brands_in(moment.source), today).problems
        return tuple(problem for problem in problems if problem.grounds is not None)
    return ()


def _but(problems: Iterable[Problem], keys: set[tuple[str, str]]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if key_of(problem) not in keys)


def grown(
    head: Moment, brand: str, version: str, commit: str | None, today: date
) -> tuple[Problem, ...]:
    """Return a warning if a brand has remarks that it did not have at the version before.

    `commit` is the one that version was released from; there is no warning if it cannot be read.
    """
    if head.repository is None or commit is None:
        return ()
    try:
        brought, _ = between(committed(head.repository, commit), head, today)
    except PublisherError:
        return ()
    own = [
        problem
        for problem in brought
        if problem.grounds is not None and brand in problem.grounds.brands
    ]
    if not own:
        return ()
    count = "a remark" if len(own) == 1 else f"{len(own)} remarks"
    rules = joined(tuple(dict.fromkeys(problem.rule for problem in own)))
    message = f"has {count} that its version {version} did not have: {rules}"
    fix = f"see `publisher check {brand}`"
    return (warning("remarks", brand_file(brand), None, message, fix),)
