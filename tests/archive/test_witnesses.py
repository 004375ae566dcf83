"""Other copies of an archive, and the newest commit, tell what the archive alone cannot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.ledgers import chained, entry

from publisher.archive.entries import Record, sha256
from publisher.archive.verify.examine import examine
from publisher.archive.verify.findings import Note
from publisher.archive.verify.witnesses import compared_with, differing, uncommitted
from publisher.errors import AskedWrongly
from publisher.repository.moment import Moment
from publisher.repository.source import ArchiveFolder, FolderSource

RECORDS = chained(entry("release", date(2025, 1, day)) for day in (1, 2, 3))
FOLDER = "versions/alpha/ledger"
NAMES = [record.name for record in RECORDS]


def copy(root: Path, records: list[Record], brand: str = "alpha") -> Path:
    """Write the ledger of a brand; return the root of its workspace."""
    folder = root / f"versions/{brand}/ledger"
    folder.mkdir(parents=True)
    for record in records:
        (folder / record.name).write_bytes(record.data)
    return root


def remarks(records: list[Record], other: str, *, whole: bool = True) -> list[str]:
    """Return what another copy tells of a ledger of these entries."""
    digests = {number: (sha256(record.data),) for number, record in enumerate(records, 1)}
    root = Path("unused")
    moment = Moment(FolderSource(root), ArchiveFolder(root), None, None, committed=False)
    results = compared_with(moment, {"alpha": digests}, other, whole=whole)
    return [result.text if isinstance(result, Note) else f"! {result}" for result in results]


def test_a_copy_that_has_the_same_or_less_confirms_a_ledger(tmp_path: Path) -> None:
    one, two = str(copy(tmp_path / "one", RECORDS)), str(copy(tmp_path / "two", RECORDS[:1]))
    assert remarks(RECORDS, one) == [f"alpha: as in {one} up to entry 3"]
    assert remarks(RECORDS, two) == [f"alpha: as in {two} up to entry 1, and 2 more since"]


def test_a_ledger_that_was_cut_off_or_rewritten_differs_from_a_copy(tmp_path: Path) -> None:
    other = str(copy(tmp_path / "other", RECORDS))
    rewritten = chained(entry("release", date(2025, 1, day), summary="New") for day in (1, 2, 3))
    assert remarks(RECORDS[:2], other) == [
        f"! {FOLDER}/{NAMES[2]}: is missing here: from entry 3 on, {other} differs"
    ]
    assert remarks(rewritten, other) == [
        f"! {FOLDER}/{NAMES[0]}: is different here: from entry 1 on, {other} differs"
    ]


def test_a_brand_that_is_gone_is_in_a_copy(tmp_path: Path) -> None:
    other = str(copy(copy(tmp_path / "other", RECORDS), RECORDS, "beta"))
    assert remarks(RECORDS, other, whole=False) == [f"alpha: as in {other} up to entry 3"]
    assert remarks(RECORDS, other)[1:] == [f"! versions/beta/ledger: is missing; {other} has it"]


def test_a_copy_without_the_brand_says_so(tmp_path: Path) -> None:
    other = str(copy(tmp_path / "other", RECORDS, "beta"))
    assert remarks(RECORDS, other, whole=False) == [
        f"{other} has no entry of alpha: nothing was compared"
    ]


def test_the_hash_of_an_entry_is_a_witness(tmp_path: Path) -> None:
    digest = sha256(RECORDS[1].data)
    assert remarks(RECORDS, digest) == [f"{digest} is entry 2 of alpha"]
    assert remarks(RECORDS[:1], digest) == [
        f"! versions: has no entry with the SHA-256 {digest}: an entry was altered or cut off"
    ]
    with pytest.raises(AskedWrongly, match="is not a folder with a clone, a revision of this"):
        remarks(RECORDS, str(tmp_path / "nothing"))


def test_files_are_compared_with_the_newest_commit(tmp_path: Path) -> None:
    root = copy(tmp_path, RECORDS)
    (root / "versions/alpha/ledger.head").write_bytes(b"x")
    one = examine(root, "alpha")
    committed = {path: ("100644", file.blob) for path, file in one.files.items()}
    first, second, third = (f"{FOLDER}/{name}" for name in NAMES)
    assert [*differing(committed, one)] == []
    committed[first] = ("120000", committed[first][1])
    committed[second] = ("100644", "0" * 40)
    committed["versions/alpha/ledger.head"] = ("100644", "0" * 40)
    committed["versions/alpha/2024-01-01/en/policy.md"] = committed.pop(third)
    assert [
        (finding.path, finding.message, finding.version) for finding in differing(committed, one)
    ] == [
        (first, "is a symbolic link in the newest commit", None),
        (second, "differs from the newest commit", None),
        (
            "versions/alpha/2024-01-01/en/policy.md",
            "is in the newest commit, but missing here",
            "2024-01-01",
        ),
    ]
    assert uncommitted(committed, one) == (third,)
