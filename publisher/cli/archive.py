"""The commands on the archive: release, and what was released."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from publisher.cli.app import app
from publisher.cli.options import (
    Brand,
    Brands,
    DryRun,
    Json,
    NoCommit,
    Reason,
    Sign,
    Unsigned,
    WorkspaceDir,
    appending,
    day,
    now,
    root_of,
    when,
)
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly

STDOUT = 1
InForce = Annotated[
    str | None,
    typer.Option("--in-force", metavar="DATE", help="Comes into force; else when published."),
]
ShortNotice = Annotated[
    str | None,
    typer.Option("--short-notice", metavar="REASON", help="Why it is sooner than notice_days."),
]
OutputPath = Annotated[
    str | None,
    typer.Option("--output", metavar="PATH", help="A file, a folder, or - for a pipe."),
]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="DATE",
        help="In force at the end of this day, or at this moment (2026-11-22T09:00); else now.",
    ),
]
Bundled = Annotated[
    bool, typer.Option("--bundle", help="A zip with all that an outsider needs to check it.")
]


@app.command(epilog="Example: [bold]publisher release cloudnovi --in-force 2026-12-22[/bold]")
def release(
    brands: Annotated[list[str], typer.Argument(metavar="BRAND...", help="The brands.")],
    in_force: InForce = None,
    summary: Annotated[
        str | None, typer.Option("--summary", metavar="TEXT", help="What has changed, in a line.")
    ] = None,
    editorial: Annotated[
        bool, typer.Option("--editorial", help="The meaning is the same; needs --reason.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why it is editorial.")
    ] = None,
    short_notice: ShortNotice = None,
    approved_by: Annotated[
        list[str] | None,
        typer.Option("--approved-by", metavar="NAME", help="Who approved it; may be repeated."),
    ] = None,
    sign: Sign = None,
    unsigned: Unsigned = None,
    tag: Annotated[bool, typer.Option("--tag", help="Tag the commit BRAND/VERSION.")] = False,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Freeze what is committed as a version in the archive, brand by brand."""
    from publisher.archive.release.release import ReleaseOptions
    from publisher.archive.release.release import release as task
    from publisher.cli import release_output as show

    if tag and no_commit:
        raise AskedWrongly("--tag needs the commit that --no-commit leaves out; give one of them")
    terms = ReleaseOptions(
        in_force=day("--in-force", in_force) if in_force is not None else None,
        summary=summary,
        editorial=editorial,
        reason=reason,
        short_notice=short_notice,
        approvals=tuple(approved_by or ()),
        tag=tag,
    )
    with progress_shown() as progress:
        outcomes = task(
            root_of(workspace),
            brands,
            terms,
            appending(sign, unsigned, no_commit, dry_run),
            progress,
        )
    show.release(outcomes)
    raise typer.Exit(next((each.fault.exit_code for each in outcomes if each.fault), 0))


@app.command(
    epilog="Example: [bold]publisher reschedule cloudnovi 2026-11-22 --in-force 2027-01-15 "
    '--reason "The site is not ready"[/bold]'
)
def reschedule(
    brand: Brand,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="Its id.")],
    in_force: Annotated[
        str, typer.Option("--in-force", metavar="DATE", help="The day instead of the old one.")
    ],
    reason: Reason,
    short_notice: ShortNotice = None,
    sign: Sign = None,
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Let a version that is not in force yet come into force on another day."""
    from publisher.archive.release.lifecycle import reschedule as task
    from publisher.cli import release_output as show

    root = root_of(workspace)
    appended = task(
        root,
        brand,
        version,
        day("--in-force", in_force),
        reason,
        appending(sign, unsigned, no_commit, dry_run),
        short_notice=short_notice,
    )
    show.appended(appended)
    if dry_run:
        _show_trailers(root, brand)


@app.command(epilog='Example: [bold]publisher retire netvpx --on 2027-01-01 --reason "Sold"[/bold]')
def retire(
    brand: Brand,
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="The first day on which it is not in force.")
    ],
    reason: Reason,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="LOCALE", help="Only this locale.")
    ] = None,
    sign: Sign = None,
    unsigned: Unsigned = None,
    no_commit: NoCommit = False,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """End a brand's policy, or one locale of it, from a day on."""
    from publisher.archive.release.lifecycle import retire as task
    from publisher.cli import release_output as show

    root = root_of(workspace)
    appended = task(
        root,
        brand,
        day("--on", on),
        reason,
        appending(sign, unsigned, no_commit, dry_run),
        locale=locale,
    )
    show.appended(appended)
    if dry_run:
        _show_trailers(root, brand)


