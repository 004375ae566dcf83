"""The events between two policies, as a lawyer would list them: the summary of their redline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast, get_args

from publisher.policy.fragments import characters
from publisher.policy.pairs import bare_title
from publisher.policy.tree import NoteReference, Unconfirmed
from publisher.policy.words import fold
from publisher.redline.sides import one_side
from publisher.redline.values import SIDES, TEXTS, ClauseRedline, Part, Redline, Side, opened, walk

EventKind = Literal[
    "title_changed",
    "controller_changed",
    "clause_removed",
    "clause_added",
    "clause_divided",
    "clause_joined",
    "clause_renamed",
    "clause_moved",
    "column_removed",
    "column_added",
    "column_renamed",
    "column_moved",
    "row_removed",
    "row_added",
    "row_moved",
    "paragraph_split",
    "paragraph_joined",
    "heading_made",
    "heading_unmade",
    "list_made",
    "list_unmade",
    "list_split",
    "list_joined",
    "items_relevelled",
    "passage_moved",
    "level_changed",
    "numbering_changed",
    "clause_changed",
]
"""The kinds of event, in the order of a summary."""


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event with its count, and the names of its subjects, now and before (`was`).

    Passages, headings and lists have no names. Removed subjects have their old names.
    """

    kind: EventKind
    count: int
    names: tuple[str, ...] = ()
    was: tuple[str, ...] = ()


_NO_TEXT = (NoteReference, Unconfirmed)
Happening = tuple[EventKind, str, str]
"""An event, and the name of its subject, now and before."""


def events(redline: Redline) -> tuple[Event, ...]:
    """Return the events; none if one of the policies is missing."""
    if redline.old is None or redline.new is None:
        return ()
    named: dict[EventKind, list[tuple[str, str]]] = defaultdict(list)
    for kind, now, was in _all(redline):
        named[kind].append((now, was))
    return tuple(_event(kind, named[kind]) for kind in get_args(EventKind) if kind in named)


def _event(kind: EventKind, happened: list[tuple[str, str]]) -> Event:
    names = tuple(now for now, _ in happened if now)
    return Event(kind, len(happened), names, tuple(was for _, was in happened if was))


def _all(redline: Redline) -> Iterator[Happening]:
    if redline.title.status != "same" and _text(redline.title, "old") != _text(
        redline.title, "new"
    ):
        yield "title_changed", "", ""
    if redline.controller.status != "same":
        yield "controller_changed", "", ""
    parts = [redline.title, redline.controller, *(clause.part for clause in redline.clauses)]
    for inner in (inner for part in parts if part.status != "from" for inner in walk(part)):
        for segment in inner.run:
            if segment.move is not None and segment.move.end == "to":  # a sentence
                yield "passage_moved", "", ""
    before = ""
    for clause in redline.clauses:
        if clause.part.continued:
            divided = "old" in clause.part.continued
            yield "clause_divided" if divided else "clause_joined", before, ""
        yield from _clause(clause)
        before = _title(clause.part, clause.part.newer)


def _clause(clause: ClauseRedline) -> Iterator[Happening]:
    part = clause.part
    name = _title(part, part.newer)
    yield from _became("clause", part, name)
    if part.status == "from":
        return
    if part.both and not part.continued:
        was, now = (_titled(part, side) for side in SIDES)
        if bare_title(was) != bare_title(now):
            yield "clause_renamed", name, _title(part, "old")
    if clause.counts.clauses_changed:
        yield "clause_changed", name, ""
    yield from _inside(part)


def _title(part: Part, side: Side) -> str:
    """Return the title of a clause; its id if the title is empty."""
    clause = part.clauses[SIDES.index(side)] or part.clause
    return _titled(part, side) or f"({clause.id})"


def _titled(part: Part, side: Side) -> str:
    titles = one_side(opened(part).parts, side)[:1]
    return next((_text(title, side) for title in titles), "")


def _inside(part: Part, *, listed: bool = False) -> Iterator[Happening]:
    """Yield the events in a part, without additions and removals that its own event covers.

    Text that became a heading, or is `listed` now, was split by that, which is not a separate
    event.
    """
    before: Part | None = None
    for inner in part.parts:
        split = not (listed or inner.was or (before is not None and before.was))
        before = inner
        if (inner.same and inner.move is None) or inner.status == "from":
            continue
        if inner.status == "to":
            yield "row_moved" if inner.kind == "row" else "passage_moved", _first(inner), ""
        for kind in (*_shaped(inner), *(_divided(inner) if split else ())):
            yield kind, "", ""
        within = _inside(inner, listed=inner.wrapping)
        yield from _table(inner) if inner.both and inner.kind == "table" else within


def _divided(part: Part) -> Iterator[EventKind]:
    """Yield whether a node was split off the one before it, or joined to it."""
    if not (part.both and part.continued):
        return
    divided = "old" in part.continued
    if part.kind in TEXTS:
        yield "paragraph_split" if divided else "paragraph_joined"
    elif part.kind == "list" and not part.parts[0].continued:
        yield "list_split" if divided else "list_joined"


def _shaped(part: Part) -> Iterator[EventKind]:
    """Yield how the structure of a node changed: its kind, level or numbering."""
    if part.wrapping and part.kind == "list" and not part.continued:
        if any(item.both for item in part.parts):
            yield "items_relevelled"
        else:
            yield "list_made" if part.old is None else "list_unmade"
    elif (
        part.was is not None
    ):  # a heading that became a title, or the reverse: an event of its clause
        if {part.kind, part.was} == {"heading", "paragraph"}:
            yield "heading_made" if part.kind == "heading" else "heading_unmade"
    elif part.reshaped and part.kind in ("heading", "list"):
        yield "level_changed" if part.kind == "heading" else "numbering_changed"


def _table(part: Part) -> Iterator[Happening]:
    """Yield the events of the columns and rows of a table."""
    parts = opened(part).parts
    for cell in opened(parts[0]).parts if parts else ():
        yield from _became("column", cell, _text(cell, cell.newer))
        was, now = _text(cell, "old"), _text(cell, "new")
        if cell.both and cell.status != "from" and was != now:
            yield "column_renamed", now or "–", was or "–"
    for row in parts[1:]:
        yield from _became("row", row, _first(row))


def _first(part: Part) -> str:
    """Return the name of a row: the text of its first cell that is not empty."""
    if part.kind != "row":
        return ""
    cells = (cell for cell in opened(part).parts if cell.standing(part.newer))
    return next(filter(None, (_text(cell, part.newer) for cell in cells)), "")


def _became(what: Literal["clause", "column", "row"], part: Part, name: str) -> Iterator[Happening]:
    """Yield whether a clause, a column or a row was added, removed or moved here, by its name."""
    way = {"added": "added", "removed": "removed", "to": "moved"}.get(part.status)
    if way:
        yield cast("EventKind", f"{what}_{way}"), name, ""


def _text(part: Part, side: Side) -> str:
    """Return the running text of a part, as one of the policies has it."""
    fragments = (fragment for segment in opened(part).run for fragment in segment.on(side))
    return fold(characters(f for f in fragments if not isinstance(f.leaf, _NO_TEXT)))
