"""Notices to customers that were sent, and what is known of one person → JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from publisher.cli.json import Form, Moment, derived, of


class UnusableForm(Form):
    """A row of the list, or an address in it, that cannot be used, and why."""

    row: int
    text: str
    reason: str


class ListForm(Form):
    """The customers of the brand on a list."""

    name: str
    columns: Mapping[str, str]
    people: Annotated[int, derived(len)]
    locales: Mapping[str, int]
    twice: int = of("doubles")
    suppressed: Annotated[int, derived(len)]
    unmapped: Mapping[str, int]
    other_brands: Mapping[str, int] = of("others")
    invalid: tuple[UnusableForm, ...]
    conflicts: tuple[UnusableForm, ...]
    notes: tuple[str, ...]


class FailedForm(Form):
    """A person whose message was not accepted, and the server's answer."""

    row: int
    address: str
    answer: str


class RunForm(Form):
    """The result of all runs so far, and who is left."""

    states: Mapping[str, int]
    waiting: int
    refused: tuple[FailedForm, ...]
    deferred: tuple[FailedForm, ...]
    stopped: str | None
    interrupted: bool
    complete: bool


class MailingForm(Form):
    """What `notices send` did: to a list, as a test, or in samples; `entry` is the ledger's."""

    brand: str
    version: str
    list: ListForm | None = of("customers")
    sent: RunForm | None
    test: str | None
    samples: tuple[Path, ...]
    entry: str | None


class EventForm(Form):
    """The state of a message at a moment, from a journal."""

    at: Moment
    state: str
    locale: str
    answer: str


class ProofForm(Form):
    """A notice whose list has a person; `accepted` is None if no journal has the answer."""

    address: str = of("person.address")
    row: int = of("person.row")
    brand: str = of("entry.brand")
    version: str = of("entry.version")
    in_force_from: date = of("entry.in_force_from")
    entry: str = of("entry.name")
    list: str = of("entry.recipients")
    accepted: bool | None
    state: str | None
    events: tuple[EventForm, ...] | None


OUTPUTS: dict[str, Any] = {"notices-send": MailingForm, "notices-told": tuple[ProofForm, ...]}
"""The forms of what is printed, by command."""
