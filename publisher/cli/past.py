"""The commands on what was before the archive, and on what must not stay in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.app import app
from publisher.cli.options import (
    Brand,
    DryRun,
    NoCommit,
    Reason,
    Sign,
    Unsigned,
    WorkspaceDir,
    appending,
    day,
    root_of,
)
from publisher.cli.terminal import progress as progress_shown


@app.command(
    epilog="Example: [bold]publisher import-version cloudnovi old.pdf --claimed-date 2019-05-25 "
    '--source "Mail of the web agency, 24 May 2019"[/bold]'
)
def import_version(
    brand: Brand,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="PDF, HTML, Markdown, Word or text.")
    ],
    claimed_date: Annotated[
        str,
        typer.Option("--claimed-date", metavar="DATE", help="In force from; or unknown."),
    ],
    source: Annotated[
        str, typer.Option("--source", metavar="TEXT", help="Where it comes from: it is recorded.")
    ],
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="LOCALE", help="The language it is in.")
    ] = None,
    corrects: Annotated[
        str | None,
        typer.Option(
            "--corrects", metavar="VERSION", help="The imported version that this one corrects."
        ),
    ] = None,
    sign: Sign = None,
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Take in an old policy as it is, byte for byte; what is said of it is asserted, not proven.

    Several files are the same text in several formats. A document that is in the archive already
    has a second period, unless --corrects says that it corrects the first.
    """
    from publisher.archive.fields import UNKNOWN
    from publisher.archive.release.import_version import import_version as task
    from publisher.cli import past_output as show

    imported = task(
        root_of(workspace),
        brand,
        files,
        None if claimed_date == UNKNOWN else day("--claimed-date", claimed_date),
        source,
        appending(sign, unsigned, no_commit, dry_run),
        locale=locale,
        corrects=corrects,
    )
    show.imported(imported)


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
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    workspace: WorkspaceDir = None,
) -> None:
    """List, or freeze, what the repository said before the first release, revision by revision."""
    from publisher.archive.release.reconstruct import reconstruct as task
    from publisher.cli import past_output as show

    with progress_shown() as progress:
        found = task(
            root_of(workspace),
            brand,
            appending(sign, unsigned, no_commit, dry_run=not yes),
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
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Delete a file of a version; the ledger keeps the fact, the reason and the file's SHA-256."""
    from publisher.archive.release.lifecycle import redact as task
    from publisher.cli import release_output as show

    appended = task(
        root_of(workspace),
        brand,
        version,
        file,
        reason,
        authority,
        appending(sign, unsigned, no_commit, dry_run),
    )
    show.appended(appended)
