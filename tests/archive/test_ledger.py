"""The ledger: its form, and what its chain finds."""

from __future__ import annotations

import json
from datetime import date, timedelta

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.ledgers import chained, entry, ledger

from publisher.archive.entries import ENTRY, Record, entry_bytes, entry_name, read_entry, sha256
from publisher.archive.fields import next_version
from publisher.archive.folder import read_sums, sums_bytes
from publisher.archive.ledger import Ledger, in_order, misplaced
from publisher.errors import ArchiveDamaged, NewerArchive

LINES = st.text(min_size=1, max_size=20).map(lambda t: "x" + "".join(t.split())).filter(
    lambda t: "\n" not in t
)  # fmt: skip
DAYS = st.dates(date(1999, 1, 1), date(2099, 1, 1))
ENTRIES = st.one_of(
    st.builds(lambda on, s: entry("release", on, summary=s), DAYS, st.none() | LINES),
    st.builds(
        lambda on, to, why: entry(
            "reschedule", on, version=on.isoformat(), in_force_from=to, reason=why
        ),
        DAYS,
        DAYS,
        LINES,
    ),
    st.builds(lambda on, why: entry("retire", on, reason=why, locale="nl-BE"), DAYS, LINES),
    st.builds(lambda on, why: entry("import", on, provenance=why), DAYS, LINES),
    st.builds(lambda on: entry("reconstruct", on), DAYS),
    st.builds(lambda on, who: entry("timestamp", on, authority=who), DAYS, LINES),
    st.builds(lambda on, who: entry("redact", on, authority=who), DAYS, LINES),
    st.builds(lambda on, why: entry("endorse", on, reason=why), DAYS, LINES),
    st.builds(lambda on, why: entry("retire", on, unsigned=why), DAYS, st.none() | LINES),
)

SCHEMA = jsonschema.Draft202012Validator(ENTRY.json_schema())


@given(ENTRIES)
def test_an_entry_has_one_form(made: object) -> None:
    data = entry_bytes(made)  # type: ignore[arg-type]
    assert read_entry(data) == made
    assert entry_bytes(read_entry(data)) == data
    SCHEMA.validate(json.loads(data))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"format": 1', b'"format": 0'),
        (b'"kind": "release"', b'"kind": 1'),
        (b'"recorded_at": "2025-03-14T12:00:00+01:00"', b'"recorded_at": "2025-03-14T12:00:00"'),
        (b'"version": "2025-03-14"', b'"version": "2025-03-34"'),
        (b'"version": "2025-03-14"', b'"version": "../../etc"'),
        (b'"summary"', b'"summarz"'),
        (b'"format": 1,\n "sequence": 1', b'"format": 2,\n "sequence": 0'),
        (b'"release",\n "brand": "alpha"', b'"other",\n "brand": "A"'),
        (b'"previous": null', b'"previous": "ABC"'),
    ],
)
def test_another_form_is_refused(old: bytes, new: bytes) -> None:
    data = entry_bytes(entry("release", date(2025, 3, 14)))
    assert old in data
    with pytest.raises(ValueError, match=r"\w"):
        read_entry(data.replace(old, new))


