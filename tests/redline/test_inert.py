"""Comments on pull requests: the text of policies is shown unchanged, and nobody is notified."""

from __future__ import annotations

import re
from html import unescape

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.policies import written

from publisher.policy.tree import Policy
from publisher.redline import redline
from publisher.redline.values import Origin
from publisher.redline.views.inert import BREAK, inert
from publisher.redline.views.markdown import markdown

HOST = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TOKENS = [
    "@acme", "@acme/legal", "x.@acme", "#12", "Fixes #7", "GH-12", "gh-3", "owner/repo#5", "PROJ-7",
    "GHSA-abcd-1234-efgh", "0123456", "deadbeef", "1ae4f137de" * 4, "acme/repo@1ae4f137de",
    "$x^2$", "$$x$$", "$12", ":tada:", ":+1:", "12:30:45", "[ ]", "[x]", "- [ ] do", "!5", "group/project!5",
    "~label", '~"a label"', "%milestone", '%"a milestone"', "%12", "&epic", "&12", "&amp;", "&#35;12",
    "/approve", "/close", "[[page]]", "[issue:12]", "[TOC]", "{+ x +}", "[- x -]", "~~x~~", "<!-- x -->",
    "<details>", "<b>x</b>", "`@acme`", "**#12**", "_x_", "![x](y)", "[x](https://y.example)", "[^1]", "| x |",
    "https://github.com/o/r/issues/5", "https://gitlab.example/g/p/-/merge_requests/3", "1.", "# x", "x #", "> x",
    "https://x.example/a#12", "https://x.example/@acme", "www.x.example/issues/5", "legal@acme.example",
    "https://x.example/a_b", "+ x", "===", "---", "\\", "a", "é", ",", ".", "(", ")",
]  # fmt: skip
ACTS = re.compile(
    r"(?<![^\W_])@\w|#\d|(?i:\bgh-\d)|\b[A-Z][A-Z0-9_]+-\d|\bGHSA-\w|(?<![^\W_])[0-9a-fA-F]{7,40}(?![^\W_])"
    r"|:[\w+-]+:|(?<!\w)[!&]\d|~[\"\w]|%[\"\w]|&epic|\$.*\$|\$\d|\[\[|\[\w+:|\[TOC|\{\+|\[-|(?:^|\s)/\w"
    r"|(?:(?<=https:)//|(?<![^\W_])www\.)\S*/(?:issues|merge_requests|pull|commit)/"
)
"""Text on which GitHub or GitLab act, in one stretch."""


def stretches(text: str) -> list[str]:
    """Return the text of Markdown in the stretches that a host searches one by one."""
    html = re.sub(r"</?(?:li|ul|p|h\d)>\n?", "\n", HOST.render(text))
    return [unescape(stretch) for stretch in re.split(r"<!--.*?-->|<[^>]*>", html)]


def visible(text: str) -> str:
    """Return the text that readers of Markdown see."""
    return " ".join("".join(stretches(text)).split())


def acted_upon(text: str) -> list[str]:
    return [match[0] for stretch in stretches(text) for match in ACTS.finditer(stretch)]


TEXTS = st.lists(
    st.sampled_from(TOKENS) | st.text("@#$:~%&!/[]<>-\\`*_ a1", max_size=4), max_size=5
)
JOINED = st.tuples(TEXTS, st.sampled_from(["", " ", ", "])).map(lambda both: both[1].join(both[0]))


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["x {} x", "({})", "<ins>{}</ins>", "### x {}", "- x {}"])
def test_a_token_is_shown_as_it_is_and_acted_upon_by_nobody(token: str, around: str) -> None:
    comment = around.format(inert(token))
    plain = " ".join(re.sub(r"</?ins>|^### |^- ", "", around).format(token).split())
    if around == "### x {}":
        plain = plain.removesuffix(" #")  # the redline escapes it
    assert visible(comment) == plain
    assert acted_upon(comment) == []


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("@acme/legal", "@<!-- -->acme/legal"),
        ("Fixes #7", "Fixes #<!-- -->7"),
        ("a $x^2$ b", "a <span>\\$</span>x^2<span>\\$</span> b"),
        ("https://x.example/a", "https://x.example/a"),
        ("legal@acme.example", "legal@acme.example"),
    ],
)
def test_a_token_is_broken_by_what_nobody_sees(text: str, comment: str) -> None:
    assert inert(text) == comment


def said(text: str) -> Policy:
    """Return a policy with a text as a title, a paragraph, an item, a cell, code and a link."""
    literal = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    return written(
        ("a", f"T {text}", f"{literal} p\n\n- *{literal}* i\n\n| h |\n|---|\n| {literal} c |\n\n"
         f"[l {literal}](https://y.example/issues/5)"),
    )  # fmt: skip


@settings(max_examples=examples(40))
@given(JOINED, JOINED)
def test_a_redline_shows_texts_as_they_are_and_nobody_is_notified(old: str, new: str) -> None:
    origins = (Origin("a", "commit", "alpha", "1ae4f137de"), Origin("b", "draft", "alpha"))
    one, other = (" ".join(text.split()) for text in (old, new))
    for before, after in ((said(one), said(other)), (said(one), None), (said(one), said(one))):
        comment = markdown(redline(before, after), origins, full=True)
        assert acted_upon(comment) == []
        assert not re.search(r"(?m)^\s*/", comment)
        shown = visible(comment)
        for text in (f"T {one}", f"{one} p", f"{one} i", f"{one} c", f"l {one}"):
            assert text.strip() in shown or (after and one != other)


@given(JOINED)
def test_only_comments_and_elements_are_added(text: str) -> None:
    comment = inert(text)
    assert visible(f"x{comment}x") == " ".join(f"x{text}x".split())
    assert acted_upon(f"x {comment}") == []
    assert BREAK not in inert(BREAK)
