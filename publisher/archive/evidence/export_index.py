"""Inventories of brands → the index of an export: a page for people, and rows for machines.

The page has the look of evidence letters, and shares sentences with them. Rows are in English,
whatever the language of the page; their columns only grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from publisher import __version__
from publisher.archive.entries import (
    Absence,
    Capture,
    Import,
    Notified,
    Reconstruct,
    Redact,
    Release,
    Reschedule,
    Retire,
)
from publisher.archive.evidence.inventory import Gap, Inventory, Listed, Wanted
from publisher.archive.evidence.letter_sentences import (
    DEFAULT,
    Words,
    code,
    digest,
    moment,
    shown,
)
from publisher.archive.evidence.record import Row, change, event, signer
from publisher.archive.evidence.values import Recorded
from publisher.archive.evidence.verification import Part, chain
from publisher.archive.issued import DOCUMENTS
from publisher.archive.moments import Period, clock, day_in, first_moment
from publisher.errors import UnknownName
from publisher.policy.tree import OwnTexts
from publisher.render.fonts import page_written_out, without_gaps
from publisher.render.languages import direction, known, languages, texts
from publisher.render.own_texts import texts_in
from publisher.render.page import fill_page, quoted, stylesheet
from publisher.render.pdf_job import PdfJob
from publisher.render.style import Style, plain_style
from publisher.repository.source import Source

_PAGE = "publisher/data/templates/export.html"
_COMMAND_SIZE = 7.9
"""The size of commands, in points, at which `WIDTH` characters fit on a line."""
_FORMATS = {name: format for format, name in DOCUMENTS.items()}
_LIST = "SHA256SUMS"
_OF_VERSIONS = f"versions/*/*/{_LIST}"
_VERSIONS = f"""\
for list in {_OF_VERSIONS}; do
  (cd "${{list%/*}}" && sha256sum --ignore-missing -c {_LIST} 2>/dev/null)
