"""Policies from before the toolkit, taken in as they were, and what is said of them."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from support.archives import archive, noon, released, say, state
from support.letters import LETTER, text, unpacked
from support.workspaces import Repo

from publisher.archive.entries import Import, sha256
from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Got, Request, get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import Imported, import_version
from publisher.archive.release.reconstruct import reconstruct
from publisher.archive.verify.verify import verify
from publisher.errors import AskedWrongly, NotADocument, NotInForce, Refused

NOW = noon("2025-06-15")
OLD = b"""\
Privacy Policy

1. Who we are
Acme NV runs alpha.example.

2. Your data
We keep your name, and never sell it.
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return archive(tmp_path / "repo")


def old(folder: Path, name: str = "old.txt", data: bytes = OLD) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def taken(repo: Repo, *files: Path, claimed: str | None = "2019-05-25", **how: Any) -> Imported:
    day = date.fromisoformat(claimed) if claimed else None
    asked = AppendOptions(NOW)
    return import_version(repo.workspace, "alpha", files, day, "A letter", asked, **how)


def entry(done: Imported) -> Import:
    assert isinstance(done.appended.entry, Import)
    return done.appended.entry


def got(repo: Repo, on: str | None = None, **asked: object) -> Got:
    day = date.fromisoformat(on) if on else None
    return get(repo.workspace, "alpha", NOW, on=day, write=False, **asked)  # type: ignore[arg-type]


def test_the_bytes_stay_as_they_were(repo: Repo, tmp_path: Path) -> None:
    pdf = released_pdf(tmp_path)
    files = {
        "Old (final) v2.txt": OLD.replace(b"\n", b"\r\n"),
        "old.html": b"<h1>Privacy</h1><h2>Who</h2><p>Us.</p><h2>Data</h2><p>Yours.</p>",
        "OLD.MD": b"# Privacy\n\n## Who\n\nUs.\n",
        "old.pdf": pdf,
    }
    made = entry(taken(repo, *(old(tmp_path, name, data) for name, data in files.items())))
    assert made.version == "2019-05-25-imported"
    assert (made.origin, made.provenance) == ("imported", "A letter")
    folder = repo.workspace / "versions/alpha" / made.version
    kept = {each.name: folder / path for path, each in made.files.items()}
    assert {name: path.read_bytes() for name, path in kept.items()} == files
    assert {each.digest for each in made.files.values()} == {
        sha256(data) for data in files.values()
    }
    assert verify(repo.workspace).findings == ()
    assert repo.git("status", "--porcelain") == ""


def released_pdf(tmp_path: Path) -> bytes:
    other = archive(tmp_path / "other")
    released(other, "2025-01-10")
    return (other.workspace / "versions/alpha/2025-01-10/en/policy.pdf").read_bytes()


def test_its_text_lies_beside_it_and_says_what_it_is(repo: Repo, tmp_path: Path) -> None:
    taken(repo, old(tmp_path))
    found = got(repo, "2020-01-01")
    assert (found.format, found.data) == ("text", OLD)
    said = got(repo, version="2019-05-25-imported", format="extracted").data.decode()
    assert (
        "Text extracted on 15 June 2025 from an imported document; not the document itself" in said
    )
    assert "We keep your name, and never sell it." in said
    with pytest.raises(AskedWrongly, match="was not imported as pdf; it has text, extracted"):
        got(repo, "2020-01-01", format="pdf")