@given(st.lists(DAYS, min_size=2, max_size=5), st.data())
def test_any_flipped_bit_before_the_newest_entry_is_found(
    days: list[date], data: st.DataObject
) -> None:
    records = chained([entry("release", day) for day in days])
    at = data.draw(st.integers(0, len(records) - 2))
    said = bytearray(records[at].data)
    bit = data.draw(st.integers(0, len(said) * 8 - 1))
    said[bit // 8] ^= 1 << bit % 8
    records[at] = Record(records[at].name, bytes(said))
    with pytest.raises(ArchiveDamaged):
        Ledger("alpha", records)


@pytest.mark.parametrize("change", ["gap", "swap", "name", "kind", "first"])
def test_gaps_and_other_orders_are_found(change: str) -> None:
    records = chained(entry("release", date(2025, 1, day)) for day in (1, 2, 3))
    match change:
        case "gap":
            del records[1]
        case "swap":
            records[0], records[1] = records[1], records[0]
        case "name":
            records[2] = Record("3-release-2025-01-03.json", records[2].data)
        case "kind":
            records[2] = Record("0003-notify-2025-01-03.json", records[2].data)
        case "first":
            del records[0]
    with pytest.raises(ArchiveDamaged):
        Ledger("alpha", records)


@pytest.mark.parametrize(
    ("name", "expected", "message"),
    [
        ("0001-release-2025-13-01.json", 1, "has a name that no entry can have"),
        ("0002-release-2025-01-02.json", 3, "is a second entry 2"),
        ("0003-release-2025-01-03.json", 2, "follows a gap: entry 2 is missing"),
        ("0004-release-2025-01-04.json", 2, "follows a gap: entries 2 to 3 are missing"),
    ],
)
def test_a_file_in_the_place_of_another_entry_is_named(
    name: str, expected: int, message: str
) -> None:
    assert misplaced(entry_name(name), expected) == message


def test_entries_are_sorted_by_number_without_what_is_attached_to_them() -> None:
    names = [f"{number:04}-release-2025-01-01.json" for number in (9999, 10000, 10001, 2)]
    attached = [f"{names[0]}.sig", f"{names[0]}.tsr", f"{names[0]}.old", "notes.sig"]
    strange = [f"{'9' * 5000}-x.json", "notes.txt", "٣-release-2025-01-01.json", "x.json.bak"]
    ordered = [*sorted(strange), names[3], *names[:3]]
    assert in_order([*names, *attached, *strange]) == ordered


@pytest.mark.parametrize(
    ("old", "new", "unknown"),
    [
        (b' "reason"', b' "notice": 1,\n "reason"', "unknown field 'notice'"),
        (b'"format": 1', b'"format": 2', "unknown format 2"),
        (b'"kind": "retire"', b'"kind": "freeze"', "unknown kind 'freeze'"),
    ],
)
def test_what_is_unknown_in_an_entry_is_seen_before_it_is_read(
    old: bytes, new: bytes, unknown: str
) -> None:
    (record,) = chained([entry("retire", date(2025, 1, 1), reason="Sold", locale=None)])
    name = record.name.replace("retire", "freeze") if "kind" in unknown else record.name
    with pytest.raises(NewerArchive, match=unknown):
        Ledger("alpha", [Record(name, record.data.replace(old, new))])


def test_an_entry_in_which_a_name_stands_twice_is_damaged() -> None:
    (record,) = chained([entry("release", date(2025, 1, 1))])
    newer = b'"locales": {"en": {"last_updated": "2025-01-01", "words": "", "notice": 1}, '
    for twice in (newer, b'"notice": 1,\n "notice": 2,\n "locales": {'):
        damaged = record.data.replace(b'"locales": {', twice)
        with pytest.raises(ArchiveDamaged, match="is not a ledger entry"):
            Ledger("alpha", [Record(record.name, damaged)])


@pytest.mark.parametrize(
    ("number", "message"),
    [(1, "is a second entry 1"), (3, "follows a gap: entry 2 is missing")],
)
def test_numbers_count_though_the_chain_holds(number: int, message: str) -> None:
    (first,) = chained([entry("release", date(2025, 1, 1))])
    about = {"sequence": number, "previous": sha256(first.data)}
    second = entry("release", date(2025, 1, 2), **about)
    with pytest.raises(ArchiveDamaged, match=message):
        Ledger("alpha", [first, Record(second.name, entry_bytes(second))])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b' "reason"', b' "notice": 1,\n "reason"', "0001-retire-2025-01-01.json"),
        (b'"kind": "retire"', b'"kind": "freeze"', "entry 1, freeze"),
    ],
)
def test_an_entry_of_a_newer_publisher_has_its_own_name(
    old: bytes, new: bytes, message: str
) -> None:
    (record,) = chained([entry("retire", date(2025, 1, 1), reason="Sold", locale=None)])
    renamed = Record("0001-retire-2025-01-02.json", record.data.replace(old, new))
    with pytest.raises(ArchiveDamaged, match=f"says that it is {message}"):
        Ledger("alpha", [renamed]).entry(1)


def test_an_altered_entry_is_found_by_the_next_one() -> None:
    first, second = chained(entry("release", date(2025, 1, day)) for day in (1, 2))
    altered = Record(first.name, first.data.replace(b"Ops", b"Sop"))
    with pytest.raises(ArchiveDamaged, match=r"0002-release.* does not hold the SHA-256 of the"):
        Ledger("alpha", [altered, second])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b' "brand"', b' "brand": "beta",\n "brand"', "is not in the one form"),
        (b'"format": 1', b'"format":  1', "is not in the one form"),
        (b'"Ops', b'"\\u004fps', "is not in the one form"),
        (b'"format": 1,', b'"format": 1', "is not a ledger entry"),
        (b' "sequence": 2', b' "sequence": 3', "says that it is 0003-release-2025-01-02.json"),
    ],
)
def test_the_newest_entry_which_no_other_one_proves_is_read_before_any_answer(
    old: bytes, new: bytes, message: str
) -> None:
    first, newest = chained(entry("release", date(2025, 1, day)) for day in (1, 2))
    assert old in newest.data
    altered = Record(newest.name, newest.data.replace(old, new))
    with pytest.raises(ArchiveDamaged, match=f"{newest.name} {message}"):
        Ledger("alpha", [first, altered])


def test_an_entry_of_another_brand_is_found() -> None:
    records = chained([entry("release", date(2025, 1, 1), brand="beta")])
    with pytest.raises(ArchiveDamaged, match="says that it is of the brand beta"):
        Ledger("alpha", records).entry(1)


