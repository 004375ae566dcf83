"""From an approved notice to the proof of who was told, by the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from support.archives import archive, noon, released, say
from support.commands import called
from support.mailservers import Post, certificate, listening, serving
from support.workspaces import SMALL, Repo

from publisher.archive.entries import Notified
from publisher.archive.folder import read_ledger
from publisher.archive.verify.verify import verify
from publisher.notices.approval import approve
from publisher.notices.message import prepare
from publisher.repository.source import ArchiveFolder

NOW = noon("2025-01-21")
VERSION = "2025-01-20"
CUSTOMERS = """\
Name;Email;Language;Brand
"Doe, Jane";jane@x.example;nl_BE;Alpha
Bob;bob@x.example;en_US;alpha.example
Carl;carl@x.example;;alpha
Kim;kim@k.example;en;beta
"""
Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with an approved notice of a version from 1 March 2025."""
    repo = archive(tmp_path_factory.mktemp("mailing") / "repo")
    brand = SMALL["brands/alpha/brand.yaml"] + "notice_days: 30\n"
    repo.commit({"brands/alpha/brand.yaml": brand}, "days", "2024-01-03T12:00:00+0000")
    released(repo, "2025-01-10")
    say(repo, "We keep your name and your dog's.", date="2025-01-11T12:00:00+0000")
    released(repo, VERSION, in_force=date(2025, 3, 1))
    base = "https://alpha.example/"
    notice = prepare(repo.workspace, "alpha", VERSION, NOW, base_url=base).notice
    approve(repo.workspace, notice.digest, "Counsel", NOW, base_url=base)
    return repo.root


@pytest.fixture
def post() -> Post:
    """A server that refuses Bob."""
    return Post(rcpt=lambda address, _: "550 5.1.1 No such user" if "bob" in address else None)


@pytest.fixture
def repo(
    approved: Path, tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Repo]:
    """A copy of the repository on 21 January 2025, with a mail server and a list beside it."""
    shutil.copytree(approved, tmp_path / "repo", symlinks=True)
    repo = Repo.of(tmp_path / "repo")
    for name in ("options", "notices", "notices_mail"):
        monkeypatch.setattr(f"publisher.cli.{name}.now", lambda: NOW)
    monkeypatch.setattr("publisher.notices.journal.clock", lambda: NOW)
    (tmp_path / "list.csv").write_text(CUSTOMERS)
    with serving(post) as port:
        settings = f"server: 127.0.0.1\ntls: none\nport: {port}\nper_minute: 9999\n"
        (repo.workspace / "shared/mail.yaml").write_text(
            f"{settings}sender: {{alpha: legal@alpha.example}}\n"
        )
        repo.commit({}, "approve", "2025-01-21T10:00:00+0000")
        yield repo


@pytest.fixture
def notices(repo: Repo, tmp_path: Path) -> Command:
    """``publisher notices``, with its files beside the repository."""
    files = {name: str(tmp_path / name) for name in ("list", "journal", "key")}
    files["list"] += ".csv"

    def run(
        command: str, *arguments: str, needs: str = "list journal key"
    ) -> CompletedProcess[str]:
        named = [part for name in needs.split() for part in (f"--{name}", files[name])]
        return called("notices", command, *arguments, *named, cwd=repo.workspace)

    return run


def entries(repo: Repo) -> list[Notified]:
    return [*read_ledger(ArchiveFolder(repo.workspace), "alpha").of(Notified)]


