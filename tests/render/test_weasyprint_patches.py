"""What is changed in WeasyPrint is still needed: a test that fails here says what can be deleted."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydyf
import pytest
import weasyprint
from pypdf import PdfReader
from support.realsized import table
from support.workspaces import clause, policy, small
from weasyprint.formatting_structure import boxes
from weasyprint.pdf import fonts

import publisher.render
from publisher.cli.doctor import doctor
from publisher.errors import InvalidPolicy, LibraryMissing
from publisher.policy.dating import Dating
from publisher.render import typeset, weasyprint_patches
from publisher.render.breaks import JOIN
from publisher.render.conformance import VARIANT
from publisher.render.pdf import manuscript
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style
from publisher.render.weasyprint_patches import Patch
from publisher.repository.source import FolderSource

FILL, JOINED, STRIPES, RINGS, *QUICKER = weasyprint_patches.PATCHES
STYLE = "font-family: Noto Sans; hyphens: auto; width: {}px"


def lines(text: str, width: int) -> list[str]:
    """Return the lines of a paragraph in so much room."""
    html = f'<html lang="en"><p style="{STYLE.format(width)}">{text}'
    document = weasyprint.HTML(string=html).render(font_config=typeset._fonts())

    def inside(box: Any) -> Iterator[str]:
        if isinstance(box, boxes.LineBox):
            yield "".join(t.text for t in box.descendants() if isinstance(t, boxes.TextBox))
        else:
            for child in getattr(box, "children", ()):
                yield from inside(child)

    return [*inside(document.pages[0]._page_box)]


def test_a_line_is_filled_to_its_last_space(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'We keep your name and address <a href="#here">here</a>'
    assert lines(text, 140) == ["We keep your", "name and address", "here"]
    monkeypatch.setattr(FILL.module, FILL.name, FILL.original)
    assert lines(text, 140) == ["We keep your", "name", "and address here"], "fixed upstream"


def test_a_word_that_is_kept_whole_is_not_hyphenated(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"Who sees the Internationalizatio{JOIN}n of it"
    assert lines(text, 150)[0] == "Who sees the"
    monkeypatch.setattr(JOINED.module, JOINED.name, JOINED.original)
    assert lines(text, 150)[0] == "Who sees the Inter‐", "fixed upstream"


@pytest.mark.parametrize("spread", ["repeat", "reflect"])
@pytest.mark.parametrize(
    ("patch", "name", "fine", "endless"),
    [
        (STRIPES, "linearGradient", 'x2="0.1"', 'x2="0.00005"'),
        (RINGS, "radialGradient", 'r="0.1"', 'r="0.00005"'),
        (RINGS, "radialGradient", 'r="0.2" fr="0.1"', 'r="0.20005" fr="0.2"'),
    ],
)
def test_a_gradient_is_not_repeated_endlessly(
    monkeypatch: pytest.MonkeyPatch, patch: Patch, name: str, fine: str, endless: str, spread: str
) -> None:
    def drawn(size: str) -> bytes:
        logo = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><{name} id="a" {size} '
            f'spreadMethod="{spread}"><stop offset="0"/><stop offset="1" stop-color="red"/>'
            f'</{name}><rect fill="url(#a)" width="9" height="9"/></svg>'
        )
        url = f"data:image/svg+xml;base64,{b64encode(logo.encode()).decode()}"
        return typeset.drawing(url, "alpha", 9, 9)

    assert drawn(fine)
    with pytest.raises(InvalidPolicy, match="the logo has a part that cannot be drawn"):
        drawn(endless)
    monkeypatch.setattr(patch.module, patch.name, patch.original)
    assert len(drawn(endless)) > 3 * len(drawn(fine)), "limited upstream"


def test_weasyprint_claims_one_standard_and_leaves_lists_outside_the_bodies_of_items() -> None:
    html = '<html lang="en"><title>t</title><ul><li><p>one</p><p>two</p></ul>'
    data = weasyprint.HTML(string=html).write_pdf(
        font_config=typeset._fonts(), pdf_variant=VARIANT, pdf_tags=True
    )
    reader = PdfReader(BytesIO(data))
    metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert b"pdfaid" in metadata
    assert b"pdfuaid" not in metadata, "fixed upstream"
    items = [e for e in _elements(reader.trailer["/Root"]["/StructTreeRoot"]) if e["/S"] == "/LI"]
    kinds = {child.get_object()["/S"] for item in items for child in item["/K"]}
    assert items
    assert not kinds <= {"/Lbl", "/LBody"}, "fixed upstream"


def _elements(element: Any) -> Iterator[Any]:
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        inner = child.get_object()
        if isinstance(inner, dict) and "/S" in inner:
            yield inner
            yield from _elements(inner)


@pytest.fixture
def job(tmp_path: Path) -> PdfJob:
    """Return a draft over several pages, with a table and a list."""
    rows = [("one", "two", "three")] * 30
    text = f"{table(('a', 'b', 'c'), rows)}\n- One item.\n- Another item.\n\n{'We keep it. ' * 300}"
    small(tmp_path, {"brands/alpha/clauses/en/data.md": clause(text)})
    return manuscript(policy(tmp_path), Dating("undated"), Style(), FolderSource(tmp_path))


def test_the_changes_that_save_time_change_no_byte(
    monkeypatch: pytest.MonkeyPatch, job: PdfJob
) -> None:
    quicker = typeset.typeset(job)
    for patch in QUICKER:
        monkeypatch.setattr(patch.module, patch.name, patch.original)
    monkeypatch.setattr(weasyprint_patches, "write_once", lambda pdf: None)
    monkeypatch.setattr(weasyprint_patches, "_split_once", weasyprint_patches._split_first_line)
    assert quicker == typeset.typeset(job)


@pytest.mark.parametrize("name", ["_split_first_line", "_setup", "_resolve_percentages", "_draw"])
def test_weasyprint_does_the_same_work_again(
    monkeypatch: pytest.MonkeyPatch, job: PdfJob, name: str
) -> None:
    original, calls = getattr(weasyprint_patches, name), 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return original(*arguments, **named)

    monkeypatch.setattr(weasyprint_patches, name, counted)
    typeset.typeset(job)
    once, calls = calls, 0
    for patch in QUICKER:
        if patch.original is original:
            monkeypatch.setattr(patch.module, patch.name, counted)
    monkeypatch.setattr(weasyprint_patches, "_split_once", weasyprint_patches._split_first_line)
    typeset.typeset(job)
    assert 0 < once < 0.9 * calls, "fixed upstream"


def test_the_bytes_of_an_object_are_made_twice_by_pydyf() -> None:
    class Counted(pydyf.Object):
        made = 0

        @property
        def data(self) -> bytes:
            Counted.made += 1
            return b"null"

    def made(change: Callable[[Any], None]) -> tuple[int, bytes]:
        Counted.made, pdf, output = 0, pydyf.PDF(), BytesIO()
        pdf.add_object(Counted())
        change(pdf)
        pdf.write(output, version=b"1.7", identifier=True, compress=True)
        return Counted.made, output.getvalue()

    twice, written = made(lambda pdf: None)
    assert twice == 2, "fixed upstream"
    assert made(weasyprint_patches.write_once) == (1, written)


def test_weasyprint_alone_is_there_for_comparison() -> None:
    with weasyprint_patches.plain():
        assert {getattr(p.module, p.name) for p in QUICKER} == {p.original for p in QUICKER}
    assert {getattr(p.module, p.name) for p in QUICKER} == {p.replacement for p in QUICKER}


def test_another_version_is_refused_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint, "__version__", "71.0")
    with pytest.raises(LibraryMissing) as fault:
        weasyprint_patches.apply()
    assert str(fault.value) == (
        "WeasyPrint cannot be loaded: version 71.0 is installed, and publisher needs version 70; "
        "run `python -m pip install 'weasyprint>=70,<71'`"
    )


BROKEN = """
import sys
from publisher.render import typeset
for name in [name for name in sys.modules if name.startswith("weasyprint")]:
    del sys.modules[name]
def broken(module, name): raise TypeError("put together otherwise")
typeset._Later.__getattr__ = broken
with typeset._loaded_later("fontTools.subset", "fontTools.varLib.instancer"):
    import weasyprint
from weasyprint.pdf.fonts import subset
print(subset.Options().hinting, type(subset) is type(sys))
"""


def test_fonttools_serves_weasyprint_though_it_is_loaded_later() -> None:
    assert fonts.subset.Options().hinting
    ran = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "True"]


def test_doctor_says_which_version_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasyprint, "__version__", "71.0")
    monkeypatch.delitem(sys.modules, "publisher.render.typeset")
    monkeypatch.delattr(publisher.render, "typeset")
    (finding,) = (finding for finding in doctor(None) if finding.name == "WeasyPrint")
    assert not finding.well
    assert finding.fix == "run `python -m pip install 'weasyprint>=70,<71'`"
