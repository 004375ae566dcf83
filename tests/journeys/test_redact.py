"""Files that had to leave the archive: the fact and the hash stay, and every command says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive, noon, released, say, state, try_release
from support.workspaces import Repo

from publisher.archive.entries import Redact, sha256
from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Request, get
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import redact
from publisher.archive.verify.verify import verify
from publisher.errors import Redacted, Refused, UnknownName

NOW = noon("2025-06-15")
PDF = "versions/alpha/2025-01-10/en/policy.pdf"
WHY = ("Names a customer", "Court of Ghent")


@pytest.fixture
def past(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    return repo


def redacted(repo: Repo, file: str = "en/policy.pdf", **how: object) -> Redact:
    asked = AppendOptions(NOW, **how)  # type: ignore[arg-type]
    done = redact(repo.workspace, "alpha", "2025-01-10", file, *WHY, asked)
    assert isinstance(done.entry, Redact)
    return done.entry


def test_the_bytes_go_and_the_hash_stays(past: Repo) -> None:
    before = (past.workspace / PDF).read_bytes()
    entry = redacted(past)
    assert entry.digest == sha256(before)
    assert not (past.workspace / PDF).exists()
    assert past.git("status", "--porcelain") == ""
    assert past.git("log", "-1", "--format=%s") == "Redact en/policy.pdf of alpha 2025-01-10"
    assert past.git("show", "--stat", "--format=", "HEAD").splitlines()[-1].startswith(" 3 files")
    checked = verify(past.workspace)
    assert checked.findings == ()
    assert (
        f"{PDF} was redacted by entry 2, by authority of Court of Ghent: Names a customer"
        in checked.notes
    )


@pytest.mark.parametrize("wrong", ["reason", "authority"])
@pytest.mark.parametrize("text", ["", "One\nTwo"])
def test_a_redaction_takes_a_reason_and_an_authority_of_one_line(
    tmp_path: Path, wrong: str, text: str
) -> None:
    texts = {"reason": WHY[0], "authority": WHY[1], wrong: text}
    about = ("alpha", "2025-01-10", "en/policy.pdf")
    with pytest.raises(Refused, match=f"^--{wrong} takes text on one line"):
        redact(tmp_path, *about, **texts, asked=AppendOptions(NOW))


def test_get_names_the_redaction_and_hands_out_the_rest(past: Repo) -> None:
    redacted(past)
    with pytest.raises(Redacted) as fault:
        get(past.workspace, "alpha", NOW, write=False)
    assert str(fault.value) == (
        f"{PDF} was redacted by 0002-redact-2025-01-10.json, by authority of Court of Ghent: Names "
        "a customer. Its SHA-256 stays in SHA256SUMS; its bytes are gone. Nothing was written"
    )
    assert fault.value.exit_code == 2
    assert get(past.workspace, "alpha", NOW, format="html", write=False).data


def test_the_next_release_works_without_the_text_of_the_last(past: Repo, run: Run) -> None:
    for name in ("pdf", "json", "html", "md"):
        redacted(past, f"en/policy.{name}")
    assert not (past.workspace / PDF).parent.exists()
    assert verify(past.workspace).findings == ()
    say(past, "Second.", date="2025-06-16T12:00:00+0000")
    status = run("status", cwd=past.workspace)
    assert status.returncode == 0, status.stderr
    compared = run("diff", "alpha", "2025-01-10", "draft", cwd=past.workspace)
    assert compared.returncode == 2
    assert "policy.json was redacted by" in compared.stderr
    entry = released(past, "2025-06-17")
    assert (entry.change, entry.changes) == ("material", {})
    assert verify(past.workspace).findings == ()


@pytest.mark.parametrize(
    ("version", "file", "fault", "message"),
    [
        ("2025-01-11", "en/policy.pdf", UnknownName, "unknown version '2025-01-11'; did you mean"),
        ("2025-01-10", "en/policy.pfd", UnknownName, "did you mean 'en/policy.pdf'"),
        (
            "2025-01-10",
            "SHA256SUMS",
            Refused,
            "SHA256SUMS and the ledger are the proof, and cannot be redacted",
        ),
        ("2025-01-10", "../ledger/0001-release-2025-01-10.json", UnknownName, "unknown file of"),
    ],
)
def test_what_cannot_be_redacted(
    past: Repo, version: str, file: str, fault: type[Exception], message: str
) -> None:
    before = state(past)
    with pytest.raises(fault, match=message):
        redact(past.workspace, "alpha", version, file, *WHY, AppendOptions(NOW))
    assert state(past) == before


def test_twice_is_refused(past: Repo) -> None:
    redacted(past, PDF)
    with pytest.raises(Refused, match=r"is redacted already, by 0002-redact-2025-01-10\.json"):
        redacted(past)


def test_bytes_that_come_back_are_found(past: Repo) -> None:
    data = (past.workspace / PDF).read_bytes()
    redacted(past)
    (past.workspace / PDF).write_bytes(data)
    (finding,) = verify(past.workspace).findings
    assert str(finding) == (
        f"{PDF}: is still here, or has come back, though 0002-redact-2025-01-10.json redacts it; delete it"
    )
    with pytest.raises(Redacted, match="by authority of Court of Ghent"):
        get(past.workspace, "alpha", NOW, write=False)
    made = bundle(past.workspace, Request("alpha", NOW, write=False, version="2025-01-10"))
    assert data not in made.data


def test_what_was_interrupted_is_ended_by_the_next_command(past: Repo) -> None:
    data = (past.workspace / PDF).read_bytes()
    redacted(past, commit=False)
    (past.workspace / PDF).write_bytes(data)
    staging = past.workspace / "versions/alpha/.staging-999999"
    staging.mkdir()
    (staging / "intent").write_text("0002-redact-2025-01-10.json\n")
    checked = verify(past.workspace)
    assert checked.findings == ()
    assert any("was left by a command that was interrupted" in note for note in checked.notes)
    fault = str(try_release(past, "2025-06-17").fault)
    assert (
        "ledger/0002-redact-2025-01-10.json is recorded, but is not committed yet; run `git"
        in fault
    )
    assert not (past.workspace / PDF).exists()
    past.git("add", "--force", "versions/alpha")
    say(past, "Second.", date="2025-06-16T12:00:00+0000")
    released(past, "2025-06-17")
    assert verify(past.workspace).findings == ()
    assert not staging.exists()


def test_a_file_of_a_reconstructed_version(tmp_path: Path) -> None:
    from publisher.archive.release.reconstruct import reconstruct

    repo = archive(tmp_path / "repo")
    reconstruct(repo.workspace, "alpha", AppendOptions(NOW), freeze=True)
    version = "2024-01-02-reconstructed"
    redact(repo.workspace, "alpha", version, "en/policy.json", *WHY, AppendOptions(NOW))
    assert verify(repo.workspace, rebuild=True).findings == ()


def test_from_the_command_line(past: Repo, run: Run) -> None:
    asked = ("--reason", WHY[0], "--authority", WHY[1])
    tried = run(
        "redact", "alpha", "2025-01-10", "en/policy.pdf", *asked, "--dry-run", cwd=past.workspace
    )
    assert "would be redacted" in tried.stdout, tried.stderr
    assert (past.workspace / PDF).exists()
    done = run("redact", "alpha", "2025-01-10", "en/policy.pdf", *asked, cwd=past.workspace)
    assert done.returncode == 0, done.stderr
    assert "alpha 2025-01-10, en/policy.pdf, is redacted" in done.stdout
    assert "the same words" in done.stdout
    assert "docs/redact.md" in done.stdout


def test_purged_from_git_the_archive_verifies_still(past: Repo) -> None:
    redacted(past)
    head = next(iter(verify(past.workspace).heads.values()))
    remove = f"git rm -q --cached --ignore-unmatch {PDF}"
    past.git(
        "filter-branch",
        "-f",
        "--index-filter",
        remove,
        "--",
        "--all",
        FILTER_BRANCH_SQUELCH_WARNING="1",
    )
    checked = verify(past.workspace, against=head)
    assert checked.findings == ()
    assert past.git("log", "--format=%h", "--", PDF) == ""
