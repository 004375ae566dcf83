"""Fits a page's text into its space before the layout: decisions that WeasyPrint cannot make.

It walks through the parsed page of any document. Words that do not fit on a line get places to
break at, all others are kept whole; each table gets columns, a size of type, and a landscape page
if it needs one (`publisher.render.columns`). With fixed columns, the time for a cell grows with its
text, not with the square of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from xml.etree.ElementTree import Element

from publisher.render.breaks import BREAK, JOIN, Break, addressed, broken, kept, unhyphenated, words
from publisher.render.columns import Measured, Plan, column, lines, plan
from publisher.render.passages import Passage, PlacedTable, Setting, passages

_TABLE = 0.9
"""The size of type in tables, in parts of the document's size of type."""
_EASY = 0.45
"""The part of a line from which an address is broken to fill the line before it."""
_SHORT = 7
"""Characters of a word that is never hyphenated: see `hyphenate-limit-chars` in pdf.css."""
_LEAD = 400
"""The most characters of a paragraph that moves with its table to a landscape page."""
_LEADING = 1.4
"""The height of a line in a table, in parts of the size of its type."""
_HANG = 1.8
"""The largest indentation of lines of an item in a cell, in parts of the size of its type."""
_PADDING = 10.0
"""The space above and below the text of a row, in pt."""
_PAGE = {False: 620.0, True: 390.0}
"""The height, in pt, that surely fits on a page, portrait or landscape."""
_HEADER, _LAST = 0.4, 0.25
"""The parts of it that a header may take to be repeated, and the last rows to be kept together."""

_LED = frozenset(("blockquote", "div", "dl", "ol", "ul"))
"""Elements that a paragraph with a colon at its end leads up to; a table is in a `div`."""

Cells = list[list[Passage]]
"""The passages in each cell of a row."""


def fit(page: Element, width: float, wider: float, type_size: float, language: str) -> None:
    """Fit a page: `width` of its text, how much `wider` it is across, size of type, all in pt."""
    body = page.find("body")
    if body is None:
        return
    _lead(body)
    for part in passages(body, Setting(width, type_size, type_size)):
        if isinstance(part, PlacedTable):
            plan = _table(part, wider, language)
            if plan is not None and plan.across:
                _turn(page, part.table)
        else:
            _steer(part, part.room, language, easy=_EASY)


def _steer(passage: Passage, room: float, language: str, *, easy: float = 1.0) -> None:
    """Mark where the lines of a passage may break that has `room`, in pt.

    An address that takes more than the part `easy` of the room may be broken to fill a line.
    """
    breaks: list[Break] = []
    for start, end in words(passage.text):
        word, wide = passage.text[start:end], passage.at[end] - passage.at[start]
        if any(passage.fixed[start:end]):
            continue
        if wide > (room * easy if addressed(word) else room):
            parts = broken(word, passage.at[start : end + 1], room, language)
        else:
            parts = kept(word)
        if len(word) > _SHORT and unhyphenated(word, language):
            parts = [(place, character.replace(BREAK, BREAK + JOIN)) for place, character in parts]
            parts.append((end - start - 1, JOIN))
            _keep_links(passage, start, end)
        breaks += ((start + place, character) for place, character in parts)
    passage.put(breaks)


def _keep_links(passage: Passage, start: int, end: int) -> None:
    """Mark links that are only a part of a word: a joiner in the rest has no effect on them."""
    ends = [*accumulate(len(slot.text) for slot in passage.slots)]
    for slot, last in zip(passage.slots, ends, strict=True):
        inside = start <= last - len(slot.text) and last < end
        if inside and slot.element is not None and slot.element.tag == "a" and not slot.tail:
            _mark(slot.element, "whole")


# --- tables --------------------------------------------------------------------------------------


def _table(placed: PlacedTable, wider: float, language: str) -> Plan | None:
    """Give a table its columns, and its cells the breaks that these need; return how it is set."""
    size = placed.setting.type_size * _TABLE
    elements = list(placed.table.iter("tr"))
    rows = [_cells(row, replace(placed.setting, size=size)) for row in elements]
    number = max(map(len, rows), default=0)
    if not number or any(cell.get("colspan") for cell in placed.table.iter()):
        return None
    columns = [column(_in_em(rows, at, size)) for at in range(number)]
    # The indentation of a table in a list is the same on every page.
    chosen = plan(columns, placed.setting.room, placed.setting.room + wider, size)
    _shape(placed.table, chosen)
    rooms = [width * size / chosen.size for width in chosen.rooms]
    for element, row in zip(elements, rows, strict=True):
        _hang(element, row, rooms, size)
    _divide(placed.table, [_height(row, rooms) * chosen.size + _PADDING for row in rows], chosen)
    for row in rows:
        for cell, room in zip(row, rooms, strict=False):
            for passage in cell:
                _steer(passage, room, language)
    return chosen


