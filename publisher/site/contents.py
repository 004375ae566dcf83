"""The archive of a brand → the content of its site: every file is read, and verified."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.archive.before_release import claimed
from publisher.archive.entries import Import, Redact, Release, Retire, Version
from publisher.archive.folder import (
    NAME,
    document_digests,
    read_document,
    read_recorded,
    version_folder,
)
from publisher.archive.in_force import InForce
from publisher.archive.issued import text_path
from publisher.archive.lineage import Lineage
from publisher.archive.moments import Period, day_in, retired_at
from publisher.archive.notified import notices_of
from publisher.errors import ArchiveDamaged
from publisher.policy.json import read_policy
from publisher.policy.tree import Policy
from publisher.render.own_texts import texts_in
from publisher.render.style import Style
from publisher.repository.source import Source
from publisher.site.values import BrandSite, Document, LocaleSite, LocaleVersion, Standing

_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_PAGE = "policy.html"
AS_TEXT = "policy.html.txt"
"""The name on the site of an imported page: a browser shows its source, and runs nothing of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a brand looks: its address, its domain and its style, from the working tree."""

    base_url: str | None
    domain: str | None
    style: Style


def read_site(lineage: Lineage, brand: str, moment: datetime, look: Look) -> BrandSite:
    """Return the content of a brand's site at a moment, from all of its archives.

    Raises `ArchiveDamaged` for the first file that is not as it was archived, `NeverReleased`.
    """
    chain = lineage.chain(brand, moment)
    zone = chain[0].timeline.zone(moment.date())
    versions = [version for known in chain for version in _versions(lineage.archive, known, moment)]
    locales = _by_locale(lineage, brand, versions)
    named = next((v.policy for v in versions if v.policy is not None), None)
    due = min(_changes(chain, moment), default=None)
    return BrandSite(
        brand=brand,
        name=named.brand.name if named is not None else brand,
        domain=look.domain or (named.brand.domain if named is not None else brand),
        base_url=look.base_url,
        style=look.style,
        zone=zone,
        on=day_in(moment, zone),
        locales=locales,
        heads={known.ledger.brand: known.ledger.head or "" for known in chain},
        next_build=day_in(due[0], zone) if due is not None else None,
        because=due[1] if due is not None else "",
        moment=moment,
    )


def _versions(archive: Source, known: InForce, moment: datetime) -> Iterator[LocaleVersion]:
    """Yield the versions of a ledger that were recorded by a moment, newest first."""
    ledger = known.ledger
    redactions = {(entry.version, entry.file): entry for entry in ledger.of(Redact)}
    others = [version for version in ledger.versions() if not isinstance(version, Release)]
    others.sort(key=lambda version: (str(claimed(version) or ""), version.sequence), reverse=True)
    for version in (*ledger.releases(), *others):
        if version.recorded_at > moment:
            continue
        files = _Files(archive, version, redactions)
        for locale in version.locales:
            period = known.period(version, locale)
            standing = _standing(version, period)
            notices = tuple(n for n in notices_of(ledger, version.version) if n.last <= moment)
            yield LocaleVersion(version, locale, period, standing, *files.of(locale), notices)


def _standing(version: Version, period: Period) -> Standing:
    match period.state:
        case "in force":
            return "current"
        case "asserted":
            return "imported"
        case "superseded" if period.empty and isinstance(version, Release):
            return "never"
        case state:
            return state


class _Files:
    """The files of a version, each read once and verified; a redacted one is described instead."""

    def __init__(
        self, archive: Source, version: Version, redactions: Mapping[tuple[str, str], Redact]
    ) -> None:
        self.archive = archive
        self.version = version
        self.redactions = redactions
        where = f"{version_folder(version.brand, version.version)}/{NAME}"
        digests = document_digests(archive, version)
        if digests is None:
            raise ArchiveDamaged(f"{where} is not in the one form that sha256sum writes")
        self.digests = digests
        self.sums = read_recorded(archive, where, version.sums)

    def of(self, locale: str) -> tuple[tuple[Document, ...], bytes, Policy | None, str | None]:
        """Return the documents of a locale, SHA256SUMS, the text, and the frozen ``<main>``."""
        documents, data = [], {}
        for path in (path for path in self.digests if path.startswith(f"{locale}/")):
            redaction = self.redactions.get((self.version.version, path))
            if redaction is None:
                data[path] = read_document(self.archive, self.version, path)
            size = len(data.get(path, b""))
            name = _site_name(self.version, path)
            documents.append(Document(name, path, self.digests[path], size, redaction))
        documents.sort(key=lambda document: (_order(document.name), document.name))
        page = data.get(f"{locale}/{_PAGE}", b"")
        main = _MAIN.search(page.decode("utf-8", "replace"))
        frozen = None if isinstance(self.version, Import) or main is None else main[0]
        return tuple(documents), self.sums, self._policy(data, locale), frozen

    def _policy(self, data: Mapping[str, bytes], locale: str) -> Policy | None:
        path = text_path(self.version, locale)
        if path not in data:
            return None
        try:
            policy = read_policy(data[path])
        except ValueError as fault:
            where = version_folder(self.version.brand, self.version.version)
            raise ArchiveDamaged(f"{where}/{path} is {fault}") from fault
        return replace(policy, own_texts=texts_in(self.archive, locale))


def _site_name(version: Version, path: str) -> str:
    name = path.partition("/")[2]
    return AS_TEXT if isinstance(version, Import) and name == _PAGE else name


def _order(name: str) -> int:
    endings = (".pdf", ".html", AS_TEXT, ".docx", ".md", ".txt", ".json")
    return next((at for at, ending in enumerate(endings) if name.endswith(ending)), len(endings))


def _by_locale(
    lineage: Lineage, brand: str, versions: list[LocaleVersion]
) -> tuple[LocaleSite, ...]:
    """Return versions by today's tags of their locales, the newest versions' locales first."""
    tags = tuple(dict.fromkeys(version.locale for version in versions))
    sites = []
    for today in dict.fromkeys(_today(lineage, brand, tag) for tag in tags):
        own = tuple(v for v in versions if _today(lineage, brand, v.locale) == today)
        former = tuple(dict.fromkeys(v.locale for v in own if v.locale != today))
        sites.append(LocaleSite(today, own, former, texts_in(lineage.archive, today)))
    return tuple(sites)


def _today(lineage: Lineage, brand: str, tag: str) -> str:
    return next(iter(lineage.retagged(brand, (tag,))))


def _changes(chain: tuple[InForce, ...], moment: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield what begins or ends after a moment, by the ledgers, and when."""
    for known in chain:
        for release in known.ledger.releases():
            if known.timeline.begin(release) > moment and not known.period(release).empty:
                yield known.timeline.begin(release), f"{release.version} comes into force"
        for entry in known.ledger.of(Retire):
            if retired_at(entry) > moment:
                what = f" in {entry.locale}" if entry.locale else ""
                yield retired_at(entry), f"{known.ledger.brand}{what} is retired"
