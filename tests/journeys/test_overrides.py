"""Overrides that fell behind: the shared clause changed, and nobody looked at the override since."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from support.workspaces import SMALL, Repo, clause

from publisher.build.check import check
from publisher.compare.revisions import overridden
from publisher.errors import UnknownName
from publisher.history.overrides import Override
from publisher.problem import Problem

SHARED, OWN = "shared/clauses/en/data.md", "brands/alpha/clauses/en/data.md"
WHOLE = clause("We keep Alpha's names.")
BLOCK = '{% extends "shared/data.md" %}\n{% block what %}We keep more.{% endblock %}\n'
SUPER = '{% extends "shared/data.md" %}\n{% block what %}{{ super() }} And more.{% endblock %}\n'
NAME, ADDRESS = "We keep your name.", "We keep your name and address."


def changed(text: str = ADDRESS) -> dict[str, str]:
    return {SHARED: SMALL[SHARED].replace(NAME, text)}


AROUND = {SHARED: SMALL[SHARED].replace("Who receives it:", "Who gets it:")}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(SMALL, date="2024-01-02T12:00:00+0000")
    return repo


def override(repo: Repo) -> Override:
    (found,) = overridden(repo.workspace, ["alpha"])
    return found


def behind(repo: Repo) -> list[Problem]:
    problems = [p for p in check(repo.workspace).problems if p.rule == "override-behind"]
    assert bool(problems) == any(each.behind for each in overridden(repo.workspace, ["alpha"]))
    return problems


def overriding(repo: Repo, text: str) -> Repo:
    repo.commit({OWN: text}, "override", date="2024-02-01T12:00:00+0000")
    assert behind(repo) == []
    return repo


def test_an_override_falls_behind_and_catches_up(repo: Repo) -> None:
    overriding(repo, WHOLE)
    commit = repo.commit(changed(), "Keep addresses", date="2024-03-01T23:30:00+0000")
    (found,) = behind(repo)
    assert (found.severity, found.path, found.line) == ("warning", OWN, 1)
    assert found.message == (
        f"overrides {SHARED}, which changed on 2024-03-02 ({commit[:10]}: Keep addresses) after "
        f"this override was last reviewed on 2024-02-01 ({override(repo).since.reviewed.commit[:10]}: override): "
        "We keep your name{+ and address+}."
    )  # fmt: skip
    assert f"`Reviewed: {OWN}`" in found.fix
    repo.commit({OWN: WHOLE.replace("names", "names and addresses")}, "follow")
    assert behind(repo) == []


@pytest.mark.parametrize(
    ("own", "files", "flagged"),
    [
        (BLOCK, changed(), True),
        (BLOCK, AROUND, False),
        (SUPER, changed(), False),
        (WHOLE, AROUND, True),
        (WHOLE, {SHARED: SMALL[SHARED].replace("We keep", "We  keep")}, False),
        (WHOLE, {"shared/clauses/en/who.md": clause("Acme.")}, False),
    ],
    ids=["the-default", "around-a-block", "super", "whole", "white-space", "another-clause"],
)
def test_only_what_the_brand_does_not_show_counts(
    repo: Repo, own: str, files: dict[str, str], flagged: bool
) -> None:
    overriding(repo, own).commit(files, date="2024-03-01T12:00:00+0000")
    assert bool(behind(repo)) is flagged


def test_who_says_that_it_was_reviewed_ends_it(repo: Repo) -> None:
    overriding(repo, WHOLE).commit(changed(), date="2024-03-01T12:00:00+0000")
    repo.git("commit", "-q", "--allow-empty", "-m", f"Looked\n\nReviewed: {SHARED}")
    assert behind(repo)
    repo.git("commit", "-q", "--allow-empty", "-m", f"Looked\n\nReviewed: {OWN}")
    assert behind(repo) == []
    repo.commit(changed("We keep all."), date="2024-03-03T12:00:00+0000")
    (found,) = behind(repo)
    assert "[-your name and address-]{+all+}" in found.message


@pytest.mark.parametrize("path", [f"./{OWN}", f"`{OWN}`", OWN.replace("/", "\\")])
def test_a_path_that_was_reviewed_may_be_written_in_other_ways(repo: Repo, path: str) -> None:
    overriding(repo, WHOLE).commit(changed(), date="2024-03-01T12:00:00+0000")
    repo.git("commit", "-q", "--allow-empty", "-m", f"Looked\n\nReviewed: {path}")
    assert behind(repo) == []


def test_overrides_in_a_locale_that_no_brand_has_are_asked_wrongly(repo: Repo) -> None:
    overriding(repo, WHOLE)
    assert overridden(repo.workspace, ["alpha"], ["en"]) == overridden(repo.workspace, ["alpha"])
    with pytest.raises(UnknownName, match="unknown locale 'xx'"):
        overridden(repo.workspace, ["alpha"], ["xx"])


def test_a_review_on_a_branch_counts_once_it_is_merged(repo: Repo) -> None:
    overriding(repo, WHOLE).commit(changed(), date="2024-03-01T12:00:00+0000")
    main = repo.git("branch", "--show-current").strip()
    repo.git("checkout", "-q", "-b", "review")
    repo.git("commit", "-q", "--allow-empty", "-m", f"Looked\n\nReviewed: {OWN}")
    repo.git("commit", "-q", "--allow-empty", "-m", "Something else")
    repo.git("checkout", "-q", main)
    assert behind(repo)
    repo.git("commit", "-q", "--allow-empty", "-m", "Meanwhile")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge the review", "review")
    repo.git("commit", "-q", "--allow-empty", "-m", "Later")
    assert behind(repo) == []
    (found,) = overridden(repo.workspace, ["alpha"])
    assert found.since.reviewed is not None
    assert found.since.reviewed.subject == "Merge the review"


def test_editorial_changes_and_those_taken_back_do_not_count(repo: Repo) -> None:
    overriding(repo, WHOLE)
    editorial = "Typo\n\nPolicy-Change: editorial"
    repo.commit(changed(), editorial, date="2024-03-01T12:00:00+0000")
    assert behind(repo) == []
    repo.commit(changed("We keep all."), date="2024-03-02T12:00:00+0000")
    assert behind(repo)
    repo.commit(changed(NAME), date="2024-03-03T12:00:00+0000")
    assert behind(repo) == []


def test_an_editorial_change_behind_a_material_one_names_the_material_one(repo: Repo) -> None:
    overriding(repo, WHOLE)
    commit = repo.commit(changed(), "Material", date="2024-03-01T12:00:00+0000")
    editorial = "Typo\n\nPolicy-Change: editorial"
    repo.commit(changed(ADDRESS.replace("keep", "store")), editorial)
    (found,) = behind(repo)
    assert f"{commit[:10]}: Material" in found.message
    assert "[-keep-]{+store+}" in found.message


def test_what_is_not_committed_counts_too(repo: Repo) -> None:
    overriding(repo, WHOLE)
    (repo.workspace / SHARED).write_text(changed()[SHARED])
    (found,) = behind(repo)
    assert "which changed in what is not committed yet after" in found.message
    (repo.workspace / OWN).write_text(WHOLE.replace("names", "names and addresses"))
    assert behind(repo) == []


def test_a_brand_that_is_only_renamed_was_not_reviewed(repo: Repo) -> None:
    overriding(repo, WHOLE).commit(changed(), date="2024-03-01T12:00:00+0000")
    repo.git("mv", "brands/alpha", "brands/gamma")
    repo.git("commit", "-qm", "Rename alpha")
    (found,) = overridden(repo.workspace, ["gamma"])
    assert found.behind
    assert found.since.reviewed is not None
    assert found.since.reviewed.subject == "override"


def test_acceptance_ends_when_the_shared_clause_changes_again(repo: Repo) -> None:
    overriding(repo, WHOLE).commit(changed(), date="2024-03-01T12:00:00+0000")
    (found,) = behind(repo)
    assert found.grounds is not None
    entry = f"- remark: override-behind\n  of: {found.grounds.fingerprint}\n  because: Alpha's own.\n  by: counsel\n"
    repo.commit({"shared/accepted.yaml": entry})
    assert [p for p in check(repo.workspace).problems if p.rule == "override-behind"] == []
    repo.commit(changed("We keep all."), date="2024-03-03T12:00:00+0000")
    assert len(behind(repo)) == 1


@pytest.mark.thorough
def test_history_lists_overrides(repo: Repo, run: Run) -> None:
    overriding(repo, BLOCK).commit(changed(), "Keep more", date="2024-03-01T12:00:00+0000")
    done = run("history", "--overrides", cwd=repo.workspace)
    assert "1 override, 1 behind" in done.stdout
    assert "what of shared/clauses/en/data.md" in done.stdout
    assert "We keep your name{+ and address+}." in done.stdout
    (told,) = json.loads(run("history", "--overrides", "--json", cwd=repo.workspace).stdout)
    assert (told["path"], told["overrides"], told["blocks"]) == (OWN, SHARED, ["what"])
    assert (told["behind"], told["changed"]["subject"]) == (True, "Keep more")
    assert told["reviewed"]["date"] == "2024-02-01"
    assert told["differences"] == "We keep your name{+ and address+}."


def test_a_clause_of_the_brands_own_overrides_nothing(repo: Repo) -> None:
    brand = SMALL["brands/alpha/brand.yaml"] + "clauses: {place: [{clause: own, after: who}]}\n"
    own = {"brands/alpha/clauses/en/own.md": clause("Own."), "brands/alpha/brand.yaml": brand}
    repo.commit(own, date="2024-02-01T12:00:00+0000")
    assert overridden(repo.workspace, ["alpha"]) == ()
