"""``publisher import-version``: add a document from before the toolkit, as it is.

An import corrects an earlier one, repeats its document, or does neither. The user names the import
that it corrects. The same document without a correction has a period of its own: a policy may
return to its former text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

from publisher import __version__
from publisher.archive.before_release import Past
from publisher.archive.entries import Import, sha256
from publisher.archive.fields import is_line, next_version
from publisher.archive.issued import EXTRACTED, NOTES, document_path
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_line,
    checked_text,
    writer,
)
from publisher.errors import AskedWrongly, NotADocument, Refused, UnknownName
from publisher.intake import Extracted, extract, format_of, kept_as, policy_of
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import BrandName, Controller, OwnTexts, Policy
from publisher.policy.words import words_digest
from publisher.render.languages import known, languages
from publisher.render.markdown import markdown
from publisher.render.own_texts import texts_in
from publisher.render.worker import SECONDS, workers
from publisher.repository.source import ArchiveFolder, read_plain
from publisher.workspace import load

_BEST = ("markdown", "html", "docx", "text", "pdf")
"""The formats, by how well text can be extracted from them."""
_UNNAMED = (
    "the company behind the brand at that time is unknown, so its letter names only the brand; to "
    "name the company, import the document again with --corrects and --controller"
)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""How the id of a company is written; its name has a capital or a space."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported version; `notes` name other versions with its document, and missing text."""

    appended: AppendResult
    extracted_from: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be imported; `unread` says why its text cannot be read, if it cannot."""

    name: str
    format: str
    data: bytes
    unread: str = ""

    @property
    def rank(self) -> int:
        """How well its text can be extracted: lower is better."""
        return len(_BEST) if self.unread else _BEST.index(self.format)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a new import asserts; `digests` are the SHA-256 of its documents.

    `controller` is the name of the company behind the brand at that time, if it was given.
    """

    locale: str
    digests: frozenset[str]
    day: date | None
    provenance: str
    corrects: str | None
    controller: str | None


def import_version(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    files: Sequence[Path],
    claimed: date | None,
    provenance: str,
    asked: AppendOptions,
    *,
    locale: str | None = None,
    corrects: str | None = None,
    controller: str | None = None,
    former_locale: bool = False,
) -> Imported:
    """Add one old policy of a brand: a file, or several with the same text in other formats.

    Their bytes stay as they are; the text is extracted next to them, for search and comparison.
    `claimed` is the day from which the text is said to have been in force, None if unknown;
    `provenance` is its source. `corrects` is the id of an imported version that no longer counts;
    without it, a document that the archive already has gets a second period. `controller` is the
    company behind the brand at that time: its name, or its id in shared/companies. `former_locale`
    says that the brand had the locale at that time, and no longer has it. Raises
    `NotADocument`, `AskedWrongly`, and `Refused` for a day on which a released version was in
    force, an import that adds nothing, and a version that cannot be corrected.
    """
    provenance = checked_text("--source", provenance)
    documents = _read(files)
    digests = frozenset(sha256(document.data) for document in documents)
    with writer(root, brand, asked) as prepared:
        past = Past(prepared.ledger, prepared.timeline)
        company = _controller(prepared, controller)
        if corrects is not None:
            corrected = _to_correct(prepared, past, corrects, locale)
            locale, company = corrected.locale, company or corrected.controller
        locale = _locale(prepared, locale, former=former_locale)
        claim = _Claim(locale, digests, claimed, provenance, corrects, company)
        _refuse_day(prepared, claimed)
        repeated = _repeated(past, claim)
        best = min(documents, key=lambda document: document.rank)
        extracted = _with_notes(extract_apart(best), best, documents)
        appended = _append(prepared, claim, repeated, documents, best, extracted)
        companies = load(prepared.head.source, ()).companies
    unnamed = (_UNNAMED,) if companies and claim.controller is None else ()
    return Imported(appended, best.name, (*_notes(claim, repeated), *extracted.notes, *unnamed))


def _append(  # noqa: PLR0913 - they are the parts of an import
    prepared: LedgerWriter,
    claim: _Claim,
    repeated: Import | None,
    documents: Sequence[Document],
    best: Document,
    extracted: Extracted,
) -> AppendResult:
    """Append a claim with its documents, and with the text of the best one."""
    version = next_version(claim.day, frozenset(prepared.ledger.version_ids), "-imported")
    company = Controller(claim.controller, ()) if claim.controller is not None else None
    policy = policy_of(extracted, _brand(prepared), claim.locale, company)
    policy = replace(policy, own_texts=_own_texts(prepared, claim.locale))
    kept = {document_path(claim.locale, document.format): document for document in documents}
    content = {path: document.data for path, document in kept.items()}
    entry = prepared.version(
        Import,
        {**content, **_extracted_files(policy, version, prepared.now.date(), extracted.notes)},
        version=version,
        origin="imported",
        claimed_date=claim.day,
        provenance=claim.provenance,
        locale=claim.locale,
        files={
            path: {"name": document.name, "digest": sha256(document.data)}
            for path, document in kept.items()
        },
        words=words_digest(policy) if policy.clauses else None,
        tools={"publisher": __version__, "extracted from": best.name},
        controller=claim.controller,
        notes=extracted.notes,
        **_relations(claim, repeated),
    )
    return prepared.append(entry, _message(prepared.brand, version, claim))


