"""Arguments → one task → output → exit code."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, NoReturn

from publisher.cli.app import app_for
from publisher.cli.terminal import Pipe, failure
from publisher.errors import ENDING, FAULTY, AskedWrongly, InvalidPolicy, PublisherError

# Pydantic looks for plugins in every installed package, which takes longer than most answers; and
# no plugin may change how a ledger, or a file of the workspace, is read.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

_COMPLETION = "_PUBLISHER_COMPLETE"
"""The variable in which a shell asks Typer to complete a line; others hold the line."""
INTERRUPTED = 130
"""Typer's exit code after a ^C."""
TRACEBACK = "PUBLISHER_TRACEBACK"
"""The variable that asks for Python's traceback of such a fault."""
_ADVICE = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Fix the permissions")
_ADVICE |= {errno.ENAMETOOLONG: "Choose a shorter name", errno.ELOOP: "Name the file itself"}
_ADVICE |= {errno.EAGAIN: "End other programs, or raise `ulimit -u`"}
_ADVICE |= {errno.EMFILE: "Raise `ulimit -n`", errno.EFBIG: "Raise `ulimit -f`"}
_ADVICE |= {errno.EBADF: "Let the output be written", errno.ENOENT: "Put it there"}
_ADVICE |= {errno.EIO: "Check the disk, or name another file"}
_ADVICE |= {errno.EISDIR: "Name a file", errno.ENOTDIR: "Name a folder"}
"""What to do when the system refuses something, other than to free space."""
_SIZES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")
"""Variables that Rich and Typer take for numbers, and fail if they are not."""
_SIZE = re.compile("[1-9][0-9]{0,3}")
_STOPPED = "interrupted; nothing is half-written"
_PATIENCE = 2.0
"""Seconds for which a command that is ending heeds no further signal; then it ends at once."""


def main() -> None:
    """Run the command line; every failure ends in a message and an exit code."""
    _leave_out_sizes(os.environ)
    try:
        with _streams(), _signals() as noted:
            _run_guarded(noted)
    except MemoryError:  # also of a message
        _end_at_once("the memory is full. Free some, or raise `ulimit -v`, then try again", 4)
    except KeyboardInterrupt:  # while a message is printed
        _end_at_once(_STOPPED, INTERRUPTED)
    except OSError:  # of a message: standard error takes no more
        sys.exit(4)


def _run_guarded(noted: list[int]) -> None:
    """Run the command line; a fault of our own, too, ends in a message and an exit code."""
    try:
        _run(noted)
    except (MemoryError, OSError):
        raise
    except Exception as fault:
        if os.environ.get(TRACEBACK):
            raise
        failure(_own_fault(fault))
        sys.exit(FAULTY)


def _run(noted: list[int]) -> None:
    """Run the command line, and turn what stops it into a message and an exit code."""
    try:
        try:
            _refuse_empty(sys.argv[1:])
            # The name is the same if it is run as `python -m publisher`.
            app_for(sys.argv[1:])(prog_name="publisher")
        finally:
            sys.stdout.flush()
    except (SystemExit, KeyboardInterrupt) as ended:
        if isinstance(ended, KeyboardInterrupt) or ended.code == INTERRUPTED:
            sys.unraisablehook = lambda _: None  # of GitPython, as it closes what was being read
            failure(_STOPPED)
            sys.exit(128 + noted[0] if noted else INTERRUPTED)
        raise
    except InvalidPolicy as fault:
        for problem in fault.problems:
            failure(str(problem))
        sys.exit(fault.exit_code)
    except PublisherError as fault:
        failure(str(fault))
        sys.exit(fault.exit_code)
    except (KeyError, ValueError):
        if _COMPLETION not in os.environ:
            raise
        sys.exit(1)  # no shell asks like this; in the middle of a line, nothing may be printed
    except (ImportError, OSError, RuntimeError) as fault:
        failure(_refusal(fault))
        sys.exit(4)


def _leave_out_sizes(environment: MutableMapping[str, str]) -> None:
    """Delete the sizes of a terminal that no terminal has: what the system says counts then."""
    for name in _SIZES:
        if not _SIZE.fullmatch(environment.get(name, "80")):
            del environment[name]


def _refuse_empty(words: list[str]) -> None:
    """Raise `AskedWrongly` for an empty word, such as a shell variable without a value.

    It would count as the working folder, as a default, or as a name.
    """
    before = "publisher"
    for word in words:
        if not word or (word.startswith("--") and word.endswith("=")):
            place = word or before
            raise AskedWrongly(f"the value after {place} is empty; fill it in, or leave it out")
        before = word


