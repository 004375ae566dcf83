"""What a repository said of a brand: where the words of each locale changed, and where it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from publisher.errors import InvalidPolicy
from publisher.history import Step, day_of, steps
from publisher.model.commits import signature
from publisher.model.dating import Commit, Place
from publisher.model.facts import Brand
from publisher.model.policy import Policy
from publisher.model.workspace import brand_file
from publisher.repository import Repository
from publisher.tasks.places import Names, PolicyAt, policy_at
from publisher.tasks.replayed import Replayed
from publisher.tasks.traces import Places, Tracer
from publisher.tasks.workspaces import source_at
from publisher.workspace import load


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
    """The first-parent line of a repository, as far as a brand is concerned."""

    def __init__(self, repository: Repository, head: str, brand: str) -> None:
        self.repository = repository
        self.head = head
        self.brand = brand
        self.log = Replayed(repository.log(head))
        self.commits = tuple(reversed([*self.log]))

    def days(self, zone: str, today: date) -> Mapping[str, date]:
        """Return the first day on which the repository had each commit, oldest first.

        That is the day of the commit in a time zone, or of an earlier one that is dated later: no
        commit is older than the one that it follows. One whose date cannot be true has none.
        """
        days: dict[str, date] = {}
        latest = date.min
        for commit in self.commits:
            day = day_of(commit, zone)
            if day is not None and day <= today:
                latest = days[commit.id] = max(latest, day)
        return days

    def revisions(self, days: Mapping[str, date]) -> Iterator[Revision]:
        """Yield the material revisions of a brand's policies in all locales it ever had.

        They are in the order of the line, oldest first.
        """
        changed: dict[str, list[str]] = {}
        gone: dict[str, list[str]] = {}
        for locale in dict.fromkeys(name for each in self.brands() for name in each.locales):
            for commit, there in self._turns(locale):
                (changed if there else gone).setdefault(commit, []).append(locale)
        for commit in self.commits:
            if commit.id in changed or commit.id in gone:
                yield Revision(
                    commit.id,
                    days.get(commit.id),
                    signature(self.repository.object(commit.id)).subject,
                    tuple(changed.get(commit.id, ())),
                    tuple(gone.get(commit.id, ())),
                )

    def brands(self) -> Iterator[Brand]:
        """Yield what the brand's file said, wherever it changed and can be read, newest first."""
        own = brand_file(self.brand)
        for commit in (commit.id for commit in self.log if own in commit.changed):
            try:
                parsed = load(source_at(self.repository, commit), (self.brand,)).brands
            except InvalidPolicy:
                continue
            about = parsed[self.brand].value if self.brand in parsed else None
            if about is not None:
                yield about

    @cached_property
    def _names(self) -> Names:
        """What the brand and its locales were called before, as its newest file says."""
        newest = next(self.brands(), None)
        return Names.of(newest) if newest is not None else Names()

    def _turns(self, locale: str) -> Iterator[tuple[str, bool]]:
        """Yield the commits at which a policy changed materially, and whether it was there then."""
        place = Place(self.repository.prefix, self.brand, locale)
        at = policy_at(self.repository, place)
        rest = iter(self.log)
        policy, went = self._newest(at, rest)
        if went is not None:
            yield went, False
        if policy is None:
            return
        places = Places(self.repository, self.head)
        trace = Tracer(places, place, self._names)
        for event in steps(policy, at, rest, places.brought(place.prefix), trace):
            if isinstance(event, Step) and (event.after is None or _says(event)):
                yield event.span[0].id, event.after is not None

    def _newest(self, at: PolicyAt, log: Iterator[Commit]) -> tuple[Policy | None, str | None]:
        """Return the newest policy that is whole, and the commit at which it went, if it did.

        `log` is then at the commits before it.
        """
        went, whole = None, True
        known = self.head
        while True:
            try:
                policy = at(known)
                whole = True
            except InvalidPolicy:
                policy, whole = None, False
            if policy is not None:
                return policy, went
            commit = next((each for each in log if not whole or self._own(each)), None)
            if commit is None or commit.parent is None:
                return None, None
            went = commit.id if whole else went
            known = commit.parent

    def _own(self, commit: Commit) -> bool:
        return any(path.startswith(f"brands/{self.brand}/") for path in commit.changed)


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
