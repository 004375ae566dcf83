"""Signatures of entries on the disk: which hold, which are false, and what endorses the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.keys import key_pairs
from support.ledgers import entry

from publisher.archive.entries import Entry, entry_bytes, sha256
from publisher.archive.folder import sums_bytes
from publisher.archive.trust.signatures import (
    AllowedSigners,
    allowed_signers,
    fingerprint,
    sign,
)
from publisher.archive.trust.signers import read_signers
from publisher.archive.trust.trust_files import Trust
from publisher.archive.verify.endorsements import doubted
from publisher.archive.verify.examine import examine
from publisher.errors import SigningFailed

FILES = {"en/policy.md": b"md"}
SECOND, THIRD, FOURTH = (
    f"0002-retire-{date(2025, 6, 2)}.json",
    f"0003-retire-{date(2025, 6, 3)}.json",
    f"0004-endorse-{date(2025, 1, 4)}.json",
)
FIX = "if it is yours, say so with `publisher endorse alpha"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_pairs(tmp_path_factory.mktemp("keys"), "ours", "theirs")


class Archive:
    """The archive of a brand whose entries are appended by hand, signed or not."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root = root
        self.keys = keys
        self.ledger = root / "versions/alpha/ledger"
        self.ledger.mkdir(parents=True)
        self.digests: list[str] = []
        for path, data in {**FILES, "SHA256SUMS": sums_bytes(FILES)}.items():
            file = root / "versions/alpha/2025-01-01" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self.append("release", sums=sha256(sums_bytes(FILES)))

    def append(
        self, kind: str, key: str | None = None, says: str | None = None, **about: Any
    ) -> None:
        """Append an entry, signed with a key; it `says` that it is signed with that, or another."""
        number = len(self.digests) + 1
        signer = fingerprint(str(self.keys / (says or key))) if says or key else None  # type: ignore[operator]
        previous = self.digests[-1] if self.digests else None
        common = {"sequence": number, "previous": previous, "signer": signer}
        made: Entry = entry(kind, date(2025, 1, number), **common | about)
        file = self.ledger / made.name
        file.write_bytes(entry_bytes(made))
        if key is not None:
            sign(file, str(self.keys / key))
        self.digests.append(sha256(file.read_bytes()))

    def retire(self, key: str | None = None, **about: Any) -> None:
        day = date(2025, 6, len(self.digests) + 1)
        self.append("retire", key, on=day, locale=None, **about)

    def endorse(self, number: int, key: str = "ours", digest: str | None = None) -> None:
        endorsed = {"entry": number, "digest": digest or self.digests[number - 1]}
        self.append("endorse", key, entries=(endorsed,), reason="Ops forgot the key")

    def allowed(self, *names: str) -> AllowedSigners:
        lines = [f"{name}@acme.example {(self.keys / f'{name}.pub').read_text()}" for name in names]
        signers, problems = read_signers("signers", "".join(lines).encode())
        assert problems == ()
        return allowed_signers("signers", signers, self.root)

    def remarks(self, *names: str) -> list[str]:
        """Return what is wrong with signatures, and what is doubted, if these keys may sign."""
        signers = self.allowed(*names) if names else None
        one = examine(self.root, "alpha", Trust(signers, stamps=False))
        found = [*one.findings, *doubted(one, signers)]
        return [
            str(getattr(remark, "text", remark)).replace("versions/alpha/ledger/", "")
            for remark in found
        ]


@pytest.fixture
def archive(tmp_path: Path, keys: Path) -> Archive:
    return Archive(tmp_path / "workspace", keys)


def test_a_signature_holds_if_its_key_may_sign(archive: Archive) -> None:
    archive.retire("ours")
    key = fingerprint(str(archive.keys / "ours"))
    assert archive.remarks() == archive.remarks("ours") == archive.remarks("ours", "theirs") == []
    assert archive.remarks("theirs") == [
        f"{SECOND}.sig: is by the key {key}, which was not allowed to sign then; {FIX} 2 --reason "
        "TEXT --sign KEY`"
    ]


