"""Entries may grow, and old ones are read for ever; a newer publisher's are no damage."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import noon, refused, released, try_release
from support.clones import fault
from support.workspaces import Repo, small

from publisher.archive.entries import KINDS, Newer, entry_bytes, newer_bytes, read_entry, sha256
from publisher.archive.get import get, versions
from publisher.archive.release.status import status
from publisher.archive.verify.examine import examine
from publisher.archive.verify.verify import verify
from publisher.cli.archive_json import listed
from publisher.compare.diff import diff
from publisher.errors import NewerArchive, PublisherError

ARCHIVES = ROOT / "tests" / "data" / "archives"
STATES = sorted(path.parent.name for path in ARCHIVES.glob("*/answers.json"))
NOW = noon("2025-06-15")
LEDGER = "versions/alpha/ledger"
NEWER = {
    f"{LEDGER}/0002-merger-2025-03-01.json": "unknown kind 'merger'",
    f"{LEDGER}/0003-retire-2025-06-01.json": "unknown field 'successor'",
    f"{LEDGER}/0004-reconstruct-2024-02-01-reconstructed.json": "unknown field 'locales.en.ends'",
    f"{LEDGER}/0005-release-2025-05-01.json": "unknown format 2",
}
"""The entries of a newer publisher, and what of each is not known here."""


def copied(state: str, root: Path) -> Path:
    """Return a workspace of its own with an archive."""
    small(root)
    shutil.copytree(ARCHIVES / state / "versions", root / "versions")
    return root


def answer(root: Path, day: str, expected: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what was in force on a day, by the SHA-256 of its document; None for nothing."""
    format = expected["format"] if expected is not None else None
    try:
        got = get(root, "alpha", NOW, on=date.fromisoformat(day), format=format, write=False)
    except PublisherError:
        return None
    return {"version": got.version.version, "format": got.format, "sha256": got.sha256}


@pytest.mark.parametrize("state", STATES)
def test_an_archive_of_each_state_answers_as_it_did(state: str, tmp_path: Path) -> None:
    root = copied(state, tmp_path / "workspace")
    answers = json.loads((ARCHIVES / state / "answers.json").read_text())
    verified = verify(root)
    assert (verified.findings, verified.newer) == ((), ())
    assert verified.heads == answers["heads"]
    (brand,) = versions(root, NOW)
    said = [version.model_dump(mode="json") for version in listed(brand)]
    assert len(said) == len(answers["versions"])
    for version, before in zip(said, answers["versions"], strict=True):
        assert {name: version[name] for name in before} == before
    for day, before in answers["on"].items():
        assert answer(root, day, before) == before, day


def test_each_kind_of_entry_is_in_the_first_state_byte_for_byte() -> None:
    entries = sorted((ARCHIVES / "1" / LEDGER).glob("*.json"))
    for path in entries:
        entry = read_entry(path.read_bytes())
        assert not isinstance(entry, Newer)
        assert entry_bytes(entry) == path.read_bytes()
    kinds = {path.name.split("-")[1] for path in entries}
    first = {"import", "reconstruct", "release", "reschedule", "timestamp", "redact", "retire"}
    assert kinds == first <= set(KINDS)


# --- a newer publisher ---


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    return copied("newer", tmp_path / "workspace")


def test_what_is_newer_is_no_damage(newer: Path, run: Run) -> None:
    verified = verify(newer)
    assert verified.findings == ()
    assert verified.newer == tuple(
        f"{path} was written by a newer version of publisher ({unknown}). Update it"
        for path, unknown in NEWER.items()
    )
    done = run("verify", cwd=newer)
    assert done.returncode == 4
    assert "Update publisher, then verify again" in " ".join(done.stderr.split())
    assert json.loads(run("verify", "--json", cwd=newer).stdout)["newer"] == [*verified.newer]


