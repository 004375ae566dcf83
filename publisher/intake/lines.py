"""Lines as they stand on a page → running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

BULLET = re.compile(r"[-*+•◦▪▫●○■□‣⁃∙·–—►➢✓\uf0b7\uf0a7\uf0d8\uf076\uf02d]\s+(?=\S)")
DASHES = "-–—·+"
"""Marks of items that are marks of punctuation, too."""
NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_LONGEST_WORD = 100
_ENDS = ".;:,!?…"
_WORD_END = re.compile(r"([^\W\d_]+)[-\u2010]$")
_WORD_START = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def marked(text: str) -> tuple[int, int | None] | None:
    """Return how long the mark of an item is, and its number; None if there is none."""
    bullet = BULLET.match(text)
    if bullet:
        return bullet.end(), None
    number = NUMBER.match(text)
    return (number.end(), int(number[1])) if number else None


def words_in(lines: Iterable[str]) -> frozenset[str]:
    """Return the words, with hyphens in them, that stand on one line each."""
    return frozenset(word.casefold() for line in lines for word in _LETTERS.findall(line))


def seam(before: str, after: str, known: Set[str]) -> tuple[int, str, bool]:
    """Return how two lines become one text.

    That is: how many characters of the one go, what stands between it and the other, and whether a
    hyphen there could be either kind. A hyphen at the end of a line goes where the word without it
    is among those `known`, and the word with it is not; else it stays, and the word stays whole.
    A hyphen that no keyboard has was put there to part the word.
    """
    before = before[-_LONGEST_WORD:]
    if before.endswith("\u00ad"):
        return 1, "", False
    ended, started = _WORD_END.search(before), _WORD_START.match(after)
    if ended is None or started is None:
        tied = re.search(r"\w/$|(?<![\s-])[-\u2010]$", before) and after[:1].isalnum()
        return 0, "" if tied else " ", False
    whole, parted = ended[1] + started[0], f"{ended[0]}{started[0]}"
    if not started[0][0].islower() or parted.casefold() in known:
        return 0, "", False
    if whole.casefold() in known or before[-1] == "\u2010":  # which nobody types
        return 1, "", False
    return 0, "", True


def like_a_title(text: str) -> bool:
    """Return whether a line reads as a title: short, begun as one, and no sentence."""
    words = text.split()
    return (
        0 < len(words) <= 12
        and len(text) <= 80
        and text[-1] not in _ENDS.replace("?", "").replace("!", "")
        and (text[0].isupper() or text[0].isdigit() or text[0] in '§¿¡“"«(')
        and any(c.isalpha() for c in text)
        and not re.search(r"@|https?:|www\.|^\S+\.\S+$|\d{4}$|:\s", text)
    )


def numbered_title(text: str) -> int | None:
    """Return how deep a title is numbered: 1 for ``3. Who we are``, 2 for ``3.1 Where``."""
    found = re.match(
        r"(?:(?:article|artikel|articolo|artículo|artigo|artykuł|section|abschnitt|chapter|chapitre|"
        r"kapitel|hoofdstuk|άρθρο|§)\s*)?(\d{1,2}(?:\.\d{1,2}){0,4})[.):]?(?:\s*[-–—:])?\s+(?=\w)",
        text,
        re.IGNORECASE,
    )
    if found is None or not like_a_title(text[found.end() :]):
        return None
    return found[1].count(".") + 1
