"""Titles and blocks, in their order → clauses.

Invisible and forbidden characters are replaced or left out, with a note. A clause's id comes from
its title.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, pairwise
from typing import Any

from publisher.intake.draft import (
    Draft,
    Extracted,
    Piece,
    Title,
    all_bold,
    counted,
    plain,
    shortened,
    tidy,
    unmarked,
)
from publisher.intake.lists import labelled, like_a_title, numbered_title
from publisher.policy.characters import FORBIDDEN, name_of
from publisher.policy.tree import (
    Block,
    Clause,
    Code,
    Definition,
    DefinitionList,
    Heading,
    Inline,
    Link,
    List,
    Note,
    NoteReference,
    Paragraph,
    Quote,
    Table,
    Text,
    inlines_in,
    inlines_of,
    walk,
    with_parts,
)

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ς": "σ",
    }
)
_DIVISIONS = (
    "article|artikel|artículo|artigo|articolo|artykuł|art|section|sectie|sección|sezione|sekcja|"
    "abschnitt|chapter|hoofdstuk|chapitre|kapitel|rozdział|clause|clausule|άρθρο|ενότητα|"
    "part|deel|partie|teil|część|ziffer|punkt|punt"
)
_NUMBER = re.compile(
    rf"\s*(?:§+\s*|(?:{_DIVISIONS})\b\.?\s*)?"
    r"(?:\(?\d{1,3}(?:\.\d{1,3})*[.):]?(?=[\s:–—-]|[.)]\w)|\(?(?:[ivxlc]{1,6}|[a-z])[.):](?=\s))"
    r"[\s.:)–—-]*",
    re.IGNORECASE,
)
LONGEST = 60
"""About the most characters of an id."""


def unnumbered(title: str) -> str:
    """Return a title without the number of its section, unless it is only a number."""
    rest = _NUMBER.sub("", title, count=1) if _NUMBER.match(title) else title
    return rest.strip() or title


def slug(title: str) -> str:
    """Return an id made from a title: ``3. Who we are`` gives ``who-we-are``.

    Latin letters lose their accents; letters of other scripts stay as they are.
    """
    folded = unicodedata.normalize("NFKD", unnumbered(title).casefold()).translate(_LETTERS)
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’](?=\w)", "", bare))
    id = ""
    for word in words:
        if id and len(id) + len(word) >= LONGEST:
            break
        id += f"-{word[:LONGEST]}" if id else word[:LONGEST]
    return unicodedata.normalize("NFC", id) or "section"


def _distinct(wishes: Iterable[str]) -> Iterator[str]:
    """Yield different ids: each as given, or with a number after it."""
    given: set[str] = set()
    numbers: Counter[str] = Counter()
    for wish in wishes:
        id = wish
        while id in given:
            numbers[wish] += 1
            id = f"{wish}-{numbers[wish] + 1}"
        given.add(id)
        yield id


_JOINERS = "\u200c\u200d"
"""They change the form of letters in some scripts, and of emoji, and are part of words."""
_NAMED = 3
"""The most kinds of characters that a note names."""


class Cleaner:
    """Takes invisible and unknown characters out of texts, and counts them.

    Invisible characters, and those that reverse the text, are left out: the visible words stay.
    Controls, line ends of other systems, and characters without a known meaning (private use, half
    a character) become spaces.
    """

    def __init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self.spaced: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """Return `text` with only the characters that a policy may have."""
        return FORBIDDEN.sub(self._instead, text)

    def tree(self, value: Any) -> Any:
        """Return blocks or inlines with clean text."""
        if isinstance(value, Text | Code):
            return type(value)(self.text(value.text))
        if isinstance(value, Link):
            value = replace(value, target=FORBIDDEN.sub("", value.target))
        return with_parts(value, self.tree)

    def _instead(self, match: re.Match[str]) -> str:
        character = match[0]
        if character in _JOINERS and _joins(match.string, match.start()):
            return character
        if character in "\t\n\r":
            return " "
        if unicodedata.category(character) == "Cf" or character in "\u034f\u115f\u1160\u3164\uffa0":
            self.removed[character] += 1
            return ""
        self.spaced[character] += 1
        return " "

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes for the user on the changes."""
        remarks = []
        if self.removed:
            left_out = "invisible character was left out", "invisible characters were left out"
            remarks.append(f"{counted(self.removed.total(), *left_out)}: {_named(self.removed)}")
        if self.spaced:
            became = (
                "character that no policy may have became a space",
                "characters that no policy may have became spaces",
            )
            remarks.append(f"{counted(self.spaced.total(), *became)}: {_named(self.spaced)}")
        return tuple(remarks)


