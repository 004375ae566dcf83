"""A build that is killed leaves what was there, or what was to be: never a part of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.workspaces import SMALL, Repo, write

RUN = """
import os, signal, sys
out, moment = sys.argv[1], int(sys.argv[2])
seen = 0
def hook(event, arguments):
    global seen
    if any(isinstance(each, (str, bytes)) and out in os.fsdecode(each) for each in arguments):
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from publisher.cli.app import app
sys.argv = ["publisher", "build", "--no-cache", "--format", "html", "--format", "json", "--output", out]
try:
    app()
finally:
    print("touched the disk", seen, "times")
"""
MOMENTS = 50


def documents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("policy.*"))}


def build(repo: Repo, out: Path, moment: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, str(out), str(moment)],
        cwd=repo.workspace,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(1, MOMENTS + 1, 5))
def test_killed_at_any_moment(repo: Repo, tmp_path: Path, first: int) -> None:
    data = "shared/clauses/en/data.md"
    whole = {}
    for name, text in (
        ("old", SMALL[data]),
        ("new", SMALL[data].replace("your name", "your names")),
    ):
        write(repo.workspace, {data: text})
        assert build(repo, tmp_path / name).returncode == 0
        whole[name] = {b: documents(tmp_path / name / b / "en") for b in ("alpha", "beta")}
    for moment in range(first, first + 5):
        out = tmp_path / f"out-{moment}"
        shutil.copytree(tmp_path / "old", out)
        done = build(repo, out, moment)
        assert done.returncode == -signal.SIGKILL, done.stdout
        for brand in ("alpha", "beta"):
            left = documents(out / brand)
            assert left in (whole["old"][brand], whole["new"][brand]), f"moment {moment}: {brand}"
        done = build(repo, out)
        assert done.returncode == 0, done.stderr
        assert sorted(p.name for p in out.iterdir()) == ["alpha", "beta"], "leftovers"
        assert {b: documents(out / b) for b in ("alpha", "beta")} == whole["new"]
