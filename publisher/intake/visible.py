"""What of a page of HTML is seen, and belongs to the document and not to its site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

NEVER = frozenset([
    "head", "script", "style", "noscript", "template", "iframe", "frame", "frameset", "object",
    "embed", "applet", "svg", "math", "canvas", "audio", "video", "map", "input", "select",
    "option", "button", "textarea", "datalist", "progress", "meter", "nav", "link", "meta",
    "base", "param", "source", "track", "col", "colgroup", "rp", "dialog",
])  # fmt: skip
"""Elements that have no text of the document: site furniture, controls, what is not shown."""
_BANNERS = frozenset(("header", "footer"))
_ROLES = frozenset([
    "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar",
])  # fmt: skip
_SECTIONS = frozenset([
    "main", "article", "section", "blockquote", "td",
])  # fmt: skip
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_CONSENT = re.compile(
    r"\bcookie-?(?:banner|consent|notice|bar|popup|modal|law|message|overlay)|onetrust|cookiebot|"
    r"\bconsent-?(?:banner|bar|popup|modal|manager)|\bcc-(?:window|banner)|\bgdpr-?(?:banner|popup)",
    re.IGNORECASE,
)


def name(element: Any) -> str:
    """Return the name of an element without its namespace; nothing for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def seen(element: Element, parents: tuple[str, ...] = ()) -> bool:
    """Return whether what is in an element is seen, and is part of the document."""
    tag = name(element)
    if not tag or tag in NEVER:
        return False
    given = element.attrib
    if "hidden" in given or given.get("aria-hidden", "").strip().lower() == "true":
        return False
    if _UNSEEN.search(given.get("style", "")):
        return False
    if tag in _BANNERS and _SECTIONS.isdisjoint(parents):
        return False
    return given.get("role", "").strip().lower() not in _ROLES


def consent(element: Element) -> bool:
    """Return whether an element is a banner that asks for consent to cookies."""
    if name(element) not in ("div", "section", "aside", "form", "p"):
        return False
    called = f"{element.get('id', '')} {element.get('class', '')}"
    return bool(_CONSENT.search(called))


def elements(root: Element, wanted: str) -> Iterator[Element]:
    """Yield the elements of a name that are not hidden, wherever they are."""
    for each in root.iter():
        if name(each) == wanted and seen(each, ("main",)):
            yield each


def text(root: Element) -> str:
    """Return the text in an element that is seen, as one line."""
    found: list[str] = []

    def collect(element: Element) -> None:
        if seen(element, ("main",)):
            found.append(element.text or "")
            for child in element:
                collect(child)
                found.append(" " if name(child) == "br" else "")
                found.append(child.tail or "")

    collect(root)
    return " ".join("".join(found).split())


def content(root: Element) -> Element:
    """Return the element that has the document: `main`, or the only `article`, or `body`."""
    body = next(elements(root, "body"), root)
    mains = [each for each in body.iter() if name(each) == "main" or each.get("role") == "main"]
    articles = [each for each in body.iter() if name(each) == "article"]
    for candidates in (mains, articles):
        if len(candidates) == 1 and text(candidates[0]):
            return candidates[0]
    return body