done"""
_SUMS = f"""\
for list in {_OF_VERSIONS}; do
  sum=$(sha256sum < "$list" | cut -c 1-64)
  grep -q "\\"sums\\": \\"$sum\\"" "${{list%/*/*}}"/ledger/*.json &&
    echo "$list: OK" || echo "$list: NOT FOUND"
done"""
COLUMNS = (
    *("brand", "version", "origin", "locale", "format", "file", "bytes", "sha256", "redacted_by"),
    *("state", "in_force_from", "in_force_until", "in_force_from_time", "in_force_until_time"),
    *("time_zone", "ended_by", "change", "reason", "summary", "published", "source", "entry"),
    *("entry_sha256", "recorded_at", "recorded_by", "signed_by", "proven_by", "notes", "as_of"),
)
"""The columns of ``index.csv``."""
EVENT_COLUMNS = (
    *("brand", "kind", "version", "locale", "from", "until", "from_time", "until_time", "entry"),
    *("recorded_at", "reason", "text"),
)
"""The columns of ``events.csv``."""


class IndexWords(Words):
    """Returns the sentences of letters and of indexes in the language of a locale."""

    def __init__(self, locale: str, own: OwnTexts | None = None) -> None:
        super().__init__(locale, own)
        index = own.kinds["exports"] if own is not None else texts("exports", self.locale)
        self._sentences = {**self._sentences, **index}


def index_words(named: str | None, inventories: Iterable[Inventory], archive: Source) -> IndexWords:
    """Return the sentences in the language `named`, or in the only one of all versions.

    They are English where there are several languages, or none of the toolkit's and of those that
    the workspace of the archive has labels in. Raises `UnknownName`.
    """
    locales = {one.locale for inventory in inventories for one in inventory.listed}
    locale = named or (locales.pop() if len(locales) == 1 else DEFAULT)
    own = texts_in(archive, locale)
    if named is not None and own is None and not known(named):
        raise UnknownName("language", named, languages())
    return IndexWords(locale, own)


# --- rows ---


def index_rows(inventories: Iterable[Inventory]) -> Iterator[Sequence[str]]:
    """Yield the rows of ``index.csv``: a document each, and versions without any."""
    yield COLUMNS
    for inventory in inventories:
        as_of = {newest.entry.brand: newest.entry.name for newest in inventory.newest}
        for listed in inventory.listed:
            common = _common(listed)
            common |= {"brand": listed.version.brand, "as_of": as_of[listed.version.brand]}
            missing = f"no document in the wanted formats; it has {', '.join(listed.paths)}"
            for file in listed.files or (None,):
                own = dict(common)
                if file is None:
                    own["notes"] = "; ".join(filter(None, (common["notes"], missing)))
                else:
                    own |= {
                        "format": _FORMATS.get(file.path.rpartition("/")[2], ""),
                        "file": f"{listed.folder}/{file.path}",
                        "bytes": "" if file.size is None else str(file.size),
                        "sha256": file.sha256,
                        "redacted_by": file.redacted.name if file.redacted else "",
                    }
                yield [own.get(column, "") for column in COLUMNS]


def _common(listed: Listed) -> dict[str, str]:
    """Return the cells that all documents of a version in a language have."""
    version, period, entry = listed.version, listed.period, listed.entry.entry
    stamp = listed.stamps[0] if listed.stamps else None
    cells = {
        "version": version.version,
        "origin": version.origin,
        "locale": listed.locale,
        "state": "never in force" if _never(period) else period.state,
        "in_force_from": period.since.isoformat() if period.since else "",
        "in_force_until": period.until.isoformat() if period.until and not period.empty else "",
        "in_force_from_time": _local(None if _never(period) else period.begins, period.zone),
        "in_force_until_time": _local(None if period.empty else period.ends, period.zone),
        "time_zone": period.zone,
        "ended_by": period.ended_by.name if period.ended_by else "",
        "entry": entry.name,
        "entry_sha256": listed.entry.sha256,
        "recorded_at": entry.recorded_at.isoformat(),
        "recorded_by": entry.recorded_by,
        "signed_by": " ".join(filter(None, (listed.entry.principal, entry.signer))),
        "proven_by": f"{stamp.time.isoformat()} {stamp.authority}" if stamp else "",
        "notes": "; ".join(listed.notes),
        "source": version.provenance if isinstance(version, Import) else version.source,
    }
    if isinstance(version, Release):
        cells["change"] = version.change
        cells["reason"] = version.reason or ""
        cells["summary"] = version.summary or ""
        cells["published"] = version.published.isoformat()
    return cells


def event_rows(inventories: Iterable[Inventory]) -> Iterator[Sequence[str]]:
    """Yield the rows of ``events.csv``: the gaps of each brand, and what happened later."""
    words = IndexWords(DEFAULT)
    yield EVENT_COLUMNS
    for inventory in inventories:
        rows = [_gap_cells(gap, words) for gap in inventory.gaps]
        rows += [_event_cells(recorded, inventory, words) for recorded in inventory.events]
        for cells in rows:
            own = {"brand": inventory.brand} | cells
            yield [own.get(column, "") for column in EVENT_COLUMNS]


def _gap_cells(gap: Gap, words: IndexWords) -> dict[str, str]:
    return {
        "kind": "gap",
        "locale": gap.locale,
        "from": _since(gap.begins, gap.zone)[:10],
        "until": _until(gap.ends, gap.zone)[:10] if gap.ends else "",
        "from_time": _local(gap.begins, gap.zone),
        "until_time": _local(gap.ends, gap.zone),
        "entry": gap.after.name if gap.after else "",
        "text": str(_gap(gap, words).striptags()),
    }


def _event_cells(recorded: Recorded, inventory: Inventory, words: IndexWords) -> dict[str, str]:
    entry = recorded.entry
    locale = getattr(entry, "locale", None) or ""
    day = getattr(entry, "on", None) or getattr(entry, "in_force_from", None)
    return {
        "brand": entry.brand,
        "kind": entry.kind,
        "version": getattr(entry, "version", ""),
        "locale": ", ".join(entry.locales) if isinstance(entry, Absence) else locale,
        "from": day.isoformat() if day else "",
        "entry": entry.name,
        "recorded_at": entry.recorded_at.isoformat(),
        "reason": getattr(entry, "reason", ""),
        "text": str(_event(recorded, inventory, words).striptags()),
    }


def _local(moment: datetime | None, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat() if moment is not None else ""


# --- sentences ---


def _never(period: Period) -> bool:
    return period.empty and period.state != "corrected"


def _since(begins: datetime, zone: str) -> str:
    """Return the start of a period in digits: a day, or a moment within it."""
    day = day_in(begins, zone)
    return day.isoformat() if begins == first_moment(day, zone) else clock(begins, zone)


def _until(ends: datetime, zone: str) -> str:
    """Return the end of a period in digits: a whole day, or a moment within it."""
    if ends == first_moment(day_in(ends, zone), zone):
        return day_in(ends - timedelta.resolution, zone).isoformat()
    return clock(ends, zone)


def _gap(gap: Gap, words: IndexWords) -> Markup:
    since, locale = _since(gap.begins, gap.zone), words.language(gap.locale)
    if gap.ends is None:
        text = words("gap_open", locale=locale, since=since)
    else:
        text = words("gap", locale=locale, since=since, until=_until(gap.ends, gap.zone))
    match gap.after:
        case None:
            why = words("gap_before")
        case Retire() as entry:
            number = f"{entry.sequence:04}"
            why = words("gap_retired", number=number, reason=entry.reason)
        case Absence() as entry:
            why = words("gap_absent", number=f"{entry.sequence:04}")
        case version:
            why = words("gap_without", version=code(version.version))
    return Markup(" ").join((text, why))


def _event(recorded: Recorded, inventory: Inventory, words: IndexWords) -> Markup:
    entry, brand = recorded.entry, inventory.subject.brand.name
    match entry:
        case Capture():
            return words(
                "event_capture",
                number=f"{entry.sequence:04}",
                moment=moment(entry.recorded_at),
                url=code(entry.url),
                capture=code(f"versions/{entry.brand}/captures/{entry.capture}"),
                version=code(entry.version),
            )
        case Absence():
            return event(entry, brand, ", ".join(entry.locales), words)
        case Notified() | Redact() | Reschedule():
            text = event(entry, brand, "", words)
            return words("event_of_version", version=code(entry.version), event=text)
        case _:
            return event(entry, brand, "", words)


# --- the page ---


def _overview(inventory: Inventory, words: IndexWords) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table of versions: one, unless its languages have other periods."""
    for _, group in groupby(inventory.listed, lambda one: one.folder):
        periods: dict[Period, list[Listed]] = {}
        for one in group:
            periods.setdefault(one.period, []).append(one)
        for period, listed in periods.items():
            zone = f" ({period.zone})" if inventory.zones[1:] else ""
            begins = _since(period.begins, period.zone) + zone if period.begins else None
            yield {
                "version": code(listed[0].version.version),
                "since": begins or words("unknown"),
                "until": _end(period, words, zone),
                "texts": tuple(map(shown, _about(listed[0], words))),
                "locales": ", ".join(one.locale for one in listed),
            }


def _end(period: Period, words: IndexWords, zone: str) -> Markup:
    if period.state == "corrected" and isinstance(period.ended_by, Import):
        return words("corrected", version=code(period.ended_by.version))
    if period.empty:
        return words("never")
    if period.begins is None:
        return words("unknown")
    end = shown(_until(period.ends, period.zone) + zone) if period.ends else words("open")
    return Markup("; ").join((words("upcoming"), end)) if period.state == "upcoming" else end


def _about(listed: Listed, words: IndexWords) -> Iterator[Markup | str]:
    """Yield the origin or change of a version, and its summary or source."""
    match listed.version:
        case Release() as version:
            yield Markup(", ").join((words("origin_released"), change(version, words)))
            if version.summary:
                yield version.summary
        case Import() as version:
            yield words("origin_imported")
            yield words("provenance_said", provenance=version.provenance)
        case Reconstruct() as version:
            yield words("origin_reconstructed")
            yield words("commit", source=code(version.source[:10]))


def _counts(inventory: Inventory, words: IndexWords) -> Markup:
    versions = {one.folder: one for one in inventory.listed}.values()
    origins = [one.version.origin for one in versions]
    return words(
        "counts",
        count=len(versions),
        signed=sum(one.version.signer is not None for one in versions),
        stamped=sum(bool(one.stamps) for one in versions),
        **{name: origins.count(name) for name in ("released", "imported", "reconstructed")},
    )


def _ledger(newest: Recorded, words: IndexWords) -> Row:
    entry = newest.entry
    name = code(f"versions/{entry.brand}/ledger/{entry.name}")
    texts = words.as_of(entry), name, digest(newest.sha256)
    return Row(words("newest"), texts)


def _versions(inventory: Inventory, words: IndexWords) -> Iterator[dict[str, Any]]:
    """Yield the proofs and the documents of each version."""
    for _, group in groupby(inventory.listed, lambda one: one.folder):
        listed = list(group)
        documents = [file for one in listed for file in one.files]
        yield {
            "title": code(listed[0].folder),
            "rows": tuple(_rows(listed[0], words)),
            "files": [
                {"path": code(file.path), "size": file.size, "sha256": digest(file.sha256)}
                for file in documents
            ],
            "missing": [
                words("documents_none", files=code(", ".join(one.paths)))
                for one in listed
                if not one.files
            ],
        }


def _rows(listed: Listed, words: IndexWords) -> Iterator[Row]:
    entry = listed.entry.entry
    yield Row(words("entry"), (code(entry.name), digest(listed.entry.sha256)))
    at = words("recorded_said", moment=moment(entry.recorded_at), by=entry.recorded_by)
    yield Row(words("recorded"), (at,))
    yield Row(words("signed_by"), (signer(listed.entry, words),))
    if not listed.stamps:
        yield Row(words("stamps"), (words("stamps_none"),))
        return
    first = listed.stamps[0]
    text = words(
        "stamp_first",
        time=moment(first.time),
        authority=first.authority,
        number=f"{first.sequence:04}",
        count=len(listed.stamps),
    )
    yield Row(words("stamps"), (text,))


def _proofs(inventories: Sequence[Inventory], words: IndexWords) -> Iterator[Markup]:
    """Yield what the export proves, then what it does not."""
    listed = [one for inventory in inventories for one in inventory.listed]
    origins = {one.version.origin for one in listed}
    for origin in ("released", "imported", "reconstructed"):
        if origin in origins:
            yield words(f"proves_{origin}")
    yield words("proves_archived")
    if any(file.redacted for one in listed for file in one.files):
        yield words("proves_redacted", sums=code(_LIST))
    if any(inventory.gaps for inventory in inventories):
        yield words("proves_whole")
    yield words("proves_not_end")
    if any(one.version.signer for one in listed):
        yield words("proves_signature")
    if any(one.stamps for one in listed):
        yield words("proves_stamp")
    yield words("proves_clock")


def _steps(inventories: Iterable[Inventory], words: IndexWords) -> Iterator[Part]:
    brands = [newest.entry.brand for inventory in inventories for newest in inventory.newest]
    yield Part(words("check_files"), (f"sha256sum --quiet -c {_LIST} && echo OK",))
    yield Part(words("check_versions"), (_VERSIONS,))
    yield Part(words("check_sums"), (_SUMS,))
    yield Part(words("check_chain"), tuple(map(chain, brands)))


def _span(wanted: Wanted, words: IndexWords) -> Markup:
    put = {"since": wanted.since, "until": wanted.until}
    days = {name: words.day(day) for name, day in put.items() if day is not None}
    if not days:
        return words("period_all")
    return words(
        "period_between"
        if days.keys() == put.keys()
        else f"period_{'from' if wanted.since else 'until'}",
        **days,
    )


def page(inventories: Sequence[Inventory], wanted: Wanted, words: IndexWords, style: Style) -> str:
    """Return the index as HTML."""
    names = {name for inventory in inventories for name in inventory.controllers}
    brands = ", ".join(inventory.subject.brand.name for inventory in inventories)
    values: dict[str, Any] = {
        "brands": brands,
        "controllers": ", ".join(sorted(names)),
        "css": Markup("\n{}\n").format(Markup(_css(brands, wanted, words, style))),
        "direction": direction(words.locale),
        "formats": ", ".join(wanted.formats) or words("all"),
        "generator": f"publisher {__version__}",
        "labels": dict(words.labels),
        "languages": ", ".join(map(words.language, wanted.locales)) or words("all"),
        "locale": words.locale,
        "modified": _as_of(inventories).date().isoformat(),
        "parts": [_part(inventory, words) for inventory in inventories],
        "period": _span(wanted, words),
        "proofs": list(_proofs(inventories, words)),
        "steps": list(_steps(inventories, words)),
        "words": words,
    }
    return fill_page("export.html", values)


def _part(inventory: Inventory, words: IndexWords) -> dict[str, Any]:
    """Return the part of the page on a brand."""
    brand = inventory.subject.brand
    until = words("until_said", column=words("until"))
    zones = [words("zone", zone=zone) for zone in inventory.zones if not inventory.zones[1:]]
    return {
        "title": f"{brand.name} ({brand.domain})",
        "texts": [_counts(inventory, words), Markup(" ").join((*zones, until))],
        "rows": list(_overview(inventory, words)),
        "gaps": [_gap(gap, words) for gap in inventory.gaps],
        "events": [_event(recorded, inventory, words) for recorded in inventory.events],
        "ledgers": [_ledger(newest, words) for newest in inventory.newest],
        "versions": list(_versions(inventory, words)),
    }


def _as_of(inventories: Iterable[Inventory]) -> datetime:
    """Return when the newest entry that the index knows was recorded."""
    newest = (recorded.entry for inventory in inventories for recorded in inventory.newest)
    return max(entry.recorded_at for entry in newest).astimezone(UTC)


def _css(brands: str, wanted: Wanted, words: IndexWords, style: Style) -> str:
    since, until = (day.isoformat() if day else "" for day in (wanted.since, wanted.until))
    values: dict[str, Any] = {
        "clauses": 0,
        "command_size": f"{_COMMAND_SIZE:.2f}",
        "of": quoted(words.labels["of"]),
        "page": quoted(words.labels["page"]),
        "running_brand": quoted(without_gaps(brands)),
        "running_date": quoted(f"{since} – {until}" if since or until else ""),
        "running_title": quoted(without_gaps(str(words("title")))),
        "watermark": "",
    }
    sheets = (stylesheet(name, style, values) for name in ("pdf.css", "letter-pdf.css"))
    return "\n".join(sheets)


def manuscript(inventories: Sequence[Inventory], wanted: Wanted, words: IndexWords) -> PdfJob:
    """Return the job for the PDF of an index, in the toolkit's own look."""
    style = plain_style()
    return PdfJob(
        brand=inventories[0].brand,
        locale=words.locale,
        subject=without_gaps(str(words("title"))),
        words_digest="",
        dated=_as_of(inventories),
        width=style.width,
        wider=style.paper.wider,
        type_size=style.theme.type_size,
        page=page_written_out(page(inventories, wanted, words, style)),
        texts=tuple((_PAGE, None, without_gaps(text)) for text in _texts(inventories, words)),
        sources=(),
    )


def _texts(inventories: Sequence[Inventory], words: IndexWords) -> Iterator[str]:
    """Yield the texts that the PDF must show: every hash, and every command."""
    for inventory in inventories:
        yield from (newest.sha256 for newest in inventory.newest)
    for step in _steps(inventories, words):
        yield from step.commands
    for inventory in inventories:
        for _, group in groupby(inventory.listed, lambda one: one.folder):
            listed = list(group)
            yield listed[0].entry.sha256
            yield from (file.sha256 for one in listed for file in one.files)
