"""Running texts in the order of both policies → one tree, with the nodes of both around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from publisher.policy.kinds import shape
from publisher.redline.align import Pair
from publisher.redline.nodes import Node
from publisher.redline.values import SIDES, Side

Around = tuple[Node | None, Node | None]
"""A node of either policy, or of both, around a text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text, or a piece of one, of either policy or both, with the nodes around it in each."""

    pair: Pair
    old: tuple[Node, ...]
    new: tuple[Node, ...]


def woven(pieces: Sequence[Piece]) -> list[Pair]:
    """Return pieces in the nodes around them.

    A node of one policy whose pieces are in two nodes of the other has two pairs, the second one
    `continued`. A node without counterpart surrounds them in its own policy alone. Both are
    `partial`: their content is not all, or not only, the content of the node.
    """
    shared = _shared(pieces)
    paths = _paths(pieces, shared)
    tops: list[Pair] = []
    stack: list[tuple[Around, Pair]] = []
    times: Counter[int] = Counter()
    for piece, path in zip(pieces, paths, strict=True):
        depth = _common(path, [around for around, _ in stack])
        del stack[depth:]
        for around in path[depth:]:
            pair = Pair(*around)
            pair.continued = _continued(around, times)
            (stack[-1][1].inside if stack else tops).append(pair)
            stack.append((around, pair))
        (stack[-1][1].inside if stack else tops).append(piece.pair)
    for pair in tops:
        _close(pair, times)
    return tops


def _continued(around: Around, times: Counter[int]) -> tuple[Side, ...]:
    again = tuple(
        side for side, node in zip(SIDES, around, strict=True) if node and times[id(node)]
    )
    times.update(id(node) for node in around if node is not None)
    return again


def _close(pair: Pair, times: Counter[int]) -> bool:
    """Set whether a pair, and the pairs in it, are partial, and whether they are the same.

    Return whether it has any content of both policies.
    """
    old, new = pair.old, pair.new
    if pair.node.run is not None or not pair.inside or pair.same:
        return old is not None and new is not None
    shared = [_close(inner, times) for inner in pair.inside]
    again = any(times[id(node)] > 1 for node in (old, new) if node is not None)
    if old is None or new is None:
        pair.partial = again or any(shared)
        return any(shared)
    pair.partial = again
    pair.same = (
        not again
        and shape(old.whole) == shape(new.whole)
        and all(inner.same for inner in pair.inside)
    )
    return True


# --- which nodes are each other's -----------------------------------------------------------------


def _shared(pieces: Sequence[Piece]) -> Counter[tuple[int, int]]:
    """Return how many words two nodes have in common, by their identities."""
    shared: Counter[tuple[int, int]] = Counter()
    for piece in pieces:
        if piece.pair.both:
            size = min(piece.pair.old.size, piece.pair.new.size) + 1  # type: ignore[union-attr]
            for old in piece.old:
                for new in piece.new:
                    if old.kind == new.kind:
                        shared[id(old), id(new)] += size
    return shared


def _paths(pieces: Sequence[Piece], shared: Counter[tuple[int, int]]) -> list[list[Around]]:
    """Return the nodes of both policies around each piece, the outermost first."""
    paths: list[list[Around]] = []
    before: list[Around] = []
    for piece in pieces:
        if piece.pair.both:
            before = _merged(piece.old, piece.new, before, shared)
        paths.append(before if piece.pair.both else [])
    before = []
    for at, (piece, ahead) in enumerate(zip(pieces, _ahead(pieces, paths), strict=True)):
        if not piece.pair.both:
            paths[at] = _placed(piece, before, ahead)
        before = paths[at]
    return paths


@dataclass(frozen=True, slots=True)
class _Ahead:
    """The surroundings after a piece: of the next piece of either policy, and of both."""

    nodes: tuple[tuple[Node, ...], tuple[Node, ...]] = ((), ())
    path: tuple[Around, ...] = ()
    titled: bool = False


def _ahead(pieces: Sequence[Piece], paths: Sequence[list[Around]]) -> list[_Ahead]:
    """Return the surroundings after each piece."""
    aheads: list[_Ahead] = []
    here = _Ahead()
    for piece, around in zip(reversed(pieces), reversed(paths), strict=True):
        aheads.append(here)
        old = here.nodes[0] if piece.pair.old is None else piece.old
        new = here.nodes[1] if piece.pair.new is None else piece.new
        if piece.pair.both:
            titled = any(node.kind == "title" for node in (piece.pair.old, piece.pair.new) if node)
            here = _Ahead((old, new), tuple(around), titled)
        else:
            here = _Ahead((old, new), here.path, here.titled)
    return aheads[::-1]


def _merged(
    olds: Sequence[Node],
    news: Sequence[Node],
    before: Sequence[Around],
    shared: Counter[tuple[int, int]],
) -> list[Around]:
    """Return the nodes around a piece of both policies: those before, as far as they continue."""
    kept = i = j = 0
    for here, (old, new) in enumerate(before, 1):
        if old is None or new is None:
            continue
        if old not in olds[i:] or new not in news[j:]:
            break
        i, j, kept = olds.index(old) + 1, news.index(new) + 1, here
    lead = _lead(before[:kept], olds[:i], news[:j])
    return [*lead, *_aligned(olds[i:], news[j:], shared)]


def _lead(before: Sequence[Around], olds: Sequence[Node], news: Sequence[Node]) -> list[Around]:
    """Return the earlier nodes that are around this piece, too, up to the last of both policies."""
    return [
        (old, new)
        for old, new in before
        if (old is None or old in olds) and (new is None or new in news)
    ]


def _aligned(
    olds: Sequence[Node], news: Sequence[Node], shared: Counter[tuple[int, int]]
) -> list[Around]:
    """Return the nodes around a piece in the order of both; the most alike become one."""
    best: dict[tuple[int, int], tuple[float, list[Around]]] = {}
    for i in range(len(olds), -1, -1):
        for j in range(len(news), -1, -1):
            choices: list[tuple[float, list[Around]]] = []
            if i < len(olds):
                weight, rest = best[i + 1, j]
                choices.append((weight, [(olds[i], None), *rest]))
            if j < len(news):
                weight, rest = best[i, j + 1]
                choices.append((weight, [(None, news[j]), *rest]))
            if i < len(olds) and j < len(news) and olds[i].kind == news[j].kind:
                weight, rest = best[i + 1, j + 1]
                alike = shared[id(olds[i]), id(news[j])] / (olds[i].size + news[j].size + 1)
                choices.append((weight + alike, [(olds[i], news[j]), *rest]))
            best[i, j] = max(choices, key=lambda choice: choice[0], default=(0.0, []))
    return best[0, 0][1]


def _placed(piece: Piece, before: Sequence[Around], ahead: _Ahead) -> list[Around]:
    """Return the nodes around a piece of one policy, and choose those of the other policy.

    The piece stays with the one before it, or joins the one after it, where they share a node. A
    node of the other policy cannot begin here if another piece of that policy comes first.
    """
    side = 0 if piece.pair.new is None else 1
    nodes = (piece.old, piece.new)[side]
    there = [around[1 - side] for around in before] + [None, *ahead.nodes[1 - side]]
    behind = list(takewhile(lambda around: around[1 - side] in there, ahead.path))
    if ahead.titled and piece.pair.node.kind == "title":
        behind = []  # a clause has one title
    leads = [_entered(path, nodes, side) for path in (before, behind)]
    lead, number = max(leads, key=lambda lead: lead[1])
    rest = [(node, None) if side == 0 else (None, node) for node in nodes[number:]]
    return [*lead, *rest]


def _entered(path: Sequence[Around], nodes: Sequence[Node], side: int) -> tuple[list[Around], int]:
    """Return the start of a path that also surrounds the nodes, and how many of them it covers."""
    number = kept = 0
    for at, around in enumerate(path, 1):
        if around[side] is None:
            continue
        if number == len(nodes) or around[side] is not nodes[number]:
            break
        number, kept = number + 1, at
    return list(path[:kept]), number


def _common(path: Sequence[Around], other: Sequence[Around]) -> int:
    """Return how many nodes two paths share at their start."""
    pairs = zip(path, other, strict=False)
    for at, (one, two) in enumerate(pairs):
        if one[0] is not two[0] or one[1] is not two[1]:
            return at
    return min(len(path), len(other))
