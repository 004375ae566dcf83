"""Documents that are imported again: corrections and second periods, against a plain replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import entry, ledger

from publisher.archive.before_release import Past
from publisher.archive.corrections import doubtful
from publisher.archive.entries import Import, entry_bytes, read_entry
from publisher.archive.moments import last_moment
from publisher.archive.timeline import Timeline
from publisher.archive.verify.plausibility import impossible

START = date(2018, 1, 1)
LENGTH = 12


@dataclass
class Said:
    """An import: its document, day and locale; whether it says what it is to earlier ones."""

    document: str
    day: int | None
    locale: str
    corrects: int | None
    old: bool


SAID = st.lists(
    st.builds(
        Said,
        st.sampled_from("AAB"),
        st.one_of(st.none(), st.integers(0, LENGTH - 1)),
        st.sampled_from(["en", "en", "nl"]),
        st.one_of(st.none(), st.integers(0, 5)),
        st.booleans(),
    ),
    max_size=6,
)


def imported(version: str, said: Said, **about: object) -> Import:
    day = START + timedelta(days=said.day) if said.day is not None else None
    digest = f"{ord(said.document):064x}"
    files = {f"{said.locale}/policy.txt": {"name": "old.txt", "digest": digest}}
    made = entry("import", date(2025, 1, 1), version=version, claimed_date=day, files=files,
                 locale=said.locale, **about)  # fmt: skip
    assert isinstance(made, Import)
    return made


def told(events: list[Said]) -> tuple[list[Import], dict[int, set[int]]]:
    """Return entries that commands write, and which imports each one corrects, by their numbers."""
    entries: list[Import] = []
    corrects: dict[int, set[int]] = {}
    for at, said in enumerate(events):
        day = START + timedelta(days=said.day) if said.day is not None else "unknown"
        version = f"{day}.{at + 2}-imported"
        gone = set().union(*corrects.values())
        same = [n for n, old in enumerate(events[:at])
                if (old.document, old.locale) == (said.document, said.locale)]  # fmt: skip
        target = said.corrects
        about: dict[str, object] = {}
        may = target is not None and target < at and events[target].locale == said.locale
        if target is not None and may and not said.old and target not in gone:
            corrects[at] = {target}
            about["corrects"] = entries[target].version
        if not said.old and not about and same:
            about["repeats"] = entries[same[-1]].version
        entries.append(imported(version, said, **about))
    spoken = set().union(*corrects.values())
    for at, said in enumerate(events):
        if entries[at].corrects or entries[at].repeats:
            continue
        for n, old in enumerate(events[:at]):
            if (old.document, old.locale) != (said.document, said.locale):
                continue
            between = [
                number
                for number, other in enumerate(events)
                if None not in (old.day, said.day, other.day)
                and min(old.day, said.day) < other.day < max(old.day, said.day)  # type: ignore[operator,type-var]
                and other.locale == said.locale
                and other.document != said.document
                and number not in spoken
            ]
            if not between:
                corrects.setdefault(at, set()).add(n)
    return entries, corrects


@given(SAID)
def test_what_is_asserted_of_each_day(events: list[Said]) -> None:
    entries, corrects = told(events)
    made = ledger(entries)
    past = Past(made, Timeline(made))
    gone = set().union(*corrects.values())
    assert past.corrected == {entries[at].version for at in gone}
    assert dict(impossible({each.name: each for each in past.imports})) == {}
    for at in range(LENGTH):
        for locale in ("en", "nl"):
            standing = [
                (said.day, number)
                for number, said in enumerate(events)
                if number not in gone and said.locale == locale and said.day is not None
                and said.day <= at
            ]  # fmt: skip
            found = on(past, START + timedelta(days=at), locale)[:1]
            assert found == ([entries[max(standing)[1]].version] if standing else [])
    undated = {entries[n].version for n, said in enumerate(events)
               if said.day is None and n not in gone}  # fmt: skip
    assert {each.version for each in past.undated()} == undated


def on(past: Past, day: date, locale: str | None = None) -> list[str]:
    """Return the versions that may have been in force at the end of a day, the newest first."""
    moment = last_moment(day, "Europe/Brussels")
    return [text.version.version for text in past.during(moment, moment, locale)]


def past_of(*entries: Import) -> Past:
    made = ledger(entries)
    return Past(made, Timeline(made))


def said(document: str, day: int | None, locale: str = "en") -> Said:
    return Said(document, day, locale, None, old=True)


def test_a_policy_that_went_back_to_its_former_text_has_two_periods() -> None:
    past = past_of(
        imported("2018-01-01-imported", said("A", 0)),
        imported("2018-01-05-imported", said("B", 4)),
        imported("2018-01-09-imported", said("A", 8)),
    )
    assert past.corrected == frozenset()
    days = {0: "2018-01-01", 4: "2018-01-05", 8: "2018-01-09"}
    for day, version in days.items():
        assert on(past, START + timedelta(days=day)) == [f"{version}-imported"]
    ((earlier, later),) = doubtful(past.imports)
    assert (earlier.version, later.version) == ("2018-01-01-imported", "2018-01-09-imported")


def test_a_chain_of_corrections_leaves_the_last() -> None:
    past = past_of(
        imported("2018-01-01-imported", said("A", 0)),
        imported("2018-01-03-imported", said("A", 2), corrects="2018-01-01-imported"),
        imported("2018-01-02-imported", said("B", 1), corrects="2018-01-03-imported"),
    )
    assert past.corrected == {"2018-01-01-imported", "2018-01-03-imported"}
    assert on(past, START) == []
    assert on(past, START + timedelta(5)) == ["2018-01-02-imported"]
    assert not [*doubtful(past.imports)]


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (
            {"corrects": "2018-01-02-imported"},
            "corrects 2018-01-02-imported, which is not an earlier import",
        ),
        (
            {"corrects": "2018-01-04-imported"},
            "corrects 2018-01-04-imported, which is not an earlier import",
        ),
        ({"corrects": "2018-01-01-imported"}, "corrects 2018-01-01-imported a second time"),
        ({"repeats": "2018-01-03-imported"}, "repeats 2018-01-03-imported, which has another"),
    ],
)
def test_verify_finds_corrections_that_cannot_be(about: dict[str, str], reason: str) -> None:
    past = past_of(
        imported("2018-01-01-imported", said("A", 0)),
        imported("2018-01-03-imported", said("B", 2), corrects="2018-01-01-imported"),
        imported("2018-01-04-imported", said("A", 3, "nl")),
        imported("2018-01-09-imported", said("A", 8), **about),
    )
    found = [*impossible({each.name: each for each in past.imports})]
    assert len(found) == 1
    assert reason in found[0][1]


def test_an_entry_from_before_these_fields_keeps_its_bytes() -> None:
    old = imported("2018-01-01-imported", said("A", 0))
    assert b"corrects" not in entry_bytes(old)
    assert b"repeats" not in entry_bytes(old)
    new = old.model_copy(update={"corrects": "2017-01-01-imported"})
    assert b'"corrects": "2017-01-01-imported"' in entry_bytes(new)
    assert read_entry(entry_bytes(new)) == new