def _joins(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return len(around) == 2 and all(ord(c) > 0x2FF and not c.isspace() for c in around)


def _named(counts: Counter[str]) -> str:
    names = [name_of(character) for character, _ in counts.most_common(_NAMED)]
    return ", ".join(names) + (", …" if len(counts) > _NAMED else "")


PREAMBLE, MARGINS = "preamble", "every-page"
"""The ids of the clauses for the text before the first title, and for what is on every page."""
_CONTENTS_TITLE = re.compile(
    r"(?:table of )?contents|in this (?:policy|notice|document)|inhoud(?:sopgave|stafel)?|sommaire|"
    r"table des matières|inhalt(?:sverzeichnis)?|índice|indice|spis treści|περιεχόμενα|index",
    re.IGNORECASE,
)
_LEADER = re.compile(r"(?<![\s.…·_])(?:\s*[.…·_]){3,}[\s\d]*$|(?<!\s)\s+\d{1,3}$")
"""The leader and page number after a title in a table of contents; it never begins inside one."""
_CONTENTS = 3
"""The fewest titles in a row that make a table of contents."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(slots=True)
class _Section:
    title: Title | None
    blocks: list[Block] = field(default_factory=list)
    untitled: str = PREAMBLE


def clauses_of(draft: Draft) -> Extracted:
    """Return a draft as clauses with clean text, and the notes on it."""
    cleaner = Cleaner()
    pieces = _with_bold_titles(tuple(_clean(draft.pieces, cleaner)))
    title, pieces = _titled(cleaner.text(draft.title).strip(), pieces)
    pieces, contents = _without_contents(pieces)
    sections = _split(pieces)
    if draft.margins:
        sections.append(_Section(None, [*tidied(cleaner.tree(draft.margins))], MARGINS))
    ids = [*_distinct(map(_id, sections))]
    places = {
        anchor: id
        for id, section in zip(ids, sections, strict=True)
        for anchor in (section.title.anchors if section.title else ())
    }
    written = _Writer(places, draft.footnotes, cleaner)
    clauses = tuple(written.clause(id, section) for id, section in zip(ids, sections, strict=True))
    notes = [*draft.remarks]
    rest = written.rest()
    if rest:
        last = clauses[-1] if clauses else Clause(PREAMBLE, "", (), (), (), "")
        clauses = (*clauses[:-1], replace(last, blocks=(*last.blocks, *rest)))
        notes.append("footnotes that no text refers to are at the end")
    omitted = (*draft.omitted, *(("the table of contents was left out", line) for line in contents))
    omissions = tuple(_left_out(omitted))
    notes += omissions
    if not any(True for clause in clauses for _ in inlines_in(clause)) and not draft.remarks:
        notes.append("the document has no text")
    texts = tuple(text for _, text in omitted)
    return Extracted(title, clauses, (*notes, *cleaner.notes), omissions, texts, draft.supplied)


def _left_out(omitted: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the notes on omitted texts: each remark once, with the beginnings of its texts."""
    texts: dict[str, list[str]] = {}
    for remark, text in omitted:
        if remark and text not in texts.setdefault(remark, []):
            texts[remark].append(text)
    for remark, several in texts.items():
        shown = shortened(" ".join(several))
        yield f"{remark}: “{shown}”" if shown else remark


def _clean(pieces: Iterable[Piece], cleaner: Cleaner) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Title):
            run = tidy(cleaner.tree(piece.run))
            if run:
                yield replace(piece, run=run)
        else:
            yield from tidied((cleaner.tree(piece),))


