"""How a file came to be another than the one that was archived, where that can be told."""

from __future__ import annotations

from collections.abc import Mapping

from publisher.model.ledger import sha256

POINTER = b"version https://git-lfs.github.com/spec/"


def damage(data: bytes, digest: str, others: Mapping[str, str]) -> str | None:
    """Return what became of a file that had the SHA-256 `digest`; None where nobody can say.

    `others` are the SHA-256 of the files that were archived with it, by their paths.
    """
    if not data:
        return "it is empty"
    if data.startswith(POINTER):
        return "it is a pointer of Git LFS"
    if b"\r\n" in data and sha256(data.replace(b"\r\n", b"\n")) == digest:
        return "its line ends were converted to CRLF (git's core.autocrlf, or an editor)"
    if b"\n<<<<<<< " in b"\n" + data:
        return "git has left the marks of a conflict in it"
    found = sha256(data)
    return next((f"it is {path}" for path, other in others.items() if other == found), None)
