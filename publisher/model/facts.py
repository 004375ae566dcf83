"""What the workspace's YAML files say, validated.

One model a file; their JSON Schemas (`publisher schema`) come from here, descriptions included, so
that an editor explains each key.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from publisher.model.scalars import (
    Branch,
    Day,
    Days,
    Domain,
    Id,
    Locale,
    Localised,
    Mailbox,
    Model,
    Word,
    Zone,
    distinct,
)
from publisher.model.theme import Theme


class UnconfirmedText(Model):
    """A text that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Word | None = Field(default=None, description="The text proposed until then.")


class UnconfirmedIds(Model):
    """A list that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Annotated[tuple[Id, ...], AfterValidator(distinct)] = Field(
        default=(), description="The list proposed until then."
    )


Fact = Word | UnconfirmedText
Ids = Annotated[tuple[Id, ...], AfterValidator(distinct)] | UnconfirmedIds
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
    main_branch: Branch = Field(default="main", description="The branch that releases come from.")
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


class Baseline(Model):
    """The date of a text that is older than the repository."""

    last_updated: Day
    source: Word = Field(description="Where the date is known from.")


class Brand(Model):
    """brands/BRAND/brand.yaml: a public name with its own site, audience and policy."""

    name: Word
    domain: Domain
    title: Localised | None = Field(
        default=None, description="The policy's title; left out, that of shared/policy.yaml."
    )
    contact: Mailbox | UnconfirmedText = Field(description="The mailbox for privacy questions.")
    audience: tuple[Literal["businesses", "consumers"], ...] = Field(min_length=1)
    locales: Annotated[tuple[Locale, ...], AfterValidator(distinct)] = Field(min_length=1)
    timezone: Zone = Field(description="The zone in which its dates count: Europe/Brussels.")
    was: Annotated[tuple[Id, ...], AfterValidator(distinct)] = Field(
        default=(), description="The ids that the brand had before, as its archive names it."
    )
    was_locales: dict[Locale, Annotated[tuple[Locale, ...], AfterValidator(distinct)]] = Field(
        default_factory=dict, description="The tags that a locale had before: nl-BE: [nl]."
    )
    sisters: Annotated[tuple[Id, ...], AfterValidator(distinct)] = Field(
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


class FormerNames(BaseModel):
    """The part of a brand that says what it was called, even where the rest is faulty."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    was: tuple[Id, ...] = ()
    was_locales: dict[Locale, tuple[Locale, ...]] = Field(default_factory=dict)


class Outline(Model):
    """shared/policy.yaml: the title, the default order of clauses, and what is numbered."""

    title: Localised
    order: tuple[Id, ...] = Field(min_length=1)
    numbering: Literal["clauses"] | None = None


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
        default=None,
        description="Its title; one that extends another inherits it, an opening has none.",
    )
    unconfirmed: tuple[Word, ...] = Field(
        default=(), description="Questions to legal; while there are any, the policy is a draft."
    )
    when: Condition | None = None
