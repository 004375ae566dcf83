"""The ledger's entries: what happened to a brand's versions, one JSON file each.

Entries are chained: each holds the SHA-256 of the one before it. Their form is versioned by
`FORMAT`; `publisher schema` writes it as a JSON Schema. An entry is never changed: later events are
new entries.

`read_entry` reads them, and as much as it can of those from a newer publisher. Entries grow: an
unknown kind or field is not damage, but only the publisher that wrote it knows its meaning.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from publisher.archive.fields import (
    CAPTURES,
    BrandId,
    CaptureId,
    Channel,
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
    Shown,
    VersionId,
    Zone,
    is_version,
)

FORMAT = 1
"""The version of this form."""

Change = Literal["first", "material", "editorial"]
"""How a version changes the policy."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Wording(_Model):
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
    _correction: ClassVar[tuple[Entry, Clock] | None] = None
    """The entry as written, and the one that corrects its clock: no part of the file's form."""

    @model_validator(mode="after")
    def _signed_or_not(self) -> Self:
        if self.signer is not None and self.unsigned is not None:
            raise ValueError("an entry that is signed does not say why it is not")
        return self

    @property
    def about(self) -> str:
        """What the entry's file is named after: a version's id, or a date."""
        return self.recorded_at.date().isoformat()

    @property
    def name(self) -> str:
        """The name of the entry's file."""
        return f"{self.sequence:04}-{self.kind}-{self.as_written.about}.json"

    @property
    def as_written(self) -> Self:
        """The entry as its file has it, which differs if its clock was corrected."""
        return cast("Self", self._correction[0] if self._correction is not None else self)

    @property
    def clock(self) -> Clock | None:
        """The entry that says that the clock was wrong with which this one was recorded."""
        return self._correction[1] if self._correction is not None else None

    def is_named(self, name: str) -> bool:
        """Return whether this is the name of the entry's file."""
        return name == self.name


class _OfVersion(_Event):
    """The first field of every entry on a version."""

    version: VersionId

    @property
    def about(self) -> str:
        """The id of the version."""
        return self.version


class Release(_OfVersion):
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
    locales: dict[Locale, Wording] = Field(min_length=1)
    source: CommitId = Field(description="The commit that it was rendered from.")
    summary: Line | None
    changes: dict[Locale, ClauseChanges] = Field(description="Since the version before.")
    approvals: tuple[Line, ...] = Field(description="Who approved it.")
    tools: dict[str, str] = Field(description="The tools that made it, with their versions.")
    sums: Sha256 = Field(description="The SHA-256 of the version's SHA256SUMS.")


class Reschedule(_OfVersion):
    """A version comes into force on another day."""

    kind: Literal["reschedule"]
    version: ReleasedId
    in_force_from: Day
    instead_of: Day
    reason: Line
    short_notice: Line | None


class Retire(_Event):
    """A brand's policy, or one locale of it, is no longer in force from a day on."""

    kind: Literal["retire"]
    locale: Locale | None
    on: Day
    reason: Line

    @property
    def about(self) -> str:
        """The day."""
        return self.on.isoformat()


class Original(_Model):
    """A document that was imported."""

    name: Line = Field(description="The name that its file had.")
    digest: Sha256


class Import(_OfVersion):
    """A document from before the toolkit was added as it was; everything about it is asserted."""

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
    repeats: ImportedId | None = Field(default=None, description="Another import of its document.")
    controller: Line | None = Field(
        default=None, description="The company behind the brand then, as the importer says."
    )
    notes: tuple[Line, ...] = Field(
        default=(), description="What the extracted text does not have, or has in another form."
    )

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales that it has: one."""
        return (self.locale,)

    @property
    def digests(self) -> frozenset[str]:
        """The SHA-256 of its documents."""
        return frozenset(original.digest for original in self.files.values())


class Reconstruct(_OfVersion):
    """The text of a commit from before the archive began, made into documents afterwards."""

    kind: Literal["reconstruct"]
    version: ReconstructedId
    origin: Literal["reconstructed"]
    revised: Day = Field(description="The day of the commit: the words were there from then on.")
    locales: dict[Locale, Wording] = Field(min_length=1)
    source: CommitId = Field(description="The commit that it was rendered from.")
    tools: dict[str, str] = Field(description="The tools that made it, with their versions.")
    sums: Sha256 = Field(description="The SHA-256 of the version's SHA256SUMS.")


class Absence(_Event):
    """From a commit on, the repository no longer had a brand's policy in some locales."""

    kind: Literal["absence"]
    locales: tuple[Locale, ...] = Field(min_length=1)
    on: Day = Field(description="The day of the commit: from then on, the policy was missing.")
    source: CommitId = Field(description="A commit that does not have it.")

    @property
    def about(self) -> str:
        """The day."""
        return self.on.isoformat()


