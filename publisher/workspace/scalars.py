"""The types of values in YAML files: texts, ids, days; each explains what to write if it is wrong.

Scalars arrive as the text that was typed.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]
)


_EARLIEST = 1990
"""The first year that a policy can be of: the archive takes no day before."""


def _id(value: Any) -> Any:
    if isinstance(value, str) and value in RESERVED:
        raise ValueError("Windows reserves this name: choose another")
    return value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("write a date such as 2026-11-22")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day: write one that exists") from None
    if day.year < _EARLIEST:
        raise ValueError(f"write a day from {_EARLIEST} on")
    return day


def _days(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{0,2}", value):
        raise ValueError("write a number of days from 1 to 999")
    return int(value)


def _within(least: int, most: int) -> BeforeValidator:
    """Return a function that reads a whole number between two others."""

    def number(value: Any) -> Any:
        text = value if isinstance(value, str) and re.fullmatch(r"[1-9]\d{0,8}", value) else ""
        if not text or not least <= int(text) <= most:
            raise ValueError(f"write a number from {least} to {most}")
        return int(text)

    return BeforeValidator(number, json_schema_input_type=str | int)


def _host(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(
        r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", value
    ):
        raise ValueError("write the name of a server: smtp.example.com")
    return value


def _has_host(address: str) -> bool:
    """Return whether programs can tell the host and the port of an address."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _page_address(value: Any) -> Any:
    sound = isinstance(value, str) and re.fullmatch(r"https://[^\s<>\"'?#@]+", value)
    if not sound or not _has_host(value):
        raise ValueError("write an address such as https://example.com/privacy/")
    return value


_WEB_FOLDER = re.compile(
    r"https?://[^\s\x00-\x1f\ud800-\udfff/:<>\"'?#@\[\]{};\\$*]+(:\d{1,5})?"
    r"(/[^\s\x00-\x1f\ud800-\udfff<>\"'?#@{};\\$*]*)?"
)
"""The address of a folder: nothing in it may have a meaning in the files that hosts read."""


def is_web_folder(address: str) -> bool:
    """Return whether a text is the address of a folder on the web."""
    return bool(_WEB_FOLDER.fullmatch(address)) and _has_host(address)


def _folder_address(value: Any) -> Any:
    if not is_web_folder(str(_page_address(value))):
        raise ValueError("write an address such as https://example.com/privacy/")
    if not value.endswith("/"):
        raise ValueError("end it with a slash: it is the address of a folder")
    return value


def distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return values; raises `ValueError` if one occurs twice."""
    twice = next((value for at, value in enumerate(values) if value in values[:at]), None)
    if twice is not None:
        raise ValueError(f"'{twice}' appears twice: delete one")
    return values


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime"}  # of the machine, each its own


def _zone(value: Any) -> Any:
    if not isinstance(value, str) or value not in _zones():
        raise ValueError("write a time zone such as Europe/Brussels")
    return value


# An editor takes 30 for a number; here it is the text that was typed.
_TYPED = WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1})
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _TYPED]
Branch = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64),
    BeforeValidator(_id),
]
LOCALE = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")
Locale = Annotated[
    str,
    StringConstraints(pattern=LOCALE.pattern),
    Field(description="A BCP 47 language tag: en, nl-BE."),
]
Domain = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
Mailbox = Annotated[str, StringConstraints(pattern=r"^[^\s@<>,;:%]+@[^\s@<>,;%]+\.[^\s@<>,;%]+$")]
FORM = "https://"
"""The beginning of the address of a web form."""
MAILBOX = "mailto:"
"""The beginning of a link to a mailbox."""
Contact = Annotated[
    str,
    StringConstraints(
        pattern=r"^([^\s@<>,;:%]+@[^\s@<>,;%]+\.[^\s@<>,;%]+"
        r"|https://([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(:[0-9]+)?([/?#][A-Za-z0-9/?#&=%+._~!$'()*,;:@-]*)?)$"
    ),
    Field(description="The mailbox for privacy questions, or the address of a web form."),
]
PageAddress = Annotated[str, BeforeValidator(_page_address)]
FolderAddress = Annotated[str, BeforeValidator(_folder_address)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Days = Annotated[int, BeforeValidator(_days, json_schema_input_type=str | int)]
Port = Annotated[int, _within(1, 65_535)]
Number = Annotated[int, _within(1, 1_000_000)]
Host = Annotated[str, BeforeValidator(_host)]
Zone = Annotated[str, BeforeValidator(_zone, json_schema_input_type=str)]
Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}$"),
    Field(description="A country in two letters, as in ISO 3166: BE."),
]
T = TypeVar("T")
Several = Annotated[tuple[T, ...], AfterValidator(distinct)]
"""Values, all different."""
Localised = Word | dict[Locale, Word]
"""The same text in every locale, or one for each."""


Audience = Literal["businesses", "consumers", "employees", "applicants", "visitors"]
"""The kinds of people that a policy can be for."""


def link_to(contact: str) -> str:
    """Return the target of a link to a `Contact`: its mailbox, or its form.

    A contact of the past may be such a target itself.
    """
    return contact if contact.startswith((FORM, MAILBOX)) else f"{MAILBOX}{contact}"


class Model(BaseModel):
    """The base of all mappings in YAML files: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def explained(description: str, default: Any = None) -> Any:
    """Return a field that may be left out, with the words in which an editor explains it."""
    return Field(default=default, description=description)
