"""How git is run: by the parts of GitPython that this takes, and what its failures mean."""

import os
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest
from support.archives import archive, noon, released
from support.commands import called
from support.workspaces import Repo, clause, write

from publisher.errors import GitFailed, UnknownRevision
from publisher.repository.commits import signature
from publisher.repository.reading import Repository
from publisher.repository.tags import tags
from publisher.repository.witness import unmerged
from publisher.repository.writing import commit

ASK = """
import sys
{before}
from pathlib import Path
from publisher.repository.git import run, unguarded
print(run(unguarded(Path(sys.argv[1])), "rev-parse HEAD").strip(), "git.repo" in sys.modules)
import git
print(git.Repo(sys.argv[1]).head.commit.hexsha)
"""
OTHERWISE = """
import publisher.repository.git as room
def broken(folders): raise TypeError("put together otherwise")
room._parts = broken
"""


@pytest.mark.parametrize(
    ("before", "whole"), [("", False), ("import git", True), (OTHERWISE, True)]
)
def test_git_runs_whatever_of_gitpython_is_loaded(repo: Repo, before: str, whole: bool) -> None:
    code = ASK.format(before=before)
    command = [sys.executable, "-c", code, str(repo.workspace)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    head = repo.git("rev-parse", "HEAD").strip()
    assert ran.stdout.split() == [head, str(whole), head]


@pytest.mark.parametrize("color", ["color.ui", "color.grep"])
def test_no_setting_of_the_repository_changes_what_git_answers(repo: Repo, color: str) -> None:
    repo.git("config", color, "always")
    repo.git("config", "color.advice", "always")
    repo.git("config", "diff.orderFile", "missing")
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    write(repo.workspace, {"brands/alpha/clauses/en/data.md": clause("Café.")})
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        first = str(repository.head())
        assert repository.naming(first, ["privacy@alpha.example"], "brands") == (
            "brands/alpha/brand.yaml",
        )
        commit(repository, ["brands/alpha"], "Café", noon("2025-01-10"), "Zoë <zoe@example.org>")
        newest = str(repository.head())
        assert repository.altered(first, "brands", to=newest) == (
            "brands/alpha/clauses/en/data.md",
        )
        assert astuple(signature(repository.object(newest))) == ("Zoë", "Café")
        with pytest.raises(GitFailed) as failed:
            repository.naming("0" * 40, ["a text"], "brands")
        assert str(failed.value).startswith("unable to parse object: 000")


def test_a_commit_that_is_missing_is_named_for_what_it_is(repo: Repo) -> None:
    (repo.root / ".git/HEAD").write_text("1" * 40 + "\n")
    found = Repository.find(repo.workspace)
    assert found is not None
    with found, pytest.raises(GitFailed, match="cannot read the commit that is checked out"):
        found.head()


@pytest.mark.parametrize("space", ["\u2028", "\x85", "\xa0"])
def test_a_name_of_git_may_have_what_python_takes_for_space(tmp_path: Path, space: str) -> None:
    repo = archive(tmp_path / "r", f"of{space}acme")
    released(repo, "2026-06-01", tag=True)
    for _ in range(40):
        repo.commit()
    repo.git("tag", f"alpha/2026{space}x")
    repo.git("checkout", "-q", "-b", f"a{space}branch")
    side = repo.commit({"versions/beta/note": "x"})
    repo.git("checkout", "-q", "main")
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        assert repository.resolve(f"a{space}branch") == side
        assert f"a{space}branch" in repository.names()
        names = [tag.name for tag in tags(repository, "alpha/")]
        assert names == ["alpha/2026-06-01", f"alpha/2026{space}x"]
        head = str(repository.head())
        assert [*unmerged(repository, head, "versions")] == [(f"a{space}branch", side)]
        line = repository.line(head)
        assert len({*repository.folder_ids("versions", line)}) == 2
    assert called("verify", cwd=repo.workspace).returncode == 0


def test_a_workspace_in_a_folder_with_a_line_break_in_its_name(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r", "of\nacme")
    repo.commit({"note": "x"})
    with pytest.raises(GitFailed, match="has a line break in its name; rename it"):
        Repository.find(repo.workspace)


def test_a_search_that_finds_nothing_is_no_failure(repo: Repo) -> None:
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        commit = str(repository.head())
        assert repository.naming(commit, ["privacy@alpha.example"], "brands") == (
            "brands/alpha/brand.yaml",
        )
        assert repository.naming(commit, ["a text that nobody has"], "brands") == ()
        with pytest.raises(GitFailed):
            repository.naming("0" * 40, ["a text"], "brands")


@pytest.mark.parametrize("revision", ["HEAD~1", "HEAD~5", "HEAD^", "main~1"])
def test_a_revision_that_git_cannot_read_is_not_an_unknown_one(repo: Repo, revision: str) -> None:
    first = repo.commit({"brands/alpha/clauses/en/data.md": clause("One.")})
    repo.commit({"brands/alpha/clauses/en/data.md": clause("Other.")})
    (repo.root / ".git/objects" / first[:2] / first[2:]).unlink()
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        with pytest.raises(GitFailed, match=f"git cannot read this .*{first}") as failed:
            repository.resolve(revision)
        assert "fatal: " not in str(failed.value)
        for unknown in ("1" * 40, "nowhere", "nowhere~1"):
            with pytest.raises(UnknownRevision):
                repository.resolve(unknown)


@pytest.mark.parametrize(
    "name",
    ["packed-refs", "shallow", "info/grafts", "commondir", "refs/heads/main", "refs/tags/a/b"],
)
def test_a_pipe_at_which_git_waits_is_named(repo: Repo, name: str) -> None:
    place = repo.root / ".git" / name
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(place)
    with pytest.raises(GitFailed, match=f"{name} is a pipe, at which git waits. Restore the file"):
        Repository.find(repo.root)
    with pytest.raises(GitFailed, match=f"{name} is a pipe"):
        Repository.find(repo.root / "brands")


def test_a_pipe_in_the_folder_of_a_further_work_tree_is_named(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "further"))
    (index := repo.root / ".git/worktrees/further/index").unlink()
    os.mkfifo(index)
    with pytest.raises(GitFailed, match="further/index is a pipe"):
        Repository.find(tmp_path / "further")


@pytest.mark.parametrize("name", ["index", "HEAD", "refs/heads/main"])
def test_a_lock_with_which_git_would_commit_nothing_is_named(repo: Repo, name: str) -> None:
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        assert repository.lock() == ""
        (repo.root / ".git" / f"{name}.lock").touch()
        assert repository.lock() == f".git/{name}.lock"
