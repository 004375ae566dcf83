"""Pages of a PDF with a structure → titles and blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from publisher.intake.draft import (
    DEEPEST,
    Cell,
    Piece,
    Title,
    as_blocks,
    flat,
    grid,
    names,
    one_run,
    plain,
    table,
    tidy,
)
from publisher.intake.lists import marked
from publisher.intake.pdf.lines import Joiner, Line, columned, lines_of
from publisher.intake.pdf.pdfium import Element, Glyph, Page
from publisher.policy.tree import Block, Inline, List, Paragraph, Quote, Table, Text

_HEADING = re.compile(r"H([1-6])?|Title")
_INLINE = names(
    "Span Link Em Strong Reference Quote Code Annot Sub Ruby RB RT RP Warichu WT WP BibEntry "
    "Formula Form Figure"
)
_TEXT = frozenset(("P", "Lbl", "LBody", "TD", "TH", "Caption", "Note", "FENote"))
_TABLE = frozenset(("THead", "TBody", "TFoot"))
_NOWHERE = frozenset(("Artifact",))
_PARTED = ("\u2010", "\u00ad")
"""Hyphens that are not typed: they divide a word at the end of a line."""


@dataclass(slots=True)
class _Flow:
    """The output so far: pieces, and the glyphs that will be the next one."""

    pieces: list[Piece] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)


def share(pages: Iterable[Page]) -> float:
    """Return the share of the glyphs of a document that are in its structure."""
    every = placed = 0
    for page in pages:
        used = set(_places(page.elements))
        inked = [glyph for glyph in page.glyphs if not glyph.char.isspace()]
        every += len(inked)
        placed += sum(glyph.place in used for glyph in inked)
    return placed / every if every else 0.0


def outside(page: Page) -> list[Line]:
    """Return the lines on a page outside its structure: as a rule, those of every page."""
    used = set(_places(page.elements))
    return lines_of(glyph for glyph in page.glyphs if glyph.place not in used)


def _places(elements: Iterable[Element | int]) -> Iterator[int]:
    for element in elements:
        if isinstance(element, int):
            yield element
        else:
            yield from _places(element.inside)


class Tagged:
    """Reads one page after the other; counts the tables that are `unfolded` into text.

    `repeated` are the heads of tables that are repeated on a further page, and are read once.
    """

    def __init__(self, joiner: Joiner) -> None:
        self.joiner = joiner
        self.unfolded = 0
        self.repeated: list[str] = []
        self._glyphs: dict[int, list[Glyph]] = {}
        self._edges: dict[int, list[Line]] = {}

    def pieces(self, pages: Sequence[Page]) -> tuple[Piece, ...]:
        """Return the pieces of all pages; one that continues over the end of a page is joined."""
        built: list[Piece] = []
        for page in pages:
            here = self.page(page)
            if built and here:
                last = built.pop()
                both = _joined(last, here[0])
                if isinstance(both, Table):
                    self.repeated += map(plain, both.header)
                built += (last, here[0]) if both is None else (both,)
                here = here[1:]
            built += here
        return tuple(built)

    def page(self, page: Page) -> list[Piece]:
        """Return the pieces of a page."""
        glyphs: dict[int, list[Glyph]] = defaultdict(list)
        for glyph in page.glyphs:
            glyphs[glyph.place].append(glyph)
        self._glyphs = glyphs
        self._edges = defaultdict(list)
        for line in columned(lines_of(page.glyphs)):
            self._edges[round(line.base)].append(line)
        flow = _Flow()
        self.inside(page.elements, flow, inline=False)
        self.end(flow)
        return flow.pieces

    def end(self, flow: _Flow, level: int | None = None) -> None:
        """End the running text, and add it as a piece, unless it is empty."""
        run = self.run(flow)
        if run:
            flow.pieces.append(Paragraph(run) if level is None else Title(level, run))

    def run(self, flow: _Flow) -> tuple[Inline, ...]:
        """Return the running text of the glyphs so far."""
        lines = lines_of(flow.glyphs)
        flow.glyphs = []
        return self.joiner.run([line._replace(edge=self.edge(line)) for line in lines])

    def edge(self, line: Line) -> float:
        """Return where the column ends in which a line is."""
        around = self._edges.get(round(line.base), ())
        edges = (e.edge for e in around if e.left - 1 <= line.left <= e.right)
        return max(edges, default=line.right)

    def inside(self, inside: Iterable[Element | int], flow: _Flow, *, inline: bool) -> None:
        """Write the content of an element; `inline` is true for running text."""
        for element in inside:
            if isinstance(element, int):
                flow.glyphs += self._glyphs.get(element, ())
            elif element.type in _INLINE or (inline and element.type == "NonStruct"):
                self.inside(element.inside, flow, inline=inline)
            elif element.type not in _NOWHERE:
                self.end(flow)
                self.block(element, flow)
                self.end(flow)

    def block(self, element: Element, flow: _Flow) -> None:
        """Write an element that is not running text."""
        heading = _HEADING.fullmatch(element.type)
        if heading:
            self.inside(element.inside, flow, inline=True)
            self.end(flow, int(heading[1] or 1))
        elif element.type == "L":
            flow.pieces += self.list(element)
        elif element.type == "Table":
            flow.pieces += self.table(element)
        elif element.type == "BlockQuote":
            inner = self.nested(element)
            flow.pieces += (Quote(inner),) if inner else ()
        else:
            self.inside(element.inside, flow, inline=element.type in _TEXT)

    def nested(self, element: Element) -> tuple[Block, ...]:
        """Return the content of an element as blocks."""
        flow = _Flow()
        self.inside(element.inside, flow, inline=element.type in _TEXT)
        self.end(flow)
        return as_blocks(flow.pieces)

    def list(self, element: Element, depth: int = 0) -> Sequence[Block]:
        """Return a list; lists in it that are beside items belong to the item before."""
        items: list[tuple[Block, ...]] = []
        start: int | None = None
        for part in _items(element):
            if part.type == "L" and items:
                items[-1] += tuple(self.list(part, depth + 1))
                continue
            item, number = self.item(part)
            if item:
                start = number if not items else start
                items.append(item)
        block = List(tuple(items), start)
        if not items:
            return ()
        return (block,) if depth < DEEPEST else flat((block,))

    def item(self, element: Element) -> tuple[tuple[Block, ...], int | None]:
        """Return an item without its mark, and the number that the mark is."""
        label = next(
            (e for e in element.inside if isinstance(e, Element) and e.type == "Lbl"), None
        )
        text = ""
        if label is not None:
            flow = _Flow()
            self.inside(label.inside, flow, inline=True)
            text = " ".join(line.text for line in lines_of(flow.glyphs)).strip()
        rest = tuple(part for part in element.inside if part is not label)
        blocks = self.nested(replace(element, inside=rest))
        mark = marked(f"{text} x") if text else None
        if mark is not None:
            return blocks, mark[1]
        first = blocks[0] if blocks else None
        if text or not isinstance(first, Paragraph):
            kept = label.inside if label is not None and text else ()
            return self.nested(replace(element, type="LBody", inside=(*kept, *rest))), None
        return _unmarked(first, blocks)

    def table(self, element: Element) -> Sequence[Block]:
        """Return a table; of one with lists or tables in it, the content of its cells."""
        if not any(True for _ in _rows(element)):
            return self.nested(replace(element, type="Div"))
        rows = [[(cell, self.nested(cell)) for cell in _cells(row)] for row in _rows(element)]
        rows = [row for row in rows if any(blocks for _, blocks in row)]
        others = tuple(part for part in element.inside if not _in_rows(part))
        above = self.nested(Element("Div", others))
        cells = [block for row in rows for _, blocks in row for block in blocks]
        if len(rows) < 2 or not all(isinstance(block, Paragraph) for block in cells):
            self.unfolded += len(rows) > 1 and len(rows[0]) > 1
            return (*above, *cells)
        spread = grid([[Cell(one_run(b), c.columns, c.rows) for c, b in row] for row in rows])
        return (*above, table(spread))


def _parts(element: Element) -> list[Element]:
    return [part for part in element.inside if isinstance(part, Element)]


def _cells(row: Element) -> list[Element]:
    return [part if isinstance(part, Element) else Element("TD", (part,)) for part in row.inside]


def _in_rows(part: Element | int) -> bool:
    return isinstance(part, Element) and (part.type == "TR" or part.type in _TABLE)


def _items(element: Element) -> Iterator[Element]:
    for part in element.inside:
        if isinstance(part, int):
            yield Element("LI", (part,))
        elif part.type in ("LI", "L"):
            yield part
        elif part.type in ("Div", "NonStruct"):
            yield from _items(part)
        else:
            yield Element("LI", (part,))


def _rows(element: Element) -> Iterator[Element]:
    for part in _parts(element):
        if part.type == "TR":
            yield part
        elif part.type in _TABLE:
            yield from _rows(part)


def _unmarked(first: Paragraph, blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], int | None]:
    """Return an item without the mark that its text begins with, and the number that it is."""
    start = first.children[0] if first.children else None
    text = start.text if isinstance(start, Text) else ""
    mark = marked(text)
    if mark is None:
        return blocks, None
    rest = tidy((Text(text[mark[0] :]), *first.children[1:]))
    return (Paragraph(rest), *blocks[1:]), mark[1]


def _joined(last: Piece, first: Piece) -> Piece | None:
    """Return the last piece of a page and the first of the next as one, if they are one."""
    match last, first:
        case Paragraph(one), Paragraph(other):
            before, after = plain(one), plain(other)
            if before[-1:] not in ".!?:;…" or after[:1].islower():
                return Paragraph(_over(one, other))
        case List(items, start), List(more, number):
            end, begin = items[-1][-1], more[0][0]
            match end, begin:
                case Paragraph(one), Paragraph(other) if plain(one).endswith(_PARTED):
                    whole = (*items[-1][:-1], Paragraph(_over(one, other)), *more[0][1:])
                    return List((*items[:-1], whole, *more[1:]), start)
            if (start is None) is (number is None) and number in (None, (start or 0) + len(items)):
                return List((*items, *more), start)
            if number is None and start is not None and len(more) == 1:
                return List((*items[:-1], (*items[-1], *more[0])), start)
        case Table(), Table(header) if header == last.header:  # which each page repeats
            return replace(last, rows=(*last.rows, *first.rows))
    return None


def _over(one: tuple[Inline, ...], other: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Return text that continues on the next page, without a hyphen that parts a word."""
    before = plain(one)
    if before.endswith(_PARTED) and isinstance(one[-1], Text):
        return tidy((*one[:-1], Text(one[-1].text[:-1]), *other))
    return tidy((*one, *(() if before.endswith("-") else (Text(" "),)), *other))
