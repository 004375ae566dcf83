"""What the workspace's YAML files say, validated.

One model a file; their JSON Schemas (`publisher schema`) come from here, descriptions included, so
that an editor explains each key. Scalars arrive as the text that was typed.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    WithJsonSchema,
)

RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)


def _id(value: Any) -> Any:
    if isinstance(value, str) and value in RESERVED:
        raise ValueError("Windows reserves this name: choose another")
    return value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write a date such as 2026-11-22")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day: write one that exists") from None


def _days(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{0,2}", value):
        raise ValueError("write a number of days from 1 to 999")
    return int(value)


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = next((value for at, value in enumerate(values) if value in values[:at]), None)
    if twice is not None:
        raise ValueError(f"'{twice}' stands twice: delete one")
    return values


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: Any) -> Any:
    if not isinstance(value, str) or value not in _zones():
        raise ValueError("write a time zone such as Europe/Brussels")
    return value


# An editor takes 30 for a number; here it is the text that was typed.
_TYPED = WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1})
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _TYPED]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64),
    BeforeValidator(_id),
]
Locale = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"),
    Field(description="A BCP 47 language tag: en, nl-BE."),
]
Domain = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Mailbox = Annotated[str, StringConstraints(pattern=r"^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$")]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
Days = Annotated[int, BeforeValidator(_days, json_schema_input_type=str | int)]
Zone = Annotated[str, BeforeValidator(_zone, json_schema_input_type=str)]


class Model(BaseModel):
    """What every mapping in a YAML file is: unknown keys refused, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UnconfirmedText(Model):
    """A text that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Word | None = Field(default=None, description="The text proposed until then.")


class UnconfirmedIds(Model):
    """A list that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Annotated[tuple[Id, ...], AfterValidator(_distinct)] = Field(
        default=(), description="The list proposed until then."
    )


Fact = Word | UnconfirmedText
Ids = Annotated[tuple[Id, ...], AfterValidator(_distinct)] | UnconfirmedIds
Localised = Word | dict[Locale, Word]
"""The same text in every locale, or one for each."""
Words = Annotated[
    dict[Locale, Word],
    Field(description="The lawyers' words, per locale: Markdown with {{ facts }}, as in clauses."),
]


class Authority(Model):
    """A supervisory authority (GDPR Art. 51)."""

    name: Localised
    site: Localised = Field(description="Its site, as policies quote it.")
    address: Localised | None = None


class Company(Model):
    """shared/company.yaml: the controller (GDPR Art. 4(7)) behind the brands."""

    name: Word
    address: tuple[Word, ...] = Field(min_length=1, description="One line each.")
    visits: Localised | None = Field(default=None, description="When visitors may come.")
    vat: Fact = Field(description="The VAT number, as policies quote it.")
    authority: Authority = Field(description="The supervisory authority (GDPR Art. 77).")
    master_locale: Locale = Field(description="The locale that the others are translated from.")
    main_branch: Word = Field(default="main", description="The branch that releases come from.")
    facts: dict[Id, Fact] = Field(
        default_factory=dict, description="Further facts; a brand may have its own of that name."
    )


class Place(Model):
    """A clause put at a place of its own."""

    clause: Id
    after: Id | None = Field(
        default=None, description="The clause that it follows; left out, it is the first."
    )


class BrandClauses(Model):
    """How a brand's clauses differ from the shared order."""

    omit: tuple[Id, ...] = Field(default=(), description="Clauses that this brand does not have.")
    place: tuple[Place, ...] = Field(
        default=(), description="Clauses of its own, or moved, one after the other."
    )


class Theme(Model):
    """What a brand's documents look like."""

    accent: Colour = Field(default="#1f4e79", description="On white: links, rules and titles.")
    accent_dark: Colour | None = Field(
        default=None, description="The same on dark; left out, it is a lighter tint of the accent."
    )


class Baseline(Model):
    """The date of a text that is older than the repository."""

    last_updated: Day
    source: Word = Field(description="Where the date is known from.")


class Brand(Model):
    """brands/BRAND/brand.yaml: a public name with its own site, audience and policy."""

    name: Word
    domain: Domain
    contact: Mailbox | UnconfirmedText = Field(description="The mailbox for privacy questions.")
    audience: tuple[Literal["businesses", "consumers"], ...] = Field(min_length=1)
    locales: Annotated[tuple[Locale, ...], AfterValidator(_distinct)] = Field(min_length=1)
    timezone: Zone = Field(description="The zone in which its dates count: Europe/Brussels.")
    sisters: Annotated[tuple[Id, ...], AfterValidator(_distinct)] = Field(
        default=(), description="The brands that its policy names."
    )
    processors: Ids = Field(default=(), description="Those in use, in the order of publication.")
    retention: Ids = Field(default=(), description="Categories kept, in the order of publication.")
    clauses: BrandClauses = BrandClauses()
    facts: dict[Id, Fact] = Field(default_factory=dict, description="Further facts.")
    theme: Theme = Theme()
    baseline: Baseline | None = None
    notice_days: Days | None = Field(
        default=None,
        description="How many days before it comes into force a material change is published.",
    )


class BrandIdentity(BaseModel):
    """The part of a brand that other brands' policies may quote."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Word
    domain: Domain


class Outline(Model):
    """shared/policy.yaml: the title and the default order of clauses."""

    title: Localised
    order: tuple[Id, ...] = Field(min_length=1)


class Processor(Model):
    """Who receives data: a processor (GDPR Art. 4(8)) or another recipient (Art. 4(9))."""

    name: Localised
    role: Literal["processor", "recipient"]
    purpose: Word | None = Field(default=None, description="What for, for the record.")
    location: Fact | None = Field(default=None, description="Where the data is kept.")
    safeguard: Fact | None = Field(default=None, description="GDPR Art. 46, if outside the EEA.")
    notice: Word | None = Field(default=None, description="Its own privacy notice, as quoted.")
    cookies: Literal["none", "some"] | None = Field(default=None)
    words: Words


class Processors(RootModel[dict[Id, Processor]]):
    """shared/processors.yaml: the registry of processors and recipients."""

    model_config = ConfigDict(frozen=True)


class Retention(Model):
    """How long one category of data is kept."""

    name: Localised
    period: Fact | None = Field(default=None, description="The period, as words quote it.")
    ground: Word | None = Field(default=None, description="Why that long, for the record.")
    words: Words


class RetentionPeriods(RootModel[dict[Id, Retention]]):
    """shared/retention.yaml: categories of data and how long each is kept (Art. 13(2)(a))."""

    model_config = ConfigDict(frozen=True)


class Right(Model):
    """A right of the persons concerned."""

    article: Word = Field(description="The article of the GDPR that gives it.")
    words: Words


class Rights(RootModel[dict[Id, Right]]):
    """shared/rights.yaml: the rights of the persons concerned (Art. 13(2)(b) to (d))."""

    model_config = ConfigDict(frozen=True)


class Condition(Model):
    """When a clause is part of a policy: all that is named must hold."""

    audience: Literal["businesses", "consumers"] | None = None
    processor: Id | None = Field(default=None, description="It is in use.")
    locale: tuple[Locale, ...] = Field(default=(), description="The locale is one of these.")


class FrontMatter(Model):
    """What stands between the --- lines at the top of a clause."""

    title: Word | None = Field(
        default=None, description="The clause's title; one that extends another inherits its title."
    )
    unconfirmed: tuple[Word, ...] = Field(
        default=(), description="Questions to legal; while there are any, the policy is a draft."
    )
    when: Condition | None = None
