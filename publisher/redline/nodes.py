"""A policy → the nodes that are compared: one shape for clauses, blocks, items, rows and cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from publisher.policy.fragments import Fragment, Leaf, Mark, characters, fragments, inlines, plain
from publisher.policy.kinds import Kind, TreeNode, filled, inside, shape, text_of
from publisher.policy.tree import Code, Emphasis, Link, Policy, Text, Unconfirmed
from publisher.policy.words import Form, Piece, fold, link_titles
from publisher.redline.tokens import UNSPACED

Style = tuple[tuple[str, str | bool] | None, ...]
"""The marks of a stretch of text: each element around it, and the stretch itself."""


class Node:
    """A node of one policy: `whole` is its value in the tree, `form` how its policy writes words.

    `run` is its running text, None if it has nodes in it.
    """

    __slots__ = ("_bag", "_fragments", "_inside", "_text", "_words", "form", "kind", "run", "whole")

    def __init__(self, kind: Kind, whole: TreeNode, form: Form) -> None:
        self.kind = kind
        self.whole = whole
        self.form = form
        self.run = text_of(kind, whole)
        self._inside: tuple[Node, ...] | None = None
        self._words: tuple[Hashable, ...] | None = None
        self._fragments: tuple[Fragment, ...] | None = None
        self._bag: Counter[str] | None = None
        self._text: str | None = None

    @property
    def shell(self) -> TreeNode:
        """The node without its content."""
        return filled(self.whole, ())

    def piece(self, fragments: tuple[Fragment, ...]) -> Node:
        """Return a node of the same kind with some of the running text."""
        piece = Node(self.kind, filled(self.whole, inlines(fragments)), self.form)
        piece._fragments = fragments
        return piece

    @property
    def inside(self) -> tuple[Node, ...]:
        """The nodes in it."""
        if self._inside is None:
            nodes = inside(self.kind, self.whole)
            self._inside = tuple([Node(kind, node, self.form) for kind, node in nodes])
        return self._inside

    @property
    def words(self) -> tuple[Hashable, ...]:
        """The kind, the shape and the words of the node; equal if they are the same."""
        if self._words is None:
            words: Iterable[Hashable]
            if self.run is None:
                words = [node.words for node in self.inside if not node.blank]
            elif len(self.run) == 1 and isinstance(self.run[0], Text):
                words = filter(None, (fold(self.run[0].text),))
            else:
                words = map(_hashable, self.form.run(self.run))
            self._words = (self.kind, shape(self.whole), *words)
        return self._words

    @property
    def blank(self) -> bool:
        """Whether it is a paragraph or heading of white space only, which has no words."""
        return self.kind in ("paragraph", "heading") and not self.text_words

    @property
    def text_words(self) -> tuple[Hashable, ...]:
        """The words of the node, whatever kind of node it is."""
        return self.words[2:]

    @property
    def marks(self) -> tuple[Hashable, ...]:
        """How the words are marked: equal, for the same words, if they look the same."""
        if self.run is None:
            return tuple(node.marks for node in self.inside)
        return tuple(
            (style(fragment, self.form), fold(plain(fragment.leaf, self.form.first_note)))
            for fragment in self.fragments
            if not plain(fragment.leaf).isspace()
        )

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """The running text, in stretches."""
        if self._fragments is None:
            self._fragments = tuple(fragments(self.run or ()))
        return self._fragments

    @property
    def text(self) -> str:
        """The running text as characters, with some that stand for notes and the unknown."""
        if self._text is None:
            self._text = characters(self.fragments, self.form.first_note)
        return self._text

    @property
    def unmarked(self) -> bool:
        """Whether the running text has no element around any of it."""
        return all(
            not fragment.marks and type(fragment.leaf) is Text for fragment in self.fragments
        )

    @property
    def bag(self) -> Counter[str]:
        """The words in the node, whatever their order; characters where no spaces are written."""
        if self._bag is None:
            self._bag = Counter()
            if self.run is not None:
                words = self.text.casefold().split()
                self._bag.update("".join(words) if UNSPACED.search(self.text) else words)
            for node in self.inside:
                self._bag.update(node.bag)
        return self._bag

    @property
    def size(self) -> int:
        """The number of words in the node."""
        return self.bag.total()


def style(fragment: Fragment, form: Form) -> Style:
    """Return how a fragment is marked; a link to a clause is one to the clause's title."""
    return (*(_mark(mark, form) for mark in fragment.marks), _leaf(fragment.leaf, form))


def _mark(mark: Mark, form: Form) -> tuple[str, str | bool]:
    match mark:
        case Emphasis(_, strong):
            return ("emphasis", strong)
        case Link(target):
            return ("link", form.titles.get(target, target))
        case Unconfirmed(_, question):
            return ("unconfirmed", question.text)


def _leaf(leaf: Leaf, form: Form) -> tuple[str, str | bool] | None:
    match leaf:
        case Code():
            return ("emphasis", "code")
        case Emphasis() | Link() | Unconfirmed():
            return _mark(leaf, form)
        case _:
            return None


def _hashable(value: Piece) -> Hashable:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def clause_nodes(
    old: Policy | None, new: Policy | None
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Return the clauses of two policies as nodes, which share their titles if these are equal."""
    titles, others = (link_titles(policy) if policy else {} for policy in (old, new))
    return _nodes(old, titles), _nodes(new, titles if others == titles else others)


def _nodes(policy: Policy | None, titles: dict[str, str]) -> tuple[Node, ...]:
    return tuple(
        Node("clause", clause, Form(titles, clause.notes[0].number if clause.notes else 1))
        for clause in (policy.clauses if policy else ())
    )


def text_node(text: str) -> Node:
    """Return a node of plain text."""
    return Node("title", text, Form({}, 1))
