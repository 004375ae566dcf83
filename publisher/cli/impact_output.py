"""What a change does to every policy → the terminal, a comment on a pull request, or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.cli.diff_output import LEGEND, difference, documents
from publisher.cli.json import text
from publisher.cli.policies_json import OUTPUTS
from publisher.cli.terminal import console, counted, line, plain, print_problems
from publisher.files.format import HTML, JSON, MARKDOWN, endings
from publisher.files.output import write_document
from publisher.redline.views.inert import inert
from publisher.redline.views.markdown import LARGEST, changes, markdown, page
from publisher.redline.views.phrases import counts_text, origin_text
from publisher.render.style import plain_style

if TYPE_CHECKING:
    from publisher.compare.impact import Impact, Reached, Reason, Untouched
    from publisher.problem import Problem


TITLE = "What this change does to the policies"
FORMATS = endings(MARKDOWN, HTML, JSON)
"""The formats that a file may have, and their endings."""


def impact(report: Impact, format: str, output: Path | None, *, summary: bool) -> None:
    """Print an impact, or write it to a file; raises `CannotWrite`."""
    match format:
        case "markdown":
            document = as_markdown(report, summary=summary)
        case "json":
            document = text(OUTPUTS["impact"], report) + "\n"
        case "html":
            body = as_markdown(report, summary=summary, level=1, largest=None)
            document = page(TITLE, body, plain_style()).decode()
        case _:
            _shown(report, summary=summary)
            return
    if output is None:
        documents([document.encode()], "text")
    else:
        write_document(output, document.encode())
        line(str(output))
    _failed(report)


def _shown(report: Impact, *, summary: bool) -> None:
    """Print the policies that a change reaches, with redlines, and why it does not reach others."""
    out = console()
    out.print(f"[bold]{_compared(report)}[/]")
    if not report.files:
        out.print("no file in brands/ or shared/ has changed")
        return
    out.print(f"{_reaches(report)}\n")
    if report.reached and not summary:
        out.print(f"[dim]{plain(LEGEND)}[/]\n")
    for reached, *alike in _alike(report):
        for one in (reached, *alike):
            out.print(f"[bold]{_name(one)}[/]: {plain('; '.join(_about(one)))}")
        if alike and not summary:
            out.print(plain(_same(reached, alike)))
        difference(reached.difference, out, summary=summary, head=False)
    for heading, problems in _remarks(report):
        out.print(f"[bold]{heading}[/]")
        for problem in problems:
            out.print(f"  {plain(str(problem))}")
    if report.untouched or report.apart:
        out.print("[bold]Not reached[/]")
    for other in report.untouched:
        out.print(f"{other.brand}/{other.locale}")
        for why in _whys(other):
            out.print(f"  [dim]{plain(why)}[/]")
    if report.apart:
        out.print(_apart(report))
    _failed(report)


def _apart(report: Impact) -> str:
    return f"{counted(report.apart, 'brand')} that read none of the changed files"


def _alike(report: Impact) -> list[list[Reached]]:
    """Return the policies that are reached, grouped by what their redlines show."""
    groups: dict[str, list[Reached]] = {}
    for reached in report.reached:
        groups.setdefault(changes(reached.difference.redline), []).append(reached)
    return list(groups.values())


def _name(reached: Reached) -> str:
    return f"{reached.brand}/{reached.locale}"


def _same(first: Reached, alike: list[Reached]) -> str:
    return f"{_name(first)}, and the same in: {', '.join(map(_name, alike))}"


def _remarks(report: Impact) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Yield the remarks that a change adds and removes, each kind with its heading."""
    if report.brought:
        yield "Remarks that this change brings", report.brought
    if report.taken:
        yield "Remarks that it takes away", report.taken


def _failed(report: Impact) -> None:
    if report.failed:
        err = console(stderr=True)
        names = ", ".join("/".join(filter(None, reached)) for reached in report.failed)
        err.print(f"\n[bold red]With errors after the change[/]: {names}")
        print_problems(report.problems, err)


