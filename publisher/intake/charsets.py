"""Bytes → text, in the character set that they are in, or not at all."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']?([\w.:-]+)|<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_LOOKED_AT = 4096
"""Bytes in which a declaration is looked for; HTML asks for the first 1024."""
_LATIN = frozenset(["latin-1", "iso8859-1", "iso-8859-1", "ascii", "us-ascii"])
_TYPICAL = frozenset(
    "àáâäçèéêëíîïñóôöùúûüßåøæœÀÁÂÄÇÈÉÊËÍÎÏÑÓÔÖÙÚÛÜÅØÆŒ–—“”‘’„‚…•€«»§©®°·´\u00a0½¿¡"
)
"""What Western European text has beyond ASCII."""

_MISPLACED = re.compile(r"[^\W\d_][‚„¿¡©®°·´½]|…[^\W\d_]|[^\W\d_][€–]?[«][^\W\d_]")
"""What would be in the middle of words, if another character set were read as Windows-1252."""


def decoded(data: bytes, *, markup: bool = False) -> str | None:
    """Return the text of a file, None where its character set is not known for sure.

    It is UTF-8, or UTF-16 with a mark at its start; or, in markup, what the document declares; or
    Windows-1252, where nothing is declared and all that is not ASCII is what Western European text
    has.
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
    """Return the character set that a page says it is in, as browsers understand the name."""
    found = _DECLARED.search(data[:_LOOKED_AT])
    if found is None:
        return None
    name = (found[1] or found[2]).decode("ascii").lower()
    if name in _LATIN:
        return "cp1252"  # so the WHATWG: pages that say so mean it
    try:
        known = codecs.lookup(name)
    except LookupError:
        return name
    # what is no character set of text, and UTF-8 that is none, does not decode
    return known.name


def _western(data: bytes) -> str | None:
    text = _strict(data, "cp1252")
    if text is None:
        return None
    beyond = [c for c in text if not c.isascii()]
    letters = sum(c.isascii() and c.isalpha() for c in text)
    plainly = all(c in _TYPICAL for c in beyond) and len(beyond) * 3 <= letters
    # In other character sets other letters have these codes: in Greek or Russian, more of them than
    # of ASCII; in Polish or Czech, some that are rare here; in one of DOS, quotation marks.
    return text if plainly and "\x00" not in text and not _MISPLACED.search(text) else None
