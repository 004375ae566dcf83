"""The commands on what the public sees: the sites of brands, and whether the web shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.app import app
from publisher.cli.options import Brand, Brands, Json, WorkspaceDir, day, now, root_of
from publisher.cli.terminal import console, counted, failure, plain
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from publisher.site.drift import Drift
    from publisher.site.site import Due, SitesBuilt

_PORT = 8000


@app.command(epilog="Example: [bold]publisher site cloudnovi --output site[/bold]")
def site(
    brands: Brands = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="A folder for each brand goes here.")
    ] = Path("site"),
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The day that the site shows (default: today)."),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Where DIR is served (default: `site.base_url` of each brand).",
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
    root, named = root_of(workspace), brands or ()
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
        loopback(output, port, lambda url: console(stderr=True).print(f"{url} shows it; ^C ends"))


@app.command(epilog="Example: [bold]publisher drift cloudnovi https://cloudnovi.com/privacy[/bold]")
def drift(
    brand: Brand,
    page: Annotated[
        str | None,
        typer.Argument(
            metavar="URL|FILE", help="The page, or a copy (default: `site.url` of the brand)."
        ),
    ] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", metavar="LOCALE", help="In this locale.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Write the redline: a name that ends in .html, .pdf or .md.",
        ),
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Also read a page without TLS.")] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Also read a page of a private network.")
    ] = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Say which version a page on the web shows; end with 1 unless it is the one in force."""
    from publisher.site.drift import drift as task
    from publisher.site.drift_fetch import Allowed

    root, allowed = root_of(workspace), Allowed(http=http, private=private)
    found = task(root, brand, now(), page=page, locale=locale, allowed=allowed)
    if output is not None:
        _redline(root, found, output)
    _drifted(found, json=json)
    raise typer.Exit(0 if found.verdict == "in-force" else 1)


def _redline(root: Path, found: Drift, output: Path) -> None:
    """Write the redline of the nearest version and the page."""
    from publisher.compare.redlines import Look, author, chosen_format, written

    look = Look(chosen_format(None, output), now(), author(root))
    written(root, [found.difference], look, output)


def _drifted(found: Drift, *, json: bool) -> None:
    """Print which version a page shows, and each place where it has other words."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["drift"], found)
        return
    out = console()
    name = f"[bold]{found.brand}[/]/{found.locale}"
    page = plain(found.page)
    if found.verdict == "in-force":
        out.print(f"{name}: {page} shows {found.version}, the version in force, word for word")
    elif found.verdict == "another-version":
        out.print(f"{name}: [red]{page} shows {found.version}, word for word[/]")
    else:
        places = counted(len(found.differences), "place")
        out.print(f"{name}: [red]{page} has other words than {found.version} in {places}[/]")
    if found.verdict != "in-force":
        force = f"in force is {found.current}" if found.current else "no version is in force"
        out.print(f"  {found.version} is {found.standing}; {force}")
    for each in found.differences:
        where = f"{each.clause}: … {each.behind} " if each.clause else ""
        marks = [f"[red]\\[–{plain(each.expected)}–][/]"] if each.expected else []
        marks += [f"[green]\\[+{plain(each.shown)}+][/]"] if each.shown else []
        out.print(f"  {plain(where)}{''.join(marks)}")
    for note in found.notes:
        out.print(f"  [dim]note:[/] {plain(note)}")


def _built(built: SitesBuilt, *, json: bool) -> None:
    """Print what was written, and when it must be written again."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["site"], built)
        return
    out = console()
    for each in built.sites:
        files = f"{counted(each.versions, 'version')}, {counted(each.files, 'file')}"
        what = f"{each.written} new or changed" if each.written else "nothing changed"
        out.print(f"[bold]{each.brand}[/]  {plain(str(each.folder))}  {files}, {what}")
        if each.next_build is not None:
            out.print(f"  build it again on [bold]{each.next_build}[/]: {plain(each.because)}")
        for note in each.notes:
            out.print(f"  [dim]note:[/] {plain(note)}")
    for brand in built.passed_over:
        out.print(f"[dim]{brand}[/]  passed over: it has no release")


def _due(late: Iterable[Due], *, json: bool) -> None:
    """Print which sites must be built, and why."""
    if json:
        from publisher.cli import site_json
        from publisher.cli.json import print_json

        print_json(site_json.OUTPUTS["site-due"], tuple(late))
        return
    for each in late:
        failure(f"the site of {each.brand} must be built: {each.because}. Run `publisher site`")
