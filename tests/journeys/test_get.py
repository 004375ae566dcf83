"""Past versions on request: the document as issued, or an exact answer why there is none."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import docx as docx_library
import pytest
from conftest import Run
from lxml import etree
from support.archives import archive, forge, noon, released, say
from support.workspaces import SMALL, Repo, clause

from publisher.archive.get import Got, get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import reschedule, retire
from publisher.errors import (
    ArchiveDamaged,
    AskedWrongly,
    NeverReleased,
    NotInForce,
    Refused,
    UnknownName,
)

TODAY = noon("2025-06-15")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A brand with three versions: one superseded, one in force, one upcoming; another retired."""
    repo = archive(tmp_path_factory.mktemp("past") / "repo")
    released(repo, "2025-01-10", summary="First")
    released(repo, "2025-01-10", "beta")
    say(repo, "Second.", date="2025-02-01T12:00:00+0000")
    released(repo, "2025-03-01", in_force=date(2025, 4, 1), summary="Second")
    say(repo, "Third.", date="2025-04-02T12:00:00+0000")
    retire(repo.workspace, "beta", date(2025, 5, 1), "Sold", AppendOptions(noon("2025-04-20")))
    released(repo, "2025-06-01", in_force=date(2025, 7, 1))
    return repo


def got(repo: Repo, tmp_path: Path, brand: str = "alpha", **asked: object) -> Got:
    return get(repo.workspace, brand, TODAY, output=tmp_path, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2025-01-10", "2025-01-10"),
        ("2025-03-14", "2025-01-10"),
        ("2025-03-31", "2025-01-10"),
        ("2025-04-01", "2025-03-01"),
        ("2025-06-15", "2025-03-01"),
        (None, "2025-03-01"),
    ],
)
def test_the_document_of_a_day(past: Repo, tmp_path: Path, on: str | None, version: str) -> None:
    found = got(past, tmp_path, on=date.fromisoformat(on) if on else None)
    assert found.version.version == version
    assert found.path == tmp_path / f"alpha-{version}-en.pdf"
    issued = past.workspace / "versions" / "alpha" / version / "en" / "policy.pdf"
    assert found.path.read_bytes() == issued.read_bytes() == found.data
    assert found.sha256 == hashlib.sha256(issued.read_bytes()).hexdigest()


@pytest.mark.parametrize("format", ["html", "markdown", "md", "json"])
def test_the_other_formats(past: Repo, tmp_path: Path, format: str) -> None:
    found = got(past, tmp_path, format=format, version="2025-06-01")
    extension = "md" if format.startswith("m") else format
    issued = past.workspace / "versions/alpha/2025-06-01/en" / f"policy.{extension}"
    assert found.path is not None
    assert found.path.name == f"alpha-2025-06-01-en.{extension}"
    assert found.path.read_bytes() == issued.read_bytes()
    assert found.period.state == "upcoming"


