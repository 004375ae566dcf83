"""The redline: two policies compared, clause by clause, block by block and word by word.

One tree holds both policies. Nodes of only one policy are marked as added or removed; nodes that
moved are at both places. Every output is made from this tree, and `publisher.redline.sides` returns
either policy from it, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import add, attrgetter
from typing import Literal, NamedTuple

from publisher.policy.fragments import Fragment, blank, fragments
from publisher.policy.kinds import Kind, TreeNode, inside, shape, text_of
from publisher.policy.tree import Clause, Policy

Side = Literal["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")
TEXTS = ("paragraph", "heading", "title")
"""The kinds of node that can become each other: a text was split, joined or made a heading."""
End = Literal["from", "to"]
Status = Literal["same", "changed", "added", "removed", "from", "to"]
Marking = Literal["emphasis", "link", "unconfirmed"]
"""How words can be marked: as stressed or code, as a link, as unconfirmed."""


class Segment(NamedTuple):
    """A stretch of running text, before and after.

    ``same``: the words and their marks are the same. ``restyled``: the same words have other marks,
    listed in `restyled`. ``changed``: the text in `old` was removed, the text in `new` added; one
    of them may be empty. Sentences that moved have a `move`, whose other end is a segment, too.
    """

    kind: Literal["same", "restyled", "changed"]
    old: tuple[Fragment, ...]
    new: tuple[Fragment, ...]
    restyled: tuple[Marking, ...] = ()
    move: Move | None = None

    def on(self, side: Side) -> tuple[Fragment, ...]:
        """Return the text as one of the policies has it."""
        return self.old if side == "old" else self.new


@dataclass(frozen=True, slots=True)
class Move:
    """One end of a move; both ends have its `number`, counted from 1 in reading order."""

    number: int
    end: End


@dataclass(frozen=True, slots=True)
class Part:
    """A node of either policy, or of both.

    `old` and `new` are the node without its content, None if that policy does not have it. The
    content is in `parts`, or for running text in `run`; a part that is `same` has neither: its
    nodes are whole. `was` is the kind of the node in the old policy if it differs: a paragraph, now
    a heading. `remarks` are keys of labels, which views add: see `publisher.redline.views.groups`.

    Two nodes of one policy can be one node of the other. Each of the two is a part; `continued`
    names the policies in which the second continues the node before it. A node of only one policy
    can be `wrapping` parts of both: a list around former paragraphs. In the other policy, they are
    in the node's place. `publisher.redline.sides` resolves all this.

    Both ends of a `move` have the whole node, before and after; but the old policy has it only
    where it moved ``from``, the new one only where it moved ``to``.
    """

    kind: Kind
    old: TreeNode | None
    new: TreeNode | None
    parts: tuple[Part, ...] = ()
    run: tuple[Segment, ...] = ()
    same: bool = False
    move: Move | None = None
    continued: tuple[Side, ...] = ()
    was: Kind | None = None
    remarks: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """How the node differs, as seen from this place."""
        if self.move is not None:
            return self.move.end
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "same" if self.same else "changed"

    @property
    def both(self) -> bool:
        """Whether both policies have the node."""
        return self.old is not None and self.new is not None

    @property
    def newer(self) -> Side:
        """The newer of the policies that have the node."""
        return "old" if self.new is None else "new"

    @property
    def node(self) -> TreeNode:
        """The node as the newer policy has it."""
        return self.old if self.new is None else self.new  # type: ignore[return-value]

    @property
    def clauses(self) -> tuple[Clause | None, Clause | None]:
        """The clause before and after, where the node is one."""
        old, new = self.old, self.new
        return old if isinstance(old, Clause) else None, new if isinstance(new, Clause) else None

    @property
    def clause(self) -> Clause:
        """The clause as the newer policy has it, where the node is one."""
        old, new = self.clauses
        return new or old  # type: ignore[return-value]

    @property
    def reshaped(self) -> bool:
        """Whether the node's own structure changed: its kind, level or numbering."""
        return (
            self.old is not None
            and self.new is not None
            and not self.same
            and (self.was is not None or shape(self.old) != shape(self.new))
        )

    @property
    def wrapping(self) -> bool:
        """Whether parts in the node are in the other policy, too, without it."""
        if self.move is not None or self.both:
            return False
        absent: Side = "old" if self.old is None else "new"
        return any(part.wrapping or part.standing(absent) for part in self.parts)

    @property
    def moves(self) -> bool:
        """Whether the node, or a sentence of it, is an end of a move."""
        return self.move is not None or any(segment.move for segment in self.run)

    @property
    def blank(self) -> bool:
        """Whether the node is a paragraph or heading of white space only: invisible to readers."""
        if self.kind not in ("paragraph", "heading"):
            return False
        return all(blank(segment.old) and blank(segment.new) for segment in opened(self).run)

    def standing(self, side: Side) -> bool:
        """Return whether one of the policies has the node at this place."""
        if self.move is not None:
            return self.move.end == {"old": "from", "new": "to"}[side]
        return self.on(side) is not None

    def on(self, side: Side) -> TreeNode | None:
        """Return the node as one of the policies has it."""
        return self.old if side == "old" else self.new


