"""``publisher diff``: two policies compared, wherever each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from publisher.compare.operands import Side, Sides, is_file
from publisher.errors import AskedWrongly, UnknownName
from publisher.redline import redline
from publisher.redline.values import Difference
from publisher.repository.moment import open_workspace, unknown_brand


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
    as_sent: bool = False,
) -> tuple[Difference, ...]:
    """Return the redlines of a brand's policies, one for each locale.

    `old` and `new` are a version's id, ``current`` (in force at the moment `now`), ``on:DATE`` (in
    force on that day), a git revision, ``draft`` (the working tree), or a file: Word, PDF, HTML,
    Markdown or text. The defaults are ``current`` and ``draft``. Word files are read with their
    tracked changes accepted, or `as_sent`: with them rejected. With `other`, the policies of that
    brand are compared with those of `brand`, both in the working tree by default. With
    `unverified`, a version that was altered after its release is compared all the same, and its
    origin says so.

    Raises `UnknownName`, `UnknownRevision`, `NotInForce`, `NeverReleased`, `AskedWrongly`,
    `InvalidPolicy` where a policy has errors, `ArchiveDamaged`, `ShallowClone`, `NotADocument` for
    a file whose text cannot be read.
    """
    locales = tuple(locales)
    first = old or ("current" if other is None else "draft")
    second = new or ("draft" if other is None else first)
    with open_workspace(root) as working:
        sides = Sides(working, now, unverified=unverified, as_sent=as_sent)
        before, after = _both(sides, (brand, first), (other or brand, second), locales)
        _refuse_unknown(sides, {brand: before.locales}, {other or brand: after.locales})
        return tuple(
            Difference(
                redline(before.policy(locale), after.policy(locale)),
                (before.origin(locale), after.origin(locale)),
                locale,
            )
            for locale in _locales(before, after, locales)
        )


def _both(
    sides: Sides, old: tuple[str, str], new: tuple[str, str], locales: Sequence[str]
) -> tuple[Side, Side]:
    """Return both sides; a file has the brand, and the only locale, of the other one."""
    files = is_file(old[1]), is_file(new[1])
    if sides.as_sent and not any(asked.lower().endswith(".docx") for _, asked in (old, new)):
        raise AskedWrongly(
            "--as-sent rejects the tracked changes of a Word file, and neither side is one. "
            "Name one, or leave --as-sent out"
        )
    before = None if files[0] else sides.of(*old)
    after = None if files[1] else sides.of(*new)
    before = before or sides.in_file(*old, after, locales)
    return before, after or sides.in_file(*new, before, locales)


def _refuse_unknown(sides: Sides, *asked: dict[str, tuple[str, ...]]) -> None:
    """Raise `UnknownName`, or `NotCheckedOut`, for a brand that is missing on both sides."""
    for brand in {**asked[0], **asked[1]}:
        if not any(side.get(brand) for side in asked):
            raise unknown_brand(sides.working.source, brand, sides.brands())


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
