"""What a repository said of a brand: where the words of each locale changed, and where it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from publisher.errors import InvalidPolicy
from publisher.history import Former, Step, Trace, day_of, steps
from publisher.history.places import Names, PolicyAt, policy_at, tree_at
from publisher.history.replayed import Replayed
from publisher.history.traces import Places, Tracer
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.problem import Problem
from publisher.repository.commits import Commit, signature
from publisher.repository.commits import commit as commit_of
from publisher.repository.reading import Repository
from publisher.workspace import load
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import brand_file


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit at which a brand's policies changed materially.

    `day` is the first day on which the repository had it, None where that cannot be told. `changed`
    are the locales with other words than before, or that are drafts no longer; `gone` those in
    which the policy was there before, and is not now.
    """

    commit: str
    day: date | None
    subject: str
    changed: tuple[str, ...]
    gone: tuple[str, ...]


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
        self.log = Replayed(repository.log(head))
        self.commits = tuple(reversed(repository.line(head)))

    def days(self, zone: str, today: date) -> Mapping[str, date]:
        """Return the first day on which the repository had each commit, oldest first.

        That is the day of the commit in a time zone, or of an earlier one that is dated later: no
        commit is older than the one that it follows. One whose date cannot be true has none.
        """
        days: dict[str, date] = {}
        latest = date.min
        for id, content in zip(self.commits, self.repository.objects(self.commits), strict=True):
            day = day_of(commit_of(id, content, ()), zone)
            if day is not None and day <= today:
                latest = days[id] = max(latest, day)
        return days

    def revisions(self, days: Mapping[str, date]) -> Iterator[Revision]:
        """Yield the material revisions of a brand's policies in all locales it ever had.

        They are in the order of the line, oldest first.
        """
        changed: dict[str, dict[str, None]] = {}
        gone: dict[str, dict[str, None]] = {}
        for commit, locale, there in self._turns():
            (changed if there else gone).setdefault(commit, {})[locale] = None
        for commit in self.commits:
            if commit in changed or commit in gone:
                yield Revision(
                    commit,
                    days.get(commit),
                    signature(self.repository.object(commit)).subject,
                    tuple(changed.get(commit, ())),
                    tuple(gone.get(commit, ())),
                )

    def brands(self, name: str) -> Iterator[Brand]:
        """Yield what a brand's file said, wherever it changed and can be read, newest first."""
        own = brand_file(name)
        for commit in (commit.id for commit in self.log if own in commit.changed):
            try:
                parsed = load(tree_at(self.repository, commit), (name,)).brands
            except InvalidPolicy:
                continue
            about = parsed[name].value if name in parsed else None
            if about is not None:
                yield about

    def _turns(self) -> Iterator[tuple[str, str, bool]]:
        """Yield the commits at which a policy changed materially, in which locale, and if it went.

        A policy that only moved to another name of its brand, or to another folder, has not gone;
        one in another locale is another.
        """
        moved: set[tuple[str, Place]] = set()
        for name in dict.fromkeys((self.brand, *self.names.brands)):
            spoken = dict.fromkeys(tag for about in self.brands(name) for tag in about.locales)
            for locale in spoken:
                place = Place(self.repository.prefix, name, locale)
                for commit, there in self._turns_at(place, moved):
                    yield commit, locale, there

    def _turns_at(self, place: Place, moved: set[tuple[str, Place]]) -> Iterator[tuple[str, bool]]:
        at = policy_at(self.repository, place)
        rest = iter(self.log)
        policy, went = self._newest(at, rest)
        if went is not None and (went, place) in moved:
            return
        if went is not None:
            yield went, False
        if policy is None:
            return
        trace = _Followed(Tracer(self.places, place, self.names), moved)
        brought = self.places.brought(place.prefix)
        for event in steps(policy, at, rest, brought, trace):
            if isinstance(event, Step) and (event.after is None or _says(event)):
                yield event.span[0].id, event.after is not None

    def _newest(self, at: PolicyAt, log: Iterator[Commit]) -> tuple[Policy | None, str | None]:
        """Return the newest policy that is whole, and the commit at which it went, if it did.

        `log` is then at the commits before it.
        """
        went, whole = None, True
        known, own = self.head, f"brands/{at.brand}/"
        while True:
            try:
                policy = at(known)
                whole = True
            except InvalidPolicy:
                policy, whole = None, False
            if policy is not None:
                return policy, went
            touching = (
                each
                for each in log
                if not whole or any(path.startswith(own) for path in each.changed)
            )
            commit = next(touching, None)
            if commit is None or commit.parent is None:
                return None, None
            went = commit.id if whole else went
            known = commit.parent


@dataclass(frozen=True, slots=True)
class _Followed:
    """Traces a policy to another name or folder in its locale; `moved` takes down what was left."""

    tracer: Trace
    moved: set[tuple[str, Place]]

    def __call__(
        self, commit: Commit, before: Policy | None, policy: Policy
    ) -> Former | Problem | None:
        """Return where a policy was before a commit, or that this cannot be told."""
        former = self.tracer(commit, before, policy)
        if not isinstance(former, Former):
            return former
        if former.place.locale != policy.locale:
            return None
        self.moved.add((commit.id, former.place))
        return replace(former, trace=_Followed(former.trace, self.moved))


def _says(step: Step) -> bool:
    """Return whether the policy means something else than before, or is a draft no longer."""
    before, after = step.before, step.after
    return step.material or bool(before and after and before.draft and not after.draft)


def ends(
    line: Sequence[str],
    days: Mapping[str, date],
    said: Mapping[str, Iterable[str]],
    gone: Mapping[str, Iterable[str]],
) -> Mapping[str, tuple[str, ...]]:
    """Return the commits at which the versions of some locales end, with these locales.

    `line` has the commits in their order, `days` the first day of each that has one. `said` are the
    locales of the version of a commit, `gone` those that a commit took away. One that comes back on
    the same day has not been away: days are all that the archive tells. One that went at a commit
    without a day ends at the next that has one.
    """
    found: dict[str, list[str]] = {}
    for locale in sorted({name for names in gone.values() for name in names}):
        standing = left = False
        for at, commit in enumerate(line):
            if locale in said.get(commit, ()):
                standing, left = True, False
            left = left or locale in gone.get(commit, ())
            if not (standing and left and commit in days):
                continue
            standing = left = False
            same = (each for each in line[at:] if days.get(each) == days[commit])
            if not any(locale in said.get(each, ()) for each in same):
                found.setdefault(commit, []).append(locale)
    return {commit: tuple(found[commit]) for commit in line if commit in found}
