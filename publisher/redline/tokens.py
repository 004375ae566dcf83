"""Text → tokens: the units that a lawyer would strike out or insert.

A word is never split. A number, a date, an amount with its unit, an address or a reference such as
6(1)(f) is one token; punctuation never is part of a word. Languages that write no spaces between
words are segmented. Names of months, units and currencies are those of the Unicode CLDR.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from babel.core import Locale
    from budoux import Parser

UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_COMBINING = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f"
"""Marks that belong to the letter before them."""
_UNITS = (
    "duration-second",
    "duration-minute",
    "duration-hour",
    "duration-day",
    "duration-week",
    "duration-month",
    "duration-year",
    "digital-kilobyte",
    "digital-megabyte",
    "digital-gigabyte",
    "digital-terabyte",
    "length-kilometer",
    "length-meter",
    "concentr-percent",
)
_ELISION = r"(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|all|dall|dell|nell|sull|un)['’](?=\w)"
_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "PLN", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK")
_SYMBOLS = ("US$", "CA$", "C$", "A$", "AU$", "NZ$", "HK$", "$", "€", "£", "¥", "zł")
_EASTERN = (
    r"\d{4}\s?年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?)?",
    r"\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?",
    r"\d[\d,.]*\s?[十百千万亿億兆]*(?:円|元|欧元|美元|ユーロ|ドル|年間?|[かカヵヶケ箇]月間?|个月|個月|週間|周|"
    r"日間?|天|時間|小时|分钟|分間?|秒間?|歳|岁|％)",
    r"\d[\d,.]*[十百千万亿億兆]+",
)
"""Dates and amounts as Chinese and Japanese write them, without a space after them."""
_EAST = re.compile(rf"({'|'.join(_EASTERN)}|\d[\d,.]*)")
_FAMILIES = {"'": "‘’‚‛′ʼ‹›", '"': "“”„‟″«»", "-": "‐‑‒–—―−", "...": "…"}
"""Characters that read the same, by their counterpart on a typewriter."""
_TYPEWRITTEN = {ord(sign): plain for plain, signs in _FAMILIES.items() for sign in signs}
_SIGNS = re.compile(rf"(\.\.\.|[-'\"{''.join(map(chr, _TYPEWRITTEN))}])")


def tokens(text: str, locale: str) -> tuple[str, list[str], list[str]]:
    """Return the white space before, the tokens, and the white space after each.

    Joined in their order they are the text.
    """
    stripped = text.lstrip()
    before = text[: len(text) - len(stripped)]
    pairs = _pattern(locale).findall(stripped)
    if not text.isascii() and UNSPACED.search(text):
        pairs = list(_segmented(pairs, locale))
    return before, [word for word, _ in pairs], [space for _, space in pairs]


class Divided(NamedTuple):
    """A text in tokens, the keys that they are compared by, and where each token starts."""

    tokens: list[str]
    keys: list[str]
    starts: list[int]


def divided(text: str, locale: str, first: int = 0) -> Divided:
    """Return a text in tokens; its first character is the `first` of a longer text."""
    before, words, spaces = tokens(text, locale)
    lengths = map(add, map(len, words), map(len, spaces))
    starts = list(accumulate(lengths, initial=first + len(before)))
    return Divided(words, list(map(key, words)), starts)


def key(token: str) -> str:
    """Return the key of a token: equal for tokens that read the same in any typography."""
    if token.isascii():
        return token if " " not in token else " ".join(token.split())
    return " ".join(unicodedata.normalize("NFC", token).translate(_TYPEWRITTEN).split())


def signs(old: str, new: str) -> Iterator[tuple[bool, str, str]]:
    """Yield the parts of two tokens that read the same; True means that their signs differ."""
    was, now = _SIGNS.split(old), _SIGNS.split(new)
    if len(was) != len(now):
        yield False, old, new
        return
    for at, (one, other) in enumerate(zip(was, now, strict=True)):
        if one or other:
            yield at % 2 == 1 and one != other, one, other


def is_word(token: str) -> bool:
    """Return whether a token is read as a word, and not as punctuation."""
    return token[0].isalnum() or any(map(str.isalnum, token)) or "\ud800" <= token[0] <= "\udfff"


def counted(text: str, locale: str) -> tuple[int, int]:
    """Return the numbers of words and of marks of punctuation in a text."""
    plain = text.split()
    if text.isascii() and all(map(str.isalpha, plain)):
        return len(plain), 0
    split = tokens(text, locale)[1]
    words = sum(map(is_word, split))
    return words, len(split) - words


def _segmented(all: Iterable[tuple[str, str]], locale: str) -> Iterator[tuple[str, str]]:
    """Split the words of languages that write no spaces between them."""
    for word, space in all:
        if not UNSPACED.search(word):
            yield word, space
            continue
        parts: list[str] = []
        for at, stretch in enumerate(_EAST.split(word)):
            words = [stretch] if at % 2 else _parser(word, locale).parse(stretch) if stretch else []
            for part in words:
                if parts and unicodedata.combining(part[0]):
                    parts[-1] += part
                else:
                    parts.append(part)
        yield from ((part, "") for part in parts[:-1])
        yield parts[-1], space


def _parser(word: str, locale: str) -> Parser:
    if re.search("[\u0e00-\u0e7f]", word):
        return _loaded("thai")
    if locale.startswith("ja") or re.search("[\u3040-\u30ff\u31f0-\u31ff]", word):
        return _loaded("japanese")
    traditional = re.match(r"zh-(Hant|TW|HK|MO)\b", locale)
    return _loaded("traditional_chinese" if traditional else "simplified_chinese")


@lru_cache
def _loaded(name: str) -> Parser:
    import budoux

    parser: Parser = getattr(budoux, f"load_default_{name}_parser")()
    return parser


@lru_cache
def _pattern(locale: str) -> re.Pattern[str]:
    language = locale.partition("-")[0]
    months, units, money, powers = _names(language)
    end = rf"(?![\w{_COMBINING}])"
    number = r"\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)*"
    word = rf"(?:[^\s{_punctuation()}\ud800-\udfff]|[\u200c\u200d])+"
    of = r"(?:d['’]|de\s)?" if language in ("ca", "fr") else ""
    numbers = (
        rf"\d{{4}}-\d{{2}}-\d{{2}}{end}",
        rf"\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d\d){{1,2}}{end}",
        rf"\d{{1,2}}(?:er|st|nd|rd|th|\.)?\s+(?:{months})(?:,?\s+\d{{4}})?{end}",
        *_EASTERN,
        rf"{number}\s?(?:(?:{powers}|[KkM]|Md)\s?)?{of}(?:{money}){end}",
        rf"{number}\s?(?:{powers}){end}",
        rf"{number}[\s‑-]?(?:{units}|[%‰°]){end}",
        r"\d+(?:\(\w{1,3}\))+",
        rf"\d+:\d+{end}",
        rf"{number}[a-zA-Z]{{1,2}}{end}",
    )
    kinds = (
        r"[^\W\d_]+(?=[,;)]|\s(?!\d)|$)",  # most words: the others are tried only behind it
        r"(?:https?://|www\.)[^\s<>\ud800-\udfff]*[^\s<>\ud800-\udfff.,;:!?…)\]}'\"’”»]/?",
        r"[\w.+-]*\w@\w[\w-]*(?:\.\w[\w-]*)+",
        rf"(?=\d)(?:{'|'.join(numbers)})",
        rf"(?:{months})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}{end}",
        rf"(?:{money})\s?{number}(?:\s?(?:{powers})|[a-zA-Z]{{1,2}})?{end}",
        rf"\+?(?:[A-Z]{{2}})?\d+(?:[ \u00a0]\d+)+{end}",  # of a telephone, an account, a VAT number
        rf"{number}{end}",
        rf"(?:\w[\w-]*\.)+[a-z]{{2,}}{end}",
        *((_ELISION,) if language in ("ca", "fr", "it") else ()),
        rf"{word}(?:['’\-‐‑.&/_]{word})*",
        r"[\ud800-\udfff]",
        r"\.\.\.",
        rf"\S[{_COMBINING}\u20d0-\u20ff]*",
    )
    return re.compile(rf"({'|'.join(kinds)})(\s*)")


@lru_cache
def _punctuation() -> str:
    """Return all marks of punctuation and symbols, to be in a class of a regular expression."""
    punctuation = (c for c in map(chr, range(0x10000)) if unicodedata.category(c)[0] in "PS")
    return re.escape("".join(punctuation))


@lru_cache
def _names(language: str) -> tuple[str, str, str, str]:
    """Return the names of months, units, currencies and powers of ten, as alternatives."""
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
        re.sub(r"\d", "", format_unit(number, unit, length, locale=locale)).strip()
        for unit in _UNITS
        for length in ("long", "short")
        for number in (1, 2, 5, 100)
    }
    money = {*_CURRENCIES, *_SYMBOLS}
    for code in _CURRENCIES:
        money.add(get_currency_symbol(code, locale=locale))
        money.update(get_currency_name(code, number, locale) for number in (None, 1, 2))
    return _alternatives(months), _alternatives(units), _alternatives(money), _powers(locale)


def _alternatives(names: Iterable[str]) -> str:
    """Return names, the longest first, as alternatives of a regular expression."""
    ranked = sorted({*names} - {""}, key=lambda name: (-len(name), name))
    return "|".join(map(re.escape, ranked))


def _powers(locale: Locale) -> str:
    """Return the names of powers of ten; the full stop of abbreviations is optional."""
    patterns = (
        str(pattern.pattern)
        for forms in locale.compact_decimal_formats.values()
        for pluralized in forms.values()
        for pattern in pluralized.values()
    )
    names = {re.sub(r"[0\s']", "", pattern) for pattern in patterns} | {"bn", "mn", "εκατ."}
    return _alternatives(name for name in names if len(name) > 1).replace(r"\.", r"\.?")
