"""The formats of documents: their names, and the endings of their files."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from publisher.errors import AskedWrongly, UnknownName


@dataclass(frozen=True, slots=True)
class Format:
    """A format: files that we write have the first of `endings`, `aliases` are other names."""

    name: str
    endings: tuple[str, ...]
    media_type: str
    aliases: tuple[str, ...] = ()


HTML = Format("html", ("html", "htm"), "text/html")
PDF = Format("pdf", ("pdf",), "application/pdf")
MARKDOWN = Format("markdown", ("md", "markdown"), "text/markdown", ("md",))
JSON = Format("json", ("json",), "application/json")
TEXT = Format("text", ("txt",), "text/plain")
CSV = Format("csv", ("csv",), "text/csv")
SARIF = Format("sarif", ("sarif",), "application/sarif+json")
DOCX = Format(
    "docx",
    ("docx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ("word",),
)
_ALL = (HTML, PDF, MARKDOWN, JSON, TEXT, CSV, SARIF, DOCX)
KEPT = tuple(
    Format(endings[0], endings, media_type)
    for endings, media_type in (
        (("doc",), "application/msword"),
        (("rtf",), "application/rtf"),
        (("odt",), "application/vnd.oasis.opendocument.text"),
        (("png",), "image/png"),
        (("jpg", "jpeg"), "image/jpeg"),
        (("tif", "tiff"), "image/tiff"),
    )
)
"""The formats of old documents that an archive keeps, although nothing here reads them."""
_ALIASES = {alias: format.name for format in (MARKDOWN, DOCX) for alias in format.aliases}


def endings(*formats: Format) -> dict[str, str]:
    """Return the endings of files, by the names of their formats."""
    return {format.name: format.endings[0] for format in formats}


def meant_format(name: str | None, file: Path | None, known: Collection[str]) -> str | None:
    """Return one of the `known` formats, by its name, or by the ending of a file.

    None if neither says. Raises `UnknownName`, and `AskedWrongly` if they disagree.
    """
    named = known_format(name, known) if name is not None else None
    ending = file.suffix[1:].lower() if file is not None else ""
    formats = (*_ALL, *KEPT)
    ended = next((format.name for format in formats if ending in format.endings), None)
    if ended not in known or named in (ended, None):
        return named or (ended if ended in known else None)
    raise AskedWrongly(
        f"{file} ends in .{ending}, and --format names {named}. Leave out --format, or change the "
        "ending"
    )


def output_format(name: str | None, output: str | None, known: Mapping[str, str]) -> str:
    """Return the format of something printed, or written to a file; by default, text.

    `known` are the formats that a file may have, with their endings; ``-`` is not a file. Raises
    `UnknownName`, and `AskedWrongly` for text in a file: that is for a terminal.
    """
    file = Path(output) if output not in (None, "-") else None
    format = meant_format(name, file, (*known, TEXT.name)) or TEXT.name
    if format == TEXT.name and file is not None:
        raise AskedWrongly(
            f"a file takes one of {', '.join(known)}, not text. Name one with --format, or let the "
            f"file's name end in one of .{', .'.join(known.values())}"
        )
    return format


PUBLISHED = endings(HTML, PDF, MARKDOWN, JSON)
"""The formats in which a policy is published."""
BUILT = PUBLISHED | endings(DOCX)
"""The formats that `build` can write; Word documents are to be edited, and never published."""


def file_name(locale: str, format: str) -> str:
    """Return the path of a document in its brand's folder."""
    return f"{locale}/policy.{BUILT[format]}"


def known_format(name: str, known: Collection[str] = PUBLISHED) -> str:
    """Return which of the `known` formats a name means; raises `UnknownName`."""
    format = _ALIASES.get(name, name)
    if format not in known:
        raise UnknownName("format", name, known)
    return format


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""The characters that begin a formula in a spreadsheet."""


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV without formulas for spreadsheets: an apostrophe comes before those.

    It begins with a byte order mark, by which spreadsheets know that it is UTF-8.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig", "backslashreplace")