def test_a_version_is_asked_for_by_its_id_alone() -> None:
    """A retirement may be named after the day of a later version."""
    day, other = date(2025, 1, 1), date(2025, 6, 1)
    retired = entry("retire", day, on=other, reason="Sold", locale=None)
    made = ledger([entry("release", day), retired, entry("import", day), entry("release", other)])
    assert made.version(other.isoformat()) == made.entry(4)
    assert made.version("2025-06-02") is None
    assert made.version_ids == ("2025-01-01", "2025-01-01-imported", "2025-06-01")
    assert [version.version for version in made.versions()] == [*reversed(made.version_ids)]
    assert [release.sequence for release in made.releases()] == [4, 1]
    assert [made.digest(number) for number in range(1, 5)] == [
        sha256(entry_bytes(made.entry(number))) for number in range(1, 5)
    ]


def test_an_entry_says_why_it_is_not_signed_only_if_it_is_not() -> None:
    data = entry_bytes(entry("release", date(2025, 3, 14)))
    assert b"unsigned" not in data
    key = f"SHA256:{'A' * 43}"
    with pytest.raises(ValueError, match="does not say why it is not"):
        entry("release", date(2025, 3, 14), signer=key, unsigned="The key is in the safe")


def test_an_entry_that_says_another_name_is_found() -> None:
    records = chained([entry("release", date(2025, 1, 1))])
    renamed = Record("0001-release-2025-01-02.json", records[0].data)
    with pytest.raises(ArchiveDamaged, match=r"says that it is 0001-release-2025-01-01\.json"):
        Ledger("alpha", [renamed])


def test_a_ledger_has_more_than_9999_entries() -> None:
    assert entry_name("10000-release-2025-01-01.json") is not None
    assert entry_name("09999-release-2025-01-01.json") is None
    assert entry_name("0001-release-2025-13-01.json") is None


@given(st.integers(1, 12), DAYS)
def test_versions_of_other_origins_say_so(number: int, day: date) -> None:
    taken: list[str] = []
    for _ in range(number):
        taken.append(next_version(day, frozenset(taken), "-imported"))
    assert taken[1:] == [f"{day.isoformat()}.{n}-imported" for n in range(2, number + 1)]
    assert all(entry("import", day, version=version) for version in taken)
    assert next_version(None, frozenset(), "-imported") == "unknown-imported"


@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("release", "2025-01-01-imported"),
        ("release", "unknown"),
        ("import", "2025-01-01"),
        ("import", "2025-01-01-reconstructed"),
        ("import", "2025-01-01-imported.2"),
        ("reconstruct", "unknown-reconstructed"),
        ("redact", "2025-01-01-other"),
    ],
)
def test_an_id_that_the_kind_cannot_have_is_refused(kind: str, version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        entry(kind, date(2025, 1, 1), version=version)


@pytest.mark.parametrize(
    "file", ["policy.pdf", "../policy.pdf", "en//policy.pdf", "/en/policy.pdf", "en/a\0.pdf"]
)
def test_a_redacted_file_is_one_of_its_version(file: str) -> None:
    with pytest.raises(ValueError, match="in the folder of its locale"):
        entry("redact", date(2025, 1, 1), file=file)


@given(st.integers(1, 12), DAYS)
def test_versions_of_one_day_are_numbered(number: int, day: date) -> None:
    taken: list[str] = []
    for _ in range(number):
        taken.append(next_version(day, frozenset(taken)))
    assert taken[0] == day.isoformat()
    assert taken[1:] == [f"{day.isoformat()}.{n}" for n in range(2, number + 1)]
    made = ledger([entry("release", day, version=version) for version in taken])
    assert made.version_ids == tuple(taken)


PATHS = st.from_regex(r"[a-z]{2}/policy\.(md|pdf)", fullmatch=True)


@given(st.dictionaries(PATHS, st.binary(), min_size=1, max_size=5), st.data())
def test_sums_have_one_form(files: dict[str, bytes], data: st.DataObject) -> None:
    sums = sums_bytes(files)
    assert read_sums(sums) == {path: sha256(content) for path, content in files.items()}
    said = bytearray(sums)
    bit = data.draw(st.integers(0, len(said) * 8 - 1))
    said[bit // 8] ^= 1 << bit % 8
    other = read_sums(bytes(said))
    assert other is None or other != read_sums(sums)


def test_sums_that_only_sha256sum_accepts_are_refused() -> None:
    sums = sums_bytes({"en/policy.md": b"a", "en/policy.pdf": b"b"})
    one, two = sums.splitlines(keepends=True)
    for other in (sums.upper(), two + one, one, sums.replace(b"  ", b" *"), sums + b"\n"):
        assert (read_sums(other) or {}) != read_sums(sums)
    assert read_sums(two + one) is None


def test_days_apart() -> None:
    day = date(2025, 1, 1)
    records = chained(entry("release", day + timedelta(days=n)) for n in range(3))
    assert [r.name for r in records][-1] == "0003-release-2025-01-03.json"
