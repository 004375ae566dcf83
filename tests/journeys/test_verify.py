"""Verifying: everything that is not as it was released is listed, with version and path."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive, noon, released, say, state
from support.keys import key_pairs
from support.workspaces import Repo

from publisher.archive.entries import Record, entry_bytes, read_entry, sha256
from publisher.archive.ledger import head_bytes
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.verify.findings import Finding
from publisher.archive.verify.verify import Verified, verify
from publisher.errors import AskedWrongly

ONE, TWO = "versions/alpha/2025-01-10", "versions/alpha/2025-01-20"
ENTRY_ONE = "versions/alpha/ledger/0001-release-2025-01-10.json"
ENTRY_TWO = "versions/alpha/ledger/0002-release-2025-01-20.json"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = archive(tmp_path_factory.mktemp("verify") / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    retire(repo.workspace, "alpha", date(2025, 6, 1), "Sold", AppendOptions(noon("2025-05-01")))
    return repo.root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    """A repository with two versions and a retirement, of this test's own."""
    shutil.copytree(original, tmp_path / "repo", symlinks=True)
    return Repo.of(tmp_path / "repo")


def found(verified: Verified) -> list[tuple[str, str | None]]:
    return [(each.path, each.version) for each in verified.findings]


def test_all_is_well(repo: Repo) -> None:
    before = state(repo)
    verified = verify(repo.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    assert (verified.versions, verified.entries) == (2, 3)
    newest = repo.workspace / "versions/alpha/ledger/0003-retire-2025-06-01.json"
    assert verified.heads == {"alpha": sha256(newest.read_bytes())}
    assert state(repo) == before


def edit(path: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(root: Path) -> None:
        (root / path).write_bytes(change((root / path).read_bytes()))

    return apply


def flipped(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def linked(root: Path) -> None:
    pdf = root / ONE / "en/policy.pdf"
    pdf.rename(root.parent / "elsewhere.pdf")
    pdf.symlink_to(root.parent / "elsewhere.pdf")


def reordered(root: Path) -> None:
    one, two = (root / ENTRY_ONE).read_bytes(), (root / ENTRY_TWO).read_bytes()
    (root / ENTRY_ONE).write_bytes(two)
    (root / ENTRY_TWO).write_bytes(one)


DAMAGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "an altered byte": (edit(f"{ONE}/en/policy.pdf", flipped), [f"{ONE}/en/policy.pdf"]),
    "altered sums": (edit(f"{ONE}/SHA256SUMS", flipped), [f"{ONE}/SHA256SUMS"]),
    "sums in upper case": (edit(f"{ONE}/SHA256SUMS", bytes.upper), [f"{ONE}/SHA256SUMS"]),
    "an altered entry": (
        edit(ENTRY_ONE, lambda data: data.replace(b"Ops", b"Sop")),
        [ENTRY_ONE, ENTRY_TWO],
    ),
    "an altered newest entry": (
        edit("versions/alpha/ledger/0003-retire-2025-06-01.json",
             lambda data: data.replace(b"Sold", b"Solt")),
        ["versions/alpha/ledger/0003-retire-2025-06-01.json"],
    ),
    "an entry in another form": (
        edit(ENTRY_ONE, lambda data: data.replace(b'": ', b'":  ', 1)),
        [ENTRY_ONE],
    ),
    "an entry that is none": (edit(ENTRY_ONE, lambda _: b"{}"), [ENTRY_ONE]),
    "a missing file": (lambda r: (r / ONE / "en/policy.md").unlink(), [f"{ONE}/en/policy.md"]),
    "a missing version": (lambda r: shutil.rmtree(r / ONE), [f"{ONE}/SHA256SUMS"]),
    "a missing entry": (lambda r: (r / ENTRY_ONE).unlink(), [ENTRY_ONE, ENTRY_TWO]),
    "entries in another order": (reordered, [ENTRY_ONE, ENTRY_TWO]),
    "a file in a version": (
        lambda r: (r / ONE / "en/extra.txt").write_text("x"), [f"{ONE}/en/extra.txt"]),
    "a version without an entry": (
        lambda r: shutil.copytree(r / ONE, r / "versions/alpha/2025-01-15"),
        ["versions/alpha/2025-01-15/en/policy.pdf"],
    ),
    "a file in the ledger": (
        lambda r: (r / "versions/alpha/ledger/notes.txt").write_text("x"),
        ["versions/alpha/ledger/notes.txt"],
    ),
    "a file beside the brands": (
        lambda r: (r / "versions/stray.txt").write_text("x"), ["versions/stray.txt"]),
    "a linked file": (linked, [f"{ONE}/en/policy.pdf"]),
    "a pipe": (
        lambda r: ((r / ONE / "en/policy.pdf").unlink(), os.mkfifo(r / ONE / "en/policy.pdf")),
        [f"{ONE}/en/policy.pdf"],
    ),
    "a brand that is gone": (lambda r: shutil.rmtree(r / "versions/alpha"), [ENTRY_ONE]),
    "a second entry of a number": (
        lambda r: (r / "versions/alpha/ledger/0002-retire-2025-07-01.json").write_bytes(
            (r / ENTRY_TWO).read_bytes()),
        ["versions/alpha/ledger/0002-retire-2025-07-01.json"],
    ),
}  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("what", DAMAGES)
@pytest.mark.parametrize("committed", [False, True])
def test_damage_is_found(repo: Repo, run: Run, what: str, committed: bool) -> None:
    damage, paths = DAMAGES[what]
    damage(repo.workspace)
    if committed and what != "a pipe":
        repo.git("add", "--all", "--force", "versions")
        repo.git("commit", "-qm", "tamper")
    verified = verify(repo.workspace)
    for path in paths:
        assert path in [finding.path for finding in verified.findings], verified.findings
    versions = {finding.version for finding in verified.findings if finding.path.startswith(ONE)}
    assert versions <= {"2025-01-10"}
    before = state(repo) if what not in ("a linked file", "a pipe") else None
    done = run("verify", cwd=repo.workspace)
    assert done.returncode == 3
    assert all(path in done.stdout for path in paths)
    assert "Traceback" not in done.stderr
    assert before is None or state(repo) == before, "nothing is repaired"


def test_every_file_is_watched(repo: Repo) -> None:
    for path in sorted((repo.workspace / "versions").rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 0x10]))
        verified = verify(repo.workspace)
        assert str(path.relative_to(repo.workspace)) in [each.path for each in verified.findings]
        path.write_bytes(data)
    assert verify(repo.workspace).findings == ()


