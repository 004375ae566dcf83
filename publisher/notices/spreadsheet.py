"""Reads a list of customers: CSV as programs export it, or a spreadsheet.

Nothing is skipped: a cell whose value is unknown is marked, and a row of the wrong length is
reported with its number.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
import subprocess
import sys
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from publisher.errors import AskedWrongly
from publisher.files.named import Unread, read_named

UNKNOWN = "#formula"
"""What is in a cell with a formula that has no value, or has an error."""
LARGEST = 100_000_000
"""Bytes of a list, at most."""
_MEMORY = 4 << 30
"""Bytes of address space to read a spreadsheet in, at most."""

_UNPACKED = 1 << 30
"""Bytes of a sheet, unpacked, in which formulas are looked for, at most."""
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14
"""The rows, and the columns, of a sheet in Excel."""
_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
_DELIMITERS = (",", ";", "\t")
_FORMULA = re.compile(rb"""<(?:[\w.-]+:)?f[\s/>]|\bt\s*=\s*["']e["']""")
"""Where a sheet has a formula, or a cell with an error."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty, with the number that the program shows, or the line of the file."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a list; `notes` name the assumptions made to read it."""

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Return the rows of a file; raises `AskedWrongly` where it cannot be read as a list."""
    try:
        data = read_named(path, LARGEST)
    except Unread as fault:
        raise AskedWrongly(f"{path} {fault}. Name the list of customers") from None
    if path.suffix.lower() in _SPREADSHEETS:
        return _workbook(path.name, data, sheet)
    if data.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise AskedWrongly(f"{path} is a spreadsheet; let its name end in .xlsx, .xls or .ods")
    if sheet is not None:
        raise AskedWrongly(f"{path} is not a spreadsheet, so it has no sheets; leave out --sheet")
    text, notes = _decoded(path.name, data)
    return Table(path.name, tuple(_records(path.name, text)), notes)


def _decoded(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and a note where its encoding is not certain."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    binary = b"\0" in data and not marked  # such as UTF-16 without its mark
    line = 1
    try:
        if not binary:
            return data.decode("utf-16" if marked else "utf-8-sig"), ()
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
    try:
        text = data.removeprefix(BOM_UTF8).decode("cp1252") if not (marked or binary) else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise AskedWrongly(f"{name}:{line}: is not text in UTF-8. Export the list as CSV in UTF-8")
    note = (
        f"{name}:{line}: is not UTF-8, and was read as Windows-1252. Check the names with accents"
    )
    return text, (note,)


def _records(name: str, text: str) -> Iterator[Row]:
    """Yield the records of a CSV file, by the delimiter that fits it best."""
    lines = text.splitlines(keepends=True)
    first = 0
    delimiters: Sequence[str] = _DELIMITERS
    if lines and re.fullmatch(r"sep=[,;\t]\s*", lines[0]):
        first, delimiters = 1, lines[0][4]
    delimiter = max(delimiters, key=lambda mark: _fit(text, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            cleaned = tuple(cell.strip() for cell in cells)
            if number > first and any(cleaned):
                yield Row(number, cleaned)
            number = reader.line_num + 1
    except csv.Error as fault:
        raise AskedWrongly(
            f"{name}:{number}: is not CSV: {fault}. Close the quotation marks there, or export the "
            "list again"
        ) from None


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """Return how well a delimiter fits: rows as long as the first, and the cells of the first."""
    sample = io.StringIO(text[: 1 << 16], newline="")
    try:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if any(cells)]
    except csv.Error:
        return 0, 0
    width = widths[0] if widths else 0
    return (widths.count(width) if width > 1 else 0), width


def _workbook(name: str, data: bytes, sheet: str | None) -> Table:
    """Return the rows of a sheet: the named one, or the only one that has any."""
    sheets = _sheets(name, data)
    filled = [title for title, rows in sheets.items() if any(any(row) for row in rows)]
    if sheet is None and len(filled) > 1:
        raise AskedWrongly(f"{name} has several sheets; name one with --sheet: {', '.join(filled)}")
    if sheet is not None and sheet not in sheets:
        raise AskedWrongly(f"{name} has no sheet '{sheet}'; it has {', '.join(sheets)}")
    chosen = sheet if sheet is not None else next(iter(filled), None)
    if chosen is None:
        return Table(name, ())
    return Table(name, tuple(_rows(sheets[chosen], _without_value(name, data, chosen))))


def _sheets(name: str, data: bytes) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet, by its name.

    A process of its own reads them: the reader kills its process if a sheet claims to have billions
    of cells.
    """
    code = f"import sys; sys.path[:] = {sys.path}; from {__name__} import _print; _print()"
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    answer = json.loads(done.stdout or "null") if not done.returncode else None
    if answer == "locked":
        raise AskedWrongly(f"{name} is locked with a password. Save it without one")
    if done.returncode or not isinstance(answer, dict):
        reason = answer or "it is damaged, or has too many cells"
        raise AskedWrongly(
            f"{name} cannot be read as a spreadsheet: {reason}. Save it again, or export CSV"
        )
    return answer


def _print() -> None:
    """Print the cells of the spreadsheet that is read from standard input, as JSON."""
    json.dump(_read_sheets(sys.stdin.buffer.read()), sys.stdout)


def _read_sheets(data: bytes) -> object:
    """Return the cells of each sheet, by its name, or why they cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    with suppress(ImportError, OSError, ValueError):  # Windows has no limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            title: [
                [*map(_shown, row)]
                for row in book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            ]
            for title in book.sheet_names
        }
    except PasswordError:
        return "locked"
    except (CalamineError, OSError) as fault:
        return str(fault)


def _rows(rows: Sequence[Sequence[str]], unknown: Mapping[int, set[int]]) -> Iterator[Row]:
    """Yield the rows of a sheet, with `UNKNOWN` in the columns that are `unknown`, by row."""
    for number in sorted({*range(1, len(rows) + 1), *unknown}):
        row = [*rows[number - 1]] if number <= len(rows) else []
        for column in sorted(unknown.get(number, ())):
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or UNKNOWN
        if any(row):
            yield Row(number, tuple(row))


def _shown(cell: object) -> str:
    """Return a cell as the program shows it: a spreadsheet has no whole numbers."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _without_value(name: str, data: bytes, sheet: str) -> Mapping[int, set[int]]:
    """Return the columns, by row, of a sheet's cells with a formula without value, or an error.

    The reader of spreadsheets gives them as empty.
    """
    if b"xl/workbook.xml" not in data:
        return {}  # another format of spreadsheet
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            text = _part(name, package, _part_of(name, package, sheet))
        return _unvalued(text) if _FORMULA.search(text) else {}
    except (*_UNREADABLE, ElementTree.ParseError, LookupError, ValueError):
        raise AskedWrongly(
            f"{name} cannot be searched for formulas without a value. Save it again, or export CSV"
        ) from None


def _unvalued(sheet: bytes) -> Mapping[int, set[int]]:
    """Return the columns, by row, of cells with a formula without value, or an error.

    A row or a cell may leave its place out: it follows the one before it (ISO/IEC 29500-1, 18.3.1).
    """
    columns: dict[int, set[int]] = {}
    row = column = -1
    for event, element in ElementTree.iterparse(io.BytesIO(sheet), ("start", "end")):  # noqa: S314 - expat bounds it
        tag, place = element.tag.rpartition("}")[2], element.get("r")
        if (event, tag) == ("start", "row"):
            row, column = _within(int(place or max(row, 0) + 1), _MOST_ROWS), -1
        elif (event, tag) == ("start", "c"):
            column = _column(place.rstrip("0123456789")) if place else column + 1
        elif tag == "c":
            value = (element.findtext("{*}v") or "").strip()
            if element.get("t") == "e" or (not value and element.find("{*}f") is not None):
                columns.setdefault(_within(row, _MOST_ROWS), set()).add(column)
        if event == "end" and tag in ("c", "row"):
            element.clear()
    return columns


def _part(name: str, package: zipfile.ZipFile, path: str) -> bytes:
    """Return a part of a package, without reading it if it is too large."""
    if package.getinfo(path).file_size > _UNPACKED:
        size = f"{_UNPACKED >> 20} MB"
        raise AskedWrongly(f"{name} unpacks to more than {size}. Delete empty rows, or export CSV")
    return package.read(path)


def _part_of(name: str, package: zipfile.ZipFile, sheet: str) -> str:
    """Return the part of a workbook (ISO/IEC 29500-1, 18.2.19) that has a sheet."""
    book = ElementTree.fromstring(_part(name, package, "xl/workbook.xml"))  # noqa: S314 - expat bounds it
    links = ElementTree.fromstring(_part(name, package, "xl/_rels/workbook.xml.rels"))  # noqa: S314
    ids = {
        node.get("name"): value
        for node in book.iter()
        if node.tag.endswith("}sheet")
        for name, value in node.items()
        if name.endswith("}id")
    }
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    return posixpath.normpath(posixpath.join("/xl", targets[ids[sheet]])).lstrip("/")


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = _within(number * 26 + ord(letter) - ord("A") + 1, _MOST_COLUMNS)
    return number - 1


def _within(number: int, most: int) -> int:
    """Return the number of a row, or a column; raises `ValueError` for one that no sheet has."""
    if not 0 < number <= most:
        raise ValueError(number)
    return number