def test_an_entry_without_a_signature_is_a_finding_behind_one_with(archive: Archive) -> None:
    archive.retire("ours")
    archive.retire()
    assert archive.remarks("ours") == [
        f"{THIRD}: is not signed, and an entry before it is; {FIX} 3 --reason TEXT --sign KEY`"
    ]


def test_an_entry_that_says_why_it_is_not_signed_is_a_note(archive: Archive) -> None:
    archive.retire("ours")
    archive.retire(unsigned="The key is in the safe")
    assert archive.remarks("ours") == [f"{THIRD} is not signed: The key is in the safe"]


def test_no_signature_at_all_is_a_note_if_keys_may_sign(archive: Archive) -> None:
    assert archive.remarks() == []
    assert archive.remarks("ours") == [
        "alpha: no entry is signed, though signers says whose keys may"
    ]


def test_a_later_entry_endorses_one_without_a_signature(archive: Archive) -> None:
    archive.retire("ours")
    archive.retire()
    archive.endorse(3)
    assert archive.remarks("ours") == [
        f"{THIRD} is not signed; entry 4, signed by ours@acme.example, endorses it: Ops forgot the key"
    ]


def test_a_later_entry_endorses_one_by_a_key_that_may_not_sign(archive: Archive) -> None:
    archive.retire("theirs")
    archive.retire("ours")
    archive.endorse(2)
    key = fingerprint(str(archive.keys / "theirs"))
    assert archive.remarks("ours") == [
        f"{SECOND}.sig is by the key {key}, which was not allowed to sign then; entry 4, signed by "
        "ours@acme.example, endorses the entry: Ops forgot the key"
    ]


@pytest.mark.parametrize(
    ("number", "key", "digest", "expected"),
    [
        (3, "theirs", None, [f"{THIRD}: is not signed", f"{FOURTH}.sig: is by the key SHA256:"]),
        (
            3,
            "ours",
            "1" * 64,
            [
                f"{THIRD}: is not signed",
                f"{FOURTH}: endorses an entry 3 whose SHA-256 is different",
            ],
        ),
        (2, "ours", None, [f"{THIRD}: is not signed"]),
    ],
    ids=["by a key that may not sign", "of other bytes", "of another entry"],
)
def test_what_does_not_endorse_an_entry(
    archive: Archive, number: int, key: str, digest: str | None, expected: list[str]
) -> None:
    archive.retire("ours")
    archive.retire()
    archive.endorse(number, key, digest)
    remarks = archive.remarks("ours")
    assert len(remarks) == len(expected)
    assert all(remark.startswith(start) for remark, start in zip(remarks, expected, strict=True))


def unpadded(signature: Path) -> None:
    signature.write_bytes(signature.read_bytes().replace(b"\n", b"\r\n"))


def of_another(signature: Path) -> None:
    shutil.copyfile(signature.with_name(f"{THIRD}.sig"), signature)


FALSE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "is missing: the entry says that it is signed"),
    "in another armour": (unpadded, "is not armoured as ssh-keygen does it"),
    "of another entry": (of_another, f"is not a signature of {SECOND} for policy-release"),
}


@pytest.mark.parametrize("what", FALSE)
def test_a_false_signature_is_found(archive: Archive, what: str) -> None:
    alter, message = FALSE[what]
    archive.retire("ours")
    archive.retire("ours")
    alter(archive.ledger / f"{SECOND}.sig")
    assert archive.remarks("ours") == [f"{SECOND}.sig: {message}"]


def test_a_signature_by_another_key_than_the_entry_names_is_found(archive: Archive) -> None:
    archive.retire("theirs", says="ours")
    ours, theirs = (fingerprint(str(archive.keys / name)) for name in ("ours", "theirs"))
    assert archive.remarks("ours", "theirs") == [
        f"{SECOND}.sig: is by the key {theirs}; the entry names {ours}"
    ]


def test_a_reason_ends_with_one_full_stop(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"")
    with pytest.raises(SigningFailed, match=r"not a public key file\. Name the file"):
        fingerprint(str(tmp_path / "key"))
