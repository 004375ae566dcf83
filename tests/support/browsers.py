"""A real browser, and the validators that look at pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--disable-sync", "--disable-default-apps",
]  # fmt: skip
MODULES = Path(__file__).parents[1] / "validators" / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
VNU = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def launched() -> Iterator[Browser]:
    """Open the browser of this machine, or Playwright's own."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_path(), args=FLAGS)
        except Error:
            if os.environ.get("CI"):
                raise
            pytest.skip("no browser: run `.venv/bin/playwright install --with-deps chromium`")
        yield browser
        browser.close()


@contextmanager
def with_scroll_bars(browser: Browser) -> Iterator[Browser]:
    """Open the same browser with scroll bars, as people have it."""
    other = browser.browser_type.launch(
        executable_path=_path(), args=FLAGS, ignore_default_args=["--hide-scrollbars"]
    )
    yield other
    other.close()


def _path() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


def opened(browser: Browser, file: Path, width: int = 1200, scheme: str = "light") -> Page:
    """Open a file on a screen of a width; until the next one is opened, the page is the test's."""
    return _shown(browser, file, width, scheme, bypass_csp=False)


def violations(browser: Browser, file: Path, width: int, scheme: str) -> list[str]:
    """Return the rules that axe-core finds broken in a page."""
    # the page lets nothing run, and axe must
    page = _shown(browser, file, width, scheme, bypass_csp=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    run = "options => axe.run(document, options).then(found => found.violations.map(v => v.id))"
    found: list[str] = page.evaluate(run, {"runOnly": RULES, "resultTypes": ["violations"]})
    return found


_PAGES: WeakKeyDictionary[Browser, dict[bool, Page]] = WeakKeyDictionary()
"""The tab of each browser that lets the page's own policy hold, and the one that does not."""


def _shown(browser: Browser, file: Path, width: int, scheme: str, *, bypass_csp: bool) -> Page:
    """Load a file in a tab that takes nothing over from the file before; a new tab takes longer."""
    pages = _PAGES.setdefault(browser, {})
    if bypass_csp not in pages or pages[bypass_csp].is_closed():
        pages[bypass_csp] = browser.new_context(offline=True, bypass_csp=bypass_csp).new_page()
    page = pages[bypass_csp]
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media="null", color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(file.resolve().as_uri())
    return page


def nu_errors(*files: Path) -> list[str]:
    """Return the errors that the Nu Html Checker finds.

    It takes the style for blocked by the page's own policy; a real browser lets it through.
    """
    done = subprocess.run(
        ["java", "-jar", str(VNU), "--format", "json", "--errors-only", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [each["message"] for each in json.loads(done.stderr)["messages"]]
