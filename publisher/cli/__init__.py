"""Arguments → one task → output → exit code; nothing else."""

from __future__ import annotations

import io
import sys

from publisher.cli import archive, compare, endorse, past, policies, site, timestamp
from publisher.cli.app import app
from publisher.cli.terminal import failure
from publisher.errors import PublisherError

_COMMANDS = (
    archive,
    compare,
    endorse,
    past,
    policies,
    site,
    timestamp,
)  # each adds its own to the app


INTERRUPTED = 130
"""What Typer ends with after a ^C."""


def main() -> None:
    """Run the command line; every failure that is no bug ends in a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            failure("interrupted; nothing is half-written")
        raise
    except PublisherError as fault:
        failure(str(fault))
        sys.exit(fault.exit_code)
    except OSError as fault:  # no room behind a pipe, too many files open
        failure(f"the system refused: {fault}; free what it lacks, then try again")
        sys.exit(4)
