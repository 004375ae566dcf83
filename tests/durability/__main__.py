"""``make fire``: try what ``docs/guarantees.md`` promises; end with 1 if anything is not kept.

usage: python -m durability [PART]...
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from durability.figures import Figure

PARTS = ("faults", "full", "power", "tampering", "history", "concurrency", "notices", "scale")
SHOWN = 20
"""Trials that failed of which is told, at most, per figure."""

Part = Callable[[Path], Iterator[Figure]]


def part(name: str) -> Part:
    """Return what tries one part, in an empty folder."""
    found: Part = import_module(f"durability.{name}").trials
    return found


def main() -> int:
    """Run the parts that are named, or all; return the exit code."""
    parser = argparse.ArgumentParser(prog="fire", description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], metavar="PART", help=str(PARTS))
    kept = True
    for name in parser.parse_args().part or PARTS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"fire-{name}-") as folder:
            for figure in part(name)(Path(folder)):
                print(figure, flush=True)
                kept = kept and figure.kept
                for wrong in figure.wrong[:SHOWN]:
                    print(f"  {wrong}", file=sys.stderr, flush=True)
        print(f"  ({name} took {time.monotonic() - began:.0f} s)", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
