"""Remarks on what policies say, where the other commands meet them: release, status, impact."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from support.archives import refused, released, try_release
from support.legal import LAW
from support.workspaces import Repo

from publisher.archive.release.status import status
from publisher.compare.impact import impact

Run = Callable[..., CompletedProcess[str]]
WHY = "shared/clauses/en/why.md"
CONTACT = "shared/clauses/en/contact.md"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
VAGUE = "\nWe keep data for as long as necessary.\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository with the workspace that has no faults."""
    made = Repo(tmp_path / "repo")
    made.git("config", "user.name", "Ops")
    made.git("config", "user.email", "ops@acme.example")
    base = LAW / "base"
    files = {
        str(path.relative_to(base)): path.read_text() for path in base.rglob("*") if path.is_file()
    }
    made.commit({**files, ".gitattributes": "versions/** -text -filter -ident\n"})
    return made


def append(repo: Repo, path: str, text: str) -> None:
    repo.commit({path: (repo.root / path).read_text() + text})


def test_a_leak_stops_a_release_and_warnings_do_not(repo: Repo) -> None:
    append(repo, WHY, VAGUE)
    append(repo, CONTACT, "\nOr to privacy@acme-advies.example.\n")
    fault = refused(repo, "2026-11-20", "bolt")
    assert "Bolt Thuis's policy has the mailbox of Acme Advies" in str(fault)
    assert "as long as necessary" not in str(fault)
    assert released(repo, "2026-11-20", "acme").version == "2026-11-20"


def test_a_release_says_which_remarks_have_come_since_the_version_before(repo: Repo) -> None:
    assert try_release(repo, "2026-11-20", "acme").problems == ()
    append(repo, WHY, VAGUE)
    (told,) = try_release(repo, "2026-11-21", "acme").problems
    assert str(told) == (
        "brands/acme/brand.yaml: has a remark that its version 2026-11-20 did not have: "
        "kept-vague; see `publisher check acme`"
    )
    append(repo, WHY, "\nAll of it is kept in Ghent.\n")
    assert try_release(repo, "2026-11-22", "acme").problems == ()


def test_status_counts_remarks(repo: Repo, run: Run) -> None:
    append(repo, WHY, VAGUE)
    append(repo, "brands/bolt/brand.yaml", "sisters: [acme]\n")
    assert {each.brand: each.remarks for each in status(repo.workspace, NOW)} == {
        "acme": 1,
        "bolt": 2,
    }
    said = run("status", cwd=repo.workspace).stdout
    assert "2 remarks of the legal rules; see `publisher check bolt`" in said
    told = json.loads(run("status", "--json", cwd=repo.workspace).stdout)
    assert [each["remarks"] for each in told] == [1, 2]


def test_impact_says_which_remarks_an_edit_brings_and_takes_away(repo: Repo, run: Run) -> None:
    append(repo, WHY, VAGUE)
    text = (repo.root / WHY).read_text().replace(VAGUE, "\nWe might keep your data.\n")
    (repo.root / WHY).write_text(text)
    found = impact(repo.workspace, NOW)
    assert [each.rule for each in found.brought] == ["hedged"]
    assert [each.rule for each in found.taken] == ["kept-vague"]
    shown = run("impact", "--summary", cwd=repo.workspace).stdout
    assert f"Remarks that this change brings\n  {WHY}:8: hedges what is done" in shown
    assert "Remarks that it takes away\n" in shown
    comment = run("impact", "--format", "markdown", cwd=repo.workspace).stdout
    assert "**Remarks that this change brings:**\n\n- " in comment
    told = json.loads(run("impact", "--format", "json", cwd=repo.workspace).stdout)
    assert [each["rule"] for each in told["remarks_brought"]] == ["hedged"]
    assert [each["rule"] for each in told["remarks_taken_away"]] == ["kept-vague"]
    repo.commit({WHY: text})
    moved = text.replace("- Answering", "More.\n\n- Answering")
    (repo.root / WHY).write_text(moved)
    again = impact(repo.workspace, NOW)
    assert (again.brought, again.taken) == ((), ()), "a remark that only moves is the same"
