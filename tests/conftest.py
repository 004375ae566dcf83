"""Fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from fcntl import LOCK_EX, flock
from functools import cache, lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main
from hypothesis import settings
from support import kept
from support.commands import called
from support.workspaces import SMALL, Repo, small

from publisher.archive.verify import contradictions
from publisher.cli import TRACEBACK
from publisher.render.worker import _Workers
from publisher.site import changes

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=200)
settings.register_profile("everyday", settings.get_profile("thorough"), max_examples=25)
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=10)

os.environ[TRACEBACK] = "1"  # a fault of the package must fail a test, and say where
# To make all commands takes longer than to run most of them.
typer.main.get_command = cache(typer.main.get_command)
# Each `verify` reads all documents; most of the tests' are the same.
contradictions.extract = lru_cache(500)(contradictions.extract)
# Each `site` compares all versions of its brands; most of the tests' are the same.
changes._compared = lru_cache(500)(changes._compared)

ROOT = Path(__file__).parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="take today's results as those expected"
    )


def pytest_configure(config: pytest.Config) -> None:
    everyday = "everyday" if config.option.markexpr == "not thorough" else "thorough"
    settings.load_profile(config.getoption("--hypothesis-profile") or everyday)


def pytest_itemcollected(item: pytest.Item) -> None:
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        item.add_marker("property")


def pytest_collection_finish() -> None:
    """Let no test search thousands of tests and modules, which stay to the end, for garbage."""
    gc.collect()
    gc.freeze()


def examples(number: int) -> int:
    """Return how many examples a property is tried on, of so many where there is time."""
    return max(1, number * settings().max_examples // 200)


@pytest.fixture(autouse=True)
def _own_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see the configuration, or the hook, of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let every test begin with an empty cache."""
    monkeypatch.setenv("PUBLISHER_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session", autouse=True)
def _quick_disk() -> Iterator[None]:
    """Wait for no disk in this process: the tests that cut the power begin processes of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda descriptor: None)
        patch.setattr("publisher.repository.writing._TO_THE_DISK", "core.fsync=none")
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def _kept_steps(shared: Path) -> Iterator[None]:
    """Let all processes of a run share what the steps of repositories left, and typeset PDFs."""
    folder = shared / "steps"
    folder.mkdir(exist_ok=True)
    kept.FOLDER.append(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Workers, "submit", kept.typeset_once(_Workers.submit))
        yield
    kept.FOLDER.clear()


@pytest.fixture
def keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test carry out all steps, and typeset all PDFs, although another test has."""
    monkeypatch.setattr(kept, "FOLDER", [])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The small workspace, outside git."""
    return small(tmp_path / "workspace")


@pytest.fixture(scope="session")
def _repo(shared: Path) -> Path:
    """The repository that `repo` copies."""

    def make(folder: Path) -> None:
        made = Repo(folder)
        made.commit(SMALL, "first")
        made.pack()

    return once(shared / "repo", make)


@pytest.fixture
def repo(_repo: Path, tmp_path: Path) -> Repo:
    """The small workspace, committed once, on 2 January 2024."""
    shutil.copytree(_repo, tmp_path / "repo")
    return Repo.of(tmp_path / "repo", day=1)


@pytest.fixture
def process() -> Run:
    """The command line as a process of its own: `process("check", cwd=…)`."""

    def publisher(
        *arguments: str, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "publisher", *arguments],
            cwd=cwd,
            env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return publisher


@pytest.fixture
def run(process: Run) -> Run:
    """The command line: in this process, if it needs no environment of its own."""

    def publisher(
        *arguments: str, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        if environment:
            return process(*arguments, cwd=cwd, **environment)
        return called(*arguments, cwd=cwd)

    return publisher


@pytest.fixture(scope="session")
def example(shared: Path) -> Path:
    """The policies of the company of the example, built once, in a folder."""
    return once(shared / "example", partial(built, ROOT))


@pytest.fixture(scope="session")
def documents(shared: Path) -> Path:
    """Documents with all that documents can have, built once, in a folder."""
    from support.documents import documents as write_documents

    return once(
        shared / "documents", lambda out: built(write_documents(out.with_suffix(".w")), out)
    )


def built(root: Path, out: Path) -> None:
    """Build all policies of a workspace into a folder."""
    from publisher.build.build import build

    report = build(root, out)
    assert not report.failed, report.problems


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder, unless another process of this run has; return it."""
    with folder.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not folder.exists():
            staging = folder.with_suffix(".staging")
            make(staging)
            staging.rename(folder)
    return folder


@pytest.fixture(scope="session")
def archived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released version, in its folder of the archive."""
    from support.archives import archive, released

    repo = archive(tmp_path_factory.mktemp("archived") / "repo")
    return repo.workspace / "versions/alpha" / released(repo, "2024-03-01").version


@pytest.fixture(scope="session")
def _several(shared: Path) -> Path:
    """The workspace with several versions, made once; `several` copies it."""
    from support.several import several

    return once(shared / "several", several)


@pytest.fixture
def several(_several: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace with several versions, in which it is 4 December 2026."""
    from support.several import NOW

    return entered(_several, tmp_path / "several", NOW, monkeypatch)


@pytest.fixture(scope="session")
def _demo(shared: Path) -> Path:
    """The workspace that the documentation is about, made once; `demo` copies it."""
    from support.demo import demo

    return once(shared / "demo", demo)


@pytest.fixture
def demo(_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what `init --example` makes, on the day on which it was made."""
    from support.demo import NOW

    return entered(_demo, tmp_path / "demo", NOW, monkeypatch)


def entered(kept: Path, copy: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy `kept`/repo, and go there with the home of `kept`, at a moment."""
    from publisher.cli.app import app_for

    app_for(())  # a module that is loaded later would keep the `now` of this test
    monkeypatch.setenv("HOME", str(kept / "home"))
    for name in ("options", "app", "archive", "compare", "policies", "site"):
        monkeypatch.setattr(import_module(f"publisher.cli.{name}"), "now", lambda: now)
    shutil.copytree(kept / "repo", copy, symlinks=True)
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser."""
    from support.browsers import launched

    with launched() as browser:
        yield browser


@pytest.fixture
def validators() -> None:
    """Skip where the validators of pages are not set up, other than in CI."""
    from support.browsers import AXE

    if not AXE.exists() or shutil.which("java") is None:
        if os.environ.get("CI"):
            raise FileNotFoundError(AXE)
        pytest.skip("no validators: `make test` installs them where it may")
