"""The tree of a policy in one shape: nodes of a kind, which have other nodes in them, or text.

A list item is a node, for example, although a policy has no value of its own for it. Code that
compares or rebuilds policies goes through nodes, in the same way for every kind of block. Code that
writes them is a `ByKind`, with a method for each kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Generic, Literal, TypeVar, cast

from publisher.policy.tree import (
    Block,
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
BLOCKS: Mapping[type[Block], Kind] = {
    Paragraph: "paragraph",
    Heading: "heading",
    List: "list",
    Quote: "quote",
    Table: "table",
    DefinitionList: "definitions",
}
"""The kind of each type of block."""

Run = tuple[Inline, ...]
TreeNode = Clause | Note | Block | Definition | str | Run | tuple[Block, ...] | tuple[Run, ...]
"""A node: a value of the tree, or the content of a title, item, meaning, row, cell or term."""
_Node = TypeVar("_Node")
_Written = TypeVar("_Written")


class ByKind(Generic[_Written]):
    """A writer with a method for each of some kinds of node (by default of block), named after it.

    The definition of a subclass raises `TypeError` if a kind has no method.
    """

    __slots__ = ()

    def __init_subclass__(cls, kinds: Collection[Kind] = tuple(BLOCKS.values())) -> None:
        missing = [kind for kind in kinds if not callable(getattr(cls, kind, None))]
        if missing:
            raise TypeError(f"{cls.__name__} has no method for {', '.join(missing)}")

    def by_kind(self, kind: Kind, *node: Any) -> _Written:
        """Call the method for a kind."""
        written: _Written = getattr(self, kind)(*node)
        return written

    def block(self, block: Block) -> _Written:
        """Write one block."""
        return self.by_kind(BLOCKS[type(block)], block)


def inside(kind: Kind, node: TreeNode) -> tuple[tuple[Kind, TreeNode], ...]:
    """Return the nodes in a node, each with its kind; none if it is running text."""
    match node:
        case Clause(_, title, blocks, notes):
            return (("title", title), *_blocks(blocks), *_all("note", notes))
        case Note(_, blocks) | Quote(blocks):
            return _blocks(blocks)
        case List(items):
            return _all("item", items)
        case Table(header, rows):
            return (("header", header), *_all("row", rows))
        case DefinitionList(definitions):
            return _all("definition", definitions)
        case Definition(term, descriptions):
            return (("term", term), *_all("meaning", descriptions))
    if kind in ("item", "meaning"):
        return _blocks(cast("tuple[Block, ...]", node))
    return _all("cell", cast("tuple[Run, ...]", node)) if kind in ("header", "row") else ()


def _all(kind: Kind, nodes: Iterable[TreeNode]) -> tuple[tuple[Kind, TreeNode], ...]:
    return tuple([(kind, node) for node in nodes])


def _blocks(blocks: Iterable[Block]) -> tuple[tuple[Kind, TreeNode], ...]:
    return tuple([(BLOCKS[type(block)], block) for block in blocks])


def text_of(kind: Kind, node: TreeNode) -> Run | None:
    """Return the running text of a node; None if it has nodes in it."""
    match node:
        case Paragraph(children) | Heading(_, children):
            return children
        case str():
            return (Text(node),) if node else ()
        case _:
            return cast("Run", node) if kind in ("cell", "term") else None


_CONTENT: Mapping[type, tuple[str, ...]] = {
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


def filled(node: _Node, inside: tuple[Any, ...]) -> _Node:
    """Return a node with other nodes, or other running text, in it; `()` empties it."""
    value: Any = node
    match _CONTENT.get(type(node), ()):
        case (only,):
            value = replace(value, **{only: inside})
        case (first, second):
            head, *rest = inside or ((),)
            value = replace(value, **{first: head, second: tuple(rest)})
        case (_, _, _):
            title, *rest = inside or ("",)
            notes = tuple(inner for inner in rest if isinstance(inner, Note))
            blocks = tuple(inner for inner in rest if not isinstance(inner, Note))
            value = replace(value, title=title, blocks=blocks, notes=notes)
        case _:
            text = isinstance(node, str)
            value = "".join(inline.text for inline in inside) if text else inside
    return cast("_Node", value)


def shape(node: TreeNode | None) -> int | str | None:
    """Return the words in how a node is built: a heading's level, a list's number or labels."""
    match node:
        case Heading(level):
            return level
        case List(_, start):
            return f"{node.label(0)}, {node.label(1)}, …" if node.lettered else start
        case _:
            return None
