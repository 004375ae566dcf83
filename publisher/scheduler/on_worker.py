"""The work of a Dask worker for a job, in processes of its own.

It opens the workspace under the same path as the machine that distributes brands. A worker that
would get a different result does nothing.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import secrets
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from publisher.errors import FAULTY, AskedWrongly, PublisherError
from publisher.files.cache import Cache, cache_folder
from publisher.render.toolchain import tools, tools_digest, word_tools
from publisher.render.worker import workers
from publisher.repository.moment import named_workspace, open_workspace
from publisher.scheduler.work import BrandWork, Work

WORD = "Word tools"
"""The name of the tools that only Word files depend on."""


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that a worker has to know about one run of a command.

    `at` is None for the working tree, `head` the newest commit. `common` is the digest of what all
    brands share. `token` is new for each run: workers keep nothing of an earlier one.
    """

    work: Work[Any]
    root: Path
    at: str | None
    head: str | None
    common: str | None
    cached: bool
    tools: tuple[tuple[str, str], ...]
    tools_digest: str = field(default_factory=tools_digest)
    token: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a worker would get different results from this machine, or none."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The message and exit code of a fault that stops the command on any machine."""

    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Died:
    """The process that worked on a brand ended in the middle."""


@dataclass(frozen=True, slots=True)
class Done:
    """The result for a brand."""

    result: Any


Outcome = Done | Unfit | Stopped | Died


# --- in a process of a worker ---


@dataclass(frozen=True, slots=True)
class _Opened:
    """The workspace of a job; it stays open as long as `context` is kept."""

    context: object
    commit: str | None
    work: BrandWork[Any]


@lru_cache(maxsize=1)
def _opened(job: Job) -> _Opened:
    root = named_workspace(job.root)
    context = open_workspace(root, job.at)
    moment = context.__enter__()
    cache = Cache(cache_folder() if job.cached else None)
    return _Opened(context, moment.commit, job.work.begin(moment, root, cache))


@lru_cache(maxsize=1)
def _unfit(job: Job) -> Unfit | None:
    """Return why this process cannot do a job, if it cannot."""
    if tools_digest() != job.tools_digest or not {*job.tools} <= all_tools().items():
        return _different_tools(job)
    try:
        opened = _opened(job)
    except AskedWrongly:
        return Unfit(f"has no workspace in {job.root}", "mount the workspace there, too")
    except PublisherError as fault:
        return Unfit(f"cannot read {job.root}: {fault}", "make it readable there")
    if opened.commit != job.head or opened.work.common != job.common:
        return Unfit(
            f"reads other files in {job.root}", "let it see the same files, then try again"
        )
    return None


def all_tools() -> dict[str, str]:
    """Return the versions of the tools that decide results, by name."""
    return {**tools(), WORD: word_tools()}


def _different_tools(job: Job) -> Unfit:
    fix, here = "install the same on both, then try again", all_tools()
    for name, version in job.tools:
        if version != here.get(name):
            return Unfit(f"has {name} {here.get(name)}, and this machine {version}", fix)
    return Unfit("has files in its `publisher` that differ from this machine's", fix)


def do(job: Job, brand: str, own: str | None) -> Outcome:
    """Return the outcome for a brand; `own` is the digest of its files."""
    unfit = _unfit(job)
    if unfit is not None:
        return unfit
    work = _opened(job).work
    if work.own(brand) != own:
        folder = job.work.wording.folder
        return Unfit(f"reads other files in {folder}/{brand}", "let it see the same files")
    try:
        return Done(work.do(brand))
    except PublisherError as fault:
        return Stopped(str(fault), fault.exit_code)
    except (MemoryError, RecursionError):
        return Died()
    except OSError:
        raise
    except Exception as fault:  # noqa: BLE001 - a fault of ours is none of the worker's
        return Stopped(
            f"this is a fault of Publisher itself, on a worker, at {brand}: "
            f"{type(fault).__name__}: {str(fault)[:300]}. Run the command again without "
            "--scheduler, and report all that it prints",
            FAULTY,
        )


# --- in a worker ---


class _Processes:
    """The processes of a worker, one for each brand that it works on at a time.

    A process that dies takes no other brand with it, and another takes its place.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[Executor, str] = {}
        self._idle: list[Executor] = []
        self._over: deque[str] = deque(maxlen=64)

    def call(self, job: Job, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function for a job in a process; raises `BrokenExecutor` if that dies."""
        with self._lock:
            if job.token in self._over:
                raise BrokenExecutor("the job is over")
            process = self._idle.pop() if self._idle else workers(1)
            if not isinstance(process, ProcessPoolExecutor):  # in a thread, no limit would hold
                raise OSError("it has no semaphores")
            self._busy[process] = job.token
        try:
            result = process.submit(function, job, *arguments).result()
        except BaseException:
            with self._lock:
                self._busy.pop(process, None)
            process.shutdown(wait=False, cancel_futures=True)
            raise
        with self._lock:
            if self._busy.pop(process, None) is not None:
                self._idle.append(process)
        return result

    def end(self, token: str) -> None:
        """End the processes that are idle, or work for a job that is over."""
        with self._lock:
            self._over.append(token)
            over = [process for process, job in self._busy.items() if job == token]
            for process in over:
                del self._busy[process]
            ended, self._idle = [*self._idle, *over], []
        for process in ended:
            process.__exit__(KeyboardInterrupt, None, None)


_PROCESSES = _Processes()


def _fitness(job: Job) -> Unfit | None:
    """Return why this worker cannot take part in a job, if it cannot."""
    if multiprocessing.current_process().daemon:
        fix = "start it with --no-nanny, or with DASK_DISTRIBUTED__WORKER__DAEMON=False"
        return Unfit("may not begin processes, so that no limit would hold", fix)
    try:
        unfit: Unfit | None = _PROCESSES.call(job, _unfit)
    except (BrokenExecutor, OSError) as fault:
        return _processless(fault)
    return unfit


def _processless(fault: Exception) -> Unfit:
    return Unfit(f"cannot begin a process: {fault}", "look at its memory and its limits")


async def inspected(job: Job) -> Unfit | None:
    """Do the same beside the worker's own loop, in which Dask calls this."""
    return await asyncio.to_thread(_fitness, job)


def work_on(job: Job, brands: dict[str, str | None]) -> tuple[str, list[Outcome]]:
    """Return the worker's address, and the outcome for each brand in a process of it.

    `brands` has the digests of their files.
    """
    from distributed import get_worker

    outcomes = [_outcome(job, brand, own) for brand, own in brands.items()]
    return str(get_worker().address), outcomes


def _outcome(job: Job, brand: str, own: str | None) -> Outcome:
    if multiprocessing.current_process().daemon:
        return _fitness(job) or Died()
    try:
        outcome: Outcome = _PROCESSES.call(job, do, brand, own)
    except BrokenExecutor:
        return Died()
    except OSError as fault:
        return _processless(fault)
    return outcome


def end_part(job: Job) -> None:
    """End a worker's part in a job: its processes go, and its cache stays within its size."""
    _PROCESSES.end(job.token)
    if job.cached:
        cache = Cache(cache_folder())
        cache.grown = True
        cache.trim()
