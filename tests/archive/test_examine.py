"""Examining an archive on the disk: every damage is found, with its path, its words, its version.

The archive is written by hand, without git or documents of a policy, so that each damage costs
milliseconds; what git knows, and what commands print, is tested with real ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from support.ledgers import chained, entry

from publisher.archive.entries import Entry, Record, entry_bytes, read_entry, sha256
from publisher.archive.folder import sums_bytes
from publisher.archive.ledger import head_bytes
from publisher.archive.store import Store
from publisher.archive.verify.examine import DEEPEST, examine
from publisher.archive.verify.findings import Examined
from publisher.repository.source import read_plain

FILES = {f"en/policy.{ending}": ending.encode() for ending in ("html", "json", "md", "pdf")}
DAY = date(2025, 1, 10)
REDACTED = "en/policy.md"
ONE, TWO = "2025-01-10", "2025-01-20"
NAMES = (
    f"0001-release-{ONE}.json",
    f"0002-release-{TWO}.json",
    f"0003-redact-{ONE}.json",
    "0004-retire-2025-06-01.json",
)
FIRST, SECOND, THIRD, LAST = (f"ledger/{name}" for name in NAMES)
PDF = f"{ONE}/en/policy.pdf"
SUMS = f"{ONE}/SHA256SUMS"
UNCHAINED = "does not hold the SHA-256 of the entry before it: one of the two was altered"
STRAY = "is in no entry of the ledger, and does not belong in the archive"


def entries() -> list[Entry]:
    """Return two versions, a redaction in the first, and a retirement."""
    made = [
        entry("release", date.fromisoformat(day), sums=sha256(sums_bytes(FILES)))
        for day in (ONE, TWO)
    ]
    gone = {"version": ONE, "file": REDACTED, "digest": sha256(FILES[REDACTED])}
    redacted = entry("redact", date(2025, 2, 1), **gone)
    return [*made, redacted, entry("retire", date(2025, 3, 1), on=date(2025, 6, 1), locale=None)]


def write(folder: Path, records: list[Record]) -> None:
    """Write a ledger, and its head."""
    (folder / "ledger").mkdir(parents=True, exist_ok=True)
    for record in records:
        (folder / "ledger" / record.name).write_bytes(record.data)
    newest = records[-1]
    (folder / "ledger.head").write_bytes(head_bytes(newest.name, sha256(newest.data)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The archive of a brand."""
    folder = tmp_path / "versions/alpha"
    for version in (ONE, TWO):
        for path, data in {**FILES, "SHA256SUMS": sums_bytes(FILES)}.items():
            (folder / version / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / version / path).write_bytes(data)
    (folder / ONE / REDACTED).unlink()
    write(folder, chained(entries()))
    return folder


def examined(folder: Path) -> Examined:
    return examine(folder.parent.parent, "alpha")


def findings(folder: Path) -> list[tuple[str, str, str | None]]:
    """Return what is wrong: path in the brand's folder, message, version."""
    return [
        (finding.path.removeprefix("versions/alpha/"), finding.message, finding.version)
        for finding in examined(folder).findings
    ]


def test_what_is_as_it_was_released_has_no_finding(folder: Path) -> None:
    one = examined(folder)
    assert one.findings == ()
    assert [note.text for note in one.notes] == [
        f"versions/alpha/{ONE}/{REDACTED} was redacted by entry 3, by authority of a court: because"
    ]
    assert [*one.digests] == [1, 2, 3, 4]
    assert [version.version for version in one.versions] == [ONE, TWO]


