"""The commands that add proof to the ledger: time-stamps, and signatures afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from publisher.cli.app import command
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    ClockIsRight,
    DryRun,
    NoCommit,
    Reason,
    WorkspaceDir,
    argument,
    opened,
    option,
    version_names,
)
from publisher.errors import AskedWrongly

Certified = Annotated[
    str | None,
    argument("VERSION", "The version to certify (default: the newest entry).", version_names),
]
Query = Annotated[
    Path | None, option("--query", "FILE", "Write the query for the authority to this file.")
]
Reply = Annotated[
    Path | None, option("--tsa-reply", "FILE", "Add the authority's reply to the archive.")
]
Authorities = Annotated[
    Path | None, option("--authorities", "FILE", "Certificates (PEM) of the authorities to trust.")
]


@command("publisher timestamp lantern --query query.tsq")
def timestamp(
    brand: Brand,
    version: Certified = None,
    query: Query = None,
    tsa_reply: Reply = None,
    authorities: Authorities = None,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Have a time-stamping authority (RFC 3161) certify the ledger as it is now."""
    from publisher.archive.release.timestamp import take_in, write_query
    from publisher.cli import release_output as show

    if (query is None) is (tsa_reply is None):
        raise AskedWrongly("give --query FILE to ask, then --tsa-reply FILE to take in the answer")
    root = opened(workspace, brand)
    if query is not None:
        if any((authorities, append.sign, append.unsigned, append.no_commit)):
            raise AskedWrongly(
                "--authorities, --sign, --unsigned and --no-commit go with --tsa-reply"
            )
        show.queried(write_query(root, brand, version, query, dry_run=dry_run), version)
    elif tsa_reply is not None:
        how = append(dry_run)
        show.stamped(take_in(root, brand, version, tsa_reply, how, authorities=authorities))


@command(
    'publisher endorse lantern 2 --sign ~/.ssh/policy --reason "Released from the '
    'build server, which has no key"'
)
def endorse(
    brand: Brand,
    entries: Annotated[
        list[int], argument("ENTRY", "Numbers of entries, as verify names them.", min=1)
    ],
    reason: Reason,
    sign: Annotated[str, option("--sign", "KEY", "The SSH key that vouches for them.")],
    no_commit: NoCommit = False,
    clock_is_right: ClockIsRight = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Vouch, with a signed entry, for earlier entries without a valid signature."""
    from publisher.archive.release.endorse import endorse as task
    from publisher.cli import release_output as show

    asked = Appending(sign, None, no_commit, clock_is_right)(dry_run)
    show.appended(task(opened(workspace, brand), brand, entries, reason, asked))
