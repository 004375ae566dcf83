"""The history of policies → the terminal, or JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.cli import policies_json
from publisher.cli.terminal import console, plain, print_problems
from publisher.redline.views.phrases import counts_text

if TYPE_CHECKING:
    from publisher.compare.revisions import Afterwards, Entry, PolicyHistory

_KINDS = {"material": "bold", "editorial": "dim", "same words": "dim", "gap": "bold red"}


def history(told: Iterable[PolicyHistory], *, json: bool) -> None:
    """Print histories, one after the other: each revision with what it changed, newest first."""
    told = tuple(told)
    if json:
        policies_json.history(told)
    else:
        for each in told:
            _history(each)
    print_problems([problem for each in told for problem in each.errors], console(stderr=True))


def _history(told: PolicyHistory) -> None:
    out = console()
    clause = f", clause {told.clause}" if told.clause else ""
    out.print(f"[bold]{told.brand}/{told.locale}{clause}[/]")
    if told.asked:
        out.print(f"[dim]'{plain(told.asked)}' is an id that this clause had before[/]")
    if told.uncommitted:
        out.print("[yellow]the working tree says something else than the newest commit[/]")
    if not told.entries:
        out.print("no revisions")
    width = out.width - 24 if out.is_terminal else sys.maxsize
    for each in told.entries:
        day = each.day.isoformat() if each.day else "no date"
        kind = f"[{_KINDS[each.kind]}]{each.kind:<10}[/]"
        subject, *more = textwrap.wrap(each.subject, max(width - 12, 20)) or ["(no subject)"]
        out.print(f"{day:<10}  {each.commit[:10]}  {kind}  {plain(subject)}")
        for text in more:
            out.print(f"{'':36}{plain(text)}")
        for text in _details(each):
            for part in textwrap.wrap(text, max(width, 30), break_on_hyphens=False):
                out.print(f"{'':24}[dim]{plain(part)}[/]")
    out.print()


def _details(entry: Entry) -> Iterator[str]:
    """Yield what is said below a revision, each to begin a line."""
    counts = ""
    if entry.changes is not None and entry.kind != "same words":
        counts = f", {counts_text(entry.changes.counts)}"
    yield f"{entry.author or 'nobody'}{counts}"
    yield from (_afterwards(each, entry) for each in entry.afterwards)
    if entry.changes is not None:
        found = entry.changes
        renamed = [f"{before} → {after}" for before, after in found.renamed]
        named = {
            "changed": found.changed,
            "added": found.added,
            "removed": found.removed,
            "moved": found.moved,
            "renamed": renamed,
        }
        yield from (f"{name}: {', '.join(ids)}" for name, ids in named.items() if ids)
        if found.title:
            yield "changed: the policy's title"
    if entry.files is not None:
        yield f"{entry.files[0]} → {entry.files[1]}"
    for problem in entry.problems:
        yield str(replace(problem, fix="") if entry.kind == "gap" else problem)


def _afterwards(said: Afterwards, entry: Entry) -> str:
    """Return what a later commit says of a revision, or of a commit that it brings."""
    what = "" if said.commit == entry.commit else f"{said.commit[:10]} is "
    day = said.day.isoformat() if said.day else "no date"
    by = f"by {said.author or 'nobody'} on {day} in {said.by[:10]}"
    return f"{what}{said.change}, said afterwards {by}"
