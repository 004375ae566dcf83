"""A release with a clock that was two years ahead: refused commands say how to go on; they go on."""

from __future__ import annotations

import re
import subprocess
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from support.archives import appended, archive, noon, refused, say, try_release
from support.workspaces import Repo

from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Request, get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import correct_clock
from publisher.archive.verify.verify import verify
from publisher.errors import AskedWrongly, Refused
from publisher.site.site import site

WRONG, HEALED = "2026-03-02", "2024-03-03"
REAL = datetime.fromisoformat("2024-03-02T13:00")
NOTE = (
    "recorded as 2026-03-02 13:00:00, corrected to 2024-03-02 13:00:00 (Europe/Brussels) by "
    "0003-clock-2024-03-03.json: the laptop was ahead"
)
REASON = "the laptop was ahead"
SITE = "Recorded as 2 March 2026, corrected to 2 March 2024"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Return a repository with two versions, the second of which is dated two years ahead."""
    repo = archive(tmp_path / "repo")
    appended(try_release(repo, "2024-02-01"))
    say(repo, "Second.", date="2024-03-01T12:00:00+0000")
    appended(try_release(repo, WRONG))
    return repo


def on(day: str) -> AppendOptions:
    return AppendOptions(noon(day))


def test_a_ledger_that_is_blocked_is_healed_by_the_command_that_the_message_names(
    repo: Repo, tmp_path: Path
) -> None:
    message = str(refused(repo, HEALED))
    assert "`publisher correct-clock alpha --at MOMENT --reason TEXT`" in message
    correct_clock(repo.workspace, "alpha", [REAL], REASON, on(HEALED))
    say(repo, "Third.", date="2024-04-01T12:00:00+0000")
    third = appended(try_release(repo, "2024-04-02"))
    assert third.entry.name == "0004-release-2024-04-02.json"
    assert repo.git("status", "--porcelain") == ""
    checked = verify(repo.workspace)
    assert checked.findings == ()
    assert f"versions/alpha/ledger/0002-release-{WRONG}.json was {NOTE}" in checked.notes
    now = noon("2027-01-01")
    asked = {
        day: get(repo.workspace, "alpha", now, on=date.fromisoformat(day), write=False).version
        for day in ("2024-03-01", "2024-03-02", "2024-04-01", "2024-04-02", "2026-03-02")
    }
    assert [version.version for version in asked.values()] == [
        "2024-02-01",
        WRONG,
        WRONG,
        "2024-04-02",
        "2024-04-02",
    ]
    site(repo.workspace, tmp_path / "site", now, brands=["alpha"], base_url="https://a.example/")
    pages = (tmp_path / "site/alpha/en").rglob("index.html")
    shown = [page.parent.name for page in pages if SITE in page.read_text()]
    assert {WRONG, "versions"} <= {*shown}
    (listed,) = versions(repo.workspace, now, ["alpha"])
    assert listed.notes["alpha", WRONG] == (NOTE,)


def test_what_cannot_be_true_is_refused(repo: Repo) -> None:
    root = repo.workspace
    for times, at, fault in (
        ([], HEALED, r"1 of the entries of alpha are dated later .*give --at MOMENT for each"),
        ([datetime.fromisoformat("2024-01-31T13:00")], HEALED, "does not lie between"),
        ([datetime.fromisoformat("2024-03-04T13:00")], HEALED, "does not lie between"),
        ([datetime.fromisoformat("1989-12-31T12:00")], HEALED, "1989-12-31 is in no year that a"),
        ([REAL], "2026-03-03", "there is nothing to correct"),
        ([REAL], "2024-02-15", r"commit [0-9a-f]{10}, which is older .* set the clock, or confirm"),
    ):
        with pytest.raises((Refused, AskedWrongly), match=re.compile(fault)):
            correct_clock(root, "alpha", times, REASON, on(at))
    with pytest.raises(Refused, match="0001-01-01 is in no year that a policy can be of"):
        correct_clock(root, "alpha", [REAL], REASON, on(HEALED), in_force=date.min)
    assert repo.git("status", "--porcelain") == ""


def test_git_bears_witness_against_a_correction(repo: Repo) -> None:
    """The corrected time is not before the source commit, nor the entry after its own commit."""
    early = datetime.fromisoformat("2024-02-20T13:00")
    correct_clock(
        repo.workspace, "alpha", [early], REASON, AppendOptions(noon(HEALED), commit=False)
    )
    repo.commit({}, "Correct", "2024-03-02T12:00:00+0000")
    messages = [finding.message for finding in verify(repo.workspace).findings]
    assert any(
        re.match("was recorded after commit [0-9a-f]{10}, which has it", m) for m in messages
    )
    assert any(re.match("says a time for entry 2 before its source commit", m) for m in messages)


@pytest.mark.thorough
def test_a_letter_says_that_the_clock_was_wrong(repo: Repo, tmp_path: Path) -> None:
    correct_clock(repo.workspace, "alpha", [REAL], REASON, on(HEALED))
    now, output = noon("2027-01-01"), tmp_path / "b.zip"
    bundle(repo.workspace, Request("alpha", now, version=WRONG, output=output))
    with zipfile.ZipFile(output) as files:
        (name,) = (name for name in files.namelist() if name.endswith("evidence-letter.pdf"))
        letter = files.read(name)
    text = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=letter, capture_output=True, check=True
    )
    words = " ".join(text.stdout.decode().split())
    assert "when the version was recorded: entry 0003 corrects it. The document itself" in words
    assert "still states 2 March 2026" in words
    assert "changed the day on which it comes" not in words
    assert "really recorded at: 2024-03-02T13:00:00+01:00 (0002). Reason stated" in words
