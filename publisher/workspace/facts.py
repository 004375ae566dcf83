"""Models of the workspace's YAML files.

One model a file; their JSON Schemas (`publisher schema`) come from here, descriptions included, so
that an editor explains each key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from publisher.errors import did_you_mean
from publisher.workspace.scalars import (
    Audience,
    Branch,
    Contact,
    Country,
    Day,
    Days,
    Domain,
    FolderAddress,
    Host,
    Id,
    Locale,
    Localised,
    Mailbox,
    Model,
    Number,
    PageAddress,
    Port,
    Several,
    Word,
    Zone,
    explained,
)
from publisher.workspace.theme import RefusedTheme, Theme


class UnconfirmedText(Model):
    """A text that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Word | None = explained("The text proposed until then.")


class UnconfirmedIds(Model):
    """A list that nobody entitled to has confirmed."""

    unconfirmed: Word = Field(description="The question to legal that would settle it.")
    value: Several[Id] = explained("The list proposed until then.", ())


Fact = Word | UnconfirmedText
LocalisedFact = Localised | UnconfirmedText
Ids = Several[Id] | UnconfirmedIds
Words = Annotated[
    dict[Locale, Word] | None,
    Field(description="The lawyers' words, per locale: Markdown with {{ facts }}, as in clauses."),
]


class Authority(Model):
    """A supervisory authority (GDPR Art. 51)."""

    name: LocalisedFact = Field(description="Its name, as policies quote it.")
    site: LocalisedFact | None = explained("Its site, as policies quote it.")
    address: LocalisedFact | None = explained("Its address, as policies quote it.")


Profile = Literal["gdpr", "eprivacy", "be", "uk", "us-ca", "be-company"]
Decisions = Literal["none"] | dict[Locale, Word] | UnconfirmedText
Basis = Literal[
    "consent",
    "contract",
    "legal-obligation",
    "vital-interests",
    "public-task",
    "legitimate-interests",
]
"""The legal bases of GDPR Art. 6(1), in its order: (a) to (f)."""
ReviewBy = Annotated[
    Day | None, Field(description="The day by which somebody checks that it is still true.")
]


class Controller(Model):
    """shared/companies/COMPANY.yaml: the controller (GDPR Art. 4(7)) of brands that name it."""

    name: Word = Field(description="Its name, with its legal form.")
    address: tuple[LocalisedFact, ...] = Field(min_length=1, description="One line each.")
    visits: Localised | None = explained("When visitors may come.")
    vat: Fact | None = explained("The VAT number, as policies quote it, if it has one.")
    authority: Authority | None = explained(
        "The supervisory authority (GDPR Art. 77), if one is competent for it."
    )
    country: Country | None = explained(
        "Where it is established: BE. It decides which laws are checked."
    )
    dpo: Mailbox | Literal["none"] | UnconfirmedText | None = explained(
        "The data protection officer's mailbox (Art. 37), or none."
    )
    automated_decisions: Decisions | None = explained(
        "What machines alone decide about people (Art. 22), or none."
    )
    representative: LocalisedFact | None = explained(
        "Its representative in the EEA (Art. 27), if it is outside."
    )
    profiles: Several[Profile] | None = explained(
        "The laws to check (default: gdpr, eprivacy, and be for a Belgian company)."
    )
    facts: dict[Id, Fact] = Field(
        default_factory=dict,
        description="Further facts; a brand may have its own of the same name.",
    )


class Company(Controller):
    """shared/company.yaml: the controller (GDPR Art. 4(7)) of brands that name no other one."""

    master_locale: Locale = Field(description="The locale that the others are translated from.")
    main_branch: Branch = explained("The branch that releases come from.", "main")


class Place(Model):
    """A clause put at a place of its own."""

    clause: Id = Field(description="The clause that is put there.")
    after: Id | None = explained("The clause that it follows (default: none; it comes first).")


class BrandClauses(Model):
    """How a brand's clauses differ from the shared order."""

    omit: tuple[Id, ...] = explained("Clauses that this brand does not have.", ())
    place: tuple[Place, ...] = explained("Clauses of its own, or moved, one after the other.", ())


class Baseline(Model):
    """The date of a text that is older than the repository."""

    last_updated: Day = Field(description="The day on which the old text was last updated.")
    source: Word = Field(description="Where the date is known from.")


