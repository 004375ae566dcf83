"""Characters that no policy may contain: invisible ones, and those of no script."""

from __future__ import annotations

import re
import unicodedata

from publisher.model.problem import Problem, error

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f"  # controls
    "\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible, or turning the text round
    "\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff\ufffe\uffff]"  # no character of any script
)


def forbidden(path: str, text: str, line: int | None = 1) -> tuple[Problem, ...]:
    """Return a problem for each character in `text` that no policy may contain.

    `line` is the line of the file at which `text` starts, None where it is not known.
    """
    return tuple(
        error(
            "character",
            path,
            None if line is None else line + text.count("\n", 0, found.start()),
            f"has the invisible or private character {name_of(found[0])}",
            "delete it",
        )
        for found in _FORBIDDEN.finditer(text)
    )


def name_of(character: str) -> str:
    """Return code point and name of a character: ``U+200B ZERO WIDTH SPACE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
