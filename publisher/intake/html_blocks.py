"""The elements of a page that are visible, and not part of the site → titles and blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from publisher.intake.draft import (
    DEEPEST,
    Piece,
    Title,
    as_blocks,
    counted,
    flat,
    names,
    one_run,
    table,
    tidy,
)
from publisher.intake.link_targets import target_of
from publisher.policy.fragments import Fragment, Leaf, Mark
from publisher.policy.tree import (
    Block,
    Code,
    Definition,
    DefinitionList,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Quote,
    Text,
)

NEVER = names(
    "head script style noscript template iframe frame frameset object embed applet svg math "
    "canvas audio video map input select option button textarea datalist progress meter nav "
    "link meta base param source track col colgroup rp dialog"
)
"""Elements without text of the document: site furniture, controls, and hidden ones."""
_BANNERS = frozenset(("header", "footer"))
_ROLES = names("navigation banner contentinfo search dialog alertdialog menu menubar")
_SECTIONS = names("main article section blockquote td")
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_CONSENT = re.compile(
    r"\bcookie-?(?:banner|consent|notice|bar|popup|modal|law|message|overlay)|onetrust|cookiebot|"
    r"\bconsent-?(?:banner|bar|popup|modal|manager)|\bcc-(?:window|banner)|\bgdpr-?(?:banner|popup)",
    re.IGNORECASE,
)


def name(element: Any) -> str:
    """Return the name of an element without its namespace; nothing for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def seen(element: Element, parents: tuple[str, ...] = ()) -> bool:
    """Return whether the content of an element is visible, and part of the document."""
    tag = name(element)
    if not tag or tag in NEVER:
        return False
    given = element.attrib
    if "hidden" in given or given.get("aria-hidden", "").strip().lower() == "true":
        return False
    if _UNSEEN.search(given.get("style", "")):
        return False
    if tag in _BANNERS and _SECTIONS.isdisjoint(parents):
        return False
    return given.get("role", "").strip().lower() not in _ROLES


def consent(element: Element) -> bool:
    """Return whether an element is a banner that asks for consent to cookies."""
    if name(element) not in ("div", "section", "aside", "form", "p"):
        return False
    called = f"{element.get('id', '')} {element.get('class', '')}"
    return bool(_CONSENT.search(called))


def elements(root: Element, wanted: str) -> Iterator[Element]:
    """Yield the visible elements of a name, at any depth."""
    for element in root.iter():
        if name(element) == wanted and seen(element, ("main",)):
            yield element


def text(root: Element) -> str:
    """Return the visible text in an element, as one line."""
    parts: list[str] = []

    def collect(element: Element) -> None:
        if seen(element, ("main",)):
            parts.append(element.text or "")
            for child in element:
                collect(child)
                parts.append(" " if name(child) == "br" else "")
                parts.append(child.tail or "")

    collect(root)
    return " ".join("".join(parts).split())


def content(root: Element) -> Element:
    """Return the element that has the document: `main`, or the only `article`, or `body`."""
    body = next(elements(root, "body"), root)
    mains = [
        element
        for element in body.iter()
        if name(element) == "main" or element.get("role") == "main"
    ]
    articles = [element for element in body.iter() if name(element) == "article"]
    for candidates in (mains, articles):
        if len(candidates) == 1 and text(candidates[0]):
            return candidates[0]
    return body


