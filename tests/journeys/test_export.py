"""What a regulator gets: every version of a period as issued, and an index that hides nothing."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from support.archives import archive, noon, released, say, state
from support.commands import called
from support.keys import key_pair
from support.letters import appended, authority, commands, few, shell, stamped, text
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.entries import Redact, sha256
from publisher.archive.evidence.export import Export, ExportRequest, export
from publisher.archive.evidence.export_index import (
    COLUMNS,
    IndexWords,
    index_rows,
    index_words,
    page,
)
from publisher.archive.evidence.inventory import Inventory, Wanted, inventory
from publisher.archive.folder import read_ledger, read_sums
from publisher.archive.get import get, versions
from publisher.archive.lineage import Lineage
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import import_version
from publisher.archive.release.lifecycle import redact, reschedule, retire
from publisher.archive.trust.trust_files import NOBODY
from publisher.errors import ArchiveDamaged, CannotWrite, NotInForce, UnknownName
from publisher.files.format import csv_bytes
from publisher.files.output import write_file
from publisher.render.languages import languages
from publisher.render.own_texts import english_file
from publisher.render.style import Style
from publisher.repository.source import ArchiveFolder, FolderSource
from publisher.site import drift as module
from publisher.site.drift import drift
from publisher.site.drift_fetch import Fetched
from publisher.site.drift_record import record

VERAPDF = Path(__file__).parents[1] / "validators" / "verapdf"
URL = "https://alpha.example/privacy"
REVIEWED = "Say more\n\nReviewed: shared/clauses/nl/data.md"
LATER = noon("2025-12-15")


@dataclass(frozen=True)
class Done:
    """An export, and what the command printed."""

    folder: Path
    printed: str


GONE = "versions/alpha/2025-01-10/en/policy.html"
WHO = "legal@acme.example"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A brand with all that can happen to versions; and another one, with one version."""
    folder = tmp_path_factory.mktemp("export")
    repo = archive(folder / "repo")
    sign = str(key_pair(folder / "key"))
    public = " ".join(Path(f"{sign}.pub").read_text().split()[:2])
    conf = authority(folder / "tsa")
    dutch = {f"shared/clauses/nl/{name}.md": clause("Tekst.") for name in ("who", "data", "rights")}
    repo.commit(
        {
            "brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]"),
            "shared/allowed_signers": f'{WHO} namespaces="policy-release" {public}\n',
            "shared/timestamp_authorities.pem": conf.with_name("ca.pem").read_text(),
            **dutch,
        }
    )
    old = folder / "old.txt"
    old.write_text("Old words.\n")
    at = lambda day, **how: AppendOptions(noon(day), **how)  # noqa: E731
    root = repo.workspace
    source = "@agency, in “a mail”"
    import_version(root, "alpha", [old], date(2019, 5, 25), source, at("2025-01-02"), locale="en")
    released(repo, "2025-01-10", summary='=HYPERLINK("x")')
    say(repo, "Second.", REVIEWED, date="2025-02-01T12:00:00+0000")
    released(repo, "2025-03-01", in_force=date(2025, 4, 1), summary="How long we keep logs")
    reschedule(root, "alpha", "2025-03-01", date(2025, 4, 15), "Not ready", at("2025-03-10"))
    redact(root, "alpha", "2025-01-10", "en/policy.html", "A name", "A court", at("2025-03-11"))
    say(repo, "Third.", REVIEWED, date="2025-03-11T12:00:00+0000")
    released(repo, "2025-06-01", sign=sign)
    with pytest.MonkeyPatch.context() as patch:
        page = (root / "versions/alpha/2025-03-01/en/policy.html").read_bytes()
        fetched = Fetched(URL, page, "html", None, 200, (("Content-Type", "text/html"),))
        patch.setattr(module, "fetch", lambda url, allowed: fetched)
        when = noon("2025-06-02")
        record(
            root, drift(root, "alpha", when, page=URL, locale="en"), AppendOptions(when, sign=sign)
        )
    retire(root, "alpha", date(2025, 7, 1), "No Dutch", at("2025-06-05", sign=sign), locale="nl")
    for hour, said in ((12, "Fourth."), (14, "Fifth.")):
        say(repo, said, REVIEWED, date=f"2025-06-10T{hour - 1}:00:00+0000")
        released(
            repo, datetime(2025, 6, 10, hour, tzinfo=UTC), sign=sign, in_force=date(2025, 8, 1)
        )
    stamped(repo, conf, "2025-06-11")
    repo.commit({}, "Stamped", "2025-06-11T12:00:00+0000")
    released(repo, "2025-06-12", "beta")
    return repo


