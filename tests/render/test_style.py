"""What a brand's theme and logo may have, and what they may not."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.workspaces import SMALL, read, small

from publisher.errors import InvalidPolicy
from publisher.problem import Problem
from publisher.render.colours import READABLE, contrast
from publisher.render.logo import logo_url
from publisher.render.page import stylesheet
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Palette, Style, style_of
from publisher.render.typeset import drawing, typeset
from publisher.repository.source import FolderSource
from publisher.workspace.theme import Theme

BRAND = "brands/alpha/brand.yaml"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 9 9">{}</svg>'
)
DRAWN = SVG.format('<path d="M0 0h9v9z"/>')
BROKEN = "data:image/png;base64,AAAA"
COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def problems(root: Path, theme: str = "", files: dict[str, str] | None = None) -> list[Problem]:
    lines = "".join(f"  {line}\n" for line in theme.splitlines())
    brand = SMALL[BRAND] + (f"theme:\n{lines}" if theme else "")
    small(root, {BRAND: brand, **(files or {})})
    own = read(root).brands["alpha"]
    if own.value is None:
        return [*own.problems]
    try:
        style_of(FolderSource(root), own)
    except InvalidPolicy as fault:
        return [*fault.problems]
    return []


@pytest.mark.parametrize(
    "theme",
    [
        'accent: "#7a1f5c"\npaper: "#fdf6ec"\nink: "#2b1d14"',
        'paper_dark: "#000000"\nink_dark: "#ffffff"',
        "type_size: 9\nmeasure: 50\ncorner: 0\nspacing: compact\nheading_weight: regular",
        "type_size: 11.5\nmeasure: 80\ncorner: 12\nspacing: airy\nheading_weight: bold",
        "header_link: {text: Home, url: https://alpha.example/}",
        "footer: [Acme NV, {text: {en: Imprint}, url: 'mailto:a@alpha.example'}]",
    ],
)
def test_what_a_theme_can_choose(tmp_path: Path, theme: str) -> None:
    assert problems(tmp_path, theme) == []


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ('ink: "#999999"', "'theme.ink' #999999 has a contrast of 2."),
        ('paper: "#1c2026"', "'theme.ink' #1c2026 has a contrast of 1.0:1 with #1c2026"),
        ('paper: "#777777"', "'theme.ink' #1c2026 has a contrast of 3."),
        ('ink_dark: "#444444"', "'theme.ink_dark' #444444 has a contrast of 1."),
        ("type_size: 8", "'theme.type_size' is '8'; write a number, in steps of 0.5, from 9 to 12"),
        ("type_size: 0.1", "'theme.type_size' is '0.1'"),
        ("measure: 200", "'theme.measure' is '200'; write a whole number from 50 to 80"),
        ("corner: 2.5", "'theme.corner' is '2.5'"),
        ("spacing: none", "'theme.spacing' is 'none'; write 'compact', 'normal' or 'airy'"),
        ("colour: red", "unknown key 'theme.colour'"),
        ("accent: red", "write a colour"),
        ("header_link: {text: Home, url: 'javascript:alert(1)'}", "begins with https://"),
        ("footer: [{text: {nl: Colofon}, url: https://alpha.example}]", "has no text in en"),
        ("logo: ../../secret.svg", "write the name of a drawing beside brand.yaml"),
        ("logo: missing.svg", "names missing.svg, which is not in brands/alpha; add the file"),
    ],
)
def test_what_a_theme_cannot_choose(tmp_path: Path, theme: str, expected: str) -> None:
    problem = problems(tmp_path, theme)[0]
    assert problem.path == BRAND
    first = len(SMALL[BRAND].splitlines()) + 1
    assert problem.line in (first, first + 1)
    assert expected in f"{problem.message}; {problem.fix}"


@pytest.mark.parametrize(
    "path",
    [
        "brands/alpha/theme.css",
        "shared/templates/policy.html",
        "shared/templates/screen.css",
        "shared/templates/pdf.css",
    ],
)
def test_code_for_looks_is_refused(tmp_path: Path, path: str) -> None:
    (problem,) = problems(tmp_path, files={path: "p { margin: 0 }"})
    assert (problem.path, problem.rule) == (path, "style")
    assert "under `theme:` in brands/alpha/brand.yaml" in problem.fix


def test_a_commit_from_when_there_could_be_code_is_made_without_it(tmp_path: Path) -> None:
    root = small(tmp_path, {"brands/alpha/theme.css": "p { display: none }"})
    assert style_of(FolderSource(root), read(root).brands["alpha"], past=True) == Style()


@given(ink=COLOURS, paper=COLOURS)
def test_lesser_text_can_be_read_wherever_text_can(ink: str, paper: str) -> None:
    palette = Palette("#000000", paper, ink)
    grounds = (palette.paper, palette.shade)
    if all(contrast(ink, ground) >= READABLE for ground in grounds):
        assert all(contrast(palette.soft, ground) >= READABLE for ground in grounds)


@given(accent=COLOURS)
def test_any_accent_has_a_tint_for_dark_screens(accent: str) -> None:
    dark = Style(Theme(accent=accent)).dark
    assert contrast(dark.accent, dark.paper) >= READABLE


@pytest.mark.parametrize("name", ["screen.css", "pdf.css"])
def test_the_tokens_reach_the_stylesheets(name: str) -> None:
    def made(**tokens: object) -> str:
        values = dict.fromkeys(
            ["watermark", "running_brand", "running_date", "running_title", "page", "of"], ""
        )
        style = Style(Theme.model_validate(tokens))
        return stylesheet(name, style, {"clauses": 3, **values})

    plain = made()
    screen_only = {
        "corner": "9",
        "paper": "#fffff0",
        "ink_dark": "#ffffff",
        "accent_dark": "#ffffff",
    }
    for token, value in {
        "accent": "#123456",
        "ink": "#000000",
        "type_size": "11",
        "measure": "60",
        "heading_weight": "regular",
        "spacing": "airy",
        **(screen_only if name == "screen.css" else {}),
    }.items():
        assert made(**{token: value}) != plain, token


# --- logos ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawing",
    [
        "<path d='M0 0h9'/>",
        '<style>.a{fill:#fff;-inkscape-x:1;font-family:Arial}</style><path class="a" d="M0 0h9"/>',
        '<defs><linearGradient id="g"><stop stop-color="#fff"/></linearGradient></defs>'
        "<path fill=\"url('#g')\" d='M0 0h9'/>",
        '<path fill="url(&quot;#g&quot;)" d="M0 0h9"/><path id="a" d="M0 0h9"/><use xlink:href="#a"/>',
        '<clipPath id="c"><rect width="9" height="9"/></clipPath><g clip-path="url(#c)">'
        '<circle r="3" style="fill: red; stroke-width: 2"/></g>',
        "<!-- <image href='logo.ai'/> --><path d='M0 0h9'/>",
        '<image href="data:image/png;base64,AAAA" width="9" height="9"/>',
        '<title>Acme @ home</title><metadata><rdf:RDF xmlns:rdf="urn:r"/></metadata><path d="M0 0"/>',
        '<x:view xmlns:x="urn:inkscape" x:zoom="1"/><path d="M0 0h9" data-name="a" x:y="1" xmlns:x="urn:i"/>',
    ],
)
def test_a_logo_as_programs_draw_it_is_let_through(drawing: str) -> None:
    url, faults = logo_url("logo.svg", SVG.format(drawing).encode())
    assert faults == ()
    assert url is not None
    again, _ = logo_url("logo.svg", base64.b64decode(url.partition(",")[2]))
    assert again == url


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ('<image href="https://x.example/a.png"/>', "loads 'https://x.example/a.png'"),
        ("<image xlink:href='file:///etc/passwd'/>", "loads 'file:///etc/passwd'"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "loads 'data:image/svg+xml"),
        ('<style>@import "https://x.example/a.css";</style><path d=""/>', "more than rules"),
        ('<path fill="URL(https://x.example/a.svg)"/>', "reaches outside the drawing"),
        ('<path style="fill: u\\72l(https://x.example/a)"/>', "reaches outside the drawing"),
        ('<path style="filter: blur(3px)"/>', "has the style 'filter'"),
        ('<script href="https://x.example/a.js"/>', "has <script>"),
        ("<foreignObject><p>Free!</p></foreignObject>", "has <foreignObject>"),
        ("<text>We sell your data</text>", "has <text>, which a logo may not have; convert text"),
        ("<animate attributeName='x'/><path d=''/>", "has <animate>"),
        ("<path d='' onload='alert(1)'/>", "has onload= on <path>"),
        ("<a href='https://x.example'><path d=''/></a>", "has <a>"),
        ("<use href='other.svg#a'/>", "refers to 'other.svg#a', outside the drawing"),
        ("<g id='a'><use href='#a'/></g><path d=''/>", "uses '#a' in line 1, which uses others"),
        ("<use href='#gone'/>", "uses '#gone' in line 1, which it does not have"),
        ("<g/>", "draws nothing"),
        ("", "draws nothing"),
    ],
)
def test_a_logo_that_does_more_than_draw_is_refused(drawing: str, expected: str) -> None:
    url, faults = logo_url("logo.svg", SVG.format(drawing).encode())
    assert url is None
    assert expected in f"{faults[0].message}; {faults[0].fix}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "is not valid XML: no element found"),
        ("<svg", "is not valid XML"),
        ("GIF89a", "is not valid XML"),
        ("<html/>", "is not an SVG drawing; export it as SVG"),
        ("<svg><path d='M0 0'/></svg>", "is not an SVG drawing"),
        (DRAWN.replace('viewBox="0 0 9 9"', ""), "has no size"),
        (DRAWN.replace("0 0 9 9", "0 0 0 9"), "has no size"),
        (DRAWN.replace("0 0 9 9", "a b 9 9"), "has no size; give <svg> a viewBox of four numbers"),
        (DRAWN.replace("0 0 9 9", "0 0 9px 9px"), "has no size"),
        (
            '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + DRAWN,
            "declares an entity; delete the DOCTYPE",
        ),
        (SVG.format("<path d='M0 0'/>" * 5000), "has more than 5000 elements"),
        (SVG.format("<g>" * 2000 + "</g>" * 2000), "has more than 64 elements in one another"),
        (SVG.format(f"<path style='fill:{'(' * 5000}'/>"), "has a style that is nested too deeply"),
        (SVG.format(f"<style>a{{b:{'(' * 5000}</style>"), "has a style that is nested too deeply"),
        *(
            (f'<?xml version="1.0" encoding="{name}"?>{DRAWN}', "in an encoding that is not read")
            for name in ("Shift_JIS", "utf-7", "idna", "hex", "unknown")
        ),
    ],
)
def test_a_broken_or_empty_logo_is_refused(data: str, expected: str) -> None:
    url, faults = logo_url("logo.svg", data.encode())
    assert url is None
    assert expected in f"{faults[0].message}; {faults[0].fix}"


def test_a_fault_in_a_logo_has_its_line() -> None:
    _, (fault,) = logo_url("logo.svg", SVG.format("\n\n<text>x</text>\n<path d=''/>").encode())
    assert fault.line == 3


@pytest.mark.parametrize(
    "part",
    [
        '<g opacity="x"><path d="M0 0h9v9z"/></g>',
        f'<image href="{BROKEN}" width="9"/>',
    ],
)
def test_a_logo_is_drawn_whole_or_refused(part: str) -> None:
    """WeasyPrint leaves out what it does not understand, and goes on."""
    whole, _ = logo_url("logo.svg", DRAWN.encode())
    url, faults = logo_url("logo.svg", SVG.format(part).encode())
    assert whole is not None
    assert url is not None, faults
    job = PdfJob("alpha", "en", "", "", datetime.now(UTC), 100, 0, 10, "", (), ())
    assert drawing(whole, "alpha", 60, 14).startswith(b"%PDF")
    page = f"<html lang=en><title>A</title><img alt=A src='{url}'>"
    reason = "brands/alpha: the logo has a part that cannot be drawn; write plain numbers"
    with pytest.raises(InvalidPolicy, match=reason):
        drawing(url, "alpha", 60, 14)
    with pytest.raises(InvalidPolicy, match=reason):
        typeset(replace(job, page=page))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_logo_ends_in_a_traceback(data: bytes) -> None:
    for drawn in (data, SVG.format("{}").encode().replace(b"{}", data)):
        url, faults = logo_url("logo.svg", drawn)
        assert (url is None) == bool(faults)


@pytest.mark.parametrize(
    "drawing",
    [
        f'width="{"1" * 20_000}x" height="1"><rect/>',
        f'viewBox="0 0 9 {"1" * 20_000}x"><rect/>',
        f'width="1" height="1"><rect fill="url({" " * 20_000}"/>',
    ],
)
def test_a_logo_full_of_what_never_ends_takes_no_time(drawing: str) -> None:
    began = time.process_time()
    url, faults = logo_url(
        "logo.svg", f'<svg xmlns="http://www.w3.org/2000/svg" {drawing}</svg>'.encode()
    )
    assert url is None
    assert faults
    assert time.process_time() - began < 2


def test_a_logo_is_the_same_whatever_prefixes_a_library_registers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing = '<defs><path id="a" d="M0 0h9"/></defs><use xlink:href="#a"/>'
    root = '<svg xmlns="{}" xmlns:xlink="{}" width="9" height="9">{}</svg>'
    spaces = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
    data = root.format(*spaces, drawing).encode()
    before, faults = logo_url("logo.svg", data)
    assert before is not None, faults
    for space, prefix in zip(spaces, ("ns7", "ns8"), strict=True):
        monkeypatch.setitem(ElementTree._namespace_map, space, prefix)  # type: ignore[attr-defined]
    assert logo_url("logo.svg", data) == (before, ())
    assert b' xmlns="http://www.w3.org/2000/svg"' in base64.b64decode(before.partition(",")[2])