def test_a_dry_run_sends_nothing(notices: Command, post: Post, tmp_path: Path) -> None:
    done = notices("send", "alpha", VERSION, "--dry-run", "--output", str(tmp_path / "samples"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:4] == [
        "list.csv: 3 people of alpha: 3 in en",
        "  columns       address: 'Email', locale: 'Language', name: 'Name', brand: 'Brand'",
        "  other brands  beta 1",
        f"sample: {tmp_path / f'samples/alpha-{VERSION}-1-en.eml'}",
    ]
    sample = message_from_bytes(next((tmp_path / "samples").iterdir()).read_bytes(), policy=default)
    assert sample["From"] == "Alpha <legal@alpha.example>"
    assert not post.taken
    assert not (tmp_path / "journal").exists()
    assert not (tmp_path / "key").exists()


def test_a_test_goes_to_one_address(notices: Command, post: Post, tmp_path: Path) -> None:
    done = notices("send", "alpha", VERSION, "--test", "me@alpha.example", needs="")
    assert (done.stdout, done.returncode) == ("me@alpha.example: 250 2.0.0 OK\n", 0)
    assert [address for address, _ in post.taken] == ["me@alpha.example"]
    assert not (tmp_path / "journal").exists()


def test_a_notice_is_sent_and_proved(
    notices: Command, post: Post, repo: Repo, tmp_path: Path
) -> None:
    done = notices("send", "alpha", VERSION)
    assert done.returncode == 0, done.stderr
    assert "2 accepted, 1 refused\n" in done.stdout
    assert "  refused: row 3, bob@x.example: 550 5.1.1 No such user\n" in done.stdout
    assert sorted(address for address, _ in post.taken) == ["carl@x.example", "jane@x.example"]
    (entry,) = entries(repo)
    assert (entry.accepted, entry.refused, entry.bounced) == (2, 1, 0)
    assert (entry.channel, entry.version, str(entry.in_force_from)) == (
        "mail",
        VERSION,
        "2025-03-01",
    )
    again = notices("send", "alpha", VERSION)
    assert again.stdout.endswith("the ledger has these counts already\n")
    assert len(post.taken) == 2

    told = notices("told", "JANE@x.example")
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        f"jane@x.example is on the list of the notice of alpha {VERSION}, in force from 2025-03-01 "
        "(row 2)",
        f"  ledger   {entry.name}: mail, 2025-01-21: 2 accepted, 1 refused",
        f"  list     {entry.recipients}",
        "  outcome  told: the server took the message, which may not have been read",
        "  2025-01-21 12:00:00 UTC  trying (en)",
        "  2025-01-21 12:00:00 UTC  accepted (en) 250 2.0.0 OK",
    ]
    alone = notices("told", "jane@x.example", needs="list key")
    assert "  outcome  name the --journal of the notice to see it\n" in alone.stdout
    assert alone.returncode == 0
    refused = notices("told", "bob@x.example")
    assert "  outcome  not told: the server refused the message\n" in refused.stdout
    assert refused.returncode == 1
    nobody = notices("told", "kim@k.example", needs="list key")
    assert nobody.returncode == 1
    assert "is the list of a notice, and kim@k.example is not on it" in nobody.stderr
    (tmp_path / "list.csv").write_text(f"{CUSTOMERS}Eve;eve@x.example;en;alpha\n")
    longer = notices("told", "eve@x.example", needs="list key")
    assert longer.returncode == 1
    assert "the ledger has no notice to the list" in longer.stderr

    everything = b"".join(path.read_bytes() for path in repo.root.rglob("*") if path.is_file())
    assert b"jane" not in everything.lower()
    assert not verify(repo.workspace).findings


def test_as_json_what_was_sent_and_proved(notices: Command, repo: Repo, tmp_path: Path) -> None:
    def listed(*arguments: str, code: int = 0) -> Any:
        done = notices(*arguments, "--json")
        assert done.returncode == code, done
        return json.loads(done.stdout)

    samples = listed("send", "alpha", VERSION, "--dry-run", "--output", str(tmp_path / "out"))
    assert samples["samples"] == [f"{tmp_path}/out/alpha-{VERSION}-{n}-en.eml" for n in (1, 2, 3)]
    assert samples["list"]["people"] == 3
    assert samples["list"]["other_brands"] == {"beta": 1}
    assert samples["sent"] is None
    run = listed("send", "alpha", VERSION)
    (entry,) = entries(repo)
    assert run["entry"] == entry.name
    assert run["sent"]["states"] == {"accepted": 2, "refused": 1}
    assert run["sent"]["complete"]
    assert [(p["row"], p["address"]) for p in run["sent"]["refused"]] == [(3, "bob@x.example")]
    (jane,) = listed("told", "jane@x.example")
    assert (jane["accepted"], jane["entry"], jane["row"]) == (True, entry.name, 2)
    assert [event["state"] for event in jane["events"]] == ["trying", "accepted"]
    (bob,) = listed("told", "bob@x.example", code=1)
    assert (bob["accepted"], bob["state"]) == (False, "refused")


