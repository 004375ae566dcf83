"""Where versions end that the repository had no longer, without a repository."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from support.ledgers import entry, ledger

from publisher.archive.before_release import Past
from publisher.archive.entries import Absence, Entry
from publisher.archive.moments import last_moment
from publisher.archive.timeline import Timeline
from publisher.archive.verify.plausibility import impossible
from publisher.history.presence import ends

START = date(2024, 1, 1)
TODAY = date(2025, 6, 1)
SAID = {"last_updated": START, "words": "0" * 64}


def day(at: int) -> date:
    return START + timedelta(days=at)


def end(at: int) -> datetime:
    """Return the last moment of a day."""
    return last_moment(day(at), "Europe/Brussels")


def made(at: int, *locales: str) -> Entry:
    return entry("reconstruct", TODAY, version=f"{day(at)}-reconstructed", revised=day(at),
                 locales=dict.fromkeys(locales or ("en", "nl"), SAID))  # fmt: skip


def absent(at: int, *locales: str, **about: Any) -> Entry:
    return entry("absence", TODAY, on=day(at), locales=locales, **about)


def answers(*entries: Entry) -> list[tuple[str, str]]:
    """Return, for each day, the day of the version that answers, in English and in Dutch."""
    told = ledger(entries)
    past = Past(told, Timeline(told))
    found = []
    for at in range(6):
        english, dutch = (
            next((e.version[9:10] for e in past.entries if name in past.spoken(e, end(at))), "-")
            for name in ("en", "nl")
        )
        found.append((english, dutch))
    return found


def test_a_version_ends_in_each_locale_by_itself() -> None:
    entries = (made(0), absent(2, "nl"), made(3, "en"), absent(4, "en"), made(5))
    assert answers(*entries) == [*[("1", "1")] * 2, ("1", "-"), ("4", "-"), ("-", "-"), ("6", "6")]
    healed = (made(0), made(3, "en"), made(5), absent(2, "nl"), absent(4, "en"))
    assert answers(*healed) == answers(*entries), "whenever it is recorded"


def test_what_ends_a_version_and_what_follows() -> None:
    told = ledger((made(0), absent(2, "nl"), made(5)))
    past = Past(told, Timeline(told))
    first, gone, last = (told.entry(number) for number in (1, 2, 3))
    assert isinstance(gone, Absence)
    assert past.absent(end(1)) == {}
    assert past.absent(end(2)) == past.absent(end(4), "nl") == {gone: ("nl",)}
    assert past.absent(end(5)) == past.absent(end(4), "en") == {}
    assert (past.before(gone, "nl"), past.back(gone, "nl")) == (first, last)
    assert past.period(first, "nl").ended_by == gone  # type: ignore[arg-type]
    assert past.period(first, "en").ended_by == last  # type: ignore[arg-type]
    assert past.spoken(first, end(3)) == ("en",)  # type: ignore[arg-type]
    assert [past.period(first, each).until for each in (None, "en", "nl")] == [  # type: ignore[arg-type]
        day(4), day(4), day(1)]  # fmt: skip


def test_a_locale_that_came_back_alone_is_not_absent_with_the_other() -> None:
    assert answers(made(0), absent(1, "en", "nl"), made(2, "en"), absent(4, "en")) == [
        ("1", "1"), ("-", "-"), ("3", "-"), ("3", "-"), ("-", "-"), ("-", "-")]  # fmt: skip


DAYS = {"a": day(0), "b": day(2), "c": day(2), "d": day(5)}


@pytest.mark.parametrize(
    ("said", "gone", "expected"),
    [
        ({"a": ["en", "nl"]}, {"b": ["nl"], "d": ["en"]}, {"b": ("nl",), "d": ("en",)}),
        ({"a": ["nl"], "c": ["nl"]}, {"b": ["nl"]}, {}),
        ({"a": ["nl"], "c": ["nl"]}, {"b": ["nl"], "d": ["nl"]}, {"d": ("nl",)}),
        ({"a": ["nl"], "d": ["nl"]}, {"b": ["nl"]}, {"b": ("nl",)}),
        ({"d": ["nl"]}, {"b": ["nl"]}, {}),
        ({"a": ["nl"]}, {"b": ["nl"], "d": ["nl"]}, {"b": ("nl",)}),
    ],
)
def test_only_what_ends_a_version_is_an_end(
    said: dict[str, list[str]], gone: dict[str, list[str]], expected: dict[str, tuple[str, ...]]
) -> None:
    assert ends("abcd", DAYS, said, gone) == expected


def test_an_end_at_a_commit_without_a_day_is_that_of_the_next() -> None:
    days = {commit: when for commit, when in DAYS.items() if commit != "b"}
    assert ends("abcd", days, {"a": ["nl"]}, {"b": ["nl"]}) == {"c": ("nl",)}


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([absent(2, "nl")], "ends nl, for which nothing was reconstructed before"),
        ([made(3), absent(2, "nl")], "ends nl, for which nothing was reconstructed before"),
        ([made(0), absent(600, "nl")], "before the day from which the policy is said to have been"),
        (
            [entry("release", day(10)), made(0), absent(10, "nl")],
            "is said to have been absent when a released version was in force",
        ),
    ],
)
def test_verify_finds_ends_that_cannot_be(entries: list[Entry], reason: str) -> None:
    told = ledger(entries)
    found = [*impossible({each.name: told.entry(each_number) for each_number, each in
                          enumerate(entries, 1)})]  # fmt: skip
    assert len(found) == 1
    assert reason in found[0][1]
