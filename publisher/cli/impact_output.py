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


def impact(found: Impact, format: str, output: Path | None, *, summary: bool) -> None:
    """Print an impact, or write it to a file; raises `CannotWrite`."""
    match format:
        case "markdown":
            document = as_markdown(found, summary=summary)
        case "json":
            document = text(OUTPUTS["impact"], found) + "\n"
        case "html":
            body = as_markdown(found, summary=summary, level=1, largest=None)
            document = page(TITLE, body, plain_style()).decode()
        case _:
            _shown(found, summary=summary)
            return
    if output is None:
        documents([document.encode()], "text")
    else:
        write_document(output, document.encode())
        line(str(output))
    _failed(found)


def _shown(found: Impact, *, summary: bool) -> None:
    """Print whom a change reaches, each with its redline, and whom it does not, and why."""
    out = console()
    out.print(f"[bold]{_compared(found)}[/]")
    if not found.files:
        out.print("no file of a brand, and none that brands share, has changed")
        return
    out.print(f"{_reaches(found)}\n")
    if found.reached and not summary:
        out.print(f"[dim]{plain(LEGEND)}[/]\n")
    for each, *alike in _alike(found):
        for one in (each, *alike):
            out.print(f"[bold]{_name(one)}[/]: {plain('; '.join(_about(one)))}")
        if alike and not summary:
            out.print(plain(_same(each, alike)))
        difference(each.difference, out, summary=summary, head=False)
    for heading, problems in _remarks(found):
        out.print(f"[bold]{heading}[/]")
        for problem in problems:
            out.print(f"  {plain(str(problem))}")
    if found.untouched:
        out.print("[bold]Not reached[/]")
    for other in found.untouched:
        out.print(f"{other.brand}/{other.locale}")
        for why in _whys(other):
            out.print(f"  [dim]{plain(why)}[/]")
    _failed(found)


def _alike(found: Impact) -> list[list[Reached]]:
    """Return the policies that are reached, those together whose redlines show the same."""
    groups: dict[str, list[Reached]] = {}
    for reached in found.reached:
        groups.setdefault(changes(reached.difference.redline), []).append(reached)
    return list(groups.values())


def _name(reached: Reached) -> str:
    return f"{reached.brand}/{reached.locale}"


def _same(first: Reached, alike: list[Reached]) -> str:
    return f"{_name(first)}, and the same in: {', '.join(map(_name, alike))}"


def _remarks(found: Impact) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Yield the remarks that come and go with a change, each kind with its heading."""
    if found.brought:
        yield "Remarks that this change brings", found.brought
    if found.taken:
        yield "Remarks that it takes away", found.taken


def _failed(found: Impact) -> None:
    if found.failed:
        err = console(stderr=True)
        names = ", ".join("/".join(filter(None, each)) for each in found.failed)
        err.print(f"\n[bold red]With errors behind the change[/]: {names}")
        print_problems(found.problems, err)


def _compared(found: Impact) -> str:
    old, new = found.origins
    return f"{origin_text(old)} → {origin_text(new)}"


def _reaches(found: Impact) -> str:
    policies = len(found.reached) + len(found.untouched) + len(found.failed)
    files = counted(len(found.files), "file")
    return f"{files} changed, and the words of {len(found.reached)} of {policies} policies"


def _about(each: Reached) -> Iterator[str]:
    """Yield what there is to know about a policy that is reached."""
    if each.difference.redline.new is None:
        yield "gone"
        return
    yield "editorial" if each.editorial else "material"
    if each.earliest is not None:
        notice = f" ({each.notice_days} days' notice)" if each.notice_days else ""
        late = "" if each.editorial else notice or " (no notice_days are set)"
        yield f"in force from {each.earliest} at the earliest{late}"
    if each.draft:
        yield "a draft, which cannot be released"
    if each.broken:
        yield "it had errors before, so all of it shows as added"


def _whys(each: Untouched) -> Iterator[str]:
    """Yield in words why a policy is not reached."""
    yield from map(_why, each.reasons)
    if not each.reasons:
        yield "what has changed is other brands' alone"


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
            why = "nothing of this policy is made from it"
        case "condition":
            why = "what changed stands under a condition that is not met here"
        case "no words":
            why = "it changes no words of this policy"
    return f"{reason.path}: {why}"


def as_markdown(
    found: Impact, *, summary: bool, level: int = 2, largest: int | None = LARGEST
) -> str:
    """Return the impact as Markdown, its heading of a level; what makes it too large is left out.

    By default it is no larger than a comment on a pull request may be.
    """
    parts = [f"{'#' * level} {TITLE}", inert(f"{_compared(found)}: {_reaches(found)}")]
    if found.reached:
        parts.append("\n".join(_table(found)))
    if found.failed:
        parts.append("**With errors**, so that nothing can be said of them:")
        parts.append("\n".join(f"- {inert(str(problem))}" for problem in found.problems))
    for heading, problems in _remarks(found):
        parts.append(f"**{heading}:**")
        parts.append("\n".join(f"- {inert(str(problem))}" for problem in problems))
    if found.untouched:
        parts.append("\n".join(_untouched(found)))
    size = sum(map(len, parts))
    for each, *alike in _alike(found) if not summary else ():
        change = each.difference
        text = markdown(change.redline, change.origins, level=level + 1)
        opened = " open" if largest is None else ""
        name = _same(each, alike) if alike else _name(each)
        block = f"<details{opened}><summary>{name}</summary>\n\n{text}\n</details>"
        size += len(block)
        if largest is not None and size > largest:
            parts.append(
                "*The other redlines are too large for here; `publisher impact` has them.*"
            )
            break
        parts.append(block)
    return "\n\n".join(parts) + "\n"


def _table(found: Impact) -> Iterator[str]:
    yield "| Policy | Words | What it is |\n| --- | --- | --- |"
    for each in found.reached:
        counts = counts_text(each.difference.redline.counts)
        yield f"| {each.brand}/{each.locale} | {counts} | {inert('; '.join(_about(each)))} |"


def _untouched(found: Impact) -> Iterator[str]:
    yield "Not reached:\n"
    for each in found.untouched:
        yield f"- {each.brand}/{each.locale}"
        yield from (f"  - {inert(why)}" for why in _whys(each))
