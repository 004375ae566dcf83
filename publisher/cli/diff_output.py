"""How policies differ → the terminal, with marks that are legible without colour."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.cli.terminal import console, failure, line, plain, print_bytes, print_problems
from publisher.problem import Problem
from publisher.redline.values import ClauseRedline
from publisher.redline.views.marked_lines import MARKS, Line, Piece, heading, lines, title
from publisher.redline.views.phrases import absent, became, clauses_counted, compared, counts_text
from publisher.redline.views.phrases import summary as written_summary
from publisher.render.languages import labels

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from publisher.redline.values import Difference, Redline

_STYLES = {
    "removed": "red strike",
    "added": "green underline",
    "moved": "cyan",
    "note": "yellow",
    "gap": "dim",
    "same": "",
}
_MARGINS = {"same": " ", "changed": "~", "added": "+", "removed": "-", "from": "<", "to": ">"}
LEGEND = "[-removed-] {+added+} <other changes>; in the margin < moved away, > moved here"


def differences(pairs: Iterable[Difference], *, full: bool, summary: bool) -> None:
    """Print how policies differ: what is compared, how much differs, and each changed clause."""
    out = console()
    for pair in pairs:
        difference(pair, out, full=full, summary=summary)


def clauses(redline: Redline, out: Console) -> None:
    """Print what differs in the clauses of two policies, without their heads."""
    for clause in redline.clauses:
        for marked in lines(clause.part):
            _line(marked, out)


def broken(problems: Iterable[Problem]) -> None:
    """Print why policies cannot be compared, to standard error."""
    print_problems(problems, console(stderr=True))
    failure(
        "a policy with errors cannot be compared. Fix it, or name a commit where the policy is "
        "valid"
    )


def documents(pages: Iterable[bytes], format: str) -> None:
    """Print documents as they are; those in JSON as one list."""
    if format == "json":
        print_bytes(b"[" + b",".join(document.rstrip() for document in pages) + b"]\n")
    else:
        print_bytes(b"\n".join(pages))


def written(paths: Iterable[Path]) -> None:
    """Print where redlines were written."""
    for path in paths:
        line(str(path))


def difference(
    pair: Difference,
    out: Console,
    *,
    full: bool = False,
    summary: bool = False,
    head: bool = True,
) -> None:
    """Print how two policies differ, with a `head` that names them."""
    redline = pair.redline
    policies, sides = compared(pair.locale, pair.origins)
    if head:
        out.print(f"[bold]{policies}[/]: {plain(sides)}")
    for origin in pair.origins:
        if origin.unverified:
            out.print(f"[bold red]not verified:[/] {plain(origin.unverified)}")
        for note in origin.notes:
            out.print(f"[dim]note on {plain(origin.id)}:[/] {plain(note)}")
    if redline.old is None or redline.new is None:
        out.print(f"[yellow]{plain(absent(redline, pair.origins))}[/]")
    if redline.empty:
        out.print("no differences")
    else:
        out.print(f"{clauses_counted(redline.counts)}; {counts_text(redline.counts)}")
        happened = written_summary(redline, labels("en"))
        if happened:
            out.print(plain(happened), soft_wrap=not out.is_terminal)
    if not (summary or redline.empty):
        if head:
            out.print(f"[dim]{plain(LEGEND)}[/]")
        _heading(pair, out)
    for clause in redline.clauses:
        away = clause.part.status == "from"
        if (clause.differs and not (summary and away)) or (full and not summary):
            _clause(clause, out, full=full, summary=summary)
    out.print()


def _heading(pair: Difference, out: Console) -> None:
    """Print what differs above the clauses."""
    named = {"title": pair.redline.title, "controller": pair.redline.controller}
    for name, part in named.items():
        line = heading(part)
        if line is not None:
            out.print()
            out.print(f"[bold]The policy's {name}[/]")
            _line(line, out)


def _clause(clause: ClauseRedline, out: Console, *, full: bool, summary: bool) -> None:
    counts = f", {counts_text(clause.counts)}" if clause.counts else ""
    head = _text(title(clause.part), "bold")
    head.append(f"  ({clause.new or clause.old}) {became(clause)}{counts}", "dim")
    if not summary:
        out.print()
    out.print(head)
    if summary or clause.part.status == "from":
        return
    for line_ in lines(clause.part, full=full):
        _line(line_, out)


def _line(line: Line, out: Console) -> None:
    """Print a line, on a terminal as several of its width, the later ones further in."""
    from rich.text import Text

    margin = f"{'  ' * line.depth}  {_MARGINS[line.status]} "
    text = Text(line.lead)
    if line.move is not None:
        text.append(f"({line.move}) ", "cyan")
    text.append_text(_text(line.pieces))
    width = max(out.width - len(margin) - len(line.lead), 20)
    rows = text.wrap(out, width) if out.is_terminal else [text]
    for at, row in enumerate(rows):
        ahead = margin if at == 0 else " " * (len(margin) + len(line.lead))
        out.print(Text.assemble((ahead, "dim"), row))


def _text(pieces: Iterable[Piece], style: str = "") -> Text:
    from rich.text import Text

    text = Text(style=style)
    for piece in pieces:
        ahead, behind = MARKS.get(piece.marked, ("", ""))
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in piece.text)
        text.append(f"{ahead}{shown}{behind}", _STYLES[piece.marked])
    return text