def test_reports_of_what_bounced_get_into_the_ledger(
    notices: Command, post: Post, repo: Repo, tmp_path: Path
) -> None:
    report = tmp_path / "report.eml"
    assert notices("send", "alpha", VERSION).returncode == 0
    ids = {letter["To"].addresses[0].username: letter["Message-ID"] for letter in post.letters}
    report.write_text(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n"
        "\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: "
        f"text/rfc822-headers\n\nMessage-ID: {ids['jane']}\n--b--\n"
    )
    done = notices("bounced", str(report), needs="journal")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "1 bounced, 0 known already, 0 not of this journal, 0 messages without a failure\n"
    )
    newest, oldest = entries(repo)
    assert (oldest.accepted, oldest.bounced) == (2, 0)
    assert (newest.accepted, newest.refused, newest.bounced) == (1, 1, 1)
    told = notices("told", "jane@x.example")
    assert "  outcome  not told: the message came back\n" in told.stdout
    assert "bounced (en) 5.1.1" in told.stdout
    assert told.returncode == 1
    assert notices("bounced", str(report), needs="journal").returncode == 0
    assert len(entries(repo)) == 2


def test_a_webhook_is_told_after_the_mail(
    notices: Command, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paper))
    monkeypatch.setenv("PUBLISHER_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with listening(paper) as (url, requests):
        done = notices("send", "alpha", VERSION, "--webhook", url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{url}: told\n")
    ((_, body),) = requests
    assert json.loads(body)["data"]["accepted"] == len(post.taken) == 2
    assert b"@x.example" not in body
    away = notices("send", "alpha", VERSION, "--webhook", url)
    assert away.returncode == 4
    assert "cannot be reached" in away.stderr
    assert "The mail is sent; run the same command again" in away.stderr


def test_a_notice_that_went_out_needs_its_journal(
    notices: Command, post: Post, tmp_path: Path
) -> None:
    assert notices("send", "alpha", VERSION).returncode == 0
    (tmp_path / "journal").rename(tmp_path / "elsewhere")
    (tmp_path / "key").rename(tmp_path / "kept")
    lost = notices("send", "alpha", VERSION)
    assert lost.returncode == 2
    assert (
        "this notice was sent to 2 people already. Name the key with which it was sent"
        in lost.stderr
    )
    (tmp_path / "kept").rename(tmp_path / "key")
    again = notices("send", "alpha", VERSION)
    assert again.returncode == 2
    assert (
        "this notice was sent to this list already. Name the journal with which it was"
        in again.stderr
    )
    assert len(post.taken) == 2


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_a_notice_that_went_out_needs_all_of_its_journal(
    notices: Command, post: Post, tmp_path: Path, lines: int
) -> None:
    assert notices("send", "alpha", VERSION).returncode == 0
    journal = tmp_path / "journal"
    whole = journal.read_bytes()
    journal.write_bytes(b"".join(whole.splitlines(keepends=True)[:lines]))
    again = notices("send", "alpha", VERSION)
    assert again.returncode == 2
    assert ("so that nobody is told twice" if lines else "Name the journal with which") in " ".join(
        again.stderr.split()
    )
    assert len(post.taken) == 2
    journal.write_bytes(whole)
    assert notices("send", "alpha", VERSION).returncode == 0
    assert len(post.taken) == 2


def test_nothing_is_sent_that_could_not_be_recorded(
    notices: Command, post: Post, repo: Repo, tmp_path: Path
) -> None:
    missing = notices("send", "alpha", VERSION, "--sign", "none.key")
    assert missing.returncode != 0
    repo.git("checkout", "-q", "-b", "aside")
    aside = notices("send", "alpha", VERSION)
    assert aside.returncode != 0
    assert "aside" in aside.stderr
    assert not post.taken
    assert not (tmp_path / "journal").exists()


def test_a_run_that_stops_is_recorded_when_it_is_done(
    notices: Command, post: Post, repo: Repo
) -> None:
    post.mail = lambda: "452 4.5.3 Too much" if len(post.taken) == 1 else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("publisher.notices.send.time.sleep", lambda seconds: None)
        done = notices("send", "alpha", VERSION)
    assert done.returncode == 4
    assert "If it has a daily limit, run the same command again tomorrow" in done.stderr
    assert entries(repo) == []
    post.mail = lambda: None
    assert notices("send", "alpha", VERSION, "--record").returncode == 0
    (entry,) = entries(repo)
    assert (entry.accepted, entry.refused) == (2, 1)


def test_what_was_sent_can_be_recorded_when_it_is_too_late_for_the_rest(
    notices: Command, post: Post, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.rcpt = lambda address, _: "451 4.7.1 Wait" if "bob" in address else None
    monkeypatch.setattr("publisher.notices.send.time.sleep", lambda seconds: None)
    assert notices("send", "alpha", VERSION).returncode == 4
    for name in ("options", "notices_mail"):
        monkeypatch.setattr(f"publisher.cli.{name}.now", lambda: noon("2025-02-10"))
    late = notices("send", "alpha", VERSION)
    assert late.returncode == 2
    assert "the last day for its notice was 2025-01-30" in late.stderr
    assert entries(repo) == []
    assert notices("send", "alpha", VERSION, "--record").returncode == 0
    (entry,) = entries(repo)
    assert (entry.accepted, entry.refused) == (2, 0)
    assert len(post.taken) == 2


def test_after_a_reschedule_it_is_a_new_notice(notices: Command, repo: Repo, post: Post) -> None:
    post.mail = lambda: "550 5.7.1 No" if post.taken else None
    assert notices("send", "alpha", VERSION).returncode == 4
    moved = called(
        "reschedule", "alpha", VERSION, "--in-force", "2025-04-01", "--reason", "Later",
        cwd=repo.workspace,
    )  # fmt: skip
    assert moved.returncode == 0, moved.stderr
    done = notices("send", "alpha", VERSION)
    assert done.returncode == 2
    assert "Give a new notice" in done.stderr
    assert notices("send", "alpha", VERSION, "--record").returncode == 0
    (entry,) = entries(repo)
    assert (entry.accepted, str(entry.in_force_from)) == (1, "2025-03-01")
    assert len(post.taken) == 1
    assert not verify(repo.workspace).findings


def test_a_journal_is_forgotten_only_once_the_ledger_has_its_counts(
    notices: Command, post: Post, repo: Repo, tmp_path: Path
) -> None:
    post.rcpt = lambda address, _: "451 4.7.1 Wait"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("publisher.notices.send.time.sleep", lambda seconds: None)
        assert notices("send", "alpha", VERSION).returncode == 4
    early = notices("forget", "--days", "0", needs="journal key")
    assert early.returncode == 1
    assert "does not have what came of" in early.stderr
    post.rcpt = lambda address, _: None
    assert notices("send", "alpha", VERSION).returncode == 0
    assert notices("forget", "--days", "0", "--dry-run", needs="journal key").returncode == 0
    assert notices("forget", "--days", "30", needs="journal key").returncode == 2
    assert notices("forget", "--days", "0", needs="journal key").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["list.csv"]
    assert entries(repo)[0].recipients is not None


def test_check_reads_the_settings_of_mail(repo: Repo) -> None:
    path = repo.workspace / "shared/mail.yaml"
    well = called("check", cwd=repo.workspace)
    assert "mail.yaml" not in well.stdout + well.stderr
    path.write_text(path.read_text().replace("per_minute: 9999", "per_minute: lots"))
    done = called("check", cwd=repo.workspace)
    assert "shared/mail.yaml:4: 'per_minute' is 'lots'; write a number from 1 to" in done.stdout
    assert done.returncode == 1
