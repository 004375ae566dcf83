"""A journal survives kills and full disks, belongs to one notice and list, and has one writer."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ROOT
from support.mailservers import Post, box, notice, people, serving

from publisher.errors import AskedWrongly, Refused
from publisher.notices.customers import Customers
from publisher.notices.journal import forget, open_journal, read_log
from publisher.notices.send import send
from publisher.notices.values import Notice

SENDER = """
import resource, signal, sys
from pathlib import Path
from support.mailservers import box, notice, people
from publisher.errors import PublisherError
from publisher.notices.send import send

folder, port, number, room = Path(sys.argv[1]), *map(int, sys.argv[2:])
signal.signal(signal.SIGTERM, signal.default_int_handler)
if room:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    sent = send(notice(), people(number), box(port), folder / "journal", folder / "key")
    print(sent.stopped, end="")
except PublisherError as fault:
    print(fault, end="")
"""


def sender(folder: Path, port: int, number: int, room: int = 0) -> subprocess.Popen[str]:
    """Start a sender to so many people, whose files have so much room."""
    arguments = [str(folder), str(port), str(number), str(room)]
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        stdout=subprocess.PIPE,
        text=True,
    )


def outputs(*runs: subprocess.Popen[str]) -> list[str]:
    """Wait for senders; return what they say."""
    return [run.communicate()[0] for run in runs]


def sent(folder: Path, post: Post, number: int = 3) -> None:
    with serving(post) as port:
        assert send(
            notice(), people(number), box(port), folder / "journal", folder / "key"
        ).complete


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """A folder with the journal of a notice to three people, and its key."""
    sent(tmp_path, Post())
    return tmp_path


def test_a_line_that_a_kill_tore_is_healed(done: Path) -> None:
    whole = (done / "journal").read_bytes()
    lines = whole.splitlines(keepends=True)
    for size in range(len(lines[0]), len(whole)):
        (done / "journal").write_bytes(whole[:size])
        assert len(read_log(done / "journal").events) == whole[:size].count(b"\n") - 1
    post = Post()
    sent(done, post)
    assert [address for address, _ in post.taken] == ["p2@x.example"]
    assert (done / "journal").read_bytes().count(b"\n") == len(lines) - 1 + 2


@pytest.mark.parametrize("room", [0, 40])
def test_a_first_line_that_a_kill_tore(done: Path, room: int) -> None:
    (done / "journal").write_bytes((done / "journal").read_bytes()[:room])
    sent(done, post := Post())
    assert len(post.taken) == 3
    assert read_log(done / "journal").head.people == 3


def test_a_damaged_journal_is_refused(done: Path) -> None:
    path = done / "journal"
    lines = path.read_text().splitlines(keepends=True)
    posted, deep = lines[2].replace("accepted", "posted"), "[" * 100_000 + "\n"
    head, event = json.loads(lines[0]), json.loads(lines[2])
    kinds = [(0, {**head, "notice": 5}), (0, {**head, "people": "5"}), (0, {**head, "list": None})]
    kinds += [(2, {**event, "who": [1]}), (2, {**event, "who": 5}), (2, {**event, "answer": 5})]
    kinds += [(0, {**head, "brand": "\ud800"}), (2, {**event, "answer": "\ud800"})]
    kinds += [(2, {**event, "at": at}) for at in ("2026-12-01T12:00", "0001-01-01T00:00Z", 5)]
    others = [(at, json.dumps(fields) + "\n") for at, fields in kinds]
    for at, wrong in ((0, "{}\n"), (2, "x\n"), (2, posted), (0, deep), (2, deep), *others):
        path.write_text("".join([*lines[:at], wrong, *lines[at + 1 :]]))
        with pytest.raises(AskedWrongly) as fault:
            read_log(path)
        assert str(fault.value) == (
            f"{path}:{at + 1}: is not a line of a journal that publisher wrote. Restore the file"
        )


def refusal(folder: Path, what: Notice, customers: Customers) -> str:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Refused) as fault:
        send(what, customers, box(1), folder / "journal", folder / "key")
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {**before, "journal.lock": b""} == {**after, "journal.lock": b""}
    return str(fault.value)


def test_a_journal_of_something_else_is_refused(done: Path) -> None:
    journal, key = done / "journal", done / "key"
    other = notice(en="Another text")
    assert f"{journal} is the journal of another text of this notice" in refusal(
        done, other, people(3)
    )
    assert f"{journal} is the journal of alpha 2026-12-22. Name another for alpha 2027-01-01" in (
        refusal(done, notice("2027-01-01"), people(3))
    )
    assert f"{journal} was begun with another list, of 3 people, not 4. Name that list" in (
        refusal(done, notice(), people(4))
    )
    key.write_text("00" * 32)
    assert f"{journal} was written with another key. Name that key" in (
        refusal(done, notice(), people(3))
    )
    key.write_text("x")
    assert f"{key} is not a key of 64 hexadecimal digits" in refusal(done, notice(), people(3))
    key.unlink()
    assert f"the key {key} cannot be read: no such file or directory" in (
        refusal(done, notice(), people(3))
    )


def test_a_second_sender_is_refused(tmp_path: Path) -> None:
    paths = (tmp_path / "journal", tmp_path / "key")
    with open_journal(*paths, notice(), people(3)), pytest.raises(Refused) as fault:
        send(notice(), people(3), box(1), *paths)
    assert str(fault.value).startswith(
        f"another command writes {paths[0]}: process {os.getpid()} on"
    )


@pytest.mark.thorough
def test_two_senders_at_once_tell_everybody_once(tmp_path: Path) -> None:
    with serving(post := Post(delay=0.02)) as port:
        said = outputs(*(sender(tmp_path, port, 99) for _ in range(2)))
        assert outputs(sender(tmp_path, port, 99)) == ["None"]
    assert sorted(text[:22] for text in said) == ["None", "another command writes"]
    assert [len(ids) for ids in post.ids().values()] == [1] * 99


@pytest.mark.thorough
def test_a_full_disk_stops_before_a_message_goes_out(tmp_path: Path) -> None:
    with serving(post := Post()) as port:
        for room in (1000, 1500, 1501):
            assert outputs(sender(tmp_path, port, 9, room)) == [
                f"cannot write {tmp_path / 'journal'}: file too large; no message is sent without "
                "its line in the journal. Free some space, or fix the permissions, then run the same command "
                "again"
            ]
            assert len(post.ids()) <= len(read_log(tmp_path / "journal").last)
        assert 0 < len(post.ids()) < 9
        assert outputs(sender(tmp_path, port, 9)) == ["None"]
    assert len(post.ids()) == 9
    assert all(len(set(ids)) == 1 for ids in post.ids().values())


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_message_in_flight(tmp_path: Path, number: int) -> None:
    with serving(post := Post(delay=0.2)) as port:
        run = sender(tmp_path, port, 30)
        while len(post.asked) < 5:
            time.sleep(0.01)
        run.send_signal(number)
        assert outputs(run) == ["interrupted. Run the same command again to go on"]
        assert read_log(tmp_path / "journal").states.keys() == {"accepted"}
        assert 0 < len(post.taken) < 30
        assert outputs(sender(tmp_path, port, 30)) == ["None"]
    assert [len(ids) for ids in post.ids().values()] == [1] * 30


def test_the_digest_of_a_list_can_be_made_by_hand(done: Path) -> None:
    key = bytes.fromhex((done / "key").read_text())
    digests = sorted(
        hmac.new(key, f"p{n}@x.example".encode(), hashlib.sha256).hexdigest() for n in range(3)
    )
    lines = "".join(f"{digest}\n" for digest in digests)
    assert read_log(done / "journal").head.list == hashlib.sha256(lines.encode()).hexdigest()


def test_a_journal_is_forgotten_when_its_time_is_over(done: Path) -> None:
    now = datetime.now(UTC)
    journal, key = done / "journal", done / "key"
    with pytest.raises(Refused, match="and stays for 30 days"):
        forget(journal, key, now + timedelta(days=29), 30)
    other = done / "other"
    other.write_text("00" * 32)
    other.chmod(0o600)
    with pytest.raises(Refused, match="is not the key of"):
        forget(journal, other, now + timedelta(days=31), 30)
    forget(journal, key, now + timedelta(days=31), 30, dry_run=True)
    assert journal.exists()
    second = done / "second"
    second.write_bytes(journal.read_bytes())
    assert forget(journal, key, now + timedelta(days=31), 30) == second
    assert key.exists()
    second.rename(journal)
    forget(journal, key, now + timedelta(days=31), 30)
    assert [path.name for path in done.iterdir()] == ["other"]


def test_a_folder_in_place_of_a_journal(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with pytest.raises(AskedWrongly, match="is not a file, but a folder"):
        sent(tmp_path, Post())


@pytest.mark.parametrize("content", ["Remember the milk", "Remember\nthe milk"])
def test_a_file_that_is_no_journal_stays(tmp_path: Path, content: str) -> None:
    (tmp_path / "journal").write_text(content)
    with pytest.raises(AskedWrongly, match="is not a line of a journal that publisher wrote"):
        sent(tmp_path, post := Post())
    assert (tmp_path / "journal").read_text() == content
    assert not (tmp_path / "key").exists()
    assert not post.taken
