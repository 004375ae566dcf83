"""The documents and policies of versions, as they were issued."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from publisher.archive.entries import Import, Release, Version
from publisher.archive.folder import document_names, read_document, version_folder
from publisher.errors import ArchiveDamaged, AskedWrongly, Redacted
from publisher.files.format import DOCX, HTML, JSON, KEPT, MARKDOWN, PDF, TEXT, endings
from publisher.repository.source import Source, Unreadable

if TYPE_CHECKING:
    from publisher.policy.dating import Dating, Released
    from publisher.policy.tree import Policy

T = TypeVar("T")
_ISSUED = endings(PDF, HTML, DOCX, MARKDOWN, TEXT, JSON, *KEPT)
DOCUMENTS = {
    **{format: f"policy.{ending}" for format, ending in _ISSUED.items()},
    "extracted": "extracted.md",
}
"""The documents that a version may have of each locale, and the names of their files.

``extracted`` is the text of an imported document: it was never issued itself.
"""
TREE, EXTRACTED, NOTES = "policy.json", "extracted.json", "extraction-notes.txt"
"""The policy of a version as a tree, the one extracted from an imported document, notes on it."""


def document_path(locale: str, format: str) -> str:
    """Return the path of a document in the folder of its version."""
    return f"{locale}/{DOCUMENTS[format]}"


def text_path(version: Version, locale: str) -> str:
    """Return the path of a version's policy as a tree, in its folder."""
    return f"{locale}/{EXTRACTED if isinstance(version, Import) else TREE}"


def archived_policy(archive: Source, version: Version, locale: str) -> Policy:
    """Return the policy of a version in one locale.

    Raises `ArchiveDamaged`, `Redacted`, and `AskedWrongly` if the version only has documents.
    """
    from publisher.policy.json import read_policy

    return _read(archive, version, locale, read_policy)


def archived_dating(archive: Source, version: Version, locale: str) -> Dating:
    """Return the dates in the policy of a version; raises what `archived_policy` does."""
    from publisher.policy.json import dating_in

    return _read(archive, version, locale, dating_in)


def _read(archive: Source, version: Version, locale: str, read: Callable[[bytes], T]) -> T:
    path, names = text_path(version, locale), document_names(archive, version)
    if names and path not in names:
        raise AskedWrongly(
            f"version {version.version} of {version.brand} has no text in {locale}, and cannot be "
            f"compared; `publisher get {version.brand} --version {version.version}` gets its "
            "documents"
        )
    try:
        return read(read_document(archive, version, path))
    except ValueError as fault:
        where = version_folder(version.brand, version.version)
        raise ArchiveDamaged(f"{where}/{path} is {fault}") from fault


def unverified_policy(archive: Source, version: Version, locale: str) -> tuple[Policy, str]:
    """Return the policy in a version's folder, and why it cannot be trusted, or nothing.

    Raises `ArchiveDamaged` if the file is not a policy.
    """
    from publisher.policy.json import read_policy
    from publisher.policy.words import words

    try:
        return archived_policy(archive, version, locale), ""
    except ArchiveDamaged as fault:
        folder = version_folder(version.brand, version.version)
        try:
            policy = read_policy(archive.read(f"{folder}/{text_path(version, locale)}") or b"")
            words(policy)  # of which all is to be text
        except (RecursionError, ValueError, TypeError, KeyError, AttributeError, Unreadable):
            raise fault from None
        return policy, fault.what


def released(archive: Source, release: Release, locale: str) -> Released:
    """Return the words and dates of a version in one locale; raises `ArchiveDamaged`.

    Where its text was redacted, all its clauses are as old as the policy.
    """
    from publisher.policy.dating import Released
    from publisher.policy.json import read_policy
    from publisher.policy.words import reading_digest

    recorded = release.locales[locale]
    path = f"{locale}/{TREE}"
    dated = release.version, release.source
    try:
        document = read_document(archive, release, path)
    except Redacted:
        return Released(*dated, recorded.words, recorded.last_updated, {}, redacted=True)
    try:
        read = reading_digest(read_policy(document))
        clauses = {
            clause["id"]: min(date.fromisoformat(clause["last_changed"]), release.published)
            for clause in json.loads(document)["clauses"]
        }
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        what = "is not a policy with dates of its clauses"
        raise ArchiveDamaged(f"{path} of {release.version} {what}") from None
    return Released(*dated, read, recorded.last_updated, clauses)
