"""YAML holds no surprises."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from publisher.policy.characters import forbidden
from publisher.workspace.yaml import parse

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20).filter(
    lambda text: not forbidden("f", text)
)
VALUES = st.recursive(
    TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdef-_", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


def problems(text: str) -> list[tuple[str, int | None]]:
    return [(problem.rule, problem.line) for problem in parse("f.yaml", text)[1]]


@pytest.mark.parametrize("typed", ["NO", "1.10", "12:30", "0123", "on", "null", "~", "2026-11-22"])
def test_a_scalar_is_the_text_that_was_typed(typed: str) -> None:
    assert parse("f.yaml", f"a: {typed}\n")[0].value == {"a": typed}


def test_a_key_without_a_value_has_none() -> None:
    assert parse("f.yaml", "a:\nb: ''\n")[0].value == {"a": None, "b": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", [("yaml-duplicate", 3)]),
        ("a: &x 1\nb: *x\n", [("yaml-alias", 1), ("yaml-alias", 2)]),
        ("a: !!bool maybe\n", [("yaml-tag", 1)]),
        ("a: !own x\n", [("yaml-tag", 1)]),
        ("b:\n  <<: {a: 1}\n", [("yaml-merge", 2)]),
        ("a: 1\n---\nb: 2\n", [("yaml-documents", 2)]),
        ("? [a]\n: b\n", [("yaml-key", 1)]),
        ("a: 'x\n", [("yaml-syntax", 1)]),
        ("a: " + "[" * 100 + "]" * 100, [("yaml-depth", 1)]),
        ("a: b: c\n", [("yaml-syntax", 1)]),
    ],
)
def test_what_surprises_is_a_problem_with_its_line(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert problems(text) == expected


def test_all_problems_are_found_in_one_run() -> None:
    assert problems("a: &x 1\nb: 2\nb: 3\nc: !t 4\n") == [
        ("yaml-alias", 1),
        ("yaml-duplicate", 3),
        ("yaml-tag", 4),
    ]


def test_a_duplicate_names_both_lines_and_keeps_neither_value() -> None:
    document, found = parse("f.yaml", "a: 1\nb: 2\na: 3\n")
    assert "lines 1 and 3" in found[0].message
    assert document.value == {"b": "2"}


def test_what_stands_before_a_fault_of_syntax_is_kept() -> None:
    document, found = parse("f.yaml", "name: A\ndomain: b\nc: 'd\n")
    assert document.value == {"name": "A", "domain": "b"}
    assert [problem.rule for problem in found] == ["yaml-syntax"]


def test_a_value_that_runs_into_a_fault_is_not_kept() -> None:
    assert parse("f.yaml", "name: A\n foo: bar\n")[0].value == {}


def test_each_value_knows_its_line() -> None:
    document, _ = parse("f.yaml", "a:\n  - x\n  - b: 1\nc: 2\n", first_line=10)
    assert [document.line(w) for w in [("a",), ("a", 0), ("a", 1, "b"), ("c",), ("c", "z")]] == [
        10, 11, 12, 13, 13,
    ]  # fmt: skip


@given(st.dictionaries(st.text("abcdef-_", min_size=1), VALUES, max_size=5))
def test_what_is_written_is_what_is_read(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    document, found = parse("f.yaml", text)
    assert not [problem for problem in found if problem.rule != "yaml-alias"]
    assert found or document.value == value


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_gives_a_document_and_problems(text: str) -> None:
    document, found = parse("f.yaml", text)
    lines = text.count("\n") + text.count("\r") + text.count("\u2028") + text.count("\u2029") + 2
    assert all(p.line is None or 1 <= p.line <= lines + text.count("\x85") for p in found)
    assert document.value is None or isinstance(document.value, dict | list | str)
