"""Where a line may break in a word: only if the word does not fit, and then where it reads best.

Invisible characters steer WeasyPrint, which leaves them out of the PDF: text copied from it is the
original text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import pyphen

JOIN, BREAK, HYPHEN = "\u2060", "\u200b", "\u00ad"
"""No break here (word joiner); a break (zero width space); a break with a hyphen (soft hyphen)."""
LONG = 28
"""The fewest characters of a word that is broken before a table gets smaller type."""

_SPACE = " \t\n\r\f\v\u1680\u2000-\u2006\u2008-\u200b\u2028\u2029\u205f\u3000"
_WIDE = "\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef"
_WORD = re.compile(rf"[^{_SPACE}{_WIDE}—](?:(?!(?<=\])\[)[^{_SPACE}{_WIDE}—])*—*|—+|[{_WIDE}]")
_AFTER = "-/._?&=:@,;|+~–\xa0"
_SENSIBLE = re.compile(rf"[{_AFTER}](?![{_AFTER}])")
_NATURAL = re.compile(r"(?<=[-/?!|}‐–…])(?=\w)")
_LETTERS = re.compile(r"[^\W\d_]{6,}")
_PLAIN = re.compile(r"[\W_]*[^\W\d_]+(?:['’][^\W\d_]+)*[\W_]*")
_NOUNS = frozenset(("de", "lb"))
"""Languages in which words with a capital may be ordinary nouns."""
_LEAST = 3
"""The fewest letters at the beginning or end of a line at which a word is broken."""

_GROUP = 8
Break = tuple[int, str]
"""Where in a text an invisible character goes, and which."""


def words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each word of a text, within which no line should break."""
    return (match.span() for match in _WORD.finditer(text))


def addressed(word: str) -> bool:
    """Return whether a word is an address, or unusually long: it may be broken first."""
    return len(word) >= LONG or "/" in word or "@" in word


def kept(word: str) -> list[Break]:
    """Return the joins that keep a word on one line; a language may still hyphenate it."""
    return [(match.start(), JOIN) for match in _NATURAL.finditer(word)]


def unhyphenated(word: str, language: str) -> bool:
    """Return whether no hyphen may divide a word: an address, a name, an abbreviation, a number."""
    if not _PLAIN.fullmatch(word):
        return True
    capitals = sum(map(str.isupper, word))
    return capitals > 1 or (capitals == 1 and language.partition("-")[0] not in _NOUNS)


def sensible(word: str) -> list[int]:
    """Return where a word may be broken after a sign, leaving no letters alone."""
    ends = (match.end() for match in _SENSIBLE.finditer(word))
    return [end for end in ends if _LEAST <= end <= len(word) - _LEAST]


def at_signs_or_in_groups(word: str) -> list[int]:
    """Return where a long word breaks on a screen: at signs, and hashes in groups."""
    places = sensible(word)
    for start, end in pairwise([0, *places, len(word)]):
        if end - start >= LONG and not word[start:end].isalpha():
            places += range(start + _GROUP, end - _LEAST, _GROUP)
    return sorted(places)


def broken(word: str, at: Sequence[float], room: float, language: str) -> list[Break]:
    """Return where a word, whose characters begin `at`, is broken so that each part has `room`."""
    places = sensible(word)
    breaks: dict[int, str] = {place: JOIN for place, _ in kept(word)}
    breaks |= dict.fromkeys(places, BREAK)
    for part in pairwise([0, *places, len(word)]):
        if at[part[1]] - at[part[0]] > room:
            syllables = _syllables(word, part, language)
            breaks |= dict.fromkeys(syllables, HYPHEN)
            for first, last in pairwise([part[0], *syllables, part[1]]):
                if at[last] - at[first] > room:
                    breaks |= dict.fromkeys(_anywhere(first, last, len(word)), BREAK)
    return sorted(breaks.items())


def _anywhere(first: int, last: int, length: int) -> range:
    return range(max(first + 1, _LEAST), min(last, length - _LEAST + 1))


def _syllables(word: str, part: tuple[int, int], language: str) -> list[int]:
    """Return where a part of a word may be hyphenated."""
    dictionary = _dictionary(language)
    if dictionary is None:
        return []
    return [
        match.start() + place
        for match in _LETTERS.finditer(word, *part)
        for place in dictionary.positions(match.group())
    ]


@lru_cache
def _dictionary(language: str) -> pyphen.Pyphen | None:
    known = pyphen.language_fallback(language)
    return None if known is None else pyphen.Pyphen(lang=known, left=_LEAST, right=_LEAST)
