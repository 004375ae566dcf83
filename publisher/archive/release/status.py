"""``publisher status``: the standing of every policy, today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from publisher.archive.captures import Captured, corrected_times, last_capture
from publisher.archive.entries import Release, Retire
from publisher.archive.lineage import Lineage
from publisher.archive.notified import VersionNotices, notices_now
from publisher.archive.release.dirty_files import concerned, uncommitted
from publisher.archive.release.upstream import behind
from publisher.errors import InvalidPolicy, Redacted
from publisher.files.cache import Cache, key
from publisher.problem import Problem, errors
from publisher.redline.summary import Changes, changes
from publisher.render.toolchain import tools_digest
from publisher.repository.folder_history import branch
from publisher.repository.moment import Moment, commit_at, left_out, open_workspace
from publisher.repository.source import FOLDER, NotedFolder
from publisher.workspace import brands_in, load, parsed_brand

if TYPE_CHECKING:
    from publisher.compose.brands import Composed, Policies, Progress

State = Literal["released", "editorial", "material", "first", "proposed", "draft", "errors", "gone"]
"""How the committed words relate to the latest version.

They are the same; they differ editorially or materially; they would be the first version; they
cannot be released, being a proposal, a draft or faulty; or the workspace no longer has this policy.
"""


@dataclass(frozen=True, slots=True)
class Force:
    """The version in force, and the versions to come, with their days.

    `retired` is the entry that ends them all, in the past or in the future.
    """

    version: str | None = None
    retired: Retire | None = None
    upcoming: tuple[tuple[str, date], ...] = ()

    @property
    def ends(self) -> date | None:
        """The day from which no version is in force."""
        return self.retired.on if self.retired is not None else None


NOTHING = Force()
_NO_LOCALE = "–"
"""The locale shown for a brand whose file has errors."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of one policy.

    `latest` is the latest version that has this locale, and `since` how the committed words differ
    from it. `remarks` counts those of `publisher check` on the brand. `uncommitted` are the files
    whose uncommitted changes would reach the policy. `behind` are the pushed commits that the clone
    does not have, if that is known. `web` is what a page on the web last showed. `promised` says
    that the text promises to announce changes; `notices` are those of the material versions in
    force and to come.
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
    web: Captured | None = None
    promised: bool = False
    notices: tuple[VersionNotices, ...] = ()


