"""Only the very text that somebody approved is sent, and only while it tells the right day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import noon
from support.bad_notices import WHOLE, template
from support.notices import NOW, VERSION, with_notice_due
from support.workspaces import Repo

from publisher.archive.notice_record import approvals
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule
from publisher.errors import AskedWrongly, InvalidPolicy, Refused
from publisher.notices.approval import approve, approved, approved_before
from publisher.notices.message import prepare
from publisher.notices.outcome import refuse_late
from publisher.repository.source import ArchiveFolder

RECORD = f"shared/notices/alpha-{VERSION}.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return with_notice_due(tmp_path / "repo")


def approve_now(repo: Repo, *, attach: bool = False, by: str = "Counsel") -> str:
    """Approve the notice as it is; return its digest."""
    notice = prepare(repo.workspace, "alpha", VERSION, NOW, attach=attach).notice
    approve(repo.workspace, notice.digest[:16], by, NOW)
    return notice.digest


@pytest.mark.parametrize("attach", [False, True])
def test_what_is_sent_is_what_was_approved(repo: Repo, attach: bool) -> None:
    prepared = prepare(repo.workspace, "alpha", VERSION, NOW, attach=attach).notice
    done = approve(repo.workspace, prepared.digest, "Counsel", NOW)
    assert done.path == repo.workspace / RECORD
    assert approved(repo.workspace, "alpha", VERSION, NOW) == prepared
    template(WHOLE)(repo)
    again = approved(repo.workspace, "alpha", VERSION, noon("2025-02-01"))
    assert again == prepared, "whatever the workspace says by then"


def test_the_record_says_who_approved_what_and_when(repo: Repo) -> None:
    first = approve_now(repo)
    approve_now(repo)
    template(WHOLE)(repo)
    second = approve_now(repo, by="Somebody else")
    known = approvals(ArchiveFolder(repo.workspace), "alpha", VERSION)
    assert [(one.digest, one.by, one.approved_on) for one in known] == [
        (first, "Counsel", date(2025, 1, 21)),
        (second, "Somebody else", date(2025, 1, 21)),
    ]
    assert all(text.intact for one in known for text in one.messages.values())
    assert approved(repo.workspace, "alpha", VERSION, NOW).digest == second


def test_nothing_is_sent_that_nobody_approved(repo: Repo) -> None:
    with pytest.raises(Refused, match=f"no notice of alpha {VERSION} is approved; run"):
        approved(repo.workspace, "alpha", VERSION, NOW)
    with pytest.raises(AskedWrongly, match="no notice has the digest"):
        approve(repo.workspace, "0" * 64, "Counsel", NOW)
    digest = prepare(repo.workspace, "alpha", VERSION, NOW).notice.digest
    template(WHOLE)(repo)
    with pytest.raises(AskedWrongly, match="the text, the version or its day has changed"):
        approve(repo.workspace, digest, "Counsel", NOW)
    assert not (repo.workspace / RECORD).exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Your data", "Your date"),
        ("Alpha: our privacy", "Alpha: your privacy"),
        ("<h1", "<h3"),
        ("default_locale: en", "default_locale: nl"),
        ("alpha-2025-01-20-en.pdf", "alpha-2025-01-20-nl.pdf"),
    ],
)
def test_a_record_that_was_edited_is_refused(repo: Repo, old: str, new: str) -> None:
    approve_now(repo, attach=True)
    file = repo.workspace / RECORD
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match="is not as it was approved; restore it"):
        approved(repo.workspace, "alpha", VERSION, NOW)


def test_a_record_that_is_no_record_is_named_with_its_line(repo: Repo) -> None:
    approve_now(repo)
    file = repo.workspace / RECORD
    file.write_text(file.read_text().replace("  by: ", "  buy: "))
    with pytest.raises(InvalidPolicy, match=f"{RECORD}:4: unknown key 'approvals.1.buy'"):
        approved(repo.workspace, "alpha", VERSION, NOW)


def test_after_a_reschedule_it_is_another_notice(repo: Repo) -> None:
    first = approve_now(repo)
    asked = AppendOptions(noon("2025-01-22"))
    reschedule(repo.workspace, "alpha", VERSION, date(2025, 4, 1), "later", asked)
    with pytest.raises(Refused, match="takes effect on 2025-04-01, but its approved notice says"):
        approved(repo.workspace, "alpha", VERSION, noon("2025-01-23"))
    assert approve_now(repo) != first
    assert approved(repo.workspace, "alpha", VERSION, NOW).in_force_from.date() == date(2025, 4, 1)


def test_what_was_sent_can_be_recorded_although_the_version_was_moved(repo: Repo) -> None:
    digest = approve_now(repo, attach=True)
    before = approved(repo.workspace, "alpha", VERSION, NOW)
    asked = AppendOptions(noon("2025-01-22"))
    reschedule(repo.workspace, "alpha", VERSION, date(2025, 4, 1), "later", asked)
    notice = approved_before(repo.workspace, "alpha", VERSION, digest)
    assert (notice.digest, notice.digests) == (before.digest, before.digests)
    assert notice.in_force_from == before.in_force_from
    with pytest.raises(Refused, match=f"{RECORD} does not have the notice 000000000000"):
        approved_before(repo.workspace, "alpha", VERSION, "0" * 64)
    file = repo.workspace / RECORD
    file.write_text(file.read_text().replace("Your data", "Your date"))
    with pytest.raises(Refused, match=f"{RECORD} is not as it was approved; restore it"):
        approved_before(repo.workspace, "alpha", VERSION, digest)


def test_a_notice_is_in_time_until_its_last_day_is_over(repo: Repo) -> None:
    last = date(2025, 1, 30)
    end = noon("2025-01-30").replace(hour=22, minute=59)
    assert refuse_late(repo.workspace, "alpha", VERSION, end) == last
    with pytest.raises(Refused, match="and the last day for its notice was 2025-01-30"):
        refuse_late(repo.workspace, "alpha", VERSION, end.replace(hour=23, minute=0))
    asked = AppendOptions(noon("2025-02-01"))
    reschedule(repo.workspace, "alpha", VERSION, date(2025, 3, 10), "later", asked)
    assert refuse_late(repo.workspace, "alpha", VERSION, noon("2025-02-02")) == date(2025, 2, 8)
    asked = AppendOptions(noon("2025-02-03"))
    day, reason = date(2025, 2, 20), "A court ordered it"
    reschedule(repo.workspace, "alpha", VERSION, day, "sooner", asked, short_notice=reason)
    assert refuse_late(repo.workspace, "alpha", VERSION, noon("2025-02-10")) is None


def test_without_days_of_notice_nothing_is_late(repo: Repo) -> None:
    file = repo.workspace / "brands/alpha/brand.yaml"
    file.write_text(file.read_text().replace("notice_days: 30\n", ""))
    assert refuse_late(repo.workspace, "alpha", VERSION, noon("2025-03-02")) is None


def test_the_command_says_what_was_recorded(
    repo: Repo, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.cli.notices.now", lambda: NOW)
    digest = prepare(repo.workspace, "alpha", VERSION, NOW).notice.digest
    done = run("notices", "approve", digest[:16], "--by", "Counsel", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert f"recorded in {RECORD}; commit it" in done.stdout
    repo.git("add", ".")
    check = run("check", cwd=repo.workspace)
    assert RECORD not in check.stdout
    assert "shared/notices" not in check.stdout
