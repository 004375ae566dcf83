"""``publisher import-version``: take in a document from before the toolkit, as it is.

An import corrects an earlier one, repeats its document, or does neither. A correction has to be
said. The same document without it has a period of its own: a policy may go back to its former text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher import __version__
from publisher.archive.before_release import Past
from publisher.archive.entries import Import, sha256
from publisher.archive.fields import next_version
from publisher.archive.folder import NAME, sums_bytes
from publisher.archive.issued import EXTRACTED, document_path
from publisher.archive.release.append import (
    AppendOptions,
    AppendResult,
    LedgerWriter,
    checked_text,
    writer,
)
from publisher.errors import AskedWrongly, NotADocument, Refused, UnknownName
from publisher.intake import Extracted, extract, format_of, policy_of
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import BrandName, Policy
from publisher.policy.words import words_digest
from publisher.render.languages import known
from publisher.render.markdown import markdown
from publisher.render.worker import SECONDS, workers
from publisher.repository.source import read_plain


@dataclass(frozen=True, slots=True)
class Claim:
    """What an import that is to be appended says; `digests` are the SHA-256 of its documents."""

    locale: str
    digests: frozenset[str]
    day: date | None
    provenance: str
    corrects: str | None


class Earlier:
    """The imports that a brand's archive has already."""

    def __init__(self, writer: LedgerWriter) -> None:
        self._ledger = writer.ledger
        self._past = Past(writer.ledger, writer.timeline)

    def locale(self, corrects: str | None, named: str | None) -> str | None:
        """Return the locale that was named, or else the one of the import that is to be corrected.

        Raises `UnknownName` and `Refused` for an import that cannot be corrected.
        """
        return self._to_correct(corrects, named).locale if corrects is not None else named

    def _to_correct(self, version: str, locale: str | None) -> Import:
        imports = [each.version for each in self._past.imports]
        entry = self._ledger.version(version)
        if entry is None:
            raise UnknownName("imported version", version, imports)
        if not isinstance(entry, Import):
            raise Refused(
                f"{version} was {entry.origin}, and --corrects takes a version that was imported "
                f"({', '.join(imports) or 'there is none'}); name one of those, or leave it out"
            )
        if locale not in (None, entry.locale):
            raise Refused(
                f"{version} is in {entry.locale}, and a document in {locale} cannot correct it; "
                f"name a version in {locale}, or give --locale {entry.locale}"
            )
        newest = self._past.corrections.get(version)
        if newest is not None:
            raise Refused(
                f"{version} was corrected already, by {newest.version}; to correct that one, give "
                f"--corrects {newest.version}"
            )
        return entry

    def repeated(self, claim: Claim) -> Import | None:
        """Return the newest import that has a document of a claim; None if none has.

        Raises `Refused` where another import says all that the claim says.
        """
        found = [
            each
            for each in reversed(self._past.imports)
            if each.locale == claim.locale
            and each.version not in self._past.corrected
            and not each.digests.isdisjoint(claim.digests)
        ]
        for entry in found:
            if (entry.claimed_date, entry.provenance) == (claim.day, claim.provenance):
                _refuse_same(entry, claim)
        return next(iter(found), None)


def _refuse_same(entry: Import, claim: Claim) -> None:
    """Raise `Refused` for a claim of the same day and source that adds nothing to an import."""
    if entry.version == claim.corrects and entry.digests == claim.digests:
        raise Refused(
            f"{entry.version} has the same document, day and source, so nothing would be "
            "corrected; give the right --claimed-date or --source, or a better document"
        )
    if claim.corrects is None and claim.digests <= entry.digests:
        raise Refused(
            f"the archive has this document already, as {entry.version}, of the same day and "
            f"source; `publisher get {entry.brand} --version {entry.version}` gets it"
        )


def notes(claim: Claim, repeated: Import | None) -> Iterator[str]:
    """Yield what is to be said of an import whose document is in the archive already."""
    if repeated is None or repeated.version == claim.corrects:
        return
    other = repeated.version
    days = {claim.day, repeated.claimed_date}
    stays = "both stay" if None in days or len(days) == 1 else "this is a second period of it"
    if claim.corrects is None:
        yield (
            f"the archive has this document already, as {other}: {stays}. If this import is to "
            f"correct {other}, import it again with --corrects {other}"
        )
    else:
        yield f"the archive has this document also as {other}, which stays as it is"


_BEST = ("markdown", "html", "docx", "text", "pdf")
"""The formats, by how well a text can be taken out of them."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported version, and `notes` on its document: where else it is, what it does not give."""

    appended: AppendResult
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
    asked: AppendOptions,
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
    with writer(root, brand, asked) as prepared:
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
            fix = "save it in another format, print it to a PDF say, and import that"
            raise NotADocument(document.name, "takes too much time or memory", fix) from None


def _entry(
    writer: LedgerWriter, kept: Mapping[str, _Document], about: Mapping[str, object]
) -> Import:
    files = {path: {"name": each.name, "digest": sha256(each.data)} for path, each in kept.items()}
    kind: dict[str, object] = {"kind": "import", "origin": "imported", "files": files}
    return Import.model_validate({**writer.common, **kind, **about})


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


def _locale(writer: LedgerWriter, locale: str | None) -> str:
    """Return the locale that is meant: the brand's only one, if none is named."""
    spoken = tuple(writer.about.locales) if writer.about is not None else ()
    if locale is not None:
        if not known(locale):
            raise AskedWrongly(
                f"--locale takes a language such as nl, or nl-BE, not '{locale}'; there are "
                "labels and dates for de, el, en, fr, nl and pl"
            )
        return locale
    if len(spoken) != 1:
        listed = ", ".join(spoken) or "no locale"
        raise AskedWrongly(f"{writer.brand} has {listed}; name that of the document with --locale")
    return spoken[0]


def _refuse_day(writer: LedgerWriter, claimed: date | None) -> None:
    if claimed is None:
        return
    if claimed > writer.now.date():
        raise Refused(f"{claimed} has not come yet: an old document was in force before today")
    first = writer.timeline.first
    if first is not None and claimed >= first:
        raise Refused(
            f"{writer.brand} has released versions in force from {first} on, so it is known what "
            f"was in force on {claimed}; what was released is never changed"
        )


def _brand(writer: LedgerWriter) -> BrandName:
    about = writer.about
    return BrandName(
        writer.brand, about.name if about else writer.brand, about.domain if about else ""
    )


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
