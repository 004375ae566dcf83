"""Paragraphs of a Word document → running text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from publisher.intake.opc import Package, W, link_id, on, value
from publisher.intake.pieces import counted
from publisher.intake.targets import target_of
from publisher.model.fragments import Fragment, Mark
from publisher.model.policy import Emphasis, LineBreak, Link, NoteReference, Text

NESTED = 40
"""Elements inside each other, at most; what is deeper is left out, and that is said."""
_CHARACTERS = {"tab": " ", "noBreakHyphen": "\u2011", "softHyphen": "", "ptab": " "}
GONE = frozenset(("del", "moveFrom", "commentRangeStart", "delText", "delInstrText", "instrText"))
THROUGH = frozenset([
    "ins", "moveTo", "sdt", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo",
    "hyperlink", "txbxContent", "AlternateContent", "Choice",
])  # fmt: skip
_IMAGES = frozenset(("drawing", "pict", "object"))

Marks = tuple[tuple[int, Mark], ...]
"""What text is marked with, from the outside to the inside; each with a number of its own."""


class RunReader:
    """Reads running text, and takes down what is left out."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.images = 0
        self.remarks: Counter[str] = Counter()
        self.referred: dict[tuple[str, str], int] = {}

    def told(self) -> Iterator[str]:
        """Yield what is to be said to the user."""
        if self.images:
            what = counted(self.images, "image was", "images were")
            yield f"{what} left out"
        yield from self.remarks

    def run(self, paragraph: Element) -> list[Fragment]:
        """Return the running text of a paragraph."""
        found: list[Fragment] = []
        self.inlines(paragraph, (), found, 0)
        return found

    def inlines(self, element: Element, marks: Marks, found: list[Fragment], depth: int) -> None:
        """Add what is in an element, which is marked so."""
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag in GONE:
                self.changed(real=tag in ("del", "moveFrom"))
            elif tag == "r":
                self.piece(child, marks, found, depth)
            elif tag in THROUGH and depth < NESTED:
                if tag in ("ins", "moveTo"):
                    self.changed()
                inner = self.linked(child, marks, len(found)) if tag == "hyperlink" else marks
                self.inlines(child, inner, found, depth + 1)

    def linked(self, element: Element, marks: Marks, number: int) -> Marks:
        """Return marks with that of a link, if it leads anywhere that is known."""
        anchor = value(element, "anchor")
        target = target_of(self.package.links.get(link_id(element), ""))
        target = target or (f"#bookmark-{anchor}" if anchor else "")
        return (*marks, (number, Link(target, ()))) if target else marks

    def piece(self, run: Element, marks: Marks, found: list[Fragment], depth: int) -> None:
        """Add a stretch of text that looks the same."""
        properties = run.find(f"{W}rPr")
        if properties is not None:
            if on(properties.find(f"{W}vanish")):
                self.remarks["hidden text was left out"] += 1
                return
            for tag, strong in (("b", True), ("i", False)):
                if on(properties.find(f"{W}{tag}")):
                    marks = (*marks, (-1 - strong, Emphasis((), strong)))
        path, shells = tuple(number for number, _ in marks), tuple(mark for _, mark in marks)
        for child in run:
            tag = child.tag.rpartition("}")[2]
            here = (*path, -10 - len(found))
            if tag == "t":
                found.append(Fragment(Text(child.text or ""), shells, here))
            elif tag in _CHARACTERS:
                found.append(Fragment(Text(_CHARACTERS[tag]), shells, here))
            elif tag in ("br", "cr"):
                found.append(Fragment(LineBreak(), shells, here))
            elif tag in ("footnoteReference", "endnoteReference"):
                key = (tag.removesuffix("Reference"), value(child, "id"))
                number = self.referred.setdefault(key, len(self.referred) + 1)
                found.append(Fragment(NoteReference(number), shells, here))
            elif tag in _IMAGES or tag == "AlternateContent":
                self.drawn(child, marks, found, depth)

    def drawn(self, element: Element, marks: Marks, found: list[Fragment], depth: int) -> None:
        """Add the text in a text box; an image has none."""
        box = next((e for e in element.iter() if e.tag == f"{W}txbxContent"), None)
        if box is None or depth >= NESTED:
            self.images += 1
            return
        for paragraph in box.iter(f"{W}p"):
            found.append(Fragment(LineBreak(), (), (-10 - len(found),)))
            self.inlines(paragraph, marks, found, NESTED)
        found.append(Fragment(LineBreak(), (), (-10 - len(found),)))

    def changed(self, *, real: bool = True) -> None:
        """Remember that there are tracked changes."""
        if real:
            self.remarks["it has tracked changes: it was read as if all were accepted"] += 1
