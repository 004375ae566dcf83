"""Imported and reconstructed versions → the terminal."""

from __future__ import annotations

import sys
import textwrap
from datetime import date
from typing import TYPE_CHECKING

from publisher.cli.release_output import appended
from publisher.cli.terminal import console, counted, plain
from publisher.history.presence import Unread

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.archive.release.import_version import Imported
    from publisher.archive.release.reconstruct import End, Proposal, Reconstruction


def reconstruction(history: Reconstruction, *, frozen: bool) -> None:
    """Print the versions in a history, and those that were frozen, or would be."""
    out = console()
    versions = counted(sum(1 for proposal in history.proposals if proposal.version), "version")
    ended = f" and {counted(len(history.ends), 'end')}" if history.ends else ""
    verb = "reconstructed" if frozen else "to be reconstructed"
    out.print(f"[bold]{history.brand}[/], {versions}{ended} {verb}")
    ends: list[End | Unread] = [*history.ends, *history.unread]
    ends.sort(key=lambda end: end.day or date.min)
    for proposal in history.proposals:
        day = proposal.revision.day
        while ends and day is not None and (ends[0].day or date.min) < day:
            _end(out, ends.pop(0))
        _proposal(out, proposal)
    for end in ends:
        _end(out, end)
    if history.outside:
        out.print(
            f"Left out: {counted(history.outside, 'revision')} of other days. Until each is "
            "reconstructed, the version before it answers for its days, too."
        )
    if frozen:
        appended(history.appended[-1])
        return
    out.print(
        "These are the words of the repository, day by day; that they were published is not "
        "proven, and each document will say so. `--yes` freezes them."
    )


def _end(out: Console, end: End | Unread) -> None:
    locales = ", ".join(end.locales)
    what = "cannot be read" if isinstance(end, Unread) else "no longer in the repository"
    out.print(f"  {end.day or '–'!s:<10}  {end.commit[:10]}  [bold]{what}[/]  {locales}")
    if isinstance(end, Unread):
        fixed = f"fixed on {end.until_day or 'an unknown day'} (commit {(end.until or '')[:10]})"
        _below(out, f"{end.reason}; {fixed if end.until else 'not fixed later'}")


def _below(out: Console, text: str) -> None:
    room = max(out.width - 26, 20) if out.is_terminal else sys.maxsize
    for line in textwrap.wrap(text, room):
        out.print(f"{'':26}[dim]{plain(line)}[/]")


def _proposal(out: Console, proposal: Proposal) -> None:
    revision = proposal.revision
    version = plain(proposal.version or "left out")
    style = "bold" if proposal.version else "dim"
    locales = f"  {', '.join(proposal.locales)}" if proposal.locales else ""
    day = str(revision.day or "–")
    out.print(f"  {day:<10}  {revision.commit[:10]}  [{style}]{version}[/]{locales}")
    _below(out, proposal.reason or revision.subject)
    if proposal.plain:
        _below(out, f"in a plain look, as its own is refused: {proposal.plain[0].fault}")


def imported(result: Imported) -> None:
    """Print what was imported, with notes on its document."""
    appended(result.appended)
    for note in result.notes:
        console().print(f"  [dim]note:[/] {plain(note)}")
