"""The toolkit's own words in a policy, per locale: periods, roles, legal bases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Self

import yaml
from babel.core import Locale, UnknownLocaleError
from babel.units import format_unit

from publisher.policy.periods import Period, parse_period

_DUTCH_DAYS = {True: "1 dag", False: "{} dagen"}


class Term(str):
    """A fact that templates compare as it was typed, and write in the locale's words."""

    shown: str
    __slots__ = ("shown",)

    def __new__(cls, typed: str, shown: str) -> Self:
        """Make the fact that was `typed`, and is `shown` to readers."""
        self = super().__new__(cls, typed)
        self.shown = shown
        return self


def term(typed: str, locale: str) -> str:
    """Return a typed period, role or legal basis as a fact, in the words of `locale`."""
    shown = _shown(typed, locale)
    return typed if shown == typed else Term(typed, shown)


@lru_cache(maxsize=256)
def _shown(typed: str, locale: str) -> str:
    language = locale.partition("-")[0]
    period = parse_period(typed)
    if period is not None:
        return typed if language == "en" else _written(period, locale)
    return _terms(language).get(typed, typed)


def _written(period: Period, locale: str) -> str:
    """Return a period in words; Babel has none for days in Dutch."""
    if locale.startswith("nl") and period.unit == "day":
        return _DUTCH_DAYS[period.number == 1].format(period.number)
    try:
        written = format_unit(
            period.number, f"duration-{period.unit}", "long", locale=Locale.parse(locale, sep="-")
        )
    except (UnknownLocaleError, ValueError):
        return f"{period.number} {period.unit}{'s' if period.number > 1 else ''}"
    return written.replace("\xa0", " ")


@lru_cache
def _terms(language: str) -> Mapping[str, str]:
    file = files("publisher") / "data" / "terms.yaml"
    terms: Mapping[str, Mapping[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return terms.get(language, {})
