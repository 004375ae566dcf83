"""The clauses of a redline → what the template shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from publisher.model.redline import ClauseRedline, Part, Redline, opened, walk
from publisher.render.redline.places import SIDES, Place, Places, notes, places, row_id, section_id
from publisher.render.redline.runs import Runs
from publisher.render.redline.texts import name
from publisher.render.redline.told import Told
from publisher.render.redline.view import View


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the clauses of a redline; `aside` says whether also side by side, for the screen."""

    redline: Redline
    labels: Mapping[str, str]
    aside: bool

    def clauses(self) -> list[dict[str, Any]]:
        """Return all clauses; those that differ know the one before and the one behind them."""
        where = places(self.redline)
        written = [
            _away(clause.part, where.ends[clause.part.move.number, "to"])
            if clause.part.move and clause.part.move.end == "from"
            else self._clause(number, clause, where)
            for number, clause in enumerate(self.redline.clauses)
        ]
        for one, other in pairwise(each for each in written if each["kind"] == "differs"):
            one["next"], other["previous"] = other["id"], one["id"]
        return written

    def _clause(self, number: int, clause: ClauseRedline, where: Places) -> dict[str, Any]:
        view = self._view(number, clause.part, where)
        title, *rest = opened(clause.part).parts
        there = clause.differs
        rows = enumerate(rest, 1) if there or self.aside else ()
        untitled = f"({clause.new or clause.old})"
        return {
            "away": _left(clause.part, where),
            "counts": clause.counts,
            "id": section_id(clause.part),
            "kind": "differs" if there else "same",
            "next": None,
            "plain": name(clause.part) or untitled,
            "previous": None,
            "rows": [self._row(view, e, row_id(number, at)) for at, e in rows if not e.blank],
            "states": list(self._states(clause)),
            "number": _number(clause.part),
            "title": view.run(title) or untitled,
        }

    def _view(self, number: int, part: Part, where: Places) -> View:
        noted = notes(part, number)
        told = {
            side: Told(self.labels, where.sections[side], noted[side], printed=not self.aside)
            for side in SIDES
        }
        return View(Runs(self.labels, told, where.titles), where, number)

    def _row(self, view: View, part: Part, id: str) -> dict[str, Any]:
        """Return a block or a note in all the ways that it is shown.

        What one of the policies has, or both have alike, is there once as a `whole`, whatever else
        is beside it; it stands on a `side` if the policies stand side by side.
        """
        row = {"id": id, "status": part.status}
        if part.status == "changed":
            row["both"] = view.piece(part)
            if self.aside:
                row |= {side: replace(view, side=side).piece(part) for side in SIDES}
            return row
        row |= {"whole": view.piece(part), "side": "old" if _went(part) else "new"}
        if part.status == "same" and self.aside:
            row["old"] = replace(view, side="old").piece(part)
        return row

    def _states(self, clause: ClauseRedline) -> Iterator[str]:
        counts, part = clause.counts, clause.part
        if part.status in ("added", "removed"):
            yield self.labels[part.status]
        if part.status == "to":
            yield self.labels["moved"]
        if counts.clauses_changed or any(each.move for each in walk(part) if each is not part):
            yield self.labels["changed"]
        if clause.renamed:
            said = self.labels["renamed"].replace("{old}", str(clause.old))
            yield said.replace("{new}", str(clause.new))


def _away(part: Part, other: Place) -> dict[str, Any]:
    """Return what stands where a clause moved from: a link to where it moved."""
    return {"id": section_id(part), "kind": "away", "plain": name(part), "to": other.id}


def _number(part: Part) -> str:
    """Return the number of a clause; where it had another, both."""
    numbers = [each.number for each in (part.old, part.new) if each and each.number]
    return " → ".join(f"{number}." for number in dict.fromkeys(numbers))


def _went(part: Part) -> bool:
    return part.status in ("removed", "from")


def _left(part: Part, where: Places) -> str | None:
    return where.ends[part.move.number, "from"].id if part.move else None
