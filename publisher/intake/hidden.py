"""Characters that are not seen, or that no document may carry on: what becomes of them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from publisher.intake.pieces import counted
from publisher.model.characters import FORBIDDEN, name_of
from publisher.model.policy import Clause, Code, Link, Text

_JOINERS = "\u200c\u200d"
"""They change how letters of some scripts, and emoji, are written, and are part of words there."""
_NAMED = 3
"""Kinds of characters that a note names, at most."""


class Cleaner:
    """Takes out of texts what is not seen, and counts it.

    What is invisible, or turns the text round, is left out: the words that a reader saw stay. What
    stands for a control, a line end of another system, or for nothing that is known (private use,
    half a character) becomes a space.
    """

    def __init__(self) -> None:
        self.gone: Counter[str] = Counter()
        self.spaced: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """Return `text` with the characters that a policy may have, and no others."""
        return FORBIDDEN.sub(self._instead, text)

    def tree(self, value: Any) -> Any:
        """Return clauses, or what is in them, with clean text."""
        if isinstance(value, Text | Code):
            return type(value)(self.text(value.text))
        if isinstance(value, tuple):
            return tuple(map(self.tree, value))
        if isinstance(value, Link):
            return Link(FORBIDDEN.sub("", value.target), self.tree(value.children))
        if isinstance(value, Clause):
            return replace(value, title=self.text(value.title), blocks=self.tree(value.blocks),
                           notes=self.tree(value.notes))  # fmt: skip
        if is_dataclass(value) and not isinstance(value, type):
            changed: Mapping[str, Any] = {
                each.name: self.tree(getattr(value, each.name))
                for each in fields(value)
                if isinstance(getattr(value, each.name), tuple)
            }
            return replace(value, **changed)
        return value

    def _instead(self, found: re.Match[str]) -> str:
        character = found[0]
        if character in _JOINERS and _joins(found.string, found.start()):
            return character
        if character in "\t\n\r":
            return " "
        if unicodedata.category(character) == "Cf" or character in "\u034f\u115f\u1160\u3164\uffa0":
            self.gone[character] += 1
            return ""
        self.spaced[character] += 1
        return " "

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done, for the user."""
        found = []
        if self.gone:
            left_out = "invisible character was left out", "invisible characters were left out"
            found.append(f"{counted(self.gone.total(), *left_out)}: {_named(self.gone)}")
        if self.spaced:
            became = ("character that no policy may have became a space",
                      "characters that no policy may have became spaces")  # fmt: skip
            found.append(f"{counted(self.spaced.total(), *became)}: {_named(self.spaced)}")
        return tuple(found)


def _joins(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return len(around) == 2 and all(ord(c) > 0x2FF and not c.isspace() for c in around)


def _named(found: Counter[str]) -> str:
    names = [name_of(each) for each, _ in found.most_common(_NAMED)]
    return ", ".join(names) + (", …" if len(found) > _NAMED else "")
