"""What was in force when, against a plain replay of the entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import entry, ledger

from publisher.archive.before_release import Past
from publisher.archive.entries import Entry
from publisher.archive.in_force import InForce
from publisher.archive.moments import clock, day_in, first_moment, last_moment, parse_when
from publisher.archive.timeline import Timeline
from publisher.errors import AskedWrongly, NotInForce

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
CLOCKS = {
    "Europe/Brussels": date(2026, 3, 29),
    "Australia/Lord_Howe": date(2026, 4, 5),  # by half an hour
    "America/Sao_Paulo": date(2018, 11, 4),  # midnight does not exist
    "Asia/Beirut": date(2022, 3, 27),
    "Africa/Cairo": date(2023, 4, 28),
    "America/Havana": date(2025, 11, 2),  # midnight occurs twice, on one day
    "America/St_Johns": date(2006, 10, 29),  # a minute after midnight, the day before comes again
    "Pacific/Apia": date(2011, 12, 30),  # a day that did not exist
    "Pacific/Auckland": date(2026, 4, 5),
}
"""Time zones, each with a day on which its clocks change."""


@dataclass(frozen=True)
class Event:
    """What happens some minutes after the event before: a release, a reschedule, a retirement."""

    kind: str
    minutes: int
    delay: int
    locale: str | None
    moves: bool


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(["release", "release", "release", "reschedule", "retire"]),
        st.sampled_from([0, 1, 45, 200, 500, 900, 1440, 2880]),
        st.sampled_from([0, 0, 0, 1, 2, 4]),
        st.sampled_from([None, None, "en", "nl"]),
        st.sampled_from([False, False, False, False, True]),
    ),
    min_size=1,
    max_size=7,
)
ZONES = st.sampled_from([*CLOCKS])


@cache
def begins(day: date, zone: str) -> datetime:
    """Return the first moment of a day, found by going through its minutes and those around it."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(ZoneInfo(zone)).date() < day:
        at += timedelta(minutes=1)
    return at


class Replay:
    """Entries that commands would allow, and what a plain reading of them comes to."""

    def __init__(self, events: list[Event], zone: str, other: str) -> None:
        self.entries: list[Entry] = []
        self.days: dict[str, date] = {}
        self.versions: list[tuple[str, int]] = []
        self.starts: dict[str, datetime] = {}
        self.locales: dict[str, dict[str, object]] = {}
        self.retired: list[tuple[datetime, int, str | None]] = []
        self.zone = zone
        self.now = begins(CLOCKS[zone] - 2 * DAY, zone)
        for event in events:
            self.now += timedelta(minutes=event.minutes)
            self.zone = other if event.moves else self.zone
            getattr(self, event.kind)(event, day_in(self.now, self.zone))

    def effect(self, day: date, today: date) -> datetime:
        return begins(day, self.zone) if day > today else self.now

    def add(self, kind: str, day: date, **about: object) -> None:
        made = entry(kind, day, self.zone, **about)
        self.entries.append(made.model_copy(update={"recorded_at": self.now}))

    def release(self, event: Event, today: date) -> None:
        if any(version[:10] > str(today) for version in self.days):
            return  # refused: the zone has changed, and it is yesterday again
        day = max([today + event.delay * DAY, *self.days.values()])
        same = sum(version[:10] == str(today) for version in self.days)
        version = str(today) + (f".{same + 1}" if same else "")
        said = {"last_updated": today, "words": "0" * 64}
        locales = {"en": said} if event.locale == "en" else {"en": said, "nl": said}
        self.add("release", today, version=version, in_force_from=day, locales=locales)
        self.days[version], self.starts[version] = day, self.effect(day, today)
        self.versions.append((version, len(self.entries)))
        self.locales[version] = locales

    def reschedule(self, event: Event, today: date) -> None:
        if not self.versions or self.days[self.versions[-1][0]] <= today:
            return
        version = self.versions[-1][0]
        day = max([today + event.delay * DAY, *(self.days[v] for v, _ in self.versions[:-1])])
        self.add("reschedule", today, version=version, in_force_from=day)
        self.days[version], self.starts[version] = day, self.effect(day, today)

    def retire(self, event: Event, today: date) -> None:
        if self.versions:
            day = today + event.delay * DAY
            self.add("retire", today, on=day, locale=event.locale)
            self.retired.append((self.effect(day, today), len(self.entries), event.locale))

    def at(self, moment: datetime, locale: str | None) -> str | None:
        """Return the version in force at a moment, in a locale or in any."""
        begun = [pair for pair in self.versions if self.starts[pair[0]] <= moment]
        if not begun:
            return None
        version, number = begun[-1]
        locales = self.locales[version]
        if locale is None:
            there = any(self.spoken(version, number, name, moment) for name in locales)
        else:
            there = locale in locales and self.spoken(version, number, locale, moment)
        return version if there else None

    def spoken(self, version: str, number: int, locale: str, moment: datetime) -> bool:
        return not any(
            at <= moment
            and which in (None, locale)
            and not (number > ended and self.starts[version] >= at)
            for at, ended, which in self.retired
        )

    def boundaries(self) -> list[datetime]:
        """Return every moment at which something can begin or end."""
        return [*self.starts.values(), *(at for at, _, _ in self.retired)]

    def moments(self) -> set[datetime]:
        return {at + by for at in self.boundaries() for by in (-TICK, 0 * TICK, TICK)} | {self.now}