@pytest.mark.parametrize(
    ("brand", "asked", "message"),
    [
        (
            "alpha",
            {"on": date(2025, 1, 9)},
            "on 2025-01-09, no version of alpha was in force: the first, 2025-01-10, was in force "
            "from 2025-01-10. This archive does not know what was published before that. "
            "Nothing was written",
        ),
        (
            "alpha",
            {"on": date(2025, 8, 1)},
            "2025-08-01 is in the future, so nobody knows yet what alpha will say then; today "
            "(2025-06-15), version 2025-03-01 is in force, and 2025-06-01 comes into force on 2025-07-01. "
            "`--version ID` gets a version. Nothing was written",
        ),
        (
            "alpha",
            {"on": date(2025, 6, 16)},
            "2025-06-16 is in the future, so nobody knows yet what alpha will say then; today "
            "(2025-06-15), version 2025-03-01 is in force, and nothing is scheduled until then. "
            "`--version ID` gets a version. Nothing was written",
        ),
        (
            "beta",
            {"on": date(2025, 5, 1)},
            "on 2025-05-01, no version of beta was in force: it was retired on 2025-05-01 (Sold). "
            "The last one was 2025-01-10; `--version 2025-01-10` gets it. Nothing was written",
        ),
        (
            "beta",
            {},
            "on 2025-06-15, no version of beta was in force: it was retired on 2025-05-01 (Sold). "
            "The last one was 2025-01-10; `--version 2025-01-10` gets it. Nothing was written",
        ),
        (
            "alpha",
            {"locale": "nl"},
            "version 2025-03-01 of alpha was not published in nl, but in en. Nothing was written",
        ),
    ],
)
def test_where_there_is_no_document_the_answer_is_exact(
    past: Repo, tmp_path: Path, brand: str, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(NotInForce) as fault:
        got(past, tmp_path, brand, **asked)
    assert str(fault.value) == message
    assert fault.value.exit_code == 2
    assert [*tmp_path.iterdir()] == []


def test_beta_the_day_before_it_was_retired(past: Repo, tmp_path: Path) -> None:
    found = got(past, tmp_path, "beta", on=date(2025, 4, 30))
    assert found.version.version == "2025-01-10"
    assert found.period.until == date(2025, 4, 30)


def test_what_there_is_not(past: Repo, tmp_path: Path) -> None:
    with pytest.raises(
        NeverReleased, match="'gamma' has no released version; brands with one: alpha"
    ):
        got(past, tmp_path, "gamma")
    with pytest.raises(UnknownName, match="unknown version '2025-03-02'; did you mean"):
        got(past, tmp_path, version="2025-03-02")
    with pytest.raises(UnknownName, match="unknown format 'epub'"):
        got(past, tmp_path, format="epub")
    with pytest.raises(AskedWrongly, match="was not published as text; it has pdf, html, mark"):
        got(past, tmp_path, format="text")
    with pytest.raises(AskedWrongly, match="not both"):
        got(past, tmp_path, on=date(2025, 4, 1), version="2025-03-01")


def test_a_word_document_is_made_from_the_text_and_says_so(
    past: Repo, tmp_path: Path, run: Run
) -> None:
    assert not [*(past.workspace / "versions").rglob("*.docx")]
    found = got(past, tmp_path, version="2025-03-01", format="docx")
    assert found.path == tmp_path / "alpha-2025-03-01-en-not-issued.docx"
    assert (found.derived, found.path.read_bytes()) == ("not-issued", found.data)
    texts = [paragraph.text for paragraph in docx_library.Document(found.path).paragraphs]
    assert "Version\t2025-03-01" in texts
    assert any(text.startswith("Made from the archived text, not issued. ") for text in texts)
    tree = (past.workspace / "versions/alpha/2025-03-01/en/policy.json").read_bytes()
    with zipfile.ZipFile(found.path) as package:
        assert etree.fromstring(package.read("customXml/item1.xml")).text.encode() == tree
        told = package.read("docProps/custom.xml").decode()
    for value in ("2025-03-01", "released", json.loads(tree)["words_digest"]):
        assert f"<vt:lpwstr>{value}</vt:lpwstr>" in told
    assert got(past, tmp_path, version="2025-03-01", format="docx").data == found.data
    ask = ("get", "alpha", "2025-03-01", "--output", f"{tmp_path}/mine.docx")
    done = run(*ask, cwd=past.workspace)
    assert "not a document that was issued" in done.stdout, done.stderr
    assert "sha256sum" not in done.stdout


def test_a_text_with_false_dates_gives_no_word_document(past: Repo, tmp_path: Path) -> None:
    def dated(folder: Path) -> None:
        document = json.loads((folder / "policy.json").read_bytes())
        (folder / "policy.json").write_text(json.dumps(document | {"last_updated": "yesterday"}))

    forge(past, "2025-03-01", dated)
    with pytest.raises(ArchiveDamaged, match=r"2025-03-01/en/policy\.json is not a policy: "):
        got(past, tmp_path, version="2025-03-01", format="docx")
    assert not [*tmp_path.glob("*.docx")]


def test_the_list_of_versions(past: Repo) -> None:
    alpha, beta = versions(past.workspace, TODAY)
    assert [
        (each.version.version, each.period.since, each.period.until, each.period.state)
        for each in alpha.versions
    ] == [
        ("2025-06-01", date(2025, 7, 1), None, "upcoming"),
        ("2025-03-01", date(2025, 4, 1), date(2025, 6, 30), "in force"),
        ("2025-01-10", date(2025, 1, 10), date(2025, 3, 31), "superseded"),
    ]
    assert [each.period.state for each in beta.versions] == ["retired"]


def test_two_versions_of_one_day_and_one_that_never_was_in_force(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10", in_force=date(2025, 2, 1))
    say(repo, "Second.", date="2025-01-10T12:30:00+0000")
    second = released(repo, datetime(2025, 1, 10, 14, tzinfo=UTC), in_force=date(2025, 2, 1))
    assert second.version == "2025-01-10.2"
    found = get(repo.workspace, "alpha", noon("2025-02-01"), output=tmp_path)
    assert found.version.version == "2025-01-10.2"
    first = get(repo.workspace, "alpha", noon("2025-02-01"), output=tmp_path, version="2025-01-10")
    assert first.period.empty
    with pytest.raises(NotInForce, match=r"the first, 2025-01-10, is in force from 2025-02-01"):
        get(repo.workspace, "alpha", noon("2025-01-31"), output=tmp_path)


def test_a_rescheduled_version_counts_from_its_new_day(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20", in_force=date(2025, 2, 1))
    asked = AppendOptions(noon("2025-01-25"))
    reschedule(repo.workspace, "alpha", "2025-01-20", date(2025, 3, 1), "Not ready", asked)
    now = noon("2025-04-01")
    for day, version in ((date(2025, 2, 28), "2025-01-10"), (date(2025, 3, 1), "2025-01-20")):
        found = get(repo.workspace, "alpha", now, on=day, output=tmp_path)
        assert found.version.version == version


def test_of_several_locales_one_is_named(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    dutch = {
        f"shared/clauses/nl/{name}.md": clause(f"Tekst over {name}.", name.title())
        for name in ("who", "data", "rights")
    }
    both = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]")
    repo.commit({**dutch, "brands/alpha/brand.yaml": both})
    released(repo, "2025-01-10")
    now = noon("2025-02-01")
    with pytest.raises(AskedWrongly, match="was published in en, nl; name one with --locale"):
        get(repo.workspace, "alpha", now, output=tmp_path)
    assert get(repo.workspace, "alpha", now, locale="nl", output=tmp_path).locale == "nl"
    asked = AppendOptions(noon("2025-02-01"))
    retire(repo.workspace, "alpha", date(2025, 3, 1), "No more Dutch", asked, locale="nl")
    with pytest.raises(Refused, match="alpha in nl is retired from 2025-03-01 already"):
        retire(repo.workspace, "alpha", date(2025, 3, 2), "No more Dutch", asked, locale="nl")
    later = noon("2025-03-01")
    with pytest.raises(NotInForce, match="no version of alpha in nl was in force: it was retired"):
        get(repo.workspace, "alpha", later, locale="nl", output=tmp_path)
    assert get(repo.workspace, "alpha", later, locale="en", output=tmp_path).locale == "en"


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Pacific/Auckland", datetime(2025, 3, 30, 10, 59, tzinfo=UTC), "2025-03-31"),
        ("Pacific/Honolulu", datetime(2025, 3, 31, 9, 59, tzinfo=UTC), "2025-03-31"),
        ("Europe/Brussels", datetime(2025, 3, 30, 21, 59, tzinfo=UTC), "2025-03-31"),
    ],
)
def test_today_is_where_the_brand_is(
    tmp_path: Path, zone: str, before: datetime, after: str
) -> None:
    repo = archive(tmp_path / "repo")
    brand = SMALL["brands/alpha/brand.yaml"].replace("Europe/Brussels", zone)
    repo.commit({"brands/alpha/brand.yaml": brand})
    first = released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    second = released(repo, "2025-01-20", in_force=date.fromisoformat(after))
    found = get(repo.workspace, "alpha", before, output=tmp_path)
    assert found.version.version == first.version
    with pytest.raises(NotInForce, match=f"{after} is in the future"):
        get(repo.workspace, "alpha", before, on=date.fromisoformat(after), output=tmp_path)
    minute = before.replace(hour=before.hour + 1, minute=0)
    assert get(repo.workspace, "alpha", minute, output=tmp_path).version.version == second.version


@pytest.mark.parametrize("damage", ["document", "sums", "missing", "link", "chain"])
def test_nothing_altered_is_handed_out(tmp_path: Path, damage: str) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    folder = repo.workspace / "versions/alpha/2025-01-20"
    pdf = folder / "en/policy.pdf"
    match damage:
        case "document":
            pdf.write_bytes(pdf.read_bytes() + b"\n")
        case "sums":
            sums = folder / "SHA256SUMS"
            sums.write_text(sums.read_text().upper())
        case "missing":
            pdf.unlink()
        case "link":
            pdf.rename(tmp_path / "policy.pdf")
            pdf.symlink_to(tmp_path / "policy.pdf")
        case "chain":
            entry = folder.parent / "ledger/0001-release-2025-01-10.json"
            entry.write_text(entry.read_text().replace("Ops", "Sop"))
    with pytest.raises(ArchiveDamaged) as fault:
        get(repo.workspace, "alpha", noon("2025-02-01"), output=tmp_path / "out.pdf")
    assert fault.value.exit_code == 3
    assert "publisher verify" in str(fault.value)
    assert not (tmp_path / "out.pdf").exists()


def test_from_the_command_line(past: Repo, tmp_path: Path, run: Run, process: Run) -> None:
    where = ("--workspace", str(past.workspace))
    done = run("get", "alpha", "--on", "2025-03-14", *where, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "in force from 2025-01-10 13:00:00 until 2025-03-31 (Europe/Brussels)\n" in done.stdout
    check = next(line for line in done.stdout.splitlines() if line.strip().startswith("check"))
    command = check.strip().removeprefix("check").strip()
    checked = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=False, capture_output=True)
    assert checked.returncode == 0
    assert b"alpha-2025-01-10-en.pdf: OK" in checked.stdout
    piped = process("get", "alpha", "--on", "2025-03-14", "--format", "md", "--output", "-", *where,
                    cwd=tmp_path)  # fmt: skip
    assert piped.stdout.startswith("# Privacy Policy")
    bad = run("get", "alpha", "--on", "2025-02-30", *where, cwd=tmp_path)
    assert bad.returncode == 2
    assert "takes a calendar day" in bad.stderr
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["alpha-2025-01-10-en.pdf", "cache"][:1]
    )


