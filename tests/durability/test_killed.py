"""A command that is killed leaves what was there, or what was to be: never a part of it.

A command that appends and is killed once its entry stands says, run again, what is left to do.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.archives import archive, released, say
from support.workspaces import SMALL, Repo, write

from durability.aftermath import typed
from publisher.archive.verify.verify import verify

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
from publisher.cli.app import app_for
sys.argv = ["publisher", "build", "--no-cache", "--format", "html", "--format", "json", "--output", out]
try:
    app_for(())()
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


APPEND = """
import os, signal, sys
from publisher.archive.release import append
from publisher.archive.store import Store
from publisher.cli.app import app_for
def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "before git's commit":
    append.commit = killed
elif sys.argv[1] == "once the entry stands":
    Store._point = killed
sys.argv = ["publisher", *sys.argv[2:]]
app_for(())()
"""
"""A command that appends, killed for real at a point, if that is one of the two."""
COMMANDS = {
    "release": ("release", "alpha", "--yes"),
    "redact": (
        *("redact", "alpha", "2024-02-01", "en/policy.pdf"),
        *("--reason", "Names a customer", "--authority", "A court"),
    ),
    "import-version": (
        *("import-version", "alpha", "../old.txt", "--claimed-date", "2019-05-01"),
        *("--source", "a letter"),
    ),
    "notices": ("notices", "record", "alpha", "2024-03-05", "--channel", "post", "--count", "3"),
    "retire": ("retire", "alpha", "--on", "2099-01-01", "--reason", "Sold"),
}


def append(repo: Repo, point: str, *command: str, there: Path) -> subprocess.CompletedProcess[str]:
    where = (
        () if there == repo.workspace else ("--workspace", os.path.relpath(repo.workspace, there))
    )
    return subprocess.run(
        [sys.executable, "-c", APPEND, point, *command, *where],
        cwd=there,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
@pytest.mark.parametrize("point", ["before git's commit", "once the entry stands"])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_left_to_do_after_a_kill_is_said_and_works_to_the_letter(
    tmp_path: Path, name: str, point: str
) -> None:
    repo = archive(tmp_path / "repo")
    (tmp_path / "old.txt").write_text("Privacy policy\n\n1. Who we are\n\nWe are Alpha.\n")
    released(repo, "2024-02-01")
    say(repo, "Second.", date="2024-03-01T12:00:00+0000")
    if name == "notices":
        released(repo, "2024-03-05")
    entries = verify(repo.workspace).entries
    there = repo.workspace if name != "retire" else tmp_path
    command = COMMANDS[name]
    done = append(repo, point, *command, there=there)
    assert done.returncode == -signal.SIGKILL, done.stderr
    again = append(repo, "never", *command, there=there)
    assert again.returncode == 1, again.stderr
    said = " ".join(again.stderr.split())
    assert "is recorded, but is not committed yet" in said
    told = re.search("run `(git [^`]*)` first", said)
    assert told is not None
    typed(told[1], there)
    assert repo.git("status", "--porcelain", "--ignored") == ""
    checked = verify(repo.workspace)
    assert (checked.findings, checked.unwitnessed) == ((), "")
    assert not [note for note in checked.notes if "not committed" in note or "interrupted" in note]
    assert checked.entries == entries + 1
