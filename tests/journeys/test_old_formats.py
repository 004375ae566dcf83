"""The same document, as programs save it in each format → the same words, and none lost."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import soffice
from support.browsers import launched
from support.intakes import every_word, taken

from publisher.intake import Extracted

pytestmark = pytest.mark.thorough

SOURCES = {
    "sections": """# Privacy notice

Acme NV of Ghent decides why and how your data are used, and answers for it.

## Who we are

We are **Acme NV**, Kerkstraat 1, Ghent. Write to [privacy@alpha.example](mailto:privacy@alpha.example).

## What we collect

We collect your name and your address when you give them to us; nothing else.

## Your rights

You may see your data, correct them, and have them erased. If you are ≥ 16 years old, you decide yourself.
""",
    "lists": """# Cookie notice

## Why we use cookies

We use your data for these purposes, and for no other purpose whatever it may be:

- sending you letters
- sending you push notices about payments, documents and every important alert
    - on your telephone
    - on your watch
- improving our app

## What you can do

1. Open the settings of the browser that you use.
2. Choose what you allow.
3. Close the browser, and open it again.
""",
    "tables": """# Retention schedule

## How long we keep data

| Category | Ground | Kept for |
|----------|--------|----------|
| Invoices | Tax law | 10 years |
| Letters | Our interest in evidence | 2 years |
| Requests | Legal duty | 5 years |

## After that time

We erase them within 30 days, or make them anonymous.
""",
    "notes": """# Privacybeleid

## Wie wij zijn

Wij zijn Acme NV[^1]. Uw gegevens zijn bij ons veilig, ook als u niet ingelogd bent.

## Uw rechten

U mag uw gegevens inzien[^2] en laten wissen. U schrijft daarvoor een brief aan de Kerkstraat in Gent.

[^1]: Ondernemingsnummer 0456.
[^2]: Eén keer per jaar gratis.
""",
}
LONG = (
    "we use your data for a well-known purpose, and keep them as long as the law asks us to; "
    "afterwards we erase them, or make them anonymous, so that nobody can tell who you are; you may "
    "object at any time, free of charge, by a letter to our head office"
)
SOURCES["pages"] = "# Privacy statement\n\n" + "".join(
    f"## Purpose {letter}\n\nHere {LONG[LONG.index(' ', 4 * at) :]}; {LONG[: LONG.index(' ', 4 * at)]}.\n\n"
    for at, letter in enumerate("abcdefghijklmnopqrst", 1)
)
KINDS = [
    "pandoc.docx", "pandoc.html", "pandoc.md", "github.md", "pandoc.txt", "office.docx", "office.pdf", "office.html",
    "office.txt", "chromium.pdf", "weasyprint.pdf", "tagged.pdf", "browser-word.pdf", "blocks.pdf",
]  # fmt: skip


def needed(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        message = f"no {program}: run `scripts/system-packages test`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def pandoc(source: Path, target: Path, format: str, *more: str) -> None:
    asked = [
        "--from=markdown",
        f"--to={format}",
        "--wrap=auto",
        *more,
        "-o",
        str(target),
        str(source),
    ]
    subprocess.run([needed("pandoc"), *asked], check=True)


@contextmanager
def _fonts_of_the_system() -> Iterator[None]:
    """Start programs without the configuration of fonts that typesetting sets in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FONTCONFIG_FILE", raising=False)
        yield


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each source in each format, as NAME.PROGRAM.FORMAT."""
    from weasyprint import HTML

    folder = tmp_path_factory.mktemp("formats")
    work, office = folder / "work", folder / "office"
    work.mkdir()
    for name, text in SOURCES.items():
        source = work / f"{name}.md"
        source.write_text(text, encoding="utf-8")
        for ending, format in (("docx", "docx"), ("md", "commonmark_x-smart"), ("txt", "plain")):
            pandoc(source, folder / f"{name}.pandoc.{ending}", format)
        pandoc(source, folder / f"{name}.github.md", "gfm-smart")
        page = folder / f"{name}.pandoc.html"
        pandoc(source, page, "html")
        page.write_text(f"<!doctype html><meta charset=utf-8><title>x</title>{page.read_text()}")
        shutil.copy(folder / f"{name}.pandoc.docx", work / f"{name}.docx")
        styled = page.read_text().replace("<table", '<table style="display: block"')
        (folder / f"{name}.blocks.html").write_text(styled)
        HTML(folder / f"{name}.blocks.html").write_pdf(
            folder / f"{name}.blocks.pdf", pdf_variant="pdf/ua-1"
        )
        for ending, variant in (("weasyprint", None), ("tagged", "pdf/ua-1")):
            HTML(page).write_pdf(folder / f"{name}.{ending}.pdf", pdf_variant=variant)
    words = [str(path) for path in sorted(work.glob("*.docx"))]
    for filter in (
        "pdf",
        "docx:MS Word 2007 XML",
        "html:HTML (StarWriter)",
        "txt:Text (encoded):UTF8",
    ):
        soffice.run(folder / "profile", "--convert-to", filter, "--outdir", str(office), *words)
    for path in office.iterdir():
        path.rename(folder / f"{path.stem}.office{path.suffix}")
    with _fonts_of_the_system(), launched() as browser:
        tab = browser.new_page()
        for name in SOURCES:
            for made, program in (("pandoc", "chromium"), ("office", "browser-word")):
                tab.goto((folder / f"{name}.{made}.html").as_uri())
                (folder / f"{name}.{program}.pdf").write_bytes(tab.pdf())
    return folder


def words(extracted: Extracted) -> Counter[str]:
    """Return the words of a text; numbers may be labels of items and notes."""
    text = " ".join(every_word(extracted)).replace("-", "")
    return Counter(re.findall(r"[^\W\d_]+|≥", text))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SOURCES)
def test_every_format_gives_the_same_words(name: str, kind: str, documents: Path) -> None:
    if kind == "office.txt" and name == "notes":
        pytest.skip("LibreOffice writes no footnotes into text")
    expected = words(taken("x.md", SOURCES[name]))
    file = documents / f"{name}.{kind}"
    found = taken(file.name, file.read_bytes())
    assert words(found) == expected
    assert not [note for note in found.notes if "missing in" in note or "divides" in note]


@pytest.mark.parametrize("name", SOURCES)
def test_pandoc_reads_the_same_words_in_a_word_document(name: str, documents: Path) -> None:
    for kind in ("pandoc.docx", "office.docx"):
        file = documents / f"{name}.{kind}"
        command = [needed("pandoc"), "--from=docx", "--to=plain", "--wrap=none", str(file)]
        read = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert words(taken("x.txt", read)) == words(taken(file.name, file.read_bytes()))
