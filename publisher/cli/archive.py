"""The commands on the archive: release, and what was released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.app import command
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    Brands,
    DryRun,
    Json,
    Locale,
    Locales,
    OutputPath,
    Reason,
    Scheduler,
    Version,
    WorkspaceDir,
    argument,
    brand_names,
    can_ask,
    day,
    is_day,
    locale_names,
    now,
    opened,
    option,
    root_of,
    say_left_out,
    version_names,
    when,
)
from publisher.cli.terminal import console, print_bytes, print_problems
from publisher.cli.terminal import progress as progress_shown
from publisher.errors import AskedWrongly, UnknownName

if TYPE_CHECKING:
    from publisher.archive.evidence.bundle import Bundle
    from publisher.archive.get import Got
    from publisher.archive.release.release import Outcome, ReleaseOptions

InForce = Annotated[
    str | None, option("--in-force", "DATE", "The day the version takes effect (default: today).")
]
ShortNotice = Annotated[
    str | None, option("--short-notice", "REASON", "Why it takes effect sooner than notice_days.")
]
On = Annotated[
    str | None,
    option(
        "--on",
        "DATE",
        "In force at the end of this day, or at this moment, 2026-11-22T09:00 (default: now).",
    ),
]
Bundled = Annotated[
    bool,
    typer.Option(
        "--bundle", help="Write a zip with everything that an outsider needs to check it."
    ),
]


Releasing = Annotated[list[str], argument("BRAND", "The brands.", brand_names)]
ChangeSummary = Annotated[str | None, option("--summary", "TEXT", "What changes, in one line.")]
Editorial = Annotated[
    bool, typer.Option("--editorial", help="The meaning stays the same; needs --reason.")
]
WhyEditorial = Annotated[str | None, option("--reason", "TEXT", "Why it is editorial.")]
Approvals = Annotated[
    list[str] | None, option("--approved-by", "NAME", "Who approved it; may be repeated.")
]
Tag = Annotated[bool, typer.Option("--tag", help="Tag the commit BRAND/VERSION.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, even on a terminal.")]


@command("publisher release lantern --in-force 2027-01-05 --dry-run")
def release(
    brands: Releasing,
    in_force: InForce = None,
    summary: ChangeSummary = None,
    editorial: Editorial = False,
    reason: WhyEditorial = None,
    short_notice: ShortNotice = None,
    approved_by: Approvals = None,
    tag: Tag = False,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    yes: Yes = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Freeze what is committed as a version in the archive, brand by brand.

    On a terminal, show what would be released, and ask before it is.
    """
    from publisher.archive.release.release import ReleaseOptions

    if tag and append.no_commit:
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
    ask = not (yes or dry_run) and can_ask()
    raise typer.Exit(_released(root_of(workspace), brands, terms, append, dry_run, ask=ask))


def _released(
    root: Path,
    brands: Sequence[str],
    terms: ReleaseOptions,
    append: Appending,
    dry_run: bool,
    *,
    ask: bool,
) -> int:
    """Release brands, first in a dry run if somebody is to be asked; return the exit code."""
    from publisher.archive.release.release import release as task
    from publisher.cli import release_output as show

    refused: list[Outcome] = []
    preview: tuple[Outcome, ...] = ()
    if ask:
        with progress_shown() as progress:
            preview = task(root, brands, terms, append(True), progress)
        refused = [outcome for outcome in preview if outcome.fault is not None]
        brands = show.agreed(preview)
    if ask and not brands:
        return refused[0].fault.exit_code if refused and refused[0].fault else 1
    asked = append(dry_run)
    show.refuse_changed(root, preview, asked.now)
    with progress_shown() as progress:
        outcomes = task(root, brands, terms, asked, progress)
    show.release(root, (*refused, *outcomes), shown=refused)
    faults = (outcome.fault for outcome in (*refused, *outcomes))
    return next((fault.exit_code for fault in faults if fault is not None), 0)