Column = tuple[int | None, int | None]
"""The places of a column in the old table and in the new one; None if a table has no such one."""


def column_places(cells: Sequence[Part]) -> Iterator[Column]:
    """Yield the places of the cells of a row in either policy's row; a cell that moved has both."""
    places: dict[Side, dict[int, int]] = {"old": {}, "new": {}}
    for side, moved in places.items():
        standing = (at for at, cell in enumerate(cells) if cell.standing(side))
        moved.update({at: place for place, at in enumerate(standing)})
    ends = {cell.move: at for at, cell in enumerate(cells) if cell.move}
    for at, cell in enumerate(cells):
        if cell.move is None:
            yield places["old"].get(at), places["new"].get(at)
        else:
            number = cell.move.number
            yield (
                places["old"].get(ends[Move(number, "from")]),
                places["new"].get(ends[Move(number, "to")]),
            )


@dataclass(frozen=True, slots=True)
class Counts:
    """How much differs.

    A word is a word of running text, or what is read as one: a number, a date, an amount with its
    unit, an address. Punctuation is counted apart, and so are stretches with the same words but
    other emphasis or link targets, and nodes that are built another way. Paragraphs and headings
    that were split in two or joined, and lists and clauses that were divided or joined, are counted
    separately. Passages are paragraphs, list items and the like that moved without their clause.
    Words that moved are counted once, without those that were added or removed during the move.
    Sentences that moved count as passages.
    """

    words_added: int = 0
    words_removed: int = 0
    words_moved: int = 0
    passages_moved: int = 0
    punctuation_added: int = 0
    punctuation_removed: int = 0
    emphasis_changed: int = 0
    links_changed: int = 0
    confirmed_changed: int = 0
    structure_changed: int = 0
    clauses_added: int = 0
    clauses_removed: int = 0
    clauses_changed: int = 0
    clauses_moved: int = 0
    clauses_renamed: int = 0
    paragraphs_split: int = 0
    paragraphs_joined: int = 0
    lists_divided: int = 0
    lists_joined: int = 0
    clauses_divided: int = 0
    clauses_joined: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(add, _numbers(self), _numbers(other)))

    def __bool__(self) -> bool:
        return any(_numbers(self))

    @property
    def of_words(self) -> Counts:
        """The same without emphasis and confirmation, which are not words."""
        return replace(self, emphasis_changed=0, confirmed_changed=0)


_numbers = attrgetter(*(field.name for field in fields(Counts)))


