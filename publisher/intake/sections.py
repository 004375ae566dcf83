"""Titles and blocks, in their order → clauses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import groupby
from typing import Any

from publisher.intake.hidden import Cleaner
from publisher.intake.listing import labelled
from publisher.intake.pieces import Draft, Extracted, Piece, Title, plain, tidy
from publisher.intake.slugs import Slugs, slug, unnumbered
from publisher.model.policy import (
    Block,
    Clause,
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
    inlines_in,
)

PREAMBLE = "preamble"
"""The id of the clause that has what stands before the first title."""
_LEADER = re.compile(r"(?:\s*[.…·_]){3,}[\s\d]*$|\s+\d{1,3}$")
"""What a table of contents has behind a title."""
_CONTENTS = 3
"""Titles that stand in a row where it is a table of contents, at least."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(slots=True)
class _Section:
    title: Title | None
    blocks: list[Block] = field(default_factory=list)


def clauses_of(draft: Draft) -> Extracted:
    """Return what a reader found as clauses with clean text, and what is to be said about it."""
    cleaner = Cleaner()
    pieces = tuple(_clean(draft.pieces, cleaner))
    title, pieces = _titled(cleaner.text(draft.title).strip(), pieces)
    pieces, contents = _without_contents(pieces)
    sections = _split(pieces)
    slugs = Slugs()
    ids = [slugs.of(_id(each)) for each in sections]
    places = {
        anchor: id
        for id, section in zip(ids, sections, strict=True)
        for anchor in (section.title.anchors if section.title else ())
    }
    written = _Writer(places, draft.footnotes, cleaner)
    clauses = tuple(written.clause(id, each) for id, each in zip(ids, sections, strict=True))
    notes = [*draft.remarks]
    rest = written.rest()
    if rest:
        last = clauses[-1] if clauses else Clause(PREAMBLE, "", (), (), (), "")
        clauses = (*clauses[:-1], replace(last, blocks=(*last.blocks, *rest)))
        notes.append("footnotes that no text refers to stand at the end")
    if contents:
        notes.append("the table of contents was left out")
    if not any(True for clause in clauses for _ in inlines_in(clause)) and not draft.remarks:
        notes.append("there is no text in the document")
    return Extracted(title, clauses, (*notes, *cleaner.notes))


def _clean(pieces: Iterable[Piece], cleaner: Cleaner) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Title):
            run = tidy(cleaner.tree(piece.run))
            if run:
                yield replace(piece, run=run)
        else:
            yield from tidied((cleaner.tree(piece),))


def tidied(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks with tidy running text, and without those that hold nothing."""
    found = (_tidied(block) for block in blocks)
    return tuple(block for block in found if block is not None)


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
            told = tuple(
                Definition(tidy(each.term), tuple(filter(None, map(tidied, each.descriptions))))
                for each in definitions
            )
            told = tuple(each for each in told if each.term or each.descriptions)
            return DefinitionList(told) if told else None


# --- the title, the table of contents, the sections ----------------------------------------------


def _titled(known: str, pieces: tuple[Piece, ...]) -> tuple[str, tuple[Piece, ...]]:
    """Return the title of the document, and the pieces without it.

    It is the highest heading, if there is one of that level only; or the first one, where another
    follows at once; or what the document is called apart from its headings.
    """
    titles = [each for each in pieces if isinstance(each, Title)]
    if not titles:
        return known, pieces
    top = min(each.level for each in titles)
    highest = [each for each in titles if each.level == top]
    at = next(at for at, each in enumerate(pieces) if each is highest[0])
    behind = pieces[at + 1] if at + 1 < len(pieces) else None
    said = plain(highest[0].run)
    alone = len(highest) == 1 and (top == 1 or len(titles) > 2 or not known)
    named = at == 0 and (said == known or (not known and isinstance(behind, Title)))
    if not (alone and _leads(titles, highest[0])) and not named:
        return known, pieces
    return said, (*pieces[:at], *pieces[at + 1 :])


def _leads(titles: Sequence[Title], highest: Title) -> bool:
    """Return whether a heading stands above all others."""
    return titles[0] is highest


def _without_contents(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], bool]:
    """Return pieces without a table of contents, and whether there was one.

    It is a row of pieces that say the titles of the sections. The heading above it goes, too.
    """
    level = _level(pieces)
    titles = {_said(p.run) for p in pieces if isinstance(p, Title) and p.level <= level}
    said = [_titles_in(piece) for piece in pieces]
    at = 0
    for listed, group in groupby(said, lambda each: bool(each) and titles.issuperset(each)):
        row = list(group)
        here = {title for each in row for title in each}
        if listed and len(here) >= max(_CONTENTS, len(titles) / 2):
            start = at - 1 if at and isinstance(pieces[at - 1], Title) else at
            return (*pieces[:start], *pieces[at + len(row) :]), True
        at += len(row)
    return pieces, False


def _titles_in(piece: Piece) -> tuple[str, ...]:
    """Return what a piece says, where it can be a part of a table of contents."""
    match piece:
        case Paragraph(children):
            return (_said(children),)
        case List(items):
            return tuple(title for item in items for each in item for title in _titles_in(each))
    return ()


def _said(run: tuple[Inline, ...]) -> str:
    return unnumbered(_LEADER.sub("", plain(run))).casefold()


def _level(pieces: Iterable[Piece]) -> int:
    """Return the highest level of which there are two headings, or of which there is one."""
    levels = Counter(each.level for each in pieces if isinstance(each, Title))
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
        return PREAMBLE
    given = section.title.id
    return given if _ID.fullmatch(given) else slug(plain(section.title.run))


# --- clauses -------------------------------------------------------------------------------------


class _Writer:
    """Makes clauses: with links that lead to other clauses, and footnotes numbered through."""

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
        notes = []
        referred = list(self.numbers.items())[before:]
        for own, number in referred:
            notes.append(Note(number, self.note(own)))
        title = plain(section.title.run) if section.title else ""
        return Clause(id, title, blocks, tuple(notes), (), "")

    def note(self, own: int) -> tuple[Block, ...]:
        """Return what a footnote says."""
        said = self.cleaner.tree(self.footnotes[own])
        return tidied(self.settled(said, inside=True))

    def rest(self) -> tuple[Block, ...]:
        """Return what the footnotes say that no text refers to."""
        left = [own for own in self.footnotes if own not in self.numbers]
        return tuple(block for own in left for block in self.note(own))

    def settled(self, value: Any, *, inside: bool = False) -> Any:
        """Return blocks or inlines with what they refer to; a link to nowhere is its text."""
        if isinstance(value, tuple):
            return tuple(new for each in value for new in self._settled_each(each, inside=inside))
        if is_dataclass(value) and not isinstance(value, type):
            changed: dict[str, Any] = {
                each.name: self.settled(getattr(value, each.name), inside=inside)
                for each in fields(value)
                if isinstance(getattr(value, each.name), tuple)
            }
            return replace(value, **changed)
        return value

    def _settled_each(self, each: Any, *, inside: bool) -> tuple[Any, ...]:
        match each:
            case Link(target, children) if target.startswith("#"):
                text = self.settled(children, inside=inside)
                place = self.places.get(target[1:])
                return (Link(f"#{place}", text),) if place else text
            case NoteReference(number):
                if inside or number not in self.footnotes:
                    return ()
                return (NoteReference(self.numbers.setdefault(number, len(self.numbers) + 1)),)
        return (self.settled(each, inside=inside),)
