"""A scheduler and workers as processes, and what workers do that go wrong.

Processes of workers import this module for the functions here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from publisher.render import typeset, worker
from publisher.scheduler.on_worker import Job, do

OTHER_TOOL = """\
import importlib.metadata as metadata
asked = metadata.distribution

class Other:
    def read_text(self, name):
        return "Version: 1.2.3"

metadata.distribution = lambda name: Other() if name == "pydyf" else asked(name)
"""


class Cluster:
    """A scheduler, and its workers; all begin in the root folder, as elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.begin("scheduler", "--port", "0", "--scheduler-file", str(folder / "it.json"))
        deadline = time.monotonic() + 60
        while not (folder / "it.json").exists():
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        self.address: str = json.loads((folder / "it.json").read_text())["address"]

    def begin(self, kind: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--no-dashboard"],
                cwd="/",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        return self.begin(
            "worker", self.address, "--nthreads", "1", *(options or ("--no-nanny",)), **environment
        )

    def wait(self, number: int) -> None:
        """Wait until so many workers have come."""
        from distributed import Client

        with Client(self.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=120)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    folder.mkdir()
    begun = Cluster(folder)
    try:
        yield begun
    finally:
        for process in begun.processes:
            process.kill()
            process.wait()


def dies(job: Job, brand: str, own: str | None) -> Any:
    if brand == "alpha":
        os._exit(7)
    return do(job, brand, own)


def reads_others(job: Job, brand: str, own: str | None) -> Any:
    """Do it where the brand's files are different."""
    return do(job, brand, f"not {own}")


def takes_long(job: Job, brand: str, own: str | None) -> Any:
    def endless(_manuscript: object) -> bytes:
        while True:
            time.sleep(0.01)

    return _typesetting(endless, job, brand, own)


def takes_memory(job: Job, brand: str, own: str | None) -> Any:
    return _typesetting(lambda _: bytes(bytearray(worker.MEMORY)), job, brand, own)


def _typesetting(instead: Any, job: Job, brand: str, own: str | None) -> Any:
    before = typeset.typeset, worker.work.__defaults__
    if brand == "alpha":
        typeset.typeset, worker.work.__defaults__ = instead, (1,)
    try:
        return do(job, brand, own)
    finally:
        typeset.typeset, worker.work.__defaults__ = before
