"""Every bad input: the exact message with its place and mend, the exit code, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_inputs import CASES, Case
from conftest import ROOT
from workspaces import Repo, write

from publisher.errors import PublisherError
from publisher.tasks.build import build

TABLE = ROOT / "docs" / "problems.md"


def told(repo: Repo, case: Case, out: Path) -> tuple[int, list[str]]:
    """Build the first brand; return the exit code and the messages."""
    try:
        report = build(repo.workspace, out, brands=["alpha"], at=case.at, jobs=1)
    except PublisherError as fault:
        return fault.exit_code, [str(fault)]
    return int(bool(report.failed)), [str(problem) for problem in report.problems]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_bad_input(repo: Repo, tmp_path: Path, case: Case) -> None:
    write(repo.workspace, case.files)
    if case.prepare is not None:
        case.prepare(repo)
    code, messages = told(repo, case, tmp_path / "out")
    assert code == case.code
    whole = case.code == 1 or case.message in messages
    assert any(case.message == m if whole else case.message in m for m in messages), messages
    assert not (tmp_path / "out").exists()


def test_the_documentation_lists_them_all(request: pytest.FixtureRequest) -> None:
    head, mark, _ = TABLE.read_text(encoding="utf-8").partition("<!-- table -->\n")
    rows = "".join(
        f"| {case.what.replace('|', chr(92) + '|')} | {shown(case.message)} | {case.code} |\n"
        for case in CASES
    )
    table = f"{head}{mark}\n| what | message | code |\n| --- | --- | --- |\n{rows}"
    if request.config.getoption("--update-golden"):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table


def shown(message: str) -> str:
    """Return a message as code in a Markdown table, whatever it has."""
    ticks = "``" if "`" in message else "`"
    space = " " if "`" in message else ""
    return f"{ticks}{space}{message.replace('|', chr(92) + '|')}{space}{ticks}"
