"""Word documents → titles and blocks, with all tracked changes accepted, or rejected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from publisher.intake import html
from publisher.intake.docx_package import (
    DOCUMENT,
    Numbering,
    Package,
    Style,
    W,
    link_id,
    mapped,
    numbered,
    on,
    styles,
    symbol,
    value,
)
from publisher.intake.draft import (
    DEEPEST,
    Cell,
    Draft,
    Passage,
    Piece,
    Title,
    as_blocks,
    counted,
    flat,
    grid,
    names,
    one_run,
    page_number,
    table,
    tidy,
    without_page_number,
)
from publisher.intake.draft import plain as plain_run
from publisher.intake.link_targets import lost_target, target_of
from publisher.policy.fragments import Fragment, Leaf, Mark
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
    inlines_of,
)

_NESTED = 40
"""The deepest nesting of elements; deeper ones are left out, with a note."""
_CHARACTERS = {"tab": " ", "noBreakHyphen": "\u2011", "softHyphen": "", "ptab": " "}
_ADDED, _TAKEN = names("ins moveTo cellIns"), names("del moveFrom cellDel")
"""Elements around text that a tracked change adds or removes."""
_THROUGH = names(
    "ins moveTo del moveFrom sdt sdtContent smartTag customXml fldSimple dir bdo hyperlink "
    "txbxContent AlternateContent Choice"
)
_MATHS = names("oMath oMathPara")
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_LINK = re.compile(r'\s*HYPERLINK\s+(\\l\s+)?"([^"]*)"', re.IGNORECASE)
_PAGES = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_IMAGES = frozenset(("drawing", "pict", "object"))

Marks = tuple[tuple[int, Mark], ...]
"""The marks of a text, from the outside to the inside, each with a number of its own."""


_BOLD: Marks = ((-2, Emphasis((), strong=True)),)


def check(data: bytes) -> None:
    """Raise `NotADocument` unless this is a Word document that can be read."""
    Package(data)


def read(data: bytes, *, rejected: bool = False) -> Draft:
    """Return the draft of a Word document, with tracked changes accepted, or `rejected`.

    Raises `NotADocument`.
    """
    package = Package(data)
    reader = _Reader(package, rejected=rejected)
    pieces = reader.blocks(package.body, 0)
    footnotes = reader.footnotes()
    margins = tuple(reader.margins())
    comments = package.part("word/comments.xml")
    if comments is not None and len(comments):
        texts = [("comments were left out", "".join(note.itertext())) for note in comments]
        reader.omitted += texts
    title = next((plain_run(p.run) for p in pieces if isinstance(p, Title) and p.level == 0), "")
    return Draft(
        title,
        pieces,
        footnotes,
        tuple(reader.notes()),
        margins,
        tuple(reader.omitted),
        tuple(reader.supplied),
    )


def plain(data: bytes, *, rejected: bool = False) -> list[Passage]:
    """Return all text of all parts of a Word document: for the second reading."""
    package = Package(data)
    passages = []
    for path in package.paths("word/"):
        if not path.startswith(_WITHOUT_TEXT):
            root = package.body if path == DOCUMENT else package.part(path)
            text = "" if root is None else "".join(_all_text(root, rejected=rejected))
            place = path.removeprefix("word/").removesuffix(".xml")
            passages.append(Passage("" if path == DOCUMENT else f"in its part {place}", text))
    for path, content in package.embedded():
        text = html.plain(content.decode("utf-8", "replace"))
        passages.append(Passage(f"in its part {path.removeprefix('word/')}", text))
    return passages


_OURS = "what the toolkit wrote around the text was left out"
_FRAME = ("Brand", "Particulars", "Notice", "FrontRule", "ColophonRule", "Colophon")
"""The styles of such paragraphs in its own documents (`publisher.render.word`)."""
_QUESTIONS = "QuestionsHeading"
"""The style of the line that begins the list of open questions; the list has the text's styles."""
_WITHOUT_TEXT = tuple(
    f"word/{part}"
    for part in sorted(
        names("styles numbering settings fontTable webSettings theme/ glossary/ people comments")
    )
)
_SETTINGS = names("instrText delInstrText posOffset align pctWidth pctHeight sdtPr Fallback")
"""Elements with invisible text, or with text that is also beside them in another form."""


