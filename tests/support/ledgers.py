"""Ledgers that tests make without a repository."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from publisher.archive.entries import ENTRY, KINDS, Entry, Record, entry_bytes, sha256
from publisher.archive.ledger import Ledger

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
    return KINDS[kind].model_validate(common | _about(kind, recorded, zone) | about)


def _about(kind: str, recorded: date, zone: str) -> dict[str, Any]:
    """Return the fields of an entry of a kind that a test does not care about."""
    said = {"en": {"last_updated": recorded, "words": NOTHING}}
    made = {"tools": {"publisher": "0"}, "sums": NOTHING}
    match kind:
        case "release":
            return made | {
                "version": recorded.isoformat(),
                "origin": "released",
                "change": "material",
                "reason": None,
                "published": recorded,
                "in_force_from": recorded,
                "short_notice": None,
                "locales": said,
                "source": "0" * 40,
                "summary": None,
                "changes": {},
                "approvals": (),
            }
        case "import":
            return made | {
                "version": f"{recorded}-imported",
                "origin": "imported",
                "claimed_date": recorded,
                "provenance": "a letter",
                "locale": "en",
                "files": {"en/policy.pdf": {"name": "old.pdf", "digest": NOTHING}},
                "words": None,
            }
        case "reconstruct":
            return made | {
                "version": f"{recorded}-reconstructed",
                "origin": "reconstructed",
                "revised": recorded,
                "locales": said,
                "source": "0" * 40,
            }
        case "absence":
            return {"locales": ("en",), "on": recorded, "source": "0" * 40}
        case "reschedule":
            return {"reason": "because", "short_notice": None, "instead_of": recorded}
        case "redact":
            about = {"version": recorded.isoformat(), "file": "en/policy.pdf", "digest": NOTHING}
            return about | {"reason": "because", "authority": "a court"}
        case "timestamp":
            time_ = datetime.combine(recorded, time(11), ZoneInfo(zone))
            about = {"entry": 1, "digest": NOTHING, "time": time_}
            return about | {"authority": "TSA", "reply": NOTHING}
        case "notice":
            handed = datetime.combine(recorded, time(11), ZoneInfo(zone))
            about = {"version": recorded.isoformat(), "in_force_from": recorded, "channel": "mail"}
            about |= {"texts": {"en": NOTHING}, "accepted": 2, "refused": 1, "bounced": 0}
            return about | {"first": handed, "last": handed, "recipients": NOTHING}
        case "capture":
            return {"url": "https://alpha.example/privacy", "shown": "in-force"}
        case "endorse":
            return {"entries": ({"entry": 1, "digest": NOTHING},), "reason": "because"}
        case "clock":
            return {"reason": "because"}
        case _:
            return {"locale": None, "reason": "because", "on": recorded}


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


def numbered(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries as their files have them, numbered and chained."""
    return [ENTRY.validate_json(record.data) for record in chained(entries)]


def ledger(entries: Sequence[Entry]) -> Ledger:
    """Return the ledger of entries."""
    return Ledger("alpha", chained(entries))
