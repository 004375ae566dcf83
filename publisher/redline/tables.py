"""Two tables side by side: which column of one is which of the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from publisher.redline.sequences import heaviest, interleaved
from publisher.redline.tree import Node

Column = tuple[int | None, int | None]
"""The places of a column in either table; None where that has none."""


def cells_beside(
    old: Node, new: Node, columns: Sequence[Column]
) -> Iterator[tuple[Node | None, Node | None]]:
    """Yield the cells of two rows side by side, as the columns of their tables are."""
    for i, j in columns:
        yield (old.inside[i] if i is not None else None, new.inside[j] if j is not None else None)


def columns(old: Node, new: Node) -> list[Column]:
    """Return the columns of two tables side by side, by what stands in them."""
    olds, news = ([_column(table, at) for at in range(len(table.inside[0].inside))]
                  for table in (old, new))  # fmt: skip
    if len(olds) == len(news):
        found = [(at, at) for at in range(len(olds))]
    else:
        weights = [(i, j, weight) for i, one in enumerate(olds) for j, other in enumerate(news)
                   if (weight := _alike(one, other))]  # fmt: skip
        found = heaviest(weights, len(news))
    return list(interleaved(range(len(olds)), range(len(news)), found))


def _column(table: Node, at: int) -> tuple[object, Counter[str]]:
    cells = [row.inside[at] for row in table.inside]
    return cells[0].words, sum((cell.bag for cell in cells), Counter())


def _alike(one: tuple[object, Counter[str]], other: tuple[object, Counter[str]]) -> float:
    """Return how alike two columns are: by their heads first, then by what is in them."""
    return 1000.0 * (one[0] == other[0]) + (one[1] & other[1]).total()
