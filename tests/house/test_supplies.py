"""What publisher depends on: its licences, its bill of materials, and advisories on it."""

from __future__ import annotations

import json
import re
import runpy
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import ROOT

SUPPLIES = runpy.run_path(str(ROOT / "scripts/supplies.py"))
PINNED = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def test_the_page_of_licences_is_as_the_script_writes_it() -> None:
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([\w.-]+) \|", page.partition("depends on")[2], re.MULTILINE) == [
        "package",
        "---",
        *PINNED,
    ]
    assert page == SUPPLIES["licences"]()
    for font in (ROOT / "publisher/data/fonts").glob("*.txt"):
        assert f"`publisher/data/fonts/{font.name}`" in page


def test_the_bill_of_materials_names_every_pinned_package_once() -> None:
    bom = SUPPLIES["bom"]()
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.6", 1)
    libraries = [part for part in bom["components"] if part["type"] == "library"]
    assert [part["name"] for part in libraries] == PINNED
    assert all(re.fullmatch(r"pkg:pypi/[a-z0-9.-]+@\S+", part["purl"]) for part in libraries)
    references = [part["bom-ref"] for part in bom["components"]]
    assert len(set(references)) == len(references)
    assert bom["dependencies"] == [{"ref": "publisher", "dependsOn": references}]


@pytest.fixture
def database() -> Iterator[str]:
    """A database that knows an advisory on the first package of a question."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            results: list[dict[str, object]] = [{} for _ in question["queries"]]
            results[0] = {"vulns": [{"id": "PYSEC-1"}]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_an_advisory_is_named(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert SUPPLIES["audit"](database) == 1
    assert re.fullmatch(rf"{PINNED[0]} \S+: PYSEC-1\n", capsys.readouterr().out)


def test_no_database_can_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
    assert SUPPLIES["audit"]("http://127.0.0.1:1/") == 4
    assert capsys.readouterr().err.startswith("nothing was audited: http://127.0.0.1:1/ cannot be")