def _hang(row: Element, cells: Cells, rooms: Sequence[float], size: float) -> None:
    """Let the items of a list in a cell hang only if each of their words has room for that."""
    for element, cell, room in zip(row, cells, rooms, strict=False):
        ends = (
            passage.at[end] - passage.at[start]
            for passage in cell
            for start, end in words(passage.text)
        )
        if max(ends, default=0.0) + _HANG * size > room:
            for item in element.iter("span"):
                if item.get("class", "").startswith("item"):
                    item.set("class", "line")


def _divide(table: Element, heights: list[float], plan: Plan) -> None:
    """Mark where a table may be divided between pages, by the heights of its rows.

    WeasyPrint leaves out a header below which no row fits: only rows that fit are kept whole, and
    the last rows together.
    """
    page, header = _PAGE[plan.across], 0.0
    rows = list(zip(table.iter("tr"), heights, strict=True))
    for head in table.iter("thead"):
        header = sum(height for row, height in rows if row in list(head))
        if header > page * _HEADER:
            _mark(head, "once")
            header = 0.0
    for row, height in rows:
        if header + height > page:
            _mark(row, "tall")
    if sum(heights[-3:]) < page * _LAST:
        for row in list(table.iter("tr"))[1:][-2:]:
            _mark(row, "kept")


def _cells(row: Element, setting: Setting) -> Cells:
    """Return the passages in each cell of a row."""
    return [
        [
            passage
            for passage in passages(cell, setting.within(cell))
            if isinstance(passage, Passage)
        ]
        for cell in row
        if cell.tag in ("td", "th")
    ]


def _in_em(rows: list[Cells], at: int, size: float) -> list[Measured]:
    passages = (passage for row in rows if at < len(row) for passage in row[at])
    return [(passage.text, [x / size for x in passage.at], passage.fixed) for passage in passages]


def _height(row: Cells, rooms: Sequence[float]) -> float:
    """Return how high a row is, in parts of the size of its type."""
    cells = zip(row, rooms, strict=False)
    return _LEADING * max(
        (sum(lines(passage.text, passage.at, room) for passage in cell) for cell, room in cells),
        default=0,
    )


def _shape(table: Element, plan: Plan) -> None:
    """Write how a table is set into the page."""
    group = Element("colgroup")
    for width in plan.widths:
        group.append(Element("col", {"style": f"width: {width:.2f}pt"}))
    table.insert(0, group)
    table.set("style", f"font-size: {plan.size:.2f}pt")
    if plan.tight:
        _mark(table, "tight")


def _turn(page: Element, table: Element) -> None:
    """Put a table onto a landscape page, with its heading and the paragraph before it."""
    parents = {child: parent for parent in page.iter() for child in parent}
    top = table
    while parents[top].tag in ("div", "section") and parents[top][0] is top:
        top = parents[top]
    before = list(parents[top])
    del before[before.index(top) :]
    _mark(top, "across")
    while before and _leads(before[-1]):
        _mark(before.pop(), "across")
    for body in page.iter("body"):
        _mark(body, "turned")


def _lead(body: Element) -> None:
    """Keep a paragraph that leads up to a list, table or quotation on the same page as that."""
    for parent in body.iter():
        for before, after in pairwise(parent):
            if before.tag == "p" and after.tag in _LED and _leads(before):
                _mark(before, "lead")


def _leads(element: Element) -> bool:
    """Return whether an element belongs to the table after it: a heading, or a short paragraph."""
    text = "".join(element.itertext())
    head = element.tag in ("h2", "h3", "h4", "h5", "h6") or element.get("class") == "head"
    return head or (element.tag == "p" and len(text) <= _LEAD and text.rstrip().endswith(":"))


def _mark(element: Element, name: str) -> None:
    """Give an element a class."""
    names = element.get("class", "").split()
    if name not in names:
        element.set("class", " ".join([*names, name]))
