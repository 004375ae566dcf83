"""What was in force on a day, in words: the answer, or exactly why there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.ledgers import entry, ledger

from publisher.archive.entries import Entry
from publisher.archive.in_force import InForce
from publisher.archive.moments import When
from publisher.errors import AskedWrongly, NeverReleased, NotInForce

BRUSSELS = ZoneInfo("Europe/Brussels")
ONE, TWO = date(2025, 1, 10), date(2025, 1, 20)
SPOKEN = {locale: {"last_updated": ONE, "words": "0" * 64} for locale in ("en", "nl")}


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BRUSSELS)


def release(day: date = ONE, hour: int = 12, **about: Any) -> Entry:
    """Return a version, which begins at the hour at which it was recorded."""
    return entry("release", day, **{"locales": SPOKEN, "recorded_at": at(day, hour)} | about)


def retire(day: date, hour: int = 18, **about: Any) -> Entry:
    return entry("retire", day, **{"on": day, "recorded_at": at(day, hour)} | about)


def imported(day: int, **about: Any) -> Entry:
    """Return an import that claims a day of January 2020; it was recorded years later."""
    claimed = date(2020, 1, day)
    files = {"en/policy.pdf": {"name": "old.pdf", "digest": f"{day:064}"}}
    version = {"version": f"{claimed}-imported", "claimed_date": claimed, "files": files}
    return entry("import", date(2024, 12, 1), **version | about)


def known(*entries: Entry, now: datetime | None = None) -> InForce:
    """Return what answers from entries at a moment: at noon of 1 June 2025."""
    return InForce(ledger(entries), now or at(date(2025, 6, 1), 12))


def refusal(answers: InForce, on: When | None = None, locale: str | None = None) -> str:
    """Return why nothing is in force on a day, as `get` asks for it."""
    with pytest.raises(NotInForce) as fault:  # noqa: PT012 - one question of `get`
        asked = answers.asked(on)
        (newest, *_) = answers.on(asked, locale)
        answers.refuse_retired(newest, asked, locale)
    return str(fault.value).removesuffix(". Nothing was written")


def test_a_brand_without_a_version_is_named() -> None:
    assert refusal(known()) == "alpha has no version"


def test_a_day_counts_in_the_zone_of_the_version_of_that_day() -> None:
    later = date(2025, 3, 1)
    there = entry("release", later, "America/New_York", locales=SPOKEN)
    answers = known(release(), there)
    assert [answers.asked(on).zone for on in (ONE, later, None)] == [
        "Europe/Brussels",
        "America/New_York",
        "America/New_York",
    ]


def test_of_today_only_what_is_over_is_asked() -> None:
    now = at(TWO, 9)
    asked = known(release(), now=now).asked(None)
    assert (asked.on, asked.first, asked.last) == (TWO, at(TWO, 0), now.astimezone(UTC))
    assert known(release(), now=now).asked(TWO) == asked
    assert known(release(), now=now).asked(ONE).last.astimezone(BRUSSELS).date() == ONE


def test_the_texts_of_a_day_are_those_of_its_hours() -> None:
    answers = known(imported(5), release(), release(TWO))
    for day, expected in (
        (date(2020, 1, 5), ["2020-01-05-imported"]),
        (ONE, ["2020-01-05-imported", "2025-01-10"]),
        (TWO, ["2025-01-10", "2025-01-20"]),
        (date(2025, 1, 21), ["2025-01-20"]),
    ):
        texts = answers.texts(answers.asked(day), "en")
        assert [text.version.version for text in texts] == expected
    asked = answers.asked(TWO)
    assert answers.earlier(asked, "en") == (
        ". Earlier that day, these were in force in en: 2025-01-10 until 12:00:00, then 2025-01-20 "
        "from 12:00:00 (Europe/Brussels); `--version 2025-01-20` gets the last of them"
    )
    assert answers.earlier(answers.asked(date(2020, 1, 5)), "en") == ""


def test_of_a_day_the_end_counts() -> None:
    """The later version counts, though the earlier one was in force for hours of the day."""
    answers = known(release(), release(TWO))
    assert [version.version for version in answers.on(answers.asked(TWO))] == ["2025-01-20"]
    across = imported(9, timezone="America/New_York")  # where the day begins six hours later
    answers = known(imported(5), across, imported(1, locale="nl"))
    assert answers.on(answers.asked(date(2020, 1, 9)), "en") == (answers.ledger.entry(2),)


@pytest.mark.parametrize(
    ("moment", "message"),
    [("2025-03-30T02:30", "is skipped by the clocks"), ("2025-10-26T02:30", "occurs twice")],
)
def test_a_moment_that_clocks_do_not_show_once_is_refused(moment: str, message: str) -> None:
    answers = known(release(), now=at(date(2025, 12, 1), 12))
    with pytest.raises(AskedWrongly, match=f"{moment}:00 {message} in Europe/Brussels: it can "):
        answers.asked(datetime.fromisoformat(moment))
    assert answers.asked(datetime.fromisoformat(f"{moment}+01:00")).on is None


def test_a_brand_with_two_names_is_answered_from_the_archives_of_both() -> None:
    former = known(release(), release(date(2025, 1, 12), in_force_from=date(2025, 7, 1)))
    own = known(release(TWO), release(date(2025, 1, 22), in_force_from=date(2025, 7, 15)))
    former.chain = own.chain = (own, former)
    texts = own.texts(own.asked(TWO), "en")
    assert [text.version.version for text in texts] == ["2025-01-10", "2025-01-20"]
    assert (
        "2025-01-20 is in force, and 2025-01-12 comes into force on 2025-07-01, then 2025-01-22 "
        "comes into force on 2025-07-15. "
    ) in refusal(own, date(2025, 8, 1))


def test_a_locale_ends_where_the_repository_was_without_it() -> None:
    made = entry("reconstruct", ONE, version="2020-01-02-reconstructed", revised=date(2020, 1, 2))
    made = made.model_copy(update={"locales": release().locales})  # type: ignore[union-attr]
    answers = known(made, entry("absence", ONE, on=date(2020, 2, 1)))
    (version,) = answers.on(answers.asked(date(2020, 1, 3)), "en")
    assert answers.period(version, "en").until == date(2020, 1, 31)
    assert answers.period(version, "nl").until is None


def test_a_locale_ends_when_it_is_retired() -> None:
    answers = known(release(), retire(TWO, locale="nl"))
    (version,) = answers.on(answers.asked(None))
    assert answers.period(version, "nl").ends == at(TWO, 18).astimezone(UTC)
    assert answers.period(version, "en").ends is None
    assert answers.period(version).ends is None
    assert answers.spoken(version, answers.asked(date(2025, 1, 19))) == ("en", "nl")
    assert answers.spoken(version, answers.asked(TWO)) == ("en",)


def test_an_import_ends_where_the_next_one_of_its_locale_begins() -> None:
    first = imported(1)
    answers = known(first, imported(5, locale="nl"), imported(9))
    (version,) = answers.on(answers.asked(date(2020, 1, 3)), "en")
    assert answers.period(version, "en").until == date(2020, 1, 8)


ENDED = "it was retired on 2025-01-20 18:00:00 (Europe/Brussels) (because)"
FIRST = "no version of alpha was in force: the first, 2025-01-10, was in force from"
UNKNOWN = "This archive does not know what was published before that"
REASONS: list[tuple[list[Entry], When, str | None, str]] = [
    (
        [release(), retire(TWO)],
        TWO,
        None,
        "from 2025-01-20 18:00:00 (Europe/Brussels) on, no version of alpha was in force: it was "
        "retired then (because). Earlier that day, this was in force in en: 2025-01-10 until "
        "18:00:00 (Europe/Brussels); `--version 2025-01-10` gets it",
    ),
    (
        [release(), release(TWO), retire(TWO)],
        TWO,
        "nl",
        "from 2025-01-20 18:00:00 (Europe/Brussels) on, no version of alpha was in force: it was "
        "retired then (because). Earlier that day, these were in force in nl: 2025-01-10 until "
        "12:00:00, then 2025-01-20 from 12:00:00 until 18:00:00 (Europe/Brussels); `--version "
        "2025-01-20` gets the last of them",
    ),
    (
        [release(), retire(TWO)],
        date(2025, 1, 21),
        None,
        f"on 2025-01-21, no version of alpha was in force: {ENDED}. The last one was 2025-01-10; "
        "`--version 2025-01-10` gets it",
    ),
    (
        [release(), retire(TWO, locale="nl")],
        datetime(2025, 1, 20, 18),  # noqa: DTZ001 - a moment of the brand's clocks
        "nl",
        f"at 2025-01-20 18:00:00 (Europe/Brussels), no version of alpha in nl was in force: {ENDED}"
        ". The last one was 2025-01-10; `--version 2025-01-10` gets it",
    ),
    ([release()], date(2025, 1, 9), None, f"on 2025-01-09, {FIRST} 2025-01-10. {UNKNOWN}"),
    (
        [release()],
        datetime(2025, 1, 10, 9),  # noqa: DTZ001 - a moment of the brand's clocks
        None,
        f"at 2025-01-10 09:00:00 (Europe/Brussels), {FIRST} 2025-01-10 12:00:00. {UNKNOWN}",
    ),
    (
        [release(in_force_from=date(2025, 8, 1))],
        date(2025, 1, 12),
        None,
        "on 2025-01-12, no version of alpha was in force: the first, 2025-01-10, is in force from "
        f"2025-08-01. {UNKNOWN}",
    ),
    (
        [imported(9), imported(5), imported(3, locale="nl")],
        date(2020, 1, 1),
        "en",
        "on 2020-01-01, no version of alpha was in force, as far as is known: the first, "
        f"2020-01-05-imported, is from 2020-01-05. {UNKNOWN}",
    ),
    (
        [
            imported(5),
            imported(7, corrects="2020-01-05-imported"),
            imported(9, version="unknown-imported", claimed_date=None),
        ],
        date(2020, 1, 1),
        None,
        "on 2020-01-01, no version of alpha was in force, as far as is known: the first, "
        "2020-01-07-imported, is from 2020-01-07. Imports of an unknown date: unknown-imported; "
        "`--version ID` gets one",
    ),
    (
        [
            entry("reconstruct", ONE, version="2020-01-02-reconstructed", revised=date(2020, 1, 2)),
            entry("absence", ONE, on=date(2020, 2, 1)),
            entry("reconstruct", ONE, version="2020-03-01-reconstructed", revised=date(2020, 3, 1)),
        ],
        date(2020, 2, 9),
        None,
        "on 2020-02-09, no version of alpha was in force, as far as is known: the repository says "
        "that it was not in en from 2020-02-01 on (commit 0000000000), until "
        "2020-03-01-reconstructed. The last text before that is 2020-01-02-reconstructed; "
        "`--version ID` gets it",
    ),
    (
        [release(), retire(TWO, on=date(2025, 7, 1))],
        date(2025, 8, 1),
        None,
        "2025-08-01 is in the future, so nobody knows yet what alpha will say then; today "
        "(2025-06-01), version 2025-01-10 is in force, and alpha is retired on 2025-07-01. `--version ID` "
        "gets a version",
    ),
    (
        [
            release(),
            release(TWO, in_force_from=date(2025, 7, 1)),
            release(TWO, version=f"{TWO}.2", in_force_from=date(2025, 9, 1)),
        ],
        date(2025, 8, 1),
        None,
        "2025-08-01 is in the future, so nobody knows yet what alpha will say then; today "
        "(2025-06-01), version 2025-01-10 is in force, and 2025-01-20 comes into force on 2025-07-01. "
        "`--version ID` gets a version",
    ),
    (
        [release(), retire(TWO)],
        datetime(2025, 6, 1, 13),  # noqa: DTZ001 - a moment of the brand's clocks
        None,
        "2025-06-01 13:00:00 (Europe/Brussels) is in the future, so nobody knows yet what alpha will "
        "say then; now, no version is in force, and nothing is scheduled until then. `--version "
        "ID` gets a version",
    ),
]


@pytest.mark.parametrize(("entries", "on", "locale", "reason"), REASONS, ids=map(str, range(13)))
def test_why_nothing_is_in_force(
    entries: list[Entry], on: When, locale: str | None, reason: str
) -> None:
    assert refusal(known(*entries), on, locale) == reason


def test_a_brand_without_a_version_is_not_suggested_for_itself() -> None:
    assert "did you mean" not in str(NeverReleased("alpha", ["alpha", "zulu"]))
