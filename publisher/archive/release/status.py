"""``publisher status``: where every policy stands, this morning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from publisher.archive.entries import Release, Retire
from publisher.archive.issued import archived_policy
from publisher.archive.law_checks import counted
from publisher.archive.lineage import Lineage
from publisher.archive.policies import DatedPolicies
from publisher.archive.release.dirty_files import uncommitted
from publisher.archive.release.upstream import behind
from publisher.checks.unused import unordered_clauses
from publisher.compose.brands import Composed, compose_all, load_brands
from publisher.errors import Redacted
from publisher.files.cache import Cache
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.summary import Changes, changes
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.repository.witness import branch
from publisher.workspace import brands_in, load
from publisher.workspace.parsed import Workspace

State = Literal["released", "editorial", "material", "first", "draft", "errors", "gone"]
"""How the committed words stand to the latest version.

They are its words; or they differ editorially, or materially; or there is no version, and this
would be the first; or they cannot be released, as a draft or with errors; or the workspace has
nothing of this brand and locale any more.
"""


@dataclass(frozen=True, slots=True)
class Force:
    """The version in force, and those that will be, with their days.

    `retired` is the entry from which on none is in force any more, be it past or to come.
    """

    version: str | None = None
    retired: Retire | None = None
    upcoming: tuple[tuple[str, date], ...] = ()

    @property
    def ends(self) -> date | None:
        """The day from which none is in force any more."""
        return self.retired.on if self.retired is not None else None


NOTHING = Force()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one policy stands.

    `latest` is the latest version that has this locale, and `since` how the committed words differ
    from it. `remarks` says how many `publisher check` has on the brand. `uncommitted` are the files
    whose uncommitted changes would reach the policy. `behind` says what the clone misses of what
    others have pushed, if that is known.
    """

    brand: str
    locale: str
    state: State
    force: Force = NOTHING
    latest: str | None = None
    last_updated: date | None = None
    since: Changes | None = None
    questions: int = 0
    remarks: int = 0
    uncommitted: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    behind: str | None = None


def status(root: Path, now: datetime, cache: Cache | None = None) -> tuple[Standing, ...]:
    """Return where every policy of the workspace in `root`, and of its archive, stands.

    `cache` remembers how old policies were. Raises `ShallowClone`, `GitFailed`, `ArchiveDamaged`.
    """
    with open_workspace(root) as working:
        repository, newest = working.repository, working.commit
        head = committed(repository, newest) if repository and newest else working
        brands = brands_in(head.source)
        brands += tuple(each for each in brands_in(working.source) if each not in brands)
        lineage = Lineage(working.archive)
        gone = [each for each in lineage.archived if lineage.today(each) not in brands]
        standings = list(_workspace(working, head, now, lineage, cache))
        for brand in brands:
            if brand not in brands_in(head.source):
                standings += _not_committed(working, brand)
        for brand in gone:
            standings += _gone(lineage, brand, now, ())
        missed = _behind(head)
    return tuple(replace(standing, behind=missed) for standing in standings)


def _behind(head: Moment) -> str | None:
    """Return what the branch that releases come from misses, if it is checked out."""
    if head.repository is None or head.commit is None:
        return None
    company = load(head.source, ()).company.value
    if company is None or branch(head.repository) != company.main_branch:
        return None
    missed = behind(head.repository, head.commit, company.main_branch)
    return f"{missed}. {missed.advice}" if missed is not None else None


