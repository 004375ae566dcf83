"""Running texts laid end to end: which text of one policy shares text with which of the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from publisher.redline.align import ALIKE, TELLING, Pair
from publisher.redline.lcs import stretches
from publisher.redline.nodes import Node
from publisher.redline.segments import Cut
from publisher.redline.tokens import divided, is_word

_ATOMS = frozenset(["table", "definitions"])
"""Kinds of node that are compared whole."""
_MARK = "\n"
"""Stands between two texts; no token is white space."""
_CLOSED = frozenset(".!?…。！？,;:–—、，；：")
"""The end of a sentence, or of a member of one."""
_CLOSING = _CLOSED | frozenset(")]}»”\"’'")
_FEW = 3
"""The number of common words for a sentence of one text to be a whole text of the other."""
_PASSAGE = 8
"""The number of words from which whole sentences can go from one text to another."""


class Leaf:
    """A running text, in the nodes of its `path`; its tokens are compared by their `keys`.

    `cores` are its stretches, from token to token, that leaves of the other policy have, too.
    """

    def __init__(self, node: Node, locale: str) -> None:
        self.node = node
        self.path: tuple[Node, ...] = ()
        self.cores: list[tuple[int, int]] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        if node.run is None:
            self.name(f"\n{node.words!r}", node.size)
        else:
            tokens, self.keys, self.starts = divided(node.text, locale)
            self.words = [int(is_word(token)) for token in tokens]
            self.ends = [
                start + len(token) for start, token in zip(self.starts, tokens, strict=False)
            ]
            self.until = list(accumulate(self.words, initial=0))

    def name(self, name: str, size: int) -> None:
        """Compare a node that is not text by a name, which weighs as much as `size` words."""
        self.keys = [name] * max(size, 1)
        self.words = [1] * len(self.keys)
        self.until = list(accumulate(self.words, initial=0))

    @property
    def size(self) -> int:
        """The number of words."""
        return self.until[-1]

    def between(self, first: int, last: int) -> int:
        """Return how many words there are from one token to another."""
        return self.until[last] - self.until[first]

    def begins(self, at: int) -> bool:
        """Return whether a sentence, a member of one or a line begins at a token."""
        if at == 0 or at >= len(self.keys):
            return True
        space = self.node.text[self.ends[at - 1] : self.starts[at]]
        return self.keys[at - 1] in _CLOSED or "\n" in space

    def bounded(self, first: int, last: int, stray: int) -> bool:
        """Return whether a span of tokens is whole sentences, members or lines, or between cores.

        At most `stray` words may be missing at either end; next to a core, one ("and") may.
        """
        begun = any(map(self.begins, self.near(first, -1, stray)))
        begun = begun or any(
            end <= first and self.between(end, first) <= 1 for _, end in self.cores
        )
        ended = any(map(self.begins, self.near(last, 1, stray)))
        return begun and (
            ended
            or any(last <= start and self.between(last, start) <= 1 for start, _ in self.cores)
        )

    def near(self, at: int, step: int, stray: int) -> Iterator[int]:
        """Yield the places from one on, in either direction, with at most `stray` words between."""
        while 0 <= at <= len(self.keys):
            yield at
            word = self.words[at if step > 0 else at - 1 : at + (step > 0)]
            stray -= sum(word)
            if stray < 0:
                return
            at += step


class Leaves:
    """Makes leaves of nodes, one of each node."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.known: dict[int, tuple[Node, Leaf]] = {}

    def leaf(self, node: Node) -> Leaf:
        """Return the leaf of a node."""
        if id(node) not in self.known:
            self.known[id(node)] = (node, Leaf(node, self.locale))
        return self.known[id(node)][1]

    def of(self, nodes: Iterable[Node], path: tuple[Node, ...] = ()) -> Iterator[Leaf]:
        """Yield the leaves of nodes, and of the nodes in them."""
        for node in nodes:
            if node.run is not None or node.kind in _ATOMS or not node.inside:
                leaf = self.leaf(node)
                leaf.path, leaf.cores = path, []
                yield leaf
            else:
                yield from self.of(node.inside, (*path, node))

    def twin(self, pairs: Iterable[Pair]) -> None:
        """Give tables that are paired the same name, so that they stay paired."""
        for pair in pairs:
            if pair.old is not None and pair.new is not None and pair.node.kind in _ATOMS:
                one, other = self.leaf(pair.old), self.leaf(pair.new)
                for leaf in (one, other):
                    leaf.name(f"\n{id(pair)}", min(one.node.size, other.node.size))
            self.twin(pair.inside)

    def marked(self, old: Node, new: Node) -> int:
        """Return how many words are marked if one text becomes another."""
        one, other = self.leaf(old), self.leaf(new)
        return sum(
            one.between(*stretch.old) + other.between(*stretch.new)
            for stretch in stretches(one.keys, other.keys)
            if not stretch.same
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """Two leaves, by their places, with their common core: a span of tokens of each."""

    old: int
    new: int
    old_core: tuple[int, int]
    new_core: tuple[int, int]


def edges(olds: Sequence[Leaf], news: Sequence[Leaf]) -> list[Edge]:
    """Return the leaves that share enough text to be counterparts, in order."""
    where = (_places(olds), _places(news))
    common: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for stretch in stretches(_laid(olds), _laid(news)):
        if stretch.same:
            for i, j in zip(range(*stretch.old), range(*stretch.new), strict=True):
                (old, at), (new, to) = where[0][i], where[1][j]
                common[old, new].append((at, to))
    candidates = []
    for (old, new), both in common.items():
        one, other = olds[old], news[new]
        core = _core([places for places in both if places[0] < len(one.keys)], one, other)
        if core is not None:
            (i, j), (last_i, last_j) = core
            candidates.append(Edge(old, new, (i, last_i + 1), (j, last_j + 1)))
        elif not one.keys and not other.keys and one.node.kind == other.node.kind:
            candidates.append(Edge(old, new, (0, 0), (0, 0)))
    for edge in candidates:
        olds[edge.old].cores.append(edge.old_core)
        news[edge.new].cores.append(edge.new_core)
    return [edge for edge in candidates if _enough(edge, olds[edge.old], news[edge.new])]


def _laid(leaves: Iterable[Leaf]) -> list[str]:
    return [key for leaf in leaves for key in (*leaf.keys, _MARK)]


def _places(leaves: Iterable[Leaf]) -> list[tuple[int, int]]:
    return [(at, i) for at, leaf in enumerate(leaves) for i in range(len(leaf.keys) + 1)]


Both = tuple[int, int]


def _core(both: Sequence[Both], one: Leaf, other: Leaf) -> tuple[Both, Both] | None:
    """Return the first and the last common tokens of the densest stretch.

    A third of the words between common tokens counts against them, so that stray words stay out.
    """
    best, core, weight, first = 0.0, None, 0.0, 0
    for at, (i, j) in enumerate(both):
        if at:
            before = both[at - 1]
            weight -= (one.between(before[0] + 1, i) + other.between(before[1] + 1, j)) / 3
        if weight <= 0:
            weight, first = 0.0, at
        weight += one.words[i]
        if weight >= best > 0 or weight > best:
            best, core = weight, (both[first], both[at])
    return core


def _enough(edge: Edge, one: Leaf, other: Leaf) -> bool:
    """Return whether the common text makes two leaves, or a piece of one, counterparts."""
    common = min(one.between(*edge.old_core), other.between(*edge.new_core))
    smaller = min(one.size, other.size)
    share = ALIKE if one.node.kind == other.node.kind else 1.25 * ALIKE
    if 2 * common >= share * (one.size + other.size):
        return True
    if common > TELLING and common >= ALIKE * smaller:
        return True
    stray = common // 3
    parts = one.bounded(*edge.old_core, stray), other.bounded(*edge.new_core, stray)
    if all(parts) and (common >= 0.75 * smaller or common >= _PASSAGE):
        return True
    spans = one.between(*edge.old_core), other.between(*edge.new_core)
    return common >= _FEW and any(
        part and 2 * common >= share * (span + whole.size)
        for part, span, whole in zip(parts, spans, (other, one), strict=True)
    )


def cut(
    olds: Sequence[Leaf], news: Sequence[Leaf], kept: Sequence[Edge]
) -> list[tuple[Node, Node]]:
    """Return for each edge the pieces of its two leaves."""
    one = _cut(olds, [(edge.old, edge.old_core) for edge in kept])
    other = _cut(news, [(edge.new, edge.new_core) for edge in kept])
    return list(zip(one, other, strict=True))


def _cut(leaves: Sequence[Leaf], cores: Sequence[tuple[int, tuple[int, int]]]) -> Iterator[Node]:
    """Yield a piece of a leaf around each core; the whole leaf if it has one core."""
    at = 0
    while at < len(cores):
        leaf = leaves[cores[at][0]]
        inside = [core for which, core in cores[at:] if which == cores[at][0]]
        at += len(inside)
        if len(inside) == 1:
            yield leaf.node
            continue
        ends = [_end(leaf, one[1], other[0]) for one, other in pairwise(inside)]
        starts = [0, *(leaf.starts[end] for end in ends), len(leaf.node.text)]
        pieces = Cut(leaf.node.fragments)
        for start, end in pairwise(starts):
            yield leaf.node.piece(pieces.take(end - start))


def _end(leaf: Leaf, first: int, last: int) -> int:
    """Return where a piece ends, between two cores: at the end of a sentence if possible."""
    for at in range(first, last + 1):
        if leaf.begins(at):
            return at
    while first < last and leaf.keys[first] in _CLOSING:
        first += 1
    return first
