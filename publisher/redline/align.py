"""Nodes side by side: which node of one policy is which of the other, and what moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from publisher.policy.kinds import shape
from publisher.redline.lcs import heaviest, interleaved, rising, stretches
from publisher.redline.nodes import Node
from publisher.redline.tables import cell_places, row_places, same_row
from publisher.redline.values import Side

ALIKE = 0.4
"""The share of common words from which two nodes in one place are one node that changed.

Three quarters of the shorter one's words in the other are enough, too: text was cut or added.
"""
MOVED = 0.6
"""The share of common words from which a node elsewhere is the same node, moved."""
TELLING = 4
"""The number of common words that a move requires; within a list equal words are enough."""
_MANY = 10_000
"""The number of pairs above which only nodes that share a rare word are compared."""
PLAIN = 0.7
"""The share of common characters, in order, that decides without a closer comparison."""
_LONG = 100_000_000
"""The product of two texts' lengths above which common characters are not counted."""
_FEW = 400
"""The number of pairs up to which a changed node may count for more than an unchanged one."""
_ALWAYS = frozenset(["title", "header", "term"])
"""Kinds of node that occur once in the node around them."""
_MOVABLE = frozenset(
    ["paragraph", "heading", "list", "item", "quote", "table", "row", "definitions", "definition"]
)


@dataclass(eq=False)
class Pair:
    """A node of either policy, or of both, with its content; `ends` are the two of a move.

    `publisher.redline.weave` explains `continued` and `partial`. Cells of one column move `along`
    with each other: they share that object.
    """

    old: Node | None
    new: Node | None
    inside: list[Pair] = field(default_factory=list)
    same: bool = False
    ends: tuple[Pair, Pair] | None = None
    continued: tuple[Side, ...] = ()
    partial: bool = False
    along: object = None

    @property
    def stays(self) -> bool:
        """Whether the node is the same, in the same place."""
        return self.same and self.ends is None

    @property
    def both(self) -> bool:
        """Whether both policies have the node."""
        return self.old is not None and self.new is not None

    @property
    def node(self) -> Node:
        """The node as the newer policy has it."""
        return self.new or self.old  # type: ignore[return-value]


def matched(old: Node, new: Node) -> Pair:
    """Return two nodes of a kind as one, with their content side by side."""
    if old.whole == new.whole and (old.form.titles is new.form.titles or old.words == new.words):
        return Pair(old, new, same=True)
    if old.run is not None or new.run is not None:
        return Pair(old, new, same=old.words == new.words and old.marks == new.marks)
    if old.kind == "table":
        inside = _table(old, new)
    elif old.kind in ("row", "header"):  # of tables with as many columns
        inside = crossed(old.inside, new.inside, ((at, at) for at in range(len(old.inside))))
    else:
        inside = [side_by_side(*both) for both in in_order(old.inside, new.inside)]
    same = all(pair.stays for pair in inside) and shape(old.whole) == shape(new.whole)
    return Pair(old, new, inside, same)


def alone(node: Node, *, old: bool) -> Pair:
    """Return a node that only one of the policies has."""
    inside = [alone(inner, old=old) for inner in node.inside]
    return Pair(node, None, inside) if old else Pair(None, node, inside)


def _table(old: Node, new: Node) -> list[Pair]:
    """Return the rows of two tables side by side, with the same pairs of columns in each."""
    columns = cell_places(old, new)

    def row(one: Node, other: Node) -> Pair:
        cells = crossed(one.inside, other.inside, columns)
        return Pair(one, other, cells, all(cell.stays for cell in cells))

    return crossed(old.inside, new.inside, row_places(old, new, columns), row)


def crossed(
    olds: Sequence[Node],
    news: Sequence[Node],
    known: Iterable[tuple[int, int]],
    match: Callable[[Node, Node], Pair] = matched,
) -> list[Pair]:
    """Return nodes side by side, given their places in both; those that crossed others moved."""
    places = sorted(known, key=itemgetter(1))
    stayed = rising([i for i, _ in places])
    in_place = [both for at, both in enumerate(places) if at in stayed]
    pairs = [
        side_by_side(one, other) if one is None or other is None else match(one, other)
        for one, other in interleaved(olds, news, in_place)
    ]
    ends = {id(node): pair for pair in pairs for node in (pair.old, pair.new)}
    for at, both in enumerate(places):
        if at not in stayed:
            old, new = olds[both[0]], news[both[1]]
            join(ends[id(old)], ends[id(new)], match(old, new), both)
    return pairs


