"""The options that several commands have, spelled alike everywhere."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from publisher.errors import AskedWrongly, NeverReleased, PublisherError, UnknownName, UnusableZone

if TYPE_CHECKING:
    from publisher.archive.lineage import Lineage
    from publisher.archive.release.append import AppendOptions

_EARLIEST, _LATEST = 1990, 9000
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
Completion = Callable[[typer.Context, str], list[str]]


def option(
    name: str, metavar: str, help: str, complete: Completion | None = None, **how: Any
) -> Any:
    """Return an option that takes a value."""
    return typer.Option(name, metavar=metavar, help=help, autocompletion=complete, **how)


def argument(metavar: str, help: str, complete: Completion | None = None, **how: Any) -> Any:
    """Return an argument."""
    return typer.Argument(metavar=metavar, help=help, autocompletion=complete, **how)


def given_twice(option: str) -> AskedWrongly:
    """Return the error for an option that takes one value, and has two."""
    return AskedWrongly(f"{option} is given more than once, and takes one value. Give it once")


def _workspace(context: typer.Context, named: Path | None) -> Path | None:
    """Return the workspace that is named after the command, or before it; one of the two only."""
    root = context.find_root()
    before = root.params.get("workspace") if root is not context else None
    if named is not None and before is not None and not context.resilient_parsing:
        raise given_twice("--workspace")
    return named if named is not None else before


def _completion(known: Callable[[Path, Sequence[str]], Iterable[str]]) -> Completion:
    """Return a function that completes a word to known names; to none if they cannot be read.

    `known` lists them for a workspace and the brands that were typed, if there are any.
    """

    def complete(context: typer.Context, incomplete: str) -> list[str]:
        brands = [*(context.params.get("brands") or ()), context.params.get("brand")]
        try:
            root = root_of(_workspace(context, context.params.get("workspace")))
            names = dict.fromkeys(known(root, [brand for brand in brands if brand]))
        except (OSError, PublisherError):  # nothing is to be printed beside what is typed
            return []
        return [name for name in names if name.startswith(incomplete)]

    return complete


def known_brands(root: Path) -> tuple[str, ...]:
    """Return the brands that the workspace has, or its archive."""
    from publisher.archive.folder import archived_brands
    from publisher.repository.source import ArchiveFolder, FolderSource
    from publisher.workspace import brands_in

    there = (*brands_in(FolderSource(root)), *archived_brands(ArchiveFolder(root)))
    return tuple(dict.fromkeys(there))


def _locales(root: Path, brands: Sequence[str]) -> Iterator[str]:
    from publisher.repository.source import FolderSource
    from publisher.workspace import brands_in, load

    source = FolderSource(root)
    files = load(source, [name for name in brands_in(source) if name in (brands or (name,))]).brands
    for file in files.values():
        yield from file.value.locales if file.value is not None else ()


def _versions(root: Path, brands: Sequence[str]) -> Iterator[str]:
    from publisher.archive.get import versions

    for brand in versions(root, now(), brands):
        yield from (text.version.version for text in brand.versions)


def _formats(_root: Path, _brands: Sequence[str]) -> Iterable[str]:
    from publisher.files.format import BUILT

    return BUILT


brand_names = _completion(lambda root, _: known_brands(root))
version_names = _completion(_versions)
locale_names = _completion(_locales)

Brands = Annotated[
    list[str] | None, argument("BRAND", "Brands; all if none is named.", brand_names)
]
OnlyBrands = Annotated[
    list[str] | None, option("--brand", "BRAND", "Only this brand; may be repeated.", brand_names)
]
Brand = Annotated[str, argument("BRAND", "The brand.", brand_names)]
WorkspaceDir = Annotated[
    Path | None,
    option(
        "--workspace",
        "DIR",
        "The workspace (default: the nearest folder upwards with brands/ and shared/).",
        callback=_workspace,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
OutputPath = Annotated[
    str | None, option("--output", "PATH", "A file, a folder (DIR/), or - for a pipe.")
]
ReportPath = Annotated[
    str | None, option("--output", "PATH", "A file or a folder (default: print it).")
]


def one_format(format: str | None, *, json: bool) -> str | None:
    """Return the format that --json or --format names; raises `AskedWrongly` for two formats."""
    if json and format not in (None, "json"):
        raise AskedWrongly(f"--json and --format {format} name two formats; give one of them")
    return "json" if json else format


At = Annotated[
    str | None, option("--at", "REVISION", "Use a commit, tag or branch, not the files here.")
]


Locales = Annotated[
    list[str] | None,
    option("--locale", "LOCALE", "Only this locale; may be repeated.", locale_names),
]
Locale = Annotated[
    str | None, option("--locale", "LOCALE", "The locale (default: the only one).", locale_names)
]
Version = Annotated[str, argument("VERSION", "Its id.", version_names)]
Formats = Annotated[
    list[str] | None,
    option(
        "--format",
        "FORMAT",
        "Only html, pdf, markdown, json or docx (for Word, to edit); may be repeated.",
        _completion(_formats),
    ),
]
Jobs = Annotated[
    int | None,
    option("--jobs", "N", "PDFs at a time (default: one more than the cores).", min=1, max=1000),
]
Scheduler = Annotated[
    str | None,
    option(
        "--scheduler",
        "ADDRESS",
        "Let Dask's workers do the work: tcp://HOST:PORT, tls://HOST:PORT, or local:N.",
        envvar="PUBLISHER_SCHEDULER",
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Rebuild everything without the cache.")]


Sign = Annotated[str | None, option("--sign", "KEY", "Sign the entry with this SSH key.")]
Unsigned = Annotated[
    str | None,
    option("--unsigned", "REASON", "Leave the entry unsigned, though earlier ones are signed."),
]
NoCommit = Annotated[
    bool, typer.Option("--no-commit", help="Write the files, but do not commit them.")
]
ClockIsRight = Annotated[
    bool,
    typer.Option("--clock-is-right", help="Append years after the newest commit."),
]


class Appending(NamedTuple):
    """The options of all commands that append to a ledger; a call returns how to append."""

    sign: Sign = None
    unsigned: Unsigned = None
    no_commit: NoCommit = False
    clock_is_right: ClockIsRight = False

    def __call__(self, dry_run: bool) -> AppendOptions:
        """Return how an entry is to be appended now."""
        from publisher.archive.release.append import AppendOptions
        from publisher.files.cache import Cache, cache_folder

        key = self.sign
        if key is not None and os.path.exists(key):  # noqa: PTH110
            key = os.path.abspath(key)  # noqa: PTH100
        return AppendOptions(
            now(),
            key,
            self.unsigned,
            not self.no_commit,
            dry_run,
            Cache(cache_folder()) if dry_run else None,
            clock_is_right=self.clock_is_right,
        )


APPENDING = Appending()
"""The default of the parameter that stands for these options: see `command`."""
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")]
Reason = Annotated[str, option("--reason", "TEXT", "The reason; it is recorded.")]


def root_of(workspace: Path | None) -> Path:
    """Return the workspace that is meant; raises `NotAWorkspace`."""
    from publisher.repository.moment import find_workspace, named_workspace

    return find_workspace(Path.cwd()) if workspace is None else named_workspace(workspace)


def opened(workspace: Path | None, *brands: str) -> Path:
    """Return the workspace that is meant; raises `UnknownName` for a brand that it never had.

    Git is asked about a brand that is not here: raises what `Lineage.chain` does.
    """
    root = root_of(workspace)
    known = known_brands(root) if brands else ()
    if brands:
        from publisher.repository.moment import refuse_left_out

        refuse_left_out(root, brands)
    for brand in brands:
        if brand not in known and brand not in _former(root):
            with suppress(NeverReleased):
                _lineage(root).chain(brand, now())
            raise UnknownName("brand", brand, known)
    return root


def say_left_out(root: Path, brands: Sequence[str] | None) -> None:
    """Print how many brands are not checked out here, if all are asked about."""
    if brands:
        return
    from publisher.cli.terminal import left_out as say
    from publisher.repository.moment import left_out

    say(root, len(left_out(root, "brands")))


def _former(root: Path) -> tuple[str, ...]:
    """Return the names that the brands of a workspace had before."""
    return tuple(name for former in _lineage(root).names.values() for name in former.was)


def _lineage(root: Path) -> Lineage:
    from publisher.archive.lineage import Lineage
    from publisher.repository.source import ArchiveFolder

    return Lineage(ArchiveFolder(root))


def place(path: Path) -> Path:
    """Return a path as it is shown and used: from the working folder, if it is below that."""
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # another drive
        return path


def now() -> datetime:
    """Return the moment, with its zone: a command reads it once, at its start.

    Raises `UnusableZone`, and `PublisherError` for a clock in a year that no entry can have.
    """
    try:
        moment = datetime.now().astimezone()
    except (OSError, OverflowError, ValueError) as fault:
        raise UnusableZone(fault) from fault
    if not _EARLIEST <= moment.year < _LATEST:
        raise PublisherError(f"this machine's clock says {moment.date()}. Set it right")
    return moment


def can_ask() -> bool:
    """Return whether somebody can answer: a terminal at both ends, and no CI."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not os.environ.get("CI")


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar: ``2026-11-22``."""
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def day(option: str, text: str) -> date:
    """Return a day that the user typed; raises `AskedWrongly`."""
    if is_day(text):
        return date.fromisoformat(text)
    raise AskedWrongly(f"{option} takes a calendar day such as 2026-11-22, not '{text}'")


def when(option: str, text: str) -> date:
    """Return a day, or a moment, that the user typed; raises `AskedWrongly`."""
    from publisher.archive.moments import parse_when

    parsed = parse_when(text)
    if parsed is None:
        raise AskedWrongly(
            f"{option} takes a calendar day such as 2026-11-22, or a moment such as "
            f"2026-11-22T09:00, not '{text}'"
        )
    return parsed
