"""Arguments → one task → report → exit code; nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from publisher import __version__, report
from publisher.cli.options import (
    At,
    Brands,
    Formats,
    Jobs,
    Json,
    Locales,
    NoCache,
    Output,
    WorkspaceDir,
    root_of,
)
from publisher.errors import NotAWorkspace, PublisherError

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
        report.line(f"publisher {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: [bold]publisher build cloudnovi --locale en --format pdf[/bold]")
def build(
    brands: Brands = None,
    locale: Locales = None,
    format: Formats = None,
    at: At = None,
    output: Output = Path("build"),
    jobs: Jobs = None,
    no_cache: NoCache = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Write each policy as HTML, PDF, Markdown and JSON: what would be published.

    The files are DIR/BRAND/LOCALE/policy.{html,pdf,md,json}.
    """
    from publisher.cache import Cache, cache_folder
    from publisher.tasks.build import build as task

    with report.progress() as progress:
        result = task(
            root_of(workspace),
            output,
            brands=brands or (),
            locales=locale or (),
            formats=format or (),
            at=at,
            jobs=jobs,
            cache=None if no_cache else Cache(cache_folder()),
            progress=progress,
        )
    report.build(result, json=json)
    raise typer.Exit(1 if result.failed else 0)


@app.command(epilog="Example: [bold]publisher check[/bold]")
def check(
    brands: Brands = None, at: At = None, json: Json = False, workspace: WorkspaceDir = None
) -> None:
    """Print every problem and every open question; fail if there is an error."""
    from publisher.tasks.check import check as task

    result = task(root_of(workspace), brands=brands or (), at=at)
    report.check(result, json=json)
    raise typer.Exit(1 if any(p.severity == "error" for p in result.problems) else 0)


@app.command(epilog="Example: [bold]publisher history cloudnovi --since 2026-01-01[/bold]")
def history(
    brand: Annotated[
        str, typer.Argument(metavar="BRAND", help="The brand.", autocompletion=_brand_names)
    ],
    locale: Locales = None,
    clause: Annotated[
        str | None,
        typer.Option("--clause", metavar="ID", help="Only this clause, under whatever id it had."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Only what was changed on that day or later."),
    ] = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Tell when and how the words of a brand's policies changed, newest first."""
    from publisher.tasks.history import history as task
    from publisher.tasks.history import parse_day

    with report.progress() as progress:
        told = task(
            _root(workspace),
            brand,
            locales=locale or (),
            clause=clause,
            since=None if since is None else parse_day(since),
            progress=progress,
        )
    report.history(told, json=json)
    raise typer.Exit(1 if any(each.errors for each in told) else 0)


@app.command(epilog="Example: [bold]publisher schema[/bold]")
def schema(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="DIR", help="Where to; else the workspace's shared/schemas."
        ),
    ] = None,
    workspace: WorkspaceDir = None,
) -> None:
    """Write JSON Schemas of every YAML file, so that an editor completes and checks them."""
    from publisher.tasks.schema import write_schemas

    report.written(write_schemas(output or root_of(workspace) / "shared" / "schemas"))


@app.command(epilog="Example: [bold]publisher doctor[/bold]")
def doctor(json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Say what this machine lacks, and how to get it."""
    from publisher.tasks.doctor import doctor as task

    try:
        root: Path | None = root_of(workspace)
    except NotAWorkspace:
        root = None
    findings = task(root)
    report.doctor(findings, json=json)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 4)


from publisher.cli import archive  # noqa: E402, F401 - which adds its commands


def main() -> None:
    """Run the command line; every failure that is no bug ends in a message and an exit code."""
    try:
        app()
    except PublisherError as fault:
        report.failure(str(fault))
        sys.exit(fault.exit_code)
    except OSError as fault:  # no room behind a pipe, too many files open
        report.failure(f"the system refused: {fault}; free what it lacks, then try again")
        sys.exit(4)
