"""The commands on the past: search, old documents, and what must leave the archive."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.app import command
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    DryRun,
    Json,
    OnlyBrands,
    Reason,
    WorkspaceDir,
    argument,
    day,
    locale_names,
    now,
    opened,
    option,
    version_names,
    when,
)
from publisher.cli.terminal import progress as progress_shown

Documents = Annotated[list[Path], argument("FILE...", "PDF, HTML, Markdown, Word or text.")]
ClaimedDate = Annotated[
    str, option("--claimed-date", "DATE", "The day from which it was in force, or unknown.")
]
Provenance = Annotated[
    str, option("--source", "TEXT", "Where the document comes from; it is recorded.")
]
Language = Annotated[
    str | None, option("--locale", "LOCALE", "The language of the document.", locale_names)
]
Corrects = Annotated[
    str | None,
    option("--corrects", "VERSION", "The imported version that this one corrects.", version_names),
]

Controller = Annotated[
    str | None,
    option("--controller", "COMPANY", "The company behind the brand then: its name or id."),
]
FormerLocale = Annotated[
    bool,
    typer.Option("--former-locale", help="The brand had the locale then, and has it no longer."),
]


@command('publisher search "for 24 months" --on 2026-05-18')
def search(
    text: Annotated[str, argument("TEXT", "A phrase, or a word. No character in it is special.")],
    on: Annotated[
        str | None,
        option("--on", "DATE", "Only texts in force on this day, or at this moment."),
    ] = None,
    brand: OnlyBrands = None,
    locale: Annotated[
        str | None, option("--locale", "LOCALE", "Only this locale.", locale_names)
    ] = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Find a text: in which brand, language, clause and version, from when to when.

    Case, accents, hyphens and quotation marks do not matter. Where nobody used the exact phrase,
    it shows the clauses with all its words.
    """
    from publisher.files.cache import Cache, cache_folder
    from publisher.search.search import SearchRequest
    from publisher.search.search import search as task

    brands = tuple(brand or ())
    moment = when("--on", on) if on is not None else None
    request = SearchRequest(text, now(), moment, brands, locale)
    root = opened(workspace, *brands)
    with progress_shown() as progress:
        result = task(root, request, Cache(cache_folder()), progress)
    import_module(f"publisher.cli.{'archive_json' if json else 'get_output'}").search(result)


@command(
    "publisher import-version lantern old.pdf --locale en --claimed-date 2019-05-25 "
    '--source "Mail of the web agency, 24 May 2019"'
)
def import_version(
    brand: Brand,
    files: Documents,
    claimed_date: ClaimedDate,
    source: Provenance,
    locale: Language = None,
    corrects: Corrects = None,
    controller: Controller = None,
    former_locale: FormerLocale = False,
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Add an old policy to the archive, byte for byte; its dates are asserted, not proven.

    Several files are the same text in several formats.

    A document that is already in the archive gets a second period, unless
    --corrects says that it corrects the first.
    """
    from publisher.archive.fields import UNKNOWN
    from publisher.archive.release.import_version import import_version as task
    from publisher.cli import past_output as show

    imported = task(
        opened(workspace, brand),
        brand,
        files,
        None if claimed_date == UNKNOWN else day("--claimed-date", claimed_date),
        source,
        append(dry_run),
        locale=locale,
        corrects=corrects,
        controller=controller,
        former_locale=former_locale,
    )
    show.imported(imported)


@command("publisher reconstruct lantern --until 2025-12-31")
def reconstruct(
    brand: Brand,
    since: Annotated[
        str | None, option("--since", "DATE", "Only revisions from this day on.")
    ] = None,
    until: Annotated[
        str | None, option("--until", "DATE", "Only revisions up to this day.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Freeze them (default: list them).")] = False,
    append: Appending = APPENDING,
    workspace: WorkspaceDir = None,
) -> None:
    """List or freeze the revisions from before the first release, as git has them."""
    from publisher.archive.release.reconstruct import reconstruct as task
    from publisher.cli import past_output as show

    with progress_shown() as progress:
        history = task(
            opened(workspace, brand),
            brand,
            append(not yes),
            since=day("--since", since) if since is not None else None,
            until=day("--until", until) if until is not None else None,
            freeze=yes,
            progress=progress,
        )
    show.reconstruction(history, frozen=yes)


@command(
    'publisher redact lantern 2026-11-24 en/policy.pdf --reason "Names a customer" '
    '--authority "Court of Antwerp, 12 May 2027" --dry-run'
)
def redact(
    brand: Brand,
    version: Annotated[str, argument("VERSION", "Its id, or captures.", version_names)],
    file: Annotated[str, argument("FILE", "Such as en/policy.pdf.")],
    reason: Reason,
    authority: Annotated[str, option("--authority", "TEXT", "Who ordered it; it is recorded.")],
    append: Appending = APPENDING,
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Delete a file of a version; the ledger keeps the reason and the file's SHA-256."""
    from publisher.archive.release.lifecycle import redact as task
    from publisher.cli import release_output as show

    appended = task(
        opened(workspace, brand),
        brand,
        version,
        file,
        reason,
        authority,
        append(dry_run),
    )
    show.appended(appended)
