"""Hands brands to the workers of a Dask scheduler.

Each worker does a command's work for a brand in a process within the limits of
`publisher.render.worker`, as `on_worker` says, and the result comes back to this machine.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import warnings
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic

from publisher.compose.brands import Progress
from publisher.errors import AskedWrongly, LibraryMissing, PublisherError, SchedulerFailed
from publisher.problem import Problem, error, warning
from publisher.repository.moment import Moment
from publisher.scheduler.on_worker import (
    WORD,
    Died,
    Done,
    Job,
    Outcome,
    Stopped,
    Unfit,
    all_tools,
    end_part,
    inspected,
    work_on,
)
from publisher.scheduler.work import Files, T, Work

_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:[0-9]+|local:[1-9][0-9]{0,2}", re.ASCII)
REACHED = 10.0
"""Seconds in which a scheduler has to answer, at most."""
WORKERLESS = 30.0
"""Seconds without any worker after which the work stops."""
_LOOK = 2.0
"""Seconds between two looks at which workers there are."""
_TRIES = 3
"""The most attempts for a brand."""


def known_address(address: str) -> str:
    """Return the address of a scheduler, if it is one; raises `AskedWrongly`."""
    if not _ADDRESS.fullmatch(address):
        raise AskedWrongly(
            f"--scheduler takes tcp://HOST:PORT, tls://HOST:PORT or local:N, not '{address}'"
        )
    return address


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of the scheduler at an address, or of N workers in this process.

    Raises `LibraryMissing`, `SchedulerFailed`.
    """
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        try:
            distributed: Any = import_module("distributed")
        except ImportError as fault:
            fix = "run `pip install 'distributed>=2026.8'`"
            raise LibraryMissing("Dask (distributed)", str(fault), fix) from None
        except Exception as fault:  # it reads its configuration as it loads
            reason = " ".join(str(fault).split())
            raise SchedulerFailed(
                f"Dask cannot use its configuration: {reason}; fix the file, or the DASK_ variable"
            ) from fault
        try:
            place: Any = address
            if address.startswith("local:"):
                local = distributed.LocalCluster(
                    n_workers=int(address.removeprefix("local:")),
                    threads_per_worker=1,
                    processes=False,
                    memory_limit=0,
                    dashboard_address=None,
                )
                place = stack.enter_context(local)
            else:
                if address.startswith("tls:"):
                    _refuse_uncertified(distributed.Security(), address)
                asyncio.run(_greeted(distributed, address))
            client = distributed.Client(place, timeout=REACHED, set_as_default=False)
        except SchedulerFailed:
            raise
        except Exception as fault:  # any program may listen there
            reason = " ".join(str(fault).split()) or "it says nothing"
            if not isinstance(fault, (OSError, RuntimeError, ValueError)):
                reason = "another program does"
            raise SchedulerFailed(
                f"no scheduler answers at {address}: {reason}; start it, or fix the address"
            ) from fault
        yield stack.enter_context(client)


async def _greeted(distributed: Any, address: str) -> None:
    """Exchange greetings with a scheduler; Dask's client waits for a silent one without end."""
    arguments = distributed.Security().get_connection_args("client")
    greeting = distributed.comm.connect(address, REACHED, **arguments)
    connection = await asyncio.wait_for(greeting, REACHED + 1)  # it is the one to say why
    await connection.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the logs and warnings of Dask off the terminal."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _refuse_uncertified(security: Any, address: str) -> None:
    """Raise `SchedulerFailed` if Dask's configuration has no certificates for this machine."""
    if security.get_connection_args("client")["ssl_context"] is None:
        raise SchedulerFailed(
            f"Dask's configuration has no certificates for {address}; set "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY"
        )


@dataclass(slots=True)
class _Begun:
    """A brand with its number of attempts; `own` is the digest of its files."""

    brand: str
    tried: int = 0
    own: str | None = None


@dataclass(slots=True)
class _HandedOut:
    """Brands that one of `workers` works on, or any."""

    brands: list[_Begun]
    workers: frozenset[str]
    future: Any


