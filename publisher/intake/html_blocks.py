"""The visible elements of a page, without the site around them → titles and blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from publisher.intake.draft import (
    DEEPEST,
    Cell,
    Piece,
    Title,
    as_blocks,
    counted,
    flat,
    grid,
    names,
    one_run,
    table,
    tidy,
    unfolded,
)
from publisher.intake.link_targets import lost_target, target_of
from publisher.intake.lists import NUMBER, Lists
from publisher.policy.fragments import Fragment, Leaf, Mark
from publisher.policy.numerals import readings
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

NO_TEXT = names(
    "head script style template iframe frame frameset object embed applet canvas audio video map "
    "input datalist link meta base param source track col colgroup rp title annotation"
)
_CONTROLS = "buttons and form fields were left out"
_NAVIGATION = "the navigation of the site was left out"
_OTHERS = {
    "svg": "text in images was left out",
    "noscript": "text for browsers without scripts was left out",
    "nav": _NAVIGATION,
    "dialog": "dialogs were left out",
    **dict.fromkeys(("select", "option", "button", "textarea", "progress", "meter"), _CONTROLS),
}
"""Elements whose text is not part of the document, with the remark on them."""
NEVER = NO_TEXT | frozenset(_OTHERS)
_MARGINS = "the header and footer of the page were left out"
_HIDDEN = "hidden text was left out"
_BANNERS = frozenset(("header", "footer"))
_ROLES = {
    **dict.fromkeys(("banner", "contentinfo"), _MARGINS),
    **dict.fromkeys(("navigation", "search", "menu", "menubar"), _NAVIGATION),
    **dict.fromkeys(("dialog", "alertdialog"), "dialogs were left out"),
}
_SECTIONS = names("main article section blockquote td")
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_NOTE_LINKS = frozenset(("doc-noteref", "doc-backlink"))
_OWN_LABELS = frozenset(("changed", "skip"))
"""Classes of the parts of the toolkit's own pages that are not text of the policy."""
_PROTECTED = "/cdn-cgi/l/email-protection"
"""The targets of links that hide an address from programs."""
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
    """Return whether the content of an element is part of the document."""
    return omission(element, parents) is None


def omission(element: Element, parents: tuple[str, ...] = ()) -> str | None:
    """Return why an element is left out: a remark, or nothing for one without text; or None.

    A block that is hidden at this moment, such as a closed panel, is part of the document, and so
    is the button of its title, and a page header that has the title of the document.
    """
    tag = name(element)
    if not tag or tag in NO_TEXT:
        return ""
    if tag == "button" and (opens(element) or not _TITLED.isdisjoint(parents)):
        return None
    if tag in _OTHERS:
        return _OTHERS[tag]
    if tag not in _BLOCKS | _STRUCTURED and tag not in _HEADINGS and hidden(element):
        return _HIDDEN
    role = _ROLES.get(element.get("role", "").strip().lower())
    if (tag in _BANNERS and _SECTIONS.isdisjoint(parents)) or role == _MARGINS:
        return (
            None if tag != "footer" and any(name(e) == "h1" for e in element.iter()) else _MARGINS
        )
    return role


def opens(element: Element) -> bool:
    """Return whether a button opens a part of the page, so that its text is the part's title."""
    return "aria-controls" in element.attrib or element.get("role") == "tab"


def hidden(element: Element) -> bool:
    """Return whether an element is hidden at this moment."""
    given = element.attrib
    unseen = "hidden" in given or given.get("aria-hidden", "").strip().lower() == "true"
    return unseen or bool(_UNSEEN.search(given.get("style", "")))


def consent(element: Element) -> bool:
    """Return whether an element is a banner that asks for consent to cookies."""
    if name(element) not in ("div", "section", "aside", "form", "p"):
        return False
    called = f"{element.get('id', '')} {element.get('class', '')}"
    return bool(_CONSENT.search(called))


