"""A Word document as a file: its look, lists, page, comments, notes and properties.

ECMA-376 Part 1 defines the parts, Part 2 the package. The same content gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from string import Template
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as Made
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml import parse_xml
from docx.shared import Length, Mm, Pt

from publisher.policy.numerals import DECIMAL, figure_of
from publisher.policy.tree import List
from publisher.render.languages import direction
from publisher.render.style import SPACES, Style
from publisher.render.word.content import Piece, RunFormat
from publisher.render.word.elements import STEP, Element, Elements, element, tabs

_DROPPED = ("thumbnail", "stylesWithEffects", "customXml", "extended-properties", "fontTable")
"""Parts of the library's template that no document needs, or that it has in another form."""
_BULLETS = "•–"
_DEFAULT_STYLES = ("1.", "a.", "i.")
"""The labels of levels that a list does not use itself, for those who continue it in Word."""
_FIGURES = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}
_LEVELS = 9
_DIAGONAL, _TALLEST, _ASPECT = 440, 150, 0.62
"""The width of a watermark, its height at most, in points; a letter's width to its height."""
_LONGEST = 255
"""Characters of a core property, at most."""
_ROOM = 72
"""Characters that a line of a header has room for, at least."""
_LOGO, _SCALE = (60, 14), 6
"""The room for a logo, in mm, and how many pixels it has for each point."""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"
_WORD = f"{_TYPE}.wordprocessingml"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_CUSTOM_XML = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_USER_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The format identifier of properties that have their own names ([MS-OSHARED] 2.3.3.2.3)."""
TREE = "urn:policy-publisher:policy"
"""The name space of the custom part that has a policy's tree, as JSON."""


