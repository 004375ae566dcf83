"""Checks what is attached to a ledger's entries: signatures, and replies of authorities."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from publisher.archive.entries import Entry, Newer, Timestamp, sha256
from publisher.archive.folder import alteration
from publisher.archive.trust import signatures
from publisher.archive.trust.signatures import Signature
from publisher.archive.trust.timestamp_check import verify_reply
from publisher.archive.trust.timestamp_reply import NoReply, Reply, read_reply
from publisher.archive.trust.trust_files import Trust

Fault = tuple[str, str]
"""A path, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The attachments of an entry: the files that must exist, what is wrong, what they prove.

    `signature` and `reply` are the valid ones.
    """

    expected: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    signature: Signature | None = None
    reply: Reply | None = None


def check_attachments(
    entries: Mapping[str, Entry | Newer], files: Mapping[str, bytes], trust: Trust
) -> dict[str, Attached]:
    """Return the attachments of the entries of a brand, by their paths; `files` are all its files.

    Several are checked at a time: most of it is waiting for ssh-keygen.
    """
    marked = [
        path
        for path, entry in entries.items()
        if entry.signer is not None or isinstance(entry, Timestamp)
    ]
    check = _Check(entries, files, trust)
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        return dict(zip(marked, pool.map(check.attached, marked), strict=True))


@dataclass(frozen=True, slots=True)
class _Check:
    entries: Mapping[str, Entry | Newer]
    files: Mapping[str, bytes]
    trust: Trust

    def attached(self, path: str) -> Attached:
        """Return the attachments of the entry at a path."""
        entry = self.entries[path]
        expected: list[str] = []
        faults: list[Fault] = []
        signature, reply = None, None
        if entry.signer is not None and entry.recorded_at is not None:
            expected.append(f"{path}.sig")
            signature, message = self._signature(path, entry.signer, entry.recorded_at)
            faults += [(expected[-1], message)] if message else []
        if isinstance(entry, Timestamp):
            expected.append(f"{path}.tsr")
            reply, wrong = self._reply(path, entry)
            faults += wrong
        return Attached(tuple(expected), tuple(faults), signature, reply)

    def _signature(
        self, path: str, key: str, when: datetime
    ) -> tuple[Signature | None, str | None]:
        """Return who signed an entry, or what is wrong with its signature."""
        data = self.files.get(f"{path}.sig")
        if data is None:
            return None, "is missing: the entry says that it is signed"
        if not signatures.canonical(data):
            return None, "is not armoured as ssh-keygen does it"
        with NamedTemporaryFile() as file:
            Path(file.name).write_bytes(data)
            signature = signatures.verify_signature(
                self.files[path], Path(file.name), key, when, self.trust.signers
            )
        if signature.key is None:
            name = path.rpartition("/")[2]
            return None, f"is not a signature of {name} for {signatures.NAMESPACE}"
        if signature.key != key:
            return None, f"is by the key {signature.key}; the entry names {key}"
        return signature, None

    def _reply(self, path: str, entry: Timestamp) -> tuple[Reply | None, list[Fault]]:
        """Return the reply of an authority, if it is true, and what is wrong with it."""
        where = f"{path}.tsr"
        data = self.files.get(where)
        if data is None:
            return None, [(where, "is missing: the entry holds its SHA-256")]
        proven = self._entry(entry.entry)
        faults: list[Fault] = []
        if proven is None or sha256(proven) != entry.digest:
            message = f"proves an entry {entry.entry} whose SHA-256 is different here"
            faults.append((path, message))
        altered = alteration(data, entry.reply, entry.name)
        if altered is not None:
            return None, [(where, altered), *faults]
        try:
            reply = read_reply(data)
        except NoReply as fault:
            return None, [(where, str(fault)), *faults]
        faults += ((path, message) for message in _misquoted(entry, proven, reply))
        doubt = verify_reply(reply, data, self.trust.authorities) if self.trust.stamps else None
        faults += [(where, doubt)] if doubt else []
        return (None if faults else reply), faults

    def _entry(self, number: int) -> bytes | None:
        """Return the file of the entry with a number."""
        paths = (path for path, entry in self.entries.items() if entry.sequence == number)
        path = next(paths, None)
        return self.files[path] if path is not None else None


def _misquoted(entry: Timestamp, proven: bytes | None, reply: Reply) -> Iterator[str]:
    """Yield where an entry and its reply differ; `proven` is the file of the entry it proves."""
    if proven is not None and not reply.proves(proven):
        yield f"proves an entry {entry.entry} that its reply is not about"
    if entry.time != reply.time:
        yield f"says {entry.time.isoformat()}; its reply says {reply.time.isoformat()}"
    if entry.authority != reply.authority:
        yield f"names the authority {entry.authority}; its reply names {reply.authority}"
