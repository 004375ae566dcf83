"""``publisher import-version``: take in a document from before the toolkit, as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher import __version__
from publisher.archive.folder import read_plain
from publisher.archive.sums import NAME, sums_bytes
from publisher.errors import AskedWrongly, NotADocument, Refused
from publisher.intake import Extracted, extract, format_of, policy_of
from publisher.model.dating import Dating
from publisher.model.fields import next_version
from publisher.model.ledger import Import, sha256
from publisher.model.policy import BrandName, Policy
from publisher.model.words import words_digest
from publisher.render.json import json
from publisher.render.labels import known
from publisher.render.markdown import markdown
from publisher.render.worker import SECONDS, workers
from publisher.tasks.appending import Appended, Appending, Desk, checked_text, desk
from publisher.tasks.archived import EXTRACTED, document_path
from publisher.tasks.correcting import Claim, Earlier, notes

_BEST = ("markdown", "html", "docx", "text", "pdf")
"""The formats, by how well a text can be taken out of them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported version, and `notes` on its document: where else it is, what it does not give."""

    appended: Appended
    extracted_from: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    name: str
    format: str
    data: bytes


def import_version(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    files: Sequence[Path],
    claimed: date | None,
    provenance: str,
    asked: Appending,
    *,
    locale: str | None = None,
    corrects: str | None = None,
) -> Imported:
    """Take in one old policy of a brand: a file, or several with the same text in other formats.

    Their bytes are kept untouched. `claimed` is the day from which the text is said to have been in
    force, None where nobody knows; `provenance` says where it comes from. Its text is extracted
    beside it, to be searched and compared. `corrects` is the id of an imported version that counts
    no more from now on; without it, a document that is in the archive already has a second period.
    Raises `NotADocument`, `AskedWrongly`, and `Refused` for a day on which a released version was
    in force, an import that adds nothing, and a version that cannot be corrected.
    """
    provenance = checked_text("--source", provenance)
    documents = _read(files)
    with desk(root, brand, asked) as prepared:
        earlier = Earlier(prepared)
        name = _locale(prepared, earlier.locale(corrects, locale))
        _refuse_day(prepared, claimed)
        claim = Claim(name, _digests(documents), claimed, provenance, corrects)
        repeated = earlier.repeated(claim)
        version = next_version(claimed, frozenset(prepared.ledger.version_ids), "-imported")
        best = min(documents, key=lambda each: _BEST.index(each.format))
        extracted = _taken_out(best)
        policy = policy_of(extracted, _brand(prepared), name)
        kept = {document_path(name, each.format): each for each in documents}
        content = {path: each.data for path, each in kept.items()}
        content |= _extracted(policy, version, prepared.now.date())
        sums = sums_bytes(content)
        about: dict[str, object] = {
            "version": version,
            "claimed_date": claimed,
            "provenance": provenance,
            "locale": name,
            "words": words_digest(policy) if policy.clauses else None,
            "tools": {"publisher": __version__, "extracted from": best.name},
            "sums": sha256(sums),
            "corrects": corrects,
            "repeats": repeated.version if repeated is not None and corrects is None else None,
        }
        entry = _entry(prepared, kept, about)
        appended = prepared.append(entry, _message(entry), {**content, NAME: sums})
    return Imported(appended, best.name, (*notes(claim, repeated), *_notes(extracted, best)))


def _digests(documents: Sequence[_Document]) -> frozenset[str]:
    return frozenset(sha256(each.data) for each in documents)


def _message(entry: Import) -> str:
    """Return the message of the commit."""
    since = f"in force from {entry.claimed_date}" if entry.claimed_date else "of an unknown date"
    message = f"Import {entry.brand} {entry.version}\n\n"
    message += f"Asserted: {since}. Source: {entry.provenance}"
    return message + (f"\nCorrects {entry.corrects}" if entry.corrects is not None else "")


def _taken_out(document: _Document) -> Extracted:
    """Return the text of a document, taken out of it within limits of time and memory."""
    with workers(1) as alone:
        try:
            return alone.submit(extract, document.data, document.format).result(SECONDS)
        except (BrokenExecutor, TimeoutError):
            mend = "save it in another format, print it to a PDF say, and import that"
            raise NotADocument(document.name, "takes too much time or memory", mend) from None


def _entry(desk: Desk, kept: Mapping[str, _Document], about: Mapping[str, object]) -> Import:
    files = {path: {"name": each.name, "digest": sha256(each.data)} for path, each in kept.items()}
    kind: dict[str, object] = {"kind": "import", "origin": "imported", "files": files}
    return Import.model_validate({**desk.common, **kind, **about})


def _read(files: Sequence[Path]) -> list[_Document]:
    """Return the documents in files; raises `AskedWrongly` and `NotADocument`."""
    documents: dict[str, _Document] = {}
    for path in files:
        data = read_plain(path.resolve())
        if data is None:
            raise AskedWrongly(f"{path} is no file that can be read; name the old document itself")
        format = format_of(path.name, data)
        if format in documents:
            raise AskedWrongly(
                f"{path} and {documents[format].name} are both {format}; a version has one file of "
                "each format: import the other one as a version of its own"
            )
        name = " ".join("".join(c if c.isprintable() else " " for c in path.name).split())
        documents[format] = _Document(name, format, data)
    return list(documents.values())


def _locale(desk: Desk, locale: str | None) -> str:
    """Return the locale that is meant: the brand's only one, if none is named."""
    spoken = tuple(desk.about.locales) if desk.about is not None else ()
    if locale is not None:
        if not known(locale):
            raise AskedWrongly(
                f"--locale takes a language such as nl, or nl-BE, not '{locale}'; there are "
                "labels and dates for de, el, en, fr, nl and pl"
            )
        return locale
    if len(spoken) != 1:
        listed = ", ".join(spoken) or "no locale"
        raise AskedWrongly(f"{desk.brand} has {listed}; name that of the document with --locale")
    return spoken[0]


def _refuse_day(desk: Desk, claimed: date | None) -> None:
    if claimed is None:
        return
    if claimed > desk.now.date():
        raise Refused(f"{claimed} has not come yet: an old document was in force before today")
    first = desk.timeline.first
    if first is not None and claimed >= first:
        raise Refused(
            f"{desk.brand} has released versions in force from {first} on, so it is known what was "
            f"in force on {claimed}; what was released is never changed"
        )


def _brand(desk: Desk) -> BrandName:
    about = desk.about
    return BrandName(desk.brand, about.name if about else desk.brand, about.domain if about else "")


def _extracted(policy: Policy, version: str, day: date) -> Mapping[str, bytes]:
    """Return the files of an extracted text; none where a document has no text."""
    if not policy.clauses:
        return {}
    dating = Dating("extracted", version=version, recorded=day)
    return {
        f"{policy.locale}/{EXTRACTED}": json(policy, dating),
        document_path(policy.locale, "extracted"): markdown(policy, dating),
    }


def _notes(extracted: Extracted, best: _Document) -> tuple[str, ...]:
    if extracted.clauses:
        return extracted.notes
    return (f"{best.name} has no text that could be extracted: it cannot be compared",)
