"""The ledger's entries: what happened to a brand's versions, one JSON file each.

Entries are chained: each holds the SHA-256 of the one before it. Their form is versioned by
`FORMAT`; `publisher schema` writes it as a JSON Schema. An entry is never changed: what happens to
a version later is a new entry.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    TypeAdapter,
)

from publisher.model.characters import forbidden

FORMAT = 1
"""The version of this form."""
EARLIEST, LATEST = 1990, 9000
"""The years that days may be of."""

_VERSION = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.([2-9]|[1-9]\d+))?")


def _possible(value: date) -> date:
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError("no policy is of that year")
    return value


def _version_id(value: str) -> str:
    found = _VERSION.fullmatch(value)
    if found is None:
        raise ValueError("a version's id is its day of publication, such as 2026-11-22")
    _possible(date.fromisoformat(found[1]))
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"the time zone '{value}' is not known on this machine") from None
    return value


def _zoned(value: datetime) -> datetime:
    _possible(value)
    if value.tzinfo is None:
        raise ValueError("a moment has its distance from UTC: 2026-11-22T10:00:00+01:00")
    return value


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CommitId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
BrandId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]
VersionId = Annotated[str, AfterValidator(_version_id)]
Moment = Annotated[datetime, AfterValidator(_zoned)]
Day = Annotated[date, AfterValidator(_possible)]
Zone = Annotated[str, AfterValidator(_zone)]
Line = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$")]
"""Text on one line."""
Fingerprint = Annotated[str, StringConstraints(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]

Change = Literal["first", "material", "editorial"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Model):
    """What a version says in one locale."""

    last_updated: Day = Field(description="When its words last changed materially.")
    words: Sha256 = Field(description="The SHA-256 of its words.")


class ClauseChanges(_Model):
    """How the clauses of one locale differ from the version before."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = Field(default=(), description="Old and new id.")


class _Event(_Model):
    """What every entry says."""

    format: Literal[1]
    sequence: PositiveInt
    kind: str
    brand: BrandId
    recorded_at: Moment
    timezone: Zone = Field(description="The brand's time zone, in which the entry's dates count.")
    recorded_by: Line = Field(description="The git user who ran the command: name and address.")
    signer: Fingerprint | None = Field(description="The key that signed this entry, in NAME.sig.")
    previous: Sha256 | None = Field(description="The SHA-256 of the entry before this one.")

    @property
    def about(self) -> str:
        """What the entry's file is named after: a version's id, or a date."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name of the entry's file."""
        return f"{self.sequence:04}-{self.kind}-{self.about}.json"


class Release(_Event):
    """A version was released."""

    kind: Literal["release"]
    version: VersionId
    origin: Literal["released"]
    change: Change
    reason: Line | None = Field(
        description="Why it counts as editorial, where commits do not say so."
    )
    published: Day
    in_force_from: Day
    short_notice: Line | None = Field(description="Why its notice is shorter than the brand gives.")
    locales: dict[Locale, Said] = Field(min_length=1)
    source: CommitId = Field(description="The commit that it was rendered from.")
    summary: Line | None
    changes: dict[Locale, ClauseChanges] = Field(description="Since the version before.")
    approvals: tuple[Line, ...] = Field(description="Who approved it.")
    tools: dict[str, str] = Field(description="The tools that made it, with their versions.")
    sums: Sha256 = Field(description="The SHA-256 of the version's SHA256SUMS.")

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.version


class Reschedule(_Event):
    """A version comes into force on another day."""

    kind: Literal["reschedule"]
    version: VersionId
    in_force_from: Day
    instead_of: Day
    reason: Line
    short_notice: Line | None

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.version


class Retire(_Event):
    """A brand's policy, or one locale of it, is no longer in force from a day on."""

    kind: Literal["retire"]
    locale: Locale | None
    on: Day
    reason: Line

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.on.isoformat()


Entry = Release | Reschedule | Retire
KINDS: dict[str, type[Entry]] = {"release": Release, "reschedule": Reschedule, "retire": Retire}
ENTRY: TypeAdapter[Entry] = TypeAdapter(
    Annotated[Release | Reschedule | Retire, Field(discriminator="kind")]
)


_written = json.JSONEncoder(ensure_ascii=False).encode


def read_entry(data: bytes) -> Entry:
    """Return what an entry's file says; raises `ValueError` for one that is no entry."""
    return ENTRY.validate_json(data)


def entry_bytes(entry: Entry) -> bytes:
    """Return an entry's file, in the one form that it can have: a line for each of its fields.

    `previous` is the last.
    """
    said: dict[str, Any] = entry.model_dump(mode="json")
    said["previous"] = said.pop("previous")
    lines = (f' "{name}": {_written(value)}' for name, value in said.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def ending(previous: str | None) -> bytes:
    """Return how the file of an entry ends that follows the one with the SHA-256 `previous`."""
    return f' "previous": {json.dumps(previous)}\n}}\n'.encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def is_line(text: str) -> bool:
    """Return whether a text may stand in an entry: one line of visible characters."""
    return bool(re.fullmatch(r"\S(.*\S)?", text)) and not forbidden("", text)


def published_on(version: str) -> date:
    """Return the day of publication that a version's id tells."""
    return date.fromisoformat(version[:10])


def next_version(day: date, taken: frozenset[str]) -> str:
    """Return the id of a version published on `day`, where others may be."""
    number = 2
    version = day.isoformat()
    while version in taken:
        version = f"{day.isoformat()}.{number}"
        number += 1
    return version
