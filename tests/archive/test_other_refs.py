"""A history that was written again agrees with itself, but not with other branches and places."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.archives import archive, released, say
from support.workspaces import Repo

from publisher.archive.verify.verify import verify

LEDGER = "versions/alpha/ledger"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-03-01")
    return repo


def written_again(tmp_path: Path, workspace: str = "") -> Repo:
    """Return an archive of the same brand and days that says something else."""
    other = archive(tmp_path / "other", workspace)
    say(other, "We sell your name.", date="2024-01-03T12:00:00+0000")
    released(other, "2025-03-01")
    return other


def findings(repo: Repo) -> list[str]:
    return [str(finding) for finding in verify(repo.workspace).findings]


def test_another_branch_with_the_true_ledger_is_a_witness(repo: Repo, tmp_path: Path) -> None:
    other = written_again(tmp_path)
    repo.git("fetch", "-q", str(other.root), "HEAD:refs/heads/forged")
    for branch, true in (("forged", "main"), ("main", "forged")):
        repo.git("checkout", "-q", branch)
        (finding,) = findings(repo)
        assert finding.startswith(
            f"{LEDGER}/0001-release-2025-03-01.json: is not as in {true}: one"
        )
    repo.git("branch", "-q", "-D", "forged")
    assert findings(repo) == []


def test_an_orphan_branch_that_drops_an_entry_is_seen(repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "cut")
    repo.git("commit", "-qm", "All at once")
    assert findings(repo) == []
    repo.git("checkout", "-q", "main")
    say(repo, "Second.", date="2025-03-02T12:00:00+0000")
    released(repo, "2025-04-01")
    assert findings(repo) == []
    repo.git("checkout", "-q", "cut")
    (finding,) = findings(repo)
    assert finding.startswith(f"{LEDGER}/0002-release-2025-04-01.json: is not as in main")


def test_a_branch_that_is_behind_or_ahead_is_no_finding(repo: Repo) -> None:
    repo.git("branch", "old")
    say(repo, "Second.", date="2025-03-02T12:00:00+0000")
    released(repo, "2025-04-01")
    assert findings(repo) == []
    repo.git("checkout", "-q", "old")
    assert findings(repo) == []


@pytest.mark.parametrize("steps", [1, 2])
def test_an_archive_that_was_written_again_on_its_way(
    repo: Repo, tmp_path: Path, steps: int
) -> None:
    other = written_again(tmp_path, "legal")
    repo.git("rm", "-rq", "brands", "shared", "versions")
    if steps == 2:
        repo.git("commit", "-qm", "Out")
    repo.git("fetch", "-q", str(other.root), "HEAD")
    repo.git("checkout", "-q", "FETCH_HEAD", "--", "legal")
    repo.git("commit", "-qm", "In")
    repo.workspace = repo.root / "legal"
    assert any("does not begin as versions/alpha/ledger/0001-" in text for text in findings(repo))
