"""What was searched for, imported and reconstructed → the terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from publisher.cli.get_output import period
from publisher.cli.release_output import appended
from publisher.cli.terminal import console, counted, plain, print_rows

if TYPE_CHECKING:
    from rich.console import Console

    from publisher.archive.release.import_version import Imported
    from publisher.archive.release.reconstruct import End, Proposal, Reconstruction
    from publisher.search.search import Hit, SearchResult


def reconstruction(history: Reconstruction, *, frozen: bool) -> None:
    """Print what a history has, and what was frozen of it, or would be."""
    out = console()
    versions = counted(sum(1 for proposal in history.proposals if proposal.version), "version")
    ended = f" and {counted(len(history.ends), 'end')}" if history.ends else ""
    verb = "reconstructed" if frozen else "to be reconstructed"
    out.print(f"[bold]{history.brand}[/], {versions}{ended} {verb}")
    ends = [*history.ends]
    for proposal in history.proposals:
        while ends and proposal.revision.day is not None and ends[0].day < proposal.revision.day:
            _end(out, ends.pop(0))
        _proposal(out, proposal)
    for end in ends:
        _end(out, end)
    if history.outside:
        out.print(
            f"Left out: {counted(history.outside, 'revision')} of other days. The version before "
            "each answers for its days, too, until it is reconstructed."
        )
    if frozen:
        appended(history.appended[-1])
        return
    out.print(
        "These are the words of the repository, day by day; that they were published is not "
        "proven, and each document will say so. `--yes` freezes them."
    )


def _end(out: Console, end: End) -> None:
    locales = ", ".join(end.locales)
    out.print(f"  {end.day}  {end.commit[:10]}  [bold]not in the repository any more[/]  {locales}")


def _proposal(out: Console, proposal: Proposal) -> None:
    revision = proposal.revision
    version = plain(proposal.version or "left out")
    style = "bold" if proposal.version else "dim"
    locales = f"  {', '.join(proposal.locales)}" if proposal.locales else ""
    day = str(revision.day or "–")
    out.print(f"  {day:<10}  {revision.commit[:10]}  [{style}]{version}[/]{locales}")
    room = max(out.width - 26, 20) if out.is_terminal else sys.maxsize
    for text in textwrap.wrap(proposal.reason or revision.subject, room):
        out.print(f"{'':26}[dim]{plain(text)}[/]")


def imported(result: Imported) -> None:
    """Print what was imported, and what is to be said of its document."""
    appended(result.appended)
    for note in result.notes:
        console().print(f"  [dim]note:[/] {plain(note)}")


def search(result: SearchResult) -> None:
    """Print who said it: a sentence, and below it the versions that have it."""
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
