"""Output goes where the user says, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.errors import AskedWrongly, CannotWrite
from publisher.files.output import refuse_own, write_folder


def test_nothing_is_written_behind_a_link_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "build").symlink_to(tmp_path / "away")
    for output in (root / "build", root / "build/", root / "build/en/policy.pdf"):
        with pytest.raises(AskedWrongly, match=r"build is a link\. Delete it, or name another"):
            refuse_own(root, output)
    refuse_own(root, tmp_path / "away")
    refuse_own(root, root / "site")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    refuse_own(root, tmp_path / "circle")


def test_no_link_in_the_output_is_followed_or_copied(tmp_path: Path) -> None:
    """Whoever proposes a change could commit such a link, to have files elsewhere overwritten."""
    away, out = tmp_path / "away", tmp_path / "build" / "alpha"
    (away / "en").mkdir(parents=True)
    secret = away / "en" / "policy.html"
    secret.write_text("theirs")
    out.mkdir(parents=True)
    for link, target in (("en", away / "en"), ("nl", away), ("own", away), ("lost", "nowhere")):
        (out / link).symlink_to(target)
    write_folder(
        out, {"en/policy.html": b"new", "nl/a/policy.html": b"new"}, ["own/en/policy.html"]
    )
    assert (out / "en/policy.html").read_bytes() == b"new"
    assert (out / "nl/a/policy.html").read_bytes() == b"new"
    assert not (out / "en").is_symlink()
    assert sorted(path.name for path in out.iterdir()) == ["en", "lost", "nl"]
    (tmp_path / "build/beta").symlink_to(away)
    with pytest.raises(CannotWrite, match="beta: it is a link, which must be deleted first"):
        write_folder(tmp_path / "build/beta", {"en/policy.html": b"new"})
    assert [path.read_text() for path in away.rglob("*") if path.is_file()] == ["theirs"]
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == ["alpha", "beta"]
