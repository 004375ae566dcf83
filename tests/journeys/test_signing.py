"""After a signed entry, all are signed, or say why not; what was forgotten is endorsed later."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from support.archives import archive, by_hand, noon, released, say, state, try_release
from support.authorities import authority
from support.keys import key_pairs
from support.letters import LETTER, text, unpacked
from support.workspaces import Repo

from publisher.archive.entries import Endorse, sha256
from publisher.archive.evidence.bundle import bundle
from publisher.archive.folder import read_ledger
from publisher.archive.get import Request
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.endorse import endorse
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.archive.release.reconstruct import reconstruct
from publisher.archive.trust.signatures import fingerprint, sign
from publisher.archive.trust.timestamp_reply import query
from publisher.archive.verify.verify import verify
from publisher.cli import main
from publisher.errors import PublisherError, Refused, SigningFailed
from publisher.repository.source import ArchiveFolder

Publisher = Callable[..., tuple[int, str]]
LEDGER = "versions/alpha/ledger"
FIRST = f"{LEDGER}/0001-release-2025-01-10.json"
THIRD = f"{LEDGER}/0003-reschedule-2025-01-10.json"
WHY = "The key is in the safe"
REASON = "Ops forgot the key; legal has compared it"
MOVED = {
    "version": "2025-01-10",
    "in_force_from": "2026-03-01",
    "instead_of": "2026-02-01",
    "reason": "Later",
    "short_notice": None,
}
FOUND = (
    "is not signed, and an entry before it is; if it is yours, say so with "
    "`publisher endorse alpha 3 --reason TEXT --sign KEY`"
)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_pairs(tmp_path_factory.mktemp("keys"), "ours", "theirs")


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A ledger of two entries, the second signed, without a file of allowed signers."""
    repo = archive(tmp_path_factory.mktemp("signing") / "repo")
    say(repo, "Second.", date="2024-03-01T12:00:00+0000")
    released(repo, "2025-01-10", in_force=date(2026, 1, 1))
    asked = AppendOptions(noon("2025-02-01"), sign=str(keys / "ours"))
    reschedule(repo.workspace, "alpha", "2025-01-10", date(2026, 2, 1), "Later", asked)
    say(repo, "Third.", date="2025-02-02T12:00:00+0000")
    return repo.root


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Repo:
    shutil.copytree(original, tmp_path / "repo")
    return Repo.of(tmp_path / "repo")


def allow(repo: Repo, keys: Path, *names: str) -> None:
    """Commit a file of allowed signers with the keys of these names."""
    public = [(keys / f"{name}.pub").read_text() for name in names]
    lines = (f"{name}@acme.example {key}" for name, key in zip(names, public, strict=True))
    repo.commit({"shared/allowed_signers": "".join(lines)}, "Keys", "2025-05-01T12:00:00+0000")


def asked(keys: Path, key: str | None = "ours", **how: Any) -> AppendOptions:
    return AppendOptions(noon("2025-06-15"), sign=str(keys / key) if key else None, **how)


def told(repo: Repo) -> tuple[list[str], list[str]]:
    """Return what `verify` finds, and what it notes."""
    verified = verify(repo.workspace)
    return [str(finding) for finding in verified.findings], list(verified.notes)


# --- a signature that is left out ----------------------------------------------------------------

COMMANDS = {
    "release": ("release", "alpha", "--in-force", "2026-03-01"),
    "reschedule": ("reschedule", "alpha", "2025-01-10", "--in-force", "2026-03-01", "--reason", "x"),
    "retire": ("retire", "alpha", "--on", "2026-03-01", "--reason", "x"),
    "import-version": (
        "import-version", "alpha", "README.md", "--claimed-date", "2019-05-25", "--source", "x",
    ),
    "reconstruct": ("reconstruct", "alpha"),
    "redact": ("redact", "alpha", "2025-01-10", "en/policy.pdf", "--reason", "x", "--authority", "y"),
    "timestamp": ("timestamp", "alpha", "--tsa-reply", "../reply.tsr"),
}  # fmt: skip


@pytest.fixture
def publisher(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Publisher:
    """Run commands in the repository on 15 June 2025: their code, and what they say in one line."""
    monkeypatch.chdir(repo.workspace)
    monkeypatch.setattr("publisher.cli.options.now", lambda: noon("2025-06-15"))

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["publisher", *arguments])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), " ".join("".join(capfd.readouterr()).split())
        return 0, " ".join("".join(capfd.readouterr()).split())

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_leaves_a_signature_out(
    repo: Repo, keys: Path, publisher: Publisher, tmp_path: Path, command: str
) -> None:
    (repo.workspace / "README.md").write_text("Old words.\n")
    if command == "timestamp":
        (tmp_path / "tsa").mkdir()
        ledger = read_ledger(ArchiveFolder(repo.workspace), "alpha")
        reply = authority(tmp_path / "tsa").reply(query(ledger.head or ""))
        (tmp_path / "reply.tsr").write_bytes(reply)
    before = state(repo)
    dry = () if command == "reconstruct" else ("--dry-run",)
    code, said = publisher(*COMMANDS[command], *dry)
    mark = fingerprint(str(keys / "ours"))
    assert f"entry 2 of alpha is signed by the key {mark}, and this entry is not; sign it" in said
    assert code == 2
    code, said = publisher(*COMMANDS[command], *dry, "--unsigned", WHY)
    assert code == 0, said
    assert state(repo) == before


