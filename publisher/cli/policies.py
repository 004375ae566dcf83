"""The commands on the workspace's policies."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from publisher.cli.app import app
from publisher.cli.options import (
    At,
    Brand,
    Brands,
    Formats,
    Jobs,
    Json,
    Locales,
    NoCache,
    Output,
    WorkspaceDir,
    day,
    now,
    root_of,
)
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly, NotAWorkspace

if TYPE_CHECKING:
    from publisher.build.check import CheckReport


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
    from publisher.build.build import build as task
    from publisher.cli import policies_output as show
    from publisher.files.cache import Cache, cache_folder

    with progress_shown() as progress:
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
    show.build(result, json=json)
    raise typer.Exit(1 if result.failed else 0)


Fix = Annotated[
    bool,
    typer.Option("--fix", help="Fix in the files what can be fixed without a change of words."),
]
FixDryRun = Annotated[
    bool, typer.Option("--dry-run", help="With --fix: show what would be; write nothing.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail if there is a warning, too.")]
Explain = Annotated[
    str | None,
    typer.Option("--explain", metavar="RULE", help="Explain a rule, with its authorities."),
]
Links = Annotated[bool, typer.Option("--links", help="List where links lead; check nothing.")]
CheckFormat = Annotated[
    Literal["text", "json", "sarif", "markdown", "csv", "docx"],
    typer.Option("--format", help="How to print what was found."),
]
CheckOutput = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="With csv or docx: where it goes.")
]


@app.command(epilog="Example: [bold]publisher check --fix --dry-run[/bold]")
def check(
    brands: Brands = None,
    at: At = None,
    fix: Fix = False,
    dry_run: FixDryRun = False,
    strict: Strict = False,
    explain: Explain = None,
    links: Links = False,
    format: CheckFormat = "text",
    output: CheckOutput = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Print every problem and every open question; fail if there is an error."""
    from publisher.build.check import check as task
    from publisher.build.check import links as links_of
    from publisher.build.fix import fix as fix_files
    from publisher.cli import policies_output as show
    from publisher.cli import remarks_output
    from publisher.files.cache import Cache, cache_folder

    format = "json" if json else format
    if explain is not None:
        remarks_output.explain(explain, json=format == "json")
        return
    if dry_run and not fix:
        raise AskedWrongly("--dry-run is about what --fix would write; add --fix")
    if at is not None and fix:
        raise AskedWrongly("--fix changes the files as they are, and --at names a commit; omit one")
    if output is not None and format not in ("csv", "docx"):
        raise AskedWrongly("--output takes csv or docx; name one with --format")
    root = root_of(workspace)
    if links:
        remarks_output.links(links_of(root, brands=brands or (), at=at), json=format == "json")
        return
    if fix:
        fixed = fix_files(root, brands=brands or (), dry_run=dry_run)
        show.fixed(fixed, json=format != "text", dry_run=dry_run)
    moment = now()
    cache = Cache(cache_folder())
    result = task(root, brands=brands or (), at=at, today=moment.date(), cache=cache)
    _checked(result, format, output, moment)
    failing = ("error", "warning") if strict else ("error",)
    raise typer.Exit(1 if any(p.severity in failing for p in result.problems) else 0)


def _checked(report: CheckReport, format: str, output: Path | None, moment: datetime) -> None:
    from publisher.cli import policies_output as show
    from publisher.cli import remarks_output
    from publisher.cli.counsel_output import export

    match format:
        case "sarif":
            remarks_output.sarif(report)
        case "markdown":
            remarks_output.markdown(report)
        case "csv" | "docx":
            export(report, format, output, moment)
        case _:
            show.check(report, json=format == "json")


@app.command(epilog="Example: [bold]publisher history cloudnovi --since 2026-01-01[/bold]")
def history(
    brand: Brand,
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
    from publisher.cli.history_output import history as show_history
    from publisher.compare.revisions import history as task

    with progress_shown() as progress:
        told = task(
            root_of(workspace),
            brand,
            locales=locale or (),
            clause=clause,
            since=None if since is None else day("--since", since),
            progress=progress,
        )
    show_history(told, json=json)
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
    """Write JSON Schemas of every YAML file, for editors, and of the ledger's entries."""
    from publisher.cli import policies_output as show
    from publisher.cli.schema import write_schemas

    show.written(write_schemas(output or root_of(workspace) / "shared" / "schemas"))


@app.command(epilog="Example: [bold]publisher doctor[/bold]")
def doctor(json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Say what this machine lacks, and how to get it."""
    from publisher.cli import policies_output as show
    from publisher.cli.doctor import doctor as task

    try:
        root: Path | None = root_of(workspace)
    except NotAWorkspace:
        root = None
    findings = task(root)
    show.doctor(findings, json=json)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 4)