def test_what_history_did_to_the_archive_is_found_though_it_was_undone(repo: Repo) -> None:
    pdf = repo.workspace / ONE / "en/policy.pdf"
    data = pdf.read_bytes()
    pdf.write_bytes(data + b"x")
    repo.git("commit", "-qam", "tamper")
    tampered = repo.git("rev-parse", "HEAD")[:10]
    pdf.write_bytes(data)
    repo.git("commit", "-qam", "undo")
    verified = verify(repo.workspace)
    assert [each.path for each in verified.findings] == [f"{ONE}/en/policy.pdf"] * 2
    assert f"was altered by commit {tampered}" in {each.message for each in verified.findings}


def test_a_merge_that_drops_a_version_is_found(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side", "HEAD~1")
    repo.commit({"README.md": "side"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    repo.git("rm", "-rqf", TWO)
    repo.git("commit", "-qm", "merge")
    repo.git("checkout", "-q", "HEAD~1", "--", TWO)
    repo.git("commit", "-qm", "back")
    verified = verify(repo.workspace)
    assert (f"{TWO}/en/policy.pdf", "2025-01-20") in found(verified)
    assert all("was deleted by commit" in each.message for each in verified.findings)


def by_itself(verified: Verified) -> list[Finding]:
    """Return what is found without the clone's other branches and tags."""
    return [finding for finding in verified.findings if "is not as in" not in finding.message]


def test_a_consistent_forgery_parts_from_what_others_keep(repo: Repo, tmp_path: Path) -> None:
    """All written anew, hashes and git history too: only other tellings tell."""
    newest = verify(repo.workspace).heads["alpha"]
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "clone"))
    repo.git("tag", "kept")
    forged: list[Record] = []
    for path in sorted((repo.workspace / "versions/alpha/ledger").iterdir()):
        entry = read_entry(path.read_bytes().replace(b"Ops", b"Sop"))
        previous = sha256(forged[-1].data) if forged else None
        data = entry_bytes(entry.model_copy(update={"previous": previous}))
        forged.append(Record(path.name, data))
        path.write_bytes(data)
    head = repo.workspace / "versions/alpha/ledger.head"
    head.write_bytes(head_bytes(path.name, sha256(data)))
    repo.git("checkout", "-q", "--orphan", "anew")
    repo.git("add", "--all")
    repo.git("commit", "-qm", "first")
    assert by_itself(verify(repo.workspace)) == []
    for other in (newest, "kept", str(tmp_path / "clone"), str(tmp_path / "bare.git")):
        verified = verify(repo.workspace, against=other)
        assert by_itself(verified), other
    (first, *_) = by_itself(verify(repo.workspace, against="kept"))
    assert first.path == ENTRY_ONE
    assert "from entry 1 on, kept differs" in first.message


def test_a_ledger_that_was_cut_off_parts_from_what_others_keep(repo: Repo, tmp_path: Path) -> None:
    head = verify(repo.workspace).heads["alpha"]
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "clone"))
    repo.git("reset", "-q", "--hard", "HEAD~1")
    assert verify(repo.workspace).findings == ()
    assert verify(repo.workspace, against=head).findings
    (only,) = verify(repo.workspace, against=str(tmp_path / "clone")).findings
    assert "0003-retire-2025-06-01.json" in only.path
    assert "is missing here" in only.message


