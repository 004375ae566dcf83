"""Paragraphs and tables → the elements of WordprocessingML, with their tracked changes.

ECMA-376 Part 1 (ISO/IEC 29500-1) defines their names, order and nesting; section 17.13.5 defines
revisions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, groupby

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from publisher.redline.word.layout import Grid, Line, MoveEdge, ParagraphFormat, Row
from publisher.redline.word.runs import Piece, RunFormat, Track

Element = BaseOxmlElement

STEP = 397
"""One step of indentation: 7 mm, in twentieths of a point."""
_WIDEST = 60


def element(tag: str, /, *inside: Element, **attributes: str | int) -> Element:
    """Return ``w:tag`` with attributes of the same namespace, and with elements inside."""
    new = OxmlElement(f"w:{tag}", {qn(f"w:{k}"): str(v) for k, v in attributes.items()})
    new.extend(inside)
    return new


class Elements:
    """Writes the content of a document.

    `link` returns the id of a relationship to an outside address, `remark` records a comment under
    a number. `width` is that of the text on a page, in twentieths of a point.
    """

    def __init__(
        self,
        author: str,
        when: datetime,
        link: Callable[[str], str],
        remark: Callable[[int, str], None],
        width: int,
    ) -> None:
        self.by = {"author": author, "date": f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        self.link = link
        self.remark = remark
        self.width = width
        self.numbers = count(1)
        self.ranges: dict[tuple[str, Track], int] = {}
        self.bookmarks: set[str] = set()

    def body(self, items: Iterable[Line | Grid | MoveEdge]) -> Iterator[Element]:
        """Yield the elements of the body; a move begins in a paragraph, as Word writes it."""
        begun: list[Element] = []
        for item in items:
            if isinstance(item, MoveEdge):
                edge = self.edge(item)
                if item.begins:
                    begun.append(edge)
                else:
                    yield edge
            elif isinstance(item, Line):
                yield self.paragraph(item, begun)
                begun = []
            else:
                yield from begun
                begun = []
                yield self.table(item)

    def edge(self, edge: MoveEdge) -> Element:
        """Return the start or the end of one end of a move; both ends share a name."""
        if not edge.begins:
            number = self.ranges[edge.name, edge.track]
            return element(f"{edge.track}RangeEnd", id=number)
        number = self.ranges[edge.name, edge.track] = next(self.numbers)
        return element(f"{edge.track}RangeStart", id=number, **self.by, name=edge.name)

    def mark(self, name: str, *inside: Element) -> Element:
        """Return an element that says who changed what is in it, and when."""
        return element(name, *inside, id=next(self.numbers), **self.by)

    # --- paragraphs ------------------------------------------------------------------------------

    def paragraph(self, line: Line, begun: Iterable[Element] = ()) -> Element:
        """Return a paragraph, with the moves that begin in it."""
        look = line.new or line.old or ParagraphFormat()
        properties = element("pPr", *_look(look))
        if line.track:
            properties.append(element("rPr", self.mark(line.track)))
        if line.old and line.new and line.old != line.new:
            properties.append(self.mark("pPrChange", element("pPr", *_look(line.old))))
        bookmarks = [mark for id in line.ids for mark in self.bookmark(id)]
        return element("p", properties, *begun, *bookmarks, *self.run(line.pieces))

    def bookmark(self, id: str) -> Iterator[Element]:
        """Yield the target of links to a clause."""
        name = _anchor(id)
        if name not in self.bookmarks:
            self.bookmarks.add(name)
            number = next(self.numbers)
            yield element("bookmarkStart", id=number, name=name)
            yield element("bookmarkEnd", id=number)

    def run(self, pieces: Iterable[Piece]) -> Iterator[Element]:
        """Yield running text: stretches that moved alone, and text between them."""
        for (move, track), group in groupby(
            pieces, lambda piece: (piece.move, piece.track if piece.move else Track.STAYS)
        ):
            if not move:
                yield from self.linked(group)
                continue
            yield self.edge(MoveEdge(move, track, begins=True))
            yield from self.linked(group)
            yield self.edge(MoveEdge(move, track, begins=False))

    def linked(self, pieces: Iterable[Piece]) -> Iterator[Element]:
        """Yield running text: links, and in them stretches that are tracked alike."""
        for target, linked in groupby(pieces, lambda piece: piece.ink.link):
            inside: list[Element] = []
            for track, group in groupby(linked, lambda piece: piece.track):
                inside += self.tracked(track, tuple(group))
            if target is None:
                yield from inside
            else:
                yield self.hyperlink(target, inside)

    def tracked(self, track: Track, pieces: tuple[Piece, ...]) -> list[Element]:
        """Return text that is tracked in one way."""
        inside = [inner for piece in pieces for inner in self.remarked(piece)]
        return [self.mark(track, *inside)] if track else inside

    def hyperlink(self, target: str, inside: Iterable[Element]) -> Element:
        """Return a link to a clause, to the clause of a heading, or to an outside address."""
        if target.startswith("#"):
            clause = target[1:].partition(".")[0]
            return element("hyperlink", *inside, anchor=_anchor(clause), history=1)
        link = element("hyperlink", *inside, history=1)
        link.set(qn("r:id"), self.link(target))
        return link

    def remarked(self, piece: Piece) -> Iterator[Element]:
        """Yield a piece, with its remark as a comment."""
        if not piece.remark:
            yield self.text(piece)
            return
        number = next(self.numbers)
        self.remark(number, piece.remark)
        yield element("commentRangeStart", id=number)
        yield self.text(piece)
        yield element("commentRangeEnd", id=number)
        style = element("rPr", element("rStyle", val="CommentReference"))
        yield element("r", style, element("commentReference", id=number))

    def text(self, piece: Piece) -> Element:
        """Return a run of text."""
        properties = element("rPr", *_ink(piece.ink))
        if piece.was is not None:
            properties.append(self.mark("rPrChange", element("rPr", *_ink(piece.was))))
        run = element("r", *([properties] if len(properties) else []))
        for part in re.split("(\n)", piece.text):
            if part == "\n":
                run.append(element("br"))
            elif part:
                text = element("delText" if piece.track == Track.REMOVED else "t")
                text.text = part
                text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                run.append(text)
        return run

    # --- tables ----------------------------------------------------------------------------------

    def table(self, grid: Grid) -> Element:
        """Return a table."""
        width = self.width - grid.indent * STEP
        columns = list(_columns(grid, width))
        properties = element(
            "tblPr",
            element("tblStyle", val="PolicyTable"),
            element("tblW", w=width, type="dxa"),
            element("tblInd", w=grid.indent * STEP, type="dxa"),
            element("tblLayout", type="fixed"),
            element(
                "tblLook",
                val="0420",
                firstRow=1,
                lastRow=0,
                firstColumn=0,
                lastColumn=0,
                noHBand=0,
                noVBand=1,
            ),
        )
        grid_columns = element("tblGrid", *(element("gridCol", w=column) for column in columns))
        rows = (self.row(row, columns) for row in grid.rows)
        return element("tbl", properties, grid_columns, *rows)

    def row(self, row: Row, columns: list[int]) -> Element:
        """Return a row; Word tracks rows as added or removed, but not as moved."""
        properties = element("trPr", element("cantSplit"))
        if row.head:
            properties.append(element("tblHeader"))
        if row.track:
            properties.append(self.mark(_in_table(row.track)))
        row_element = element("tr", properties)
        for cell, width in zip(row.cells, columns, strict=True):
            kept = Line(cell.old, cell.new, _unmoved(cell.pieces), _in_table(cell.track))
            size = element("tcPr", element("tcW", w=width, type="dxa"))
            row_element.append(element("tc", size, self.paragraph(kept)))
        return row_element


def _in_table(track: Track) -> Track:
    return {Track.FROM: Track.REMOVED, Track.TO: Track.ADDED}.get(track, track)


def _unmoved(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the content of a cell that moved; sentences can move from and to cells."""
    return tuple(
        piece if piece.move else replace(piece, track=_in_table(piece.track)) for piece in pieces
    )