def _relations(claim: _Claim, repeated: Import | None) -> dict[str, str | None]:
    """Return the fields of an entry that name other imports."""
    repeats = repeated.version if repeated is not None and claim.corrects is None else None
    return {"corrects": claim.corrects, "repeats": repeats}


def _message(brand: str, version: str, claim: _Claim) -> str:
    """Return the message of the commit."""
    since = f"in force from {claim.day}" if claim.day else "of an unknown date"
    message = f"Import {brand} {version}\n\nAsserted: {since}. Source: {claim.provenance}"
    return message + (f"\nCorrects {claim.corrects}" if claim.corrects is not None else "")


# --- earlier imports ---


def _to_correct(prepared: LedgerWriter, past: Past, version: str, locale: str | None) -> Import:
    """Return the import that a new one corrects; raises `UnknownName` and `Refused`."""
    imports = [entry.version for entry in past.imports]
    entry = prepared.ledger.version(version)
    if entry is None:
        raise UnknownName("imported version", version, imports)
    if not isinstance(entry, Import):
        raise Refused(
            f"{version} was {entry.origin}, and --corrects takes an imported version "
            f"({', '.join(imports) or 'there are no imports'}); name one, or leave --corrects out"
        )
    if locale not in (None, entry.locale):
        raise Refused(
            f"{version} is in {entry.locale}, and a document in {locale} cannot correct it; "
            f"name a version in {locale}, or give --locale {entry.locale}"
        )
    newest = past.corrections.get(version)
    if newest is not None:
        raise Refused(
            f"{version} was corrected already, by {newest.version}; to correct that one, give "
            f"--corrects {newest.version}"
        )
    return entry


def _repeated(past: Past, claim: _Claim) -> Import | None:
    """Return the newest import that has a document of a claim; None if none has.

    Raises `Refused` if another import asserts all that the claim asserts.
    """
    imports = [
        entry
        for entry in reversed(past.imports)
        if entry.locale == claim.locale
        and entry.version not in past.corrected
        and not entry.digests.isdisjoint(claim.digests)
    ]
    for entry in imports:
        if (entry.claimed_date, entry.provenance) == (claim.day, claim.provenance):
            _refuse_same(entry, claim)
    return next(iter(imports), None)


def _refuse_same(entry: Import, claim: _Claim) -> None:
    """Raise `Refused` for a claim of the same day and source that adds nothing to an import."""
    same = entry.digests == claim.digests and entry.controller == claim.controller
    if entry.version == claim.corrects and same:
        raise Refused(
            f"{entry.version} has the same document, day and source, so nothing would be "
            "corrected; give the right --claimed-date or --source, or a better document"
        )
    other = claim.controller not in (None, entry.controller)
    if claim.corrects is None and claim.digests <= entry.digests:
        raise Refused(
            f"the archive has this document already, as {entry.version}, of the same day and "
            f"source; `publisher get {entry.brand} --version {entry.version}` gets it"
            + (f"; to record its controller, add --corrects {entry.version}" if other else "")
        )


def _notes(claim: _Claim, repeated: Import | None) -> Iterator[str]:
    """Yield a note on an import whose document the archive already has."""
    if repeated is None or repeated.version == claim.corrects:
        return
    other = repeated.version
    if claim.corrects is not None:
        yield f"the archive has this document also as {other}, which is unchanged"
        return
    days = {claim.day, repeated.claimed_date}
    stays = "both stay" if None in days or len(days) == 1 else "this is a second period of it"
    yield (
        f"the archive has this document already, as {other}: {stays}. If this import is to "
        f"correct {other}, import it again with --corrects {other}"
    )


# --- the documents ---


def document_at(path: Path) -> Document:
    """Return the document in a file; raises `AskedWrongly` and `NotADocument`."""
    data = _bytes_at(path)
    return Document(_line(path.name), format_of(path.name, data), data)


def _bytes_at(path: Path) -> bytes:
    data = read_plain(Path(os.path.realpath(path)))  # resolve() raises for links in a circle
    if data is None:
        raise AskedWrongly(f"{path} is not a file that can be read; name the old document itself")
    return data


