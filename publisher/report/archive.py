"""What became of the archive → the terminal, or JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from publisher.archive.timeline import Period
from publisher.model.changes import Changes
from publisher.model.ledger import Release
from publisher.report import _console, _json, _plain, _problems, failure

if TYPE_CHECKING:
    from publisher.tasks.appending import Appended
    from publisher.tasks.get import Got
    from publisher.tasks.release import Outcome
    from publisher.tasks.status import Standing
    from publisher.tasks.verify import Verified
    from publisher.tasks.versions import BrandVersions, Version

_STATES = {"in force": "green", "upcoming": "cyan", "superseded": "dim", "retired": "yellow"}


def release(outcomes: Iterable[Outcome]) -> None:
    """Print what became of each brand; what was refused goes to standard error."""
    for outcome in outcomes:
        _problems(outcome.problems, _console(stderr=True))
        if outcome.appended is not None:
            appended(outcome.appended)
        elif outcome.problems:
            kinds = {problem.severity for problem in outcome.problems}
            reason = "it has errors" if "error" in kinds else "it is a draft: questions are open"
            failure(f"{outcome.brand} was not released: {reason}. Nothing was written")
        else:
            failure(f"{outcome.brand} was not released: {outcome.fault}")


def appended(done: Appended) -> None:
    """Print an entry, and where it went."""
    console = _console()
    entry, verb = done.entry, "would be " if not done.paths else ""
    match entry:
        case Release():
            console.print(f"[bold]{entry.brand} {entry.version}[/] {verb}released")
            rows = {
                "in force from": entry.in_force_from.isoformat(),
                "change": entry.change + (f" ({entry.reason})" if entry.reason else ""),
                "locales": ", ".join(
                    f"{locale} (last updated {said.last_updated})"
                    for locale, said in entry.locales.items()
                ),
                **{f"clauses {locale}": _clauses(each) for locale, each in entry.changes.items()},
                "source": entry.source[:10],
            }
        case _:
            what = {"reschedule": "rescheduled", "retire": "retired"}[entry.kind]
            console.print(f"[bold]{entry.brand} {entry.about}[/] {verb}{what}")
            rows = {"reason": entry.reason}
            if entry.kind == "reschedule":
                rows = {"in force from": f"{entry.in_force_from}, not {entry.instead_of}"} | rows
            else:
                rows = {"locale": entry.locale or "all"} | rows
    if done.paths:
        rows["entry"] = f"versions/{entry.brand}/ledger/{entry.name}"
        rows["commit"] = done.commit[:10] if done.commit else (
            f"none yet: git add --force versions/{entry.brand} && git commit"
        )  # fmt: skip
    if done.tag:
        rows["tag"] = done.tag
    _rows(rows)


def _clauses(each: Any) -> str:
    kinds = [(name, getattr(each, name)) for name in ("added", "changed", "removed", "moved")]
    said = [f"{name} {', '.join(ids)}" for name, ids in kinds if ids]
    said += [f"renamed {old} to {new}" for old, new in each.renamed]
    return "; ".join(said) or "as before"


def _rows(rows: dict[str, str]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(f"  {name}", _plain(value))
    _console().print(table)


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
        _json([_version(each) for brand in brands for each in brand.versions])
        return
    from rich.table import Table

    console = _console()
    for brand in brands:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("Version", "Change", "In force from", "until", "State", "Summary"):
            table.add_column(column, no_wrap=column != "Summary", overflow="fold")
        for each in brand.versions:
            entry, held = each.release, each.period
            table.add_row(
                entry.version,
                entry.change,
                held.since.isoformat(),
                "never was" if held.empty else held.until.isoformat() if held.until else "–",
                f"[{_STATES[held.state]}]{held.state}[/]",
                _plain(entry.summary or "–"),
            )
        console.print(f"[bold]{brand.brand}[/]")
        console.print(table, soft_wrap=False)
        for retired in brand.retirements:
            what = f"{retired.locale} is" if retired.locale else "is"
            console.print(f"{what} retired from {retired.on}: {_plain(retired.reason)}")
    if not brands:
        console.print("nothing has been released yet; `publisher release BRAND` does")


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
        _json(
            {
                **_version_of(got),
                "locale": got.locale,
                "sha256": got.sha256,
                "entry": got.release.name,
                "entry_sha256": got.entry,
                "file": str(got.path) if got.path is not None else None,
                "check": check,
            }
        )
        return
    console = _console(stderr=got.path is None)
    console.print(f"[bold]{got.release.brand} {got.release.version}[/], {got.locale}")
    rows = {
        "published": got.release.published.isoformat(),
        "period": period(got.period),
        "file": str(got.path) if got.path is not None else "standard output",
        "sha256": got.sha256,
        "entry": f"{got.release.name}",
    }
    width = max(len(name) for name in rows)
    for name, value in rows.items():
        console.print(f"  [dim]{name:<{width}}[/]  {_plain(value)}", soft_wrap=True)
    if got.path is not None:
        console.print(f"  [dim]{'check':<{width}}[/]  {_plain(check)}", soft_wrap=True)


def _version_of(got: Got) -> dict[str, Any]:
    from publisher.tasks.versions import Version

    return _version(Version(got.release, got.period))


def verify(verified: Verified, *, json: bool) -> None:
    """Print what is wrong, and what is worth knowing."""
    if json:
        _json(
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
    console = _console()
    for finding in verified.findings:
        console.print(f"[bold red]{_plain(finding.path)}[/]: {_plain(finding.message)}")
    for note in verified.notes:
        console.print(f"[dim]note:[/] {_plain(note)}")
    counts = f"{_count(verified.versions, 'version')} and {_count(verified.entries, 'entry')}"
    brands = _count(len(verified.brands), "brand")
    if verified.findings:
        failure(
            f"{counts} of {brands}: {_count(len(verified.findings), 'finding')}; nothing was "
            "repaired: restore what was altered from git or from another clone"
        )
        return
    console.print(f"[green]{counts} of {brands}: as released[/]")
    for brand, head in verified.heads.items():
        console.print(f"[dim]{brand}: newest entry[/] {head}", soft_wrap=True)


def _count(number: int, noun: str) -> str:
    plural = {"entry": "entries"}.get(noun, f"{noun}s")
    return f"{number} {noun if number == 1 else plural}"


_SAYS = {
    "released": "[green]as released[/]",
    "editorial": "[cyan]editorial changes[/]",
    "material": "[yellow]material changes[/]",
    "first": "[cyan]never released[/]",
    "draft": "[yellow]draft[/]",
    "errors": "[bold red]errors[/]",
    "gone": "[dim]not in the workspace[/]",
}


def status(standings: Iterable[Standing], *, json: bool) -> None:
    """Print where every policy stands: a table, and below it what wants attention."""
    standings = tuple(standings)
    if json:
        _json([_standing(each) for each in standings])
        return
    from rich.table import Table

    console = _console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Brand", "Locale", "In force", "Upcoming", "Last updated", "State"):
        table.add_column(column, no_wrap=column != "State", overflow="fold")
    for each in standings:
        table.add_row(
            each.brand,
            each.locale,
            each.force.version or ("retired" if each.force.retired else "–"),
            each.force.upcoming[0][1].isoformat() if each.force.upcoming else "–",
            each.last_updated.isoformat() if each.last_updated else "–",
            _SAYS[each.state],
        )
    if standings:
        console.print(table, soft_wrap=False)
    for each in standings:
        said = list(_attention(each))
        if said:
            console.print(f"\n[bold]{each.brand}/{each.locale}[/]")
        for text in said:
            console.print(f"  {_plain(text)}")


def _attention(each: Standing) -> Iterable[str]:
    """Yield what of a policy wants attention."""
    for version, day in each.force.upcoming:
        yield f"version {version} comes into force on {day}"
    if each.force.retired:
        yield f"retired from {each.force.retired}"
    if each.state == "gone":
        yield "still in the archive, and in no brand.yaml; `publisher retire` ends it"
    if each.since is not None and each.state not in ("released", "errors"):
        yield f"since {each.latest}: {since(each.since)}"
    if each.questions:
        asked = _count(each.questions, "open question")
        yield f"{asked}; `publisher check {each.brand}` lists them"
    if each.uncommitted:
        yield f"uncommitted changes would reach it: {', '.join(each.uncommitted)}"
    for problem in each.problems:
        yield str(problem)


def since(found: Changes) -> str:
    """Return in words how a policy differs from another."""
    counts = f"+{found.words_added} −{found.words_removed} words"
    return f"{_clauses(found)}; {counts}"


def _standing(each: Standing) -> dict[str, Any]:
    found = each.since
    return {
        "brand": each.brand,
        "locale": each.locale,
        "state": each.state,
        "in_force": each.force.version,
        "retired": each.force.retired.isoformat() if each.force.retired else None,
        "upcoming": [
            {"version": version, "in_force_from": day.isoformat()}
            for version, day in each.force.upcoming
        ],
        "latest": each.latest,
        "last_updated": each.last_updated.isoformat() if each.last_updated else None,
        "since": found
        and {
            "added": found.added,
            "changed": found.changed,
            "removed": found.removed,
            "moved": found.moved,
            "renamed": found.renamed,
            "words_added": found.words_added,
            "words_removed": found.words_removed,
        },
        "open_questions": each.questions,
        "uncommitted": each.uncommitted,
        "problems": [str(problem) for problem in each.problems],
    }
