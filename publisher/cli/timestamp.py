"""The command that lets an authority prove since when an entry is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.app import app
from publisher.cli.options import (
    Brand,
    DryRun,
    NoCommit,
    Sign,
    Unsigned,
    WorkspaceDir,
    appending,
    root_of,
)
from publisher.errors import AskedWrongly

Authorities = Annotated[
    Path | None,
    typer.Option(
        "--authorities", metavar="FILE", help="Certificates (PEM) of the authorities to trust."
    ),
]


@app.command(epilog="Example: [bold]publisher timestamp cloudnovi --query query.tsq[/bold]")
def timestamp(
    brand: Brand,
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="Prove its entry; else the newest entry."),
    ] = None,
    query: Annotated[
        Path | None, typer.Option("--query", metavar="FILE", help="Write what to ask.")
    ] = None,
    tsa_reply: Annotated[
        Path | None, typer.Option("--tsa-reply", metavar="FILE", help="Take in the answer.")
    ] = None,
    authorities: Authorities = None,
    sign: Sign = None,
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Let a time-stamping authority (RFC 3161) prove since when the ledger is as it is."""
    from publisher.archive.release.timestamp import take_in, write_query
    from publisher.cli import timestamp_output as show

    if (query is None) is (tsa_reply is None):
        raise AskedWrongly("give --query FILE to ask, then --tsa-reply FILE to take in the answer")
    if query is not None:
        if any((authorities, sign, unsigned, no_commit)):
            raise AskedWrongly(
                "--authorities, --sign, --unsigned and --no-commit go with --tsa-reply"
            )
        show.queried(
            write_query(root_of(workspace), brand, version, query, dry_run=dry_run), version
        )
    elif tsa_reply is not None:
        asked = appending(sign, unsigned, no_commit, dry_run)
        show.stamped(
            take_in(root_of(workspace), brand, version, tsa_reply, asked, authorities=authorities)
        )
