"""Versions, documents of them, and where policies stand → JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from publisher.archive.entries import Change
from publisher.archive.moments import Period
from publisher.cli import get_output
from publisher.cli.json import Form, Moment, Names, derived, named, of, print_json
from publisher.redline.values import Counts

if TYPE_CHECKING:
    from publisher.archive.evidence.bundle import Bundle
    from publisher.archive.evidence.export import Export
    from publisher.archive.evidence.inventory import Gap
    from publisher.archive.get import BrandVersions, Got
    from publisher.archive.release.status import Standing
    from publisher.archive.verify.proofs import Proofs
    from publisher.archive.verify.verify import Verified
    from publisher.search.search import SearchResult


def _begins(period: Period) -> datetime | None:
    return period.begins and period.begins.astimezone(ZoneInfo(period.zone))


def _ends(period: Period) -> datetime | None:
    return period.ends and period.ends.astimezone(ZoneInfo(period.zone))


class VersionForm(Form):
    """A version, and when it is in force."""

    brand: str = of("version.brand")
    version: str = of("version.version")
    origin: str = of("version.origin")
    certainty: Annotated[str | None, derived(get_output.certainty)] = of("version")
    change: Change | None = of("version.change", default=None)
    published: date | None = of("version.published", default=None)
    in_force_from: date | None = of("period.since")
    in_force_until: date | None = of("period.until")
    in_force_from_time: Annotated[Moment | None, derived(_begins)] = of("period")
    in_force_until_time: Annotated[Moment | None, derived(_ends)] = of("period")
    state: str = of("period.state")
    locales: Names = of("version.locales")
    summary: str | None = of("version.summary", default=None)


class ListedForm(VersionForm):
    """A version in the list of all, with the other entries that are about it."""

    notes: tuple[str, ...] = ()


class TextForm(Form):
    """A version that was, or may have been, in force on the day asked about."""

    version: str = of("version.version")
    origin: str = of("version.origin")
    in_force_from_time: Annotated[Moment | None, derived(_begins)] = of("period")
    in_force_until_time: Annotated[Moment | None, derived(_ends)] = of("period")


class DocumentForm(VersionForm):
    """A document of a version, as it was issued; `unsettled` says what is not known of its end."""

    unsettled: str | None
    locale: str
    format: str
    sha256: str
    entry: str = of("version.name")
    entry_sha256: str = of("entry")
    rescheduled_by: str | None = of("moved.name", default=None)
    others: Annotated[Names, derived(lambda others: [other.version for other in others])]
    texts: tuple[TextForm, ...]
    file: Path | None = of("path")
    check: str = ""


class BundleForm(VersionForm):
    """The evidence of a version, as a zip."""

    locale: str
    sha256: str
    files: int
    redacted: tuple[str, ...] = of("missing")
    texts: tuple[TextForm, ...]
    entry: str = of("version.name")
    file: Path | None = of("path")
    check: str = ""


class ExportedForm(VersionForm):
    """A version in one language, in an export; its documents are in `folder`."""

    locale: str
    folder: str


class GapForm(Form):
    """A time in which the archive has no version in a language; null where it is open."""

    brand: str
    locale: str
    from_time: Moment
    until_time: Moment | None


def _gap(gap: Gap) -> dict[str, object]:
    begins, ends = (
        moment and moment.astimezone(ZoneInfo(gap.zone)) for moment in (gap.begins, gap.ends)
    )
    return {"brand": gap.brand, "locale": gap.locale, "from_time": begins, "until_time": ends}


class ExportForm(Form):
    """The versions of a period, with an index; `sha256` is of the zip, or of SHA256SUMS."""

    versions: tuple[ExportedForm, ...] = of("listed")
    gaps: Annotated[tuple[GapForm, ...], derived(lambda gaps: [*map(_gap, gaps)])]
    redacted: tuple[str, ...]
    files: int
    file: Path = of("path")
    sha256: str
    check: str = ""


class HitForm(VersionForm):
    """A clause with the text that was searched for; `clause` is null for the policy's title."""

    locale: str
    clause: str | None
    title: str
    sentences: tuple[str, ...]


class UnreadForm(Form):
    """A version without a text that can be searched."""

    brand: str
    version: str
    locale: str
    reason: str


class SearchForm(Form):
    """The places of a text: of the exact phrase or, without one, of all its words.

    `undated` are hits that may have been in force on the day asked about. `left_out` are brands
    that a sparse checkout does not have.
    """

    text: str
    match: Literal["phrase", "words"]
    hits: tuple[HitForm, ...]
    undated: tuple[HitForm, ...]
    unread: tuple[UnreadForm, ...]
    left_out: tuple[str, ...]


class FindingForm(Form):
    """Something in the archive that is not as it was released."""

    path: str
    version: str | None
    message: str


class SignedForm(Form):
    """Who signed an entry, and the earliest time at which a time-stamp proves that it existed."""

    entry: int
    name: str
    version: str | None
    recorded_at: Moment
    key: str | None
    principals: str | None
    allowed: bool | None
    proven_by: Moment | None


