"""Policies from before the toolkit, taken in as they were, and what is said of them."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from archives import archive, noon, released, say, state
from conftest import Run
from workspaces import Repo

from publisher.errors import AskedWrongly, NotADocument, NotInForce, Refused
from publisher.model.ledger import Import, sha256
from publisher.tasks.appending import Appending
from publisher.tasks.get import Got, get
from publisher.tasks.imports import Imported, import_version
from publisher.tasks.reconstruct import reconstruct
from publisher.tasks.verify import verify
from publisher.tasks.versions import versions

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


def taken(
    repo: Repo, *files: Path, claimed: str | None = "2019-05-25", **how: str | None
) -> Imported:
    day = date.fromisoformat(claimed) if claimed else None
    asked = Appending(NOW)
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
    reconstruct(repo.workspace, "alpha", Appending(NOW), freeze=True)
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
    with pytest.raises(NotInForce, match="What was published before that, this archive does not"):
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


def test_importing_it_again_corrects_its_date(repo: Repo, tmp_path: Path) -> None:
    path = old(tmp_path)
    taken(repo, path, claimed="2018-05-25")
    taken(repo, old(tmp_path, "next.txt", b"Next.\n"), claimed="2021-01-01")
    assert got(repo, "2018-06-01").version.version == "2018-05-25-imported"
    assert got(repo, "2020-12-31").version.version == "2018-05-25-imported"
    taken(repo, path, claimed="2019-05-25")
    assert got(repo, "2019-06-01").version.version == "2019-05-25-imported"
    assert got(repo, "2021-06-01").version.version == "2021-01-01-imported"
    with pytest.raises(NotInForce, match="the first, 2019-05-25-imported, is of 2019-05-25"):
        got(repo, "2018-06-01")
    assert got(repo, version="2018-05-25-imported").period.empty
    assert verify(repo.workspace).findings == ()


def test_what_is_refused(repo: Repo, tmp_path: Path) -> None:
    released(repo, "2025-01-10")
    before = state(repo)
    path = old(tmp_path)
    with pytest.raises(Refused, match="has released versions in force from 2025-01-10 on"):
        taken(repo, path, claimed="2025-01-10")
    with pytest.raises(Refused, match="2025-06-16 has not come yet"):
        taken(repo, path, claimed="2025-06-16")
    with pytest.raises(AskedWrongly, match="are both text; a version has one file of each format"):
        taken(repo, path, old(tmp_path, "b.txt"))
    with pytest.raises(AskedWrongly, match="is no file that can be read"):
        taken(repo, tmp_path / "missing.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(AskedWrongly, match="is no file that can be read"):
        taken(repo, tmp_path / "pipe.txt")
    with pytest.raises(AskedWrongly, match="--locale takes a language such as nl"):
        taken(repo, path, locale="klingon")
    with pytest.raises(NotADocument, match="is no PDF"):
        taken(repo, old(tmp_path, "old.pdf"))
    with pytest.raises(NotADocument, match="ending"):
        taken(repo, old(tmp_path, "old.exe"))
    assert state(repo) == before


def test_other_locales_are_versions_of_their_own(repo: Repo, tmp_path: Path, run: Run) -> None:
    taken(repo, old(tmp_path))
    made = entry(
        taken(repo, old(tmp_path, "oud.txt", b"Privacyverklaring\n\nTekst.\n"), locale="nl")
    )
    assert made.version == "2019-05-25.2-imported"
    assert got(repo, "2020-01-01", locale="en").version.version == "2019-05-25-imported"
    assert got(repo, "2020-01-01", locale="nl").version.version == "2019-05-25.2-imported"
    with pytest.raises(AskedWrongly, match="name one with --locale"):
        got(repo, "2020-01-01")
    compared = run("diff", "alpha", "on:2020-01-01", "draft", cwd=repo.workspace)
    assert compared.returncode == 2
    assert "means each of 2019-05-25.2-imported (nl), 2019-05-25-imported (en)" in compared.stderr


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
    assert f"{where}: has other words than {made.name} says" in found


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
    assert "--claimed-date takes a day of the calendar such as 2026-11-22" in wrong.stderr


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
