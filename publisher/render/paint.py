"""Laid-out pages → text and areas, in the order in which they are painted.

WeasyPrint keeps to the order of CSS 2.2, appendix E.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.stacking import StackingContext

Colour = tuple[float, float, float]
"""Red, green and blue, from 0 to 1."""
PAPER: Colour = (1.0, 1.0, 1.0)

_CORE = 0.45
"""The height of small letters above the base line, in parts of the font size."""
_ROUNDED = 0.001
"""How far edges that touch may overlap, in CSS pixels, as sums of floating-point numbers do."""
_SIDES = ("left", "top", "right", "bottom")
_GROUNDED = (
    boxes.BlockBox,
    boxes.MarginBox,
    boxes.InlineBlockBox,
    boxes.TableCellBox,
    boxes.FlexContainerBox,
    boxes.GridContainerBox,
    boxes.ReplacedBox,
)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a page, in CSS pixels from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def sized(cls, left: float, top: float, width: float, height: float) -> Rectangle:
        """Return the part with this upper left corner, width and height."""
        return cls(left, top, left + width, top + height)

    def meets(self, other: Rectangle) -> bool:
        """Return whether both have a part in common, and not just an edge that was rounded."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > _ROUNDED
            and min(self.bottom, other.bottom) - max(self.top, other.top) > _ROUNDED
        )

    def holds(self, other: Rectangle, slack: float = 0.0) -> bool:
        """Return whether the other one is inside, or no more than `slack` outside."""
        return (
            self.left <= other.left + slack
            and other.right <= self.right + slack
            and self.top <= other.top + slack
            and other.bottom <= self.bottom + slack
        )

    def common(self, other: Rectangle) -> Rectangle:
        """Return the common part of both; without one, a rectangle without area."""
        return Rectangle(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """An area that is painted: `colour` is None if it is a picture."""

    area: Rectangle
    colour: Colour | None
    alpha: float


@dataclass(frozen=True, slots=True)
class Ink:
    """A piece of text; `core` is the area that its small letters take, at least.

    `seen` is false if it is hidden, cut off, or turned; `alpha` is its opacity.
    """

    box: Any
    core: Rectangle
    colour: Colour
    alpha: float
    size: float
    seen: bool


Mark = Ground | Ink


@dataclass(frozen=True, slots=True)
class _Around:
    """The properties of the boxes around a box, which also apply to it."""

    clip: Rectangle
    alpha: float = 1.0
    turned: bool = False


def painted(page: Any) -> Iterator[Mark]:
    """Yield the text and areas that WeasyPrint paints on a page, from the lowest."""
    box = page._page_box
    around = _Around(Rectangle(0, 0, box.margin_width(), box.margin_height()))
    context = StackingContext.from_page(box)
    if box.background:  # whose picture is the watermark, which is pale
        yield from _filled(around.clip, box.background.color, around)
    yield from _background(box.canvas_background, around)
    yield from _context(context, around)


def _context(context: StackingContext, around: _Around) -> Iterator[Mark]:
    box = context.box
    around = _entered(box, around)
    if isinstance(box, _GROUNDED):
        yield from _ground(box, around)
    inside = _clipped(box, around)
    for below in context.negative_z_contexts:
        yield from _context(below, inside)
    for block in context.block_level_boxes:
        yield from (
            _table(block, inside) if isinstance(block, boxes.TableBox) else _ground(block, inside)
        )
    for floated in context.float_contexts:
        yield from _context(floated, inside)
    if isinstance(box, boxes.InlineBox):
        yield from _inline(box, inside)
    yield from _blocks({box: context.blocks_and_cells}, inside)
    for above in (*context.zero_z_contexts, *context.positive_z_contexts):
        yield from _context(above, inside)


def _entered(box: Any, around: _Around) -> _Around:
    style = box.style
    clip = around.clip
    if box.is_absolutely_positioned() and style["clip"]:
        clip = Rectangle(0, 0, 0, 0)  # nobody has a reason to
    turned = around.turned or bool(style["transform"])
    return _Around(clip, around.alpha * style["opacity"], turned)


def _clipped(box: Any, around: _Around) -> _Around:
    if box.style["overflow"] == "visible" or isinstance(box, boxes.PageBox):
        return around
    area = Rectangle.sized(*box.rounded_padding_box()[:4])
    return replace(around, clip=around.clip.common(area))


def _blocks(blocks: Any, around: _Around) -> Iterator[Mark]:
    for block, inner in blocks.items():
        if isinstance(block, boxes.ReplacedBox):
            yield from _picture(block, around)
        elif block.children and isinstance(block.children[-1], boxes.LineBox):
            for line in block.children:
                yield from _inline(line, around)
        yield from _blocks(inner, around)


def _inline(box: Any, around: _Around) -> Iterator[Mark]:
    if isinstance(box, StackingContext):
        yield from _context(box, around)
        return
    if isinstance(box, boxes.TextBox):
        yield _ink(box, around)
        return
    if not isinstance(box, boxes.LineBox):
        yield from _ground(box, around)
    if isinstance(box, boxes.ReplacedBox):
        yield from _picture(box, around)
        return
    around = _clipped(box, around)
    for child in getattr(box, "children", ()):
        if not isinstance(child, AbsolutePlaceholder):
            yield from _inline(child, around)


def _table(table: Any, around: _Around) -> Iterator[Mark]:
    yield from _background(table.background, around)
    for group in table.column_groups:
        yield from _background(group.background, around)
        for column in group.children:
            yield from _background(column.background, around)
    for group in table.children:
        yield from _background(group.background, around)
        for row in group.children:
            yield from _background(row.background, around)
            for cell in row.children:
                yield from _background(getattr(cell, "background", None), around)


def _ground(box: Any, around: _Around) -> Iterator[Mark]:
    """Yield the background of a box, and its borders."""
    yield from _background(box.background, around)
    if not any(box.style[f"border_{side}_width"] for side in _SIDES):
        return
    whole = Rectangle.sized(
        box.border_box_x(), box.border_box_y(), box.border_width(), box.border_height()
    )
    sides = {
        "left": replace(whole, right=whole.left + box.border_left_width),
        "top": replace(whole, bottom=whole.top + box.border_top_width),
        "right": replace(whole, left=whole.right - box.border_right_width),
        "bottom": replace(whole, top=whole.bottom - box.border_bottom_width),
    }
    for side, area in sides.items():
        if box.style[f"border_{side}_width"] and box.style["visibility"] == "visible":
            colour = box.style[f"border_{side}_color"]
            colour = box.style["color"] if colour == "currentcolor" else colour
            yield from _filled(area, colour, around)


def _background(background: Any, around: _Around) -> Iterator[Mark]:
    if background is None or not background.layers:
        return
    area = Rectangle.sized(*background.layers[-1].painting_area)
    yield from _filled(area, background.color, around)
    if any(layer.image is not None for layer in background.layers):
        yield from _area(area, None, around.alpha, around)


def _filled(area: Rectangle, colour: Any, around: _Around) -> Iterator[Mark]:
    yield from _area(area, _rgb(colour), colour.alpha * around.alpha, around)


def _picture(box: Any, around: _Around) -> Iterator[Mark]:
    area = Rectangle.sized(box.content_box_x(), box.content_box_y(), box.width, box.height)
    yield from _area(area, None, around.alpha, around)


def _area(area: Rectangle, colour: Colour | None, alpha: float, around: _Around) -> Iterator[Mark]:
    area = area.common(around.clip)
    if alpha and area.left < area.right and area.top < area.bottom:
        yield Ground(area, colour, alpha)


def _ink(box: Any, around: _Around) -> Ink:
    size, base = box.style["font_size"], box.position_y + box.baseline
    core = Rectangle(box.position_x, base - _CORE * size, box.position_x + box.width, base)
    seen = box.style["visibility"] == "visible" and not around.turned
    colour = box.style["color"]
    whole = around.clip.holds(core, slack=1.0) or not box.text.strip()
    return Ink(box, core, _rgb(colour), colour.alpha * around.alpha, size * 0.75, seen and whole)


def _rgb(colour: Any) -> Colour:
    red, green, blue = colour.to("srgb").coordinates[:3]
    return red, green, blue