def test_it_can_be_compared(repo: Repo, tmp_path: Path, run: Run) -> None:
    taken(repo, old(tmp_path))
    done = run("diff", "alpha", "2019-05-25-imported", "draft", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "version 2019-05-25-imported, whose text was extracted" in done.stdout
    assert "never sell it" in done.stdout
    on = run("diff", "alpha", "on:2020-01-01", "draft", "--summary", cwd=repo.workspace)
    assert on.returncode == 0, on.stderr


def test_released_then_imported_then_reconstructed(repo: Repo, tmp_path: Path) -> None:
    say(repo, "Second.", date="2024-03-01T12:00:00+0000")
    released(repo, "2024-06-01")
    before = versions(repo.workspace, NOW, ["alpha"])[0].versions
    taken(repo, old(tmp_path), claimed="2024-02-01")
    reconstruct(repo.workspace, "alpha", AppendOptions(NOW), freeze=True)
    answers = {
        "2024-06-01": ("2024-06-01", []),
        "2024-05-31": ("2024-02-01-imported", ["2024-03-01-reconstructed"]),
        "2024-02-01": ("2024-02-01-imported", ["2024-01-02-reconstructed"]),
        "2024-01-31": ("2024-01-02-reconstructed", []),
    }
    for day, (version, others) in answers.items():
        found = got(repo, day)
        assert (found.version.version, [each.version for each in found.others]) == (version, others)
    assert got(repo, "2024-05-31").period.until == date(2024, 6, 1), "for hours of that day"
    assert versions(repo.workspace, NOW, ["alpha"])[0].versions[:1] == before
    assert verify(repo.workspace).findings == ()
    with pytest.raises(NotInForce, match="This archive does not know what was published"):
        got(repo, "2024-01-01")


def test_an_unknown_date_answers_for_no_day(repo: Repo, tmp_path: Path) -> None:
    assert entry(taken(repo, old(tmp_path), claimed=None)).version == "unknown-imported"
    again = entry(taken(repo, old(tmp_path, "b.txt", b"Other.\n"), claimed=None))
    assert again.version == "unknown.2-imported"
    with pytest.raises(NotInForce, match=r"unknown\.2-imported, unknown-imported; `--version ID`"):
        got(repo, "2020-01-01")
    assert got(repo, version="unknown.2-imported").data == b"Other.\n"
    (listed,) = versions(repo.workspace, NOW)
    assert [each.period.since for each in listed.versions] == [None, None]


def test_a_correction_is_said_and_may_change_anything(repo: Repo, tmp_path: Path) -> None:
    path = old(tmp_path)
    first = entry(taken(repo, path, claimed="2018-05-25"))
    taken(repo, old(tmp_path, "next.txt", b"Next.\n"), claimed="2021-01-01")
    made = taken(repo, path, claimed="2019-05-25", corrects="2018-05-25-imported")
    assert (entry(made).corrects, entry(made).repeats) == (first.version, None)
    assert made.notes == ()
    assert repo.git("log", "-1", "--format=%b").splitlines()[1] == "Corrects 2018-05-25-imported"
    assert got(repo, "2019-06-01").version.version == "2019-05-25-imported"
    assert got(repo, "2021-06-01").version.version == "2021-01-01-imported"
    with pytest.raises(NotInForce, match="the first, 2019-05-25-imported, is from 2019-05-25"):
        got(repo, "2018-06-01")
    assert got(repo, version="2018-05-25-imported").period.empty
    scan = old(tmp_path, "better.md", b"# Privacy\n\nReadable.\n")
    better = entry(taken(repo, scan, claimed="2019-05-25", corrects="2019-05-25-imported"))
    assert got(repo, "2019-06-01").version == better
    source = import_version(repo.workspace, "alpha", [scan], date(2019, 5, 25), "The web archive",
                            AppendOptions(NOW), corrects=better.version)  # fmt: skip
    assert got(repo, "2019-06-01").version == source.appended.entry
    assert source.notes == ()
    checked = verify(repo.workspace)
    assert checked.findings == ()
    assert not [note for note in checked.notes if "has the document" in note]


def test_the_same_document_again_is_a_second_period(repo: Repo, tmp_path: Path, run: Run) -> None:
    a, b = old(tmp_path), old(tmp_path, "b.txt", b"Other words.\n")
    taken(repo, a, claimed="2018-05-25")
    taken(repo, b, claimed="2019-01-01")
    again = taken(repo, a, claimed="2020-01-01")
    assert (entry(again).corrects, entry(again).repeats) == (None, "2018-05-25-imported")
    assert again.notes == (
        "the archive has this document already, as 2018-05-25-imported: this is a second period of "
        "it. If this import is to correct 2018-05-25-imported, import it again with --corrects "
        "2018-05-25-imported",
    )
    for day, version in (("2018-06-01", "2018-05-25"), ("2019-06-01", "2019-01-01"),
                         ("2020-06-01", "2020-01-01")):  # fmt: skip
        assert got(repo, day).version.version == f"{version}-imported"
    assert got(repo, "2018-06-01").period.until == date(2018, 12, 31)
    listed = run("versions", "alpha", cwd=repo.workspace).stdout
    assert "the document of 2018-05-25-imported again" in listed
    assert "never was" not in listed
    assert verify(repo.workspace).notes == ()


def test_with_nothing_between_the_first_period_stays_too(repo: Repo, tmp_path: Path) -> None:
    taken(repo, old(tmp_path), claimed="2018-05-25")
    taken(repo, old(tmp_path), claimed="2020-01-01")
    assert got(repo, "2018-06-01").period.until == date(2019, 12, 31)
    assert got(repo, "2020-06-01").version.version == "2020-01-01-imported"
    # As the note says: that it was meant to correct the first can be said afterwards.
    made = taken(repo, old(tmp_path), claimed="2020-01-01", corrects="2018-05-25-imported")
    assert got(repo, "2020-06-01").version == entry(made)
    with pytest.raises(NotInForce):
        got(repo, "2018-06-01")


def test_the_letter_on_a_corrected_import_says_so(repo: Repo, tmp_path: Path) -> None:
    taken(repo, old(tmp_path), claimed="2018-05-25")
    taken(repo, old(tmp_path), claimed="2019-05-25", corrects="2018-05-25-imported")
    made = bundle(repo.workspace, Request("alpha", NOW, version="2018-05-25-imported", write=False))
    letter = text(unpacked(made.data, tmp_path) / LETTER)
    assert (
        "This document no longer counts for any day: entry 0002 corrects, with version "
        "2019-05-25-imported, what was asserted about it."
    ) in letter
    assert "version 2019-05-25-imported corrects what was asserted about this version" in letter
    assert "was to come into force" not in letter


def test_a_day_for_a_document_of_an_unknown_day(repo: Repo, tmp_path: Path) -> None:
    taken(repo, old(tmp_path), claimed=None)
    (note,) = taken(repo, old(tmp_path), claimed="2019-05-25").notes
    assert "as unknown-imported: both stay" in note
    with pytest.raises(NotInForce, match="Imports of an unknown date: unknown-imp"):
        got(repo, "2018-01-01")
    taken(repo, old(tmp_path), claimed="2019-05-25", corrects="unknown-imported")
    with pytest.raises(NotInForce, match="This archive does not know what was published"):
        got(repo, "2018-01-01")
    corrected = versions(repo.workspace, NOW)[0].versions[-1]
    assert (corrected.version.version, corrected.period.state) == ("unknown-imported", "corrected")


def test_one_file_in_two_languages_is_no_second_period(repo: Repo, tmp_path: Path) -> None:
    taken(repo, old(tmp_path), claimed="2018-05-25", locale="en")
    both = taken(repo, old(tmp_path), claimed="2018-05-25", locale="nl", former_locale=True)
    assert (entry(both).repeats, both.notes) == (None, ())


def test_several_formats_are_compared_document_by_document(repo: Repo, tmp_path: Path) -> None:
    text, page = old(tmp_path), old(tmp_path, "old.html", b"<h1>P</h1><h2>A</h2><p>B.</p>")
    first = entry(taken(repo, text, page))
    with pytest.raises(Refused, match="has this document already, as 2019-05-25-imported"):
        taken(repo, page)
    more = old(tmp_path, "old.md", b"# P\n\n## A\n\nB.\n")
    assert entry(taken(repo, more, page)).repeats == first.version
    alone = entry(taken(repo, text, corrects=first.version))  # the page was another policy
    assert alone.digests < first.digests


def test_corrections_that_are_refused(repo: Repo, tmp_path: Path) -> None:
    path = old(tmp_path)
    taken(repo, path, claimed="2018-05-25")
    taken(repo, path, claimed="2019-05-25", corrects="2018-05-25-imported")
    taken(repo, path, claimed="2019-05-25", locale="nl", former_locale=True)
    reconstruct(repo.workspace, "alpha", AppendOptions(NOW), freeze=True)
    before = state(repo)
    for match, asked in (
        ("unknown imported version '2018-05-26-imported'; did you", {"corrects": "2018-05-26-imported"}),
        ("2024-01-02-reconstructed was reconstructed, and --corrects takes an imp",
         {"corrects": "2024-01-02-reconstructed"}),
        ("was corrected already, by 2019-05-25-imported; to correct that one, give --corrects 2019",
         {"corrects": "2018-05-25-imported"}),
        ("is in en, and a document in nl cannot correct it; name a version in nl",
         {"corrects": "2019-05-25-imported", "locale": "nl"}),
        ("has the same document, day and source, so nothing would be corrected",
         {"corrects": "2019-05-25-imported"}),
        ("the archive has this document already, as 2019-05-25-imported, of the same day and", {}),
    ):  # fmt: skip
        with pytest.raises((Refused, AskedWrongly), match=match) as refused:
            taken(repo, path, **asked)
        assert refused.value.exit_code == 2
        assert state(repo) == before


def test_entries_from_before_corrections_were_said(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publisher.archive.release import import_version as imports

    monkeypatch.setattr(imports, "_relations", lambda *_: {})
    for name, data, day in (("a", b"A.\n", "2018-05-25"), ("a", b"A.\n", "2018-06-01"),
                            ("b", b"B.\n", "2019-01-01"), ("a", b"A.\n", "2020-01-01")):  # fmt: skip
        taken(repo, old(tmp_path, f"{name}.txt", data), claimed=day)
    monkeypatch.undo()
    assert got(repo, "2018-06-01").version.version == "2018-06-01-imported"
    assert got(repo, "2020-06-01").version.version == "2020-01-01-imported"
    with pytest.raises(NotInForce):
        got(repo, "2018-05-30")
    checked = verify(repo.workspace)
    assert checked.findings == ()
    said = [note.partition(" has the document of ")[2] for note in checked.notes]
    assert [note.partition("; ")[2].partition(".")[0] for note in said] == [
        "it counts as a correction, as no other version lies between",
        "both count, as 2019-01-01-imported lies between",
    ]
    taken(repo, old(tmp_path, "a.txt", b"A.\n"), claimed="2018-05-25")
    assert got(repo, "2018-05-30").version.version == "2018-05-25.2-imported"
    assert verify(repo.workspace).notes == ()


def test_what_is_refused(repo: Repo, tmp_path: Path) -> None:
    released(repo, "2025-01-10")
    before = state(repo)
    path = old(tmp_path)
    with pytest.raises(Refused, match="has released versions in force from 2025-01-10 on"):
        taken(repo, path, claimed="2025-01-10")
    with pytest.raises(Refused, match="2025-06-16 is in the future"):
        taken(repo, path, claimed="2025-06-16")
    with pytest.raises(AskedWrongly, match="are both text; a version has one file of each format"):
        taken(repo, path, old(tmp_path, "b.txt"))
    with pytest.raises(AskedWrongly, match="is not a file that can be read"):
        taken(repo, tmp_path / "missing.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(AskedWrongly, match="is not a file that can be read"):
        taken(repo, tmp_path / "pipe.txt")
    with pytest.raises(AskedWrongly, match="--locale takes a language such as nl"):
        taken(repo, path, locale="klingon")
    with pytest.raises(NotADocument, match="is not a PDF"):
        taken(repo, old(tmp_path, "old.pdf"))
    with pytest.raises(NotADocument, match="ending"):
        taken(repo, old(tmp_path, "old.exe"))
    assert state(repo) == before


def test_other_locales_are_versions_of_their_own(repo: Repo, tmp_path: Path, run: Run) -> None:
    taken(repo, old(tmp_path))
    dutch, before = old(tmp_path, "oud.txt", b"Privacyverklaring\n\nTekst.\n"), state(repo)
    with pytest.raises(AskedWrongly, match="alpha has no locale 'nl', but en; name the document's"):
        taken(repo, dutch, locale="nl")
    assert state(repo) == before
    made = entry(taken(repo, dutch, locale="nl", former_locale=True))
    assert made.version == "2019-05-25.2-imported"
    assert got(repo, "2020-01-01", locale="en").version.version == "2019-05-25-imported"
    assert got(repo, "2020-01-01", locale="nl").version.version == "2019-05-25.2-imported"
    with pytest.raises(AskedWrongly, match="name one with --locale"):
        got(repo, "2020-01-01")
    compared = run("diff", "alpha", "on:2020-01-01", "draft", cwd=repo.workspace)
    assert compared.returncode == 2
    assert "means each of 2019-05-25.2-imported (nl), 2019-05-25-imported (en)" in compared.stderr


def test_a_locale_is_known_by_the_brands_file_or_by_its_archive(repo: Repo, tmp_path: Path) -> None:
    file = repo.workspace / "brands/alpha/brand.yaml"
    file.write_text(f"{file.read_text()}proposed: [de]\nwas_locales: {{en: [en-GB]}}\n")
    repo.commit()
    for at, tag in enumerate(("de", "en-GB")):
        taken(repo, old(tmp_path), claimed=f"2018-05-0{at + 1}", locale=tag)
    taken(repo, old(tmp_path), claimed="2018-05-06", locale="nl", former_locale=True)
    taken(repo, old(tmp_path), claimed="2018-05-07", locale="nl")
    with pytest.raises(AskedWrongly, match="alpha has no locale 'fr', but en, de, en-GB, nl; "):
        taken(repo, old(tmp_path), claimed="2018-05-08", locale="fr")


def test_what_has_no_text_is_kept_all_the_same(repo: Repo, tmp_path: Path, run: Run) -> None:
    scan = old(tmp_path, "scan.html", b"<html><body><img src='scan.png'></body></html>")
    done = taken(repo, scan)
    assert entry(done).words is None
    assert done.notes == ("scan.html has no text that could be extracted: it cannot be compared",)
    assert got(repo, "2020-01-01").data == scan.read_bytes()
    compared = run("diff", "alpha", "2019-05-25-imported", "draft", cwd=repo.workspace)
    assert compared.returncode == 2
    assert "has no text in en, and cannot be compared" in compared.stderr
    assert verify(repo.workspace).findings == ()


def test_a_text_that_was_altered_is_found(repo: Repo, tmp_path: Path) -> None:
    made = entry(taken(repo, old(tmp_path)))
    path = repo.workspace / "versions/alpha" / made.version / "en/extracted.json"
    path.write_text(path.read_text().replace("never sell", "always sell"))
    found = [str(each) for each in verify(repo.workspace).findings]
    where = f"versions/alpha/{made.version}/en/extracted.json"
    assert f"{where}: is altered: its SHA-256 is not in SHA256SUMS" in found
    assert f"{where}: has words that differ from {made.name}" in found


def test_from_the_command_line(repo: Repo, tmp_path: Path, run: Run) -> None:
    asked = ("alpha", str(old(tmp_path)), "--source", "A letter", "--claimed-date")
    done = run("import-version", *asked, "2019-05-25", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    assert "alpha 2019-05-25-imported is imported" in done.stdout
    assert "asserted  in force from 2019-05-25" in done.stdout
    found = run("get", "alpha", "--on", "2020-01-01", "--output", str(tmp_path / "out.txt"),
                cwd=repo.workspace)  # fmt: skip
    assert "asserted, imported on " in found.stdout
    assert "its source: A letter" in found.stdout
    check = next(line for line in found.stdout.splitlines() if "sha256sum" in line)
    subprocess.run(["sh", "-c", check.split("check", 1)[1]], check=True)
    unknown = run("import-version", *asked, "unknown", "--dry-run", cwd=repo.workspace)
    assert "would be imported" in unknown.stdout
    wrong = run("import-version", *asked, "25/05/2019", cwd=repo.workspace)
    assert (wrong.returncode, wrong.stderr.count("Traceback")) == (2, 0)
    assert "--claimed-date takes a calendar day such as 2026-11-22" in wrong.stderr


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_text_without_a_title_is_named_by_its_id(
    repo: Repo, tmp_path: Path, run: Run, format: str
) -> None:
    taken(
        repo, old(tmp_path, "old.txt", b"Of May 2019.\n\nDATA\n\nWe keep it.\n\nRIGHTS\n\nYours.\n")
    )
    done = run(
        "diff", "alpha", "2019-05-25-imported", "draft", "--format", format, cwd=repo.workspace
    )
    if format == "html":
        done = run(
            "diff",
            "alpha",
            "2019-05-25-imported",
            "draft",
            "--output",
            str(tmp_path / "x.html"),
            cwd=repo.workspace,
        )
        assert ">(preamble)</h2>" in (tmp_path / "x.html").read_text()
    else:
        assert "(preamble)" in done.stdout


def test_what_could_not_be_read_is_in_the_entry_and_beside_the_text(
    repo: Repo, tmp_path: Path
) -> None:
    page = b"<nav>Home</nav><h1>Privacy</h1><h2>Who</h2>Us. <img src=x><h2>Data</h2><div hidden>Yours.</div>"
    done = taken(repo, old(tmp_path, "old.html", page))
    notes = (
        "1 image was left out",
        "1 hidden part of the page was read, such as closed panels",
        "the navigation of the site was left out: “Home”",
    )
    assert (entry(done).notes, done.notes) == (notes, notes)
    folder = repo.workspace / "versions/alpha/2019-05-25-imported/en"
    assert (folder / "extraction-notes.txt").read_text(encoding="utf-8").splitlines() == [*notes]
    assert verify(repo.workspace).findings == ()
    plain = taken(repo, old(tmp_path), claimed="2018-05-25")
    assert entry(plain).notes == ()
    (ledger,) = (
        p for p in plain.appended.paths if p.suffix == ".json" and p.parent.name == "ledger"
    )
    assert b'"notes"' not in ledger.read_bytes()


UNREAD = {
    "dos.txt": (b"We keep your name\xff for two years.", "is in an unknown character set"),
    "large.html": (b"<p>" + b"x" * (3 << 20), "is larger than 2 MB"),
    "old.doc": (b"\xd0\xcf\x11\xe0old", "has the ending .doc, which publisher cannot read"),
    "scan.JPEG": (b"\xff\xd8\xff", "has the ending .jpeg, which publisher cannot read"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_document_that_cannot_be_read_is_kept_all_the_same(
    name: str, repo: Repo, tmp_path: Path
) -> None:
    data, reason = UNREAD[name]
    done = taken(repo, old(tmp_path, name, data))
    note = f"{name} {reason}: it was kept unchanged, and cannot be compared"
    assert entry(done).notes == (note,)
    assert entry(done).words is None
    assert got(repo, "2020-01-01").data == data
    assert verify(repo.workspace).findings == ()


def test_the_text_comes_from_the_document_that_can_be_read(repo: Repo, tmp_path: Path) -> None:
    unread = old(tmp_path, "old.md", b"We keep your name\xff for two years.")
    done = taken(repo, unread, old(tmp_path))
    assert done.extracted_from == "old.txt"
    assert len(entry(done).notes) == 1
    assert entry(done).words is not None


def test_an_import_that_was_interrupted_before_its_commit_says_what_is_left(
    tmp_path: Path,
) -> None:
    repo = archive(tmp_path / "repo")
    file = tmp_path / "old.md"
    file.write_text("# Privacy\n\n## Who\n\nWe keep names.\n")

    def again(*, commit: bool = True) -> None:
        asked = AppendOptions(noon("2025-06-15"), commit=commit)
        import_version(repo.workspace, "alpha", [file], date(2019, 5, 25), "a letter", asked)

    again(commit=False)
    with pytest.raises(Refused, match="recorded, but is not committed yet") as fault:
        again()
    command = str(fault.value).split("`")[1]
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2025-06-15T11:00:00Z")
    subprocess.run(["sh", "-c", command], env={**os.environ, **dates}, check=True)
    with pytest.raises(Refused, match="has this document already"):
        again()
    assert verify(repo.workspace).findings == ()
