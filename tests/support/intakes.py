"""Documents as they were before the toolkit, and what is taken out of them."""

from __future__ import annotations

import zipfile
from io import BytesIO

from publisher.intake import Extracted, extract, format_of, policy_of
from publisher.policy.tree import BrandName, Clause, Code, LineBreak, Policy, Text, inlines_of, walk

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