def _compared(report: Impact) -> str:
    old, new = report.origins
    return f"{origin_text(old)} → {origin_text(new)}"


def _reaches(report: Impact) -> str:
    policies = len(report.reached) + len(report.untouched) + len(report.failed)
    files = counted(len(report.files), "file")
    of = f"of {policies} policies that may read {'it' if len(report.files) == 1 else 'them'}"
    of = of if report.apart else f"of {policies} policies"
    return f"{files} changed, and the words of {len(report.reached)} {of}"


def _about(reached: Reached) -> Iterator[str]:
    """Yield the facts about a policy that a change reaches."""
    if reached.difference.redline.new is None:
        yield "gone"
        return
    yield "editorial" if reached.editorial else "material"
    if reached.earliest is not None:
        notice = f" ({reached.notice_days} days' notice)" if reached.notice_days else ""
        late = "" if reached.editorial else notice or " (no notice_days are set)"
        yield f"in force from {reached.earliest} at the earliest{late}"
    if reached.draft:
        yield "a draft, which cannot be released"
    if reached.broken:
        yield "it had errors before, so all of it shows as added"


def _whys(other: Untouched) -> Iterator[str]:
    """Yield in words why a policy is not reached."""
    yield from map(_why, other.reasons)
    if not other.reasons:
        yield "only files of other brands have changed"


def _why(reason: Reason) -> str:
    """Return in words why a policy is not reached."""
    match reason.why:
        case "overridden":
            why = f"overridden by {reason.by}"
        case "locale":
            why = f"is for {reason.by}"
        case "absent":
            why = "there is no such clause in this policy"
        case "unused":
            why = "this policy does not use it"
        case "condition":
            why = "the change is under a condition that is not met here"
        case "controller":
            why = "it changes the controller above the text, and no words of this policy"
        case "no words":
            why = "it changes no words of this policy"
    return f"{reason.path}: {why}"


def as_markdown(
    report: Impact, *, summary: bool, level: int = 2, largest: int | None = LARGEST
) -> str:
    """Return the impact as Markdown; what would make it too large is left out.

    By default it fits into a comment on a pull request.
    """
    parts = [f"{'#' * level} {TITLE}", inert(f"{_compared(report)}: {_reaches(report)}")]
    if report.reached:
        parts.append("\n".join(_table(report)))
    if report.failed:
        parts.append("**With errors**, and therefore not compared:")
        parts.append("\n".join(f"- {inert(str(problem))}" for problem in report.problems))
    for heading, problems in _remarks(report):
        parts.append(f"**{heading}:**")
        parts.append("\n".join(f"- {inert(str(problem))}" for problem in problems))
    if report.untouched or report.apart:
        parts.append("\n".join(_untouched(report)))
    size = sum(map(len, parts))
    for reached, *alike in _alike(report) if not summary else ():
        change = reached.difference
        text = markdown(change.redline, change.origins, level=level + 1)
        opened = " open" if largest is None else ""
        name = _same(reached, alike) if alike else _name(reached)
        block = f"<details{opened}><summary>{name}</summary>\n\n{text}\n</details>"
        size += len(block)
        if largest is not None and size > largest:
            parts.append(
                "*The other redlines are too large for this place; `publisher impact` shows them.*"
            )
            break
        parts.append(block)
    return "\n\n".join(parts) + "\n"


def _table(report: Impact) -> Iterator[str]:
    yield "| Policy | Words | What it is |\n| --- | --- | --- |"
    for reached in report.reached:
        counts = counts_text(reached.difference.redline.counts)
        yield f"| {_name(reached)} | {counts} | {inert('; '.join(_about(reached)))} |"


def _untouched(report: Impact) -> Iterator[str]:
    yield "Not reached:\n"
    for reached in report.untouched:
        yield f"- {reached.brand}/{reached.locale}"
        yield from (f"  - {inert(why)}" for why in _whys(reached))
    if report.apart:
        yield f"- {_apart(report)}"