@dataclass(frozen=True, slots=True)
class ClauseRedline:
    """How one clause differs; `part` has the clause, its title first.

    A clause that moved has two redlines, and counts where it moved to.
    """

    part: Part
    counts: Counts

    @property
    def old(self) -> str | None:
        """The id before; None for a clause that was divided from the one before it."""
        clause = self.part.clauses[0]
        return clause.id if clause and "old" not in self.part.continued else None

    @property
    def new(self) -> str | None:
        """The id after; None for a clause that was joined to the one before it."""
        clause = self.part.clauses[1]
        return clause.id if clause and "new" not in self.part.continued else None

    @property
    def renamed(self) -> bool:
        """Whether the clause's id changed."""
        return None not in (self.old, self.new) and self.old != self.new

    @property
    def differs(self) -> bool:
        """Whether the clause shows a change, a move or another id."""
        return bool(self.counts) or any(part.moves for part in walk(self.part))

    @property
    def reworded(self) -> bool:
        """Whether the words of a clause in both policies differ."""
        moved = any(inner.moves for inner in walk(self.part) if inner is not self.part)
        return moved or any(getattr(self.counts, name) for name in _OF_WORDS)


_OF_WORDS = (
    "words_added",
    "words_removed",
    "punctuation_added",
    "punctuation_removed",
    "links_changed",
    "structure_changed",
    "passages_moved",
    "paragraphs_split",
    "paragraphs_joined",
    "lists_divided",
    "lists_joined",
    "clauses_divided",
    "clauses_joined",
)
"""The counts that make a clause reworded: all words except those that moved with their clause."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of one of two compared policies.

    `asked` is what was asked for: a version, ``current``, ``on:DATE``, a revision, ``draft``, a
    file. `id` is that of the version or the commit, or the name of the file; empty for what is in
    none. `day` is the one on which the version came into force, or the commit was made, in the
    brand's time zone. `unverified` says why a version's text cannot be trusted; empty if it is as
    it was released. `notes` say what could not be read of a file.
    """

    asked: str
    kind: Literal["version", "commit", "staged", "draft", "file"]
    brand: str
    id: str = ""
    day: date | None = None
    unverified: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redline:
    """Two policies compared.

    `old` and `new` are the policies without title and clauses, or None. `title` and `controller`
    are above the clauses; the controller is not among the words of a policy and not counted.
    `clauses` are in the order of both policies: removed ones keep their place, before added ones.
    """

    old: Policy | None
    new: Policy | None
    title: Part
    controller: Part
    clauses: tuple[ClauseRedline, ...]
    counts: Counts

    @property
    def empty(self) -> bool:
        """Whether the policies read the same."""
        return not (self.counts or self.controller.status != "same")

    @property
    def policy(self) -> Policy:
        """The newer policy that there is, for its brand and locale."""
        return self.new or self.old  # type: ignore[return-value]


def walk(part: Part) -> Iterator[Part]:
    """Yield a part and all parts in it, in reading order."""
    yield part
    for inner in part.parts:
        yield from walk(inner)


def mapped(part: Part, change: Callable[[Part], Part]) -> Part:
    """Return a part changed, then all parts in it; the same object where nothing changes."""
    part = change(part)
    parts = tuple(mapped(inner, change) for inner in part.parts)
    stayed = all(one is other for one, other in zip(part.parts, parts, strict=True))
    return part if stayed else replace(part, parts=parts)


def opened(part: Part) -> Part:
    """Return a part with its content in `parts` or `run`, even if it is `same`.

    The parts in it are `same`, too, and have to be opened in turn.
    """
    if not part.same:
        return part
    both = [node for node in (part.old, part.new) if node is not None]
    old, new = (inside(part.kind, node) for node in both)
    parts = tuple(
        Part(kind, one, other, same=True) for (kind, one), (_, other) in zip(old, new, strict=True)
    )
    one, other = (tuple(fragments(text_of(part.kind, node) or ())) for node in both)
    run = (Segment("same", one, other),) if one or other else ()
    return replace(part, parts=parts, run=run, same=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """How the policies of one locale differ, and the source of each."""

    redline: Redline
    origins: tuple[Origin, Origin]
    locale: str
