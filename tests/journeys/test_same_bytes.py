"""The same commit and the same tools give the same bytes, wherever, whenever and however built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

FORMATS = ["html", "pdf", "markdown", "json", "docx"]
BUILD = [
    sys.executable,
    "-P",
    "-m",
    "publisher",
    "build",
    *(f"--format={name}" for name in FORMATS),
]
ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "tr_TR.UTF-8",
    "LANG": "tr_TR.UTF-8",
    "LANGUAGE": "tr",
    "PYTHONHASHSEED": "4711",
    "HOME": "/nonexistent",
    "USER": "other",
    "LOGNAME": "other",
    "COLUMNS": "40",
    "NO_COLOR": "1",
    "TERM": "dumb",
}
NEEDS = {
    "another clock": ["faketime", "2031-03-04 05:06:07"],
    "no network": ["unshare", "--map-root-user", "--net"],
    "another umask": ["sh", "-c", 'umask 077; exec "$@"', "sh"],
}
HOW = {
    "one process": ["--jobs", "1"],
    "many processes": ["--jobs", "4"],
}


def documents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("policy.*"))}


def clone(folder: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All documents of the company, built here and now from the newest commit."""
    out = tmp_path_factory.mktemp("here")
    subprocess.run(
        [*BUILD, "--at", "HEAD", "--no-cache", "--output", str(out)], cwd=ROOT, check=True
    )
    found = documents(out)
    assert len(found) == 30
    return found


def built(
    root: Path, out: Path, *more: str, before: list[str] | None = None, **env: str
) -> dict[str, bytes]:
    done = subprocess.run(
        [*(before or []), *BUILD, "--at", "HEAD", "--output", str(out), *more],
        cwd=root,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return documents(out)


def test_elsewhere(expected: dict[str, bytes], tmp_path: Path) -> None:
    """All at once: what any of them changes, the bytes would show."""
    root = clone(tmp_path / "a folder with spaces")
    assert built(root, tmp_path / "out", **ELSEWHERE) == expected


@pytest.mark.thorough
def test_around(expected: dict[str, bytes], tmp_path: Path) -> None:
    """All at once, too, as far as this machine lets us."""
    before, missing = [], []
    for name, command in NEEDS.items():
        works = (
            shutil.which(command[0])
            and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
        )
        (before if works else missing).extend(command if works else [name])
    assert built(ROOT, tmp_path / "out", before=before) == expected
    if missing:
        pytest.skip(f"this machine does not let us try {' and '.join(missing)}")


@pytest.mark.thorough
@pytest.mark.parametrize("options", HOW.values(), ids=HOW.keys())
def test_however(expected: dict[str, bytes], tmp_path: Path, options: list[str]) -> None:
    assert built(ROOT, tmp_path / "out", *options) == expected


@pytest.mark.thorough
def test_from_the_cache(expected: dict[str, bytes], tmp_path: Path) -> None:
    assert built(ROOT, tmp_path / "one") == expected
    assert built(ROOT, tmp_path / "two") == expected
