"""Words decide: what is part of them, and what is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.policies import CONTROLLER
from support.workspaces import clause, policy, small

from publisher.compose.markdown import parse
from publisher.policy.tree import (
    Block,
    Clause,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Link,
    NoteReference,
    Paragraph,
    Policy,
    Question,
    Text,
    Unconfirmed,
)
from publisher.policy.words import (
    UNKNOWN,
    clause_words,
    fold,
    has_words,
    one_by_one,
    reading_digest,
    words,
    words_digest,
)
from publisher.redline import redline
from publisher.render.body import Body


def said(text: str) -> Policy:
    """Return a policy whose only clause says `text`."""
    content = parse(text, [("f.md", 1)] * (text.count("\n") + 1))
    assert not content.problems
    made = Clause("only", "Only", content.blocks, content.notes, (), "f.md")
    return Policy(None, "en", "T", None, (made,), (), frozenset())  # type: ignore[arg-type]


SAME = [
    ("a *b* c", "a b c"),
    ("a **b** c", "a b c"),
    ("a `b` c", "a b c"),
    ("a\nb", "a  b"),
    ("a\\\nb", "a b"),
    ("caf\u0065\u0301", "caf\u00e9"),
    ("a\u00a0b", "a b"),
    ("- a\n- b", "- a\n\n- b"),
    ("* a\n* b", "- a\n- b"),
    ("a [*b*](https://x.example) c", "a [b](https://x.example) c"),
    ("x[^n]\n\n[^n]: y", "x[^other]\n\n[^other]: y"),
    ("a[ b](https://x.example)", "a [b](https://x.example)"),
    ("a [ b](https://x.example)", "a [b](https://x.example)"),
    ("[a ](https://x.example)b", "[a](https://x.example)&nbsp;b"),
    ("[a ](https://x.example)[b](#only)", "[a](https://x.example)[ b](#only)"),
    ("[a ](https://x.example)", "[a](https://x.example)"),
    ("**[ a](https://x.example)**", "[a](https://x.example)"),
    ("a[\\\nb](https://x.example)", "a\\\n[b](https://x.example)"),
    ("a\n\n&nbsp;\n\nb", "a\n\nb"),
    ("a\n\n&#x202f;*&#x2003;* &#x3000;\n\nb", "a\n\nb"),
    ("- a\n\n  &nbsp;\n- b", "- a\n- b"),
    ("a\n: b\n\n  &nbsp;", "a\n: b"),
    ("a[^n]\n\n[^n]: b\n\n    &nbsp;", "a[^n]\n\n[^n]: b"),
    ("> a\n>\n> &nbsp;", "> a"),
    ("| a | &nbsp; |\n|---|---|", "| a |  |\n|---|---|"),
    ("a<br>b", "a b"),
    ("| a<br>b |\n|---|", "| a b |\n|---|"),
    ("a\n\n---\n\nb", "a\n\nb"),
    ("a <!-- c -->\n\n<!-- d -->\n\nb", "a\n\nb"),
    ("1. a\n1. b", "1. a\n2. b"),
    ("a\n---\n\nb {: .c }", "## a\n\nb"),
    ("- [ ] a", "- a"),
    ("## a {: #c }\n\nb", "## a\n\nb"),
    ("[n] [b][N]\n\n[n]: https://x.example", "[n](https://x.example) [b](https://x.example)"),
    ("1. a\n2. b", "1) a\n2) b"),
    ("a[^m] b[^n]\n\n[^m]: x\n\n[^n]: y", "a[^m] b[^n]\n\n[^n]: y\n\n[^m]: x"),
    ("\u212b", "\u00c5"),
    ("a\u2003 \tb", "a b"),
]
DIFFERENT = [
    ("a[^m] b[^n]\n\n[^m]: x\n\n[^n]: y", "a[^m] b[^n]\n\n[^m]: y\n\n[^n]: x"),
    ("a[^m] b[^m]\n\n[^m]: x", "a[^m] b[^n]\n\n[^m]: x\n\n[^n]: x"),
    ("a[^m]b\n\n[^m]: x", "ab[^m]\n\n[^m]: x"),
    ("a[^m]\n\n[^m]: x", "a [1]\n\nx"),
    ("1. a", "(1) a"),
    ("(a) a", "1. a"),
    ("(a) a", "a. a"),
    ("(a) a", "(A) a"),
    ("(a) a", "(b) a"),
    ("1. a\n2. b", "2. a\n3. b"),
    ("\ufb01", "fi"),
    ("K", "\u039a"),
    ("stra\u00dfe", "strasse"),
    ("a\u2011b", "a-b"),
    ("\u2019", "'"),
    ("a\n: b\n: c", "a\n: b\n\n  c"),
    ("a\n: b", "a\n\nb"),
    ("[a](#only)", "[a](https://x.example)"),
    ("a b", "ab"),
    ("a b", "a B"),
    ("a m²", "a m2"),
    ("a [b](https://x.example)", "a b"),
    ("a [b](https://x.example)", "a [b](https://y.example)"),
    ("a[b](https://x.example)", "a [b](https://x.example)"),
    ("- a\n- b", "1. a\n2. b"),
    ("1. a", "2. a"),
    ("- a\n- b", "- a\n  - b"),
    ("a\n\nb", "a b"),
    ("> a", "a"),
    ("## a\n\n## b", "## a\n\n### b"),
    ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |\n| c |"),
    ("x[^n]\n\n[^n]: y", "x"),
    ("x [^n]\n\n[^n]: y", "x[^n]\n\n[^n]: y"),
    ("a[ b](https://x.example)", "a[b](https://x.example)"),
    ("a[&nbsp;b](https://x.example)", "a[b](https://x.example)"),
    ("[a ](https://x.example)b", "[a](https://x.example)b"),
    ("[a ](https://x.example)[b](#only)", "[a](https://x.example)[b](#only)"),
    ("a**[ b](https://x.example)**", "a**[b](https://x.example)**"),
    ("a` b`", "a`b`"),
    ("- a\n- &nbsp;", "- a"),
    ("| a | &nbsp; |\n|---|---|", "| a |\n|---|"),
    ("&nbsp;\n\na", "[&nbsp;](https://x.example)\n\na"),
]
HELD = [
    ("We keep your data.\n\nFor 30 days.", "64e043654a39d29ab6922ed2dbf135cbfcf29d34e7124afcb55269b4fffe22ab"),
    ("See [the house](https://x.example), or ([here](#only)).", "39935cb0b881262fc9981ef0d014f31aa1a0accdf2bfd53710ee78e5587c12e0"),
    ("the[house](https://x.example)s", "82928523cb4fed3906d8fb000808d998f1c4aeabfb2e6dfc190010437d35e8f9"),
    ("the[ house](https://x.example)", "f66573b097430a557b3f86c52c6d7066ae30ddfb884519020ab518e3d9fe9340"),
    ("a *b* **c** `d` e*f*", "a4dd8218dd5f0ecbc81fa85de0bf23f0debdf181e79070a71862cb5e5845cf8f"),
    ("a\\\nb", "7247f7c60e79b26fd470c6b34c49029027e1b4715de10167d26ee1b24940e9f6"),
    ("- a\n- b\n  1. c\n  2. d", "2460def144d8884fb6a9efbdb810a3d7285d59144da74b5082b6d4a5cca5e68b"),
    ("3. a\n4. b", "20dfae610d1cd88153d2989ec3f8ef4bd3e02ab3be84aca4952dfda4769089f7"),
    ("| a | b |\n|---|--:|\n| c |  |", "80096103a8bf622fc45b7930f581b8f47f103c36696b3bc32634fcccf18f1b0b"),
    ("a\n: b\n: c\n\n  d", "eb77e209eabd04e4d0e0fa521b528d2c60206366461644c680a09bddc9207de5"),
    ("> a\n>\n> - b", "0617811f1302ecc0efd7c00a12aad7321969df9e8b238ff3d2ec2ec9cbd35919"),
    ("a[^x] b [^y] c[^x]\n\n[^y]: Y\n\n[^x]: X [z](https://x.example)", "0ea70cb136efb1a8531b211a3c7982e737a8e8a60a4082159c6c8fcd07ec696f"),
    ("## a\n\n### b\n\nc", "53e0c3b6a2641ecf4121a7226964dbfeb284003b4cead1f4cf7caca5976bb6aa"),
    ("10&nbsp;000 x&#x202f;y z&#x2009;q &nbsp; w", "17270609a7a8c17c8abeead3d527f2a1fc14c823c9e03d4686c1f7825f072d65"),
    ("我们不会出售您的数据。\n\nΠροσωπικά δεδομένα, cafe\u0301, ข้อมูล", "da78e9bded8f8808c59528164079998d9594b0d82ec1e54dc72a603cd0f68ffe"),
    ("a\n\n&nbsp;\n\nb", "7ec1b4cddb7debb27815a2b87b17b4013ab5be76790c79eaaebbbaca8ef0ecbc"),
    ("- &nbsp;\n- a", "ab160bd0cb152d72ef88088f21d4497fde1b67db9f5cd02910eaebea70b43a8e"),
    ("a\n===\n\nb\n--", "d27fbbbcbebe190da8a08dced5028cc24664d0bb27823a71a37c1035f6bc06bd"),
    ("text:\n(a) b\n• c\n2. d", "41f6a9c9598b88c48c08866e2cea997e0b4ec62f06d3af9c89635b1d30b857ca"),
    ("[n]: what\n\n[s] x", "708c063591144766ea81a666303a8747791bc04988ee003718f5e3873f29fe5b"),
    ("see [a][b]", "899ea09f1c6c3c0d757654732e9f4a4363fb858e67a22de91eef2096c1c5a6e8"),
]  # fmt: skip
"""Texts, and the digests that ledgers hold of them."""


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_and_emphasis_are_no_words(one: str, other: str) -> None:
    assert words(said(one)) == words(said(other))
    assert clause_words(said(one)) == clause_words(said(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_text_structure_and_targets_are_words(one: str, other: str) -> None:
    assert words(said(one)) != words(said(other))


def test_the_digest_is_sha256_of_the_words_in_hexadecimal(workspace: Path) -> None:
    digest = words_digest(policy(workspace))
    assert len(digest) == 64
    assert set(digest) <= set("0123456789abcdef")


def test_the_digest_of_the_example_stays_as_it_is() -> None:
    digest = words_digest(policy(Path(__file__).parents[2], "cloudnovi"))
    assert digest == "eecf9885a741bec02efba69c7be4050f5f430ee8e99c54c5ff3a495a6d41742e"


@pytest.mark.parametrize(("text", "digest"), HELD)
def test_the_digests_that_ledgers_hold_stay_as_they_are(text: str, digest: str) -> None:
    assert words_digest(said(text)) == digest


SPACES = [*[""] * 5, " ", "\u00a0", "\u3000", "\n"]
"""Nothing stands there often enough that words are joined as often as they are divided."""
MARKS: list[Callable[[tuple[Inline, ...]], Inline]] = [
    lambda children: Link("https://x.example", children),
    lambda children: Link("#only", children),
    Emphasis,
    lambda children: Link("#only", (Emphasis(children),)),
    lambda children: Emphasis((Link("https://x.example", children),)),
    lambda children: children[0],
]


def paragraph(marks: list[int], spaces: Sequence[str]) -> Paragraph:
    """Return words that are marked in turn, with white space inside and outside of the marks."""
    run: list[Inline] = []
    for at, mark in enumerate(marks):
        inside, outside = spaces[3 * at : 3 * at + 2], spaces[3 * at + 2]
        run.append(MARKS[mark]((Text(f"{inside[0]}{'abc'[at % 3]}{inside[1]}"),)))
        run.append(LineBreak() if outside == "\n" else Text(outside))
    return Paragraph(tuple(run))


def read(blocks: tuple[Block, ...]) -> list[str]:
    """Return the text of each paragraph as readers see it."""
    html = (Body({}, {}, printed=False).block(block) for block in blocks)
    plain = (re.sub("<[^>]+>", "", each.replace("<br>", " ")) for each in html)
    return [each for text in plain if (each := " ".join(text.split()))]


@settings(max_examples=examples(500))
@given(st.lists(st.integers(0, len(MARKS) - 1), max_size=3), st.data())
def test_white_space_counts_where_readers_see_it(marks: list[int], data: st.DataObject) -> None:
    spaces = st.lists(st.sampled_from(SPACES), min_size=9, max_size=9)
    blank = st.lists(st.sampled_from(SPACES).map(lambda s: Paragraph((Text(s),))), max_size=1)
    one, other = (
        (*data.draw(blank), paragraph(marks, data.draw(spaces)), *data.draw(blank))
        for _ in range(2)
    )
    policies = [replace(said("x"), clauses=(replace(said("x").clauses[0], blocks=blocks),))
                for blocks in (one, other)]  # fmt: skip
    same = read(one) == read(other)
    assert (words(policies[0]) == words(policies[1])) is same
    assert (reading_digest(policies[0]) == reading_digest(policies[1])) is same
    counts = redline(*(replace(each, controller=CONTROLLER) for each in policies)).counts
    assert bool(counts) is not same


def test_a_clause_id_is_no_word_even_where_a_link_leads_to_it(tmp_path: Path) -> None:
    before = policy(small(tmp_path / "before"))
    renamed = {
        "shared/policy.yaml": "title: Privacy Policy\norder: [we, data, rights]\n",
        "shared/clauses/en/who.md": None,
        "shared/clauses/en/we.md": (tmp_path / "before/shared/clauses/en/who.md").read_text(),
        "shared/clauses/en/rights.md": (tmp_path / "before/shared/clauses/en/rights.md")
        .read_text()
        .replace("#who", "#we"),
    }
    after = policy(small(tmp_path / "after", renamed))
    assert words(before) == words(after)
    assert before.clauses[0].id != after.clauses[0].id


def test_a_note_in_one_clause_changes_no_other_clause(tmp_path: Path) -> None:
    noted = {"shared/clauses/en/rights.md": clause("a[^1]\n\n[^1]: b", "Your rights")}
    one = policy(small(tmp_path / "one", noted))
    noted["shared/clauses/en/who.md"] = clause("c[^1]\n\n[^1]: d", "Who we are")
    other = policy(small(tmp_path / "other", noted))
    assert clause_words(one)["rights"] == clause_words(other)["rights"]
    assert clause_words(one)["who"] != clause_words(other)["who"]


def test_words_one_by_one_have_targets_and_notes_behind_what_is_linked_and_noted() -> None:
    text = "a *b* [c *d*](https://x.example) e[^n]f\n\n> g\n\n[^n]: h [i](#only)"
    made = said("a[^m]\n\n[^m]: b"), said(text)
    first, second = (each.clauses[0] for each in made)
    later = replace(
        second,
        id="later",
        title=" On \u00a0 top ",
        blocks=renumbered(second.blocks),
        notes=(replace(second.notes[0], number=2),),
    )
    both = replace(made[0], clauses=(first, later))
    assert " ".join(one_by_one(both, first)) == "Only a [1] b"
    expected = "On top a b c d https://x.example e [1] f g h i #Only"
    assert " ".join(one_by_one(both, later)) == expected


def renumbered(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return blocks with the only note of the first one as the policy's second."""
    first = blocks[0]
    assert isinstance(first, Paragraph)
    run = tuple(replace(e, number=2) if isinstance(e, NoteReference) else e for e in first.children)
    return (Paragraph(run), *blocks[1:])