class WordFile:
    """A document in the house's look, to be filled, and then packed."""

    def __init__(self, locale: str, style: Style) -> None:
        self.locale = locale
        self.style = style
        self.docx = Document()
        self.width = round(style.width * 20)
        self._notes_part: XmlPart | None = None
        self._dress()

    def _dress(self) -> None:
        """Give the document the toolkit's styles and settings, a language, and its direction."""
        docx = self.docx
        for package in (docx.part, docx.part.package):
            for key, relation in list(package.rels.items()):
                if relation.reltype.endswith(_DROPPED):
                    del package.rels[key]
        docx.settings.element[:] = list(parse_xml(_data("settings.xml")))
        styles = docx.styles.element
        sheet = Template(_data("styles.xml").decode()).substitute(_tokens(self.style))
        styles[:] = list(parse_xml(sheet))
        (defaults,) = styles.xpath("w:docDefaults/w:rPrDefault/w:rPr")
        locale = self.locale
        defaults.append(element("lang", val=locale, eastAsia=locale, bidi=locale))
        fonts = _part("/word/fontTable.xml", f"{_WORD}.fontTable+xml", _data("fonts.xml"), docx)
        docx.part.relate_to(fonts, f"{_RELATION}/fontTable")
        if direction(locale) == "rtl":
            (grid,) = docx.element.body.sectPr.xpath("w:docGrid")
            grid.addprevious(element("bidi"))
            normal = docx.styles["Normal"].element
            normal.append(element("pPr", element("bidi")))
            normal.append(element("rPr", element("rtl")))
            for table in docx.styles["Policy Table"].element.xpath("w:tblPr"):
                table.insert(0, element("bidiVisual"))

    # --- content -----------------------------------------------------------------------------

    def fill(self, content: Iterable[Element]) -> None:
        """Put elements into the body, before the properties of its section."""
        section = self.docx.element.body[-1]
        for item in content:
            section.addprevious(item)  # an index would be counted from the first element each time

    def link(self, target: str) -> str:
        """Return the id of a relationship to an outside address."""
        return self.docx.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def link_in_note(self, target: str) -> str:
        """Return the id of a relationship of the footnotes to an outside address."""
        part = self._footnotes()
        return part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def comment(self, elements: Elements, number: int, text: str) -> None:
        """Write a comment under a number."""
        comments = self.docx.comments._comments_elm
        style = element("pPr", element("pStyle", val="CommentText"))
        paragraph = element("p", style, elements.text(Piece(text, RunFormat())))
        comments.append(element("comment", paragraph, id=number, **elements.by))

    def note(self, number: int, content: Iterable[Element]) -> None:
        """Write the text of a footnote."""
        self._footnotes().element.append(element("footnote", *content, id=number))

    def _footnotes(self) -> XmlPart:
        if self._notes_part is None:
            docx = self.docx
            root = parse_xml(_data("footnotes.xml"))
            name = PackURI("/word/footnotes.xml")
            self._notes_part = XmlPart(name, f"{_WORD}.footnotes+xml", root, docx.part.package)
            docx.part.relate_to(self._notes_part, f"{_RELATION}/footnotes")
            used = element("footnotePr", *(element("footnote", id=id) for id in (-1, 0)))
            docx.settings.element.insert(-2, used)
        return self._notes_part

    def number(self, lists: Sequence[tuple[List, int]], titles: int = 0) -> None:
        """Define each list, at its depth, on its own: none continues the numbers of another.

        The list with the number `titles` is that of the clauses, whose labels look as titles do.
        """
        numbering = self.docx.part.numbering_part.element
        numbering[:] = []
        colour = self.style.printed.accent[1:]
        for number, (whole, depth) in enumerate(lists, start=1):
            kind = element("multiLevelType", val="hybridMultilevel")
            ink = element("rPr", *([element("color", val=colour)] if number != titles else []))
            levels = (_level(whole, depth, level, ink) for level in range(_LEVELS))
            numbering.append(element("abstractNum", kind, *levels, abstractNumId=number))
        for number in range(1, len(lists) + 1):
            link = element("abstractNumId", val=number)
            numbering.append(element("num", link, numId=number))

    def logo(self, name: str, brand: str) -> None:
        """Draw the brand's logo, if there is one, in place of its name in the first paragraph."""
        if self.style.logo is None:
            return
        first = self.docx.paragraphs[0]
        for run in first.runs:
            first._p.remove(run._r)
        picture = first.add_run().add_picture(*_picture(self.style.logo, brand))
        picture._inline.docPr.set("name", name)
        picture._inline.docPr.set("descr", name)

    # --- the page ----------------------------------------------------------------------------

    def page(
        self,
        header: Sequence[str],
        footer: str,
        labels: Mapping[str, str],
        warnings: Iterable[str] = (),
    ) -> None:
        """Lay out the page: `header` is above the text, `footer` and page numbers are below it.

        A header has one text, or three: to the left, in the middle, to the right; the middle one
        has a line of its own if they are long. The first page then has the middle one only.
        `labels` are those of the document's language.
        """
        section = self.docx.sections[0]
        paper = self.style.paper
        section.page_width, section.page_height = Mm(paper.width), Mm(paper.height)
        section.left_margin = section.right_margin = Mm(self.style.side)
        section.top_margin, section.bottom_margin = Mm(28), Mm(24)
        section.header_distance = section.footer_distance = Mm(12)
        first = section.header.paragraphs[0]
        if len(header) == 1:
            first.text = header[0]
        else:
            rows = [header]
            if sum(map(len, header)) > _ROOM:
                rows = [("", header[1], ""), (header[0], "", header[2])]
            self._three(first._p, rows[0])
            for row in rows[1:]:
                self._three(section.header.add_paragraph(style="header")._p, row)
            section.different_first_page_header_footer = True
            self._three(section.first_page_header.paragraphs[0]._p, ("", header[1], ""))
            self._below(section.first_page_footer.paragraphs[0]._p, footer, labels)
        for warning in warnings:
            section.header.add_paragraph(warning, "Warning")
        self._below(section.footer.paragraphs[0]._p, footer, labels)

    def across(self, word: str) -> None:
        """Write a word across each page, behind the text, as Word's own watermarks are."""
        section = self.docx.sections[0]
        height = min(_TALLEST, round(_DIAGONAL / max(len(word), 1) / _ASPECT))
        for at, header in enumerate((section.header, section.first_page_header)):
            if word:
                drawn = Template(_data("watermark.xml").decode()).substitute(
                    id=at, word=quoteattr(word), width=_DIAGONAL, height=height
                )
                header.paragraphs[0]._p.append(parse_xml(drawn))

    def _three(self, paragraph: Element, texts: Sequence[str]) -> None:
        """Write three texts into a paragraph: to the left, in the middle, to the right."""
        paragraph.get_or_add_pPr().append(tabs(("center", self.width // 2), ("right", self.width)))
        looks = ("HeaderBrand", "HeaderBanner", "")
        for at, (text, look) in enumerate(zip(texts, looks, strict=True)):
            style = [element("rPr", element("rStyle", val=look))] if look else []
            tab = [element("tab")] if at else []
            paragraph.append(element("r", *style, *tab, _spelled(text)))

    def _below(self, paragraph: Element, text: str, labels: Mapping[str, str]) -> None:
        """Write a text, and the number of the page and of all pages, into a paragraph."""
        paragraph.get_or_add_pPr().append(tabs(("right", self.width)))
        paragraph.append(element("r", _spelled(text), element("tab")))
        for label, field in ((labels["page"], "PAGE"), (f" {labels['of']}", "NUMPAGES")):
            paragraph.append(element("r", _spelled(f"{label} ")))
            number = element("r", _spelled("1"))
            paragraph.append(element("fldSimple", number, instr=field))

    # --- what the file says of itself --------------------------------------------------------

    def describe(self, title: str, author: str, when: datetime, subject: str = "") -> None:
        """Write the core properties (ECMA-376 Part 2, 8.3); `when` has a time zone."""
        core = self.docx.core_properties
        core.title, core.subject = title[:_LONGEST], subject[:_LONGEST]
        core.author = core.last_modified_by = author[:_LONGEST]
        core.created = core.modified = when
        core.language = self.locale
        core.comments = core.keywords = core.category = ""
        core.revision = 1

    def properties(self, values: Mapping[str, str]) -> None:
        """Write custom properties (ECMA-376 Part 1, 22.3), which Word shows and keeps."""
        types = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
        written = "".join(
            f'<property fmtid="{_USER_FORMAT}" pid="{number}" name={quoteattr(name)}>'
            f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
            for number, (name, value) in enumerate(values.items(), start=2)
        )
        root = f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{types}">{written}</Properties>'
        kind = f"{_TYPE}.custom-properties+xml"
        package = self.docx.part.package
        part = _part("/docProps/custom.xml", kind, root.encode(), self.docx)
        package.relate_to(part, f"{_RELATION}/custom-properties")

    def tree(self, json: bytes) -> None:
        """Write the tree of a policy into a custom part, which Word keeps and nobody sees."""
        root = f'<policy xmlns="{TREE}">{escape(json.decode())}</policy>'
        part = _part("/customXml/item1.xml", "application/xml", root.encode(), self.docx)
        id = str(uuid5(NAMESPACE_URL, TREE)).upper()
        item = (
            f'<ds:datastoreItem xmlns:ds="{_CUSTOM_XML}" ds:itemID="{{{id}}}"><ds:schemaRefs>'
            f'<ds:schemaRef ds:uri="{TREE}"/></ds:schemaRefs></ds:datastoreItem>'
        )
        kind = f"{_TYPE}.customXmlProperties+xml"
        props = _part("/customXml/itemProps1.xml", kind, item.encode(), self.docx)
        part.relate_to(props, f"{_RELATION}/customXmlProps")
        self.docx.part.relate_to(part, f"{_RELATION}/customXml")

    def packed(self, when: datetime) -> bytes:
        """Return the file, with fixed times: the library writes the time of day into it."""
        drawn, packed = BytesIO(), BytesIO()
        self.docx.save(drawn)
        moment = max(when.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
        with zipfile.ZipFile(drawn) as parts, zipfile.ZipFile(packed, "w") as archive:
            for name in parts.namelist():
                entry = zipfile.ZipInfo(name, moment)
                entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
                archive.writestr(entry, parts.read(name))
        return packed.getvalue()


def _data(name: str) -> bytes:
    return (files("publisher") / "data" / "word" / name).read_bytes()


def _part(name: str, kind: str, data: bytes, docx: Made) -> Part:
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    data = data if data.startswith(b"<?xml") else head + data
    return Part(PackURI(name), kind, data, docx.part.package)


def _picture(url: str, brand: str) -> tuple[BytesIO, Length, Length]:
    """Return a logo as a PNG, with its width and height: Word needs one beside any SVG."""
    from pypdfium2 import PdfDocument

    from publisher.render.typeset import drawing

    with PdfDocument(drawing(url, brand, *_LOGO)) as pdf:
        bitmap = pdf[0].render(scale=_SCALE, fill_color=(255, 255, 255, 0))
        whole = bitmap.to_pil().convert("RGBA")
    shown = whole.crop(whole.getbbox() or (0, 0, *whole.size))
    written = BytesIO()
    shown.save(written, "PNG")
    written.seek(0)
    width, height = (Pt(size / _SCALE) for size in shown.size)
    return written, width, height


def _spelled(text: str) -> Element:
    spelled = element("t")
    spelled.text = text
    spelled.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return spelled


def _tokens(style: Style) -> dict[str, str | int]:
    """Return a brand's theme for the styles: colours, sizes in half points, space."""
    theme, colours = style.theme, style.printed
    names = ("accent", "ink", "soft", "line", "shade", "mark")
    sizes = {"normal": 1.0, "title": 2.7, "clause": 1.35, "heading": 1.05, "brand": 1.2}
    sizes |= {"small": 0.9, "note": 0.85}
    spaces = {"after": 147, "item": 62, "above_clause": 350, "below_clause": 136, "above": 227}
    space = SPACES[theme.spacing]
    return {
        **{name: getattr(colours, name)[1:] for name in names},
        **{name: round(2 * theme.type_size * size) for name, size in sizes.items()},
        **{f"space_{name}": round(size * space) for name, size in spaces.items()},
        "line_height": round(264 * (1 + (space - 1) * 0.35)),
        "bold": int(theme.heading_weight == "bold"),
    }


def _level(whole: List, depth: int, level: int, ink: Element) -> Element:
    """Return a level of a list: its own at its depth, and at others what a list has there."""
    own = level == min(depth, _LEVELS - 1)
    style = (whole.style or DECIMAL) if own else _DEFAULT_STYLES[level % 3]
    at = depth if own else level
    shape = {"numFmt": "bullet", "lvlText": _BULLETS[at % 2]}
    if whole.start is not None:
        figure = figure_of(style)
        shape = {"numFmt": _FIGURES[figure], "lvlText": style.replace(figure, f"%{level + 1}")}
    return element(
        "lvl",
        element("start", val=whole.start if own and whole.start is not None else 1),
        *(element(name, val=value) for name, value in shape.items()),
        element("lvlJc", val="left"),
        element("pPr", element("ind", left=STEP * (at + 1), hanging=STEP)),
        deepcopy(ink),
        ilvl=level,
    )
