"""``python -m publisher`` is the command ``publisher``.

It loads nothing before `main` can answer a ^C: until then, Python would print a traceback.
"""

import sys

OBJECTS = 100_000
"""New objects after which Python looks for garbage."""
LEAST = 100
"""The megabytes of address space that libraries in C need: with less, they abort as they load."""


def main() -> None:
    """Run the command line; a ^C while it still loads ends it without a traceback.

    Loading, which continues while a command runs, leaves no garbage: looking for it took a sixth of
    the time until a command began.
    """
    try:
        import gc

        gc.set_threshold(OBJECTS)
        allowed = _allowed() >> 20
        if 0 <= allowed < LEAST:
            message = f"this needs {LEAST} MB of memory, but may only use {allowed}"
            _end(f"{message}. Raise `ulimit -v`", 4)
        from publisher.cli import main as run

        run()
    except KeyboardInterrupt:
        _end("interrupted; nothing is half-written", 130)


def _allowed() -> int:
    """Return the bytes of address space that the system allows; -1 without a limit."""
    try:
        import resource
    except ImportError:  # on Windows
        return -1
    return resource.getrlimit(resource.RLIMIT_AS)[0]


def _end(message: str, code: int) -> None:
    try:
        sys.stderr.write(f"error: {message}\n")
        sys.stderr.flush()
    except (OSError, AttributeError):  # where standard error is full or closed
        pass
    sys.exit(code)


if __name__ == "__main__":
    main()
