"""What `--json` prints has the form that `publisher schema` publishes for it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archives import DATA, archive, released, say
from support.workspaces import Repo, clause

from publisher.cli import main
from publisher.cli.json import Form, text
from publisher.cli.json import text as as_json
from publisher.cli.schema import schemas


@cache
def by_name() -> dict[str, Any]:
    """Return the schemas of the files, by name: made where a test asks, as each process collects all tests."""
    return {name: json.loads(schema) for name, schema in schemas().items()}


COMMANDS = {
    "build": "--format markdown --output {out}",
    "bundle": "get alpha --bundle --output {out}.zip",
    "check": "",
    "check-explain": "check --explain basis",
    "check-links": "check --links",
    "diff": "diff alpha current draft",
    "doctor": "",
    "drift": "drift alpha versions/alpha/2025-01-20/en/policy.html",
    "export": "export alpha --output {out}.zip",
    "get": "get alpha --version 2025-01-10 --format html --output {out}.html",
    "history": "history alpha",
    "history-overrides": "history --overrides",
    "impact": "impact HEAD",
    "search": "search second",
    "site": "--base-url https://acme.example/ --output {out}",
    "site-due": "site --check-due --output {out}",
    "status": "",
    "verify": "",
    "versions": "",
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A brand with two versions and, in the working tree, a change and a question."""
    repo = archive(tmp_path_factory.mktemp("json") / "repo")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    repo.commit(
        {
            "shared/clauses/en/rights.md": clause("[Ours](https://acme.example).", "Your rights"),
            "brands/beta/clauses/en/who.md": clause("We are Beta.", "Who we are"),
        },
        "rights",
        "2025-01-21T12:00:00+0000",
    )
    (repo.workspace / DATA).write_text(clause("{{ company.name }} has more words.", "Your data"))
    return repo


@pytest.mark.parametrize("name", COMMANDS)
def test_json_has_its_published_form(
    name: str,
    repo: Repo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(repo.workspace)
    arguments = COMMANDS[name].format(out=tmp_path / "out")
    command = arguments if arguments and not arguments.startswith("--") else f"{name} {arguments}"
    monkeypatch.setattr("sys.argv", ["publisher", *command.split(), "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (None, 0, int(name == "site-due"))
    said = json.loads(capfd.readouterr().out)
    assert said, "an empty list proves nothing"
    jsonschema.validate(said, by_name()[f"{name}-output.json"])


def test_every_output_has_a_schema_and_a_command_here() -> None:
    published = {name.removesuffix("-output.json") for name in by_name() if "-output" in name}
    assert published == {*COMMANDS, "notices-send", "notices-told"}  # tests/notices has a server


def test_names_that_are_no_utf_8_are_told() -> None:
    class Named(Form):
        name: str

    assert text(Named, Named(name="caf\udce9")) == '{\n  "name": "caf\\udce9"\n}'


@given(words=st.text())
def test_what_steers_a_terminal_is_escaped(words: str) -> None:
    told = as_json(str, words)
    assert json.loads(told) == words
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", told)