def _show_trailers(root: Path, brand: str) -> None:
    """Print what is wrong with the trailers of commits since a brand's last release."""
    from publisher.build.check import trailers
    from publisher.cli.terminal import console, print_problems

    print_problems(trailers(root, brand), console(stderr=True))


@app.command(epilog="Example: [bold]publisher versions cloudnovi[/bold]")
def versions(brands: Brands = None, json: Json = False, workspace: WorkspaceDir = None) -> None:
    """List what was released, and when it is in force."""
    from publisher.archive.get import versions as task

    show = _shown("get_output", json=json)
    show.versions(task(root_of(workspace), now(), brands or ()))


@app.command(epilog="Example: [bold]publisher get cloudnovi --on 2025-03-14[/bold]")
def get(
    brand: Brand,
    on: On = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="ID", help="This version.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="LOCALE", help="In this locale.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="pdf, html, markdown, json, …; else pdf."),
    ] = None,
    output: OutputPath = None,
    bundle: Bundled = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Write the document that was in force on a day, as it was issued, with its proof."""
    if json and output == "-":
        raise AskedWrongly("--output - and --json both go to standard output; give one of them")
    if bundle and format is not None:
        raise AskedWrongly("--bundle has all formats of the version; leave out --format")
    asked: dict[str, Any] = {
        "on": when("--on", on) if on is not None else None,
        "version": version,
        "locale": locale,
        "output": Path(output) if output is not None else None,
        "write": output != "-",
    }
    show = _shown("get_output", json=json)
    if bundle:
        from publisher.archive.evidence.bundle import bundle as task_bundle
        from publisher.archive.get import Request

        evidence = task_bundle(root_of(workspace), Request(brand, now(), **asked))
        _pipe(output, evidence.data)
        show.bundle(evidence)
        return
    from publisher.archive.get import get as task

    got = task(root_of(workspace), brand, now(), format=format, **asked)
    _pipe(output, got.data)
    show.get(got)


def _shown(output: str, *, json: bool) -> Any:
    """Return the module that prints results: as JSON, or as text."""
    return import_module(f"publisher.cli.{'archive_json' if json else output}")


def _pipe(output: str | None, data: bytes) -> None:
    """Write a file to standard output, if that was asked for."""
    if output == "-":
        with os.fdopen(os.dup(STDOUT), "wb") as pipe:
            pipe.write(data)


@app.command(epilog="Example: [bold]publisher verify --against origin/main[/bold]")
def verify(
    brands: Brands = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="OTHER", help="A clone, a tag or commit, or an entry's SHA-256."
        ),
    ] = None,
    allowed_signers: Annotated[
        Path | None,
        typer.Option("--allowed-signers", metavar="FILE", help="OpenSSH's file of allowed keys."),
    ] = None,
    authorities: Annotated[
        Path | None,
        typer.Option("--authorities", metavar="FILE", help="Certificates of authorities, in PEM."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Compose each version again, and compare words.")
    ] = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Look whether the archive is as it was released; list all that is not, and repair nothing."""
    from publisher.archive.verify.verify import verify as task

    show = _shown("release_output", json=json)
    verified = task(
        root_of(workspace),
        brands or (),
        against=against,
        allowed_signers=allowed_signers,
        authorities=authorities,
        rebuild=rebuild,
    )
    show.verify(verified)
    raise typer.Exit(3 if verified.findings else 4 if verified.newer else 0)


@app.command(epilog="Example: [bold]publisher status[/bold]")
def status(json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Say where every policy stands: in force, upcoming, changed since, drafts, open questions."""
    from publisher.archive.release.status import status as task
    from publisher.files.cache import Cache, cache_folder

    standings = task(root_of(workspace), now(), Cache(cache_folder()))
    _shown("status_output", json=json).status(standings)
    raise typer.Exit(1 if any(each.state == "errors" for each in standings) else 0)
