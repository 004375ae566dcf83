"""Checks who signed entries, and which later entries endorse unsigned ones.

An entry is never changed, so a signature cannot be added to it: a later entry endorses it, which is
signed by a key that may sign, names its SHA-256 and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.archive.entries import Endorse, Entry
from publisher.archive.ledger import ledger_folder
from publisher.archive.trust.signatures import AllowedSigners, Signature
from publisher.archive.verify.findings import Examined, Finding, Note


@dataclass(frozen=True, slots=True)
class _Endorsement:
    entry: Endorse
    who: str


def doubted(
    one: Examined, allowed: AllowedSigners | None, *, brought: bool = False
) -> Iterator[Finding | Note]:
    """Yield the entries of a brand that are not signed, or not by a key that was allowed to sign.

    They are findings from the first signed entry on; those that give a reason, and those that a
    later entry endorses, are notes. If no file says who is `allowed`, any key is. If the auditor
    has `brought` the list, an archive without any signature is a finding: somebody who rewrites an
    archive can leave signatures out.
    """
    signed = [entry.sequence for entry in one.entries.values() if entry.signer is not None]
    first = min(signed, default=None)
    endorsements = _endorsements(one, allowed)
    for path, entry in one.entries.items():
        doubt = _doubt(path, entry, one.signature(path), allowed)
        if doubt is not None:
            late = first is not None and first <= entry.sequence
            yield from _verdict(doubt, entry, endorsements.get(entry.sequence), late=late)
        for endorsed in entry.entries if isinstance(entry, Endorse) else ():
            if endorsed.digest not in one.digests.get(endorsed.entry, ()):
                number = endorsed.entry
                message = f"endorses an entry {number} whose SHA-256 is different here"
                yield Finding(path, message, entry.about)
    if allowed is not None and one.entries and first is None:
        what = f"no entry is signed, though {allowed.where} says whose keys may"
        if brought:
            yield Finding(ledger_folder(one.brand), f"{what}: nothing shows who wrote it")
        else:
            yield Note(f"{one.brand}: {what}")


def _doubt(
    path: str, entry: Entry, signature: Signature | None, allowed: AllowedSigners | None
) -> Finding | None:
    """Return a doubt about who wrote an entry; a false signature is a finding already."""
    if entry.signer is None:
        return Finding(path, "is not signed", entry.about)
    if signature is None or signature.believed(entry.signer, allowed):
        return None
    message = f"is by the key {entry.signer}, which was not allowed to sign then"
    return Finding(f"{path}.sig", message)


def _verdict(
    doubt: Finding, entry: Entry, endorsement: _Endorsement | None, *, late: bool
) -> Iterator[Finding | Note]:
    """Yield the finding or note for a doubt; `late` is true after the first signed entry."""
    if entry.unsigned is not None:
        yield Note(f"{doubt.path} {doubt.message}: {entry.unsigned}")
    if endorsement is not None:
        by = f"entry {endorsement.entry.sequence}, signed by {endorsement.who}"
        it = "it" if entry.signer is None else "the entry"
        text = f"{by}, endorses {it}: {endorsement.entry.reason}"
        yield Note(f"{doubt.path} {doubt.message}; {text}")
    elif entry.unsigned is None and late:
        before = ", and an entry before it is" if entry.signer is None else ""
        fix = f"publisher endorse {entry.brand} {entry.sequence} --reason TEXT --sign KEY"
        message = f"{doubt.message}{before}; if it is yours, say so with `{fix}`"
        yield Finding(doubt.path, message, doubt.version)


def _endorsements(one: Examined, allowed: AllowedSigners | None) -> dict[int, _Endorsement]:
    """Return the endorsements of entries, by number: the first with a valid signature."""
    endorsements: dict[int, _Endorsement] = {}
    for path, entry in one.entries.items():
        signature = one.signature(path)
        if not isinstance(entry, Endorse) or signature is None:
            continue
        if signature.believed(entry.signer, allowed):
            for endorsed in entry.entries:
                before = endorsed.entry < entry.sequence
                if before and endorsed.digest in one.digests.get(endorsed.entry, ()):
                    endorsements.setdefault(endorsed.entry, _Endorsement(entry, signature.who))
    return endorsements
