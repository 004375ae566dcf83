"""``publisher endorse``: a signed entry that vouches for earlier ones without a valid signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from publisher.archive.entries import Endorse, Entry
from publisher.archive.ledger import ledger_folder
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_text,
    writer,
)
from publisher.archive.store import Addition
from publisher.archive.trust.signatures import AllowedSigners, Signature, verify_signature
from publisher.archive.trust.trust_files import workspace_signers
from publisher.errors import Refused


def endorse(
    root: Path, brand: str, numbers: Sequence[int], reason: str, asked: AppendOptions
) -> AppendResult:
    """Append a signed entry that endorses those with `numbers`, and gives the reason.

    Raises `Refused` without a key, for an unknown entry, and for one that needs no endorsement.
    """
    reason = checked_text("--reason", reason)
    if asked.sign is None:
        raise Refused("only a signed entry can endorse another; sign it with --sign KEY")
    with writer(root, brand, asked) as prepared:
        wanted = tuple(dict.fromkeys(numbers))
        with workspace_signers(prepared.working) as allowed:
            for number in wanted:
                _refuse_needless(prepared, number, allowed)
        entries = [{"entry": number, "digest": prepared.ledger.digest(number)} for number in wanted]
        entry = prepared.entry(Endorse, entries=entries, reason=reason)
        which = "entry" if len(wanted) == 1 else "entries"
        subject = f"Endorse {which} {', '.join(map(str, wanted))} of {brand}"
        return prepared.append(Addition(entry), f"{subject}\n\n{reason}")


def _refuse_needless(writer: LedgerWriter, number: int, allowed: AllowedSigners | None) -> None:
    """Refuse an entry that is missing, signed by a key that may sign, or endorsed already."""
    ledger = writer.ledger
    if not 0 < number <= len(ledger):
        raise Refused(
            f"the ledger of {writer.brand} has no entry {number}; it has the entries 1 to "
            f"{len(ledger)}, and `publisher verify` names those to endorse"
        )
    signature = _believed(writer, ledger.entry(number), allowed)
    if signature is not None:
        raise Refused(f"entry {number} is signed by {signature.who}, so it needs no endorsement")
    for endorsement in ledger.of(Endorse):
        endorsed = endorsement.endorses(number, ledger.digest(number))
        if endorsed and _believed(writer, endorsement, allowed) is not None:
            raise Refused(f"entry {number} is endorsed already, by entry {endorsement.sequence}")


def _believed(
    writer: LedgerWriter, entry: Entry, allowed: AllowedSigners | None
) -> Signature | None:
    """Return the signature of an entry, if its key was allowed to sign then."""
    if entry.signer is None:
        return None
    file = writer.root / ledger_folder(writer.brand) / f"{entry.name}.sig"
    data = writer.ledger.data(entry.sequence)
    signature = verify_signature(data, file, entry.signer, entry.recorded_at, allowed)
    return signature if signature.believed(entry.signer, allowed) else None
