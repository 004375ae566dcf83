"""When a repository had a brand's policies: the commits that changed or removed each locale.

At some commits nobody can tell: their files have errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from publisher.errors import InvalidPolicy
from publisher.history import Former, Step, Trace, day_of, steps
from publisher.history.places import Names, PolicyAt, policy_at, tree_at
from publisher.history.traces import Places, Tracer
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.problem import Problem, errors
from publisher.repository.commits import Commit, signature
from publisher.repository.commits import commit as commit_of
from publisher.repository.reading import Repository
from publisher.workspace import load
from publisher.workspace.facts import Brand
from publisher.workspace.names import brand_file


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit at which a brand's policies changed materially.

    `day` is the first day on which the repository had it, None if unknown. `changed` are the
    locales with words different from before, or confirmed ones; `removed` those that lost the
    policy.
    """

    commit: str
    day: date | None
    subject: str
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """Commits with errors in some policies of a brand; the earlier text still counts.

    `commit` is the first of them, `until` the next one that can be read, None if there is none. The
    days are the first on which the repository had these two. `reason` says what is wrong.
    """

    commit: str
    day: date | None
    until: str | None
    until_day: date | None
    locales: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the line says of a brand's policies, each in the order of the line, oldest first."""

    revisions: tuple[Revision, ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """A commit that materially changed or removed a policy, or at which it begins to have errors.

    For these, `until` is the next commit that can be read, and `problems` are not empty.
    """

    commit: str
    locale: str
    there: bool = True
    until: str | None = None
    problems: tuple[Problem, ...] = ()


class Line:
    """The first-parent line of a repository, as far as a brand is concerned.

    `names` are those that the brand had before. `commits` are all, by their ids, oldest first.
    """

    def __init__(self, repository: Repository, head: str, brand: str, names: Names) -> None:
        self.repository = repository
        self.head = head
        self.brand = brand
        self.names = names
        self.places = Places(repository, head)
        self.log = repository.log(head)
        self.commits = tuple(reversed(repository.line(head)))

    def days(self, zone: str, today: date) -> Mapping[str, date]:
        """Return the first day on which the repository had each commit, oldest first.

        That is the day of the commit in a time zone, or of an earlier commit with a later date: no
        commit is older than the one before. A commit with an impossible date has no day.
        """
        days: dict[str, date] = {}
        latest = date.min
        for id, content in zip(self.commits, self.repository.objects(self.commits), strict=True):
            day = day_of(commit_of(id, content, ()), zone)
            if day is not None and day <= today:
                latest = days[id] = max(latest, day)
        return days

    def account(self, days: Mapping[str, date]) -> Account:
        """Return the material revisions of a brand's policies in all locales it ever had.

        With them come the commits that cannot be read, unless they were fixed on their own day.
        """
        changed: dict[str, dict[str, None]] = {}
        removed: dict[str, dict[str, None]] = {}
        unread: dict[tuple[str, str | None, str], list[str]] = {}
        for turn in self._turns(days):
            if turn.problems:
                first = next(iter(errors(turn.problems) or turn.problems))
                gap = turn.commit, turn.until, first.fault
                unread.setdefault(gap, []).append(turn.locale)
            else:
                where = (changed if turn.there else removed).setdefault(turn.commit, {})
                where[turn.locale] = None
        revisions = tuple(
            Revision(
                commit,
                days.get(commit),
                signature(self.repository.object(commit)).subject,
                tuple(changed.get(commit, ())),
                tuple(removed.get(commit, ())),
            )
            for commit in self.commits
            if commit in changed or commit in removed
        )
        at = {commit: number for number, commit in enumerate(self.commits)}
        gaps = (
            Unread(first, days.get(first), until, days.get(until or ""), tuple(locales), reason)
            for (first, until, reason), locales in unread.items()
        )
        return Account(revisions, tuple(sorted(gaps, key=lambda gap: at[gap.commit])))

    def brands(self, name: str) -> Iterator[Brand]:
        """Yield the facts of a brand after each change of its file, if valid, newest first."""
        own = brand_file(name)
        for commit in (commit.id for commit in self.log if own in commit.changed):
            try:
                parsed = load(tree_at(self.repository, commit), (name,)).brands
            except InvalidPolicy:
                continue
            about = parsed[name].value if name in parsed else None
            if about is not None:
                yield about

    def _turns(self, days: Mapping[str, date]) -> Iterator[_Turn]:
        """Yield each commit that materially changed a policy, or that cannot be read.

        A policy that only moved to another name of its brand, or to another folder, still exists;
        one in another locale is a different policy.
        """
        moved: set[tuple[str, Place]] = set()
        for name in dict.fromkeys((self.brand, *self.names.brands)):
            spoken = dict.fromkeys(tag for about in self.brands(name) for tag in about.locales)
            for locale in spoken:
                place = Place(self.repository.prefix, name, locale)
                yield from self._turns_at(place, moved, days)

    def _turns_at(
        self, place: Place, moved: set[tuple[str, Place]], days: Mapping[str, date]
    ) -> Iterator[_Turn]:
        at, locale = policy_at(self.repository, place), place.locale
        rest = iter(self.log)
        policy, went, unread = self._newest(at, rest)
        if went is not None and (went, place) in moved:
            return
        if went is not None:
            yield _Turn(went, locale, there=False)
        if unread is not None:
            yield unread
        if policy is None:
            return
        trace = _Followed(Tracer(self.places, place, self.names), moved)
        brought = self.places.brought(place.prefix)
        for event in steps(policy, at, rest, brought, trace):
            if not isinstance(event, Step):
                continue
            fixed, broke = event.span[0].id, event.span[-1].id
            same = days.get(fixed) == days.get(broke) is not None
            whole = event.after is not None and not event.after.draft
            lasted = bool(event.problems) and not (same and whole)
            if event.after is None or _says(event):
                yield _Turn(fixed, locale, there=event.after is not None)
            if lasted:
                yield _Turn(broke, locale, until=fixed, problems=event.problems)

    def _newest(
        self, at: PolicyAt, log: Iterator[Commit]
    ) -> tuple[Policy | None, str | None, _Turn | None]:
        """Return the newest valid policy, the commit that removed it, and the errors after it.

        The last two are None if nothing removed it, and if no commit after it has errors.
        `log` then continues with the commits before it.
        """
        went, fixed, commit, whole = None, None, None, True
        problems: tuple[Problem, ...] = ()
        known, own = self.head, f"brands/{at.brand}/"
        while True:
            try:
                policy = at(known)
                whole, problems = True, problems if policy is not None else ()
            except InvalidPolicy as fault:
                policy, whole, problems = None, False, fault.problems
            unread = None
            if problems and commit is not None:
                unread = _Turn(commit.id, at.locale, until=fixed, problems=problems)
            if policy is not None:
                return policy, went, unread
            touching = (
                older
                for older in log
                if not whole or any(path.startswith(own) for path in older.changed)
            )
            commit = next(touching, None)
            if commit is None or commit.parent is None:
                if unread is not None and commit is not None:
                    unread = replace(unread, commit=commit.id)
                return None, None, unread
            went = commit.id if whole else went
            fixed = commit.id if whole else fixed
            known = commit.parent


@dataclass(frozen=True, slots=True)
class _Followed:
    """Traces a policy to another name or folder in its locale; `moved` collects the places left."""

    tracer: Trace
    moved: set[tuple[str, Place]]

    def __call__(
        self, commit: Commit, before: Policy | None, policy: Policy
    ) -> Former | Problem | None:
        """Return the place of a policy before a commit, or a problem if that is unknown."""
        former = self.tracer(commit, before, policy)
        if not isinstance(former, Former):
            return former
        if former.place.locale != policy.locale:
            return None
        self.moved.add((commit.id, former.place))
        return replace(former, trace=_Followed(former.trace, self.moved))


def _says(step: Step) -> bool:
    """Return whether the policy has a different meaning from before, or is confirmed."""
    before, after = step.before, step.after
    return step.material or bool(before and after and before.draft and not after.draft)


def ends(
    line: Sequence[str],
    days: Mapping[str, date],
    versions: Mapping[str, Iterable[str]],
    removed: Mapping[str, Iterable[str]],
) -> Mapping[str, tuple[str, ...]]:
    """Return the commits at which the versions of some locales end, with these locales.

    `line` has the commits in their order, `days` the first day of each that has one. `versions` are
    the locales of the version of a commit, `removed` those that a commit removes. A locale that
    comes back on the same day does not end: the archive knows days only. One that a commit without
    a day removes ends at the next commit with a day.
    """
    ended: dict[str, list[str]] = {}
    for locale in sorted({name for names in removed.values() for name in names}):
        standing = left = False
        for at, commit in enumerate(line):
            if locale in versions.get(commit, ()):
                standing, left = True, False
            left = left or locale in removed.get(commit, ())
            if not (standing and left and commit in days):
                continue
            standing = left = False
            same = (later for later in line[at:] if days.get(later) == days[commit])
            if not any(locale in versions.get(later, ()) for later in same):
                ended.setdefault(commit, []).append(locale)
    return {commit: tuple(ended[commit]) for commit in line if commit in ended}
