"""HTML → titles and blocks. Nothing is fetched, and no script is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from publisher.intake.draft import OWN, Draft, names
from publisher.intake.html_blocks import NO_TEXT, Flow, Reader, gathered, name, seen
from publisher.policy.tree import Paragraph, Text

AROUND = "the parts of the page around the document were left out"
_DEPTH = 150
"""The deepest nesting of elements."""
_TAGS = re.compile(
    r"<(script|style|template|title)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)|<[!?][^<>]*>|"
    r"</?([a-z][\w:-]*+)(?:[\s/](?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)?>",
    re.DOTALL | re.IGNORECASE,
)
_LONGEST_TAG = 10_000
"""Characters in a tag, without those in quotation marks, such as an image."""
_LONG_TAG = re.compile(rf"<[a-zA-Z/!?][^>]{{{_LONGEST_TAG},}}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


_NO_CHARACTER = re.compile("&#[0-9]{4000,}")


class _TooDeep(Exception):
    """Elements are nested more deeply than a person writes them."""


_IN_WORDS = names(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr o:p q s samp "
    "small span strike strong sub sup tt u var wbr"
)
"""Elements that a word may have in it, unless they are hidden."""
_UNSEEN = re.compile("hidden|display|doc-noteref")


def plain(source: str) -> str:
    """Return all text between the tags of a page, for the second reading."""

    def instead(tag: re.Match[str]) -> str:
        inside = (tag[2] or "").lower() in _IN_WORDS and not _UNSEEN.search(tag[0])
        return "" if inside else "\n"

    return unescape(_bounded(_TAGS.sub(instead, source)))  # a tag may divide a number


def read(source: str, *, fragment: bool = False, visible: bool = False) -> Draft:
    """Return the draft of a page; a `fragment` has no head, and only the document in its body.

    Parts that are hidden at this moment belong to it, unless it is to be what is `visible`.
    """
    source = _bounded(source)
    try:
        root = _parsed(source)
    except _TooDeep:
        return _unnested(source)
    start = next(_elements(root, "body"), root) if fragment else _content(root)
    own = any(_is_own(element) for element in root.iter() if name(element) == "meta")
    reader, flow = Reader(own=own, visible=visible), Flow()
    reader.inside(start, flow)
    title = "" if fragment else _title(root)
    remark = "" if own else AROUND
    omitted = (*((remark, line) for line in _around(root, start) if line), *reader.omitted)
    return Draft(
        title,
        gathered(flow.pieces),
        reader.footnotes,
        reader.remarks,
        omitted=omitted,
        supplied=tuple(reader.supplied),
    )


def _bounded(source: str) -> str:
    """Return a page without references to characters by numbers too long for Python to read."""
    return _NO_CHARACTER.sub("&#1114112", source)


def _is_own(meta: Element) -> bool:
    """Return whether an element of the head names this toolkit as the author of the page."""
    return meta.get("name") == "generator" and meta.get("content", "").startswith(OWN)


def _parsed(source: str) -> Element:
    for tag in _LONG_TAG.finditer(source):
        if len(_QUOTED.sub("", tag[0])) > _LONGEST_TAG:
            raise _TooDeep  # the time grows with the square of the number of attributes
    # Imported here: comparing and rendering policies does not need it.
    from tinyhtml5.parser import HTMLParser
    from tinyhtml5.treebuilder import TreeBuilder

    class Builder(TreeBuilder):  # type: ignore[misc]
        """A builder that stops at a depth: the time for parsing grows with the square of it."""

        def reconstruct_active_formatting_elements(self) -> None:
            if len(self.active_formatting_elements) > _DEPTH:
                raise _TooDeep
            super().reconstruct_active_formatting_elements()

        def insert_element_normal(self, token: Any) -> Any:
            if len(self.open_elements) > _DEPTH:
                raise _TooDeep
            return super().insert_element_normal(token)

    parser = HTMLParser(namespace_html_elements=False)
    parser.tree = Builder(False)
    for phase in parser.phases.values():
        phase.tree = parser.tree
    root: Element = parser.parse(source)
    return root


def _elements(root: Element, wanted: str) -> Iterator[Element]:
    """Yield the visible elements of a name, at any depth."""
    for element in root.iter():
        if name(element) == wanted and seen(element, ("main",)):
            yield element


def _text(root: Element) -> str:
    """Return the visible text in an element, as one line."""
    parts: list[str] = []

    def collect(element: Element) -> None:
        if seen(element, ("main",)):
            parts.append(element.text or "")
            for child in element:
                collect(child)
                parts.append(" " if name(child) == "br" else "")
                parts.append(child.tail or "")

    collect(root)
    return " ".join("".join(parts).split())


def _around(root: Element, start: Element) -> Iterator[str]:
    """Yield the lines of text on a page outside of one of its elements."""
    if root is start or name(root) in NO_TEXT:
        return
    for line in (root.text or "").splitlines():
        yield line.strip()
    for child in root:
        yield from _around(child, start)
        yield (child.tail or "").strip()


def _content(root: Element) -> Element:
    """Return the element that has the document: `main`, or the only `article`, or `body`."""
    body = next(_elements(root, "body"), root)
    mains = [
        element
        for element in body.iter()
        if name(element) == "main" or element.get("role") == "main"
    ]
    articles = [element for element in body.iter() if name(element) == "article"]
    for candidates in (mains, articles):
        if len(candidates) == 1 and _text(candidates[0]):
            return candidates[0]
    return body


def _title(root: Element) -> str:
    """Return the title of a page: its only h1, anywhere on the page, or the title in its head."""
    first = [title for heading in _elements(root, "h1") if (title := _text(heading))]
    if len(first) == 1:
        return first[0]
    titles = (" ".join("".join(e.itertext()).split()) for e in root.iter() if name(e) == "title")
    return next(titles, "")


def _unnested(source: str) -> Draft:
    """Return the text between the tags, a paragraph for each line."""
    bare = unescape(_TAGS.sub("\n", re.sub(r"<[a-z][^<>]*$", "", source)))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    remark = "the page's elements are nested too deeply: its text was read without its structure"
    return Draft("", tuple(Paragraph((Text(line),)) for line in lines if line), remarks=(remark,))
