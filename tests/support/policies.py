"""Policies of every shape, and edits such as lawyers make, for the properties of redlines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from publisher.compose.markdown import parse
from publisher.policy.tree import (
    BrandName,
    Clause,
    Code,
    Controller,
    Definition,
    DefinitionList,
    Emphasis,
    Heading,
    LineBreak,
    Link,
    List,
    Note,
    NoteReference,
    Paragraph,
    Policy,
    Question,
    Quote,
    Table,
    Text,
    Unconfirmed,
)

BRAND = BrandName("alpha", "Alpha", "alpha.example")
CONTROLLER = Controller("Example BV", ("Street 1", "2000 Antwerp"))
QUESTION = Question("Is it so?", "shared/company.yaml", 3)


def written(*clauses: tuple[str, str, str], title: str = "Privacy policy") -> Policy:
    """Return a policy of clauses, each with its id, its title and its text in Markdown."""
    return policy(tuple(_clause(*each) for each in clauses), title)


def policy(clauses: tuple[Clause, ...], title: str = "Privacy policy") -> Policy:
    return Policy(BRAND, "en", title, CONTROLLER, clauses, (), frozenset())


def _clause(id: str, title: str, text: str) -> Clause:
    content = parse(text, [("f.md", 1)] * (text.count("\n") + 1))
    assert not content.problems, content.problems
    return Clause(id, title, content.blocks, content.notes, (), f"shared/clauses/en/{id}.md")


# --- any policy ----------------------------------------------------------------------------------

WORDS = [*["we", "keep", "your", "data", "for", "30", "days", ".", ",", "(", "the", "e-mail", "legal@x.example", "14", "March", "2025", "€", "20"],
         "café", "cafe\u0301", "6(1)(f)", "我们不会出售", "\u00a0", "\n", ""]  # fmt: skip
TARGETS = ["https://x.example", "https://y.example", "#a", "#b"]
TITLES = ["Privacy policy", "Privacy notice", ""]


class Maker:
    """Makes policies of every shape, however odd, by a source of chance."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.one_of = chance.choice

    def several(self, most: int, make: Callable[[], Any], least: int = 0) -> tuple[Any, ...]:
        return tuple(make() for _ in range(self.chance.randint(least, most)))

    def words(self) -> str:
        return "".join(self.several(6, lambda: self.one_of(WORDS) + self.one_of(["", " ", " "])))

    def run(self, depth: int = 0) -> tuple[Any, ...]:
        return self.several(3, lambda: self.inline(depth))

    def inline(self, depth: int) -> Any:
        match self.chance.randint(0, 8 if depth < 3 else 5):
            case 3:
                return Code(self.words())
            case 4:
                return LineBreak()
            case 5:
                return NoteReference(self.chance.randint(1, 3))
            case 6:
                return Emphasis(self.run(depth + 1), self.one_of([True, False]))
            case 7:
                return Link(self.one_of(TARGETS), self.run(depth + 1))
            case 8:
                return Unconfirmed(self.run(depth + 1), QUESTION)
            case _:
                return Text(self.words())

    def blocks(self, depth: int = 0, most: int = 3) -> tuple[Any, ...]:
        return self.several(most, lambda: self.block(depth))

    def block(self, depth: int) -> Any:
        match self.chance.randint(0, 8 if depth < 2 else 4):
            case 3:
                return Heading(self.chance.randint(3, 4), self.run())
            case 4:
                return self.table()
            case 5 | 6:
                items = self.several(4, lambda: self.blocks(depth + 1, 2))
                start = self.one_of([None, 1, 3])
                style = self.one_of(["", "", "1)", "(a)", "i."]) if start else ""
                return List(items, start, self.one_of([True, False]), style)
            case 7:
                return Quote(self.blocks(depth + 1))
            case 8:
                return DefinitionList(self.several(2, lambda: self.definition(depth)))
            case _:
                return Paragraph(self.run())

    def definition(self, depth: int) -> Definition:
        return Definition(self.run(), self.several(2, lambda: self.blocks(depth + 1, 2)))

    def table(self) -> Table:
        width = self.chance.randint(1, 3)
        header, *rows = self.several(4, lambda: self.several(width, self.run, width), 1)
        return Table(header, tuple(rows), ("",) * width)

    def clause(self, id: str) -> Clause:
        notes = self.several(2, lambda: Note(self.chance.randint(1, 3), self.blocks(1, 2)))
        blocks = self.blocks(most=4)
        return Clause(id, self.words(), blocks, notes, (), "shared/clauses/en/x.md")

    def policy(self) -> Policy:
        ids = self.chance.sample("abcde", self.chance.randint(0, 4))
        return policy(tuple(map(self.clause, ids)), self.one_of(TITLES))

    # --- edits -----------------------------------------------------------------------------------

    def edited(self, old: Policy) -> Policy:
        """Return a policy after some edits."""
        clauses = old.clauses
        for _ in range(self.chance.randint(0, 4)):
            change = self.one_of([self.rearranged, self.rearranged, self.divided, self.regrouped])
            clauses = change(clauses)
        return policy(
            tuple({clause.id: clause for clause in clauses}.values()), self.one_of(TITLES)
        )

    def rearranged(self, children: tuple[Any, ...]) -> tuple[Any, ...]:
        if not children:
            return children
        at, to = (self.chance.randrange(len(children)) for _ in range(2))
        child, rest = children[at], (*children[:at], *children[at + 1 :])
        match self.chance.randint(0, 6):
            case 0:
                return (*rest[:to], child, *rest[to:])
            case 1:
                return rest
            case 2 if isinstance(child, Paragraph):
                halves = Paragraph(child.children[:1]), Paragraph(child.children[1:])
                return (*children[:at], *halves, *children[at + 1 :])
            case _:
                return (*children[:at], self.changed(child), *children[at + 1 :])

    def divided(self, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        """Return clauses of which one was divided in two, or two were joined."""
        if not clauses:
            return clauses
        at = self.chance.randrange(len(clauses))
        first, *others = clauses[at:]
        if others and self.one_of([True, False]):
            second, *rest = others
            heading = Heading(3, (Text(second.title),))
            blocks = (*first.blocks, heading, *second.blocks)
            notes = (*first.notes, *second.notes)
            return (*clauses[:at], replace(first, blocks=blocks, notes=notes), *rest)
        cut = self.chance.randint(0, len(first.blocks))
        second = replace(
            first, id=f"{first.id}y", title=self.words(), blocks=first.blocks[cut:], notes=()
        )
        return (*clauses[:at], replace(first, blocks=first.blocks[:cut]), second, *others)

    def regrouped(self, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        """Return clauses of which one has its text in other groups."""
        if not clauses:
            return clauses
        at = self.chance.randrange(len(clauses))
        blocks = clauses[at].blocks
        for _ in range(self.chance.randint(1, 3)):
            blocks = self.grouped(blocks)
        return (*clauses[:at], replace(clauses[at], blocks=blocks), *clauses[at + 1 :])

    def grouped(self, blocks: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return blocks with one split, joined, or in another node than before."""
        if not blocks:
            return blocks
        at = self.chance.randrange(len(blocks))
        ahead, block, behind = blocks[:at], blocks[at], blocks[at + 1 :]
        match block, *behind[:1]:
            case [Paragraph(children), Paragraph(others)] if self.one_of([True, False]):
                return (*ahead, Paragraph((*children, Text(" "), *others)), *behind[1:])
            case [List(items) as whole, List(others)] if self.one_of([True, False]):
                return (*ahead, replace(whole, items=(*items, *others)), *behind[1:])
            case [List(items) as whole, other, *_] if items and self.one_of([True, False]):
                within = (*items[:-1], (*items[-1], other))
                return (*ahead, replace(whole, items=within), *behind[1:])
            case [Paragraph(children), *_]:
                cut = self.chance.randint(0, len(children))
                two = Paragraph(children[:cut]), Paragraph(children[cut:])
                style = self.one_of(["", "(a)", "i."])
                listed = List(tuple((each,) for each in two), 1, style=style)
                headed = Heading(3, children[:cut]), two[1]
                return (*ahead, *self.one_of([two, (listed,), (two[0], listed), headed]), *behind)
            case [Heading(_, children), *_]:
                return (*ahead, Paragraph(children), *behind)
            case [List(items) as whole, *_]:
                cut = self.chance.randint(0, len(items))
                first, second = (replace(whole, items=each) for each in (items[:cut], items[cut:]))
                flat = tuple(inside for item in items for inside in item)
                below = (
                    replace(whole, items=(*items[: cut - 1], (*items[cut - 1], second)))
                    if cut
                    else whole
                )
                return (*ahead, *self.one_of([(first, second), flat, (below,)]), *behind)
            case _:
                return (*ahead, self.one_of([Quote((block,)), List(((block,),))]), *behind)

    def changed(self, value: Any) -> Any:  # noqa: C901 - a case for each kind of node
        """Return a node with something done to it, or to a node in it."""
        match value:
            case tuple():
                return self.rearranged(value)
            case str():
                words = value.split(" ")
                at = self.chance.randint(0, len(words))
                words[at : at + self.chance.randint(0, 2)] = self.several(
                    2, lambda: self.one_of(WORDS)
                )
                return " ".join(words)
            case Text(text) | Code(text):
                return type(value)(self.changed(text))
            case Link(target, children):
                new = self.one_of(TARGETS)
                return Link(new, children if new != target else self.rearranged(children))
            case Emphasis(children, strong):
                return self.one_of([Emphasis(children, not strong), *children[:1]])
            case Heading() | Paragraph():
                return replace(value, children=self.rearranged(value.children))
            case List(items, start):
                if self.chance.randint(0, 9) == 0:
                    style = self.one_of(["", "(a)", "A."]) if not start else ""
                    return replace(value, start=None if start else 1, style=style)
                return replace(value, items=self.rearranged(items))
            case Quote(blocks) | Note(_, blocks):
                return replace(value, blocks=self.rearranged(blocks))
            case Table():
                return self.table_changed(self.table_changed(value))
            case DefinitionList(definitions):
                return DefinitionList(self.rearranged(definitions))
            case Definition(term, descriptions):
                return Definition(self.rearranged(term), self.rearranged(descriptions))
            case Clause():
                what = self.one_of(["title", "blocks", "blocks", "blocks", "notes", "id"])
                if what == "id":
                    return replace(value, id=value.id + "x")
                return replace(value, **{what: self.changed(getattr(value, what))})
            case _:
                return value

    def table_changed(self, table: Table) -> Table:
        wide = range(len(table.header))
        match self.chance.randint(0, 3):
            case 0:
                at = self.chance.randint(0, len(wide))
                return self.columns(table, [*wide[:at], None, *wide[at:]])
            case 1:
                kept = self.chance.sample(wide, self.chance.randint(1, len(wide)))
                return self.columns(table, kept)
        rows = [tuple(self.rearranged(cell) for cell in row) if self.chance.randint(0, 3) == 0 else row
                for row in table.rows]  # fmt: skip
        self.chance.shuffle(rows)
        return replace(table, rows=tuple(rows[self.chance.randint(0, 1) :]))

    def columns(self, table: Table, places: list[int | None]) -> Table:
        """Return a table with the columns in these places; one is new where there is None."""
        header, *rows = (
            tuple(self.run() if at is None else row[at] for at in places)
            for row in (table.header, *table.rows)
        )
        return Table(header, tuple(rows), ("",) * len(places))


def policies(*, shrinking: bool = True) -> Any:
    """Return policies as a strategy: one that finds the smallest that fails, or a fast one."""
    return _chance(shrinking=shrinking).map(lambda chance: Maker(chance).policy())


def _chance(*, shrinking: bool) -> Any:
    return st.randoms(use_true_random=False) if shrinking else st.integers(0, 2**64).map(Random)


def pairs(*, shrinking: bool = True) -> Any:
    """Return a strategy for two policies: mostly one and what edits made of it."""

    def made(chance: Random) -> tuple[Policy, Policy]:
        maker = Maker(chance)
        old = maker.policy()
        return old, maker.policy() if chance.randint(0, 4) == 0 else maker.edited(old)

    return _chance(shrinking=shrinking).map(made)
