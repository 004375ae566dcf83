"""A clock that was ahead: the entry that says so moves answers, and nothing else moves time back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import chained, entry, numbered

from publisher.archive.clocks import right_times
from publisher.archive.entries import Entry, Record, Release, sha256
from publisher.archive.evidence.letter_sentences import Words
from publisher.archive.evidence.record import event
from publisher.archive.in_force import InForce
from publisher.archive.ledger import Ledger
from publisher.archive.timeline import Timeline
from publisher.archive.verify.plausibility import impossible
from publisher.errors import ArchiveDamaged

FIRST, REAL, WRONG, HEALED = date(2025, 1, 10), date(2025, 3, 4), date(2027, 3, 4), date(2025, 3, 5)
ORDER = "was recorded before the previous entry"


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Europe/Brussels"))


def right(number: int, record: Record | None, time: datetime, day: date | None) -> dict[str, Any]:
    digest = sha256(record.data) if record is not None else "0" * 64
    return {"entry": number, "digest": digest, "time": time, "takes_effect": day}


def healed(
    before: list[Entry], *rights: tuple[int, datetime, date | None], on: date = HEALED
) -> list[Entry]:
    """Return entries, and one that says when some of them were really made."""
    records = dict(enumerate(chained(before), 1))
    about = [right(number, records.get(number), *rest) for number, *rest in rights]
    return [*before, entry("clock", on, entries=about, reason="the laptop was ahead")]


WRONGLY: list[Entry] = [entry("release", FIRST), entry("release", WRONG)]
HEALTHY = healed(WRONGLY, (2, at(REAL), REAL))


def faults(entries: list[Entry]) -> list[str]:
    named = {str(n): one for n, one in enumerate(numbered(entries), 1)}
    return [f"{path} {reason}" for path, reason in impossible(named)]


def ledger(entries: list[Entry]) -> Ledger:
    return Ledger("alpha", chained(entries))


def test_a_correction_is_believed_and_entries_go_on_after_it() -> None:
    assert faults(HEALTHY) == []
    later = entry("release", date(2025, 4, 1))
    assert faults([*HEALTHY, later]) == []
    assert faults([*WRONGLY, later]) == [
        f"3 {reason}"
        for reason in (
            "was published before an earlier version",
            "comes into force before an earlier version",
            ORDER,
        )
    ]
    assert faults([*HEALTHY, entry("release", date(2025, 3, 1))])[-1] == f"4 {ORDER}"


def test_what_was_in_force_is_counted_with_the_right_time() -> None:
    known = ledger([*HEALTHY, entry("release", date(2025, 4, 1))])
    answers = InForce(known, at(date(2028, 1, 1)))

    def on(day: date) -> str:
        return answers.on(answers.asked(day))[0].version

    assert [on(day) for day in (date(2025, 3, 3), REAL, date(2025, 3, 31))] == [
        FIRST.isoformat(),
        WRONG.isoformat(),
        WRONG.isoformat(),
    ]
    assert on(date(2027, 6, 1)) == "2025-04-01"
    second = known.release(2)
    assert (second.published, second.in_force_from, second.recorded_at) == (REAL, REAL, at(REAL))
    assert second.locales["en"].last_updated == REAL
    assert second.name == f"0002-release-{WRONG}.json"
    assert second.as_written.recorded_at == at(WRONG)
    assert second.clock == known.entry(3)
    assert known.entry(1).clock is None


def test_a_chosen_day_stays_and_a_retirement_at_once_moves() -> None:
    start = WRONG + timedelta(days=30)
    before: list[Entry] = [entry("release", FIRST), entry("release", WRONG, in_force_from=start)]
    chosen = ledger(healed(before, (2, at(REAL), None)))
    assert Timeline(chosen).start(chosen.release(2)) == start
    retired: list[Entry] = [entry("release", FIRST), entry("retire", WRONG)]
    entries = healed(retired, (2, at(REAL), REAL))
    assert faults(entries) == []
    read = ledger(entries)
    assert read.entry(2).name == f"0002-retire-{WRONG}.json"
    ends = Timeline(read).ends()
    assert ends is not None
    assert ends.on == REAL


@pytest.mark.parametrize(
    ("rights", "reason"),
    [
        ([(2, at(FIRST, 11), FIRST)], "says a time for entry 2 that does not lie between"),
        ([(2, at(HEALED, 13), HEALED)], "says a time for entry 2 that does not lie between"),
        ([(1, at(FIRST), FIRST)], "corrects the clock of entry 1, which is not ahead of it"),
        ([(9, at(FIRST), FIRST)], "corrects the clock of entry 9, which is not ahead of it"),
        ([(2, at(REAL), REAL), (2, at(REAL), REAL)], "does not name, once and in their order"),
        ([(2, at(REAL), FIRST)], "would let entry 2 say what cannot be true: it comes into force"),
    ],
)
def test_a_forged_correction_is_a_finding(rights: list[Any], reason: str) -> None:
    named = faults(healed(WRONGLY, *rights))
    assert any(fault.startswith(f"3 {reason}") for fault in named), named


def test_a_correction_names_every_entry_that_is_ahead_by_its_hash() -> None:
    both = [*WRONGLY, entry("endorse", WRONG)]
    only = faults(healed(both, (3, at(REAL), None)))
    assert only == [
        "4 does not name, once and in their order, the entries that are ahead: 2, 3",
        f"4 {ORDER}",
    ]
    assert faults(healed(both, (2, at(REAL), REAL), (3, at(REAL), None))) == []
    last = HEALTHY[-1].model_dump()
    last["entries"] = [right(2, None, at(REAL), REAL)]
    other = [*WRONGLY, type(HEALTHY[-1]).model_validate(last)]
    assert "corrects an entry 2 whose SHA-256 is different here" in faults(other)[0]
    with pytest.raises(ArchiveDamaged, match="is not about the entry 2 here"):
        ledger(other).entry(2)


def test_a_correction_that_was_wrong_itself_is_corrected() -> None:
    first = healed(WRONGLY, (2, at(date(2026, 1, 1)), date(2026, 1, 1)), on=date(2026, 2, 1))
    entries = healed(first, (2, at(REAL), REAL), (3, at(HEALED, 11), None))
    assert faults(entries) == []
    known = ledger(entries)
    assert known.release(2).published == REAL
    assert known.entry(3).name == "0003-clock-2026-02-01.json"


@pytest.mark.parametrize("locale", ["en", "nl", "de", "fr", "es", "it", "pt", "pt-BR", "pl", "el"])
def test_letters_say_in_each_language_when_it_was_really_recorded(locale: str) -> None:
    said = event(HEALTHY[-1], "Alpha", "en", Words(locale)).striptags()
    assert f"{at(REAL).isoformat()} (0002)" in said
    assert "the laptop was ahead" in said


@given(
    ahead=st.lists(st.integers(1, 3000), min_size=1, max_size=4),
    behind=st.lists(st.integers(0, 50), min_size=4, max_size=4),
)
def test_the_counted_times_never_go_back(ahead: list[int], behind: list[int]) -> None:
    """Whatever entries are ahead, a correction with times in order heals, and alters no file."""
    days = sorted(HEALED + timedelta(days=days) for days in ahead)
    wrong = [entry("endorse", day) for day in days]
    before = [entry("release", FIRST), *wrong]
    times = sorted(at(HEALED) - timedelta(hours=hours) for hours in behind)[: len(wrong)]
    entries = healed(before, *((n, time, None) for n, time in enumerate(times, 2)))
    assert faults(entries) == []
    counted = [*right_times({str(n): one for n, one in enumerate(numbered(entries))}).values()]
    assert [one.recorded_at for one in counted] == sorted(one.recorded_at for one in counted)
    assert [one.as_written for one in counted] == numbered(entries)
    assert isinstance(ledger(entries).entry(1), Release)
