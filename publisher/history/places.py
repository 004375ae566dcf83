"""The places of policies: a workspace's folder, a brand's id, a locale; and moves between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from publisher.compose.policy import Composition, composition
from publisher.errors import InvalidPolicy
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.repository.reading import Repository
from publisher.repository.source import TreeSource
from publisher.workspace import brands_in, identity, load, reload
from publisher.workspace.facts import Brand


@dataclass(frozen=True, slots=True)
class Names:
    """The ids that a brand had before, and the tags that each of its locales had."""

    brands: tuple[str, ...] = ()
    locales: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, brand: Brand) -> Names:
        """Return the former names that a brand's file declares."""
        return cls(brand.was, tuple(sorted(brand.was_locales.items())))

    def former(self, locale: str) -> tuple[str, ...]:
        """Return the tags that a locale had before."""
        return dict(self.locales).get(locale, ())


class PolicyAt:
    """Composes the policy in one place at any commit.

    The last result is kept: a neighbouring commit changes little of it.
    """

    def __init__(self, repository: Repository, brand: str, locale: str) -> None:
        self.repository = repository
        self.brand = brand
        self.locale = locale
        self._last: tuple[TreeSource, Composition] | None = None

    def __call__(self, commit: str) -> Policy | None:
        """Return the policy at a commit, given by its id; None if it is missing."""
        source = tree_at(self.repository, commit)
        before, near = self._last or (source, None)
        workspace = reload(near.workspace, before, source) if near is not None else None
        if workspace is None:
            workspace = load(source, (self.brand,))
        parsed = workspace.brands.get(self.brand)
        if parsed is None or (parsed.value and self.locale not in parsed.value.locales):
            return None
        composed = composition(workspace, self.brand, self.locale, near)
        self._last = source, composed
        return composed.policy


def policy_at(repository: Repository, place: Place) -> PolicyAt:
    """Return the composer of the policy in a place."""
    return PolicyAt(repository.under(place.prefix), place.brand, place.locale)


def tree_at(repository: Repository, commit: str) -> TreeSource:
    """Return the files below the repository's prefix at a past commit, given by its id."""
    return TreeSource(repository, repository.tree(commit), repository.prefix, past=True)


class Move:
    """A commit, and the policies that it removes from their places."""

    def __init__(self, repository: Repository, commit: str, parent: str) -> None:
        self.repository = repository
        self.commit = commit
        self.parent = parent
        self.folders = repository.workspaces(parent)
        self.left = lru_cache(maxsize=None)(self._left)
        self.at = lru_cache(maxsize=None)(self._at)
        self.tongues = lru_cache(maxsize=None)(self._tongues)
        self.brands = lru_cache(maxsize=None)(self._brands)
        self.by_words = lru_cache(maxsize=None)(self._by_words)

    def source(self, prefix: str, commit: str) -> TreeSource:
        """Return the files of a workspace at a commit."""
        return tree_at(self.repository.under(prefix), commit)

    def _brands(self, prefix: str, commit: str) -> frozenset[str]:
        try:
            return frozenset(brands_in(self.source(prefix, commit)))
        except InvalidPolicy:
            return frozenset()

    def name(self, prefix: str, brand: str, commit: str) -> tuple[str, str] | None:
        """Return the name and domain of a brand at a commit; None if it has none."""
        about = identity(self.source(prefix, commit), brand)
        return (about.name, about.domain) if about is not None else None

    def _tongues(self, prefix: str, brand: str, commit: str) -> tuple[str, ...]:
        """Return the locales of a brand at a commit."""
        if brand not in self.brands(prefix, commit):
            return ()
        value = load(self.source(prefix, commit), (brand,)).brands[brand].value
        return value.locales if value is not None else ()

    def removed(self, prefix: str, brand: str) -> bool:
        """Return whether the commit removed a brand."""
        before, after = self.brands(prefix, self.parent), self.brands(prefix, self.commit)
        return brand in before and brand not in after

    def _left(self, prefix: str) -> tuple[str, ...]:
        """Return the brands of a workspace that the commit removed, or gave another name."""
        before, after = self.source(prefix, self.parent), self.source(prefix, self.commit)
        return tuple(
            brand
            for brand in sorted(self.brands(prefix, self.parent))
            if before.id(f"brands/{brand}") != after.id(f"brands/{brand}")
            and (
                self.removed(prefix, brand)
                or self.name(prefix, brand, self.parent) != self.name(prefix, brand, self.commit)
            )
        )

    def _at(self, place: Place) -> Policy | None:
        """Return the policy at a place before the commit; None if it is missing or has errors."""
        try:
            return policy_at(self.repository, place)(self.parent)
        except InvalidPolicy:
            return None

    def _by_words(self, prefix: str) -> Mapping[str, tuple[Place, ...]]:
        """Return the former places of brands of a workspace, by the digest of their words."""
        places: dict[str, list[Place]] = defaultdict(list)
        for brand in self.left(prefix):
            for locale in self.tongues(prefix, brand, self.parent):
                place = Place(prefix, brand, locale)
                policy = self.at(place)
                if policy is not None:
                    places[words_digest(policy)].append(place)
        return {digest: tuple(same) for digest, same in places.items()}