def side_by_side(old: Node | None, new: Node | None) -> Pair:
    """Return the pair of two nodes, or of the only one."""
    if old is not None and new is not None:
        return matched(old, new)
    return alone(old, old=True) if old is not None else alone(new, old=False)  # type: ignore[arg-type]


def in_order(
    olds: Sequence[Node], news: Sequence[Node]
) -> Iterator[tuple[Node | None, Node | None]]:
    """Yield nodes side by side, in the order of both sequences; None stands for no counterpart."""
    if len(olds) == len(news) and all(map(_plainly, olds, news)) and _unmoved(olds, news):
        return iter(zip(olds, news, strict=True))
    pairs = _in_place(olds, news)
    if len(pairs) < min(len(olds), len(news)) and len(olds) * len(news) <= _FEW:
        pairs = max(pairs, _likeliest(olds, news), key=lambda choice: _stayed(choice, olds, news))
    return interleaved(olds, news, pairs)


def _in_place(olds: Sequence[Node], news: Sequence[Node]) -> list[tuple[int, int]]:
    """Return the places of nodes with equal words, in order, and of changed ones between them."""
    known: dict[object, int] = {}
    keys = [[known.setdefault(n.words, len(known)) for n in nodes] for nodes in (olds, news)]
    pairs: list[tuple[int, int]] = []
    for stretch in stretches(*keys):
        if stretch.same:
            pairs += zip(range(*stretch.old), range(*stretch.new), strict=True)
        else:
            likeliest = _likeliest(olds[slice(*stretch.old)], news[slice(*stretch.new)])
            pairs += [(i + stretch.old[0], j + stretch.new[0]) for i, j in likeliest]
    return pairs


def _stayed(pairs: Iterable[tuple[int, int]], olds: Sequence[Node], news: Sequence[Node]) -> float:
    """Return how many words keep their place with these pairs."""
    return sum(likeness(olds[i], news[j], ALIKE) or 0 for i, j in pairs)


def _likeliest(olds: Sequence[Node], news: Sequence[Node]) -> list[tuple[int, int]]:
    """Return the places of nodes that changed into each other: the most common words, in order."""
    if not olds or not news:
        return []
    candidates = []
    numbers = [Counter(node.words for node in nodes) for nodes in (olds, news)]
    kept = {words for words, number in numbers[0].items() if numbers[1][words] == number}
    for i, j in _worth_a_look(olds, news):
        one, other = olds[i].words, news[j].words
        if one != other and (one in kept or other in kept):
            continue  # an equal one is elsewhere: it moved
        common = likeness(olds[i], news[j], ALIKE)
        if common is not None:
            candidates.append((i, j, common))
    return heaviest(candidates, len(news))


def _plainly(old: Node, new: Node) -> bool:
    """Return whether two nodes are equal, or plainly alike."""
    if old.kind != new.kind:
        return False
    if old.whole == new.whole:
        return True
    if old.run is None:
        same = sum(map(_plainly, old.inside, new.inside))
        return same >= PLAIN * max(len(old.inside), len(new.inside), 1)
    if len(old.text) * len(new.text) > _LONG:
        return False
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(old.text, new.text, score_cutoff=PLAIN) > 0


def _unmoved(olds: Sequence[Node], news: Sequence[Node]) -> bool:
    """Return whether no node has the words that another one had."""
    both = [(old, new) for old, new in zip(olds, news, strict=True) if old.whole != new.whole]
    return len(both) < 2 or {old.words for old, _ in both}.isdisjoint(new.words for _, new in both)


def likeness(old: Node, new: Node, share: float) -> float | None:
    """Return how many words two nodes have in common; None for different nodes."""
    if old.kind != new.kind:
        return None
    if old.kind in _ALWAYS:
        return 1.0 + old.size + new.size
    together, shorter = old.size + new.size, min(old.size, new.size)
    common = (old.bag & new.bag).total()
    if old.kind in ("table", "definition") and old.inside[0].words == new.inside[0].words:
        return common + 0.5
    if old.kind == "note" or 2 * common >= share * together > 0:
        return common + 0.5
    return common if common > TELLING and common >= 0.75 * shorter else None