class StampForm(Form):
    """An authority's statement that an entry, and all before it, existed at a time."""

    entry: int
    proves: int
    time: Moment
    accuracy_seconds: Annotated[float, derived(timedelta.total_seconds)] = of("accuracy")
    authority: str
    checked: bool


class ProofsForm(Form):
    """What is proven about a brand's entries."""

    entries: tuple[SignedForm, ...]
    timestamps: tuple[StampForm, ...]


def _proven(proofs: Proofs) -> dict[str, object]:
    """Return what is proven about a brand, each entry with its earliest time-stamp."""
    stamps = [(signed, proofs.earliest(signed.entry)) for signed in proofs.signed]
    entries = [
        asdict(signed) | {"proven_by": stamp and stamp.time.astimezone(UTC)}
        for signed, stamp in stamps
    ]
    return {"entries": entries, "timestamps": proofs.stamps}


class VerifiedForm(Form):
    """The findings in the archive, notes, and proofs, by brand."""

    brands: tuple[str, ...]
    entries: int
    versions: int
    findings: tuple[FindingForm, ...]
    newer: tuple[str, ...]
    notes: tuple[str, ...]
    heads: dict[str, str]
    proofs: Annotated[
        dict[str, ProofsForm],
        derived(lambda proofs: {brand.brand: _proven(brand) for brand in proofs}),
    ]


class UpcomingForm(Form):
    """A version that will be in force."""

    version: str
    in_force_from: date


class SinceForm(Form):
    """How the committed words differ from the latest version."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    counts: Counts


class WebForm(Form):
    """What a page on the web last showed, as `publisher drift --record` kept it."""

    url: str
    captured: Moment
    shown: str
    version: str


class NoticeForm(Form):
    """The outcome of a notice in a channel."""

    entry: str = of("name")
    channel: str
    accepted: int
    refused: int
    bounced: int
    first: Moment
    last: Moment


class NoticesForm(Form):
    """The notices of a material version that is in force, or to come."""

    version: str
    in_force_from: date
    tell_until: date | None = of("until")
    given: tuple[NoticeForm, ...]
    superseded: tuple[NoticeForm, ...]


class StandingForm(Form):
    """Where one policy stands."""

    brand: str
    locale: str
    state: str
    in_force: str | None = of("force.version")
    retired: date | None = of("force.ends")
    upcoming: tuple[Annotated[UpcomingForm, named("version", "in_force_from")], ...] = of(
        "force.upcoming"
    )
    latest: str | None
    last_updated: date | None
    since: SinceForm | None
    open_questions: int = of("questions")
    remarks: int
    uncommitted: tuple[str, ...]
    problems: tuple[Annotated[str, derived(str)], ...]
    behind: str | None
    web: WebForm | None
    promises_notice: bool = of("promised")
    notices: tuple[NoticesForm, ...]


OUTPUTS: dict[str, Any] = {
    "bundle": BundleForm,
    "export": ExportForm,
    "get": DocumentForm,
    "search": SearchForm,
    "status": tuple[StandingForm, ...],
    "verify": VerifiedForm,
    "versions": tuple[ListedForm, ...],
}
"""The forms of what is printed, by command."""


def listed(brand: BrandVersions) -> Iterable[ListedForm]:
    """Yield the versions of a brand, newest first, as JSON has them."""
    for text in brand.versions:
        notes = tuple(brand.notes.get((text.version.brand, text.version.version), ()))
        yield ListedForm.model_validate(text).model_copy(update={"notes": notes})


def versions(brands: Iterable[BrandVersions]) -> None:
    """Print versions, newest first."""
    print_json(OUTPUTS["versions"], tuple(version for brand in brands for version in listed(brand)))


def get(got: Got) -> None:
    """Print the document that was found, and the command that checks it."""
    added: dict[str, str] = {"check": get_output.document_check(got)}
    added |= {"state": "unsettled"} if got.unsettled is not None else {}
    print_json(DocumentForm, DocumentForm.model_validate(got).model_copy(update=added))


def bundle(bundled: Bundle) -> None:
    """Print what was bundled, and how to check it."""
    added = {"check": get_output.bundle_check(bundled)}
    print_json(BundleForm, BundleForm.model_validate(bundled).model_copy(update=added))


def export(exported: Export) -> None:
    """Print what was exported, and how to check it."""
    added = {"check": get_output.export_check(exported)}
    print_json(ExportForm, ExportForm.model_validate(exported).model_copy(update=added))


def search(result: SearchResult) -> None:
    """Print the places of a text."""
    print_json(SearchForm, result)


def verify(verified: Verified) -> None:
    """Print findings and notes."""
    unwitnessed = (verified.unwitnessed,) if verified.unwitnessed else ()
    notes = (*unwitnessed, *verified.notes, *verified.answers)
    form = VerifiedForm.model_validate(verified).model_copy(update={"notes": notes})
    print_json(VerifiedForm, form)


def status(standings: Iterable[Standing]) -> None:
    """Print where every policy stands."""
    print_json(OUTPUTS["status"], tuple(standings))
