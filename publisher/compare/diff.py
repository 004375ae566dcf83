"""``publisher diff``: two policies compared, wherever each comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from publisher.compare.operands import Policies, Sides
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
    """Return how what a brand says differs from what it said, in each locale.

    `old` and `new` are a version's id, ``current`` (in force at the moment `now`), ``on:DATE`` (in
    force on that day), a git revision, or ``draft`` (the working tree). Left out, they are
    ``current`` and ``draft``. With `other`, what that brand says is compared with what `brand`
    says, both in the working tree if nothing else is asked for. With `unverified`, a version that
    is not as it was released is compared all the same, and its origin says so.

    Raises `UnknownName`, `UnknownRevision`, `NotInForce`, `NeverReleased`, `AskedWrongly`,
    `InvalidPolicy` where a policy has errors, `ArchiveDamaged`, `ShallowClone`.
    """
    first = old or ("current" if other is None else "draft")
    second = new or ("draft" if other is None else first)
    with open_workspace(root) as working:
        sides = Sides(working, now, unverified=unverified)
        before, after = sides.of(brand, first), sides.of(other or brand, second)
        _refuse_nobody(sides, (brand, before), (other or brand, after))
        return tuple(
            _difference(before, after, locale) for locale in _locales(before, after, locales)
        )


def _difference(before: Policies, after: Policies, locale: str) -> Difference:
    old, new = before.policy(locale), after.policy(locale)
    origins = before.origin(locale), after.origin(locale)
    return Difference(redline(old, new), origins, locale)


def _refuse_nobody(sides: Sides, *asked: tuple[str, Policies]) -> None:
    """Raise `UnknownName` for a brand that is on neither side, and was never released."""
    for brand, side in asked:
        others = [policies for name, policies in asked if name == brand]
        if not side.locales and not any(each.locales for each in others):
            raise UnknownName("brand", brand, sides.brands())


def _locales(before: Policies, after: Policies, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return the locales to compare: those wanted, or all; raises `UnknownName`."""
    there = tuple(dict.fromkeys((*after.locales, *before.locales)))
    wanted = tuple(dict.fromkeys(wanted))
    for locale in wanted:
        if locale not in there:
            raise UnknownName("locale", locale, there)
    if not wanted and before.brand != after.brand:
        both = tuple(
            locale for locale in there if locale in before.locales and locale in after.locales
        )
        if not both:
            raise AskedWrongly(
                f"{before.brand} and {after.brand} have no language in common, so there is nothing "
                "to compare"
            )
        return both
    return wanted or there
