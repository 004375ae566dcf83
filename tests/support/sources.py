"""Sources that tests make."""

from __future__ import annotations

from collections.abc import Mapping


class Files:
    """A source in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> bytes | None:
        """Return what a file says."""
        return self.files[path].encode() if path in self.files else None

    def list(self, folder: str) -> tuple[str, ...]:
        """Return what is in a folder."""
        below = (
            path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/")
        )
        return tuple(sorted({name.partition("/")[0] + "/" * ("/" in name) for name in below}))