def _refusal(fault: ImportError | OSError | RuntimeError) -> str:
    """Return the message about what the system refused; raises again what is our own fault."""
    if isinstance(fault, OSError):  # a full pipe, too many open files
        if fault.errno == errno.ENOMEM:
            raise MemoryError from fault
        if fault.errno == errno.ENOENT and not _has_place():
            return "the folder in which this runs was deleted. Change to another, then try again"
        advice = _ADVICE.get(fault.errno or 0, "Free some room")
        where = f"{fault.filename}: " if fault.filename is not None else ""
        reason = fault.strerror or str(fault)
        reason = reason[:1].lower() + reason[1:]  # it may have a path in it
        if "temporary directory" in reason:
            advice = "Let the variable TMPDIR name a folder with some room"
        return f"the system refused: {where}{reason}. {advice}, then try again"
    if isinstance(fault, RuntimeError):
        if "start new thread" not in str(fault):
            raise fault
        advice = _ADVICE[errno.EAGAIN]
        return f"the system cannot start more processes or threads. {advice}, then try again"
    name = fault.name or ""
    if name.partition(".")[0] == "publisher" or not (name or fault.__cause__):
        raise fault
    if isinstance(fault, ModuleNotFoundError):
        library = name.partition(".")[0]
        return f"the Python library '{library}' is missing. Install publisher again"
    why = " ".join(str(fault.__cause__ or fault).split())
    return f"a Python library cannot be loaded: {why}. Free memory and files, then try again"


def _own_fault(fault: Exception) -> str:
    """Return the message about a fault of our own, with its last place in this package."""
    from traceback import extract_tb

    package = Path(__file__).parent.parent
    places = [
        f" at {Path(place.filename).relative_to(package.parent)}:{place.lineno}"
        for place in extract_tb(fault.__traceback__)
        if Path(place.filename).is_relative_to(package)
    ]
    return (
        f"this is a fault of Publisher itself{''.join(places[-1:])}: {type(fault).__name__}: "
        f"{str(fault)[:300]}. Nothing is half-written. Run the command again with {TRACEBACK}=1 "
        "in the environment, and report all that it prints"
    )


def _has_place() -> bool:
    """Return whether the working folder is still there."""
    try:
        return bool(os.getcwd())  # noqa: PTH109 - this may be loaded for a message only
    except FileNotFoundError:
        return False


def _end_at_once(message: str, code: int) -> NoReturn:
    """Print why and end, without loading or cleaning up anything: that takes memory, and time."""
    with suppress(OSError):
        os.write(2, f"error: {message}\n".encode())
    os._exit(code)


@contextmanager
def _streams() -> Iterator[None]:
    """Keep printing despite unusual characters, closed streams and readers that leave early."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: without this, another file would take its place
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    before = sys.stdout
    if isinstance(before, io.TextIOWrapper) and not before.isatty():
        before.flush()
        pipe = io.BufferedWriter(Pipe(before.fileno(), "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(pipe, before.encoding)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=_encoding(stream), errors="backslashreplace")
    try:
        yield
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        sys.stdout = before


def _encoding(stream: io.TextIOWrapper) -> str:
    """Return the encoding of a stream; UTF-8 where that cannot write every character somehow."""
    try:
        "\xe9\udcff".encode(stream.encoding, "backslashreplace")
    except UnicodeError:  # idna, for one
        return "utf-8"
    return stream.encoding


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Let other signals end a command as ^C does; yield the list of those that arrived.

    A signal that was ignored when the command started, as by `nohup`, stays ignored.
    """
    noted: list[int] = []
    handled: dict[int, Any] = {}
    began = 0.0

    def end(number: int, _frame: FrameType | None) -> None:
        nonlocal began
        if noted and monotonic() - began < _PATIENCE:
            return  # some programs pass on a signal that the terminal has sent already
        _end_children()
        if noted:
            _end_at_once(_STOPPED, 128 + noted[0])
        noted.append(number)
        began = monotonic()
        raise KeyboardInterrupt

    for number in ENDING if threading.current_thread() is threading.main_thread() else ():
        before = signal.getsignal(number)
        if before in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, end)
            handled[number] = before
    try:
        yield noted
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)


def _end_children() -> None:
    """End the programs that this process has started: git could run on for long.

    Only Linux lists them; elsewhere, each ends by itself when nobody reads its output.
    """
    for file in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for child in file.read_text("ascii").split():
                os.kill(int(child), signal.SIGTERM)
