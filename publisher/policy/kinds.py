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


def emptied(whole: Any) -> Any:
    """Return a node without its content."""
    match whole:
        case Clause():
            return replace(whole, title="", blocks=(), notes=())
        case Paragraph():
            return Paragraph(())
        case Heading():
            return replace(whole, children=())
        case Note(number):
            return Note(number, ())
        case Quote():
            return Quote(())
        case List():
            return replace(whole, items=())
        case Table():
            return replace(whole, header=(), rows=())
        case DefinitionList():
            return DefinitionList(())
        case Definition():
            return Definition((), ())
        case str():
            return ""
        case _:
            return ()


def filled(shell: Any, inside: tuple[Any, ...]) -> Any:
    """Return a node with its content, nodes or running text: the inverse of `emptied`."""
    match shell:
        case Clause():
            title, *rest = inside
            notes = tuple(node for node in rest if isinstance(node, Note))
            blocks = tuple(node for node in rest if not isinstance(node, Note))
            return replace(shell, title=title, blocks=blocks, notes=notes)
        case Paragraph() | Heading():
            return replace(shell, children=inside)
        case Note() | Quote():
            return replace(shell, blocks=inside)
        case List():
            return replace(shell, items=inside)
        case Table():
            return replace(shell, header=inside[0], rows=inside[1:])
        case DefinitionList():
            return DefinitionList(inside)
        case Definition():
            return Definition(inside[0], inside[1:])
        case str():
            return "".join(text.text for text in inside)
        case _:
            return inside
