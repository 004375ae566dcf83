"""A redline → the file: the document with its styles, lists, comments, header and properties.

The page header names the two policies, with a warning if one cannot be trusted.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO

from docx import Document
from docx.document import Document as Made
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.shared import Mm

from publisher.policy.numerals import DECIMAL, figure_of
from publisher.redline.values import Origin, Redline
from publisher.redline.views.phrases import dated_origin_of, summary
from publisher.redline.views.plain_text import plain_text
from publisher.redline.word.document import Flow
from publisher.redline.word.elements import STEP, Element, Elements, element
from publisher.redline.word.runs import Piece, RunFormat, Track
from publisher.render.languages import direction, labels_of
from publisher.render.style import Paper


def headline(redline: Redline, origins: tuple[Origin, Origin]) -> str:
    """Return in words which two policies are compared, and their brands."""
    old, new = (dated_origin_of(origin, redline.policy) for origin in origins)
    compared = f"{labels_of(redline.policy)['redline']}: {{}} → {{}}"
    if origins[0].brand == origins[1].brand:
        return f"{redline.policy.brand.name} · {compared.format(old, new)}"
    return compared.format(f"{origins[0].brand}, {old}", f"{origins[1].brand}, {new}")


def warnings(redline: Redline, origins: tuple[Origin, Origin]) -> Iterator[str]:
    """Yield a warning for each version whose text cannot be trusted, with the reason."""
    for origin in origins:
        if origin.unverified:
            warning = labels_of(redline.policy)["unverified"]
            yield f"{dated_origin_of(origin, redline.policy)}. {warning} {origin.unverified}"


def title_of(redline: Redline) -> str:
    """Return the title of the newer policy that there is, with its brand."""
    return f"{plain_text(redline.title)} – {redline.policy.brand.name}"


_DROPPED = ("thumbnail", "stylesWithEffects", "customXml", "extended-properties")
"""Parts of the library's template that no redline needs: a picture of a document, for example."""
_BULLETS = "•–"
_FIGURES = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}
_SIDE = 23
"""The margin of a page to the left and the right, in mm."""
_LONGEST = 255
"""Characters of a core property, at most."""


def document(
    redline: Redline, origins: tuple[Origin, Origin], author: str, when: datetime, paper: Paper
) -> bytes:
    """Return a redline as a Word document: see `publisher.redline.word.docx`."""
    own = labels_of(redline.policy)
    happened = summary(redline, own)
    docx = Document()
    flow = Flow(own)
    flow.redline(redline, happened)
    dress(docx, redline.policy.locale)
    _number(docx, flow)
    elements = Elements(
        author,
        when,
        lambda target: docx.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True),
        lambda number, text: _comment(docx, elements, number, text),
        int(Mm(paper.width - 2 * _SIDE).twips),
    )
    body = docx.element.body
    for item in elements.body(flow.items):
        body.insert(len(body) - 1, item)
    _page(docx, redline, origins, paper)
    _describe(docx, redline, author, when.astimezone(UTC))
    return packed(docx, when.astimezone(UTC))


def dress(docx: Made, locale: str) -> None:
    """Give a document the toolkit's styles and settings, a language, and its direction."""
    for package in (docx.part, docx.part.package):
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith(_DROPPED):
                del package.rels[key]
    docx.settings.element[:] = list(_data("settings.xml"))
    styles = docx.styles.element
    styles[:] = list(_data("styles.xml"))
    (defaults,) = styles.xpath("w:docDefaults/w:rPrDefault/w:rPr")
    defaults.append(element("lang", val=locale, eastAsia=locale, bidi=locale))
    if direction(locale) == "rtl":
        normal = docx.styles["Normal"].element
        normal.append(element("pPr", element("bidi")))
        normal.append(element("rPr", element("rtl")))
        for table in docx.styles["Policy Table"].element.xpath("w:tblPr"):
            table.insert(0, element("bidiVisual"))


def _data(name: str) -> Element:
    return parse_xml((files("publisher") / "data" / "word" / name).read_bytes())


def _number(docx: Made, flow: Flow) -> None:
    """Define each list on its own, so that none continues the numbers of another."""
    numbering = docx.part.numbering_part.element
    numbering[:] = []
    for number, (whole, depth) in enumerate(flow.lists, start=1):
        shape = {"numFmt": "bullet", "lvlText": _BULLETS[depth % 2]}
        if whole.start is not None:
            style = whole.style or DECIMAL
            figure = figure_of(style)
            text = style.replace(figure, f"%{min(depth, 8) + 1}")
            shape = {"numFmt": _FIGURES[figure], "lvlText": text}
        level = element(
            "lvl",
            element("start", val=1 if whole.start is None else whole.start),
            *(element(name, val=value) for name, value in shape.items()),
            element("lvlJc", val="left"),
            element("pPr", element("ind", left=STEP * (depth + 1), hanging=STEP)),
            ilvl=min(depth, 8),
        )
        kind = element("multiLevelType", val="hybridMultilevel")
        numbering.append(element("abstractNum", kind, level, abstractNumId=number))
    for number in range(1, len(flow.lists) + 1):
        link = element("abstractNumId", val=number)
        numbering.append(element("num", link, numId=number))


def _comment(docx: Made, elements: Elements, number: int, text: str) -> None:
    comments = docx.comments._comments_elm
    style = element("pPr", element("pStyle", val="CommentText"))
    paragraph = element("p", style, elements.text(Piece(text, RunFormat(), Track.STAYS)))
    comments.append(element("comment", paragraph, id=number, **elements.by))


def _page(docx: Made, redline: Redline, origins: tuple[Origin, Origin], paper: Paper) -> None:
    """Lay out the page, with a headline above the text and page numbers below it."""
    section = docx.sections[0]
    section.page_width, section.page_height = Mm(paper.width), Mm(paper.height)
    section.left_margin = section.right_margin = Mm(_SIDE)
    section.top_margin, section.bottom_margin = Mm(28), Mm(24)
    section.header_distance = section.footer_distance = Mm(12)
    locale = redline.policy.locale
    if direction(locale) == "rtl":
        docx.element.body.sectPr.append(element("bidi"))
    section.header.paragraphs[0].text = headline(redline, origins)
    for warning in warnings(redline, origins):
        section.header.add_paragraph(warning, "Warning")
    footer = section.footer.paragraphs[0]
    own = labels_of(redline.policy)
    for label, field in ((own["page"], "PAGE"), (f" {own['of']}", "NUMPAGES")):
        footer.add_run(f"{label} ")
        footer._p.append(element("fldSimple", instr=field))


def _describe(docx: Made, redline: Redline, author: str, when: datetime) -> None:
    """Write the core properties (ECMA-376 Part 2, 8.3)."""
    core = docx.core_properties
    core.title = title_of(redline)[:_LONGEST]
    core.author = core.last_modified_by = author[:_LONGEST]
    core.created = core.modified = when
    core.language = redline.policy.locale
    core.comments = core.keywords = core.subject = core.category = ""
    core.revision = 1


def packed(docx: Made, when: datetime) -> bytes:
    """Return the file, with fixed times: the library writes the time of day into it."""
    drawn, packed = BytesIO(), BytesIO()
    docx.save(drawn)
    moment = max(when.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(drawn) as parts, zipfile.ZipFile(packed, "w") as archive:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, parts.read(name))
    return packed.getvalue()
