"""The example with a past: the same for the same day, whoever makes it, and all in order."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Run

from publisher.archive.verify.verify import verify
from publisher.build.check import check
from publisher.start.example import init_example

TODAY = datetime(2026, 11, 26, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return init_example(tmp_path_factory.mktemp("example") / "one", TODAY, "policy-publisher==1")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.thorough
def test_it_has_versions_of_every_kind_and_verifies(made: Path, run: Run) -> None:
    told = run("versions", cwd=made).stdout
    for state in ("superseded", "in force", "upcoming", "retired"):
        assert state in told
    assert len([*made.glob("versions/*/2*")]) == 4
    verified = verify(made)
    assert verified.findings == ()
    assert (verified.notes, verified.answers) == ((), ())
    (problem,) = check(made, today=TODAY.date()).problems
    assert (problem.severity, problem.path) == ("question", "brands/harbour/brand.yaml")
    assert "Policy-Change: editorial" in _git(made, "log")
    assert "harbour" in run("status", cwd=made).stdout


@pytest.mark.thorough
def test_the_same_day_gives_the_same_commits_and_bytes(made: Path, run: Run) -> None:
    other = made.parent / "two"
    done = run(
        "init",
        str(other),
        "--example",
        "--today",
        "2026-11-26",
        "--toolkit",
        "policy-publisher==1",
        cwd=made.parent,
        TZ="Asia/Tokyo",
        GIT_AUTHOR_NAME="Somebody",
        GIT_COMMITTER_EMAIL="some@body.example",
        PYTHONHASHSEED="7",
    )
    assert done.returncode == 0, done.stderr
    assert _git(made, "rev-parse", "HEAD") == _git(other, "rev-parse", "HEAD")
    for root in (made, other):
        assert _git(root, "status", "--porcelain", "--ignored") == ""
    assert {*_git(other, "log", "--format=%an <%ae> %cn <%ce>").splitlines()} == {
        "Quayside Trading <policies@quayside.example> Quayside Trading <policies@quayside.example>"
    }
