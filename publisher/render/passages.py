"""The passages of a page of HTML: text that no block divides, with its width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from xml.etree.ElementTree import Element

from publisher.render.advances import widths
from publisher.render.breaks import Break

_INLINE = frozenset(
    ("a", "b", "code", "del", "em", "ins", "mark", "small", "span", "strong", "sup", "time")
)
_SKIPPED = frozenset(("img", "picture"))
_BOLD = frozenset(("b", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "th"))
_SIZES = {"h1": 2.7, "h2": 1.35, **dict.fromkeys(("h3", "h4", "h5", "h6"), 1.05), "sup": 0.67}
"""How large text is, in parts of the size of type of the document."""
_HASH = 0.89
"""How large hashes are, in parts of the text around them."""
_INDENT = {"li": 17.0, "dd": 16.0, "blockquote": 14.0}
"""The indentation of the text in these elements, in pt."""
_HALF = 0.42
"""The part of the width that text has, at least, where it may be in two columns."""
_ROOMS = {"nav": _HALF, "header": _HALF, "h1": 1 / _HALF}
_MARKS = {"ins": ("[+", "+]"), "del": ("[+", "+]")}
"""The marks of a redline around a change, or as wide: without dashes, where a line may break."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of a text: room and size in pt, weight; `fixed` where no line breaks.

    `type_size` is the size of type of the document.
    """

    room: float
    size: float
    type_size: float
    bold: bool = False
    fixed: bool = False

    def within(self, element: Element) -> Setting:
        """Return the place of the text in an element here."""
        name, classes = element.tag, element.get("class", "").split()
        size = self.type_size * _SIZES[name] if name in _SIZES else self.size
        return Setting(
            self.room * _ROOMS.get(name, 1.0) - _INDENT.get(name, 0.0),
            size * _HASH if "hash" in classes else size,
            self.type_size,
            self.bold or name in _BOLD,
            self.fixed or "hash" in classes or "unbroken" in classes,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of text of an element: before its first child, or (`tail`) after it; or a mark."""

    element: Element | None
    tail: bool
    text: str
    setting: Setting


@dataclass(frozen=True)
class Passage:
    """Text in one line, or in several, that no block divides."""

    slots: tuple[Slot, ...]

    @cached_property
    def text(self) -> str:
        """The characters."""
        return "".join(slot.text for slot in self.slots)

    @cached_property
    def at(self) -> list[float]:
        """Where each character begins, and where the last ends, in pt."""
        advances: list[float] = []
        for slot in self.slots:
            width, size = widths(bold=slot.setting.bold), slot.setting.size
            advances += [width[character] * size for character in slot.text]
        return [0.0, *accumulate(advances)]

    @cached_property
    def fixed(self) -> list[bool]:
        """Whether a character is where no line breaks."""
        return [slot.setting.fixed for slot in self.slots for _ in slot.text]

    @property
    def room(self) -> float:
        """How much room its lines have, in pt."""
        return self.slots[0].setting.room

    def put(self, breaks: Iterable[Break]) -> None:
        """Put invisible characters into the text of the page, in the order of their places."""
        start, pending = 0, iter([*breaks, None])
        following = next(pending)
        for slot in self.slots:
            end, pieces, cut = start + len(slot.text), [], 0
            while following is not None and following[0] < end:
                place, character = following[0] - start, following[1]
                pieces += [slot.text[cut:place], character]
                cut, following = place, next(pending)
            if pieces and slot.element is not None:
                name = "tail" if slot.tail else "text"
                setattr(slot.element, name, "".join([*pieces, slot.text[cut:]]))
            start = end


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table, and where it stands."""

    table: Element
    setting: Setting


def passages(element: Element, setting: Setting) -> Iterator[Passage | PlacedTable]:
    """Yield the passages in an element, and its tables whole."""
    slots = [Slot(element, False, element.text or "", setting)]
    yield from _children(element, setting, slots)
    yield from _whole(slots)


def _children(
    element: Element, setting: Setting, slots: list[Slot]
) -> Iterator[Passage | PlacedTable]:
    """Yield the passages in the children of an element; `slots` collects their text."""
    for child in element:
        inner = setting.within(child)
        if child.tag in _INLINE:
            before, behind = _MARKS.get(str(child.tag), ("", ""))
            slots.append(Slot(None, False, before, inner))
            slots.append(Slot(child, False, child.text or "", inner))
            yield from _children(child, inner, slots)
            slots.append(Slot(None, False, behind, inner))
        else:
            yield from _whole(slots)
            yield from _block(child, inner)
        slots.append(Slot(child, True, child.tail or "", setting))


def _block(child: Element, setting: Setting) -> Iterator[Passage | PlacedTable]:
    if child.tag == "table":
        yield PlacedTable(child, setting)
    elif child.tag not in _SKIPPED and child.get("class") != "command":
        yield from passages(child, setting)


def _whole(slots: list[Slot]) -> Iterator[Passage]:
    """Yield a passage if there is text, and start the next one."""
    if any(slot.text and not slot.text.isspace() for slot in slots):
        yield Passage(tuple(slots))
    slots.clear()
