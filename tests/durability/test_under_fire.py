"""A little of what `make fire` tries at length: each kind of trial, and that it can fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.archives import archive, released
from support.keys import key_pair
from support.mailservers import Post

from durability import history, tampering
from durability.aftermath import aftermath
from durability.faults import Stage, attempt, plan
from durability.notices import Siege
from durability.tracing import wrappers

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    key = key_pair(tmp_path / "key")
    return Stage(archive(tmp_path / "first").root, key, wrappers(tmp_path / "programs"))


@pytest.mark.thorough
@strace
def test_faults_at_some_of_the_calls_of_a_release(stage: Stage) -> None:
    calls = {call.name: call for call in plan(stage, ("publisher",)) if "versions" in call.path}
    assert {"openat", "write", "fsync", "rename", "link", "mkdir"} <= set(calls)
    for fault, name in (("SIGKILL", "link"), ("EIO", "fsync"), ("ENOSPC", "write")):
        assert attempt(stage, calls[name], fault) == ""


def test_a_half_version_is_seen(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2024-03-01")
    pdf = repo.workspace / "versions/alpha/2024-03-01/en/policy.pdf"
    pdf.write_bytes(pdf.read_bytes()[:100])
    assert "is altered" in aftermath(repo, (), 4, "error")
    assert "a traceback" in aftermath(repo, (), 1, "Traceback (most recent call last)")
    assert "neither the old archive nor the new one" in aftermath(repo, ("2023-01-01",), 4, "")


def test_what_is_done_to_an_archive_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = history.DEEDS[::4]
    monkeypatch.setattr(history, "DEEDS", some)
    (figure,) = history.trials(tmp_path)
    assert figure.wrong == ()
    assert figure.total == len(some) > 5


def test_flipped_bits_are_found(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2024-03-01")
    sums = repo.workspace / "versions/alpha/2024-03-01/SHA256SUMS"
    line = len(sums.read_bytes().splitlines(keepends=True)[-1])
    start = sums.stat().st_size - line
    told = tampering.altered(
        tampering.Piece(repo.root, sums.relative_to(repo.root).as_posix(), start)
    )
    assert len(told) == 8 * line
    assert not [wrong for wrong, _ in told if wrong]


@pytest.mark.thorough
def test_a_notice_whose_sender_is_killed_reaches_everybody_once(tmp_path: Path) -> None:
    siege = Siege(tmp_path, 50, 3)
    assert not [wrong for wrong in siege.carry_out() if wrong]
    assert siege.runs.count(-9) == 3
    assert siege.runs[-1] == 0
    assert siege.copies <= 3 + 2  # two are hung up on after DATA


def test_who_was_missed_is_seen(tmp_path: Path) -> None:
    siege = Siege(tmp_path, 2, 0)
    siege.post = Post()
    assert siege.outcomes() == ["p0@x.example was missed", "p1@x.example was missed"]
    first, second = b"Message-ID: <1@x>\r\n\r\n", b"Message-ID: <2@x>\r\n\r\n"
    siege.post.taken += [("p0@x.example", first), ("p0@x.example", second)]
    assert siege.outcomes()[0] == "p0@x.example got different messages: ['<1@x>', '<2@x>']"
