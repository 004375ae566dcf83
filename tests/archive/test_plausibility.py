"""Entries that contradict each other, or the day on which they were recorded, are named."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.ledgers import entry, numbered

from publisher.archive.entries import Entry
from publisher.archive.verify.plausibility import impossible

DAY = date(2025, 1, 10)
LATER = DAY + timedelta(days=10)


def release(day: date = DAY, **about: Any) -> Entry:
    return entry("release", day, **about)


def retire(recorded: date = LATER, on: date = LATER, locale: str | None = None) -> Entry:
    return entry("retire", recorded, on=on, locale=locale)


def move(recorded: date, old: date, new: date, version: date = LATER) -> Entry:
    about = {"version": version.isoformat(), "instead_of": old, "in_force_from": new}
    return entry("reschedule", recorded, **about)


def stamp(minutes: int, number: int = 1) -> Entry:
    """Return a time-stamp of an entry, made so long after noon, when every entry is recorded."""
    made = entry("timestamp", DAY, entry=number)
    return made.model_copy(update={"time": made.recorded_at + timedelta(minutes=minutes)})


def notice(starts: date, *, minutes: int = 60, **about: Any) -> Entry:
    """Return a notice of the second version, begun so long after the release."""
    made = entry("notice", LATER + timedelta(days=1), version=str(LATER), in_force_from=starts)
    first = datetime.combine(LATER, time(12), ZoneInfo("Europe/Brussels"))
    first += timedelta(minutes=minutes)
    return made.model_copy(update={"first": first, "last": first, **about})


SOON = release(LATER, in_force_from=LATER + timedelta(days=5))
START = LATER + timedelta(days=5)
TRUE: dict[str, list[Entry]] = {
    "two versions and a retirement": [release(), release(LATER), retire(locale="en")],
    "a version that moves to a later day": [release(), SOON, move(LATER, START, date(2025, 2, 1))],
    "a version that moves to today": [release(), SOON, move(LATER, START, LATER)],
    "a second version of a day": [release(), release(version=f"{DAY}.2")],
    "a redaction": [release(), entry("redact", DAY), entry("redact", DAY, file="en/policy.md")],
    "a time-stamp": [release(), stamp(0)],
    "a time-stamp by a clock five minutes ahead": [release(), stamp(5)],
    "a time-stamp by a clock five minutes behind": [release(), stamp(-5)],
    "a notice": [release(), SOON, notice(START)],
    "a notice that tells the day before a reschedule": [
        release(),
        SOON,
        move(LATER, START, date(2025, 2, 1)),
        notice(START),
    ],
    "an endorsement": [release(), entry("endorse", DAY)],
}
FALSE: list[tuple[list[Entry], str]] = [
    ([release(published=LATER, in_force_from=LATER)], "was not recorded on the day that it names"),
    ([release(LATER, version=f"{DAY}", published=LATER)], "was not recorded on the day"),
    (
        [release(LATER), release(DAY, in_force_from=LATER)],
        "was published before an earlier version",
    ),
    ([release(in_force_from=DAY - timedelta(days=1))], "comes into force before its publication"),
    (
        [release(in_force_from=LATER + timedelta(days=1)), release(LATER)],
        "comes into force before an earlier version",
    ),
    ([release(), release()], f"is a second version {DAY}"),
    ([release(), move(LATER, DAY, LATER)], f"is not about how {LATER} was scheduled before"),
    ([release(), SOON, move(LATER, LATER, START)], f"is not about how {LATER} was scheduled"),
    ([release(), release(LATER), move(LATER, LATER, START)], "changes what was in force already"),
    (
        [release(), SOON, move(LATER, START, LATER - timedelta(days=1))],
        "changes what was in force already",
    ),
    (
        [
            release(DAY, in_force_from=LATER),
            release(LATER, in_force_from=START),
            move(DAY, LATER, START + timedelta(days=1), DAY),
        ],
        "lets versions come into force out of their order",
    ),
    ([release(), notice(LATER)], f"tells of {LATER}, which is not an earlier version"),
    (
        [release(), SOON, notice(LATER)],
        f"tells a day on which {LATER} was never to come into force",
    ),
    ([release(), SOON, notice(START, minutes=-6)], f"was given before {LATER} was released"),
    (
        [release(), SOON, notice(START, minutes=24 * 60 + 6)],
        "was recorded before the last message was sent",
    ),
    ([release(), retire(LATER, DAY)], "changes what was in force already"),
    ([retire()], "retires what had not been released"),
    ([release(), retire(locale="nl")], "retires nl, which had not been released"),
    (
        [release(), entry("redact", DAY, version=LATER.isoformat())],
        f"redacts a file of {LATER}, which is not an earlier version",
    ),
    (
        [release(), entry("redact", DAY), entry("redact", DAY)],
        f"redacts en/policy.pdf of {DAY} a second time",
    ),
    ([release(), stamp(0, 2)], "proves entry 2, which is not before it"),
    ([release(), stamp(6)], "was recorded before the moment that it proves"),
    ([release(), stamp(-6)], "proves entry 1 for a moment before that was recorded"),
    (
        [release(), entry("endorse", DAY, entries=({"entry": 2, "digest": "0" * 64},))],
        "endorses entry 2, which is not before it",
    ),
]


ORDER = "was recorded before the previous entry"


def reasons(entries: list[Entry]) -> list[str]:
    """Return why entries cannot be true, but for the order of their times, as a test leaves it."""
    named = impossible({str(n): entry for n, entry in enumerate(numbered(entries), 1)})
    return [reason for _, reason in named if reason != ORDER]


@pytest.mark.parametrize("what", TRUE)
def test_entries_that_can_be_true_are_not_named(what: str) -> None:
    assert reasons(TRUE[what]) == []


@pytest.mark.parametrize(("entries", "reason"), FALSE, ids=[reason for _, reason in FALSE])
def test_an_entry_that_cannot_be_true_is_named(entries: list[Entry], reason: str) -> None:
    (only,) = reasons(entries)
    assert only.startswith(reason)
