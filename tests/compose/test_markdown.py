"""Markdown in and out: every construct, what is refused, and the way there and back."""

from __future__ import annotations

import re

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.compose.markdown import Content, _whole, parse
from publisher.policy.dating import Dating
from publisher.policy.tree import (
    Block,
    BrandName,
    Clause,
    Code,
    Controller,
    Definition,
    DefinitionList,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    List,
    Note,
    NoteReference,
    Paragraph,
    Policy,
    Quote,
    Table,
    Text,
)
from publisher.policy.words import clause_words
from publisher.render.markdown import markdown


def read(text: str) -> Content:
    return parse(text, [("f.md", n + 1) for n in range(text.count("\n") + 1)])


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def p(text: str) -> Paragraph:
    return Paragraph((Text(text),))


EVERYTHING = [
    ("a *b* **c** `d`", Paragraph((Text("a "), Emphasis((Text("b"),)), Text(" "), Emphasis((Text("c"),), strong=True), Text(" "), Code("d")))),
    ("a\\\nb", Paragraph((Text("a"), LineBreak(), Text("b")))),
    ("a  \nb", Paragraph((Text("a"), LineBreak(), Text("b")))),
    ("a\nb", p("a b")),
    ("[a](https://x.example/y?z=1)", Paragraph((Link("https://x.example/y?z=1", (Text("a"),)),))),
    ("<https://x.example>", Paragraph((Link("https://x.example", (Text("https://x.example"),)),))),
    ("[a](#b-c)", Paragraph((Link("#b-c", (Text("a"),)),))),
    ("[a](tel:+3212345678)", Paragraph((Link("tel:+3212345678", (Text("a"),)),))),
    ("- a\n- b", List(((p("a"),), (p("b"),)))),
    ("- a\n\n- b", List(((p("a"),), (p("b"),)), tight=False)),
    ("3. a\n4. b", List(((p("a"),), (p("b"),)), start=3)),
    ("- a\n  1. b", List(((p("a"), List(((p("b"),),), start=1)),))),
    ("> a", Quote((p("a"),))),
    ("## a", Heading(3, (Text("a"),))),
    ("| a | b |\n|---|--:|\n| c | d |", Table(((Text("a"),), (Text("b"),)), (((Text("c"),), (Text("d"),)),), ("", "right"))),
    ("a\n: b\n: c", DefinitionList((Definition((Text("a"),), ((p("b"),), (p("c"),))),))),
    ("    not code", p("not code")),
    ("a\n---", Heading(3, (Text("a"),))),
    ("\\*a\\* &amp; &nbsp;b", p("*a* & \u00a0b")),
    ("[a]: what it is", p("[a]: what it is")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "block"), EVERYTHING, ids=[text for text, _ in EVERYTHING])
def test_every_construct(text: str, block: Block) -> None:
    assert read(text).blocks[0] == block