def _columns(grid: Grid, width: int) -> Iterator[int]:
    """Yield the widths of columns, by the longest text in each, within limits."""
    sizes = [
        min(_WIDEST, 10 + max(sum(len(piece.text) for piece in cell.pieces) for cell in column))
        for column in zip(*(row.cells for row in grid.rows), strict=True)
    ]
    return (width * size // sum(sizes) for size in sizes)


def _anchor(id: str) -> str:
    """Return the name of a clause's bookmark: letters, digits and underscores, at most 40."""
    return f"clause_{re.sub('[^A-Za-z0-9]', '_', id)}"[:40]


def _look(look: ParagraphFormat) -> Iterator[Element]:
    yield element("pStyle", val=look.style)
    if look.number:
        number, depth = look.number
        level = element("ilvl", val=min(depth, 8))
        yield element("numPr", level, element("numId", val=number))
    if look.indent:
        hanging = {"hanging": STEP} if look.number else {}
        yield element("ind", left=look.indent * STEP, **hanging)
    if look.align:
        yield element("jc", val=look.align)


def _ink(ink: RunFormat) -> Iterator[Element]:
    if ink.link is not None:
        yield element("rStyle", val="Hyperlink")
    if ink.code:
        yield element("rFonts", ascii="Consolas", hAnsi="Consolas", cs="Consolas")
    for is_so, name in ((ink.strong, "b"), (ink.stressed, "i")):
        if is_so:
            yield element(name)
            yield element(f"{name}Cs")
    if ink.unconfirmed:
        yield element("highlight", val="yellow")
    if ink.raised:
        yield element("vertAlign", val="superscript")
