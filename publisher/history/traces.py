"""Follows policies through commits that move or rename their folder, brand or locale.

Where a policy appears, the tree before the commit is searched for the same words at another place:
a workspace in another folder, a brand under another id, a locale under another tag. Each commit
with which a policy appears, or its brand gets another name, is searched once for all policies.

`Checkpoints` remembers the ages of policies at commits, where later searches end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

from pydantic import TypeAdapter

from publisher.files.cache import Cache, key
from publisher.history import CUT, Age, Brought, Former, Subject
from publisher.history.places import Move, Names, policy_at
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.problem import Problem, warning
from publisher.render.toolchain import tools_digest
from publisher.repository.commits import Commit, Stamp
from publisher.repository.reading import Log, Repository
from publisher.workspace.names import brand_file, brands_of

MOST_KEPT = 100
"""The most commits at which the age of a policy is remembered."""


class Checkpoints:
    """The remembered ages of the policy in a place, by commit.

    `names` are its former names, which decide how far it is followed. `remarks` is a digest of the
    remarks of commits on earlier ones: a later remark may change the age at an earlier commit.
    """

    def __init__(self, cache: Cache, place: Place, names: str, remarks: str) -> None:
        self.cache = cache
        self.policy = (place.prefix, place.brand, place.locale, names, remarks)

    @cached_property
    def commits(self) -> tuple[str, ...]:
        """The commits at which ages were kept, in one entry: a long line is looked through."""
        return tuple((self.cache.get(self._key("commits")) or b"").decode().split())

    def known(self, commit: str) -> Age | None:
        """Return the age of the policy at a commit, if it was kept."""
        stored = self.cache.get(self._key(commit)) if commit in self.commits else None
        return None if stored is None else _age().validate_python(json.loads(stored))

    def keep(self, age: Age) -> None:
        """Remember an age that was found without a boundary."""
        if age.at is None or self.known(age.at) is not None:
            return
        kept = replace(
            age,
            commit=age.commit and _stamped(age.commit),
            appeared=age.appeared and _stamped(age.appeared),
            clauses={id: _stamped(commit) for id, commit in age.clauses.items()},
            older={},
        )
        # Pydantic writes no JSON of a folder's name that is not UTF-8.
        plain = json.dumps(_age().dump_python(kept, mode="json"))
        self.cache.put(self._key(age.at), plain.encode())
        commits = (*self.commits[1 - MOST_KEPT :], age.at)
        self.cache.put(self._key("commits"), " ".join(commits).encode())

    def _key(self, commit: str) -> str:
        return key("age", tools_digest(self.cache), *self.policy, commit)


@lru_cache
def _age() -> TypeAdapter[Age]:
    return TypeAdapter(Age)


def _stamped(commit: Commit) -> Commit:
    """Return a commit with its id and time only: its day depends on these."""
    return Commit(commit.id, None, frozenset(), Stamp(commit.stamp.time, ()))


class Places:
    """Finds the former places of policies, from the commit `head` back; reads each commit once."""

    def __init__(self, repository: Repository, head: str, cache: Cache | None = None) -> None:
        self.repository = repository
        self.head = head
        self.cache = cache or Cache(None)
        self.brought = lru_cache(maxsize=None)(self._brought)
        self.move = lru_cache(maxsize=8)(self._move)

    def subject(self, policy: Policy, place: Place, names: Names) -> Subject:
        """Return a policy, in its place, for a search of its age without a boundary."""
        return Subject(
            policy,
            policy_at(self.repository, place),
            known=self.checkpoints(place, names).known,
            place=place,
            trace=Tracer(self, place, names),
        )

    def checkpoints(self, place: Place, names: Names) -> Checkpoints:
        """Return the remembered ages of the policy in a place."""
        remarks = self.repository.remarks(self.head).digest
        return Checkpoints(self.cache, place, repr(names), remarks)

    def _brought(self, prefix: str) -> Brought:
        brought = self.repository.under(prefix).brought
        return lru_cache(maxsize=64)(partial(brought, self.head))

    def log(self, policies: Iterable[tuple[Policy, Names]]) -> Log:
        """Return the commits, from the newest back, that can matter for some policies."""
        brands = {
            brand
            for policy, names in policies
            for brand in (policy.brand.id, *names.brands, *brands_of(policy.files))
        }
        return self.repository.log(self.head, brands)

    def log_at(self, place: Place, commit: str) -> Log:
        """Return the commits, from one back, that can matter for the brand of a place."""
        return self.repository.under(place.prefix).log(commit, (place.brand,), self.head)

    def _move(self, commit: str, parent: str) -> Move:
        return Move(self.repository, commit, parent)


@dataclass(frozen=True, slots=True)
class Tracer:
    """Returns the earlier place of a policy; `names` are its declared former names."""

    places: Places
    place: Place
    names: Names

    def __call__(
        self, commit: Commit, before: Policy | None, policy: Policy
    ) -> Former | Problem | None:
        """Return the place of a policy before a commit, or a problem if that is unknown.

        It is a place that the commit removed, with the same words in the tree before, or a place
        with a declared former name. A policy that was there `before` came from another place only
        if its brand changed its name.
        """
        if before is not None and before.brand == policy.brand:
            return None
        move = self.places.move(commit.id, str(commit.parent))
        same = self._same(move, policy)
        if before is not None:
            name = (policy.brand.name, policy.brand.domain)
            same = [p for p in same if move.name(p.prefix, p.brand, move.parent) == name]
            return self._former(move, same[0]) if len(same) == 1 else None
        declared = [place for place in self._declared(move) if move.at(place)]
        places = self._nearest([place for place in same if place in declared] or same or declared)
        if len(places) == 1:
            return self._former(move, places[0])
        if places:
            return self._cut(move, places, "each had these words" if same else "are both declared")
        earlier = self._earlier(move)
        if earlier is not None:
            return earlier
        copied = self._with_words(move, policy, self._copied(move, policy))
        if copied:
            return self._cut(move, copied, "had the same words, and stayed there")
        doubts = self._doubtful(move)
        return self._cut(move, doubts, "had other words") if doubts else None

    def _nearest(self, places: list[Place]) -> list[Place]:
        """Return the places that are most similar to the policy's own."""

        def far(place: Place) -> tuple[bool, ...]:
            own = self.place
            return (
                place.brand != own.brand,
                place.locale != own.locale,
                place.prefix != own.prefix,
            )

        least = min(map(far, places), default=())
        return [place for place in places if far(place) == least]

    def _same(self, move: Move, policy: Policy) -> list[Place]:
        """Return the places that the commit removed, and that had the words of a policy."""
        departed = self._departed(move, words_digest(policy))
        return self._with_words(move, policy, self._moved(move)) or self._with_words(
            move, policy, departed
        )

    def _with_words(self, move: Move, policy: Policy, likely: Iterable[Place]) -> list[Place]:
        """Return the places that had the words of a policy, and its language."""
        digest = words_digest(policy)
        return [
            place
            for place in dict.fromkeys(likely)
            if place != self.place
            and self._speaks(place.locale)
            and (then := move.at(place)) is not None
            and words_digest(then) == digest
        ]

    def _speaks(self, tag: str) -> bool:
        """Return whether a tag is of the policy's language, or declared to be a former one."""
        own = self.place.locale
        return _language(tag) == _language(own) or tag in self.names.former(own)

    def _moved(self, move: Move) -> Iterator[Place]:
        """Yield the policy's own place in other workspaces from which the commit removed it."""
        for prefix in move.folders:
            if move.removed(prefix, self.place.brand):
                yield replace(self.place, prefix=prefix)

    def _copied(self, move: Move, policy: Policy) -> Iterator[Place]:
        """Yield the policy's own place in other workspaces, where that is the very brand."""
        name = (policy.brand.name, policy.brand.domain)
        for prefix in move.folders:
            if move.name(prefix, self.place.brand, move.parent) == name:
                yield replace(self.place, prefix=prefix)

    def _departed(self, move: Move, digest: str) -> Iterator[Place]:
        """Yield the places of brands and locales that the commit removed, with some words."""
        for prefix in move.folders:
            yield from move.by_words(prefix).get(digest, ())
            yield from self._retagged(move, prefix)

    def _retagged(self, move: Move, prefix: str) -> Iterator[Place]:
        """Yield the places of removed locales of the brand that may be the same."""
        brand = self.place.brand
        now = move.tongues(self.place.prefix, brand, move.commit)
        for tag in move.tongues(prefix, brand, move.parent):
            if tag not in now and self._speaks(tag):
                yield Place(prefix, brand, tag)

    def _declared(self, move: Move) -> Iterator[Place]:
        """Yield the places with the declared former names of the policy."""
        own = self.place
        tags = (own.locale, *self.names.former(own.locale))
        for prefix in move.folders:
            for brand in dict.fromkeys((own.brand, *self.names.brands)):
                for tag in tags if brand in move.brands(prefix, move.parent) else ():
                    if (brand, tag) != (own.brand, own.locale):
                        yield Place(prefix, brand, tag)

    def _doubtful(self, move: Move) -> tuple[Place, ...]:
        """Return the places where the policy may have been: those that the commit removed."""
        own = self.place
        places = [*self._retagged(move, own.prefix)]
        if own.brand in move.brands(own.prefix, move.parent):
            return tuple(places)
        for prefix in move.folders:
            removed = [brand for brand in move.left(prefix) if move.removed(prefix, brand)]
            if own.brand in removed or prefix == own.prefix or own.prefix not in move.folders:
                brands = [own.brand] if own.brand in removed else removed
                places += [
                    Place(prefix, brand, own.locale)
                    for brand in brands
                    if self._spoke(move, prefix, brand)
                ]
        return tuple(places)

    def _spoke(self, move: Move, prefix: str, brand: str) -> bool:
        """Return whether a brand had, or may have had, the policy's language before the commit."""
        tongues = move.tongues(prefix, brand, move.parent)
        return not tongues or any(map(self._speaks, tongues))

    def _cut(self, move: Move, places: Sequence[Place], why: str) -> Problem:
        listed = ", ".join(_shown(place, self.place) for place in places[:3])
        message = (
            f"the history in {self.place.locale} is cut at {move.commit[:10]}: "
            f"before that commit, {listed} {why}"
        )
        where = brand_file(self.place.brand)
        return warning(CUT, where, None, message, self._remedy(places[0]))

    def _remedy(self, place: Place) -> str:
        own = self.place
        baseline = "give the date of the text as `baseline`"
        if place.brand != own.brand:
            return f"if it is the same brand, write `was: [{place.brand}]`; if not, {baseline}"
        if place.locale != own.locale:
            declared = f"`was_locales: {{{own.locale}: [{place.locale}]}}`"
            return f"if it is the same policy, write {declared}; if not, {baseline}"
        return baseline

    def _earlier(self, move: Move) -> Former | None:
        """Return the place of the policy under a former name, removed before the commit."""
        own = self.place
        names = [name for name in self.names.brands if name != own.brand]
        if not names or move.brands(own.prefix, move.parent).intersection((own.brand, *names)):
            return None
        under = self.places.repository.under(own.prefix)
        newest = under.touching(move.parent, map(brand_file, names), 1)
        if not newest:
            return None
        (commit,) = under.commits(newest)
        brand = next((name for name in names if brand_file(name) in commit.changed), None)
        # Without one, it was a folder that had the name of a brand's file.
        return self._former(move, replace(own, brand=brand)) if brand is not None else None

    def _former(self, move: Move, place: Place) -> Former:
        places = self.places
        elsewhere = place.prefix != self.place.prefix
        return Former(
            place,
            move.at(place),
            policy_at(places.repository, place),
            places.brought(place.prefix),
            Tracer(places, place, self.names),
            places.checkpoints(place, self.names).known,
            places.log_at(place, move.parent) if elsewhere else None,
        )


def _language(tag: str) -> str:
    return tag.partition("-")[0]


def _shown(place: Place, own: Place) -> str:
    """Return the parts of a place that differ from the policy's own."""
    folder = f"{place.prefix}/" if place.prefix else ""
    path = (
        f"brands/{place.brand}" if place.prefix == own.prefix else f"{folder}brands/{place.brand}"
    )
    return path if place.locale == own.locale else f"{path} in {place.locale}"
