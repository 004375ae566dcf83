"""What a brand's site shows: versions by locale, their documents, and when they are in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from publisher.archive.entries import Import, Notified, Redact, Release, Version
from publisher.archive.moments import Period
from publisher.policy.tree import OwnTexts, Policy
from publisher.render.style import Style

CHANGES = "changes/"
"""The address, below a version, of the page on what it changed."""


def version_address(locale: str, version: str) -> str:
    """Return the address of a version in a brand's site: it never changes."""
    return f"{locale}/{version}/"


Standing = Literal[
    "current",
    "upcoming",
    "superseded",
    "never",
    "retired",
    "imported",
    "corrected",
    "reconstructed",
]
"""What a version is on the day of the site; `never` was replaced before it came into force."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a version: its name on the site, its path in the archive, and what it is.

    `redaction` is the entry that took it out of the archive.
    """

    name: str
    path: str
    sha256: str
    size: int
    redaction: Redact | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LocaleVersion:
    """A version in one locale, by the tag that it was archived under; equal to itself only.

    `main` is the ``<main>`` of its frozen page, None if the version no longer has such a page.
    `policy` is its text as a tree, None if it cannot be read. `notices` are those that told
    customers about it.
    """

    version: Version
    locale: str
    period: Period
    standing: Standing
    documents: tuple[Document, ...]
    sums: bytes = field(repr=False)
    policy: Policy | None = field(repr=False)
    main: str | None = field(repr=False)
    notices: tuple[Notified, ...] = ()

    @property
    def id(self) -> str:
        """The id of the version."""
        return self.version.version

    @property
    def folder(self) -> str:
        """The address of the version in a brand's site: it never changes."""
        return version_address(self.locale, self.id)

    @property
    def title(self) -> str:
        """The title of the policy; nothing if it cannot be read."""
        return self.policy.title if self.policy is not None else ""

    @property
    def last_updated(self) -> date | None:
        """The day on which its words last changed; None for an imported one."""
        return None if isinstance(self.version, Import) else self._changed

    @property
    def published(self) -> date:
        """The day on which it was released, or taken into the archive."""
        version = self.version
        return version.published if isinstance(version, Release) else version.recorded_at.date()

    @property
    def summary(self) -> str | None:
        """The summary of its release."""
        return self.version.summary if isinstance(self.version, Release) else None

    @property
    def change(self) -> str | None:
        """The kind of change of its release: first, material or editorial."""
        return self.version.change if isinstance(self.version, Release) else None

    @property
    def datable(self) -> bool:
        """Whether it has a place in time among the others."""
        return self.standing != "corrected" and self.period.begins is not None

    def document(self, name: str) -> Document | None:
        """Return the document with a name on the site, if it was not redacted."""
        named = (
            document
            for document in self.documents
            if document.name == name and not document.redaction
        )
        return next(named, None)

    @property
    def _changed(self) -> date:
        locales = self.version.locales
        return locales[self.locale].last_updated  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class LocaleSite:
    """All versions of a brand in one locale, by its tag of today, newest first.

    `former` are the tags that it had before; `own_texts` are the workspace's in the locale.
    """

    locale: str
    versions: tuple[LocaleVersion, ...]
    former: tuple[str, ...] = ()
    own_texts: OwnTexts | None = None

    @property
    def current(self) -> LocaleVersion | None:
        """The version in force."""
        return next((version for version in self.versions if version.standing == "current"), None)

    @property
    def upcoming(self) -> tuple[LocaleVersion, ...]:
        """The versions that will be in force, the next one first."""
        return tuple(
            version for version in reversed(self.versions) if version.standing == "upcoming"
        )

    @property
    def last(self) -> LocaleVersion | None:
        """The version that was in force last, where none is now."""
        ended = (v for v in self.versions if v.standing in ("superseded", "retired"))
        return next(ended, None)

    def before(self, version: LocaleVersion) -> LocaleVersion | None:
        """Return the version before another one; None for the oldest, or if it is unknown."""
        if not version.datable:
            return None
        older = self.versions[self.versions.index(version) + 1 :]
        return next((version for version in older if version.datable), None)


@dataclass(frozen=True, slots=True)
class BrandSite:
    """Everything that the site of a brand shows on a day.

    `base_url` is the address of its folder, None for a brand that is no longer in the workspace and
    whose address was not given. `heads` are the SHA-256 of the newest entries of its ledgers;
    `next_build` is the day from which its content is different, and `because` why.
    """

    brand: str
    name: str
    domain: str
    base_url: str | None
    style: Style
    zone: str
    on: date
    locales: tuple[LocaleSite, ...]
    heads: dict[str, str]
    next_build: date | None
    because: str
    moment: datetime

    def versions(self) -> Iterator[tuple[LocaleSite, LocaleVersion]]:
        """Yield all versions in all locales."""
        for locale in self.locales:
            yield from ((locale, version) for version in locale.versions)
