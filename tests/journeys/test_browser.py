"""Pages in a real browser: they run nothing, ask for nothing, and read well on any screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.browsers import nu_errors, opened, violations
from support.documents import LANGUAGES
from support.workspaces import SMALL, clause, policy, small

from publisher.build.build import build
from publisher.policy.dating import Dating, Status
from publisher.render.page import html
from publisher.render.style import Style

BRANDS = ("cloudnovi", "kgb-hosting")


@pytest.mark.parametrize("brand", BRANDS)
def test_a_page_asks_for_nothing_and_its_policy_lets_its_style_through(
    browser: Browser, example: Path, brand: str
) -> None:
    file = example / brand / "en/policy.html"
    page = browser.new_context(offline=True).new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.resolve().as_uri())
    assert asked == [file.resolve().as_uri()]
    assert said == []
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"


def test_the_pages_policy_holds_against_what_a_host_might_put_in(
    browser: Browser, example: Path, tmp_path: Path
) -> None:
    hostile = (
        (example / "cloudnovi/en/policy.html")
        .read_text()
        .replace(
            "</main>",
            "</main><script>document.title='ran'</script><img src='https://x.example/a.png'>"
            "<p style='color: rgb(1, 2, 3)' onclick='1' id='p'>x</p>",
        )
    )
    (tmp_path / "policy.html").write_text(hostile)
    page = opened(browser, tmp_path / "policy.html")
    assert page.title() == "Not released: Privacy Policy – Cloudnovi"
    assert page.evaluate("getComputedStyle(document.getElementById('p')).color") != "rgb(1, 2, 3)"
    assert page.evaluate("document.querySelector('img').naturalWidth") == 0


@pytest.mark.parametrize("width", [320, 768, 1400])
@pytest.mark.parametrize("brand", BRANDS)
def test_a_page_never_scrolls_sideways(
    browser: Browser, example: Path, brand: str, width: int
) -> None:
    page = opened(browser, example / brand / "en/policy.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wide_table_and_a_long_word_stay_inside(browser: Browser, tmp_path: Path) -> None:
    wide = "| " + " | ".join(f"a-long-heading-{n}" for n in range(8)) + " |\n" + "|---" * 8 + "|\n"
    text = clause(f"{wide}\n{'Donaudampfschifffahrtsgesellschaft' * 5}")
    root = small(tmp_path / "w", {"brands/alpha/clauses/en/data.md": text})
    build(root, tmp_path / "out", brands=["alpha"], formats=["html"])
    page = opened(browser, tmp_path / "out/alpha/en/policy.html", 320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [320, 1400])
def test_what_is_not_released_says_so_wherever_the_reader_is(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    text = clause("\n\n".join(["We keep your name. " * 20] * 40))
    root = small(tmp_path / "w", {"brands/alpha/clauses/en/data.md": text})
    found = policy(root)

    def top(status: Status, *, end: bool) -> bytes:
        (tmp_path / "policy.html").write_bytes(html(found, Dating(status), Style()))
        page = opened(browser, tmp_path / "policy.html", width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(f"scrollTo(0, {9e9 if end else 0})")
        shown: bytes = page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": 20})
        return shown

    ready, draft = top("ready", end=True), top("draft", end=True)
    released = top("released", end=True)
    assert ready == top("ready", end=False)
    assert draft not in (ready, released)
    assert released != ready


def test_the_page_has_landmarks_a_language_and_anchors(browser: Browser, example: Path) -> None:
    page = opened(browser, example / "cloudnovi/en/policy.html")
    assert page.evaluate("document.documentElement.lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert page.locator(landmark).count() == 1
    assert page.locator("h1").inner_text() == "Privacy Policy"
    assert page.locator("main > section").first.get_attribute("id") == "short-version"
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')]"
        ".filter(a => !document.getElementById(a.hash.slice(1))).map(a => a.hash)"
    )
    assert broken == []
    header = page.locator("header").inner_text()
    assert "Last updated" in header
    assert "Cloudnovi BV" in header


def test_the_skip_link_is_the_first_stop_of_the_keyboard(browser: Browser, example: Path) -> None:
    page = opened(browser, example / "cloudnovi/en/policy.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_dark_is_dark_and_paper_is_white(browser: Browser, example: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page = opened(browser, example / "cloudnovi/en/policy.html", scheme="dark")
    assert page.evaluate(background) == "rgb(21, 24, 29)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()


def test_a_logo_is_part_of_the_page(browser: Browser, tmp_path: Path) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#135"/></svg>'
    brand = SMALL["brands/alpha/brand.yaml"]
    root = small(tmp_path / "w", {"brands/alpha/logo.svg": svg, "brands/alpha/brand.yaml": brand})
    report = build(root, tmp_path / "out", brands=["alpha"], formats=["html", "pdf"])
    assert not report.failed
    page = opened(browser, tmp_path / "out/alpha/en/policy.html")
    assert page.evaluate("document.querySelector('header img').naturalWidth") == 120
    assert page.locator("header img").get_attribute("alt") == "Alpha"


# --- validators ----------------------------------------------------------------------------------

PAGES = [
    *(f"example/{brand}/en" for brand in ("cloudnovi", "kgb-hosting", "netvpx")),
    "archived/en",
    "documents/alpha/en",
    "documents/beta/en",
]
TRANSLATED = [f"documents/beta/{locale}" for locale in LANGUAGES]
WAYS = [(1200, "light"), (1200, "dark"), (320, "light")]
LOOKS = [
    *((name, *way) for name in PAGES for way in WAYS[1:]),
    *((name, 320, "light") for name in TRANSLATED),  # whose style is that of the page in English
    *(
        pytest.param(name, *way, marks=pytest.mark.thorough)
        for names, ways in ((PAGES, WAYS[:1]), (TRANSLATED, WAYS[:2]))
        for name in names
        for way in ways
    ),
]


def page_file(name: str, request: pytest.FixtureRequest) -> Path:
    fixture, _, rest = name.partition("/")
    return Path(request.getfixturevalue(fixture)) / rest / "policy.html"


@pytest.mark.usefixtures("validators")
@pytest.mark.parametrize(("name", "width", "scheme"), LOOKS)
def test_axe_finds_nothing(
    browser: Browser, request: pytest.FixtureRequest, name: str, width: int, scheme: str
) -> None:
    assert violations(browser, page_file(name, request), width, scheme) == []


@pytest.mark.usefixtures("validators")
def test_axe_finds_nothing_in_a_long_page(browser: Browser, documents: Path) -> None:
    assert violations(browser, documents / "long/en/policy.html", 320, "dark") == []


@pytest.mark.usefixtures("validators")
def test_axe_would_find_a_fault(browser: Browser, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<title>x</title><img src=a.png><p style='color: #ccc'>pale")
    assert {"image-alt", "html-has-lang", "color-contrast"} <= set(
        violations(browser, bad, 1200, "light")
    )


@pytest.mark.thorough
@pytest.mark.usefixtures("validators")
def test_the_nu_html_checker_finds_no_error(
    documents: Path, example: Path, archived: Path, tmp_path: Path
) -> None:
    files = [file for each in (documents, example, archived) for file in each.rglob("*.html")]
    assert len(files) == 18
    assert nu_errors(*files) == []
    bad = tmp_path / "bad.html"
    bad.write_text("<p><div></p>")
    assert nu_errors(bad)
