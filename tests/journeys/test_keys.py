"""Whose keys may sign: the workspace's file, its rotations, and what is refused before it is signed."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from support.archives import archive, noon, refused, released, say, state, try_release
from support.keys import key_pairs
from support.workspaces import Repo

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule
from publisher.archive.trust.signatures import fingerprint
from publisher.archive.verify.verify import Verified, verify
from publisher.cli.proofs_output import lines
from publisher.errors import InvalidTrust, PublisherError

SIGNERS = "shared/allowed_signers"
DAYS = {"2025-02-01": "old", "2025-03-01": "old", "2025-04-01": "new"}
"""When an entry was recorded, and by which key."""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_pairs(tmp_path_factory.mktemp("rotated"), "old", "new")


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A ledger of five entries: the first is not signed, then an old key's, then a new one's."""
    repo = archive(tmp_path_factory.mktemp("keys") / "repo")
    released(repo, "2025-01-10", in_force=date(2026, 1, 1))
    for at, (day, key) in enumerate(DAYS.items(), 2):
        moved(repo, day, at, str(keys / key))
    say(repo, "Second.", date="2025-04-02T12:00:00+0000")
    released(repo, "2025-05-01", in_force=date(2026, 2, 1), sign=str(keys / "new"), tag=True)
    return repo.root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    shutil.copytree(original, tmp_path / "repo")
    return Repo.of(tmp_path / "repo")


def moved(repo: Repo, day: str, to: int, key: str | None, **how: Any) -> None:
    """Reschedule the first version: the quickest of all entries."""
    asked = AppendOptions(noon(day), sign=key, **how)
    reschedule(repo.workspace, "alpha", "2025-01-10", date(2026, 1, to), "Later", asked)


def public(keys: Path, name: str) -> str:
    return " ".join((keys / f"{name}.pub").read_text().split()[:2])


def allow(repo: Repo, *signers: str, commit: bool = True) -> None:
    text = "".join(f"{each}\n" for each in signers)
    if commit:
        repo.commit({SIGNERS: text}, "Keys", "2025-05-02T12:00:00+0000")
    else:
        (repo.workspace / SIGNERS).write_text(text)


def rotated(keys: Path, ends: str = "20250315", begins: str = "20250315") -> tuple[str, str]:
    return (
        f'legal@acme.example namespaces="policy-release,git",valid-before="{ends}" {public(keys, "old")}',
        f'legal@acme.example namespaces="policy-release,git",valid-after="{begins}" {public(keys, "new")}',
    )


def told(verified: Verified) -> list[str]:
    return [text for each in verified.proofs for text in lines(each)]


def faulty(verified: Verified) -> list[int]:
    """Return the numbers of entries whose signature does not hold."""
    paths = [each.path.rpartition("/")[2] for each in verified.findings]
    return [int(path[:4]) for path in paths if path.endswith(".sig")]