@pytest.fixture(scope="module")
def done(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """All that the archive has of both brands, exported on the command line."""
    away = tmp_path_factory.mktemp("all")
    before = state(repo)
    workspace = ("--workspace", str(repo.workspace))
    done = called("export", "alpha", "beta", "--output", "export", *workspace, cwd=away)
    assert done.returncode == 0, done.stderr
    assert state(repo) == before
    return Done(away / "export", done.stdout)


@pytest.fixture(scope="module")
def folder(done: Done) -> Path:
    return done.folder


@pytest.fixture(scope="module")
def everything(repo: Repo) -> Inventory:
    return part(repo)


def exported(repo: Repo, out: Path, brands: tuple[str, ...] = ("alpha",), **asked: Any) -> Export:
    return export(repo.workspace, ExportRequest(brands, out, **asked))


def part(repo: Repo, **wanted: Any) -> Inventory:
    """Return what the archive has of alpha."""
    lineage = Lineage(ArchiveFolder(repo.workspace))
    return inventory(repo.workspace, lineage, NOBODY, "alpha", Wanted(**wanted))


def rows(folder: Path, name: str = "index.csv") -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO((folder / name).read_text(encoding="utf-8-sig")))]


# --- the files -----------------------------------------------------------------------------------


def test_every_file_is_the_archived_one_and_in_the_list(repo: Repo, folder: Path) -> None:
    sums = read_sums((folder / "SHA256SUMS").read_bytes())
    assert sums is not None
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*sums, "SHA256SUMS"}
    own = {"index.pdf", "index.csv", "events.csv"}
    for path in sums:
        data = (folder / path).read_bytes()
        assert sha256(data) == sums[path]
        assert path in own or data == (repo.workspace / path).read_bytes()
    archived = (repo.workspace / "versions").rglob("*")
    paths = {str(path.relative_to(repo.workspace)) for path in archived if path.is_file()}
    heads = {"versions/alpha/ledger.head", "versions/beta/ledger.head"}
    trust = {"shared/allowed_signers", "shared/timestamp_authorities.pem"}
    assert there - own - {"SHA256SUMS"} == (paths - heads) | trust
    assert GONE not in there


def test_the_rows_are_those_of_the_ledger(repo: Repo, folder: Path) -> None:
    documents = {}
    for brand in ("alpha", "beta"):
        ledger = read_ledger(ArchiveFolder(repo.workspace), brand)
        for version in ledger.versions():
            path = f"versions/{brand}/{version.version}"
            sums = read_sums((repo.workspace / path / "SHA256SUMS").read_bytes()) or {}
            for name, digest in sums.items():
                row = (
                    version.version,
                    version.origin,
                    version.name,
                    ledger.digest(version.sequence),
                )
                documents[f"{path}/{name}"] = (name.partition("/")[0], digest, *row)
    columns = ("locale", "sha256", "version", "origin", "entry", "entry_sha256")
    listed = {row["file"]: tuple(row[name] for name in columns) for row in rows(folder)}
    assert listed == documents
    for row in rows(folder):
        assert row["redacted_by"] == ("0005-redact-2025-01-10.json" if row["file"] == GONE else "")
        if row["file"] != GONE:
            assert row["bytes"] == str((folder / row["file"]).stat().st_size)


