"""The history of policies → the terminal, or JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from publisher.cli import policies_json
from publisher.cli.diff_output import clauses
from publisher.cli.terminal import console, counted, plain, print_problems
from publisher.redline.views.phrases import counts_text

if TYPE_CHECKING:
    from publisher.compare.revisions import Afterwards, Entry, PolicyHistory
    from publisher.history.followers import Seen
    from publisher.history.overrides import Override

_KINDS = {"material": "bold", "editorial": "dim", "same words": "dim", "gap": "bold red"}


def history(histories: Iterable[PolicyHistory], *, json: bool) -> None:
    """Print histories, one after the other: each revision with what it changed, newest first."""
    histories = tuple(histories)
    if json:
        policies_json.history(histories)
    else:
        for policy in histories:
            _history(policy)
    print_problems(
        [problem for policy in histories for problem in policy.errors], console(stderr=True)
    )


def _history(policy: PolicyHistory) -> None:
    out = console()
    clause = f", clause {policy.clause}" if policy.clause else ""
    out.print(f"[bold]{policy.brand}/{policy.locale}{clause}[/]")
    if policy.asked:
        out.print(f"[dim]'{plain(policy.asked)}' is an id that this clause had before[/]")
    if not policy.begun:
        out.print("[yellow]the repository has no commit yet[/]")
    elif policy.uncommitted:
        out.print("[yellow]the words of the working tree differ from the newest commit[/]")
    if not policy.entries:
        out.print("no revisions")
    width = out.width - 24 if out.is_terminal else sys.maxsize
    for entry in policy.entries:
        day = entry.day.isoformat() if entry.day else "no date"
        kind = f"[{_KINDS[entry.kind]}]{entry.kind:<10}[/]"
        subject, *more = textwrap.wrap(entry.subject, max(width - 12, 20)) or ["(no subject)"]
        out.print(f"{day:<10}  {entry.commit[:10]}  {kind}  {plain(subject)}")
        for text in more:
            out.print(f"{'':36}{plain(text)}")
        for text in _details(entry):
            for part in textwrap.wrap(text, max(width, 30), break_on_hyphens=False):
                out.print(f"{'':24}[dim]{plain(part)}[/]")
    out.print()


def overrides(listed: Sequence[Override], *, json: bool) -> None:
    """Print overrides: what each overrides, when it was reviewed, and what has changed since."""
    if json:
        policies_json.overrides(listed)
        return
    out = console()
    for override in listed:
        named = f"{override.brand}/{override.locale}, clause {override.clause}"
        out.print(f"[bold]{named}[/]{'  [yellow]behind[/]' if override.behind else ''}")
        blocks = f"{', '.join(override.blocks)} of " if override.blocks else ""
        for name, text in (
            ("override", override.path),
            ("overrides", f"{blocks}{override.followed}"),
            ("reviewed", _seen(override.since.reviewed)),
            ("changed", _seen(override.since.changed) if override.behind else ""),
        ):
            if text:
                out.print(f"  [dim]{name:<9}[/] {plain(text)}", soft_wrap=True)
        if override.since.redline is not None:
            clauses(override.since.redline, out)
        out.print()
    behind = sum(override.behind for override in listed)
    out.print(f"{counted(len(listed), 'override')}, {behind} behind")
    if behind:
        out.print(
            "[dim]follow the change; or, if there is nothing to follow, commit with the line "
            "Reviewed: PATH[/]"
        )


def _seen(seen: Seen | None) -> str:
    if seen is None or not seen.commit:
        return "not committed yet"
    return f"{seen.day or 'no date'}  {seen.commit[:10]}  {seen.subject}"


def _details(entry: Entry) -> Iterator[str]:
    """Yield the texts below a revision; each begins a line."""
    counts = ""
    if entry.changes is not None and entry.kind != "same words":
        counts = f", {counts_text(entry.changes.counts)}"
    yield f"{entry.author or 'nobody'}{counts}"
    yield from (_afterwards(later, entry) for later in entry.afterwards)
    if entry.changes is not None:
        changes = entry.changes
        renamed = [f"{before} → {after}" for before, after in changes.renamed]
        named = {
            "changed": changes.changed,
            "added": changes.added,
            "removed": changes.removed,
            "moved": changes.moved,
            "renamed": renamed,
        }
        yield from (f"{name}: {', '.join(ids)}" for name, ids in named.items() if ids)
        if changes.title:
            yield "changed: the policy's title"
    if entry.files is not None:
        yield f"{entry.files[0]} → {entry.files[1]}"
    for problem in entry.problems:
        yield str(replace(problem, fix="") if entry.kind == "gap" else problem)


def _afterwards(later: Afterwards, entry: Entry) -> str:
    """Return what a later commit says about a revision, or about a commit that it brings."""
    what = "" if later.commit == entry.commit else f"{later.commit[:10]} is "
    day = later.day.isoformat() if later.day else "no date"
    by = f"by {later.author or 'nobody'} on {day} in {later.by[:10]}"
    return f"{what}{later.change}, said afterwards {by}"