class Timestamp(_Event):
    """An authority proved that an entry, and so all before it, existed at a time (RFC 3161)."""

    kind: Literal["timestamp"]
    entry: PositiveInt = Field(description="The number of the entry that is proven.")
    digest: Sha256 = Field(description="The SHA-256 of that entry.")
    time: Moment = Field(description="The time in the authority's reply.")
    authority: Line = Field(description="Who made the reply, as it says.")
    reply: Sha256 = Field(description="The SHA-256 of the reply, in NAME.tsr.")

    @property
    def about(self) -> str:
        """The day of that moment."""
        return self.time.date().isoformat()


class Redact(_OfVersion):
    """A file was removed from the archive; its hash stays in SHA256SUMS, or in its capture.

    For a file of a capture, `version` is the day of the capture.
    """

    kind: Literal["redact"]
    file: FilePath = Field(description="Its path in the version's folder, or captures/….")
    digest: Sha256 = Field(description="Its SHA-256.")
    reason: Line
    authority: Line = Field(description="Who ordered it, or is entitled to it.")

    @property
    def path(self) -> str:
        """The path of the file in the brand's archive."""
        captured = self.file.startswith(f"{CAPTURES}/")
        return self.file if captured else f"{self.version}/{self.file}"

    def concerns(self, version: str) -> bool:
        """Return whether it is about a file of a version."""
        return self.path.startswith(f"{version}/")


class Capture(_Event):
    """What a page on the web showed, if it differs from before."""

    kind: Literal["capture"]
    capture: CaptureId = Field(description="The folder with the page, in captures/.")
    locale: Locale
    url: Line
    shown: Shown
    version: VersionId = Field(description="The version that the page shows, or is nearest to.")
    record: Sha256 = Field(description="The SHA-256 of capture.json in the folder.")

    @property
    def about(self) -> str:
        """The day of the capture."""
        return self.capture[:10]


class Notified(_OfVersion):
    """Customers were told of a version. It names nobody.

    An entry has the total counts for one text, channel and list: a later entry on the same three
    replaces it.
    """

    kind: Literal["notice"]
    version: ReleasedId
    in_force_from: Day = Field(description="The day that the notice names.")
    channel: Channel
    texts: dict[Locale, Sha256] = Field(description="The SHA-256 of the message in each locale.")
    accepted: NonNegativeInt = Field(
        description="Messages that the relay, or the post, accepted; they may not have been read."
    )
    refused: NonNegativeInt
    bounced: NonNegativeInt = Field(description="Accepted first, and reported as undelivered.")
    first: Moment = Field(description="When the first message was sent.")
    last: Moment = Field(description="When the last message was sent.")
    recipients: Sha256 | None = Field(
        description="The SHA-256 over the sorted keyed digests of the addresses; null without list."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last message cannot be sent before the first")
        return self


class Endorsed(_Model):
    """An entry that a later one endorses."""

    entry: PositiveInt = Field(description="Its number.")
    digest: Sha256 = Field(description="Its SHA-256.")


class Endorse(_Event):
    """The signer of this entry vouches for earlier ones without a valid signature."""

    kind: Literal["endorse"]
    entries: tuple[Endorsed, ...] = Field(min_length=1)
    reason: Line

    def endorses(self, number: int, digest: str) -> bool:
        """Return whether it names the entry with a number and a SHA-256."""
        return Endorsed(entry=number, digest=digest) in self.entries


class RightTime(_Model):
    """When an earlier entry was really recorded."""

    entry: PositiveInt = Field(description="Its number.")
    digest: Sha256 = Field(description="Its SHA-256.")
    time: Moment = Field(description="When it was really recorded.")
    takes_effect: Day | None = Field(
        description="The right day of a release or a retirement; null if its day stays."
    )


class Clock(_Event):
    """The newest entries before it were recorded with a clock that was ahead."""

    kind: Literal["clock"]
    entries: tuple[RightTime, ...] = Field(min_length=1)
    reason: Line


Version = Release | Import | Reconstruct
"""An entry that has a folder of files."""
Entry = (
    Version
    | Reschedule
    | Retire
    | Absence
    | Timestamp
    | Redact
    | Endorse
    | Capture
    | Notified
    | Clock
)
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
    "capture": Capture,
    "notice": Notified,
    "clock": Clock,
}
VERSIONS = ("release", "import", "reconstruct")
"""The kinds of entries that have a folder of files."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(
    Annotated[Entry, Field(discriminator="kind")], config=ConfigDict(defer_build=True)
)


_written = json.JSONEncoder(ensure_ascii=False).encode


def entry_bytes(entry: Entry) -> bytes:
    """Return an entry's file, in the one form that it can have: a line for each of its fields.

    `previous` is the last. A field with a default is younger than the format: it is left out if it
    is unused, so that older entries keep their bytes.
    """
    fields: dict[str, Any] = entry.model_dump(mode="json")
    for name, default in _defaults(type(entry)):
        if getattr(entry, name) == default:
            del fields[name]
    return form_bytes(fields)


@cache
def _defaults(kind: type[Entry]) -> tuple[tuple[str, object], ...]:
    """Return the fields of a kind of entry that may be left out, with their defaults."""
    fields = kind.model_fields.items()
    return tuple((name, field.default) for name, field in fields if not field.is_required())


def form_bytes(fields: Mapping[str, Any]) -> bytes:
    """Return the file of an entry with these fields, known here or not."""
    names = [name for name in fields if name != "previous"]
    names += ["previous"] if "previous" in fields else []
    lines = [
        f' "{name}": {"null" if fields[name] is None else _written(fields[name])}' for name in names
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def field_names(kind: str) -> frozenset[str]:
    """Return the names of the fields that an entry of a kind may have."""
    return frozenset(KINDS[kind].model_fields)


def ending(previous: str | None) -> bytes:
    """Return the end of an entry's file, if the entry before it has the SHA-256 `previous`."""
    quoted = "null" if previous is None else f'"{previous}"'
    return f' "previous": {quoted}\n}}\n'.encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


