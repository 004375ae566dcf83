"""The tree of a policy in one shape: nodes of a kind, which have other nodes in them, or text.

A list item is a node, for example, although a policy has no value of its own for it. Code that
compares two policies goes through nodes, in one way for every kind of block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from publisher.policy.tree import (
    Clause,
    Definition,
    DefinitionList,
    Heading,
    Inline,
    List,
    Note,
    Paragraph,
    Quote,
    Table,
    Text,
)

Kind = Literal[
    "clause",
    "title",
    "paragraph",
    "heading",
    "list",
    "item",
    "quote",
    "table",
    "header",
    "row",
    "cell",
    "definitions",
    "definition",
    "term",
    "meaning",
    "note",
]
_BLOCKS: dict[type, Kind] = {
    Paragraph: "paragraph",
    Heading: "heading",
    List: "list",
    Quote: "quote",
    Table: "table",
    DefinitionList: "definitions",
}


def inside(kind: Kind, whole: Any) -> tuple[tuple[Kind, Any], ...]:
    """Return the nodes in a node, each with its kind; none if it is running text."""
    match whole:
        case Clause(_, title, blocks, notes):
            noted: list[tuple[Kind, Any]] = [("note", note) for note in notes]
            return (("title", title), *_blocks(blocks), *noted)
        case Note(_, blocks) | Quote(blocks):
            return _blocks(blocks)
        case List(items):
            return tuple(("item", item) for item in items)
        case Table(header, rows):
            return (("header", header), *(("row", row) for row in rows))
        case DefinitionList(definitions):
            return tuple(("definition", definition) for definition in definitions)
        case Definition(term, descriptions):
            return (("term", term), *(("meaning", text) for text in descriptions))
    if kind in ("item", "meaning"):
        return _blocks(whole)
    return tuple(("cell", cell) for cell in whole) if kind in ("header", "row") else ()


def _blocks(blocks: tuple[Any, ...]) -> tuple[tuple[Kind, Any], ...]:
    return tuple((_BLOCKS[type(block)], block) for block in blocks)


def text_of(kind: Kind, whole: Any) -> tuple[Inline, ...] | None:
    """Return the running text of a node; None if it has nodes in it."""
    match whole:
        case Paragraph(children) | Heading(_, children):
            return children
        case str():
            return (Text(whole),) if whole else ()
        case _:
            text: tuple[Inline, ...] | None = whole if kind in ("cell", "term") else None
            return text


_CONTENT: dict[type, tuple[str, ...]] = {
    Clause: ("title", "blocks", "notes"),
    Paragraph: ("children",),
    Heading: ("children",),
    Note: ("blocks",),
    Quote: ("blocks",),
    List: ("items",),
    Table: ("header", "rows"),
    DefinitionList: ("definitions",),
    Definition: ("term", "descriptions"),
}
"""The fields of each value that have its content, in its order."""


def emptied(whole: Any) -> Any:
    """Return a node without its content."""
    names = _CONTENT.get(type(whole))
    if names is None:
        return type(whole)()
    return replace(whole, **{name: type(getattr(whole, name))() for name in names})


def filled(shell: Any, inside: tuple[Any, ...]) -> Any:
    """Return a node with its content, nodes or running text: the inverse of `emptied`."""
    match _CONTENT.get(type(shell), ()):
        case (only,):
            return replace(shell, **{only: inside})
        case (first, second):
            return replace(shell, **{first: inside[0], second: inside[1:]})
        case (_, _, _):
            title, *nodes = inside
            notes = tuple(node for node in nodes if isinstance(node, Note))
            blocks = tuple(node for node in nodes if not isinstance(node, Note))
            return replace(shell, title=title, blocks=blocks, notes=notes)
    return "".join(text.text for text in inside) if isinstance(shell, str) else inside
