"""Which format a file is in; and from there to its clauses, and to a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from publisher.errors import NotADocument
from publisher.intake import docx, html, markdown, pdf, text
from publisher.intake.charsets import decoded
from publisher.intake.pieces import Draft, Extracted
from publisher.intake.sections import clauses_of
from publisher.model.policy import BrandName, Controller, Policy

FORMATS: Mapping[str, str] = MappingProxyType({
    "pdf": "pdf",
    "html": "html", "htm": "html",
    "md": "markdown", "markdown": "markdown",
    "docx": "docx",
    "txt": "text",
})  # fmt: skip
"""The format that each ending of a file's name stands for."""
_MB = 1 << 20
LARGEST: Mapping[str, int] = MappingProxyType(
    {"pdf": 50 * _MB, "docx": 50 * _MB, "html": 2 * _MB, "markdown": 1 * _MB, "text": 2 * _MB}
)
"""Bytes in a document of each format, at most."""
_TEXTS: Mapping[str, Callable[[str], Draft]] = {
    "html": html.read,
    "markdown": markdown.read,
    "text": text.read,
}
_KNOWN_BY = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, as are the documents of word processors"),
    (b"\xd0\xcf\x11\xe0", "a document of an old word processor (.doc)"),
    (b"{\\rtf", "a document in Rich Text (.rtf)"),
    (b"\x89PNG", "an image"), (b"\xff\xd8\xff", "an image"), (b"GIF8", "an image"),
    (b"\x1f\x8b", "a compressed file"), (b"7z\xbc\xaf", "a compressed file"),
)  # fmt: skip


def format_of(name: str, data: bytes) -> str:
    """Return the format of a file, by the ending of its name and by what is in it.

    Raises `NotADocument` where the two do not agree, or where its text cannot be taken.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    format = FORMATS.get(ending)
    if format is None:
        known = ", ".join(f".{each}" for each in FORMATS)
        reason = f"has the ending .{ending}, which is not known here" if ending else "has no ending"
        raise NotADocument(name, reason, f"save it as one of {known}")
    try:
        _check(data, format)
    except NotADocument as fault:
        raise NotADocument(name, fault.reason, fault.mend) from fault
    return format


def extract(data: bytes, format: str) -> Extracted:
    """Return the text of a document in a format that `format_of` returned.

    The same bytes give the same result, whatever there is on the machine. Raises `NotADocument`
    where `format_of` does, and `LibraryMissing`.
    """
    _check_size(data, format)
    if format == "pdf":
        return clauses_of(pdf.read(data))
    if format == "docx":
        return clauses_of(docx.read(data))
    return clauses_of(_TEXTS[format](_decoded(data, format)))


def policy_of(
    extracted: Extracted,
    brand: BrandName,
    locale: str,
    controller: Controller | None = None,
    path: str = "",
) -> Policy:
    """Return what was extracted as a policy, to be compared, and to be written as JSON.

    `path` is where the document is kept. Who the controller was, nobody can tell from the text:
    give the one that is known; else it is nobody.
    """
    clauses = tuple(replace(clause, path=path) for clause in extracted.clauses)
    nobody = Controller("", ())
    return Policy(brand, locale, extracted.title, controller or nobody, clauses, (), frozenset())


def _check(data: bytes, format: str) -> None:
    _check_size(data, format)
    if format == "pdf":
        pdf.check(data)
    elif format == "docx":
        docx.check(data)
    else:
        _decoded(data, format)


def _check_size(data: bytes, format: str) -> None:
    if not data.strip(b"\x00 \t\r\n"):
        raise NotADocument("the file", "is empty", "take another copy of it")
    if len(data) > LARGEST[format]:
        size = f"{LARGEST[format] // _MB} MB"
        mend = "leave out what is not the policy, such as images"
        raise NotADocument("the file", f"is larger than {size}", mend)


def _decoded(data: bytes, format: str) -> str:
    for start, what in _KNOWN_BY:
        if data.startswith(start):
            mend = "give it the ending of what it is, or save it as PDF, Word (.docx) or text"
            raise NotADocument("the file", f"is no text, but {what}", mend)
    said = decoded(data, markup=format == "html")
    if said is None:
        reason = "is in a character set that cannot be told for sure"
        raise NotADocument("the file", reason, "save it as UTF-8 in a text editor")
    return said
