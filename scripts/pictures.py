"""Make the pictures of the documentation: .venv/bin/python scripts/pictures.py [FOLDER].

They show what `publisher init demo --example --today 2026-12-04` makes, on that day: pages of PDFs,
the public site, a redline in the browser, two brands' looks, and a terminal. The same fonts and the
same browser give the same pictures. scripts/rooms draws the rooms.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from pypdfium2 import PdfDocument
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from publisher.archive.release.status import status
from publisher.build.build import build
from publisher.cli import diff_output, status_output
from publisher.compare.diff import diff
from publisher.compare.redlines import Look, document
from publisher.files.cache import Cache
from publisher.site.site import site
from publisher.start.example import init_example

IMAGES = Path(__file__).parent.parent / "docs" / "images"
NOW = datetime(2026, 12, 4, 12, tzinfo=UTC)
COLOURS = 64
COLUMNS = 88
LOOKS = {
    "harbour": 'theme:\n  accent: "#0f5c4d"\n  spacing: compact\n  heading_weight: regular\n'
    "  corner: 0\n",
    "orchard": 'theme:\n  accent: "#7a2e5c"\n  spacing: airy\n  paper: "#fff8ec"\n'
    '  ink: "#2b2118"\n  measure: 58\n  type_size: 11\n',
}
"""Two looks that are not the example's, for the page about looks."""
_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<style>.{unique_id}-matrix {{ font: {char_height}px monospace }} {styles}</style>
<rect width="{width}" height="{height}" rx="8" fill="#1e2329"/>
<g transform="translate({terminal_x}, 20)" class="{unique_id}-matrix">{matrix}</g>
<defs>{lines}</defs>
</svg>
"""


def pictures(folder: Path) -> None:
    """Write all pictures into a folder."""
    with TemporaryDirectory() as scratch, browser() as page:
        demo = init_example(Path(scratch) / "demo", NOW, "policy-publisher")
        policy = demo / "versions/lantern/2026-05-18/en/policy.pdf"
        drawn(folder / "policy.png", pdf_page(policy, 0))
        build(demo, demo / "build", formats=["pdf"])
        drawn(folder / "draft.png", pdf_page(demo / "build/harbour/en/policy.pdf", -2))
        terminal(
            folder / "status.svg", lambda: status_output.status(status(demo, NOW, Cache(None)))
        )
        (redline,) = diff(demo, "lantern", NOW, locales=["en"])
        terminal(
            folder / "diff.svg",
            lambda: diff_output.differences((redline,), full=False, summary=False),
        )
        (redline,) = diff(demo, "lantern", NOW, old="2025-11-09", new="current", locales=["en"])
        (demo / "redline.html").write_bytes(document(demo, redline, Look("html", NOW, "Legal")))
        drawn(folder / "redline.png", screen(page, demo / "redline.html", 1000, 620, "td del"))
        site(demo, demo / "site", NOW)
        drawn(folder / "site.png", screen(page, demo / "site/lantern/en/index.html", 1000, 620))
        for brand, theme in LOOKS.items():
            file = demo / f"brands/{brand}/brand.yaml"
            file.write_text(file.read_text().partition("theme:\n")[0] + theme)
        build(demo, demo / "build", formats=["html"])
        for brand, name in (("harbour", "compact"), ("orchard", "airy")):
            shown = screen(page, demo / f"build/{brand}/en/policy.html", 600, 720)
            drawn(folder / f"theme-{name}.png", shown)


def pdf_page(file: Path, number: int) -> Image.Image:
    """Return a page of a PDF, as a picture with a thin edge."""
    with PdfDocument(file) as pdf:
        image = pdf[number % len(pdf)].render(scale=1.06).to_pil().convert("RGB")
    framed = Image.new("RGB", (image.width + 2, image.height + 2), "#d0d7de")
    framed.paste(image, (1, 1))
    return framed


@contextmanager
def browser() -> Iterator[Page]:
    """Open a browser without a network."""
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=flags
        )
        yield chromium.new_context(offline=True, color_scheme="light").new_page()
        chromium.close()


def screen(page: Page, file: Path, width: int, height: int, to: str = "body") -> Image.Image:
    """Return a page as a browser shows it: its top, or the part around the first element `to`."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(file.as_uri())
    page.locator(to).first.evaluate("it => scrollBy(0, it.getBoundingClientRect().top - 420)")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def drawn(file: Path, image: Image.Image) -> None:
    """Write a picture with few colours, which keeps it small."""
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def terminal(file: Path, show: Callable[[], None]) -> None:
    """Draw what a command prints on a terminal."""
    printed = io.StringIO()
    os.environ.update(TTY_COMPATIBLE="1", COLUMNS=str(COLUMNS), COLORTERM="truecolor")
    with redirect_stdout(printed):
        show()
    screen = Console(record=True, width=COLUMNS, file=io.StringIO())
    screen.print(Text.from_ansi(printed.getvalue().rstrip()))
    drawing = screen.export_svg(code_format=_SVG, theme=MONOKAI, unique_id=file.stem)
    file.write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
