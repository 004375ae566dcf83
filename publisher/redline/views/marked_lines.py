"""A redline → lines of marked text, one for each paragraph, list item and row of a table.

The terminal and the comment on a pull request show these lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from publisher.policy.fragments import Fragment, plain, targets
from publisher.policy.kinds import shape, text_of
from publisher.policy.tree import Heading, Link, List, Note, NoteReference, Unconfirmed
from publisher.redline.values import Part, Redline, Segment, Status, column_places, opened
from publisher.redline.views.groups import PILCROW, marked, one_text
from publisher.redline.views.plain_text import name
from publisher.render.languages import labels

CONTEXT = 8
"""How many unchanged words are shown before and after a change."""
BEGINNING = 4
"""The number of its first words that identify a passage."""
_BETWEEN_CELLS = " | "

MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "note": (" <", ">")}
"""What is around text that differs, so that it reads without colour."""

Marked = Literal["same", "removed", "added", "moved", "note", "gap"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; a ``note`` says how else the stretch before it changed."""

    marked: Marked
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its status, its depth, its lead (a bullet or number), and the number of its move."""

    status: Status
    depth: int
    lead: str
    pieces: tuple[Piece, ...]
    move: int | None = None


def lines(part: Part, *, full: bool = False) -> Iterator[Line]:
    """Yield the lines of a part: those that differ, with some words around, or all in `full`."""
    for line in _Lines(full=full).of(marked(part), _Place()):
        yield line if full else _shortened(line)


def in_marks(redline: Redline) -> str:
    """Return the differences in clauses, in one line: ``We [-may-]{+will+} …``."""
    clauses = (clause.part for clause in redline.clauses if clause.differs)
    rows = (row for part in clauses for row in lines(part))
    return " / ".join("".join(map(_in_marks, row.pieces)) for row in rows)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that differs: its clause, and its text before and after, with some words around.

    One of the texts is empty for a passage of one policy only.
    """

    clause: str
    before: str
    after: str


def passages(redline: Redline) -> Iterator[Passage]:
    """Yield the passages that differ in clauses of both policies, but those that moved."""
    for clause in redline.clauses:
        if clause.part.status == "changed" and clause.differs:
            for line in lines(clause.part):
                if line.move is None and {"removed", "added"} & {p.marked for p in line.pieces}:
                    before, after = (
                        " ".join(_text(line, kept).split()) for kept in ("removed", "added")
                    )
                    yield Passage(name(clause.part), before, after)


def _text(line: Line, kept: Marked) -> str:
    """Return the text of a line in one policy; of a row without words there, nothing."""
    texts = [piece.text for piece in line.pieces if piece.marked in ("same", "gap", kept)]
    return "".join(texts) if any(text not in ("", _BETWEEN_CELLS) for text in texts) else ""


def _in_marks(piece: Piece) -> str:
    ahead, behind = MARKS.get(piece.marked, ("", ""))
    return f"{ahead}{piece.text}{behind}"


def heading(part: Part) -> Line | None:
    """Return a line that is above the clauses; None if it did not change."""
    if part.status == "same":
        return None
    return Line("changed", 0, "", tuple(_pieces(opened(part), part.status)))


