"""Titles → ids of clauses."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ς": "σ",
})  # fmt: skip
_DIVISIONS = (
    "article|artikel|artículo|artigo|articolo|artykuł|art|section|sectie|sección|sezione|sekcja|"
    "abschnitt|chapter|hoofdstuk|chapitre|kapitel|rozdział|clause|clausule|άρθρο|ενότητα|"
    "part|deel|partie|teil|część|ziffer|punkt|punt"
)
_NUMBER = re.compile(
    rf"\s*(?:§+\s*|(?:{_DIVISIONS})\b\.?\s*)?"
    r"(?:\(?\d{1,3}(?:\.\d{1,3})*[.):]?(?=[\s:–—-]|[.)]\w)|\(?(?:[ivxlc]{1,6}|[a-z])[.):](?=\s))"
    r"[\s.:)–—-]*",
    re.IGNORECASE,
)
LONGEST = 60
"""Characters in an id, about."""


def unnumbered(title: str) -> str:
    """Return a title without the number of its section; all of it, if it has no more."""
    rest = _NUMBER.sub("", title, count=1) if _NUMBER.match(title) else title
    return rest.strip() or title


def slug(title: str) -> str:
    """Return an id made from a title: ``3. Who we are`` gives ``who-we-are``.

    Letters that Latin ones are made from lose their accents; those of other scripts stay.
    """
    folded = unicodedata.normalize("NFKD", unnumbered(title).casefold()).translate(_LETTERS)
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’](?=\w)", "", bare))
    made = ""
    for word in words:
        if made and len(made) + len(word) >= LONGEST:
            break
        made += f"-{word[:LONGEST]}" if made else word[:LONGEST]
    return unicodedata.normalize("NFC", made) or "section"


class Slugs:
    """Gives ids, no two the same."""

    def __init__(self) -> None:
        self.given: set[str] = set()

    def of(self, wish: str) -> str:
        """Return `wish`, or with a number behind it, where it has been given."""
        id, number = wish, 1
        while id in self.given:
            number += 1
            id = f"{wish}-{number}"
        self.given.add(id)
        return id
