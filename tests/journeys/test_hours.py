"""What was in force, to the second: two releases on one day, and all else that happens within one."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Run
from support.archives import archive, released, say
from support.documents import LANGUAGES
from support.ledgers import chained, entry
from support.letters import LETTER, text, unpacked
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.archive.entries import Entry, sha256
from publisher.archive.evidence.bundle import bundle
from publisher.archive.folder import sums_bytes
from publisher.archive.get import Got, Request, get, versions
from publisher.archive.moments import parse_when
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.errors import AskedWrongly, NotInForce
from publisher.render.languages import texts

EVERY = ("en", *sorted(LANGUAGES))
NOON = "12:00:00"


def at(moment: str) -> datetime:
    """Return a moment by the clocks of the brand."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Brussels"))


def got(repo: Repo, on: str | None, now: str = "2025-06-26T18:00", **asked: object) -> Got:
    when = parse_when(on) if on is not None else None
    return get(repo.workspace, "alpha", at(now), on=when, write=False, **asked)  # type: ignore[arg-type]


def hours(found: Got) -> list[str]:
    """Return the texts of the day that was asked about, with the hours of each."""
    assert found.asked is not None
    return [f"{each.version.version} {found.asked.hours(each.period)}" for each in found.texts]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A version of January that is replaced in June, and its successor on the same day."""
    repo = archive(tmp_path_factory.mktemp("twice") / "repo")
    released(repo, at("2025-01-10T10:00:00"))
    say(repo, "Second.", date="2025-06-26T08:00:00+0200")
    released(repo, at("2025-06-26T09:10:11"))
    say(repo, "Third.", date="2025-06-26T12:00:00+0200")
    released(repo, at("2025-06-26T12:40:03"))
    return repo


@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2025-06-26", "2025-06-26.2"),
        (None, "2025-06-26.2"),
        ("2025-06-25", "2025-01-10"),
        ("2025-06-26T00:00", "2025-01-10"),
        ("2025-06-26T09:10:10", "2025-01-10"),
        ("2025-06-26T09:10:11", "2025-06-26"),
        ("2025-06-26T10:40:02Z", "2025-06-26"),
        ("2025-06-26T12:40:03", "2025-06-26.2"),
        ("2025-06-26T03:40:03-07:00", "2025-06-26.2"),
        ("2025-01-10T10:00:00", "2025-01-10"),
    ],
)
def test_the_text_of_a_moment(twice: Repo, on: str | None, version: str) -> None:
    assert got(twice, on).version.version == version


def test_a_day_names_every_text_with_its_hours(twice: Repo) -> None:
    expected = ["2025-01-10 until 09:10:11", "2025-06-26 from 09:10:11 until 12:40:03",
                "2025-06-26.2 from 12:40:03"]  # fmt: skip
    assert hours(got(twice, "2025-06-26")) == hours(got(twice, None)) == expected
    assert hours(got(twice, "2025-06-26", now="2025-06-26T11:00")) == [
        "2025-01-10 until 09:10:11",
        "2025-06-26 from 09:10:11",
    ]
    assert hours(got(twice, "2025-06-26T09:30")) == ["2025-06-26 "]
    assert hours(got(twice, "2025-06-25")) == ["2025-01-10 "]


def test_what_the_commands_say(twice: Repo, tmp_path: Path, run: Run) -> None:
    where = ("--workspace", str(twice.workspace))
    listed = run("versions", "alpha", *where, cwd=tmp_path).stdout
    assert "never" not in listed
    assert "in force from 2025-06-26 09:10:11 until 12:40:03 (Europe/Brussels), when 2025-06-26.2 replaced it" in listed  # fmt: skip
    told = json.loads(run("versions", "alpha", "--json", *where, cwd=tmp_path).stdout)
    fields = ("from", "until", "from_time", "until_time")
    assert [[each[f"in_force_{name}"] for name in fields] for each in told] == [
        ["2025-06-26", None, "2025-06-26T12:40:03+02:00", None],
        ["2025-06-26", "2025-06-26", "2025-06-26T09:10:11+02:00", "2025-06-26T12:40:03+02:00"],
        ["2025-01-10", "2025-06-26", "2025-01-10T10:00:00+01:00", "2025-06-26T09:10:11+02:00"],
    ]
    done = run("get", "alpha", "--on", "2025-06-26", *where, cwd=tmp_path)
    assert "also       2025-01-10 was in force that day until 09:10:11; 2025-06-26 was in force that day from 09:10:11 until 12:40:03 (Europe/Brussels)" in done.stdout  # fmt: skip
    done = run("get", "alpha", "--on", "2025-06-26T09:30", "--json", *where, cwd=tmp_path)
    said = json.loads(done.stdout)
    assert (said["version"], [each["version"] for each in said["texts"]]) == (
        "2025-06-26",
        ["2025-06-26"],
    )
    done = run("diff", "alpha", "on:2025-06-26T09:00", "on:2025-06-26T09:30", *where, cwd=tmp_path)
    assert "version 2025-01-10, in force from 2025-01-10 → version 2025-06-26," in done.stdout
    done = run("get", "alpha", "--on", "2025-06-26T9", *where, cwd=tmp_path)
    assert (done.returncode, "or a moment such as 2026-11-22T09:00, not" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("on", "error", "message"),
    [
        ("2025-06-26T18:00:01", NotInForce, "2025-06-26 18:00:01 (Europe/Brussels) is in the future, so nobody knows yet what alpha will say then; now, version 2025-06-26.2 is in force, and nothing is scheduled"),
        ("2025-01-10T09:59:59", NotInForce, "at 2025-01-10 09:59:59 (Europe/Brussels), no version of alpha was in force: the first, 2025-01-10, was in force from 2025-01-10 10:00:00."),
        ("2025-03-30T02:30", AskedWrongly, "2025-03-30T02:30:00 is skipped by the clocks in Europe/Brussels: it can mean 2025-03-30T01:30:00+01:00 or 2025-03-30T03:30:00+02:00. Give one of these two"),
        ("2024-10-27T02:30", AskedWrongly, "2024-10-27T02:30:00 occurs twice in Europe/Brussels: it can mean 2024-10-27T02:30:00+02:00 or 2024-10-27T02:30:00+01:00. Give one of these two"),
    ],
)  # fmt: skip
def test_moments_without_an_answer(
    twice: Repo, on: str, error: type[AskedWrongly], message: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        got(twice, on)


def test_a_brand_that_is_retired_within_a_day_and_comes_back(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, at("2025-01-10T10:00:00"))
    asked = AppendOptions(at("2025-06-26T11:00:00"))
    retire(repo.workspace, "alpha", date(2025, 6, 26), "Sold", asked)
    (alpha, _) = status(repo.workspace, at("2025-06-26T12:00:00"))
    assert (alpha.force.version, alpha.force.ends) == (None, date(2025, 6, 26))
    for now in ("2025-06-26T12:00", "2025-07-01T12:00"):
        with pytest.raises(NotInForce) as fault:
            got(repo, "2025-06-26", now=now)
        assert str(fault.value) == (
            "from 2025-06-26 11:00:00 (Europe/Brussels) on, no version of alpha was in force: it "
            "was retired then (Sold). Earlier that day, this was in force in en: 2025-01-10 until "
            "11:00:00 (Europe/Brussels); `--version 2025-01-10` gets it. Nothing was written"
        )
    assert got(repo, "2025-06-26T10:59:59").version.version == "2025-01-10"
    with pytest.raises(NotInForce, match=r"it was retired on 2025-06-26 11:00:00 \(Europe/Brus"):
        got(repo, "2025-06-26T11:00")
    listed = run("versions", "alpha", "--workspace", str(repo.workspace), cwd=tmp_path).stdout
    assert "until 2025-06-26 11:00:00 (Europe/Brussels), when it was retired" in listed
    assert "retired from 2025-06-26 11:00:00 (Europe/Brussels): Sold" in listed
    say(repo, "Second.", date="2025-06-26T12:00:00+0200")
    released(repo, at("2025-06-26T15:00:00"))
    assert hours(got(repo, "2025-06-26")) == [
        "2025-01-10 until 11:00:00",
        "2025-06-26 from 15:00:00",
    ]
    with pytest.raises(NotInForce, match="it was retired on 2025-06-26 11:00:00"):
        got(repo, "2025-06-26T14:59:59")


def test_a_locale_that_the_second_version_of_a_day_leaves_out(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    dutch = {f"shared/clauses/nl/{name}.md": clause(f"Tekst over {name}.", name.title())
             for name in ("who", "data", "rights")}  # fmt: skip
    brand = SMALL["brands/alpha/brand.yaml"]
    repo.commit({**dutch, "brands/alpha/brand.yaml": brand.replace("[en]", "[en, nl]")})
    released(repo, at("2025-01-10T10:00:00"))
    repo.commit({"brands/alpha/brand.yaml": brand}, date="2025-06-26T08:00:00+0200")
    say(repo, "Second.", date="2025-06-26T08:01:00+0200")
    released(repo, at("2025-06-26T09:10:11"))
    assert hours(got(repo, "2025-06-26", locale="en"))[1:] == ["2025-06-26 from 09:10:11"]
    message = "was not published in nl, but in en. Earlier that day, this was in force in nl: 2025-01-10 until 09:10:11 (Europe/Brussels); `--version 2025-01-10` gets it. Nothing"  # fmt: skip
    with pytest.raises(NotInForce, match=re.escape(message)):
        got(repo, "2025-06-26", locale="nl")
    assert got(repo, "2025-06-26T09:00", locale="nl").version.version == "2025-01-10"


def test_a_version_that_is_moved_to_today_begins_then(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, at("2025-01-10T10:00:00"))
    say(repo, "Second.", date="2025-06-01T12:00:00+0200")
    released(repo, at("2025-06-02T12:00:00"), in_force=date(2025, 9, 1))
    asked = AppendOptions(at("2025-06-26T16:20:00"))
    reschedule(repo.workspace, "alpha", "2025-06-02", date(2025, 6, 26), "Earlier", asked)
    assert hours(got(repo, "2025-06-26")) == [
        "2025-01-10 until 16:20:00",
        "2025-06-02 from 16:20:00",
    ]
    assert hours(got(repo, "2025-06-25")) == ["2025-01-10 "]


def test_a_version_that_was_replaced_before_its_day_never_was(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, at("2025-01-10T10:00:00"), in_force=date(2025, 2, 1))
    say(repo, "Second.", date="2025-01-11T12:00:00+0100")
    released(repo, at("2025-01-12T10:00:00"), in_force=date(2025, 2, 1))
    second, first = versions(repo.workspace, at("2025-06-26T12:00"), ["alpha"])[0].versions
    assert (first.period.empty, second.period.empty) == (True, False)
    assert first.period.until == date(2025, 1, 31)
    where = ("--workspace", str(repo.workspace))
    listed = run("versions", "alpha", *where, cwd=tmp_path).stdout
    assert "2025-01-10  released  first     2025-02-01  never was  superseded" in listed
    assert verify(repo.workspace).answers == ()
    done = run("diff", "alpha", "2025-01-10", "2025-01-12", *where, cwd=tmp_path)
    assert "version 2025-01-10, never in force → version 2025-01-12" in done.stdout


def test_a_dry_run_does_not_say_the_second(twice: Repo, tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    done = run("release", "alpha", "--dry-run", cwd=repo.workspace)
    assert re.search(r"in force from  \d{4}-\d\d-\d\d, at once\n", done.stdout), done
    released(repo, at("2025-01-10T10:00:00"))
    done = run("retire", "alpha", "--on", "2199-01-01", "--reason", "Sold", cwd=repo.workspace)
    assert "alpha is retired from 2199-01-01\n" in done.stdout


# --- letters -------------------------------------------------------------------------------------


def handmade(root: Path, entries: list[Entry]) -> Path:
    """Return a workspace with the archive of entries, of which each version has one small file."""
    small(root)
    folder = root / "versions/alpha"
    files = {f"{locale}/policy.md": b"x" for locale in EVERY}
    made = [each.model_copy(update={"sums": sha256(sums_bytes(files))})
            if hasattr(each, "sums") else each for each in entries]  # fmt: skip
    for each in (each for each in made if hasattr(each, "sums")):
        there = files | {"SHA256SUMS": sums_bytes(files)}
        write(folder, {f"{each.about}/{name}": data for name, data in there.items()})
    write(folder, {f"ledger/{record.name}": record.data for record in chained(made)})
    return root


def version(day: str, moment: str, **about: object) -> Entry:
    said = {locale: {"last_updated": "2025-01-01", "words": "0" * 64} for locale in EVERY}
    recorded = {"recorded_at": at(f"{day}T{moment}"), "locales": said}
    return entry("release", date.fromisoformat(day), **recorded, **about)


@pytest.mark.parametrize(
    "locale", [EVERY[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in EVERY[1:])]
)
def test_a_letter_names_the_hours_in_every_language(tmp_path: Path, locale: str) -> None:
    entries = [version("2025-01-10", "10:00:00"), version("2025-06-26", "09:10:11"),
               version("2025-06-26", "12:40:03", version="2025-06-26.2")]  # fmt: skip
    root = handmade(tmp_path / "workspace", entries)
    now, on = at("2025-06-27T12:00:00"), date(2025, 6, 26)
    made = bundle(root, Request("alpha", now, on=on, locale=locale, write=False))
    said = text(unpacked(made.data, tmp_path) / LETTER)
    own, morning, noon = texts("letters", locale), "09:10:11+02:00", "12:40:03+02:00"
    for key, put in {
        "hours_until": {"until": morning},
        "hours_from_until": {"since": morning, "until": noon},
        "hours_from": {"since": noon},
    }.items():
        assert own[key].format(**put) in said
    assert "(2025-06-26T12:40:03+02:00)" in said
    moment = parse_when("2025-06-26T11:00")
    made = bundle(root, Request("alpha", now, on=moment, locale=locale, write=False))
    said = text(unpacked(made.data, tmp_path) / LETTER).partition("Europe/Brussels")[0]
    for expected in ("T11:00:00", "(2025-06-26T09:10:11+02:00)", "(2025-06-26T12:40:03+02:00)"):
        assert expected in said
    assert "2025-06-26.2" in said


def test_a_letter_says_what_ends_a_period_within_a_day(tmp_path: Path) -> None:
    day = date(2025, 6, 28)
    root = handmade(
        tmp_path / "workspace",
        [
            version("2025-01-10", "10:00:00"),
            version("2025-06-26", "09:10:11"),
            entry("retire", day, recorded_at=at("2025-06-28T16:00:00"), on=day, reason="Sold"),
        ],
    )
    for asked, expected in {
        "2025-01-10": "Period in force: from 10 January 2025, 10:00:00 (2025-01-10T10:00:00+01:00) until 26 June 2025, 09:10:11 (2025-06-26T09:10:11+02:00). At that moment, version 2025-06-26 replaced it.",
        "2025-06-26": "until 28 June 2025, 16:00:00 (2025-06-28T16:00:00+02:00). Entry 0003 sets the end: it retired the policy of alpha from 28 June 2025, 16:00:00 (2025-06-28T16:00:00+02:00). Reason stated: “Sold”.",
    }.items():  # fmt: skip
        now = at("2025-07-01T12:00:00")
        made = bundle(root, Request("alpha", now, version=asked, locale="en", write=False))
        said = text(unpacked(made.data, tmp_path) / LETTER)
        assert expected.replace("of alpha", "of Alpha") in said


# --- what earlier letters said -------------------------------------------------------------------


def test_verify_notes_what_was_told_by_whole_days(twice: Repo, tmp_path: Path, run: Run) -> None:
    done = run("verify", "--workspace", str(twice.workspace), cwd=tmp_path)
    assert done.returncode == 0
    said = " ".join(done.stdout.split())
    for expected in (
        "note: alpha: 2025-06-26 was in force until 2025-06-26 12:40:03 (Europe/Brussels). Earlier versions of publisher counted whole days, and said that it was never in force; if you told anybody that, do what docs/problems.md says",
        "note: alpha: 2025-01-10 was in force until 2025-06-26 09:10:11 (Europe/Brussels). Earlier versions of publisher counted whole days, and said that it was in force until 2025-06-25; if",
    ):  # fmt: skip
        assert expected in said
    assert said.count("note:") == 2


def test_many_such_notes_are_one(tmp_path: Path) -> None:
    days = [f"2025-01-{day:02}" for day in range(1, 29)]
    root = handmade(tmp_path / "workspace", [version(day, NOON) for day in days])
    *notes, rest = verify(root).answers
    assert len(notes) == 20
    assert rest == "alpha: the same holds for 7 earlier versions; `publisher versions alpha` lists the hours of each"  # fmt: skip


def test_the_archive_of_this_repository_was_told_right() -> None:
    verified = verify(Path(__file__).parents[2])
    assert (verified.versions > 0, verified.answers) == (True, ())
