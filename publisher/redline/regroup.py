"""Regrouped text: split, joined, wrapped in a list, or now a heading.

Where neighbouring nodes have no counterparts, their running texts are laid end to end and compared
as one. A text with two counterparts was split; two texts with one counterpart were joined. The
result with fewer marks wins: this one, or nodes side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from publisher.redline.align import ALIKE, TELLING, Pair, alone, matched
from publisher.redline.leaves import Edge, Leaf, Leaves, cut, edges
from publisher.redline.nodes import Node
from publisher.redline.weave import Piece, woven

_GROUPS = frozenset(["paragraph", "heading", "list", "item", "quote"])
_MOVE = 2
"""The cost of either end of a move, in words: text should keep its place if it can."""
_LEVELLED = 25
"""How many characters one text grows and its neighbour shrinks if text may have moved over."""


def regroup(pairs: list[Pair], locale: str) -> None:
    """Regroup pairs, and the pairs in them, where that marks less."""
    _Regrouping(Leaves(locale), _both_ways(pairs)).siblings(pairs)


def _both_ways(pairs: Iterable[Pair]) -> frozenset[object]:
    """Return the words of nodes that seem removed in one place and added in another."""
    seen: tuple[set[object], set[object]] = (set(), set())
    waiting = list(pairs)
    while waiting:
        pair = waiting.pop()
        waiting += pair.inside
        alone = pair.ends is None and not pair.both
        if alone and pair.node.size >= TELLING:
            seen[pair.old is None].add(pair.node.words)
    return frozenset(seen[0] & seen[1])


class _Regrouping:
    """Regroups pairs; `moving` are the words of nodes that seem to have moved."""

    def __init__(self, leaves: Leaves, moving: frozenset[object]) -> None:
        self.leaves = leaves
        self.moving = moving
        self.done: set[int] = set()

    def siblings(self, pairs: list[Pair]) -> None:
        """Regroup neighbouring pairs, and the pairs in them."""
        if id(pairs) in self.done:
            return
        self.done.add(id(pairs))
        clauses = any(pair.node.kind == "clause" for pair in pairs)
        regions = _clause_regions(pairs) if clauses else _regions(pairs)
        for first, last in reversed(list(regions)):
            better = self.better(pairs[first:last])
            if better is not None:
                pairs[first:last] = better
                self.done.update(id(pair.inside) for pair in better)
        for pair in pairs:
            if not pair.same and pair.node.kind != "table":
                self.siblings(pair.inside)

    def better(self, pairs: list[Pair]) -> list[Pair] | None:
        """Return regrouped pairs; None if that does not mark less."""
        today = sum(map(self.cost, pairs))
        olds = [pair.old for pair in pairs if pair.old is not None]
        news = [pair.new for pair in pairs if pair.new is not None]
        if today < _least(olds, news) + 2:
            return None
        self.leaves.twin(pairs)
        one, other = (list(self.leaves.of(nodes)) for nodes in (olds, news))
        grouped = woven(list(_pieces(one, other, edges(one, other))))
        well = all(map(_titled, grouped)) and sum(map(self.cost, grouped)) < today
        return grouped if well and self.proven(grouped, pairs) else None

    def proven(self, grouped: Iterable[Pair], before: Iterable[Pair]) -> bool:
        """Return whether paired clauses were paired before, or share much of a divided clause."""
        known = {(id(pair.old), id(pair.new)) for pair in before}
        clauses = [pair for pair in grouped if pair.node.kind == "clause"]
        times = Counter(id(node) for pair in clauses for node in (pair.old, pair.new) if node)
        for pair in clauses:
            if pair.old is None or pair.new is None or (id(pair.old), id(pair.new)) in known:
                continue
            alone = [node for node in (pair.old, pair.new) if times[id(node)] == 1]
            if len(alone) != 1 or self.kept(pair) < ALIKE * alone[0].size:
                return False
        return True

    def kept(self, pair: Pair) -> int:
        """Return how many words of a pair both policies have."""
        if pair.old is None or pair.new is None or pair.inside:
            return sum(map(self.kept, pair.inside))
        if pair.same:
            return pair.new.size
        if pair.old.run is None or pair.new.run is None:
            return (pair.old.bag & pair.new.bag).total()
        return (pair.old.size + pair.new.size - self.leaves.marked(pair.old, pair.new)) // 2

    def cost(self, pair: Pair) -> int:
        """Return how much is marked: words, and changes of structure."""
        if pair.same or pair.ends is not None:
            return 0
        old, new = pair.old, pair.new
        if old is None or new is None:
            if not pair.partial:
                return _MOVE if pair.node.words in self.moving else max(self.size(pair), 1)
            return (pair.node.kind != "item") + sum(map(self.cost, pair.inside))
        if old.run is None or new.run is None:
            return bool(pair.continued) + sum(map(self.cost, pair.inside))
        shaped = old.words[:2] != new.words[:2]
        return shaped + bool(pair.continued) + self.leaves.marked(old, new)

    def size(self, pair: Pair) -> int:
        """Return how much is marked of a pair that only one policy has."""
        if not pair.inside:
            return pair.node.size
        return sum(map(self.cost, pair.inside))


def _titled(pair: Pair) -> bool:
    """Return whether a clause begins with its only title, before or after."""
    if pair.node.kind != "clause" or pair.same:
        return True
    titles = [
        any(node is not None and node.kind == "title" for node in (inner.old, inner.new))
        for inner in pair.inside
    ]
    return titles[:1] == [True] and sum(titles) == 1


def _least(olds: Iterable[Node], news: Iterable[Node]) -> int:
    """Return how many words must be marked in any order."""
    words: Counter[str] = Counter()
    for node in olds:
        words.update(node.bag)
    for node in news:
        words.subtract(node.bag)
    return sum(map(abs, words.values()))


def _regions(pairs: Sequence[Pair]) -> Iterator[tuple[int, int]]:
    """Yield the spans of pairs that may be in other groups than before."""
    first = 0
    for at, pair in enumerate((*pairs, None)):
        if pair is not None and _open(pair):
            continue
        if at - first > 1 and _telling(pairs[first:at]):
            yield first, at
        first = at + 1


def _open(pair: Pair) -> bool:
    if not _free(pair):
        return False
    return pair.node.kind in _GROUPS or not (pair.both or pair.node.kind in ("title", "note"))


def _free(pair: Pair) -> bool:
    return not (pair.same or pair.ends is not None or pair.partial)


def _clause_regions(pairs: Sequence[Pair]) -> Iterator[tuple[int, int]]:
    """Yield the spans of clauses that only one policy has, with their neighbours."""
    lonely = [_free(pair) and not pair.both for pair in pairs]
    near = [_free(pair) and any(lonely[max(at - 1, 0) : at + 2]) for at, pair in enumerate(pairs)]
    first = 0
    for at, is_near in enumerate((*near, False)):
        if not is_near:
            if at - first > 1 and _telling(pairs[first:at]):
                yield first, at
            first = at + 1


def _telling(pairs: Sequence[Pair]) -> bool:
    """Return whether one policy has more nodes here, or text moved from one node to the next."""
    olds = [pair.old for pair in pairs if pair.old is not None]
    news = [pair.new for pair in pairs if pair.new is not None]
    if len(olds) != len(pairs) or len(news) != len(pairs):
        return bool(olds and news)
    grown = [len(new.text) - len(old.text) for old, new in zip(olds, news, strict=True)]
    return max(grown) >= _LEVELLED and min(grown) <= -_LEVELLED


def _pieces(olds: Sequence[Leaf], news: Sequence[Leaf], kept: Sequence[Edge]) -> Iterator[Piece]:
    """Yield texts, or their common pieces, in the order of both policies."""
    cuts = cut(olds, news, kept)
    at = (0, 0)
    before: Edge | None = None
    for edge, (old, new) in zip(kept, cuts, strict=True):
        yield from _apart(olds[at[0] : edge.old], news[at[1] : edge.new])
        one, other = olds[edge.old], news[edge.new]
        pair = _pair(one, other, old, new)
        if before is not None and before.old == edge.old:
            pair.continued = ("old",)
        elif before is not None and before.new == edge.new:
            pair.continued = ("new",)
        yield Piece(pair, one.path, other.path)
        at = (edge.old + 1, edge.new + 1)
        before = edge
    yield from _apart(olds[at[0] :], news[at[1] :])


def _apart(olds: Iterable[Leaf], news: Iterable[Leaf]) -> Iterator[Piece]:
    for leaf in olds:
        yield Piece(alone(leaf.node, old=True), leaf.path, ())
    for leaf in news:
        yield Piece(alone(leaf.node, old=False), (), leaf.path)


def _pair(one: Leaf, other: Leaf, old: Node, new: Node) -> Pair:
    """Return two texts as one, or the pieces of them."""
    whole = old is one.node and new is other.node
    if whole and old.kind == new.kind:
        return matched(old, new)
    return Pair(old, new, partial=not whole)
