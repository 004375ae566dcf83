"""``publisher init`` asks on a terminal, and there only."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import yaml

GIT = {
    f"GIT_{who}_{key}": value
    for who in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Ops"), ("EMAIL", "ops@shop.example"))
}


def _on_a_terminal(cwd: Path, arguments: tuple[str, ...], typed: list[tuple[str, str]]) -> str:
    """Run the command on a terminal; type each answer once its question is there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "publisher", "init", "new", "--toolkit", "x", *arguments]
    environment = {**os.environ, **GIT, "COLUMNS": "80", "TERM": "dumb"}
    with subprocess.Popen(
        command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown, waiting, end = "", [*typed], time.monotonic() + 60
        seen = 0
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                shown += os.read(ours, 4096).decode()
            except OSError:
                break
            if waiting and waiting[0][0] in shown[seen:]:
                seen = len(shown)
                os.write(ours, waiting.pop(0)[1].encode())
        process.terminate()
    os.close(ours)
    assert not waiting, shown
    return shown


def test_a_terminal_is_asked_for_what_no_option_gave_until_it_is_right(tmp_path: Path) -> None:
    shown = _on_a_terminal(
        tmp_path,
        ("--contact", "privacy@a.example"),
        [
            ("Company", "Prairie Goods Inc.\n"),
            ("Country", "Texas\n"),
            ("Country", "us\n"),
            ("Brands", "a=a.example, b=b.example\n"),
            ("Languages", "en-US fr\n"),
            ("Time zone", "America/Chicago\n"),
        ],
    )
    assert "--country takes two letters such as BE or US, not 'Texas'" in shown
    assert "Mailbox" not in shown
    company = yaml.safe_load((tmp_path / "new/shared/company.yaml").read_text())
    assert (company["name"], company["country"]) == ("Prairie Goods Inc.", "US")
    brand = yaml.safe_load((tmp_path / "new/brands/b/brand.yaml").read_text())
    assert brand["locales"] == ["en-US", "fr"]
    assert (brand["contact"], brand["timezone"]) == ("privacy@a.example", "America/Chicago")


def test_yes_asks_nothing_on_a_terminal(tmp_path: Path) -> None:
    shown = _on_a_terminal(tmp_path, ("--company", "A", "--brand", "a=a.example", "--yes"), [])
    assert "Country" not in shown
    assert (tmp_path / "new/.git").is_dir()


def test_who_ends_the_questions_leaves_nothing(tmp_path: Path) -> None:
    _on_a_terminal(tmp_path, (), [("Company", "\x04")])  # the end of what is typed, ^D
    assert [*tmp_path.iterdir()] == []