def test_who_signed_is_said_in_a_line(repo: Repo, keys: Path, run: Run) -> None:
    allow(repo, *rotated(keys))
    old, new = fingerprint(str(keys / "old")), fingerprint(str(keys / "new"))
    verified = verify(repo.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    assert told(verified) == [
        f"alpha: entries 2 and 3 signed by legal@acme.example ({old}); entries 4 and 5 signed by "
        f"legal@acme.example ({new}); entry 1 not signed"
    ]
    done = run("verify", "--json", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    entries = json.loads(done.stdout)["proofs"]["alpha"]["entries"]
    assert [each["key"] for each in entries] == [None, old, old, new, new]
    assert [each["allowed"] for each in entries] == [None, True, True, True, True]
    assert entries[4] == {
        "entry": 5,
        "name": "0005-release-2025-05-01.json",
        "version": "2025-05-01",
        "recorded_at": "2025-05-01T14:00:00+02:00",
        "key": new,
        "principals": "legal@acme.example",
        "allowed": True,
        "proven_by": None,
    }


def test_without_a_file_the_keys_are_told_and_nobody_is_named(repo: Repo) -> None:
    verified = verify(repo.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    (line,) = told(verified)
    assert line.startswith("alpha: entries 2 and 3 signed by the key SHA256:")
    assert line.count("no file of allowed signers says whose it is") == 2


def test_a_rotation_that_was_written_down_late_is_found(repo: Repo, keys: Path) -> None:
    allow(repo, *rotated(keys, ends="20250215"))
    verified = verify(repo.workspace)
    assert faulty(verified) == [3], "signed by the old key after its end"
    assert "entry 3 signed by a key that was not allowed then" in told(verified)[0]
    allow(repo, *rotated(keys, begins="20250415"))
    verified = verify(repo.workspace)
    assert faulty(verified) == [4], "signed by the new key before its beginning"


def test_a_key_that_was_lost(repo: Repo, keys: Path) -> None:
    """It is no more from the moment on at which it was: what it signed before stays."""
    allow(repo, *rotated(keys, ends="20250301115959Z"))
    assert faulty(verify(repo.workspace)) == [3]
    allow(repo, *rotated(keys, ends="20250301120000Z"))
    assert faulty(verify(repo.workspace)) == []


def test_a_signed_tag_must_be_by_a_key_for_git(repo: Repo, keys: Path) -> None:
    allow(repo, *(each.replace(",git", "") for each in rotated(keys)))
    (finding,) = verify(repo.workspace).findings
    assert str(finding) == "tag alpha/2025-05-01: is not signed by a key that may sign for `git`"


def test_the_files_that_count(repo: Repo, keys: Path, tmp_path: Path) -> None:
    """The working tree's, and it is said when that is not the newest commit's; or an auditor's."""
    allow(repo, *rotated(keys))
    allow(repo, f"ops@acme.example {public(keys, 'new')}", commit=False)
    verified = verify(repo.workspace)
    assert faulty(verified) == [2, 3]
    assert verified.notes == (f"{SIGNERS} differs from the newest commit; the file here counts",)
    own = tmp_path / "own"
    own.write_text("\r\n".join(rotated(keys)))
    verified = verify(repo.workspace, allowed_signers=own)
    assert (verified.findings, verified.notes) == ((), ())
    repo.git("checkout", "-q", "--", SIGNERS)
    own.write_text(f"a@x.example {public(keys, 'new')}\n\nlegal@acme.example\n")
    with pytest.raises(PublisherError, match="own:3: has no key") as raised:
        verify(repo.workspace, allowed_signers=own)
    assert raised.value.exit_code == 2
    own.write_bytes(b"x" * 2_000_000)
    with pytest.raises(PublisherError, match="own is larger than 1 MB"):
        verify(repo.workspace, allowed_signers=own)
    with pytest.raises(
        PublisherError, match="is not a file, but a folder; name the file of allowed signers"
    ):
        verify(repo.workspace, allowed_signers=tmp_path)


def test_a_file_that_is_there_though_nothing_is_signed_is_a_note(
    tmp_path: Path, keys: Path
) -> None:
    repo = archive(tmp_path / "unsigned")
    released(repo, "2025-01-10")
    allow(repo, *rotated(keys))
    verified = verify(repo.workspace)
    assert verified.findings == ()
    assert verified.notes == (f"alpha: no entry is signed, though {SIGNERS} says whose keys may",)
    assert told(verified) == []
    signers = repo.workspace / SIGNERS
    (finding,) = verify(repo.workspace, allowed_signers=signers).findings
    assert str(finding) == (
        f"versions/alpha/ledger: no entry is signed, though {signers} says whose keys may: "
        "nothing shows who wrote it"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", f"{SIGNERS}: names no key; "),
        (b"a@x.example \xff", f"{SIGNERS}:1: is not UTF-8; save it as UTF-8"),
        (b"#" * 1_000_001, f"{SIGNERS}: is larger than 1 MB; "),
        (None, f"{SIGNERS}: is a symbolic link; copy the file itself in"),
    ],
)
def test_a_file_that_cannot_be_used(
    repo: Repo, keys: Path, tmp_path: Path, data: bytes | None, message: str
) -> None:
    file = repo.workspace / SIGNERS
    if data is None:
        (tmp_path / "elsewhere").write_text("\n".join(rotated(keys)))
        file.symlink_to(tmp_path / "elsewhere")
    else:
        file.write_bytes(data)
    with pytest.raises(InvalidTrust) as raised:
        verify(repo.workspace)
    assert str(raised.value).startswith(message)
    assert raised.value.exit_code == 1
    say(repo, "Third.", date="2025-05-03T12:00:00+0000")
    fault = refused(repo, "2025-06-01", in_force=date(2026, 3, 1), sign=str(keys / "new"))
    assert str(fault).startswith(message)


def test_a_key_that_is_not_allowed_today_signs_nothing(repo: Repo, keys: Path) -> None:
    def why(key: str | None, *signers: str, **how: Any) -> str:
        allow(repo, *signers, commit=False)
        before = state(repo)
        with pytest.raises(PublisherError) as raised:
            moved(repo, "2025-06-01", 20, str(keys / key) if key else None, **how)
        assert state(repo) == before
        return str(raised.value)

    old, new = rotated(keys)
    mark = fingerprint(str(keys / "new"))
    refusal = f"{SIGNERS} does not let the key {mark} sign for policy-release today; "
    line = f'ops@acme.example namespaces="policy-release,git" {public(keys, "new")}'
    assert why("new", old) == (
        f"{refusal}to allow it, add this line there and commit it: `{line}`. Nothing was written"
    )
    assert why("old", old, new).endswith(
        "line 1 allows it until 2025-03-15 00:00 UTC; sign with the key that is valid now. "
        "Nothing was written"
    )
    assert "line 2 allows it from 2025-07-01 00:00 UTC" in why(
        "new", *rotated(keys, begins="20250701")
    )
    assert why("new", f'a@x.example namespaces="git" {public(keys, "new")}', dry_run=True) == (
        f'{refusal}line 1 allows it to sign for git only; write namespaces="policy-release,git" there. '
        "Nothing was written"
    )
    subprocess.run(
        ["ssh-keygen", "-q", "-s", keys / "old", "-I", "x", "-n", "a@x.example", keys / "new.pub"],
        check=True,
    )
    assert "new-cert.pub is a certificate, and" in why("new-cert.pub", new)
    assert why(None, old, new) == (
        f"entry 5 of alpha is signed by the key {mark}, and this entry is not; sign it with --sign "
        "KEY, or say with --unsigned REASON why it is not signed. Nothing was written"
    )
    allow(repo, line, commit=False)
    moved(repo, "2025-06-01", 20, str(keys / "new.pub").removesuffix(".pub"))


def test_a_key_for_entries_only_signs_no_tag(repo: Repo, keys: Path) -> None:
    allow(repo, *(each.replace(",git", "") for each in rotated(keys)))
    say(repo, "Third.", date="2025-05-03T12:00:00+0000")
    terms: dict[str, Any] = {
        "in_force": date(2026, 3, 1),
        "sign": str(keys / "new"),
        "dry_run": True,
    }
    fault = refused(repo, "2025-06-01", tag=True, **terms)
    assert "sign for git today; line 2 allows it to sign for policy-release only" in str(fault)
    assert try_release(repo, "2025-06-01", **terms).fault is None
