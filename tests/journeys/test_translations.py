"""Translations that fell behind: the master's text changed, and nobody looked at them since."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive
from support.workspaces import SMALL, Repo, clause

from publisher.archive.release.status import status
from publisher.build.check import check
from publisher.problem import Problem

MASTER, DUTCH = "shared/clauses/en/data.md", "shared/clauses/nl/data.md"
NAME, ADDRESS = "We keep your name.", "We keep your name and address."
PROCESSORS = "shared/processors.yaml"
SENDS, READS = "sends {{ brand.name }}'s letters.", "reads {{ brand.name }}'s letters."
BILINGUAL: dict[str, str] = {
    **SMALL,
    **{path.replace("/en/", "/nl/"): text for path, text in SMALL.items() if "/en/" in path},
    "brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]"),
}
DUTCH_NAME = {DUTCH: BILINGUAL[DUTCH].replace(NAME, "Wij bewaren uw naam.")}
LOOKED = f"Looked\n\nReviewed: {DUTCH}"


def moved(text: str = ADDRESS) -> dict[str, str]:
    """Return the master's clause with another text."""
    return {MASTER: SMALL[MASTER].replace(NAME, text)}


def facts(path: str, old: str, new: str) -> dict[str, str]:
    """Return a file of facts with an edit."""
    assert old in BILINGUAL[path]
    return {path: BILINGUAL[path].replace(old, new)}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    repo.commit(BILINGUAL, date="2024-01-02T12:00:00+0000")
    assert behind(repo) == []
    return repo


def behind(repo: Repo, *brands: str) -> list[Problem]:
    problems = check(repo.workspace, brands=brands).problems
    return [problem for problem in problems if problem.rule == "translation-behind"]


def test_a_translation_falls_behind_and_catches_up(repo: Repo) -> None:
    commit = repo.commit(moved(), "Keep addresses", date="2024-03-01T23:30:00+0000")
    (remark,) = behind(repo)
    assert (remark.severity, remark.path, remark.line) == ("warning", DUTCH, 1)
    assert remark.message.startswith(
        f"translates {MASTER}, which changed on 2024-03-02 ({commit[:10]}: Keep addresses) after "
        "this translation was last reviewed on 2024-01-02 ("
    )
    assert "We keep your name{+ and address+}." in remark.message
    assert f"`Reviewed: {DUTCH}`" in remark.fix
    assert remark.grounds is not None
    assert remark.grounds.brands == ("alpha",)
    assert behind(repo, "beta") == []
    repo.commit(DUTCH_NAME, "Follow")
    assert behind(repo) == []


@pytest.mark.parametrize(
    ("files", "message", "flagged"),
    [
        (moved(), LOOKED.replace("Looked", "Change"), False),
        (moved(), "Typo\n\nPolicy-Change: editorial", False),
        ({**moved(), **DUTCH_NAME}, "Both", False),
        ({MASTER: SMALL[MASTER].replace("We keep", "We  keep")}, "White space", False),
        ({MASTER: SMALL[MASTER].replace("Your data", "What we keep")}, "Title", True),
        ({"shared/clauses/en/new.md": clause("New.")}, "Nothing to translate yet", False),
        (facts(PROCESSORS, SENDS, READS), "A registry", True),
        (facts(PROCESSORS, "moves money.", "keeps money."), "The bank", True),
        (facts(PROCESSORS, "location: Ireland", "location: Malta"), "No translation", False),
        (facts("shared/policy.yaml", "Privacy Policy", "Privacy Notice"), "The title", True),
        (facts("shared/rights.yaml", "See your data.", "Get your data."), "A right", True),
    ],
    ids=lambda value: value.partition("\n")[0] if isinstance(value, str) else "",
)
def test_what_counts_is_what_the_master_says(
    repo: Repo, files: dict[str, str], message: str, flagged: bool
) -> None:
    repo.commit(files, message, date="2024-03-01T12:00:00+0000")
    assert bool(behind(repo)) is flagged


def test_an_entry_falls_behind_by_itself(repo: Repo) -> None:
    repo.commit(facts(PROCESSORS, SENDS, READS), "Read", date="2024-03-01T12:00:00+0000")
    (remark,) = behind(repo)
    assert (remark.path, remark.line) == (PROCESSORS, 5)
    assert "translates `mailer.words.en`, which changed on 2024-03-01" in remark.message
    text = facts(PROCESSORS, SENDS, READS)[PROCESSORS]
    repo.commit({PROCESSORS: text.replace("verplaatst geld.", "bewaart geld.")}, "Another entry")
    assert len(behind(repo)) == 1
    repo.commit({PROCESSORS: text.replace("verstuurt brieven.", "leest brieven.")}, "Follow")
    assert behind(repo) == []


def test_an_entry_that_no_brand_with_that_language_names_is_not_behind(repo: Repo) -> None:
    own = BILINGUAL["brands/alpha/brand.yaml"].replace("[mailer, bank]", "[bank]")
    repo.commit({"brands/alpha/brand.yaml": own}, "Drop the mailer")
    repo.commit(facts(PROCESSORS, SENDS, READS), "Read")
    assert behind(repo) == []


