"""What the tests copy in place of making it again is what would be made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support import archives
from support.archives import archive, released, say, state, try_release
from support.kept import step
from support.workspaces import Repo

from publisher.archive.verify.verify import verify


def test_a_copied_release_is_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, first, second = (archive(tmp_path / name, "policies") for name in "abc")
    for day, text in (("2031-03-01", "One."), ("2031-04-01", "Two.")):
        for repo in (plain, first, second):
            say(repo, text, date=f"{day}T09:00:00+0000")
        try_release(plain, day, tag=True)
        made = released(first, day, tag=True)
        with monkeypatch.context() as patched:
            patched.setattr(archives, "try_release", None)
            assert released(second, day, tag=True) == made
    assert state(plain) == state(first) == state(second)
    assert plain.git("show-ref", "--head") == second.git("show-ref", "--head")
    assert second.git("fsck", "--strict") == ""
    assert verify(second.workspace).findings == ()


CHANGES: dict[str, Callable[[Repo], object]] = {
    "a file": lambda repo: (repo.root / "new").write_text(""),
    "a file's mode": lambda repo: (repo.root / "brands/alpha/brand.yaml").chmod(0o755),
    "a link": lambda repo: (repo.root / "link").symlink_to("brands"),
    "what is staged": lambda repo: repo.git("rm", "-q", "--cached", "shared/rights.yaml"),
    "a branch": lambda repo: repo.git("branch", "other"),
    "a commit": lambda repo: repo.commit(),
    "the configuration": lambda repo: repo.git("config", "user.name", "Somebody"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_step_is_carried_out_again_upon_anything_else(tmp_path: Path, change: str) -> None:
    taken = []
    for name in "abc":
        repo = archive(tmp_path / name)
        if name == "c":
            CHANGES[change](repo)
        step(repo.root, f"upon {change}", lambda name=name: taken.append(name))  # type: ignore[misc]
    assert taken == ["a", "c"]
