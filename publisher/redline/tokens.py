"""Text → tokens: what a lawyer would strike out or write in as one.

A word is never split. A number, a date, an amount with its unit, an address or a reference such as
6(1)(f) is one token; punctuation never is part of a word. Languages that write no spaces between
words are segmented. Names of months, units and currencies are those of the Unicode CLDR.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_COMBINING = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f"
"""Marks that belong to the letter before them."""
_UNITS = ("duration-second", "duration-minute", "duration-hour", "duration-day", "duration-week",
          "duration-month", "duration-year", "digital-kilobyte", "digital-megabyte",
          "digital-gigabyte", "length-kilometer", "length-meter")  # fmt: skip
_ELISION = r"(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|all|dall|dell|nell|sull|un)['’](?=\w)"
_CURRENCIES = ("EUR", "USD", "GBP", "CHF")


def tokens(text: str, locale: str) -> tuple[str, list[str], list[str]]:
    """Return the white space before, the tokens, and the white space behind each.

    Joined in their order they are the text.
    """
    stripped = text.lstrip()
    before = text[: len(text) - len(stripped)]
    found = _pattern(locale).findall(stripped)
    if not text.isascii() and UNSPACED.search(text):
        found = list(_segmented(found, locale))
    return before, [word for word, _ in found], [space for _, space in found]


def key(token: str) -> str:
    """Return what two tokens have in common if they read the same."""
    if token.isascii():
        return token if " " not in token else " ".join(token.split())
    return " ".join(unicodedata.normalize("NFC", token).split())


def is_word(token: str) -> bool:
    """Return whether a token is read as a word, and not as punctuation."""
    return token[0].isalnum() or any(map(str.isalnum, token)) or "\ud800" <= token[0] <= "\udfff"


def counted(text: str, locale: str) -> tuple[int, int]:
    """Return how many words and how many marks of punctuation there are in a text."""
    plain = text.split()
    if text.isascii() and all(map(str.isalpha, plain)):
        return len(plain), 0
    found = tokens(text, locale)[1]
    words = sum(map(is_word, found))
    return words, len(found) - words


def _segmented(found: Iterable[tuple[str, str]], locale: str) -> Iterator[tuple[str, str]]:
    """Split the words of languages that write no spaces between them."""
    for word, space in found:
        if not UNSPACED.search(word):
            yield word, space
            continue
        parts: list[str] = []
        for part in _parser(word, locale).parse(word):
            if parts and unicodedata.combining(part[0]):
                parts[-1] += part
            else:
                parts.append(part)
        yield from ((part, "") for part in parts[:-1])
        yield parts[-1], space


def _parser(word: str, locale: str) -> Any:
    if re.search("[\u0e00-\u0e7f]", word):
        return _loaded("thai")
    if locale.startswith("ja") or re.search("[\u3040-\u30ff\u31f0-\u31ff]", word):
        return _loaded("japanese")
    traditional = re.match(r"zh-(Hant|TW|HK|MO)\b", locale)
    return _loaded("traditional_chinese" if traditional else "simplified_chinese")


@lru_cache
def _loaded(name: str) -> Any:
    import budoux

    return getattr(budoux, f"load_default_{name}_parser")()


@lru_cache
def _pattern(locale: str) -> re.Pattern[str]:
    language = locale.partition("-")[0]
    months, units, money = _names(language)
    end = rf"(?![\w{_COMBINING}])"
    number = r"\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)*"
    word = rf"(?:[^\s{_punctuation()}\ud800-\udfff]|[\u200c\u200d])+"
    kinds = (
        r"[^\W\d_]+(?=[,;)]|\s(?!\d)|$)",  # most words: the others are tried only behind it
        r"(?:https?://|www\.)[^\s<>\ud800-\udfff]*[^\s<>\ud800-\udfff.,;:!?…)\]}'\"’”»]/?",
        r"[\w.+-]*\w@\w[\w-]*(?:\.\w[\w-]*)+",
        rf"\d{{4}}-\d{{2}}-\d{{2}}{end}",
        rf"\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d\d){{1,2}}{end}",
        rf"\d{{1,2}}(?:er|st|nd|rd|th|\.)?\s+(?:{months})(?:,?\s+\d{{4}})?{end}",
        rf"(?:{months})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}{end}",
        rf"(?:{money})\s?{number}{end}",
        rf"{number}\s?(?:{money}|{units}|[%‰°]){end}",
        r"\d+(?:\(\w{1,3}\))+",
        rf"\d+:\d+{end}",
        rf"(?:{money})?{number}[a-zA-Z]{{1,2}}{end}",
        rf"\+?(?:[A-Z]{{2}})?\d+(?:[ \u00a0]\d+)+{end}",  # of a telephone, an account, a VAT number
        rf"{number}{end}",
        rf"(?:\w[\w-]*\.)+[a-z]{{2,}}{end}",
        *((_ELISION,) if language in ("ca", "fr", "it") else ()),
        rf"{word}(?:['’\-‐‑.&/_]{word})*",
        r"[\ud800-\udfff]",
        rf"\S[{_COMBINING}\u20d0-\u20ff]*",
    )  # fmt: skip
    return re.compile(rf"({'|'.join(kinds)})(\s*)")


@lru_cache
def _punctuation() -> str:
    """Return all marks of punctuation and symbols, to stand in a class of a regular expression."""
    found = (c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] in "PS")
    return re.escape("".join(found))


@lru_cache
def _names(language: str) -> tuple[str, str, str]:
    """Return the names of months, of units, and of currencies, as alternatives."""
    from babel.core import Locale, UnknownLocaleError
    from babel.numbers import get_currency_name, get_currency_symbol
    from babel.units import format_unit

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    months = {
        name
        for form in ("format", "stand-alone")
        for name in locale.months[form]["wide"].values()
        if not name.isdigit()
    }
    units = {
        re.sub(r"[\d\s]", "", format_unit(number, unit, length, locale=locale))
        for unit in _UNITS
        for length in ("long", "short")
        for number in (1, 2, 5, 100)
    }
    money = set(_CURRENCIES)
    for code in _CURRENCIES:
        money.add(get_currency_symbol(code, locale=locale))
        money.update(get_currency_name(code, number, locale) for number in (None, 1, 2))
    return tuple(  # type: ignore[return-value]
        "|".join(map(re.escape, sorted(names - {""}, key=lambda name: (-len(name), name))))
        for names in (months, units, money)
    )
