"""What was sent stands in the ledger, without a name, and every answer tells it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Run
from support.archives import by_hand, noon
from support.notices import NOW, STARTS, VERSION, with_notice_due
from support.workspaces import Repo, clause

from publisher.archive.entries import Notified, read_entry
from publisher.archive.evidence.bundle import bundle
from publisher.archive.evidence.export import ExportRequest, export
from publisher.archive.folder import read_ledger
from publisher.archive.get import Request
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.build.check import check
from publisher.checks.catalogue import catalogue
from publisher.cli import status_output
from publisher.notices.approval import approve, approved
from publisher.notices.message import prepare
from publisher.notices.outcome import record_count, record_notice
from publisher.notices.values import Notice, Tally
from publisher.repository.source import ArchiveFolder
from publisher.site.site import site

FIRST = datetime(2025, 1, 22, 9, tzinfo=UTC)
TALLY = Tally("mail", 1986, 14, 0, FIRST, FIRST + timedelta(hours=3), "ab" * 32)
LATER = AppendOptions(noon("2025-01-23"))
RECORD = f"shared/notices/alpha-{VERSION}.yaml"
PROMISE = "If we change this policy materially, we notify existing customers by email."


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return with_notice_due(tmp_path / "repo")


def sent(repo: Repo, tally: Tally = TALLY, asked: AppendOptions = LATER) -> Notice:
    """Approve and commit the notice, and record that it was sent."""
    if not (repo.workspace / RECORD).exists():
        digest = prepare(repo.workspace, "alpha", VERSION, NOW).notice.digest
        approve(repo.workspace, digest, "Counsel", NOW)
        repo.git("add", "--all")
        repo.commit({}, "Approve", "2025-01-21T13:00:00+0000")
    notice = approved(repo.workspace, "alpha", VERSION, asked.now)
    record_notice(repo.workspace, notice, tally, asked)
    return notice


def entries(repo: Repo) -> list[Notified]:
    return list(read_ledger(ArchiveFolder(repo.workspace), "alpha").of(Notified))


def test_an_entry_has_counts_digests_and_times_and_names_nobody(repo: Repo) -> None:
    notice = sent(repo)
    (entry,) = entries(repo)
    assert (entry.version, entry.channel, entry.texts) == (VERSION, "mail", dict(notice.digests))
    assert (entry.accepted, entry.refused, entry.bounced) == (1986, 14, 0)
    assert (entry.first, entry.last, entry.recipients) == (FIRST, TALLY.last, "ab" * 32)
    assert entry.in_force_from == STARTS
    assert entry.name == f"0003-notice-{VERSION}.json"
    assert repo.git("log", "-1", "--format=%s") == f"Record the notice of alpha {VERSION}"
    assert verify(repo.workspace).findings == ()


def test_what_is_told_otherwise_is_recorded_with_the_approved_text(repo: Repo) -> None:
    notice = sent(repo)
    asked = AppendOptions(noon("2025-02-10"))
    record_count(repo.workspace, "alpha", VERSION, "post", 12, date(2025, 2, 3), asked)
    entry = entries(repo)[0]
    assert (entry.channel, entry.accepted, entry.recipients) == ("post", 12, None)
    assert (entry.first, entry.first) == (entry.last, datetime(2025, 2, 3, 22, 59, 59, tzinfo=UTC))
    assert entry.texts == dict(notice.digests)
    assert verify(repo.workspace).findings == ()


def test_on_the_day_of_the_release_and_without_an_approved_text(repo: Repo) -> None:
    now = noon("2025-01-20") + timedelta(hours=1)
    record_count(repo.workspace, "alpha", VERSION, "phone", 1, None, AppendOptions(now))
    (entry,) = entries(repo)
    assert (entry.texts, entry.first) == ({}, now)
    assert verify(repo.workspace).findings == ()


def test_an_entry_that_ends_before_it_begins_is_no_entry(repo: Repo) -> None:
    sent(repo)
    (entry,) = entries(repo)
    fields = entry.model_dump(mode="json") | {"last": "2025-01-22T08:00:00Z"}
    with pytest.raises(ValueError, match="sent before the first"):
        read_entry(json.dumps(fields).encode())


# --- what commands tell of it ---


def attention(repo: Repo, day: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `publisher status` prints on a day."""
    capsys.readouterr()
    status_output.status(status(repo.workspace, noon(day)))
    return " ".join(capsys.readouterr().out.split())