def test_the_archive_and_other_files_are_not_overwritten(past: Repo, tmp_path: Path) -> None:
    inside = past.workspace / "versions/alpha/2025-01-10/en"
    for output in (inside, inside / "policy.pdf", inside / "../new.pdf"):
        with pytest.raises(AskedWrongly, match="is among the company's own files, in versions/"):
            get(past.workspace, "alpha", TODAY, output=output)
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(AskedWrongly, match="exists already, and is a different file"):
        get(past.workspace, "alpha", TODAY, output=other)
    assert other.read_text() == "mine"
    twice = [got(past, tmp_path).path, got(past, tmp_path).path]
    assert twice[0] == twice[1]


def test_a_pipe_is_fed(past: Repo, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    found = get(past.workspace, "alpha", TODAY, output=tmp_path / "pipe")
    assert reader.communicate()[0] == found.data
    assert (tmp_path / "pipe").is_fifo()


def test_a_pipe_that_nobody_reads_is_named(past: Repo, tmp_path: Path, run: Run) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run("get", "alpha", "--output", str(tmp_path / "pipe"), cwd=past.workspace)
    assert done.returncode == 4
    assert "nobody reads from this pipe" in (said := " ".join(done.stderr.split()))
    assert "Start the program that reads it first, or name a file" in said
    assert [path.name for path in tmp_path.iterdir() if "pipe" in path.name] == ["pipe"]


def test_a_document_says_that_it_was_rescheduled(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10", in_force=date(2025, 2, 1))
    asked = AppendOptions(noon("2025-01-25"))
    reschedule(repo.workspace, "alpha", "2025-01-10", date(2025, 3, 1), "Not ready", asked)
    done = run("get", "alpha", "--on", "2025-03-01", "--output", str(tmp_path), cwd=repo.workspace)
    assert "in force from 2025-03-01" in done.stdout
    assert "by 0002-reschedule-2025-01-10.json; the document says 2025-02-01 still" in done.stdout


def test_a_pdf_is_not_written_under_the_name_of_a_word_document(
    past: Repo, tmp_path: Path, run: Run
) -> None:
    name = tmp_path / "mine.doc"
    done = run("get", "alpha", "2025-03-01", "--output", str(name), cwd=past.workspace)
    assert done.returncode == 2
    assert "was not published as doc; it has pdf, html, markdown, json" in (
        " ".join(done.stderr.split())
    )
    assert not name.exists()
