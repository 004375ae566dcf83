"""The places on a redline's page that links lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.policy.tree import Note
from publisher.redline.values import SIDES, End, Part, Redline, Side, opened, walk
from publisher.redline.views.groups import rows
from publisher.redline.views.plain_text import name


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one end of a move: an element's id, and its clause, by number and title."""

    id: str
    clause: int
    title: str


@dataclass(frozen=True, slots=True)
class Places:
    """The places on a page.

    `sections` and `titles` have the element's id and the title of each clause, by its id in either
    policy; `ends` has the places of moves, by number and end.
    """

    sections: Mapping[Side, Mapping[str, str]]
    titles: Mapping[Side, Mapping[str, str]]
    ends: Mapping[tuple[int, End], Place]


def section_id(part: Part) -> str:
    """Return the id of a clause's element: its own id if the new policy has the clause."""
    old, new = part.clauses
    if new and part.standing("new") and "new" not in part.continued:
        return new.id
    return f"_old-{(old or part.clause).id}"


def row_id(clause: int, row: int) -> str:
    """Return the id of the element of a block, or a note, by the number of its clause and its own.

    Links lead to a block, not to a part of it: the page can show that part more than once.
    """
    return f"_part-{clause}-{row}"


def places(redline: Redline) -> Places:
    """Return the places on the page of a redline."""
    sections: dict[Side, dict[str, str]] = {"old": {}, "new": {}}
    titles: dict[Side, dict[str, str]] = {"old": {}, "new": {}}
    ends: dict[tuple[int, End], Place] = {}
    for number, clause in enumerate(redline.clauses):
        part, title = clause.part, name(clause.part)
        if part.move is not None:
            at = part.move
            ends[at.number, at.end] = Place(section_id(part), number, title)
        if part.status == "from":
            continue
        for side, whole in zip(SIDES, part.clauses, strict=True):
            if whole is not None and side not in part.continued:
                sections[side][whole.id] = section_id(part)
                titles[side][whole.id] = title
        for row, inside in zip(rows(part), part.parts, strict=False):
            place = Place(row_id(number, row) if row else section_id(part), number, title)
            for inner in walk(inside):
                for move in filter(None, (inner.move, *(run.move for run in inner.run))):
                    ends[move.number, move.end] = place
    return Places(sections, titles, ends)


def notes(part: Part, clause: int) -> Mapping[Side, Mapping[int, str]]:
    """Return the ids of the elements of a clause's notes, by their numbers in either policy."""
    ids: dict[Side, dict[int, str]] = {"old": {}, "new": {}}
    for row, inner in zip(rows(part), opened(part).parts, strict=True):
        for side in SIDES:
            note = inner.on(side)
            if isinstance(note, Note):
                ids[side].setdefault(note.number, row_id(clause, row))
    return ids
