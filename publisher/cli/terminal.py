"""What all output shares: how lines, problems and progress reach a terminal, or a pipe.

Some pieces of sentences are shared, too.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from publisher.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from publisher.archive.entries import ClauseChanges
    from publisher.redline.summary import Changes


COPIED = ("check", "sha256", "entry", "file", "now")
"""Names of values that must be copied whole, and are never broken into lines."""
PATIENCE = 1.0
"""Seconds of work after which progress is shown on a terminal."""

STYLES = {"error": "bold red", "warning": "yellow", "note": "blue", "question": "cyan"}
PLURALS = {"error": "errors", "warning": "warnings", "note": "notes", "question": "open questions"}


class Pipe(io.FileIO):
    """Standard output that discards everything once it cannot be written to.

    Where its reader has left, as `head` does, the command continues and ends with its own exit
    code.
    """

    def write(self, data: Any) -> int:
        """Write as much as there is room for."""
        try:
            return super().write(data) or 0
        except OSError as fault:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), self.fileno())
            if isinstance(fault, BrokenPipeError):
                return len(memoryview(data))
            raise  # once: Python tries again when it ends


def print_bytes(data: bytes) -> None:
    """Print a document as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def console(*, stderr: bool = False) -> Console:
    """Return where to print: standard output, or standard error."""
    from rich.console import Console

    console_ = Console(stderr=stderr, highlight=False, emoji=False)
    # A pipe gets each message on a line of its own; a terminal breaks it between words.
    console_.soft_wrap = not console_.is_terminal
    return console_


def line(text: str) -> None:
    """Print a line."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def failure(message: str) -> None:
    """Print what stopped a command, on one line: a message of git may have several."""
    console(stderr=True).print(f"[bold red]error:[/] {plain(' '.join(message.split()))}")


def left_out(root: Path, brands: int) -> None:
    """Print, beside the output, how many brands a sparse checkout leaves out, if any."""
    if brands:
        from publisher.repository.sparse import left_out_of

        command = left_out_of(root).command("brands/BRAND", "versions/BRAND")
        what = f"{counted(brands, 'brand')} {'is' if brands == 1 else 'are'} not checked out here"
        fix = f"run `{command}` to check out more"
        console(stderr=True).print(f"[bold yellow]{what}[/], as the checkout is sparse; {fix}")


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """Give a function that reports progress, which is shown once the work has taken a while."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.status import Status

    status, started = Status("", console=console(stderr=True)), time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        if time.monotonic() - started > PATIENCE and done < total:
            status.update(f"{done + 1} of {total}: {name}")
            status.start()

    try:
        yield show
    finally:
        status.stop()


def print_problems(problems: Iterable[Problem], out: Console) -> None:
    """Print problems by severity, each on a line that starts with its place."""
    problems = tuple(problems)
    for severity, style in STYLES.items():
        these = [problem for problem in problems if problem.severity == severity]
        if these:
            out.print(f"[{style}]{PLURALS[severity].capitalize()}[/]")
        for problem in these:
            where, _, what = str(problem).partition(": ")
            if severity == "question":
                what = problem.message
            print_line(f"[bold]{plain(where)}[/]: {plain(what)}", out)
        if these:
            out.print()


def print_line(markup: str, out: Console) -> None:
    """Print a line: on a terminal as several of its width, the later ones further in."""
    from rich.text import Text

    text = Text.from_markup(markup)
    for at, row in enumerate(text.wrap(out, out.width - 2) if out.is_terminal else [text]):
        row.rstrip()
        out.print(Text.assemble("  " if at else "", row))


STATES = {
    "released": ("green", "the words are those of the latest version"),
    "editorial": ("cyan", "the words differ from the latest version, but mean the same"),
    "material": ("yellow", "the words differ from the latest version"),
    "first": ("cyan", "has no version yet"),
    "ready": ("green", "is committed and dated, and quotes nothing unconfirmed"),
    "proposed": ("cyan", "is only a proposal; no release includes it"),
    "draft": ("yellow", "quotes something unconfirmed; `publisher check` lists the questions"),
    "uncommitted": ("yellow", "the words have no date yet; commit them"),
    "undated": ("yellow", "no commit tells when the words changed"),
    "errors": ("bold red", "cannot be built; `publisher check` lists the errors"),
    "gone": ("dim", "is in the archive, but in no brand.yaml"),
}
"""The states of policies, as every command and its JSON names them: the style, and the meaning."""
_IN_FORCE = {"in force": "green", "upcoming": "cyan", "superseded": "dim", "retired": "yellow"}
_STYLES = {state: style for state, (style, _) in STATES.items()} | _IN_FORCE