def _worth_a_look(olds: Sequence[Node], news: Sequence[Node]) -> Iterator[tuple[int, int]]:
    """Yield pairs of indices: all or, if there are many, those whose nodes share a rare word."""
    if len(olds) * len(news) <= _MANY:
        yield from ((i, j) for i in range(len(olds)) for j in range(len(news)))
        return
    seen = Counter(word for node in (*olds, *news) for word in node.bag)
    where: dict[str, list[int]] = defaultdict(list)
    for j, node in enumerate(news):
        for word in _rarest(node, seen):
            where[word].append(j)
    for i, node in enumerate(olds):
        near = {j for word in _rarest(node, seen) for j in where.get(word, ())[:20]}
        yield from ((i, j) for j in sorted(near))


def _rarest(node: Node, seen: Counter[str]) -> list[str]:
    shared = (word for word in node.bag if seen[word] > 1)
    return sorted(shared, key=lambda word: (seen[word], word))[:6]


# --- moves ---------------------------------------------------------------------------------------


def find_moves(pairs: Sequence[Pair]) -> list[Pair]:
    """Match nodes that seem removed in one place and added in another, in any clause.

    Return one end of each move.
    """
    removed = list(_alone(pairs, lambda pair: pair.new is None))
    added = list(_alone(pairs, lambda pair: pair.old is None))
    if not removed or not added:
        return []
    above = {id(single): parents for single, parents in (*removed, *added)}
    olds = [pair for pair, _ in removed]
    news = [pair for pair, _ in added]
    ranked = []
    for i, j in _worth_a_look([pair.node for pair in olds], [pair.node for pair in news]):
        weight = _moved(olds[i], news[j], above)
        if weight is not None:
            ranked.append((-weight, i, j))
    taken: set[int] = set()
    moved = []
    for _, i, j in sorted(ranked):
        ends = olds[i], news[j]
        if any(id(end) in taken for end in ends):
            continue
        for end in ends:
            taken.update(id(inner) for inner in _below(end))
            taken.update(map(id, above[id(end)]))
        join(*ends, matched(olds[i].node, news[j].node))
        moved.append(ends[0])
    return moved


def join(removed: Pair, added: Pair, both: Pair, along: object = None) -> None:
    """Turn a removed and an added pair into the two ends of a move, with the content of `both`."""
    ends = removed, added
    for end in ends:
        end.old, end.new, end.inside, end.same = both.old, both.new, both.inside, both.same
        end.ends, end.along = ends, along


def _alone(
    pairs: Iterable[Pair], wanted: Callable[[Pair], bool]
) -> Iterator[tuple[Pair, tuple[Pair, ...]]]:
    """Yield the pairs of one policy that may have moved, each with the pairs around it."""
    waiting: list[tuple[Pair, tuple[Pair, ...]]] = [(top, ()) for top in pairs]
    while waiting:
        pair, parents = waiting.pop()
        if pair.ends is not None:
            continue
        if wanted(pair) and pair.node.kind in _MOVABLE and not pair.partial:
            yield pair, parents
        waiting += ((inner, (*parents, pair)) for inner in reversed(pair.inside))


def _below(pair: Pair) -> Iterator[Pair]:
    yield pair
    for inner in pair.inside:
        yield from _below(inner)


def _moved(one: Pair, other: Pair, above: dict[int, tuple[Pair, ...]]) -> float | None:
    """Return how certain it is that one node moved; None for different nodes."""
    old, new = one.node, other.node
    if old.kind != new.kind or (old.kind == "row" and not same_row(old, new)):
        return None
    if old.words == new.words:
        siblings = bool(above[id(one)]) and above[id(one)] == above[id(other)]
        return 1000.0 + old.size if old.size >= TELLING or (siblings and old.size) else None
    common = (old.bag & new.bag).total()
    return (
        float(common) if common > TELLING and 2 * common >= MOVED * (old.size + new.size) else None
    )
