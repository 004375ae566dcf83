"""The page of settings has every key of the models, and examples that they accept."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from conftest import ROOT
from pydantic import BaseModel, RootModel, TypeAdapter

from publisher.workspace.schemas import SCHEMAS
from publisher.workspace.validate import _models, _parts
from publisher.workspace.yaml import parse

PAGE = ROOT / "docs/settings.md"
MADE = runpy.run_path(str(ROOT / "scripts/settings_page.py"))
ASKED = {"UnconfirmedText", "UnconfirmedIds"}


def keys(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and the field of each key of a model, and of the models in it."""
    if issubclass(model, RootModel):
        model = inner(model.model_fields["root"].annotation)
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        yield path, field
        for kind in _models(field.annotation):
            if kind.__name__ not in ASKED:
                yield from keys(kind, f"{path}.")
        if (item := inner(field.annotation)) is not None and item.__name__ not in ASKED:
            yield from keys(item, f"{path}[].")


def inner(annotation: Any) -> type[BaseModel] | None:
    """Return the model of the values of a mapping, or of the items of a list."""
    for part in _parts(annotation):
        for argument in getattr(part, "__args__", ()):
            models = [one for one in _models(argument) if one.__name__ not in ASKED]
            if models:
                return models[0]
    return None


def rows(name: str) -> dict[str, list[str]]:
    """Return the cells of a file's keys, by path."""
    lines = MADE["_file"](name).splitlines()
    cells = (re.split(r" (?<!\\)\| ", line[2:-2]) for line in lines if line.startswith("| `"))
    return {path.strip("`"): rest for path, *rest in cells}


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(MADE["page"]())
    assert PAGE.read_text() == MADE["page"](), "run python scripts/settings_page.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_of_a_file_is_there_with_a_description(name: str) -> None:
    there = rows(name)
    assert there.keys() == {path for path, _ in keys(SCHEMAS[name])}
    for path, (kind, default, about, example, reader) in there.items():
        assert kind, path
        assert len(about) > 7, f"{name}: {path} has no description"
        assert about.endswith("."), f"{name}: {path}"
        assert example, path
        assert reader, f"{name}: say who reads {path}, in READERS of scripts/settings_page.py"
        assert default != "`None`"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_example_is_a_value_that_its_key_takes(name: str) -> None:
    there = rows(name)
    for path, field in keys(SCHEMAS[name]):
        example = there[path][3].strip("`")
        if example == "see below":
            continue
        document, problems = parse("example.yaml", f"key: {example}\n")
        assert not problems, path
        kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
        TypeAdapter(kind).validate_python(document.value["key"])
