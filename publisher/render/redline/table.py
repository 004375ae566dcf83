"""A table of a redline → HTML: the columns of both policies beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.model.redline import Column, Part, column_places, opened
from publisher.render.redline.told import scrolled

if TYPE_CHECKING:
    from publisher.render.redline.view import View

_NOTHING = Markup("")


def table(view: View, part: Part) -> Markup:
    """Return a table, in a frame that scrolls on a narrow screen.

    A row that only one of the policies has lacks the cells of the other one's columns. A column
    that moved is there once, where the policy that is shown has it.
    """
    header, *rows = opened(part).parts
    columns = [place for _, place in _numbered(view, header)]
    head = _row(view, header, columns, part)
    body = _NOTHING.join(_row(view, row, columns, part) for row in view.shown(rows))
    if body:  # an element without rows is no structure that a PDF may have
        body = Markup("<tbody>\n{}</tbody>\n").format(body)
    whole = Markup("{}<table>\n<thead>\n{}</thead>\n{}</table></div>")
    return whole.format(scrolled(view.runs.labels), head, body)


def _numbered(view: View, row: Part) -> Iterator[tuple[Part, Column]]:
    """Yield the cells of a row that a view has, each with its place in either policy's row."""
    parts = opened(row).parts
    places = list(column_places(parts))
    for cell, place in zip(parts, places, strict=True):
        if cell.status != "from" if view.side is None else cell.standing(view.side):
            yield cell, place


def _row(view: View, row: Part, columns: list[Column], table: Part) -> Markup:
    name = "th" if row.kind == "header" else "td"
    inside, head = view.inside(row), view.head(row)
    cells = list(_numbered(inside, row))
    scope = Markup(' scope="col"') if name == "th" else _NOTHING
    written = []
    for column in columns:
        here = [cell for cell, place in cells if _here(place, column, inside)]
        text = _NOTHING.join(inside.inside(cell).run(cell) for cell in here)
        if name == "th" and view.side != "old":
            text += _NOTHING.join(_moved(view, cell, column) for cell in here)
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


def _moved(view: View, cell: Part, column: Column) -> Markup:
    """Return a remark on the head of a column that moved."""
    if cell.move is None or None in column:
        return _NOTHING
    labels = view.runs.labels
    was, now = (str(at + 1) for at in column if at is not None)
    text = labels["was_now"].replace("{what}", labels["column"])
    text = text.replace("{old}", was).replace("{new}", now)
    return Markup(' <small class="remark">[{}]</small>').format(text)


def _class(table: Part, column: Column, cells: list[Part]) -> Markup:
    whole, at = (table.old, column[0]) if column[1] is None else (table.new, column[1])
    aligned = whole.alignments[at]  # type: ignore[union-attr]
    names = [aligned] if aligned in ("center", "right") else []
    became = ("moved" if cell.move else cell.status for cell in cells)
    names += [name for name in dict.fromkeys(became) if name in ("added", "removed", "moved")]
    return Markup(' class="{}"').format(" ".join(names)) if names else _NOTHING


def status(part: Part) -> Markup:
    """Return the class of an element that is there in one of the policies only, or that moved."""
    if part.status in ("same", "changed"):
        return _NOTHING
    return Markup(' class="{}"').format("moved" if part.move else part.status)
