"""The options that several commands have, spelled alike everywhere."""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.errors import AskedWrongly, PublisherError

if TYPE_CHECKING:
    from publisher.archive.release.append import AppendOptions


def _brand_names(incomplete: str) -> list[str]:
    """Return the brands that a shell may complete to; none where there is no workspace."""
    from publisher.repository.source import FolderSource
    from publisher.workspace import brands_in

    try:
        names = brands_in(FolderSource(root_of(None)))
    except PublisherError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def _format_names(incomplete: str) -> list[str]:
    from publisher.files.format import PUBLISHED

    return [name for name in PUBLISHED if name.startswith(incomplete)]


Brands = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="BRAND", help="Brands; all if none is named.", autocompletion=_brand_names
    ),
]
Brand = Annotated[
    str, typer.Argument(metavar="BRAND", help="The brand.", autocompletion=_brand_names)
]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="The workspace; else the nearest folder upwards with brands/ and shared/.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="REVISION", help="As it was at a commit, tag or branch."),
]


Locales = Annotated[
    list[str] | None,
    typer.Option("--locale", metavar="LOCALE", help="Only this locale; may be repeated."),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Only html, pdf, markdown or json; may be repeated.",
        autocompletion=_format_names,
    ),
]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Where the files go.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", metavar="N", min=1, help="PDFs at a time; else one more than there are cores."
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Make everything anew, and remember nothing.")
]


Sign = Annotated[
    str | None, typer.Option("--sign", metavar="KEY", help="Sign the entry with this SSH key.")
]
Unsigned = Annotated[
    str | None,
    typer.Option(
        "--unsigned", metavar="REASON", help="Why it is not signed, though an entry before it is."
    ),
]
NoCommit = Annotated[bool, typer.Option("--no-commit", help="Leave the commit to a pull request.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be, and write nothing.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: it is recorded.")]


def root_of(workspace: Path | None) -> Path:
    """Return the workspace that is meant; raises `NotAWorkspace`."""
    from publisher.repository.moment import find_workspace, named_workspace

    return find_workspace(Path.cwd()) if workspace is None else named_workspace(workspace)


def now() -> datetime:
    """Return the moment, with its zone: a command takes it once, at its start."""
    return datetime.now().astimezone()


def day(option: str, text: str) -> date:
    """Return a day that the user typed; raises `AskedWrongly`."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise AskedWrongly(f"{option} takes a day of the calendar such as 2026-11-22, not '{text}'")


def when(option: str, text: str) -> date:
    """Return a day, or a moment, that the user typed; raises `AskedWrongly`."""
    from publisher.archive.moments import parse_when

    parsed = parse_when(text)
    if parsed is None:
        raise AskedWrongly(
            f"{option} takes a day of the calendar such as 2026-11-22, or a moment such as "
            f"2026-11-22T09:00, not '{text}'"
        )
    return parsed


def appending(
    sign: str | None, unsigned: str | None, no_commit: bool, dry_run: bool
) -> AppendOptions:
    """Return how an entry is to be appended, by the options for it."""
    from publisher.archive.release.append import AppendOptions
    from publisher.files.cache import Cache, cache_folder

    cache = Cache(cache_folder()) if dry_run else None
    key = os.path.abspath(sign) if sign is not None and os.path.exists(sign) else sign  # noqa: PTH100, PTH110
    return AppendOptions(now(), key, unsigned, not no_commit, dry_run, cache)