def headed(title: str, anchor: str) -> Policy:
    """Return a policy with a heading and a link to it."""
    heading = Heading(2, (Emphasis((Text(title),)),), anchor)
    link = Paragraph((Link(f"#{anchor}", (Text("see"),)),))
    made = said("x")
    return replace(made, clauses=(replace(made.clauses[0], blocks=(heading, link)),))


def test_a_link_to_a_heading_counts_as_one_to_its_text() -> None:
    assert words(headed("How  it\u00a0is", "a")) == words(headed("How it is", "b"))
    linked = '["a","#How it is","see"]'
    assert linked in words(headed(" How it\u00a0is", "a"))


def test_white_space_and_composition_are_no_words_of_titles() -> None:
    one = replace(said("[x](#only)"), title="Our caf\u00e9 policy")
    other = replace(one, title=" Our  cafe\u0301\u00a0policy")
    assert words(one) == words(other)
    clauses = [replace(each.clauses[0], title=each.title) for each in (one, other)]
    assert words(replace(one, clauses=clauses[:1])) == words(replace(one, clauses=clauses[1:]))


def test_a_version_has_the_words_of_its_text_or_if_it_is_redacted_of_the_ledger() -> None:
    made = said("the[ house](https://x.example)")
    recorded, reading = words_digest(made), reading_digest(made)
    held = [(recorded, True), (recorded, False), (reading, True), (reading, False)]
    assert [has_words(made, digest, redacted=redacted) for digest, redacted in held] == [
        True, False, False, True,
    ]  # fmt: skip


