"""Results and problems → the terminal, or JSON."""

from __future__ import annotations

import json as stdlib
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.model.problem import Problem

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.tasks.build import BuildReport
    from publisher.tasks.check import CheckReport
    from publisher.tasks.doctor import Finding
    from publisher.tasks.history import Entry, PolicyHistory

PATIENCE = 1.0
"""Seconds of work after which progress is shown on a terminal."""

_STYLES = {"error": "bold red", "warning": "yellow", "question": "cyan"}
_PLURALS = {"error": "errors", "warning": "warnings", "question": "open questions"}
_SINGULARS = {"error": "error", "warning": "warning", "question": "open question"}
_STATUS = {"ready": "green", "draft": "yellow", "uncommitted": "yellow", "undated": "yellow"}
_KINDS = {"material": "bold", "editorial": "dim", "same words": "dim", "gap": "bold red"}
_WHY = {
    "draft": "a draft quotes something unconfirmed: `publisher check` lists the questions",
    "uncommitted": "uncommitted words have no date yet: commit them",
    "undated": "undated: no commit tells when the words changed",
}


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    # A pipe gets each message on a line of its own; a terminal breaks it between words.
    console.soft_wrap = not console.is_terminal
    return console


def line(text: str) -> None:
    """Print a line."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def failure(message: str) -> None:
    """Print what stopped a command, on one line: git may have said it on several."""
    _console(stderr=True).print(f"[bold red]error:[/] {_plain(' '.join(message.split()))}")


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """Give a function to report progress to; it shows once the work has taken a while."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.status import Status

    console = _console(stderr=True)

    status, started = Status("", console=console), time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        if time.monotonic() - started > PATIENCE and done < total:
            status.update(f"{done + 1} of {total}: {name}")
            status.start()

    try:
        yield show
    finally:
        status.stop()


def build(report: BuildReport, *, json: bool) -> None:
    """Print what was built: a table, or a list of objects; problems go to standard error."""
    if json:
        _json([_built(each) for each in report.built])
    else:
        _build_table(report)
    _problems(report.problems, _console(stderr=True))
    for brand, locale in report.failed:
        name = f"{brand}/{locale}" if locale else brand
        _console(stderr=True).print(
            f"[bold red]{name} was not built[/]: it has errors; "
            "files of an earlier build may still lie there"
        )


def _built(each: Any) -> dict[str, Any]:
    return {
        "brand": each.brand,
        "locale": each.locale,
        "status": each.status,
        "last_updated": each.last_updated.isoformat() if each.last_updated else None,
        "words_digest": each.words_digest,
        "files": [str(file) for file in each.files],
        "questions": each.questions,
    }


def _build_table(report: BuildReport) -> None:
    from rich.table import Table

    console = _console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Brand", "Locale", "Status", "Last updated", "Files"):
        table.add_column(column, no_wrap=column != "Files", overflow="fold")
    for each in report.built:
        folder = each.files[0].parent if each.files else Path()
        kinds = " ".join(file.suffix[1:] for file in each.files)
        table.add_row(
            each.brand,
            each.locale,
            f"[{_STATUS[each.status]}]{each.status}[/]",
            each.last_updated.isoformat() if each.last_updated else "–",
            f"{_plain(str(folder))}/\n[dim]{kinds}[/]",
        )
    if report.built:
        console.print(table, soft_wrap=False)
    for status in dict.fromkeys(each.status for each in report.built):
        if status in _WHY:
            console.print(f"[dim]{_WHY[status]}[/]")


def check(report: CheckReport, *, json: bool) -> None:
    """Print problems and questions, and how many there are."""
    if json:
        _json([_problem(problem) for problem in report.problems])
        return
    console = _console()
    _problems(report.problems, console)
    counts = [
        f"{n} {_SINGULARS[kind] if n == 1 else _PLURALS[kind]}"
        for kind in _STYLES
        if (n := sum(problem.severity == kind for problem in report.problems))
    ]
    policies = f"{report.policies} {'policy' if report.policies == 1 else 'policies'}"
    console.print(f"{policies}: {', '.join(counts) or 'no problems'}")
    if any(problem.severity == "question" for problem in report.problems):
        console.print("[dim]to settle a question, write the confirmed value in its place[/]")


def written(paths: Iterable[Path]) -> None:
    """Print the files that were written."""
    for path in paths:
        line(str(path))


