"""What became of a query, or a reply, of a time-stamping authority → the terminal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from publisher.cli.proofs_output import UNCHECKED
from publisher.cli.release_output import appended
from publisher.cli.terminal import console, print_rows

if TYPE_CHECKING:
    from publisher.archive.release.timestamp import Queried, Stamped


def queried(done: Queried, version: str | None) -> None:
    """Print what was written, and the commands that go on with it."""
    file = shlex.quote(str(done.path))
    brand = " ".join(filter(None, (done.brand, version)))
    console().print(f"[bold]{done.brand}[/]: a query about {done.entry}")
    print_rows(
        {
            "sha256": done.digest,
            "file": str(done.path),
            "now": "curl -H 'Content-Type: application/timestamp-query' "
            f"--data-binary @{file} URL > reply.tsr",
            "then": f"publisher timestamp {brand} --tsa-reply reply.tsr",
        }
    )


def stamped(done: Stamped) -> None:
    """Print an entry that proves another one."""
    appended(done.appended)
    if not done.checked:
        console().print(f"[yellow]  the authority says so; {UNCHECKED}[/]", soft_wrap=True)
