"""The content of a Word document: paragraphs and tables, with their look in either policy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from publisher.policy.kinds import Kind, TreeNode
from publisher.policy.tree import Heading
from publisher.redline.values import Side
from publisher.redline.word.runs import Piece, RunFormat, Track


@dataclass(frozen=True, slots=True)
class ParagraphFormat:
    """The look of a paragraph; `number` is its list's number, from 1, and its depth of nesting."""

    style: str = "Normal"
    indent: int = 0
    number: tuple[int, int] | None = None
    align: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, with its look in either policy; `track` is how its end is tracked.

    `ids` are the ids of the clauses that begin here.
    """

    old: ParagraphFormat | None
    new: ParagraphFormat | None
    pieces: tuple[Piece, ...]
    track: Track
    ids: tuple[str, ...] = ()

    def stands(self, side: Side) -> bool:
        """Return whether one of the policies has the paragraph here, and its end."""
        return self.track not in (
            (Track.ADDED, Track.TO) if side == "old" else (Track.REMOVED, Track.FROM)
        )


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
        return Piece(self.lead, RunFormat(raised=raised), Track.STAYS) if self.lead else None
