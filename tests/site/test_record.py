"""What the web showed is kept beside the versions, and told by the ledger where it is new."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from support.archives import archive, noon, released, say, state
from support.workspaces import Repo

from publisher.archive.captures import Captured, read_record
from publisher.archive.entries import Capture
from publisher.archive.evidence.bundle import bundle
from publisher.archive.evidence.export import ExportRequest, export
from publisher.archive.folder import read_ledger
from publisher.archive.get import Request
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import correct_clock, redact
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.errors import AskedWrongly, Refused
from publisher.repository.source import ArchiveFolder
from publisher.site import drift as module
from publisher.site.drift import drift
from publisher.site.drift_fetch import Fetched
from publisher.site.drift_record import Recorded, record

URL = "https://alpha.example/privacy"
HEADERS = (("Content-Type", "text/html"), ("ETag", '"1"'))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = archive(tmp_path / "repo")
    released(made, "2025-01-10")
    say(made, "We keep your name and address.", date="2025-01-11T12:00:00+0000")
    released(made, "2025-01-20")
    return made


class Web:
    """A web with one page, which shows a version of a repository."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.page = b""

    def shows(self, version: str, old: str = "", new: str = "") -> None:
        path = self.repo.workspace / f"versions/alpha/{version}/en/policy.html"
        self.page = path.read_text().replace(old, new).encode()

    def recorded(self, when: datetime) -> Recorded:
        found = drift(self.repo.workspace, "alpha", when, page=URL)
        return record(self.repo.workspace, found, AppendOptions(when))


