"""Who signed, and since when it is there → the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.archive.verify.proofs import Proofs, Signed, Stamp

UNCHECKED = (
    "that was not checked: give the certificates of authorities that you trust with --authorities, "
    "or in shared/timestamp_authorities.pem"
)


def lines(found: Proofs) -> Iterable[str]:
    """Yield in a line each who signed a brand's entries, and by when they were there."""
    if any(each.key is not None for each in found.signed):
        yield f"{found.brand}: {_signers(found.signed)}"
    checked, said = found.newest(checked=True), found.newest(checked=False)
    if checked is not None:
        yield f"{found.brand}: {_there(checked)}, proven by {checked.authority}"
    if said is not None:
        yield f"{found.brand}: {_there(said)}, said by {said.authority}; {UNCHECKED}"


def _signers(signed: Sequence[Signed]) -> str:
    """Return in words who signed which entries: ``entries 3 to 12 signed by …``."""
    by: dict[str, list[int]] = {}
    for each in signed:
        by.setdefault(_by(each), []).append(each.entry)
    unsigned = by.pop("not signed", None)
    said = [*by.items(), *([("not signed", unsigned)] if unsigned else [])]
    return "; ".join(f"{entries_said(numbers)} {who}" for who, numbers in said)


def _by(each: Signed) -> str:
    if each.key is None:
        return "not signed"
    if each.principals is not None:
        return f"signed by {each.principals} ({each.key})"
    if each.allowed is None:
        return f"signed by the key {each.key}; whose it is, no file of allowed signers says"
    return f"signed by a key that was not allowed then ({each.key})"


def entries_said(numbers: Sequence[int]) -> str:
    """Return numbers in words: ``entry 3``, ``entries 1 and 2``, ``entries 1, 3 to 12``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said: list[str] = []
    for first, last in runs:
        many = last > first + 1
        said += [f"{first} to {last}"] if many else [str(each) for each in range(first, last + 1)]
    head, tail = ", ".join(said[:-1]), said[-1]
    return f"entr{'ies' if len(numbers) > 1 else 'y'} {f'{head} and {tail}' if head else tail}"


def _there(stamp: Stamp) -> str:
    before = " and all before it were" if stamp.proves > 1 else " was"
    within = f" (± {_seconds(stamp.accuracy)})" if stamp.accuracy else ""
    return f"entry {stamp.proves}{before} there by {_utc(stamp.time)}{within}"


def _utc(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"
