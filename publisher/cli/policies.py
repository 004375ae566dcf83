"""The commands on the workspace's policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.app import command
from publisher.cli.options import (
    At,
    Brands,
    Formats,
    Jobs,
    Json,
    Locales,
    NoCache,
    ReportPath,
    Scheduler,
    WorkspaceDir,
    argument,
    brand_names,
    day,
    now,
    one_format,
    option,
    place,
    root_of,
    say_left_out,
)
from publisher.cli.terminal import console, print_problems
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly, NotAWorkspace

BuildOutput = Annotated[
    Path | None,
    option("--output", "DIR", "Where the files go (default: the workspace's build/)."),
]


@command("publisher build lantern --locale en --format pdf")
def build(
    brands: Brands = None,
    locale: Locales = None,
    format: Formats = None,
    at: At = None,
    output: BuildOutput = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
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
    from publisher.files.output import refuse_own

    if jobs is not None and scheduler is not None:
        raise AskedWrongly(
            "--jobs counts processes on this machine, and a scheduler gives the work to its "
            "workers; leave out --jobs, or --scheduler and PUBLISHER_SCHEDULER"
        )
    root = root_of(workspace)
    if at is None:
        say_left_out(root, brands)
    output = place(root / "build") if output is None else output
    refuse_own(root, output)
    with progress_shown() as progress:
        result = task(
            root,
            output,
            brands=brands or (),
            locales=locale or (),
            formats=format or (),
            at=at,
            jobs=jobs,
            scheduler=scheduler,
            cache=None if no_cache else Cache(cache_folder()),
            progress=progress,
        )
    show.build(result, json=json)
    raise typer.Exit(1 if result.failed else 0)


Fix = Annotated[
    bool,
    typer.Option("--fix", help="Fix in the files what can be fixed without changing any words."),
]
FixDryRun = Annotated[
    bool, typer.Option("--dry-run", help="With --fix: show what would happen; write nothing.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")]
Explain = Annotated[
    str | None, option("--explain", "RULE", "Explain a rule, with its authorities.")
]
Links = Annotated[bool, typer.Option("--links", help="Only list where links lead.")]
CheckFormat = Annotated[
    str | None,
    option(
        "--format",
        "FORMAT",
        "text, json, sarif, markdown, csv or docx (default: the file's ending, or text).",
    ),
]


@command("publisher check --fix --dry-run")
def check(
    brands: Brands = None,
    locale: Locales = None,
    at: At = None,
    fix: Fix = False,
    dry_run: FixDryRun = False,
    strict: Strict = False,
    explain: Explain = None,
    links: Links = False,
    format: CheckFormat = None,
    output: ReportPath = None,
    scheduler: Scheduler = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Print every problem and every open question; fail if there is an error."""
    from publisher.cli import remarks_output

    if dry_run and not fix:
        raise AskedWrongly("--dry-run is about what --fix would write; add --fix")
    if at is not None and fix:
        raise AskedWrongly("--fix changes the files as they are, and --at names a commit; omit one")
    chosen = remarks_output.chosen_format(one_format(format, json=json), output)
    if explain is not None:
        remarks_output.explain(explain, json=chosen == "json")
        return
    root, named = root_of(workspace), brands or ()
    if at is None:
        say_left_out(root, brands)
    if links:
        _links(root, named, at, json=chosen == "json")
        return
    if fix:
        _fixed(root, named, dry_run=dry_run, aside=chosen != "text")
    severities = _checked(root, named, locale or (), at, scheduler, chosen, output)
    raise typer.Exit(1 if severities & ({"error", "warning"} if strict else {"error"}) else 0)