class Scheduled(Generic[T]):
    """Work on brands, done by the workers of the scheduler at an address.

    `files` are this machine's. `problems` are the workers that could not take part.
    """

    client: Any

    def __init__(  # noqa: PLR0913 - they are what the work depends on
        self,
        address: str,
        root: Path,
        moment: Moment,
        work: Work[T],
        files: Files,
        *,
        cached: bool,
    ) -> None:
        self.address = known_address(address)
        self.files = files
        self.wording = work.wording
        self.job = Job(
            work=work,
            root=root.resolve(),
            at=moment.commit if moment.committed else None,
            head=moment.commit,
            common=files.common,
            cached=cached,
            tools=tuple(item for item in all_tools().items() if work.word or item[0] != WORD),
        )
        self.problems: list[Problem] = []
        self._unfit: set[str] = set()
        self._fit: dict[str, int] = {}
        self._checked = self._last_seen = 0.0
        self._waiting: deque[_Begun] = deque()
        self._running: dict[str, _HandedOut] = {}
        self._together = work.together
        self._tasks = count()
        self._ready: SimpleQueue[str] = SimpleQueue()

    def results(
        self, brands: Sequence[str], progress: Progress
    ) -> Generator[tuple[str, T | Problem], None, None]:
        """Yield the result for each brand, as it comes; raises `SchedulerFailed`, `PublisherError`.

        The result is an error for a brand that kills every process working on it.
        """
        done = 0
        with _connected(self.address) as self.client, self._taking_part():
            for brand, result in self._results(brands):
                progress(done, len(brands), brand)
                yield brand, result
                done += 1
        progress(done, len(brands), "")

    def _results(self, brands: Sequence[str]) -> Iterator[tuple[str, T | Problem]]:
        self._waiting.extend(_Begun(brand) for brand in brands)
        while self._waiting or self._running:
            self._begin()
            for begun, outcome in self._next():
                result = self._result(begun, outcome)
                if result is None:
                    self._waiting.appendleft(begun)
                else:
                    yield begun.brand, result

    # --- the workers ---

    @contextmanager
    def _taking_part(self) -> Iterator[None]:
        """Let all workers that can take part do so; end their part at the end."""
        try:
            self._inspect()
            yield
        except SchedulerFailed:
            raise
        except BaseException:
            self._end()
            raise
        self._end()

    def _end(self) -> None:
        """Take back the brands that are not done yet, and end the workers' part."""
        futures = [task.future for task in self._running.values()]
        self._running.clear()
        with suppress(Exception):  # a worker that does not answer has ended
            self.client.cancel(futures, force=True)
            self.client.run(end_part, self.job, on_error="ignore")

    def _inspect(self) -> None:
        """Ask each worker whether it can take part; raises `SchedulerFailed` if none can."""
        with self._scheduler_answers():
            try:  # it reads the tasks, too
                self.client.run_on_scheduler(known_address, self.address)
            except ImportError as fault:
                unfit = _unanswered(fault)
                message = f"the scheduler at {self.address} {unfit.message}; {unfit.fix}"
                raise SchedulerFailed(message) from fault
            with suppress(TimeoutError):
                self.client.wait_for_workers(1, timeout=REACHED)
            answers = self.client.run(inspected, self.job, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, BaseException):
                self._pass_over(worker, _unanswered(answer))
            elif answer is not None:
                self._pass_over(worker, answer)
        self._last_seen = time.monotonic() - WORKERLESS
        self._look()

    def _pass_over(self, worker: str, unfit: Unfit) -> None:
        """Give a worker no more brands, and say why."""
        if worker not in self._unfit:
            self._unfit.add(worker)
            self.problems.append(warning("worker", worker, None, unfit.message, unfit.fix))
            self._fit.pop(worker, None)

    def _look(self) -> None:
        """Count the workers; raises `SchedulerFailed` if none comes for long."""
        now = time.monotonic()
        if now - self._checked < _LOOK and self._fit:
            return
        with self._scheduler_answers():
            threads = self.client.nthreads()
        self._checked = now
        self._fit = {name: count for name, count in threads.items() if name not in self._unfit}
        if self._fit:
            self._last_seen = now
        elif now - self._last_seen >= WORKERLESS:
            reasons = [str(problem) for problem in self.problems] or [
                f"start some with `dask worker {self.address} --no-nanny`, then run this again"
            ]
            raise SchedulerFailed(f"no worker of {self.address} can do this; {reasons[0]}")

    @contextmanager
    def _scheduler_answers(self) -> Iterator[None]:
        """Turn what Dask raises without its scheduler into `SchedulerFailed`."""
        try:
            yield
        except (OSError, CancelledError, asyncio.CancelledError, RuntimeError) as fault:
            raise self._absent() from fault

    def _absent(self) -> SchedulerFailed:
        return SchedulerFailed(
            f"the scheduler at {self.address} went away; start it, then {self.wording.again}"
        )

    # --- the brands ---

    def _begin(self) -> None:
        """Hand out brands: as many as keep the workers busy, so that results do not pile up."""
        self._look()
        for key, task in [*self._running.items()]:
            if task.workers and task.workers.isdisjoint(self._fit):  # they have all ended
                self._waiting.extendleft(self._running.pop(key).brands)
        threads = sum(self._fit.values())
        for _ in range(2 * threads - len(self._running)):
            if self._waiting:
                self._hand_out([*self._portion(threads)])

    def _portion(self, threads: int) -> Iterator[_Begun]:
        """Yield the brands of the next task; one that was begun before goes alone.

        Their number decreases towards the end, so that no worker waits for another one.
        """
        most = max(min(self._together, len(self._waiting) // (4 * threads)), 1)
        alone = bool(self._waiting[0].tried)
        for _ in range(1 if alone else most):
            if not alone and self._waiting[0].tried:
                return
            yield self._waiting.popleft()

    def _hand_out(self, brands: list[_Begun]) -> None:
        for begun in brands:
            begun.tried += 1
            begun.own = self.files.own(begun.brand)
        workers = frozenset(self._fit if self._unfit else ())
        key = f"publisher-{self.job.token}-{next(self._tasks)}"
        with self._scheduler_answers():
            future = self.client.submit(
                work_on,
                self.job,
                {begun.brand: begun.own for begun in brands},
                key=key,
                workers=[*workers] or None,
                pure=False,
            )
        self._running[key] = _HandedOut(brands, workers, future)
        future.add_done_callback(lambda future: self._ready.put(future.key))

    def _next(self) -> list[tuple[_Begun, Outcome]]:
        """Wait for a task, and return the outcomes of its brands; raises `SchedulerFailed`."""
        from distributed import KilledWorker

        while True:
            try:
                task = self._running.pop(self._ready.get(timeout=_LOOK), None)
            except Empty:
                self._checked = 0
                self._begin()
                continue
            if task is None:
                continue
            future, task.future = task.future, None
            try:
                worker, outcomes = future.result()
            except (CancelledError, asyncio.CancelledError, OSError) as fault:
                raise self._absent() from fault
            except KilledWorker:
                return [(begun, Died()) for begun in task.brands]
            except Exception as fault:  # noqa: BLE001 - of a worker that joined without our code
                return [(begun, _unanswered(fault)) for begun in task.brands]
            pairs = [*zip(task.brands, outcomes, strict=True)]
            for begun, outcome in pairs:
                if isinstance(outcome, Unfit) and self.files.own(begun.brand) == begun.own:
                    self._pass_over(worker, outcome)
            return pairs

    def _result(self, begun: _Begun, outcome: Outcome) -> T | Problem | None:
        """Return a brand's result; None to try again. Raises what stops the work."""
        if isinstance(outcome, Done):
            result: T = outcome.result
            return result
        if isinstance(outcome, Stopped):
            fault = PublisherError(outcome.message)
            fault.exit_code = outcome.exit_code
            raise fault
        if begun.tried < _TRIES:
            return None
        wording = self.wording
        where = f"{wording.folder}/{begun.brand}"
        if isinstance(outcome, Unfit):
            message = f"was not {wording.done}: a worker {outcome.message}"
            return error("worker", where, None, message, outcome.fix)
        message = f"ends the process that {wording.does} it, {begun.tried} times"
        return error("too-much", where, None, message, wording.fix)


def _unanswered(fault: BaseException) -> Unfit:
    fix = "install the same publisher and distributed there as here"
    if isinstance(fault, ModuleNotFoundError):
        return Unfit(f"has no Python module '{fault.name}'", fix)
    return Unfit(f"cannot take part: {type(fault).__name__}: {fault}", fix)