_WORD_ITEM = re.compile(r"mso-list:\s*\w+\s+level(\d)")
_WORD_LABEL = "mso-list:ignore"
"""How Word marks, in a page that it saves, the items of lists and their labels."""
NOTE, NOTE_TEXT = "data-publisher-note", "data-publisher-note-text"
OWN_ID = "data-publisher-own-id"
"""Attributes of the Markdown reader, for things that HTML has no elements for."""
_NUMBER = re.compile("[0-9]{1,6}")
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
    r"(?:^|;)\s*list-style(?:-type)?\s*:[^;]*?((?:lower|upper)-(?:alpha|latin|roman)|decimal)"
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
_TITLED = frozenset((*_HEADINGS, "summary", "dt"))
_STRUCTURED = _LISTS | {"blockquote", "dl", "table", "pre", "listing", "xmp", "plaintext"}
_LAYOUT = _STRUCTURED | set(_HEADINGS) | {"hr", "form"}
"""Elements that are never in the cells of a real table."""
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
}


@dataclass(frozen=True, slots=True)
class _WordItem:
    """An item of a list in a page that Word saved: its depth, and its number."""

    level: int
    number: int | None
    blocks: tuple[Block, ...]


def gathered(pieces: Iterable[Piece | _WordItem]) -> tuple[Piece, ...]:
    """Return pieces with the items of lists that Word saved as lists."""
    built: list[Piece] = []
    lists = Lists()
    for piece in (*pieces, None):
        if isinstance(piece, _WordItem):
            first, *rest = piece.blocks or (Paragraph(()),)
            if not lists.add(first, piece.level * 10, piece.number):
                built.append(lists.done())
                lists.add(first, piece.level * 10, piece.number)
            for block in rest:
                lists.more(block)
            continue
        if lists.open:
            built.append(lists.done())
        if piece is not None:
            built.append(piece)
    return tuple(built)


