"""How policies differ from the latest version of their brand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from publisher.archive.timeline import Timeline
from publisher.errors import Redacted
from publisher.model.changes import changes
from publisher.model.ledger import ClauseChanges
from publisher.model.policy import Policy
from publisher.model.redline import Origin
from publisher.redline import redline
from publisher.tasks.archived import archived_policy
from publisher.tasks.diff import Difference
from publisher.tasks.lineage import Lineage


def since(
    lineage: Lineage, brand: str, policies: Mapping[str, Policy], where: Origin
) -> dict[str, Difference]:
    """Return how policies, by locale, differ from the brand's latest version, if that has them.

    `where` is where the policies come from. What was redacted cannot be compared: it is left out.
    Raises `ArchiveDamaged`.
    """
    before = next(lineage.releases(brand), None)
    if before is None:
        return {}
    start = Timeline(lineage.ledger(before.brand)).start(before)
    origins = Origin(before.version, "version", before.brand, before.version, start), where
    differences = {}
    for locale, policy in policies.items():
        tag = lineage.tag(before, locale)
        if tag is not None:
            with suppress(Redacted):
                old = archived_policy(lineage.archive, before, tag)
                differences[locale] = Difference(redline(old, policy), origins, locale)
    return differences


def recorded_changes(found: Difference) -> ClauseChanges:
    """Return what a ledger's entry tells of a redline."""
    said = changes(found.redline)
    return ClauseChanges(**{name: getattr(said, name) for name in ClauseChanges.model_fields})
