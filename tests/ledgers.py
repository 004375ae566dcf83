"""Ledgers that tests make without a repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from publisher.archive.ledger import Ledger, Record
from publisher.model.ledger import Entry, Release, Reschedule, Retire, entry_bytes, sha256

NOTHING = "0" * 64


def entry(kind: str, recorded: date, zone: str = "Europe/Brussels", **about: Any) -> Entry:
    """Return an entry recorded at noon of a day; `chained` gives it its number."""
    common = {
        "format": 1,
        "sequence": 1,
        "kind": kind,
        "brand": "alpha",
        "recorded_at": datetime.combine(recorded, time(12), ZoneInfo(zone)),
        "timezone": zone,
        "recorded_by": "Ops <ops@acme.example>",
        "signer": None,
        "previous": None,
    }
    match kind:
        case "release":
            version = {
                "version": recorded.isoformat(),
                "origin": "released",
                "change": "material",
                "reason": None,
                "published": recorded,
                "in_force_from": recorded,
                "short_notice": None,
                "locales": {"en": {"last_updated": recorded, "words": NOTHING}},
                "source": "0" * 40,
                "summary": None,
                "changes": {},
                "approvals": (),
                "tools": {"publisher": "0"},
                "sums": NOTHING,
            }
            return Release.model_validate(common | version | about)
        case "reschedule":
            moved = {"reason": "because", "short_notice": None, "instead_of": recorded}
            return Reschedule.model_validate(common | moved | about)
    return Retire.model_validate(
        common | {"locale": None, "reason": "because", "on": recorded} | about
    )


def chained(entries: Iterable[Entry]) -> list[Record]:
    """Return the files of entries, numbered and chained."""
    records: list[Record] = []
    previous = None
    for number, each in enumerate(entries, 1):
        numbered = each.model_copy(update={"sequence": number, "previous": previous})
        data = entry_bytes(numbered)
        records.append(Record(numbered.name, data))
        previous = sha256(data)
    return records


def ledger(entries: Sequence[Entry]) -> Ledger:
    """Return the ledger of entries."""
    return Ledger("alpha", chained(entries))
