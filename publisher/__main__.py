"""``python -m publisher`` is the command ``publisher``."""

import gc
import sys

OBJECTS = 100_000
"""New objects after which Python looks for garbage."""


def main() -> None:
    """Run the command line; a ^C while it still loads ends it without a traceback.

    Loading, which goes on while a command runs, leaves no garbage behind: to look for it took a
    sixth of the start of each command.
    """
    gc.set_threshold(OBJECTS)
    try:
        from publisher.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; nothing is half-written\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
