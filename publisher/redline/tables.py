"""Two tables side by side: which column of one is which of the other, and which row.

Columns are matched first: by the words of their heads, then by their cells. Rows are matched by
their names, as a reader does: by the first column of names, and among rows of one name by the next.
Other common words of two rows do not count.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from publisher.policy.words import fold
from publisher.redline.lcs import heaviest
from publisher.redline.nodes import Node

Both = tuple[int, int]
"""The places of one column, or of one row, in either table."""

_ALIKE = 0.5
"""How alike two columns must be to match: equal heads count 1, and equal cells 1."""
_RESEMBLING = 0.2
"""The same for columns in one place, between columns that match."""
_FIXED = 0.7
"""The least share of common characters for one word to be the other, misspelt."""
_SHORTEST = 4
"""The fewest letters of a word that can be misspelt; a shorter one is another word."""
_TEXT = 5
"""The number of words from which a name is a text; half of a text may change."""
_REWRITTEN = 0.6
"""The share of a row that must stay if its first text was rewritten."""
_MANY = 10_000
"""The number of pairs of rows above which corrected names are not searched for."""
_WIDE = 40_000
"""The number of pairs of columns above which only those with equal heads, or places, match."""
_NUMBER = re.compile(r"\W*[\d.,:/]+\W*(\s+\w+)?\W*")
"""A number, or one with its unit, which names nothing."""


def cell_places(old: Node, new: Node) -> list[Both]:
    """Return the places of the columns that two tables share; they may cross each other."""
    olds, news = (
        [_Column(table, at) for at in range(len(table.inside[0].inside))] for table in (old, new)
    )
    scores = {(i, j): olds[i].alike(news[j]) for i, j in _candidates(olds, news)}
    matches = _best(scores, _ALIKE, {})
    if not matches and len(olds) == len(news):
        return [(at, at) for at in range(len(olds))]
    ends = len(olds), len(news)
    left = {both: scores[both] for both in _between(matches, ends) if both in scores}
    return sorted(_best(left, _RESEMBLING, matches).items())


def _best(scores: dict[Both, float], least: float, known: dict[int, int]) -> dict[int, int]:
    """Return the known pairs and those with the best scores; among equals, those in place."""
    matches, taken = dict(known), set(known.values())
    for (i, j), score in sorted(
        scores.items(), key=lambda entry: (-entry[1], entry[0][0] != entry[0][1])
    ):
        if score >= least and i not in matches and j not in taken:
            matches[i] = j
            taken.add(j)
    return matches


def _candidates(olds: Sequence[_Column], news: Sequence[_Column]) -> Iterable[Both]:
    """Return the columns to compare: all with all, or, of wide tables, those with equal heads."""
    if len(olds) * len(news) <= _WIDE:
        return product(range(len(olds)), range(len(news)))
    heads = {column.head: at for at, column in enumerate(news)}
    alike = ((at, heads[column.head]) for at, column in enumerate(olds) if column.head in heads)
    return sorted({*alike, *((at, at) for at in range(min(len(olds), len(news))))})


def _between(matches: dict[int, int], ends: Both) -> Iterator[Both]:
    """Yield two unmatched columns wherever just these are between the same columns."""
    pairs = {(-1, -1), ends, *matches.items()}
    taken = {*matches.values()}
    for i, j in pairs:
        if (i + 2, j + 2) in pairs and i + 1 not in matches and j + 1 not in taken:
            yield i + 1, j + 1


class _Column:
    """A column of a table: its head, and the cells below it."""

    def __init__(self, table: Node, at: int) -> None:
        header, *cells = (row.inside[at] for row in table.inside)
        self.head = name(header)
        self.bag = sum((cell.bag for cell in cells), Counter[str]())
        self.telling = len({cell.words for cell in cells}) == len(cells)

    def alike(self, other: _Column) -> float:
        """Return how alike two columns are, by their heads and cells.

        Cells that recur in several rows, such as "yes", count less.
        """
        together = self.bag.total() + other.bag.total()
        same = 2 * (self.bag & other.bag).total() / together if together else 0.0
        same *= 1.0 if self.telling and other.telling else 0.4
        return (1.0 if self.head == other.head else 0.7 * corrected(self.head, other.head)) + same


Rows = Sequence[tuple[int, Node]]
Ranked = Sequence[tuple[Both, bool]]
"""Columns, those with names first; True says that a column has names."""


def row_places(old: Node, new: Node, columns: Iterable[Both]) -> list[Both]:
    """Return the places of the rows that two tables share, the header first; they may cross."""
    olds, news = (list(enumerate(table.inside))[1:] for table in (old, new))
    ranked = [(both, _named(both, (olds, news))) for both in columns]
    ranked.sort(key=lambda entry: not entry[1])
    return [(0, 0), *sorted(_matched(olds, news, ranked))]


def _named(column: Both, rows: tuple[Rows, Rows]) -> bool:
    """Return whether most cells of a column are names, and not numbers, in both tables."""
    for at, side in zip(column, rows, strict=True):
        texts = [fold(row.inside[at].text) for _, row in side]
        names = [text for text in texts if name_like(text)]
        if 2 * len(names) < len(texts):
            return False
    return True


def name_like(text: str) -> bool:
    """Return whether a text can be a name: it has a letter, and is not a number with a unit."""
    return any(map(str.isalpha, text)) and not _NUMBER.fullmatch(text)


def _matched(olds: Rows, news: Rows, columns: Ranked) -> Iterator[Both]:
    """Yield the rows with the same names, then those whose name was corrected."""
    if not columns:
        yield from _in_order(olds, news)
        return
    places, named = columns[0]
    before, after = (_by_name(rows, at) for rows, at in zip((olds, news), places, strict=True))
    for key in before.keys() & after.keys():
        pair = _namesakes if key else _matched  # without a name, they cannot be namesakes
        yield from pair(before.pop(key), after.pop(key), columns[1:])
    left, right = (
        sorted(row for rows in names.values() for row in rows) for names in (before, after)
    )
    yield from _renamed(left, right, places) if named else _in_order(left, right)


def _in_order(olds: Rows, news: Rows) -> Iterator[Both]:
    return ((i, j) for (i, _), (j, _) in zip(olds, news, strict=False))


def same_row(old: Node, new: Node) -> bool:
    """Return whether rows of two tables can be one row that moved: same width, same name."""
    names = ([name(cell) for cell in row.inside] for row in (old, new))
    return len(old.inside) == len(new.inside) and _first(next(names)) == _first(next(names))


def _first(names: Sequence[str]) -> str:
    return next(filter(name_like, names), " ".join(names))


def _by_name(rows: Rows, at: int) -> dict[str, list[tuple[int, Node]]]:
    matches: dict[str, list[tuple[int, Node]]] = defaultdict(list)
    for place, row in rows:
        matches[name(row.inside[at])].append((place, row))
    return matches


def _namesakes(olds: Rows, news: Rows, columns: Ranked) -> Iterator[Both]:
    """Yield the matching rows of one name: the only ones, or those that match by other columns."""
    if len(olds) == len(news) == 1:
        yield olds[0][0], news[0][0]
        return
    matches = list(_matched(olds, news, columns))
    if not matches and 1 in (len(olds), len(news)):
        matches = [
            max(
                ((i, j) for i, _ in olds for j, _ in news),
                key=lambda both: _common(both, dict(olds), dict(news)),
            )
        ]
    yield from matches


def _common(both: Both, olds: dict[int, Node], news: dict[int, Node]) -> int:
    return (olds[both[0]].bag & news[both[1]].bag).total()


def _renamed(olds: Rows, news: Rows, places: Both) -> Iterator[Both]:
    """Yield the rows whose name was corrected, in their order."""
    if len(olds) * len(news) > _MANY:
        return
    weights = [
        (at, to, weight)
        for at, (_, old) in enumerate(olds)
        for to, (_, new) in enumerate(news)
        if (weight := _same_text(old, new, places))
    ]
    for at, to in heaviest(weights, len(news)):
        yield olds[at][0], news[to][0]


def _same_text(old: Node, new: Node, places: Both) -> float:
    """Return how certain it is that a row's name was corrected, or rewritten if it is a text."""
    was, now = name(old.inside[places[0]]), name(new.inside[places[1]])
    weight = corrected(was, now)
    if weight or min(len(was.split()), len(now.split())) < _TEXT - 1:
        return weight
    share = 2 * (old.bag & new.bag).total() / (old.size + new.size)
    return share / 2 if share >= _REWRITTEN else 0.0


def name(cell: Node) -> str:
    """Return a cell's words without case and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(cell.text).casefold())) or fold(cell.text)


def corrected(old: str, new: str) -> float:
    """Return how certain it is that one name is a correction of the other; 0 if it is not.

    A word was misspelt, left out or added; of a text, half of the words may differ.
    """
    was, now = old.split(), new.split()
    common = (Counter(was) & Counter(now)).total()
    if not was or not now:
        return 0.0
    if common == min(len(was), len(now)):
        return 0.5 + common / (len(was) + len(now))
    if min(len(was), len(now)) >= _TEXT:
        share = 2 * common / (len(was) + len(now))
        return share if share >= _ALIKE else 0.0
    differing = [both for both in zip(was, now, strict=False) if both[0] != both[1]]
    return 0.9 if len(was) == len(now) and all(_misspelt(*both) for both in differing) else 0.0


def _misspelt(old: str, new: str) -> bool:
    from rapidfuzz.distance import Indel

    if min(len(old), len(new)) < _SHORTEST or not (old.isalpha() and new.isalpha()):
        return False
    return Indel.normalized_similarity(old, new) >= _FIXED
