"""The command line's root, to which every module of commands adds its own."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher import __version__
from publisher.cli.terminal import line

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
