"""Marks in a clause's lines that readers do not see, and lines that are joined by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_ATTRIBUTE = r"""(?:[#.][\w:.-]+|[\w-]+=(?:"[^"]*"|'[^']*'|[^\s"'{}]+))"""
ATTRIBUTES = re.compile(
    rf"(?<![ \t])[ \t]*(?<!\\)\{{:\s*({_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*)\s*\}}[ \t]*$"
)
"""A list of attributes at the end of a line: ``{: #logs .wide }``, or ``{#logs}`` by `lines`."""
HEADING_ID = re.compile(r"^ {0,3}(?:> ?)*#{1,6}[ \t].*\{#([\w:.-]+)\}[ \t]*$")
"""A heading with an id after it, as Pandoc and this toolkit's own policy.md write it."""
TASK = re.compile(r"^([ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(\[[ xX]\])[ \t]+(?=\S)")
"""The box in front of an item of a list of tasks."""

_LABEL = re.compile(
    r"(?:\((?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3})\)|(?:[a-z]|[ivx]{2,5}|\d{1,3})[.)]"
    r"|\d{1,2}(?:\.\d{1,2})+[.)]?)(?=\s)"
)
_BULLET = re.compile(r"[•●▪◦‣∙■□◆➢✓☑]|[–·](?=\s)")
_MARKER = re.compile(r"[-*+](?=\s)")
_UNDERLINE = re.compile(r"(?:=+|-{1,2})\s*")
_DEFINITION = re.compile(r"\[[^\]]+\]:\s*\S")
_COLUMNS = re.compile(r"\S(?: {3,}|[ ]*\t[ \t]*)(?=\S)")
_BROKEN = re.compile(r"(?:\\|  )$")

_SECTION = re.compile(
    r"(§|(?:article|artikel|artykuł|section|clause|abschnitt|άρθρο)(?=\s)|art\.)\s*\d+\S*",
    re.IGNORECASE,
)
_FOREIGN = {
    re.compile(r"#{1,6}[^\W\d]"): "for a heading, write a space after ##",
    re.compile(r"\|\s*\S.*\|$"): (
        "write |---|---| below the first row of a table, with as many cells as that has"
    ),
    re.compile(r"\[\[?_?toc_?\]\]?$", re.IGNORECASE): "delete it: every policy has its contents",
    re.compile(r"(?:!!!|:::|\?\?\?)(?=\s|\w|$)"): (
        "delete the mark, and write the text as a paragraph, or as a quotation with > in front"
    ),
    re.compile(r"\{::"): "delete it: it is an instruction to another program",
}
"""Beginnings of lines that have a meaning elsewhere, and what to write here."""
_APART = "put an empty line above it, or \\ at the end of the line above"
_RUN_ON = {
    _BULLET: "write a list: `- ` in its place, and an empty line above the first",
    _LABEL: _APART,
    _MARKER: "indent the list by three spaces at most",  # too far to be an item, as it is
}
"""Marks at the beginning of a line that runs on from the one above, and what to write."""
_TABLE = "write a table: | between the cells, and |---|---| below the first row"


def run_together(content: str) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a paragraph that readers see differently from the source.

    `content` is its Markdown. Each line comes as its number, from 0, its fault, and what to write.
    """
    lines = content.split("\n")
    for number, line in enumerate(lines):
        text = line.strip()
        for begins, fix in _FOREIGN.items():
            if begins.match(text):
                if number == 0 or not begins.match(lines[number - 1].strip()):
                    yield number, f"has a line '{text[:20]}', which is shown as text", fix
                break
    for number, (above, line) in enumerate(pairwise(lines), 1):
        if not _BROKEN.search(above):
            fault = _run_on(line) or _section(lines[0], line)
            if fault is not None:
                yield number, *fault
    yield from _columns(lines)


def _run_on(line: str) -> tuple[str, str] | None:
    """Return the fault of a line that continues the one above, and what to write."""
    text = line.strip()
    shown = text[:20]
    if _UNDERLINE.fullmatch(text):
        message = f"has a line '{shown}', which is shown as text"
        return message, "for a heading, delete it and write ## in front of the line above"
    if _DEFINITION.match(text):
        message = f"has a line that begins with '{shown}' and is shown as text"
        return message, "put an empty line above it, so that it defines a link target"
    for begins, fix in _RUN_ON.items():
        if mark := begins.match(text):
            return _runs_on(f"'{mark[0]}'"), fix
    if line.startswith("\t"):
        return _runs_on("a tab"), _APART
    return None


def _section(first: str, line: str) -> tuple[str, str] | None:
    """Return the fault of a line that begins as a section does, if the first line does, too."""
    one, other = _SECTION.match(first.strip()), _SECTION.match(line.strip())
    if one is None or other is None or one[1].casefold() != other[1].casefold():
        return None
    return _runs_on(f"'{other[0]}'"), _APART


def _runs_on(start: str) -> str:
    return f"has a line that begins with {start} and runs on from the line above"


def _columns(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    wide = [number for number, line in enumerate(lines) if _COLUMNS.search(line.strip())]
    tabbed = [number for number, line in enumerate(lines) if "\t" in line.strip()]
    if len(wide) > 1 or tabbed:
        first = min((*wide, *tabbed))
        yield first, "has columns made of spaces, which readers see as one space each", _TABLE
