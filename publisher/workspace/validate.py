"""A YAML document → a model, or problems that say what to write instead."""

from __future__ import annotations

import re
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from publisher.errors import did_you_mean
from publisher.problem import Problem, error
from publisher.workspace.parsed import Document, Where

M = TypeVar("M", bound=BaseModel)

_MAPPING = ("is not a mapping", "write lines of `name: value`")
_EMPTY = ("is empty", "fill it in")
_EXPECTED = {
    "string_type": ("is not text", "write text"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "tuple_type": ("is not a list", "write lines that start with `- `"),
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
}


def validate(path: str, model: type[M], document: Document) -> tuple[M | None, tuple[Problem, ...]]:
    """Return `document` as a `model`, or None and all its problems."""
    try:
        return model.model_validate(document.value), ()
    except ValidationError as fault:
        details = fault.errors(include_url=False, include_context=True, include_input=True)
    problems: dict[Where, Problem] = {}
    for where, detail in _meant([_placed(detail, document) for detail in details]):
        if detail["type"] == "missing" and where in document.lines:
            continue  # it exists, and has a problem of its own
        problems.setdefault(where, _problem(path, model, document, where, detail))
    return None, tuple(problems.values())


def _meant(details: list[tuple[Where, Any]]) -> list[tuple[Where, Any]]:
    """Leave out a union's errors "is not of that kind" if a deeper error says more."""
    return [
        (where, detail)
        for where, detail in details
        if detail["type"] not in _EXPECTED
        or not any(len(w) > len(where) and w[: len(where)] == where for w, _ in details)
    ]


def _placed(detail: Any, document: Document) -> tuple[Where, Any]:
    where = _where(detail["loc"], document)
    return ((*where, detail["loc"][-1]) if detail["type"] == "missing" else where), detail


def _where(loc: tuple[str | int, ...], document: Document) -> Where:
    """Return the place in the document that pydantic means: `loc` without its names of types."""
    where: Where = ()
    value = document.value
    for part in loc:
        try:
            value = value[part]
        except (IndexError, KeyError, TypeError):
            continue
        where = (*where, part)
    return where


def _problem(
    path: str, model: type[BaseModel], document: Document, where: Where, detail: Any
) -> Problem:
    name = ".".join(str(part + 1 if isinstance(part, int) else part) for part in where)
    line = document.line(where)
    match detail["type"]:
        case "extra_forbidden":
            known = _fields(model, where[:-1])
            fix = did_you_mean(str(where[-1]), known) or f"known here: {', '.join(known)}"
            return error("unknown-key", path, line, f"unknown key '{name}'", fix)
        case "missing" if where[-1] == "unconfirmed" and "value" in detail["input"]:
            name = ".".join(str(part) for part in where[:-1])
            fix = "add `unconfirmed:` with the question, or, if the value is confirmed, write it "
            fix += f"behind `{where[-2]}:`"
            message = f"'{name}' has a `value` but no question"
            return error("missing-key", path, line, message, fix)
        case "missing":
            return error("missing-key", path, line, f"'{name}' is missing", "add it")
    if detail["input"] is None:
        if not name:
            fix = "fill it in; a registry without entries is written `{}`"
            return error("no-value", path, line, "is empty", fix)
        fix = "fill it in (with quotes, if it starts with #), or delete the line if it is optional"
        return error("no-value", path, line, f"'{name}' has no value", fix)
    message, fix = _advice(detail)
    return error("value", path, line, f"'{name}' {message}" if name else message, fix)


def _advice(detail: Any) -> tuple[str, str]:
    """Return the fault of a value, and what to write instead."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_type" and isinstance(detail["input"], dict):
        return "is not text", "write text; put a text with a colon and a space in quotes"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind == "literal_error":
        names = re.findall(r"'([^']*)'", context["expected"])
        near = did_you_mean(str(detail["input"]), names) if len(names) > 4 else ""
        return f"is '{detail['input']}'", near or f"write {context['expected']}"
    if kind == "value_error":
        shown = f"is '{detail['input']}'" if isinstance(detail["input"], str) else "is not right"
        return shown, str(context["error"])
    if kind == "string_pattern_mismatch":
        return f"is '{detail['input']}'", _form(context["pattern"])
    return str(detail["msg"]), "fix the value"


def _form(pattern: str) -> str:
    if pattern.startswith("^#"):
        return "write a colour as # and six digits 0-9, a-f: '#1f4e79'"
    if "https" in pattern:
        example = "privacy@example.com, or https://example.com/contact for a web form"
        return f"write an e-mail address: {example}"
    if "@" in pattern:
        return "write an e-mail address: privacy@example.com"
    if r"\." in pattern:
        return "write a domain without scheme and path: example.com"
    if pattern == "^[A-Z]{2}$":
        return "write a country in two capital letters: BE"
    if "{8}" in pattern:
        return "write the eight digits that `publisher check` prints after the rule"
    if "A-Z" in pattern:
        return "write a language tag: en, nl-BE"
    return "use lower-case letters, digits and single hyphens: who-we-are"


def _fields(model: Any, where: Where) -> list[str]:
    """Return the keys that `model` knows at `where`."""
    for part in where:
        model = _inner(model, part)
    known: list[str] = []
    for kind in _models(model):
        known += list(kind.model_fields)
    return sorted(known)


def _inner(model: Any, part: str | int) -> Any:
    for kind in _models(model):
        if issubclass(kind, RootModel):
            return _inner(kind.model_fields["root"].annotation, part)
        if part in kind.model_fields:
            return kind.model_fields[str(part)].annotation
    for argument in _parts(model):
        if typing.get_origin(argument) is dict:
            return typing.get_args(argument)[1]
        if typing.get_origin(argument) is tuple:
            return typing.get_args(argument)[0]
    return None


def _parts(annotation: Any) -> list[Any]:
    """Return the alternatives of a union; any other type is its own only alternative."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _parts(typing.get_args(annotation)[0])
    if origin in (dict, tuple) or not typing.get_args(annotation):
        return [annotation]
    return [part for argument in typing.get_args(annotation) for part in _parts(argument)]


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [p for p in _parts(annotation) if isinstance(p, type) and issubclass(p, BaseModel)]
