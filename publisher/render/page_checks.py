"""The last check before a PDF is written: its pages are legible, complete and in order."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from weasyprint.formatting_structure import boxes

from publisher.problem import Problem, error
from publisher.render.advances import without_breaks
from publisher.render.colours import READABLE, contrast, mixed
from publisher.render.paint import PAPER, Colour, Ground, Ink, Rectangle, painted
from publisher.render.pdf_job import PdfJob

SMALLEST = 6.0
"""The size of type that can be read on paper, at least, in pt."""

_UNSEEN = re.compile("[\\s\u00ad\u200b\u2010\u2060-]+")
_SLACK = 1.0
"""How far text may be outside its place, in CSS pixels: letters overhang, and sums are rounded."""
_SHARES = (0.05, 0.5, 0.95)
"""The places of a piece of text at which its contrast is checked."""
_BAND = 6
"""The height of the bands of a page within which boxes are compared: a line is in one or two."""
_REPORT = "this is a fault of publisher itself: please report it, with the clause"
_DIVIDE = "divide the table: give it fewer columns"
_NARROW = "shorten its longest word, or give the table around it fewer columns"


@dataclass(frozen=True, slots=True)
class _Fault:
    rule: str
    message: str
    fix: str
    box: Any


def faults(document: Any, manuscript: PdfJob) -> Iterator[Problem]:
    """Yield the texts that are illegible on the pages that WeasyPrint has laid out.

    Every piece of text must be there, in order, within the margins, of 6 pt at least, with contrast
    against its background (WCAG 2.2, 1.4.3), and not covered. The case of letters, line breaks and
    hyphens are up to the stylesheets.
    """
    unreadable: list[_Fault] = []
    texts = _Texts()
    for page in document.pages:
        inks, faulty = _read(page)
        unreadable += faulty
        texts.add(page, inks)
    shown, starts = texts.shown()
    pieces, lost = _placed(shown, manuscript)
    yield from lost
    problems: dict[Any, Problem] = {}
    for fault in unreadable:
        path, line = _origin(fault, starts, pieces, manuscript)
        problem = error(fault.rule, path, line, _message(fault, manuscript), fault.fix)
        problems.setdefault((fault.rule, path, line), problem)
    yield from problems.values()


def _message(fault: _Fault, manuscript: PdfJob) -> str:
    text = " ".join(without_breaks(fault.box.text).replace("\u2010", "-").split())
    return f"{fault.message} in the PDF of {manuscript.brand}: '{text[:60]}'"


class _Texts:
    """Collects the text of pages in the order of the document.

    A row of a table that goes over several pages has a part of each cell on each of them, under the
    header again.
    """

    def __init__(self) -> None:
        self.parts: dict[Any, list[tuple[Any, str]]] = {}
        self.headers: dict[Any, Any] = {}

    def add(self, page: Any, inks: dict[Any, Ink]) -> None:
        """Add the text of a page."""
        passed = 0
        for box, cell, header in _in_order(page):
            if header is not None and self.headers.setdefault(header, page) is not page:
                continue
            passed += cell is not None
            part = (page, passed) if cell is None else cell.element
            text = _bare(box.text) if box in inks and inks[box].seen else ""
            self.parts.setdefault(part, []).append((box, text))

    def shown(self) -> tuple[str, dict[Any, int]]:
        """Return the whole text, and where the text of each box begins."""
        texts = [text for part in self.parts.values() for text in part]
        ends = accumulate((len(text) for _, text in texts), initial=0)
        starts = {box: start for (box, _), start in zip(texts, ends, strict=False)}
        return "".join(text for _, text in texts), starts


def _in_order(page: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the boxes of text of a page, but not its margins, in the order of the document.

    Each box comes with the cell and the header of the table that it is in.
    """
    for part in page._page_box.children:
        if not isinstance(part, boxes.MarginBox):
            yield from _inside(part, None, None)


def _inside(box: Any, cell: Any, header: Any) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(box, boxes.TextBox):
        yield box, cell, header
    if isinstance(box, boxes.TableCellBox):
        cell = box
    if isinstance(box, boxes.TableRowGroupBox) and box.is_header:
        header = box.element
    for child in getattr(box, "children", ()):
        yield from _inside(child, cell, header)


def _placed(
    shown: str, manuscript: PdfJob
) -> tuple[list[tuple[int, str, int | None]], list[Problem]]:
    """Return where each piece of text begins in the shown text, and a problem if one is lost."""
    pieces: list[tuple[int, str, int | None]] = []
    at = 0
    for path, line, text in manuscript.texts:
        start = shown.find(_bare(text), at)
        if start < 0:
            message = f"is not shown whole in the PDF of {manuscript.brand}: '{text.strip()[:60]}'"
            return pieces, [error("lost", path, line, message, _REPORT)]
        pieces.append((start, path, line))
        at = start + len(_bare(text))
    return pieces, []


def _origin(
    fault: _Fault,
    starts: dict[Any, int],
    pieces: list[tuple[int, str, int | None]],
    manuscript: PdfJob,
) -> tuple[str, int | None]:
    """Return the file, and the line, that the text of a fault comes from."""
    at = bisect_right([start for start, _, _ in pieces], starts.get(fault.box, -1))
    if not at:
        return f"brands/{manuscript.brand}", None
    return pieces[at - 1][1:]


