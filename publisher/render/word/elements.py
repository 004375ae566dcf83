"""Paragraphs and tables → the elements of WordprocessingML, with their tracked changes.

ECMA-376 Part 1 (ISO/IEC 29500-1) defines their names, order and nesting; section 17.13.5 defines
revisions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, groupby
from typing import Protocol

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from publisher.render.word.content import (
    OWN,
    ClauseEnd,
    Contents,
    Grid,
    Item,
    Line,
    MoveEdge,
    ParagraphFormat,
    Piece,
    Row,
    RunFormat,
    Track,
)

Element = BaseOxmlElement

STEP = 397
"""One step of indentation: 7 mm, in twentieths of a point."""
_AFTER = 147
"""The space after a paragraph, in twentieths of a point."""
_WIDEST = 60
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LONGEST_TAG = 64
"""The most characters of the tag and the name of a content control: Word refuses longer ones."""


def element(tag: str, /, *inside: Element, **attributes: str | int) -> Element:
    """Return ``w:tag`` with attributes of the same namespace, and with elements inside."""
    new = OxmlElement(f"w:{tag}", {qn(f"w:{k}"): str(v) for k, v in attributes.items()})
    new.extend(inside)
    return new


def tabs(*stops: tuple[str, int]) -> Element:
    """Return tab stops, each with its kind and its place."""
    return element("tabs", *(element("tab", val=kind, pos=place) for kind, place in stops))


class Host(Protocol):
    """The file that content is for; its text is `width` wide, in twentieths of a point."""

    width: int

    def link(self, target: str) -> str:
        """Return the id of a relationship to an outside address."""

    def comment(self, elements: Elements, number: int, text: str) -> None:
        """Record a comment under a number."""


def written_by(author: str, when: datetime | None = None) -> dict[str, str]:
    """Return the author and time of changes and comments, as attributes."""
    if when is None:
        return {"author": author}
    return {"author": author, "date": f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


class Elements:
    """Writes the content of a file, with changes and comments `by` somebody.

    `numbers` gives each range, change and control its number. `link` stands in for the file's, in
    another part. Links to headings lead there if `headings` have bookmarks; if not, to the clause.
    """

    def __init__(
        self,
        host: Host,
        by: Mapping[str, str],
        *,
        link: Callable[[str], str] | None = None,
        numbers: Iterator[int] | None = None,
        headings: bool = False,
    ) -> None:
        self.host = host
        self.by = by
        self.link = link or host.link
        self.numbers = numbers or count(1)
        self.headings = headings
        self.ranges: dict[tuple[str, Track], int] = {}
        self.bookmarks: dict[str, int] = {}
        self.names: set[str] = set()

    def body(self, items: Iterable[Item]) -> Iterator[Element]:
        """Yield the elements of the body; a move begins in a paragraph, as Word writes it."""
        begun: list[Element] = []
        for item in items:
            match item:
                case MoveEdge(begins=True):
                    begun.append(self.edge(item))
                case MoveEdge():
                    yield self.edge(item)
                case ClauseEnd(id):
                    if id in self.bookmarks:
                        yield element("bookmarkEnd", id=self.bookmarks[id])
                case Line():
                    yield self.paragraph(item, begun)
                    begun = []
                case Grid():
                    yield from begun
                    begun = []
                    yield self.table(item)
                case Contents():
                    yield self.contents(item)

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
        """Yield the target of links to a clause or a heading.

        The bookmark of a heading is empty; that of a clause reaches to its `ClauseEnd`, where there
        are bookmarks of headings.
        """
        name = self.anchor(f"#{id}")
        if name not in self.names:
            self.names.add(name)
            number = self.bookmarks[id] = next(self.numbers)
            yield element("bookmarkStart", id=number, name=name)
            if not self.headings or "." in id:
                yield element("bookmarkEnd", id=number)

    def anchor(self, target: str) -> str:
        """Return the name of a bookmark: letters, digits and underscores, at most 40."""
        clause, _, heading = target[1:].partition(".")
        kind, id = ("heading", target[1:]) if heading and self.headings else ("clause", clause)
        return f"{kind}_{re.sub('[^A-Za-z0-9]', '_', id)}"[:40]

    def contents(self, contents: Contents) -> Element:
        """Return a table of contents: a field that Word can write again, with its entries."""
        field = ' TOC \\n \\h \\o "2-2" '
        start = [element("r", element("fldChar", fldCharType="begin")), _instruction(field)]
        start.append(element("r", element("fldChar", fldCharType="separate")))
        lines = [element("p", element("pPr", element("pStyle", val="TOCHeading")))]
        lines[0].append(self.text(Piece(contents.title, RunFormat())))
        for id, text in contents.entries:
            link = self.hyperlink(f"#{id}", [self.text(Piece(text, RunFormat()))])
            look = element("pPr", element("pStyle", val="TOC2"))
            lines.append(element("p", look, *start, link))
            start = []
        lines[-1].append(element("r", element("fldChar", fldCharType="end")))
        gallery = element("docPartGallery", val="Table of Contents")
        part = element("docPartObj", gallery, element("docPartUnique"))
        properties = element("sdtPr", element("id", val=next(self.numbers)), part)
        return element("sdt", properties, element("sdtContent", *lines))

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
        """Yield running text: links, and content controls around links or in them."""
        outer: list[tuple[str, tuple[Piece, ...]]] = []
        for target, group in groupby(pieces, lambda piece: piece.ink.link):
            linked = tuple(group)
            if target is None:
                outer += [(tag, tuple(part)) for tag, part in groupby(linked, _control)]
            else:
                whole = len({piece.control for piece in linked}) == 1
                outer.append((linked[0].control if whole else "", linked))
        for tag, parts in groupby(outer, lambda part: part[0]):
            inside = [link for _, part in parts for link in self.links(part, tag)]
            yield from [self.control(tag, inside)] if tag else inside

    def links(self, pieces: Iterable[Piece], around: str) -> Iterator[Element]:
        """Yield text, in a link if it is one, in the control `around`."""
        for target, linked in groupby(pieces, lambda piece: piece.ink.link):
            inside: list[Element] = []
            for (tag, track), group in groupby(linked, lambda piece: (piece.control, piece.track)):
                written = self.tracked(track, tuple(group))
                inside += [self.control(tag, written)] if tag != around else written
            if target is None:
                yield from inside
            else:
                yield self.hyperlink(target, inside)

    def control(self, tag: str, inside: Iterable[Element]) -> Element:
        """Return text in a content control, which says where the text comes from."""
        name = tag if len(tag) <= _LONGEST_TAG else f"…{tag[1 - _LONGEST_TAG :]}"
        properties = element("sdtPr", element("alias", val=name), element("tag", val=name))
        properties.append(element("id", val=next(self.numbers)))
        return element("sdt", properties, element("sdtContent", *inside))

    def tracked(self, track: Track, pieces: tuple[Piece, ...]) -> list[Element]:
        """Return text that is tracked in one way."""
        inside = [inner for piece in pieces for inner in self.remarked(piece)]
        return [self.mark(track, *inside)] if track else inside

    def hyperlink(self, target: str, inside: Iterable[Element]) -> Element:
        """Return a link to a clause, to a heading, or to an outside address."""
        if target.startswith("#"):
            return element("hyperlink", *inside, anchor=self.anchor(target), history=1)
        link = element("hyperlink", *inside, history=1)
        link.set(qn("r:id"), self.link(target))
        return link

    def remarked(self, piece: Piece) -> Iterator[Element]:
        """Yield a piece, with its remark as a comment."""
        if not piece.remark:
            yield self.text(piece)
            return
        number = next(self.numbers)
        self.host.comment(self, number, piece.remark)
        yield element("commentRangeStart", id=number)
        yield self.text(piece)
        yield element("commentRangeEnd", id=number)
        style = element("rPr", element("rStyle", val="CommentReference"))
        yield element("r", style, element("commentReference", id=number))

    def text(self, piece: Piece) -> Element:
        """Return a run of text, or the reference to a footnote."""
        if piece.note:
            run = element("r", element("rPr", element("rStyle", val="FootnoteReference")))
            if piece.note != OWN:
                own = {"customMarkFollows": 1} if piece.text else {}
                run.append(element("footnoteReference", **own, id=piece.note))
            elif not piece.text:
                run.append(element("footnoteRef"))
            return _filled(run, piece.text, "t")
        properties = element("rPr", *_ink(piece.ink))
        if piece.was is not None:
            properties.append(self.mark("rPrChange", element("rPr", *_ink(piece.was))))
        run = element("r", *([properties] if len(properties) else []))
        return _filled(run, piece.text, "delText" if piece.track == Track.REMOVED else "t")

    # --- tables ----------------------------------------------------------------------------------

    def table(self, grid: Grid) -> Element:
        """Return a table."""
        width = self.host.width - grid.indent * STEP
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


def _control(piece: Piece) -> str:
    return piece.control


def _instruction(field: str) -> Element:
    """Return the run that says which field begins."""
    instruction = element("instrText")
    instruction.text = field
    instruction.set(_SPACE, "preserve")
    return element("r", instruction)


def _filled(run: Element, text: str, tag: str) -> Element:
    """Return a run with text, in which line feeds end lines and tabs go to the next stop."""
    for part in re.split("([\n\t])", text):
        if part in ("\n", "\t"):
            run.append(element("br" if part == "\n" else "tab"))
        elif part:
            written = element(tag)
            written.text = part
            written.set(_SPACE, "preserve")
            run.append(written)
    return run


def _look(look: ParagraphFormat) -> Iterator[Element]:
    yield element("pStyle", val=look.style)
    if look.number:
        number, depth = look.number
        level = element("ilvl", val=min(depth, 8))
        yield element("numPr", level, element("numId", val=number))
    if look.last:
        yield element("spacing", after=_AFTER)
    if look.indent:
        more = STEP // 2 * look.wide
        hanging = {"hanging": STEP + more} if look.number else {}
        yield element("ind", left=look.indent * STEP + more, **hanging)
    if look.align:
        yield element("jc", val=look.align)


def _ink(ink: RunFormat) -> Iterator[Element]:
    if ink.link is not None:
        yield element("rStyle", val="Hyperlink")
    elif ink.soft:
        yield element("rStyle", val="Soft")
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
