"""``publisher schema``: JSON Schemas of every YAML file, for editors and CI."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from publisher.model.facts import (
    Brand,
    Company,
    FrontMatter,
    Outline,
    Processors,
    RetentionPeriods,
    Rights,
)
from publisher.output import write_folder

SCHEMAS: dict[str, type[BaseModel]] = {
    "brand": Brand,
    "clause": FrontMatter,
    "company": Company,
    "policy": Outline,
    "processors": Processors,
    "retention": RetentionPeriods,
    "rights": Rights,
}
"""The schemas by name; `clause` is that of a clause's front matter."""


def schemas() -> dict[str, bytes]:
    """Return the schemas (JSON Schema 2020-12) by file name."""
    return {f"{name}.json": _schema(model) for name, model in SCHEMAS.items()}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the schemas into `folder`; return where they lie."""
    files = schemas()
    write_folder(folder, files)
    return tuple(folder / name for name in files)


def _schema(model: type[BaseModel]) -> bytes:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(),
    }
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()