def changed(path: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = (folder / path).read_bytes()
        assert old in data
        (folder / path).write_bytes(data.replace(old, new))

    return change


def written(path: str, data: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    return write


def deleted(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def rewritten(**about: object) -> Callable[[Path], None]:
    """Give the newest entry other fields, in the right form, and let the head name it."""

    def rewrite(folder: Path) -> None:
        data = (folder / LAST).read_bytes()
        data = entry_bytes(read_entry(data).model_copy(update=about))  # type: ignore[arg-type]
        (folder / LAST).write_bytes(data)
        (folder / "ledger.head").write_bytes(head_bytes(NAMES[3], sha256(data)))

    return rewrite


def linked(folder: Path) -> None:
    (folder / PDF).rename(folder.parent / "elsewhere")
    (folder / PDF).symlink_to(folder.parent / "elsewhere")


def piped(folder: Path) -> None:
    (folder / PDF).unlink()
    os.mkfifo(folder / PDF)


def replaced_by_a_folder(folder: Path) -> None:
    (folder / PDF).unlink()
    (folder / PDF).mkdir()


def swapped(folder: Path) -> None:
    one, two = (folder / FIRST).read_bytes(), (folder / SECOND).read_bytes()
    (folder / FIRST).write_bytes(two)
    (folder / SECOND).write_bytes(one)


def moved_away(folder: Path) -> None:
    folder.rename(folder.parent.parent / "elsewhere")
    folder.symlink_to(folder.parent.parent / "elsewhere")


def other_redaction(folder: Path) -> None:
    """Rewrite the ledger with a redaction of other bytes than the version had."""
    made = entries()
    made[2] = made[2].model_copy(update={"digest": "1" * 64})
    write(folder, chained(made))


def other_locales(folder: Path) -> None:
    """Rewrite the ledger with a version in a locale that its files are not in."""
    said = {locale: {"last_updated": TWO, "words": "0" * 64} for locale in ("en", "nl")}
    made = entries()
    made[1] = entry(
        "release", date.fromisoformat(TWO), sums=sha256(sums_bytes(FILES)), locales=said
    )
    write(folder, chained(made))


def recorded_earlier(folder: Path) -> None:
    made = entries()
    made[3] = entry("retire", date(2025, 1, 5), on=date(2025, 6, 1), locale=None)
    write(folder, chained(made))


DAMAGES: dict[str, tuple[Callable[[Path], object], list[tuple[str, str, str | None]]]] = {
    "an altered document": (
        changed(PDF, b"pdf", b"pdg"),
        [(PDF, "is altered: its SHA-256 is not in SHA256SUMS", ONE)],
    ),
    "an empty document": (written(PDF, b""), [(PDF, "is altered: it is empty", ONE)]),
    "a document in the place of another": (
        written(PDF, b"html"),
        [(PDF, "is altered: it is en/policy.html", ONE)],
    ),
    "a pointer of Git LFS": (
        written(PDF, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        [(PDF, "is altered: it is a Git LFS pointer", ONE)],
    ),
    "marks of a conflict": (
        written(PDF, b"<<<<<<< ours\npdf\n=======\n>>>>>>> theirs\n"),
        [(PDF, "is altered: git has left the marks of a conflict in it", ONE)],
    ),
    "a missing document": (deleted(PDF), [(PDF, "is missing", ONE)]),
    "a link": (linked, [(PDF, "is a symbolic link", ONE)]),
    "a pipe": (piped, [(PDF, "is not an ordinary file, or cannot be read", ONE)]),
    "an empty folder in the place of a document": (
        replaced_by_a_folder,
        [(PDF, "is an empty folder, and does not belong in the archive", ONE)],
    ),
    "a redacted document that came back": (
        written(f"{ONE}/{REDACTED}", FILES[REDACTED]),
        [
            (
                f"{ONE}/{REDACTED}",
                f"is still here, or has come back, though {NAMES[2]} redacts it; delete it",
                ONE,
            )
        ],
    ),
    "a redaction of other bytes": (
        other_redaction,
        [(f"{ONE}/{REDACTED}", f"has another SHA-256 in {NAMES[2]}, which redacts it", ONE)],
    ),
    "altered sums": (
        written(SUMS, sums_bytes({**FILES, "en/policy.pdf": b"other"})),
        [
            (SUMS, f"is altered: its SHA-256 is not in {NAMES[0]}", ONE),
            (PDF, "is altered: its SHA-256 is not in SHA256SUMS", ONE),
        ],
    ),
    "sums in upper case": (
        written(SUMS, sums_bytes(FILES).upper()),
        [
            (SUMS, f"is altered: its SHA-256 is not in {NAMES[0]}", ONE),
            (SUMS, "is not in the one form that sha256sum writes", ONE),
        ],
    ),
    "sums of other locales": (
        other_locales,
        [(f"{TWO}/SHA256SUMS", f"has locales that differ from {NAMES[1]}", TWO)],
    ),
    "a version without sums": (deleted(SUMS), [(SUMS, "is missing", ONE)]),
    "a version without an entry": (
        written("2025-01-15/en/policy.pdf", b"pdf"),
        [("2025-01-15/en/policy.pdf", STRAY, "2025-01-15")],
    ),
    "a file beside the ledger": (written("notes.txt", b"x"), [("notes.txt", STRAY, "notes.txt")]),
    "a signature without an entry": (
        written(f"{LAST}.sig", b"x"),
        [(f"{LAST}.sig", STRAY, None)],
    ),
    "a file in the ledger": (
        written("ledger/notes.txt", b"x"),
        [("ledger/notes.txt", "has a name that no entry can have", None)],
    ),
    "folders without end": (
        written(f"{ONE}/{'en/' * DEEPEST}x", b"x"),
        [
            (
                f"{ONE}/{'en/' * (DEEPEST - 2)}en",
                "is nested too deeply, and does not belong in the archive",
                ONE,
            )
        ],
    ),
    "a linked folder": (moved_away, [("versions/alpha", "is a link, or not a folder", "versions")]),
    "an altered entry": (
        changed(FIRST, b"Ops", b"Sop"),
        [(SECOND, UNCHAINED, TWO)],
    ),
    "an entry in another form": (
        changed(LAST, b'"kind": ', b'"kind":  '),
        [
            (LAST, "is not in the one form that an entry has", "2025-06-01"),
            ("ledger.head", "is not as it was written: it names an entry that is missing. ", None),
        ],
    ),
    "an entry with other line ends": (
        changed(FIRST, b"\n", b"\r\n"),
        [
            (
                FIRST,
                "is not in the one form that an entry has: its line ends were converted to CRLF",
                ONE,
            ),
            (SECOND, UNCHAINED, TWO),
        ],
    ),
    "an empty entry": (
        written(FIRST, b""),
        [
            (FIRST, "is not a ledger entry: it is empty", None),
            (SECOND, UNCHAINED, TWO),
            (THIRD, f"redacts a file of {ONE}, which is not an earlier version", ONE),
            *((f"{ONE}/{name}", STRAY, ONE) for name in sorted(("SHA256SUMS", *FILES)) if name != REDACTED),
        ],
    ),
    "an entry in which a name stands twice": (
        changed(LAST, b'"kind": "retire",', b'"kind": "freeze",\n "kind": "freeze",'),
        [
            (LAST, "is not a ledger entry: a name is there twice", None),
            ("ledger.head", "is not as it was written: it names an entry that is missing. ", None),
        ],
    ),
    "an entry of another brand": (
        rewritten(brand="beta"),
        [(LAST, "says that it is of the brand beta", "2025-06-01")],
    ),
    "an entry of another day": (
        rewritten(on=date(2025, 7, 1)),
        [(LAST, "says that it is 0004-retire-2025-07-01.json", "2025-07-01")],
    ),
    "an entry from before the one before it": (
        recorded_earlier,
        [(LAST, "was recorded before the previous entry", "2025-06-01")],
    ),
    "an entry that cannot be true": (
        rewritten(locale="nl"),
        [(LAST, "retires nl, which had not been released", "2025-06-01")],
    ),
    "a missing entry": (
        deleted(THIRD),
        [
            (LAST, "follows a gap: entry 3 is missing", "2025-06-01"),
            (LAST, UNCHAINED, "2025-06-01"),
            (f"{ONE}/{REDACTED}", "is missing", ONE),
        ],
    ),
    "a second entry of a number": (
        written("ledger/0002-retire-2025-07-01.json", b"{}"),
        [
            ("ledger/0002-retire-2025-07-01.json", "is a second entry 2", None),
            ("ledger/0002-retire-2025-07-01.json", "is not a ledger entry: ", None),
            (THIRD, UNCHAINED, ONE),
        ],
    ),
    "a head that names no entry": (
        changed("ledger.head", b"0004", b"0005"),
        [("ledger.head", "is not as it was written: it names an entry that is missing. ", None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damage_is_found(folder: Path, what: str) -> None:
    damage, expected = DAMAGES[what]
    damage(folder)
    found = findings(folder)
    assert [(path, version) for path, _, version in found] == [
        (path, version) for path, _, version in expected
    ], found
    for (_, message, _), (_, beginning, _) in zip(found, expected, strict=True):
        assert message.startswith(beginning)


@pytest.mark.parametrize(("stray", "goes", "reads"), [(0, 0, 1), (1, 0, 1), (1, 1, 2)])
def test_an_archive_is_read_again_only_where_it_changed_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stray: int, goes: int, reads: int
) -> None:
    page, notes = folder / TWO / "en/policy.html", folder / "notes.txt"
    notes.write_bytes(b"x") if stray else None
    read: list[Path] = []

    def reading(path: str | Path) -> bytes | None:
        read.append(Path(path))
        if goes:
            notes.unlink(missing_ok=True)
        return read_plain(path)

    monkeypatch.setattr(import_module(examine.__module__), "read_plain", reading)
    assert bool(examined(folder).findings) is (stray > goes)
    assert read.count(page) == reads


def branch(folder: Path, *made: Entry) -> None:
    """Let another clone go on after entry 3, and put its entries beside those that are here."""
    previous = sha256((folder / THIRD).read_bytes())
    for number, one in enumerate(made, 4):
        data = entry_bytes(one.model_copy(update={"sequence": number, "previous": previous}))
        name = f"{number:04}-{one.kind}-{one.about}.json"
        (folder / "ledger" / name).write_bytes(data)
        previous = sha256(data)


def test_two_clones_that_went_on_are_checked_alone(folder: Path) -> None:
    """The second one was earlier, and retires what the first one has retired already."""
    branch(folder, entry("retire", date(2025, 2, 15), on=date(2025, 7, 1), locale=None))
    one = examined(folder)
    assert one.findings == ()
    assert one.fork is not None
    assert [len(digests) for digests in one.digests.values()] == [1, 1, 1, 2]


def test_a_conflict_that_git_left_in_an_entry_is_a_fork(folder: Path) -> None:
    ours = (folder / LAST).read_bytes()
    theirs = ours.replace(b"Ops", b"Sop")
    marked = b"<<<<<<< HEAD\n%b=======\n%b>>>>>>> theirs\n" % (ours, theirs)
    (folder / LAST).write_bytes(marked)
    one = examined(folder)
    assert one.findings == ()
    assert one.digests[4] == (sha256(ours), sha256(theirs))


def test_a_version_of_two_clones_is_left_as_git_merged_it(folder: Path) -> None:
    day = date(2025, 3, 2)
    sums = sha256(sums_bytes(FILES))
    branch(folder, entry("release", day, sums=sums))
    retired = read_entry((folder / LAST).read_bytes())
    branch(folder, retired, entry("release", day, sums="1" * 64))  # type: ignore[arg-type]
    written(f"{day}/en/policy.pdf", b"of either")(folder)
    one = examined(folder)
    assert one.findings == ()
    assert one.is_forked(f"versions/alpha/{day}/en/policy.pdf")
    assert not one.is_forked(f"versions/alpha/{PDF}")


def test_a_head_that_lags_behind_is_a_note(folder: Path) -> None:
    data = (folder / SECOND).read_bytes()
    (folder / "ledger.head").write_bytes(head_bytes(NAMES[1], sha256(data)))
    one = examined(folder)
    assert one.findings == ()
    assert one.notes[0].text == (
        "versions/alpha/ledger.head names entry 2, and the newest is 4; the next entry corrects it"
    )


def test_an_archive_without_a_head_is_whole(folder: Path) -> None:
    (folder / "ledger.head").unlink()
    assert findings(folder) == []


def test_what_an_interrupted_command_has_left_is_a_note(folder: Path) -> None:
    shutil.copytree(folder / TWO, folder / ".staging-1/version")
    shutil.copytree(folder / TWO, folder / "2025-02-02")
    (folder / ".staging-1/intent").write_text("0005-release-2025-02-02.json\n")
    one = examined(folder)
    assert one.findings == ()
    assert "versions/alpha/.staging-1 was left by a command that was interrupted" in (
        one.notes[0].text
    )


@pytest.mark.parametrize(
    "intent", ["9" * 5000 + "-release-2025-02-02.json", f"0005-{'x' * 300}-a.json"]
)
def test_remains_that_name_no_entry_are_a_note(folder: Path, intent: str) -> None:
    (folder / ".staging-1").mkdir()
    (folder / ".staging-1/intent").write_text(intent)
    one = examined(folder)
    assert one.findings == ()
    assert len(one.notes) == 2
    Store(folder.parent.parent, "alpha").sweep(())
    assert not (folder / ".staging-1").exists()


def test_entries_of_equal_sides_are_damaged_soon(folder: Path) -> None:
    """To follow each side from each side before would take twice as long with every entry."""
    shutil.rmtree(folder / "ledger")
    (folder / "ledger").mkdir()
    for record in chained([entry("retire", DAY, on=DAY) for _ in range(40)]):
        marked = b"<<<<<<< ours\n%b=======\n%b>>>>>>> theirs\n" % (record.data, record.data)
        (folder / "ledger" / record.name).write_bytes(marked)
    assert findings(folder)


def test_an_entry_of_a_newer_publisher_may_have_files(folder: Path) -> None:
    """What it means is unknown here: its version is checked by its sums, its days are not."""
    shutil.copytree(folder / TWO, folder / "2025-07-01")
    name = "0005-freeze-2025-07-01.json"
    previous = sha256((folder / LAST).read_bytes())
    fields = (
        '"format": 1, "sequence": 5, "kind": "freeze", "brand": "alpha", "version": "2025-07-01", '
        f'"sums": "{sha256(sums_bytes(FILES))}", "previous": "{previous}"'
    )
    data = "{\n " + ",\n ".join(fields.split(", ")) + "\n}\n"
    (folder / "ledger" / name).write_text(data)
    about = {"sequence": 6, "previous": sha256(data.encode())}
    next_one = entry("retire", date(2025, 7, 2), on=date(2025, 7, 2), locale="nl", **about)
    (folder / "ledger" / next_one.name).write_bytes(entry_bytes(next_one))
    (folder / "ledger.head").unlink()
    rewritten = changed("2025-07-01/en/policy.md", b"md", b"me")
    assert findings(folder) == []
    assert [*examined(folder).newer] == [f"versions/alpha/ledger/{name}"]
    rewritten(folder)
    assert [path for path, _, _ in findings(folder)] == ["2025-07-01/en/policy.md"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has a file that fails")
def test_a_file_that_the_disk_cannot_read_is_none() -> None:
    assert read_plain("/proc/self/mem") is None
