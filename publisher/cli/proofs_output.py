"""Who signed entries, and by when time-stamps prove them → the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.archive.verify.proofs import Proofs, Signed, Stamp

UNCHECKED = (
    "that was not checked: give the certificates of authorities that you trust with --authorities, "
    "or in shared/timestamp_authorities.pem"
)


def lines(proofs: Proofs) -> Iterable[str]:
    """Yield lines on who signed a brand's entries, and at what times they existed."""
    if any(entry.key is not None for entry in proofs.signed):
        yield f"{proofs.brand}: {_signers(proofs.signed)}"
    checked, claimed = proofs.newest(checked=True), proofs.newest(checked=False)
    if checked is not None:
        yield f"{proofs.brand}: {_there(checked)}, proven by {checked.authority}"
    if claimed is not None:
        yield f"{proofs.brand}: {_there(claimed)}, said by {claimed.authority}; {UNCHECKED}"


def _signers(signed: Sequence[Signed]) -> str:
    """Return who signed which entries: ``entries 3 to 12 signed by …``."""
    by: dict[str, list[int]] = {}
    for entry in signed:
        by.setdefault(_by(entry), []).append(entry.entry)
    unsigned = by.pop("not signed", None)
    parts = [*by.items(), *([("not signed", unsigned)] if unsigned else [])]
    return "; ".join(f"{numbered_entries(numbers)} {who}" for who, numbers in parts)


def _by(entry: Signed) -> str:
    if entry.key is None:
        return "not signed"
    if entry.principals is not None:
        return f"signed by {entry.principals} ({entry.key})"
    if entry.allowed is None:
        return f"signed by the key {entry.key}; no file of allowed signers says whose it is"
    return f"signed by a key that was not allowed then ({entry.key})"


def numbered_entries(numbers: Sequence[int]) -> str:
    """Return numbers in words: ``entry 3``, ``entries 1 and 2``, ``entries 1, 3 to 12``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts: list[str] = []
    for first, last in runs:
        many = last > first + 1
        parts += (
            [f"{first} to {last}"] if many else [str(number) for number in range(first, last + 1)]
        )
    head, tail = ", ".join(parts[:-1]), parts[-1]
    return f"entr{'ies' if len(numbers) > 1 else 'y'} {f'{head} and {tail}' if head else tail}"


def _there(stamp: Stamp) -> str:
    before = " and all before it were" if stamp.proves > 1 else " was"
    within = f" (± {stamp.accuracy.total_seconds():g} s)" if stamp.accuracy else ""
    time = f"{stamp.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"entry {stamp.proves}{before} there by {time}{within}"
