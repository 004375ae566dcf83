"""``publisher versions``: what was released, and when it is in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from publisher.archive.folder import ArchiveFolder
from publisher.archive.ledger import Ledger
from publisher.archive.past import claimed
from publisher.model.ledger import Release, Retire
from publisher.model.ledger import Version as VersionEntry
from publisher.model.moments import Text
from publisher.tasks.inforce import InForce
from publisher.tasks.lineage import Lineage


@dataclass(frozen=True, slots=True)
class BrandVersions:
    """The versions of a brand, of all origins, and the entries that retire it, newest first.

    With each of these is the version that brought the brand back after it, if one did. `notes` say
    what other entries have to do with a version, by the brand's name then and the version's id.
    """

    brand: str
    versions: tuple[Text, ...]
    retirements: tuple[tuple[Retire, str | None], ...]
    notes: Mapping[tuple[str, str], tuple[str, ...]]


def versions(root: Path, now: datetime, brands: Iterable[str] = ()) -> tuple[BrandVersions, ...]:
    """Return the versions of the brands in the archive of the workspace in `root`, or of `brands`.

    Raises `NeverReleased`, `ArchiveDamaged`.
    """
    lineage = Lineage(ArchiveFolder(root))
    wanted = tuple(brands) or lineage.archived
    return tuple(
        _versions(brand, lineage.chain(brand, now))
        for brand in dict.fromkeys(lineage.today(name) for name in wanted)
    )


def _newest_first(ledger: Ledger) -> list[VersionEntry]:
    """Return the released versions, then those from before them, by the days that they claim."""
    releases = [*ledger.releases()]
    others = [each for each in ledger.versions() if not isinstance(each, Release)]
    others.sort(key=lambda each: claimed(each) or date.min, reverse=True)
    return [*releases, *others]


def _versions(brand: str, chain: tuple[InForce, ...]) -> BrandVersions:
    return BrandVersions(
        brand,
        tuple(
            Text(each, known.period(each))
            for known in chain
            for each in _newest_first(known.ledger)
        ),
        tuple(
            (each, known.timeline.back(each)) for known in chain for each in known.ledger.of(Retire)
        ),
        {
            (entry.brand, entry.version): tuple(known.past.notes(entry))
            for known in chain
            for entry in known.ledger.versions()
        },
    )
