"""Delivery reports are taken in, each once, and only those of this notice."""

from __future__ import annotations

import mailbox
import os
from email import message_from_string
from pathlib import Path

import pytest
from support.mailservers import Post, box, notice, people, serving

from publisher.errors import AskedWrongly
from publisher.notices.bounces import Bounced, take_reports
from publisher.notices.journal import read_log
from publisher.notices.send import send

REPORT = """\
From: MAILER-DAEMON@x.example
To: legal@alpha.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; x.example

Final-Recipient: rfc822; p1@x.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <p1@x.example>: unknown

--b
Content-Type: {kind}

From: legal@alpha.example
Message-ID: {id}
Subject: Our policy

{text}
--b--
"""


def report(id: str, action: str = "failed", kind: str = "message/rfc822") -> str:
    return REPORT.format(id=id, action=action, kind=kind, text="Hello." * (kind != "x"))


@pytest.fixture
def ids(tmp_path: Path) -> list[str]:
    """The Message-IDs of a notice to three people."""
    with serving(post := Post()) as port:
        send(notice(), people(3), box(port), tmp_path / "journal", tmp_path / "key")
    return [letter["Message-ID"] for letter in post.letters]


def test_reports_of_a_mailbox(tmp_path: Path, ids: list[str]) -> None:
    box = mailbox.mbox(tmp_path / "bounces.mbox")
    other = "<0123456789abcdef.0123456789abcdef0123456789abcdef@alpha.example>"
    for text in (
        report(ids[1]),
        report(ids[2], kind="text/rfc822-headers"),
        report(ids[0], action="delayed"),
        report(other),
        "From: jane@x.example\nSubject: Out of office\nIn-Reply-To: {ids[0]}\n\nBack on Monday.\n",
    ):
        box.add(message_from_string(text))
    box.close()
    journal = tmp_path / "journal"
    files = [tmp_path / "bounces.mbox"]
    assert take_reports(journal, files) == Bounced(new=2, known=0, unknown=1, others=2)
    assert take_reports(journal, files) == Bounced(new=0, known=2, unknown=1, others=2)
    log = read_log(journal)
    assert log.states == {"accepted": 1, "bounced": 2}
    assert log.tally is not None
    assert (log.tally.accepted, log.tally.refused, log.tally.bounced) == (1, 0, 2)
    assert log.events[-1].answer == "5.1.1 550 5.1.1 <<address>>: unknown"


def test_a_report_in_a_file(tmp_path: Path, ids: list[str]) -> None:
    file = tmp_path / "bounce.eml"
    file.write_text(report(ids[0]))
    assert take_reports(tmp_path / "journal", [file]).new == 1
    with serving(post := Post()) as port:  # who bounced is not told again
        send(notice(), people(3), box(port), tmp_path / "journal", tmp_path / "key")
    assert not post.taken


def test_what_is_no_mailbox_and_no_journal(tmp_path: Path, ids: list[str]) -> None:
    with pytest.raises(AskedWrongly, match=r"Name a mailbox \(mbox\), or messages"):
        take_reports(tmp_path / "journal", [tmp_path / "none.mbox"])
    (tmp_path / "x.eml").write_bytes(b"\x00\xff\n")
    assert take_reports(tmp_path / "journal", [tmp_path / "x.eml"]).others == 1
    there = {*tmp_path.iterdir()}
    for path in (tmp_path / "other", tmp_path / "none" / "other", tmp_path, Path(), Path("/")):
        with pytest.raises(AskedWrongly, match="Name the journal of the notice"):
            take_reports(path, [tmp_path / "x.eml"])
    assert {*tmp_path.iterdir()} == there


def test_reports_with_odd_bytes(tmp_path: Path, ids: list[str]) -> None:
    text = report(ids[0]).encode()
    for field in (b"Action: failed", b"Diagnostic-Code: ", b"Final-Recipient: ", b"Status: "):
        odd = text.replace(field, field + b"\xff\x1b")
        (tmp_path / "x.eml").write_bytes(odd)
        take_reports(tmp_path / "journal", [tmp_path / "x.eml"])
    assert read_log(tmp_path / "journal").states["bounced"] == 1
    (tmp_path / "x.mbox").write_bytes(b"From \xff\n" + report(ids[1]).encode() + b"\nFrom x\n\n")
    taken = take_reports(tmp_path / "journal", [tmp_path / "x.mbox"])
    assert taken == Bounced(new=1, known=0, unknown=0, others=1)


def test_a_mailbox_that_can_be_read_only_once(tmp_path: Path, ids: list[str]) -> None:
    read, write = os.pipe()
    os.write(write, b"From x\n" + report(ids[0]).encode())
    os.close(write)
    assert take_reports(tmp_path / "journal", [Path(f"/dev/fd/{read}")]).new == 1
    os.close(read)


@pytest.mark.parametrize(
    "damaged",
    [
        "Content-Type: message/rfc822\n\n" * 3000,
        "Content-Type: multipart/report; boundary*=a; boundary*0=b\n\nx\n",
        "Content-Type: multipart/report; boundary*=idna''%FF\n\nx\n",
        "Content-Type: multipart/report; boundary*=\0''x\n\nx\n",
        f"Content-Type: multipart/report; boundary*{'9' * 5000}=b\n\nx\n",
    ],
    ids=["deep", "twice", "encoding", "null", "number"],
)
def test_a_message_that_cannot_be_read_is_named_by_its_line(
    tmp_path: Path, ids: list[str], damaged: str
) -> None:
    assert ids
    (tmp_path / "x.mbox").write_text(f"From x\nSubject: x\n\nHello\nFrom x\n{damaged}")
    with pytest.raises(AskedWrongly, match=r"x\.mbox:6: a message begins that cannot be read: its"):
        take_reports(tmp_path / "journal", [tmp_path / "x.mbox"])
    (tmp_path / "x.eml").write_text(damaged)
    with pytest.raises(AskedWrongly, match=r"x\.eml:1: a message begins"):
        take_reports(tmp_path / "journal", [tmp_path / "x.eml"])
