"""Word documents, read back: with all changes accepted or rejected, and what they should say."""

from __future__ import annotations

import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from lxml import etree

from publisher.policy.tree import (
    Code,
    DefinitionList,
    Emphasis,
    Heading,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Policy,
    Quote,
    Table,
    Text,
    Unconfirmed,
)

NAMES = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
W = f"{{{NAMES['w']}}}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
FIGURES = {
    "decimal": str,
    "lowerLetter": lambda number: chr(ord("a") + number - 1),
    "upperLetter": lambda number: chr(ord("A") + number - 1),
    "lowerRoman": ROMAN.__getitem__,
    "upperRoman": lambda number: ROMAN[number].upper(),
}
LOST = {"accept": ("del", "moveFrom"), "reject": ("ins", "moveTo")}
MARKS = {"ins": "+", "del": "-", "moveFrom": "<", "moveTo": ">"}
ORDER = ("pStyle", "numPr", "ind", "jc", "rPr", "pPrChange")
"""The properties that we write, in the order of CT_PPr (ECMA-376 Part 1, A.1)."""
FLAGS = {"b": "strong", "i": "stressed", "rFonts": "code", "highlight": "unconfirmed", "vertAlign": "raised"}  # fmt: skip


@dataclass
class Said:
    """A paragraph as it reads: its style, its mark in a list, how far in it is, and its text."""

    style: str
    mark: str = ""
    indent: int = 0
    text: list[tuple[str, frozenset[str], str]] = field(default_factory=list)

    def comparable(self) -> tuple[Any, ...]:
        """Return what of it counts: no white space or normal form, no clause's id."""
        found = []
        for text, flags, link in self.text:
            seen = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
            found += [
                (c, flags, link[:1] if link[:1] == "#" else link) for c in seen if not c.isspace()
            ]
        return self.style, self.mark, self.indent, folded(t for t, _, _ in self.text), found


def folded(texts: Iterable[str]) -> str:
    return " ".join(unicodedata.normalize("NFC", "".join(texts)).split())


# --- what a document says ------------------------------------------------------------------------