def tidied(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks with tidy running text, without empty ones."""
    clean = (_tidied(block) for block in blocks)
    return tuple(block for block in clean if block is not None)


def _tidied(block: Block) -> Block | None:
    match block:
        case Paragraph(children) | Heading(_, children):
            run = tidy(children)
            return replace(block, children=run) if run else None
        case Quote(blocks):
            inner = tidied(blocks)
            return Quote(inner) if inner else None
        case List(items):
            full = tuple(item for item in map(tidied, items) if item)
            return labelled(replace(block, items=full)) if full else None
        case Table(header, rows):
            cells = [tuple(map(tidy, row)) for row in (header, *rows)]
            full_rows = tuple(row for row in cells[1:] if any(row))
            there = any(cells[0]) or full_rows
            return replace(block, header=cells[0], rows=full_rows) if there else None
        case DefinitionList(definitions):
            full_definitions = tuple(
                Definition(
                    tidy(definition.term), tuple(filter(None, map(tidied, definition.descriptions)))
                )
                for definition in definitions
            )
            full_definitions = tuple(
                definition
                for definition in full_definitions
                if definition.term or definition.descriptions
            )
            return DefinitionList(full_definitions) if full_definitions else None


# --- the title, the table of contents, the sections ----------------------------------------------


def _with_bold_titles(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return pieces in which the bold lines of a document without headings are its titles.

    A bold line is a paragraph that is all bold, and looks like a title; at least two of them have
    other text after them.
    """
    if any(isinstance(piece, Title) for piece in pieces):
        return pieces
    depths = [_bold_title(piece) for piece in pieces]
    leading = [one for one, behind in pairwise(depths) if one and not behind]
    if len(leading) < 2:
        return pieces
    titles: list[Piece] = [
        Title(1 + depth, piece.children) if depth and isinstance(piece, Paragraph) else piece
        for depth, piece in zip(depths, pieces, strict=True)
    ]
    first = titles[0]
    if isinstance(first, Title) and depths[1] and numbered_title(plain(first.run)) is None:
        titles[0] = replace(first, level=1)
    return tuple(
        replace(piece, run=tuple(unmarked(piece.run))) if isinstance(piece, Title) else piece
        for piece in titles
    )


def _bold_title(piece: Piece) -> int:
    """Return how deep a bold line is numbered, 1 without a number; 0 for any other piece."""
    if not isinstance(piece, Paragraph):
        return 0
    text = plain(piece.children)
    if not all_bold(piece.children) or not like_a_title(unnumbered(text)):
        return 0
    return numbered_title(text) or 1


def _titled(known: str, pieces: tuple[Piece, ...]) -> tuple[str, tuple[Piece, ...]]:
    """Return the title of the document, and the pieces without it.

    It is the highest heading, if it is the only one of its level; or the first heading, if it has
    no number, and no text before the next one of its level; or the document's separate title.
    """
    titles = [piece for piece in pieces if isinstance(piece, Title)]
    if not titles:
        return known, pieces
    top = min(title.level for title in titles)
    highest = [title for title in titles if title.level == top]
    at = next(at for at, piece in enumerate(pieces) if piece is highest[0])
    behind = pieces[at + 1] if at + 1 < len(pieces) else None
    title = plain(highest[0].run)
    alone = len(highest) == 1 and (top == 1 or len(titles) > 2 or not known)
    empty = isinstance(behind, Title) and behind.level == top and unnumbered(title) == title
    named = at == 0 and (title == known or (not known and empty))
    if not (alone and titles[0] is highest[0]) and not named:
        return known, pieces
    return title, (*pieces[:at], *pieces[at + 1 :])


def _without_contents(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], list[str]]:
    """Return pieces without the table of contents, and its lines; its heading is left out, too."""
    level = _level(pieces)
    sections = [_entry(p.run) for p in pieces if isinstance(p, Title) and p.level <= level]
    known = {*sections}
    at = 0
    for listed, group in groupby(
        map(_titles_in, pieces), lambda entry: bool(entry) and known.issuperset(entry)
    ):
        entries = [*group]
        row = [title for entry in entries for title in entry]
        end = at + len(entries)
        named = bool(at) and _is_contents_title(pieces[at - 1])
        if listed and len({*row}) >= max(1 if named else _CONTENTS, len(known) / 2):
            ahead = pieces[: at - named]
            first = not any(isinstance(p, Title) and p.level <= level for p in ahead)
            led = _leads(pieces[at:end])
            if named or led == "pages" or (first and (led or row == sections)):
                start = at - named
                return (*pieces[:start], *pieces[end:]), [*_lines(pieces[start:end])]
        at = end
    return pieces, []


def _is_contents_title(piece: Piece) -> bool:
    run = piece.run if isinstance(piece, Title) else ()
    return bool(_CONTENTS_TITLE.fullmatch(plain(run).strip(" :.")))


