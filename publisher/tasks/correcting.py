"""What an import is to earlier ones: it corrects one, or repeats its document, or neither.

A correction has to be said. The same document without it has a period of its own: a policy may go
back to its former text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from publisher.archive.past import Past
from publisher.errors import Refused, UnknownName
from publisher.model.ledger import Import
from publisher.tasks.appending import Desk


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

    def __init__(self, desk: Desk) -> None:
        self._ledger = desk.ledger
        self._past = Past(desk.ledger, desk.timeline)

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