@given(EVENTS, ZONES, ZONES)
def test_what_is_in_force_at_each_moment(events: list[Event], zone: str, other: str) -> None:
    replay = Replay(events, zone, other)
    if not replay.versions:
        return
    made = ledger(replay.entries)
    timeline = Timeline(made)
    for moment in replay.moments():
        for locale in (None, "en", "nl"):
            expected = replay.at(moment, locale)
            newest = timeline.newest(moment)
            if newest is not None and (
                timeline.ended(newest, moment, locale) or locale not in (None, *newest.locales)
            ):
                newest = None
            assert (newest.version if newest else None) == expected, (moment, locale)
            for release in made.releases():
                period = timeline.period(release, moment, locale)
                within = period.meets(moment, moment) and locale in (None, *release.locales)
                assert within is (expected == release.version), (moment, release.version)
                if locale is None:
                    assert (period.state == "in force") is within
                    assert period.state != "upcoming" or period.begins > moment
        upcoming = [release.version for release in timeline.upcoming(moment)]
        assert upcoming == [
            release.version
            for release in reversed([*made.releases()])
            if timeline.period(release, moment).state == "upcoming"
        ]


@given(EVENTS, ZONES)
def test_every_text_of_a_day_is_named(events: list[Event], zone: str) -> None:
    replay = Replay(events, zone, zone)
    if not replay.versions:
        return
    known = InForce(ledger(replay.entries), replay.now + 20 * DAY)
    for on in (CLOCKS[zone] + at * DAY for at in range(-3, 9)):
        first, last = begins(on, zone), begins(on + DAY, zone) - TICK
        if first > last:  # Apia slept through it
            with pytest.raises(AskedWrongly, match="2011-12-30 was skipped in Pacific/Apia"):
                known.asked(on)
            continue
        inside = sorted({first, *(at for at in replay.boundaries() if first <= at <= last)})
        for locale in ("en", "nl"):
            expected = [replay.at(at, locale) for at in inside if at <= last]
            named = list(dict.fromkeys(version for version in expected if version))
            asked = known.asked(on)
            found = [text.version.version for text in known.texts(asked, locale)]
            assert found == named, (on, locale)
            assert (asked.first, asked.last + timedelta.resolution) == (first, last + TICK)
            if replay.at(last, None) is not None:
                assert known.on(asked)[0].version == replay.at(last, None)
    for release in known.ledger.releases():
        period = known.period(release)
        days = [day for day in _days(zone) if replay_has(replay, release.version, day, zone)]
        assert period.empty is not bool(days)
        assert (period.until is None) is (period.ends is None)
        if days and days[-1] < CLOCKS[zone] + 20 * DAY:
            assert (period.since, period.until) == (days[0], days[-1]) or zone == "Pacific/Apia"


def _days(zone: str) -> Iterator[date]:
    return (CLOCKS[zone] + at * DAY for at in range(-3, 22))


def replay_has(replay: Replay, version: str, on: date, zone: str) -> bool:
    first, end = begins(on, zone), begins(on + DAY, zone)
    inside = [first, *(at for at in replay.boundaries() if first <= at < end)]
    return first < end and any(replay.at(at, None) == version for at in inside)


CLAIMS = st.lists(
    st.tuples(st.sampled_from(["import", "reconstruct"]), st.integers(-20, 20), st.integers(0, 9)),
    max_size=6,
)


@given(EVENTS, ZONES, CLAIMS)
def test_what_was_not_released_moves_nothing_that_was(
    events: list[Event], zone: str, claims: list[tuple[str, int, int]]
) -> None:
    entries = Replay(events, zone, zone).entries
    before = ledger(entries)
    first = Timeline(before).first
    mixed = list(entries)
    for number, (kind, at, place) in enumerate(claims):
        day = CLOCKS[zone] + at * DAY
        if first is None or day < first:
            suffix = "imported" if kind == "import" else "reconstructed"
            digest = f"{number:064}"
            about = {"version": f"{day}.{number + 2}-{suffix}"}
            if kind == "import":
                about["files"] = {"en/policy.pdf": {"name": "old.pdf", "digest": digest}}  # type: ignore[assignment]
            mixed.insert(place, entry(kind, day, zone, **about))
    after = ledger(mixed)
    timeline, past = Timeline(after), Past(after, Timeline(after))
    opened = timeline.begin(timeline.earliest) if timeline.earliest else None
    for at in range(-25, 20):
        moment = first_moment(CLOCKS[zone] + at * DAY, zone)
        old, new = Timeline(before).newest(moment), timeline.newest(moment)
        assert (old and old.version) == (new and new.version)
        texts = past.during(moment, moment)
        if new is not None:
            assert texts == (), "a released version is in force"
        kinds = [text.version.kind for text in texts]
        assert kinds == sorted(kinds), "imported ones come first"
        days = {(text.version.kind, text.period.since) for text in texts}
        assert len(days) == len(set(kinds)), "those of one day count, of each origin"
        if opened is not None and texts and begins(CLOCKS[zone] + (at + 1) * DAY, zone) > opened:
            assert all(text.period.ends == opened for text in past.during(opened - TICK, opened))
    for release, other in zip(before.releases(), after.releases(), strict=True):
        moment = first_moment(CLOCKS[zone], zone)
        assert Timeline(before).period(release, moment) == timeline.period(other, moment)


