"""Output goes where the user says, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.errors import AskedWrongly
from publisher.files.output import refuse_own


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
