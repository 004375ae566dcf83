"""The clauses of a redline → what the template shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from publisher.model.redline import ClauseRedline, Part, Redline, opened, walk
from publisher.render.redline.groups import SIDES, marked, remarks, rows
from publisher.render.redline.places import Place, Places, notes, places, row_id, section_id
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
        title, *rest = opened(marked(clause.part)).parts
        there = clause.differs
        in_rows = zip(rows(clause.part)[1:], rest, strict=True)
        shown = groupby(in_rows, lambda each: each[0]) if there or self.aside else ()
        written = (
            self._row(view, [part for _, part in group], row_id(number, row))
            for row, group in shown
        )
        untitled = f"({clause.new or clause.old})"
        return {
            "away": _left(clause.part, where),
            "counts": clause.counts,
            "id": section_id(clause.part),
            "kind": "differs" if there else "same",
            "next": None,
            "plain": name(clause.part) or untitled,
            "previous": None,
            "rows": [row for row in written if row],
            "states": list(self._states(clause, title)),
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

    def _row(self, view: View, parts: Sequence[Part], id: str) -> dict[str, Any] | None:
        """Return a block or a note in all the ways that it is shown; None if readers do not see it.

        What one of the policies has, or both have alike, is there once as a `whole`, whatever else
        is beside it; it stands on a `side` if the policies stand side by side. Of what is one block
        in either policy all is in one row.
        """
        if all(part.blank for part in parts):
            return None
        part = parts[0]
        regrouped = len(parts) > 1 or part.wrapping or bool(remarks(part))
        if regrouped or part.status == "changed":
            row = {"id": id, "status": "changed", "both": view.pieces(parts)}
            if self.aside:
                row |= {side: replace(view, side=side).pieces(parts) for side in SIDES}
            return row
        row = {"id": id, "status": part.status, "whole": view.piece(part)}
        row["side"] = "old" if _went(part) else "new"
        if part.status == "same" and self.aside:
            row["old"] = replace(view, side="old").piece(part)
        return row

    def _states(self, clause: ClauseRedline, title: Part) -> Iterator[str]:
        counts, part = clause.counts, clause.part
        if part.status in ("added", "removed"):
            yield self.labels[part.status]
        if part.status == "to":
            yield self.labels["moved"]
        for side in part.continued:
            yield self.labels["clause_divided" if side == "old" else "clause_joined"]
        if "now_heading" in remarks(title):
            yield self.labels["now_heading"]
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
