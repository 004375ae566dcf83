"""How results become JSON: by forms, which have published schemas, read from the results."""

from __future__ import annotations

import json as stdlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from publisher.cli.terminal import line

_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that steer a terminal, break lines or turn text round, and may be raw in JSON."""


class Form(BaseModel):
    """The JSON of a value: its fields have the values of the attributes with the same names."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, defer_build=True)


def of(path: str, **how: Any) -> Any:
    """Return a field that has the value of an attribute by another name: ``version.origin``."""
    return Field(validation_alias=AliasPath(*path.split(".")), **how)


def named(*names: str) -> BeforeValidator:
    """Let a tuple be an object with a name for each of its values."""
    return BeforeValidator(lambda value: value and dict(zip(names, value, strict=True)))


def derived(by: Callable[[Any], object]) -> BeforeValidator:
    """Let a value be the result of a function; None stays None."""
    return BeforeValidator(lambda value: None if value is None else by(value))


Moment = Annotated[
    str, BeforeValidator(datetime.isoformat), Field(json_schema_extra={"format": "date-time"})
]
Names = Annotated[tuple[str, ...], BeforeValidator(tuple)]


def text(form: Any, value: object) -> str:
    """Return a value as JSON of a form, which is any type that pydantic knows."""
    adapter = TypeAdapter(form)
    plain = adapter.dump_python(adapter.validate_python(value, from_attributes=True), mode="json")
    return _UNSEEN.sub(_escaped, stdlib.dumps(plain, ensure_ascii=False, indent=2))


def _escaped(character: re.Match[str]) -> str:
    return f"\\u{ord(character[0]):04x}"


def print_json(form: Any, value: object | Iterable[object]) -> None:
    """Print a value as JSON of a form."""
    line(text(form, value))