def linked(*inside: Inline) -> str:
    """Return the words of a run with a link between two words that it touches."""
    run = (Text("a"), Link("https://x.example", inside), Text("b"))
    return words(replaced(Paragraph(run)))


def replaced(*blocks: Block) -> Policy:
    """Return a policy whose only clause has these blocks, and the notes of another one."""
    made = said("x[^1] y[^2]\n\n[^1]: Y\n\n[^2]: Z")
    return replace(made, clauses=(replace(made.clauses[0], blocks=blocks),))


def test_a_space_divides_only_at_the_very_edge_of_a_link() -> None:
    """Behind a note at the edge, it is inside."""
    assert '"a",["a","https://x.example",["note",1]," c"],"b"' in linked(
        NoteReference(1), Text(" c")
    )
    assert '"a",["a","https://x.example","c ",["note",1]],"b"' in linked(
        Text("c "), NoteReference(1)
    )


def test_an_unconfirmed_fact_is_its_proposed_value_or_stands_open() -> None:
    asked = Question("Is it so?", "f.md", 1)
    texts: tuple[tuple[Text, ...], ...] = ((Text("30 days"),), ())
    paragraphs = [Paragraph((Unconfirmed(text, asked),)) for text in texts]
    assert words(replaced(paragraphs[0])) == words(replaced(Paragraph((Text("30 days"),))))
    assert words(replaced(paragraphs[1])) == words(replaced(Paragraph((Text(UNKNOWN),))))


