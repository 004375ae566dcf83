"""A Word document as a package, a ZIP archive of XML, with its styles and its numbering.

The standard library reads it: python-docx stops at a damaged part, and does not know tracked
changes and footnotes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, XMLParser
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from publisher.errors import NotADocument
from publisher.policy import numerals

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DOCUMENT = "word/document.xml"
LARGEST_PART = 20 << 20
"""The most bytes of an unpacked part; a hundred pages have a twentieth of that."""
_DOCTYPE = re.compile(rb"<!\s*DOCTYPE|<!\s*ENTITY", re.IGNORECASE)
_SAVE_AGAIN = "open it in a word processor, and save it as .docx again"


_EMBEDDED = (".html", ".htm", ".xhtml", ".mht", ".txt")
_UNREADABLE = (
    BadZipFile,
    zlib.error,
    OSError,
    ValueError,
    ArithmeticError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    IndexError,
)
"""The exceptions from a damaged part of an archive."""


class Package:
    """The parts of a Word document that have its text; `ours` if the toolkit made it."""

    def __init__(self, data: bytes) -> None:
        """Open the package; raises `NotADocument` for a file that is not one."""
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            reason = "is locked with a password, or in the format of Word before 2007"
            fix = "open it in Word, and save it as .docx without one"
            raise NotADocument("the file", reason, fix, genuine=True)
        try:
            self._zip = ZipFile(BytesIO(data))
            self._sizes = {entry.filename: entry.file_size for entry in self._zip.infolist()}
        except _UNREADABLE as fault:
            raise NotADocument(
                "the file", "is not a Word document, or is damaged", _SAVE_AGAIN
            ) from fault
        if DOCUMENT not in self._sizes:
            reason = f"is not a Word document: it has no {DOCUMENT}"
            raise NotADocument("the file", reason, _SAVE_AGAIN)
        self.body = self._document()
        properties = self.part("docProps/custom.xml")
        names = [] if properties is None else [part.get("name", "") for part in properties]
        self.ours = any(name.startswith("publisher.") for name in names)

    def _document(self) -> Element:
        document = self.part(DOCUMENT)
        body = document.find(f"{W}body") if document is not None else None
        if body is None:
            raise NotADocument(
                "the file", f"is damaged: its {DOCUMENT} cannot be read", _SAVE_AGAIN
            )
        return body

    def part(self, path: str) -> Element | None:
        """Return the root of a part; None if it is missing, or is not XML.

        Raises `NotADocument` if it is too large. Entities are not expanded: a part that declares
        one is invalid (ECMA-376 part 2, 8.1.4).
        """
        size = self._sizes.get(path)
        if size is None:
            return None
        if size > LARGEST_PART:
            reason = f"has more than {LARGEST_PART >> 20} MB of text in it, unpacked"
            raise NotADocument("the file", reason, "take another copy of it")
        try:
            data = self._data(path)
        except _UNREADABLE:
            return None
        data = data.replace(_STRICT, W[1:-1].encode())
        if _DOCTYPE.search(data) or b"\x00" in data[:200]:
            return None
        try:
            parser = XMLParser()  # noqa: S314 - there are no entities in it
            parser.feed(data)
            root: Element = parser.close()
        except (ParseError, ValueError, LookupError):
            return None
        return root

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The target of each external link, by its id."""
        root = self.part("word/_rels/document.xml.rels")
        return (
            {}
            if root is None
            else {
                link.get("Id", ""): link.get("Target", "")
                for link in root
                if link.get("TargetMode") == "External"
            }
        )

    def embedded(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths and the bytes of documents in other formats that it embeds."""
        for path, size in self._sizes.items():
            if path.lower().endswith(_EMBEDDED) and size <= LARGEST_PART:
                with suppress(*_UNREADABLE):
                    yield path, self._data(path)

    def _data(self, path: str) -> bytes:
        """Return the bytes of a part, packed as parts may be (ECMA-376 part 2, annex B)."""
        if self._zip.getinfo(path).compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise NotImplementedError(path)
        return self._zip.read(path)

    def paths(self, start: str) -> list[str]:
        """Return the paths of the XML parts that start so, in their order."""
        return sorted(
            (path for path in self._sizes if path.startswith(start) and path.endswith(".xml")),
            key=lambda path: (len(path), path),
        )


def value(element: Element | None, attribute: str = "val") -> str:
    """Return an attribute in Word's own name space; empty if it is missing."""
    return "" if element is None else element.get(f"{W}{attribute}", "")


def link_id(element: Element) -> str:
    """Return the id of the link that an element is."""
    return element.get(f"{_R}id", "")


def on(element: Element | None) -> bool:
    """Return whether a property is set, and not switched off."""
    return element is not None and value(element) not in ("0", "false", "off", "none")


_FIGURES = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_LEVELS = tuple("012345678")
"""The levels of a list, and of titles, as Word writes them (ECMA-376 part 1, 17.9.3)."""
_OWN_FIGURE = re.compile(r"\(%[1-9]\)|%[1-9][.)]?")


@dataclass(frozen=True, slots=True)
class Level:
    """The numbering of a level of a list: its figures, first number, and the text around."""

    figures: str
    start: int
    text: str
    restarts: bool = True

    @property
    def bullets(self) -> bool:
        """Whether it has no numbers."""
        return self.figures in ("bullet", "none")

    @property
    def style(self) -> str | None:
        """The form of its labels, ``(a)``; empty for ``1.``; None for labels that no list has."""
        counted = self.figures in _FIGURES or self.figures == "decimal"
        text = self.text.strip()
        if not counted or not _OWN_FIGURE.fullmatch(text):
            return None
        written = re.sub("%[1-9]", _FIGURES.get(self.figures, "1"), text)
        return written if written not in ("1.", "1") else ""

    @property
    def known(self) -> bool:
        """Whether its figures are written here as Word writes them."""
        return self.bullets or self.figures in {*_FIGURES, "decimal", "decimalZero"}


@dataclass(frozen=True, slots=True)
class Style:
    """A style of paragraphs; `heading` is the level of a title, 0 for the document's."""

    name: str
    based_on: str
    heading: int | None
    number: tuple[str, int] | None
    bold: bool | None = None


class Numbering:
    """Counts through a document: call it for each numbered paragraph, in their order."""

    def __init__(self, package: Package) -> None:
        root = package.part("word/numbering.xml")
        definitions = [] if root is None else list(root)
        abstract = {
            value(definition, "abstractNumId"): {
                int(at): _level(level)
                for level in definition.findall(f"{W}lvl")
                if (at := value(level, "ilvl")) in _LEVELS
            }
            for definition in definitions
            if definition.tag == f"{W}abstractNum"
        }
        numbers = [one for one in definitions if one.tag == f"{W}num"]
        self._kinds = {value(one, "numId"): value(one.find(f"{W}abstractNumId")) for one in numbers}
        self._levels: Mapping[str, Mapping[int, Level]] = _with_linked(definitions, abstract)
        self._own: dict[tuple[str, int], Level] = {}
        self._starts: dict[tuple[str, int], int] = {}
        for number in numbers:
            self._override(number)
        self._counts: dict[tuple[str, int], int] = {}

    def _override(self, number: Element) -> None:
        """Note what a numbering changes in the levels that it shares with others."""
        for override in number.findall(f"{W}lvlOverride"):
            at, level = value(override, "ilvl"), override.find(f"{W}lvl")
            start = value(override.find(f"{W}startOverride"))
            if at in _LEVELS and level is not None:
                self._own[value(number, "numId"), int(at)] = _level(level)
            if at in _LEVELS and start.isdecimal():
                self._starts[value(number, "numId"), int(at)] = int(start[:6])

    def level(self, number: str, depth: int) -> Level | None:
        """Return a level of a numbering; None if it is unknown."""
        own = self._own.get((number, depth))
        return own or self._levels.get(self._kinds.get(number, ""), {}).get(depth)

    def next(self, number: str, depth: int) -> int:
        """Return the next number on a level, and start the levels below it again."""
        kind = self._kinds.get(number, "")
        level = self.level(number, depth)
        start = level.start if level else 1
        here = self._counts.get((kind, depth), start - 1) + 1
        here = self._starts.pop((number, depth), here)  # where it begins, and only there
        self._counts[kind, depth] = here
        for below in [key for key in self._counts if key[0] == kind and key[1] > depth]:
            lower = self.level(number, below[1])
            if lower is None or lower.restarts:
                del self._counts[below]
        return here

    def count(self, number: str, depth: int) -> int:
        """Return the number of the paragraph that was counted last on a level."""
        return self._counts.get((self._kinds.get(number, ""), depth), 1)

    def label(self, number: str, depth: int) -> str:
        """Return the label that Word writes before a paragraph, ``3.1.`` or ``Article 3``."""
        self.next(number, depth)
        return self.written(number, depth)

    def written(self, number: str, depth: int) -> str:
        """Return the label of the paragraph that was counted last on a level."""
        level = self.level(number, depth)
        if level is None or level.bullets:
            return ""
        kind = self._kinds.get(number, "")

        def figure(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = self.level(number, at)
            count = self._counts.get((kind, at), other.start if other else 1)
            return _figures(count, other.figures if other else "decimal")

        return re.sub(r"%([1-9])", figure, level.text).strip()


def _with_linked(
    definitions: Iterable[Element], abstract: Mapping[str, Mapping[int, Level]]
) -> Mapping[str, Mapping[int, Level]]:
    """Return the levels of definitions, those too that name a style of lists for theirs."""
    linked: dict[str, str] = {}
    links: dict[str, str] = {}
    for definition in definitions:
        id = value(definition, "abstractNumId")
        linked[value(definition.find(f"{W}styleLink"))] = id
        links[id] = value(definition.find(f"{W}numStyleLink"))
    return {
        id: abstract.get(linked.get(links[id] or "-", id), levels)
        for id, levels in abstract.items()
    }


def styles(package: Package) -> Mapping[str, Style]:
    """Return the styles of paragraphs by their id."""
    root = package.part("word/styles.xml")
    by_id = {}
    for style in [] if root is None else root.findall(f"{W}style"):
        name = value(style.find(f"{W}name")).lower()
        by_id[value(style, "styleId")] = Style(
            name,
            value(style.find(f"{W}basedOn")),
            _heading(name, style.find(f"{W}pPr/{W}outlineLvl")),
            numbered(style.find(f"{W}pPr")),
            None if (bold := style.find(f"{W}rPr/{W}b")) is None else on(bold),
        )
    return by_id


def numbered(properties: Element | None) -> tuple[str, int] | None:
    """Return the numbering and level in the properties of a paragraph, or None."""
    numbering = properties.find(f"{W}numPr") if properties is not None else None
    if numbering is None:
        return None
    depth = value(numbering.find(f"{W}ilvl"))
    return value(numbering.find(f"{W}numId")), int(depth) if depth in _LEVELS else 0


def _heading(name: str, outline: Element | None) -> int | None:
    if name == "title":
        return 0
    heading = re.fullmatch(r"heading (\d)", name)
    if heading:
        return int(heading[1])
    level = value(outline)
    return int(level) + 1 if level in _LEVELS else None


def _level(level: Element) -> Level:
    start = value(level.find(f"{W}start"))
    return Level(
        value(level.find(f"{W}numFmt")) or "decimal",
        int(start) if start.isascii() and start.isdecimal() and len(start) < 6 else 1,
        value(level.find(f"{W}lvlText")),
        value(level.find(f"{W}lvlRestart")) != "0",
    )


def _figures(count: int, figures: str) -> str:
    if figures in _FIGURES:
        return numerals.figures(_FIGURES[figures], count)
    return f"{count:02}" if figures == "decimalZero" else str(count)


# --- symbols ---

_SYMBOL = dict(
    zip(
        bytes.fromhex(
            "22 24 27 2a 2d 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 "
            "55 56 57 58 59 5a 5c 5e 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 "
            "73 74 75 76 77 78 79 7a 7e a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af b0 "
            "b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 ca "
            "cb cc cd ce cf d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 da db dc dd de df e0 e2 e3 e4 e5 f2"
        ),
        "∀∃∍∗−≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ∴⊥αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
        "∼€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨"
        "⇔⇐⇑⇒⇓◊®©™∑∫",
        strict=True,
    )
)
_WINGDINGS = dict(
    zip(
        bytes.fromhex(
            "22 28 29 2a 36 37 3f 41 46 4a 4b 4c 4e 52 54 6c 6e 6f 71 72 74 75 76 77 9f a1 "
            "a4 a7 a8 aa ab d8 df e0 e1 e2 e8 ef f0 fb fc fd fe"
        ),
        "✂☎✆✉⌛⌨✍✌☞☺😐☹☠☼❄●■□❑❒⧫◆❖⬥•○◉▪☐✦★➢←→↑↓➔⇦⇨✘✔☒☑",
        strict=True,
    )
)
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def symbol(font: str, code: str) -> str:
    """Return a symbol by its font and its hexadecimal code; U+FFFD where it is unknown."""
    try:
        number = int(code, 16)
    except ValueError:
        return "\ufffd"
    if 0xF000 <= number < 0xF100:
        number -= 0xF000
    elif number > 0xFF and number < 0xD800:
        return chr(number)
    table = _FONTS.get(font.strip().lower())
    return table.get(number, "\ufffd") if table is not None else "\ufffd"


def mapped(text: str, font: str) -> str:
    """Return text in a font whose private characters are symbols."""
    if font.strip().lower() not in _FONTS:
        return text
    return "".join(symbol(font, f"{ord(c):x}") if "\uf000" <= c < "\uf100" else c for c in text)