@pytest.mark.parametrize("path", ["versions", "versions/alpha", "versions/alpha/ledger"])
def test_another_whose_archive_is_a_link_is_not_compared(
    repo: Repo, tmp_path: Path, path: str
) -> None:
    repo.git("worktree", "add", "-qb", "linked", str(tmp_path / "linked"))
    shutil.rmtree(tmp_path / "linked" / path)
    (tmp_path / "linked" / path).symlink_to(repo.workspace / path)
    (tmp_path / "linked/versions/other").mkdir(exist_ok=True)
    for command in ("add", "--all"), ("commit", "-qm", "link"):
        repo.git("-C", str(tmp_path / "linked"), *command)
    for other in ("linked", str(tmp_path / "linked")):
        with pytest.raises(AskedWrongly, match=rf"{other}, {path}[a-z/]* is a (symbolic )?link"):
            verify(repo.workspace, against=other)


def test_others_that_tell_the_same(repo: Repo, tmp_path: Path) -> None:
    heads = verify(repo.workspace).heads
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "clone"))
    for other in (heads["alpha"], "HEAD~1", str(tmp_path / "clone")):
        verified = verify(repo.workspace, against=other)
        assert verified.findings == ()
        assert len(verified.notes) == 1


def test_what_is_not_committed_yet_is_said(repo: Repo) -> None:
    say(repo, "Third.", date="2025-06-02T12:00:00+0000")
    released(repo, "2025-06-03", commit=False)
    verified = verify(repo.workspace)
    assert verified.findings == ()
    assert "not committed yet" in verified.notes[0]


def test_a_source_commit_that_is_not_here_is_said(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "-q", "--orphan", "anew")
    repo.git("commit", "-qm", "all of it")
    repo.git("clone", "-q", "--single-branch", f"file://{repo.root}", str(tmp_path / "clone"))
    verified = verify(tmp_path / "clone")
    assert verified.findings == ()
    assert [note for note in verified.notes if "is not in this repository" in note]
    assert verify(tmp_path / "clone", rebuild=True).findings == ()


