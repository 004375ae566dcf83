"""The plan of the house holds: who may import whom, and what may be a module of its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "publisher"
MODULES = sorted(PACKAGE.rglob("*.py"))

SMALL = 150
"""Below so many lines, a module that one other of its room alone imports is a part of that one."""

EQUALS = {
    "cli/": "a group of commands each, and what it prints, which is loaded when it is printed",
    "checks/": "a family of rules each",
    "intake/markdown.py": "a reader for each format",
    "intake/pdf/read.py": "a reader for each format",
    "archive/verify/": "a step of verifying each",
    "archive/evidence/letter.py": "in the plan: a bundle's letter",
    "render/conformance.py": "in the plan: what two standards ask of a PDF",
    "render/weasyprint_patches.py": "in the plan: all that is changed in WeasyPrint",
}
"""Modules, and folders, of which each is one in a row of equals, or is in the plan by its name."""

EXCEPTIONS = {
    "compose/heading_links.py": "a rule of its own about what an author means by a link",
    "compose/terms.py": "what the toolkit itself writes into a policy, per locale",
}
"""Small modules that one other imports all the same; at most 15, each with its reason."""

SAME_NAME = {
    "__init__": "what a room is",
    "compare": "policies compared: as a redline, and as the commands",
    "json": "JSON: of a policy, of a redline",
    "markdown": "Markdown: read, or written",
    "page": "a page of HTML: of a policy, of a redline",
    "site": "the commands, and the room's own",
    "values": "the frozen values of a room",
}
"""Names that files of several rooms have, and what kind of thing they are in each."""


def test_data_flows_one_way_and_each_library_has_one_home() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_is_laid_out_by_ruff(path: Path) -> None:
    text = path.read_text()
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    assert "# fmt: skip" not in text


def test_a_small_part_of_one_module_is_no_module() -> None:
    importers = _importers()
    small = {
        name: users
        for name, users in importers.items()
        if (PACKAGE / name).read_text().count("\n") < SMALL
        and len(users) == 1
        and Path(name).stem != "__init__"
        and {name.split("/")[0]} == {user.split("/")[0] for user in users}
        and not any(name.startswith(equal) for equal in EQUALS)
    }
    assert small.keys() == EXCEPTIONS.keys(), small
    assert len(EXCEPTIONS) <= 15


def test_a_name_means_one_kind_of_thing() -> None:
    rooms = defaultdict(list)
    for path in MODULES:
        rooms[path.stem].append(str(path.relative_to(PACKAGE)))
    assert {name for name, paths in rooms.items() if len(paths) > 1} == SAME_NAME.keys()


def _importers() -> dict[str, set[str]]:
    """Return the modules that import each module, by their paths in the package."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): str(
            path.relative_to(PACKAGE)
        )
        for path in MODULES
    }
    importers: dict[str, set[str]] = {name: set() for name in files.values()}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    module = whole if whole in files else node.module
                    if module in files:
                        importers[files[module]].add(str(path.relative_to(PACKAGE)))
    return importers


def test_values_between_rooms_are_frozen() -> None:
    for path in MODULES:
        if path.stem not in ("values", "dating", "tree", "facts", "parsed", "entries", "commits"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call):
                        assert "frozen=True" in ast.unparse(decorator), node.name
