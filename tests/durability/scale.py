"""Ten thousand versions, and a hundred brands: what verifying them takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from bench.archives import archive
from durability.figures import Figure, figure

SIZES = (1_250, 2_500, 5_000, 10_000)
"""Versions of one brand."""
BRANDS = (25, 50, 100)
EACH = 100
"""Brands, and the versions of each."""
LINEAR = 2.3
"""How much longer twice the size may take, at most."""
MEASURED = """
import json, resource, sys
from pathlib import Path
from publisher.archive.verify.verify import verify
done = verify(Path(sys.argv[1]))
used = resource.getrusage(resource.RUSAGE_SELF)
of_git = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "versions": done.versions,
    "findings": len(done.findings),
    "seconds": used.ru_utime + used.ru_stime + of_git.ru_utime + of_git.ru_stime,
    "megabytes": int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024,
}))
"""


def trials(folder: Path) -> Iterator[Figure]:
    """Yield how verifying grows with the versions of a brand, and with brands."""
    measured = []
    for size in SIZES:
        root = archive(folder / f"one-{size}", size, apart=False)
        measured.append(_measured(root, size))
    yield _linear("versions of one brand", measured)
    measured = []
    for brands in BRANDS:
        root = archive(folder / f"brands-{brands}", EACH, apart=False, brands=brands)
        measured.append(_measured(root, brands * EACH))
    yield _linear(f"versions of {BRANDS[-1]} brands, {EACH} of each", measured)


def _measured(root: Path, size: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(root)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout)
    if told["versions"] != size or told["findings"]:
        raise RuntimeError(f"{root}: {told}")
    return told


def _linear(what: str, measured: list[dict[str, float]]) -> Figure:
    """Return the figure of a growth: twice as many versions take about twice as long."""
    told = []
    for one, two in pairwise(measured):
        ratio = two["seconds"] / one["seconds"]
        told.append(
            "" if ratio <= LINEAR else f"{two['versions']:.0f} take {ratio:.1f} times as long"
        )
    largest = measured[-1]
    each = largest["seconds"] * 1000 / largest["versions"]
    memory = " ".join(f"{one['megabytes']:.0f}" for one in measured)
    said = (
        f"doublings to {largest['versions']:.0f} {what} are linear: {each:.2f} ms a version, "
        f"{largest['seconds']:.1f} s; {memory} MB at each size"
    )
    return figure("scale", told, said)
