"""Git's objects are the same, whether one process serves them one by one, or another one at once."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.workspaces import Repo

from publisher.errors import GitFailed
from publisher.repository import objects, reading
from publisher.repository.reading import Repository
from publisher.repository.witness import blobs

MISSING = "0123456789" * 4


@pytest.fixture(params=[0, 32], ids=["at once", "one by one"])
def opened(
    request: pytest.FixtureRequest, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Repository]:
    """A repository of three commits, the second of which has a folder more, the third a link."""
    repo.commit({"versions/alpha/a b.txt": "text"}, "second")
    (repo.root / "versions").rename(repo.root / "kept")
    (repo.root / "versions").symlink_to("kept")
    repo.commit({}, "third")
    for module in (objects, reading):
        monkeypatch.setattr(module, "SERVED", request.param)
    found = Repository.find(repo.root)
    assert found is not None
    with found:
        yield found


def test_kinds_contents_and_folders(opened: Repository) -> None:
    commits = opened.line(str(opened.newest()))
    trees = [opened.tree(commit) for commit in commits]
    assert opened.kinds([*commits, *trees]) == ["commit"] * 3 + ["tree"] * 3
    assert [*opened.objects([*commits, *trees])] == [*map(opened.object, [*commits, *trees])]
    third, second, first = opened.folder_ids("versions", commits)
    assert (third, first) == (None, None)
    assert opened.kinds([str(second)]) == ["tree"]
    assert [*opened.objects(())] == opened.kinds(()) == opened.folder_ids("versions", ()) == []


def test_what_lies_below_a_folder(opened: Repository) -> None:
    third, second, first = opened.line(str(opened.newest()))
    (about,) = blobs(opened, second, "versions").items()
    assert (about[0], about[1][0]) == ("versions/alpha/a b.txt", "100644")
    assert blobs(opened, second, "versions/alpha/a b.txt") == dict([about])
    assert blobs(opened, first, "versions") == {}
    assert [mode for mode, _ in blobs(opened, third, "versions").values()] == ["120000"]
    assert [opened.workspaces(commit) for commit in (first, third)] == [("",), ("",)]
    assert sorted(blobs(opened, first, "brands")) == [*blobs(opened, first, "brands")]


def test_a_missing_object_is_named_and_the_next_one_is_served(opened: Repository) -> None:
    newest = str(opened.newest())
    with pytest.raises(GitFailed, match=f"git has no object {MISSING}"):
        [*opened.objects([newest, MISSING])]
    with pytest.raises(GitFailed, match=f"git has no object {MISSING}"):
        opened.object(MISSING)
    assert opened.kinds([newest, MISSING]) == ["commit", "missing"]
    assert opened.folder_ids("brands", [newest, MISSING])[1] is None
    assert opened.tree(newest)


def test_the_head_is_the_one_of_now(opened: Repository) -> None:
    before = opened.head()
    id = Repo.of(opened.folder).commit({"new": "file"}, "fourth")
    assert (opened.newest(), opened.head()) == (before, id)
    Repo.of(opened.folder).git("checkout", "-q", "--orphan", "other")
    assert opened.head() is None


def test_an_object_is_served_after_the_process_has_ended(opened: Repository) -> None:
    newest = str(opened.newest())
    opened.tree(newest)
    server = opened.git.cat_file_all
    assert server is not None
    os.kill(server.proc.pid, signal.SIGKILL)
    server.proc.wait()
    assert opened.kinds([newest]) == ["commit"]
    assert len([*opened.objects([opened.tree(newest)])]) == 1


def test_a_folder_with_a_line_that_git_answers_with(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "a\nb")
    repo.commit({"brands/a": "", "shared/b": ""})
    found = Repository.find(repo.root)
    assert found is not None
    assert (found.git_folder, found.prefix) == (repo.root / ".git", "")
    repo = Repo(tmp_path / "a\nsha1\nb")
    with pytest.raises(GitFailed, match="rename it"):
        Repository.find(repo.root)


def test_too_many_open_files_are_no_fault_of_the_repository(
    repo: Repo,
) -> None:
    with Repository.find(repo.root) as found:  # type: ignore[union-attr]
        newest = str(found.newest())
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        descriptor = os.open(os.devnull, os.O_RDONLY)
        os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptor + 3, before[1]))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                found.tree(newest)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert found.tree(newest)