def test_status_says_what_is_due_until_when_and_what_was_sent(
    repo: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    due = (
        f"tell customers about {VERSION} by 2025-01-30: `publisher notices prepare alpha {VERSION}`"
    )
    assert due in attention(repo, "2025-01-21", capsys)
    late = f"the last day to tell customers about {VERSION} was 2025-01-30; none is recorded"
    assert late in attention(repo, "2025-01-31", capsys)
    sent(repo)
    text = attention(repo, "2025-01-31", capsys)
    assert f"customers told about {VERSION}: mail, 2025-01-22: 1986 accepted, 14 refused" in text
    assert late not in text
    more = replace(TALLY, accepted=1980, bounced=6, last=TALLY.last + timedelta(days=2))
    sent(repo, more, AppendOptions(noon("2025-01-25")))
    text = attention(repo, "2025-01-31", capsys)
    counts = "mail, 2025-01-22 to 2025-01-24: 1980 accepted, 14 refused, 6 bounced"
    assert counts in text
    assert "1986" not in text, "the later entry counts all"
    moved = AppendOptions(noon("2025-02-01"))
    reschedule(repo.workspace, "alpha", VERSION, date(2025, 4, 1), "later", moved)
    text = attention(repo, "2025-02-02", capsys)
    assert f"customers were told that {VERSION} is in force from 2025-03-01; it is from" in text
    assert f"tell customers about {VERSION} by 2025-03-02" in text


def remarks(repo: Repo, day: str) -> list[str]:
    """Return what `publisher check` remarks on a promised notice on a day."""
    problems = check(repo.workspace, today=date.fromisoformat(day)).problems
    return [str(problem) for problem in problems if problem.rule == "promise-notice"]


def test_check_remarks_a_promised_notice_that_nobody_gave(repo: Repo) -> None:
    path = "shared/clauses/en/rights.md"
    repo.commit({path: clause(PROMISE, "Changes")}, "promise", "2025-01-21T12:00:00+0000")
    assert remarks(repo, "2025-02-28") == [], "it is not in force yet"
    (remark,) = remarks(repo, "2025-03-01")
    assert remark.startswith(
        f"{path}:4: promises to tell of changes, and no notice of version {VERSION}, in force from "
        '2025-03-01, is recorded: "If we change'
    )
    sent(repo)
    assert remarks(repo, "2025-03-01") == []


@pytest.mark.parametrize(
    ("language", "promise", "none"),
    [
        ("en", "We notify all existing customers of changes.", "We may notify you of changes."),
        ("en", "You will be informed by email.", "You inform yourself."),
        ("nl", "We verwittigen u van wijzigingen.", "We kunnen u verwittigen."),
        ("fr", "Nous vous informerons des modifications.", "Nous pouvons vous en informer."),
        ("de", "Wir informieren Sie über Änderungen.", "Wir können Sie informieren."),
    ],
)
def test_a_promise_is_known_in_each_language_of_the_rules(
    language: str, promise: str, none: str
) -> None:
    patterns = catalogue().rules["promise-notice"].words[language]

    def promises(text: str) -> bool:
        return any(
            pattern.find.search(text) and not (pattern.unless and pattern.unless.search(text))
            for pattern in patterns
        )

    assert promises(promise)
    assert not promises(none)


@pytest.mark.parametrize(
    "text",
    [
        "We may notify you of changes by email.",
        "If this policy changes, we post the new one on this page.",
        "We notify the authority of a breach within 72 hours.",
        "Please check this page for changes.",
    ],
)
def test_a_text_that_promises_no_notice_is_not_held_to_one(repo: Repo, text: str) -> None:
    path = "shared/clauses/en/rights.md"
    repo.commit({path: clause(text, "Changes")}, "text", "2025-01-21T12:00:00+0000")
    assert remarks(repo, "2025-03-01") == []


def test_the_site_tells_it_in_its_list_and_its_feed(repo: Repo, tmp_path: Path) -> None:
    sent(repo)
    site(repo.workspace, tmp_path / "site", noon("2025-01-24"), brands=["alpha"])
    for name in ("versions/index.html", "feed.atom"):
        text = (tmp_path / "site/alpha/en" / name).read_text(encoding="utf-8")
        assert "Customers informed on 22 January 2025" in text
    site(repo.workspace, tmp_path / "before", noon("2025-01-21"), brands=["alpha"])
    text = (tmp_path / "before/alpha/en/feed.atom").read_text(encoding="utf-8")
    assert "Customers told" not in text


@pytest.mark.thorough
def test_the_letter_tells_it_and_that_accepted_is_not_read(repo: Repo, tmp_path: Path) -> None:
    from pypdf import PdfReader

    sent(repo)
    request = Request("alpha", noon("2025-03-02"), version=VERSION, output=tmp_path / "b.zip")
    bundle(repo.workspace, request)
    with zipfile.ZipFile(tmp_path / "b.zip") as zipped:
        names = zipped.namelist()
        (letter,) = (name for name in names if name.endswith("letter.pdf"))
        zipped.extract(letter, tmp_path)
    assert any(name.endswith(f"0003-notice-{VERSION}.json") for name in names)
    assert any(name.endswith(RECORD) for name in names), "what was sent"
    pages = PdfReader(tmp_path / letter).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "customers told by mail that this version is in force from" in text
    assert "accepted: 1986; refused: 14; bounced: 0" in text
    assert "Accepted by the relay is not read" in text


@pytest.mark.thorough
def test_what_a_regulator_gets_tells_it(repo: Repo, tmp_path: Path) -> None:
    from pypdf import PdfReader

    sent(repo)
    asked = ExportRequest(("alpha",), tmp_path / "out")
    export(repo.workspace, asked)
    pages = PdfReader(tmp_path / "out/index.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "accepted: 1986; refused: 14; bounced: 0" in text
    assert f"0003-notice-{VERSION}" in (tmp_path / "out/events.csv").read_text(encoding="utf-8")


# --- what verify finds ---


def _other_text(text: str) -> str:
    return text.replace("Your data", "Your date")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_text, f"{RECORD}: has texts that differ from those that were sent"),
        (lambda _: "approvals: []\n", f"{RECORD}: cannot be read"),
    ],
)
def test_verify_compares_the_record_in_the_commit(
    repo: Repo, change: Callable[[str], str], message: str
) -> None:
    sent(repo)
    text = (repo.workspace / RECORD).read_text(encoding="utf-8")
    repo.commit({RECORD: change(text)}, "edit", "2025-01-24T12:00:00+0000")
    assert [str(finding) for finding in verify(repo.workspace).findings] == [message]
    repo.commit({RECORD: None}, "delete", "2025-01-25T12:00:00+0000")
    assert verify(repo.workspace).findings == (), "it need not be kept"


def test_verify_finds_a_notice_of_texts_that_nobody_approved(repo: Repo) -> None:
    sent(repo)
    (entry,) = entries(repo)
    about = entry.model_dump(include={"version", "in_force_from", "channel", "first", "last"})
    about |= {"texts": {"en": "0" * 64}, "accepted": 1, "refused": 0, "bounced": 0}
    forged = by_hand(repo, "notice", "2025-02-01", recipients=None, **about)
    (finding,) = verify(repo.workspace).findings
    path = f"versions/alpha/ledger/{forged.name}"
    assert str(finding) == f"{RECORD}: does not have the texts that {path} says were sent"


def test_the_command_records_and_prints_the_entry(
    repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("notices", "options"):
        monkeypatch.setattr(f"publisher.cli.{module}.now", lambda: noon("2025-01-25"))
    asked = ("notices", "record", "alpha", VERSION, "--channel", "post", "--count", "12")
    done = run(*asked, "--dry-run", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert entries(repo) == []
    done = run(*asked, cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "12 (accepted is not read)" in done.stdout
    assert f"0003-notice-{VERSION}.json" in done.stdout
