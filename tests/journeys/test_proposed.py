"""Languages that are only proposed: built to be read, never released, and in nobody's way."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from support.archives import archive, noon, released, try_release
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.entries import Retire
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.release.status import Force, Standing, State, status
from publisher.build.build import build
from publisher.build.check import check
from publisher.cli import release_output, status_output
from publisher.compose import compose
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.render.languages import labels, languages
from publisher.repository.source import FolderSource
from publisher.workspace import load

ALPHA = SMALL["brands/alpha/brand.yaml"]
PART = '{% include "shared/_translation.md" %}\n'
PROPOSAL = {
    "brands/alpha/brand.yaml": ALPHA.replace("locales: [en]\n", "locales: [en]\nproposed: [nl]\n"),
    "shared/clauses/nl/_translation.md": "---\nunconfirmed: [Is the Dutch right?]\n---\n",
    **{
        f"shared/clauses/nl/{name}.md": re.sub(
            "\n---\n", f"\n---\n{PART}", SMALL[f"shared/clauses/en/{name}.md"], count=1
        )
        for name in ("who", "data", "rights")
    },
}
"""Dutch as a proposal of one brand, with one question on all of it."""
RETIRED = Retire.model_construct(on=date(2026, 1, 3))
TONGUES = {
    "nl": ("24 maanden", "7 jaar", "als verwerker", "2610 Antwerpen, België"),
    "fr": ("24 mois", "7 ans", "en qualité de sous-traitant", "2610 Anvers, Belgique"),
    "de": ("24 Monate", "7 Jahre", "als Auftragsverarbeiter", "2610 Antwerpen, Belgien"),
}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    repo.commit(PROPOSAL, date="2024-02-01T12:00:00+0000")
    return repo


def test_a_proposal_is_built_and_says_so_everywhere(repo: Repo, tmp_path: Path) -> None:
    report = build(
        repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json", "markdown", "html"]
    )
    said = {each.locale: (each.status, each.last_updated) for each in report.built}
    assert said == {"en": ("ready", date(2024, 1, 2)), "nl": ("proposed", None)}
    assert report.failed == ()
    folder = tmp_path / "out/alpha/nl"
    assert json.loads((folder / "policy.json").read_bytes())["status"] == "proposed"
    assert "**Voorstel.** Dit is een voorstel" in (folder / "policy.md").read_text()
    notice = '<p class="draft-notice"><strong>Voorstel.</strong>'
    assert notice in (folder / "policy.html").read_text()


@pytest.mark.thorough
def test_each_page_of_a_proposal_says_that_it_is_one(repo: Repo, tmp_path: Path) -> None:
    build(repo.workspace, tmp_path / "out", brands=["alpha"], locales=["nl"], formats=["pdf"])
    said = subprocess.run(
        ["pdftotext", "-raw", tmp_path / "out/alpha/nl/policy.pdf", "-"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    pages = said.split("\f")[:-1]
    assert pages
    assert all("Voorstel · Niet uitgegeven" in page for page in pages)


def test_one_question_on_all_clauses_is_marked_once(repo: Repo, tmp_path: Path) -> None:
    build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["html", "markdown"])
    folder = tmp_path / "out/alpha/nl"
    for name in ("policy.html", "policy.md"):
        assert (folder / name).read_text().count("Onbevestigd") == 1
    write(repo.workspace, {"shared/clauses/nl/data.md": SMALL["shared/clauses/en/data.md"]})
    build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["html"])
    assert (folder / "policy.html").read_text().count("Onbevestigd") == 2


@pytest.mark.thorough
def test_a_release_passes_proposals_over_and_says_so(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = try_release(repo, "2024-03-01")
    release_output.release(repo.workspace, [outcome])
    assert "skipped, as they are only proposed: nl" in capsys.readouterr().out
    folder = repo.workspace / "versions/alpha/2024-03-01"
    assert [path.name for path in folder.iterdir() if path.is_dir()] == ["en"]
    standings = status(repo.workspace, noon("2024-03-02"))
    said = {each.locale: each.state for each in standings if each.brand == "alpha"}
    assert said == {"en": "released", "nl": "proposed"}


def test_a_release_that_ends_a_language_says_so(repo: Repo) -> None:
    both = PROPOSAL["brands/alpha/brand.yaml"].replace(
        "locales: [en]\nproposed: [nl]", "locales: [en, nl]"
    )
    answered = {name: text.replace(PART, "") for name, text in PROPOSAL.items()}
    dutch = {**answered, "brands/alpha/brand.yaml": both}
    dutch.pop("shared/clauses/nl/_translation.md")
    repo.commit(dutch, date="2024-02-02T12:00:00+0000")
    assert [*released(repo, "2024-03-01").locales] == ["en", "nl"]
    repo.commit(PROPOSAL, date="2024-03-02T12:00:00+0000")
    noted = try_release(repo, "2024-03-03", in_force=date(2024, 4, 1), dry_run=True).appended
    assert noted is not None
    assert noted.notes == (
        "nothing is in force in nl from 2024-04-01, as this version does not have it. If it should, "
        "write nl under `locales` in brands/alpha/brand.yaml, commit, and release again",
    )
    asked = AppendOptions(noon("2024-03-03"))
    retire(repo.workspace, "alpha", date(2024, 4, 1), "Not read yet", asked, locale="nl")
    after = try_release(repo, "2024-03-04", in_force=date(2024, 4, 1)).appended
    assert after is not None
    assert after.notes == ()


def test_who_is_asked_sees_which_languages_come_back_or_are_left_out(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    preview = replace(try_release(repo, "2024-03-01", dry_run=True), back=("en",))
    assert release_output.agreed([preview]) == ()
    told = capsys.readouterr().err
    assert "retired before, in force again: en" in told
    assert "skipped, as they are only proposed: nl" in told


@pytest.mark.thorough
def test_what_is_wrong_with_a_proposal_stops_nothing(repo: Repo, tmp_path: Path) -> None:
    broken = {
        "shared/clauses/nl/data.md": clause("{{ nothing }}"),
        "shared/clauses/nl/who.md": "---\ntitel: Wie\n---\n",
        "brands/alpha/clauses/nl/rights.md": clause("Write to privacy@beta.example."),
        "brands/alpha/clauses/nl/stray.md": clause("Overrides nothing."),
    }
    repo.commit(broken, date="2024-02-02T12:00:00+0000")
    report = check(repo.workspace, today=date(2024, 3, 1))
    found = {each.path for each in report.problems if "/nl/" in each.path}
    assert found >= broken.keys() - {"brands/alpha/clauses/nl/rights.md"}
    assert [each for each in report.problems if each.severity == "error"] == []
    built = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["html"])
    assert ([each.locale for each in built.built], built.failed) == (["en"], ())
    assert any("the proposal in nl has errors" in each.message for each in built.problems)
    assert try_release(repo, "2024-03-01").fault is None


def test_a_text_of_the_theme_that_is_missing_in_a_proposal_stops_only_that(
    repo: Repo, tmp_path: Path
) -> None:
    brand = PROPOSAL["brands/alpha/brand.yaml"] + "theme: {footer: [{en: Made in Gent.}]}\n"
    repo.commit({"brands/alpha/brand.yaml": brand}, date="2024-02-02T12:00:00+0000")
    found = [p for p in check(repo.workspace, brands=["alpha"]).problems if p.rule == "translation"]
    assert [(each.severity, each.message) for each in found] == [
        ("warning", "'theme.footer.1' has no text in nl")
    ]
    built = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["html"])
    assert ([each.locale for each in built.built], built.failed) == (["en"], ())


def test_a_leak_in_a_proposal_is_a_warning(repo: Repo) -> None:
    leak = PROPOSAL["shared/clauses/nl/rights.md"] + "\nWrite to privacy@beta.example.\n"
    files = {"shared/clauses/nl/rights.md": leak, "shared/clauses/nl/lost.md": clause("Lost.")}
    repo.commit(files, date="2024-02-02T12:00:00+0000")
    found = {(p.rule, p.severity, p.path) for p in check(repo.workspace).problems}
    assert ("leak", "warning", "shared/clauses/nl/rights.md") in found
    assert ("unused", "warning", "shared/clauses/nl/lost.md") in found


def test_a_released_language_that_is_only_proposed_again_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    force = Force("2026-01-02")
    status_output.status((Standing("alpha", "nl", "proposed", force),))
    assert "2026-01-02 stays in force, and no release replaces it" in capsys.readouterr().out


def test_policies_in_force_are_no_more_than_there_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    force = Force("2026-01-02")
    status_output.overview(
        tmp_path,
        [Standing("alpha", "en", "released", force), Standing("alpha", "nl", "gone", force)],
    )
    assert "1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("state", "force", "expected"),
    [
        ("gone", Force("2026-01-02"), "`publisher status` names what is in the archive"),
        ("gone", Force(retired=RETIRED), "nothing: every policy is as released, or retired"),
        ("material", Force("2026-01-02"), "`publisher release alpha --dry-run`"),
        ("material", Force(retired=RETIRED), "nothing: every policy is as released, or retired"),
    ],
)
def test_the_next_step_ends_what_is_gone_and_brings_back_nothing_retired(
    state: State, force: Force, expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    others = [Standing("beta", locale, "proposed", questions=1) for locale in ("en", "nl")]
    status_output.overview(tmp_path, [*others, Standing("alpha", "en", state, force)])
    told = capsys.readouterr().out
    assert f"Next: {expected}" in told
    assert "open questions in 2 policies" in told


def test_a_locale_is_released_or_proposed(repo: Repo) -> None:
    both = PROPOSAL["brands/alpha/brand.yaml"].replace("proposed: [nl]", "proposed: [nl, en]")
    write(repo.workspace, {"brands/alpha/brand.yaml": both})
    (found,) = (p for p in check(repo.workspace).problems if p.severity == "error")
    assert str(found).startswith("brands/alpha/brand.yaml:6: 'proposed' is not right; 'en' is in")


def test_a_proposal_that_is_confirmed_is_dated_from_that_day(repo: Repo, tmp_path: Path) -> None:
    files = {
        "brands/alpha/brand.yaml": ALPHA.replace("locales: [en]", "locales: [en, nl]"),
        "shared/clauses/nl/_translation.md": "---\n---\n",
    }
    repo.commit(files, date="2024-05-01T12:00:00+0000")
    report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json"])
    assert {each.locale: each.last_updated for each in report.built} == {
        "en": date(2024, 1, 2), "nl": date(2024, 5, 1),
    }  # fmt: skip


# --- the example ---------------------------------------------------------------------------------


def example(locale: str) -> Policy:
    return compose(load(FolderSource(ROOT)), "cloudnovi", locale)


def test_the_example_has_three_proposals_beside_its_released_text() -> None:
    assert words_digest(example("en")).startswith("eecf9885a741bec0")
    english = [(clause.id, len(clause.blocks)) for clause in example("en").clauses]
    for locale, expected in TONGUES.items():
        policy = example(locale)
        assert [(clause.id, len(clause.blocks)) for clause in policy.clauses] == english
        assert len(policy.questions) == 1
        said = str(policy.clauses)
        assert all(text in said for text in expected)


def test_templates_of_the_example_do_not_guess_at_facts() -> None:
    written = [*ROOT.glob("shared/clauses/*/*.md"), *ROOT.glob("shared/*.yaml")]
    guarded = [
        path for path in written if re.search(r"(period|role|location) ==", path.read_text())
    ]
    assert guarded == []


@pytest.mark.parametrize("locale", languages())
def test_french_signs_keep_their_space(locale: str) -> None:
    letters = ROOT / f"publisher/data/letters/{locale}.yaml"
    written = [*labels(locale).values(), *yaml.safe_load(letters.read_text()).values()]
    assert [text for text in written if re.search(r" [:;?!»]|« ", str(text))] == []
    assert labels(locale)["colon"] == ("\u00a0:" if locale == "fr" else ":")
