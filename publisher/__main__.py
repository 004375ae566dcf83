"""``python -m publisher`` is the command ``publisher``."""

import sys


def main() -> None:
    """Run the command line; a ^C while it still loads ends it without a traceback."""
    try:
        from publisher.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted; nothing is half-written\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
