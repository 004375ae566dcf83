"""The JSON Schemas of the workspace's YAML files, which explain each key in an editor."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from publisher.workspace.facts import (
    Accepted,
    Brand,
    Company,
    Controller,
    FrontMatter,
    Mail,
    Outline,
    Processors,
    Purposes,
    RetentionPeriods,
    Rights,
    Texts,
)

SCHEMAS: dict[str, type[BaseModel]] = {
    "accepted": Accepted,
    "brand": Brand,
    "clause": FrontMatter,
    "company": Company,
    "controller": Controller,
    "labels": Texts,
    "mail": Mail,
    "policy": Outline,
    "processors": Processors,
    "purposes": Purposes,
    "retention": RetentionPeriods,
    "rights": Rights,
}
"""The schemas by name; `clause` is that of a clause's front matter."""


def schema_document(schema: dict[str, Any]) -> bytes:
    """Return a schema as a file (JSON Schema 2020-12)."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
