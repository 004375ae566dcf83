"""A redline → a Word document: paragraphs and tables, one after the other.

The page header names the two policies, with a warning if one cannot be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import TypeVar, get_args

from publisher.policy.kinds import ByKind, Kind
from publisher.policy.tree import Clause, List, Note, Paragraph, Table
from publisher.redline.values import SIDES, Origin, Part, Redline, Side, opened
from publisher.redline.views.phrases import dated_origin_of, summary
from publisher.redline.views.plain_text import plain_text
from publisher.redline.word.runs import ALONE, Pieces, exchanged, move_name, one_sided
from publisher.render.languages import labels_of
from publisher.render.style import Style
from publisher.render.word.content import (
    Around,
    Grid,
    Item,
    Line,
    MoveEdge,
    ParagraphFormat,
    Piece,
    Row,
    Track,
)
from publisher.render.word.elements import Elements, written_by
from publisher.render.word.package import WordFile

_TEXT = ("paragraph", "heading")
_HERE = ("same", "changed")
_IN_TABLES = ("header", "row", "cell")
_LAID_OUT = tuple(kind for kind in get_args(Kind) if kind not in _IN_TABLES)

Places = tuple[Around | None, Around | None]
"""The places of a part in the old and in the new policy; None in a policy without it."""
_NOWHERE: Places = (None, None)
_Result = TypeVar("_Result")


def document(
    redline: Redline,
    origins: tuple[Origin, Origin],
    author: str,
    when: datetime,
    style: Style,
) -> bytes:
    """Return a redline as a Word document: see `publisher.redline.word.docx`."""
    own, when = labels_of(redline.policy), when.astimezone(UTC)
    flow = Flow(own)
    flow.redline(redline, summary(redline, own))
    file = WordFile(redline.policy.locale, style)
    file.number(flow.lists, flow.clauses)
    elements = Elements(file, written_by(author, when))
    file.fill(elements.body(flow.items))
    title = f"{plain_text(redline.title)} – {redline.policy.brand.name}"
    file.page((headline(redline, origins),), title, flow.labels, warnings(redline, origins))
    file.describe(title, author, when)
    return file.packed(when)


def headline(redline: Redline, origins: tuple[Origin, Origin]) -> str:
    """Return in words which two policies are compared, and their brands."""
    old, new = (dated_origin_of(origin, redline.policy) for origin in origins)
    compared = f"{labels_of(redline.policy)['redline']}: {{}} → {{}}"
    if origins[0].brand == origins[1].brand:
        return f"{redline.policy.brand.name} · {compared.format(old, new)}"
    return compared.format(f"{origins[0].brand}, {old}", f"{origins[1].brand}, {new}")


def warnings(redline: Redline, origins: tuple[Origin, Origin]) -> Iterator[str]:
    """Yield a warning for each version whose text cannot be trusted, and the notes on files."""
    for origin in origins:
        if origin.unverified:
            warning = labels_of(redline.policy)["unverified"]
            yield f"{dated_origin_of(origin, redline.policy)}. {warning} {origin.unverified}"
        if origin.notes:
            yield f"{origin.id}: {'; '.join(origin.notes)}"


@dataclass(slots=True)
class _Bearer:
    """An item or a note of one policy whose first paragraph has not come yet.

    `place` is the place of that paragraph, with its mark or number. A `closed` item can only be
    continued.
    """

    part: Part
    place: Around
    track: Track
    closed: bool = False


class Flow(ByKind[None], kinds=_LAID_OUT):
    """Lays a redline out; `lists` has each list, without its items, and its depth.

    `clauses` is the number of the list of numbered clauses, 0 if they have no numbers.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels
        self.pieces = Pieces(f"[{labels['to_be_confirmed']}]")
        self.items: list[Item] = []
        self.lists: list[tuple[List, int]] = []
        self.clauses = 0
        self.ids: tuple[str, ...] = ()
        self.bearers: dict[Side, _Bearer] = {}
        self.latest: dict[tuple[Side, int], int] = {}

    def redline(self, redline: Redline, happened: str = "") -> None:
        """Lay out a whole redline, ending in a paragraph of both policies.

        Word cannot remove the last paragraph, as a removed paragraph joins the next one. The events
        (`happened`) are in a comment, since they are text of neither policy.
        """
        start: Places = (Around(), Around())
        self.part(redline.title, _of_both(start, lambda at: at.styled("Heading1")), Track.STAYS)
        lead = f"{self.labels['controller']}: "
        controller = Around(ParagraphFormat("Controller"), lead=lead)
        self.part(redline.controller, (controller, controller), Track.STAYS)
        for clause in redline.clauses:
            self.part(clause.part, start, Track.STAYS)
        self.borne(self.bearers)
        self.items = _remarked(self.items, happened)
        last = self.items[-1]
        if not (isinstance(last, Line) and last.track == Track.STAYS):
            self.items.append(_space(start, Track.STAYS))
        self.items = _written_on(self.items)

    def part(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a part, and the parts in it, if they are at this place."""
        places, track = _entered(part, places, track)
        if places == _NOWHERE:
            return
        self.borne([side for side in self.bearers if self.bare(part, places, side)])
        moved = part.move is not None and part.kind not in ("row", "table")
        if part.move and moved:
            self.items.append(MoveEdge(move_name(part.move), track, begins=True))
        self.by_kind(part.kind, opened(part), places, track)
        if part.move and moved:
            self.items.append(MoveEdge(move_name(part.move), track, begins=False))

    def clause(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a clause; links to it lead to its title."""
        if track != Track.FROM:
            ids = (clause.id for clause in reversed(part.clauses) if clause)
            self.ids = tuple(dict.fromkeys(ids))
        old, new = (
            self.headed(place, clause) if place and clause else place
            for place, clause in zip(places, part.clauses, strict=True)
        )
        self.blocks(part, (old, new), track)

    def headed(self, place: Around, clause: Clause) -> Around:
        """Return the place of the parts in a clause. Word counts the clauses if they have numbers.

        So an added or removed clause changes the numbers of others, but not their text.
        """
        number = None
        if clause.number is not None:
            if not self.clauses:
                self.lists.append((List((), 1), 0))
                self.clauses = len(self.lists)
            number = (self.clauses, 0)
        return replace(place, title=ParagraphFormat("Heading2", number=number))

    def blocks(self, part: Part, places: Places, track: Track) -> None:
        """Lay out the parts in a part, one after the other."""
        for inner in part.parts:
            self.part(inner, places, track)

    definitions = definition = blocks

    def quote(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a quotation."""
        inside = _own(part, places, lambda at: at.within().styled("Quote"))
        self.blocks(part, inside, track)

    def meaning(self, part: Part, places: Places, track: Track) -> None:
        """Lay out the meaning of a term."""
        self.blocks(part, _own(part, places, Around.within), track)

    def list(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a list."""
        self.blocks(part, self.listed(part, places), track)

    def listed(self, part: Part, places: Places) -> Places:
        """Return the places of the items of a list; an unchanged list is one list in both.

        A list that continues the one before it continues its numbers.
        """
        numbers: dict[tuple[List, int], int] = {}
        listed: list[Around | None] = []
        for side, place in zip(SIDES, places, strict=True):
            shell = part.on(side)
            if place is None or not isinstance(shell, List):
                listed.append(place)
                continue
            which = (replace(shell, items=(), tight=True), place.depth)
            before = self.latest.get((side, place.depth)) if side in part.continued else None
            if before is None and which not in numbers:
                self.lists.append(which)
                numbers[which] = len(self.lists)
            number = self.latest[side, place.depth] = before or numbers[which]
            listed.append(place.listed(number))
        return (listed[0], listed[1])

    def note(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a note, which may have another number in either policy."""
        old, new = (
            Around(ParagraphFormat("Note"), lead=f"{note.number} ")
            if place and isinstance(note, Note)
            else place
            for place, note in zip(places, (part.old, part.new), strict=True)
        )
        self.item(part, (old, new), track)

    def item(self, part: Part, places: Places, track: Track) -> None:
        """Lay out blocks whose first paragraph has a mark or a number.

        If the blocks do not begin with a paragraph, an empty one has it.
        """
        own = [
            side
            for side, place in zip(SIDES, places, strict=True)
            if place and part.on(side) is not None
        ]
        for side in own:
            place = places[side == "new"]
            if side not in part.continued and place:
                self.bearers[side] = _Bearer(part, place, track)
            elif side in self.bearers:
                self.bearers[side].closed = False
        self.blocks(part, _own(part, places, Around.bare), track)
        for side in own:
            if side in self.bearers:
                self.bearers[side].closed = True

    def bare(self, part: Part, places: Places, side: Side) -> bool:
        """Return whether an item's mark must be before a part, in an empty paragraph."""
        stands = places[side == "new"] and part.on(side) is not None
        if not stands or side in part.continued:
            return False
        return self.bearers[side].closed or _kinds(part)[side == "new"] not in _TEXT

    def borne(self, sides: Collection[Side]) -> None:
        """Lay out empty paragraphs with the marks of items without a first paragraph."""
        due = {side: self.bearers.pop(side) for side in tuple(sides)}
        both = len({id(bearer.part) for bearer in due.values()}) < len(due)
        for group in [tuple(due)] if both else [(side,) for side in due]:
            old, new = (due[side].place if side in group else None for side in SIDES)
            track = due[group[0]].track
            if not both:
                track = track or (Track.REMOVED if old else Track.ADDED)
            empty = Part("paragraph", Paragraph(()), Paragraph(()))
            self.items.append(self.line(empty, (old, new), track))

    def text(self, part: Part, places: Places, track: Track) -> None:
        """Lay out running text; the first text in an item has its mark."""
        bearing: list[Around | None] = []
        for side, place in zip(SIDES, places, strict=True):
            bears = place and side in self.bearers and side not in part.continued
            bearing.append(self.bearers.pop(side).place if bears else place)
        line = replace(self.line(part, (bearing[0], bearing[1]), track), ids=self.ids)
        self.ids = ()
        for side in part.continued:
            if line.stands(side):
                line = _continued(self.items, line, side)
        self.items.append(line)

    title = paragraph = heading = term = text

    def line(self, part: Part, places: Places, track: Track) -> Line:
        """Return running text as a paragraph."""
        old, new = places
        was, now = _kinds(part)
        looks = (
            old.look_of(was, part.old) if old else None,
            new.look_of(now, part.new) if new else None,
        )
        before = new if track == Track.TO else old
        leads = exchanged(*_of_both((before, new), Around.led_by), track)
        return Line(*looks, (*leads, *self.pieces.of(part.run, track)), track)

    # --- tables ----------------------------------------------------------------------------------

    def table(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a table; if its columns changed, as an old and a new table.

        Word can track single cells, too (ECMA-376 Part 1, 17.13.5.1 and 2), but LibreOffice leaves
        an empty column when such an addition is rejected.
        """
        old, new = places
        if old and new and not all(cell.status in _HERE for cell in opened(part.parts[0]).parts):
            if track != Track.TO:
                self.grid(part, (old, None), track.removed)
            self.grid(part, (None, new), track.added)
        else:
            self.grid(part, places, track)

    def grid(self, part: Part, places: Places, track: Track) -> None:
        """Lay out a table, and a space after it: Word joins tables that touch."""
        table = part.old if places[1] is None else part.new
        alignments = table.alignments if isinstance(table, Table) else ()
        rows = [self.row(row, places, track, alignments) for row in part.parts]
        indent = max(place.look.indent for place in places if place)
        self.items.append(Grid(tuple(row for row in rows if row), indent))
        self.items.append(_space(places, track))

    def row(
        self, part: Part, places: Places, track: Track, alignments: Sequence[str]
    ) -> Row | None:
        """Return a row of a table; None if it is not at this place."""
        places, track = _entered(part, places, track)
        if places == _NOWHERE:
            return None
        head = part.kind == "header"
        cells: list[Line] = []
        for inner in opened(part).parts:
            here, how = _entered(inner, places, track)
            if here == _NOWHERE:
                continue
            align = alignments[len(cells)]
            cell = Around(ParagraphFormat("TableHead" if head else "TableText", align=align))
            there = (cell if here[0] else None, cell if here[1] else None)
            cells.append(self.line(opened(inner), there, how))
        return Row(tuple(cells), track, head)


def _remarked(items: list[Item], remark: str) -> list[Item]:
    """Return the items with a remark on the first text, which Word shows as a comment."""
    for at, item in enumerate(items):
        if remark and isinstance(item, Line) and item.pieces:
            first, *rest = item.pieces
            line = replace(item, pieces=(replace(first, remark=remark), *rest))
            return [*items[:at], line, *items[at + 1 :]]
    return items


def _of_both(
    places: Places, make: Callable[[Around], _Result]
) -> tuple[_Result | None, _Result | None]:
    """Return `make` of each place that is not None."""
    old, new = places
    return (make(old) if old else None, make(new) if new else None)


def _own(part: Part, places: Places, make: Callable[[Around], Around]) -> Places:
    """Return places, with `make` of those in policies that have the part's node."""
    old, new = places
    return (
        make(old) if old and part.old is not None else old,
        make(new) if new and part.new is not None else new,
    )


def _kinds(part: Part) -> tuple[Kind, Kind]:
    """Return the kind of a part in the old and in the new policy."""
    return part.was or part.kind, part.kind


def _entered(part: Part, places: Places, track: Track) -> tuple[Places, Track]:
    """Return the places of a part, of those around it, and how it is tracked there."""
    old, new = places
    if part.move is not None:
        return ((old, None), Track.FROM) if part.move.end == "from" else ((None, new), Track.TO)
    if part.wrapping and part.kind not in _IN_TABLES:
        return places, track
    if part.old is None:
        return (None, new), track.added
    if part.new is None:
        return (old, None), track.removed
    return places, track


def _space(places: Places, track: Track) -> Line:
    """Return an empty paragraph, as narrow as the space between two others."""
    return Line(*_of_both(places, lambda _: ParagraphFormat("AfterTable")), (), track)


# --- where paragraphs end ------------------------------------------------------------------------
# Where a paragraph ends in one policy only, its end is tracked; in the other it continues with the
# next. To Word a paragraph's properties go with its end, so that the next one takes over how it
# looks there; LibreOffice keeps those of the first.

_MOVED = (Track.FROM, Track.TO)


def _continued(items: list[Item], line: Line, side: Side) -> Line:
    """Return a paragraph that continues the one before it in one of the policies.

    The one before, among `items`, then ends in the other policy only, or is dropped if it ends in
    neither. Text cannot run across a table, nor out of a part that moved: there, the policy's own
    text is removed before it and added after it.
    """
    between = tuple(takewhile(lambda item: not _stands(item, side), reversed(items)))
    at = len(items) - len(between) - 1
    first = items[at] if at >= 0 else None
    if not isinstance(first, Line):
        return line
    other: Side = "new" if side == "old" else "old"
    pieces: tuple[Piece, ...] = ()
    before = {side: getattr(first, side)}
    if _barred(first, between, line):
        pieces = one_sided(first.pieces, side)
        first = replace(first, pieces=one_sided(first.pieces, other))
    elif not first.stands(other):
        pieces = first.pieces
    if first.stands(other):
        items[at] = replace(first, track=ALONE[other])
    else:
        del items[at]
        line = replace(line, ids=(*first.ids, *line.ids))
    return replace(line, pieces=(*pieces, *line.pieces), **before)


def _stands(item: Item, side: Side) -> bool:
    return isinstance(item, Line) and item.stands(side)


def _barred(first: Line, between: Iterable[Item], line: Line) -> bool:
    """Return whether Word cannot join two paragraphs over what is between them."""
    kinds = {type(item) for item in between}
    moved = first.track in _MOVED, line.track in _MOVED
    return Grid in kinds or moved[0] != moved[1] or (MoveEdge in kinds and any(moved))


def _written_on(items: list[Item]) -> list[Item]:
    """Return paragraphs in which one that ends in added text is split by those added after it.

    Word marks continued writing like this: the end of the first paragraph is new, the end of the
    last one is the old end with its old look. From another form, LibreOffice rejects too much.
    """
    split = list(items)
    for at, first in enumerate(split):
        end = next((i for i in range(at + 1, len(split)) if not _is_added(split[i])), len(split))
        last = split[end - 1]
        if (
            isinstance(first, Line)
            and isinstance(last, Line)
            and first.track == Track.STAYS
            and end > at + 1
            and first.pieces
            and first.pieces[-1].track == Track.ADDED
        ):
            split[at] = replace(first, old=None, track=Track.ADDED)
            split[end - 1] = replace(last, old=first.old, track=Track.STAYS)
    return split


def _is_added(item: Item) -> bool:
    """Return whether a paragraph is added with all its text."""
    if not isinstance(item, Line) or item.track != Track.ADDED:
        return False
    return all(piece.track == Track.ADDED for piece in item.pieces)
