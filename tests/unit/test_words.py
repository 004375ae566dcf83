"""Words decide: what is part of them, and what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workspaces import clause, policy, small

from publisher.compose.markdown import parse
from publisher.model.policy import Clause, Policy
from publisher.model.words import clause_words, fold, words, words_digest


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
]
DIFFERENT = [
    ("a b", "ab"),
    ("a b", "a B"),
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
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_layout_and_emphasis_are_no_words(one: str, other: str) -> None:
    assert words(said(one)) == words(said(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_text_structure_and_targets_are_words(one: str, other: str) -> None:
    assert words(said(one)) != words(said(other))


def test_the_digest_is_sha256_of_the_words_in_hexadecimal(workspace: Path) -> None:
    digest = words_digest(policy(workspace))
    assert len(digest) == 64
    assert set(digest) <= set("0123456789abcdef")


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


def test_questions_are_no_words(workspace: Path) -> None:
    made = policy(workspace)
    assert words(made) == words(replace(made, questions=(), files=frozenset()))


@given(st.text(max_size=60))
def test_folding_twice_folds_no_further(text: str) -> None:
    assert fold(fold(text)) == fold(text)