def _workspace(
    working: Moment, head: Moment, now: datetime, lineage: Lineage, cache: Cache | None
) -> Iterator[Standing]:
    """Yield where the committed policies stand."""
    brands = brands_in(head.source)
    if not brands:
        return
    workspace, policies = DatedPolicies(head, lineage, cache).of(brands)
    composed = tuple(_with_unordered(workspace, each) for each in policies)
    remarks = counted(head.source, now.date())
    for brand in brands:
        changed = uncommitted(working.source, head.source, brand) if head.committed else ()
        locales = []
        for each in composed:
            if each.brand == brand and each.locale is not None:
                locales.append(each.locale)
                standing = _standing(lineage, each, now)
                yield replace(standing, uncommitted=changed, remarks=remarks.get(brand, 0))
            elif each.brand == brand:
                yield Standing(brand, "–", "errors", uncommitted=changed, problems=each.problems)
        yield from _gone(lineage, brand, now, tuple(locales))


def _with_unordered(workspace: Workspace, each: Composed) -> Composed:
    """Return a policy with the shared clauses that stop its release, as they are in no order."""
    return replace(each, problems=(*each.problems, *unordered_clauses(workspace, (each.brand,))))


def _standing(lineage: Lineage, each: Composed, now: datetime) -> Standing:
    locale = each.locale or ""
    release, tag = lineage.newest_with(each.brand, locale) or (None, locale)
    since = None
    if release is not None and each.policy is not None:
        with suppress(Redacted):
            old = archived_policy(lineage.archive, release, tag)
            since = changes(redline(old, each.policy))
    return Standing(
        each.brand,
        locale,
        _state(each, release),
        _in_force(lineage, each.brand, now, tag),
        latest=release.version if release is not None else None,
        last_updated=each.dating.last_updated,
        since=since,
        questions=len(each.policy.questions) if each.policy is not None else 0,
        problems=(*each.problems, *each.dating.problems),
    )


def _state(each: Composed, release: Release | None) -> State:
    dating = each.dating
    problems = (*each.problems, *dating.problems)
    if each.policy is None or any(problem.severity == "error" for problem in problems):
        return "errors"
    if dating.status == "draft":
        return "draft"
    if release is None:
        return "first"
    if dating.version == release.version:
        return "released"
    return "editorial" if dating.commit == release.source else "material"


def _in_force(lineage: Lineage, brand: str, now: datetime, locale: str) -> Force:
    """Return which version is in force, or from when none is, and which will be."""
    chain = lineage.chain(brand, now) if lineage.archives(brand) else ()
    if not chain:
        return NOTHING
    timeline = lineage.answering(brand, now).timeline
    newest = timeline.newest(now)
    ended = timeline.ended(newest, now, locale) if newest is not None else None
    there = newest is not None and locale in newest.locales and ended is None
    return Force(
        newest.version if newest is not None and there else None,
        timeline.ends(locale),
        tuple(
            (each.version, known.timeline.start(each))
            for known in reversed(chain)
            for each in known.timeline.upcoming(now)
            if lineage.tag(each, locale) is not None
        ),
    )


def _not_committed(working: Moment, brand: str) -> Iterator[Standing]:
    """Yield where a brand stands that no commit has."""
    for each in compose_all(load_brands(working.source, (brand,))):
        files = each.policy.files if each.policy is not None else frozenset()
        own = tuple(
            sorted(
                path
                for path in files
                if path.startswith(f"brands/{brand}/") and working.source.read(path) is not None
            )
        )
        questions = len(each.policy.questions) if each.policy is not None else 0
        state: State = "errors" if each.policy is None else "draft" if questions else "first"
        yield Standing(
            brand,
            each.locale or "–",
            state,
            questions=questions,
            uncommitted=own,
            problems=each.problems,
        )


def _gone(
    lineage: Lineage, brand: str, now: datetime, locales: tuple[str, ...]
) -> Iterator[Standing]:
    """Yield where locales stand that were released, and that the workspace does not have."""
    newest = next(lineage.releases(brand), None)
    for today, locale in lineage.locales(newest).items() if newest is not None else ():
        if newest is not None and today not in locales:
            yield Standing(
                brand,
                locale,
                "gone",
                _in_force(lineage, brand, now, locale),
                latest=newest.version,
                last_updated=newest.locales[locale].last_updated,
            )
