"""How the work of a function grows with its input: a ratio, whatever the machine and its load."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")
_TIMES = 4
"""How much larger the large input is."""
_MOST = 8.0
"""Times the work for it, at most: linear work is 4 times as much, quadratic work 16 times."""
_TRIES = 6
_CLOCK = 0.02
"""Seconds below which a measurement is too short to compare."""


def grows_in_step(make: Callable[[int], Input], work: Callable[[Input], object], size: int) -> bool:
    """Return whether an input of four times the size takes about four times the processor.

    Garbage is not looked for: that takes time by all that the process has, not by the input.
    """
    small, large = make(size), make(_TIMES * size)
    least = most = math.inf
    for _ in range(_TRIES):
        least, most = min(least, _seconds(work, small)), min(most, _seconds(work, large))
        if most < _MOST * max(least, _CLOCK):
            return True
    return False


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    gc.disable()
    try:
        start = time.process_time()
        work(given)
        return time.process_time() - start
    finally:
        gc.enable()