class SiteAddresses(Model):
    """Where the public sees a brand's policy."""

    base_url: FolderAddress | None = Field(
        default=None, description="Where the folder that `publisher site` writes is served."
    )
    url: dict[Locale, PageAddress] = Field(
        default_factory=dict, description="The page of the policy in force, for `publisher drift`."
    )


class Brand(Model):
    """brands/BRAND/brand.yaml: a public name with its own site, audience and policy."""

    name: Word = Field(description="The public name.")
    domain: Domain = Field(description="The domain of its site, without https://.")
    title: Localised | None = explained(
        "The policy's title (default: the one in shared/policy.yaml)."
    )
    contact: Contact | UnconfirmedText = Field(
        description="The mailbox for privacy questions, or the address of a web form (https)."
    )
    audience: tuple[Audience, ...] = Field(
        min_length=1, description="Whom the policy is for: one kind of people, or several."
    )
    controller: Id | None = explained(
        "The company behind it: ID of shared/companies/ID.yaml (default: shared/company.yaml)."
    )
    locales: Several[Locale] = Field(
        min_length=1, description="The locales in which its policy is released."
    )
    proposed: Several[Locale] = explained(
        "Locales that are built as proposals, and never released.", ()
    )
    timezone: Zone = Field(description="The zone in which its dates count: Europe/Brussels.")
    was: Several[Id] = explained("The ids that the brand had before, as its archive names it.", ())
    was_locales: dict[Locale, Several[Locale]] = Field(
        default_factory=dict, description="The tags that a locale had before: nl-BE: [nl]."
    )
    sisters: Several[Id] = explained("The brands that its policy names.", ())
    processors: Ids = explained("Those in use, in the order of publication.", ())
    retention: Ids = explained("Categories kept, in the order of publication.", ())
    purposes: Ids = explained("What data is used for, in their order.", ())
    languages: Several[Locale] = explained("The languages in which it addresses people.", ())
    mentions: Several[Id] = explained("Other brands whose names may be in its policy.", ())
    automated_decisions: Decisions | None = explained(
        "What machines alone decide about people (Art. 22), where the brand differs."
    )
    clauses: BrandClauses = BrandClauses()
    facts: dict[Id, Fact] = Field(default_factory=dict, description="Further facts.")
    theme: Theme = Theme()
    paper: Literal["a4", "letter"] | None = explained(
        "The paper of its PDFs (default: as in the locale's territory, or the company's country)."
    )
    baseline: Baseline | None = None
    site: SiteAddresses = SiteAddresses()
    notice_days: Days | None = explained(
        "How many days before it comes into force a material change is published."
    )

    @field_validator("proposed")
    @classmethod
    def _only_proposed(cls, proposed: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        both = [locale for locale in proposed if locale in info.data.get("locales", ())]
        if both:
            raise ValueError(f"'{both[0]}' is in `locales`, too: delete it in one of the two")
        return proposed

    @property
    def built(self) -> tuple[str, ...]:
        """All locales that are built: those that are released, and those that are proposed."""
        return (*self.locales, *self.proposed)


def _or(default: Callable[[], Any]) -> WrapValidator:
    """Return a validator that gives a default for a value that is refused."""

    def read(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validate(value)
        except ValueError:
            return default()

    return WrapValidator(read)


class PastBrand(Brand):
    """A brand's file at a past commit, which rules on values have to take as it is.

    What no words follow from, and is refused today, has its default.
    """

    domain: Word
    contact: Word | UnconfirmedText
    theme: Annotated[Theme, _or(RefusedTheme)] = Theme()
    paper: Annotated[Literal["a4", "letter"] | None, _or(lambda: None)] = None
    site: Annotated[SiteAddresses, _or(SiteAddresses)] = SiteAddresses()


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class BrandIdentity(BaseModel):
    """The part of a brand that other brands' policies may quote."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    name: Word
    domain: Domain
    contact: Annotated[str | None, BeforeValidator(_as_text)] = None


class PastIdentity(BrandIdentity):
    """The same of a brand's file at a past commit."""

    domain: Word


class Outline(Model):
    """shared/policy.yaml: the title, the default order of clauses, and what is numbered."""

    title: Localised = Field(description="The title of every policy.")
    order: tuple[Id, ...] = Field(min_length=1, description="The ids of clauses, in their order.")
    numbering: Literal["clauses"] | None = explained("What gets numbers: the clauses, or nothing.")


class Processor(Model):
    """Who receives data: a processor (GDPR Art. 4(8)) or another recipient (Art. 4(9))."""

    name: Localised = Field(description="Its name, as policies quote it.")
    role: Literal["processor", "controller", "joint-controller", "recipient"] = Field(
        description="What it is to the company: Art. 4(7) to (9), Art. 26."
    )
    purpose: Word | None = explained("What for, for the record.")
    location: LocalisedFact | None = explained("Where the data is kept.")
    countries: Several[Country] | None = explained(
        "Every country in which the data is kept, or from which it is seen."
    )
    safeguard: LocalisedFact | None = explained("GDPR Art. 46, if outside the EEA.")
    contract: Word | None = explained("The agreement of Art. 28(3): its date and where it is kept.")
    notice: Word | None = explained("Its own privacy notice, as quoted.")
    cookies: Literal["none", "some"] | None = explained("Whether it sets cookies.")
    device: Literal["none"] | dict[Locale, Word] | None = explained(
        "What it stores or reads on the reader's device, or none."
    )
    own_use: Localised | None = explained("What it uses the data for on its own account.")
    review_by: ReviewBy = None
    words: Words = None


class Processors(RootModel[dict[Id, Processor]]):
    """shared/processors.yaml: the registry of processors and recipients."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Retention(Model):
    """How long one category of data is kept."""

    name: Localised = Field(description="What the category is called.")
    period: Fact | None = explained("The period, as words quote it.")
    criterion: Localised | None = explained("What decides how long, where there is no period.")
    law: Id | None = explained("The law that asks for it: be-vat-records.")
    personal: Literal["yes", "no"] = explained("Whether it is the data of persons.", "yes")
    ground: Word | None = explained("Why that long, for the record.")
    review_by: ReviewBy = None
    words: Words = None


class RetentionPeriods(RootModel[dict[Id, Retention]]):
    """shared/retention.yaml: categories of data and how long each is kept (Art. 13(2)(a))."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Right(Model):
    """A right of the persons concerned."""

    article: Word = Field(description="The article of the GDPR that gives it.")
    words: Words = None


class Rights(RootModel[dict[Id, Right]]):
    """shared/rights.yaml: the rights of the persons concerned (Art. 13(2)(b) to (d))."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Purpose(Model):
    """What data is used for (GDPR Art. 13(1)(c)), and what belongs to that."""

    name: Localised = Field(description="What the purpose is called.")
    people: Localised | None = explained("Whose data it is.")
    data: Localised | None = explained("Which data.")
    basis: Basis | tuple[Basis, ...] | dict[Basis, Localised] | None = explained(
        "Its legal bases (Art. 6(1)), each with what it is for: the interest, the law."
    )
    recipients: Several[Id] = explained("Who receives the data: ids of shared/processors.yaml.", ())
    kept: Several[Id] = explained("How long: ids of shared/retention.yaml.", ())
    collected: Literal["directly", "indirectly", "both"] | None = explained(
        "From the persons themselves, or from others (Art. 14)."
    )
    source: Localised | None = explained("From which others.")
    provision: Literal["voluntary", "contractual", "statutory", "none"] | None = explained(
        "Whether people must give it (Art. 13(2)(e)); none: it is observed."
    )
    special: Localised | None = explained("The condition of Art. 9(2), for special categories.")
    marketing: Literal["yes", "no"] = explained("Whether it is marketing.", "no")
    review_by: ReviewBy = None


def bases_of(purpose: Purpose) -> tuple[str, ...]:
    """Return the legal bases that a purpose rests on, however they are written."""
    basis = purpose.basis
    return (basis,) if isinstance(basis, str) else tuple(basis or ())


class Purposes(RootModel[dict[Id, Purpose]]):
    """shared/purposes.yaml: what data is used for, on which basis, for how long."""

    model_config = ConfigDict(frozen=True, defer_build=True)


Label = Annotated[str, StringConstraints(min_length=1)]
"""A text, with the white space that was typed."""


class Texts(Model):
    """shared/labels/LOCALE.yaml: the toolkit's texts in a language, or of a company's own."""

    labels: dict[str, Label] = Field(
        description="What policies and redlines say around the words: Last updated."
    )
    letters: dict[str, Label] = Field(description="The sentences of evidence letters.")
    exports: dict[str, Label] = Field(description="The sentences of indexes of exports.")
    site: dict[str, Label] = Field(description="What the pages of the public site say.")
    terms: dict[str, Label] = Field(
        description="The names of roles and legal bases, which clauses may quote: processor."
    )


class Acceptance(Model):
    """A remark that somebody has looked at and accepts."""

    remark: Id = Field(description="Its rule.")
    about: Word | None = explained("What it is about, for readers.")
    of: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")] = Field(
        description="Its fingerprint, as `publisher check` prints it."
    )
    because: Word = Field(description="Why it is accepted.")
    by: Word = Field(description="Who accepts it.")
    until: Day | None = explained("The day on which the remark returns.")


class Accepted(RootModel[tuple[Acceptance, ...]]):
    """shared/accepted.yaml: remarks of `publisher check` that somebody accepts, and why."""

    model_config = ConfigDict(frozen=True, defer_build=True)


PORTS = {"starttls": 587, "implicit": 465, "none": 25}
"""The port of each kind of connection, unless another is named (RFC 6409, RFC 8314)."""


class Mail(Model):
    """shared/mail.yaml: how `publisher notices send` reaches customers."""

    server: Host = Field(description="The server that takes the mail: smtp.example.com.")
    tls: Literal["starttls", "implicit", "none"] = explained(
        "How the connection is encrypted; `none` only for a server on the same machine.", "starttls"
    )
    port: Port | None = explained(
        "The port (default: 587 for starttls, 465 for implicit, 25 for none)."
    )
    user: Word | None = explained(
        "The name to log in with. The password is in the environment: PUBLISHER_MAIL_PASSWORD."
    )
    sender: Mailbox | dict[Id, Mailbox] = Field(
        description="The address in From; or one for each brand, by its id."
    )
    reply_to: Mailbox | dict[Id, Mailbox] | None = explained(
        "Where answers go, if not to the sender."
    )
    bounces: Mailbox | None = explained(
        "The mailbox that gets delivery reports (Return-Path; default: the sender's)."
    )
    unsubscribe: Mailbox | PageAddress | None = explained(
        "Where people ask for no more mail (List-Unsubscribe; default: no such header)."
    )
    per_minute: Number = explained("Messages a minute, at most.", 60)
    per_day: Number | None = explained("Messages in 24 hours, at most.")
    timeout: Number = explained("Seconds to wait for an answer from the server.", 60)

    @field_validator("user")
    @classmethod
    def _encrypted(cls, user: str | None, info: ValidationInfo) -> str | None:
        if user is not None and info.data.get("tls") == "none":
            raise ValueError(
                "a password needs `tls: starttls` or `tls: implicit`; or delete `user`"
            )
        return user


COVERED = Literal[
    "gdpr-13-1-f",
    "gdpr-13-2-c",
    "gdpr-13-2-e",
    "gdpr-13-2-f",
    "gdpr-13-3",
    "gdpr-14-2-f",
    "gdpr-21-4",
    "gdpr-26-2",
    "eprivacy-5-3",
]
CLAIMS = (
    "no-personal-data",
    "no-cookies",
    "no-ip",
    "b2b-only",
    "eu-only",
    "no-special",
    "no-automation",
    "no-marketing",
    "no-disclosure",
    "all-processors",
)
"""What a clause may assert of everybody, or, after a colon, of one processor."""


def _claim(claim: str) -> str:
    name, _, about = claim.partition(":")
    if name != "sister" and name not in CLAIMS:
        known = f"known here: {', '.join(CLAIMS)}, sister:CLAUSE"
        raise ValueError(did_you_mean(name, CLAIMS) or known)
    if name == "sister" and not about:
        raise ValueError("name the clause that sister brands have: sister:children")
    return claim


class Condition(Model):
    """When a clause is part of a policy: all conditions must be met."""

    audience: Audience | None = explained("The policy is for these people, among others.")
    processor: Id | None = explained("It is in use.")
    locale: tuple[Locale, ...] = explained("The locale is one of these.", ())


class FrontMatter(Model):
    """The lines between --- and --- at the top of a clause."""

    title: Word | None = explained(
        "Its title; one that extends another inherits it, an opening has none."
    )
    unconfirmed: tuple[Word, ...] = explained(
        "Questions to legal; while there are any, the policy is a draft.", ()
    )
    when: Condition | None = None
    covers: Several[COVERED] = explained("What this clause says because the law requires it.", ())
    asserts: Several[Annotated[Word, AfterValidator(_claim)]] = explained(
        "What it claims, to be compared with the facts.", ()
    )
    review_by: ReviewBy = None
