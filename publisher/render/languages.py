"""The toolkit's own words and dates, per locale. They are not words of any policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from babel.core import Locale, UnknownLocaleError

from publisher.errors import UnusableZone
from publisher.files.packaged import packaged_yaml
from publisher.policy.tree import Policy

try:
    from babel.dates import format_date
except (OSError, ValueError) as fault:  # it reads the zone, on which no date of ours depends
    raise UnusableZone(fault) from fault

DATA = files("publisher") / "data"
_ENGLISH = Locale("en", "001")
_FIRST = {"fr": "1er", "it": "1º", "pt-BR": "1º"}
"""The first of a month, in languages in which its number is an ordinal."""


def language(locale: str) -> str:
    """Return the language of a BCP 47 tag: ``nl`` of ``nl-BE``."""
    return locale.partition("-")[0]


@lru_cache
def languages() -> tuple[str, ...]:
    """Return the languages that the toolkit has labels in, sorted."""
    names = (file.name.partition(".") for file in (DATA / "labels").iterdir())
    return tuple(sorted(name for name, _, kind in names if kind == "yaml" and "-" not in name))


@lru_cache
def texts(kind: str, locale: str) -> Mapping[str, str]:
    """Return the toolkit's texts for a locale, whose language must be one of `languages`.

    `kind` is their folder: ``exports``, ``labels``, ``letters`` or ``site``. A territory has a file
    of its own if some of its texts are different: pt-BR.
    """
    there: dict[str, str] = {}
    for name in dict.fromkeys((language(locale), locale)):
        file = DATA / kind / f"{name}.yaml"
        if name == language(locale) or file.is_file():
            there |= packaged_yaml(f"{kind}/{name}.yaml")
    return MappingProxyType(there)


def labels(locale: str) -> Mapping[str, str]:
    """Return the labels of documents for a locale; its language must be one of `languages`."""
    return texts("labels", locale)


def labels_of(policy: Policy) -> Mapping[str, str]:
    """Return the labels of a policy's documents: the workspace's own, or the toolkit's.

    They are English for an old policy in a language without labels today.
    """
    own = policy.own_texts
    if own is not None:
        return own.kinds["labels"]
    return labels(policy.locale if known(policy.locale) else "en")


def known(locale: str) -> bool:
    """Return whether there are labels, and rules for dates, for a BCP 47 tag."""
    return _parsed(locale) is not None and language(locale) in languages()


def _parsed(locale: str) -> Locale | None:
    """Return what Babel knows of a BCP 47 tag, if it knows it."""
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def direction(locale: str) -> str:
    """Return ``ltr`` or ``rtl``: the way that a locale's script runs; ``ltr`` if it is unknown."""
    parsed = _parsed(locale)
    return str(parsed.text_direction) if parsed is not None else "ltr"


def long_date(day: date, locale: str) -> str:
    """Return a date in words: ``22 November 2026``.

    English without a territory is written the international way, day first; so are dates in an
    unknown language, as `labels_of` has its labels in English.
    """
    parsed = _parsed(locale) if locale != "en" else None
    text = format_date(day, format="long", locale=parsed or _ENGLISH)
    first = _FIRST.get(locale) or _FIRST.get(language(locale))
    return text.replace("1", first, 1) if first is not None and day.day == 1 else text
