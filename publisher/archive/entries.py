"""The ledger's entries: what happened to a brand's versions, one JSON file each.

Entries are chained: each holds the SHA-256 of the one before it. Their form is versioned by
`FORMAT`; `publisher schema` writes it as a JSON Schema. An entry is never changed: what happens to
a version later is a new entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, model_validator

from publisher.archive.fields import (
    BrandId,
    CommitId,
    Day,
    FilePath,
    Fingerprint,
    ImportedId,
    Line,
    Locale,
    Moment,
    ReconstructedId,
    ReleasedId,
    Sha256,
    VersionId,
    Zone,
)

FORMAT = 1
"""The version of this form."""

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
    unsigned: Line | None = Field(
        default=None, description="Why nobody signed it, though an entry before it is signed."
    )
    previous: Sha256 | None = Field(description="The SHA-256 of the entry before this one.")

    @model_validator(mode="after")
    def _signed_or_not(self) -> Self:
        if self.signer is not None and self.unsigned is not None:
            raise ValueError("an entry that is signed does not say why it is not")
        return self

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
    version: ReleasedId
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
    version: ReleasedId
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


class Original(_Model):
    """A document that was imported."""

    name: Line = Field(description="The name that its file had.")
    digest: Sha256


class Import(_Event):
    """A document from before the toolkit was taken in as it was; what is said of it is asserted."""

    kind: Literal["import"]
    version: ImportedId
    origin: Literal["imported"]
    claimed_date: Day | None = Field(description="Said to be in force from; null if unknown.")
    provenance: Line = Field(description="Where it comes from, as the one who imported it says.")
    locale: Locale
    files: dict[FilePath, Original] = Field(min_length=1, description="The documents as they were.")
    words: Sha256 | None = Field(
        description="The SHA-256 of the words extracted from it; null where it has no text."
    )
    tools: dict[str, str] = Field(description="The tools that extracted its text.")
    sums: Sha256 = Field(description="The SHA-256 of the version's SHA256SUMS.")
    corrects: ImportedId | None = Field(default=None, description="The import that it corrects.")
    repeats: ImportedId | None = Field(default=None, description="One with its document, too.")

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales that it has: one."""
        return (self.locale,)

    @property
    def digests(self) -> frozenset[str]:
        """The SHA-256 of its documents."""
        return frozenset(original.digest for original in self.files.values())

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.version


class Reconstruct(_Event):
    """What a commit from before there was an archive says, made into documents afterwards."""

    kind: Literal["reconstruct"]
    version: ReconstructedId
    origin: Literal["reconstructed"]
    revised: Day = Field(description="The day of the commit: the words were there from then on.")
    locales: dict[Locale, Said] = Field(min_length=1)
    source: CommitId = Field(description="The commit that it was rendered from.")
    tools: dict[str, str] = Field(description="The tools that made it, with their versions.")
    sums: Sha256 = Field(description="The SHA-256 of the version's SHA256SUMS.")

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.version


class Absence(_Event):
    """From a commit on, the repository did not have a brand's policy in some locales any more."""

    kind: Literal["absence"]
    locales: tuple[Locale, ...] = Field(min_length=1)
    on: Day = Field(description="The day of the commit: the policy was not there from then on.")
    source: CommitId = Field(description="A commit that does not have it.")

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.on.isoformat()


class Timestamp(_Event):
    """An authority proved that an entry, and so all before it, was there by then (RFC 3161)."""

    kind: Literal["timestamp"]
    entry: PositiveInt = Field(description="The number of the entry that is proven.")
    digest: Sha256 = Field(description="The SHA-256 of that entry.")
    time: Moment = Field(description="The moment that the authority's reply tells.")
    authority: Line = Field(description="Who made the reply, as it says.")
    reply: Sha256 = Field(description="The SHA-256 of the reply, in NAME.tsr.")

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.time.date().isoformat()


class Redact(_Event):
    """A file of a version was taken out of the archive; its hash stays in SHA256SUMS."""

    kind: Literal["redact"]
    version: VersionId
    file: FilePath = Field(description="Its path in the version's folder.")
    digest: Sha256 = Field(description="Its SHA-256.")
    reason: Line
    authority: Line = Field(description="Who ordered, or is entitled to, it.")

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.version


class Endorsed(_Model):
    """An entry that a later one endorses."""

    entry: PositiveInt = Field(description="Its number.")
    digest: Sha256 = Field(description="Its SHA-256.")


class Endorse(_Event):
    """Whoever signs this entry vouches for earlier ones that no key which may sign has signed."""

    kind: Literal["endorse"]
    entries: tuple[Endorsed, ...] = Field(min_length=1)
    reason: Line

    @property
    def about(self) -> str:  # noqa: D102 - see _Event
        return self.recorded_at.date().isoformat()

    def endorses(self, number: int, digest: str) -> bool:
        """Return whether it names the entry with a number and a SHA-256."""
        return any((each.entry, each.digest) == (number, digest) for each in self.entries)


Version = Release | Import | Reconstruct
"""An entry that has a folder of files."""
Entry = Version | Reschedule | Retire | Absence | Timestamp | Redact | Endorse
KINDS: dict[str, type[Entry]] = {
    "release": Release,
    "import": Import,
    "reconstruct": Reconstruct,
    "reschedule": Reschedule,
    "retire": Retire,
    "absence": Absence,
    "timestamp": Timestamp,
    "redact": Redact,
    "endorse": Endorse,
}
VERSIONS = ("release", "import", "reconstruct")
"""The kinds of entries that have a folder of files."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


_written = json.JSONEncoder(ensure_ascii=False).encode


def entry_bytes(entry: Entry) -> bytes:
    """Return an entry's file, in the one form that it can have: a line for each of its fields.

    `previous` is the last. A field with a default came later than the format: it is left out where
    it is unused, so that entries from before it keep their bytes.
    """
    said: dict[str, Any] = entry.model_dump(mode="json")
    for name, field in type(entry).model_fields.items():
        if not field.is_required() and getattr(entry, name) == field.default:
            del said[name]
    return form_bytes(said)


def form_bytes(said: Mapping[str, Any]) -> bytes:
    """Return the file that says what an entry says, whatever fields it has."""
    fields = {name: value for name, value in said.items() if name != "previous"}
    if "previous" in said:
        fields["previous"] = said["previous"]
    lines = (f' "{name}": {_written(value)}' for name, value in fields.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def field_names(kind: str) -> frozenset[str]:
    """Return the names of the fields that an entry of a kind may have."""
    return frozenset(KINDS[kind].model_fields)


def ending(previous: str | None) -> bytes:
    """Return how the file of an entry ends that follows the one with the SHA-256 `previous`."""
    return f' "previous": {json.dumps(previous)}\n}}\n'.encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