@pytest.fixture
def web(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Web:
    made = Web(repo)
    fetched = lambda url, allowed: Fetched(url, made.page, "html", None, 200, HEADERS)  # noqa: E731
    monkeypatch.setattr(module, "fetch", fetched)
    return made


def entries(repo: Repo) -> list[Capture]:
    return [*read_ledger(ArchiveFolder(repo.workspace), "alpha").of(Capture)]


def test_a_page_is_kept_with_its_headers_and_its_verdict(repo: Repo, web: Web) -> None:
    web.shows("2025-01-20")
    kept = web.recorded(noon("2025-02-01")).folder
    assert kept.name == "2025-02-01T120000Z-en"
    assert (kept / "page.html").read_bytes() == web.page
    assert (kept / "headers.txt").read_text() == 'HTTP 200\nContent-Type: text/html\nETag: "1"\n'
    assert json.loads((kept / "capture.json").read_text())["shown"] == "in-force"
    assert repo.git("status", "--porcelain") == ""
    (entry,) = entries(repo)
    assert (entry.shown, entry.version, entry.url) == ("in-force", "2025-01-20", URL)
    assert verify(repo.workspace).findings == ()


def test_the_ledger_has_an_entry_only_where_the_verdict_changes(repo: Repo, web: Web) -> None:
    for day, version in (("01", "2025-01-20"), ("02", "2025-01-20"), ("03", "2025-01-10")):
        web.shows(version)
        web.recorded(noon(f"2025-02-{day}"))
    web.shows("2025-01-20", "name and address", "name, address")
    web.recorded(noon("2025-02-04"))
    said = [(entry.shown, entry.version) for entry in reversed(entries(repo))]
    assert said == [
        ("in-force", "2025-01-20"),
        ("another-version", "2025-01-10"),
        ("other-words", "2025-01-20"),
    ]
    assert len([*(repo.workspace / "versions/alpha/captures").iterdir()]) == 4
    assert verify(repo.workspace).findings == ()
    released(repo, "2025-03-01", editorial=True, reason="Nothing")


@pytest.mark.parametrize("name", ["page.html", "headers.txt", "capture.json"])
def test_a_capture_that_was_altered_is_found(repo: Repo, web: Web, name: str) -> None:
    web.shows("2025-01-20")
    kept = web.recorded(noon("2025-02-01")).folder
    (kept / name).write_bytes((kept / name).read_bytes() + b" ")
    found = [each.path for each in verify(repo.workspace).findings]
    assert f"versions/alpha/captures/{kept.name}/{name}" in found
    (kept / name).unlink()
    found = [each.path for each in verify(repo.workspace).findings]
    assert f"versions/alpha/captures/{kept.name}/{name}" in found


@pytest.mark.parametrize("name", ["page\0.html", "../page.html", "", "."])
def test_a_capture_has_files_of_its_own(repo: Repo, web: Web, name: str) -> None:
    web.shows("2025-01-20")
    kept = web.recorded(noon("2025-02-01")).folder
    document = json.loads((kept / "capture.json").read_text())
    document["files"][name] = document["files"].pop("page.html")
    data = f"{json.dumps(document, indent=1)}\n".encode()
    assert read_record((kept / "capture.json").read_bytes(), kept.name) is not None
    assert read_record(data, kept.name) is None


def test_a_stray_file_among_captures_is_found(repo: Repo, web: Web) -> None:
    web.shows("2025-01-20")
    kept = web.recorded(noon("2025-02-01")).folder
    (kept / "more.txt").write_text("x")
    (finding,) = verify(repo.workspace).findings
    assert "does not belong in the archive" in str(finding)


def test_a_captured_page_can_be_redacted(repo: Repo, web: Web) -> None:
    web.shows("2025-01-20")
    kept = web.recorded(noon("2025-02-01")).folder
    asked = AppendOptions(noon("2025-02-02"))
    file = f"{kept.name}/page.html"
    redact(repo.workspace, "alpha", "captures", file, "A name", "A court", asked)
    assert not (kept / "page.html").exists()
    checked = verify(repo.workspace)
    assert checked.findings == ()
    assert any("page.html was redacted by entry 4" in note for note in checked.notes)
    with pytest.raises(Refused, match="is redacted already"):
        redact(repo.workspace, "alpha", "captures", file, "A name", "A court", asked)
    (kept / "page.html").write_bytes(web.page)
    assert verify(repo.workspace).findings


def test_status_and_a_bundle_know_the_last(repo: Repo, web: Web, tmp_path: Path) -> None:
    web.shows("2025-01-10")
    kept = web.recorded(noon("2025-02-01")).folder
    (alpha,) = (
        each for each in status(repo.workspace, noon("2025-02-02")) if each.brand == "alpha"
    )
    assert alpha.web is not None
    assert (alpha.web.shown, alpha.web.version) == ("another-version", "2025-01-10")
    made = bundle(repo.workspace, Request("alpha", noon("2025-02-02"), output=tmp_path / "b.zip"))
    names = zipfile.ZipFile(tmp_path / "b.zip").namelist()
    assert any(name.endswith(f"captures/{kept.name}/page.html") for name in names), made


def test_a_capture_by_a_clock_that_was_ahead_is_not_the_last(
    repo: Repo, web: Web, tmp_path: Path
) -> None:
    web.shows("2025-01-10")
    ahead = web.recorded(noon("2027-02-01")).folder
    assert web.recorded(noon("2027-02-02")).appended is None
    asked = AppendOptions(noon("2025-02-02"))
    right = noon("2025-02-01").replace(tzinfo=None)
    correct_clock(repo.workspace, "alpha", [right], "it was ahead", asked)
    assert last(repo, "2025-02-03").captured == noon("2025-02-01").replace(hour=11)
    web.shows("2025-01-20")
    newest = web.recorded(noon("2025-02-04")).folder
    assert last(repo, "2025-02-05").shown == "in-force"
    bundle(repo.workspace, Request("alpha", noon("2025-02-05"), output=tmp_path / "b.zip"))
    names = zipfile.ZipFile(tmp_path / "b.zip").namelist()
    kept = {name.split("captures/")[1].split("/")[0] for name in names if "captures/" in name}
    assert kept == {newest.name}
    period = date(2025, 1, 25), date(2025, 2, 3)
    export(repo.workspace, ExportRequest(("alpha",), tmp_path / "out", *period))
    assert [*(tmp_path / "out").rglob(ahead.name)]
    assert verify(repo.workspace).findings == ()


def last(repo: Repo, day: str) -> Captured:
    """Return what `status` says on a day that the web showed last."""
    (web,) = (one.web for one in status(repo.workspace, noon(day)) if one.brand == "alpha")
    assert web is not None
    return web


def test_a_saved_page_is_not_recorded(repo: Repo) -> None:
    before = state(repo)
    page = repo.workspace / "versions/alpha/2025-01-20/en/policy.html"
    found = drift(repo.workspace, "alpha", noon("2025-02-01"), page=str(page))
    with pytest.raises(AskedWrongly, match="keeps what the web shows, not a saved file"):
        record(repo.workspace, found, AppendOptions(noon("2025-02-01")))
    assert state(repo) == before
