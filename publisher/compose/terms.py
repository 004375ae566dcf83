"""The toolkit's own words in a policy, per locale: periods, roles, legal bases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Self

from babel.core import Locale, UnknownLocaleError
from babel.units import format_unit

from publisher.files.packaged import packaged_yaml
from publisher.policy.periods import Period, parse_period
from publisher.policy.tree import OwnTexts
from publisher.render.languages import language


class Term(str):
    """A fact that templates compare as typed, and write in the locale's words."""

    shown: str
    place: tuple[str, int] | None
    __slots__ = ("place", "shown")

    def __new__(cls, typed: str, shown: str) -> Self:
        """Make the fact that was `typed`, and is `shown` to readers."""
        self = super().__new__(cls, typed)
        self.shown = shown
        self.place = getattr(typed, "place", None)
        return self


def term(typed: str, locale: str, own: OwnTexts | None = None) -> str:
    """Return a typed period, role or legal basis as a fact, in the words of `locale`.

    `own` are the workspace's texts in that locale, which come before the toolkit's.
    """
    shown = _shown(typed, locale, own)
    return typed if shown == typed else Term(typed, shown)


@lru_cache(maxsize=256)
def _shown(typed: str, locale: str, own: OwnTexts | None) -> str:
    period = parse_period(typed)
    if period is not None:
        return typed if language(locale) == "en" else _written(period, locale)
    return (_terms(locale) if own is None else own.kinds["terms"]).get(typed, typed)


def _written(period: Period, locale: str) -> str:
    """Return a period in words; Babel has some, such as Dutch days, only in its short form."""
    try:
        parsed = Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return f"{period.number} {period.unit}{'s' if period.number > 1 else ''}"
    unit = f"duration-{period.unit}"
    forms = (
        format_unit(period.number, unit, length, locale=parsed)
        for length in ("long", "short", "narrow")
    )
    written = next((form for form in forms if unit not in form), f"{period.number} {period.unit}")
    return written.replace("\xa0", " ")


@lru_cache
def _terms(locale: str) -> Mapping[str, str]:
    """Return the terms of a language, with those that a territory has of its own."""
    terms: Mapping[str, Mapping[str, str]] = packaged_yaml("terms.yaml")
    return {**terms.get(language(locale), {}), **terms.get(locale, {})}
