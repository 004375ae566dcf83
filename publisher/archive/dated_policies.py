"""The policies of a workspace at one moment: composed, and dated by git and by the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from publisher.archive.lineage import Lineage
from publisher.compose.brands import Composed, compose_all, load_brands
from publisher.files.cache import Cache
from publisher.history.dates import Dates
from publisher.repository.moment import Moment
from publisher.workspace.parsed import Workspace


class DatedPolicies:
    """Composes and dates the policies of brands at one moment.

    Without a `lineage`, nothing counts as released. `cache` remembers how old policies were.
    """

    def __init__(self, moment: Moment, lineage: Lineage | None, cache: Cache | None = None) -> None:
        self.source = moment.source
        self.lineage = lineage
        self.dates = Dates(moment, cache)

    def of(
        self, brands: Iterable[str], locales: Iterable[str] = ()
    ) -> tuple[Workspace, tuple[Composed, ...]]:
        """Return the workspace as far as `brands` need it, and their policies, with their dates.

        Raises `UnknownName`, `ArchiveDamaged`.
        """
        workspace = load_brands(self.source, brands)
        composed = compose_all(workspace, locales)
        pairs = [(c.policy, workspace.brands[c.brand].content) for c in composed if c.policy]
        released = self.lineage.latest(policy for policy, _ in pairs) if self.lineage else {}
        datings = iter(self.dates.of(pairs, released))
        return workspace, tuple(
            replace(each, dating=next(datings)) if each.policy is not None else each
            for each in composed
        )
