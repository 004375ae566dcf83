"""A redline → JSON, in a form with a published schema: `publisher schema` writes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from publisher.policy.fragments import targets
from publisher.policy.kinds import Kind, shape
from publisher.redline.events import EventKind, events
from publisher.redline.values import (
    ClauseRedline,
    Counts,
    Marking,
    Origin,
    Part,
    Redline,
    Segment,
    Side,
    Status,
    opened,
)
from publisher.redline.views.marked_lines import shown
from publisher.redline.views.phrases import summary
from publisher.render.languages import labels_of

FORMAT: Literal[1] = 1
"""The version of this form."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SideForm(_Form):
    """One of the policies that are compared."""

    asked: str = Field(description="What was asked for: a version, current, on:DATE, a revision.")
    kind: Literal["version", "commit", "staged", "draft", "file"]
    brand: str
    id: str | None = Field(description="The version's or the commit's id, or the file's name.")
    day: date | None = Field(description="In force from, or committed on, in the brand's zone.")
    exists: bool = Field(description="Whether the policy existed.")
    unverified: str | None = Field(description="Why the archive's text cannot be trusted.")
    notes: tuple[str, ...] = Field(
        default=(),
        description="What could not be read of a file.",
        exclude_if=lambda notes: not notes,
    )


class StretchForm(_Form):
    """A stretch of running text: `text` if the words are the same, else `old` and `new`."""

    kind: Literal["same", "restyled", "changed"]
    text: str | None = None
    old: str | None = None
    new: str | None = None
    restyled: tuple[Marking, ...] = ()
    move: int | None = Field(
        default=None, description="The number of a move of sentences, at both ends."
    )
    links_old: tuple[str, ...] | None = None
    links_new: tuple[str, ...] | None = None


class PartForm(_Form):
    """A node of either policy, or of both: running text in `run`, or nodes in `parts`."""

    kind: Kind
    status: Status = Field(
        description="Of the node itself: in a list that was added can be what both policies have. "
        "The other policy then has it where the list is."
    )
    move: int | None = Field(default=None, description="The number of its move, at both ends.")
    shape_old: int | str | None = Field(
        default=None, description="The heading's level, the list's first number, or its labels."
    )
    shape_new: int | str | None = None
    kind_old: Kind | None = Field(default=None, description="Its kind before, if it was another.")
    continued: tuple[Side, ...] = Field(
        default=(),
        description="In which policies it continues the part before it: there they are one. "
        "Only in the old one: a paragraph was split here; only in the new one: two were joined.",
    )
    run: tuple[StretchForm, ...] = ()
    parts: tuple[PartForm, ...] = ()


class ClauseForm(_Form):
    """The changes of a clause; one that moved is listed at both ends, and counted at the second."""

    old: str | None = Field(
        description="Its id before; null, too, where it was divided from the clause before it."
    )
    new: str | None = Field(
        description="Its id after; null, too, where it was joined to the clause before it."
    )
    number_old: int | None = Field(default=None, description="Its number, where they are numbered.")
    number_new: int | None = None
    differs: bool
    counts: Counts
    clause: PartForm


class EventForm(_Form):
    """A kind of event, with its count, and the names of its subjects."""

    kind: EventKind
    count: int
    names: tuple[str, ...] = Field(description="As they are now; of what went, as they were.")
    was: tuple[str, ...] = Field(description="As they were, of what was renamed.")


class RedlineForm(_Form):
    """Two policies compared."""

    format: Literal[1]
    locale: str
    old: SideForm
    new: SideForm
    empty: bool = Field(description="Whether both read the same.")
    summary: str = Field(description="What happened, in the words of the policy's locale.")
    events: tuple[EventForm, ...] = Field(description="The same for programs, and all of it.")
    counts: Counts
    title: PartForm
    controller: PartForm
    clauses: tuple[ClauseForm, ...]


def form(redline: Redline, origins: tuple[Origin, Origin]) -> RedlineForm:
    """Return the content of the JSON of a redline."""
    return RedlineForm(
        format=FORMAT,
        locale=redline.policy.locale,
        old=_side(origins[0], exists=redline.old is not None),
        new=_side(origins[1], exists=redline.new is not None),
        empty=redline.empty,
        summary=summary(redline, labels_of(redline.policy)),
        events=tuple(EventForm(**asdict(event)) for event in events(redline)),
        counts=redline.counts,
        title=_part(redline.title),
        controller=_part(redline.controller),
        clauses=tuple(map(_clause, redline.clauses)),
    )


def json(redline: Redline, origins: tuple[Origin, Origin]) -> bytes:
    """Return a redline as JSON in UTF-8."""
    return (form(redline, origins).model_dump_json(indent=2) + "\n").encode()


def _side(origin: Origin, *, exists: bool) -> SideForm:
    values = asdict(origin) | {"id": origin.id or None, "unverified": origin.unverified or None}
    return SideForm(**values, exists=exists)


def _clause(clause: ClauseRedline) -> ClauseForm:
    old, new = clause.part.clauses
    return ClauseForm(
        old=clause.old,
        new=clause.new,
        number_old=old.number if old else None,
        number_new=new.number if new else None,
        differs=clause.differs,
        counts=clause.counts,
        clause=_part(clause.part),
    )


def _part(part: Part) -> PartForm:
    inside = opened(part)
    return PartForm(
        kind=part.kind,
        status=part.status,
        move=part.move.number if part.move else None,
        shape_old=shape(part.old),
        shape_new=shape(part.new),
        kind_old=part.was,
        continued=part.continued,
        run=tuple(map(_stretch, inside.run)),
        parts=tuple(map(_part, inside.parts)),
    )


def _stretch(segment: Segment) -> StretchForm:
    changed = segment.kind == "changed"
    linked = changed or "link" in segment.restyled
    return StretchForm(
        kind=segment.kind,
        text=None if changed else shown(segment.new),
        old=shown(segment.old) if changed else None,
        new=shown(segment.new) if changed else None,
        restyled=segment.restyled,
        move=segment.move.number if segment.move else None,
        links_old=targets(segment.old) if linked else None,
        links_new=targets(segment.new) if linked else None,
    )
