"""Lists with labels, ``(a)`` ``ii.`` ``B)``: which lines are one, and what every format shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from support.intakes import W, docx, listed, p
from support.intakes import policy as old_policy
from support.policies import policy
from support.policies import written as clauses

from publisher.compose.markdown import Content, parse
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.numerals import label, readings
from publisher.policy.tree import List, Paragraph, Policy, Text
from publisher.policy.words import words, words_digest
from publisher.redline import redline as compare
from publisher.redline.views.marked_lines import lines
from publisher.render.body import Body
from publisher.render.languages import labels
from publisher.render.markdown import markdown

UNDATED = Dating("ready")
STYLES = ["1.", "1)", "(1)", "(a)", "a.", "a)", "(A)", "A.", "(i)", "i.", "i)", "(I)", "I."]


def read(text: str) -> Content:
    return parse(text, [("f.md", n + 1) for n in range(text.count("\n") + 1)])


def outline(blocks: Any, depth: int = 0) -> Iterator[str]:
    """Yield what each paragraph says, behind the labels and bullets of the items that it begins."""
    for block in blocks:
        if not isinstance(block, List):
            text = "".join(each.text for each in block.children)
            yield "  " * depth + text
            continue
        for at, item in enumerate(block.items):
            first, *rest = outline(item, depth + 1)
            yield f"{'  ' * depth}{block.label(at) or '-'} {first.strip()}"
            yield from rest


def shown(text: str) -> list[str]:
    content = read(text)
    assert content.problems == ()
    return list(outline(content.blocks))


@pytest.mark.parametrize(("style", "number", "expected"), [
    ("(a)", 1, "(a)"), ("(a)", 26, "(z)"), ("(a)", 27, "(aa)"), ("(a)", 28, "(bb)"),
    ("A.", 3, "C."), ("(i)", 4, "(iv)"), ("i.", 1999, "mcmxcix."), ("I)", 9, "IX)"),
    ("(1)", 12, "(12)"), ("", 3, "3."), ("1)", 3, "3)"),
])  # fmt: skip
def test_labels_are_written_as_lawyers_do(style: str, number: int, expected: str) -> None:
    assert label(style, number) == expected


@given(st.sampled_from(STYLES), st.integers(1, 130))
def test_a_label_is_read_as_it_was_written(style: str, number: int) -> None:
    assert (style, number) in readings(label(style, number))


# --- which lines are a list ----------------------------------------------------------------------


def test_clauses_as_lawyers_write_them_are_nested_lists() -> None:
    text = """You must:
(a) keep your password secret;
(b) tell us of misuse:
   (i) by e-mail, or
   (ii) by post.
