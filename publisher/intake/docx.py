"""Word documents → titles and blocks, as they read with all tracked changes accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from publisher.intake.docx_package import (
    Numbering,
    Package,
    Style,
    W,
    link_id,
    numbered,
    on,
    styles,
    value,
)
from publisher.intake.draft import (
    DEEPEST,
    Draft,
    Piece,
    Title,
    as_blocks,
    counted,
    names,
    one_run,
    plain,
    table,
    tidy,
)
from publisher.intake.link_targets import target_of
from publisher.policy.fragments import Fragment, Mark
from publisher.policy.tree import (
    Block,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Text,
)

_NESTED = 40
"""Elements inside each other, at most; deeper ones are left out, with a note."""
_CHARACTERS = {"tab": " ", "noBreakHyphen": "\u2011", "softHyphen": "", "ptab": " "}
_DELETED = names("del moveFrom commentRangeStart delText delInstrText instrText")
_THROUGH = names(
    "ins moveTo sdt sdtContent smartTag customXml fldSimple dir bdo hyperlink txbxContent "
    "AlternateContent Choice"
)
_IMAGES = frozenset(("drawing", "pict", "object"))

Marks = tuple[tuple[int, Mark], ...]
"""The marks of a text, from the outside to the inside, each with a number of its own."""


def check(data: bytes) -> None:
    """Raise `NotADocument` unless this is a Word document that can be read."""
    Package(data)


def read(data: bytes) -> Draft:
    """Return the draft of a Word document. Raises `NotADocument`."""
    package = Package(data)
    reader = _Reader(package)
    pieces = reader.blocks(package.body, 0)
    footnotes = reader.footnotes()
    if package.has("word/header") or package.has("word/footer"):
        reader.remarks["page headers and footers were left out"] += 1
    comments = package.part("word/comments.xml")
    if comments is not None and len(comments):
        reader.remarks["comments were left out"] += 1
    title = next((plain(p.run) for p in pieces if isinstance(p, Title) and p.level == 0), "")
    return Draft(title, pieces, footnotes, tuple(reader.notes()))


@dataclass(slots=True)
class _OpenList:
    """A list that is being read: its numbering and depth, first number, style, and items."""

    number: str
    depth: int
    start: int | None
    style: str
    items: list[list[Block]] = field(default_factory=list)

    def goes_on(self, number: str, start: int | None) -> bool:
        """Return whether an item with this numbering and number is the next one."""
        follows = None if self.start is None else self.start + len(self.items)
        return self.number == number and start == follows


class _Reader:
    """Reads a document in its order, and counts what it leaves out."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.styles = styles(package)
        self.numbering = Numbering(package)
        self.images = 0
        self.remarks: Counter[str] = Counter()
        self.referred: dict[tuple[str, str], int] = {}
        self.anchors: list[str] = []

    def notes(self) -> Iterator[str]:
        """Yield the notes for the user."""
        if self.images:
            what = counted(self.images, "image was", "images were")
            yield f"{what} left out"
        yield from self.remarks

    # --- blocks ----------------------------------------------------------------------------------

    def blocks(self, body: Element, depth: int) -> tuple[Piece, ...]:
        """Return the pieces in a body, a cell or a note."""
        pieces: list[Piece] = []
        lists: list[_OpenList] = []
        for element in self.flow(body, depth):
            if element.tag == f"{W}tbl":
                _close(lists, pieces)
                pieces += self.table(element, depth)
                continue
            run = tidy(self.run(element))
            if not run:
                self.bookmarks(element)
                continue
            style, listed = self.kind(element)
            if style is not None:
                _close(lists, pieces)
                pieces.append(self.title(element, run, style, listed))
            elif listed is not None:
                self.item(run, *listed, lists, pieces)
            else:
                _close(lists, pieces)
                pieces.append(Paragraph(run))
        _close(lists, pieces)
        return tuple(pieces)

    def flow(self, body: Element, depth: int) -> Iterator[Element]:
        """Yield the paragraphs and tables in an element, without a table of contents."""
        for element in body:
            tag = element.tag.removeprefix(W)
            if tag in ("p", "tbl"):
                yield element
            elif tag == "sdt" and _contents(element):
                self.remarks["the table of contents was left out"] += 1
            elif tag.rpartition("}")[2] in _THROUGH:
                if depth < _NESTED:
                    yield from self.flow(element, depth + 1)
                else:
                    self.remarks["parts that are nested too deeply were left out"] += 1
            elif tag in _DELETED:
                self.changed()

    def kind(self, paragraph: Element) -> tuple[int | None, tuple[str, int] | None]:
        """Return the level of a paragraph that is a title, or None; and its numbering, or None."""
        properties = paragraph.find(f"{W}pPr")
        outline = value(properties.find(f"{W}outlineLvl")) if properties is not None else ""
        listed = numbered(properties)
        named = value(properties.find(f"{W}pStyle")) if properties is not None else ""
        heading = int(outline) + 1 if outline in "01234567" and outline else None
        for style in self.ancestry(named):
            heading = style.heading if heading is None else heading
            listed = style.number if listed is None else listed
        if heading is not None and heading > 9:
            heading = None
        return heading, listed if listed and listed[0] not in ("", "0") else None

    def ancestry(self, named: str) -> Iterator[Style]:
        """Yield a style, and those that it is based on."""
        for _ in range(20):
            style = self.styles.get(named)
            if style is None:
                return
            yield style
            named = style.based_on

    def title(
        self,
        paragraph: Element,
        run: tuple[Inline, ...],
        level: int,
        listed: tuple[str, int] | None,
    ) -> Title:
        """Return a title, with the number that Word writes before it."""
        label = self.numbering.label(*listed) if listed else ""
        self.bookmarks(paragraph)
        anchors, self.anchors = tuple(self.anchors), []
        bare = Text(plain(run)) if not any(isinstance(e, NoteReference) for e in run) else None
        text = (bare,) if bare else run
        return Title(level, (Text(f"{label} "), *text) if label else text, anchors)

    def bookmarks(self, paragraph: Element) -> None:
        """Keep the bookmarks of a place, for the title there."""
        names = (value(bookmark, "name") for bookmark in paragraph.iter(f"{W}bookmarkStart"))
        self.anchors += [f"bookmark-{name}" for name in names]

    def item(
        self,
        run: tuple[Inline, ...],
        number: str,
        depth: int,
        lists: list[_OpenList],
        pieces: list[Piece],
    ) -> None:
        """Add an item to its list, the innermost of `lists`, or begin one with it."""
        level = self.numbering.level(number, depth)
        count = self.numbering.next(number, depth)
        start = None if level is None or level.bullets else count
        style = "" if level is None or start is None else level.style
        depth = min(depth, DEEPEST)
        while lists and lists[-1].depth > depth:
            _close_one(lists, pieces)
        if lists and lists[-1].depth == depth and not lists[-1].goes_on(number, start):
            _close_one(lists, pieces)
        if not lists or lists[-1].depth < depth:
            lists.append(_OpenList(number, depth, start, style))
        lists[-1].items.append([Paragraph(run)])

    def table(self, element: Element, depth: int) -> tuple[Piece, ...]:
        """Return a table; of one that only lays the page out, the content of its cells."""
        if depth >= _NESTED:
            self.remarks["parts that are nested too deeply were left out"] += 1
            return ()
        rows = []
        for row in _inside(element, "tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                self.changed()
                continue
            rows.append([self.blocks(cell, depth + 1) for cell in _inside(row, "tc")])
        rows = [row for row in rows if any(row)]
        simple = all(isinstance(piece, Paragraph) for row in rows for cell in row for piece in cell)
        if not simple or len(rows) < 2 or max(map(len, rows)) < 2:
            return tuple(piece for row in rows for cell in row for piece in cell)
        return (table([[one_run(cell) for cell in row] for row in rows]),)

    def footnotes(self) -> dict[int, tuple[Block, ...]]:
        """Return the text of the footnotes and endnotes that the text refers to."""
        notes = {}
        for kind in ("footnote", "endnote"):
            root = self.package.part(f"word/{kind}s.xml")
            for note in () if root is None else root:
                number = self.referred.get((kind, value(note, "id")))
                if number is not None:
                    notes[number] = as_blocks(self.blocks(note, 0))
        return notes

    # --- running text ----------------------------------------------------------------------------

    def run(self, paragraph: Element) -> list[Fragment]:
        """Return the running text of a paragraph."""
        built: list[Fragment] = []
        self.inlines(paragraph, (), built, 0)
        return built

    def inlines(self, element: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add the text of an element, with these marks."""
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag in _DELETED:
                self.changed(real=tag in ("del", "moveFrom"))
            elif tag == "r":
                self.piece(child, marks, built, depth)
            elif tag in _THROUGH and depth < _NESTED:
                if tag in ("ins", "moveTo"):
                    self.changed()
                inner = self.linked(child, marks, len(built)) if tag == "hyperlink" else marks
                self.inlines(child, inner, built, depth + 1)

    def linked(self, element: Element, marks: Marks, number: int) -> Marks:
        """Return marks and the mark of a link, if its target is known."""
        anchor = value(element, "anchor")
        target = target_of(self.package.links.get(link_id(element), ""))
        target = target or (f"#bookmark-{anchor}" if anchor else "")
        return (*marks, (number, Link(target, ()))) if target else marks

    def piece(self, run: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add a run, a stretch of text with one look."""
        properties = run.find(f"{W}rPr")
        if properties is not None:
            if on(properties.find(f"{W}vanish")):
                self.remarks["hidden text was left out"] += 1
                return
            for tag, strong in (("b", True), ("i", False)):
                if on(properties.find(f"{W}{tag}")):
                    marks = (*marks, (-1 - strong, Emphasis((), strong)))
        path, shells = tuple(number for number, _ in marks), tuple(mark for _, mark in marks)
        for child in run:
            tag = child.tag.rpartition("}")[2]
            here = (*path, -10 - len(built))
            if tag == "t":
                built.append(Fragment(Text(child.text or ""), shells, here))
            elif tag in _CHARACTERS:
                built.append(Fragment(Text(_CHARACTERS[tag]), shells, here))
            elif tag in ("br", "cr"):
                built.append(Fragment(LineBreak(), shells, here))
            elif tag in ("footnoteReference", "endnoteReference"):
                key = (tag.removesuffix("Reference"), value(child, "id"))
                number = self.referred.setdefault(key, len(self.referred) + 1)
                built.append(Fragment(NoteReference(number), shells, here))
            elif tag in _IMAGES or tag == "AlternateContent":
                self.drawn(child, marks, built, depth)

    def drawn(self, element: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add the text in a text box; an image has none."""
        box = next((e for e in element.iter() if e.tag == f"{W}txbxContent"), None)
        if box is None or depth >= _NESTED:
            self.images += 1
            return
        for paragraph in box.iter(f"{W}p"):
            built.append(Fragment(LineBreak(), (), (-10 - len(built),)))
            self.inlines(paragraph, marks, built, _NESTED)
        built.append(Fragment(LineBreak(), (), (-10 - len(built),)))

    def changed(self, *, real: bool = True) -> None:
        """Remember that there are tracked changes."""
        if real:
            self.remarks[
                "the document has tracked changes: it was read as if all were accepted"
            ] += 1


def _contents(element: Element) -> bool:
    gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return value(gallery) == "Table of Contents"


def _inside(element: Element, tag: str) -> Iterable[Element]:
    """Yield the rows of a table, or the cells of a row, through the elements around them."""
    for child in element:
        if child.tag == f"{W}{tag}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _inside(child, tag)


def _close_one(lists: list[_OpenList], pieces: list[Piece]) -> None:
    """End the innermost list, and add it to the one around it, or to the pieces."""
    ended = lists.pop()
    block = List(tuple(map(tuple, ended.items)), ended.start, style=ended.style)
    if lists:
        lists[-1].items[-1].append(block)
    else:
        pieces.append(block)


def _close(lists: list[_OpenList], pieces: list[Piece]) -> None:
    while lists:
        _close_one(lists, pieces)
