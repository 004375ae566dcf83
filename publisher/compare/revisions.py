"""``publisher history``: a policy's revisions, newest first, or those of one of its clauses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from publisher.archive.lineage import Lineage
from publisher.compose import compose
from publisher.compose.brands import Progress, brand_names, load_brands
from publisher.errors import GitFailed, InvalidPolicy, UnknownName
from publisher.history import (
    Brought,
    ClauseStep,
    Compared,
    ComposeAt,
    Gap,
    Step,
    day_of,
    follow,
    id_today,
    ids_ever,
    steps,
)
from publisher.history.overrides import Override, overrides
from publisher.history.places import Names, policy_at, tree_at
from publisher.history.traces import Places, Tracer
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import words
from publisher.problem import Problem
from publisher.redline import redline
from publisher.redline.summary import Changes, changes
from publisher.redline.values import Counts
from publisher.repository.commits import Commit, Remark, signature
from publisher.repository.commits import commit as commit_of
from publisher.repository.moment import Moment, open_workspace
from publisher.repository.reading import Repository
from publisher.repository.trailers import Change
from publisher.workspace import load

Kind = Literal["material", "editorial", "same words", "gap"]


@dataclass(frozen=True, slots=True)
class Afterwards:
    """A remark that a later commit, `by`, makes on an earlier `commit`, with its author and day.

    The earlier commit made a revision, or was brought by one.
    """

    change: Change
    commit: str
    by: str
    author: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history: a revision, or a gap, a commit at which the policy was broken.

    `day` is in the brand's time zone, None if the commit's date cannot be true. `changes` is None
    for a gap; its `problems` are those of the policy there. The `problems` of a revision say that
    the history is cut there. With one clause, `changes` are those of the clause, `files` those that
    it moved between, and "same words" marks a commit that changed its id or its file only.
    `afterwards` are the remarks of later commits, the newest first.
    """

    kind: Kind
    commit: str
    day: date | None
    author: str
    subject: str
    changes: Changes | None = None
    files: tuple[str, str] | None = None
    problems: tuple[Problem, ...] = ()
    afterwards: tuple[Afterwards, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """The history of one policy, newest first.

    `clause` is the id of the clause that it follows, `asked` the id in question, if that is a
    former one. `uncommitted` says that the working tree has words different from the newest commit;
    `errors` are the problems of the policy there. Before the first commit, `begun` is false.
    """

    brand: str
    locale: str
    entries: tuple[Entry, ...]
    uncommitted: bool
    errors: tuple[Problem, ...] = ()
    clause: str | None = None
    asked: str | None = None
    begun: bool = True


def history(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    *,
    locales: Iterable[str] = (),
    clause: str | None = None,
    since: date | None = None,
    progress: Progress = lambda *_: None,
) -> tuple[PolicyHistory, ...]:
    """Return the history of a brand's policies, in all its locales or in `locales`.

    `since` leaves out earlier revisions, but none without a true date. `brand` may be a former id.
    Raises `UnknownName` for an unknown brand, locale or clause.
    """
    with open_workspace(root) as moment:
        if moment.repository is None:
            raise GitFailed(
                f"{root} is not in a git repository, so it has no history; use a clone of one"
            )
        moment.repository.refuse_shallow()
        (name,) = brand_names(moment.source, (Lineage(moment.archive).today(brand),))
        past = _Past(moment, moment.repository, name)
        wanted = past.locales(tuple(locales))
        histories = tuple(
            past.of(locale, clause, since, partial(progress, at, len(wanted), f"{name}/{locale}"))
            for at, locale in enumerate(wanted)
        )
    if clause is None:
        return histories
    if not any(policy.clause for policy in histories):
        raise UnknownName("clause", clause, past.ids)
    return tuple(policy for policy in histories if policy.clause)


def overridden(
    root: Path, brands: Iterable[str], locales: Sequence[str] = (), clause: str | None = None
) -> tuple[Override, ...]:
    """Return the overrides of `brands`, or of all, with the changes since their reviews.

    `locales` are those that are asked for, or none for all; `clause` is the id of the only one.

    Raises `GitFailed`, `ShallowClone`, `UnknownName`.
    """
    with open_workspace(root) as moment:
        if moment.repository is None:
            raise GitFailed(f"{root} is in no git repository, so nothing is known of what changed")
        moment.repository.refuse_shallow()
        workspace = load_brands(moment.source, brands)
        own = (brand.value for brand in workspace.brands.values())
        known = {locale for brand in own if brand is not None for locale in brand.locales}
        for locale in locales:
            if locale not in known:
                raise UnknownName("locale", locale, known)
        ids = {Path(path).stem for path in workspace.clauses}
        if clause is not None and clause not in ids:
            raise UnknownName("clause", clause, ids)
        return tuple(
            override
            for override in overrides(moment, workspace)
            if (not locales or override.locale in locales) and clause in (None, override.clause)
        )


class _Past:
    """One brand, now and at each commit; `ids` are those of all its clauses, past and present."""

    def __init__(self, moment: Moment, repository: Repository, brand: str) -> None:
        self.repository = repository
        self.brand = brand
        self.ids: set[str] = set()
        self.head = moment.commit
        self.brought: Brought = lambda _: ()
        self.places = Places(repository, moment.commit or "")
        self.now = load(moment.source, (brand,))
        if brand not in self.now.brands:  # it was deleted a moment ago
            raise UnknownName("brand", brand, self.now.brands)
        self.newest = self.now
        if moment.commit is not None:
            self.brought = self.places.brought(repository.prefix)
            self.newest = load(tree_at(repository, moment.commit), (brand,))

    def locales(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return `wanted`, or all locales of the brand, now or at the newest commit."""
        files = [workspace.brands.get(self.brand) for workspace in (self.newest, self.now)]
        parsed = [file.value for file in files if file is not None and file.value is not None]
        if not parsed:
            raise InvalidPolicy(self.now.brands[self.brand].problems)
        spoken = tuple(dict.fromkeys(locale for brand in parsed for locale in brand.locales))
        for locale in wanted:
            if locale not in spoken:
                raise UnknownName(f"locale of {self.brand}", locale, spoken)
        self.zone = parsed[0].timezone
        self.names = Names.of(self.now.brands[self.brand].value or parsed[0])
        return tuple(dict.fromkeys(wanted)) or spoken

    def of(
        self, locale: str, clause: str | None, since: date | None, progress: Callable[[], None]
    ) -> PolicyHistory:
        """Return the history of the brand's policy in a locale."""
        place = Place(self.repository.prefix, self.brand, locale)
        at = policy_at(self.repository, place)
        watched = _watched(at, progress)
        policy, log, gaps = self.start(watched)
        events: Iterable[Step | Gap] = gaps
        if policy is not None:
            trace = Tracer(self.places, place, self.names)
            past = steps(policy, watched, log, self.brought, trace)
            events = chain(gaps, past)
        followed = None
        if clause is None:
            shown = (event for event in events if isinstance(event, Gap) or event.differs)
            entries = map(self.entry, shown)
        else:
            known = [
                Compared.of(event, _changes(event.before, event.after))
                for event in events
                if isinstance(event, Step)
            ]
            self.ids |= ids_ever(known)
            followed = id_today(known, clause)
            entries = map(self.clause_entry, follow(known, followed) if followed else ())
        return PolicyHistory(
            self.brand,
            locale,
            tuple(entry for entry in entries if not since or not entry.day or entry.day >= since),
            self.uncommitted(policy if not gaps else None, locale),
            gaps[0].problems if gaps else (),
            followed,
            clause if clause != followed else None,
            self.head is not None,
        )

    def start(self, at: ComposeAt) -> tuple[Policy | None, Iterable[Commit], list[Gap]]:
        """Return the newest valid policy, the commits before it, and the gaps after it."""
        if self.head is None:
            return None, (), []
        try:
            policy = at(self.head)
            return policy, self.places.log([(policy, self.names)] if policy else ()), []
        except InvalidPolicy as fault:
            gaps, files = [Gap(self.head, fault.problems)], fault.files
        log = iter(self.repository.log(self.head))
        own = f"brands/{self.brand}/"
        for commit in log:
            touched = files & commit.changed or any(p.startswith(own) for p in commit.changed)
            if not touched or commit.parent is None:
                continue
            try:
                return at(commit.parent), log, gaps
            except InvalidPolicy as fault:
                gaps.append(Gap(commit.parent, fault.problems))
                files |= fault.files
        return None, (), gaps

    def uncommitted(self, committed: Policy | None, locale: str) -> bool:
        """Return whether the working tree has words different from a policy, or no valid policy."""
        try:
            now = compose(self.now, self.brand, locale)
        except (InvalidPolicy, UnknownName):
            return True
        return committed is None or words(now) != words(committed)

    def entry(self, event: Step | Gap) -> Entry:
        """Return the entry for a revision, or a gap."""
        if isinstance(event, Gap):
            commit = commit_of(event.commit, self.repository.object(event.commit), ())
            return self.written("gap", commit, problems=event.problems)
        kind: Kind = "material" if event.material else "editorial"
        cut = (event.cut,) if event.cut is not None else ()
        changes = _changes(event.before, event.after)
        entry = self.written(kind, event.span[0], changes, problems=cut)
        return replace(entry, afterwards=self.afterwards(event.span))

    def clause_entry(self, event: ClauseStep) -> Entry:
        """Return the entry for the change of the clause in a revision."""
        change = event.change
        kind: Kind = "material" if event.step.material else "editorial"
        if change is None or not (change.changed or change.moved):
            kind = "same words"
        own = Changes((change,), False, change.counts) if change else Changes((), False, Counts())
        entry = self.written(kind, event.step.span[0], own, event.files)
        return replace(entry, afterwards=self.afterwards(event.step.span))

    def afterwards(self, span: Iterable[Commit]) -> tuple[Afterwards, ...]:
        """Return the later remarks on commits, and on those that they bring."""
        commits = [c for commit in span for c in (commit, *self.brought(commit))]
        return tuple(
            self.remark(remark, commit)
            for commit in dict.fromkeys(commits)
            for remark in commit.remarks
        )

    def remark(self, remark: Remark, commit: Commit) -> Afterwards:
        """Return a remark on a commit, with who made it and when."""
        content = self.repository.object(remark.by)
        day = day_of(commit_of(remark.by, content, ()), self.zone)
        return Afterwards(remark.change, commit.id, remark.by, signature(content).author, day)

    def written(
        self,
        kind: Kind,
        commit: Commit,
        changes: Changes | None = None,
        files: tuple[str, str] | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> Entry:
        """Return the entry for a commit, with its author and subject."""
        by = signature(self.repository.object(commit.id))
        day = day_of(commit, self.zone)
        return Entry(kind, commit.id, day, by.author, by.subject, changes, files, problems)


def _changes(before: Policy | None, after: Policy | None) -> Changes:
    return changes(redline(before, after))


def _watched(compose_at: ComposeAt, progress: Callable[[], None]) -> ComposeAt:
    """Return a function that composes a policy at commits, and reports progress each time."""

    def composed(commit: str) -> Policy | None:
        progress()
        return compose_at(commit)

    return composed
