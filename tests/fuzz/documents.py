"""Old documents that are broken: seeds of each format, mutated in their bytes and structure."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from io import BytesIO

from support.intakes import NUMBERING, STYLES, docx, listed, p, styled, untagged
from support.workspaces import EVERYTHING

from publisher.errors import NotADocument
from publisher.intake import FORMATS, extract, policy_of
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import BrandName

PAGE = (
    "<!doctype html><title>T</title><body><header><h1>Privacy</h1></header><nav>Menu</nav><main><h2>Who</h2>"
    "<p>We <b>are</b> <a href='https://a.example/'>Alpha</a><br>here <a data-cfemail='2a5a'>x</a>.</p><h2><button "
    "aria-controls=a>Data</button></h2><div id=a hidden>Name</div><ul><li>one<ol type=a><li>two</ol></ul><table>"
    "<tr><th rowspan=2>A<th colspan=3>B<tr><td>c<tr><td>d<td>e</table><dl><dt>T<dd>m</dl><p style='mso-list:l0 "
    "level2 lfo1'><span style='mso-list:Ignore'>1.</span>item</p><a role=doc-noteref href='#n'>1</a>"
    "<ol><li id=n>Note</ol></main><footer>Version 3</footer>"
)
PLAIN = (
    "Policy\n======\n\n1. Who we are\n\nWe are a com-\npany.\n\n- one\n  a) two\n\nDATA\n\nSome.\n"
)
BODY = (
    p("Privacy", styled("Titel")) + p("Who", styled("Kop1")) + p("a", listed(1, 0)) + p("b", listed(1, 1))
    + "<w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del><w:r>"
    '<w:sym w:font="Symbol" w:char="F0B3"/><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "https://a.example"'
    '</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>x</w:t><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    + '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p/></w:tc></w:tr><w:tr><w:trPr><w:gridBefore w:val="1"/>'
    f"</w:trPr><w:tc>{p('c')}</w:tc></w:tr></w:tbl><w:p><w:r><w:drawing><w:txbxContent>{p('box')}</w:txbxContent></w:drawing></w:r></w:p>"
)  # fmt: skip


@lru_cache
def seeds() -> dict[str, list[bytes]]:
    """Return the documents that are mutated, by their format."""
    from weasyprint import HTML

    pages = [
        [(16, 72, 780, "Who we are"), (11, 72, 740, "- one"), (9, 72, 40, f"Page {n} of 3")]
        for n in (1, 2, 3)
    ]
    note = "<</Type/Annot/Subtype/FreeText/Rect[72 600 400 620]/Contents(typed)>>"
    tagged = HTML(string=PAGE).write_pdf(pdf_variant="pdf/ua-1", uncompressed_pdf=True)
    return {
        "html": [PAGE.encode()],
        "markdown": [EVERYTHING.encode(), f"---\ntitle: x\n---\n\n{PLAIN}[^a]\n\n[^a]: b".encode()],
        "text": [PLAIN.encode()],
        "docx": [docx(BODY, styles=STYLES, numbering=NUMBERING, header1=f"<a>{p('h')}</a>")],
        "pdf": [untagged(pages, note), tagged],
    }


def mutated(chance: random.Random, format: str) -> bytes:
    """Return a document of a format, changed in its bytes or its structure."""
    data = chance.choice(seeds()[format])
    if format == "docx" and chance.random() < 0.8:
        return _repacked(chance, data)
    if format != "docx" and chance.random() < 0.5:
        return _restructured(chance, data, rb"\d+|/\w+|<<|>>|<[^<>]{0,40}>|\n+|[#>*-]+ ")
    return _bytes(chance, data)


def _repacked(chance: random.Random, data: bytes) -> bytes:
    """Return a Word document with one part changed, in its elements or its bytes."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as given, zipfile.ZipFile(made, "w") as package:
        names = given.namelist()
        broken = chance.choice(names)
        change = partial(_restructured, pattern=rb"<[^<>]+>|\d+")
        for name in names:
            content = given.read(name)
            if name == broken:
                content = (change if chance.random() < 0.8 else _bytes)(chance, content)
            package.writestr(name, content)
    return made.getvalue()


def _restructured(chance: random.Random, data: bytes, pattern: bytes) -> bytes:
    """Return data in which some of its tokens were left out, repeated, exchanged or enlarged."""
    tokens = [match.span() for match in re.finditer(pattern, data)]
    for _ in range(chance.randint(1, 5) if tokens else 0):
        start, end = chance.choice(tokens)
        other = data[slice(*chance.choice(tokens))]
        token = data[start:end]
        new = chance.choice((b"", token * 2, token * 300, other, b"-1", b"99999999999", b"0"))
        data = data[:start] + new + data[end:]
    return data[:200_000]


def _bytes(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(changed) + 1)
        to = at + chance.choice((1, 2, 8, 50))
        match chance.randrange(4):
            case 0:
                del changed[at:to]
            case 1:
                changed[at:at] = changed[at:to] * chance.choice((1, 5, 100))
            case 2:
                changed[at:at] = chance.randbytes(chance.choice((1, 4)))
            case _:
                changed[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(changed[:200_000])


def read(format: str, data: bytes) -> None:
    """Take the text out of a document, and write it; a document that cannot be read is refused."""
    with suppress(NotADocument):
        old = policy_of(extract(data, format), BrandName("alpha", "Alpha", "alpha.example"), "en")
        assert read_policy(json(old, Dating("undated"))) == old


READERS: dict[str, Callable[[bytes], None]] = {
    format: partial(read, format) for format in sorted({*FORMATS.values()})
}