def test_a_text_of_a_company_is_that_of_its_brands(repo: Repo) -> None:
    company = (
        "name: Bravo\naddress: [{en: Main Street, nl: Hoofdstraat}]\nfacts: {answer-days: x}\n"
    )
    files = {
        "shared/companies/bravo.yaml": company,
        "brands/alpha/brand.yaml": BILINGUAL["brands/alpha/brand.yaml"] + "controller: bravo\n",
    }
    repo.commit(files, "Move")
    assert behind(repo) == []
    files = {"shared/companies/bravo.yaml": company.replace("Main Street", "Market Street")}
    repo.commit(files, "Market")
    (remark,) = behind(repo)
    assert remark.path == "shared/companies/bravo.yaml"
    assert remark.grounds is not None
    assert remark.grounds.brands == ("alpha",)


def test_a_review_of_the_file_ends_it_and_the_next_change_begins_it(repo: Repo) -> None:
    repo.commit(moved(), date="2024-03-01T12:00:00+0000")
    repo.git("commit", "-q", "--allow-empty", "-m", LOOKED)
    assert behind(repo) == []
    repo.commit(moved("We keep all."), date="2024-03-03T12:00:00+0000")
    (remark,) = behind(repo)
    assert "[-your name and address-]{+all+}" in remark.message


def test_a_change_that_is_taken_back_does_not_count(repo: Repo) -> None:
    repo.commit(moved(), date="2024-03-01T12:00:00+0000")
    repo.commit(moved(NAME), "Back", date="2024-03-02T12:00:00+0000")
    assert behind(repo) == []


def test_what_is_not_committed_counts_too(repo: Repo) -> None:
    (repo.workspace / MASTER).write_text(moved()[MASTER])
    (remark,) = behind(repo)
    assert "which changed in what is not committed yet after" in remark.message
    (repo.workspace / DUTCH).write_text(DUTCH_NAME[DUTCH])
    assert behind(repo) == []


def test_a_clause_of_a_brand_follows_its_own_master(repo: Repo) -> None:
    own = {path: path.replace("shared", "brands/alpha") for path in (MASTER, DUTCH)}
    repo.commit({path: clause("We keep Alpha's names.") for path in own.values()})
    repo.commit(moved(), "Not what alpha shows")
    assert behind(repo) == []
    repo.commit({own[MASTER]: clause("We keep all names.")}, "Alpha's")
    (remark,) = behind(repo)
    assert remark.path == own[DUTCH]


def test_a_brand_that_is_renamed_keeps_what_was_reviewed(repo: Repo) -> None:
    own = {path: path.replace("shared", "brands/alpha") for path in (MASTER, DUTCH)}
    repo.commit({path: clause("We keep Alpha's names.") for path in own.values()})
    renamed = BILINGUAL["brands/alpha/brand.yaml"] + "was: [alpha]\n"
    repo.git("mv", "brands/alpha", "brands/gamma")
    repo.commit({"brands/gamma/brand.yaml": renamed}, "Rename")
    assert behind(repo) == []


def test_proposed_languages_are_never_behind(repo: Repo) -> None:
    proposed = SMALL["brands/alpha/brand.yaml"] + "proposed: [nl]\n"
    repo.commit({"brands/alpha/brand.yaml": proposed})
    repo.commit(moved(), date="2024-03-01T12:00:00+0000")
    assert behind(repo) == []


def test_a_release_waits_for_the_translation_or_for_an_acceptance(repo: Repo, run: Run) -> None:
    repo.commit(moved(), "Keep addresses", date="2024-03-01T12:00:00+0000")
    refused = run("release", "alpha", cwd=repo.workspace)
    assert refused.returncode == 1
    assert f"{DUTCH}:1" in refused.stdout + refused.stderr
    assert not (repo.workspace / "versions").exists()
    (remark,) = behind(repo)
    assert remark.grounds is not None
    entry = f"- remark: translation-behind\n  of: {remark.grounds.fingerprint}\n  because: Dutch needs no address.\n  by: counsel\n"
    repo.commit({"shared/accepted.yaml": entry})
    assert behind(repo) == []
    assert run("release", "alpha", cwd=repo.workspace).returncode == 0


def remarks_of_alpha(repo: Repo) -> int:
    standings = status(repo.workspace, datetime(2024, 4, 1, tzinfo=UTC))
    return next(standing.remarks for standing in standings if standing.brand == "alpha")


def test_an_edit_of_the_master_brings_the_remark(repo: Repo, run: Run) -> None:
    repo.commit(moved(), "Keep addresses", date="2024-03-01T12:00:00+0000")
    assert "translation-behind" in run("impact", "HEAD~1..HEAD", cwd=repo.workspace).stdout
    before = remarks_of_alpha(repo)
    repo.commit(DUTCH_NAME, "Follow")
    assert "translation-behind" not in run("impact", "HEAD~2..HEAD", cwd=repo.workspace).stdout
    assert remarks_of_alpha(repo) == before - 1