(c) pay."""
    assert shown(text) == [
        "You must:", "(a) keep your password secret;", "(b) tell us of misuse:",
        "  (i) by e-mail, or", "  (ii) by post.", "(c) pay.",
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [2, 3, 4, 6])
def test_an_inner_list_may_be_indented_as_people_do(indent: int) -> None:
    inner = " " * indent
    text = f"(a) one\n(b) two\n\n{inner}A. three\n{inner}B. four\n\n(c) five"
    assert shown(text) == ["(a) one", "(b) two", "  A. three", "  B. four", "(c) five"]


def test_a_list_goes_on_behind_a_paragraph() -> None:
    text = "(a) one\n(b) two\n\nUnless we agreed otherwise:\n\n(c) three\n\nMore.\n\n(d) four"
    assert shown(text) == [
        "(a) one", "(b) two", "Unless we agreed otherwise:", "(c) three", "More.", "(d) four",
    ]  # fmt: skip


def test_an_item_has_paragraphs_of_its_own() -> None:
    assert shown("1. One:\n\n   (a) two\n\n   (b) three\n\n       and more\n\n   Four.\n2. Five.") == [
        "1. One:", "  (a) two", "  (b) three", "    and more", "  Four.", "2. Five.",
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [
    ("h. one\ni. two\nj. three", ["h. one", "i. two", "j. three"]),
    ("i. one\nii. two", ["i. one", "ii. two"]),
    ("(v) one\n(vi) two", ["(v) one", "(vi) two"]),
    ("(v) one\n(w) two", ["(v) one", "(w) two"]),
    ("(c) one\n(d) two", ["(c) one", "(d) two"]),
    ("(y) one\n(z) two\n(aa) three", ["(y) one", "(z) two", "(aa) three"]),
    ("(h) one\n(i) two\n\nMore.\n\n(j) three", ["(h) one", "(i) two", "More.", "(j) three"]),
])  # fmt: skip
def test_letter_or_number_the_neighbours_tell(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize("text", [
    "A. Smith is our officer.",
    "A. Smith is our officer.\n\nB. Jones is not.",
    "e.g. this\ni.e. that",
    "(a) once only",
    "(a) once, and\n(c) again",
    "We rely on Article 6(1)\n(a) or on Article 6(1)\n(b) of the GDPR.",
    "as is said under\n(c) and\n(d) there",
    "\\(a) one\n\\(b) two",
    "a.b one\nb.c two",
    "(iiii) one\n(iiiii) two",
])  # fmt: skip
def test_other_text_is_no_list(text: str) -> None:
    assert not any(isinstance(block, List) for block in read(text).blocks) or text.startswith("A.")


def test_two_names_at_the_beginning_of_lines_read_as_before() -> None:
    """They are shown as they were: each behind its initial."""
    assert shown("A. Smith\n\nB. Jones") == ["A. Smith", "B. Jones"]


@pytest.mark.parametrize(("text", "line", "message", "fix"), [
    ("(a) one\n(b) two\n(d) three", 3, "has the label (d) where (c) comes next", "write (c); or"),
    ("i. one\nii. two\niv. three", 3, "has the label iv. where iii. comes next", "write iii.; or"),
    ("- one\n\n (a) two\n (b) three", 3,
     "has a list that is indented by less than the text of the item above", "begin it below"),
    ("1. one\n  (a) two\n  (b) three", 2,
     "has a list that is indented by less than the text of the item above", "begin it below"),
    ("(a) one\n(b)\n(c) three", 2, "has an empty list item", "fill it in"),
])  # fmt: skip
def test_what_is_wrong_with_a_list_is_told(text: str, line: int, message: str, fix: str) -> None:
    (problem,) = read(text).problems
    assert (problem.line, problem.message) == (line, message)
    assert problem.fix.startswith(fix)


def test_many_labels_take_no_time() -> None:
    text = "\n".join(["(a) one"] * 3000)
    assert len(read(text).blocks) == 1


# --- words ---------------------------------------------------------------------------------------


def digest(text: str) -> str:
    return words_digest(clauses(("a", "A", text)))


def test_labels_are_words_and_plain_numbers_are_what_they_were() -> None:
    plain = digest("1. one\n2. two")
    assert plain == "3f6196f0d481bde0b93d02f80b276cc60ea72822a977e3df8033226536ae7292"
    assert digest("1) one\n2) two") == plain
    others = {digest(text) for text in ("(a) one\n(b) two", "a. one\nb. two", "(i) one\n(ii) two")}
    assert len(others | {plain}) == 4
    assert '[["ol",3,"(a)"],[["p","one"]],[["p","two"]]]' in words(
        clauses(("a", "A", "(c) one\n(d) two"))
    )


def test_a_policy_without_labels_has_the_json_that_it_had() -> None:
    plain = clauses(("a", "A", "1. one\n2. two"))
    assert b'"style"' not in json(plain, UNDATED)
    lettered = clauses(("a", "A", "(a) one\n(b) two\n    1) three"))
    back = read_policy(json(lettered, UNDATED))
    assert back.clauses == lettered.clauses


# --- what is shown -------------------------------------------------------------------------------


class Lists:
    """Makes nested lists in Markdown, with what they should show as lines."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.count = 0
        self.written: list[str] = []
        self.expected: list[str] = []

    def list(self, indent: int, depth: int) -> None:
        style = self.chance.choice(STYLES)
        start = self.chance.choice([1, 1, 3, 8, 25]) if depth == 0 else 1
        for number in range(start, start + self.chance.randint(2, 4)):
            self.count += 1
            mark = label(style, number)
            self.written.append(f"{' ' * indent}{mark} item {self.count}:")
            self.expected.append(f"{mark} item {self.count}:")
            if depth < 3 and self.chance.randint(0, 2) == 0:
                self.list(indent + len(mark) + 1, depth + 1)


@st.composite
def nested(draw: st.DrawFn) -> Lists:
    lists = Lists(Random(draw(st.integers(0, 2**32))))
    lists.list(0, 0)
    return lists


@settings(max_examples=examples(60), deadline=None)
@given(nested())
def test_every_format_shows_the_labels_that_were_written(lists: Lists) -> None:
    content = read("\n".join(lists.written))
    assert content.problems == ()
    assert [line.strip() for line in outline(content.blocks)] == lists.expected
    there = one(content)
    assert markdown_lines(there) == lists.expected
    assert html_lines(there) == lists.expected
    assert redline_lines(there) == lists.expected


def one(content: Content) -> Policy:
    (clause,) = clauses(("a", "A", "text")).clauses
    return policy((replace(clause, blocks=content.blocks),))


