"""The commands that compare policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.app import app
from publisher.cli.options import Brand, Json, Locales, WorkspaceDir, now, root_of

if TYPE_CHECKING:
    from publisher.redline.values import Difference

Old = Annotated[
    str | None,
    typer.Argument(metavar="OLD", help="A version, current, on:DATE, a revision, or draft."),
]
New = Annotated[
    str | None, typer.Argument(metavar="NEW", help="The same; else draft, the working tree.")
]
Other = Annotated[
    str | None, typer.Option("--with", metavar="BRAND", help="Compare with another brand.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help="text, html, pdf, markdown, json or docx."),
]
File = Annotated[
    Path | None, typer.Option("--output", metavar="PATH", help="A file, a folder, or - for a pipe.")
]
Full = Annotated[bool, typer.Option("--full", help="Show what stayed the same, too.")]
Summary = Annotated[bool, typer.Option("--summary", help="Only what changed, and how much.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="End with 1 if there is a difference.")]
Unverified = Annotated[
    bool, typer.Option("--unverified", help="Go on if a version is not as it was released.")
]
Revisions = Annotated[
    str | None, typer.Argument(metavar="REVISIONS", help="A..B, A...B, or A; else HEAD.")
]
Staged = Annotated[bool, typer.Option("--staged", help="What is staged, against HEAD.")]
Report = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="text, markdown, html or json.")
]


@app.command(epilog="Example: [bold]publisher diff cloudnovi on:2025-03-14 current[/bold]")
def diff(
    brand: Brand,
    old: Old = None,
    new: New = None,
    other: Other = None,
    locale: Locales = None,
    format: Format = None,
    output: File = None,
    full: Full = False,
    summary: Summary = False,
    exit_code: ExitCode = False,
    unverified: Unverified = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Compare two policies as a lawyer would; by default what is in force, and the draft.

    OLD and NEW are a version's id, current (in force today), on:DATE, a git
    revision, or draft (the working tree).
    """
    from publisher.cli import diff_output as show
    from publisher.compare.diff import diff as task
    from publisher.compare.redlines import chosen_format
    from publisher.errors import InvalidPolicy

    chosen, root = chosen_format("json" if json else format, output), root_of(workspace)
    try:
        found = task(
            root,
            brand,
            now(),
            old=old,
            new=new,
            other=other,
            locales=locale or (),
            unverified=unverified,
        )
    except InvalidPolicy as fault:
        show.broken(fault.problems)
        raise typer.Exit(fault.exit_code) from None
    if chosen == "text":
        show.differences(found, full=full, summary=summary)
    else:
        _redlined(root, found, chosen, output, full=full, summary=summary)
    raise typer.Exit(int(exit_code and any(not each.redline.empty for each in found)))


def _redlined(
    root: Path,
    found: tuple[Difference, ...],
    format: str,
    output: Path | None,
    *,
    full: bool,
    summary: bool,
) -> None:
    """Print redlines as documents, or write them."""
    from publisher.cli import diff_output as show
    from publisher.compare.redlines import (
        PRINTED,
        Look,
        author,
        document,
        refuse_one_after_the_other,
        refuse_shortening,
        written,
    )

    look = Look(format, now(), author(root), full=full, summary=summary)
    refuse_shortening(look)
    if output == Path("-") or (output is None and format in PRINTED):
        refuse_one_after_the_other(found, format)
        show.documents([document(root, each, look) for each in found], format)
    else:
        show.written(written(root, found, look, output))


@app.command(epilog="Example: [bold]publisher impact origin/main...HEAD[/bold]")
def impact(
    revisions: Revisions = None,
    staged: Staged = False,
    format: Report = "text",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; else it is printed.")
    ] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Without the redlines.")] = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Say whose policies a change reaches, and whose it does not: the working tree against HEAD.

    A..B compares two commits, A...B what B changed since it left A, and A the
    working tree with A.
    """
    from publisher.cli import impact_output as show
    from publisher.compare.impact import impact as task
    from publisher.files.output import refuse_own

    root = root_of(workspace)
    output = None if output == Path("-") else output
    if output is not None:
        refuse_own(root, output)
    found = task(root, now(), revisions, staged=staged)
    show.impact(found, "json" if json else format, output, summary=summary)
    raise typer.Exit(1 if found.failed else 0)
