"""A Word document as the package that it is: a ZIP archive with XML in it.

It is read with what Python brings along, and not with python-docx, which writes documents, stops at
a damaged part, and knows nothing of tracked changes and footnotes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import cached_property
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, XMLParser
from zipfile import BadZipFile, ZipFile

from publisher.errors import NotADocument

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DOCUMENT = "word/document.xml"
LARGEST_PART = 20 << 20
"""Bytes in a part, unpacked, at most; a hundred pages have a twentieth of that."""
_DOCTYPE = re.compile(rb"<!\s*DOCTYPE|<!\s*ENTITY", re.IGNORECASE)
_MEND = "open it in a word processor, and save it as .docx again"


class Package:
    """The parts of a Word document that have its text."""

    def __init__(self, data: bytes) -> None:
        """Open the package; raises `NotADocument` if it is none."""
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            reason = "is locked with a password, or in the format of Word before 2007"
            raise NotADocument(
                "the file", reason, "open it in Word, and save it as .docx without one"
            )
        try:
            self._zip = ZipFile(BytesIO(data))
            self._sizes = {each.filename: each.file_size for each in self._zip.infolist()}
        except (BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as fault:
            raise NotADocument("the file", "is no Word document, or damaged", _MEND) from fault
        if DOCUMENT not in self._sizes:
            reason = f"is no Word document: there is no {DOCUMENT} in it"
            raise NotADocument("the file", reason, _MEND)
        self.body = self._document()

    def _document(self) -> Element:
        document = self.part(DOCUMENT)
        body = document.find(f"{W}body") if document is not None else None
        if body is None:
            raise NotADocument("the file", f"is damaged: its {DOCUMENT} cannot be read", _MEND)
        return body

    def part(self, path: str) -> Element | None:
        """Return the root of a part; None if there is none, or it is no XML.

        Raises `NotADocument` if it is too large. Entities are not expanded: a part with a
        declaration of any is none (ECMA-376 part 2, 8.1.4).
        """
        size = self._sizes.get(path)
        if size is None:
            return None
        if size > LARGEST_PART:
            reason = f"has more than {LARGEST_PART >> 20} MB of text in it, unpacked"
            raise NotADocument("the file", reason, "take another copy of it")
        try:
            data = self._zip.read(path)
        except (BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError,
                RuntimeError, IndexError):  # fmt: skip
            return None
        data = data.replace(_STRICT, W[1:-1].encode())
        if _DOCTYPE.search(data) or b"\x00" in data[:200]:
            return None
        try:
            parser = XMLParser()  # noqa: S314 - there are no entities in it
            parser.feed(data)
            root: Element = parser.close()
        except (ParseError, ValueError, LookupError):
            return None
        return root

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Where each external link leads to, by its id."""
        root = self.part("word/_rels/document.xml.rels")
        return {} if root is None else {
            each.get("Id", ""): each.get("Target", "")
            for each in root
            if each.get("TargetMode") == "External"
        }  # fmt: skip

    def has(self, start: str) -> bool:
        """Return whether there is a part whose path starts so."""
        return any(path.startswith(start) for path in self._sizes)


def value(element: Element | None, attribute: str = "val") -> str:
    """Return an attribute in Word's own name space; nothing if there is none."""
    return "" if element is None else element.get(f"{W}{attribute}", "")


def link_id(element: Element) -> str:
    """Return the id of the link that an element is."""
    return element.get(f"{_R}id", "")


def on(element: Element | None) -> bool:
    """Return whether a property is there, and not switched off."""
    return element is not None and value(element) not in ("0", "false", "off", "none")