@command(
    'publisher reschedule lantern 2026-11-24 --in-force 2027-01-15 --reason "The site is not ready"'
)
def reschedule(
    brand: Brand,
    version: Version,
    in_force: Annotated[str, option("--in-force", "DATE", "The new day on which it takes effect.")],
    reason: Reason,
    short_notice: ShortNotice = None,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Move the day on which a version takes effect, if it is still to come."""
    from publisher.archive.release.lifecycle import reschedule as task
    from publisher.cli import release_output as show

    root = opened(workspace, brand)
    appended = task(
        root,
        brand,
        version,
        day("--in-force", in_force),
        reason,
        append(dry_run),
        short_notice=short_notice,
    )
    show.appended(appended)
    if dry_run:
        _show_trailers(root, brand)


@command('publisher retire lantern --on 2027-01-01 --reason "Sold" --dry-run')
def retire(
    brand: Brand,
    on: Annotated[str, option("--on", "DATE", "The first day without it.")],
    reason: Reason,
    locale: Annotated[
        str | None, option("--locale", "LOCALE", "Only this locale (default: all).", locale_names)
    ] = None,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """End a brand's policy, or one locale of it, from a given day."""
    from publisher.archive.release.lifecycle import retire as task
    from publisher.cli import release_output as show

    root = opened(workspace, brand)
    appended = task(
        root,
        brand,
        day("--on", on),
        reason,
        append(dry_run),
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


@command(
    'publisher correct-clock lantern --at 2026-12-04T10:15 --reason "The laptop was a year ahead"'
)
def correct_clock(
    brand: Brand,
    at: Annotated[
        list[str],
        option("--at", "MOMENT", "When it was really made; once for each entry that is ahead."),
    ],
    reason: Reason,
    in_force: Annotated[
        str | None,
        option("--in-force", "DATE", "The day it takes effect (default: as it was meant)."),
    ] = None,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Record when the newest entries were really made, if a clock was ahead."""
    from publisher.archive.release.lifecycle import correct_clock as task
    from publisher.cli import release_output as show

    moments = [when("--at", text) for text in at]
    times = [moment for moment in moments if isinstance(moment, datetime)]
    if len(times) < len(moments):
        raise AskedWrongly("--at takes a moment, such as 2026-11-22T09:00, not a day alone")
    appended = task(
        opened(workspace, brand),
        brand,
        times,
        reason,
        append(dry_run),
        in_force=day("--in-force", in_force) if in_force is not None else None,
    )
    show.appended(appended)


@command("publisher versions lantern")
def versions(brands: Brands = None, json: Json = False, workspace: WorkspaceDir = None) -> None:
    """List the versions of each brand, and when each is in force."""
    from publisher.archive.get import versions as task
    from publisher.archive.get import versions_elsewhere

    show, root = _shown("get_output", json=json), opened(workspace, *(brands or ()))
    say_left_out(root, brands)
    if not brands and (elsewhere := versions_elsewhere(root)):
        print_problems(elsewhere, console(stderr=True))
    show.versions(task(root, now(), brands or ()))


VersionWord = Annotated[
    str | None,
    argument("VERSION", "A version's id (default: the version in force).", version_names),
]
VersionOption = Annotated[
    str | None, option("--version", "ID", "The same as VERSION.", version_names)
]
IssuedFormat = Annotated[
    str | None,
    option(
        "--format",
        "FORMAT",
        "pdf, html, markdown, json, extracted, or docx to edit (default: the ending, or pdf).",
    ),
]


@command("publisher get lantern --on 2026-11-23 --locale en")
def get(
    brand: Brand,
    word: VersionWord = None,
    on: On = None,
    version: VersionOption = None,
    locale: Locale = None,
    format: IssuedFormat = None,
    output: OutputPath = None,
    bundle: Bundled = False,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Write a document of the version in force on a day, or of VERSION, as it was issued."""
    if json and output == "-":
        raise AskedWrongly("--output - and --json both go to standard output; give one of them")
    if bundle and format is not None:
        raise AskedWrongly("--bundle has all formats of the version; leave out --format")
    root = opened(workspace, brand)
    asked: dict[str, Any] = {
        "on": when("--on", on) if on is not None else None,
        "version": _version(brand, word, version),
        "locale": locale,
        "output": output,
        "write": output != "-",
    }
    with _day_explained(brand, word):
        handed = _bundled(root, brand, asked) if bundle else _document(root, brand, format, asked)
    _pipe(output, handed.data)
    show = _shown("get_output", json=json)
    (show.bundle if bundle else show.get)(handed)


def _bundled(root: Path, brand: str, asked: dict[str, Any]) -> Bundle:
    from publisher.archive.evidence.bundle import bundle
    from publisher.archive.get import Request

    return bundle(root, Request(brand, now(), **asked))


def _document(root: Path, brand: str, format: str | None, asked: dict[str, Any]) -> Got:
    from publisher.archive.get import get as task
    from publisher.archive.issued import DOCUMENTS
    from publisher.files.format import meant_format

    file = Path(asked["output"]) if asked["output"] is not None else None
    return task(root, brand, now(), format=meant_format(format, file, DOCUMENTS), **asked)


ExportFormats = Annotated[
    list[str] | None,
    option(
        "--format",
        "FORMAT",
        "Only pdf, html, markdown, json, docx, text or extracted; may be repeated.",
    ),
]


@command("publisher export lantern --since 2026-01-01 --output export.zip")
def export(
    brands: Releasing,
    output: Annotated[
        str, option("--output", "PATH", "A new folder, or a file whose name ends in .zip.")
    ],
    since: Annotated[
        str | None, option("--since", "DATE", "The first day of the period (default: any).")
    ] = None,
    until: Annotated[
        str | None, option("--until", "DATE", "The last day of the period (default: any).")
    ] = None,
    locale: Locales = None,
    format: ExportFormats = None,
    language: Annotated[
        str | None,
        option("--language", "LOCALE", "The index's language (default: the only locale, or en)."),
    ] = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Write every version that was in force in a period, as issued, with an index."""
    from publisher.archive.evidence.export import ExportRequest
    from publisher.archive.evidence.export import export as task

    if output == "-":
        raise AskedWrongly("--output - does not take an export. Name a folder, or a .zip file")
    request = ExportRequest(
        tuple(brands),
        output,
        since=day("--since", since) if since is not None else None,
        until=day("--until", until) if until is not None else None,
        locales=tuple(locale or ()),
        formats=tuple(format or ()),
        language=language,
    )
    with progress_shown() as progress:
        exported = task(opened(workspace, *brands), request, progress)
    _shown("get_output", json=json).export(exported)


def _version(brand: str, word: str | None, option: str | None) -> str | None:
    """Return the version that was named; raises `AskedWrongly` for a word that cannot be an id."""
    from publisher.archive.fields import is_version

    if word is None:
        return option
    if option is not None:
        raise AskedWrongly(f"'{word}' and --version {option} both name a version. Leave one out")
    if not is_version(word):
        raise AskedWrongly(
            f"'{word}' is not the id of a version. `publisher versions {brand}` lists the ids"
        )
    return word


@contextmanager
def _day_explained(brand: str, word: str | None) -> Iterator[None]:
    """Return how to ask for a day, if one was given in place of a version's id."""
    try:
        yield
    except UnknownName as fault:
        if word is None or not is_day(word):
            raise
        how = f"For what was in force on that day, run `publisher get {brand} --on {word}`"
        raise AskedWrongly(f"{fault}. {how}") from None


def _shown(output: str, *, json: bool) -> Any:
    """Return the module that prints results: as JSON, or as text."""
    return import_module(f"publisher.cli.{'archive_json' if json else output}")


def _pipe(output: str | None, data: bytes) -> None:
    """Write a file to standard output, if that was asked for."""
    if output == "-":
        print_bytes(data)


@command("publisher verify --against origin/main")
def verify(
    brands: Brands = None,
    against: Annotated[
        str | None, option("--against", "OTHER", "A clone, a tag or commit, or an entry's SHA-256.")
    ] = None,
    allowed_signers: Annotated[
        Path | None, option("--allowed-signers", "FILE", "OpenSSH's file of allowed keys.")
    ] = None,
    authorities: Annotated[
        Path | None, option("--authorities", "FILE", "Certificates of authorities, in PEM.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Compose each version again, and compare words.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail, with 4, where git cannot bear witness.")
    ] = False,
    documents: Annotated[
        bool, typer.Option("--documents", help="Read the documents of all versions.")
    ] = False,
    scheduler: Scheduler = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Check that the archive is as it was released; list every difference, and repair nothing."""
    from publisher.archive.verify.verify import verify as task

    show = _shown("release_output", json=json)
    with progress_shown() as progress:
        verified = task(
            opened(workspace, *(brands or ())),
            brands or (),
            against=against,
            allowed_signers=allowed_signers,
            authorities=authorities,
            rebuild=rebuild,
            documents=documents,
            scheduler=scheduler,
            progress=progress,
        )
    print_problems(verified.unfit, console(stderr=True))
    show.verify(verified)
    wrong = len(verified.findings) > len(verified.unverified)
    unsure = verified.newer or verified.unverified or (strict and verified.unwitnessed)
    raise typer.Exit(3 if wrong else 4 if unsure else 0)


@command("publisher status")
def status(brands: Brands = None, json: Json = False, workspace: WorkspaceDir = None) -> None:
    """Show where each policy stands: in force, upcoming, changed since, drafts, open questions."""
    from publisher.archive.release.status import status as task
    from publisher.files.cache import Cache, cache_folder

    root = opened(workspace, *(brands or ()))
    say_left_out(root, brands)
    with progress_shown() as progress:
        standings = task(root, now(), Cache(cache_folder()), brands or (), progress)
    _shown("status_output", json=json).status(standings)
    raise typer.Exit(1 if any(standing.state == "errors" for standing in standings) else 0)
