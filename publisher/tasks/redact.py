"""``publisher redact``: take a file out of the archive; the ledger keeps the fact, and its hash."""

from __future__ import annotations

from pathlib import Path

from publisher.archive.folder import document_names, version_folder
from publisher.archive.sums import NAME, read_sums
from publisher.errors import Refused, UnknownName
from publisher.model.ledger import Redact, Version
from publisher.tasks.appending import Appended, Appending, Desk, checked_text, desk


def redact(  # noqa: PLR0913 - they are the command's options
    root: Path, brand: str, version: str, file: str, reason: str, authority: str, asked: Appending
) -> Appended:
    """Delete a file of a version, and record why, and by whose authority.

    `file` is its path in the version's folder, as ``en/policy.pdf``, or from the workspace. Its
    SHA-256 stays in the version's SHA256SUMS, so that a copy elsewhere can be told to be the one.
    Git's history has its bytes still. Raises `UnknownName`, and `Refused` for one that is redacted
    already.
    """
    reason = checked_text("--reason", reason)
    authority = checked_text("--authority", authority)
    with desk(root, brand, asked) as prepared:
        found = prepared.ledger.version(version)
        if found is None:
            raise UnknownName("version", version, prepared.ledger.version_ids)
        path, digest = _file(prepared, found, file)
        entry = Redact.model_validate(
            prepared.common
            | {
                "kind": "redact",
                "version": version,
                "file": path,
                "digest": digest,
                "reason": reason,
                "authority": authority,
            }
        )
        message = f"Redact {path} of {brand} {version}\n\nBy authority of {authority}: {reason}"
        return prepared.append(entry, message, {})


def _file(desk: Desk, version: Version, file: str) -> tuple[str, str]:
    """Return a file's path in its version's folder, and its SHA-256."""
    folder = version_folder(desk.brand, version.version)
    path = file.removeprefix("./").removeprefix(f"{folder}/")
    known = document_names(desk.working.archive, version)
    if path not in known:
        kept = f"{NAME} and the ledger stay, as the proof" if path == NAME else ""
        raise Refused(kept) if kept else UnknownName(f"file of {version.version}", path, known)
    for entry in desk.ledger.of(Redact):
        if (entry.version, entry.file) == (version.version, path):
            raise Refused(
                f"{path} of version {version.version} is redacted already, by {entry.name}"
            )
    sums = desk.working.archive.read(f"{folder}/{NAME}") or b""
    return path, (read_sums(sums) or {})[path]
