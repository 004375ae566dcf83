"""A short run of the fuzzer; `make fuzz` is the long one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from conftest import examples
from fuzz import documents
from fuzz.inputs import mutated
from fuzz.targets import PARSERS, Checked, Workspaces
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.problem import Problem

Target = Callable[[bytes], list[Problem]]


def told(problems: list[Problem]) -> None:
    """Each problem says where it is and what is wrong; an error, what to do."""
    for problem in problems:
        assert problem.path
        assert problem.message
        assert problem.fix or problem.severity != "error", problem
        assert problem.line is None or problem.line > 0


@pytest.mark.parametrize("target", PARSERS)
def test_mutated_inputs_surprise_no_parser(target: Target) -> None:
    chance = random.Random(0)
    for _ in range(examples(1500)):
        told(target(mutated(chance)))


@pytest.mark.parametrize("target", PARSERS)
@settings(max_examples=examples(500))
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_surprise_no_parser(target: Target, data: bytes) -> None:
    told(target(data))


@pytest.mark.parametrize("format", documents.READERS)
def test_broken_documents_surprise_no_reader(format: str) -> None:
    chance = random.Random(0)
    for _ in range(examples(60)):
        documents.READERS[format](documents.mutated(chance, format))


def test_mutated_inputs_do_not_surprise_check() -> None:
    chance, checked = random.Random(0), Checked()
    for _ in range(examples(400)):
        told(checked(mutated(chance)))
    checked.close()


@pytest.mark.thorough
def test_mutated_workspaces_do_not_surprise_any_command() -> None:
    chance, workspaces = random.Random(0), Workspaces()
    for _ in range(examples(60)):
        workspaces(mutated(chance))
    workspaces.close()
