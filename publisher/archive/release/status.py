"""``publisher status``: where every policy stands, this morning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.entries import Release, Retire
from publisher.archive.issued import archived_policy
from publisher.archive.law_checks import counted
from publisher.archive.lineage import Lineage
from publisher.archive.release.dirty_files import concerned, uncommitted
from publisher.archive.release.upstream import behind
from publisher.checks.unused import unordered_clauses
from publisher.compose.brands import Composed, compose_all, load_brands
from publisher.errors import Redacted
from publisher.files.cache import Cache, key
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.summary import Changes, changes
from publisher.render.toolchain import tools_digest
from publisher.repository.moment import Moment, committed, open_workspace
from publisher.repository.source import NotedFolder
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
_NO_LOCALE = "–"
"""Stands where a brand's file does not tell its locales."""


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

    `cache` remembers what was said of the same commit and archive. Raises `ShallowClone`,
    `GitFailed`, `ArchiveDamaged`.
    """
    with open_workspace(root) as working:
        repository, newest = working.repository, working.commit
        head = committed(repository, newest) if repository and newest else working
        brands = brands_in(head.source)
        brands += tuple(each for each in brands_in(working.source) if each not in brands)
        archive = NotedFolder(root)
        lineage = Lineage(archive)
        gone = [each for each in lineage.archived if lineage.today(each) not in brands]
        known = _known(head, archive, lineage, now.date(), cache or Cache(None))
        standings = list(_workspace(working, head, now, lineage, known))
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
    working: Moment, head: Moment, now: datetime, lineage: Lineage, known: Sequence[Standing]
) -> Iterator[Standing]:
    """Yield where the committed policies stand, today and in this work tree."""
    reached = concerned(working.source, head.source) if head.committed else ()
    for brand in brands_in(head.source):
        changed = uncommitted(working.source, head.source, brand) if brand in reached else ()
        own = [replace(each, uncommitted=changed) for each in known if each.brand == brand]
        locales = tuple(each.locale for each in own if each.locale != _NO_LOCALE)
        for each in own:
            _, tag = lineage.newest_with(brand, each.locale) or (None, each.locale)
            force = _in_force(lineage, brand, now, tag) if each.locale in locales else NOTHING
            yield replace(each, force=force)
        yield from _gone(lineage, brand, now, locales)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Standings, and what was read in the archive for them."""

    seen: Mapping[str, str]
    standings: tuple[Standing, ...]


def _known(
    head: Moment, archive: NotedFolder, lineage: Lineage, today: date, cache: Cache
) -> tuple[Standing, ...]:
    """Return what is known of the committed policies from history, the archive and the law.

    That changes with the commit, with what the archive says, and with the day only: it is
    remembered.
    """
    repository = head.repository
    if not brands_in(head.source):
        return ()
    if repository is None or head.commit is None or cache.folder is None:
        return tuple(_standings(head, lineage, today, cache))
    repository.refuse_shallow()
    name = key("status", tools_digest(), repository.prefix, head.commit, today.isoformat())
    kept = TypeAdapter(_Remembered)
    stored = cache.get(name)
    if stored is not None:
        remembered = kept.validate_json(stored)
        if archive.has(remembered.seen):
            return remembered.standings
    standings = tuple(_standings(head, lineage, today, cache))
    cache.put(name, kept.dump_json(_Remembered(archive.seen, standings)))
    cache.trim()
    return standings


def _standings(head: Moment, lineage: Lineage, today: date, cache: Cache) -> Iterator[Standing]:
    """Yield where the committed policies stand, whatever is in force."""
    brands = brands_in(head.source)
    policies = DatedPolicies(head, lineage, cache).of(brands)
    remarks = counted(head.source, today)
    for each in (_with_unordered(policies.workspace, policy) for policy in policies.composed):
        if each.locale is None:
            yield Standing(each.brand, _NO_LOCALE, "errors", problems=each.problems)
        else:
            yield replace(_standing(lineage, each), remarks=remarks.get(each.brand, 0))


def _with_unordered(workspace: Workspace, each: Composed) -> Composed:
    """Return a policy with the shared clauses that stop its release, as they are in no order."""
    return replace(each, problems=(*each.problems, *unordered_clauses(workspace, (each.brand,))))


def _standing(lineage: Lineage, each: Composed) -> Standing:
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
            each.locale or _NO_LOCALE,
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
