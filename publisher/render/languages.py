"""The toolkit's own words and dates, per locale. They are not words of any policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import yaml
from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date


def language(locale: str) -> str:
    """Return the language of a BCP 47 tag: ``nl`` of ``nl-BE``."""
    return locale.partition("-")[0]


@lru_cache
def languages() -> tuple[str, ...]:
    """Return the languages that the toolkit has labels in, sorted."""
    folder = files("publisher") / "data" / "labels"
    names = (file.name for file in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@lru_cache
def labels(locale: str) -> Mapping[str, str]:
    """Return the labels for a locale; its language must be one of `languages`."""
    file = files("publisher") / "data" / "labels" / f"{language(locale)}.yaml"
    return MappingProxyType(yaml.safe_load(file.read_text(encoding="utf-8")))


def known(locale: str) -> bool:
    """Return whether there are labels, and rules for dates, for a BCP 47 tag."""
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return language(locale) in languages()


def direction(locale: str) -> str:
    """Return ``ltr`` or ``rtl``: the way that a locale's script runs."""
    return str(Locale.parse(locale, sep="-").text_direction)


def long_date(day: date, locale: str) -> str:
    """Return a date in words: ``22 November 2026``.

    English without a territory is written the international way, day first; French writes the first
    of a month "1er".
    """
    tag = "en-001" if locale == "en" else locale
    text = format_date(day, format="long", locale=Locale.parse(tag, sep="-"))
    if language(locale) == "fr" and day.day == 1:
        text = text.replace("1", "1er", 1)
    return text