class Document:
    """A document that is read as if all its changes were accepted, or rejected."""

    def __init__(self, data: bytes, way: str) -> None:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        self.body = etree.fromstring(parts["word/document.xml"]).find(f"{W}body")
        self.way, self.lost = way, LOST[way]
        relations = etree.fromstring(parts["word/_rels/document.xml.rels"])
        self.targets = {each.get("Id"): each.get("Target") for each in relations}
        numbering = etree.fromstring(parts["word/numbering.xml"])
        self.levels = {each.get(f"{W}abstractNumId"): each for each in numbering.iter(f"{W}lvl") for each in [each.getparent()]}  # fmt: skip
        self.counted: Counter[str] = Counter()

    def read(self) -> list[Any]:
        """Return all paragraphs, without the spaces behind tables; a row as its own."""
        found: list[Any] = []
        ahead: list[Any] = []
        for each in self.body:
            if each.tag == f"{W}p":
                said = self.paragraph(each)
                ahead += said.text
                if self.is_lost(each.find(f"{W}pPr/{W}rPr")):
                    continue
                self.marked(each, said)
                found.append(replace(said, text=ahead))
                ahead = []
            elif each.tag == f"{W}tbl":
                assert not folded(t for t, _, _ in ahead), "text runs into a table"
                found += self.table(each)
        assert not ahead, "the last paragraph has nothing to join"
        return [each if isinstance(each, str) else each.comparable() for each in found
                if isinstance(each, str) or each.style != "AfterTable" or each.text]  # fmt: skip

    def tracked(self) -> dict[str, list[str]]:
        """Return the text in each kind of tracked change, in reading order."""
        found: dict[str, list[str]] = defaultdict(list)
        for mark in self.body.iter():
            name = mark.tag.removeprefix(W)
            if name in ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange"):
                whole = mark.getparent().getparent() if name.endswith("Change") else mark
                text = "".join(each.text for each in whole.iter(f"{W}t", f"{W}delText"))
                found[name] += [text] if text else []
        return found

    def is_lost(self, tracked: Any) -> bool:
        names = () if tracked is None else (each.tag.removeprefix(W) for each in tracked)
        return any(name in self.lost for name in names)

    def properties(self, element: Any, name: str) -> Any:
        """Return the properties, which are others before than after."""
        now = element.find(f"{W}{name}")
        if now is None:
            return etree.Element("none")
        was = now.find(f"{W}{name}Change/{W}{name}")
        return now if was is None or self.way == "accept" else was

    def paragraph(self, paragraph: Any) -> Said:
        look = self.properties(paragraph, "pPr")
        indent = look.find(f"{W}ind")
        style = look.find(f"{W}pStyle").get(f"{W}val")
        said = Said(style, "", 0 if indent is None else int(indent.get(f"{W}left")) // 397)
        for run in paragraph.iter(f"{W}r"):
            above = [each.tag.removeprefix(W) for each in run.iterancestors()]
            if not set(above) & set(self.lost):
                said.text += self.run(run)
        return said

    def marked(self, paragraph: Any, said: Said) -> None:
        listed = self.properties(paragraph, "pPr").find(f"{W}numPr")
        if listed is None:
            return
        depth, key = (listed.find(f"{W}{name}").get(f"{W}val") for name in ("ilvl", "numId"))
        (level,) = (
            each for each in self.levels[key].iter(f"{W}lvl") if each.get(f"{W}ilvl") == depth
        )
        first = int(level.find(f"{W}start").get(f"{W}val"))
        figures, text = (level.find(f"{W}{name}").get(f"{W}val") for name in ("numFmt", "lvlText"))
        if figures == "bullet":
            said.mark = "•"
        else:
            figure = FIGURES[figures](first + self.counted[key])
            assert f"%{int(depth) + 1}" in text
            said.mark = text.replace(f"%{int(depth) + 1}", figure)
        self.counted[key] += 1

    def run(self, run: Any) -> Iterator[tuple[str, frozenset[str], str]]:
        look = self.properties(run, "rPr")
        flags = frozenset(
            FLAGS[name] for each in look if (name := each.tag.removeprefix(W)) in FLAGS
        )
        link = next(run.iterancestors(f"{W}hyperlink"), None)
        target = ""
        if link is not None:
            target = self.targets.get(link.get(f"{R}id")) or "#" + link.get(f"{W}anchor", "")
        for each in run:
            if each.tag in (f"{W}t", f"{W}delText"):
                yield each.text, flags, target
            elif each.tag == f"{W}br":
                yield "\n", flags, target

    def table(self, table: Any) -> Iterator[Any]:
        for row in table.iter(f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if not self.is_lost(properties):
                yield "head" if properties.find(f"{W}tblHeader") is not None else "row"
                yield from (self.paragraph(each) for each in row.iter(f"{W}p"))


_SEQUENCES = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore numPr pBdr shd tabs suppressAutoHyphens bidi spacing ind jc outlineLvl rPr pPrChange",
    "rPr": "rStyle rFonts b bCs i iCs noProof color sz szCs highlight u vertAlign rtl lang rPrChange ins del moveFrom moveTo",
    "sdtPr": "alias tag id docPartObj",
    "tblPr": "tblStyle bidiVisual tblW tblInd tblBorders tblLayout tblCellMar tblLook",
    "style": "name basedOn next uiPriority semiHidden qFormat pPr rPr tblPr tblStylePr",
    "lvl": "start numFmt lvlText lvlJc pPr rPr",
    "settings": "zoom trackRevisions defaultTabStop characterSpacingControl footnotePr compat clrSchemeMapping",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg bidi docGrid",
}  # fmt: skip
"""The elements that we write in some others, in the order of ECMA-376 Part 1, Annex A."""


def misordered(data: bytes) -> list[str]:
    """Return where the parts of a document have elements in an order that Word refuses."""
    wrong = []
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.startswith("word/") or not name.endswith(".xml") or "theme" in name:
                continue
            for parent in etree.fromstring(archive.read(name)).iter():
                order = _SEQUENCES.get(etree.QName(parent).localname, "").split()
                names = [etree.QName(child).localname for child in parent]
                known = [order.index(name) if name in order else -1 for name in names]
                if order and (known != sorted(known) or -1 in known):
                    wrong.append(f"{name}: {etree.QName(parent).localname} has {names}")
    return wrong


def faults(data: bytes) -> list[str]:
    """Return where a document's changes are none that ECMA-376 Part 1 knows: 17.3.1 and 17.13.5."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    wrong = []
    for properties in body.iter(f"{W}pPr"):
        names = [child.tag.removeprefix(W) for child in properties]
        if names != [name for name in ORDER if name in names]:
            wrong.append(f"properties of a paragraph: {names}")
    for properties in body.iterfind(f".//{W}pPr/{W}rPr"):
        names = [child.tag.removeprefix(W) for child in properties]
        wrong += [f"a mark: {names}"] if len(names) != 1 or names[0] not in MARKS else []
    ends = [sorted(start.get(f"{W}name") for start in body.iter(f"{W}{end}RangeStart"))
            for end in ("moveFrom", "moveTo")]  # fmt: skip
    if ends[0] != ends[1] or len(set(ends[0])) < len(ends[0]):
        wrong.append(f"ends of moves: {ends}")
    ids = [change.get(f"{W}id") for change in body.iter() if change.get(f"{W}author")]
    return wrong if len(set(ids)) == len(ids) else [*wrong, "two changes with one id"]


def marked(data: bytes) -> list[str]:
    """Return paragraphs with their changes, each with its mark and, if it changed, its style."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = etree.fromstring(archive.read("word/document.xml")).find(f"{W}body")
    return [_marked(paragraph) for paragraph in body.iterfind(f"{W}p")]


def _marked(paragraph: Any) -> str:
    shown = ""
    for text in paragraph.iter(f"{W}t", f"{W}delText"):
        above = {parent.tag.removeprefix(W) for parent in text.iterancestors()}
        sign = "".join(MARKS[name] for name in above if name in MARKS)
        shown += f"[{sign}{text.text}{sign}]" if sign else text.text
    sign = "".join(
        MARKS[mark.tag.removeprefix(W)] for mark in paragraph.iterfind(f"{W}pPr/{W}rPr/*")
    )
    looks = [_looking(paragraph.find(path)) for path in (f".//{W}pPrChange/{W}pPr", f"{W}pPr")]
    changed = f" {looks[0]} → {looks[1]}" if looks[0] else ""
    return f"{shown}¶{sign}{changed}"


def _looking(look: Any) -> str:
    if look is None:
        return ""
    number = look.find(f"{W}numPr/{W}numId")
    style = look.find(f"{W}pStyle").get(f"{W}val")
    return style if number is None else f"{style} {number.get(f'{W}val')}"


# --- what a policy says --------------------------------------------------------------------------


def said(policy: Policy | None) -> list[Any]:
    """Return what a document should say that has a policy in it."""
    if policy is None:
        return []
    controller = ", ".join((policy.controller.name, *policy.controller.address))
    lines: list[Any] = [_said("Heading1", (Text(policy.title),)),
                        _said("Controller", (Text(f"Controller: {controller}"),))]  # fmt: skip
    for clause in policy.clauses:
        lines.append(_said("Heading2", (Text(clause.title),)))
        lines += _blocks(clause.blocks)
        for note in clause.notes:
            lead = [(f"{note.number} ", frozenset(["raised"]), "")]
            lines += _led(_blocks(note.blocks, "Note"), note.blocks, Said("Note", text=lead))
    return [each if isinstance(each, str) else each.comparable() for each in lines]


def _said(style: str, inlines: Any, indent: int = 0) -> Said:
    return Said(style, "", indent, list(_text(inlines)))


def _text(
    inlines: Any, flags: frozenset[str] = frozenset(), link: str = ""
) -> Iterator[tuple[str, frozenset[str], str]]:
    for each in inlines:
        match each:
            case Text(text):
                yield text, flags, link
            case Code(text):
                yield text, flags | {"code"}, link
            case LineBreak():
                yield "\n", flags, link
            case NoteReference(number):
                yield str(number), flags | {"raised"}, link
            case Emphasis(children, strong):
                yield from _text(children, flags | {"strong" if strong else "stressed"}, link)
            case Link(target, children):
                yield from _text(children, flags, target)
            case Unconfirmed(children):
                inside = children or (Text("[to be confirmed]"),)
                yield from _text(inside, flags | {"unconfirmed"}, link)


def _led(lines: list[Any], blocks: Any, first: Said) -> list[Any]:
    """Return lines of which the first bears a mark, or an empty one ahead of them."""
    if not blocks or not isinstance(blocks[0], Paragraph | Heading):
        return [first, *lines]
    lines[0] = replace(lines[0], mark=first.mark, text=[*first.text, *lines[0].text])
    return lines


def _blocks(blocks: Any, style: str = "Normal", indent: int = 0) -> list[Any]:
    return [line for block in blocks for line in _block(block, style, indent)]


def _block(block: Any, style: str, indent: int) -> Iterator[Any]:
    match block:
        case Paragraph(children):
            yield _said(style, children, indent)
        case Heading(level, children):
            yield _said(f"Heading{level}", children, indent)
        case Quote(blocks):
            yield from _blocks(blocks, "Quote", indent + 1)
        case List(items):
            own = "ListParagraph" if style == "Normal" else style
            for at, item in enumerate(items):
                mark = block.label(at) or "•"
                yield from _led(_blocks(item, own, indent + 1), item, Said(own, mark, indent + 1))
        case DefinitionList(definitions):
            for each in definitions:
                yield _said("Term", each.term, indent)
                for meaning in each.descriptions:
                    yield from _blocks(meaning, style, indent + 1)
        case Table(header, rows):
            for row in (header, *rows):
                head = row is header
                yield "head" if head else "row"
                yield from (_said("TableHead" if head else "TableText", cell) for cell in row)


def texts(lines: Iterable[Any]) -> list[str]:
    """Return the text of each paragraph that has any, in reading order."""
    return [line[3] for line in lines if not isinstance(line, str) and line[3]]


def shown(data: bytes) -> list[str]:
    """Return the text of each paragraph of a document without tracked changes, however made."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    tracked = {
        each for name in ("ins", "del", "moveFrom", "moveTo") for each in body.iter(W + name)
    }
    assert not tracked
    found = []
    for paragraph in body.iter(f"{W}p"):
        inside = paragraph.iter(f"{W}t", f"{W}br")
        found.append(folded(each.text if each.tag == f"{W}t" else "\n" for each in inside))
    # LibreOffice writes U+200D into empty cells, to have something to track.
    return [text for each in found if (text := each.replace("\u200d", "").strip())]
