"""A redline → its page of HTML, for the screen or for WeasyPrint.

`Writer` makes the clauses that the template shows.

`html` makes the page for the screen, `manuscript` the job for the PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from itertools import groupby, pairwise
from typing import Any

from markupsafe import Markup

from publisher import __version__
from publisher.redline.values import (
    SIDES,
    ClauseRedline,
    Counts,
    Origin,
    Part,
    Redline,
    opened,
    walk,
)
from publisher.redline.views.anchors import Place, Places, notes, places, row_id, section_id
from publisher.redline.views.blocks import View
from publisher.redline.views.groups import marked, rows
from publisher.redline.views.phrases import origin_of, summary
from publisher.redline.views.plain_text import name, plain_text, shown
from publisher.redline.views.running_text import Runs, SideWriter
from publisher.render.fonts import page_written_out, without_gaps
from publisher.render.languages import direction, labels_of
from publisher.render.page import (
    Medium,
    content_security_policy,
    fill_page,
    quoted,
    shown_day,
    stylesheet,
)
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the clauses of a redline; with `aside` also side by side, for the screen."""

    redline: Redline
    labels: Mapping[str, str]
    aside: bool

    def clauses(self) -> list[dict[str, Any]]:
        """Return all clauses; those that differ name the previous and the next such clause."""
        where = places(self.redline)
        written = [
            _away(clause.part, where.ends[clause.part.move.number, "to"])
            if clause.part.move and clause.part.move.end == "from"
            else self._clause(number, clause, where)
            for number, clause in enumerate(self.redline.clauses)
        ]
        for one, other in pairwise(clause for clause in written if clause["kind"] == "differs"):
            one["next"], other["previous"] = other["id"], one["id"]
        return written

    def _clause(self, number: int, clause: ClauseRedline, where: Places) -> dict[str, Any]:
        view = self._view(number, clause.part, where)
        title, *rest = opened(marked(clause.part)).parts
        move = clause.part.move
        there = clause.differs
        in_rows = zip(rows(clause.part)[1:], rest, strict=True)
        shown = groupby(in_rows, lambda entry: entry[0]) if there or self.aside else ()
        written = (
            self._row(view, [part for _, part in group], row_id(number, row))
            for row, group in shown
        )
        untitled = f"({clause.new or clause.old})"
        return {
            "away": where.ends[move.number, "from"].id if move else None,
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
        writers = {
            side: SideWriter(self.labels, where.sections[side], noted[side], printed=not self.aside)
            for side in SIDES
        }
        return View(Runs(self.labels, writers, where.titles), where, number)

    def _row(self, view: View, parts: Sequence[Part], id: str) -> dict[str, Any] | None:
        """Return a block or a note in all views; None if it is invisible to readers.

        A block that only one policy has, or that both have alike, is written once, as a `whole`; it
        is on one `side` where the policies stand side by side. Parts that are one block in either
        policy share a row.
        """
        if all(part.blank for part in parts):
            return None
        part = parts[0]
        regrouped = len(parts) > 1 or part.wrapping or bool(part.remarks)
        if regrouped or part.status == "changed":
            row = {"id": id, "status": "changed", "both": view.pieces(parts)}
            if self.aside:
                row |= {side: replace(view, side=side).pieces(parts) for side in SIDES}
            return row
        row = {"id": id, "status": part.status, "whole": view.piece(part)}
        row["side"] = "old" if part.status in ("removed", "from") else "new"
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
        if "now_heading" in title.remarks:
            yield self.labels["now_heading"]
        if counts.clauses_changed or any(inner.move for inner in walk(part) if inner is not part):
            yield self.labels["changed"]
        if clause.renamed:
            text = self.labels["renamed"].replace("{old}", str(clause.old))
            yield text.replace("{new}", str(clause.new))


def _away(part: Part, other: Place) -> dict[str, Any]:
    """Return the entry at the old place of a clause that moved: a link to the new place."""
    return {"id": section_id(part), "kind": "away", "plain": name(part), "to": other.id}


def _number(part: Part) -> str:
    """Return the number of a clause, or the old and the new one if it changed."""
    numbers = [clause.number for clause in part.clauses if clause and clause.number]
    return " → ".join(f"{number}." for number in dict.fromkeys(numbers))


_MAIN = ("words_added", "words_removed", "words_moved")


def page(
    redline: Redline, origins: tuple[Origin, Origin], style: Style, css: str, medium: Medium
) -> str:
    """Return a redline as HTML with a stylesheet, for a medium."""
    policy = redline.policy
    own = labels_of(policy)
    happened = summary(redline, own)
    css = f"\n{css.strip()}\n"
    clauses = Writer(redline, own, aside=medium == "screen").clauses()
    values = {
        "beside": not (redline.empty or None in (redline.old, redline.new)),
        "brand": {"name": policy.brand.name, "domain": policy.brand.domain},
        "clauses": clauses,
        "content_security_policy": content_security_policy(css),
        "controller": _line(redline.controller, redline),
        "counts": redline.counts,
        "css": Markup(css),
        "direction": direction(policy.locale),
        "empty": redline.empty,
        "figures": list(_figures(redline.counts, own)),
        "happened": happened,
        "generator": f"publisher {__version__}",
        "labels": dict(own),
        "locale": policy.locale,
        "logo": style.logo,
        "logo_dark": style.logo_dark,
        "medium": medium,
        "runs": list(_runs(clauses)),
        "plain_title": title_of(redline),
        "sides": [
            _side(redline, origins, at, own["before" if at == 0 else "after"]) for at in (0, 1)
        ],
        "title": _line(redline.title, redline),
    }
    return fill_page("redline.html", values)


def styles(redline: Redline, style: Style, names: tuple[str, ...], values: dict[str, Any]) -> str:
    """Return some of the toolkit's stylesheets with the words that they show."""
    own = labels_of(redline.policy)
    words = {
        f"marked_{what}": quoted(own[f"marked_{what}"]) for what in ("added", "removed", "moved")
    }
    sheets = (stylesheet(name, style.plain, words | values) for name in names)
    return "\n".join(sheets)


def title_of(redline: Redline) -> str:
    """Return the title of the newer policy that there is."""
    return plain_text(redline.title)


def _runs(clauses: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield clauses one by one, but neighbours that did not change together."""
    for kind, group in groupby(clauses, lambda clause: clause["kind"]):
        run = list(group)
        yield from [run] if kind == "same" else ([clause] for clause in run)


def _line(part: Part, redline: Redline) -> Markup:
    """Return a line of plain text above the clauses."""
    own = labels_of(redline.policy)
    writers = {side: SideWriter(own, {}, {}, printed=False) for side in SIDES}
    return Runs(own, writers, {"old": {}, "new": {}}).run(opened(part).run, None, None)


def _side(redline: Redline, origins: tuple[Origin, Origin], at: int, name: str) -> dict[str, Any]:
    locale, origin = redline.policy.locale, origins[at]
    policy = (redline.old, redline.new)[at]
    own = labels_of(redline.policy)
    brands = {one.brand.id for one in (redline.old, redline.new) if one}
    two = len(brands | {one.brand for one in origins}) > 1
    day = shown_day(origin.day, locale)
    return {
        "absent": own["absent_before" if at == 0 else "absent_after"] if policy is None else "",
        "asked": origin.asked if origin.asked != origin.id else "",
        "brand": (policy.brand.name if policy else origin.brand) if two else "",
        "day": day and {"name": own["in_force" if origin.kind == "version" else "committed"]} | day,
        "draft": policy is not None and policy.draft,
        "name": name,
        "notes": origin.notes,
        "origin": origin_of(origin, own),
        "unverified": origin.unverified,
    }


def _figures(counts: Counts, own: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the counts: words first and always, the others if they are not zero."""
    for field in fields(counts):
        count = getattr(counts, field.name)
        if count or field.name in _MAIN:
            yield {"name": own[field.name], "count": count, "main": field.name in _MAIN}


def html(redline: Redline, origins: tuple[Origin, Origin], style: Style) -> bytes:
    """Return a redline as a page of HTML: no script, and no request to anywhere.

    `origins` are the sources of the old and the new policy. On a wide screen the reader chooses
    between both policies side by side and one text; elsewhere there is one text. Clauses that did
    not change are folded.
    """
    css = styles(redline, style, ("screen.css", "redline.css"), {})
    return page(redline, origins, style, css, "screen").encode()


def manuscript(
    redline: Redline,
    origins: tuple[Origin, Origin],
    style: Style,
    sources: tuple[tuple[str, bytes], ...] = (),
) -> PdfJob:
    """Return the job for the PDF of a redline: its page, and files to attach to it.

    `origins` are the sources of the old and the new policy. The page has both policies in one text,
    with marks in words, as text copied from a PDF is neither underlined nor struck out. Unchanged
    clauses have only their titles. Old texts are final: a character that is missing from all
    bundled fonts is shown as its code point.
    """
    policy = redline.policy
    own = labels_of(policy)
    days = [origin.day for origin in origins if origin.day]
    named = " – ".join(origin_of(side, own) for side in origins)
    title = without_gaps(f"{title_of(redline)} – {policy.brand.domain}")
    values = {
        "clauses": 0,
        "of": quoted(own["of"]),
        "page": quoted(own["page"]),
        "running_brand": quoted(without_gaps(policy.brand.name)),
        "running_date": quoted(without_gaps(f"{own['redline']}{own['colon']} {named}")),
        "running_title": quoted(title),
        "watermark": "",
    }
    css = styles(redline, style, ("pdf.css", "redline-pdf.css"), values)
    return PdfJob(
        brand=policy.brand.id,
        locale=policy.locale,
        subject=without_gaps(
            f"{own['redline']}{own['colon']} {policy.brand.name}{own['colon']} {title_of(redline)}"
        ),
        words_digest="",
        dated=datetime.combine(max(days, default=date(1970, 1, 1)), time(), tzinfo=UTC),
        width=style.width,
        wider=style.paper.wider,
        type_size=style.theme.type_size,
        page=page_written_out(page(redline, origins, style, css, "pdf")),
        texts=tuple((path, None, without_gaps(text)) for path, text in shown(redline)),
        sources=sources,
    )
