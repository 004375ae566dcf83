"""Lines as they stand on a page → running text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

BULLET = re.compile(r"[-*+•◦▪▫●○■□‣⁃∙·–—►➢✓\uf0b7\uf0a7\uf0d8\uf076\uf02d]\s+(?=\S)")
NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_ENDS = ".;:,!?…"
_WORD_END = re.compile(r"([^\W\d_]+)[-\u2010]$")
_WORD_START = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def words_in(lines: Iterable[str]) -> frozenset[str]:
    """Return the words, with hyphens in them, that stand on one line each."""
    return frozenset(word.casefold() for line in lines for word in _LETTERS.findall(line))


def spliced(before: str, after: str, known: Set[str]) -> tuple[str, bool]:
    """Return two lines as one text, and whether a hyphen between them could be either kind.

    A hyphen at the end of a line goes where the word without it is among those `known`, and the
    word with it is not; else it stays, and the word stays whole.
    """
    if before.endswith("\u00ad"):
        return before.rstrip("\u00ad") + after, False
    ended, started = _WORD_END.search(before), _WORD_START.match(after)
    if ended is None or started is None:
        tied = before.endswith(("-", "\u2010")) and not before.endswith((" -", "--"))
        return (before + after if tied and after[:1].isalnum() else f"{before} {after}"), False
    whole, parted = ended[1] + started[0], f"{ended[1]}-{started[0]}"
    if not started[0][0].islower():
        return before + after, False
    if parted.casefold() in known:
        return before + after, False
    if whole.casefold() in known:
        return before[:-1] + after, False
    return before + after, True


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
    """Return how deep a numbered title is: 1 for ``3. Who we are``, 2 for ``3.1 Where``; or None."""
    found = re.match(
        r"(?:(?:article|artikel|articolo|artículo|artigo|artykuł|section|abschnitt|chapter|chapitre|"
        r"kapitel|hoofdstuk|άρθρο|§)\s*)?(\d{1,2}(?:\.\d{1,2}){0,4})[.):]?(?:\s*[-–—:])?\s+(?=\w)",
        text,
        re.IGNORECASE,
    )
    if found is None or not like_a_title(text[found.end() :]):
        return None
    return found[1].count(".") + 1


def fits(first: float, last: float, edge: float) -> bool:
    """Return whether the first word of a line had room on the line before: it was ended on purpose."""
    return last + first <= edge
