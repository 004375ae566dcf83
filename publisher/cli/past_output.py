"""What was imported and reconstructed → the terminal."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from publisher.cli.release_output import appended
from publisher.cli.terminal import console, counted, plain

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.archive.release.import_version import Imported
    from publisher.archive.release.reconstruct import End, Proposal, Reconstruction


def reconstruction(found: Reconstruction, *, frozen: bool) -> None:
    """Print what a history has, and what was frozen of it, or would be."""
    out = console()
    made = counted(sum(1 for each in found.proposals if each.version), "version")
    ended = f" and {counted(len(found.ends), 'end')}" if found.ends else ""
    verb = "reconstructed" if frozen else "to be reconstructed"
    out.print(f"[bold]{found.brand}[/], {made}{ended} {verb}")
    ends = [*found.ends]
    for each in found.proposals:
        while ends and each.revision.day is not None and ends[0].day < each.revision.day:
            _end(out, ends.pop(0))
        _proposal(out, each)
    for end in ends:
        _end(out, end)
    if found.outside:
        out.print(
            f"Left out: {counted(found.outside, 'revision')} of other days. The version before "
            "each answers for its days, too, until it is reconstructed."
        )
    if frozen:
        appended(found.appended[-1])
        return
    out.print(
        "These are the words of the repository, day by day; that they were published is not "
        "proven, and each document will say so. `--yes` freezes them."
    )


def _end(out: Console, end: End) -> None:
    locales = ", ".join(end.locales)
    out.print(f"  {end.day}  {end.commit[:10]}  [bold]not in the repository any more[/]  {locales}")


def _proposal(out: Console, each: Proposal) -> None:
    revision = each.revision
    said = plain(each.version or "left out")
    style = "bold" if each.version else "dim"
    locales = f"  {', '.join(each.locales)}" if each.locales else ""
    day = str(revision.day or "–")
    out.print(f"  {day:<10}  {revision.commit[:10]}  [{style}]{said}[/]{locales}")
    room = max(out.width - 26, 20) if out.is_terminal else sys.maxsize
    for text in textwrap.wrap(each.reason or revision.subject, room):
        out.print(f"{'':26}[dim]{plain(text)}[/]")


def imported(done: Imported) -> None:
    """Print what was imported, and what is to be said of its document."""
    appended(done.appended)
    for note in done.notes:
        console().print(f"  [dim]note:[/] {plain(note)}")
