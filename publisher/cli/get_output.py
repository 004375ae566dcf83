"""Versions, their documents and their texts → the terminal.

`bundle` reports evidence for outsiders.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from publisher.archive.clocks import clock_note
from publisher.archive.entries import Absence, Import, Reconstruct, Release, Retire
from publisher.archive.entries import Version as Version_
from publisher.archive.moments import Asked, Period, Text, clock, retired_from
from publisher.cli.terminal import console, counted, plain, print_rows, print_table, quoted

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.archive.evidence.bundle import Bundle
    from publisher.archive.evidence.export import Export
    from publisher.archive.get import BrandVersions, Got
    from publisher.search.search import Hit, SearchResult


_HEADS = ("Version", "Origin", "Change", "From", "Until", "State")
_RELEASED = ("in force", "upcoming", "superseded", "retired")
_FORCE = dict.fromkeys(_RELEASED, "in force") | {
    "asserted": "asserted to have been in force",
    "reconstructed": "the words of the repository",
}


def period(period: Period) -> str:
    """Return a period in words: by days, and to the second where it begins or ends within one."""
    if period.state == "corrected":
        return "none: another import corrects it"
    if period.since is None or period.begins is None:
        return "unknown: nobody has asserted a date"
    if period.empty:
        before = "retired" if isinstance(period.ended_by, Retire) else "superseded"
        return f"never {_FORCE[period.state]}: {before} before"
    begins = clock(period.begins, period.zone) if period.begins_within else period.since
    until = f" until {period.until}" if period.until else ""
    if period.ends is not None and period.ends_within:
        same_day = period.since if period.begins_within else None
        until = f" until {clock(period.ends, period.zone, same_day)}"
    zone = f" ({period.zone})" if period.begins_within or period.ends_within else ""
    return f"{_FORCE[period.state]} from {begins}{until}{zone}{_cause(period)}"


def _cause(period: Period) -> str:
    """Return what ended a period within a day."""
    if not period.ends_within:
        return ""
    match period.ended_by:
        case None | Absence():
            return ""
        case Retire(locale=locale):
            return f", when {locale or 'it'} was retired"
        case entry if period.state in _RELEASED:
            return f", when {entry.version} replaced it"
        case entry:
            return f", when {entry.version} came into force"


def also(got: Got | Bundle) -> str:
    """Return in words which other texts were, or may have been, in force on the day asked about."""
    if got.asked is None:
        return ""
    others = [text for text in got.texts if text.version != got.version]
    hours = any(got.asked.hours(text.period) for text in others)
    named = "; ".join(_text(got.asked, text) for text in others)
    return f"{named} ({got.asked.zone})" if hours else named


def _text(asked: Asked, text: Text) -> str:
    version, hours = text.version, asked.hours(text.period)
    when = f"{'that day' if asked.on else 'then'} {hours}".strip()
    if isinstance(version, Release):
        return f"{version.version} was in force {when}"
    return f"{version.version} ({version.origin}) may have been in force {when}"


def certainty(version: Version_) -> str | None:
    """Return how certain it is that a version was in force; nothing for a released one."""
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


def versions(brands: Iterable[BrandVersions]) -> None:
    """Print versions, newest first."""
    brands = tuple(brands)
    out = console()
    for brand in brands:
        out.print(f"[bold]{brand.brand}[/]")
        print_table(_HEADS, [_row(text) for text in brand.versions], 1, _below(brand))
        for retired, back in brand.retirements:
            what = f"{retired.locale} retired" if retired.locale else "retired"
            until = f" until version {back}" if back else ""
            out.print(f"{what} from {retired_from(retired)}{until}: {plain(retired.reason)}")
    if not brands:
        out.print("nothing has been released yet; `publisher release BRAND` releases a brand")


def _row(text: Text) -> tuple[str, ...]:
    """Return a version as a row; for one that was not released, a line below names its origin."""
    version, force = text.version, text.period
    until = "never was" if force.empty else force.until.isoformat() if force.until else "–"
    return (
        version.version,
        version.origin,
        version.change if isinstance(version, Release) else "–",
        force.since.isoformat() if force.since else "unknown",
        "corrected" if force.state == "corrected" else until,
        force.state if force.state in _RELEASED else "–",
    )


def _below(brand: BrandVersions) -> list[tuple[str, ...]]:
    """Return the lines below the row of each version."""
    return [tuple(_notes(text, brand)) for text in brand.versions]


def _notes(text: Text, brand: BrandVersions) -> Iterable[str]:
    version, force = text.version, text.period
    if force.begins_within or force.ends_within:
        yield period(force)
    about = version.summary if isinstance(version, Release) else certainty(version)
    if version.brand != brand.brand:
        about = f"as {version.brand}: {about}" if about else f"as {version.brand}"
    if about:
        yield about
    yield from brand.notes.get((version.brand, version.version), ())


def get(got: Got) -> None:
    """Print the document that was found, and the command that checks it."""
    aside = got.path is None
    console(stderr=aside).print(f"[bold]{got.version.brand} {got.version.version}[/], {got.locale}")
    rows = {name: value for name, value in _got(got).items() if value}
    checked = not (aside or got.derived)  # nothing to compare a derived document with
    print_rows(rows | {"check": document_check(got)} if checked else rows, stderr=aside)


def document_check(got: Got) -> str:
    """Return the command that checks a document."""
    if got.path is not None and quoted(got.path) != str(got.path):
        return f"sha256sum {quoted(got.path)}"
    return f"echo '{got.sha256}  {got.path}' | sha256sum --check"


def _period(got: Got) -> str:
    return "; ".join(filter(None, (period(got.period), got.unsettled)))


def _got(got: Got) -> dict[str, str | None]:
    version, moved = got.version, got.moved
    released = version if isinstance(version, Release) else None
    scheduled = None
    if moved is not None and released is not None:
        says = released.as_written.in_force_from
        scheduled = f"by {moved.name}; the document says {says} still"
    return {
        "published": released.published.isoformat() if released is not None else None,
        "certainty": certainty(version),
        "period": _period(got),
        "also": also(got),
        "text": _text_of(got),
        "file": str(got.path) if got.path is not None else "standard output",
        "sha256": got.sha256,
        "entry": version.name,
        "scheduled": scheduled,
        "clock": clock_note(version),
    }


def _text_of(got: Got) -> str | None:
    """Return the origin of a document that was not issued."""
    if got.derived:
        return "made just now from the archived text, to edit; not a document that was issued"
    if got.format == "extracted":
        return "extracted from the document; not a document that was issued"
    return None


def bundle(zipped: Bundle) -> None:
    """Print what was bundled, and how to check it."""
    aside = zipped.path is None
    version = zipped.version
    console(stderr=aside).print(f"[bold]{version.brand} {version.version}[/], {zipped.locale}")
    rows = {
        "certainty": certainty(version),
        "period": period(zipped.period),
        "clock": clock_note(version),
        "also": also(zipped),
        "file": "standard output" if aside else str(zipped.path),
        "sha256": zipped.sha256,
        "holds": f"{zipped.files} files; evidence-letter.pdf explains them, and how to check them",
        "redacted": ", ".join(zipped.missing),
        "check": bundle_check(zipped),
    }
    print_rows({name: value for name, value in rows.items() if value}, stderr=aside)


def bundle_check(zipped: Bundle) -> str:
    """Return the command that checks a bundle."""
    name = quoted(zipped.path or f"{zipped.name}.zip")
    return f"unzip {name} && cd {zipped.name} && sha256sum --quiet -c SHA256SUMS"


def export(exported: Export) -> None:
    """Print what was exported, and how to check it."""
    versions = {part.brand: {one.folder for one in part.listed} for part in exported.inventories}
    out = console()
    for brand, folders in versions.items():
        out.print(f"[bold]{brand}[/], {counted(len(folders), 'version')}")
    gaps, files = exported.gaps, f"{exported.files} files; index.pdf explains them"
    own = "; the SHA-256 is of SHA256SUMS, which lists all other files"
    rows = {
        "gaps": f"{len(gaps)}; index.pdf and events.csv name them" if gaps else "",
        "redacted": ", ".join(exported.redacted),
        "holds": files if exported.zipped else f"{files}{own}",
        "file": str(exported.path),
        "sha256": exported.sha256,
        "check": export_check(exported),
    }
    print_rows({name: value for name, value in rows.items() if value})


def export_check(exported: Export) -> str:
    """Return the command that checks an export."""
    path = quoted(exported.path)
    folder = f"unzip {path} && cd {exported.name}" if exported.zipped else f"cd {path}"
    return f"{folder} && sha256sum --quiet -c SHA256SUMS"


def search(result: SearchResult) -> None:
    """Print each sentence, and below it the versions that have it."""
    out = console()
    if result.match == "words" and (result.hits or result.undated):
        out.print("nobody used the exact phrase; these clauses have all its words\n")
    _hits(out, result.hits)
    if result.undated:
        out.print("nobody knows when these were in force\n")
        _hits(out, result.undated)
    brands = {hit.version.brand for hit in result.hits}
    versions = {(hit.version.brand, hit.version.version) for hit in result.hits}
    count = f"{counted(len(versions), 'version')} of {counted(len(brands), 'brand')}"
    out.print(f"found in {count}" if versions else "no archived text says it")
    for text in result.unread:
        out.print(f"not searched: {text.brand} {text.version}, {text.locale}: {plain(text.reason)}")
    for brand in result.left_out:
        how = f"this checkout is sparse. Run `{result.checkout}`"
        out.print(f"not searched: {plain(brand)}: {plain(how)}")


def _hits(out: Console, hits: Iterable[Hit]) -> None:
    for (brand, locale, clause, title, sentences), having in groupby(hits, _same):
        name = f"{title} ({clause})" if clause else f"{title} (the title)"
        out.print(f"[bold]{brand}[/], {locale}: {plain(name)}")
        room = max(out.width - 4, 20) if out.is_terminal else sys.maxsize
        for sentence in sentences:
            for text in textwrap.wrap(f"“{sentence}”", room):
                out.print(f"  {plain(text)}", soft_wrap=True)
        print_rows({hit.version.version: period(hit.period) for hit in having})
        out.print()


def _same(hit: Hit) -> tuple[str, str, str | None, str, tuple[str, ...]]:
    return hit.version.brand, hit.locale, hit.clause, hit.title, hit.sentences
