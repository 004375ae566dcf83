"""A short run of the fuzzer; `make fuzz` is the long one."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from fuzz.inputs import mutated
from fuzz.targets import PARSERS, Checked
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("target", PARSERS)
def test_mutated_inputs_surprise_no_parser(target: Callable[[bytes], None]) -> None:
    chance = random.Random(0)
    for _ in range(1500):
        target(mutated(chance))


@pytest.mark.parametrize("target", PARSERS)
@settings(max_examples=500)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_surprise_no_parser(target: Callable[[bytes], None], data: bytes) -> None:
    target(data)


def test_mutated_inputs_do_not_surprise_check() -> None:
    chance, checked = random.Random(0), Checked()
    for _ in range(400):
        checked(mutated(chance))
    checked.close()
