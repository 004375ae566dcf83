"""Parts of a redline → HTML: the content of a clause.

A table shows the columns of both policies beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from markupsafe import Markup, escape

from publisher.policy.kinds import BLOCKS, ByKind, TreeNode
from publisher.policy.tree import Block, Heading, List, Note, Table
from publisher.redline.sides import one_side
from publisher.redline.values import SIDES, Column, End, Move, Part, Side, column_places, opened
from publisher.redline.views.anchors import Places
from publisher.redline.views.groups import one_text
from publisher.redline.views.running_text import Runs, scrolled
from publisher.render.body import labelled

_NOTHING = Markup("")


@dataclass(frozen=True, slots=True)
class View(ByKind[Markup]):
    """Writes parts as the policy of one `side` has them; None for both policies in one text.

    `clause` is the number of their clause; `end` is the end of the move that they are in, if any.
    """

    runs: Runs
    places: Places
    clause: int
    side: Side | None = None
    end: End | None = None

    def shown(self, parts: Iterable[Part], *, items: bool = False) -> Iterator[Part]:
        """Yield the parts that this view has and readers see."""
        there = one_side(parts, self.side) if self.side else one_text(parts, items=items)
        return (part for part in there if not part.blank)

    def shell(self, part: Part) -> TreeNode:
        """Return the node of a part in this view."""
        return part.old if self.side == "old" and part.old is not None else part.node

    def inside(self, part: Part) -> View:
        """Return the view of the parts in a part."""
        if part.move is None:
            return self
        return replace(self, side="old" if part.move.end == "from" else None, end=part.move.end)

    def run(self, part: Part) -> Markup:
        """Return the running text of a part."""
        return self.runs.run(opened(part).run, self.side, self.end, self._moved)

    def head(self, part: Part) -> Markup:
        """Return the head of a part: where it moved, how its structure changed."""
        remarks = [self._moved(part.move)] if part.move else []
        keys = part.remarks if self.side != "old" else ()
        if keys:
            remarks.append(escape(" · ".join(self.runs.labels[key] for key in keys)))
        return _NOTHING.join(
            Markup('<small class="remark">{}</small> ').format(remark) for remark in remarks
        )

    def _moved(self, move: Move) -> Markup:
        away = move.end == "from"
        other = self.places.ends[move.number, "to" if away else "from"]
        if other.clause == self.clause:
            text = self.runs.labels["moved_away" if away else "moved_here"]
        else:
            text = self.runs.labels["moved_to" if away else "moved_from"]
        link = Markup('<span class="move"><b>{}</b> <a href="#{}">{}</a></span>')
        return link.format(move.number, other.id, text.replace("{title}", other.title))

    # --- blocks ----------------------------------------------------------------------------------

    def pieces(self, parts: Iterable[Part]) -> Markup:
        """Return neighbours that are directly in a clause."""
        return Markup("\n").join(map(self.piece, self.shown(parts)))

    def piece(self, part: Part) -> Markup:
        """Return a part that is directly in a clause: a block, or a note."""
        note = self.shell(part)
        if not isinstance(note, Note):
            return self.element(part)
        blocks, name = self.blocks(opened(part).parts), self.runs.labels["notes"]
        listed = Markup('<ol class="notes" start="{}" aria-label="{}">\n<li>{}</li>\n</ol>')
        return listed.format(note.number, name, blocks)

    def blocks(self, parts: Iterable[Part], *, tight: bool = False) -> Markup:
        """Return blocks; in a `tight` list item its only paragraph has no element."""
        shown = list(self.shown(parts))
        bare = tight and sum(part.kind == "paragraph" for part in shown) == 1
        return _NOTHING.join(
            self.head(part) + self.inside(part).run(part)
            if bare and part.kind == "paragraph"
            else self.element(part) + Markup("\n")
            for part in shown
        )

    def element(self, part: Part) -> Markup:
        """Return a block as one element; the head of all but text is one more before it."""
        view, head = self.inside(part), self.head(part)
        node = cast("Block", view.shell(part))
        kind = BLOCKS[type(node)]
        if kind in ("paragraph", "heading"):
            return view.by_kind(kind, part, head)
        head = Markup('<p class="said">{}</p>\n').format(head) if head else head
        if part.same and view.end is None:
            return head + view.runs.writers["old" if view.side == "old" else "new"].block(node)
        return head + view.by_kind(kind, opened(part))

    def paragraph(self, part: Part, head: Markup) -> Markup:
        """Return a paragraph after its head."""
        return Markup("<p>{}{}</p>").format(head, self.run(part))

    def heading(self, part: Part, head: Markup) -> Markup:
        """Return a heading after its head."""
        level = cast("Heading", self.shell(part)).level
        return Markup("<h{0}>{1}{2}</h{0}>").format(level, head, self.run(part))

    def quote(self, part: Part) -> Markup:
        """Return a quotation."""
        return Markup("<blockquote>\n{}</blockquote>").format(self.blocks(part.parts))

    def definitions(self, part: Part) -> Markup:
        """Return terms with their meanings."""
        inside = _NOTHING.join(map(self.definition, self.shown(part.parts)))
        return Markup("<dl>\n{}</dl>").format(inside)

    # --- lists -----------------------------------------------------------------------------------

    def list(self, part: Part) -> Markup:
        """Return a list; each item of an ordered one has the label that its policy gives it."""
        node = cast("List", self.shell(part))
        wholes = {side: cast("List", part.on(side) or node) for side in SIDES}
        styled = any(whole.style for whole in wholes.values())
        counted = dict.fromkeys(SIDES, 0)
        items, labels = [], []
        for item in self.shown(part.parts, items=True):
            standing = [side for side in SIDES if item.standing(side)]
            side = self.side or standing[-1]
            labels.append(wholes[side].label(max(counted[side] - (side in item.continued), 0)))
            items.append(self.item(item, labels[-1], tight=node.tight, styled=styled))
            for side in standing:
                counted[side] += side not in item.continued
        if styled:
            return labelled(labels, items)
        name = "ul" if node.start is None else "ol"
        return Markup("<{0}>\n{1}</{0}>").format(name, _NOTHING.join(items))

    def item(self, part: Part, label: str, *, tight: bool, styled: bool) -> Markup:
        """Return an item of a list; in a `styled` list with its label as text."""
        inside = self.inside(part).blocks(opened(part).parts, tight=tight)
        if styled:
            own = self.runs.writers[self.side or "new"]
            return own.labelled(label, _headed(self.head(part), inside), status(part))
        value = Markup(' value="{}"').format(label.removesuffix(".")) if label else _NOTHING
        item = Markup("<li{}{}>{}</li>\n")
        return item.format(value, status(part), _headed(self.head(part), inside))

    def table(self, part: Part) -> Markup:
        """Return a table, in a frame that scrolls on a narrow screen.

        A row of only one policy has no cells in the columns of the other one. A column that moved
        appears once, in its place in the policy that the view shows.
        """
        header, *rows = part.parts
        columns = [place for _, place in _numbered(self, header)]
        head = _row(self, header, columns, part)
        body = _NOTHING.join(_row(self, row, columns, part) for row in self.shown(rows))
        if body:  # a PDF may not have an element without rows
            body = Markup("<tbody>\n{}</tbody>\n").format(body)
        whole = Markup("{}<table>\n<thead>\n{}</thead>\n{}</table></div>")
        return whole.format(scrolled(self.runs.labels), head, body)

    def definition(self, part: Part) -> Markup:
        """Return a term with its meanings."""
        view = self.inside(part)
        term, *meanings = opened(part).parts
        written = [Markup("<dt>{}{}</dt>\n").format(self.head(part), view.run(term))]
        for meaning in view.shown(meanings):
            blocks = opened(meaning).parts
            inside = view.blocks(blocks, tight=len(blocks) == 1)
            written.append(Markup("<dd{}>{}</dd>\n").format(status(meaning), inside))
        return _NOTHING.join(written)


def _headed(head: Markup, inside: Markup) -> Markup:
    """Return the content of an item, with its head on the first line."""
    if head and inside.startswith("<p>"):
        return Markup("<p>") + head + inside.removeprefix("<p>")
    return head + inside


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
    aligned = whole.alignments[at] if isinstance(whole, Table) and at is not None else ""
    names = [aligned] if aligned in ("center", "right") else []
    became = ("moved" if cell.move else cell.status for cell in cells)
    names += [name for name in dict.fromkeys(became) if name in ("added", "removed", "moved")]
    return Markup(' class="{}"').format(" ".join(names)) if names else _NOTHING


def status(part: Part) -> Markup:
    """Return the class of an element that only one policy has, or that moved."""
    if part.status in ("same", "changed"):
        return _NOTHING
    return Markup(' class="{}"').format("moved" if part.move else part.status)
