"""A clone that lags behind the branch that it pushes to: nothing is appended there, and told why."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive, noon, refused, released, say, state
from support.clones import DATES, clone, fault, pull
from support.workspaces import Repo

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import redact, retire
from publisher.archive.release.status import status

NOW = noon("2025-06-15")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("behind")
    repo = archive(root / "first")
    released(repo, "2025-01-10")
    repo.git("clone", "-q", "--bare", str(repo.root), str(root / "origin.git"))
    return root / "origin.git"


@pytest.fixture
def clones(bare: Path, tmp_path: Path) -> tuple[Repo, Repo]:
    """Two clones of one repository."""
    shutil.copytree(bare, tmp_path / "origin.git")
    one, two = (clone(tmp_path / "origin.git", tmp_path / name) for name in ("one", "two"))
    return one, two


def test_nothing_is_appended_behind_a_release(clones: tuple[Repo, Repo], run: Run) -> None:
    one, two = clones
    say(one, "Second.", date="2025-02-01T12:00:00+0000")
    released(one, "2025-05-02")
    one.git("push", "-q")
    two.git("fetch", "-q")
    said = (
        "main is 2 commits behind origin/main, which has released alpha 2025-05-02. Run `git pull` "
        "first. Nothing was written"
    )
    for how in ({}, {"dry_run": True}, {"commit": False}):
        error = refused(two, NOW, **how)
        assert (str(error), error.exit_code) == (said, 2)
    root, asked = two.workspace, AppendOptions(NOW)
    before = state(two)
    for error in (
        fault(retire, root, "alpha", date(2025, 7, 1), "Sold", asked),
        fault(redact, root, "alpha", "2025-01-10", "en/policy.pdf", "A name", "Court", asked),
    ):
        assert str(error) == said
    assert state(two) == before
    assert {each.behind for each in status(root, NOW)} == {
        said.removesuffix(". Nothing was written")
    }
    told = run("status", cwd=root)
    assert "main is 2 commits behind origin/main" in " ".join(told.stdout.split())
    assert '"behind": "main is 2 commits behind' in run("status", "--json", cwd=root).stdout
    assert pull(two)
    assert {each.behind for each in status(root, NOW)} == {None}
    say(two, "Third.", date="2025-05-05T12:00:00+0000")
    assert released(two, NOW).sequence == 3


def test_words_alone_are_missed_too(clones: tuple[Repo, Repo]) -> None:
    one, two = clones
    say(one, "Second.", date="2025-02-01T12:00:00+0000")
    one.git("push", "-q")
    two.git("fetch", "-q")
    said = "main is 1 commit behind origin/main. Run `git pull` first. Nothing was written"
    assert str(refused(two, NOW)) == said


def test_what_has_parted_says_both_sides(clones: tuple[Repo, Repo]) -> None:
    one, two = clones
    retire(one.workspace, "alpha", date(2025, 7, 1), "Sold", AppendOptions(noon("2025-05-02")))
    released(one, "2025-05-03", "beta")
    one.git("push", "-q")
    say(two, "Second.", date="2025-02-01T12:00:00+0000")
    two.git("fetch", "-q")
    assert str(refused(two, NOW)) == (
        "main is 2 commits behind origin/main, which has retired alpha 2025-07-01 and released beta "
        "2025-05-03, and has 1 commit of its own. Run `git pull --no-rebase` first. Nothing was "
        "written"
    )
    two.git("reset", "-q", "--hard", "HEAD~1")
    two.git("update-ref", "refs/remotes/origin/main", "HEAD")
    retire(two.workspace, "alpha", date(2025, 8, 1), "Sold", AppendOptions(noon("2025-05-04")))
    two.git("fetch", "-q")
    assert "Both have an entry 2 of alpha: run `git pull --no-rebase`" in str(refused(two, NOW))


def test_who_is_ahead_or_tracks_nothing_hears_nothing(clones: tuple[Repo, Repo]) -> None:
    one, two = clones
    say(one, "Second.", date="2025-02-01T12:00:00+0000")
    one.git("push", "-q")
    released(one, "2025-05-02")
    say(one, "Third.", date="2025-05-03T12:00:00+0000")
    released(one, "2025-05-04")
    two.git("fetch", "-q")
    two.git("branch", "--unset-upstream")
    say(two, "Other.", date="2025-02-01T12:00:00+0000")
    assert {each.behind for each in status(two.workspace, NOW)} == {None}
    released(two, "2025-05-02")
    two.git("branch", "--set-upstream-to", "origin/main")
    two.git("update-ref", "-d", "refs/remotes/origin/main")
    assert {each.behind for each in status(two.workspace, NOW)} == {None}


def test_another_branch_is_refused_as_before(clones: tuple[Repo, Repo]) -> None:
    one, two = clones
    say(one, "Second.", date="2025-02-01T12:00:00+0000")
    one.git("push", "-q")
    two.git("fetch", "-q")
    two.git("switch", "-q", "-c", "draft")
    assert "the work tree is on the branch 'draft'" in str(refused(two, NOW))
    assert {each.behind for each in status(two.workspace, NOW)} == {None}
    two.git("switch", "-q", "main")
    two.git("commit", "-q", "--allow-empty", "-m", "own", **DATES)
    assert "1 commit of its own" in str(refused(two, NOW))
