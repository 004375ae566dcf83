"""What became of the archive → the terminal, or JSON."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from publisher.archive.timeline import Period
from publisher.errors import CommitFailed, TagFailed
from publisher.model.ledger import Release, Reschedule, Retire, entry_bytes, sha256
from publisher.report.diff import differences
from publisher.report.terminal import console, failure, plain, print_json, print_problems
from publisher.report.wording import clauses_said, counted

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.tasks.appending import Appended
    from publisher.tasks.get import Got
    from publisher.tasks.release import Outcome
    from publisher.tasks.verify import Verified
    from publisher.tasks.versions import BrandVersions, Version

_COPIED = ("check", "sha256", "entry", "file", "now")
_STATES = {"in force": "green", "upcoming": "cyan", "superseded": "dim", "retired": "yellow"}


def release(outcomes: Iterable[Outcome]) -> None:
    """Print what became of each brand; what was refused goes to standard error."""
    outcomes = tuple(outcomes)
    for outcome in outcomes:
        print_problems(outcome.problems, console(stderr=True))
        if outcome.appended is not None:
            appended(outcome.appended)
            if not outcome.appended.paths:
                differences(outcome.differences, full=False, summary=False)
            if outcome.back:
                line = f"  retired before, in force again: {', '.join(outcome.back)}"
                console().print(f"[yellow]{line}[/]")
        elif isinstance(outcome.fault, CommitFailed | TagFailed):
            failure(str(outcome.fault))
        elif outcome.problems:
            failure(f"{outcome.brand} was not released: {_unready(outcome)}. Nothing was written")
        else:
            failure(f"{outcome.brand} was not released: {outcome.fault}")
    refused = [each.brand for each in outcomes if each.appended is None]
    done = [each.brand for each in outcomes if each.appended is not None]
    if done and refused:
        failure(f"released: {', '.join(done)}; not released: {', '.join(refused)}")


def _unready(outcome: Outcome) -> str:
    if any(problem.severity == "error" for problem in outcome.problems):
        return "it has errors"
    return (
        "it is a draft with open questions; write the confirmed values in their places, "
        "commit, then release"
    )


def appended(done: Appended) -> None:
    """Print an entry, and where it went."""
    entry, verb = done.entry, "would be" if not done.paths else "is"
    rows: dict[str, str | None] = {}
    match entry:
        case Release():
            title, rows = f"{entry.brand} {entry.version}[/] {verb} released", _released(entry)
        case Reschedule():
            title = f"{entry.brand} {entry.version}[/] {verb} rescheduled"
            rows["in force from"] = f"{entry.in_force_from}, not {entry.instead_of}"
            rows["reason"] = entry.reason
            rows["documents"] = f"say {entry.instead_of} still, as they were issued"
        case Retire():
            title = f"{entry.brand}[/] {verb} retired from {entry.on}"
            rows = {"locale": entry.locale or "all", "reason": entry.reason}
    rows["signed by"] = entry.signer
    rows["tag"] = done.tag
    if done.paths:
        rows["entry"] = f"versions/{entry.brand}/ledger/{entry.name}"
        rows["sha256"] = sha256(entry_bytes(entry))
        rows["commit"] = done.commit[:10] if done.commit else None
        where = f"git push origin HEAD {done.tag or ''}".rstrip()
        add = f"git add --force versions/{entry.brand} && git commit"
        rows["now"] = where if done.commit else f"{add} (in a branch, for a pull request)"
    console().print(f"[bold]{title}")
    _rows({name: value for name, value in rows.items() if value})


def _released(entry: Release) -> dict[str, str | None]:
    locales = (f"{name} (last updated {said.last_updated})" for name, said in entry.locales.items())
    return {
        "in force from": entry.in_force_from.isoformat(),
        "change": entry.change + (f" ({entry.reason})" if entry.reason else ""),
        "locales": ", ".join(locales),
        **{f"clauses {name}": clauses_said(each) for name, each in entry.changes.items()},
        "summary": entry.summary,
        "approved by": ", ".join(entry.approvals),
        "short notice": entry.short_notice,
        "source": entry.source[:10],
    }


def _rows(rows: Mapping[str, str], *, stderr: bool = False) -> None:
    """Print names with their values; what must be copied whole is never broken."""
    out = console(stderr=stderr)
    width = max(len(name) for name in rows)
    room = max(out.width - width - 4, 20) if out.is_terminal else sys.maxsize
    for name, value in rows.items():
        lines = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False)
        whole = name in _COPIED
        for at, text in enumerate([value] if whole else lines):
            out.print(f"  [dim]{'' if at else name:<{width}}[/]  {plain(text)}", soft_wrap=True)


def period(period: Period) -> str:
    """Return a period in words."""
    if period.empty:
        return "never in force: superseded before"
    until = f" until {period.until}" if period.until else ""
    return f"in force from {period.since}{until}"


def versions(brands: Iterable[BrandVersions], *, json: bool) -> None:
    """Print versions, newest first."""
    brands = tuple(brands)
    if json:
        print_json([_version(each) for brand in brands for each in brand.versions])
        return
    out = console()
    for brand in brands:
        out.print(f"[bold]{brand.brand}[/]")
        wide = max((len(each.release.version) for each in brand.versions), default=0)
        heads = ("Version", "Origin", "Change", "In force from", "until", "State")
        out.print(f"[bold]{_columns(wide, *heads)}[/]")
        for each in brand.versions:
            _print_version(out, wide, each)
        for retired, back in brand.retirements:
            what = f"{retired.locale} retired" if retired.locale else "retired"
            until = f" until version {back}" if back else ""
            out.print(f"{what} from {retired.on}{until}: {plain(retired.reason)}")
    if not brands:
        out.print("nothing has been released yet; `publisher release BRAND` does")


def _print_version(out: Console, wide: int, each: Version) -> None:
    entry, held = each.release, each.period
    until = "never was" if held.empty else held.until.isoformat() if held.until else "–"
    state = f"[{_STATES[held.state]}]{held.state}[/]"
    out.print(
        _columns(wide, entry.version, entry.origin, entry.change, str(held.since), until, state)
    )
    room = max(out.width - wide - 2, 20) if out.is_terminal else sys.maxsize
    for text in textwrap.wrap(entry.summary or "", room):
        out.print(f"{'':{wide}}  [dim]{plain(text)}[/]")


def _columns(wide: int, *values: str) -> str:
    """Return the cells of a row, each as wide as its column; the last as it is."""
    widths = (max(wide, 7), 13, 9, 13, 10)
    cells = [f"{value:<{width}}" for value, width in zip(values, widths, strict=False)]
    return "  ".join([*cells, values[-1]])


def _version(each: Version) -> dict[str, Any]:
    entry, held = each.release, each.period
    return {
        "brand": entry.brand,
        "version": entry.version,
        "origin": entry.origin,
        "change": entry.change,
        "published": entry.published.isoformat(),
        "in_force_from": held.since.isoformat(),
        "in_force_until": held.until.isoformat() if held.until else None,
        "state": held.state,
        "locales": list(entry.locales),
        "summary": entry.summary,
    }


def get(got: Got, *, json: bool) -> None:
    """Print what was got, and the command that checks it."""
    check = f"echo '{got.sha256}  {got.path}' | sha256sum --check"
    if got.path is not None and shlex.quote(str(got.path)) != str(got.path):
        check = f"sha256sum {shlex.quote(str(got.path))}"
    if json:
        print_json(
            {
                **_version_of(got),
                "locale": got.locale,
                "sha256": got.sha256,
                "entry": got.release.name,
                "entry_sha256": got.entry,
                "rescheduled_by": got.moved.name if got.moved is not None else None,
                "file": str(got.path) if got.path is not None else None,
                "check": check,
            }
        )
        return
    aside = got.path is None
    console(stderr=aside).print(f"[bold]{got.release.brand} {got.release.version}[/], {got.locale}")
    rows = {
        "published": got.release.published.isoformat(),
        "period": period(got.period),
        "file": str(got.path) if got.path is not None else "standard output",
        "sha256": got.sha256,
        "entry": got.release.name,
    }
    if got.moved is not None:
        rows["scheduled"] = (
            f"by {got.moved.name}; the document says {got.release.in_force_from} still"
        )
    _rows(rows if aside else rows | {"check": check}, stderr=aside)


def _version_of(got: Got) -> dict[str, Any]:
    from publisher.tasks.versions import Version

    return _version(Version(got.release, got.period))


def verify(verified: Verified, *, json: bool) -> None:
    """Print what is wrong, and what is worth knowing."""
    if json:
        print_json(
            {
                "brands": list(verified.brands),
                "entries": verified.entries,
                "versions": verified.versions,
                "findings": [
                    {"path": each.path, "version": each.version, "message": each.message}
                    for each in verified.findings
                ],
                "notes": list(verified.notes),
                "heads": verified.heads,
            }
        )
        return
    out = console()
    for finding in verified.findings:
        out.print(f"[bold red]{plain(finding.path)}[/]: {plain(finding.message)}")
    for note in verified.notes:
        out.print(f"[dim]note:[/] {plain(note)}")
    counts = f"{counted(verified.versions, 'version')} and {counted(verified.entries, 'entry')}"
    brands = counted(len(verified.brands), "brand")
    if verified.findings:
        failure(
            f"{counts} of {brands}: {counted(len(verified.findings), 'finding')}; nothing was "
            "repaired: restore what was altered from git or from another clone"
        )
        return
    out.print(f"[green]{counts} of {brands}: as released[/]")
    for brand, head in verified.heads.items():
        out.print(f"[dim]{brand}: newest entry[/] {head}", soft_wrap=True)