def test_rebuilding_compares_the_words(repo: Repo) -> None:
    verified = verify(repo.workspace, rebuild=True)
    assert verified.findings == ()
    assert verified.notes == ("alpha: 2 composed again with the same words",)


def test_rebuilding_finds_words_that_the_source_does_not_say(repo: Repo) -> None:
    path = repo.workspace / "versions/alpha/ledger/0003-retire-2025-06-01.json"
    path.unlink()
    entry = read_entry((repo.workspace / ENTRY_TWO).read_bytes())
    forged = entry.model_copy(
        update={"source": repo.git("log", "--format=%H", "--reverse").split()[0],
                "tools": {"weasyprint": "1.0"}}
    )  # fmt: skip
    (repo.workspace / ENTRY_TWO).write_bytes(entry_bytes(forged))
    (repo.workspace / "versions/alpha/ledger.head").unlink()
    repo.git("checkout", "-q", "--orphan", "anew")
    repo.git("add", "--all")
    repo.git("commit", "-qm", "first")
    assert by_itself(verify(repo.workspace)) == []
    (finding,) = by_itself(verify(repo.workspace, rebuild=True))
    assert (finding.path, finding.version) == (f"{TWO}/en", "2025-01-20")
    assert "has other words" in finding.message
    assert "weasyprint 1.0 (now " in finding.message


# --- signatures and tags ---


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = key_pairs(tmp_path_factory.mktemp("keys"), "ours", "theirs")
    for name in ("ours", "theirs"):
        public = (folder / f"{name}.pub").read_text()
        (folder / f"{name}.allowed").write_text(f"{name}@acme.example {public}")
    return folder


@pytest.fixture(scope="session")
def signed_original(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    repo = archive(tmp_path_factory.mktemp("signed") / "repo")
    released(repo, "2025-01-10", sign=str(keys / "ours"), tag=True)
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20", sign=str(keys / "ours"), tag=True)
    return repo.root


@pytest.fixture
def signed(signed_original: Path, tmp_path: Path) -> Repo:
    shutil.copytree(signed_original, tmp_path / "signed", symlinks=True)
    return Repo.of(tmp_path / "signed")


def test_signatures_and_tags_verify(signed: Repo, keys: Path) -> None:
    verified = verify(signed.workspace, allowed_signers=keys / "ours.allowed")
    assert (verified.findings, verified.notes) == ((), ())
    entry = signed.workspace / ENTRY_ONE
    subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", keys / "ours.allowed", "-I", "ours@acme.example",
         "-n", "policy-release", "-s", f"{entry}.sig"],
        input=entry.read_bytes(), check=True, capture_output=True,
    )  # fmt: skip
    assert signed.git("tag").split() == ["alpha/2025-01-10", "alpha/2025-01-20"]


def test_a_key_that_was_not_allowed(signed: Repo, keys: Path) -> None:
    verified = verify(signed.workspace, allowed_signers=keys / "theirs.allowed")
    paths = {each.path for each in verified.findings}
    assert f"{ENTRY_ONE}.sig" in paths
    assert "tag alpha/2025-01-10" in paths


def test_a_key_that_was_retired_later_still_verifies(
    signed: Repo, keys: Path, tmp_path: Path
) -> None:
    public = (keys / "ours.pub").read_text()
    for until, well in (("20250115", False), ("20250201", True)):
        allowed = tmp_path / "allowed"
        allowed.write_text(f'ours@acme.example valid-before="{until}" {public}')
        verified = verify(signed.workspace, allowed_signers=allowed)
        entries = [each for each in verified.findings if each.path.endswith(".sig")]
        assert (entries == []) is well


