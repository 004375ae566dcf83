"""What ``publisher init`` refuses: the exact message, the exit code, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from support.bad_starts import CASES, StartCase
from support.messages import FOLDER


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_bad_start(
    tmp_path: Path, run: Run, case: StartCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in case.environment:
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    home.mkdir()
    case.prepare(home / "new")
    before = _files(home)
    done = run("init", "new", *case.arguments, cwd=home)
    assert done.stderr == f"error: {case.message.replace(FOLDER, str(home / 'new'))}\n"
    assert (done.stdout, done.returncode) == ("", case.code)
    assert _files(home) == before
