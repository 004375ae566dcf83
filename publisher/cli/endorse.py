"""The command that makes up for a signature that an entry lacks."""

from __future__ import annotations

from typing import Annotated

import typer

from publisher.cli.app import app
from publisher.cli.options import Brand, DryRun, NoCommit, Reason, WorkspaceDir, appending, root_of


@app.command(
    epilog="Example: [bold]publisher endorse cloudnovi 4 --sign ~/.ssh/policy "
    '--reason "Released from the build server, which has no key"[/bold]'
)
def endorse(
    brand: Brand,
    entries: Annotated[
        list[int],
        typer.Argument(metavar="ENTRY...", min=1, help="Numbers of entries, as verify names them."),
    ],
    reason: Reason,
    sign: Annotated[
        str, typer.Option("--sign", metavar="KEY", help="The SSH key that vouches for them.")
    ],
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Vouch, with a signed entry, for earlier entries that are not signed as they should be."""
    from publisher.archive.release.endorse import endorse as task
    from publisher.cli import release_output as show

    asked = appending(sign, None, no_commit, dry_run)
    show.appended(task(root_of(workspace), brand, entries, reason, asked))
