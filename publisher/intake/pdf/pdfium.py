"""PDF → pages of glyphs, with the structure that the file has.

PDFium reads the file: the library of a browser, made to withstand harmful files.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, NamedTuple

from publisher.errors import LibraryMissing, NotADocument
from publisher.intake.link_targets import target_of

MOST_PAGES = 1000
MOST_GLYPHS = 3_000_000
"""The most glyphs in a document; a page has about 3000."""
_MOST_ELEMENTS = 20_000
_DEEPEST = 60
_COPY, _ASSIST = 1 << 4, 1 << 9
"""Bits of the permissions to take text (ISO 32000-1, table 22)."""
_OVERHANG = 0.17
"""Times the size of the type: how far the ink of a letter may overhang the next one.

A letter that seems to overhang further is a part of a ligature, whose advance is unknown.
"""
_MAY_HAVE_JUNK = 1024
_ONE_AT_A_TIME = RLock()
"""PDFium has global state: only one thread may use it at a time."""


class Glyph(NamedTuple):
    """A character on a page: its left and right, its baseline, and how it looks.

    `place` is the number of the marked content that it is part of, -1 for none.
    """

    char: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    place: int
    link: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the structure: its type, and elements and numbers of marked content in it.

    A cell of a table may cover several columns and rows.
    """

    type: str
    inside: tuple[Element | int, ...]
    columns: int = 1
    rows: int = 1


class Typed(NamedTuple):
    """Text typed onto a page: a note on it, or the value of a form field."""

    text: str
    left: float
    right: float
    base: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `turned` is the text on it that is not upright, which is left out.

    `plain` is its text as PDFium reads it, `inner` the number of links to places in the document.
    """

    glyphs: tuple[Glyph, ...]
    elements: tuple[Element, ...]
    turned: str = ""
    typed: tuple[Typed, ...] = ()
    plain: str = ""
    inner: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF: its pages, and the title and the program that it names."""

    pages: tuple[Page, ...]
    title: str
    creator: str


def check(data: bytes) -> None:
    """Raise `NotADocument` unless this is a PDF whose text can be read."""
    with _opened(data):
        pass


def document(data: bytes) -> Document:
    """Return a PDF with all of its pages."""
    with _opened(data) as (pdf, raw):
        tagged = bool(raw.FPDFCatalog_IsTagged(pdf.raw))
        read: list[Page] = []
        left = MOST_GLYPHS
        for number in range(len(pdf)):
            page = _Page(pdf, raw, number).read(left, tagged=tagged)
            read.append(page)
            left -= len(page.glyphs)
        title, creator = (
            " ".join(_text(raw.FPDF_GetMetaText, pdf.raw, key).split())
            for key in (b"Title", b"Creator")
        )
    return Document(tuple(read), title, creator)