def test_a_document_imported_again_is_corrected() -> None:
    days = date(2018, 5, 25), date(2019, 5, 25)
    made = ledger([entry("import", day) for day in days])
    past = Past(made, Timeline(made))
    assert past.corrected == {"2018-05-25-imported"}
    june = datetime(2018, 6, 1, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC)
    assert past.during(june[0], june[0]) == ()
    (text,) = past.during(june[1], june[1])
    assert text.version.version == "2019-05-25-imported"


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
    newest = timeline.newest(last_second + TICK)
    assert newest is not None
    assert newest.version == "2025-03-02"


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 3, 29), "Europe/Brussels", "2026-03-28T23:00:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00:00"),  # 01:00 there
        (date(2018, 2, 18), "America/Sao_Paulo", "2018-02-18T03:00:00"),  # 23:00 came twice before
        (date(2022, 3, 27), "Asia/Beirut", "2022-03-26T22:00:00"),
        (date(2023, 4, 28), "Africa/Cairo", "2023-04-27T22:00:00"),
        (date(2025, 11, 2), "America/Havana", "2025-11-02T04:00:00"),  # the first of two midnights
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00:00"),  # where the next one begins
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-30T10:00:00"),
    ],
)
def test_a_day_begins_at_its_first_moment(day: date, zone: str, expected: str) -> None:
    assert first_moment(day, zone).replace(tzinfo=None).isoformat() == expected
    assert begins(day, zone) == first_moment(day, zone)


@pytest.mark.parametrize("day", [date.min, date(1, 1, 2), date(9999, 12, 30), date.max])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_ends_of_the_calendar(day: date, zone: str) -> None:
    assert first_moment(day, zone) <= last_moment(day, zone)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    known = InForce(ledger([entry("release", date(2025, 3, 1), zone)]), now)
    with pytest.raises(NotInForce):
        known.on(known.asked(day))


def test_each_version_counts_in_the_zone_recorded_with_it() -> None:
    timeline = Timeline(
        ledger(
            [
                entry("release", date(2025, 3, 1), "Europe/Brussels"),
                entry(
                    "release",
                    date(2025, 3, 13),
                    "Pacific/Auckland",
                    in_force_from=date(2025, 3, 14),
                ),
            ]
        )
    )
    newest = timeline.newest(datetime(2025, 3, 13, 11, 0, tzinfo=UTC))
    assert newest is not None
    assert newest.version == "2025-03-13"
    assert timeline.zone(date(2025, 3, 12)) == "Europe/Brussels"
    assert timeline.zone(date(2025, 3, 13)) == "Pacific/Auckland"


def test_versions_of_a_day_to_come_are_left_unread() -> None:
    made = ledger([entry("release", date(2025, 1, 1) + at * DAY) for at in range(300)])
    read: list[int] = []
    whole = made.entry
    made.entry = lambda sequence: (read.append(sequence), whole(sequence))[1]  # type: ignore[method-assign]
    known = InForce(made, datetime(2026, 1, 1, tzinfo=UTC))
    asked = known.asked(date(2025, 2, 1))
    (version,) = known.on(asked)
    assert version.version == "2025-02-01"
    assert [text.version.version for text in known.texts(asked, "en")] == [
        "2025-01-31",
        "2025-02-01",
    ]
    known.period(version)
    assert len(set(read)) < 10


def test_a_time_that_clocks_show_twice_tells_which() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert clock(first, "Europe/Brussels") == "2026-10-25 02:30:00+02:00"
    assert clock(first + timedelta(hours=1), "Europe/Brussels") == "2026-10-25 02:30:00+01:00"
    later = first + timedelta(hours=2)
    assert clock(later, "Europe/Brussels") == "2026-10-25 03:30:00"
    assert clock(later.replace(microsecond=90797), "Europe/Brussels") == "2026-10-25 03:30:00"
    assert clock(later, "Europe/Brussels", date(2026, 10, 25)) == "03:30:00"


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-11-26T", "2026-11-26T25:00", "2026-11-26T24:00", "2026-11-26T09", "noon",
     "2026-11-26 09:00", "2026-11-26T09:00+25:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59Z",
     "２０２６-11-26", "2026-11-26T09:00:60", ""],
)  # fmt: skip
def test_what_is_no_day_and_no_moment(text: str) -> None:
    assert parse_when(text) is None
