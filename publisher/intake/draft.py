"""The result of the readers of all formats: titles and blocks, in the order of the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

from publisher.errors import NotADocument
from publisher.policy.fragments import Fragment, Mark, fragments, inlines
from publisher.policy.tree import (
    Block,
    Clause,
    Code,
    Emphasis,
    Inline,
    LineBreak,
    Link,
    List,
    NoteReference,
    Paragraph,
    Quote,
    Table,
    Text,
    plain_text,
    walk,
)

OWN = "publisher "
"""The beginning of this toolkit's name, as the program that made a document."""
DEEPEST = 12
"""The deepest nesting of blocks and of inlines; deeper ones move up to this level."""


def names(text: str) -> frozenset[str]:
    """Return the names of elements that are in a text, with spaces between."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Title:
    """A heading; `level` is its level in the document, 1 being the highest.

    `anchors` are the names of this place in links of the document; `id` is the id that its author
    gave it, if any.
    """

    level: int
    run: tuple[Inline, ...]
    anchors: tuple[str, ...] = ()
    id: str = ""


Piece = Title | Block


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as the reader of its format understands it.

    `title` is its separate title, if any; `footnotes` has the text of each footnote by the number
    in the pieces; `margins` is what is on every page; `remarks` name what could not be read.
    `omitted` are texts that were left out, each with its remark, or without one if it is not a word
    of the document (a page number); `supplied` are words that are not in the file, such as the
    numbers that Word counts.
    """

    title: str
    pieces: tuple[Piece, ...]
    footnotes: Mapping[int, tuple[Block, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    margins: tuple[Block, ...] = ()
    omitted: tuple[tuple[str, str], ...] = ()
    supplied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a document; `notes` say in plain words what could not be read.

    `omissions` are the notes on what was left out because it is not text of the document,
    `left_out` the texts that they name, `supplied` the words that the file does not have.
    """

    title: str
    clauses: tuple[Clause, ...]
    notes: tuple[str, ...]
    omissions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    supplied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the plain text of a file; `place` says where it is, if that is known."""

    place: str
    text: str


_SHOWN = 60
"""The most characters of a text in a note."""


def shortened(text: str) -> str:
    """Return a text on one line, cut where it is too long for a note."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN].rsplit(' ', 1)[0]} …"


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 image was …`` or ``3 images were …``."""
    return f"1 {one}" if number == 1 else f"{number} {many}"


# --- running text --------------------------------------------------------------------------------


def tidy(run: Iterable[Inline | Fragment]) -> tuple[Inline, ...]:
    """Return running text with single spaces, without empty parts, and without spaces at its ends.

    No-break spaces are kept.
    """
    given = list(run)
    ready = [part for part in given if isinstance(part, Fragment)]
    rest = fragments(part for part in given if not isinstance(part, Fragment))
    return _merged(inlines(_spaced(ready or rest)))


def _spaced(flat: Iterable[Fragment]) -> list[Fragment]:
    """Return fragments without invisible spaces, and without empty elements."""
    kept: list[Fragment] = []
    open_end = False  # whether a space may follow
    for fragment in flat:
        leaf = fragment.leaf
        if isinstance(leaf, Text | Code):
            text = _folded(leaf.text)
            if not open_end:
                text = text.removeprefix(" ")
            if text:
                kept.append(fragment._replace(leaf=type(leaf)(text)))
                open_end = not text.endswith(" ")
        elif isinstance(leaf, LineBreak):
            _strip_end(kept)
            if kept:
                kept.append(fragment)
            open_end = False
        elif not isinstance(leaf, Mark):
            kept.append(fragment)
            open_end = True
    while kept and (isinstance(kept[-1].leaf, LineBreak) or _strip_end(kept)):
        if isinstance(kept[-1].leaf, LineBreak):
            kept.pop()
    return kept


def _strip_end(kept: list[Fragment]) -> bool:
    """Strip the space off the last fragment; return whether the one before may end in a space."""
    leaf = kept[-1].leaf if kept else None
    if not isinstance(leaf, Text | Code) or not leaf.text.endswith(" "):
        return False
    text = leaf.text.rstrip(" ")
    if text:
        kept[-1] = kept[-1]._replace(leaf=type(leaf)(text))
        return False
    kept.pop()
    return bool(kept)


def _folded(text: str) -> str:
    spaced = "".join(" " if c in " \t\n\r\f\v" else c for c in text)
    while "  " in spaced:
        spaced = spaced.replace("  ", " ")
    return spaced


def _merged(run: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Return running text in which neighbours with the same marks are joined."""
    built: list[Inline] = []
    for kind, group in groupby(run, _alike):
        members = list(group)
        first = members[0]
        if kind is None:
            built += members
        elif isinstance(first, Text | Code):
            built.append(type(first)("".join(member.text for member in members)))  # type: ignore[union-attr]
        elif isinstance(first, Emphasis | Link):
            children = tuple(c for member in members for c in member.children)  # type: ignore[union-attr]
            built.append(replace(first, children=_merged(children)))
    return tuple(built)


def _alike(inline: Inline) -> object:
    match inline:
        case Text() | Code():
            return type(inline)
        case Emphasis(_, strong):
            return (Emphasis, strong)
        case Link(target):
            return (Link, target)
    return None


def plain(run: Iterable[Inline]) -> str:
    """Return the characters of running text."""
    pieces = (
        " " if isinstance(inline, LineBreak) else inline.text
        for inline in walk(tuple(run))
        if isinstance(inline, Text | Code | LineBreak)
    )
    return " ".join("".join(pieces).split())


_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:\b(?:page|pages|pagina|blz|bladzijde|seite|pag|pg|p|strona|str|página|σελίδα)\b[\W_]*)?"
    r"(?:(?:\d{1,3}|#)(?:\W+(?:\b(?:of|from|van|von|de|sur|z|από|di)\b\W+)?(?:\d{1,3}|#))?)?[\W_]*",
    re.IGNORECASE,
)
_AROUND = re.compile(r"\A[^\w#]+|(?<![^\w#])[^\w#]+\Z")
_RULE = re.compile(r"[\W_]*")
_LONGEST = 120
"""Characters in which the number of a page is looked for, at most."""


_NUMBER_AT_END = re.compile(
    r"[\W_]*\b(?:page|pages|pagina|blz|bladzijde|seite|pag|pg|strona|str|página|σελίδα)\b\W*(?:\d{1,3}|#)"
    r"(?:\W+(?:\b(?:of|from|van|von|de|sur|z|από|di)\b\W+)?(?:\d{1,3}|#))?[\W_]*$"
    r"|\s*[|–—·•]\s*(?:\d{1,3}|#)\s*$|[\W_]*#(?:\W*#)?[\W_]*$",
    re.IGNORECASE,
)
_NUMBER_AT_START = re.compile(r"\s*(?:\d{1,3}|#)\s*[|–—·•]\s*")


def without_page_number(text: str) -> str:
    """Return the text of a line without the number of its page."""
    if page_number(text):
        return ""
    text = _NUMBER_AT_START.sub("", text, count=1) if _NUMBER_AT_START.match(text) else text
    end = _NUMBER_AT_END.search(text, max(len(text) - _LONGEST, 0))
    return (text[: end.start()] if end else text).strip()


def page_number(text: str) -> bool:
    """Return whether a line is only the number of its page: ``Page 2 of 3``, or ``- 2 -``."""
    inside = _AROUND.sub("", text)
    return bool((_RULE if len(inside) > _LONGEST else _PAGE_NUMBER).fullmatch(inside))


# --- blocks --------------------------------------------------------------------------------------


def one_run(blocks: Iterable[Piece]) -> tuple[Inline, ...]:
    """Return paragraphs as one run, a line for each; other blocks are left out."""
    run: list[Inline] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            run += (*((LineBreak(),) if run else ()), *block.children)
    return tuple(run)


def as_blocks(pieces: Iterable[Piece]) -> tuple[Block, ...]:
    """Return pieces inside a block as blocks: a title becomes a paragraph in strong type."""
    return tuple(
        Paragraph((Emphasis(piece.run, strong=True),)) if isinstance(piece, Title) else piece
        for piece in pieces
    )


def flat(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return blocks with nested ones after each other: for blocks that are too deep."""
    return tuple(_flat(blocks))


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        match block:
            case List(items):
                for item in items:
                    yield from _flat(item)
            case Quote(inner):
                yield from _flat(inner)
            case _:
                yield block


def unfolded(tables: int) -> str:
    """Return the remark on tables whose cells are read one after the other."""
    what = counted(tables, "table was", "tables were")
    return f"{what} read cell by cell, without columns: the cells have lists or headings"


def table(rows: list[list[tuple[Inline, ...]]]) -> Table:
    """Return a table of rows, the first of which is its header; short rows are filled up.

    A header that is bold throughout is no emphasis: it is how headers look.
    """
    width = max(map(len, rows))
    full = [(*row, *(() for _ in range(width - len(row)))) for row in rows]
    head = full[0]
    if all(map(all_bold, head)):
        head = tuple(tuple(unmarked(cell)) for cell in head)
    return Table(head, tuple(full[1:]), ("",) * width)


def all_bold(run: Iterable[Inline]) -> bool:
    """Return whether all that a run shows is in strong type."""
    shown = (i for i in run if plain_text((i,)).strip() or isinstance(i, NoteReference))
    return all(isinstance(inline, Emphasis) and inline.strong for inline in shown)


def unmarked(run: Iterable[Inline]) -> Iterator[Inline]:
    """Yield a run without the strong type around all or a part of it."""
    for inline in run:
        if isinstance(inline, Emphasis) and inline.strong:
            yield from inline.children
        else:
            yield inline


class Cell(NamedTuple):
    """A cell of a table as its file has it: its text, and how many columns and rows it covers."""

    run: tuple[Inline, ...]
    columns: int = 1
    rows: int = 1


_WIDEST = 200
"""Columns of a table, at most."""
_LARGEST = 200_000
"""Cells of a table, at most, with those that its file leaves out."""


def grid(rows: Iterable[Iterable[Cell]]) -> list[list[tuple[Inline, ...]]]:
    """Return rows of cells, each in its column; other places covered by a cell are empty.

    Raises `NotADocument` for a table that is too large.
    """
    covered: dict[int, int] = {}  # the rows that are still covered, by their column
    built: list[list[tuple[Inline, ...]]] = []
    width = 0
    for row in rows:
        line: list[tuple[Inline, ...]] = []
        further: dict[int, int] = {}
        for cell in row:
            while covered.get(len(line)):
                line.append(())
            columns = min(cell.columns, max(_WIDEST - len(line), 1))
            further |= dict.fromkeys(range(len(line), len(line) + columns), cell.rows)
            line += [cell.run, *(() for _ in range(columns - 1))]
        built.append(line)
        width = max(width, len(line))
        if width > _WIDEST or width * len(built) > _LARGEST:
            reason = f"has a table with more than {_WIDEST} columns, or {_LARGEST} cells"
            fix = "split the table, or take another copy of the file"
            raise NotADocument("the file", reason, fix, genuine=True)
        covered = {at: left - 1 for at, left in (covered | further).items() if left > 1}
    return built
