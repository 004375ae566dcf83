"""What docs/python-api.md promises is there, does what the page shows, and is loaded when needed."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys

import pytest
from conftest import ROOT

PAGE = ROOT / "docs/python-api.md"
PROMISED = re.findall(r"^## \w+: `publisher\.([\w.]+)\.(\w+)\(", PAGE.read_text(), re.MULTILINE)
EXAMPLES = "\n".join(
    re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
)


@pytest.mark.thorough
@pytest.mark.usefixtures("demo")
def test_the_page_does_what_it_shows() -> None:
    test = doctest.DocTestParser().get_doctest(EXAMPLES, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner()
    told: list[str] = []
    runner.run(test, out=told.append)
    assert not told, "".join(told)
    assert runner.tries > 20


def test_each_name_has_an_example_that_uses_it() -> None:
    assert len(PROMISED) == 7
    for room, name in PROMISED:
        assert f">>> from publisher.{room} import {name}\n" in EXAMPLES
        assert re.search(rf"\b{name}\(", EXAMPLES), name


def test_a_name_is_the_same_before_and_after_its_module_was_imported() -> None:
    look = "".join(
        f"from publisher.{room} import {name}\nassert callable({name})\n"
        f"homes.append({name}.__module__)\n"
        for room, name in PROMISED
    )
    modules = "import importlib; [importlib.import_module(home) for home in homes]\n"
    before = f"homes = []\n{look}{modules}{look}"
    done = subprocess.run(
        [sys.executable, "-c", f"{before}print(homes[:{len(PROMISED)}])"],
        capture_output=True,
        text=True,
        check=True,
    )
    after = f"homes = {done.stdout}{modules}{look}"
    subprocess.run([sys.executable, "-c", after], check=True)


@pytest.mark.parametrize("room", ["archive", "build", "compare"])
def test_a_room_loads_nothing_before_it_is_asked(room: str) -> None:
    code = f"import sys, publisher.{room}; print([n for n in sys.modules if 'publisher' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["publisher", f"publisher.{room}"])


def test_an_answer_from_the_archive_loads_neither_git_nor_what_renders() -> None:
    code = "import sys, publisher.archive.get; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"git", "weasyprint", "jinja2", "rich", "publisher.render", "publisher.compose"}
    assert not heavy & {*done.stdout.split()}
