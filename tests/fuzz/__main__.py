"""``make fuzz``: throw inputs at the parsers and commands; fail on the first surprise.

usage: python -m fuzz [--parsers N] [--documents N] [--check N] [--workspaces N] [--seed N]
                      [--atheris N]

A surprise is an exception that is no message to a user, ten seconds of CPU time on one input (git's
included; busy cores do not count), two minutes on one input by any clock, or more than 1.5 GB of
memory. The input is kept in the file that is named. ``--documents`` breaks N old documents of each
format. With ``--atheris``, where it is installed, the parsers' inputs are led by what they reach in
the code.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fuzz import documents
from fuzz.inputs import mutated
from fuzz.targets import PARSERS, Checked, Workspaces

SECONDS = 10
"""Of CPU time, at most, for one input and the processes that it starts."""
PATIENCE = 120
"""Seconds by any clock, at most, for one input: what waits for nothing uses no CPU time."""
MEMORY = 1536 << 20


class TooLong(BaseException):
    """An input takes too long; no Exception, so that no command takes it for one of its own."""


def ring(number: int, _frame: object) -> None:
    """End an input that takes too long; raises TooLong."""
    raise TooLong(
        f"took more than {PATIENCE} s"
        if number == signal.SIGALRM
        else f"took more than {SECONDS} s of CPU time"
    )


def spent() -> float:
    """Return the seconds of CPU time that this process and those that it waited for have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def attempt(target: Callable[[bytes], object], data: bytes) -> None:
    """Run a target; on a surprise, keep the input and end."""
    start = spent()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(PATIENCE)
    try:
        target(data)
        if spent() - start > SECONDS:
            ring(signal.SIGPROF, None)
    except BaseException:
        path = Path(f"surprise-{abs(hash(data)):x}.bin")
        path.write_bytes(data)
        print(f"surprise: {path}", file=sys.stderr)
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


def run(name: str, count: int, seed: int, targets: tuple[Callable[[bytes], object], ...]) -> None:
    """Throw `count` inputs at targets in turn, and say how many."""
    chance = random.Random(seed)
    start = time.perf_counter()
    for number in range(count):
        attempt(targets[number % len(targets)], mutated(chance))
    took = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name}: {count} inputs, no surprise, {took:.0f} s, {memory} MB at most", flush=True)


def break_documents(count: int, seed: int) -> None:
    """Break `count` documents of each format, and say how many."""
    for format, target in documents.READERS.items():
        chance = random.Random(seed)
        start = time.perf_counter()
        for _ in range(count):
            attempt(target, documents.mutated(chance, format))
        took = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{format}: {count} documents, no surprise, {took:.0f} s, {memory} MB at most",
            flush=True,
        )


def lead(count: int) -> None:
    """Let atheris choose the parsers' inputs."""
    import atheris  # type: ignore[import-not-found]

    def one(data: bytes) -> None:
        for target in PARSERS:
            attempt(target, data)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-runs={count}", "-max_len=2000"], one)
    atheris.Fuzz()


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--parsers", type=int, default=0, metavar="N")
    parser.add_argument("--documents", type=int, default=0, metavar="N")
    parser.add_argument("--check", type=int, default=0, metavar="N")
    parser.add_argument("--workspaces", type=int, default=0, metavar="N")
    parser.add_argument("--atheris", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, ring)
    if asked.parsers:
        run("parsers", asked.parsers, asked.seed, PARSERS)
    if asked.documents:
        break_documents(asked.documents, asked.seed)
    if asked.check:
        checked = Checked()
        run("check", asked.check, asked.seed, (checked,))
        checked.close()
    if asked.workspaces:
        workspaces = Workspaces()
        run("workspaces", asked.workspaces, asked.seed, (workspaces,))
        workspaces.close()
    if asked.atheris:
        lead(asked.atheris)


if __name__ == "__main__":
    main()
