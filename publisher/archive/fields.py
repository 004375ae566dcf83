"""Where a ledger's entries lie, and their fields: the form of each kind of text, day and number."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

from publisher.policy.characters import forbidden

EARLIEST, LATEST = 1990, 9000
"""The years that days may be in."""
UNKNOWN = "unknown"
"""What is in the id of a version for a day that nobody knows."""
Suffix = Literal["", "-imported", "-reconstructed"]
"""How the id of a version ends that was not released."""

_DAY = r"(\d{4}-\d\d-\d\d|unknown)"
_CAPTURE = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_VERSION = re.compile(rf"{_DAY}(?:\.([2-9]|[1-9]\d+))?(-imported|-reconstructed)?")
_NUMBER = re.compile("[0-9]{1,255}(?=-|$)")
_PLAIN = re.compile("(199[0-9]|[2-8][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
"""Most ids of versions: a day that each month has."""


def _in_range(value: date) -> date:
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError("the year is not one that a policy can be of")
    return value


def _version_id(value: str) -> str:
    match = _VERSION.fullmatch(value)
    if match is None:
        raise ValueError("a version's id begins with its day, such as 2026-11-22")
    if match[1] != UNKNOWN:
        _in_range(date.fromisoformat(match[1]))
    elif match[3] != "-imported":
        raise ValueError("only an imported version can be of an unknown day")
    return value


def _id_with(suffix: Suffix, rule: str) -> AfterValidator:
    """Return a check that the id of a version has a suffix; `rule` is its message."""

    def check(value: str) -> str:
        match = _VERSION.fullmatch(_version_id(value))
        if match is None or (match[3] or "") != suffix:
            raise ValueError(rule)
        return value

    return AfterValidator(check)


def _inside(value: str) -> str:
    parts = value.split("/")
    if len(parts) < 2 or not all(map(is_file_name, parts)):
        raise ValueError("a file of a version is in the folder of its locale: en/policy.pdf")
    return value


def _file_name(value: str) -> str:
    if not is_file_name(value):
        raise ValueError("a file of a capture is in its folder: page.html")
    return value


def _capture_id(value: str) -> str:
    if not _CAPTURE.fullmatch(value):
        raise ValueError("a capture's id is its moment, in UTC, and its locale")
    _in_range(date.fromisoformat(value[:10]))
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"the time zone '{value}' is not known on this machine") from None
    return value


def _zoned(value: datetime) -> datetime:
    _in_range(value)
    if value.tzinfo is None:
        raise ValueError("a moment has its distance from UTC: 2026-11-22T10:00:00+01:00")
    return value


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CommitId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
BrandId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]
VersionId = Annotated[str, AfterValidator(_version_id)]
ReleasedId = Annotated[
    str, _id_with("", "a version's id is its day of publication, such as 2026-11-22")
]
ImportedId = Annotated[
    str, _id_with("-imported", "the id of an imported version ends in -imported")
]
ReconstructedId = Annotated[
    str, _id_with("-reconstructed", "the id of a reconstructed version ends in -reconstructed")
]
CaptureId = Annotated[str, AfterValidator(_capture_id)]
"""The name of a capture's folder: 2026-11-22T090000Z-en."""
CAPTURES = "captures"
"""The folder, in a brand's archive, of what pages on the web showed."""
Shown = Literal["in-force", "another-version", "other-words"]
"""What a page on the web shows: the version in force, another one, or neither word for word."""
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""How customers are told: mail, post, webhook."""
Moment = Annotated[datetime, AfterValidator(_zoned)]
Day = Annotated[date, AfterValidator(_in_range)]
Zone = Annotated[str, AfterValidator(_zone)]
Line = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$")]
"""Text on one line."""
FilePath = Annotated[str, AfterValidator(_inside)]
"""The path of a file in the folder of its version."""
FileName = Annotated[str, AfterValidator(_file_name)]
"""The name of a file in the folder of its capture."""
Fingerprint = Annotated[str, StringConstraints(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]


def is_line(text: str) -> bool:
    """Return whether a text may be in an entry: one line of visible characters."""
    return bool(re.fullmatch(r"\S(.*\S)?", text)) and not forbidden("", text)


def is_file_name(text: str) -> bool:
    """Return whether a text may name a file, and nothing outside the file's folder."""
    return text not in ("", ".", "..") and "/" not in text and not forbidden("", text)


def is_version(text: str) -> bool:
    """Return whether a text has the form of a version's id."""
    if _PLAIN.fullmatch(text):
        return True
    try:
        return bool(_version_id(text))
    except ValueError:
        return False


def published_on(version: str) -> date:
    """Return the day on which a released version was published, as its id says."""
    return date.fromisoformat(version[:10])


def next_version(day: date | None, taken: frozenset[str], suffix: Suffix = "") -> str:
    """Return the id of a version of a day, or of an unknown one, where others may be `taken`."""
    begins = day.isoformat() if day is not None else UNKNOWN
    number = 2
    version = f"{begins}{suffix}"
    while version in taken:
        version = f"{begins}.{number}{suffix}"
        number += 1
    return version


def ledger_folder(brand: str) -> str:
    """Return the path of a brand's ledger."""
    return f"versions/{brand}/ledger"


def by_number(name: str) -> tuple[int, str]:
    """Return the key that sorts the names of entries: 10000 after 9999."""
    number = _NUMBER.match(name)
    return (int(number[0]) if number is not None else 0, name)
