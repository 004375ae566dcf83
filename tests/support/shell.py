"""The command line in this process, as a user meets it: faster than a process for each command."""

from __future__ import annotations

import re
from dataclasses import dataclass

from typer.testing import CliRunner

from publisher.cli.app import app_for
from publisher.errors import PublisherError

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it printed."""

    code: int
    out: str
    err: str


def publisher(*arguments: str, width: int = 80, terminal: bool = False, **env: str) -> Ended:
    """Run a command with its output in a pipe, or on a `terminal` of a `width`."""
    columns = {"COLUMNS": str(width), "NO_COLOR": "1", "CI": ""}
    screen = {"TTY_COMPATIBLE": "1" if terminal else "0"}
    result = CliRunner().invoke(app_for(()), arguments, env={**columns, **screen, **env})
    out, err = (_STYLE.sub("", text) for text in (result.stdout, result.stderr))
    if isinstance(result.exception, PublisherError):
        fault = result.exception
        return Ended(fault.exit_code, out, f"{err}error: {fault}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, out, err)
