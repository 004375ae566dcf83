"""Remarks on what policies say, for every command: now, and at an earlier commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from publisher.checks.law import Judged, Lawfulness, judged, lawfulness, master
from publisher.checks.remarks import joined, key_of
from publisher.checks.reviews import Behind, OverTime, Rule
from publisher.checks.sisters import Marks, marks_of
from publisher.compose.brands import Composed, compose_all
from publisher.errors import InvalidPolicy, PublisherError
from publisher.history.followers import Before, FirstParentLine, Seen, since_review
from publisher.history.overrides import Override, overrides
from publisher.history.translations import Translation, translations
from publisher.policy.tree import Policy
from publisher.problem import Problem, errors, warning
from publisher.redline.views.marked_lines import in_marks
from publisher.repository.moment import Moment, committed
from publisher.workspace import accepted, brands_in, load
from publisher.workspace.names import brand_file
from publisher.workspace.parsed import Workspace


class Judge:
    """Judges what policies say at one moment, brand by brand: no other one is in memory then."""

    def __init__(self, moment: Moment, today: date) -> None:
        self.moment = moment
        self.today = today
        self._master = lru_cache(maxsize=16)(self._composed)

    def of(
        self, own: Workspace, brand: str, policies: Sequence[Policy], over_time: OverTime
    ) -> Judged:
        """Return what the rules remark on a brand by its policies; `own` is loaded for it alone."""
        if _broken(own):
            return Judged()
        sisters = own.brands[brand].content.sisters if own.brands[brand].value else ()
        among = replace(own, brands={**load(self.moment.source, sisters).brands, **own.brands})
        used = {(policy.brand.id, policy.locale): policy.files for policy in policies}
        behind = _behind(self.moment, own, used, f"brands/{brand}/", lambda _: self._line)
        known = judged(among, brand, policies, self._master, self._marks, over_time, self.today)
        return replace(known, behind=tuple(behind))

    @cached_property
    def _marks(self) -> Mapping[str, Marks]:
        return marks_of(self.moment.source)

    @cached_property
    def _line(self) -> FirstParentLine | None:
        return since_review(self.moment)

    def _composed(self, brand: str) -> Policy | None:
        """Return a brand's policy in the master locale, as far as it can be composed."""
        workspace = load(self.moment.source, (brand,))
        return master(workspace, whole(compose_all(workspace, proposed=True)))


def whole(composed: Iterable[Composed]) -> list[Policy]:
    """Return the policies that could be composed."""
    return [one.policy for one in composed if one.policy is not None]


def _broken(workspace: Workspace) -> bool:
    """Return whether a file that all policies read has errors, so that nothing is remarked."""
    return any(file.value is None for file in workspace.shared)


def judged_brands(moment: Moment, brands: Collection[str]) -> tuple[str, ...]:
    """Return which brands to judge for remarks on `brands`.

    They are all brands where something is accepted, to tell what accepts nothing.
    """
    there, accepting = brands_in(moment.source), accepted(moment.source).value
    return there if accepting and accepting.root else tuple(b for b in there if b in brands)


def settle(  # noqa: PLR0913 - all that there is to settle
    moment: Moment,
    workspace: Workspace,
    judgements: Sequence[Judged],
    used: Used,
    today: date,
    brands: Collection[str],
) -> Lawfulness:
    """Return the remarks on `brands` that nobody accepts, once all of them are judged.

    `workspace` has what all brands share, and the brands, without their clauses; `used` are the
    shared files that policies read. Nothing is remarked where a file that all read has errors.
    """
    if _broken(workspace):
        return Lawfulness((), 0)
    behind = tuple(_behind(moment, workspace, used, "shared/", since_review))
    return lawfulness(workspace, judgements, behind, accepted(moment.source), today, brands)


def remarked(
    moment: Moment,
    brands: Collection[str],
    today: date,
    updated: Mapping[str, date] | None = None,
) -> Lawfulness:
    """Return what a lawyer would remark on the policies of `brands`.

    `updated` has the day on which each brand's policy last changed, where that matters. Nothing is
    remarked where the files that all policies read have errors.
    """
    judge, among = Judge(moment, today), judged_brands(moment, brands)
    judgements: list[Judged] = []
    used: dict[tuple[str, str], frozenset[str]] = {}
    for brand in among:
        own = load(moment.source, (brand,))
        policies = whole(compose_all(own, proposed=True))
        judgements.append(judge.of(own, brand, policies, OverTime(updated or {})))
        used |= {(brand, policy.locale): policy.files for policy in policies}
    workspace = replace(load(moment.source, ()), brands=load(moment.source, among).brands)
    return settle(moment, workspace, judgements, used, today, brands)


Used = Mapping[tuple[str, str], frozenset[str]]
"""The files that each policy read, by brand and locale."""


def _behind(
    moment: Moment, workspace: Workspace, used: Used, folder: str, before: Before
) -> Iterator[Behind]:
    """Yield the overrides and translations below a folder that fell behind.

    There are none where the history is cut off.
    """
    if moment.repository is None or moment.repository.shallow():
        return
    for override in overrides(moment, workspace, before):
        about = (override.followed, override.hidden)
        yield from _fallen("override-behind", override, (override.brand,), about)
    for one in translations(moment, workspace, folder, before):
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
