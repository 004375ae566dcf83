"""Every bad input: the exact message with its place and fix, the exit code, nothing written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import ROOT
from support import (
    bad_archives,
    bad_mailings,
    bad_notices,
    bad_past,
    bad_proofs,
    bad_sites,
    bad_starts,
)
from support.archives import archive, noon, state
from support.bad_inputs import CASES, Case
from support.messages import FOLDER, line_of, pattern
from support.workspaces import Repo, write

from publisher.build.build import build
from publisher.cli import main
from publisher.errors import PublisherError

TABLE = ROOT / "docs" / "problems.md"
ARCHIVES = (*bad_archives.CASES, *bad_proofs.CASES, *bad_past.CASES)
SITES = bad_sites.CASES
NOTICES = (*bad_notices.CASES, *bad_mailings.CASES)


def told(repo: Repo, case: Case, out: Path) -> tuple[int, list[str]]:
    """Build the first brand; return the exit code and the messages."""
    try:
        report = build(repo.workspace, out, brands=["alpha"], at=case.at, jobs=1)
    except PublisherError as fault:
        return fault.exit_code, [str(fault)]
    return int(bool(report.failed)), [str(problem) for problem in report.problems]


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two versions and words since."""
    repo = archive(tmp_path_factory.mktemp("past") / "repo")
    bad_archives.past(repo)
    return repo.root


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_bad_input(repo: Repo, tmp_path: Path, case: Case) -> None:
    write(repo.workspace, case.files)
    if case.prepare is not None:
        case.prepare(repo)
    code, messages = told(repo, case, tmp_path / "out")
    assert code == case.code
    assert any(pattern(case.message).fullmatch(message) for message in messages), messages
    assert not (tmp_path / "out").exists()


def test_the_documentation_lists_them_all(request: pytest.FixtureRequest) -> None:
    head, mark, _ = TABLE.read_text(encoding="utf-8").partition("<!-- table -->\n")
    titles = "\n| what | message | code |\n| --- | --- | --- |\n"
    table = f"{head}{mark}{titles}{rows(CASES)}"
    table += f"\n## Releases and the archive\n{titles}{rows(ARCHIVES)}"
    table += f"\n## The public site, and pages on the web\n{titles}{rows((*SITES, *bad_sites.WEB))}"
    table += f"\n## Notices to customers\n{titles}{rows(NOTICES)}"
    table += f"\n## A new workspace\n{titles}{rows(bad_starts.CASES)}"
    if request.config.getoption("--update-golden"):
        TABLE.write_text(table, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == table


@pytest.mark.parametrize("case", [*ARCHIVES, *SITES, *NOTICES], ids=lambda case: case.what)
def test_a_bad_archive(
    past: Path,
    tmp_path: Path,
    case: bad_archives.Case,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if "another user" in case.what and os.geteuid() != 0:
        pytest.skip("only root gives files to another user")
    shutil.copytree(past, tmp_path / "repo", symlinks=True)
    repo = Repo.of(tmp_path / "repo")
    case.prepare(repo)
    links = any(path.is_symlink() for path in (repo.workspace / "versions").rglob("*"))
    before = None if "another user" in case.what else state(repo)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    monkeypatch.setenv("COLUMNS", "80")
    asked = (each.replace("{workspace}", str(repo.workspace)) for each in case.command)
    arguments = (*asked, "--workspace", str(repo.workspace))
    if case.blocks is not None:
        limited = f'ulimit -f {case.blocks}; exec "$0" -m publisher "$@"'
        command = ["sh", "-c", limited, sys.executable, *arguments]
        code = subprocess.run(command, check=False).returncode
    else:
        monkeypatch.setattr(sys, "argv", ["publisher", *arguments])
        for module in ("archive", "compare", "notices", "notices_mail", "options", "past", "site"):
            monkeypatch.setattr(f"publisher.cli.{module}.now", lambda: noon("2025-06-15"))
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
    told = "".join(capfd.readouterr())
    assert line_of(case.message.replace(FOLDER, str(repo.workspace)), told), told
    assert code == case.code
    assert "Traceback" not in told
    assert before is None or links or state(repo) == before, "nothing is written"
    assert [*(tmp_path / "away").iterdir()] == []


def rows(
    cases: Iterable[Case | bad_archives.Case | bad_sites.WebCase | bad_starts.StartCase],
) -> str:
    """Return the rows of a table in the documentation."""
    return "".join(
        f"| {case.what.replace('|', chr(92) + '|')} | {shown(case.message)} | {case.code} |\n"
        for case in cases
    )


def shown(message: str) -> str:
    """Return a message as code in a Markdown table, whatever it has."""
    ticks = "``" if "`" in message else "`"
    space = " " if "`" in message else ""
    return f"{ticks}{space}{message.replace('|', chr(92) + '|')}{space}{ticks}"
