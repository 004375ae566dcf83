"""What a company says of itself when it begins; each answer is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.core import Locale as BabelLocale
from babel.core import get_global
from pydantic import TypeAdapter, ValidationError

from publisher.errors import AskedWrongly
from publisher.render.languages import known, languages
from publisher.workspace.scalars import Contact, Domain, Id, Locale, Zone

UTC = "UTC"
_MAIN_ZONES = {
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
}
"""Where nearly all live in one of several zones (CLDR, primaryZones)."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of a company, by `answers`.

    `brands` are their ids and domains. The first of `locales` is the master locale. An empty
    `country` or `contact` is an open question. Dates count in `timezone`.
    """

    company: str
    brands: tuple[tuple[str, str], ...]
    locales: tuple[str, ...]
    country: str
    contact: str
    timezone: str


def answers(  # noqa: PLR0913 - they are the command's options
    company: str,
    brands: Sequence[str],
    locales: Sequence[str] = (),
    country: str = "",
    contact: str = "",
    timezone: str = "",
) -> Answers:
    """Return the answers; `brands` are written ``ID=DOMAIN``. Raises `AskedWrongly`."""
    name = " ".join(company.split())
    if not name or not name.isprintable():
        raise AskedWrongly("--company takes the name of the company, as its policies name it")
    country = checked_country(country)
    zone = timezone or zone_of(country)
    return Answers(
        name,
        _distinct("--brand", [checked_brand(brand) for brand in brands]),
        _distinct("--locale", [checked_locale(locale) for locale in locales] or ["en"]),
        country,
        checked_contact(contact),
        checked_zone(zone),
    )


def checked_brand(text: str) -> tuple[str, str]:
    """Return id and domain of a brand; raises `AskedWrongly`."""
    id, _, domain = text.strip().partition("=")
    what = "an id and a domain such as shop=shop.example, in lower-case letters"
    return (
        _checked("--brand", Id, id.strip(), what, text),
        _checked("--brand", Domain, domain.strip(), what, text),
    )


def checked_locale(text: str) -> str:
    """Return a locale that the toolkit has labels for; raises `AskedWrongly`."""
    locale = _checked("--locale", Locale, text.strip(), "a language tag such as en or nl-BE")
    if not known(locale):
        raise AskedWrongly(
            f"the toolkit has no labels for '{locale}'; "
            f"--locale takes one of {', '.join(languages())}, or one of a territory: en-US"
        )
    return locale


def checked_country(text: str) -> str:
    """Return a country in two letters, or nothing; raises `AskedWrongly`."""
    country = text.strip().upper()
    if country and not (len(country) == 2 and country in BabelLocale("en").territories):
        raise AskedWrongly(f"--country takes two letters such as BE or US, not '{text}'")
    return country


def checked_contact(text: str) -> str:
    """Return a mailbox or the address of a web form, or nothing; raises `AskedWrongly`."""
    text = text.strip()
    what = "a mailbox such as privacy@shop.example, or a web form such as https://shop.example/ask"
    return _checked("--contact", Contact, text, what) if text else ""


def checked_zone(text: str) -> str:
    """Return a time zone; raises `AskedWrongly`."""
    return _checked("--timezone", Zone, text.strip(), "a time zone such as Europe/Brussels")


def zone_of(country: str) -> str:
    """Return the time zone of a country; UTC where it has several, or nobody named the country."""
    zones = get_global("territory_zones").get(country, ())
    return _MAIN_ZONES.get(country) or (zones[0] if len(zones) == 1 else UTC)


def _checked(option: str, kind: Any, text: str, what: str, typed: str = "") -> str:
    try:
        return str(TypeAdapter(kind).validate_python(text))
    except ValidationError:
        raise AskedWrongly(f"{option} takes {what}, not '{typed or text}'") from None


def _distinct(option: str, values: Sequence[Any]) -> tuple[Any, ...]:
    names = [value if isinstance(value, str) else value[0] for value in values]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise AskedWrongly(f"{option} names '{twice}' twice; name it once")
    if not values:
        raise AskedWrongly(
            f"{option} is missing; name at least one brand: --brand shop=shop.example"
        )
    return tuple(values)