def test_periods_are_those_that_versions_tells(repo: Repo, folder: Path) -> None:
    (brand,) = versions(repo.workspace, LATER, ["alpha"])
    told = {text.version.version: text.period for text in brand.versions}
    english = [row for row in rows(folder) if (row["brand"], row["locale"]) == ("alpha", "en")]
    assert {row["version"] for row in english} == told.keys()
    for row in english:
        period = told[row["version"]]
        never = row["state"] == "never in force"
        assert never is period.empty
        assert row["in_force_from"] == str(period.since)
        assert row["in_force_until"] == ("" if never or period.until is None else str(period.until))
    by_version = {row["version"]: row for row in english}
    day = by_version["2025-06-01"]
    assert day["in_force_from_time"] == "2025-06-01T14:00:00+02:00"
    assert by_version["2025-03-01"]["in_force_until_time"] == day["in_force_from_time"]
    assert by_version["2025-06-10"]["state"] == "never in force"
    assert by_version["2025-06-10.2"]["state"] == "upcoming"
    assert by_version["2019-05-25-imported"]["state"] == "asserted"
    assert WHO in day["signed_by"]
    assert "Stamps" in day["proven_by"]


def test_what_happened_later_is_told(folder: Path) -> None:
    told = [row for row in rows(folder, "events.csv") if row["brand"] == "alpha"]
    assert [row["kind"] for row in told] == [
        *("gap", "gap", "reschedule", "redact", "capture", "retire")
    ]
    before, retired, moved, gone, shown, ended = told
    assert (before["from"], before["until"]) == ("2019-05-25", "2025-01-10")
    assert before["until_time"] == "2025-01-10T13:00:00+01:00"
    assert (retired["locale"], retired["from"], retired["until"]) == (
        "nl",
        "2025-07-01",
        "2025-07-31",
    )
    assert retired["entry"] == ended["entry"]
    assert (moved["version"], moved["reason"]) == ("2025-03-01", "Not ready")
    assert "A court" in gone["text"]
    assert URL in shown["text"]


# --- the period ----------------------------------------------------------------------------------

DAYS = st.dates(date(2018, 1, 1), date(2026, 1, 1))
BOUNDS = st.tuples(st.none() | DAYS, st.none() | DAYS).filter(
    lambda pair: None in pair or pair[0] <= pair[1]
)
LOCALES = st.sampled_from([(), ("en",), ("nl",), ("nl", "en")])


@settings(max_examples=examples(100))
@given(bounds=BOUNDS, locales=LOCALES)
def test_a_version_is_listed_if_one_day_of_its_period_is_asked_for(
    repo: Repo,
    everything: Inventory,
    bounds: tuple[date | None, date | None],
    locales: tuple[str, ...],
) -> None:
    since, until = bounds
    listed = {
        (one.version.version, one.locale)
        for one in part(repo, since=since, until=until, locales=locales).listed
    }
    expected = set()
    for one in everything.listed:
        period = one.period
        first, last = period.since, period.since if period.empty else period.until
        assert first is not None
        meets = (until is None or first <= until) and (
            since is None or last is None or since <= last
        )
        if meets and one.locale in (locales or (one.locale,)):
            expected.add((one.version.version, one.locale))
    assert listed == expected


EDGES = ("2019-05-24T22", "2025-01-10T12", "2025-04-14T22", "2025-06-01T12", "2025-06-30T22",
         "2025-07-31T22")  # fmt: skip
"""The hours, in UTC, at which something begins or ends."""
MOMENTS = st.one_of(
    st.integers(0, 7 * 365 * 86400).map(lambda s: noon("2018-06-01") + timedelta(seconds=s)),
    st.tuples(st.sampled_from(EDGES), st.sampled_from([-1, 0, 1])).map(
        lambda edge: datetime.fromisoformat(f"{edge[0]}:00:00+00:00") + timedelta(seconds=edge[1])
    ),
)


