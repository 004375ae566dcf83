"""``publisher diff``: two policies compared, wherever each comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from publisher.compare.operands import Side, Sides
from publisher.errors import AskedWrongly, UnknownName
from publisher.redline import redline
from publisher.redline.values import Difference
from publisher.repository.moment import open_workspace


def diff(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brand: str,
    now: datetime,
    *,
    old: str | None = None,
    new: str | None = None,
    other: str | None = None,
    locales: Iterable[str] = (),
    unverified: bool = False,
) -> tuple[Difference, ...]:
    """Return the redlines of a brand's policies, one for each locale.

    `old` and `new` are a version's id, ``current`` (in force at the moment `now`), ``on:DATE`` (in
    force on that day), a git revision, or ``draft`` (the working tree). The defaults are
    ``current`` and ``draft``. With `other`, the policies of that brand are compared with those of
    `brand`, both in the working tree by default. With `unverified`, a version that was altered
    after its release is compared all the same, and its origin says so.

    Raises `UnknownName`, `UnknownRevision`, `NotInForce`, `NeverReleased`, `AskedWrongly`,
    `InvalidPolicy` where a policy has errors, `ArchiveDamaged`, `ShallowClone`.
    """
    first = old or ("current" if other is None else "draft")
    second = new or ("draft" if other is None else first)
    with open_workspace(root) as working:
        sides = Sides(working, now, unverified=unverified)
        before, after = sides.of(brand, first), sides.of(other or brand, second)
        _refuse_unknown(sides, {brand: before.locales}, {other or brand: after.locales})
        return tuple(
            Difference(
                redline(before.policy(locale), after.policy(locale)),
                (before.origin(locale), after.origin(locale)),
                locale,
            )
            for locale in _locales(before, after, locales)
        )


def _refuse_unknown(sides: Sides, *asked: dict[str, tuple[str, ...]]) -> None:
    """Raise `UnknownName` for a brand that neither side has, and that was never released."""
    for brand in {**asked[0], **asked[1]}:
        if not any(side.get(brand) for side in asked):
            raise UnknownName("brand", brand, sides.brands())


def _locales(before: Side, after: Side, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the locales to compare: those wanted, or all; raises `UnknownName`."""
    known = tuple(dict.fromkeys((*after.locales, *before.locales)))
    wanted = tuple(dict.fromkeys(wanted))
    for locale in wanted:
        if locale not in known:
            raise UnknownName("locale", locale, known)
    if wanted or before.brand == after.brand:
        return wanted or known
    both = tuple(locale for locale in after.locales if locale in before.locales)
    if not both:
        raise AskedWrongly(
            f"{before.brand} and {after.brand} have no language in common, so there is nothing "
            "to compare"
        )
    return both
