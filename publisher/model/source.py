"""The files of a workspace at one moment, as the other stages see them."""

from __future__ import annotations

from typing import Protocol


class Unreadable(Exception):
    """A path of the workspace that is there but is no ordinary file."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


class Source(Protocol):
    """Two calls; paths are relative to the workspace, with forward slashes."""

    def read(self, path: str) -> bytes | None:
        """Return the file's bytes, or None if there is none; raise `Unreadable` for the rest."""

    def list(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted, folders with a slash behind; empty if none.

        Raise `Unreadable` for what is there but is no ordinary folder.
        """
