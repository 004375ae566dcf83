"""The commands on what was before the archive, and on what must not stay in it."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher.cli import app
from publisher.cli.options import (
    Brand,
    DryRun,
    NoCommit,
    Reason,
    Sign,
    WorkspaceDir,
    appending,
    day,
    root_of,
)
from publisher.report.terminal import progress as progress_shown


@app.command(epilog="Example: [bold]publisher reconstruct cloudnovi --until 2025-12-31[/bold]")
def reconstruct(
    brand: Brand,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Revisions from this day on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Revisions up to this day.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Freeze them; else they are listed.")] = False,
    sign: Sign = None,
    no_commit: NoCommit = False,
    workspace: WorkspaceDir = None,
) -> None:
    """List, or freeze, what the repository said before the first release, revision by revision."""
    from publisher.report import past as show
    from publisher.tasks.reconstruct import reconstruct as task

    with progress_shown() as progress:
        found = task(
            root_of(workspace),
            brand,
            appending(sign, no_commit, dry_run=False),
            since=day("--since", since) if since is not None else None,
            until=day("--until", until) if until is not None else None,
            freeze=yes,
            progress=progress,
        )
    show.reconstruction(found, frozen=yes)


@app.command(
    epilog="Example: [bold]publisher redact cloudnovi 2025-03-01 en/policy.pdf "
    '--reason "Names a customer" --authority "Court of Antwerp, 12 May 2025"[/bold]'
)
def redact(
    brand: Brand,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its id.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="Such as en/policy.pdf.")],
    reason: Reason,
    authority: Annotated[
        str, typer.Option("--authority", metavar="TEXT", help="Who ordered it: it is recorded.")
    ],
    sign: Sign = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Delete a file of a version; the ledger keeps the fact, the reason and the file's SHA-256."""
    from publisher.report import archive as show
    from publisher.tasks.redact import redact as task

    appended = task(
        root_of(workspace),
        brand,
        version,
        file,
        reason,
        authority,
        appending(sign, no_commit, dry_run),
    )
    show.appended(appended)
