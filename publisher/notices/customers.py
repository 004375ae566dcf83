"""A list of customers → who gets a notice, in which language, and every unusable row.

Columns are guessed by their names, and shown. Every person who is left out is reported, and
customers of other brands are not told.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from publisher.archive.lineage import Lineage
from publisher.errors import AskedWrongly, Refused, did_you_mean
from publisher.notices.spreadsheet import UNKNOWN, Row, Table, read_table
from publisher.policy.characters import FORBIDDEN
from publisher.repository.source import ArchiveFolder, FolderSource
from publisher.workspace import parsed_brand

Column = Literal["address", "locale", "name", "brand"]
Columns = Mapping[Column, str]
HEADS: Columns = {
    "address": " email mail emailaddress mailaddress emailadres mailadres adressemail adresseemail"
    " courriel adresseelectronique emailadresse mailadresse correo correoelectronico"
    " direccionemail indirizzoemail postaelettronica enderecoemail epost ",
    "locale": " language lang locale taal langue sprache idioma lingua preferredlanguage"
    " correspondencelanguage taalcode languagecode partnerlang ",
    "name": " name fullname displayname contact contactname naam volledigenaam nom nomcomplet"
    " nachname nombre nome customer klant client kunde ",
    "brand": " brand brands merk merken marque marke marca ",
}
"""Names of columns in several languages: small letters alone, each name between spaces."""

_LONGEST = 2000
"""Characters of a cell with addresses, at most."""
_ANGLED = re.compile(r"([^<>;\n]*)<([^<>]*)>")
_BETWEEN = re.compile(r"[\s;,|]+")
_LOCAL = re.compile(
    r"[^\s\"(),.:;<>@\[\\\]\x00-\x20\x7f]+(?:\.[^\s\"(),.:;<>@\[\\\]\x00-\x20\x7f]+)*"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who is told. The domain of `address` is in ASCII (IDNA); `row` is in the list."""

    address: str
    locale: str
    name: str
    row: int

    @property
    def key(self) -> str:
        """The address as it is compared: in small letters, composed (NFC)."""
        return comparable(self.address)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row, or an address in it, that cannot be used, and why."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Customers:
    """The customers of one brand on a list: `people` are told, `suppressed` asked not to be.

    `columns` has the heads of the columns that were used. `invalid` are rows without a usable
    address. `unmapped` counts the people who get the default language, by the language of the list
    that the brand does not have; an empty one is a cell without a language. `others` counts the
    rows of other brands. `conflicts` are rows that repeat an address with another language.
    """

    name: str
    columns: Columns
    people: tuple[Customer, ...]
    suppressed: tuple[Customer, ...] = ()
    invalid: tuple[Unusable, ...] = ()
    doubles: int = 0
    conflicts: tuple[Unusable, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @cached_property
    def locales(self) -> Mapping[str, int]:
        """How many people are told in each locale."""
        return dict(sorted(Counter(person.locale for person in self.people).items()))

    @property
    def everyone(self) -> tuple[Customer, ...]:
        """Everybody on the list, including those who are not told."""
        return (*self.people, *self.suppressed)


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of a notice: a brand by its names, and its locales.

    `names` are the brand's id, name and domain.
    """

    brand: str
    names: Collection[str]
    locales: Collection[str]
    default_locale: str


def audience_of(root: Path, brand: str, locales: Collection[str], default_locale: str) -> Audience:
    """Return the audience of a notice; `brand` is the name in the archive."""
    today = Lineage(ArchiveFolder(root)).today(brand)
    own = parsed_brand(FolderSource(root), today).value
    names = {brand, today, *((own.name, own.domain, *own.was) if own is not None else ())}
    return Audience(brand, names, locales, default_locale)


def refuse_tracked(*paths: Path) -> None:
    """Raise `Refused` for a file in a git work tree: addresses never get into a repository."""
    for path in paths:
        for folder in Path(os.path.realpath(path)).parents:  # resolve() refuses circles
            if (folder / ".git").exists():
                raise Refused(
                    f"{path} is in the git repository {folder}, where lists of customers, journals "
                    "and keys may not be kept. Name a place outside"
                )


def read_customers(
    path: Path,
    audience: Audience,
    named: Columns | None = None,
    sheet: str | None = None,
    suppression: Path | None = None,
) -> Customers:
    """Return the customers on a list; `named` are columns that the user chose.

    Raises `AskedWrongly` if the list cannot be read, or its columns are ambiguous, and `Refused` if
    it has no customer of the brand.
    """
    table = read_table(path, sheet)
    columns, rows = _columns(table, named or {})
    customers = _Reader(table, columns, audience).read(rows)
    if not customers.people:
        correct = "Correct the list, or name" if customers.invalid else "Name"
        raise Refused(
            f"{path.name} has no customers of {audience.brand}: {_instead(customers)}. "
            f"{correct} the customers of {audience.brand}"
        )
    return customers if suppression is None else _without(customers, suppressed_in(suppression))


def _instead(customers: Customers) -> str:
    """Return what a list has that names nobody of the brand: the first unusable row, for one."""
    others = [f"{name or 'no brand'} ({n})" for name, n in customers.others.items()]
    rows = [f"row {row.row}: '{row.text[:60]}' {row.reason}" for row in customers.invalid]
    more = [f"and {len(rows) - 1} more"] if len(rows) > 1 else []
    return f"it has {', '.join((*others, *rows[:1], *more)) or 'nothing below its heads'}"


def suppressed_in(path: Path) -> frozenset[str]:
    """Return the addresses that a file lists, as they are compared; raises `AskedWrongly`."""
    table = read_table(path)
    columns, rows = _columns(table, {})
    addresses = set()
    for row in rows:
        people, faults = _people(_cell(row, columns, "address"))
        if faults or not people:
            reason = faults[0][1] if faults else "has no address"
            raise AskedWrongly(f"{path}:{row.number}: {reason}. Correct it, or delete the row")
        addresses |= {comparable(address) for address, _ in people}
    return frozenset(addresses)


def _without(customers: Customers, suppressed: Collection[str]) -> Customers:
    parts: tuple[list[Customer], list[Customer]] = ([], [])
    for person in customers.people:
        parts[person.key in suppressed].append(person)
    return replace(customers, people=tuple(parts[0]), suppressed=tuple(parts[1]))


def comparable(address: str) -> str:
    """Return an address as it is compared with others: in small letters, composed (NFC)."""
    return unicodedata.normalize("NFC", address).lower()


def parse_address(text: str) -> str:
    """Return an address with its domain in ASCII; raises `ValueError`, which says what is wrong."""
    text = unicodedata.normalize("NFC", text)
    if UNKNOWN in text or text.startswith("="):
        raise ValueError("is a formula without a value. Open the list, and save it with its values")
    local, at, domain = text.rpartition("@")
    if not at or not local:
        raise ValueError("is not an e-mail address")
    if FORBIDDEN.search(text):
        raise ValueError("has an invisible character")
    if not _LOCAL.fullmatch(local) or local.startswith("'") or len(local.encode()) > 64:
        raise ValueError("has an invalid part before the @")
    domain = _ascii(domain)
    if len(domain) > 253 or len(local.encode()) + len(domain) > 253:
        raise ValueError("is too long for an e-mail address")
    labels = domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdecimal():
        raise ValueError("has an invalid domain")
    return f"{local}@{domain}"


def _ascii(domain: str) -> str:
    """Return a domain in ASCII; raises `ValueError` where IDNA 2003 and 2008 disagree on it."""
    domain = domain.lower()
    if domain.isascii():
        return domain
    try:
        encoded = domain.encode("idna").decode("ascii")
        same = encoded.encode("ascii").decode("idna") == domain
    except UnicodeError:
        same = False
    if not same:
        raise ValueError("has a domain that cannot be written in ASCII. Write it as xn--…")
    return encoded


def _columns(table: Table, named: Columns) -> tuple[dict[Column, int], list[Row]]:
    """Return where each column is, and the rows below the heads; raises `AskedWrongly`."""
    if not table.rows:
        raise AskedWrongly(f"{table.name} is empty. Name the list of customers")
    first, *rest = table.rows
    if any("@" in cell for cell in first.cells):
        if named:
            raise AskedWrongly(f"{table.name} has no row of heads. Add one that names its columns")
        return {"address": _with_addresses(table, table.rows)}, list(table.rows)
    columns: dict[Column, int] = {}
    for column, names in HEADS.items():
        if column in named:
            columns[column] = _named(table, first, named[column])
            continue
        places = [at for at, head in enumerate(first.cells) if f" {_plain(head)} " in names]
        if len(places) > 1 and column != "name":
            heads = ", ".join(f"'{first.cells[at]}'" for at in places)
            raise AskedWrongly(
                f"{table.name} has several columns that may be the {column}: {heads}. Name one "
                f"with --{column}-column"
            )
        if places:
            columns[column] = places[0]
    if "address" not in columns:
        columns["address"] = _with_addresses(table, rest)
    return columns, rest


def _named(table: Table, heads: Row, name: str) -> int:
    """Return where a column is that the user named; raises `AskedWrongly`."""
    places = [at for at, head in enumerate(heads.cells) if head.casefold() == name.casefold()]
    if len(places) > 1:
        raise AskedWrongly(
            f"{table.name} has {len(places)} columns named '{name}'; give each another name"
        )
    if not places:
        known = [head for head in heads.cells if head]
        hint = did_you_mean(name, known) or f"it has {', '.join(known)}"
        raise AskedWrongly(f"{table.name} has no column named '{name}'; {hint}")
    return places[0]


def _with_addresses(table: Table, rows: Collection[Row]) -> int:
    """Return the only column that has addresses in its cells; raises `AskedWrongly`."""
    places = Counter(at for row in rows for at, cell in enumerate(row.cells) if "@" in cell)
    if len(places) != 1:
        what = "several columns" if places else "no column"
        raise AskedWrongly(
            f"{table.name} has {what} with e-mail addresses. Name the column with --address-column"
        )
    return next(iter(places))


def _plain(head: str) -> str:
    """Return the head of a column in small letters, without accents and marks."""
    letters = unicodedata.normalize("NFKD", head.casefold())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())


def _cell(row: Row, columns: Mapping[Column, int], column: Column) -> str:
    at = columns.get(column)
    return row.cells[at] if at is not None and at < len(row.cells) else ""


class _Reader:
    """Sorts the rows of a list."""

    def __init__(self, table: Table, columns: Mapping[Column, int], audience: Audience) -> None:
        self.table = table
        self.columns = columns
        self.audience = audience
        self.brands = {name.casefold() for name in audience.names}
        self.tags = _Tags(audience.locales)
        self.people: dict[str, Customer] = {}
        self.languages: dict[str, str] = {}
        self.invalid: list[Unusable] = []
        self.conflicts: list[Unusable] = []
        self.others: Counter[str] = Counter()
        self.doubles = 0

    def read(self, rows: Collection[Row]) -> Customers:
        """Return whom the rows name."""
        width = len(self.table.rows[0].cells)
        for row in rows:
            if any(row.cells[width:]):
                reason = f"has {len(row.cells)} cells, and the first row {width}"
                fix = "Put names with commas in quotation marks"
                self.invalid.append(Unusable(row.number, row.cells[0], f"{reason}. {fix}"))
            elif self._ours(row):
                self._take(row)
        heads = self.table.rows[0].cells if len(rows) < len(self.table.rows) else ()
        unmapped = Counter(
            self.languages[key] for key in self.people if self.languages[key] not in self.tags
        )
        notes = list(self.table.notes)
        if "brand" not in self.columns:
            notes.append(
                "has no column of brands: everybody on it counts as a customer of "
                f"{self.audience.brand}"
            )
        return Customers(
            self.table.name,
            {column: heads[at] for column, at in self.columns.items() if heads},
            tuple(self.people.values()),
            invalid=tuple(self.invalid),
            doubles=self.doubles,
            conflicts=tuple(self.conflicts),
            unmapped=dict(unmapped.most_common()),
            others=dict(self.others.most_common()),
            notes=tuple(notes),
        )

    def _ours(self, row: Row) -> bool:
        """Return whether a row is of the brand; count it if not."""
        if "brand" not in self.columns:
            return True
        cell = _cell(row, self.columns, "brand")
        names = {name.strip().casefold() for name in re.split("[;,|\n]", cell)}
        if names & self.brands:
            return True
        self.others[cell] += 1
        return False

    def _take(self, row: Row) -> None:
        people, faults = _people(_cell(row, self.columns, "address"))
        self.invalid += [Unusable(row.number, text, reason) for text, reason in faults]
        if not people and not faults:
            text = _cell(row, self.columns, "name") or next(filter(None, row.cells))
            self.invalid.append(Unusable(row.number, text, "has no address"))
        language = _cell(row, self.columns, "locale")
        name = _name(_cell(row, self.columns, "name"))
        for address, own in people:
            locale = self.tags.get(language) or self.audience.default_locale
            self._add(Customer(address, locale, own or name, row.number), language)

    def _add(self, person: Customer, language: str) -> None:
        """Take a person, unless an earlier row has the same address."""
        before = self.people.get(person.key)
        if before is None:
            self.people[person.key] = person
            self.languages[person.key] = language
            return
        self.doubles += 1
        known = self.languages[person.key] in self.tags
        if language in self.tags and not known:
            self.people[person.key] = replace(before, locale=person.locale)
            self.languages[person.key] = language
        elif language in self.tags and person.locale != before.locale:
            reason = (
                f"is also in row {before.row}, and is told in {before.locale}, as that row says"
            )
            self.conflicts.append(Unusable(person.row, person.address, reason))


def _people(cell: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the addresses in a cell, each with the name before it, and what is not an address."""
    people: list[tuple[str, str]] = []
    faults: list[tuple[str, str]] = []

    def take(text: str, name: str = "") -> None:
        try:
            people.append((parse_address(text.removeprefix("mailto:")), _name(name)))
        except ValueError as fault:
            faults.append((text, str(fault)))

    if len(cell) > _LONGEST:
        return people, [(cell[:_LONGEST], "is too long for a cell of addresses")]
    if cell.startswith("=") or cell == UNKNOWN:
        take(cell)
        return people, faults
    rest = cell
    for angled in _ANGLED.finditer(cell):
        before = angled[1]
        for word in _BETWEEN.split(before):
            if "@" in word:  # another address, before the name
                take(word.strip("\"'"))
                before = before.replace(word, "")
        take(angled[2].strip(), before.strip(" \t,;\"'"))
        rest = rest.replace(angled[0], " ", 1)
    for word in filter(None, _BETWEEN.split(rest)):
        take(word.strip('"'))
    return people, faults


def _name(text: str) -> str:
    """Return a name on one line, without invisible characters."""
    return FORBIDDEN.sub("", " ".join(text.split()))[:200]


class _Tags:
    """The locales of a brand by the names that lists have for them: ``nl_BE``, ``Dutch (BE)``."""

    def __init__(self, locales: Collection[str]) -> None:
        from babel import Locale, UnknownLocaleError

        self.locales = {locale.casefold(): locale for locale in locales}
        self.languages: dict[str, list[str]] = {}
        for locale in locales:
            names = {locale.partition("-")[0]}
            for reader in {*locales, "en", "nl", "fr", "de"}:
                try:
                    name = Locale.parse(reader, sep="-").languages.get(locale.partition("-")[0])
                except (UnknownLocaleError, ValueError):
                    continue
                names |= {_letters(name)} if name else set()
            for name in names:
                self.languages.setdefault(name, []).append(locale)

    def __contains__(self, text: str) -> bool:
        return self.get(text) is not None

    def get(self, text: str) -> str | None:
        """Return the locale that a cell means; None if the brand has no such locale, or two."""
        tag = re.sub("[.@].*", "", text.strip()).replace("_", "-").casefold()
        if tag in self.locales:
            return self.locales[tag]
        for part in (tag.partition("-")[0], *map(_letters, text.split("/"))):
            locales = self.languages.get(part, [])
            if len(locales) == 1:
                return locales[0]
        return None


def _letters(text: str) -> str:
    """Return the name of a language without the country that comes after it."""
    return text.partition("(")[0].strip().casefold()
