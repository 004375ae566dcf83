"""Countries by their names, as texts have them."""

from __future__ import annotations

import re
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError

_SHORT = ("US", "USA", "U.S.", "UK", "VS", "VK")


def names_a_country(text: str, locale: str) -> bool:
    """Return whether a text names a country, in the language of a locale."""
    pattern = _names(locale)
    return pattern is not None and pattern.search(text) is not None


@lru_cache
def _names(locale: str) -> re.Pattern[str] | None:
    try:
        known = Locale.parse(locale, sep="-").territories
    except (UnknownLocaleError, ValueError):
        return None
    names = [
        name
        for code, name in known.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN")
    ]
    return re.compile(rf"\b({'|'.join(map(re.escape, (*_SHORT, *names)))})(?!\w)")
