"""Markdown that real authors write: what passes, what is left out and told, and how to write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from support.workspaces import SMALL, clause, policy, read, small

from publisher.build.build import build
from publisher.build.check import check
from publisher.compose.markdown import Content, parse
from publisher.errors import InvalidPolicy
from publisher.policy.dating import Dating
from publisher.policy.json import json, read_policy
from publisher.policy.tree import (
    Block,
    Heading,
    LineBreak,
    Link,
    List,
    Paragraph,
    Policy,
    Table,
    Text,
    inlines_in,
)
from publisher.policy.words import clause_words, words
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.style import plain_style

DATA = "shared/clauses/en/data.md"
BREAK = LineBreak()


def parsed(text: str) -> Content:
    return parse(text, [("f.md", n + 1) for n in range(text.count("\n") + 1)])


def told(text: str) -> list[str]:
    content = parsed(text)
    assert not content.problems
    return [str(each) for each in content.warnings]


def p(text: str) -> Paragraph:
    return Paragraph((Text(text),))


def cells(*texts: tuple[Text | LineBreak, ...]) -> Table:
    return Table(((Text("a"),),), tuple((text,) for text in texts), ("",))


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("Logs\n---\n\na", [Heading(3, (Text("Logs"),)), p("a")]),
        ("> Logs\n> b\n\n---\n\na", None),
        ("C#\n---", [Heading(3, (Text("C#"),))]),
        ("a\n\n## Logs ##\n\nb", [p("a"), Heading(3, (Text("Logs"),)), p("b")]),
        ("a\n\n---\n\nb\n\n* * *\n\n_____", [p("a"), p("b")]),
        ("a<br>b<br/>c<BR />d", [Paragraph((Text("a"), BREAK, Text("b"), BREAK, Text("c"), BREAK, Text("d")))]),
        ("a\n\n<br>\n\nb", [p("a"), p("b")]),
        ("| a |\n|---|\n| x<br>y |", [cells((Text("x"), BREAK, Text("y")))]),
        ("| a |\n|---|\n| <ul><li>x</li><li>y</li></ul> |", [cells((Text("• x"), BREAK, Text("• y")))]),
        ("1. a\n1. b\n1. c", [List(((p("a"),), (p("b"),), (p("c"),)), 1)]),
        ("4) a\n4) b", [List(((p("a"),), (p("b"),)), 4, style="1)")]),
        ("1. a\n2. b\n\n1. c\n2. d", [List(((p("a"),), (p("b"),), (p("c"),), (p("d"),)), 1, tight=False)]),
        ("- [ ] a\n- [x] b", [List(((p("a"),), (p("b"),)))]),
        ("a\n{: #logs }", [p("a")]),
        ("## Logs {: #logs .wide }\n\na", [Heading(3, (Text("Logs"),)), p("a")]),
        ("## Logs\n{: #logs}\n\na", [Heading(3, (Text("Logs"),)), p("a")]),
        ("a\n\n<!-- TODO: ask counsel -->\n\nb", [p("a"), p("b")]),
        ("a\n\n<!-- two\n\nparts -->\n\nb", [p("a"), p("b")]),
        ("<!-- in front --> a", [p(" a")]),
        ("[notice]\n\n[notice]: https://x.example/n", [Paragraph((Link("https://x.example/n", (Text("notice"),)),))]),
        ("[our][Notice]\n\n[notice]: https://x.example/n", [Paragraph((Link("https://x.example/n", (Text("our"),)),))]),
        ("[Note]: important", [p("[Note]: important")]),
        ("a\n--", [p("a --")]),
        ("a\n-", [p("a -")]),
        ("a\n===", [p("a ===")]),
        ("Term\n: meaning\n\n---\n\na", None),
    ],
)  # fmt: skip
def test_what_loses_no_word_passes(text: str, blocks: list[Block] | None) -> None:
    content = parsed(text)
    assert not content.problems
    assert blocks is None or list(content.blocks) == blocks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n---", ["f.md:3: has a line across the page, which readers do not see: ---; leave it out: titles divide a policy"]),
        ("a\n\n<br>", ["f.md:3: has a paragraph with only <br>; delete it: paragraphs have space between them"]),
        ("We keep it.\nFor long.\n---", ["f.md:1: has a line of dashes below it, which makes it a heading; for a heading, write ## in front; for a paragraph, delete the dashes"]),
        ("1. a\n1. b", ["f.md:1: has 1 in front of each item, but readers see 1 to 2; write the numbers that readers see"]),
        ("1. a\n2. b\n\n1. c", ["f.md:4: begins again at 1, but is shown as 3: the list continues; write 3, or, for a second list, a sentence between the two"]),
        ("- b\n- [ ] a", ["f.md:2: has the box of a task, which readers do not see: [ ]; leave it out, or say in words which task is done"]),
        ("a\n\nb {: #logs .x}", ["f.md:3: has attributes, which readers do not see: {: #logs .x }; leave them out"]),
        ("a <!-- b -->", ["f.md:1: has a comment, which readers do not see: <!-- b -->; leave it out: a note to colleagues goes after a # between the --- lines"]),
        ("a\n\n[b]: https://x.example", ["f.md:3: has a link target that no link uses: [b]: https://x.example; write [text][label] where it belongs, or delete it"]),
        ("[b]\n\n[b]: https://x.example\n[b]: https://y.example", ["f.md:4: has a second target for [b]; delete one of the two: the first counts"]),
        ("see [a][b] and\nthis [c] (https://x.example)", ["f.md:1: shows '][' as text: … see [a][b] and …; fix the Markdown, or ignore this if the text is intended",
          "f.md:2: shows '] (https:' as text: … this [c] (https://x.example) …; fix the Markdown, or ignore this if the text is intended"]),
        ("text:\n(b) one\n(c) two", ["f.md:2: has a line that begins with '(b)' and runs on from the line above; put an empty line above it, or \\ at the end of the line above",
          "f.md:3: has a line that begins with '(c)' and runs on from the line above; put an empty line above it, or \\ at the end of the line above"]),
        ("text\n2. two", ["f.md:2: has a line that begins with '2.' and runs on from the line above; put an empty line above it, or \\ at the end of the line above"]),
        ("text\n2.1 two", ["f.md:2: has a line that begins with '2.1' and runs on from the line above; put an empty line above it, or \\ at the end of the line above"]),
        ("text\n• two", ["f.md:2: has a line that begins with '•' and runs on from the line above; write a list: `- ` in its place, and an empty line above the first"]),
        ("text\n– two", ["f.md:2: has a line that begins with '–' and runs on from the line above; write a list: `- ` in its place, and an empty line above the first"]),
        ("text\n\ttwo", ["f.md:2: has a line that begins with a tab and runs on from the line above; put an empty line above it, or \\ at the end of the line above"]),
        ("text\n     - two", ["f.md:2: has a line that begins with '-' and runs on from the line above; indent the list by three spaces at most"]),
        ("text\n\n     - one\n     - two", ["f.md:4: has a line that begins with '-' and runs on from the line above; indent the list by three spaces at most"]),
        ("Name     Purpose\nabc      statistics", ["f.md:1: has columns made of spaces, which readers see as one space each; write a table: | between the cells, and |---|---| below the first row"]),
        ("Name\tPurpose", ["f.md:1: has columns made of spaces, which readers see as one space each; write a table: | between the cells, and |---|---| below the first row"]),
        ("a\n===", ["f.md:2: has a line '===', which is shown as text; for a heading, delete it and write ## in front of the line above"]),
        ("see [b]\n[b]: https://x.example", ["f.md:2: has a line that begins with '[b]: https://x.examp' and is shown as text; put an empty line above it, so that it defines a link target"]),
        ("- a\n  (i) b", ["f.md:2: has a line that begins with '(i)' and runs on from the line above; put an empty line above it, or \\ at the end of the line above"]),
    ],
)  # fmt: skip
def test_what_is_left_out_or_runs_together_is_told_with_its_line(
    text: str, expected: list[str]
) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Acme\\\n(a) one  \n• two",
        "a long line that\nwraps (see Art. 6(1)\nGDPR) at 2024. End.",
        "1. a\n2. b\n3. c",
        "a\n\n- b\n- c",
        "a\n- b",
        "a\n1. b",
        "Logs\n---\n\na",
        "see [sic] and [^n]\n\n[^n]: b",
        "a  b.  c",
        "    not code",
    ],
)
def test_ordinary_text_is_silent(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("<b>a</b>", "write **text**"),
        ("<a href='https://x.example'>a</a>", "write [text](https://…)"),
        ("<ul>\n<li>a</li>\n</ul>", "write a list: lines that begin with `- `"),
        ("<p>a</p>", "leave the tags out: an empty line divides paragraphs"),
        ("| a |\n|---|\n| <ol><li>x</li></ol> |", "write 1. … <br> 2. …"),
        ("<!-- a --> b\n\nc --> d\n\n<table>", "write a table"),
    ],
)
def test_html_is_refused_with_the_way_to_write_it(text: str, fix: str) -> None:
    assert any(each.fix.startswith(fix) for each in parsed(text).problems)


def test_the_example_has_no_warnings() -> None:
    problems = [each for each in check(ROOT).problems if each.grounds is None]
    assert [each for each in problems if each.severity != "question"] == []


def test_facts_are_shown_as_they_are_in_what_is_told(tmp_path: Path) -> None:
    text = "a\n({{ locale }}) [x] (https://{{ brand.domain }})\n\nb {: title='{{ brand.name }}' }"
    made = policy(small(tmp_path, {DATA: clause(text)}))
    assert [each.message for each in made.warnings] == [
        "shows '] (https:' as text: … (en) [x] (https://alpha.exam …",
        "has attributes, which readers do not see: {: title='Alpha' }",
    ]


# --- comments ------------------------------------------------------------------------------------


def warned(root: Path) -> list[str]:
    """Return what is told of how a workspace is written; remarks of law have grounds."""
    return [str(each) for each in check(root).problems if each.grounds is None]


def test_text_that_a_comment_swallows_is_told(tmp_path: Path) -> None:
    root = small(tmp_path, {DATA: clause("Our hashtag is {#privacy} and costs {#12#} euros.")})
    assert warned(root) == [
        f"{DATA}:4: `{{#` begins a comment, which readers do not see: 'privacy}} and costs {{#12'; "
        'delete the id of the heading; to show `{#`, write {{ "{#" }}; a note to colleagues goes '
        "after a # between the --- lines"
    ]


def test_comments_in_titles_and_registries_are_told(tmp_path: Path) -> None:
    words = SMALL["shared/retention.yaml"].replace("for {{ entry", "for {# ever #}{{ entry")
    root = small(tmp_path, {DATA: clause("x", "'Data {# b #}'"), "shared/retention.yaml": words})
    assert [each.partition(";")[0] for each in warned(root)] == [
        f"{DATA}:2: `{{#` begins a comment, which readers do not see: 'b'",
        "shared/retention.yaml:4: `{#` begins a comment, which readers do not see: 'ever'",
    ]


def test_a_build_tells_what_it_leaves_out(tmp_path: Path) -> None:
    root = small(tmp_path / "a", {DATA: clause("a\n\n---\n\n\u200bb")})
    for _ in range(2):
        report = build(root, tmp_path / "out", brands=["alpha"], formats=["html"])
        assert [(each.line, each.rule) for each in report.problems] == [
            (6, "dropped"),
            (8, "character"),
        ]


def test_a_comment_without_end_is_named(tmp_path: Path) -> None:
    root = small(tmp_path, {DATA: clause("Our hashtag is {#privacy}.")})
    assert warned(root)[0].startswith(
        f"{DATA}:4: `{{#` begins a comment that is not closed; delete the id of the heading"
    )


# --- links to headings ---------------------------------------------------------------------------

HEADED = clause(
    "See [{0}](#{0}).\n\n## 2.1 Logs & Data\n\na\n\n## Logs {{#Own.id}}\n\nb\n\n## Logs\n\nc"
)


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("21-logs--data", "2.1 Logs & Data"),
        ("2.1-Logs-Data", "2.1 Logs & Data"),
        ("LOGS", "Logs"),
        ("logs-1", "Logs"),
        ("Own.id", "Logs"),
    ],
)
def test_a_link_leads_to_a_heading_of_its_clause(tmp_path: Path, target: str, title: str) -> None:
    made = policy(small(tmp_path, {DATA: HEADED.format(target)}))
    data = made.clauses[1]
    link = next(each for each in inlines_in(data) if isinstance(each, Link))
    headings = [each for each in data.blocks if isinstance(each, Heading) and each.anchor]
    assert [link.target] == [f"#{each.anchor}" for each in headings]
    assert headings[0].children == (Text(title),)
    anchor = headings[0].anchor
    dating = Dating("undated")
    assert f'<h3 id="{anchor}">' in html(made, dating, plain_style()).decode()
    assert f'href="#{anchor}"' in html(made, dating, plain_style()).decode()
    assert f"{{#{anchor}}}" in markdown(made, dating).decode()
    assert words(read_policy(json(made, dating))) == words(made)
    assert f'["a","#{title}","{target}"]' in clause_words(made)["data"]


def test_an_anchor_is_no_word_and_a_heading_without_links_has_none(tmp_path: Path) -> None:
    plain, marked = (
        policy(small(tmp_path / name, {DATA: clause(f"## Logs{id}\n\na")}))
        for name, id in (("a", ""), ("b", " {#logs}"))
    )
    assert words(plain) == words(marked)
    assert "anchor" not in json(marked, Dating("undated")).decode()
    assert [each.message for each in marked.warnings] == [
        "has the id 'logs' after a heading, but no link here uses it"
    ]


def test_a_clause_goes_before_a_heading_of_its_name(tmp_path: Path) -> None:
    made = policy(small(tmp_path, {DATA: clause("[a](#who)\n\n## Who {#who}\n\nb")}))
    assert Link("#who", (Text("a"),)) in list(inlines_in(made.clauses[1]))
    assert '"anchor"' not in json(made, Dating("undated")).decode()


def test_a_link_to_no_heading_says_which_there_are(tmp_path: Path) -> None:
    root = small(tmp_path, {DATA: clause("[a](#x)\n[b](#y)\n\n## Logs\n\nb")})
    with pytest.raises(InvalidPolicy) as fault:
        policy(root)
    assert [(each.line, each.fix) for each in fault.value.problems] == [
        (line, "clauses here: data, rights, who; headings: logs") for line in (4, 5)
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#Our data\n\nb", "write a space after ##"),
        ("| A | B |\n| a | b |", "write |---|---| below the first row"),
        ("[TOC]\n\nb", "every policy has its contents"),
        ("!!! note\n    b", "with > in front"),
        ("::: tip\nb\n:::", "with > in front"),
        ("{::comment}b{:/}", "an instruction to another program"),
        ("§ 1 One\n§ 2 Two", "put an empty line above it"),
        ("Article 1\nOne.\nArticle 2\nTwo.", "put an empty line above it"),
    ],
)
def test_what_means_something_elsewhere_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in each for each in warned(small(tmp_path, {DATA: clause(text)})))


@pytest.mark.parametrize(
    "text",
    ["as laid down in\n§ 2 of the act", "under\nArticle 6 of the law", "# 1 is\n\\#x", "a |\n| b"],
)
def test_what_reads_well_is_not(tmp_path: Path, text: str) -> None:
    assert not warned(small(tmp_path, {DATA: clause(f"We keep it {text}.")}))


# --- characters, titles, languages ---------------------------------------------------------------


def test_invisible_characters_are_left_out_with_one_warning(tmp_path: Path) -> None:
    clean = policy(small(tmp_path / "a", {DATA: clause("Personal data.")}))
    root = small(tmp_path / "b", {DATA: clause("Per\u00adson\u00adal\u200b data.\ufeff")})
    assert words(policy(root)) == words(clean)
    assert warned(root) == [
        f"{DATA}:4: has 4 invisible characters that the policy leaves out: U+00AD SOFT HYPHEN, "
        "U+200B ZERO WIDTH SPACE, U+FEFF ZERO WIDTH NO-BREAK SPACE; delete what cannot be seen"
    ]


@pytest.mark.parametrize(
    "title", ["Cookies: what they are", "Cookies:", 'The "law": us', "a: b: c"]
)
def test_a_title_with_a_colon_is_told_to_stand_in_quotes(tmp_path: Path, title: str) -> None:
    quoted = '"' + title.replace('"', '\\"') + '"'
    root = small(tmp_path / "a", {DATA: clause("x", title)})
    assert [str(each) for each in read(root).problems] == [
        f"{DATA}:2: is not valid YAML: '{title}' has a colon; put it in quotes: title: {quoted}"
    ]
    assert policy(small(tmp_path / "b", {DATA: clause("x", quoted)})).clauses[1].title == title


BRAND = "brands/alpha/brand.yaml"
TWO = """\
name: Alpha
domain: alpha.example
contact: privacy@alpha.example
audience: [businesses]
locales: [en, nl]
timezone: Europe/Brussels
"""
DUTCH = {
    BRAND: TWO,
    "shared/policy.yaml": "title: {en: Policy, nl: Verklaring}\norder: [who, extra]\n",
    "shared/clauses/nl/who.md": clause("Wij.", "Wie"),
    "shared/clauses/en/data.md": None,
    "shared/clauses/en/rights.md": None,
}


def titles(made: Policy) -> list[str]:
    return [each.title for each in made.clauses]


def test_a_clause_in_one_language_needs_no_stubs_in_others(tmp_path: Path) -> None:
    extra = "---\ntitle: Extra\nwhen: {locale: [en]}\n---\nOnly here.\n"
    root = small(tmp_path, {**DUTCH, "shared/clauses/en/extra.md": extra})
    assert titles(policy(root, "alpha", "en")) == ["Who we are", "Extra"]
    made = policy(root, "alpha", "nl")
    assert titles(made) == ["Wie"]
    assert {"shared/clauses/en/extra.md", "shared/clauses/nl/extra.md"} <= made.files


@pytest.mark.parametrize(
    "when", ["", "when: {locale: [en, nl]}\n", "when: {audience: businesses}\n"]
)
def test_a_clause_that_another_language_needs_is_missed(tmp_path: Path, when: str) -> None:
    extra = f"---\ntitle: Extra\n{when}---\nOnly here.\n"
    root = small(tmp_path, {**DUTCH, "shared/clauses/en/extra.md": extra})
    with pytest.raises(InvalidPolicy, match="there is no clause 'extra' in nl for alpha"):
        policy(root, "alpha", "nl")


def test_a_brand_has_a_title_of_its_own(tmp_path: Path) -> None:
    changes = {**DUTCH, "shared/policy.yaml": "title: Policy\norder: [who]\n"}
    root = small(tmp_path / "a", {**changes, BRAND: f"{TWO}title: {{en: Notice, nl: Melding}}\n"})
    assert [policy(root, "alpha", locale).title for locale in ("en", "nl")] == ["Notice", "Melding"]
    assert policy(root, "beta").title == "Policy"
    root = small(tmp_path / "b", {**changes, BRAND: f"{TWO}title: {{en: Notice}}\n"})
    with pytest.raises(InvalidPolicy, match=f"{BRAND}:7: the title has no text for locale nl"):
        policy(root, "alpha", "nl")


def test_an_opening_has_no_title(tmp_path: Path) -> None:
    root = small(tmp_path, {"shared/clauses/en/who.md": "---\n---\nWe care.\n"})
    made = policy(root)
    page = html(made, Dating("undated"), plain_style()).decode()
    assert made.clauses[0].title == ""
    assert '<section id="who">\n<p>We care.</p>' in page
    assert '<a href="#who"></a>' not in page
    assert page.count("<h2 id=") == 3, "the contents, and two clauses"
    assert "{#who}" not in markdown(made, Dating("undated")).decode()
    assert words(read_policy(json(made, Dating("undated")))) == words(made)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (DATA, "---\n---\nx\n", f"{DATA}:1: has no title; add `title: …` between the --- lines"),
        ("shared/clauses/en/who.md", "---\n---\nx\n\n## y\n\nz\n", "shared/clauses/en/who.md:1: has "
         "headings, but no title above them; add `title: …` between the --- lines"),
    ],
)  # fmt: skip
def test_any_other_clause_has_one(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InvalidPolicy) as fault:
        policy(small(tmp_path, {name: text}))
    assert [str(each) for each in fault.value.problems] == [message]


@given(st.text("ab 1.-=*#>[]{}:<!\n\t()|", max_size=40))
def test_whatever_passes_is_told_with_lines_of_its_own(text: str) -> None:
    content = parsed(text)
    for each in (*content.problems, *content.warnings):
        assert each.line is not None
        assert 1 <= each.line <= text.count("\n") + 1
