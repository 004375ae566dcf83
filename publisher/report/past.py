"""What was imported and reconstructed → the terminal."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from publisher.report.archive import appended
from publisher.report.terminal import console, plain
from publisher.report.wording import counted

if TYPE_CHECKING:
    from publisher.tasks.imports import Imported
    from publisher.tasks.reconstruct import Reconstruction


def reconstruction(found: Reconstruction, *, frozen: bool) -> None:
    """Print what a history has, and what was frozen of it, or would be."""
    out = console()
    made = [each for each in found.proposals if each.version]
    verb = "reconstructed" if frozen else "to be reconstructed"
    out.print(f"[bold]{found.brand}[/], {counted(len(made), 'version')} {verb}")
    for each in found.proposals:
        day = str(each.revision.day or "–")
        said = plain(each.version or "left out")
        style = "bold" if each.version else "dim"
        locales = f"  {', '.join(each.locales)}" if each.locales else ""
        out.print(f"  {day:<10}  {each.revision.commit[:10]}  [{style}]{said}[/]{locales}")
        room = max(out.width - 26, 20) if out.is_terminal else sys.maxsize
        for text in textwrap.wrap(each.reason or each.revision.subject, room):
            out.print(f"{'':26}[dim]{plain(text)}[/]")
    if frozen:
        appended(found.appended[-1])
        return
    out.print(
        "These are the words of the repository, day by day; that they were published is not "
        "proven, and each document will say so. `--yes` freezes them."
    )


def imported(done: Imported) -> None:
    """Print what was imported, and what could not be taken out of it."""
    appended(done.appended)
    for note in done.notes:
        console().print(f"  [dim]note:[/] {plain(note)}")
