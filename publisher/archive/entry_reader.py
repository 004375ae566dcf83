"""Reads a ledger's entries: those of this publisher, and what can be read of a newer one's.

Entries grow, and old ones never change. A kind or a field that is not known here is no damage; what
it means, only the publisher that wrote it can say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    PositiveInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from publisher.archive.entries import ENTRY, FORMAT, KINDS, Entry, form_bytes
from publisher.archive.fields import BrandId, Fingerprint, Moment, Sha256, VersionId, Zone

T = TypeVar("T")


def _if_readable(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValueError:
        return None


Readable = Annotated[T | None, WrapValidator(_if_readable)]
"""A field of a newer entry: None where it has another form than today's."""


class Newer(BaseModel):
    """An entry of a newer publisher, as far as it can be read: it follows the entry before it.

    `unknown` says what is not understood. `known` is the rest of it, where only fields were added.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

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
    """Return what an entry's file says; raises `ValueError` for one that is no entry.

    Where all that is wrong is that its format, its kind or a field of it is not known here, a newer
    publisher has written it.
    """
    try:
        return ENTRY.validate_json(data)
    except ValidationError as fault:
        newer = _newer(data, fault)
        if newer is None:
            raise
        return newer


def _newer(data: bytes, fault: ValidationError) -> Newer | None:
    """Return an entry of a newer publisher, by what is wrong with it here; None for any other."""
    errors = fault.errors(include_url=False, include_context=False, include_input=False)
    kinds = {error["type"] for error in errors}
    said = json.loads(data) if "json_invalid" not in kinds else None
    if not isinstance(said, dict):
        return None
    format, kind, known = said.get("format"), said.get("kind"), None
    if type(format) is int and format > FORMAT:
        unknown = f"unknown format {format}"
    elif isinstance(kind, str) and kind not in KINDS:
        unknown = f"unknown kind '{kind}'"
    elif kinds == {"extra_forbidden"}:
        paths = [error["loc"][1:] for error in errors]
        unknown = "unknown field " + ", ".join(f"'{'.'.join(map(str, path))}'" for path in paths)
        known = ENTRY.validate_json(json.dumps(_without(said, paths)))
    else:
        return None
    try:
        return Newer.model_validate(said | {"unknown": unknown, "known": known})
    except ValidationError:
        return None


def _without(said: dict[str, Any], paths: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return what an entry says without the fields at `paths`."""
    rest: dict[str, Any] = json.loads(json.dumps(said))
    for *above, name in paths:
        inside: Any = rest
        for step in above:
            inside = inside[step]
        del inside[name]
    return rest


def newer_bytes(data: bytes) -> bytes:
    """Return the one form of the file of a newer entry, whatever fields it has."""
    return form_bytes(json.loads(data))
