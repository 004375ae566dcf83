"""What lies beside a ledger's entries: signatures, and replies of time-stamping authorities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from publisher.archive import signatures
from publisher.model.ledger import Entry, Timestamp, sha256


@dataclass(frozen=True)
class Beside:
    """Looks at what lies beside the entries of one brand, whose `files` are told by their paths.

    `digests` are the SHA-256 of the entries, by their numbers; `allowed_signers` is OpenSSH's file
    of the keys that may sign.
    """

    root: Path
    files: Mapping[str, bytes]
    digests: Mapping[int, str]
    allowed_signers: Path | None

    def expected(self, path: str, entry: Entry) -> set[str]:
        """Return the files that must lie beside an entry, whose own is at `path`."""
        signature = {f"{path}.sig"} if entry.signer is not None else set()
        return signature | ({f"{path}.tsr"} if isinstance(entry, Timestamp) else set())

    def look(self, path: str, entry: Entry) -> Iterator[tuple[str, str]]:
        """Yield the path of each file that is not as it must be, and why."""
        if entry.signer is not None:
            yield from self._signature(path, entry)
        if isinstance(entry, Timestamp):
            yield from self._reply(path, entry)

    def _signature(self, path: str, entry: Entry) -> Iterator[tuple[str, str]]:
        where = f"{path}.sig"
        data = self.files.get(where)
        if data is None:
            yield where, "is missing: the entry says that it is signed"
        elif not signatures.canonical(data):
            yield where, "is not armoured as ssh-keygen does it"
        else:
            yield from ((where, reason) for reason in self._signed(path, entry))

    def _signed(self, path: str, entry: Entry) -> Iterator[str]:
        said, signature = self.files[path], self.root / f"{path}.sig"
        signer = signatures.signer(said, signature)
        if signer is None:
            yield f"is no signature of {entry.name} for {signatures.NAMESPACE}"
        elif signer != entry.signer:
            yield f"is by the key {signer}; the entry names {entry.signer}"
        elif self.allowed_signers is not None and not signatures.allowed(
            said, signature, self.allowed_signers, entry.recorded_at
        ):
            yield f"is by the key {signer}, which was not allowed to sign then"

    def _reply(self, path: str, entry: Timestamp) -> Iterator[tuple[str, str]]:
        where = f"{path}.tsr"
        data = self.files.get(where)
        if data is None:
            yield where, "is missing: the entry holds its SHA-256"
        elif sha256(data) != entry.reply:
            yield where, f"is altered: its SHA-256 is not the one in {entry.name}"
        if self.digests.get(entry.entry) != entry.digest:
            yield path, f"proves an entry {entry.entry} with another SHA-256 than that here"