def test_a_reason_is_kept_and_noted(repo: Repo, keys: Path, publisher: Publisher) -> None:
    code, said = publisher(*COMMANDS["retire"], "--unsigned", f" {WHY} ")
    assert (code, f"not signed {WHY}" in said) == (0, True)
    for names in ((), ("ours",)):
        if names:
            allow(repo, keys, *names)
        assert told(repo) == ([], [f"{LEDGER}/0003-retire-2026-03-01.json is not signed: {WHY}"])


def test_every_entry_of_a_commit_has_the_reason(repo: Repo, keys: Path) -> None:
    how = asked(keys, None, unsigned=WHY)
    since = date(2024, 2, 1)
    done = reconstruct(repo.workspace, "alpha", how, since=since, freeze=True)
    assert [each.entry.unsigned for each in done.appended] == [WHY, WHY]
    findings, notes = told(repo)
    assert findings == []
    assert [note.rpartition(": ")[2] for note in notes] == [WHY, WHY]


@pytest.mark.parametrize(
    ("reason", "key", "message"),
    [
        ("", None, "--unsigned takes text on one line"),
        ("a\nb", None, "--unsigned takes text on one line"),
        (WHY, "ours", "give one of them"),
    ],
)
def test_reasons_that_are_refused(
    repo: Repo, keys: Path, reason: str, key: str | None, message: str
) -> None:
    before = state(repo)
    how = asked(keys, key, unsigned=reason)
    with pytest.raises(Refused, match=message) as raised:
        retire(repo.workspace, "alpha", date(2026, 1, 1), "Sold", how)
    assert raised.value.exit_code == 2
    assert state(repo) == before


# --- one that was forgotten ----------------------------------------------------------------------


@pytest.mark.parametrize("names", [(), ("ours",)], ids=["no signers", "signers"])
def test_an_entry_that_was_forgotten_is_found_until_it_is_endorsed(
    repo: Repo, keys: Path, publisher: Publisher, names: tuple[str, ...]
) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    if names:
        allow(repo, keys, *names)
    assert told(repo) == ([f"{THIRD}: {FOUND}"], [])
    command = f"endorse alpha 3 --reason TEXT --sign {keys / 'ours'}".split()
    code, said = publisher(*(REASON if word == "TEXT" else word for word in command))
    assert code == 0, said
    who = "ours@acme.example" if names else f"the key {fingerprint(str(keys / 'ours'))}"
    note = f"{THIRD} is not signed; entry 4, signed by {who}, endorses it: {REASON}"
    assert told(repo) == ([], [note])
    with pytest.raises(Refused, match="entry 3 is endorsed already, by entry 4"):
        endorse(repo.workspace, "alpha", [1, 3], REASON, asked(keys))


def test_several_entries_at_once_and_those_from_before_the_keys(repo: Repo, keys: Path) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    by_hand(repo, "retire", "2025-06-02", locale=None, on="2027-01-01", reason="Sold")
    done = endorse(repo.workspace, "alpha", [4, 3, 1, 3], REASON, asked(keys))
    assert repo.git("log", "-1", "--format=%s") == "Endorse entries 4, 3, 1 of alpha"
    assert done.entry.name == "0005-endorse-2025-06-15.json"
    findings, notes = told(repo)
    assert findings == []
    assert [note.partition(" ")[0] for note in notes] == [
        FIRST,
        THIRD,
        f"{LEDGER}/0004-retire-2027-01-01.json",
    ]


def endorsed_by_hand(repo: Repo, key: Path | None, **other: Any) -> None:
    """Append an endorsement of entry 3 that no command makes."""
    digest = read_ledger(ArchiveFolder(repo.workspace), "alpha").digest(3)
    entries = [{"entry": 3, "digest": digest} | other]
    by_hand(repo, "endorse", "2025-06-10", key, entries=entries, reason=REASON)


@pytest.mark.parametrize(
    ("key", "other", "message"),
    [
        (None, {}, "0004-endorse-2025-06-10.json: is not signed, and an entry before it is"),
        ("theirs", {}, "0004-endorse-2025-06-10.json.sig: is by the key "),
        (
            "ours",
            {"digest": "1" * 64},
            "endorses an entry 3 whose SHA-256 is different here",
        ),
        ("ours", {"entry": 4}, "endorses entry 4, which is not before it"),
    ],
    ids=["not signed", "not allowed", "another hash", "itself"],
)
def test_an_endorsement_that_counts_for_nothing(
    repo: Repo, keys: Path, key: str | None, other: dict[str, Any], message: str
) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    allow(repo, keys, "ours")
    endorsed_by_hand(repo, keys / key if key else None, **other)
    findings, notes = told(repo)
    assert f"{THIRD}: {FOUND}" in findings
    assert [finding for finding in findings if message in finding]
    assert not [note for note in notes if "endorses" in note]


