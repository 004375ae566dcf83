"""Processes that typeset beside the command, each within limits of time and memory.

The first one imports WeasyPrint while the command still reads and composes; the others are forked
from it. Any `concurrent.futures.Executor` can take their place.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType
from typing import Any

from publisher.errors import InvalidPolicy, PublisherError
from publisher.problem import error
from publisher.render.pdf_job import PdfJob

SECONDS = 120
"""The longest time that typesetting a document may take."""
MEMORY = 2 << 30
"""The most address space, in bytes, for a process that typesets."""

_THREADS = 4
"""Threads that Pango may start, and more."""

Outcome = bytes | PublisherError
_STARTING = threading.RLock()
"""Held while a process starts, as its environment is changed for this whole process."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers(jobs: int, memory: int = MEMORY) -> Executor:
    """Return `jobs` processes, which begin to load what they need at once."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        from multiprocessing.forkserver import ensure_running

        context.set_forkserver_preload([__name__, f"{__package__}.preload"])
        try:
            with _STARTING, _main_hidden(), _same_path(), _undisturbed():
                ensure_running()
        except OSError:  # the path of the folder for its socket is too long
            context = multiprocessing.get_context("spawn")
    try:
        return _Workers(jobs, mp_context=context, initializer=_limit, initargs=(memory,))
    except (
        ImportError,
        OSError,
    ):  # no semaphores here: typesetting without limits is better than none
        return ThreadPoolExecutor(1)


class _Workers(ProcessPoolExecutor):
    """Processes that do not run the caller's own script again: they do not need it."""

    def submit(self, *arguments: Any, **named: Any) -> Future[Any]:
        """Submit a call; a process starts now, if there may be one more."""
        try:
            with _STARTING, _main_hidden():
                return super().submit(*arguments, **named)
        except EOFError:  # from the process that they are forked from
            number = errno.ENOMEM if _scarce() else errno.EAGAIN
            raise OSError(number, "a process to typeset ended as it began") from None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the processes, at once if something stops the command."""
        if kind is not None:
            for process in [*(self._processes or {}).values()]:
                process.kill()
        self.shutdown(wait=True, cancel_futures=kind is not None)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the user's ^C, which is for the command, from a process that begins here."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # if it began later, it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _same_path() -> Iterator[None]:
    """Let a process that begins here import the same modules, and none of the working folder.

    In it, a folder of the user's may have the name of a library, and would be run in its place.
    """
    own = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "ignore",  # of what a command leaves that ends without memory
    }
    for name, value in own.items():
        os.putenv(name, value)  # os.environ stays: other threads may be going through it
    try:
        yield
    finally:
        for name in own:
            before = os.environ.get(name)
            if before is None:
                os.unsetenv(name)
            else:
                os.putenv(name, before)


@contextmanager
def _main_hidden() -> Iterator[None]:
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _limit(memory: int) -> None:
    """Keep the process that this runs in within its limit, and end it with the command.

    The user's ^C is for the command; a command that is killed cannot end its processes. Nobody
    needs the last words of a process without memory: the command reports it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 2)
    with suppress(RuntimeError):  # `work` says so
        threading.Thread(target=_end_with_command, daemon=True).start()
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


def _end_with_command() -> None:
    command = multiprocessing.parent_process()
    if command is not None:
        command.join()
        os._exit(1)


def work(manuscript: PdfJob, seconds: int = SECONDS) -> Outcome:
    """Return a manuscript's PDF, or what stopped it."""
    from publisher.render.typeset import typeset

    _refuse_without_threads()
    try:
        with _at_most(seconds):
            return typeset(manuscript)
    except PublisherError as fault:
        return fault
    except TimeoutError:
        return _too_much(manuscript, f"takes longer than {seconds} s to typeset")
    except (MemoryError, SystemError) as fault:  # code in C that finds no memory may end in either
        if _scarce():
            raise MemoryError from fault
        return _too_much(manuscript, "takes too much memory to typeset")
    except RecursionError:
        return _too_much(manuscript, "is nested too deeply to typeset")


def _refuse_without_threads() -> None:
    """Raise `RuntimeError` if the system starts no more threads: Pango would end the process."""
    ready = threading.Event()
    try:
        for _ in range(_THREADS):
            threading.Thread(target=ready.wait).start()
    finally:
        ready.set()


def collect(manuscript: PdfJob, future: Future[Outcome], memory: int = MEMORY) -> bytes:
    """Return the PDF that `future` brings; raises what stopped it.

    A process that died takes those of other documents with it: each is then tried once more, alone,
    within `memory`. Raises `MemoryError` if the user allows less than a document may take.
    """
    try:
        outcome = future.result()
    except BrokenExecutor:
        with workers(1, memory) as alone:
            try:
                outcome = alone.submit(work, manuscript).result()
            except BrokenExecutor:
                if _scarce():
                    raise MemoryError from None
                outcome = _too_much(manuscript, "ends the process that typesets it")
    if isinstance(outcome, PublisherError):
        raise outcome
    return outcome


def _scarce() -> bool:
    """Return whether the user's own limit (`ulimit -v`) is below that of a document."""
    try:
        import resource
    except ImportError:
        return False
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    return hard != resource.RLIM_INFINITY and hard < MEMORY


def typeset_apart(manuscript: PdfJob) -> bytes:
    """Return a manuscript's PDF, typeset in a process of its own; raises what stopped it.

    A library without memory may kill its process: this one continues, and reports it.
    """
    with workers(1) as pool:
        return collect(manuscript, pool.submit(work, manuscript))


def _too_much(manuscript: PdfJob, message: str) -> InvalidPolicy:
    where = f"brands/{manuscript.brand}"
    fix = f"shorten the longest tables and lists of {manuscript.locale}"
    return InvalidPolicy((error("too-much", where, None, message, fix),))


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raise `TimeoutError` after so many seconds, if the system and the thread allow it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not (
        threading.main_thread()
    ):
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
