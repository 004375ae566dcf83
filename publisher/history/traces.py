"""Follows policies through commits that move, or rename, what they are kept in.

Where a policy appears that was not at its place before, the tree before the commit is searched for
the same words at another place: a workspace in another folder, a brand under another id, a locale
under another tag. Only a commit with which a policy appears, or its brand becomes another, is
searched, and each once for all policies.

`Checkpoints` remembers how old policies were at a commit, so that a search that comes there ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from functools import lru_cache, partial
from typing import Any

from publisher.files.cache import Cache, key
from publisher.history import CUT, Age, Brought, Former, Subject
from publisher.history.places import Move, Names, policy_at
from publisher.history.replayed import Replayed
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.problem import Problem, warning
from publisher.render.toolchain import tools_digest
from publisher.repository.commits import Commit, Stamp
from publisher.repository.reading import Repository
from publisher.workspace.parsed import brand_file


class Checkpoints:
    """The ages of the policy in a place at the commits that were built.

    `names` are those that it had, which decide how far it is followed. `remarks` is a digest of
    what commits say of earlier ones: where that is different, a commit that comes later may say
    otherwise of one that an age was found at.
    """

    def __init__(self, cache: Cache, place: Place, names: str, remarks: str) -> None:
        self.cache = cache
        self.policy = (place.prefix, place.brand, place.locale, names, remarks)

    def known(self, commit: str) -> Age | None:
        """Return the age that the policy had at a commit, if it was asked for there."""
        stored = None if self.cache.empty else self.cache.get(self._key(commit))
        if stored is None:
            return None
        said = json.loads(stored)
        return Age(
            commit=_commit(said["commit"]),
            appeared=_commit(said["appeared"]),
            clauses={id: _made(*made) for id, made in said["clauses"].items()},
            older={},
            problems=tuple(Problem(**each) for each in said["problems"]),
            at=commit,
            place=said["place"] and Place(*said["place"]),
        )

    def keep(self, age: Age) -> None:
        """Remember an age that was found without a boundary."""
        if age.at is None or self.known(age.at) is not None:
            return
        said = {
            "commit": age.commit and [age.commit.id, age.commit.stamp.time],
            "appeared": age.appeared and [age.appeared.id, age.appeared.stamp.time],
            "clauses": {id: [made.id, made.stamp.time] for id, made in age.clauses.items()},
            "place": age.place and astuple(age.place),
            "problems": [asdict(problem) for problem in age.problems],
        }
        self.cache.put(self._key(age.at), json.dumps(said).encode())

    def _key(self, commit: str) -> str:
        return key("age", tools_digest(), *self.policy, commit)


def _commit(said: list[Any] | None) -> Commit | None:
    return _made(*said) if said else None


def _made(id: str, time: int | None) -> Commit:
    """Return as much of a commit as its day needs."""
    return Commit(id, None, frozenset(), Stamp(time, ()))


class Places:
    """Finds where policies were before; it looks at each commit once.

    `head` is the commit that they are followed from.
    """

    def __init__(self, repository: Repository, head: str, cache: Cache | None = None) -> None:
        self.repository = repository
        self.head = head
        self.cache = cache or Cache(None)
        self.brought = lru_cache(maxsize=None)(self._brought)
        self.log = lru_cache(maxsize=None)(self._log)
        self.move = lru_cache(maxsize=8)(self._move)

    def subject(self, policy: Policy, place: Place, names: Names) -> Subject:
        """Return a policy, in its place, as its age is asked for without a boundary."""
        return Subject(
            policy,
            policy_at(self.repository, place),
            known=self.checkpoints(place, names).known,
            place=place,
            trace=Tracer(self, place, names),
        )

    def checkpoints(self, place: Place, names: Names) -> Checkpoints:
        """Return the ages that are remembered of the policy in a place."""
        remarks = self.repository.remarks(self.head).digest
        return Checkpoints(self.cache, place, repr(names), remarks)

    def _brought(self, prefix: str) -> Brought:
        brought = self.repository.under(prefix).brought
        return lru_cache(maxsize=64)(partial(brought, self.head))

    def _log(self, prefix: str, commit: str) -> Replayed:
        return Replayed(self.repository.under(prefix).log(commit, self.head))

    def _move(self, commit: str, parent: str) -> Move:
        return Move(self.repository, commit, parent)


@dataclass(frozen=True, slots=True)
class Tracer:
    """Tells where the policy in a place comes from; `names` are those that it had, as declared."""

    places: Places
    place: Place
    names: Names

    def __call__(
        self, commit: Commit, before: Policy | None, policy: Policy
    ) -> Former | Problem | None:
        """Return where a policy was before a commit, or that this cannot be told.

        It is where the tree before the commit has the same words, at a place that the commit took
        away; or else at a place that has a name which the policy is declared to have had. A policy
        that was there `before` came from elsewhere only if its brand is another one since.
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
        found = self._nearest([place for place in same if place in declared] or same or declared)
        if len(found) == 1:
            return self._former(move, found[0])
        if found:
            return self._cut(move, found, "each had these words" if same else "are both declared")
        earlier = self._earlier(move)
        if earlier is not None:
            return earlier
        copied = self._with_words(move, policy, self._copied(move, policy))
        if copied:
            return self._cut(move, copied, "had the same words, and stayed there")
        doubts = self._doubtful(move)
        return self._cut(move, doubts, "had other words") if doubts else None

    def _nearest(self, places: list[Place]) -> list[Place]:
        """Return those of some places that have most in common with the policy's own."""

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
        """Return the places that the commit took away, and that had the words of a policy."""
        departed = self._departed(move, words_digest(policy))
        return self._with_words(move, policy, self._moved(move)) or self._with_words(
            move, policy, departed
        )

    def _with_words(self, move: Move, policy: Policy, likely: Iterable[Place]) -> list[Place]:
        """Return those of some places that had the words of a policy, and its language."""
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
        """Yield the policy's own place in other workspaces from which the commit took it away."""
        for prefix in move.folders:
            if move.gone(prefix, self.place.brand):
                yield replace(self.place, prefix=prefix)

    def _copied(self, move: Move, policy: Policy) -> Iterator[Place]:
        """Yield the policy's own place in other workspaces, where that is the very brand."""
        name = (policy.brand.name, policy.brand.domain)
        for prefix in move.folders:
            if move.name(prefix, self.place.brand, move.parent) == name:
                yield replace(self.place, prefix=prefix)

    def _departed(self, move: Move, digest: str) -> Iterator[Place]:
        """Yield where brands and locales were that the commit took away, with some words."""
        for prefix in move.folders:
            yield from move.by_words(prefix).get(digest, ())
            yield from self._retagged(move, prefix)

    def _retagged(self, move: Move, prefix: str) -> Iterator[Place]:
        """Yield where the brand's own locales were that are gone, and may be the same."""
        brand = self.place.brand
        now = move.tongues(self.place.prefix, brand, move.commit)
        for tag in move.tongues(prefix, brand, move.parent):
            if tag not in now and self._speaks(tag):
                yield Place(prefix, brand, tag)

    def _declared(self, move: Move) -> Iterator[Place]:
        """Yield the places that have the names which the policy is declared to have had."""
        own = self.place
        tags = (own.locale, *self.names.former(own.locale))
        for prefix in move.folders:
            for brand in dict.fromkeys((own.brand, *self.names.brands)):
                for tag in tags if brand in move.brands(prefix, move.parent) else ():
                    if (brand, tag) != (own.brand, own.locale):
                        yield Place(prefix, brand, tag)

    def _doubtful(self, move: Move) -> tuple[Place, ...]:
        """Return where the policy may have been: what the commit took away, and says another."""
        own = self.place
        found = [*self._retagged(move, own.prefix)]
        if own.brand in move.brands(own.prefix, move.parent):
            return tuple(found)
        for prefix in move.folders:
            gone = [brand for brand in move.left(prefix) if move.gone(prefix, brand)]
            if own.brand in gone or prefix == own.prefix or own.prefix not in move.folders:
                brands = [own.brand] if own.brand in gone else gone
                found += [
                    Place(prefix, brand, own.locale)
                    for brand in brands
                    if self._spoke(move, prefix, brand)
                ]
        return tuple(found)

    def _spoke(self, move: Move, prefix: str, brand: str) -> bool:
        """Return whether a brand had the policy's language before the commit, or may have had."""
        tongues = move.tongues(prefix, brand, move.parent)
        return not tongues or any(map(self._speaks, tongues))

    def _cut(self, move: Move, places: Sequence[Place], why: str) -> Problem:
        listed = ", ".join(_said(place, self.place) for place in places[:3])
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
            return f"if it is the same brand, write `was: [{place.brand}]`; else {baseline}"
        if place.locale != own.locale:
            declared = f"`was_locales: {{{own.locale}: [{place.locale}]}}`"
            return f"if it is the same policy, write {declared}; else {baseline}"
        return baseline

    def _earlier(self, move: Move) -> Former | None:
        """Return where the policy was under a former name, if that went before the commit."""
        own = self.place
        names = [name for name in self.names.brands if name != own.brand]
        if not names or move.brands(own.prefix, move.parent).intersection((own.brand, *names)):
            return None
        under = self.places.repository.under(own.prefix)
        newest = under.touching(move.parent, map(brand_file, names), 1)
        if not newest:
            return None
        (commit,) = under.commits(newest)
        brand = next(name for name in names if brand_file(name) in commit.changed)
        return self._former(move, replace(own, brand=brand))

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
            places.log(place.prefix, move.parent) if elsewhere else None,
        )


def _language(tag: str) -> str:
    return tag.partition("-")[0]


def _said(place: Place, own: Place) -> str:
    """Return a place, as far as it differs from where the policy is."""
    folder = f"{place.prefix}/" if place.prefix else ""
    path = (
        f"brands/{place.brand}" if place.prefix == own.prefix else f"{folder}brands/{place.brand}"
    )
    return path if place.locale == own.locale else f"{path} in {place.locale}"
