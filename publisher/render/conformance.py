"""Makes a PDF both PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1).

WeasyPrint writes one of the two. The other claim goes into the same XMP packet (ISO 16684-1), with
a description of each property, which PDF/A requires for properties outside XMP itself. List items
get the structure of ISO 32000-1, table 336.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pydyf

VARIANT = "pdf/a-3a"
NAMESPACE = "urn:policy-publisher:xmp:1"

_END = b"</rdf:RDF>"


@dataclass(frozen=True, slots=True)
class _Property:
    prefix: str
    namespace: str
    schema: str
    name: str
    kind: str
    description: str


_PART = _Property(
    "pdfuaid",
    "http://www.aiim.org/pdfua/ns/id/",
    "PDF/UA identification schema",
    "part",
    "Integer",
    "Part of ISO 14289 that the file conforms to",
)
_DIGEST = _Property(
    "policy",
    NAMESPACE,
    "Policy schema",
    "wordsDigest",
    "Text",
    "SHA-256 of the canonical form of the words of the policy",
)


def with_claims(rdf: bytes, language: str, words_digest: str) -> bytes:
    """Return XMP metadata with the claim to PDF/UA-1, the language, and the words digest added.

    The words digest is empty for a document that is not a policy.
    """
    stated = {_PART: "1"} | ({_DIGEST: words_digest} if words_digest else {})
    schemas = "".join(map(_described, stated))
    claims = (
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:language><rdf:Bag><rdf:li>{escape(language)}</rdf:li></rdf:Bag></dc:language>"
        "</rdf:Description>"
        f"{''.join(_stated(claim, value) for claim, value in stated.items())}"
        '<rdf:Description rdf:about=""'
        ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        f"<pdfaExtension:schemas><rdf:Bag>{schemas}</rdf:Bag></pdfaExtension:schemas>"
        "</rdf:Description>"
    )
    return rdf.replace(_END, claims.encode() + _END)


def fix_lists(pdf: Any) -> None:
    """Put the content of each list item, except its label, into the item's body.

    `pdf` is the document in pydyf. WeasyPrint puts only text into a body, and leaves the paragraphs
    and lists of an item outside it.
    """
    by_reference = {
        element.reference: element
        for element in pdf.objects
        if isinstance(element, pydyf.Dictionary)
    }
    for item in list(by_reference.values()):
        if item.get("S") != "/LI":
            continue
        children = [by_reference[child] for child in item["K"]]
        labels = [child for child in children if child["S"] == "/Lbl"]
        inside = [child for child in children if child["S"] != "/Lbl"]
        if all(child["S"] == "/LBody" for child in inside) and len(inside) <= 1:
            continue
        body = pydyf.Dictionary(
            {
                "Type": "/StructElem",
                "S": "/LBody",
                "K": pydyf.Array([child.reference for child in inside]),
                "Pg": item["Pg"],
                "P": item.reference,
            }
        )
        pdf.add_object(body)
        for child in inside:
            child["P"] = body.reference
            if child["S"] == "/LBody":
                child["S"] = "/Div"
        item["K"] = pydyf.Array([*(label.reference for label in labels), body.reference])


def _stated(claim: _Property, value: str) -> str:
    name = f"{claim.prefix}:{claim.name}"
    return (
        f'<rdf:Description rdf:about="" xmlns:{claim.prefix}="{claim.namespace}">'
        f"<{name}>{escape(value)}</{name}></rdf:Description>"
    )


def _described(claim: _Property) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaSchema:schema>{claim.schema}</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{claim.namespace}</pdfaSchema:namespaceURI>"
        f"<pdfaSchema:prefix>{claim.prefix}</pdfaSchema:prefix>"
        '<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{claim.name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>{claim.kind}</pdfaProperty:valueType>"
        "<pdfaProperty:category>internal</pdfaProperty:category>"
        f"<pdfaProperty:description>{claim.description}</pdfaProperty:description>"
        "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li>"
    )