@settings(max_examples=examples(100))
@given(
    moment=MOMENTS,
    locale=st.sampled_from(["en", "nl"]),
)
def test_each_moment_has_a_version_or_is_in_a_gap_as_get_answers(
    repo: Repo, moment: datetime, locale: str
) -> None:
    part_ = part(repo, since=date(2018, 1, 1), locales=(locale,))
    gaps = [
        gap for gap in part_.gaps if gap.begins <= moment and (not gap.ends or moment < gap.ends)
    ]
    texts = [one.version.version for one in part_.listed if one.period.meets(moment, moment)]
    try:
        answer = get(
            repo.workspace,
            "alpha",
            LATER,
            on=moment,
            locale=locale,
            write=False,
        )
    except NotInForce:
        assert (len(gaps), texts) == (1, [])
    else:
        assert (gaps, texts) == ([], [answer.version.version])


def test_a_day_is_wanted_whole_where_the_brand_is(repo: Repo) -> None:
    """The version of 10 January begins at 13:00 there: it is of that day, the import too."""
    (first, second) = part(
        repo, since=date(2025, 1, 10), until=date(2025, 1, 10), locales=("en",)
    ).listed
    assert (first.version.origin, second.version.version) == ("imported", "2025-01-10")


def test_formats_that_a_version_does_not_have_are_named(repo: Repo) -> None:
    wanted = Wanted(formats=("pdf",))
    pdfs = part(repo, formats=("pdf",))
    imported, *others = [cells(row) for row in index_rows([pdfs]) if row[3] == "en"]
    assert imported["file"] == ""
    assert "no document in the wanted formats" in imported["notes"]
    assert {row["format"] for row in others} == {"pdf"}
    assert not [path for path in pdfs.files if path.endswith("policy.html")]
    assert "no document in the formats" in page([pdfs], wanted, IndexWords("en"), Style())


def cells(row: Sequence[str]) -> dict[str, str]:
    return dict(zip(COLUMNS, row, strict=True))


def test_a_redacted_capture_is_left_out_even_if_its_bytes_are_back(
    repo: Repo, tmp_path: Path
) -> None:
    shutil.copytree(repo.root, tmp_path / "repo", symlinks=True)
    copy = Repo.of(tmp_path / "repo")
    file = "2025-06-02T120000Z-en/page.html"
    path = f"versions/alpha/captures/{file}"
    data = (copy.workspace / path).read_bytes()
    about = {"kind": "redact", "version": "2025-06-02", "file": f"captures/{file}"}
    why = {"reason": "A name", "authority": "A court", "digest": sha256(data)}
    appended(copy, Redact, "2025-06-13", **about, **why)
    (copy.workspace / path).unlink()
    for _ in range(2):
        there = part(copy)
        assert path not in there.files
        assert f"versions/alpha/captures/{file.partition('/')[0]}/headers.txt" in there.files
        assert [recorded.entry.kind for recorded in there.events][-1] == "redact"
        (copy.workspace / path).write_bytes(data)


def test_a_brand_without_the_language_is_not_called_complete(repo: Repo) -> None:
    wanted = Wanted(locales=("nl",))
    lineage = Lineage(ArchiveFolder(repo.workspace))
    beta = inventory(repo.workspace, lineage, NOBODY, "beta", wanted)
    said = page([part(repo, locales=("nl",)), beta], wanted, IndexWords("en"), Style())
    assert (beta.listed, beta.gaps) == ((), ())
    assert str(IndexWords("en")("versions_none")) in said
    assert str(IndexWords("en")("gaps_none")) not in said