def _leads(row: Iterable[Piece]) -> str:
    """Return how a row of titles refers to them: by ``pages``, ``links``, or not at all."""
    runs = [run for piece in row if not isinstance(piece, Title) for run in inlines_of(piece)]
    if runs and all(_LEADER.search(plain(run)) for run in runs):
        return "pages"
    leads = (isinstance(i, Link) and "#" in i.target for run in runs for i in walk(run))
    return "links" if any(leads) else ""


def _lines(pieces: Iterable[Piece]) -> Iterator[str]:
    for piece in pieces:
        runs = [piece.run] if isinstance(piece, Title) else inlines_of(piece)
        yield from map(plain, runs)


def _titles_in(piece: Piece) -> tuple[str, ...]:
    """Return the titles in a piece that may be part of a table of contents."""
    match piece:
        case Paragraph(children):
            return (_entry(children),)
        case List(items):
            return tuple(title for item in items for block in item for title in _titles_in(block))
    return ()


def _entry(run: tuple[Inline, ...]) -> str:
    return unnumbered(_LEADER.sub("", plain(run))).casefold()


def _level(pieces: Iterable[Piece]) -> int:
    """Return the highest level with two headings, or, if none has two, with one."""
    levels = Counter(piece.level for piece in pieces if isinstance(piece, Title))
    often = [level for level, number in levels.items() if number > 1]
    return min(often or levels, default=1)


def _split(pieces: Sequence[Piece]) -> list[_Section]:
    """Return sections: one begins at each heading of the level that divides the document."""
    split = _level(pieces)
    sections = [_Section(None)]
    for piece in pieces:
        if not isinstance(piece, Title):
            sections[-1].blocks.append(piece)
        elif piece.level <= split:
            sections.append(_Section(piece))
        else:
            level = min(6, max(3, 2 + piece.level - split))
            sections[-1].blocks.append(Heading(level, piece.run))
    return sections if sections[0].blocks else sections[1:]


def _id(section: _Section) -> str:
    if section.title is None:
        return section.untitled
    given = section.title.id
    return given if _ID.fullmatch(given) else slug(plain(section.title.run))


# --- clauses -------------------------------------------------------------------------------------


class _Writer:
    """Writes clauses, with links to other clauses, and footnotes numbered through."""

    def __init__(
        self,
        places: Mapping[str, str],
        footnotes: Mapping[int, tuple[Block, ...]],
        cleaner: Cleaner,
    ) -> None:
        self.places = places
        self.footnotes = footnotes
        self.cleaner = cleaner
        self.numbers: dict[int, int] = {}

    def clause(self, id: str, section: _Section) -> Clause:
        """Return a section as a clause, with the footnotes that it is the first to refer to."""
        before = len(self.numbers)
        blocks = tidied(self.settled(tuple(section.blocks)))
        referred = list(self.numbers.items())[before:]
        notes = tuple(Note(number, self.note(own)) for own, number in referred)
        title = plain(section.title.run) if section.title else ""
        return Clause(id, title, blocks, notes, (), "")

    def note(self, own: int) -> tuple[Block, ...]:
        """Return the blocks of a footnote."""
        return tidied(self.settled(self.cleaner.tree(self.footnotes[own]), inside=True))

    def rest(self) -> tuple[Block, ...]:
        """Return the blocks of the footnotes that no text refers to."""
        left = [own for own in self.footnotes if own not in self.numbers]
        return tuple(block for own in left for block in self.note(own))

    def settled(self, value: Any, *, inside: bool = False) -> Any:
        """Return blocks or inlines with links and references resolved; dead links become text."""
        if isinstance(value, tuple):
            return tuple(new for part in value for new in self._settled_part(part, inside=inside))
        return with_parts(value, partial(self.settled, inside=inside))

    def _settled_part(self, part: Any, *, inside: bool) -> tuple[Any, ...]:
        match part:
            case Link(target, children) if target.startswith("#"):
                text = self.settled(children, inside=inside)
                place = self.places.get(target[1:])
                return (Link(f"#{place}", text),) if place else text
            case NoteReference(number):
                if inside or number not in self.footnotes:
                    return ()
                return (NoteReference(self.numbers.setdefault(number, len(self.numbers) + 1)),)
        return (self.settled(part, inside=inside),)
