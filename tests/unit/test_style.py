"""What a brand's theme and logo may have, and what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from workspaces import read, small

from publisher.errors import InvalidPolicy
from publisher.render.html import packaged
from publisher.render.style import style_of
from publisher.source import FolderSource

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def problems(root: Path, files: dict[str, str]) -> list[str]:
    small(root, {f"brands/alpha/{name}": text for name, text in files.items()})
    try:
        style_of(FolderSource(root), read(root).brands["alpha"])
    except InvalidPolicy as fault:
        return [problem.rule for problem in fault.problems]
    return []


@pytest.mark.parametrize(
    "css",
    [
        "p { opacity: 1; transform: none; filter: none; max-height: none; clip: auto }",
        "header img { max-height: 48px; filter: invert(1) }",
        "table { border-radius: 8px; overflow: hidden }",
        'h2::before { content: ""; position: absolute; left: 0 }',
        "li { text-indent: -1em; padding-left: 1em }",
        "@media print { nav { display: none } }",
        "main { max-width: 0.9in; font-size: 0.9em }",
        "/* see url(https://brand.example), no @import here */",
        '.a { background: url("data:image/png;base64,AAAA") }',
        ".a { background: url( data:image/png;base64,AAAA ); fill: url(#grad) }",
    ],
)
def test_a_reasonable_theme_is_let_through(tmp_path: Path, css: str) -> None:
    assert problems(tmp_path, {"theme.css": css}) == []


@pytest.mark.parametrize(
    ("css", "rule"),
    [
        ("p { display: none }", "hiding"),
        ("main p, nav { display: none }", "hiding"),
        ("@media screen { .a { p { visibility: hidden } } }", "hiding"),
        ("p { opacity: .3 }", "hiding"),
        ("p { color: transparent }", "hiding"),
        ("p { color: rgba(0, 0, 0, 0) }", "hiding"),
        ("p { color: #12345600 }", "hiding"),
        ("p { text-indent: -9999px }", "hiding"),
        ("p { position: absolute }", "hiding"),
        ("p { margin-left: -9999px }", "hiding"),
        ("p { font-size: .01px }", "hiding"),
        ("p { font-size: 0 }", "hiding"),
        ("p { translate: -9999px }", "hiding"),
        ('@import "x.css";', "style"),
        ("p { background: url(https://x.example/a.png) }", "style"),
        ('p { background: image-set("https://x.example/a.png" 1x) }', "style"),
        ("</style><script>", "style"),
    ],
)
def test_a_theme_that_hides_or_loads_is_refused(tmp_path: Path, css: str, rule: str) -> None:
    assert problems(tmp_path, {"theme.css": css}) == [rule]


@pytest.mark.parametrize(
    "drawing",
    [
        "<path fill=\"url('#g')\" d='M0 0h9'/>",
        '<path fill="url(&quot;#g&quot;)" d="M0 0h9"/><use xlink:href="#a"/>',
        '<a href="https://brand.example"><path d="M0 0h9"/></a>',
        "<!-- <image href='logo.ai'/> --><path d='M0 0h9'/>",
        '<image href="data:image/png;base64,AAAA"/>',
    ],
)
def test_a_logo_as_programs_draw_it_is_let_through(tmp_path: Path, drawing: str) -> None:
    assert problems(tmp_path, {"logo.svg": SVG.format(drawing)}) == []


@pytest.mark.parametrize(
    "drawing",
    [
        '<image href="https://x.example/a.png"/>',
        "<image xlink:href='file:///etc/passwd'/>",
        '<style>@import "https://x.example/a.css";</style>',
        '<path fill="URL(https://x.example/a.svg)"/>',
        '<script href="https://x.example/a.js"/>',
    ],
)
def test_a_logo_that_loads_is_refused(tmp_path: Path, drawing: str) -> None:
    assert problems(tmp_path, {"logo.svg": SVG.format(drawing)}) == ["style"]


@pytest.mark.parametrize("name", ["screen.css", "pdf.css", "policy.html"])
def test_the_toolkits_own_templates_can_be_copied(tmp_path: Path, name: str) -> None:
    root = small(tmp_path, {f"shared/templates/{name}": packaged(name)})
    own = style_of(FolderSource(root), read(root).brands["alpha"])
    assert own.templates == {name: packaged(name)}
