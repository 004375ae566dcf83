"""A table of a redline → HTML: the columns of both policies beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.model.redline import Part, opened
from publisher.render.redline.told import scrolled

if TYPE_CHECKING:
    from publisher.render.redline.view import View

_NOTHING = Markup("")
Column = tuple[int | None, int | None]
"""The places of a column in the old table and in the new one; None where that has none."""


def table(view: View, part: Part) -> Markup:
    """Return a table, in a frame that scrolls on a narrow screen.

    A row that only one of the policies has lacks the cells of the other one's columns.
    """
    header, *rows = opened(part).parts
    columns = [place for _, place in _numbered(header) if view.side is None or _in(place, view)]
    head = _row(view, header, columns, part)
    body = _NOTHING.join(_row(view, each, columns, part) for each in view.shown(rows))
    if body:  # an element without rows is no structure that a PDF may have
        body = Markup("<tbody>\n{}</tbody>\n").format(body)
    whole = Markup("{}<table>\n<thead>\n{}</thead>\n{}</table></div>")
    return whole.format(scrolled(view.runs.labels), head, body)


def _in(column: Column, view: View) -> bool:
    return column[0 if view.side == "old" else 1] is not None


def _numbered(row: Part) -> Iterator[tuple[Part, Column]]:
    """Yield the cells of a row, each with its place in the old row and in the new one."""
    before = after = 0
    for cell in opened(row).parts:
        old = None if cell.old is None else before
        new = None if cell.new is None else after
        yield cell, (old, new)
        before, after = before + (old is not None), after + (new is not None)


def _row(view: View, row: Part, columns: list[Column], table: Part) -> Markup:
    name = "th" if row.kind == "header" else "td"
    inside, head = view.inside(row), view.head(row)
    cells = [each for each in _numbered(row) if inside.side is None or _in(each[1], inside)]
    scope = Markup(' scope="col"') if name == "th" else _NOTHING
    written = []
    for column in columns:
        here = [cell for cell, place in cells if _here(place, column, inside)]
        text = _NOTHING.join(map(inside.run, here))
        marked = _class(table, column, here)
        cell = Markup("<{0}{1}{2}>{3}{4}</{0}>")
        written.append(cell.format(name, scope, marked, head, text))
        head = _NOTHING
    return Markup("<tr{}>{}</tr>\n").format(status(row), _NOTHING.join(written))


def _here(place: Column, column: Column, view: View) -> bool:
    """Return whether a cell is in a column: by its place in the new table, if it has one there."""
    if view.side == "old" or place[1] is None:
        return place[0] == column[0]
    return place[1] == column[1]


def _class(table: Part, column: Column, cells: list[Part]) -> Markup:
    whole, at = (table.old, column[0]) if column[1] is None else (table.new, column[1])
    aligned = whole.alignments[at]  # type: ignore[union-attr]
    names = [aligned] if aligned in ("center", "right") else []
    names += dict.fromkeys(each.status for each in cells if each.status in ("added", "removed"))
    return Markup(' class="{}"').format(" ".join(names)) if names else _NOTHING


def status(part: Part) -> Markup:
    """Return the class of an element that is there in one of the policies only, or that moved."""
    if part.status in ("same", "changed"):
        return _NOTHING
    return Markup(' class="{}"').format("moved" if part.move else part.status)