_LINES = names("p tab br cr tc ptab")


def _all_text(root: Element, *, rejected: bool) -> Iterator[str]:
    skipped = _SETTINGS | (_ADDED if rejected else _TAKEN | {"delText"})
    stack: list[Element | str] = [*reversed(root)]
    while stack:
        element = stack.pop()
        if isinstance(element, str):
            yield element
            continue
        tag = element.tag.rpartition("}")[2]
        stack.append(("\n" if tag in _LINES else "") + (element.tail or ""))
        if tag not in skipped:
            yield symbol(value(element, "font"), value(element, "char")) if tag == "sym" else ""
            yield element.text or ""
            stack += reversed(element)


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


@dataclass(slots=True)
class _Field:
    """An open field: what it asks for, and the link and page number that it, or one around it, is.

    Each takes them from the one around it, so that text asks the innermost alone: a damaged file
    can begin any number that never end.
    """

    asked: list[str]
    link: Marks = ()
    page: bool = False


class _Reader:
    """Reads a document in order, and counts what it leaves out."""

    def __init__(self, package: Package, *, rejected: bool = False) -> None:
        self.package = package
        self.unread = _ADDED if rejected else _TAKEN
        self.remark = (
            "the document has tracked changes: it was read as if all were "
            f"{'rejected' if rejected else 'accepted'}"
        )
        self.omitted: list[tuple[str, str]] = []
        self.supplied: list[str] = []
        self.fields: list[_Field] = []
        self.formulas = 0
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
        if self.formulas:
            what = counted(self.formulas, "formula was", "formulas were")
            yield f"{what} read as plain text"
        yield from self.remarks

    # --- blocks ----------------------------------------------------------------------------------

    def blocks(self, body: Element, depth: int) -> tuple[Piece, ...]:
        """Return the pieces in a body, a cell or a note."""
        pieces: list[Piece] = []
        lists: list[_OpenList] = []
        ahead: list[Fragment] = []  # of paragraphs whose end a tracked change removes
        for element in self.flow(body, depth):
            if element.tag == f"{W}tbl":
                _close(lists, pieces)
                pieces += self.table(element, depth)
                continue
            self.run(element, ahead)
            if self.endless(element):
                self.bookmarks(element)
                continue
            run, ahead = tidy(ahead), []
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
        if tidy(ahead):
            pieces.append(Paragraph(tidy(ahead)))
        return tuple(pieces)

    def endless(self, paragraph: Element) -> bool:
        """Return whether a tracked change removes the end of a paragraph."""
        marks = paragraph.find(f"{W}pPr/{W}rPr")
        tags = {mark.tag.removeprefix(W) for mark in ([] if marks is None else marks)}
        if tags & (_ADDED | _TAKEN):
            self.changed()
        return not tags.isdisjoint(self.unread)

    def flow(self, body: Element, depth: int) -> Iterator[Element]:
        """Yield the paragraphs and tables in an element, without a table of contents."""
        around = False
        for element in body:
            tag = element.tag.removeprefix(W)
            if self.package.ours and tag == "p":
                style = value(element.find(f"{W}pPr/{W}pStyle"), "val")
                around = style == _QUESTIONS or (around and style not in _FRAME)
                if around or style in _FRAME:
                    self.omitted.append((_OURS, "".join(_all_text(element, rejected=False))))
                    continue
            if tag in ("p", "tbl"):
                yield element
            elif tag == "sdt" and _contents(element):
                texts = [line for p in element.iter(f"{W}p") if (line := "".join(p.itertext()))]
                self.omitted += [("the table of contents was left out", line) for line in texts]
            elif tag.rpartition("}")[2] in _MATHS:
                math = Element(f"{W}p")
                math.append(element)
                yield math
            elif tag == "altChunk":
                self.remarks["a document that is embedded in it was left out"] += 1
            elif tag.rpartition("}")[2] in self.unread:
                self.changed()
            elif tag.rpartition("}")[2] in _THROUGH:
                if depth < _NESTED:
                    yield from self.flow(element, depth + 1)
                else:
                    self.remarks["parts that are nested too deeply were left out"] += 1

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
        label = self.label(*listed) if listed else ""
        self.bookmarks(paragraph)
        anchors, self.anchors = tuple(self.anchors), []
        bare = Text(plain_run(run)) if not any(isinstance(e, NoteReference) for e in run) else None
        text = (bare,) if bare else run
        return Title(level, (Text(f"{label} "), *text) if label else text, anchors)

    def label(self, number: str, depth: int) -> str:
        """Count a paragraph, and return its label, which is not in the file."""
        label = self.numbering.label(number, depth)
        level = self.numbering.level(number, depth)
        self.supplied.append(label)
        if level is not None and not level.known:
            self.remarks["numbers may look different: Word writes them in unknown figures"] += 1
        return label

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
        label = self.label(number, depth)
        style = None if level is None or level.bullets else level.style
        start = None if style is None else self.numbering.count(number, depth)
        if label and start is None:  # such as 2.1, which no list has
            run = tidy((Text(f"{label} "), *run))
        depth = min(depth, DEEPEST)
        while lists and lists[-1].depth > depth:
            _close_one(lists, pieces)
        if lists and lists[-1].depth == depth and not lists[-1].goes_on(number, start):
            _close_one(lists, pieces)
        if not lists or lists[-1].depth < depth:
            lists.append(_OpenList(number, depth, start, style or ""))
        lists[-1].items.append([Paragraph(run)])

    def table(self, element: Element, depth: int) -> tuple[Piece, ...]:
        """Return a table, or the content of its cells if it is only for layout."""
        if depth >= _NESTED:
            self.remarks["parts that are nested too deeply were left out"] += 1
            return ()
        rows = []
        for row in _inside(element, "tr"):
            if self.taken(row.find(f"{W}trPr")):
                continue
            before = value(row.find(f"{W}trPr/{W}gridBefore"))
            cells = [Cell((), _number(before))] if _number(before) else []
            rows.append([(cell, ()) for cell in cells] + self.cells(row, depth))
        rows = [row for row in rows if any(pieces for _, pieces in row)]
        every = [piece for row in rows for _, pieces in row for piece in pieces]
        if any(not isinstance(piece, Paragraph | List) for piece in every) or len(rows) < 2:
            return tuple(every)
        if max(map(len, rows)) < 2:
            return tuple(every)
        if any(isinstance(piece, List) for piece in every):
            self.remarks["lists in the cells of a table were read as lines"] += 1
        return (table(grid([[cell for cell, _ in row] for row in rows])),)

    def cells(self, row: Element, depth: int) -> list[tuple[Cell, tuple[Piece, ...]]]:
        """Return the cells of a row, each with its pieces."""
        cells = []
        for cell in _inside(row, "tc"):
            properties = cell.find(f"{W}tcPr")
            if self.taken(properties):
                continue
            pieces = self.blocks(cell, depth + 1)
            run = one_run(flat(as_blocks(pieces)))
            span = value(properties.find(f"{W}gridSpan")) if properties is not None else ""
            cells.append((Cell(run, _number(span) or 1), pieces))
        return cells

    def taken(self, properties: Element | None) -> bool:
        """Return whether a tracked change removes a row, or a cell."""
        tags = {part.tag.removeprefix(W) for part in ([] if properties is None else properties)}
        if tags & (_ADDED | _TAKEN):
            self.changed()
        return not tags.isdisjoint(self.unread)

    def margins(self) -> Iterator[Block]:
        """Yield what is at the top or bottom of the pages, without their numbers."""
        known = set()
        for kind in ("header", "footer"):
            for path in self.package.paths(f"word/{kind}"):
                root = self.package.part(path)
                if self.package.ours and root is not None:
                    self.omitted.append((_OURS, "".join(_all_text(root, rejected=False))))
                    continue
                pieces = () if root is None else as_blocks(self.blocks(root, 0))
                for block in flat(pieces):
                    for text in map(plain_run, inlines_of(block)):
                        kept = without_page_number(text) if "#" in text else text
                        if kept and kept not in known and not page_number(kept):
                            known.add(kept)
                            self.omitted.append(("", text.replace(kept, "", 1)))
                            yield Paragraph((Text(kept),))
                        else:
                            self.omitted.append(("", text))

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

    def run(self, paragraph: Element, built: list[Fragment]) -> None:
        """Add the running text of a paragraph."""
        self.inlines(paragraph, _BOLD if self.bold(paragraph) else (), built, 0)

    def bold(self, paragraph: Element) -> bool:
        """Return whether the style of a paragraph is bold."""
        style = value(paragraph.find(f"{W}pPr/{W}pStyle"))
        return next((s.bold for s in self.ancestry(style) if s.bold is not None), False)

    def inlines(self, element: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add the text of an element, with these marks."""
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag in self.unread:
                self.changed()
            elif tag in _MATHS:
                self.formulas += 1
                text = "".join(part.text or "" for part in child.iter(f"{_M}t"))
                built.append(Fragment(Text(text), (), (-10 - len(built),)))
            elif tag == "r":
                self.piece(child, marks, built, depth)
            elif tag in _THROUGH and depth < _NESTED:
                if tag in _ADDED | _TAKEN:
                    self.changed()
                inner = self.linked(child, marks, len(built)) if tag == "hyperlink" else marks
                if tag == "fldSimple":
                    self.begin(value(child, "instr"))
                    self.show()
                self.inlines(child, inner, built, depth + 1)
                if tag == "fldSimple":
                    self.fields.pop()

    def linked(self, element: Element, marks: Marks, number: int) -> Marks:
        """Return marks and the mark of a link, if its target is known."""
        anchor, written = value(element, "anchor"), self.package.links.get(link_id(element), "")
        return self.link(written, anchor if not written else "", marks, number)

    def link(self, written: str, anchor: str, marks: Marks, number: int) -> Marks:
        """Return marks and a link to a page or to a bookmark; a lost target is noted."""
        target = f"#bookmark-{anchor}" if anchor else target_of(written)
        if not target and lost_target(written):
            self.omitted.append(("links to other files became text", written))
        return (*marks, (number, Link(target, ()))) if target else marks

    def field(self, child: Element, tag: str) -> None:
        """Follow the fields that Word fills in: their beginnings, instructions and ends."""
        kind = value(child, "fldCharType")
        if tag == "instrText" and self.fields:
            self.fields[-1].asked.append(child.text or "")
        elif kind == "begin":
            self.begin()
        elif kind == "separate" and self.fields:
            self.show()
        elif kind == "end" and self.fields:
            self.fields.pop()

    def begin(self, asked: str = "") -> None:
        """Begin a field, in the link and the page number of those around it."""
        around = self.fields[-1] if self.fields else _Field([])
        self.fields.append(_Field([asked], around.link, around.page))

    def show(self) -> None:
        """Begin the text that a field shows: of a link, or the number of a page."""
        field = self.fields[-1]
        asked = "".join(field.asked)
        field.asked.clear()
        field.page = field.page or bool(_PAGES.match(asked))
        link = _LINK.match(asked)
        if link and not field.link:
            written, anchor = ("", link[2]) if link[1] else (link[2], "")
            field.link = self.link(written, anchor, (), -(10**6) - len(self.fields))

    def in_field(self, marks: Marks) -> Marks:
        """Return the marks of text, with the mark of a link where a field makes one."""
        if not self.fields or any(isinstance(mark, Link) for _, mark in marks):
            return marks
        return (*marks, *self.fields[-1].link)

    def piece(self, run: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add a run, a stretch of text with one look."""
        properties = run.find(f"{W}rPr")
        if properties is not None:
            if on(properties.find(f"{W}vanish")):
                text = "".join(part.text or "" for part in run.iter(f"{W}t"))
                self.omitted.append(("hidden text was left out", text))
                return
            if properties.find(f"{W}b") is not None:
                marks = tuple(mark for mark in marks if mark not in _BOLD)
                marks = (*marks, *_BOLD) if on(properties.find(f"{W}b")) else marks
            if on(properties.find(f"{W}i")):
                marks = (*marks, (-1, Emphasis(())))
        font = value(properties.find(f"{W}rFonts"), "ascii") if properties is not None else ""
        for child in run:
            tag = child.tag.rpartition("}")[2]
            linked = self.in_field(marks)
            leaf = self.leaf(child, tag, font)
            if leaf is not None:
                path = (*(number for number, _ in linked), -10 - len(built))
                built.append(Fragment(leaf, tuple(mark for _, mark in linked), path))
            elif tag in _IMAGES or tag == "AlternateContent":
                self.drawn(child, linked, built, depth)
            elif tag in ("fldChar", "instrText"):
                self.field(child, tag)

    def leaf(self, element: Element, tag: str, font: str) -> Leaf | None:
        """Return the text of an element in a run; None if it is not text itself."""
        if tag in ("t", "delText"):
            if self.fields and self.fields[-1].page:
                self.omitted.append(("", element.text or ""))
                return Text("#")
            return Text(mapped(element.text or "", font))
        if tag == "sym":
            return Text(symbol(value(element, "font"), value(element, "char")))
        if tag in _CHARACTERS:
            return Text(_CHARACTERS[tag])
        if tag in ("br", "cr"):
            return LineBreak()
        if tag in ("footnoteReference", "endnoteReference"):
            key = (tag.removesuffix("Reference"), value(element, "id"))
            return NoteReference(self.referred.setdefault(key, len(self.referred) + 1))
        return None

    def drawn(self, element: Element, marks: Marks, built: list[Fragment], depth: int) -> None:
        """Add the text in a text box; an image has none."""
        boxes = [*_boxes(element)]
        if not boxes or depth >= _NESTED:
            self.images += 1
            return
        for paragraph in (p for box in boxes for p in box.iter(f"{W}p")):
            built.append(Fragment(LineBreak(), (), (-10 - len(built),)))
            self.inlines(paragraph, marks, built, _NESTED)
        built.append(Fragment(LineBreak(), (), (-10 - len(built),)))

    def changed(self) -> None:
        """Remember that there are tracked changes."""
        self.remarks[self.remark] += 1


def _boxes(element: Element) -> Iterator[Element]:
    """Yield the text boxes in a drawing, but not their copies for older programs."""
    stack = [*reversed(element)]
    while stack:
        inner = stack.pop()
        if inner.tag == f"{W}txbxContent":
            yield inner
        elif inner.tag.rpartition("}")[2] != "Fallback":
            stack += reversed(inner)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0


def _contents(element: Element) -> bool:
    gallery = element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return value(gallery) == "Table of Contents"


def _inside(element: Element, tag: str) -> Iterator[Element]:
    """Yield the rows of a table, or the cells of a row, through the elements around them."""
    stack = [*reversed(element)]
    while stack:
        child = stack.pop()
        if child.tag == f"{W}{tag}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            stack += reversed(child)


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
