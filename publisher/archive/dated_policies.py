"""The policies of a workspace at one moment: composed, and dated by git and by the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from publisher.archive.lineage import Lineage
from publisher.compose.brands import Composed, Policies, policies_at
from publisher.errors import InvalidPolicy
from publisher.files.cache import Cache
from publisher.history.dates import Dates
from publisher.policy.dating import Released
from publisher.repository.moment import Moment


class DatedPolicies:
    """Composes and dates the policies of brands at one moment.

    Without a `lineage`, nothing counts as released. `cache` remembers the dates of policies.
    """

    def __init__(self, moment: Moment, lineage: Lineage | None, cache: Cache | None = None) -> None:
        self.source = moment.source
        self.lineage = lineage
        self.dates = Dates(moment, cache)

    def of(
        self, brands: Iterable[str], locales: Iterable[str] = (), *, proposed: bool = False
    ) -> Policies:
        """Return the policies of `brands`, or of all, with their dates.

        Those that are only `proposed` are left out, unless they are asked for.
        Raises `UnknownName`, `ArchiveDamaged`.
        """
        policies = policies_at(self.source, brands, locales, proposed=proposed)
        files = policies.workspace.brands
        released: dict[tuple[str, str], Released] = {}
        composed = [self._with_version(one, released) for one in policies.composed]
        pairs = [(one.policy, files[one.brand].content) for one in composed if one.policy]
        datings = iter(self.dates.of(pairs, released))
        dated = (replace(one, dating=next(datings)) if one.policy else one for one in composed)
        return replace(policies, composed=tuple(dated))

    def _with_version(
        self, composed: Composed, released: dict[tuple[str, str], Released]
    ) -> Composed:
        """Return a policy, with its latest version in `released`, or the problems of its names."""
        try:
            if composed.policy is not None and self.lineage is not None:
                released |= self.lineage.latest([composed.policy])
        except InvalidPolicy as fault:  # nobody can tell which archives are the brand's
            return replace(composed, policy=None, problems=fault.problems)
        return composed