def print_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: int = 2,
    below: Sequence[Sequence[str]] = (),
) -> None:
    """Print rows: a table, or a list where a terminal is too narrow for the table.

    The first cells of a row, as many as `title` says, name it in the list. `below` has the lines
    below each row.
    """
    out = console()
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    narrow = out.is_terminal and sum(widths) + 2 * len(widths) - 2 > out.width
    margin = 2 if narrow else widths[0] + 2
    room = max(out.width - margin, 20) if out.is_terminal else sys.maxsize
    styled = cache(partial(_marks, out))
    lines = [] if narrow else [_painted(styled("bold"), _padded(heads, heads, widths, styled))]
    for at, row in enumerate(rows):
        if narrow:
            lines.append(_painted(styled("bold"), shown("/".join(row[:title]))))
            for head, cell in zip(heads[title:], row[title:], strict=True):
                name = _painted(styled("dim"), f"{head}:")
                lines.append(f"  {name} {_cell(head, cell, styled)}")
        else:
            lines.append(_padded(heads, row, widths, styled))
        for note in below[at] if below else ():
            texts = (_painted(styled("dim"), shown(text)) for text in _wrapped(note, room))
            lines += (f"{'':{margin}}{text}" for text in texts)
    if lines:
        line("\n".join(lines))


Marks = tuple[str, str]
"""The control sequences before and after a text in a style."""


def _marks(out: Console, style: str) -> Marks:
    """Return the marks of a style: Rich is too slow for ten thousand lines."""
    with out.capture() as capture:
        out.print("x", style=style, end="", soft_wrap=True)
    before, _, after = capture.get().partition("x")
    return before, after


def _painted(marks: Marks, text: str) -> str:
    return text.join(marks)


def _padded(
    heads: Sequence[str], row: Sequence[str], widths: Sequence[int], styled: Callable[[str], Marks]
) -> str:
    cells = (
        f"{_cell(head, cell, styled)}{' ' * (width - len(cell))}"
        for head, cell, width in zip(heads, row, widths, strict=True)
    )
    return "  ".join(cells).rstrip()


def _cell(head: str, cell: str, styled: Callable[[str], Marks]) -> str:
    style = _STYLES.get(cell) if head == "State" else None
    return _painted(styled(style), shown(cell)) if style else shown(cell)


def _wrapped(text: str, room: int) -> list[str]:
    """Return the lines of a text: itself, if it fits as it is."""
    fits = len(text) <= room and text.isprintable() and text == text.strip()
    return [text] if fits and text else textwrap.wrap(text, room)


def print_states(states: Iterable[str]) -> None:
    """Print the meanings of states that need a line."""
    for state in dict.fromkeys(states):
        if state not in ("released", "ready"):
            console().print(f"[dim]{state}: {STATES[state][1]}[/]")


def plain(text: str) -> str:
    """Return `text` without markup of Rich's and without what would steer a terminal."""
    from rich.markup import escape

    return escape(shown(text))


def shown(text: str) -> str:
    """Return `text` without what would steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def quoted(text: object) -> str:
    """Return a text as a shell reads it; what a terminal does not show, as bash and zsh escape it.

    A byte of a file's name that is not UTF-8 stays that byte.
    """
    name = str(text)
    if name.isprintable():
        return shlex.quote(name)
    escaped = (
        chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in os.fsencode(name)
    )
    return f"$'{''.join(escaped)}'"


def print_rows(values: Mapping[str, str], *, stderr: bool = False) -> None:
    """Print names with their values; what must be copied whole is never broken."""
    out = console(stderr=stderr)
    width = max(len(name) for name in values)
    room = max(out.width - width - 4, 20) if out.is_terminal else sys.maxsize
    for name, value in values.items():
        lines = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False)
        whole = name in COPIED
        for at, text in enumerate([value] if whole else lines):
            out.print(f"  [dim]{'' if at else name:<{width}}[/]  {plain(text)}", soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 entry``, ``2 entries``."""
    plural = {"entry": "entries", "address": "addresses", "policy": "policies"}.get(
        noun, f"{noun}s"
    )
    return f"{number} {noun if number == 1 else plural}"


def clause_changes(changes: Changes | ClauseChanges) -> str:
    """Return in words how clauses changed."""
    named = {
        "added": changes.added,
        "changed": changes.changed,
        "removed": changes.removed,
        "moved": changes.moved,
    }
    parts = [f"{name} {', '.join(ids)}" for name, ids in named.items() if ids]
    parts += [f"renamed {old} to {new}" for old, new in changes.renamed]
    return "; ".join(parts) or "as before"