def test_every_flipped_bit_of_a_signature_is_found(signed: Repo) -> None:
    from publisher.archive.trust import signatures

    path = signed.workspace / f"{ENTRY_ONE}.sig"
    data = path.read_bytes()
    entry = (signed.workspace / ENTRY_ONE).read_bytes()
    passed = []
    for bit in range(len(data) * 8):
        said = bytearray(data)
        said[bit // 8] ^= 1 << bit % 8
        if signatures.canonical(bytes(said)):
            passed.append(bytes(said))
    assert 0 < len(passed) < len(data) * 8
    for said in passed[:: max(1, len(passed) // 40)]:
        path.write_bytes(said)
        assert signatures.signer(entry, path) is None


def test_a_moved_tag_and_an_unsigned_one_are_found(signed: Repo) -> None:
    signed.git("tag", "-f", "-a", "-m", "moved", "alpha/2025-01-10", "HEAD")
    message = signed.git("tag", "-l", "--format=%(contents:subject)%0a%0a%(contents:body)",
                         "alpha/2025-01-20")  # fmt: skip
    signed.git("tag", "-f", "-a", "-m", message, "alpha/2025-01-20", "HEAD")
    verified = verify(signed.workspace)
    said = {each.path: each.message for each in verified.findings}
    assert "does not hold the SHA-256" in said["tag alpha/2025-01-10"]
    assert "is not signed; its version is" in said["tag alpha/2025-01-20"]


def test_a_tag_on_another_commit_is_found(signed: Repo) -> None:
    message = signed.git("tag", "-l", "--format=%(contents)", "alpha/2025-01-20")
    first = signed.git("log", "--format=%H", "--reverse").split()[0]
    signed.git("tag", "-f", "-a", "-m", message, "alpha/2025-01-20", first)
    verified = verify(signed.workspace)
    assert "names a commit that does not have" in " ".join(e.message for e in verified.findings)


@pytest.mark.parametrize("forced", [True, False])
def test_what_a_killed_command_left_may_be_committed_and_taken_out_again(
    repo: Repo, forced: bool
) -> None:
    left = repo.workspace / "versions/alpha/.staging-99999"
    shutil.copytree(repo.workspace / ONE, left / "version")
    (left / "intent").write_text("0004-release-2025-06-02.json\n")
    (repo.workspace / ENTRY_TWO).unlink()
    repo.git("commit", "-qam", "So that an entry is new")
    repo.git("checkout", "-q", "HEAD~1", "--", ENTRY_TWO)
    (note,) = (n for n in verify(repo.workspace).notes if " add --force" in str(n))
    if forced:
        repo.git("add", "--force", "versions")
        repo.git("commit", "-qm", "As nobody advised")
    else:
        subprocess.run(["sh", "-c", str(note).split("`")[1]], check=True)
    committed = ".staging" in repo.git("ls-files", "versions")
    assert committed is forced
    findings = [str(finding) for finding in verify(repo.workspace).findings]
    assert not any(".staging" in finding for finding in findings)
    shutil.rmtree(left)
    repo.git("add", "--all", "versions")
    repo.git("commit", "-q", "--allow-empty", "-m", "Healed")
    assert [str(finding) for finding in verify(repo.workspace).findings] == findings


@pytest.mark.parametrize("without", ["git", "a commit", "a committed archive"])
def test_nobody_can_bear_witness(repo: Repo, run: Run, without: str) -> None:
    if without == "git":
        shutil.rmtree(repo.root / ".git")
    elif without == "a commit":
        repo.git("symbolic-ref", "HEAD", "refs/heads/other")
    else:
        repo.git("config", "core.worktree", "../..")
    done = run("verify", cwd=repo.workspace)
    first = " ".join(done.stdout.split())
    why = {
        "git": "the workspace is not in git",
        "a commit": "is checked out has no commit",
        "a committed archive": "the newest commit has no versions/alpha in this workspace",
    }[without]
    assert first.startswith("warning: ")
    assert f"{why}: only hashes were checked" in first
    assert done.returncode == 0
    assert run("verify", "--strict", cwd=repo.workspace).returncode == 4


def test_a_repository_whose_work_tree_is_elsewhere(repo: Repo, run: Run) -> None:
    (repo.root / "elsewhere").mkdir()
    repo.git("config", "core.worktree", "../elsewhere")
    done = run("verify", cwd=repo.workspace)
    assert done.returncode == 4
    assert "core.worktree" in done.stderr
