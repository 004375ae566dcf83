"""Measures: commands in turn, so that what slows the machine slows them alike."""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

BIN = Path(sys.executable).parent
IDLE = 0.3
"""The load of a core that counts as idle: what came before the bench is still in the average."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was measured, what it came to, and what it may come to at most."""

    name: str
    value: float
    limit: float | None
    unit: str = "x"
    note: str = ""

    @property
    def well(self) -> bool:
        """Whether the figure is within its limit."""
        return self.limit is None or self.value <= self.limit

    def row(self, *, busy: bool) -> str:
        """Return the figure as a row of the table; on a `busy` machine a miss proves nothing."""
        limit = "" if self.limit is None else f"{self.limit:.2f}{self.unit}"
        missed = "unsure" if busy else "MISSED"
        verdict = "" if self.limit is None else ("ok" if self.well else missed)
        measured = f"{self.value:.2f}{self.unit}"
        return f"{self.name:<46} {measured:>11} {limit:>11}  {verdict:<7} {self.note}".rstrip()


HEAD = f"{'':<46} {'measured':>11} {'at most':>11}  {'':<7} of which, and why"


def busy() -> float:
    """Return the load of the machine if its cores are not idle; 0 if they are."""
    load = os.getloadavg()[0]
    return load if load > IDLE * (os.cpu_count() or 1) else 0.0


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how long something takes, with no garbage of what went before."""
    gc.collect()
    start = clock()
    work()
    return clock() - start


def in_turn(
    runs: int, *works: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the median time of each work, of `runs` rounds in which each has its turn.

    The order changes from round to round, so that none profits from what another leaves behind.
    """
    chance = random.Random(runs)
    times: dict[int, list[float]] = {number: [] for number in range(len(works))}
    for _ in range(runs):
        for number in chance.sample(range(len(works)), len(works)):
            times[number].append(seconds(works[number], clock))
    return [median(times[number]) for number in range(len(works))]


def spent() -> float:
    """Return the CPU seconds of the commands that have ended: on idle cores, all that they take.

    What else the machine does changes them less than the time on the clock.
    """
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def spent_in_all() -> float:
    """Return the CPU seconds of this process, and of the commands that have ended."""
    return sum(os.times()[:4])


def command(
    *arguments: str,
    cwd: Path,
    stdin: bytes | None = None,
    ends: Collection[int] = (0,),
    **environment: str,
) -> Callable[[], bytes]:
    """Return a work that runs a command, which may end with some codes, and returns its output."""

    def run() -> bytes:
        done = subprocess.run(
            arguments,
            cwd=cwd,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            input=stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode not in ends:
            raise SystemExit(f"{arguments} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    return run


def publisher(
    *arguments: str, cwd: Path, cache: Path, ends: Collection[int] = (0,)
) -> Callable[[], bytes]:
    """Return a work that runs the command line, with a cache of its own."""
    name = str(BIN / "publisher")
    return command(name, *arguments, cwd=cwd, ends=ends, PUBLISHER_CACHE=str(cache))


def peak(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> tuple[float, int]:
    """Run a command; return its time, and the most memory that it and its children had, in MB.

    What processes share counts once (the proportional set size of Linux).
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    most = 0
    while process.poll() is None:
        most = max(most, sum(_memory(pid) for pid in _family(process.pid)))
        time.sleep(0.2)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(arguments))
    return time.perf_counter() - start, most // 1024


def _family(root: int) -> list[int]:
    """Return the ids of a process and of all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    family = [root]
    for pid in family:
        family += children.get(pid, [])
    return family


def _memory(pid: int) -> int:
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(r.split()[1]) for r in said.splitlines() if r.startswith("Pss:")), 0)


@contextmanager
def dask(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Give the address of a scheduler with one worker, and the ids of their processes."""
    file = folder / "scheduler.json"
    scheduler = _begun("scheduler", "--port", "0", "--scheduler-file", str(file))
    try:
        while not file.exists():
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        worker = _begun("worker", address, "--no-nanny", "--nthreads", "1")
        try:
            yield address, scheduler.pid, worker.pid
        finally:
            worker.kill()
            worker.wait()
    finally:
        scheduler.kill()
        scheduler.wait()


def _begun(kind: str, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(BIN / "dask"), kind, *options, "--no-dashboard"], stderr=subprocess.DEVNULL
    )


def worked(root: int) -> float:
    """Return the CPU seconds that a process and all that descend from it have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in _family(root)]
    return sum(sum(map(int, stat.rpartition(")")[2].split()[11:15])) for stat in stats) / ticks