def attachments(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Return the files in a PDF, with their names. Raises `NotADocument`, `LibraryMissing`."""
    with _opened(data) as (pdf, raw):
        from pypdfium2 import PdfiumError

        try:
            files = [pdf.get_attachment(number) for number in range(pdf.count_attachments())]
            return tuple(
                (_text(raw.FPDFAttachment_GetName, file.raw), bytes(file.get_data()))
                for file in files
            )
        except PdfiumError as fault:
            reason = "has an attached file that cannot be read"
            raise NotADocument("the file", reason, "take another copy of it") from fault


def _text(function: Any, *about: Any) -> str:
    """Return a text that a function of PDFium writes as UTF-16, even where that is damaged."""
    size = function(*about, None, 0)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*about, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").partition("\0")[0]


@contextmanager
def _opened(data: bytes) -> Iterator[tuple[Any, Any]]:
    if b"%PDF-" not in data[:_MAY_HAVE_JUNK]:
        fix = "give it the ending of its format, or take another copy of it"
        raise NotADocument("the file", "is not a PDF", fix)
    try:
        import pypdfium2
        from pypdfium2 import raw
    except (ImportError, OSError) as missing:
        fix = "install policy-publisher again, which brings it along"
        raise LibraryMissing("pypdfium2", str(missing).splitlines()[0], fix) from missing
    with _ONE_AT_A_TIME:
        yield from _document(pypdfium2, raw, data)


def _document(pypdfium2: Any, raw: Any, data: bytes) -> Iterator[tuple[Any, Any]]:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as fault:
        locked = getattr(fault, "err_code", None) == raw.FPDF_ERR_PASSWORD
        if locked:
            fix = "open it with the password, and print it to a PDF without one"
            reason = "is locked with a password"
            raise NotADocument("the file", reason, fix, genuine=True) from fault
        fix = "take another copy of it, or open it in a viewer and print it to a PDF"
        raise NotADocument("the file", "is damaged: it cannot be read as a PDF", fix) from fault
    try:
        _permitted(pdf, raw)
        yield pdf, raw
    finally:
        pdf.close()


def _permitted(pdf: Any, raw: Any) -> None:
    if not raw.FPDF_GetDocPermissions(pdf.raw) & (_COPY | _ASSIST):
        fix = "ask its author for a copy without that restriction"
        raise NotADocument("the file", "does not permit copying its text", fix, genuine=True)
    if len(pdf) > MOST_PAGES:
        reason = f"has more than {MOST_PAGES} pages"
        fix = "extract the pages of the policy"
        raise NotADocument("the file", reason, fix, genuine=True)


class _Page:
    """Reads one page."""

    def __init__(self, pdf: Any, raw: Any, number: int) -> None:
        self.pdf, self.raw, self.number = pdf, raw, number
        self._looks: dict[int, tuple[int, float, bool]] = {}
        self._advances: dict[tuple[int, int], float] = {}
        self._elements = 0
        self._inner = 0

    def read(self, most: int, *, tagged: bool) -> Page:
        """Return the page, with `most` glyphs at most; a page that cannot be read has none."""
        import pypdfium2

        try:
            page = self.pdf[self.number]
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            return Page((), ())
        try:
            links = tuple(self.links(page))
            count = min(self.raw.FPDFText_CountChars(text.raw), most)
            glyphs = [*_whole(self.glyph(text.raw, at, links) for at in range(max(count, 0)))]
            elements = tuple(self.structure(page)) if tagged else ()
            typed, plain = tuple(self.typed(page)), self.plain(text.raw, max(count, 0))
        finally:
            text.close()
            page.close()
        read = _upright(glyphs, elements)
        return replace(read, typed=typed, plain=plain, inner=self._inner)

    def plain(self, text: Any, count: int) -> str:
        """Return the text of the page as PDFium puts it together."""
        size = (count + 1) * 2
        buffer = (ctypes.c_ushort * size)()
        self.raw.FPDFText_GetText(text, 0, count, buffer)
        return bytes(buffer).decode("utf-16-le", "replace").partition("\0")[0]

    def typed(self, page: Any) -> Iterator[Typed]:
        """Yield the texts typed onto the page, and the values of its form fields."""
        raw, box = self.raw, self.raw.FS_RECTF()
        for at in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MOST_ELEMENTS)):
            annotation = raw.FPDFPage_GetAnnot(page.raw, at)
            if not annotation:
                continue
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            key = {raw.FPDF_ANNOT_FREETEXT: b"Contents", raw.FPDF_ANNOT_WIDGET: b"V"}.get(kind)
            text = self.value(annotation, key) if key else ""
            if text.strip() and raw.FPDFAnnot_GetRect(annotation, box):
                yield Typed(text, box.left, box.right, (box.top + box.bottom) / 2)
            raw.FPDFPage_CloseAnnot(annotation)

    def value(self, annotation: Any, key: bytes) -> str:
        """Return a text that an annotation has."""
        size = self.raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
        if not 2 < size < 1 << 16:
            return ""
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        self.raw.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
        return bytes(buffer).decode("utf-16-le", "replace").partition("\0")[0]

    def glyph(self, text: Any, at: int, links: tuple[Any, ...]) -> tuple[int, Glyph]:
        """Return a glyph, and by how many right angles it is turned; -1 if PDFium put it in."""
        raw = self.raw
        code = raw.FPDFText_GetUnicode(text, at)
        char = chr(code) if 0 < code < 0x110000 else "\ufffd"
        hyphen = raw.FPDFText_IsHyphen(text, at) == 1
        if raw.FPDFText_IsGenerated(text, at) == 1 and not hyphen:
            return -1, Glyph(char, 0, 0, 0, 0, False, -1, "")
        if hyphen or char in "\x02\ufffe":
            char = "-"
        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(text, at, box)
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        place, size, bold = self.looks(text, at)
        turn = raw.FPDFText_GetCharAngle(text, at)
        quarter = round(turn / (math.pi / 2)) % 4 if _straight(turn) else 9
        mid = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        link = next((to for area, to in links if _within(area, *mid)), "")
        left, right, start, base = (
            (box.left, box.right, x.value, y.value),
            (box.bottom, box.top, y.value, -x.value),
            (-box.right, -box.left, -x.value, -y.value),
            (-box.top, -box.bottom, -y.value, x.value),
        )[quarter % 4]
        advanced = start + self.advance(text, at, code)
        if right - advanced < _OVERHANG * size and left - start < _OVERHANG * size:
            right, left = min(right, advanced), max(left, start)
        if not all(map(math.isfinite, (left, right, base))):
            left = right = base = 0.0
        return quarter, Glyph(char, left, right, base, size, bold, place, link)

    def advance(self, text: Any, at: int, code: int) -> float:
        """Return how far a glyph moves the next one, whatever its ink; infinity if unknown."""
        raw = self.raw
        item = raw.FPDFText_GetTextObject(text, at)
        key = (ctypes.cast(item, ctypes.c_void_p).value or 0, code)
        if key not in self._advances:
            font = raw.FPDFTextObj_GetFont(item) if item else None
            width, size, matrix = ctypes.c_float(), ctypes.c_float(), raw.FS_MATRIX()
            known = (
                font
                and raw.FPDFTextObj_GetFontSize(item, size)
                and raw.FPDFFont_GetGlyphWidth(font, code, size, width)
                and raw.FPDFText_GetMatrix(text, at, matrix)
            )
            far = width.value * math.hypot(matrix.a, matrix.b) if known else 0.0
            self._advances[key] = far if math.isfinite(far) and far > 0 else math.inf
        return self._advances[key]

    def looks(self, text: Any, at: int) -> tuple[int, float, bool]:
        """Return the marked content that a glyph is part of, its size, and whether it is bold."""
        raw = self.raw
        item = raw.FPDFText_GetTextObject(text, at)
        key = ctypes.cast(item, ctypes.c_void_p).value or 0
        if key in self._looks:
            return self._looks[key]
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, at, matrix)
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        size = raw.FPDFText_GetFontSize(text, at) * scale
        name = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        raw.FPDFText_GetFontInfo(text, at, name, 128, flags)
        called = name.value.decode("utf-8", "replace").lower()
        heavy = raw.FPDFText_GetFontWeight(text, at) >= 600
        bold = heavy or any(word in called for word in ("bold", "black", "heavy"))
        place = raw.FPDFPageObj_GetMarkedContentID(item) if item else -1
        self._looks[key] = (place, size if 0.5 <= size < 1e4 else 1.0, bold)
        return self._looks[key]

    def links(self, page: Any) -> Iterator[tuple[tuple[float, float, float, float], str]]:
        """Yield the areas of links to the web on the page, and their targets."""
        raw = self.raw
        at, link, box = ctypes.c_int(0), raw.FPDF_LINK(), raw.FS_RECTF()
        for _ in range(_MOST_ELEMENTS):
            if not raw.FPDFLink_Enumerate(page.raw, at, link):
                return
            action = raw.FPDFLink_GetAction(link)
            self._inner += bool(raw.FPDFLink_GetDest(self.pdf.raw, link))
            if not action or not raw.FPDFLink_GetAnnotRect(link, box):
                continue
            size = raw.FPDFAction_GetURIPath(self.pdf.raw, action, None, 0)
            if 1 < size < 8192:
                written = ctypes.create_string_buffer(size)
                raw.FPDFAction_GetURIPath(self.pdf.raw, action, written, size)
                target = target_of(written.value.decode("utf-8", "replace"))
                if target and not target.startswith("#"):
                    low, high = sorted((box.bottom, box.top))
                    yield (box.left, low, box.right, high), target

    # --- the structure ---------------------------------------------------------------------------

    def structure(self, page: Any) -> Iterator[Element]:
        """Yield the outermost elements of the structure that are on the page."""
        raw = self.raw
        tree = raw.FPDF_StructTree_GetForPage(page.raw)
        if not tree:
            return
        try:
            for at in range(min(raw.FPDF_StructTree_CountChildren(tree), _MOST_ELEMENTS)):
                child = raw.FPDF_StructTree_GetChildAtIndex(tree, at)
                if child:
                    yield self.element(child, 0)
        finally:
            raw.FPDF_StructTree_Close(tree)

    def element(self, node: Any, depth: int) -> Element:
        """Return an element with its content."""
        raw = self.raw
        self._elements += 1
        inside: list[Element | int] = []
        for at in range(raw.FPDF_StructElement_CountChildren(node)):
            place = raw.FPDF_StructElement_GetChildMarkedContentID(node, at)
            child = raw.FPDF_StructElement_GetChildAtIndex(node, at) if place < 0 else None
            if place >= 0:
                inside.append(place)
            elif child and depth < _DEEPEST and self._elements < _MOST_ELEMENTS:
                inside.append(self.element(child, depth + 1))
        size = raw.FPDF_StructElement_GetType(node, None, 0)
        name = ctypes.create_string_buffer(max(size, 2))
        raw.FPDF_StructElement_GetType(node, name, size)
        type = name.raw[: max(size - 2, 0)].decode("utf-16-le", "replace")
        if type not in ("TD", "TH"):
            return Element(type, tuple(inside))
        spans = (self.span(node, key) for key in (b"ColSpan", b"RowSpan"))
        return Element(type, tuple(inside), *spans)

    def span(self, node: Any, key: bytes) -> int:
        """Return how many columns, or rows, a cell covers."""
        raw, number = self.raw, ctypes.c_float()
        for at in range(min(raw.FPDF_StructElement_GetAttributeCount(node), 20)):
            attribute = raw.FPDF_StructElement_GetAttributeAtIndex(node, at)
            value = raw.FPDF_StructElement_Attr_GetValue(attribute, key) if attribute else None
            if value and raw.FPDF_StructElement_Attr_GetNumberValue(value, number):
                return int(number.value) if 1 <= number.value < 100 else 1
        return 1


def _whole(glyphs: Iterable[tuple[int, Glyph]]) -> Iterator[tuple[int, Glyph]]:
    """Yield glyphs, the two halves of a character beyond U+FFFF as one."""
    high: tuple[int, Glyph] | None = None
    for turn, glyph in glyphs:
        if high is not None and "\udc00" <= glyph.char < "\ue000":
            both = (high[1].char + glyph.char).encode("utf-16", "surrogatepass").decode("utf-16")
            yield high[0], high[1]._replace(char=both, right=max(high[1].right, glyph.right))
            high = None
            continue
        if high is not None:
            yield high[0], high[1]._replace(char="\ufffd")
        high = (turn, glyph) if "\ud800" <= glyph.char < "\udc00" else None
        if high is None:
            half = "\udc00" <= glyph.char < "\ue000"
            yield turn, glyph._replace(char="\ufffd") if half else glyph
    if high is not None:
        yield high[0], high[1]._replace(char="\ufffd")


def _straight(turn: float) -> bool:
    quarters = turn / (math.pi / 2)
    if not math.isfinite(quarters):
        return False
    return abs(quarters - round(quarters)) < 0.1


def _within(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _upright(glyphs: list[tuple[int, Glyph]], elements: tuple[Element, ...]) -> Page:
    """Return a page with the glyphs that are turned as most of them are.

    The spaces that PDFium adds are left out: for fonts without widths, they are often wrong.
    """
    turns = Counter(turn for turn, glyph in glyphs if turn >= 0 and not glyph.char.isspace())
    most = turns.most_common(1)[0][0] if turns else 0
    kept = tuple(glyph for turn, glyph in glyphs if turn == most)
    others = "".join(glyph.char for turn, glyph in glyphs if turn not in (most, -1))
    return Page(kept, elements, others)
