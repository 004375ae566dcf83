"""The commands that compare policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.app import command
from publisher.cli.options import (
    Brand,
    Json,
    Locales,
    OnlyBrands,
    OutputPath,
    ReportPath,
    WorkspaceDir,
    argument,
    brand_names,
    now,
    one_format,
    option,
    root_of,
    version_names,
)
from publisher.files.format import output_format
from publisher.files.output import file_in

if TYPE_CHECKING:
    from publisher.redline.values import Difference

Old = Annotated[
    str | None,
    argument(
        "OLD",
        "A version, current, on:DATE, a revision, draft, or a file (default: current).",
        version_names,
    ),
]
New = Annotated[
    str | None, argument("NEW", "The same (default: draft, the working tree).", version_names)
]
Other = Annotated[str | None, option("--with", "BRAND", "Compare with another brand.", brand_names)]
Format = Annotated[
    str | None,
    option(
        "--format",
        "FORMAT",
        "text, html, pdf, markdown, json or docx (default: the file's ending, or text).",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Show unchanged text, too.")]
Summary = Annotated[
    bool, typer.Option("--summary", help="Show only which clauses changed, and how much.")
]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="End with 1 if there is a difference.")]
Unverified = Annotated[
    bool,
    typer.Option("--unverified", help="Compare a version even if it is not as it was released."),
]
AsSent = Annotated[
    bool, typer.Option("--as-sent", help="Reject the tracked changes in a Word file.")
]
Revisions = Annotated[str | None, argument("REVISIONS", "A..B, A...B, or A (default: HEAD).")]
Staged = Annotated[bool, typer.Option("--staged", help="Compare what is staged with HEAD.")]
Report = Annotated[
    str | None,
    option(
        "--format", "FORMAT", "text, markdown, html or json (default: the file's ending, or text)."
    ),
]


@command("publisher diff lantern on:2026-11-23 draft")
def diff(
    brand: Brand,
    old: Old = None,
    new: New = None,
    other: Other = None,
    locale: Locales = None,
    format: Format = None,
    output: OutputPath = None,
    full: Full = False,
    summary: Summary = False,
    exit_code: ExitCode = False,
    unverified: Unverified = False,
    as_sent: AsSent = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Compare two policies as a lawyer would (default: what is in force, and the draft).

    OLD and NEW are a version's id, current (in force today), on:DATE, a git
    revision, draft (the working tree), or a Word, PDF, HTML, Markdown or text
    file. Tracked changes in a Word file are accepted.
    """
    from publisher.cli import diff_output as show
    from publisher.compare.diff import diff as task
    from publisher.compare.redlines import FORMATS
    from publisher.errors import InvalidPolicy

    chosen = output_format(one_format(format, json=json), output, FORMATS)
    root = root_of(workspace)
    asked: dict[str, Any] = {"old": old, "new": new, "other": other, "locales": locale or ()}
    try:
        compared = task(root, brand, now(), **asked, unverified=unverified, as_sent=as_sent)
    except InvalidPolicy as fault:
        show.broken(fault.problems)
        raise typer.Exit(fault.exit_code) from None
    if chosen == "text":
        show.differences(compared, full=full, summary=summary)
    else:
        _redlined(root, compared, chosen, output, (old, new), full=full, summary=summary)
    raise typer.Exit(int(exit_code and any(not one.redline.empty for one in compared)))


def _redlined(
    root: Path,
    compared: tuple[Difference, ...],
    format: str,
    output: str | None,
    read: tuple[str | None, ...],
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
    if output == "-" or (output is None and format in PRINTED):
        refuse_one_after_the_other(compared, format)
        show.documents([document(root, one, look) for one in compared], format)
    else:
        show.written(written(root, compared, look, output, read))


@command("publisher impact origin/main...HEAD")
def impact(
    revisions: Revisions = None,
    brand: OnlyBrands = None,
    staged: Staged = False,
    format: Report = None,
    output: ReportPath = None,
    summary: Annotated[bool, typer.Option("--summary", help="Leave out the redlines.")] = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Show which policies a change reaches, and which it does not.

    By default, it compares the working tree with HEAD. A..B compares two commits,
    A...B what B changed since it left A, and A the working tree with A.
    """
    from publisher.cli import impact_output as show
    from publisher.cli.terminal import left_out
    from publisher.compare.impact import impact as task

    root = root_of(workspace)
    chosen = output_format(one_format(format, json=json), output, show.FORMATS)
    printed = output in (None, "-")
    file = None if printed else file_in(root, output, f"impact.{show.FORMATS[chosen]}")
    impact = task(root, now(), revisions, staged=staged, brands=brand or ())
    left_out(root, impact.left_out)
    show.impact(impact, chosen, file, summary=summary)
    raise typer.Exit(1 if impact.failed else 0)
