"""Finds the format of a file, and extracts its text as clauses, or as a policy.

Text in an unknown character set is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import webencodings

from publisher.errors import NotADocument
from publisher.files.format import DOCX, HTML, KEPT, MARKDOWN, PDF, TEXT
from publisher.intake import docx, html, markdown, text
from publisher.intake.clauses import clauses_of
from publisher.intake.draft import Extracted, Passage
from publisher.intake.pdf import pdfium, read
from publisher.intake.second_reading import compared
from publisher.policy.tree import BrandName, Controller, Policy

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']?([\w.:-]+)|<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_HEAD = 4096
"""The first bytes, which may declare a character set; HTML requires it in the first 1024."""
_TYPICAL = frozenset(
    "àáâäçèéêëíîïñóôöùúûüßåøæœÀÁÂÄÇÈÉÊËÍÎÏÑÓÔÖÙÚÛÜÅØÆŒ–—“”‘’„‚…•€«»§©®°·´\u00a0½¿¡"
)
"""The characters of Western European text beyond ASCII."""

_MISPLACED = re.compile(r"[^\W\d_][‚„¿¡©®°·´½]|…[^\W\d_]|[^\W\d_][€–]?[«][^\W\d_]")
"""Characters in the middle of words if a different character set is read as Windows-1252."""


def decoded(data: bytes, *, markup: bool = False) -> str | None:
    """Return the text of a file, or None if its character set is uncertain.

    It is UTF-8, or UTF-16 with a mark at its start; or, in markup, the declared character set; or
    Windows-1252, if none is declared and all characters beyond ASCII are typical of Western Europe.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], marked)
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    charset = _declared(data) if markup else None
    if charset is not None:
        return _strict(data, charset)
    return _western(data)


def _strict(data: bytes, charset: str) -> str | None:
    try:
        text = data.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None
    return None if "\x00" in text and text.count("\x00") > len(text) // 1000 else text


def _declared(data: bytes) -> str | None:
    """Return Python's name of the character set that a page declares; None if it declares none."""
    declaration = _DECLARED.search(data[:_HEAD])
    return charset_of((declaration[1] or declaration[2]).decode("ascii")) if declaration else None


def charset_of(name: str) -> str:
    """Return Python's name of the character set that browsers use for a name (WHATWG, Encoding).

    Where they know none, nothing can be decoded: with some of Python's codecs, a page would have
    words that no browser shows.
    """
    known = webencodings.lookup(name) or webencodings.lookup(name.replace("-", ""))
    return str(known.codec_info.name) if known is not None else "unknown"


def _western(data: bytes) -> str | None:
    text = _strict(data, "cp1252")
    if text is None:
        return None
    beyond = [c for c in text if not c.isascii()]
    letters = sum(c.isascii() and c.isalpha() for c in text)
    plainly = all(c in _TYPICAL for c in beyond) and len(beyond) * 3 <= letters
    # Other character sets have other letters at these codes: Greek and Russian more than of ASCII;
    # Polish and Czech some that are rare here; those of DOS quotation marks.
    return text if plainly and "\x00" not in text and not _MISPLACED.search(text) else None


FORMATS: Mapping[str, str] = MappingProxyType(
    {
        ending: format.name
        for format in (PDF, HTML, MARKDOWN, DOCX, TEXT)
        for ending in format.endings
    }
)
"""The format for each ending of a file's name."""
KEPT_ONLY: Mapping[str, str] = MappingProxyType(
    {ending: format.name for format in KEPT for ending in format.endings}
)
"""The same for formats that an archive keeps, but nothing reads."""
_MB = 1 << 20
LARGEST: Mapping[str, int] = MappingProxyType(
    {"pdf": 50 * _MB, "docx": 50 * _MB, "html": 2 * _MB, "markdown": 1 * _MB, "text": 2 * _MB}
)
"""The most bytes of a document, by format."""
_TEXTS: Mapping[str, Any] = {"html": html, "markdown": markdown, "text": text}
_KNOWN_BY = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, as are the documents of word processors"),
    (b"\xd0\xcf\x11\xe0", "a document of an old word processor (.doc)"),
    (b"{\\rtf", "a document in Rich Text (.rtf)"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
)


