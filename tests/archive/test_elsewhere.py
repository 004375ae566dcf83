"""An archive that commits deleted, or that only another branch has, is never taken for none."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive, released, say
from support.workspaces import Repo

ARCHIVE = ("get alpha --on 2025-02-01", "get alpha", "versions alpha", "export alpha --output out",
           "search word --brand alpha", "timestamp alpha --query q")  # fmt: skip
WHOLE = (*ARCHIVE, "versions", "status", "status alpha", "check", "check alpha", "site alpha")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    return repo


def deleted(repo: Repo, *paths: str) -> None:
    repo.git("rm", "-rqf", *paths)
    repo.git("commit", "-qm", "tidy up")


@pytest.mark.parametrize("what", ["versions/alpha", "versions", "versions/alpha/ledger*"])
def test_a_deletion_that_is_committed_is_said(repo: Repo, run: Run, what: str) -> None:
    released(repo, "2025-01-11", "beta")
    deleted(repo, what)
    if what != "versions":  # the folder may stay, with files that git does not keep
        (repo.workspace / "versions/alpha").mkdir(exist_ok=True)
        (repo.workspace / "versions/alpha/.DS_Store").touch()
    by = repo.git("rev-parse", "HEAD")[:10]
    whole = repo.git("rev-parse", "HEAD~1")[:10]
    say(repo, "Second.")
    for command in WHOLE:
        done = run(*command.split(), cwd=repo.workspace)
        assert (done.returncode, done.stdout) == (3, ""), command
        assert (
            f"versions/alpha/ledger is missing, as commit {by} deleted it. The archive was "
            f"altered: run `git checkout {whole} -- versions/alpha` and commit that, then run "
            "`publisher verify`"
        ) in done.stderr, command
    assert not (repo.workspace / "out").exists()


def test_it_is_said_by_whichever_commit(repo: Repo, run: Run) -> None:
    """A merge deletes what one of its parents has, and the brand may be gone, too."""
    repo.git("switch", "-qc", "side", "HEAD~1")
    say(repo, "Aside.")
    repo.git("merge", "-q", "-s", "ours", "--no-edit", "main")
    repo.git("branch", "-qD", "main")
    merge, whole = (repo.git("rev-parse", name)[:10] for name in ("HEAD", "HEAD^2"))
    deleted(repo, "brands/alpha")
    for command in (*ARCHIVE, "versions", "status", "check", "verify alpha"):
        done = run(*command.split(), cwd=repo.workspace)
        assert done.returncode == 3, command
        assert f"as commit {merge} deleted it" in done.stderr, command
        assert f"`git checkout {whole} -- versions/alpha`" in done.stderr, command


def test_what_is_restored_as_it_says_answers_again(repo: Repo, run: Run) -> None:
    deleted(repo, "versions/alpha")
    said = run("get", "alpha", cwd=repo.workspace).stderr
    repo.git(*said.partition("`git ")[2].partition("`")[0].split())
    assert run("get", "alpha", "--output", "x.pdf", cwd=repo.workspace).returncode == 0
    repo.git("commit", "-qm", "restore")
    assert run("verify", cwd=repo.workspace).returncode == 3, "the deletion stays in history"


def test_a_former_name_whose_archive_was_deleted(repo: Repo, run: Run) -> None:
    repo.git("mv", "brands/alpha", "brands/nova")
    file = repo.workspace / "brands/nova/brand.yaml"
    file.write_text(file.read_text() + "was: [alpha]\n")
    repo.commit(date="2025-01-12T12:00:00Z")
    say(repo, "New.", date="2025-01-13T12:00:00Z")
    released(repo, "2025-02-01", "nova")
    deleted(repo, "versions/alpha")
    for name in ("nova", "alpha"):
        done = run("get", name, "--on", "2025-01-11", cwd=repo.workspace)
        assert done.returncode == 3, done.stdout
        assert "versions/alpha/ledger is missing" in done.stderr


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_another_branch_or_a_tag_has_the_versions(repo: Repo, run: Run, kind: str) -> None:
    repo.git("switch", "-qc", "draft", "HEAD~1")
    repo.git(kind, "kept", "main")
    repo.git("branch", "-qD", "main")
    for command in ("get alpha", "versions alpha", "export alpha --output out"):
        done = run(*command.split(), cwd=repo.workspace)
        assert (done.returncode, done.stdout) == (4, ""), done.stderr
        assert (
            "the work tree has no version of 'alpha', and kept has released versions of it. Run "
            "`git merge kept`, or ask in a work tree of kept"
        ) in done.stderr
    warned = "versions/alpha: is not here, and kept has released versions of 'alpha'"
    for command in ("check", "check alpha", "status", "status alpha", "versions"):
        done = run(*command.split(), cwd=repo.workspace)
        assert done.returncode == 0
        assert warned in " ".join((done.stdout + done.stderr).split())
    beta = run("get", "beta", cwd=repo.workspace)
    assert "'beta' has no released version" in beta.stderr
    assert warned not in run("check", "beta", cwd=repo.workspace).stdout


def test_get_asks_git_nothing_where_the_archive_is_there(
    repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("publisher.repository.reading.Repository.find", lambda _: 1 / 0)
    for command in ("get alpha --on 2025-02-01 --output x.pdf", "versions alpha"):
        assert run(*command.split(), cwd=repo.workspace).returncode == 0
