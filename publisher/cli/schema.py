"""``publisher schema``: JSON Schemas of every YAML file, ledgers' entries, redlines and JSON.

It also writes a file of the English labels, which a company can translate into a language of its
own.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from publisher.archive.entries import ENTRY, FORMAT
from publisher.cli import archive_json, notices_json, policies_json, site_json
from publisher.files.output import write_files
from publisher.redline.views.json import FORMAT as REDLINE
from publisher.redline.views.json import RedlineForm
from publisher.render.own_texts import english_file
from publisher.site.versions_file import FORMAT as SITE
from publisher.site.versions_file import SiteListed
from publisher.workspace.schemas import SCHEMAS, schema_document


def schemas() -> dict[str, bytes]:
    """Return the schemas (JSON Schema 2020-12) by file name."""
    named = {f"{name}.json": model.model_json_schema() for name, model in SCHEMAS.items()}
    named[f"ledger-entry-{FORMAT}.json"] = {
        "title": "An entry of the ledger",
        **ENTRY.json_schema(mode="serialization"),
    }
    redline = RedlineForm.model_json_schema(mode="serialization")
    named[f"redline-{REDLINE}.json"] = {**redline, "title": "A redline"}
    listed = SiteListed.model_json_schema(mode="serialization")
    named[f"site-versions-{SITE}.json"] = {**listed, "title": "versions.json of a brand's site"}
    rooms = (archive_json, notices_json, policies_json, site_json)
    for name, form in (pair for room in rooms for pair in room.OUTPUTS.items()):
        schema = TypeAdapter(form).json_schema(mode="serialization")
        command = name.replace("notices-", "notices ")
        title = f"What `publisher {command} --json` prints"
        named[f"{name}-output.json"] = {**schema, "title": title}
    return {name: schema_document(schema) for name, schema in named.items()}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the schemas, and the English labels, into `folder`; return their paths."""
    return write_files(folder, {**schemas(), "labels-en.yaml": english_file()})
