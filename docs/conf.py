"""How Sphinx makes a site from the README, CONTRIBUTING, CHANGELOG and docs/: `make docs`.

The sources lie as they do in the repository, so that a link that works there works in the site.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
INDEX = "docs/index"
COMMANDS = "docs/commands"

project = "Publisher"
html_title = "Publisher"
root_doc = INDEX
extensions = ["myst_parser"]
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md"]
exclude_patterns = [path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "docs"]
highlight_language = "none"
smartquotes = False  # the words are as they stand in the repository

myst_heading_anchors = 3

html_theme = "furo"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5cad", "color-brand-content": "#0b5cad"},
    "dark_css_variables": {"color-brand-primary": "#7db8f0", "color-brand-content": "#7db8f0"},
}
pygments_dark_style = "github-dark"

_LIST = re.compile(r"^## (.+)\n((?:\n|- .+\n| {2}.+\n)+)", re.MULTILINE)
_LINK = re.compile(r"^- \[([^]]+)\]\(([^)#]+)\.md\)", re.MULTILINE)


def contents(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the chapters of the index page, and the titles of the pages that each lists."""
    for chapter in _LIST.finditer(text):
        links = ((title, (ROOT / "docs" / to).resolve()) for title, to in _LINK.findall(chapter[2]))
        yield chapter[1], {page.relative_to(ROOT).as_posix(): title for title, page in links}


def toctrees(text: str, pages: set[str]) -> str:
    """Return the tables of contents that the index page lists; Reference has unlisted pages."""
    chapters = {
        name: [f"{title} </{page}>" for page, title in listed.items()]
        for name, listed in contents(text)
    }
    unlisted = pages - {INDEX}.union(*(listed for _, listed in contents(text)))
    chapters["Reference"] += [f"/{page}" for page in sorted(unlisted)]
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {name}\n\n" + "\n".join(rows) + "\n```\n"
        for name, rows in chapters.items()
    )


def _read(app: Sphinx, docname: str, content: list[str]) -> None:
    if docname == INDEX:
        content[0] += toctrees(content[0], set(app.env.found_docs))
    if docname == COMMANDS:
        content[0] += runpy.run_path(str(ROOT / "scripts/commands_page.py"))["page"]()


def _first_page(app: Sphinx, fault: Exception | None) -> None:
    """Let the address of the site itself lead to the index."""
    if fault is None:
        to = f"{INDEX}.html"
        (Path(app.outdir) / "index.html").write_text(
            f'<!doctype html><meta charset="utf-8"><title>{project}</title>'
            f'<meta http-equiv="refresh" content="0; url={to}"><a href="{to}">{project}</a>\n'
        )


def setup(app: Sphinx) -> None:
    """Connect what this file does to Sphinx's steps."""
    app.connect("source-read", _read)
    app.connect("build-finished", _first_page)
