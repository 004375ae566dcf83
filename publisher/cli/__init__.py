"""Arguments → one task → report → exit code; nothing else."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from publisher import __version__
from publisher.errors import PublisherError
from publisher.report.terminal import failure, line

INTERRUPTED = 130
"""What Typer ends with after a ^C."""

app = typer.Typer(
    name="publisher",
    help="Publish the privacy policies of every brand of a company, and prove what they said.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: [bold]publisher build cloudnovi --format pdf[/bold]",
)


def _version(asked: bool) -> None:
    if asked:
        line(f"publisher {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version."),
    ] = False,
) -> None:
    pass


from publisher.cli import archive, compare, endorse, past, policies, timestamp  # noqa: E402, F401 - which add their commands


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