def test_notes_count_from_the_first_one_of_their_clause() -> None:
    """Also where words are listed one by one, and though the policy counts them through."""
    made = said("a[^1] b[^2]\n\n[^1]: c\n\n[^2]: d")
    assert " ".join(one_by_one(made, made.clauses[0])) == "Only a [1] b [2] c d"
    clause = made.clauses[0]
    later = tuple(replace(note, number=note.number + 5) for note in clause.notes)
    run = (Text("a"), NoteReference(6), Text(" b"), NoteReference(7))
    moved = replace(clause, blocks=(Paragraph(run),), notes=later)
    assert words(replace(made, clauses=(moved,))) == words(made)


def test_clauses_are_known_by_their_words_alone() -> None:
    """Their order and their number are words; ids, files and questions of theirs are not."""
    one, other = said("a").clauses[0], replace(said("b").clauses[0], id="other", title="Other")
    both = replace(said("x"), clauses=(one, other))
    assert words(both) != words(replace(both, clauses=(other, one)))
    assert words(both) != words(replace(both, clauses=(one,)))
    renamed = replace(other, id="renamed", path="g.md")
    assert words(both) == words(replace(both, clauses=(one, renamed)))
    titled = replace(other, title="Others")
    assert words(both) != words(replace(both, clauses=(one, titled)))


def test_the_words_of_a_clause_are_written_once() -> None:
    """A history asks for those of a thousand policies that share most clauses."""
    made = said("a b")
    first = clause_words(made)["only"]
    assert clause_words(replace(made, title="Other"))["only"] is first
    again = replace(made, clauses=(replace(made.clauses[0]),))
    assert clause_words(again)["only"] == first


def test_questions_are_no_words(workspace: Path) -> None:
    made = policy(workspace)
    assert words(made) == words(replace(made, questions=(), files=frozenset()))


@given(st.text(max_size=60))
def test_folding_twice_folds_no_further(text: str) -> None:
    assert fold(fold(text)) == fold(text)
