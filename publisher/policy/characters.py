"""Characters that no policy may contain: invisible ones, and those of no script."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from publisher.problem import Edit, Problem, error, warning

LARGEST = 1_000_000
"""Bytes in a file of the workspace, at most."""
LONGEST = 20_000
"""Characters in a line, and in a paragraph, at most: reading Markdown is slow on longer ones."""
MOST = 20
"""Characters that are reported in one text, at most."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # invisible,
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"  # or turning the text round
    "\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff\ufffe\uffff]"  # of no script
)

DROPPED = re.compile("[\u00ad\u200b-\u200e\u2060\ufeff]")
"""Characters of no width, which come with pasted text and mean nothing: they are left out."""


def without_dropped(path: str, text: str) -> tuple[str, tuple[Problem, ...]]:
    """Return `text` without characters of no width, and a warning if it had any."""
    dropped = DROPPED.findall(text)
    if not dropped:
        return text, ()
    lines = [
        (number, character)
        for number, line in enumerate(text.split("\n"), 1)
        for character in DROPPED.findall(line)
    ]
    names = ", ".join(map(name_of, dict.fromkeys(dropped)))
    count = (
        "an invisible character" if len(dropped) == 1 else f"{len(dropped)} invisible characters"
    )
    edits = tuple(Edit(path, number, character, "") for number, character in lines)
    message = f"has {count} that the policy leaves out: {names}"
    problem = warning("character", path, lines[0][0], message, "delete what cannot be seen", edits)
    return DROPPED.sub("", text), (problem,)


def forbidden(path: str, text: str, line: int | None = 1) -> tuple[Problem, ...]:
    """Return a problem for each character in `text` that no policy may contain, up to `MOST`.

    `line` is the line of the file at which `text` starts, None where it is not known.
    """
    problems = []
    at, passed = 0, 0
    for match in islice(FORBIDDEN.finditer(text), MOST):
        passed += text.count("\n", at, match.start())
        at = match.start()
        where = None if line is None else line + passed
        message = f"has the invisible or private character {name_of(match[0])}"
        problems.append(error("character", path, where, message, "delete it"))
    return tuple(problems)


def name_of(character: str) -> str:
    """Return code point and name of a character: ``U+200B ZERO WIDTH SPACE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
