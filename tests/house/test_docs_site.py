"""The documentation as a site: every page, its links, and no request to anywhere."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from PIL import Image
from typer.main import get_command

from publisher.cli.app import app_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]  # fmt: skip
LINK = re.compile(r"(?<!`)\]\((?!https?:|mailto:|#)([^)#\s]+)")
FENCE = re.compile(r"^ *```.*?^ *```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it."""
    recipe = re.search(
        r"^\t@\$\(BIN\)/(sphinx-build .+)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert recipe is not None
    folder = tmp_path_factory.mktemp("docs")
    command = recipe[1].replace("build/docs", str(folder / "site")).split()
    command[command.index("-d") + 1] = str(folder / "doctrees")
    program = shutil.which(command[0]) or str(ROOT / ".venv/bin" / command[0])
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder / "site"


def pages(site: Path) -> Iterator[tuple[Path, BeautifulSoup]]:
    for file in sorted(site.rglob("*.html")):
        yield file, BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.thorough
def test_every_page_of_the_repository_is_in_the_site_and_in_its_contents(site: Path) -> None:
    index = BeautifulSoup((site / "docs/index.html").read_text(), "html.parser")
    listed = {link["href"] for link in index.select(".sidebar-tree a")}
    for name in set(PAGES) - {"docs/index.md"}:
        page = Path(name).with_suffix(".html")
        assert (site / page).exists(), name
        assert (page.name if page.parent.name else f"../{page.name}") in listed, name


@pytest.mark.thorough
def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    parsed = dict(pages(site))
    ids = {file: {tag["id"] for tag in page.select("[id]")} for file, page in parsed.items()}
    links = 0
    for file, page in parsed.items():
        for link in page.select("a[href]"):
            to = urlsplit(link["href"])
            if to.scheme in ("https", "http", "mailto"):
                continue
            target = (file.parent / unquote(to.path)).resolve() if to.path else file
            assert target.exists(), (file, link["href"])
            assert not to.fragment or to.fragment in ids[target], (file, link["href"])
            links += 1
    assert links > 500


@pytest.mark.thorough
def test_no_page_asks_for_anything_elsewhere(site: Path, browser: Browser) -> None:
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?\s*(https?:)?//", style.read_text()), style
    context = browser.new_context(viewport={"width": 400, "height": 800})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.route(re.compile("^(?!file:)"), lambda route: route.abort())
    page = context.new_page()
    for file in sorted({*site.rglob("*.html")} - {site / "index.html"}):
        page.goto(file.as_uri(), wait_until="load")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 400, f"{file} is wider than a phone: {wide}"
    for width in (700, 1000, 1100, 1250, 1320, 1450, 1700):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto((site / "docs/compare.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto((site / "search.html").as_uri() + "?q=redline")
    page.wait_for_selector("#search-results li a")
    page.goto((site / "index.html").as_uri())
    page.wait_for_url("**/docs/index.html")
    context.close()
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith("file:")] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_link_of_a_page_leads_to_a_file_of_the_repository(name: str) -> None:
    text = FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        assert ((ROOT / name).parent / link).exists(), link


def test_the_commands_page_has_every_command_argument_and_option() -> None:
    text = runpy.run_path(str(ROOT / "scripts/commands_page.py"))["page"]()
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    visible = {name: it for name, it in get_command(app_for(())).commands.items() if not it.hidden}
    assert sections.keys() == visible.keys()
    for name, command in visible.items():
        for param in command.params:
            words = param.opts if param.opts[0].startswith("-") else [param.metavar]
            assert all(word in sections[name] for word in words), (name, param.name)
        assert f"```sh\npublisher {name}" in sections[name]
    for code in range(5):
        assert f"| {code} | " in text


@pytest.mark.thorough
def test_the_script_makes_the_pictures_that_the_pages_show(tmp_path: Path) -> None:
    script = str(ROOT / "scripts/pictures.py")
    subprocess.run([sys.executable, script, str(tmp_path)], check=True, cwd=tmp_path)
    images = ROOT / "docs/images"
    assert {file.name for file in tmp_path.iterdir()} == {
        file.name for file in images.iterdir() if file.name != "rooms.svg"
    }
    for file in tmp_path.glob("*.png"):
        with Image.open(file) as new, Image.open(images / file.name) as kept:
            assert new.size == kept.size
            assert len(new.getcolors() or ()) > 8, "the picture is not empty"
    for file in tmp_path.glob("*.svg"):
        assert file.read_text() == (images / file.name).read_text()
    pages = "".join((ROOT / name).read_text() for name in PAGES)
    for file in images.iterdir():
        assert f"images/{file.name})" in pages
