"""A redline → what a Word document consists of: paragraphs and tables, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from publisher.model.policy import Clause, List, Paragraph
from publisher.model.redline import Part, Redline, Side, opened
from publisher.render.word.layout import Around, Edge, Grid, Line, Look, Row
from publisher.render.word.pieces import Pieces, exchanged
from publisher.render.word.track import ADDED, FROM, STAYS, TO, Track, added, removed

_TEXT = ("paragraph", "heading")
_HERE = ("same", "changed")


Places = tuple[Around | None, Around | None]
"""Where something stands in the old and in the new policy; None where it does not."""
_NOWHERE: Places = (None, None)
_Made = TypeVar("_Made")


class Flow:
    """Lays a redline out; `lists` has each list, without its items, and its depth.

    `clauses` is the number of the list that the clauses are, 0 where they have no numbers.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels
        self.pieces = Pieces(f"[{labels['to_be_confirmed']}]")
        self.items: list[Line | Grid | Edge] = []
        self.lists: list[tuple[List, int]] = []
        self.clauses = 0

    def redline(self, redline: Redline, happened: str = "") -> None:
        """Lay out a whole redline, ending in a paragraph that is there on both sides.

        What `happened` is told in a comment: text of its own would be no text of either policy.

        Otherwise Word could not take the last one away: a paragraph that goes joins the next.
        """
        start: Places = (Around(), Around())
        self.part(redline.title, _each(start, lambda at: at.styled("Heading1")), STAYS)
        lead = f"{self.labels['controller']}: "
        controller = Around(Look("Controller"), lead=lead)
        self.part(redline.controller, (controller, controller), STAYS)
        for clause in redline.clauses:
            self.part(clause.part, start, STAYS)
        self.items = _remarked(self.items, happened)
        last = self.items[-1]
        if not (isinstance(last, Line) and last.track == STAYS):
            self.items.append(_space(start, STAYS))
        self.items = _split(self.items)

    def part(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a part, and what is in it, as far as it is here."""
        places, track = _entered(part, places, track)
        if places == _NOWHERE:
            return
        moved = part.move is not None and part.kind not in ("row", "table")
        if part.move and moved:
            self.items.append(Edge(part.move.number, track, begins=True))
        self.content(opened(part), places, track)
        if part.move and moved:
            self.items.append(Edge(part.move.number, track, begins=False))

    def content(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a part that is here, by its kind."""
        match part.kind:
            case "clause":
                self.clause(part, places, track)
            case "definitions" | "definition":
                self.blocks(part, places, track)
            case "quote":
                self.blocks(part, _each(places, lambda at: at.within().styled("Quote")), track)
            case "meaning":
                self.blocks(part, _each(places, Around.within), track)
            case "list":
                self.blocks(part, self.listed(part, places), track)
            case "item":
                self.led(part, places, track)
            case "note":
                self.led(part, _noted(part, places), track)
            case "table":
                self.table(part, places, track)
            case _:
                self.items.append(self.line(part, places, track))

    def clause(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a clause; links to it lead to its title."""
        title, *rest = part.parts
        at = len(self.items)
        self.part(title, self.headed(part, places), track)
        line = self.items[at]
        if isinstance(line, Line) and track != FROM:
            ids = (each.id for each in (part.new, part.old) if isinstance(each, Clause))
            self.items[at] = replace(line, ids=tuple(dict.fromkeys(ids)))
        for each in rest:
            self.part(each, places, track)

    def headed(self, part: Part, places: Places) -> Places:
        """Return the places of a clause's title; where it has a number, Word counts the clauses.

        So a clause that is added or removed changes the numbers of others, and no text of theirs.
        """
        found: list[Around | None] = []
        for place, clause in zip(places, (part.old, part.new), strict=True):
            styled = place and place.styled("Heading2")
            if styled and clause and clause.number is not None:
                if not self.clauses:
                    self.lists.append((List((), 1), 0))
                    self.clauses = len(self.lists)
                styled = replace(styled, look=replace(styled.look, number=(self.clauses, 0)))
            found.append(styled)
        return (found[0], found[1])

    def blocks(self, part: Part, places: Places, track: Track) -> None:
        """Lay out what is in a part, one after the other."""
        for each in part.parts:
            self.part(each, places, track)

    def listed(self, part: Part, places: Places) -> Places:
        """Return the places of the items of a list; where it stays as it is, they have one list."""
        made: dict[tuple[List, int], int] = {}
        found: list[Around | None] = []
        for place, shell in zip(places, (part.old, part.new), strict=True):
            if place is None or shell is None:
                found.append(None)
                continue
            which = (replace(shell, items=(), tight=True), place.depth)
            if which not in made:
                self.lists.append(which)
                made[which] = len(self.lists)
            found.append(place.listed(made[which]))
        return (found[0], found[1])

    def led(self, part: Part, places: Places, track: Track) -> None:
        """Lay out blocks, the first paragraph of which bears a mark or a number.

        Where the blocks do not begin with a paragraph, an empty one does.
        """
        firsts = (_first(part, "old"), _first(part, "new"))
        led = [at is not None and part.parts[at].kind in _TEXT for at in firsts]
        old, new = (None if has else place for place, has in zip(places, led, strict=True))
        if old or new:
            empty = Part(
                "paragraph", Paragraph(()) if old else None, Paragraph(()) if new else None
            )
            self.part(empty, places, track)
        for at, each in enumerate(part.parts):
            bears = [at == first and has for first, has in zip(firsts, led, strict=True)]
            here = [place and (place if first else place.bare())
                    for place, first in zip(places, bears, strict=True)]  # fmt: skip
            self.part(each, (here[0], here[1]), track)

    def line(self, part: Part, places: Places, track: Track) -> Line:
        """Return running text as a paragraph."""
        old, new = places
        looks = (
            old.look_of(part.kind, part.old) if old else None,
            new.look_of(part.kind, part.new) if new else None,
        )
        leads = exchanged(*_each(places, Around.led_by), track)
        return Line(*looks, (*leads, *self.pieces.of(part.run, track)), track)

    # --- tables ----------------------------------------------------------------------------------

    def table(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a table; with other columns than before, it is another table.

        Single cells can be tracked, too (ECMA-376 Part 1, 17.13.5.1 and 2), but LibreOffice leaves
        an empty column behind where such an addition is rejected.
        """
        old, new = places
        if old and new and not all(cell.status in _HERE for cell in opened(part.parts[0]).parts):
            if track != TO:
                self.grid(part, (old, None), removed(track))
            self.grid(part, (None, new), added(track))
        else:
            self.grid(part, places, track)

    def grid(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a table, and a space behind it: tables that touch are one to Word."""
        shell = part.old if places[1] is None else part.new
        rows = [self.row(each, places, track, shell) for each in part.parts]
        indent = max(place.look.indent for place in places if place)
        self.items.append(Grid(tuple(each for each in rows if each), indent))
        self.items.append(_space(places, track))

    def row(self, part: Part, places: Places, track: Track, table: Any) -> Row | None:
        """Return a row of a table, None if it is not here."""
        places, track = _entered(part, places, track)
        if places == _NOWHERE:
            return None
        head = part.kind == "header"
        cells: list[Line] = []
        for each in opened(part).parts:
            here, how = _entered(each, places, track)
            if here == _NOWHERE:
                continue
            align = table.alignments[len(cells)]
            cell = Around(Look("TableHead" if head else "TableText", align=align))
            there = (cell if here[0] else None, cell if here[1] else None)
            cells.append(self.line(opened(each), there, how))
        return Row(tuple(cells), track, head)


def _remarked(items: list[Line | Grid | Edge], remark: str) -> list[Line | Grid | Edge]:
    """Return what is laid out with a remark, which Word shows as a comment, on the first text."""
    for at, item in enumerate(items):
        if remark and isinstance(item, Line) and item.pieces:
            first, *rest = item.pieces
            line = replace(item, pieces=(replace(first, remark=remark), *rest))
            return [*items[:at], line, *items[at + 1 :]]
    return items


def _each(places: Places, make: Callable[[Around], _Made]) -> tuple[_Made | None, _Made | None]:
    """Return what is made of each place that there is."""
    old, new = places
    return (make(old) if old else None, make(new) if new else None)


def _entered(part: Part, places: Places, track: Track) -> tuple[Places, Track]:
    """Return where a part stands, of the places of what it is in, and how it is tracked there."""
    old, new = places
    if part.move is not None:
        if part.move.end == "to":
            return (new, new), TO
        return _NOWHERE if track == TO else (old, None), FROM
    if part.old is None:
        return (None, new), added(track)
    if part.new is None:
        return _NOWHERE if track == TO else (old, None), removed(track)
    return places, track


def _first(part: Part, side: Side) -> int | None:
    """Return which of its parts a part begins with, in one of the policies."""
    return next((at for at, each in enumerate(part.parts) if each.standing(side)), None)


def _noted(part: Part, places: Places) -> Places:
    """Return the places of a note in either policy, where it may have another number."""
    old, new = (
        Around(Look("Note"), lead=f"{note.number} ") if place and note else None
        for place, note in zip(places, (part.old, part.new), strict=True)
    )
    return old, new


def _split(items: list[Line | Grid | Edge]) -> list[Line | Grid | Edge]:
    """Return paragraphs, of which one that ends in added text was split by those added behind it.

    So Word marks it when somebody goes on writing: the end of the first is new, that of the last
    is the one there was, and looks as it did. LibreOffice takes back too much otherwise.
    """
    found = list(items)
    for at, first in enumerate(found):
        end = next((i for i in range(at + 1, len(found)) if not _is_added(found[i])), len(found))
        last = found[end - 1]
        if (
            isinstance(first, Line)
            and isinstance(last, Line)
            and first.track == STAYS
            and end > at + 1
            and first.pieces
            and first.pieces[-1].track == ADDED
        ):
            found[at] = replace(first, old=None, track=ADDED)
            found[end - 1] = replace(last, old=first.old, track=STAYS)
    return found


def _is_added(item: Line | Grid | Edge) -> bool:
    return isinstance(item, Line) and item.track == ADDED


def _space(places: Places, track: Track) -> Line:
    """Return an empty paragraph, as narrow as the space between two others."""
    return Line(*_each(places, lambda _: Look("AfterTable")), (), track)
