"""Appending to the archive: all or nothing, wherever it is stopped, and one at a time."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from support.stops import append

from publisher.archive.store import Store, locked
from publisher.archive.verify.examine import examine
from publisher.errors import ArchiveLocked, CannotArchive


@pytest.mark.thorough
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("how", ["kill", "fail"])
def test_stopped_at_any_step_it_leaves_the_old_archive_or_the_new(tmp_path: Path, how: str) -> None:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "support" / "stops.py", how, tmp_path],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert len(told) > 20, "each step was tried"
    for each in told:
        expected = {"kill": (9,), "fail": (4, 0)}[how]
        assert each["code"] in expected, (each, done.stderr)
        assert each["findings"] == [], each
        old, new = each["before"], [*each["before"], "2025-01-02"]
        assert each["versions"] in (old, new), each
        assert how == "kill" or each["versions"] == (new if each["code"] == 0 else old), each
        assert each["later"] == [*each["versions"], "2025-01-03"], each
        assert each["left"] == [], each
    assert {len(each["versions"]) for each in told} == {0, 1, 2}, "before it stood, and behind"


def test_what_is_there_already_is_not_replaced(tmp_path: Path) -> None:
    append(tmp_path, date(2025, 1, 1))
    there = tmp_path / "versions" / "alpha" / "2025-01-02"
    there.mkdir()
    (there / "own.txt").write_text("mine")
    with pytest.raises(CannotArchive, match="exists already, but is in no entry"):
        append(tmp_path, date(2025, 1, 2))
    assert (there / "own.txt").read_text() == "mine"
    assert [entry.about for entry in examine(tmp_path, "alpha").entries.values()] == ["2025-01-01"]


def test_nothing_is_swept_but_what_a_command_was_about_to_put_in_place(tmp_path: Path) -> None:
    append(tmp_path, date(2025, 1, 1))
    folder = tmp_path / "versions" / "alpha"
    (folder / ".staging-1").mkdir()
    for intent in ("../../outside", "ledger", "0001-release-2025-01-01.json", "2025-01-01", ""):
        (folder / ".staging-1").mkdir(exist_ok=True)
        (folder / ".staging-1" / "intent").write_text(intent)
        (tmp_path / "outside").mkdir(exist_ok=True)
        Store(tmp_path, "alpha").sweep(())
        assert not (folder / ".staging-1").exists()
    assert (tmp_path / "outside").is_dir()
    assert [entry.about for entry in examine(tmp_path, "alpha").entries.values()] == ["2025-01-01"]


def _hold(lock: Path, ready: multiprocessing.synchronize.Event) -> None:
    with locked(lock):
        ready.set()
        import time

        time.sleep(60)


def test_the_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path / "lock", ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(ArchiveLocked, match=f"process {holder.pid} on "), locked(tmp_path / "lock"):
        pytest.fail("two at a time")
    (tmp_path / "lock").write_bytes(b"process 1 on \xe9\n")
    with pytest.raises(ArchiveLocked, match="process 1 on "), locked(tmp_path / "lock"):
        pytest.fail("two at a time")
    holder.kill()
    holder.join()
    with locked(tmp_path / "lock"):
        assert f"process {os.getpid()} on " in (tmp_path / "lock").read_text()