def _checked(
    root: Path,
    brands: Sequence[str],
    locales: Sequence[str],
    at: str | None,
    scheduler: str | None,
    format: str,
    output: str | None,
) -> set[str]:
    """Print what is wrong, or write it to a file; return its severities."""
    from publisher.build.check import check
    from publisher.cli import policies_output, remarks_output
    from publisher.files.cache import Cache, cache_folder
    from publisher.notices.message import template_problems
    from publisher.problem import in_order

    moment = now()
    with progress_shown() as progress:
        report = check(
            root,
            brands=brands,
            locales=locales,
            at=at,
            today=moment.date(),
            cache=Cache(cache_folder()),
            scheduler=scheduler,
            progress=progress,
        )
    print_problems(report.unfit, console(stderr=True))
    notices = template_problems(root, brands=brands, locales=locales, at=at)
    report = replace(report, problems=in_order((*report.problems, *notices)))
    if format == "text":
        policies_output.check(report)
    else:
        remarks_output.report(root, report, format, output, moment)
    return {problem.severity for problem in report.problems}


def _links(root: Path, brands: Sequence[str], at: str | None, *, json: bool) -> None:
    from publisher.build.check import links
    from publisher.cli import remarks_output

    remarks_output.links(links(root, brands=brands, at=at), json=json)


def _fixed(root: Path, brands: Sequence[str], *, dry_run: bool, aside: bool) -> None:
    from publisher.build.fix import fix
    from publisher.cli.policies_output import fixed

    fixed(fix(root, brands=brands, dry_run=dry_run), json=aside, dry_run=dry_run)


Overrides = Annotated[
    bool,
    typer.Option(
        "--overrides",
        help="List the clauses that override shared ones, and what has changed there since.",
    ),
]


@command("publisher history lantern --since 2026-01-01")
def history(
    brand: Annotated[str | None, argument("BRAND", "The brand.", brand_names)] = None,
    locale: Locales = None,
    clause: Annotated[
        str | None, option("--clause", "ID", "Only this clause, under every id it has had.")
    ] = None,
    since: Annotated[
        str | None, option("--since", "DATE", "Only changes on this day or later.")
    ] = None,
    overrides: Overrides = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """List when and how the words of a brand's policies changed, newest first."""
    from publisher.cli.history_output import history as show_history
    from publisher.compare.revisions import history as task

    if overrides:
        if since is not None:
            raise AskedWrongly("--overrides lists all overrides; leave --since out")
        _overrides(root_of(workspace), brand, locale or (), clause, json=json)
        return
    if brand is None:
        raise AskedWrongly("history takes a brand; name one, or ask for --overrides")
    with progress_shown() as progress:
        histories = task(
            root_of(workspace),
            brand,
            locales=locale or (),
            clause=clause,
            since=None if since is None else day("--since", since),
            progress=progress,
        )
    show_history(histories, json=json)
    raise typer.Exit(1 if any(policy.errors for policy in histories) else 0)


def _overrides(
    root: Path, brand: str | None, locales: Sequence[str], clause: str | None, *, json: bool
) -> None:
    from publisher.cli.history_output import overrides as show
    from publisher.compare.revisions import overridden

    show(overridden(root, () if brand is None else (brand,), locales, clause), json=json)


@command("publisher schema")
def schema(
    output: Annotated[
        Path | None,
        option("--output", "DIR", "Where the files go (default: the workspace's shared/schemas)."),
    ] = None,
    workspace: WorkspaceDir = None,
) -> None:
    """Write JSON Schemas of YAML files, ledger and --json, and the English labels to translate."""
    from publisher.cli import policies_output as show
    from publisher.cli.schema import write_schemas

    show.written(write_schemas(_schemas(output, workspace)))


def _schemas(output: Path | None, workspace: Path | None) -> Path:
    """Return where schemas go: anywhere but among the company's own files, or to their place."""
    from publisher.files.output import refuse_own

    try:
        root = root_of(workspace)
    except NotAWorkspace:
        if output is None:
            raise
        return output
    usual = root / "shared" / "schemas"
    if output is not None and output.absolute() != usual.absolute():
        refuse_own(root, output)
    return output or usual


@command("publisher doctor")
def doctor(json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Show what is missing on this machine, and how to get it."""
    from publisher.cli import policies_output as show
    from publisher.cli.doctor import doctor as task

    try:
        root: Path | None = root_of(workspace)
    except NotAWorkspace:
        root = None
    findings = task(root)
    show.doctor(findings, json=json)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 4)
