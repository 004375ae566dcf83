"""How the work of a function grows with its input: a ratio, whatever the machine and its load."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
_TIMES = 4
"""How much larger the large input is."""
_MOST = 8.0
"""Times the work for it, at most: linear work is 4 times as much, quadratic work 16 times."""
_CLOCK = 0.02
"""Seconds below which a measurement is too short to compare."""


def grows_in_step(make: Callable[[int], Input], work: Callable[[Input], object], size: int) -> bool:
    """Return whether an input of four times the size takes about four times the processor."""
    small, large = make(size), make(_TIMES * size)
    least = min(_seconds(work, small) for _ in range(5))
    return any(_seconds(work, large) < _MOST * max(least, _CLOCK) for _ in range(3))


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    start = time.process_time()
    work(given)
    return time.process_time() - start
