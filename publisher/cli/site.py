"""The commands about what the public sees: a brand's site, and its page on the web."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.app import command
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    Brands,
    Json,
    Locale,
    WorkspaceDir,
    argument,
    day,
    now,
    opened,
    option,
    say_left_out,
)
from publisher.cli.terminal import console, counted, failure, plain
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly
from publisher.files.format import output_format

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.archive.release.append import AppendOptions
    from publisher.site.drift import Drift
    from publisher.site.site import Due, SitesBuilt

_PORT = 8000


@command("publisher site lantern --base-url https://lantern.example/privacy/")
def site(
    brands: Brands = None,
    output: Annotated[
        Path, option("--output", "DIR", "Where to write a folder for each brand.")
    ] = Path("site"),
    on: Annotated[
        str | None, option("--on", "DATE", "The day that the site shows (default: today).")
    ] = None,
    base_url: Annotated[
        str | None,
        option(
            "--base-url", "URL", "Where DIR is served (default: `site.base_url` of each brand)."
        ),
    ] = None,
    check_due: Annotated[
        bool,
        typer.Option("--check-due", help="Write nothing; end with 1 if a site must be built."),
    ] = False,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show the site on this machine until ^C.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="For --serve.")
    ] = _PORT,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Write the public pages of each brand: the policy in force, and every version before it."""
    from publisher.files.cache import Cache, cache_folder
    from publisher.site.serve import loopback
    from publisher.site.site import due
    from publisher.site.site import site as task

    if check_due and (serve or on is not None):
        raise AskedWrongly("--check-due looks at the site of today; leave out --serve and --on")
    named = brands or ()
    root = opened(workspace, *named)
    say_left_out(root, named)
    if check_due:
        late = due(root, output, now(), named)
        _due(late, json=json)
        raise typer.Exit(1 if late else 0)
    with progress_shown() as progress:
        built = task(
            root,
            output,
            now(),
            brands=named,
            on=day("--on", on) if on is not None else None,
            base_url=base_url,
            default_url=f"http://127.0.0.1:{port}/" if serve else None,
            cache=Cache(cache_folder()),
            progress=progress,
        )
    _built(built, json=json)
    if serve:
        loopback(
            output,
            port,
            lambda url: console(stderr=True).print(f"{url} shows the site; press Ctrl-C to stop"),
        )


@command("publisher drift lantern https://lantern.example/privacy")
def drift(
    brand: Brand,
    page: Annotated[
        str | None, argument("URL|FILE", "The page, or a copy (default: `site.url` of the brand).")
    ] = None,
    locale: Locale = None,
    output: Annotated[
        Path | None,
        option("--output", "FILE", "Write the redline: a name that ends in .html, .pdf or .md."),
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Also read a page without TLS.")] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Also read a page of a private network.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the page in the archive, with the verdict.")
    ] = False,
    append: Appending = APPENDING,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Show which version a page on the web has; end with 1 unless it is the one in force."""
    from publisher.site.drift import drift as task
    from publisher.site.drift_fetch import Allowed

    root, allowed = opened(workspace, brand), Allowed(http=http, private=private)
    verdict = task(root, brand, now(), page=page, locale=locale, allowed=allowed)
    if output is not None:
        _redline(root, verdict, page, output)
    _drifted(verdict, json=json)
    if record:
        _record(root, verdict, append(dry_run=False), json=json)
    raise typer.Exit(0 if verdict.verdict == "in-force" else 1)


def _record(root: Path, verdict: Drift, asked: AppendOptions, *, json: bool) -> None:
    """Keep the page; print where, and the entry that was appended if the verdict is new."""
    from publisher.cli import release_output
    from publisher.site.drift_record import record as task

    recorded = task(root, verdict, asked)
    if json:
        return
    console().print(f"  kept in {plain(str(recorded.folder.relative_to(root)))}", soft_wrap=True)
    if recorded.appended is not None:
        release_output.appended(recorded.appended)


def _redline(root: Path, verdict: Drift, page: str | None, output: Path) -> None:
    """Write the redline of the nearest version and the page."""
    from publisher.compare.redlines import FORMATS, Look, author, written

    look = Look(output_format(None, str(output), FORMATS), now(), author(root))
    written(root, [verdict.difference], look, output, [page])


def _drifted(verdict: Drift, *, json: bool) -> None:
    """Print which version a page shows, and each place where its words differ."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["drift"], verdict)
        return
    out = console()
    name = f"[bold]{verdict.brand}[/]/{verdict.locale}"
    page = plain(verdict.page)
    if verdict.verdict == "in-force":
        out.print(f"{name}: {page} shows {verdict.version}, the version in force, word for word")
    elif verdict.verdict == "another-version":
        out.print(f"{name}: [red]{page} shows {verdict.version}, word for word[/]")
    else:
        places = counted(len(verdict.differences), "place")
        out.print(f"{name}: [red]{page} differs from {verdict.version} in {places}[/]")
    if verdict.version != verdict.current:
        force = f"in force is {verdict.current}" if verdict.current else "no version is in force"
        out.print(f"  {verdict.version} is {verdict.standing}; {force}")
    for difference in verdict.differences:
        where = f"{difference.clause}: … {difference.behind} " if difference.clause else ""
        marks = [f"[red]\\[–{plain(difference.expected)}–][/]"] if difference.expected else []
        marks += [f"[green]\\[+{plain(difference.shown)}+][/]"] if difference.shown else []
        out.print(f"  {plain(where)}{''.join(marks)}")
    for note in verdict.notes:
        out.print(f"  [dim]note:[/] {plain(note)}")


def _built(built: SitesBuilt, *, json: bool) -> None:
    """Print what was written, and when the site must be built again."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["site"], built)
        return
    out = console()
    for site in built.sites:
        files = f"{counted(site.versions, 'version')}, {counted(site.files, 'file')}"
        what = f"{site.written} new or changed" if site.written else "nothing changed"
        out.print(f"[bold]{site.brand}[/]  {plain(str(site.folder))}  {files}, {what}")
        if site.next_build is not None:
            out.print(f"  build it again on [bold]{site.next_build}[/]: {plain(site.because)}")
        for note in site.notes:
            out.print(f"  [dim]note:[/] {plain(note)}")
    for brand in built.passed_over:
        out.print(f"[dim]{brand}[/]  skipped: it has no release")


def _due(late: Iterable[Due], *, json: bool) -> None:
    """Print which sites must be built, and why."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["site-due"], tuple(late))
        return
    for site in late:
        failure(f"the site of {site.brand} must be built: {site.because}. Run `publisher site`")
