"""The content of a Word document: paragraphs and tables, with text that may be tracked.

A document without tracked changes has `Track.STAYS` everywhere, and one look of each paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from publisher.policy.fragments import Fragment, Leaf
from publisher.policy.kinds import Kind, TreeNode
from publisher.policy.tree import (
    Code,
    Emphasis,
    Heading,
    LineBreak,
    Link,
    NoteReference,
    Text,
    Unconfirmed,
)

Side = Literal["old", "new"]
OWN = -1
"""The number that stands for a footnote's own, in its text."""


class Track(StrEnum):
    """How content is tracked, if it is: the elements of ECMA-376 Part 1, 17.13.5."""

    STAYS = ""
    ADDED = "ins"
    REMOVED = "del"
    FROM = "moveFrom"
    TO = "moveTo"

    @property
    def added(self) -> Track:
        """How added content is tracked within content that is tracked like this."""
        return Track.ADDED if self in (Track.STAYS, Track.TO) else self

    @property
    def removed(self) -> Track:
        """How removed content is tracked within content that is tracked like this.

        Content removed from a part that moved is removed where the part moved from. Where it moved
        to, the content is left out: Word can track content as both added and removed, but
        LibreOffice then keeps it.
        """
        return Track.REMOVED if self in (Track.STAYS, Track.FROM) else self

    def stands(self, side: Side) -> bool:
        """Return whether one of the policies has content that is tracked like this."""
        absent = (Track.ADDED, Track.TO) if side == "old" else (Track.REMOVED, Track.FROM)
        return self not in absent


@dataclass(frozen=True, slots=True)
class RunFormat:
    """The look of text; `soft` is lesser text of the toolkit."""

    strong: bool = False
    stressed: bool = False
    code: bool = False
    unconfirmed: bool = False
    raised: bool = False
    link: str | None = None
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, in which a line feed ends a line; `was` is its former look if only that changed.

    `remark` is a comment on it. `counted` text is a number that refers to a note or a clause, and
    no word. `move` is the name of its move if it moved on its own. `control` is the origin of the
    text, which gets a content control with this tag. `note` is the id of a footnote to which this
    refers, or `OWN`; the text is its mark then, if Word does not count it.
    """

    text: str
    ink: RunFormat
    track: Track = Track.STAYS
    was: RunFormat | None = None
    remark: str = ""
    counted: bool = False
    move: str = ""
    control: str = ""
    note: int = 0


@dataclass(frozen=True, slots=True)
class ParagraphFormat:
    """The look of a paragraph; `number` is its list's number, from 1, and its depth of nesting.

    A `wide` label needs more room before the text. The `last` paragraph of a list has as much space
    after it as one outside lists.
    """

    style: str = "Normal"
    indent: int = 0
    number: tuple[int, int] | None = None
    align: str = ""
    wide: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, with its look in either policy; `track` is how its end is tracked.

    `ids` are the ids of the clauses that begin here.
    """

    old: ParagraphFormat | None
    new: ParagraphFormat | None
    pieces: tuple[Piece, ...]
    track: Track = Track.STAYS
    ids: tuple[str, ...] = ()

    def stands(self, side: Side) -> bool:
        """Return whether one of the policies has the paragraph here, and its end."""
        return self.track.stands(side)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; each cell is one paragraph."""

    cells: tuple[Line, ...]
    track: Track
    head: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    rows: tuple[Row, ...]
    indent: int


@dataclass(frozen=True, slots=True)
class MoveEdge:
    """The start or the end of one end of a move."""

    name: str
    track: Track
    begins: bool


@dataclass(frozen=True, slots=True)
class ClauseEnd:
    """The end of a clause, whose bookmark reaches from its title to here."""

    id: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A table of contents: each entry with the id of its clause."""

    title: str
    entries: tuple[tuple[str, str], ...]


Item = Line | Grid | MoveEdge | ClauseEnd | Contents


@dataclass(frozen=True, slots=True)
class Around:
    """A place in one of the policies, and the look of a paragraph there.

    `lead` begins the first paragraph: the number of a note, for example. `title` is the look of a
    clause's title here.
    """

    look: ParagraphFormat = ParagraphFormat()
    depth: int = 0
    lead: str = ""
    title: ParagraphFormat | None = None

    def styled(self, style: str) -> Around:
        """Return the place in another style."""
        return replace(self, look=replace(self.look, style=style))

    def within(self) -> Around:
        """Return a place in this one, a step further in."""
        return replace(self, look=replace(self.look, indent=self.look.indent + 1))

    def listed(self, number: int) -> Around:
        """Return the place of an item's first paragraph in a list."""
        style = "ListParagraph" if self.look.style == "Normal" else self.look.style
        look = replace(
            self.look, style=style, number=(number, self.depth), indent=self.look.indent + 1
        )
        return replace(self, look=look, depth=self.depth + 1)

    def bare(self) -> Around:
        """Return the place of blocks after the first paragraph."""
        return replace(self, look=replace(self.look, number=None), lead="")

    def look_of(self, kind: Kind, shell: TreeNode | None) -> ParagraphFormat:
        """Return the look of a text here, by its kind of node."""
        if kind == "title" and self.title:
            return self.title
        style = "Term" if kind == "term" else self.look.style
        style = f"Heading{shell.level}" if isinstance(shell, Heading) else style
        return replace(self.look, style=style)

    def led_by(self) -> Piece | None:
        """Return the text before a paragraph here; a bare number is raised, as a note's is."""
        raised = self.lead.strip().isdigit()
        return Piece(self.lead, RunFormat(raised=raised)) if self.lead else None


def plain_pieces(fragments: Iterable[Fragment], unknown: str) -> Iterator[Piece]:
    """Yield the pieces of running text; `unknown` stands for values without a proposal."""
    for fragment in fragments:
        text = _text(fragment.leaf, unknown)
        if text:
            counted = isinstance(fragment.leaf, NoteReference | Link)
            yield Piece(text, _ink(fragment), counted=counted)


def _text(leaf: Leaf, unknown: str) -> str:
    match leaf:
        case Text(text) | Code(text):
            return re.sub(r"[\t\n\r]", " ", text)
        case LineBreak():
            return "\n"
        case NoteReference(number) | Link(number=int(number)):
            return str(number)
        case Unconfirmed():
            return unknown
        case _:
            return ""


def _ink(fragment: Fragment) -> RunFormat:
    elements = fragment.elements
    links = [mark.target for mark in elements if isinstance(mark, Link)]
    strengths = {mark.strong for mark in elements if isinstance(mark, Emphasis)}
    return RunFormat(
        strong=True in strengths,
        stressed=False in strengths,
        code=isinstance(fragment.leaf, Code),
        unconfirmed=any(isinstance(mark, Unconfirmed) for mark in elements),
        raised=isinstance(fragment.leaf, NoteReference),
        link=links[-1] if links else None,
    )