# --- files ---

_NAME = re.compile(r"(?!.{252})([0-9]{4}|[1-9][0-9]{4,})-([a-z]+)-([a-z0-9.-]+)\.json")
"""The names of entries: file systems allow 255 characters, and attached files have four more."""


class Record(NamedTuple):
    """The file of an entry: its name and its bytes."""

    name: str
    data: bytes


class EntryName(NamedTuple):
    """The parts of the name of an entry's file."""

    sequence: int
    kind: str
    about: str


def entry_name(name: str) -> EntryName | None:
    """Return the parts of the name of an entry's file; None for a name that no entry has."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    number, kind, about = match.groups()
    if kind in KINDS and not is_version(about):
        return None
    return EntryName(int(number), kind, about)


# --- reading ---

_KIND = re.compile(rb'^ "kind": "([a-z]+)"', re.MULTILINE)
T = TypeVar("T")


def _if_readable(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValueError:
        return None


Readable = Annotated[T | None, WrapValidator(_if_readable)]
"""A field of a newer entry: None if it has a different form from today's."""


class Newer(BaseModel):
    """An entry of a newer publisher, as far as it can be read: it follows the entry before it.

    `unknown` says what was not understood. `known` is the rest, where only fields were added.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    sequence: PositiveInt
    kind: str
    brand: BrandId
    previous: Sha256 | None
    recorded_at: Readable[Moment] = None
    timezone: Readable[Zone] = None
    signer: Readable[Fingerprint] = None
    version: Readable[VersionId] = None
    sums: Readable[Sha256] = None
    unknown: str
    known: Entry | None

    def is_named(self, name: str) -> bool:
        """Return whether the entry's file has a name that the entry can have."""
        if self.known is not None:
            return self.known.name == name
        return name.startswith(f"{self.sequence:04}-{self.kind}-")


def read_entry(data: bytes) -> Entry | Newer:
    """Return the entry in a file; raises `ValueError` if the file has no valid entry.

    If only its format, its kind or a field is unknown, a newer publisher wrote it.
    """
    kind = _KIND.search(data)
    if kind is not None and kind[1].decode() in KINDS:  # most questions are about one kind
        with suppress(ValidationError):
            return KINDS[kind[1].decode()].model_validate_json(data)
    try:
        return ENTRY.validate_json(data)
    except ValidationError as fault:
        newer = _newer(data, fault)
        if newer is None:
            raise
        return newer


def _newer(data: bytes, fault: ValidationError) -> Newer | None:
    """Return the entry of a newer publisher, by what pydantic finds wrong; None for any other."""
    errors = fault.errors(include_url=False, include_context=False, include_input=False)
    kinds = {error["type"] for error in errors}
    fields = json.loads(data, object_pairs_hook=_once) if "json_invalid" not in kinds else None
    if not isinstance(fields, dict):
        return None
    format, kind, known = fields.get("format"), fields.get("kind"), None
    if type(format) is int and format > FORMAT:
        unknown = f"unknown format {format}"
    elif isinstance(kind, str) and kind not in KINDS:
        unknown = f"unknown kind '{kind}'"
    elif kinds == {"extra_forbidden"}:
        paths = [error["loc"][1:] for error in errors]
        unknown = "unknown field " + ", ".join(f"'{'.'.join(map(str, path))}'" for path in paths)
        known = ENTRY.validate_json(json.dumps(_without(fields, paths)))
    else:
        return None
    try:
        return Newer.model_validate(fields | {"unknown": unknown, "known": known})
    except ValidationError:
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; raises `ValueError` where two values have one name."""
    if len(fields := dict(pairs)) < len(pairs):
        raise ValueError("a name is there twice")
    return fields


def _without(fields: dict[str, Any], paths: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the fields of an entry without those at `paths`."""
    rest: dict[str, Any] = json.loads(json.dumps(fields))
    for *above, name in paths:
        inside: Any = rest
        for step in above:
            inside = inside[step]
        del inside[name]
    return rest


def newer_bytes(data: bytes) -> bytes:
    """Return the one form of the file of a newer entry, whatever fields it has."""
    return form_bytes(json.loads(data))