def test_a_bad_endorsement_is_made_up_for_by_a_good_one(repo: Repo, keys: Path) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    allow(repo, keys, "ours")
    endorsed_by_hand(repo, keys / "theirs")
    endorse(repo.workspace, "alpha", [3, 4], REASON, asked(keys))
    findings, notes = told(repo)
    assert findings == []
    mark = fingerprint(str(keys / "theirs"))
    assert notes == [
        f"{THIRD} is not signed; entry 5, signed by ours@acme.example, endorses it: {REASON}",
        f"{LEDGER}/0004-endorse-2025-06-10.json.sig is by the key {mark}, which was not allowed to "
        f"sign then; entry 5, signed by ours@acme.example, endorses the entry: {REASON}",
    ]


def test_an_endorsement_is_signed(repo: Repo, keys: Path) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    allow(repo, keys, "ours")
    before = state(repo)
    for how, message in (
        (asked(keys, None), "only a signed entry can endorse another"),
        (asked(keys, None, unsigned=WHY), "only a signed entry can endorse another"),
        (asked(keys, "theirs"), "does not let the key"),
        (replace(asked(keys), dry_run=True), ""),
    ):
        if message:
            with pytest.raises(PublisherError, match=message):
                endorse(repo.workspace, "alpha", [3], REASON, how)
        else:
            endorse(repo.workspace, "alpha", [3], REASON, how)
        assert state(repo) == before


# --- a tag ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ours", None])
def test_a_tag_that_git_did_not_make_is_made_as_the_message_says(
    repo: Repo, keys: Path, key: str | None
) -> None:
    """A tag without a signature, of an entry with one, would be a finding."""
    repo.git("tag", "alpha")  # which stands where the folder of the other tags is to be
    terms: dict[str, Any] = {"sign": str(keys / key)} if key else {"unsigned": WHY}
    fault = try_release(repo, "2025-06-14", in_force=date(2026, 4, 1), tag=True, **terms).fault
    repo.git("tag", "-d", "alpha")
    command = str(fault).partition("run `")[2].partition("`")[0]
    subprocess.run(command, shell=True, cwd=repo.root, check=True)
    assert repo.git("tag") == "alpha/2025-06-14"
    assert told(repo)[0] == []


# --- what outsiders are told ---------------------------------------------------------------------


def test_the_letter_tells_both(repo: Repo, keys: Path, tmp_path: Path) -> None:
    by_hand(repo, "reschedule", "2025-06-01", **MOVED)
    how = asked(keys, None, unsigned=WHY)
    released(repo, "2025-06-14", in_force=date(2026, 4, 1), unsigned=WHY)
    endorse(repo.workspace, "alpha", [3], REASON, asked(keys))
    for version, said in (
        ("2025-01-10", f"14:00:00+02:00, endorses: 0003. Reason stated: “{REASON}”."),
        ("2025-06-14", f"The entry is not signed. Reason stated: “{WHY}”."),
    ):
        made = bundle(repo.workspace, Request("alpha", how.now, version=version, write=False))
        letter = text(unpacked(made.data, tmp_path / version) / LETTER)
        assert said in letter
        assert "0005-endorse-2025-06-15.json.sig" in letter, "its signature is checked, too"


def test_an_entry_that_is_endorsed_is_one_of_the_ledger(repo: Repo, keys: Path) -> None:
    done = endorse(repo.workspace, "alpha", [1], REASON, asked(keys))
    entry = read_ledger(ArchiveFolder(repo.workspace), "alpha").entry(3)
    assert entry == done.entry
    assert isinstance(entry, Endorse)
    digest = sha256((repo.workspace / FIRST).read_bytes())
    assert entry.endorses(1, digest)
    assert not entry.endorses(2, digest)


# --- the documentation ---------------------------------------------------------------------------


def test_the_documentation_signs_whatever_it_appends() -> None:
    """Who follows it to the letter is not refused: each command that appends has its key."""
    appending = [f"publisher {command} " for command in (*COMMANDS, "endorse")]
    for page in sorted((ROOT / "docs").glob("*.md")):
        shown = page.read_text(encoding="utf-8").replace("\\\n", " ").split("```")[1::2]
        for line in (line for block in shown for line in block.splitlines()):
            if any(line.startswith(command) for command in appending) and "--query" not in line:
                assert "--sign " in line or "--unsigned " in line, f"{page.name}: {line}"


def test_a_key_that_cannot_sign_is_told_with_what_to_do(tmp_path: Path) -> None:
    key = tmp_path / "closed"
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "closed", "-f", str(key)]
    subprocess.run(made, check=True)
    key.chmod(0o644)
    (tmp_path / "entry").write_text("{}")
    with pytest.raises(SigningFailed) as caught:
        sign(tmp_path / "entry", str(key))
    assert "@@" not in str(caught.value)
    assert "or make its file yours alone (`chmod 600`)" in str(caught.value)
