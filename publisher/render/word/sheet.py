"""Rows of text → a Word document with one table, to be read and filled in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt

from publisher.render.style import Style
from publisher.render.word.elements import element
from publisher.render.word.package import WordFile

_PAGE = (297, 210)
_MARGIN = 15
_SMALL = 8


def sheet(
    title: str,
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    below: str,
    when: datetime,
) -> bytes:
    """Return a document with a table whose first row is its header.

    `widths` are those of its columns, in parts of the whole; `below` is under the table.
    """
    file = WordFile("en", Style())
    document = file.docx
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = map(Mm, _PAGE)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin = section.bottom_margin = Mm(_MARGIN)
    document.add_paragraph(title, "heading 1")
    table = document.add_table(rows=len(rows), cols=len(widths), style="Policy Table")
    table.autofit = False
    room = _PAGE[0] - 2 * _MARGIN
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(room * width / sum(widths))
    for row, texts in zip(table.rows, rows, strict=True):
        row._tr.get_or_add_trPr().append(element("cantSplit"))
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(_SMALL)
            run.bold = texts is rows[0]
    table.rows[0]._tr.get_or_add_trPr().append(element("tblHeader"))
    document.add_paragraph(below)
    when = when.astimezone(UTC)
    file.describe(title, "publisher", when)
    return file.packed(when)
