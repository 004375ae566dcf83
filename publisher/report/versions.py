"""Versions, and documents of them → the terminal, or JSON."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from publisher.archive.timeline import Period
from publisher.model.ledger import Import, Reconstruct, Release
from publisher.model.ledger import Version as Version_
from publisher.report.terminal import console, plain, print_json, print_rows

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.tasks.get import Got
    from publisher.tasks.versions import BrandVersions, Version

_STATES = {
    "in force": "green",
    "upcoming": "cyan",
    "superseded": "dim",
    "retired": "yellow",
}
_FORCE = dict.fromkeys(_STATES, "in force") | {
    "asserted": "asserted to have been in force",
    "reconstructed": "the words of the repository",
}


def period(period: Period) -> str:
    """Return a period in words."""
    if period.since is None:
        return "unknown: nobody has asserted a date"
    if period.empty and period.state == "asserted":
        return "none: another import corrects what was asserted of it"
    if period.empty:
        return f"never {_FORCE[period.state]}: superseded before"
    until = f" until {period.until}" if period.until else ""
    return f"{_FORCE[period.state]} from {period.since}{until}"


def certainty(version: Version_) -> str | None:
    """Return how certain it is that a version was in force; nothing for one that was released."""
    match version:
        case Import():
            return (
                f"asserted, imported on {version.recorded_at:%Y-%m-%d} by {version.recorded_by}; "
                f"its source: {version.provenance}"
            )
        case Reconstruct():
            return (
                f"reconstructed on {version.recorded_at:%Y-%m-%d} from commit "
                f"{version.source[:10]}: what the repository said, not proof of what was published"
            )
        case _:
            return None


def versions(brands: Iterable[BrandVersions], *, json: bool) -> None:
    """Print versions, newest first."""
    brands = tuple(brands)
    if json:
        print_json(
            [version_said(each.version, each.period) for brand in brands for each in brand.versions]
        )
        return
    out = console()
    for brand in brands:
        out.print(f"[bold]{brand.brand}[/]")
        wide = max((len(each.version.version) for each in brand.versions), default=0)
        heads = ("Version", "Origin", "Change", "From", "until", "State")
        out.print(f"[bold]{_columns(wide, *heads)}[/]", soft_wrap=True)
        for each in brand.versions:
            _print_version(out, wide, each)
        for retired, back in brand.retirements:
            what = f"{retired.locale} retired" if retired.locale else "retired"
            until = f" until version {back}" if back else ""
            out.print(f"{what} from {retired.on}{until}: {plain(retired.reason)}")
    if not brands:
        out.print("nothing has been released yet; `publisher release BRAND` does")


def _print_version(out: Console, wide: int, each: Version) -> None:
    entry, held = each.version, each.period
    until = "never was" if held.empty else held.until.isoformat() if held.until else "–"
    since = held.since.isoformat() if held.since else "unknown"
    change = entry.change if isinstance(entry, Release) else "–"
    # What was not released says so under it; a line of 80 columns has no room for more.
    state = f"[{_STATES[held.state]}]{held.state}[/]" if held.state in _STATES else "–"
    out.print(
        _columns(wide, entry.version, entry.origin, change, since, until, state), soft_wrap=True
    )
    told = entry.summary if isinstance(entry, Release) else certainty(entry)
    room = max(out.width - wide - 2, 20) if out.is_terminal else sys.maxsize
    for text in textwrap.wrap(told or "", room):
        out.print(f"{'':{wide}}  [dim]{plain(text)}[/]")


def _columns(wide: int, *values: str) -> str:
    """Return the cells of a row, each as wide as its column; the last as it is."""
    widths = (max(wide, 7), 13, 9, 10, 10)
    cells = [f"{value:<{width}}" for value, width in zip(values, widths, strict=False)]
    return "  ".join([*cells, values[-1]])


def version_said(version: Version_, held: Period) -> dict[str, Any]:
    """Return a version as JSON tells it."""
    released = version if isinstance(version, Release) else None
    return {
        "brand": version.brand,
        "version": version.version,
        "origin": version.origin,
        "certainty": certainty(version),
        "change": released.change if released is not None else None,
        "published": released.published.isoformat() if released is not None else None,
        "in_force_from": held.since.isoformat() if held.since else None,
        "in_force_until": held.until.isoformat() if held.until else None,
        "state": held.state,
        "locales": list(version.locales),
        "summary": released.summary if released is not None else None,
    }


def get(got: Got, *, json: bool) -> None:
    """Print what was got, and the command that checks it."""
    check = f"echo '{got.sha256}  {got.path}' | sha256sum --check"
    if got.path is not None and shlex.quote(str(got.path)) != str(got.path):
        check = f"sha256sum {shlex.quote(str(got.path))}"
    if json:
        print_json(
            {
                **version_said(got.version, got.period),
                "locale": got.locale,
                "format": got.format,
                "sha256": got.sha256,
                "entry": got.version.name,
                "entry_sha256": got.entry,
                "rescheduled_by": got.moved.name if got.moved is not None else None,
                "others": [each.version for each in got.others],
                "file": str(got.path) if got.path is not None else None,
                "check": check,
            }
        )
        return
    aside = got.path is None
    console(stderr=aside).print(f"[bold]{got.version.brand} {got.version.version}[/], {got.locale}")
    rows = {name: value for name, value in _got(got).items() if value}
    print_rows(rows if aside else rows | {"check": check}, stderr=aside)


def _got(got: Got) -> dict[str, str | None]:
    version, moved = got.version, got.moved
    released = version if isinstance(version, Release) else None
    scheduled = None
    if moved is not None and released is not None:
        scheduled = f"by {moved.name}; the document says {released.in_force_from} still"
    others = ", ".join(f"{each.version} ({each.origin})" for each in got.others)
    return {
        "published": released.published.isoformat() if released is not None else None,
        "certainty": certainty(version),
        "period": period(got.period),
        "also": f"{others} may have been in force that day" if others else None,
        "text": "extracted from the document; not a document that was issued"
        if got.format == "extracted"
        else None,
        "file": str(got.path) if got.path is not None else "standard output",
        "sha256": got.sha256,
        "entry": version.name,
        "scheduled": scheduled,
    }
