"""Releasing: what is frozen, what is recorded, what is refused, and the dates that follow."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from conftest import Run
from support.archives import appended, archive, noon, refused, released, say, state, try_release
from support.commands import called
from support.keys import key_pairs
from support.workspaces import SMALL, Repo, clause, policy

from publisher.archive.folder import read_ledger
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.archive.release.release import ReleaseOptions, release
from publisher.archive.store import locked
from publisher.archive.timeline import Timeline
from publisher.archive.verify.verify import verify
from publisher.build.build import build
from publisher.errors import AskedWrongly, PublisherError, Refused
from publisher.policy.json import read_policy
from publisher.policy.words import words_digest
from publisher.repository.source import ArchiveFolder
from publisher.repository.writing import committing

ALPHA = SMALL["brands/alpha/brand.yaml"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return archive(tmp_path / "repo")


def test_a_version_is_frozen_with_all_that_it_says(repo: Repo) -> None:
    entry = released(
        repo,
        "2024-03-01",
        in_force=date(2024, 4, 1),
        summary="First",
        approvals=("Jane, Legal", "Ops lead"),
    )
    folder = repo.workspace / "versions/alpha/2024-03-01"
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert files == ["SHA256SUMS", *(f"en/policy.{e}" for e in ("html", "json", "md", "pdf"))]
    subprocess.run(["sha256sum", "-c", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    said = policy(repo.workspace)
    assert entry.model_dump(exclude={"tools"}, exclude_defaults=True) == {
        "format": 1,
        "sequence": 1,
        "kind": "release",
        "brand": "alpha",
        "recorded_at": noon("2024-03-01"),
        "timezone": "Europe/Brussels",
        "recorded_by": "Ops <ops@acme.example>",
        "signer": None,
        "version": "2024-03-01",
        "origin": "released",
        "change": "first",
        "reason": None,
        "published": date(2024, 3, 1),
        "in_force_from": date(2024, 4, 1),
        "short_notice": None,
        "locales": {"en": {"last_updated": date(2024, 1, 2), "words": words_digest(said)}},
        "source": repo.git("rev-parse", "HEAD~1"),
        "summary": "First",
        "changes": {},
        "approvals": ("Jane, Legal", "Ops lead"),
        "sums": sums,
        "previous": None,
    }
    assert {"publisher", "weasyprint", "Pango", "HarfBuzz", "fonts"} <= set(entry.tools)
    assert "2024-03-01T13:00:00+01:00" in (
        (folder.parent / "ledger/0001-release-2024-03-01.json").read_text()
    )
    for name, parts in {
        "policy.md": ("In force from: 1 April 2024", "Version: 2024-03-01"),
        "policy.html": ('<time datetime="2024-04-01">1 April 2024</time>', "2024-03-01"),
    }.items():
        text = (folder / "en" / name).read_text()
        assert "Not released" not in text
        assert all(part in text for part in parts)
    document = json.loads((folder / "en/policy.json").read_text())
    assert document["status"] == "released"
    assert (document["version"], document["in_force_from"]) == ("2024-03-01", "2024-04-01")
    assert {each["last_changed"] for each in document["clauses"]} == {"2024-01-02"}
    pages = "".join(p.extract_text() for p in pypdf.PdfReader(folder / "en/policy.pdf").pages)
    assert "1 April 2024" in pages
    assert "2024-03-01" in pages
    archived = read_policy((folder / "en/policy.json").read_bytes())
    assert words_digest(archived) == words_digest(said)


def test_exactly_the_files_of_the_version_are_committed(repo: Repo) -> None:
    (repo.workspace / "staged.txt").write_text("staged")
    repo.git("add", "staged.txt")
    (repo.workspace / "README.md").write_text("not staged")
    done = appended(try_release(repo, "2024-03-01", summary="First"))
    names = repo.git("show", "--name-status", "--format=", "HEAD").splitlines()
    assert sorted(names) == [
        "A\tversions/alpha/2024-03-01/SHA256SUMS",
        *(f"A\tversions/alpha/2024-03-01/en/policy.{end}" for end in ("html", "json", "md", "pdf")),
        "A\tversions/alpha/ledger.head",
        "A\tversions/alpha/ledger/0001-release-2024-03-01.json",
    ]
    assert sorted(repo.git("status", "--porcelain").splitlines()) == [
        "?? README.md",
        "A  staged.txt",
    ]
    assert done.commit == repo.git("rev-parse", "HEAD")
    digest = hashlib.sha256(
        (repo.workspace / "versions/alpha/ledger" / done.entry.name).read_bytes()
    ).hexdigest()
    message = repo.git("log", "-1", "--format=%B")
    assert message.startswith("Release alpha 2024-03-01\n\nFirst\n")
    assert digest in message
    assert repo.git("log", "-1", "--format=%an <%ae> %cI") == (
        "Ops <ops@acme.example> 2024-03-01T13:00:00+01:00"
    )


def test_without_a_commit_the_version_stands(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    done = appended(try_release(repo, "2024-03-01", commit=False))
    assert done.commit is None
    assert repo.git("rev-parse", "HEAD") == head
    assert repo.git("status", "--porcelain") == "?? versions/"
    fault = refused(repo, "2024-03-02")
    assert "is not committed yet" in str(fault)
    repo.git("add", "versions")
    repo.git("commit", "-qm", "release")
    say(repo, "New.", date="2024-03-02T10:00:00+0000")
    assert released(repo, "2024-03-02").sequence == 2


def test_a_dry_run_writes_nothing(repo: Repo) -> None:
    before = state(repo)
    done = appended(try_release(repo, "2024-03-01", dry_run=True))
    assert done.paths == ()
    assert state(repo) == before


def _git_locked(repo: Repo) -> None:
    (repo.root / ".git/index.lock").touch()


def _unnamed(repo: Repo) -> None:
    repo.git("config", "--unset", "user.email")


def _no_signers(repo: Repo) -> None:
    repo.commit({"shared/allowed_signers": "legal@acme.example no-key\n"})


def _folder_for_signers(repo: Repo) -> None:
    (repo.workspace / "shared/allowed_signers").mkdir()


def _others(repo: Repo) -> None:
    repo.commit({"shared/allowed_signers": f"x@acme.example {public(repo, 'theirs')}\n"})


def _open_key(repo: Repo) -> None:
    key_pairs(repo.root.parent, "ours")
    (repo.root.parent / "ours").chmod(0o644)


def _public_alone(repo: Repo) -> None:
    public(repo, "ours")
    (repo.root.parent / "ours").unlink()
    (repo.root.parent / "ours.pub").rename(repo.root.parent / "ours")


def _lock_is_a_folder(repo: Repo) -> None:
    (repo.root / ".git/publisher.lock").mkdir()


def public(repo: Repo, name: str) -> str:
    key_pairs(repo.root.parent, "ours", "theirs")
    return " ".join((repo.root.parent / f"{name}.pub").read_text().split()[:2])


@pytest.mark.parametrize(
    ("spoil", "message", "signed"),
    [
        (_git_locked, "git is locked", False),
        (_unnamed, "git does not know who you are", False),
        (_no_signers, "shared/allowed_signers:1: ", False),
        (_folder_for_signers, "shared/allowed_signers: is not", False),
        (_others, "does not let the key SHA256:", True),
        (_open_key, "Permissions 0644 for", True),
        (_public_alone, "No private key found", True),
        (_lock_is_a_folder, "publisher.lock: it ", False),
    ],
)
def test_a_dry_run_is_refused_for_what_the_release_is(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, spoil: Any, message: str, signed: bool
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    spoil(repo)
    how = {"sign": str(repo.root.parent / "ours")} if signed else {}
    dry, real = (refused(repo, "2024-03-01", dry_run=dry, **how) for dry in (True, False))
    assert message in str(dry)
    assert (str(dry), dry.exit_code) == (str(real), real.exit_code)


def test_a_dry_run_asks_whether_the_lock_is_held_and_does_not_hold_it(repo: Repo) -> None:
    lock = repo.root / ".git/publisher.lock"
    with locked(lock):
        before = lock.read_bytes()
        assert "another command is appending" in str(refused(repo, "2024-03-01", dry_run=True))
        assert lock.read_bytes() == before
    lock.unlink()
    assert try_release(repo, "2024-03-01", dry_run=True).fault is None
    assert not lock.exists()


def test_a_dry_run_asks_nobody_for_a_passphrase(repo: Repo) -> None:
    key = repo.root.parent / "closed"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "closed", "-f", str(key)]
    subprocess.run(made, check=True)
    assert try_release(repo, "2024-03-01", dry_run=True, sign=str(key)).fault is None


@pytest.mark.skipif(
    os.name == "nt" or (os.geteuid() == 0 and not shutil.which("setpriv")),
    reason="permissions do not concern this user",
)
@pytest.mark.parametrize("closed", ["versions", "versions/alpha", "versions/alpha/ledger"])
def test_a_dry_run_is_refused_where_the_user_may_not_write(repo: Repo, closed: str) -> None:
    released(repo, "2024-03-01")
    say(repo, "New.", date="2024-03-02T12:00:00+0000")
    kept = ["setpriv", "--bounding-set", "-dac_override", "--"] if os.geteuid() == 0 else []
    (repo.workspace / closed).chmod(0o555)
    command = [*kept, sys.executable, "-m", "publisher", "release", "alpha"]
    done = [
        subprocess.run(
            [*command, *dry], cwd=repo.workspace, check=False, capture_output=True, text=True
        )
        for dry in (["--dry-run"], [])
    ]
    (repo.workspace / closed).chmod(0o755)
    allowed = closed == "versions"  # the brand's own folder is there, and the user's
    for one in done:
        assert one.returncode == (0 if allowed else 4), one.stderr
        assert allowed or f"cannot write {repo.workspace / closed}: permission denied" in one.stderr


def test_the_documents_are_rendered_from_the_commit(repo: Repo) -> None:
    style = repo.workspace / "brands/beta/brand.yaml"
    style.write_text(style.read_text() + 'theme: {accent: "#123456"}\n')
    released(repo, "2024-03-01")
    html = (repo.workspace / "versions/alpha/2024-03-01/en/policy.html").read_text()
    assert "#123456" not in html


def test_each_version_names_the_changes_since_the_one_before(repo: Repo) -> None:
    released(repo, "2024-03-01")
    say(repo, "We keep nothing.", date="2024-03-05T12:00:00+0000")
    second = released(repo, "2024-03-10")
    assert (second.change, second.version) == ("material", "2024-03-10")
    assert second.changes["en"].changed == ("data",)
    assert second.locales["en"].last_updated == date(2024, 3, 5)
    first = read_ledger(ArchiveFolder(repo.workspace), "alpha")
    assert second.previous == first.digest(1)
    document = json.loads((repo.workspace / "versions/alpha/2024-03-10/en/policy.json").read_text())
    assert {c["id"]: c["last_changed"] for c in document["clauses"]} == {
        "who": "2024-01-02",
        "data": "2024-03-05",
        "rights": "2024-01-02",
    }


def test_commits_that_are_all_editorial_make_an_editorial_version(repo: Repo) -> None:
    released(repo, "2024-03-01")
    typo = "Fix a typo\n\nPolicy-Change: editorial"
    say(repo, "We keep nothing.", typo, "2024-03-05T12:00:00+0000")
    second = released(repo, "2024-03-10")
    assert second.change == "editorial"
    assert second.locales["en"].last_updated == date(2024, 1, 2)
    say(repo, "We keep all.", date="2024-03-15T12:00:00+0000")
    third = released(repo, "2024-03-20", editorial=True, reason="As legal decided")
    assert (third.change, third.reason) == ("editorial", "As legal decided")
    assert third.locales["en"].last_updated == date(2024, 1, 2)
    document = json.loads((repo.workspace / "versions/alpha/2024-03-20/en/policy.json").read_text())
    assert {c["last_changed"] for c in document["clauses"]} == {"2024-01-02"}


def test_last_updated_starts_at_the_latest_version(repo: Repo, tmp_path: Path) -> None:
    def dated() -> date | None:
        report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json"])
        return report.built[0].last_updated

    say(repo, "One.", date="2024-03-05T12:00:00+0000")
    released(repo, "2024-03-10", in_force=date(2024, 5, 1))
    say(repo, "Two.", date="2024-03-15T12:00:00+0000")
    assert dated() == date(2024, 3, 15)
    say(repo, "One.", date="2024-03-16T12:00:00+0000")
    assert dated() == date(2024, 3, 5), "the words of the version have its date"
    typo = "typo\n\nPolicy-Change: editorial"
    say(repo, "One!", typo, "2024-03-17T12:00:00+0000")
    assert dated() == date(2024, 3, 16), "the revert is material, and after the version"


def test_editorial_changes_since_the_version_leave_its_date(repo: Repo, tmp_path: Path) -> None:
    say(repo, "One.", date="2024-03-05T12:00:00+0000")
    released(repo, "2024-03-10")
    say(repo, "One!", "typo\n\nPolicy-Change: editorial", "2024-03-17T12:00:00+0000")
    report = build(repo.workspace, tmp_path / "out", brands=["alpha"], formats=["json"])
    assert report.built[0].last_updated == date(2024, 3, 5)


def test_a_second_version_on_one_day(repo: Repo) -> None:
    released(repo, "2024-03-01")
    say(repo, "New.", date="2024-03-01T12:30:00+0000")
    second = released(repo, datetime(2024, 3, 1, 15, tzinfo=UTC))
    assert second.version == "2024-03-01.2"
    again = released(
        repo, datetime(2024, 3, 1, 16, tzinfo=UTC), editorial=True, reason="Fix the PDF"
    )
    assert again.version == "2024-03-01.3"
    assert again.changes["en"].changed == ()


@pytest.mark.parametrize(
    ("zone", "version"), [("Pacific/Auckland", "2024-03-02"), ("Pacific/Honolulu", "2024-03-01")]
)
def test_a_version_is_of_the_day_that_it_is_where_the_brand_is(
    repo: Repo, zone: str, version: str
) -> None:
    repo.commit({"brands/alpha/brand.yaml": ALPHA.replace("Europe/Brussels", zone)})
    entry = released(repo, "2024-03-01")
    assert entry.version == version
    assert entry.in_force_from.isoformat() == version
    assert entry.timezone == zone


def test_a_workspace_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo", "legal/policies")
    entry = released(repo, "2024-03-01")
    assert entry.version == "2024-03-01"
    assert repo.git("status", "--porcelain") == ""
    say(repo, "New.", date="2024-03-02T12:00:00+0000")
    assert released(repo, "2024-03-03").sequence == 2


def test_brand_by_brand_one_refusal_stops_no_other(repo: Repo) -> None:
    brand = ALPHA + "facts: {unsure: {unconfirmed: Is it?}}\n"
    own = "brands/alpha/clauses/en/data.md"
    repo.commit({"brands/alpha/brand.yaml": brand, own: clause("{{ facts.unsure }}")})
    outcomes = release(
        repo.workspace, ["alpha", "beta"], ReleaseOptions(), AppendOptions(noon("2024-03-01"))
    )
    assert [each.appended is not None for each in outcomes] == [False, True]
    assert outcomes[0].fault is not None
    assert outcomes[0].fault.exit_code == 1
    assert [each.severity for each in outcomes[0].problems] == ["question"]
    assert not (repo.workspace / "versions/alpha").exists()


def test_notice_is_kept_unless_a_reason_is_given(repo: Repo) -> None:
    repo.commit({"brands/alpha/brand.yaml": ALPHA + "notice_days: 30\n"})
    assert released(repo, "2024-03-01").change == "first"
    say(repo, "New.", date="2024-03-02T12:00:00+0000")
    fault = refused(repo, "2024-03-10", in_force=date(2024, 4, 8))
    assert "30 days' notice" in str(fault)
    assert "--in-force 2024-04-09" in str(fault)
    entry = released(repo, "2024-03-10", in_force=date(2024, 4, 8), short_notice="A court says so")
    assert entry.short_notice == "A court says so"
    typo = "typo\n\nPolicy-Change: editorial"
    say(repo, "New!", typo, "2024-03-11T12:00:00+0000")
    assert released(repo, "2024-03-12", in_force=date(2024, 4, 8)).change == "editorial"


def test_a_version_is_rescheduled_before_it_comes_into_force(repo: Repo) -> None:
    released(repo, "2024-03-01", in_force=date(2024, 4, 1))
    asked = AppendOptions(noon("2024-03-10"))
    done = reschedule(repo.workspace, "alpha", "2024-03-01", date(2024, 5, 1), "Later", asked)
    assert done.entry.name == "0002-reschedule-2024-03-01.json"
    assert repo.git("status", "--porcelain") == ""
    with pytest.raises(PublisherError, match="came into force on 2024-05-01"):
        reschedule(
            repo.workspace, "alpha", "2024-03-01", date(2024, 6, 1), "Later",
            AppendOptions(noon("2024-05-01")),
        )  # fmt: skip
    with pytest.raises(PublisherError, match="is in the past"):
        reschedule(repo.workspace, "alpha", "2024-03-01", date(2024, 3, 9), "Sooner", asked)
    say(repo, "New.", date="2024-03-10T12:30:00+0000")
    fault = refused(repo, "2024-03-11", in_force=date(2024, 4, 30))
    assert "version 2024-03-01 comes into force on 2024-05-01" in str(fault)
    released(repo, "2024-03-11", in_force=date(2024, 5, 2))
    with pytest.raises(PublisherError, match="released after 2024-03-01"):
        reschedule(
            repo.workspace, "alpha", "2024-03-01", date(2024, 5, 3), "Later",
            AppendOptions(noon("2024-03-12")),
        )  # fmt: skip


def test_a_brand_is_retired_and_comes_back_by_a_release(repo: Repo) -> None:
    released(repo, "2024-03-01")
    asked = AppendOptions(noon("2024-03-10"))
    done = retire(repo.workspace, "alpha", date(2024, 4, 1), "Sold", asked)
    assert done.entry.name == "0002-retire-2024-04-01.json"
    with pytest.raises(PublisherError, match="is retired from 2024-04-01 already"):
        retire(repo.workspace, "alpha", date(2024, 5, 1), "Sold", asked)
    with pytest.raises(PublisherError, match="is in the past"):
        retire(repo.workspace, "alpha", date(2024, 3, 9), "Sold", asked)
    with pytest.raises(PublisherError, match="unknown locale 'nl'"):
        retire(repo.workspace, "alpha", date(2024, 4, 1), "Sold", asked, locale="nl")
    say(repo, "New.", date="2024-04-02T12:00:00+0000")
    assert released(repo, "2024-04-03").sequence == 3


def test_a_retirement_and_what_is_scheduled_say_what_becomes_of_each_other(repo: Repo) -> None:
    def asked(day: str, **how: Any) -> AppendOptions:
        return AppendOptions(noon(day), **how)

    released(repo, "2024-03-01")
    say(repo, "New.", date="2024-03-02T12:00:00+0000")
    released(repo, "2024-03-03", in_force=date(2024, 6, 1))
    day = date(2024, 5, 1)
    back = "A release after that, with --in-force 2024-05-01 or later, brings it back"
    never = f"version 2024-03-03 never comes into force: the retirement comes first. {back}"
    after = retire(
        repo.workspace, "alpha", date(2024, 7, 1), "x", asked("2024-03-04", dry_run=True)
    )
    assert after.notes == (), "the version is in force until then"
    for dry_run in (True, False):
        done = retire(repo.workspace, "alpha", day, "Sold", asked("2024-03-04", dry_run=dry_run))
        assert done.notes == (never,)
    known = Timeline(read_ledger(ArchiveFolder(repo.workspace), "alpha"))
    second = next(known._ledger.releases())
    assert known.period(second, noon("2024-12-01")).empty
    before = state(repo)
    for later in (date(2024, 5, 1), date(2024, 8, 1)):
        with pytest.raises(Refused, match=f"would never come into force on {later}; give a day be"):
            reschedule(repo.workspace, "alpha", "2024-03-03", later, "x", asked("2024-03-05"))
    assert state(repo) == before
    sooner = date(2024, 4, 15)
    done = reschedule(repo.workspace, "alpha", "2024-03-03", sooner, "x", asked("2024-03-05"))
    assert done.notes == (f"version 2024-03-03 ends on 2024-05-01, with the retirement. {back}",)
    say(repo, "Newer.", date="2024-03-06T12:00:00+0000")
    short = appended(try_release(repo, "2024-03-07", in_force=date(2024, 4, 20), dry_run=True))
    assert short.notes == (f"version 2024-03-07 ends on 2024-05-01, with the retirement. {back}",)
    again = try_release(repo, "2024-03-07", in_force=day, dry_run=True)
    assert (appended(again).notes, again.back) == ((), ("en",))


def test_one_locale_is_retired_before_a_version_comes(repo: Repo) -> None:
    released(repo, "2024-03-01", "beta", in_force=date(2024, 6, 1))
    done = retire(
        repo.workspace, "beta", date(2024, 5, 1), "x", AppendOptions(noon("2024-03-04")),
        locale="en",
    )  # fmt: skip
    assert done.notes == (
        "version 2024-03-01 never comes into force in en: the retirement comes first. A release "
        "after that, with --in-force 2024-05-01 or later, brings it back",
    )


@pytest.mark.parametrize(
    "terms", [{"editorial": True}, {"reason": "because"}, {"editorial": True, "reason": None}]
)
def test_editorial_goes_with_a_reason(repo: Repo, terms: dict[str, object]) -> None:
    with pytest.raises(AskedWrongly, match="--editorial needs --reason"):
        try_release(repo, "2024-03-01", **terms)


@pytest.mark.parametrize("text", ["", "two\nlines", "a\x1b[31mcolour", "\u202ereversed"])
def test_texts_are_one_line(repo: Repo, text: str) -> None:
    with pytest.raises(PublisherError, match="takes text on one line"):
        try_release(repo, "2024-03-01", summary=text)


def test_a_locale_that_comes_or_goes_is_material(repo: Repo) -> None:
    released(repo, "2024-03-01")
    dutch = {
        f"shared/clauses/nl/{name}.md": clause(f"Tekst over {name}.", name.title())
        for name in ("who", "data", "rights")
    }
    both = ALPHA.replace("[en]", "[en, nl]")
    message = "Add Dutch\n\nPolicy-Change: editorial"
    repo.commit({**dutch, "brands/alpha/brand.yaml": both}, message, "2024-03-05T12:00:00+0000")
    entry = released(repo, "2024-03-10")
    assert entry.change == "material"
    assert set(entry.locales) == {"en", "nl"}
    assert entry.locales["en"].last_updated == date(2024, 1, 2)
    repo.commit({"brands/alpha/brand.yaml": ALPHA}, message, "2024-03-12T12:00:00+0000")
    assert released(repo, "2024-03-15").change == "material"


def test_a_release_is_made_with_the_users_own_configuration(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("config", "--unset", "user.name")
    repo.git("config", "--unset", "user.email")
    assert "git does not know who you are" in str(refused(repo, "2024-03-01"))
    home = tmp_path / "gitconfig"
    home.write_text("[user]\n\tname = Zoë Ops\n\temail = zoe@acme.example\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home))
    assert released(repo, "2024-03-01").recorded_by == "Zoë Ops <zoe@acme.example>"
    assert repo.git("log", "-1", "--format=%an") == "Zoë Ops"


def test_no_hook_runs(repo: Repo, tmp_path: Path) -> None:
    hook = repo.root / ".git/hooks/pre-commit"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    hook.chmod(0o755)
    released(repo, "2024-03-01")
    assert not (tmp_path / "ran").exists()


# --- one at a time, and all or nothing ---


def test_of_many_at_once_one_wins(repo: Repo) -> None:
    command = [sys.executable, "-m", "publisher", "release", "alpha"]
    started = [
        subprocess.Popen(command, cwd=repo.workspace, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]  # fmt: skip
    ended = [(each.communicate()[1], each.returncode) for each in started]
    codes = sorted(code for _, code in ended)
    assert codes.count(0) == 1, ended
    for told, code in ended:
        expected = {
            0: "",
            2: "there is nothing to release",
            4: "another command is appending to the",
        }
        assert expected[code] in told
    assert len(read_ledger(ArchiveFolder(repo.workspace), "alpha")) == 1
    assert verify(repo.workspace).findings == ()
    assert repo.git("status", "--porcelain") == ""


def test_a_held_lock_names_its_holder(repo: Repo) -> None:
    with locked(repo.root / ".git" / "publisher.lock"):
        fault = refused(repo, "2024-03-01")
    assert fault.exit_code == 4
    assert f"another command is appending to the archive: process {os.getpid()} on " in str(fault)


def test_a_disk_that_takes_no_more(repo: Repo) -> None:
    before = state(repo)
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 16; exec {sys.executable} -m publisher release alpha"],
        cwd=repo.workspace, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "file too large; the archive is unchanged. Free some space" in done.stderr
    assert state(repo) == before
    assert released(repo, "2024-03-01").sequence == 1


def test_where_git_does_not_commit_the_version_stands(repo: Repo) -> None:
    message = repo.root / ".git" / "COMMIT_EDITMSG"
    message.unlink(missing_ok=True)
    message.mkdir()  # git writes the message there
    outcome = try_release(repo, "2024-03-01")
    assert outcome.fault is not None
    assert outcome.fault.exit_code == 4
    assert "0001-release-2024-03-01.json is recorded, but git did not commit it" in str(
        outcome.fault
    )
    assert "add --force versions/alpha" in str(outcome.fault)
    message.rmdir()
    assert verify(repo.workspace).findings == ()
    repo.git("add", "--force", "versions/alpha")
    repo.git("commit", "-qm", "Release", "--", "versions/alpha")
    assert verify(repo.workspace).notes == ()


def test_replaced_history_changes_no_version(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    say(repo, "New.", date="2024-02-01T12:00:00+0000")
    repo.git("replace", "HEAD", first)
    entry = released(repo, "2024-03-01")
    assert entry.locales["en"].last_updated == date(2024, 2, 1)
    assert verify(repo.workspace, rebuild=True).findings == ()


def test_the_command_line_says_what_was_done(repo: Repo, run: Run) -> None:
    done = run("release", "alpha", "beta", "--summary", "First", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "released" in done.stdout
    assert "ledger/0001-release-" in done.stdout
    again = run("release", "alpha", "beta", cwd=repo.workspace)
    assert again.returncode == 2
    assert again.stderr.count("there is nothing to release") == 2
    listed = run("versions", cwd=repo.workspace)
    assert all(len(line) <= 80 for line in listed.stdout.splitlines())
    assert listed.stdout.count("in force") >= 2
    said = json.loads(run("versions", "beta", "--json", cwd=repo.workspace).stdout)
    assert [each["summary"] for each in said] == ["First"]
    assert run("verify", cwd=repo.workspace).returncode == 0


def test_the_same_words_bring_back_what_was_retired(repo: Repo) -> None:
    released(repo, "2024-03-01")
    retire(
        repo.workspace, "alpha", date(2024, 4, 1), "By mistake", AppendOptions(noon("2024-03-10"))
    )
    assert "there is nothing to release" in str(refused(repo, "2024-03-11"))
    entry = released(repo, "2024-03-11", in_force=date(2024, 4, 1))
    assert entry.change == "material"
    timeline = Timeline(read_ledger(ArchiveFolder(repo.workspace), "alpha"))
    assert timeline.ends() is None
    newest = timeline.newest(noon("2024-04-01"))
    assert newest == entry
    assert timeline.ended(entry, noon("2024-05-01")) is None


@pytest.mark.thorough
def test_an_interrupted_release_leaves_all_or_nothing(repo: Repo) -> None:
    command = [sys.executable, "-m", "publisher", "release", "alpha"]
    lock = repo.root / ".git" / "publisher.lock"
    for tenths in range(0, 12, 2):
        before = state(repo)
        started = subprocess.Popen(
            command, cwd=repo.workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        while started.poll() is None and not (
            lock.exists() and f"process {started.pid} " in lock.read_text()
        ):
            time.sleep(0.01)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(tenths / 10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGINT)
        _, told = started.communicate()
        assert verify(repo.workspace).findings == ()
        assert repo.git("status", "--porcelain") == ""
        if state(repo) != before:
            return
        assert "Traceback" not in told
        assert "KeyboardInterrupt" not in told
        assert started.returncode == 130
        assert "interrupted; nothing is half-written" in told
    assert released(repo, datetime.now(UTC)).sequence == 1


def test_no_program_of_the_configuration_runs_in_a_release(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    ran, program = tmp_path / "ran", tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho ran >> '{ran}'\n")
    program.chmod(0o755)
    included = tmp_path / "included"
    included.write_text(f"[core]\n\tfsmonitor = {program}\n\teditor = {program}\n")
    repo.git("config", "include.path", str(included))
    assert try_release(repo, "2025-01-10").appended is not None
    assert not ran.exists()


def test_a_clock_far_ahead_is_confirmed_and_its_entry_can_be_undone(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    late = noon("2041-01-10")
    assert "--clock-is-right" in str(refused(repo, late))
    appended(try_release(repo, late, clock_is_right=True))
    assert "before the ledger's last entry" in str(refused(repo, "2025-01-10"))
    repo.git("reset", "-q", "--keep", "HEAD^")
    assert released(repo, "2025-01-10").version == "2025-01-10"
    assert verify(repo.workspace).findings == ()


@pytest.mark.parametrize("stamp", ["0 +0000", "-86400000000 +0000", "-999999999999 +0000"])
def test_a_commit_of_a_date_that_cannot_be_true_stops_a_release(repo: Repo, stamp: str) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    forged = repo.forge_date(stamp)
    message = str(refused(repo, "2025-02-01"))
    assert f"commit {forged[:10]}: has a date that lies before 1990, and is not used" in message


def test_what_a_sparse_checkout_leaves_out_is_committed(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-02")
    folders = [(repo.workspace / name, tmp_path / name) for name in ("brands", "versions")]
    for here, there in folders:
        shutil.copytree(here, there)
    repo.git("sparse-checkout", "set", "shared")
    for here, there in folders:
        shutil.copytree(there, here, dirs_exist_ok=True)
    how = ("--on", "2099-01-01", "--reason", "Closed")
    done = called("retire", "alpha", *how, cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert repo.git("status", "--porcelain", "versions") == ""
    with (repo.workspace / "versions/alpha/ledger.head").open("a") as head:
        head.write("\n")
    command = committing(repo.workspace, "versions/alpha")
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    assert repo.git("status", "--porcelain", "versions") == ""


def test_no_ledger_begins_twice(repo: Repo) -> None:
    """Whoever deletes an archive, and commits that, gets it back before anything is appended."""
    released(repo, "2025-01-10")
    begun = repo.git("rev-parse", "HEAD")[:10]
    repo.git("rm", "-rqf", "versions/alpha")
    repo.git("commit", "-qm", "tidy up")
    deleted = repo.git("rev-parse", "HEAD")[:10]
    fault = refused(repo, "2025-02-01", dry_run=True)
    assert f"versions/alpha/ledger is missing, as commit {deleted} deleted it. The archive was" in (
        str(fault)
    )
    assert fault.exit_code == 3
    repo.git("checkout", "-q", begun, "--", "versions/alpha")
    repo.git("commit", "-qm", "restore")
    say(repo, "Second.", date="2025-02-01T10:00:00+0000")
    assert try_release(repo, "2025-02-01", dry_run=True).fault is None