def status(
    root: Path,
    now: datetime,
    cache: Cache | None = None,
    brands: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> tuple[Standing, ...]:
    """Return the standing of every policy of the workspace in `root`, and of its archive.

    With `brands`, no others are read. `cache` remembers the standings for the same commit and
    archive. Only one brand's policies are in memory at a time. Raises `ShallowClone`, `GitFailed`,
    `ArchiveDamaged`.
    """
    with open_workspace(root) as working:
        repository, newest = working.repository, working.commit
        head = commit_at(repository, newest) if repository and newest else working
        archive = NotedFolder(root)
        lineage = Lineage(archive, working)
        missing = () if brands else left_out(root, "brands", FOLDER)
        there = dict.fromkeys(name for name in brands_in(head.source) if name not in missing)
        here = dict.fromkeys(name for name in brands_in(working.source) if name not in missing)
        present = _among(brands, there)
        new = [brand for brand in _among(brands, here) if brand not in there]
        names = {name: _today(lineage, name) for name in lineage.archived_among(brands)}
        removed = [name for name, today in names.items() if today and today not in there | here]
        asked = _Asked(head, lineage, now.date(), cache or Cache(None), present)
        known = _known(asked, archive, progress)
        standings = [
            *_workspace(working, head, now, lineage, known.standings, present),
            *(one for brand in new for one in _not_committed(working, lineage, brand, now)),
            *(standing for name in removed for standing in _removed(lineage, name, now, ())),
        ]
        missed = _behind(head, known.main_branch)
        unmerged = {p.path.split("/")[1]: (p,) for p in lineage.unmerged(brands)}
    return tuple(
        replace(
            standing,
            problems=(*standing.problems, *unmerged.get(standing.brand, ())),
            behind=missed,
            web=_web(lineage, standing, now),
            notices=_notices(lineage, standing, now),
        )
        for standing in standings
    )


def _among(brands: Collection[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some names that `brands` has: all, if it has none."""
    return tuple(name for name in names if not brands or name in brands)


def _notices(lineage: Lineage, standing: Standing, now: datetime) -> tuple[VersionNotices, ...]:
    """Return the notices of the versions of a policy that are in force or to come."""
    brand = standing.brand
    if _today(lineage, brand) is None or not lineage.archives(brand) or standing.state == "gone":
        return ()
    own = parsed_brand(lineage.archive, lineage.today(brand)).value
    days = own.notice_days if own is not None else None
    return tuple(
        version
        for known in reversed(lineage.chain(brand, now))
        for version in notices_now(known, days)
        if standing.locale in lineage.retagged(brand, version.locales)
    )


def _web(lineage: Lineage, standing: Standing, now: datetime) -> Captured | None:
    """Return what a page on the web last showed of a policy, if that was recorded.

    Its time is right even if a clock was ahead. For a brand whose former names have errors it is
    unknown: its standing has these errors.
    """
    if _today(lineage, standing.brand) is None:
        return None
    for ledger in map(lineage.ledger, lineage.archives(standing.brand)):
        for tag in lineage.tags(standing.brand, standing.locale):
            captured = last_capture(lineage.archive, ledger, tag, now) if tag is not None else None
            if captured is not None:
                time = corrected_times(ledger).get(captured.id, captured.captured)
                return captured.model_copy(update={"captured": time})
    return None


def _today(lineage: Lineage, name: str) -> str | None:
    """Return the name of a brand today; None if its former names have errors.

    It is then unknown which archives are the brand's: its standing has the errors.
    """
    try:
        return lineage.today(name)
    except InvalidPolicy:
        return None


def _behind(head: Moment, main_branch: str | None) -> str | None:
    """Return the pushed commits that the main branch does not have, if it is checked out."""
    if main_branch is None or head.repository is None or head.commit is None:
        return None
    on, followed = branch(head.repository)
    if on != main_branch:
        return None
    missed = behind(head.repository, head.commit, main_branch, followed)
    return f"{missed}. {missed.advice}" if missed is not None else None


def _workspace(  # noqa: PLR0913 - the command's moments, and what is known of them
    working: Moment,
    head: Moment,
    now: datetime,
    lineage: Lineage,
    known: Iterable[Standing],
    brands: Collection[str],
) -> Iterator[Standing]:
    """Yield the standings of the committed policies, today and in this work tree."""
    reached = frozenset(concerned(working.source, head.source, brands) if head.committed else ())
    policies = {brand: [*own] for brand, own in groupby(known, lambda policy: policy.brand)}
    for brand in brands:
        changed = uncommitted(working.source, head.source, brand) if brand in reached else ()
        own = [replace(policy, uncommitted=changed) for policy in policies.get(brand, ())]
        if _today(lineage, brand) is None:
            yield from own
            continue
        locales = tuple(policy.locale for policy in own if policy.locale != _NO_LOCALE)
        for policy in own:
            force = NOTHING
            if policy.locale in locales:
                _, tag = lineage.newest_with(brand, policy.locale) or (None, policy.locale)
                force = _in_force(lineage, brand, now, tag)
            yield replace(policy, force=force)
        yield from _removed(lineage, brand, now, locales)


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that the standings of the committed policies depend on, without the archive's files."""

    head: Moment
    lineage: Lineage
    today: date
    cache: Cache
    brands: Collection[str]


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Standings, and the files of the archive that they were read from.

    `main_branch` is the company's, if its file is valid.
    """

    seen: Mapping[str, str]
    standings: tuple[Standing, ...]
    main_branch: str | None


def _known(asked: _Asked, archive: NotedFolder, progress: Progress) -> _Remembered:
    """Return the standings of the committed policies by history, the archive and the law.

    They depend only on the commit, the archive and the day, so the cache remembers them.
    """
    head, cache = asked.head, asked.cache
    repository = head.repository
    if not asked.brands or not repository or head.commit is None or cache.folder is None:
        return _standing_now(asked, archive, progress)
    repository.refuse_shallow()
    moment = (repository.prefix, head.commit, asked.today.isoformat())
    name = key("status", tools_digest(cache), *moment, *asked.brands)
    adapter = TypeAdapter(_Remembered)
    stored = cache.get(name)
    if stored is not None:
        remembered = adapter.validate_json(stored)
        if archive.has(remembered.seen):
            return remembered
    current = _standing_now(asked, archive, progress)
    with suppress(ValueError):  # names of files that are no text
        cache.put(name, adapter.dump_json(current))
    cache.trim()
    return current


def _standing_now(asked: _Asked, archive: NotedFolder, progress: Progress) -> _Remembered:
    company = load(asked.head.source, ()).company.value
    main_branch = company.main_branch if company is not None else None
    standings = tuple(_standings(asked, progress)) if asked.brands else ()
    return _Remembered(archive.seen, standings, main_branch)


def _standings(asked: _Asked, progress: Progress) -> Iterator[Standing]:
    """Yield the standings of the committed policies, without the versions in force."""
    from publisher.archive.dated_policies import DatedPolicies
    from publisher.archive.law_checks import Judging, counted, unordered, whole

    head, brands = asked.head, asked.brands
    dated = DatedPolicies(head, asked.lineage, asked.cache)
    judging, unplaced = Judging(head, asked.today, brands), unordered(head, brands)
    standings: list[tuple[Standing, bool]] = []
    for at, brand in enumerate(brands):
        progress(at, len(brands), brand)
        policies = dated.of((brand,), proposed=True)
        judging.add(policies.workspace, brand, whole(policies.composed))
        standings += _of_brand(asked.lineage, policies, unplaced)
    progress(len(brands), len(brands), "")
    remarks = counted(judging.settled().problems)
    for standing, counts in standings:
        yield replace(standing, remarks=remarks[standing.brand]) if counts else standing


def _of_brand(
    lineage: Lineage, policies: Policies, unplaced: Iterable[Problem]
) -> Iterator[tuple[Standing, bool]]:
    """Yield the standings of one brand's policies, and whether remarks on it count for each."""
    from publisher.checks.reviews import promises_notice

    for composed in policies.composed:
        problems = composed.problems
        file = policies.workspace.brands[composed.brand].value
        if file is not None and not composed.proposed:  # they stop the release of a policy
            problems += tuple(p for p in unplaced if p.path.split("/")[2] in file.locales)
        if composed.locale is None:
            yield Standing(composed.brand, _NO_LOCALE, "errors", problems=problems), False
        else:
            standing = _standing(lineage, replace(composed, problems=problems), composed.locale)
            promised = composed.policy is not None and promises_notice(
                policies.workspace, composed.policy
            )
            yield replace(standing, promised=promised), not composed.proposed


def _standing(lineage: Lineage, composed: Composed, locale: str) -> Standing:
    newest = None
    if _today(lineage, composed.brand) is not None:
        newest = lineage.newest_with(composed.brand, locale)
    release, tag = newest or (None, locale)
    since = None
    if release is not None and composed.policy is not None:
        from publisher.archive.issued import archived_policy
        from publisher.redline import redline

        with suppress(Redacted):
            old = archived_policy(lineage.archive, release, tag)
            since = changes(redline(old, composed.policy))
    return Standing(
        composed.brand,
        locale,
        _state(composed, release),
        latest=release.version if release is not None else None,
        last_updated=composed.dating.last_updated,
        since=since,
        questions=_questions(composed),
        problems=(*composed.problems, *composed.dating.problems),
    )


def _questions(composed: Composed) -> int:
    return len(composed.policy.questions) if composed.policy is not None else 0


def _state(composed: Composed, release: Release | None) -> State:
    dating = composed.dating
    if composed.policy is None or errors((*composed.problems, *dating.problems)):
        return "errors"
    if composed.proposed or dating.status == "draft":
        return "proposed" if composed.proposed else "draft"
    if release is None:
        return "first"
    if dating.version == release.version:
        return "released"
    return "editorial" if dating.commit == release.source else "material"


def _in_force(lineage: Lineage, brand: str, now: datetime, locale: str) -> Force:
    """Return the version in force, the day from which none is, and the versions to come."""
    chain = lineage.chain(brand, now) if lineage.archives(brand) else ()
    if not chain:
        return NOTHING
    timeline = lineage.answering(brand, now).timeline
    newest = timeline.newest(now)
    if newest is not None and (
        locale not in newest.locales or timeline.ended(newest, now, locale) is not None
    ):
        newest = None
    return Force(
        newest.version if newest is not None else None,
        timeline.ends(locale),
        tuple(
            (release.version, known.timeline.start(release))
            for known in reversed(chain)
            for release in known.timeline.upcoming(now)
            if lineage.tag(release, locale) is not None
        ),
    )


def _not_committed(
    working: Moment, lineage: Lineage, brand: str, now: datetime
) -> Iterator[Standing]:
    """Yield the standings of a brand that no commit has; the archive may have versions of it."""
    from publisher.compose.brands import policies_at
    from publisher.policy.words import words_digest

    folder = f"brands/{brand}/"
    known, locales = _today(lineage, brand) is not None, []
    for composed in policies_at(working.source, (brand,), proposed=True).composed:
        files = sorted(composed.policy.files) if composed.policy is not None else []
        own = (path for path in files if path.startswith(folder))
        questions = _questions(composed)
        locale = composed.locale or _NO_LOCALE
        locales.append(locale)
        release, tag = (lineage.newest_with(brand, locale) if known else None) or (None, locale)
        state: State = "first"
        if release is not None and composed.policy is not None:
            same = words_digest(composed.policy) == release.locales[tag].words
            state = "released" if same else "material"
        state = "draft" if questions else state
        state = "proposed" if composed.proposed else state
        yield Standing(
            brand,
            locale,
            state if composed.policy is not None else "errors",
            _in_force(lineage, brand, now, tag) if known else NOTHING,
            release.version if release is not None else None,
            release.locales[tag].last_updated if state == "released" and release else None,
            questions=questions,
            uncommitted=tuple(path for path in own if working.source.read(path) is not None),
            problems=composed.problems,
        )
    if known and _NO_LOCALE not in locales:
        yield from _removed(lineage, brand, now, tuple(locales))


def _removed(
    lineage: Lineage, brand: str, now: datetime, locales: tuple[str, ...]
) -> Iterator[Standing]:
    """Yield the standings of released locales that the workspace no longer has."""
    newest = next(lineage.releases(brand), None)
    if newest is None:
        return
    for today, locale in lineage.locales(newest).items():
        if today not in locales:
            yield Standing(
                brand,
                locale,
                "gone",
                _in_force(lineage, brand, now, locale),
                latest=newest.version,
                last_updated=newest.locales[locale].last_updated,
            )