def format_of(name: str, data: bytes) -> str:
    """Return the format of a file, by the ending of its name and by its content.

    Raises `NotADocument` if the two do not agree, or if its text cannot be read.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    format = FORMATS.get(ending)
    if format is None:
        known = ", ".join(f".{ending}" for ending in FORMATS)
        reason = (
            f"has the ending .{ending}, which publisher cannot read" if ending else "has no ending"
        )
        genuine = ending in KEPT_ONLY and 0 < len(data) <= LARGEST["pdf"]
        raise NotADocument(name, reason, f"save it as one of {known}", genuine=genuine)
    try:
        _check(data, format)
    except NotADocument as fault:
        raise NotADocument(name, fault.reason, fault.fix, genuine=fault.genuine) from fault
    return format


def kept_as(name: str) -> str:
    """Return the format in which an archive keeps a file that cannot be read, by its ending."""
    ending = name.rpartition(".")[2].lower()
    return FORMATS.get(ending) or KEPT_ONLY[ending]


def extract(data: bytes, format: str, *, as_sent: bool = False, visible: bool = False) -> Extracted:
    """Return the text of a document in a format that `format_of` returned.

    Tracked changes in a Word document are accepted, or, `as_sent`, rejected. The closed panels of a
    page are part of its text, unless only what is `visible` is asked for. The same bytes give the
    same result on every machine. Raises `NotADocument` if `format_of` does, and `LibraryMissing`.
    """
    _check_size(data, format)
    if format == "pdf":
        document = pdfium.document(data)
        draft, plain = read.draft_of(document), read.plain(document)
    elif format == "docx":
        draft, plain = docx.read(data, rejected=as_sent), docx.plain(data, rejected=as_sent)
    else:
        reader = _TEXTS[format]
        text = _decoded(data, format)
        how = {"visible": visible} if format == "html" else {}
        draft, plain = reader.read(text, **how), [Passage("", reader.plain(text))]
    extracted = clauses_of(draft)
    return replace(extracted, notes=(*extracted.notes, *compared(plain, extracted)))


def policy_of(
    extracted: Extracted,
    brand: BrandName,
    locale: str,
    controller: Controller | None = None,
) -> Policy:
    """Return an extracted text as a policy, to be compared, and to be written as JSON.

    The text does not say who the controller was; the default is nobody.
    """
    clauses = tuple(replace(clause, path="") for clause in extracted.clauses)
    known = controller or Controller("", ())
    return Policy(brand, locale, extracted.title, known, clauses, (), frozenset())


def _check(data: bytes, format: str) -> None:
    _check_size(data, format)
    if format == "pdf":
        pdfium.check(data)
    elif format == "docx":
        docx.check(data)
    else:
        _decoded(data, format)


def _check_size(data: bytes, format: str) -> None:
    if not data.strip(b"\x00 \t\r\n"):
        raise NotADocument("the file", "is empty", "take another copy of it")
    if len(data) > LARGEST[format]:
        size = f"{LARGEST[format] // _MB} MB"
        fix = "leave out everything but the policy: images, for example"
        genuine = len(data) <= LARGEST["pdf"]
        raise NotADocument("the file", f"is larger than {size}", fix, genuine=genuine)


def _decoded(data: bytes, format: str) -> str:
    for start, what in _KNOWN_BY:
        if data.startswith(start):
            fix = "give it the ending of its format, or save it as PDF, Word (.docx) or text"
            raise NotADocument("the file", f"is not text, but {what}", fix)
    text = decoded(data, markup=format == "html")
    if text is None:
        reason = "is in an unknown character set"
        fix = "save it as UTF-8 in a text editor"
        raise NotADocument("the file", reason, fix, genuine=True)
    return text
