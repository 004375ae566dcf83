"""Arguments → one task → report → exit code; nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from publisher import __version__, report
from publisher.errors import NotAWorkspace, PublisherError

app = typer.Typer(
    name="publisher",
    help="Compose, check, date and build the privacy policies of every brand of a company.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: [bold]publisher build cloudnovi --format pdf[/bold]",
)


def _brand_names(incomplete: str) -> list[str]:
    """Return the brands that a shell may complete to; none where there is no workspace."""
    from publisher.source import FolderSource
    from publisher.workspace import brands_in

    try:
        names = brands_in(FolderSource(_root(None)))
    except PublisherError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def _format_names(incomplete: str) -> list[str]:
    return [n for n in ("html", "pdf", "markdown", "json") if n.startswith(incomplete)]


Brands = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="BRAND", help="Brands; all if none is named.", autocompletion=_brand_names
    ),
]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="The workspace; else the nearest folder upwards with brands/ and shared/.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="REVISION", help="As it was at a commit, tag or branch."),
]


Locales = Annotated[
    list[str] | None,
    typer.Option("--locale", metavar="LOCALE", help="Only this locale; may be repeated."),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Only html, pdf, markdown or json; may be repeated.",
        autocompletion=_format_names,
    ),
]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the files go.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", metavar="N", min=1, help="PDFs at a time; else one more than there are cores."
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Make everything anew, and remember nothing.")
]


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
            _root(workspace),
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

    result = task(_root(workspace), brands=brands or (), at=at)
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

    report.written(write_schemas(output or _root(workspace) / "shared" / "schemas"))


@app.command(epilog="Example: [bold]publisher doctor[/bold]")
def doctor(json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Say what this machine lacks, and how to get it."""
    from publisher.tasks.doctor import doctor as task

    try:
        root: Path | None = _root(workspace)
    except NotAWorkspace:
        root = None
    findings = task(root)
    report.doctor(findings, json=json)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 4)


def _root(workspace: Path | None) -> Path:
    from publisher.tasks.workspaces import find_workspace, named_workspace

    return find_workspace(Path.cwd()) if workspace is None else named_workspace(workspace)


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
