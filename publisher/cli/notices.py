"""The commands that prepare and record notices of a version to customers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from publisher.cli.app import command, group
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    DryRun,
    Version,
    WorkspaceDir,
    argument,
    day,
    now,
    opened,
    option,
    root_of,
)
from publisher.cli.terminal import console, plain, print_rows
from publisher.errors import AskedWrongly

if TYPE_CHECKING:
    from publisher.notices.message import Prepared

notices = group(
    "notices",
    "Tell a brand's customers what changes, and record who was told.",
    "publisher notices prepare lantern 2026-11-24",
)
"""The group; `publisher.cli.notices_mail` adds its commands to it."""

BaseUrl = Annotated[
    str | None,
    option(
        "--base-url", "URL", "Where the sites are served (default: `site.base_url` of the brand)."
    ),
]
_MOST = 10_000_000_000
"""More people than there are cannot have been told: a slip of the finger."""
_SHOWN = 16
"""Digits of a digest in the command that approves it."""


@command("publisher notices prepare lantern 2026-11-24 --output notices/", notices)
def prepare(
    brand: Brand,
    version: Version,
    output: Annotated[
        Path | None, option("--output", "DIR", "Write each message as mail and as a page.")
    ] = None,
    attach: Annotated[
        str | None, option("--attach", "pdf", "Attach the new text as a PDF.")
    ] = None,
    base_url: BaseUrl = None,
    workspace: WorkspaceDir = None,
) -> None:
    """Show the messages about a version: what changes, from when, and where to read it."""
    from publisher.notices.message import prepare as task

    if attach not in (None, "pdf"):
        raise AskedWrongly(f"--attach takes pdf, not '{attach}'")
    root = opened(workspace, brand)
    prepared = task(root, brand, version, now(), attach=attach is not None, base_url=base_url)
    _prepared(prepared, _written(root, prepared, output), base_url)


def _written(root: Path, prepared: Prepared, output: Path | None) -> tuple[Path, ...]:
    """Write the previews into a folder; return their paths."""
    from publisher.files.output import refuse_own, write_files
    from publisher.notices.message import preview

    if output is None:
        return ()
    refuse_own(root, output)
    notice = prepared.notice
    files: dict[str, bytes] = {}
    for locale, message in notice.messages.items():
        name = f"{notice.brand}-{notice.version}-{locale}"
        files |= {f"{name}.eml": preview(prepared, locale), f"{name}.html": message.html.encode()}
    return write_files(output, files)


def _prepared(prepared: Prepared, paths: tuple[Path, ...], base_url: str | None) -> None:
    """Print the messages, or where they are, the digest, and what to do next."""
    notice, out = prepared.notice, console()
    for locale, message in notice.messages.items() if not paths else ():
        out.print(f"[bold]{notice.brand}/{locale}[/]  {plain(message.subject)}\n")
        for text in message.text.splitlines():
            out.print(plain(text), soft_wrap=True)
        out.print()
    for path in paths:
        out.print(plain(str(path)), soft_wrap=True)
    rows = {
        "version": f"{notice.brand} {notice.version}",
        "in force from": f"{notice.in_force_from:%Y-%m-%d}",
        **({"tell by": str(prepared.until)} if prepared.until is not None else {}),
        "locales": ", ".join(notice.messages),
        "digest": notice.digest,
    }
    print_rows(rows)
    for note in prepared.notes:
        out.print(f"[dim]note:[/] {plain(note)}")
    same = f" --base-url {base_url}" if base_url is not None else ""
    approve = f"publisher notices approve {notice.digest[:_SHOWN]} --by NAME{same}"
    out.print(f"[bold]Next:[/] read the messages, then `{plain(approve)}`", soft_wrap=True)


@command('publisher notices approve 3f9c02d1a7b4 --by "Jane Doe"', notices)
def approve(
    digest: Annotated[str, argument("DIGEST", "The digest that `prepare` prints.")],
    by: Annotated[str, option("--by", "NAME", "Who approves the text; it is recorded.")],
    base_url: BaseUrl = None,
    workspace: WorkspaceDir = None,
) -> None:
    """Record that somebody approves the messages with a digest; only these can be sent."""
    from publisher.notices.approval import approve as task

    root = root_of(workspace)
    done = task(root, digest, by, now(), base_url=base_url)
    path = done.path.relative_to(root)
    out, notice = console(), done.notice
    out.print(f"[bold]{notice.brand} {notice.version}[/]: the notice is approved by {plain(by)}")
    out.print(f"  recorded in {plain(str(path))}; commit it", soft_wrap=True)


@command("publisher notices record lantern 2026-11-24 --channel post --count 12", notices)
def record(
    brand: Brand,
    version: Version,
    channel: Annotated[
        str, option("--channel", "NAME", "How they were told: post, phone, account.")
    ],
    count: Annotated[
        int,
        option(
            "--count", "N", "How many people were told in this channel, in all.", min=1, max=_MOST
        ),
    ],
    on: Annotated[str | None, option("--on", "DATE", "The day (default: today).")] = None,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Record in the ledger that customers were told of a version by other means."""
    from publisher.cli import release_output
    from publisher.notices.outcome import record_count as task

    root = opened(workspace, brand)
    when = day("--on", on) if on is not None else None
    release_output.appended(task(root, brand, version, channel, count, when, append(dry_run)))
