"""``SHA256SUMS``: what a version consists of, in the one form that `sha256sum` writes.

``sha256sum -c`` itself is lenient: it takes upper case, and other orders. Here each line is 64
lower-case hexadecimal digits, two spaces and a path; lines are sorted by path and end in LF.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from publisher.model.ledger import sha256

NAME = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\n]+)\n")


def sums_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the ``SHA256SUMS`` of files by their paths."""
    return _written({path: sha256(data) for path, data in files.items()})


def read_sums(data: bytes) -> dict[str, str] | None:
    """Return the digests by path; None where `data` is not in the one form."""
    text = data.decode("utf-8", "replace")
    digests = {found[2]: found[1] for found in _LINE.finditer(text)}
    return digests if _written(digests) == data else None


def _written(digests: Mapping[str, str]) -> bytes:
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests))
    return "".join(lines).encode()
