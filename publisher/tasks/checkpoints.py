"""Remembers how old policies were at a commit, so that a search that comes there may end."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple
from typing import Any

from publisher.cache import Cache, key
from publisher.history import Age
from publisher.model.dating import Commit, Place, Stamp
from publisher.model.problem import Problem
from publisher.render.tools import tools_digest


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
