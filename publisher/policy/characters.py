"""Characters that no policy may contain: invisible ones, and those without a script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from publisher.problem import Edit, Problem, error, warning

LARGEST = 1_000_000
"""The most bytes of a file of the workspace."""
LONGEST = 20_000
"""The most characters of a line, and of a paragraph: reading Markdown is slow on longer ones."""
MOST = 20
"""The most characters that are reported in one text."""

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

    `line` is the line of the file at which `text` starts, None if it is not known.
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


_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")
_ALIKE = re.compile(
    "[\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0423\u0425\u0430\u0435\u043e"
    "\u0440\u0441\u0443\u0445\u0405\u0406\u0408\u0455\u0456\u0458\u0501\u051b\u051d"
    "\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03bf\u03bd\u03c1\u03b9\u03ba\u03c5]"
)
"""Cyrillic and Greek letters that look like Latin ones (Unicode UTS 39, confusables)."""


def disguised(path: str, text: str) -> Iterator[Problem]:
    """Yield a warning for each Latin word with a letter of another script that looks the same."""
    if text.isascii():
        return
    for number, line in enumerate(text.split("\n"), 1):
        for word in _WORD.findall(line) if _ALIKE.search(line) else ():
            letter = _ALIKE.search(word)
            if letter is not None and _LATIN.search(word):
                message = f"has '{word}', in which {name_of(letter[0])} looks like a Latin letter"
                yield warning("character", path, number, message, "write it with Latin letters")


def name_of(character: str) -> str:
    """Return code point and name of a character: ``U+200B ZERO WIDTH SPACE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
