"""Remarks on what policies say, for every command: now, and at an earlier commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date

from publisher.checks.law import Lawfulness, lawfulness
from publisher.checks.remarks import joined, key_of
from publisher.checks.reviews import NOTHING, OverTime
from publisher.compose.brands import compose_all
from publisher.errors import InvalidPolicy, PublisherError
from publisher.problem import Problem, errors, warning
from publisher.repository.moment import Moment, committed
from publisher.repository.source import Source
from publisher.workspace import accepted, brands_in, load
from publisher.workspace.parsed import brand_file


def remarked(
    source: Source, brands: Collection[str], today: date, over_time: OverTime = NOTHING
) -> Lawfulness:
    """Return what a lawyer would remark on the policies of `brands`; `over_time` by the history.

    Nothing is remarked where the files that all policies read have errors.
    """
    whole = load(source)
    if any(file.value is None for file in whole.shared):
        return Lawfulness((), 0)
    composed = compose_all(whole, proposed=True)
    policies = [one.policy for one in composed if one.policy is not None]
    return lawfulness(whole, policies, accepted(source), today, brands, over_time)


def refusals(source: Source, brand: str, today: date) -> tuple[Problem, ...]:
    """Return the errors of content that stop the release of a brand."""
    return errors(remarked(source, (brand,), today).problems)


def counted(source: Source, today: date) -> dict[str, int]:
    """Return how many remarks each brand has; one that several have counts for each."""
    brands = brands_in(source)
    counts = dict.fromkeys(brands, 0)
    for problem in remarked(source, brands, today).problems:
        for brand in problem.grounds.brands if problem.grounds is not None else ():
            counts[brand] += 1
    return counts


def between(
    old: Source, new: Source, today: date
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the remarks that a change brings, and those that it takes away."""
    sides = [_of_all(source, today) for source in (old, new)]
    keys = [{key_of(problem) for problem in side} for side in sides]
    return _but(sides[1], keys[0]), _but(sides[0], keys[1])


def _of_all(source: Source, today: date) -> tuple[Problem, ...]:
    with suppress(InvalidPolicy):
        problems = remarked(source, brands_in(source), today).problems
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
        brought, _ = between(committed(head.repository, commit).source, head.source, today)
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
