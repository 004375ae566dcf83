"""A file that a user names is read whole, or refused at once: nothing waits, or fills the memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.archive.store import locked
from publisher.archive.trust.signatures import fingerprint
from publisher.errors import PublisherError
from publisher.files.named import Unread, read_named
from publisher.notices.bounces import take_reports
from publisher.notices.journal import read_key, read_log
from publisher.notices.spreadsheet import read_table
from publisher.repository.reading import Repository

SPECIAL = "is not a file, but a pipe, a socket or a device"


def test_a_file_is_read_whole_and_no_other_thing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 2_000_000)
    (tmp_path / "link").symlink_to(file)
    assert read_named(tmp_path / "link") == file.read_bytes()
    assert read_named(file, 2_000_000) == file.read_bytes()
    with pytest.raises(Unread, match=r"^is larger than 1 MB$"):
        read_named(file, 1_999_999)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    reasons = {
        "pipe": SPECIAL,
        "socket": SPECIAL,
        "endless": SPECIAL,
        ".": "is not a file, but a folder",
        "gone": "cannot be read: no such file or directory",
        "circle": "cannot be read: too many levels of symbolic links",
    }
    for name, reason in reasons.items():
        with pytest.raises(Unread, match=f"^{reason}$"):
            read_named(tmp_path / name)


def test_what_a_shell_hands_over_is_read(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from publisher.files.named import read_named; "
        "print(len(read_named(Path(sys.argv[1]))))"
    )
    command = f"'{sys.executable}' -c '{script}'"
    shell = f"{command} <(sleep 0.2; head -c 300000 /dev/zero); echo abc | {command} /dev/stdin"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["300000", "4"]


def _lock(path: Path) -> None:
    with locked(path):
        pass


def _repository(path: Path) -> None:
    (path.parent / ".git").mkdir()
    path.rename(path.parent / ".git/config")
    Repository.find(path.parent)


@pytest.mark.parametrize(
    "read",
    [
        lambda path: fingerprint(str(path)),
        lambda path: fingerprint(str(path.with_suffix(""))),
        lambda path: take_reports(path, [path]),
        read_key,
        read_log,
        read_table,
        _lock,
        _repository,
    ],
    ids=("--sign", "KEY.pub", "bounced", "--key", "--journal", "--list", "lock", ".git/config"),
)
def test_a_pipe_to_which_nobody_writes_stops_no_command(
    read: Callable[[Path], object], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.pub")
    with pytest.raises(
        PublisherError, match=r"is (not a file, but )?a pipe.*[.:] (Name|Restore|delete) "
    ):
        read(tmp_path / "pipe.pub")
