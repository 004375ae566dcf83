"""What publisher depends on and bundles: `scripts/supplies.py licences | bom | audit`.

`licences` writes docs/licences.md; `bom` prints a bill of materials (CycloneDX 1.6); `audit` asks
OSV, a database of advisories, about each pinned version: it ends with 1 if there are any, and with
4 if the database cannot be reached. Licences come from the metadata of what is installed.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import urllib.request
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
OSV = "https://api.osv.dev/v1/querybatch"
SECONDS = 20
BUNDLED = (
    ("Noto Sans", "OFL-1.1", "publisher/data/fonts/OFL.txt"),
    ("Publisher fonts (parts of Noto fonts)", "OFL-1.1", "publisher/data/fonts/OFL-Publisher.txt"),
)
"""What the wheel has of others: name, licence, and the file with its text."""
_PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
_TROVE = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Supply:
    """A package of requirements.lock."""

    name: str
    version: str
    licence: str

    @property
    def purl(self) -> str:
        """The package's URL."""
        return f"pkg:pypi/{self.name.lower().replace('_', '-')}@{self.version}"


def supplies() -> list[Supply]:
    """Return what requirements.lock pins, with licences as far as it is installed here."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [Supply(name, version, licence_of(name)) for name, version in _PINNED.findall(text)]


def licence_of(name: str) -> str:
    """Return the licence in the metadata of a package; a note where it is not installed."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return "not needed on this platform"
    trove = [t.removeprefix(_TROVE) for t in about.get_all("Classifier") or () if _TROVE in t]
    text = (about.get("License") or "").strip()
    short = text if text and "\n" not in text and len(text) < 60 else ""
    return about.get("License-Expression") or short or " or ".join(trove) or "see its files"


def licences() -> str:
    """Return the page of licences."""
    rows = [f"| {s.name} | {s.licence} |" for s in supplies()]
    bundled = [f"| {name} | {licence} | `{file}` |" for name, licence, file in BUNDLED]
    return "\n".join(
        [
            "# Licences",
            "",
            "Publisher is under the Apache License 2.0. `make licences` writes this page.",
            "",
            "## What the wheel contains",
            "",
            "| what | licence | text |",
            "| --- | --- | --- |",
            *bundled,
            "",
            "## What it depends on",
            "",
            "As each package's own metadata has it; `requirements.lock` has the versions.",
            "",
            "| package | licence |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


def bom() -> dict[str, Any]:
    """Return the bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = {
        "type": "application",
        "bom-ref": "publisher",
        "name": project["name"],
        "version": metadata(project["name"])["Version"],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    packages = [
        {
            "type": "library",
            "bom-ref": supply.purl,
            "name": supply.name,
            "version": supply.version,
            "purl": supply.purl,
            "licenses": [{"license": {"name": supply.licence}}],
        }
        for supply in supplies()
    ]
    fonts = [
        {
            "type": "file",
            "bom-ref": file,
            "name": name,
            "licenses": [{"license": {"id": licence}}],
        }
        for name, licence, file in BUNDLED
    ]
    parts = [*packages, *fonts]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": parts,
        "dependencies": [{"ref": "publisher", "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def audit(url: str = OSV) -> int:
    """Print the advisories on what is pinned; return the exit code."""
    pinned = supplies()
    question = {"queries": [{"package": {"purl": supply.purl}} for supply in pinned]}
    request = urllib.request.Request(  # noqa: S310 - it is https
        url, json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            results = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as fault:
        why = getattr(fault, "reason", fault)
        sys.stderr.write(f"nothing was audited: {url} cannot be reached ({why})\n")
        return 4
    known = [
        f"{supply.name} {supply.version}: {advisory['id']}"
        for supply, result in zip(pinned, results, strict=True)
        for advisory in result.get("vulns", ())
    ]
    sys.stdout.write(("\n".join(known) or f"no advisory on {len(pinned)} packages") + "\n")
    return 1 if known else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["licences"]:
            (ROOT / "docs/licences.md").write_text(licences(), encoding="utf-8")
        case ["bom"]:
            sys.stdout.write(json.dumps(bom(), indent=2) + "\n")
        case ["audit"]:
            sys.exit(audit())
        case _:
            sys.exit(__doc__)