def _bare(text: str) -> str:
    return _UNSEEN.sub("", text.casefold())


# --- a page --------------------------------------------------------------------------------------


def _read(page: Any) -> tuple[dict[Any, Ink], list[_Fault]]:
    """Return the text that is painted on a page, by its boxes, and its faults."""
    marks = list(painted(page))
    inks = {mark.box: mark for mark in marks if isinstance(mark, Ink) and mark.box.text.strip()}
    cells = {box: cell for box, cell, _ in _in_order(page) if box in inks}
    body = [inks[box] for box in cells]
    narrow = list(_overflowing(inks, cells))
    beyond = {fault.box for fault in narrow}
    outside = [*narrow, *(fault for fault in _outside(page, inks, body) if fault.box not in beyond)]
    # Text without room covers its neighbours: one fault is enough.
    hidden = [fault for fault in _hidden(marks) if not (outside and fault.rule == "covered")]
    return inks, [*outside, *_small(inks), *_back(body), *hidden]


def _outside(page: Any, inks: dict[Any, Ink], body: list[Ink]) -> Iterator[_Fault]:
    """Yield text outside the margins; text in the margins must be on the page."""
    box = page._page_box
    whole = Rectangle(0, 0, box.margin_width(), box.margin_height())
    area = Rectangle.sized(box.content_box_x(), box.content_box_y(), box.width, box.height)
    inner = {ink.box for ink in body}
    for ink in inks.values():
        within = area if ink.box in inner else whole
        if not within.holds(ink.core, slack=_SLACK):
            message = "has text that does not fit between the margins"
            yield _Fault("outside-margins", message, _NARROW, ink.box)


def _overflowing(inks: dict[Any, Ink], cells: dict[Any, Any]) -> Iterator[_Fault]:
    """Yield text that is in the next column as well."""
    for box, cell in cells.items():
        core = inks[box].core
        if cell is not None and core.right > cell.border_box_x() + cell.border_width() + _SLACK:
            message = "has a word that is wider than its column"
            yield _Fault("narrow-column", message, _DIVIDE, box)


def _small(inks: dict[Any, Ink]) -> Iterator[_Fault]:
    for ink in inks.values():
        if ink.size < SMALLEST - 0.01:
            message = f"has text of {ink.size:.1f} pt, less than {SMALLEST:g},"
            yield _Fault("small-text", message, _REPORT, ink.box)


def _back(body: list[Ink]) -> Iterator[_Fault]:
    """Yield text above what it follows, and not to its right, as the next cell of a row is."""
    for before, after in pairwise(body):
        height = max(before.size, after.size) / 0.75
        if after.core.bottom < before.core.top - height and after.core.left <= before.core.left:
            message = "has text above what it follows"
            yield _Fault("out-of-order", message, _REPORT, after.box)


def _hidden(marks: list[Ground | Ink]) -> Iterator[_Fault]:
    """Yield text without contrast to its background, and text that is covered."""
    below: dict[int, list[Ground]] = defaultdict(list)
    above: dict[int, list[Ink]] = defaultdict(list)
    for mark in marks:
        if isinstance(mark, Ground):
            yield from _covered(mark.area, above)
            for band in _bands(mark.area):
                below[band].append(mark)
        elif mark.box.text.strip():
            yield from _faint(mark, below)
            yield from _covered(mark.core, above)
            for band in _bands(mark.core):
                above[band].append(mark)


def _covered(area: Rectangle, above: dict[int, list[Ink]]) -> Iterator[_Fault]:
    under = {ink.box: ink for band in _bands(area) if band in above for ink in above[band]}
    for ink in under.values():
        if area.meets(ink.core):
            yield _Fault("covered", "has text that is covered", _REPORT, ink.box)


def _bands(area: Rectangle) -> range:
    return range(int(area.top // _BAND), int(area.bottom // _BAND) + 1)


def _faint(ink: Ink, below: dict[int, list[Ground]]) -> Iterator[_Fault]:
    core = ink.core
    y = (core.top + core.bottom) / 2
    grounds = [
        ground
        for ground in below.get(int(y // _BAND), ())
        if ground.area.top <= y <= ground.area.bottom
    ]
    middles = (core.left + share * (core.right - core.left) for share in _SHARES)
    least = min(_contrast(ink, grounds, x) for x in middles)
    if least < READABLE - 0.05:
        message = f"has text with a contrast of {least:.1f}:1, less than {READABLE}:1,"
        yield _Fault("faint-text", message, _REPORT, ink.box)


def _contrast(ink: Ink, grounds: list[Ground], x: float) -> float:
    """Return the contrast of a text with its background at one place; 1 with a picture."""
    behind = tuple(
        (ground.colour, ground.alpha)
        for ground in grounds
        if ground.area.left <= x <= ground.area.right
    )
    return _ratio(ink.colour, ink.alpha, behind)


@lru_cache(maxsize=1024)
def _ratio(ink: Colour, alpha: float, grounds: tuple[tuple[Colour | None, float], ...]) -> float:
    behind = _hex(PAPER)
    for colour, opaque in grounds:
        if colour is None:
            return 1.0
        behind = mixed(behind, _hex(colour), opaque)
    return contrast(mixed(behind, _hex(ink), alpha), behind)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in colour)
