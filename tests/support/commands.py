"""The command line within the process of the tests: a start costs more than most commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile
from unittest.mock import patch

from publisher.cli import main


@contextmanager
def _written_to(number: int, stream: TextIOWrapper) -> Iterator[None]:
    """Let what is written to a file descriptor go to a stream: bytes pass by `sys.stdout`."""
    before = os.dup(number)
    os.dup2(stream.fileno(), number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(before, number)
        os.close(before)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set variables; those that a library sets in the meantime, once for all, stay."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({name: value} if value is not None else {})


def called(*arguments: str, cwd: Path) -> CompletedProcess[str]:
    """Run the command line in a folder, as if into files; return its output and exit code."""
    with (
        TextIOWrapper(TemporaryFile(), encoding="utf-8") as out,
        TextIOWrapper(TemporaryFile(), encoding="utf-8") as err,
        Path(os.devnull).open() as nothing,
    ):
        with (
            chdir(cwd),
            _written_to(1, out),
            _written_to(2, err),
            redirect_stdout(out),
            redirect_stderr(err),
            patch.object(sys, "stdin", nothing),
            patch.object(sys, "argv", ["publisher", *arguments]),
            _environment(COLUMNS="80", NO_COLOR="1"),
        ):
            try:
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        for stream in (out, err):
            stream.seek(0)
        return CompletedProcess(sys.argv, code, out.read(), err.read())
