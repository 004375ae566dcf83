"""What `make bench` measures is there: a name that moves would break it, and nobody would see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module

import pytest
from conftest import ROOT

FILES = sorted(path.name for path in (ROOT / "bench").glob("*.py"))


def imports(file: str) -> Iterator[tuple[str, str]]:
    """Yield each module that a file imports, be it within a function, with each name from it."""
    for node in ast.walk(ast.parse((ROOT / "bench" / file).read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


@pytest.mark.parametrize("file", FILES)
def test_all_that_the_bench_imports_is_there(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    import_module(f"bench.{file.removesuffix('.py')}")
    for module, name in imports(file):
        found = import_module(module)
        if name and not hasattr(found, name):
            import_module(f"{module}.{name}")
