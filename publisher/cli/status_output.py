"""Where every policy stands → the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from publisher.archive.moments import retired_from
from publisher.cli.terminal import clauses_said, console, counted, plain
from publisher.redline.summary import Changes
from publisher.redline.views.phrases import counts_text

if TYPE_CHECKING:
    from publisher.archive.release.status import Standing

_SAYS = {
    "released": "[green]as released[/]",
    "editorial": "[cyan]editorial changes[/]",
    "material": "[yellow]material changes[/]",
    "first": "[cyan]never released[/]",
    "draft": "[yellow]draft[/]",
    "errors": "[bold red]errors[/]",
    "gone": "[dim]not in the workspace[/]",
}


def status(standings: Iterable[Standing]) -> None:
    """Print where every policy stands: a table, and below it what wants attention."""
    standings = tuple(standings)
    from rich.table import Table

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Brand", "Locale", "In force", "Next from", "Last updated", "State"):
        table.add_column(column, no_wrap=column != "State", overflow="fold")
    for each in standings:
        table.add_row(
            each.brand,
            each.locale,
            each.force.version or ("retired" if each.force.ends else "–"),
            each.force.upcoming[0][1].isoformat() if each.force.upcoming else "–",
            each.last_updated.isoformat() if each.last_updated else "–",
            _SAYS[each.state],
        )
    if standings:
        out.print(table, soft_wrap=False)
    for each in standings:
        said = list(_attention(each))
        if said:
            out.print(f"\n[bold]{each.brand}/{each.locale}[/]")
        for text in said:
            out.print(f"  {plain(text)}")
    for text in dict.fromkeys(filter(None, (each.behind for each in standings))):
        out.print(f"\n[yellow]{plain(text)}[/]")


def _attention(each: Standing) -> Iterable[str]:
    """Yield what of a policy wants attention."""
    for version, day in each.force.upcoming:
        yield f"version {version} comes into force on {day}"
    if each.force.retired:
        yield f"retired from {retired_from(each.force.retired)}"
    if each.state == "gone":
        yield "still in the archive, and in no brand.yaml; `publisher retire` ends it"
    if each.since is not None and each.state not in ("released", "errors"):
        yield f"since {each.latest}: {since(each.since)}"
    if each.questions:
        asked = counted(each.questions, "open question")
        yield f"{asked}; `publisher check {each.brand}` lists them"
    if each.remarks:
        said = counted(each.remarks, "remark")
        yield f"{said} by the rules of law; `publisher check {each.brand}` lists them"
    if each.uncommitted:
        yield f"uncommitted changes would reach it: {', '.join(each.uncommitted)}"
    for problem in each.problems:
        yield str(problem)


def since(found: Changes) -> str:
    """Return in words how a policy differs from another."""
    return f"{clauses_said(found)}; {counts_text(found.counts)}"
