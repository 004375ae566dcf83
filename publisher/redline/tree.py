"""A policy ↔ the nodes that are compared: one shape for clauses, blocks, items, rows and cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from publisher.model.fragments import Fragment, Leaf, Mark, fragments, inlines, plain
from publisher.model.nodes import Kind, emptied, filled, inside, text_of
from publisher.model.policy import Code, Emphasis, Inline, Link, Policy, Unconfirmed
from publisher.model.redline import Part, Redline, Side, shape
from publisher.model.words import Form, fold


@dataclass(eq=False)
class Node:
    """A node of one policy; `form` says how it writes words."""

    kind: Kind
    whole: Any
    form: Form

    @cached_property
    def shell(self) -> Any:
        """The node without what is in it."""
        return emptied(self.whole)

    @cached_property
    def inside(self) -> tuple[Node, ...]:
        """The nodes in it."""
        return tuple(Node(kind, each, self.form) for kind, each in inside(self.kind, self.whole))

    @cached_property
    def run(self) -> tuple[Inline, ...] | None:
        """Its running text; None if it has nodes in it."""
        return text_of(self.kind, self.whole)

    @cached_property
    def words(self) -> tuple[Any, ...]:
        """What the node says; equal if the words are."""
        said: Iterable[Any] = (each.words for each in self.inside)
        if self.run is not None:
            said = map(_hashable, self.form.run(self.run))
        return (self.kind, shape(self.shell), *said)

    @cached_property
    def marks(self) -> tuple[Any, ...]:
        """How the words are marked: equal, for the same words, if they look the same."""
        if self.run is None:
            return tuple(each.marks for each in self.inside)
        return tuple(
            (style(fragment, self.form), fold(plain(fragment.leaf, self.form.first_note)))
            for fragment in self.fragments
            if not plain(fragment.leaf).isspace()
        )

    @cached_property
    def fragments(self) -> tuple[Fragment, ...]:
        """The running text, in stretches."""
        return tuple(fragments(self.run or ()))

    @cached_property
    def bag(self) -> Counter[str]:
        """The words in the node, whatever their order."""
        if self.run is not None:
            text = "".join(plain(each.leaf, self.form.first_note) for each in self.fragments)
            return Counter(text.casefold().split())
        return sum((each.bag for each in self.inside), Counter())

    @cached_property
    def size(self) -> int:
        """The number of words in the node."""
        return self.bag.total()


def style(fragment: Fragment, form: Form) -> tuple[Any, ...]:
    """Return how a fragment is marked; a link to a clause is one to the clause's title."""
    return (*(_mark(each, form) for each in fragment.marks), _leaf(fragment.leaf, form))


def _mark(mark: Mark, form: Form) -> tuple[Any, ...]:
    match mark:
        case Emphasis(_, strong):
            return ("emphasis", strong)
        case Link(target):
            return ("link", form.titles.get(target, target))
        case Unconfirmed(_, question):
            return ("unconfirmed", question.text)


def _leaf(leaf: Leaf, form: Form) -> Any:
    match leaf:
        case Code():
            return ("emphasis", "code")
        case Emphasis() | Link() | Unconfirmed():
            return _mark(leaf, form)
        case _:
            return None


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def clause_nodes(policy: Policy | None) -> tuple[Node, ...]:
    """Return the clauses of a policy as nodes."""
    if policy is None:
        return ()
    titles = {f"#{clause.id}": f"#{fold(clause.title)}" for clause in policy.clauses}
    return tuple(
        Node("clause", clause, Form(titles, clause.notes[0].number if clause.notes else 1))
        for clause in policy.clauses
    )


def text_node(text: str) -> Node:
    """Return a node of plain text."""
    return Node("title", text, Form({}, 1))


# --- and back ------------------------------------------------------------------------------------


def accepted(redline: Redline) -> Policy | None:
    """Return the new policy, by accepting every change."""
    return _policy(redline, "new")


def rejected(redline: Redline) -> Policy | None:
    """Return the old policy, by rejecting every change."""
    return _policy(redline, "old")


def _policy(redline: Redline, side: Side) -> Policy | None:
    shell: Policy | None = getattr(redline, side)
    if shell is None:
        return None
    parts = [clause.part for clause in redline.clauses]
    return replace(shell, title=whole(redline.title, side), clauses=_standing(parts, side))


def whole(part: Part, side: Side) -> Any:
    """Return what one of the policies has at a part, with all that is in it."""
    shell = getattr(part, side)
    if part.same:
        return shell
    if text_of(part.kind, shell) is not None:
        run = chain.from_iterable(getattr(segment, side) for segment in part.run)
        return filled(shell, inlines(run))
    return filled(shell, _standing(part.parts, side))


def _standing(parts: Sequence[Part], side: Side) -> tuple[Any, ...]:
    return tuple(whole(part, side) for part in parts if part.standing(side))
