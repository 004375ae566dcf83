"""What was in force when, against a telling that goes through it day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import entry, ledger

from publisher.archive.past import Past
from publisher.archive.timeline import Timeline
from publisher.model.ledger import Entry

START = date(2025, 1, 1)
LENGTH = 40


@dataclass
class Event:
    """What happens on a day: a release with a delay, a reschedule, or a retirement."""

    kind: str
    day: int
    delay: int
    locale: str | None


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(["release", "release", "release", "reschedule", "retire"]),
        st.integers(0, 6),
        st.integers(0, 8),
        st.sampled_from([None, None, "en", "nl"]),
    ),
    min_size=1,
    max_size=8,
)


def told(events: list[Event]) -> tuple[list[Entry], dict[int, dict[str | None, str | None]]]:
    """Return entries that commands would allow, and what is in force each day, by locale."""
    entries: list[Entry] = []
    starts: dict[str, int] = {}
    versions: list[tuple[str, int]] = []
    ends: list[tuple[int, int, str | None]] = []
    today = 0
    for event in events:
        today += event.day
        day = START + timedelta(days=today)
        match event.kind:
            case "release":
                start = max([today + event.delay, *starts.values()])
                same = sum(version.startswith(day.isoformat()) for version in starts)
                version = day.isoformat() + (f".{same + 1}" if same else "")
                entries.append(
                    entry("release", day, version=version, in_force_from=START + timedelta(start))
                )
                starts[version] = start
                versions.append((version, len(entries)))
            case "reschedule" if versions and starts[versions[-1][0]] > today:
                version = versions[-1][0]
                start = max([today + event.delay, *(starts[v] for v, _ in versions[:-1])])
                entries.append(
                    entry(
                        "reschedule", day, version=version, in_force_from=START + timedelta(start)
                    )
                )
                starts[version] = start
            case "retire" if versions:
                on = today + event.delay
                entries.append(entry("retire", day, on=START + timedelta(on), locale=event.locale))
                ends.append((on, len(entries), event.locale))
    answers: dict[int, dict[str | None, str | None]] = {}
    for at in range(LENGTH):
        answers[at] = {}
        for locale in (None, "en"):
            found = None
            for version, number in versions:
                if starts[version] <= at:
                    gone = any(
                        on <= at
                        and (which in (None, locale) or (locale is None and which == "en"))
                        and not (number > ended and starts[version] >= on)
                        for on, ended, which in ends
                    )
                    found = None if gone else version
            answers[at][locale] = found
    return entries, answers


@given(EVENTS)
def test_what_is_in_force_each_day(events: list[Event]) -> None:
    entries, answers = told(events)
    if not entries:
        return
    made = ledger(entries)
    timeline = Timeline(made)
    for at, expected in answers.items():
        day = START + timedelta(days=at)
        for locale, version in expected.items():
            newest = timeline.newest(day)
            if newest is not None and timeline.ended(newest, day, locale):
                newest = None
            assert (newest.version if newest else None) == version, (day, locale)


@given(EVENTS)
def test_periods_agree_with_what_is_in_force(events: list[Event]) -> None:
    entries, answers = told(events)
    if not entries:
        return
    made = ledger(entries)
    timeline = Timeline(made)
    for at, expected in answers.items():
        day = START + timedelta(days=at)
        for release in made.releases():
            period = timeline.period(release, day)
            within = period.since <= day and (period.until is None or day <= period.until)
            assert within is (expected[None] == release.version), (day, release.version)
            assert (period.state == "in force") is within
            assert period.state != "upcoming" or (period.since > day and not period.empty)
        upcoming = [each.version for each in timeline.upcoming(day)]
        assert upcoming == [
            each.version
            for each in reversed([*made.releases()])
            if timeline.period(each, day).state == "upcoming"
        ]


CLAIMS = st.lists(
    st.tuples(st.sampled_from(["import", "reconstruct"]), st.integers(-20, 20), st.integers(0, 9)),
    max_size=6,
)


@given(EVENTS, CLAIMS)
def test_what_was_not_released_moves_nothing_that_was(
    events: list[Event], claims: list[tuple[str, int, int]]
) -> None:
    entries, _ = told(events)
    before = ledger(entries)
    first = Timeline(before).first
    mixed = list(entries)
    for number, (kind, at, place) in enumerate(claims):
        day = START + timedelta(days=at)
        if first is None or day < first:
            suffix = "imported" if kind == "import" else "reconstructed"
            digest = f"{number:064}"
            about = {"version": f"{day}.{number + 2}-{suffix}"}
            if kind == "import":
                about["files"] = {"en/policy.pdf": {"name": "old.pdf", "digest": digest}}  # type: ignore[assignment]
            mixed.insert(place, entry(kind, day, **about))
    after = ledger(mixed)
    timeline, past = Timeline(after), Past(after, Timeline(after))
    for at in range(-25, LENGTH):
        day = START + timedelta(days=at)
        old, new = Timeline(before).newest(day), timeline.newest(day)
        assert (old and old.version) == (new and new.version)
        if new is not None:
            assert past.on(day) == (), "a released version is in force"
        found = past.on(day)
        kinds = [each.kind for each in found]
        assert kinds == sorted(kinds), "imported ones come first"
        assert len(kinds) == len(set(kinds)), "one of each origin counts"
    for release, other in zip(before.releases(), after.releases(), strict=True):
        assert Timeline(before).period(release, START) == timeline.period(other, START)


def test_a_document_imported_again_is_corrected() -> None:
    days = date(2018, 5, 25), date(2019, 5, 25)
    made = ledger([entry("import", day) for day in days])
    past = Past(made, Timeline(made))
    assert past.corrected == {"2018-05-25-imported"}
    assert past.on(date(2018, 6, 1)) == ()
    assert [each.version for each in past.on(date(2019, 6, 1))] == ["2019-05-25-imported"]


@pytest.mark.parametrize(
    ("zone", "last_second"),
    [
        ("Europe/Brussels", datetime(2025, 3, 13, 22, 59, 59, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2025, 3, 13, 10, 59, 59, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2025, 3, 14, 9, 59, 59, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2025, 3, 13, 9, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_version_comes_into_force_at_midnight_where_the_brand_is(
    zone: str, last_second: datetime
) -> None:
    timeline = Timeline(
        ledger(
            [
                entry("release", date(2025, 3, 1), zone),
                entry("release", date(2025, 3, 2), zone, in_force_from=date(2025, 3, 14)),
            ]
        )
    )
    newest = timeline.newest(last_second)
    assert newest is not None
    assert newest.version == "2025-03-01"
    newest = timeline.newest(last_second + timedelta(seconds=1))
    assert newest is not None
    assert newest.version == "2025-03-02"


def test_midnight_of_the_day_on_which_clocks_change() -> None:
    timeline = Timeline(ledger([entry("release", date(2025, 3, 30))]))
    assert timeline.newest(datetime(2025, 3, 29, 22, 59, 59, tzinfo=UTC)) is None
    assert timeline.newest(datetime(2025, 3, 29, 23, 0, tzinfo=UTC)) is not None
    timeline = Timeline(ledger([entry("release", date(2025, 10, 27))]))
    assert timeline.newest(datetime(2025, 10, 26, 22, 59, 59, tzinfo=UTC)) is None
    assert timeline.newest(datetime(2025, 10, 26, 23, 0, tzinfo=UTC)) is not None


def test_each_version_counts_in_the_zone_recorded_with_it() -> None:
    timeline = Timeline(
        ledger(
            [
                entry("release", date(2025, 3, 1), "Europe/Brussels"),
                entry("release", date(2025, 3, 14), "Pacific/Auckland"),
            ]
        )
    )
    newest = timeline.newest(datetime(2025, 3, 13, 11, 0, tzinfo=UTC))
    assert newest is not None
    assert newest.version == "2025-03-14"