def _line(text: str) -> str:
    """Return a text on one line, with visible characters only."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _read(files: Sequence[Path]) -> list[Document]:
    """Return the documents in files; raises `AskedWrongly` and `NotADocument`."""
    documents: dict[str, Document] = {}
    for path in files:
        data = _bytes_at(path)
        format, unread = _format(path.name, data)
        if format in documents:
            raise AskedWrongly(
                f"{path} and {documents[format].name} are both {format}; a version has one file of "
                "each format: import the other one as a version of its own"
            )
        documents[format] = Document(_line(path.name), format, data, unread)
    return list(documents.values())


def _format(name: str, data: bytes) -> tuple[str, str]:
    """Return the format of a file, and why its text cannot be read; raises `NotADocument`."""
    try:
        return format_of(name, data), ""
    except NotADocument as fault:
        if not fault.genuine:
            raise
        return kept_as(name), fault.reason


def extract_apart(document: Document, *, as_sent: bool = False) -> Extracted:
    """Return the text of a document, extracted within limits of time and memory.

    `as_sent` rejects the tracked changes of a Word document. Raises `NotADocument`.
    """
    if document.unread:
        return Extracted("", (), ())
    with workers(1) as alone:
        try:
            text = partial(extract, document.data, document.format, as_sent=as_sent)
            return alone.submit(text).result(SECONDS)
        except (BrokenExecutor, TimeoutError):
            fix = "save it in another format, print it to a PDF say, and import that"
            raise NotADocument(document.name, "takes too much time or memory", fix) from None


def _with_notes(extracted: Extracted, best: Document, documents: Sequence[Document]) -> Extracted:
    """Return an extraction with notes on documents whose text cannot be read, each on a line."""
    notes = [
        f"{document.name} {document.unread}: it was kept unchanged, and cannot be compared"
        for document in documents
        if document.unread
    ]
    if not extracted.clauses and not best.unread:
        notes.append(f"{best.name} has no text that could be extracted: it cannot be compared")
    notes += extracted.notes if extracted.clauses else ()
    lines = (" ".join("".join(c if is_line(c) else " " for c in note).split()) for note in notes)
    return replace(extracted, notes=tuple(lines))


def _extracted_files(
    policy: Policy, version: str, day: date, notes: Sequence[str]
) -> Mapping[str, bytes]:
    """Return the files of an extracted text; none where a document has no text."""
    if not policy.clauses:
        return {}
    dating = Dating("extracted", version=version, recorded=day)
    noted = "".join(f"{note}\n" for note in notes).encode()
    return {
        **({f"{policy.locale}/{NOTES}": noted} if notes else {}),
        f"{policy.locale}/{EXTRACTED}": json(policy, dating),
        document_path(policy.locale, "extracted"): markdown(policy, dating),
    }


# --- the brand ---


def _locale(prepared: LedgerWriter, locale: str | None, *, former: bool) -> str:
    """Return the locale that the user named, or the brand's only one.

    It is one that the brand has, or had in its archive, unless it is said to be a `former` one.
    """
    if locale is not None:
        if not known(locale) and _own_texts(prepared, locale) is None:
            raise AskedWrongly(
                f"--locale takes a language such as nl, or nl-BE, not '{locale}'; there are "
                f"labels and dates for {', '.join(languages())}"
            )
        spoken = _spoken(prepared)
        if not former and locale not in spoken:
            raise AskedWrongly(
                f"{prepared.brand} has no locale '{locale}', but {', '.join(spoken) or 'none'}; "
                "name the document's with --locale. If the brand had this one then, and has it no "
                "longer, add --former-locale"
            )
        return locale
    spoken = prepared.about.locales if prepared.about is not None else ()
    if len(spoken) != 1:
        listed = ", ".join(spoken) or "no locale"
        raise AskedWrongly(f"{prepared.brand} has {listed}; name the document's with --locale")
    return spoken[0]


def _spoken(prepared: LedgerWriter) -> tuple[str, ...]:
    """Return the locales that a brand has, by whatever tag, and those of its versions."""
    about = prepared.about
    own = (*about.built, *chain(*about.was_locales.values())) if about is not None else ()
    archived = chain.from_iterable(version.locales for version in prepared.ledger.versions())
    return tuple(dict.fromkeys((*own, *archived)))


def _controller(prepared: LedgerWriter, text: str | None) -> str | None:
    """Return the name of a company by its name, or by its id in the newest commit."""
    name = checked_line("--controller", text)
    if name is None or not _ID.fullmatch(name):
        return name
    companies = load(prepared.head.source, ()).companies
    company = companies[name].value if name in companies else None
    if company is None:
        raise UnknownName("company", name, companies)
    return company.name


def _own_texts(prepared: LedgerWriter, locale: str) -> OwnTexts | None:
    return texts_in(ArchiveFolder(prepared.root), locale)


def _refuse_day(prepared: LedgerWriter, claimed: date | None) -> None:
    if claimed is None:
        return
    if claimed > prepared.now.date():
        raise Refused(f"{claimed} is in the future: an old document was in force before today")
    first = prepared.timeline.first
    if first is not None and claimed >= first:
        raise Refused(
            f"{prepared.brand} has released versions in force from {first} on, so the archive "
            f"already says what was in force on {claimed}. Released versions never change"
        )


def _brand(prepared: LedgerWriter) -> BrandName:
    about = prepared.about
    if about is None:
        return BrandName(prepared.brand, prepared.brand, "")
    return BrandName(prepared.brand, about.name, about.domain)