def test_every_answer_is_refused_until_publisher_is_updated(newer: Path) -> None:
    repo = Repo.of(newer)
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@acme.example")
    (newer / ".gitattributes").write_text("versions/** -text -filter -ident\n")
    repo.commit(date="2025-06-01T12:00:00+0000")
    first, unknown = next(iter(NEWER.items()))
    for error in (
        fault(get, newer, "alpha", NOW),
        fault(get, newer, "alpha", NOW, version="2023-05-01-imported"),
        fault(versions, newer, NOW),
        fault(status, newer, NOW),
        fault(diff, newer, "alpha", NOW, old="current"),
        refused(repo, NOW),
        refused(repo, NOW, dry_run=True),
    ):
        assert isinstance(error, NewerArchive)
        assert error.exit_code == 4
        assert (
            str(error)
            == f"{first} was written by a newer version of publisher ({unknown}). Update it"
        )
    assert try_release(repo, NOW, "alpha").appended is None
    assert released(repo, NOW, "beta"), "another brand is not concerned"


@pytest.mark.parametrize("path", NEWER)
@pytest.mark.parametrize("old", [b'"sequence": ', b'"brand": "al', b'"previous": "', b",\n"])
def test_a_newer_entry_that_was_altered_is_found(newer: Path, path: str, old: bytes) -> None:
    file = newer / path
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, old[:-1] + bytes([old[-1] ^ 1]), 1))
    assert verify(newer).findings


@pytest.mark.parametrize(
    "file", ["2025-03-01/en/policy.txt", "2025-03-01/SHA256SUMS", "2024-02-01-reconstructed/en/policy.txt"]
)  # fmt: skip
def test_documents_of_a_newer_entry_are_proven(newer: Path, file: str) -> None:
    path = newer / "versions" / "alpha" / file
    path.write_bytes(path.read_bytes().replace(b"e", b"i", 1))
    assert {each.path for each in verify(newer).findings} == {f"versions/alpha/{file}"}


def test_a_finding_is_worse_than_what_is_newer(newer: Path, run: Run) -> None:
    (newer / "versions/alpha/2025-03-01/en/policy.txt").unlink()
    assert run("verify", cwd=newer).returncode == 3


@settings(max_examples=examples(100))
@given(st.data())
def test_any_bit_of_the_newest_entry_is_found_by_the_head(data: st.DataObject) -> None:
    """A field whose name is altered looks newer; nothing else holds the SHA-256 of the newest."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ARCHIVES / "newer" / "versions", root / "versions")
        path = root / [*NEWER][-1]
        said = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, len(said) * 8 - 1))
        said[bit // 8] ^= 1 << bit % 8
        path.write_bytes(said)
        assert examine(root, "alpha").findings


def test_a_field_that_is_renamed_leaves_no_entry() -> None:
    data = (ARCHIVES / "1" / LEDGER / "0009-retire-2025-06-01.json").read_bytes()
    with pytest.raises(ValueError, match="reason"):
        read_entry(data.replace(b'"reason"', b'"reasom"'))


@settings(max_examples=examples(50))
@given(
    st.dictionaries(
        st.from_regex(r"x[a-z_]{1,8}", fullmatch=True),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
        min_size=1,
        max_size=3,
    )
)
def test_any_field_may_come(fields: dict[str, Any]) -> None:
    """What is added is named, the rest is read, and the form is told from the file alone."""
    data = (ARCHIVES / "1" / LEDGER / "0009-retire-2025-06-01.json").read_bytes()
    known = read_entry(data)
    lines = "".join(
        f' "{name}": {json.dumps(value, ensure_ascii=False)},\n' for name, value in fields.items()
    )
    grown = data.replace(b' "previous"', lines.encode() + b' "previous"')
    entry = read_entry(grown)
    assert isinstance(entry, Newer)
    assert entry.known == known
    assert all(f"'{name}'" in entry.unknown for name in fields)
    assert newer_bytes(grown) == grown
    assert sha256(newer_bytes(grown.replace(b": ", b":  ", 1))) == sha256(grown)
