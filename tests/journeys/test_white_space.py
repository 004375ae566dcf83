"""White space as readers see it: what dates a policy, what can be released, what ledgers hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import DATA, archive, noon, refused, released, say
from support.workspaces import Repo, clause

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import redact
from publisher.archive.verify.verify import verify
from publisher.build.build import build
from publisher.build.check import check
from publisher.compare.revisions import history

APART = "We keep the[ house](https://x.example) and your name."
GLUED = APART.replace("[ house]", "[house]")
MOVED = APART.replace("the[ house]", "the [house]")
BLANK = f"{GLUED}\n\n&nbsp;\n\n&#x2003;&#x202f;"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return archive(tmp_path / "repo")


def dated(repo: Repo) -> date | None:
    """Return the day on which the policy was last updated."""
    report = build(repo.workspace, repo.root.parent / "out", brands=["alpha"], formats=["json"])
    return report.built[0].last_updated


def days(repo: Repo) -> list[str]:
    """Return the days of the revisions, newest first."""
    (told,) = history(repo.workspace, "alpha")
    return [str(entry.day) for entry in told.entries]


@pytest.mark.parametrize(("one", "other"), [(APART, GLUED), (GLUED, APART), (MOVED, GLUED)])
def test_a_space_at_the_edge_of_a_link_is_a_revision(repo: Repo, one: str, other: str) -> None:
    say(repo, one, date="2024-03-01T12:00:00+0000")
    say(repo, other, date="2024-03-05T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 5)
    assert days(repo)[:2] == ["2024-03-05", "2024-03-01"]


@pytest.mark.parametrize(("one", "other"), [(APART, MOVED), (BLANK, GLUED), (GLUED, BLANK)])
def test_what_readers_do_not_see_is_no_revision(repo: Repo, one: str, other: str) -> None:
    say(repo, one, date="2024-03-01T12:00:00+0000")
    say(repo, other, date="2024-03-05T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 1)
    assert days(repo)[0] == "2024-03-01"


def test_versions_that_share_a_digest_are_told_apart_by_their_texts(repo: Repo) -> None:
    say(repo, APART, date="2024-03-01T12:00:00+0000")
    first = released(repo, "2024-03-02")
    assert dated(repo) == date(2024, 3, 1)
    assert "has the words of its version" in str(refused(repo, "2024-03-03"))
    say(repo, GLUED, date="2024-03-05T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 5)
    second = released(repo, "2024-03-06")
    assert second.change == "material"
    assert second.changes["en"].changed == ("data",)
    assert second.locales["en"].words == first.locales["en"].words
    assert verify(repo.workspace, rebuild=True).findings == ()
    say(repo, APART, date="2024-03-07T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 7)


@pytest.mark.parametrize(("one", "other"), [(APART, MOVED), (BLANK, GLUED)])
def test_a_version_that_reads_the_same_has_its_date(repo: Repo, one: str, other: str) -> None:
    say(repo, one, date="2024-03-01T12:00:00+0000")
    released(repo, "2024-03-02")
    say(repo, other, date="2024-03-05T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 1)
    assert "has the words of its version" in str(refused(repo, "2024-03-06"))


def test_where_the_text_was_redacted_the_digest_in_the_ledger_decides(repo: Repo) -> None:
    say(repo, APART, date="2024-03-01T12:00:00+0000")
    released(repo, "2024-03-02")
    why = ("Names a customer", "Court of Ghent")
    asked = AppendOptions(noon("2024-03-03"))
    redact(repo.workspace, "alpha", "2024-03-02", "en/policy.json", *why, asked)
    assert "has the words of its version" in str(refused(repo, "2024-03-04"))
    assert dated(repo) == date(2024, 3, 1)
    say(repo, "Another text.", date="2024-03-05T12:00:00+0000")
    assert dated(repo) == date(2024, 3, 5)


def test_a_redline_shows_the_space_and_nothing_that_is_blank(repo: Repo, run: Run) -> None:
    say(repo, APART)
    say(repo, GLUED)
    say(repo, BLANK)
    apart = run("diff", "alpha", "HEAD~2", "HEAD~1", "--exit-code", cwd=repo.workspace)
    assert apart.returncode == 1
    assert "no differences" not in apart.stdout.lower()
    blank = run("diff", "alpha", "HEAD~1", "HEAD", "--exit-code", cwd=repo.workspace)
    assert blank.returncode == 0, blank.stdout
    assert "no differences" in blank.stdout.lower()
    for format in ("html", "markdown", "json", "pdf"):
        output = str(repo.root.parent / f"redline.{format}")
        asked = ("--format", format, "--output", output)
        done = run("diff", "alpha", "HEAD~1", "HEAD", *asked, cwd=repo.workspace)
        assert done.returncode == 0, done.stderr


def test_check_tells_of_a_paragraph_of_spaces(repo: Repo) -> None:
    repo.commit({DATA: clause("A.\n\n- b\n\n  &nbsp;\n\nC.")})
    assert [str(p) for p in check(repo.workspace).problems if p.grounds is None] == [
        f"{DATA}: has a paragraph of spaces only, which readers do not see; delete it: what counts "
        "as words leaves it out"
    ]