def markdown_lines(there: Policy) -> list[str]:
    text = markdown(there, UNDATED).decode().partition("{#a}\n\n")[2]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [re.sub(r"^[-*] ", "", line) for line in lines]


def html_lines(there: Policy) -> list[str]:
    body = Body(labels("en"), {}, printed=False).clause(there.clauses[0])
    root = lxml_html.fromstring(f"<div>{body}</div>")
    found = []
    for item in root.iter("li"):
        text = " ".join("".join(_own_text(item)).split())
        number = int(item.getparent().get("start", 1)) + list(item.getparent()).index(item)
        labelled = item.getparent().get("class")
        found.append(text if labelled else f"{number}. {text}")
    return found


def _own_text(item: Any) -> Iterator[str]:
    yield item.text or ""
    for child in item:
        if child.tag not in ("ol", "ul"):
            yield from child.itertext()
        yield child.tail or ""


def redline_lines(there: Policy) -> list[str]:
    nothing = policy(())
    (clause,) = compare(nothing, there).clauses
    return [
        (line.lead + "".join(piece.text for piece in line.pieces)).strip()
        for line in lines(clause.part)
    ]


def test_paragraphs_that_begin_with_a_label_stay_paragraphs() -> None:
    said = (Paragraph((Text("(a) one"),)), Paragraph((Text("(b) two"),)))
    (clause,) = clauses(("a", "A", "text")).clauses
    text = markdown(policy((replace(clause, blocks=said),)), UNDATED).decode()
    assert read(text.partition("{#a}\n\n")[2]).blocks == said
    assert "pay." in markdown(clauses(("a", "A", "pay. it")), UNDATED).decode()


def test_a_redline_tells_what_became_of_labels() -> None:
    old, new = (clauses(("a", "A", text)) for text in ("1. one\n2. two", "(a) one\n(b) two"))
    redline = compare(old, new)
    assert redline.counts.structure_changed == 1
    (clause,) = redline.clauses
    told = [[piece.text for piece in line.pieces] for line in lines(clause.part)]
    assert told == [["one", "list numbered from 1 → with (a), (b), …"]]


# --- old documents -------------------------------------------------------------------------------

LEGAL = "You must:\n(a) one\n(b) two:\n    (i) three\n    (ii) four\n\nMore.\n\n(c) five\n\nviii. six\nix. seven"


@pytest.mark.parametrize("ending", ["md", "html"])
def test_the_toolkit_reads_the_labels_that_it_writes(ending: str) -> None:
    there = one(read(LEGAL))
    if ending == "md":
        data = markdown(there, UNDATED).decode()
    else:
        body = Body(labels("en"), {}, printed=False).clause(there.clauses[0])
        data = f"<title>P</title><main><h1>P</h1><h2>A</h2>{body}</main>"
    (clause,) = old_policy(f"p.{ending}", data).clauses[-1:]
    assert list(outline(clause.blocks)) == list(outline(there.clauses[0].blocks))


@pytest.mark.parametrize(("given", "expected"), [
    ('<ol type="a"><li>x<li>y</ol>', ["a. x", "b. y"]),
    ('<ol type="I" start="3"><li>x</ol>', ["III. x"]),
    ('<ol style="list-style-type: lower-roman"><li>x<li>y</ol>', ["i. x", "ii. y"]),
    ("<ul><li>(a) x<li>(b) y</ul>", ["(a) x", "(b) y"]),
    ("<ul><li>(a) x<li>(c) y</ul>", ["- (a) x", "- (c) y"]),
    ("<ol><li>x<li>y</ol>", ["1. x", "2. y"]),
])  # fmt: skip
def test_labels_of_a_page_are_read_as_they_were_seen(given: str, expected: list[str]) -> None:
    (clause,) = old_policy(
        "p.html", f"<title>P</title><main><h1>P</h1><h2>A</h2>{given}</main>"
    ).clauses
    assert list(outline(clause.blocks)) == expected


def test_labels_of_a_word_document_are_read_as_they_were_seen() -> None:
    level = '<w:lvl w:ilvl="{}"><w:start w:val="1"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
    levels = (
        level.format(*each)
        for each in ((0, "decimal", "%1."), (1, "lowerLetter", "(%2)"), (2, "lowerRoman", "(%3)"))
    )
    numbering = f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="1">{"".join(levels)}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    said = [
        p("one", listed(1, 0)),
        p("two", listed(1, 1)),
        p("three", listed(1, 2)),
        p("four", listed(1, 2)),
        p("five", listed(1, 1)),
    ]
    (clause,) = old_policy("p.docx", docx("".join(said), numbering=numbering)).clauses
    assert list(outline(clause.blocks)) == [
        "1. one",
        "  (a) two",
        "    (i) three",
        "    (ii) four",
        "  (b) five",
    ]