def test_a_brand_has_what_it_had_under_its_former_name(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    old = "brands/alpha/brand.yaml"
    new = SMALL[old].replace("alpha", "gamma").replace("Alpha", "Gamma") + "was: [alpha]\n"
    repo.commit({old: None, "brands/gamma/brand.yaml": new}, date="2025-02-01T12:00:00+0000")
    released(repo, "2025-02-02", "gamma")
    lineage = Lineage(ArchiveFolder(repo.workspace))
    for name in ("alpha", "gamma"):
        both = inventory(repo.workspace, lineage, NOBODY, name, Wanted())
        told = [(row[0], row[1], row[-1]) for row in index_rows([both]) if row[4] == "pdf"]
        assert told == [
            ("alpha", "2025-01-10", "0001-release-2025-01-10.json"),
            ("gamma", "2025-02-02", "0001-release-2025-02-02.json"),
        ]
        assert both.gaps == ()
        assert both.subject.brand.name == "Gamma"
        assert {path.split("/")[1] for path in both.files} == {"alpha", "gamma"}


def test_a_gap_names_what_retired_the_brand(tmp_path: Path) -> None:
    """The version that was to begin on that day does have the language."""
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20", in_force=date(2025, 3, 1))
    retire(repo.workspace, "alpha", date(2025, 3, 1), "Sold", AppendOptions(noon("2025-02-01")))
    (gap,) = part(repo).gaps
    assert gap.begins == datetime(2025, 2, 28, 23, tzinfo=UTC)
    assert gap.ends is None
    assert gap.after is not None
    assert gap.after.kind == "retire"


# --- the same bytes, whole or nothing ------------------------------------------------------------


@pytest.mark.thorough
def test_the_same_bytes_whatever_the_clock_and_the_zone(
    repo: Repo, tmp_path: Path, process: Run
) -> None:
    asked: dict[str, Any] = {"since": date(2025, 6, 20), "locales": ("en",), "formats": ("pdf",)}
    one = exported(repo, tmp_path / "one.zip", **asked)
    done = process(
        *("export", "alpha", "--since", "2025-06-20", "--locale", "en", "--format", "pdf"),
        *("--output", "deep/other.zip", "--json", "--workspace", str(repo.workspace)),
        cwd=tmp_path, TZ="Asia/Tokyo", PYTHONHASHSEED="7", LC_ALL="C",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "deep/other.zip").read_bytes()
    assert data == (tmp_path / "one.zip").read_bytes()
    assert json.loads(done.stdout)["sha256"] == sha256(data) == one.sha256
    with zipfile.ZipFile(tmp_path / "one.zip") as zipped:
        infos = zipped.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(2025, 6, 11, 12, 0, 0)}
    exported(repo, tmp_path / "one.zip", **asked)  # the same file is there already


def test_from_the_command_line(done: Done) -> None:
    for line in ("alpha, 6 versions", "beta, 1 version", GONE, "index.pdf and events.csv"):
        assert line in done.printed
    assert sha256((done.folder / "SHA256SUMS").read_bytes()) in done.printed
    check = next(line.split("  ")[-1] for line in done.printed.splitlines() if "  check" in line)
    subprocess.run(["sh", "-c", check], cwd=done.folder.parent, check=True, capture_output=True)


