"""Text that YAML reads differently: it vanishes, or gets quotation marks.

YAML takes everything after a value and a ``#`` for a comment. Quotation marks that a word processor
writes in place of straight ones are part of the value.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from pydantic import BaseModel, TypeAdapter

from publisher.problem import Problem, error
from publisher.workspace.facts import (
    Brand,
    BrandIdentity,
    Company,
    Controller,
    FrontMatter,
    Outline,
    Processors,
    Purposes,
    RetentionPeriods,
    Rights,
)
from publisher.workspace.parsed import Document, Parsed, Where, Workspace
from publisher.workspace.scalars import Word

SHOWN = 40
"""The most characters of a comment that are shown."""
_TEXT = TypeAdapter(Word).json_schema()["type"]
"""The type by which a schema marks a field of free text."""


def vanished_texts(workspace: Workspace, among: Collection[str] | None = None) -> Iterator[Problem]:
    """Yield an error for each comment after a text without quotes, which may be part of it.

    It also yields one for each text in quotation marks that YAML takes for part of the text. Only
    free text counts, not ids, dates, domains and the like. `among` are the paths of the files to
    check, None for all. A workspace with such a text still loads, so that old commits keep their
    words.
    """
    for path, model, document in _documents(workspace):
        if among is None or path in among:
            yield from _vanished(path, model, document)


def vanished_in(file: Parsed[Any], model: type[BaseModel]) -> Iterator[Problem]:
    """Yield the same for one file."""
    yield from _vanished(file.path, model, file.document)


def _documents(workspace: Workspace) -> Iterator[tuple[str, type[BaseModel], Document]]:
    models: tuple[type[BaseModel], ...] = (
        *(Company, Outline, Processors, RetentionPeriods, Rights, Purposes),
    )
    yield from (
        (file.path, model, file.document)
        for file, model in zip(workspace.shared, models, strict=True)
    )
    yield from ((one.path, Controller, one.document) for one in workspace.companies.values())
    yield from ((brand.path, Brand, brand.document) for brand in workspace.brands.values())
    yield from ((brand.path, BrandIdentity, brand.document) for brand in workspace.identities)
    for clause in workspace.clauses.values():
        if clause.value is not None:
            yield clause.path, FrontMatter, clause.value.front


def _vanished(path: str, model: type[BaseModel], document: Document) -> Iterator[Problem]:
    if not (document.comments or document.marked):
        return
    schema = _schema(model)
    for where, value in _texts(schema, schema["$defs"], document.value):
        if where in document.comments:
            line, comment = document.comments[where]
            yield _problem(path, where, value, line, comment)
        if where in document.marked and value is not None:
            message = f"'{_named(where)}' has quotation marks that would be shown: {value}"
            straight, whole = (
                json.dumps(text, ensure_ascii=False) for text in (value[1:-1], value)
            )
            fix = f"write {straight}; to show the marks, write {whole}"
            yield error("quotes", path, document.line(where), message, fix)


def _named(where: Where) -> str:
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in where)


def _problem(path: str, where: Where, value: str | None, line: int, comment: str) -> Problem:
    name = _named(where)
    shown = comment if len(comment) <= SHOWN else f"{comment[: SHOWN - 1]}…"
    message = f"'{name}' loses '{shown}': after a space, # begins a comment"
    whole = json.dumps(" ".join(filter(None, (value, comment))), ensure_ascii=False)
    fix = f"put the text in quotes ({whole}), or the comment on a line of its own above it"
    return error("comment", path, line, message, fix)


@lru_cache
def _schema(model: type[BaseModel]) -> Any:
    return {"$defs": {}, **model.model_json_schema()}


def _texts(schema: Any, known: Any, value: Any) -> Iterator[tuple[Where, str | None]]:
    """Yield the places of free text in a value, and the texts; None for an empty one."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        yield from _texts(option, known, value)
    if isinstance(value, dict):
        inside = ((key, _of(schema, key), inner) for key, inner in value.items())
    elif isinstance(value, list):
        inside = ((at, schema.get("items"), inner) for at, inner in enumerate(value))
    else:
        if schema.get("type") == _TEXT:
            yield (), value
        return
    for key, kind, inner in inside:
        if kind is not None:
            yield from (((key, *where), text) for where, text in _texts(kind, known, inner))


def _of(schema: Any, key: str) -> Any:
    """Return the schema of a key in a mapping, or None."""
    others = chain(schema.get("patternProperties", {}).values(), (None,))
    return schema.get("properties", {}).get(key) or next(others)