NOTE, NOTE_TEXT, OWN_ID = "data-note", "data-note-text", "data-own-id"
"""Attributes of the Markdown reader, for things that HTML has no elements for."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_EMPHASIS = {
    "b": True,
    "strong": True,
    "i": False,
    "em": False,
    "cite": False,
    "dfn": False,
    "var": False,
}
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_LISTED = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?((?:lower|upper)-(?:alpha|latin|roman)|decimal)"
)
_FIGURES = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_BLOCKS = names(
    "html body main article section div p header footer aside address center details summary "
    "figure figcaption fieldset form hgroup hr li dl dt dd blockquote caption thead tbody tfoot "
    "tr td th search label option legend"
)
_STRUCTURED = _LISTS | {"blockquote", "dl", "table", "pre", "listing", "xmp", "plaintext"}
_LAYOUT = _STRUCTURED | set(_HEADINGS) | {"hr", "form"}
"""Elements that no table of words has in its cells."""
_LEFT_OUT = {
    "img": ("image was", "images were"),
    "svg": ("image was", "images were"),
    "picture": ("image was", "images were"),
    "canvas": ("image was", "images were"),
    "video": ("film was", "films were"),
    "audio": ("recording was", "recordings were"),
    "iframe": ("embedded page was", "embedded pages were"),
    "input": ("form field was", "form fields were"),
    "select": ("form field was", "form fields were"),
    "textarea": ("form field was", "form fields were"),
    "math": ("formula was", "formulas were"),
}


@dataclass(slots=True)
class Flow:
    """The output so far: pieces, and the running text that will be the next one."""

    pieces: list[Piece] = field(default_factory=list)
    run: list[Fragment] = field(default_factory=list)
    marks: tuple[tuple[int, Mark], ...] = ()
    anchors: list[str] = field(default_factory=list)
    depth: int = 0

    def say(self, leaf: Leaf) -> None:
        """Add to the running text, with the marks that are set."""
        path = (*(number for number, _ in self.marks), -1 - len(self.run))
        self.run.append(Fragment(leaf, tuple(mark for _, mark in self.marks), path))

    def end(self, make: Callable[[tuple[Inline, ...]], Piece] = Paragraph) -> None:
        """End the running text, and add it as a piece, unless it is empty."""
        run = tidy(self.run)
        self.run.clear()
        if run:
            self.pieces.append(make(run))
            self.anchors.clear()

    def fresh(self) -> Flow:
        """Return a flow for the content of a block."""
        return Flow(depth=self.depth + 1, anchors=self.anchors)


class Reader:
    """Goes through elements, and collects `footnotes` and `remarks` on the way."""

    def __init__(self) -> None:
        self.footnotes: dict[int, tuple[Block, ...]] = {}
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._marks = 0
        self._banners = False
        self._struck = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """The remarks for the user on what was left out."""
        remarks = [f"{counted(n, *what)} left out" for what, n in sorted(self._left_out.items())]
        if self._banners:
            remarks.append("a banner that asks for consent to cookies was left out")
        if self._struck:
            remarks.append("struck-through text was read as ordinary text")
        return tuple(remarks)

    def inside(self, element: Element, flow: Flow, parents: tuple[str, ...] = ()) -> None:
        """Write the content of an element, and end the running text."""
        self.children(element, flow, (*parents, name(element)))
        flow.end()

    def children(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write the text and the elements in an element."""
        if element.text:
            flow.say(Text(element.text))
        for child in element:
            self.element(child, flow, parents)
            if child.tail:
                flow.say(Text(child.tail))

    def element(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write an element, if it is visible."""
        tag = name(element)
        if tag in _LEFT_OUT and "hidden" not in element.attrib and element.get("type") != "hidden":
            self._left_out[_LEFT_OUT[tag]] += 1
        if not seen(element, parents):
            return
        if consent(element) and not {"main", "article"} & {*parents}:
            self._banners = True
            return
        if tag in _BLOCKS or tag in _STRUCTURED or tag in _HEADINGS:
            flow.end()
        flow.anchors += filter(None, (element.get("id"), element.get("name")))
        if NOTE_TEXT in element.attrib and element.get(NOTE_TEXT, "").isdecimal():
            inner = self.nested(element, flow, parents)
            self.footnotes.setdefault(int(element.get(NOTE_TEXT, "0")), inner)
        elif tag in _HEADINGS:
            self.heading(element, flow, parents)
        elif tag in _STRUCTURED:
            self.structure(element, tag, flow, parents)
        elif tag in _BLOCKS:
            self.inside(element, flow, parents)
        else:
            self.inline(element, tag, flow, parents)

    # --- running text ----------------------------------------------------------------------------

    def inline(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write an element in running text."""
        if tag == "br":
            flow.say(LineBreak())
            return
        if element.get(NOTE, "").isdecimal():
            flow.say(NoteReference(int(element.get(NOTE, "0"))))
            return
        if tag in _CODE:
            flow.say(Code(" ".join("".join(element.itertext()).split())))
            return
        self._struck = self._struck or tag in ("del", "s", "strike")
        before = flow.marks
        mark = _mark(element, tag)
        kept = [outer for _, outer in before]
        twice = isinstance(mark, Link) and any(isinstance(outer, Link) for outer in kept)
        if mark and mark not in kept and not twice and len(kept) < DEEPEST:
            self._marks += 1
            flow.marks = (*before, (self._marks, mark))
        self.children(element, flow, (*parents, tag))
        flow.marks = before

    def heading(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a title."""
        level, own = _HEADINGS[name(element)], element.get(OWN_ID, "")
        self.children(element, flow, (*parents, name(element)))
        called = (*flow.anchors, *(i for e in element.iter() if (i := e.get("id"))))
        flow.end(lambda run: Title(level, run, called, own))

    # --- structures ----------------------------------------------------------------------------

    def nested(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> tuple[Block, ...]:
        """Return the content of an element as blocks."""
        inner = flow.fresh()
        self.inside(element, inner, parents)
        return as_blocks(inner.pieces)

    def structure(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a list, a quotation, a table or lines as they stand."""
        parents = (*parents, tag)
        if tag == "table":
            self.table(element, flow, parents)
            return
        block: Block | None = None
        if tag == "blockquote":
            inner = self.nested(element, flow, parents)
            block = Quote(inner) if inner else None
        elif tag == "dl":
            block = self.definitions(element, flow, parents)
        elif tag in _LISTS:
            block = self.list(element, tag, flow, parents)
        else:
            block = _lines(element)
        if block is not None:
            flow.pieces += (block,) if flow.depth < DEEPEST else flat((block,))

    def list(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> List | None:
        """Return a list; content outside of its items becomes an item, too."""
        items: list[tuple[Block, ...]] = []
        if element.text and element.text.strip():
            items.append((Paragraph(tidy((Text(element.text),))),))
        for child in element:
            if name(child) in _LISTS and items:  # a list in a list, as some editors write it
                items[-1] += self.alone(child, flow, parents)
            else:
                inner = self.alone(child, flow, parents)
                items += (inner,) if inner else ()
            if child.tail and child.tail.strip():
                items.append((Paragraph(tidy((Text(child.tail),))),))
        start = element.get("start", "1")
        number = int(start) if start.isascii() and start.isdecimal() and len(start) < 7 else 1
        tight = not any(name(child) == "p" for item in element for child in item)
        if not items:
            return None
        if tag != "ol" or "labelled" in element.get("class", "").split():
            return List(tuple(items), None, tight)
        return List(tuple(items), number, tight, _style(element))

    def alone(self, child: Element, flow: Flow, parents: tuple[str, ...]) -> tuple[Block, ...]:
        """Return an element as blocks of its own."""
        inner = flow.fresh()
        self.element(child, inner, parents)
        inner.end()
        return as_blocks(inner.pieces)

    def definitions(
        self, element: Element, flow: Flow, parents: tuple[str, ...]
    ) -> DefinitionList | None:
        """Return terms with their meanings, at any place in the list."""
        built: list[Definition] = []
        for child in _parts(element, ("dt", "dd"), ("div",)):
            if name(child) in NEVER or not seen(child, parents):
                continue
            inner = self.alone(child, flow, parents)
            if name(child) == "dt":
                built.append(Definition(one_run(flat(inner)), ()))
            elif inner:
                last = built.pop() if built else Definition((), ())
                built.append(Definition(last.term, (*last.descriptions, inner)))
        return DefinitionList(tuple(built)) if built else None

    def table(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a table; of one that only lays the page out, the content of its cells."""
        for caption in element.findall("caption"):
            self.element(caption, flow, parents)
        rows = [
            [cell for cell in _parts(row, ("td", "th"), ()) if seen(cell, parents)]
            for row in _parts(element, ("tr",), ("thead", "tbody", "tfoot"))
            if seen(row, parents)
        ]
        wide = max(map(len, rows), default=0) > 1 and len(rows) > 1
        inside = {name(child) for row in rows for cell in row for child in cell.iter()}
        if (
            wide
            and _LAYOUT.isdisjoint(inside)
            and element.get("role") not in ("presentation", "none")
        ):
            full = [[(cell, self.nested(cell, flow, parents)) for cell in row] for row in rows]
            flow.pieces.append(table([_spread(row) for row in full]))
            return
        for cell in (cell for row in rows for cell in row):
            self.inside(cell, flow, parents)


def _mark(element: Element, tag: str) -> Mark | None:
    if tag in _EMPHASIS:
        return Emphasis((), _EMPHASIS[tag])
    target = target_of(element.get("href", "")) if tag == "a" else ""
    return Link(target, ()) if target else None


def _parts(
    element: Element, wanted: tuple[str, ...], through: tuple[str, ...]
) -> Iterable[Element]:
    """Yield children with the `wanted` names, also those inside children named in `through`."""
    for child in element:
        if name(child) in through:
            yield from _parts(child, wanted, through)
        elif name(child) in wanted or not through:
            yield child


def _spread(row: Iterable[tuple[Element, tuple[Block, ...]]]) -> list[tuple[Inline, ...]]:
    """Return the cells of a row, with empty ones where one is wider than a column."""
    cells: list[tuple[Inline, ...]] = []
    for cell, blocks in row:
        span = cell.get("colspan", "1")
        wide = int(span) if span.isascii() and span.isdecimal() and len(span) < 3 else 1
        cells += (one_run(flat(blocks)), *(() for _ in range(wide - 1)))
    return cells


def _lines(element: Element) -> Paragraph | None:
    """Return preformatted text, line for line."""
    run: list[Inline] = []
    for line in "".join(element.itertext()).splitlines():
        if line.strip():
            run += (*((LineBreak(),) if run else ()), Text(line))
    return Paragraph(tidy(run)) if tidy(run) else None


def _style(element: Element) -> str:
    """Return the form of a list's labels, by its CSS or its attribute ``type``."""
    named = _LISTED.findall(element.get("style", "").lower())
    figure = _FIGURES.get(named[-1], "1") if named else element.get("type", "1").strip()
    return f"{figure}." if figure in ("a", "A", "i", "I") else ""
