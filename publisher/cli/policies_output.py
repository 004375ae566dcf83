"""The results for a workspace's policies → the terminal, or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.cli.json import print_json
from publisher.cli.terminal import (
    PLURALS,
    STYLES,
    console,
    line,
    plain,
    print_line,
    print_problems,
    print_states,
    print_table,
)

if TYPE_CHECKING:
    from publisher.build.build import BuildReport
    from publisher.build.check import CheckReport
    from publisher.build.fix import FixReport
    from publisher.cli.doctor import Finding

_SINGULARS = {"error": "error", "warning": "warning", "note": "note", "question": "open question"}
_DIFF = {"+": "green", "-": "red", "@": "cyan"}


def build(report: BuildReport, *, json: bool) -> None:
    """Print what was built: a table, or a list of objects; problems go to standard error."""
    if json:
        from publisher.cli.policies_json import OUTPUTS

        print_json(OUTPUTS["build"], report.built)
    else:
        _build_table(report)
    print_problems(report.problems, console(stderr=True))
    for brand, locale in report.failed:
        name = f"{brand}/{locale}" if locale else brand
        console(stderr=True).print(
            f"[bold red]{name} was not built[/]: it has errors; "
            "files of an earlier build may still be there"
        )


def _build_table(report: BuildReport) -> None:
    rows = [
        (
            built.brand,
            built.locale,
            built.status,
            built.last_updated.isoformat() if built.last_updated else "–",
            f"{built.files[0].parent}/" if built.files else "–",
        )
        for built in report.built
    ]
    if rows:
        print_table(("Brand", "Locale", "State", "Last updated", "Folder"), rows)
    names = dict.fromkeys(file.name for built in report.built for file in built.files)
    if names:
        console().print(f"[dim]in each folder: {', '.join(names)}[/]")
    print_states(built.status for built in report.built)


def check(report: CheckReport) -> None:
    """Print problems and questions, and how many there are."""
    from publisher.cli.remarks_output import APART, as_of

    out = console()
    print_problems(report.problems, out)
    counts = [
        f"{n} {_SINGULARS[kind] if n == 1 else PLURALS[kind]}"
        for kind in STYLES
        if (n := sum(problem.severity == kind for problem in report.problems))
    ]
    policies = f"{report.policies} {'policy' if report.policies == 1 else 'policies'}"
    accepted = f"; {report.accepted} accepted" if report.accepted else ""
    out.print(f"{policies}: {', '.join(counts) or 'no problems'}{accepted}")
    fixable = sum(bool(problem.edits) for problem in report.problems)
    if fixable:
        out.print(f"[dim]`publisher check --fix` fixes {fixable} of them in the files[/]")
    if any(problem.severity == "question" for problem in report.problems):
        out.print("[dim]to settle a question, write the confirmed value in its place[/]")
    if any(problem.grounds for problem in report.problems):
        out.print("[dim]why a rule is there, and how to accept a remark: check --explain RULE[/]")
    if report.apart:
        out.print(f"[dim]{APART}[/]")
    out.print(f"[dim]{as_of()}[/]")


def fixed(report: FixReport, *, json: bool, dry_run: bool) -> None:
    """Print the files that were fixed as a diff, to standard error beside JSON."""
    out = console(stderr=json)
    for file in report.fixed:
        before, after = file.before.splitlines(), file.after.splitlines()
        for row in unified_diff(before, after, file.path, file.path, lineterm=""):
            style = _DIFF.get(row[:1], "")
            text = plain(row)
            out.print(f"[{style}]{text}[/]" if style else text, soft_wrap=True)
    verb = "would be fixed" if dry_run else "fixed"
    files = f"{len(report.fixed)} {'file' if len(report.fixed) == 1 else 'files'}"
    out.print(f"{files} {verb}; the words of every policy stay the same")
    for path in report.unproved:
        out.print(f"{plain(path)}: was not fixed; fix the errors of its policies first")
    for path in report.changing:
        out.print(f"{plain(path)}: was not fixed: words would change; fix it by hand")
    out.print()


def written(paths: Iterable[Path]) -> None:
    """Print the files that were written."""
    for path in paths:
        line(str(path))


def doctor(findings: Iterable[Finding], *, json: bool) -> None:
    """Print the findings on this machine."""
    findings = tuple(findings)
    if json:
        from publisher.cli.policies_json import OUTPUTS

        print_json(OUTPUTS["doctor"], findings)
        return
    out = console()
    for finding in findings:
        mark = "[green]ok[/]     " if finding.well else "[bold red]missing[/]"
        print_line(f"{mark}  {finding.name}: {plain(finding.found)}", out)
        if not finding.well and finding.fix:
            out.print(f"         → {plain(finding.fix)}")
