"""Documents as they were before the toolkit, and what is taken out of them."""

from __future__ import annotations

import zipfile
from io import BytesIO

from publisher.intake import Extracted, extract, format_of, policy_of
from publisher.policy.tree import (
    BrandName,
    Clause,
    Code,
    Inline,
    LineBreak,
    Policy,
    Text,
    inlines_of,
    walk,
)

BRAND = BrandName("alpha", "Alpha", "alpha.example")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def taken(name: str, data: bytes | str) -> Extracted:
    content = data.encode() if isinstance(data, str) else data
    return extract(content, format_of(name, content))


def policy(name: str, data: bytes | str) -> Policy:
    return policy_of(taken(name, data), BRAND, "en")


def said(clause: Clause) -> list[str]:
    """Return the text of a clause, a string for each run."""
    return [
        "".join(
            "\n" if isinstance(each, LineBreak) else each.text
            for each in walk(run)
            if isinstance(each, Text | Code | LineBreak)
        )
        for block in (*clause.blocks, *(b for note in clause.notes for b in note.blocks))
        for run in inlines_of(block)
    ]


def every_word(extracted: Extracted) -> list[str]:
    """Return all words, the title and the titles of clauses among them, in their order."""
    texts = [extracted.title]
    for clause in extracted.clauses:
        texts += [clause.title, *said(clause)]
    return [word for text in texts for word in text.split()]


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document with this body; parts are named by what stands before ``.xml``."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>',
        )
        for name, content in parts.items():
            package.writestr(f"word/{name}.xml", content)
    return made.getvalue()


def p(text: str, properties: str = "") -> str:
    """Return a paragraph of a Word document."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:styleId="Kop1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="Kop2"><w:name w:val="heading 2"/></w:style>
<w:style w:styleId="Eigen"><w:name w:val="Eigen kop"/><w:basedOn w:val="Kop1"/></w:style>
<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
</w:styles>"""
NUMBERING = f"""<w:numbering xmlns:w="{W}">
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""


def styled(name: str) -> str:
    return f'<w:pStyle w:val="{name}"/>'


def listed(number: int, level: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def shown(run: tuple[Inline, ...]) -> str:
    """Return the text of a run."""
    return "".join(part.text for part in walk(run) if isinstance(part, Text | Code))


def untagged(
    pages: list[list[tuple[int, int, int, str]]], note: str = "", title: str = ""
) -> bytes:
    """Return a PDF without structure: on each page, sizes, places and texts; a note on each."""
    objects: list[bytes] = []

    def add(content: str) -> int:
        objects.append(content.encode("cp1252"))
        return len(objects)

    font = add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    notes = f"/Annots[{add(note)} 0 R]" if note else ""
    parent = len(objects) + 2 * len(pages) + 1
    kids = []
    for page in pages:
        drawn = "".join(f"BT /F {s} Tf {x} {y} Td ({text}) Tj ET\n" for s, x, y, text in page)
        stream = add(f"<</Length {len(drawn.encode('cp1252'))}>>stream\n{drawn}endstream")
        fonts = f"/Resources<</Font<</F {font} 0 R>>>>/MediaBox[0 0 595 842]{notes}"
        kids.append(add(f"<</Type/Page/Parent {parent} 0 R/Contents {stream} 0 R{fonts}>>"))
    add(f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>")
    root, info = add(f"<</Type/Catalog/Pages {parent} 0 R>>"), add(f"<</Title({title})>>")
    made = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = f"trailer<</Size {len(objects) + 1}/Root {root} 0 R/Info {info} 0 R>>\n"
    at = len(made) - len(table) - len(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n")
    return made + f"{trailer}startxref\n{at}\n%%EOF".encode()
