"""Every bit of a small archive, altered: verification finds it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from support.archives import archive, released, say
from support.keys import key_pair

from durability.aftermath import BRAND
from durability.figures import Figure, figure
from publisher.archive.ledger import HEAD
from publisher.archive.trust import signatures
from publisher.archive.verify import attachments
from publisher.archive.verify.examine import examine
from publisher.archive.verify.witnesses import differing
from publisher.repository.reading import Repository
from publisher.repository.witness import blobs

CHUNK = 4096
"""Bytes whose bits one process alters before it takes others."""


@dataclass(frozen=True)
class Piece:
    """Bytes of a file of an archive, to be altered; in a PDF one bit of each, else all eight."""

    root: Path
    path: str
    start: int

    @property
    def bits(self) -> Iterator[tuple[int, int]]:
        """The place of each byte, and the bit of it that is altered."""
        size = (self.root / self.path).stat().st_size
        for at in range(self.start, min(self.start + CHUNK, size)):
            for bit in [at % 8] if self.path.endswith(".pdf") else range(8):
                yield at, bit


def trials(folder: Path) -> Iterator[Figure]:
    """Yield the figures of text files and of PDFs."""
    repo = archive(folder / "archive")
    key = key_pair(folder / "key")
    released(repo, "2024-03-01", sign=str(key))
    say(repo, "Second.", date="2024-03-02T12:00:00+0000")
    released(repo, "2024-04-01", sign=str(key))
    files = sorted(
        path.relative_to(repo.root).as_posix()
        for path in (repo.root / "versions").rglob("*")
        if path.is_file()
    )
    kinds = {
        "entries of the ledger": ".json",
        "signatures": ".sig",
        "SHA256SUMS": "SHA256SUMS",
        "heads of ledgers": ".head",
        "HTML, Markdown and JSON": "",
        "PDFs": ".pdf",
    }
    for kind in kinds:
        mine = [path for path in files if kind_of(path) == kind]
        pieces = [
            Piece(repo.root, path, start)
            for path in mine
            for start in range(0, (repo.root / path).stat().st_size, CHUNK)
        ]
        yield from _figures(kind, pieces)


def kind_of(path: str) -> str:
    """Return the kind of a file of the archive."""
    if path.endswith(".sig"):
        return "signatures"
    if "/ledger/" in path:
        return "entries of the ledger"
    if path.endswith(HEAD):
        return "heads of ledgers"
    if path.endswith("SHA256SUMS"):
        return "SHA256SUMS"
    return "PDFs" if path.endswith(".pdf") else "HTML, Markdown and JSON"


def _figures(kind: str, pieces: list[Piece]) -> Iterator[Figure]:
    with get_context("fork").Pool(2) as pool:
        told = [each for piece in pool.imap_unordered(altered, pieces) for each in piece]
    what = "bits, one of each byte," if kind == "PDFs" else "bits"
    alone = sum(by_hashes for _, by_hashes in told)
    said = f"{what} of {kind}: found, {alone} of them by hashes and signatures alone, without git"
    yield figure("tampering", [wrong for wrong, _ in told], said)


def altered(piece: Piece) -> list[tuple[str, bool]]:
    """Alter bits, one at a time, in a copy; return what was not found, and whether git was needed."""
    root = piece.root.with_name(f"{piece.root.name}-{piece.path.replace('/', '-')}-{piece.start}")
    shutil.copytree(piece.root, root, symlinks=True)
    attachments.signatures.signer = _remembered  # the same question has the same answer
    with Repository.bare(root, "") as repository:
        committed = blobs(repository, repository.resolve("HEAD"), f"versions/{BRAND}")
    path = root / piece.path
    data = path.read_bytes()
    told = []
    for at, bit in piece.bits:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
        examined = examine(root, BRAND)
        alone = bool(examined.findings)
        found = alone or any(differing(committed, examined))
        told.append(("" if found else f"{piece.path}: bit {bit} of byte {at}", alone))
    shutil.rmtree(root)
    return told


def _remembered(said: bytes, signature: Path) -> str | None:
    return _signer(said, signature.read_bytes())


@lru_cache(maxsize=64)
def _signer(said: bytes, signature: bytes) -> str | None:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        return _ASKED(said, Path(file.name))


_ASKED = signatures.signer
