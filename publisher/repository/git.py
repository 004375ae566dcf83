"""Runs git safely. The only module that imports GitPython.

Replace refs, grafts, hooks, the file-system monitor, external diffs, text conversion and other
people's configuration are off, so that git shows its objects as they are and runs nothing.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from publisher.errors import GitFailed
from publisher.repository.layout import pipes

if TYPE_CHECKING:
    from git.cmd import Git as Git  # noqa: PLC0414 - others of the room name it
    from git.exc import GitCommandError, GitCommandNotFound

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OPTIONS = (
    "advice.graftFileDeprecated=false",
    "color.advice=false",
    "color.grep=false",
    "color.ui=false",
    "core.commitGraph=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    f"diff.orderFile={os.devnull}",
    "i18n.commitEncoding=UTF-8",
)
_MARK = re.compile(r"(?:^| )(?:fatal|error): ")
_DISTRUST = "belongs to another user"
_KEPT = (
    "GIT_ASKPASS",
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_EXEC_PATH",
    "GIT_PYTHON_",
    "GIT_SSH",
)


class _GitPython(NamedTuple):
    """The parts of GitPython that run git."""

    runner: type[Git]
    failed: type[GitCommandError]
    missing: type[GitCommandNotFound]


_LOADING = Lock()


def _gitpython() -> _GitPython:
    """Return the runner of git; raises `ImportError` without GitPython."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> _GitPython:
    """Load the parts of GitPython that run git; all of it where they cannot be loaded alone."""
    spec = find_spec("git") if "git" not in sys.modules else None
    if spec is not None:
        with suppress(Exception):  # all of it says what is wrong
            return _parts([*(spec.submodule_search_locations or ())])
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    return _imported()


def _parts(folders: list[str]) -> _GitPython:
    """Load the parts that run git from GitPython's folders.

    The package itself imports all of them and asks git twice for its version, which takes longer
    than most answers. So an empty package stands in for it for a moment; whoever else imports `git`
    gets the whole one.
    """
    package = sys.modules["git"] = ModuleType("git")
    package.__path__ = folders
    try:
        python = _imported()
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "git"]:
            del sys.modules[name]
    git = python.runner  # the package would tell it what to run
    git.GIT_PYTHON_GIT_EXECUTABLE = os.environ.get(git._git_exec_env_var, git.git_exec_name)
    return python


def _imported() -> _GitPython:
    from git.cmd import Git
    from git.exc import GitCommandError, GitCommandNotFound

    return _GitPython(Git, GitCommandError, GitCommandNotFound)


def guarded(folder: Path, options: Iterable[str] = ()) -> Git:
    """Return a runner of git that reads no configuration but the repository's own and `options`."""
    git = unguarded(folder)
    git.update_environment(**_ENVIRONMENT)
    git.set_persistent_git_options(c=[*options, *_OPTIONS])
    return git


def unguarded(folder: Path) -> Git:
    """Return a runner of git that reads the user's configuration: to ask what is set there.

    It runs no more of what is set there than the guarded one.
    """
    git = _gitpython().runner(str(folder))
    git.set_persistent_git_options(c=[*_OPTIONS])
    return git