def test_footnotes_are_numbered_as_they_are_referred_to() -> None:
    content = read("a[^x] b[^y] c[^x]\n\n[^y]: Y\n\n[^x]: X\n")
    assert content.blocks == (
        Paragraph(
            (
                Text("a"),
                NoteReference(1),
                Text(" b"),
                NoteReference(2),
                Text(" c"),
                NoteReference(1),
            )
        ),
    )
    assert content.notes == (Note(1, (p("X"),)), Note(2, (p("Y"),)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n<div>b</div>", "f.md:3: has raw HTML: <div>b</div>; leave the tags out: the text between them stays; to show a '<', write \\<"),
        ("a\nb <b>c</b>", "f.md:2: has raw HTML: <b>"),
        ("![a](b.png)", "f.md:1: has an image; say it in words: a clause has text only"),
        ("```\na\n```", "f.md:1: has a block of code"),
        ("a\n\n## b #", "f.md:3: has a heading that ends in #; write \\# to keep it, or delete it"),
        ("# a", "f.md:1: has a heading of level 1, which is the policy's; use ##"),
        ("a\n\n### b", "f.md:3: has a heading of level 3 below one of level 1; use ##"),
        ("## a\n\n#### b", "f.md:3: has a heading of level 4 below one of level 2; use ###"),
        ("- ## a", "f.md:1: has a heading inside a list or quotation; move it out"),
        ("[a](javascript:alert(1))", "f.md:1: has a link to 'javascript:alert(1)'; write https://…, mailto:…, tel:… or #clause-id"),
        ("[a](file:///etc/passwd)", "f.md:1: has a link to 'file:///etc/passwd'"),
        ("[a](page.html)", "f.md:1: has a link to 'page.html'"),
        ("a\n[](https://x.example)", "f.md:2: has a link to 'https://x.example' without text"),
        ("| a | b |\n|---|---|\n| c |", "f.md:3: has a table row with 1 cells under a header with 2"),
        ("| a |\n|---|\n| c | lost |", "f.md:3: has a table row with 2 cells under a header with 1"),
        ("a[^x]", "f.md:1: refers to a footnote [^x] that does not exist; add it"),
        ("a\n\n[^x]: lost", "f.md:3: has a footnote [^x] that nothing refers to; refer to it, or delete it"),
        ("a[^x]\n\n[^x]: b\n\n[^x]: c", "f.md:5: has two footnotes [^x]; rename one of them"),
        ("- a\n-\n- c", "f.md:2: has an empty list item; fill it in, or delete it"),
        ("> " * 40 + "deep", "f.md:1: is nested too deeply; write it with fewer levels"),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_with_its_line(text: str, expected: str) -> None:
    assert any(each.startswith(expected) for each in problems(text)), problems(text)


# --- there and back ------------------------------------------------------------------------------

WORD = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\u00ad"),
    min_size=1,
    max_size=8,
)
PHRASE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
PLAIN = PHRASE.map(lambda text: (Text(text),))
LINKS = st.builds(
    Link, st.sampled_from(["https://x.example/(a)_b", "#only", "mailto:a@b.be"]), PLAIN
)
INLINE: st.SearchStrategy[Inline] = st.one_of(
    st.builds(Text, PHRASE),
    st.builds(Code, st.text("abc` *[<", min_size=1, max_size=6).map(lambda t: f"x{t}y")),
    LINKS,
)


def spaced(parts: list[Inline]) -> tuple[Inline, ...]:
    """Return inlines with a space between any two, so that none runs into the next."""
    joined: list[Inline] = []
    for part in parts:
        if joined:
            joined.append(Text(" "))
        joined.append(part)
    merged: list[Inline] = []
    for part in joined:
        last = merged[-1] if merged else None
        if isinstance(part, Text) and isinstance(last, Text):
            merged[-1] = Text(last.text + part.text)
        else:
            merged.append(part)
    return tuple(merged)


RUN = st.lists(INLINE, min_size=1, max_size=4).map(spaced)
PARAGRAPH = st.builds(Paragraph, RUN)


def lists(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    item = st.builds(lambda first, rest: (first, *rest), PARAGRAPH, st.lists(inner, max_size=2))
    items = st.lists(item, min_size=1, max_size=3).map(tuple)
    return st.builds(List, items, st.none() | st.integers(0, 99), st.just(False)) | st.builds(
        Quote, st.lists(inner, min_size=1, max_size=2).map(tuple)
    )


TABLE = st.integers(1, 3).flatmap(
    lambda width: st.builds(
        Table,
        st.tuples(*[RUN] * width),
        st.lists(st.tuples(*[RUN] * width), max_size=3).map(tuple),
        st.tuples(*[st.sampled_from(["", "left", "right", "center"])] * width),
    )
)
BLOCK = st.recursive(PARAGRAPH, lists, max_leaves=5) | TABLE
BLOCKS = st.lists(BLOCK, min_size=1, max_size=4)


def made(blocks: list[Block], notes: tuple[Note, ...] = ()) -> Policy:
    only = Clause("only", "Only", tuple(blocks), notes, (), "f.md")
    brand = BrandName("b", "B", "b.example")
    return Policy(brand, "en", "T", Controller("C", ("x",)), (only,), (), frozenset())


@given(BLOCKS)
def test_what_is_written_as_markdown_reads_as_the_same_words(blocks: list[Block]) -> None:
    policy = made(blocks)
    written = markdown(policy, Dating("ready")).decode()
    body = written.partition("## Only {#only}\n\n")[2]
    again = made(list(read(body).blocks))
    assert clause_words(again) == clause_words(policy), written


MARKS = st.text("ab 1*_`[]()<>#-+.|:\\!&;\n^~", max_size=60)
SNIPPETS = st.sampled_from(
    ["*a*", "**b**", "`c|d`", "[e](https://x.example)", "\n\n", "\n- ", "\n  - ", "\n1. ", "\n> ",
     "&amp;", "\\*", "| a | b |\n|---|---|\n| c | d |\n", "[^n]", "\n[^n]: ", "\n: ", "\\\n", "## "]
)  # fmt: skip


@given(st.lists(MARKS | SNIPPETS, max_size=8).map("".join))
@settings(max_examples=examples(1000))
def test_whatever_is_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    content = read(text)
    if content.problems or not content.blocks:
        return
    policy = made(list(content.blocks), content.notes)
    written = markdown(policy, Dating("ready")).decode()
    body = written.partition("## Only {#only}\n\n")[2]
    again = read(re.sub("(?m)^#(#+) ", r"\1 ", body))  # headings stand one level deeper there
    assert not again.problems, written
    assert clause_words(made(list(again.blocks), again.notes)) == clause_words(policy), written


@given(st.text(max_size=120))
def test_any_text_is_a_tree_or_a_problem(text: str) -> None:
    content = read(text)
    assert all(problem.line is not None for problem in content.problems)


LINES = (
    "", "", "", "   ", "A word.", "*a* b", "- x", "1. y", "2. z", "(a) l", "(b) m", "  in", "    deep",
    "## H", "### G", "> q", "Term", ": def", "| a | b |", "|---|---|", "---", "***", "```", "<br>",
    "<!-- c", "-->", "[a](#x)", "[^n]", "[^n]: Note", "[l]: https://x.example", "[l]", "[t][l]", "i. one",
    "ii. two", "\ue00041\ue001 fact", "\u00a0", "- [ ] box", "a\\", "&nbsp;", "&#x200b;", "x ~~ y",
    "word {#id}", "  - (b) n", "\u2028", "- y", "- *z* w", "- v\\", "- b) n", "- d | e",
)  # fmt: skip


@settings(max_examples=examples(300))
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=14))
def test_parts_that_are_remembered_make_the_same_clause(lines: list[str]) -> None:
    text, locations = "\n".join(lines), [("f.md", number) for number in range(len(lines))]
    assert parse(text, locations) == _whole(text, locations, 1, ())