def test_a_full_disk_leaves_nothing(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def full(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) > 5:
            raise OSError(28, "No space left on device")
        write_file(path, data)

    monkeypatch.setattr("publisher.archive.evidence.export.write_file", full)
    with pytest.raises(CannotWrite, match="no space left"):
        exported(repo, tmp_path / "out", ("beta",))
    assert len(written) > 5
    assert [*tmp_path.iterdir()] == []


DAMAGE = (
    "versions/alpha/2025-03-01/nl/policy.md",
    "versions/alpha/2025-06-01/SHA256SUMS",
    "versions/alpha/2025-01-10/SHA256SUMS",
    "versions/alpha/ledger/0002-release-2025-01-10.json",
    "versions/alpha/ledger/0006-release-2025-06-01.json.sig",
    "versions/alpha/ledger/*-timestamp-*.json.tsr",
    "versions/alpha/captures/2025-06-02T120000Z-en/page.html",
    "versions/alpha/captures/2025-06-02T120000Z-en/capture.json",
)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("path", DAMAGE)
def test_nothing_damaged_is_handed_out(
    repo: Repo, tmp_path: Path, path: str, missing: bool
) -> None:
    root = shutil.copytree(repo.workspace, tmp_path / "copy", symlinks=True)
    file = next(root.glob(path))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink() if missing else file.write_bytes(data)
    request = ExportRequest(("alpha",), tmp_path / "out", formats=("pdf",))
    with pytest.raises(
        ArchiveDamaged, match="missing" if missing else "altered|does not|is by|not a sig"
    ) as fault:
        export(root, request)
    assert fault.value.exit_code == 3
    assert [*tmp_path.iterdir()] == [root]


# --- a spreadsheet -------------------------------------------------------------------------------


def test_no_cell_is_a_formula(folder: Path) -> None:
    cells = {cell for row in rows(folder) for cell in row.values()}
    assert """'=HYPERLINK("x")""" in cells
    assert "'@agency, in “a mail”" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert [*rows(folder)[0]] == [*COLUMNS]


@given(st.lists(st.text(st.characters(exclude_characters="\r", codec="utf-8")), min_size=1))
def test_whatever_a_cell_has_is_read_again(cells: list[str]) -> None:
    (row,) = csv.reader(StringIO(csv_bytes([[*cells, "x"]]).decode("utf-8-sig"), newline=""))
    for cell, own in zip(row, cells, strict=False):
        assert cell in (own, f"'{own}")
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


# --- the index -----------------------------------------------------------------------------------


def test_the_index_tells_all(repo: Repo, folder: Path) -> None:
    said = text(folder / "index.pdf")
    for row in rows(folder):
        assert row["sha256"] in said
        assert row["entry_sha256"] in said
    for row in rows(folder, "events.csv"):
        assert row["text"].replace("\xa0", " ") in said
    for words in ("upcoming at that entry", "never in force", "2025-06-01 14:00:00", "Not ready"):
        assert words in said
    for brand in ("alpha", "beta"):
        ledger = read_ledger(ArchiveFolder(repo.workspace), brand)
        assert ledger.digest(len(ledger)) in said


def test_an_outsider_follows_the_index(folder: Path, tmp_path: Path) -> None:
    programs = few(tmp_path / "bin")
    (files, documents, lists, *chains) = commands(folder / "index.pdf")
    assert shell(files, folder, programs).stdout == "OK\n"
    done = shell(documents, folder, programs)
    assert done.stdout.count(": OK\n") == done.stdout.count("\n") == len(rows(folder)) - 1
    done = shell(lists, folder, programs)
    assert done.stdout.count(": OK\n") == done.stdout.count("\n") == 7
    for brand, chain in zip(("alpha", "beta"), chains, strict=True):
        newest = max((folder / f"versions/{brand}/ledger").glob("*.json"))
        assert shell(chain, folder, programs).stdout == f'OK\n"{sha256(newest.read_bytes())}"\n'


def test_the_language_is_the_one_named_or_the_only_one(
    repo: Repo, everything: Inventory, tmp_path: Path
) -> None:
    dutch = part(repo, locales=("nl",))
    own = FolderSource(tmp_path)

    def language(named: str | None, *inventories: Inventory) -> str:
        return index_words(named, inventories, own).locale

    assert language(None, dutch) == "nl"
    assert language(None, everything) == language(None, dutch, everything) == "en"
    assert language("fr-BE", dutch) == "fr-BE"
    with pytest.raises(UnknownName):
        language("sv", dutch)
    write(tmp_path, {"shared/labels/sv.yaml": english_file().decode()})
    assert language("sv", dutch) == "sv"


@pytest.mark.thorough
def test_verapdf_finds_every_index_valid(repo: Repo, tmp_path: Path) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("no JDK: `make test` installs it where it may")
    indexes = []
    for locale in languages():
        exported(repo, tmp_path / locale, ("alpha", "beta"), language=locale)
        indexes.append(tmp_path / locale / "index.pdf")
    done = subprocess.run(
        [VERAPDF, "3a,ua1", *indexes],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 2 * len(indexes)
    for locale, pdf in zip(languages(), indexes, strict=True):
        assert PdfReader(pdf).trailer["/Root"]["/Lang"] == locale
        assert str(IndexWords(locale)("title")) in text(pdf)