class _Hidden:
    """Hides variables from git, from the first user to the last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._variables: dict[str, str] = {}

    def hide(self) -> None:
        """Take the variables out of the environment, for one more user."""
        with self._lock:
            self._users += 1
            for name in [*os.environ]:
                if name.startswith("GIT_") and not name.startswith(_KEPT):
                    self._variables[name] = os.environ.pop(name)

    def show(self) -> None:
        """Put them back once the last user is done."""
        with self._lock:
            self._users -= 1
            if not self._users:
                os.environ.update(self._variables)
                self._variables.clear()


_HIDDEN = _Hidden()


@contextmanager
def own_environment() -> Iterator[None]:
    """Hide the variables with which a hook or the user has changed the behaviour of git.

    All threads share the environment: those that ask git at the same time hide it together.
    """
    _HIDDEN.hide()
    try:
        yield
    finally:
        _HIDDEN.show()


def safe_directories(folder: Path) -> list[str]:
    """Return the folders that the user trusts, as options: they may lie in other users' folders.

    A repository cannot trust itself, and an empty value cancels the values before it (git-config,
    safe.directory).
    """
    try:
        listed = run(unguarded(folder), "config --show-scope --get-all -z safe.directory")
    except GitFailed as fault:
        if "not installed" in str(fault):
            raise
        return []
    fields = iter(listed.split("\0"))
    trusted: list[str] = []
    for scope, value in zip(fields, fields, strict=False):
        if scope in ("system", "global", "command"):
            trusted = [*trusted, value] if value else []
    return [f"safe.directory={value}" for value in trusted]


def opened(folder: Path, asked: str) -> tuple[Git, Sequence[str], str]:
    """Return a runner of git in a folder, its options, and the answer to `asked`.

    The user's trusted folders are read only if git refuses to read this one.
    """
    for path in pipes(folder):
        raise GitFailed(f"{path} is a pipe, at which git waits. Restore the file")
    git = guarded(folder)
    try:
        return git, (), run(git, asked)
    except GitFailed as fault:
        if _DISTRUST not in str(fault):
            raise
    options = safe_directories(folder)
    git = guarded(folder, options)
    return git, options, run(git, asked)


def run(git: Git, command: str, *arguments: str, lines: Sequence[str] = ()) -> str:
    """Return git's output as text; raises `GitFailed`. See `ask`."""
    return decoded(ask(git, command, *arguments, lines=lines))


def run_lines(git: Git, command: str, *arguments: str, lines: Sequence[str] = ()) -> list[str]:
    """Return the lines of git's output, as `run` does.

    A name may have a character that Python, unlike git, takes for the end of a line.
    """
    return run(git, command, *arguments, lines=lines).split("\n")[:-1]


def decoded(output: bytes) -> str:
    """Return git's output as text; bytes that are not UTF-8 are preserved."""
    return output.decode("utf-8", "surrogateescape")


def ask(
    git: Git,
    command: str,
    *arguments: str,
    lines: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    failing: str = "git cannot read this repository: {}. Repair it, or clone it again",
) -> bytes:
    """Return git's output; raises `GitFailed` with its reason in the words `failing`.

    `command` is a command of git's, and may have options after it; `lines` are for git to read.
    """
    python = _gitpython()
    name, *options = command.split()
    run = getattr(git, name.replace("-", "_"))
    try:
        with TemporaryFile() as file, own_environment():
            file.writelines(f"{line}\n".encode("utf-8", "surrogateescape") for line in lines)
            file.seek(0)
            return bytes(
                run(
                    *options,
                    *arguments,
                    istream=file,
                    env=dict(environment or {}),
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            )
    except python.missing as fault:
        raise GitFailed("git is not installed; run `publisher doctor`") from fault
    except python.failed as fault:
        raise _failure(git, str(fault.stderr), failing, fault.status) from None


def _failure(git: Git, errors: str, message: str, status: object) -> GitFailed:
    """Return the failure that git reports in `errors`, or, if these are empty, by its status."""
    lines = errors.strip().removeprefix("stderr: '").rstrip("'").strip().splitlines()
    text = " ".join(line.strip() for line in lines if not line.startswith("hint:"))
    reason = "; ".join(part.strip().removesuffix(".") for part in _MARK.split(text) if part)
    if "dubious ownership" in reason:
        return GitFailed(
            "this repository belongs to another user, and git refuses to read it; if you trust "
            f"it, run `git config --global --add safe.directory {git.working_dir}`"
        )
    return GitFailed(message.format(reason or ended(status)))


def ended(status: object) -> str:
    """Return in words how git ended, if it gave no reason."""
    signal = isinstance(status, int) and status < 0 and -status
    return f"it was ended by signal {signal}" if signal else f"it ended with status {status}"
