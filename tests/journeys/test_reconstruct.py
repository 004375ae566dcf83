"""Versions of what a repository said before it had an archive."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import DATA, archive, noon, released, say, state
from support.workspaces import SMALL, Repo, clause

from publisher.archive.entries import Reconstruct
from publisher.archive.get import get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.reconstruct import Reconstruction, reconstruct
from publisher.archive.verify.verify import verify
from publisher.errors import AskedWrongly, NotInForce, Refused

UNSURE = clause("{{ facts.unsure }}")
QUESTION = '  unsure: {value: "maybe", unconfirmed: "Is it so?"}\n'
NOW = noon("2025-06-15")


@pytest.fixture
def years(tmp_path: Path) -> Repo:
    """A repository with a history of years: words that changed, typos, another brand, a fault."""
    repo = archive(tmp_path / "repo")
    say(repo, "Second.", date="2024-03-01T23:30:00+0000")  # the next day in Brussels
    say(repo, "Second!", "typo\n\nPolicy-Change: editorial", date="2024-03-05T12:00:00+0000")
    own = {"brands/beta/clauses/en/data.md": clause("Of beta alone.")}
    repo.commit(own, "beta", "2024-03-06T12:00:00+0000")
    repo.commit({DATA: clause("{{ nothing }}")}, "broken", "2024-03-07T12:00:00+0000")
    say(repo, "Third.", "fixed", date="2024-04-01T12:00:00+0000")
    say(repo, "Fourth.", date="2024-04-01T14:00:00+0000")
    return repo


def proposed(repo: Repo, **asked: object) -> Reconstruction:
    return reconstruct(repo.workspace, "alpha", AppendOptions(NOW), **asked)  # type: ignore[arg-type]


def test_each_material_revision_is_proposed_and_nothing_is_written(years: Repo) -> None:
    before = state(years)
    found = proposed(years)
    assert [each.version for each in found.proposals] == [
        "2024-01-02-reconstructed",
        "2024-03-02-reconstructed",
        "2024-04-01-reconstructed",
        "2024-04-01.2-reconstructed",
    ]
    assert found.appended == ()
    assert state(years) == before


def test_what_is_frozen_answers_for_its_days(years: Repo, tmp_path: Path) -> None:
    commits = [each.revision.commit for each in proposed(years).proposals]
    found = proposed(years, freeze=True)
    entries = [each.entry for each in found.appended]
    assert all(isinstance(each, Reconstruct) for each in entries)
    assert [each.source for each in entries if isinstance(each, Reconstruct)] == commits
    assert years.git("log", "-1", "--format=%s") == (
        "Reconstruct alpha 2024-01-02-reconstructed to 2024-04-01.2-reconstructed"
    )
    checked = verify(years.workspace, rebuild=True)
    assert checked.findings == ()
    assert checked.versions == 4
    answers = {
        "2024-01-02": "2024-01-02-reconstructed",
        "2024-03-01": "2024-01-02-reconstructed",
        "2024-03-02": "2024-03-02-reconstructed",
        "2024-03-31": "2024-03-02-reconstructed",
        "2024-04-01": "2024-04-01.2-reconstructed",
        "2025-06-15": "2024-04-01.2-reconstructed",
    }
    for day, version in answers.items():
        got = get(years.workspace, "alpha", NOW, on=date.fromisoformat(day), write=False)
        assert got.version.version == version
        assert got.period.state == "reconstructed"
    with pytest.raises(NotInForce, match="the first, 2024-01-02-reconstructed, is from 2024-01-02"):
        get(years.workspace, "alpha", NOW, on=date(2024, 1, 1), write=False)


def test_each_document_says_that_it_is_reconstructed(years: Repo) -> None:
    proposed(years, freeze=True, until=date(2024, 1, 31))
    folder = years.workspace / "versions/alpha/2024-01-02-reconstructed/en"
    commit = years.git("rev-list", "--max-parents=0", "HEAD")[:10]
    for name in ("policy.md", "policy.html"):
        said = (folder / name).read_text()
        assert f"Not released: reconstructed on 15 June 2025 from commit {commit}" in said
        assert "We keep your name." in said
    told = json.loads((folder / "policy.json").read_text())
    assert (told["status"], told["version"]) == ("reconstructed", "2024-01-02-reconstructed")


def test_released_versions_answer_first_and_keep_their_periods(years: Repo) -> None:
    released(years, "2024-05-01", in_force=date(2024, 6, 1))
    say(years, "Fifth.", date="2024-07-01T12:00:00+0000")
    released(years, "2024-07-02")
    before = versions(years.workspace, NOW, ["alpha"])[0].versions
    found = proposed(years, freeze=True)
    assert [each.version for each in found.proposals][-1] is None
    assert found.proposals[-1].reason == (
        "from 2024-06-01 on, released versions show what was in force"
    )
    after = versions(years.workspace, NOW, ["alpha"])[0].versions
    assert after[: len(before)] == before
    assert (after[2].version.version, after[2].period.until) == (
        "2024-04-01.2-reconstructed",
        date(2024, 5, 31),
    )
    for day, version in (
        ("2024-05-31", "2024-04-01.2-reconstructed"),
        ("2024-06-01", "2024-05-01"),
    ):
        got = get(years.workspace, "alpha", NOW, on=date.fromisoformat(day), write=False)
        assert got.version.version == version
    assert verify(years.workspace).findings == ()


def test_a_second_time_there_is_nothing_left(years: Repo) -> None:
    proposed(years, freeze=True, until=date(2024, 3, 31))
    found = proposed(years, freeze=True)
    assert [bool(each.version) for each in found.proposals] == [False, False, True, True]
    assert "in the archive already, as 2024-01-02-reconstructed" in found.proposals[0].reason
    with pytest.raises(Refused, match="nothing can be reconstructed for alpha"):
        proposed(years)
    with pytest.raises(Refused, match="2024-03-07: cannot be read: shared/"):
        proposed(years, since=date(2024, 3, 30), until=date(2024, 3, 31))
    with pytest.raises(Refused, match="has no material revision in that time"):
        proposed(years, since=date(2023, 1, 1), until=date(2023, 12, 31))
    with pytest.raises(AskedWrongly, match="--until 2023-12-31 is before --since 2024-01-01"):
        proposed(years, since=date(2024, 1, 1), until=date(2023, 12, 31))


def test_drafts_are_left_out(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    company = SMALL["shared/company.yaml"] + QUESTION
    repo.commit({"shared/company.yaml": company, DATA: UNSURE}, "ask", "2024-02-01T12:00:00+0000")
    found = proposed(repo, freeze=True)
    assert [each.version for each in found.proposals] == ["2024-01-02-reconstructed", None]
    assert found.proposals[1].reason == "it was a draft: it quoted what nobody had confirmed"


@pytest.mark.parametrize(
    "files",
    [
        {"logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'},
        {"logo.svg": "no drawing"},
        {"theme.css": "p {color: red}", "logo.svg": "no drawing"},
        {"brand.yaml": SMALL["brands/alpha/brand.yaml"] + 'theme: {ink: "#eeeeee"}\n'},
        {"brand.yaml": SMALL["brands/alpha/brand.yaml"] + "theme: {logo: gone.svg}\n"},
        {"brand.yaml": SMALL["brands/alpha/brand.yaml"] + "theme: {footer: [{nl: Tot}]}\n"},
    ],
    ids=["script", "damaged", "stylesheet", "contrast", "missing", "translation"],
)
def test_a_look_that_is_refused_today_hides_no_words_of_the_past(
    tmp_path: Path, files: dict[str, str]
) -> None:
    repo = archive(tmp_path / "repo")
    old = {f"brands/alpha/{name}": text for name, text in files.items()}
    repo.commit({**old, DATA: clause("Second.")}, "look", "2024-02-01T12:00:00+0000")
    today = {name: SMALL.get(name) for name in old}
    repo.commit(today, "without", "2024-02-02T12:00:00+0000")
    found = proposed(repo, freeze=True)
    assert [each.version for each in found.proposals] == [
        "2024-01-02-reconstructed",
        "2024-02-01-reconstructed",
    ]
    got = get(repo.workspace, "alpha", NOW, on=date(2024, 2, 1), format="html", write=False)
    assert b"Second." in got.data


OWN = SMALL["brands/alpha/brand.yaml"]


@pytest.mark.parametrize(
    ("brand", "shown"),
    [
        (OWN.replace("contact: ", "contact: mailto:"), "mailto:"),
        (OWN.replace("domain: alpha", "domain: \u0430lpha"), ""),
        (OWN + "theme: {font: Comic Sans}\n", ""),
        (OWN + "theme: {ink: black}\nsite: {url: nowhere}\npaper: a5\n", ""),
    ],
    ids=["scheme", "scripts", "font", "no words"],
)
def test_a_value_that_is_refused_today_hides_no_words_of_the_past(
    tmp_path: Path, run: Run, brand: str, shown: str
) -> None:
    repo = archive(tmp_path / "repo")
    assert brand != OWN
    words = clause("Second. {{ brand.contact }} {{ brand.domain }}")
    old = {"brands/alpha/brand.yaml": brand, DATA: words}
    repo.commit(old, "old", "2024-02-01T12:00:00+0000")
    repo.commit({"brands/alpha/brand.yaml": OWN}, "new", "2024-02-02T12:00:00+0000")
    listed = run("reconstruct", "alpha", cwd=repo.workspace)
    plain = "in a plain look, as its own is refused: brands/alpha/brand.yaml:"
    assert (plain in listed.stdout) == ("theme" in brand), listed.stdout + listed.stderr
    found = proposed(repo, freeze=True)
    assert found.unread == ()
    assert "2024-02-01-reconstructed" in [each.version for each in found.proposals]
    got = get(repo.workspace, "alpha", NOW, on=date(2024, 2, 1), format="html", write=False)
    assert b"Second." in got.data
    assert shown.encode() in got.data
    assert verify(repo.workspace, rebuild=True).findings == ()


def test_all_locales_of_a_commit_are_one_version(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    dutch = {
        f"shared/clauses/nl/{name}.md": clause(f"Tekst over {name}.", name.title())
        for name in ("who", "data", "rights")
    }
    both = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]")
    repo.commit({**dutch, "brands/alpha/brand.yaml": both}, "nl", "2024-02-01T12:00:00+0000")
    found = proposed(repo, freeze=True)
    assert [each.locales for each in found.proposals] == [("en",), ("en", "nl")]
    got = get(repo.workspace, "alpha", NOW, on=date(2024, 2, 1), locale="nl", write=False)
    assert b"Niet uitgegeven: gereconstrueerd op 15 juni 2025" in get(
        repo.workspace, "alpha", NOW, version=got.version.version, locale="nl", format="md",
        write=False,
    ).data  # fmt: skip


def test_from_the_command_line(years: Repo, run: Run) -> None:
    listed = run("reconstruct", "alpha", cwd=years.workspace)
    assert listed.returncode == 0, listed.stderr
    assert "alpha, 4 versions to be reconstructed" in listed.stdout
    broken, fixed = (years.git("rev-list", "HEAD", f"--grep={w}")[:10] for w in ("broken", "fixed"))
    assert (
        f"  2024-03-07  {broken}  cannot be read  en\n"
        f"{'':26}shared/clauses/en/data.md:4: unknown fact 'nothing'; fixed on 2024-04-01 (commit "
        f"{fixed})\n"
    ) in listed.stdout
    assert "`--yes` freezes them" in listed.stdout
    done = run("reconstruct", "alpha", "--until", "2024-01-31", "--yes", cwd=years.workspace)
    assert done.returncode == 0, done.stderr
    assert "ledger/0001-reconstruct-2024-01-02-reconstructed.json" in done.stdout
    got = run("get", "alpha", "--on", "2024-01-05", "--output", "/dev/null", cwd=years.workspace)
    assert "not proof of what was published" in got.stdout
    compared = run("diff", "alpha", "2024-01-02-reconstructed", "draft", cwd=years.workspace)
    assert compared.returncode == 0, compared.stderr
    assert "Fourth" in compared.stdout