@dataclass(slots=True)
class Flow:
    """The output so far: pieces, and the running text that will be the next one."""

    pieces: list[Piece | _WordItem] = field(default_factory=list)
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

    def __init__(self, *, own: bool = False, visible: bool = False) -> None:
        self.own = own
        self.visible = visible
        self.referred: dict[str, int] = {}
        self.footnotes: dict[int, tuple[Block, ...]] = {}
        self.omitted: list[tuple[str, str]] = []
        self.supplied: list[str] = []
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._marks = 0
        self._hidden = 0
        self._struck = False
        self._unfolded = 0

    @property
    def remarks(self) -> tuple[str, ...]:
        """The remarks for the user on the parts that were left out."""
        remarks = [f"{counted(n, *what)} left out" for what, n in sorted(self._left_out.items())]
        if self._hidden:
            parts = "hidden part of the page was", "hidden parts of the page were"
            remarks.append(f"{counted(self._hidden, *parts)} read, such as closed panels")
        if self._struck:
            remarks.append("struck-through text was read as ordinary text")
        if self._unfolded:
            remarks.append(unfolded(self._unfolded))
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
        omitted = self.omission(element, parents)
        if omitted is not None:
            texts = element.itertext() if omitted or tag not in NO_TEXT else ()
            self.omitted += [(omitted, " ".join(text.split())) for text in texts if text.strip()]
            return
        self._hidden += hidden(element)
        if tag in _BLOCKS or tag in _STRUCTURED or tag in _HEADINGS:
            flow.end()
        if self.apart(element, tag, flow, parents):
            return
        flow.anchors += filter(None, (element.get("id"), element.get("name")))
        if tag in _HEADINGS:
            self.heading(element, flow, parents)
        elif tag in _STRUCTURED:
            self.structure(element, tag, flow, parents)
        elif tag in _BLOCKS:
            self.inside(element, flow, parents)
        else:
            self.inline(element, tag, flow, parents)

    def omission(self, element: Element, parents: tuple[str, ...]) -> str | None:
        """Return why an element is left out: a remark, or nothing; or None."""
        if consent(element) and not {"main", "article"} & {*parents}:
            return "a banner that asks for consent to cookies was left out"
        label = _WORD_LABEL in _style_of(element) and set(_HEADINGS).isdisjoint(parents)
        if label or (self.own and element.get("class") in _OWN_LABELS):
            return ""
        if self.visible and hidden(element):
            return _HIDDEN
        if self.visible and name(element) == "button":
            return _CONTROLS
        return omission(element, parents)

    def apart(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> bool:
        """Write an element if its attributes make it special; return whether they do."""
        note = self.referred.get(element.get("id", ""))
        if _NUMBER.fullmatch(element.get(NOTE_TEXT, "")):
            note = int(element.get(NOTE_TEXT, "0"))
        listed = _WORD_ITEM.search(_style_of(element)) if tag in ("p", "div") else None
        if note is not None and note not in self.footnotes:
            self.footnotes[note] = self.nested(element, flow, parents)
        elif "data-cfemail" in element.attrib:
            self.address(element, flow)
        elif listed:
            self.word_item(element, int(listed[1]), flow, parents)
        else:
            return False
        return True

    # --- running text ----------------------------------------------------------------------------

    def address(self, element: Element, flow: Flow) -> None:
        """Write an address that the site hides from programs, as its page shows it."""
        address = unhidden(element.get("data-cfemail", ""))
        self.omitted += [("", text) for text in element.itertext()]
        if not address:
            self.omitted.append(("an address that the page hides could not be read", ""))
            return
        self.supplied.append(address)
        before = flow.marks
        if not any(isinstance(mark, Link) for _, mark in before):
            self._marks += 1
            flow.marks = (*before, (self._marks, Link(target_of(f"mailto:{address}"), ())))
        flow.say(Text(address))
        flow.marks = before

    def inline(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write an element in running text."""
        if tag == "br":
            flow.say(LineBreak())
            return
        if _NUMBER.fullmatch(element.get(NOTE, "")):
            flow.say(NoteReference(int(element.get(NOTE, "0"))))
            return
        if element.get("role") in _NOTE_LINKS:
            self.note_link(element, flow)
            return
        if tag in _CODE:
            flow.say(Code(" ".join("".join(element.itertext()).split())))
            return
        self._struck = self._struck or tag in ("del", "s", "strike")
        before = flow.marks
        mark = self.mark(element, tag)
        kept = [outer for _, outer in before]
        twice = isinstance(mark, Link) and any(isinstance(outer, Link) for outer in kept)
        if mark and mark not in kept and not twice and len(kept) < DEEPEST:
            self._marks += 1
            flow.marks = (*before, (self._marks, mark))
        self.children(element, flow, (*parents, tag))
        flow.marks = before

    def note_link(self, element: Element, flow: Flow) -> None:
        """Write a reference to a footnote, as DPUB-ARIA marks it; a link back is not text."""
        self.omitted += [("", text) for text in element.itertext()]
        id = element.get("href", "").removeprefix("#")
        if element.get("role") == "doc-noteref" and id:
            flow.say(NoteReference(self.referred.setdefault(id, len(self.referred) + 1)))

    def mark(self, element: Element, tag: str) -> Mark | None:
        """Return the mark that an element gives its text, emphasis or link; None for neither."""
        if tag in _EMPHASIS:
            return Emphasis((), _EMPHASIS[tag])
        written = element.get("href", "") if tag == "a" else ""
        if _PROTECTED in written:
            written = f"mailto:{unhidden(written.rpartition('#')[2])}"
        target = target_of(written)
        if not target and lost_target(written):
            self.omitted.append(("links to other pages of the site became text", written))
        return Link(target, ()) if target else None

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
        return as_blocks(gathered(inner.pieces))

    def structure(self, element: Element, tag: str, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a list, a quotation, a table or preformatted lines."""
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

    def word_item(self, element: Element, level: int, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a paragraph of a page that Word saved, and that is an item of a list."""
        labels = (e for e in element.iter() if _WORD_LABEL in _style_of(e))
        written = " ".join("".join(next(labels, element).itertext()).split())
        number = NUMBER.match(f"{written} x")
        blocks = self.nested(element, flow, parents)
        if number is None and readings(written):
            blocks = (Paragraph((Text(f"{written} "),)), *blocks)
            blocks = (Paragraph(one_run(blocks[:1]) + one_run(blocks[1:2])), *blocks[2:])
        flow.pieces.append(_WordItem(level, int(number[1]) if number else None, blocks))

    def alone(self, child: Element, flow: Flow, parents: tuple[str, ...]) -> tuple[Block, ...]:
        """Return an element as blocks of its own."""
        inner = flow.fresh()
        self.element(child, inner, parents)
        inner.end()
        return as_blocks(gathered(inner.pieces))

    def definitions(
        self, element: Element, flow: Flow, parents: tuple[str, ...]
    ) -> DefinitionList | None:
        """Return terms with their meanings, at any place in the list."""
        built: list[Definition] = []
        for child in _parts(element, ("dt", "dd"), ("div",)):
            if self.omission(child, parents) is not None:
                continue
            inner = self.alone(child, flow, parents)
            if name(child) == "dt":
                built.append(Definition(one_run(flat(inner)), ()))
            elif inner:
                last = built.pop() if built else Definition((), ())
                built.append(Definition(last.term, (*last.descriptions, inner)))
        return DefinitionList(tuple(built)) if built else None

    def table(self, element: Element, flow: Flow, parents: tuple[str, ...]) -> None:
        """Write a table, or the content of its cells if it is only for layout."""
        for caption in element.findall("caption"):
            self.element(caption, flow, parents)
        rows = [
            [cell for cell in _parts(row, ("td", "th"), ()) if self.omission(cell, parents) is None]
            for row in _parts(element, ("tr",), ("thead", "tbody", "tfoot"))
            if self.omission(row, parents) is None
        ]
        wide = max(map(len, rows), default=0) > 1 and len(rows) > 1
        inside = {name(child) for row in rows for cell in row for child in cell.iter()}
        if (
            wide
            and _LAYOUT.isdisjoint(inside)
            and element.get("role") not in ("presentation", "none")
        ):
            full = [[(cell, self.nested(cell, flow, parents)) for cell in row] for row in rows]
            flow.pieces.append(table(grid([[_spanned(*cell) for cell in row] for row in full])))
            return
        self._unfolded += wide and "th" in {name(cell) for row in rows for cell in row}
        for cell in (cell for row in rows for cell in row):
            self.inside(cell, flow, parents)


def _style_of(element: Element) -> str:
    return element.get("style", "").lower()


def unhidden(code: str) -> str:
    """Return an address that Cloudflare hides: each byte is combined with the first one."""
    try:
        key, *rest = bytes.fromhex(code)
        return bytes(byte ^ key for byte in rest).decode()
    except ValueError:
        return ""


def _parts(
    element: Element, wanted: tuple[str, ...], through: tuple[str, ...]
) -> Iterable[Element]:
    """Yield children with the `wanted` names, also those inside children named in `through`."""
    for child in element:
        if name(child) in through:
            yield from _parts(child, wanted, through)
        elif name(child) in wanted or not through:
            yield child


def _spanned(cell: Element, blocks: tuple[Block, ...]) -> Cell:
    return Cell(one_run(flat(blocks)), _span(cell, "colspan"), _span(cell, "rowspan"))


def _span(cell: Element, attribute: str) -> int:
    span = cell.get(attribute, "1").strip()
    return int(span) if span.isascii() and span.isdecimal() and len(span) < 3 else 1


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
