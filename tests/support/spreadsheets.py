"""Spreadsheets as Excel writes them, from rows: texts, numbers, formulas with and without values."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Formula:
    """A cell with a formula, and the value that was calculated last, if there was one."""

    text: str
    value: str | None = None
    kind: str = "str"


def xlsx(sheets: Mapping[str, Sequence[Sequence[str | int | Formula | None]]]) -> bytes:
    """Return a workbook with sheets, each by its rows."""
    file = BytesIO()
    names = list(enumerate(sheets, 1))
    with zipfile.ZipFile(file, "w") as package:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for n, _ in names
        )
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName='
            f'"/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{parts}</Types>',
        )
        package.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in names
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            _relations([("worksheet", f"worksheets/sheet{n}.xml") for n, _ in names]),
        )
        for n, name in names:
            package.writestr(f"xl/worksheets/sheet{n}.xml", _sheet(sheets[name]))
    return file.getvalue()


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _sheet(rows: Sequence[Sequence[str | int | Formula | None]]) -> str:
    lines = "".join(
        f'<row r="{n}">{"".join(_cell(chr(65 + at), n, cell) for at, cell in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
        if row
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(column: str, row: int, cell: str | int | Formula | None) -> str:
    match cell:
        case None:
            return ""
        case int():
            return f'<c r="{column}{row}"><v>{cell}</v></c>'
        case str():
            return (
                f'<c r="{column}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}'
                "</t></is></c>"
            )
        case Formula(text, None):
            return f'<c r="{column}{row}"><f>{escape(text)}</f></c>'
        case Formula(text, value, kind):
            return (
                f'<c r="{column}{row}" t="{kind}"><f>{escape(text)}</f><v>{escape(value)}</v></c>'
            )
