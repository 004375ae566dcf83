"""``versions.json`` of a brand's site: its content, for software and for the next build."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from publisher.errors import AskedWrongly
from publisher.site.values import BrandSite, LocaleSite, LocaleVersion

FORMAT = 1
NAME = "versions.json"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentListed(_Model):
    """A file of a version."""

    path: str = Field(description="Its address, from the brand's folder.")
    size: int
    sha256: str
    redacted: date | None = Field(description="The day on which it was taken out of the archive.")


class VersionListed(_Model):
    """A version in one locale."""

    version: str
    locale: str
    path: str = Field(description="Its address, from the brand's folder: it never changes.")
    state: str
    origin: str
    title: str
    change: str | None
    summary: str | None
    published: date
    last_updated: date | None
    in_force_from: date | None
    in_force_until: date | None
    changes: str = Field(description="The address of the comparison with the version before.")
    files: tuple[DocumentListed, ...]


class LocaleListed(_Model):
    """A locale, with all versions that it has, newest first."""

    locale: str
    path: str
    current: str | None = Field(description="The version in force.")
    versions: tuple[VersionListed, ...]


class SiteListed(_Model):
    """What the site of a brand has on a day."""

    format: Literal[1]
    brand: str
    name: str
    domain: str
    base_url: str | None
    on: date
    next_build: date | None = Field(description="The day on which the site must be built again.")
    heads: dict[str, str] = Field(description="The SHA-256 of the newest entry of each ledger.")
    locales: tuple[LocaleListed, ...]
    addresses: Annotated[
        tuple[str, ...], Field(description="All addresses, from the brand's folder.")
    ]


def versions_file(site: BrandSite, addresses: Iterable[str]) -> bytes:
    """Return the file."""
    listed = SiteListed(
        format=1,
        brand=site.brand,
        name=site.name,
        domain=site.domain,
        base_url=site.base_url,
        on=site.on,
        next_build=site.next_build,
        heads=site.heads,
        locales=tuple(_locale(locale) for locale in site.locales),
        addresses=tuple(sorted({*addresses, NAME})),
    )
    return (listed.model_dump_json(indent=1) + "\n").encode()


def read_versions_file(folder: Path) -> SiteListed | None:
    """Return the content of the site in a folder; None for an empty folder, or none.

    Raises `AskedWrongly` for a folder of anything else.
    """
    path = folder / NAME
    if path.is_file() and not path.is_symlink():
        try:
            return SiteListed.model_validate_json(path.read_bytes())
        except (ValidationError, OSError) as fault:
            raise AskedWrongly(
                f"{path} is not the list that `publisher site` wrote, so nobody can tell which "
                "addresses must stay. Put it back, or name another folder with --output. Nothing "
                "was written"
            ) from fault
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AskedWrongly(
            f"{folder} has files, but no {NAME} that `publisher site` wrote. Name another "
            "folder with --output. Nothing was written"
        )
    return None


def _locale(site: LocaleSite) -> LocaleListed:
    current = site.current
    return LocaleListed(
        locale=site.locale,
        path=f"{site.locale}/",
        current=current.id if current is not None else None,
        versions=tuple(_version(version) for version in site.versions),
    )


def _version(version: LocaleVersion) -> VersionListed:
    period = version.period
    files = tuple(
        DocumentListed(
            path=f"{version.folder}{document.name}",
            size=document.size,
            sha256=document.sha256,
            redacted=document.redaction.recorded_at.date()
            if document.redaction is not None
            else None,
        )
        for document in version.documents
    )
    return VersionListed(
        version=version.id,
        locale=version.locale,
        path=version.folder,
        state=version.standing,
        origin=version.version.origin,
        title=version.title,
        change=version.change,
        summary=version.summary,
        published=version.published,
        last_updated=version.last_updated,
        in_force_from=period.since,
        in_force_until=None if period.empty else period.until,
        changes=f"{version.folder}changes/",
        files=files,
    )