def doctor(findings: Iterable[Finding], *, json: bool) -> None:
    """Print what was found on this machine."""
    findings = tuple(findings)
    if json:
        _json(
            [{"name": f.name, "well": f.well, "found": f.found, "mend": f.mend} for f in findings]
        )
        return
    console = _console()
    for finding in findings:
        mark = "[green]well[/]   " if finding.well else "[bold red]lacking[/]"
        console.print(f"{mark}  {finding.name}: {_plain(finding.found)}")
        if not finding.well and finding.mend:
            console.print(f"         → {_plain(finding.mend)}")


def history(told: Iterable[PolicyHistory], *, json: bool) -> None:
    """Print histories, one after the other: each revision with what it changed, newest first."""
    told = tuple(told)
    if json:
        _json([_revision(each, entry) for each in told for entry in each.entries])
    else:
        for each in told:
            _history(each)
    _problems([problem for each in told for problem in each.errors], _console(stderr=True))


def _history(told: PolicyHistory) -> None:
    console = _console()
    clause = f", clause {told.clause}" if told.clause else ""
    console.print(f"[bold]{told.brand}/{told.locale}{clause}[/]")
    if told.asked:
        console.print(f"[dim]'{_plain(told.asked)}' is an id that this clause had before[/]")
    if told.uncommitted:
        console.print("[yellow]the working tree says something else than the newest commit[/]")
    if not told.entries:
        console.print("no revisions")
    width = console.width - 24 if console.is_terminal else sys.maxsize
    for each in told.entries:
        day = each.day.isoformat() if each.day else "no date"
        kind = f"[{_KINDS[each.kind]}]{each.kind:<10}[/]"
        subject, *more = textwrap.wrap(each.subject, max(width - 12, 20)) or ["(no subject)"]
        console.print(f"{day:<10}  {each.commit[:10]}  {kind}  {_plain(subject)}")
        for text in more:
            console.print(f"{'':36}{_plain(text)}")
        for text in _details(each):
            for part in textwrap.wrap(text, max(width, 30)):
                console.print(f"{'':24}[dim]{_plain(part)}[/]")
    console.print()


def _details(entry: Entry) -> Iterator[str]:
    """Yield what is said below a revision, each to begin a line."""
    counts = ""
    if entry.changes is not None and entry.kind != "same words":
        counts = f", +{entry.changes.words_added} −{entry.changes.words_removed} words"
    yield f"{entry.author or 'nobody'}{counts}"
    if entry.changes is not None:
        found = entry.changes
        renamed = [f"{before} → {after}" for before, after in found.renamed]
        named = {"changed": found.changed, "added": found.added, "removed": found.removed,
                 "moved": found.moved, "renamed": renamed}  # fmt: skip
        yield from (f"{name}: {', '.join(ids)}" for name, ids in named.items() if ids)
        if found.title:
            yield "changed: the policy's title"
    if entry.files is not None:
        yield f"{entry.files[0]} → {entry.files[1]}"
    for problem in entry.problems:
        yield str(replace(problem, mend=""))


def _revision(told: PolicyHistory, entry: Entry) -> dict[str, Any]:
    found = entry.changes
    return {
        "brand": told.brand,
        "locale": told.locale,
        "clause": told.clause,
        "kind": entry.kind,
        "date": entry.day.isoformat() if entry.day else None,
        "commit": entry.commit,
        "author": entry.author,
        "subject": entry.subject,
        "clauses": found
        and {
            "added": found.added,
            "changed": found.changed,
            "removed": found.removed,
            "moved": found.moved,
            "renamed": [{"before": before, "after": after} for before, after in found.renamed],
        },
        "title_changed": found and found.title,
        "words_added": found and found.words_added,
        "words_removed": found and found.words_removed,
        "files": entry.files and {"before": entry.files[0], "after": entry.files[1]},
        "problems": [_problem(problem) for problem in entry.problems],
    }


def _problems(problems: Iterable[Problem], console: Console) -> None:
    """Print problems by severity, each on a line that starts with its place."""
    problems = tuple(problems)
    for severity, style in _STYLES.items():
        these = [problem for problem in problems if problem.severity == severity]
        if these:
            console.print(f"[{style}]{_PLURALS[severity].capitalize()}[/]")
        for problem in these:
            where, _, what = str(problem).partition(": ")
            if severity == "question":
                what = problem.message
            console.print(f"[bold]{_plain(where)}[/]: {_plain(what)}")
        if these:
            console.print()


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "rule": problem.rule,
        "path": problem.path,
        "line": problem.line,
        "message": problem.message,
        "mend": problem.mend,
    }


def _json(value: Any) -> None:
    line(stdlib.dumps(value, ensure_ascii=False, indent=2))


def _plain(text: str) -> str:
    """Return `text` without markup of Rich's and without what would steer a terminal."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))