def title(part: Part) -> tuple[Piece, ...]:
    """Return the title of a clause, marked, after its number."""
    titled = opened(part).parts[0]
    old, new = (clause.number if clause else None for clause in part.clauses)
    number = part.clause.number
    lead = () if number is None else (Piece("same", f"{number}. "),)
    was = (Piece("note", f"number {old} → {new}"),) if old and new and old != new else ()
    return (*lead, *_pieces(opened(titled), part.status), *was)


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a part: the status and move of the part around it, its depth and its lead.

    `notes` are those on the part around it, which the first line shows.
    """

    status: Status = "same"
    move: int | None = None
    depth: int = 0
    lead: str = ""
    notes: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class _Lines:
    full: bool

    def of(self, part: Part, place: _Place) -> Iterator[Line]:
        """Yield the lines of a part in a place."""
        moved = part.move is not None or place.status in ("from", "to")
        notes = (*place.notes, *_remarked(part))
        if part.blank or (part.same and not (moved or notes or self.full)):
            return
        if part.move is not None:
            place = replace(place, status=part.status, move=part.move.number)
        place = replace(place, notes=notes)
        status, part = part.status, opened(part)
        if text_of(part.kind, part.node) is not None:
            if part.kind != "title":
                yield self.line(status, (part,), place)
        elif part.kind in ("row", "header"):
            place = replace(place, notes=(*_moved_columns(part), *notes))
            yield self.line(status, _cells(part, place.status), place)
        else:
            yield from self.inside(part, place)

    def line(self, status: Status, leaves: Iterable[Part], place: _Place) -> Line:
        """Return the line of a leaf, or of a row of them."""
        status = place.status if place.status != "same" else status
        pieces: list[Piece] = []
        for at, leaf in enumerate(leaves):
            if at:
                pieces.append(Piece("same", _BETWEEN_CELLS))
            pieces += _pieces(opened(leaf), leaf.status if leaf.move else status)
        if status == "same" and place.notes:
            status = "changed"
        return Line(status, place.depth, place.lead, (*pieces, *place.notes), place.move)

    def inside(self, part: Part, place: _Place) -> Iterator[Line]:
        """Yield the lines of the parts in a part."""
        depth = place.depth + (part.kind in ("quote", "meaning", "item"))
        numbers = _numbers(part)
        parts = one_text(part.parts, items=part.kind == "list")
        if place.notes and not parts:
            yield Line("changed", place.depth, place.lead, place.notes, place.move)
        noted = next(
            (inner for inner in parts if inner.standing("new")), parts[0] if parts else None
        )
        for at, inner in enumerate(parts):
            lead = next(numbers, "") if inner.kind == "item" else ""
            if part.kind in ("item", "note") and at == 0:
                lead = place.lead
            if isinstance(inner.node, Note):
                lead = f"[{inner.node.number}] "
            here = place.depth if lead else depth
            notes = place.notes if inner is noted else ()
            yield from self.of(inner, _Place(place.status, place.move, here, lead, notes))


def _cells(row: Part, status: Status) -> tuple[Part, ...]:
    """Return the cells of a row that are shown: those of one table, and those removed from it.

    A column that moved appears once, in its place in the new table.
    """
    if status == "from":
        return tuple(replace(cell, move=None) for cell in row.parts if cell.standing("old"))
    return tuple(cell for cell in row.parts if cell.status != "from")


def _moved_columns(part: Part) -> Iterator[Piece]:
    """Yield notes on the columns of a table that moved, for the row of their heads."""
    if part.kind != "header":
        return
    for cell, (old, new) in zip(part.parts, column_places(part.parts), strict=True):
        if cell.status == "to" and old is not None and new is not None:
            yield Piece("note", f"column {old + 1} → {new + 1}")


def _numbers(part: Part) -> Iterator[str]:
    """Yield the lead of each item of a list: as it is now, or as it was in a removed list."""
    node = part.node
    if not isinstance(node, List):
        return
    index = 0
    for item in one_text(part.parts, items=True):
        removed = not item.standing("new") and part.new is not None
        index -= "new" in item.continued and index > 0
        yield "- " if removed or node.start is None else f"{node.label(index)} "
        index += not removed


def _remarked(part: Part) -> Iterator[Piece]:
    """Yield the remarks on a part in English."""
    for key in part.remarks:
        match part.old, part.new:
            case Heading(before), Heading(after) if key == "relevelled":
                yield Piece("note", f"heading of level {before} → {after}")
            case List() as before, List() as after if key == "renumbered":
                yield Piece("note", f"list {_numbered(before)} → {_numbered(after)}")
            case _:
                yield Piece("note", _label(key))


def _label(key: str) -> str:
    text = labels("en")[key]
    return text[:1].lower() + text[1:]


def _numbered(node: List) -> str:
    if node.lettered:
        return f"with {shape(node)}"
    return "with bullets" if node.start is None else f"numbered from {node.start}"


def _pieces(leaf: Part, status: Status) -> list[Piece]:
    pieces: list[Piece] = []
    for segment in leaf.run:
        if segment.restyled and not segment.new and pieces:  # a remark on the words ahead
            pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
        written = list(_segment(segment, status))
        if segment.move and written[-1] in pieces:  # a sentence that was changed on the way
            written.pop()
        pieces += written
    return pieces


def _segment(segment: Segment, status: Status) -> Iterator[Piece]:
    if status == "from":
        if segment.old and segment.old != PILCROW:
            yield Piece("moved", shown(segment.old))
    elif segment.move is not None:
        marked: Marked = "removed" if segment.move.end == "from" else "added"
        yield Piece(marked, shown((*segment.old, *segment.new)))
        way = {"from": "moved away", "to": "moved here"}[segment.move.end]
        yield Piece("note", f"{way} ({segment.move.number})")
    elif segment.kind == "changed":
        yield from (Piece("removed", shown(segment.old)),) if segment.old else ()
        yield from (Piece("added", shown(segment.new)),) if segment.new else ()
        if targets(segment.old) != targets(segment.new):
            yield Piece("note", _linked(segment))
    else:
        if segment.new:
            yield Piece("moved" if status == "to" else "same", shown(segment.new))
        if segment.restyled:
            yield Piece("note", restyled(segment))


def shown(fragments: Iterable[Fragment]) -> str:
    """Return text as it reads on one line."""
    texts = []
    for fragment in fragments:
        match fragment.leaf:
            case NoteReference(number):
                texts.append(f"[{number}]")
            case Unconfirmed():
                texts.append("[to be confirmed]")
            case Link(number=int(number)):
                texts.append(str(number))
            case leaf:
                texts.append(plain(leaf))
    return re.sub(r"\s+", " ", "".join(texts))


def restyled(segment: Segment) -> str:
    """Return in words how the marks of a stretch with the same words changed."""
    ways = []
    for way in segment.restyled:
        match way:
            case "link":
                ways.append(_linked(segment))
            case "emphasis":
                ways.append("emphasis changed")
            case "unconfirmed":
                ways.append("confirmation changed")
            case key:
                ways.append(_label(key))
    return "; ".join(ways)


def _linked(segment: Segment) -> str:
    """Return in words where links lead, before and now."""
    old, new = (" ".join(targets(side)) or "none" for side in (segment.old, segment.new))
    return f"link {old} → {new}" if old != new else f"link {new}, placed differently"


def _shortened(line: Line) -> Line:
    """Return a line with only as many unchanged words as readers need to find the place."""
    if line.status not in ("changed", "to", "from"):
        return line
    last = len(line.pieces) - 1
    pieces: list[Piece] = []
    for at, piece in enumerate(line.pieces):
        if piece.marked not in ("same", "moved"):
            pieces.append(piece)
        else:
            pieces += _around(piece, BEGINNING if at == 0 else CONTEXT, CONTEXT if at < last else 0)
    return replace(line, pieces=tuple(pieces))


def _around(piece: Piece, ahead: int, behind: int) -> Iterator[Piece]:
    """Yield the first and the last words of a piece, with a gap for the others."""
    words = re.findall(r"\s*\S+\s*", piece.text)
    if len(words) <= ahead + behind + 3:
        yield piece
        return
    yield Piece(piece.marked, "".join(words[:ahead]).rstrip())
    yield Piece("gap", " … ")
    if behind:
        yield Piece(piece.marked, "".join(words[-behind:]).lstrip())
