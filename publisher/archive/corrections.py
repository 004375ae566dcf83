"""Which imported versions were corrected: from their entries alone.

An import says which version it `corrects`. If it has the document of an earlier one and does not
correct it, it `repeats` it: the text was in force a second time. Older entries have neither field.
If one of them has the document of an earlier one, it corrects that, unless the claimed day of
another document is between theirs: then a policy returned to its former text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from publisher.archive.entries import Import


def same_document(one: Import, other: Import) -> bool:
    """Return whether two imports have a document in common, byte for byte, in one locale."""
    return one.locale == other.locale and not one.digests.isdisjoint(other.digests)


def corrections(imports: Sequence[Import]) -> Mapping[str, Import]:
    """Return the newest import that corrects each version that was corrected.

    `imports` are all of a brand, in the order of the ledger.
    """
    newest = {entry.corrects: entry for entry in imports if entry.corrects is not None}
    for earlier, later in _undecided(imports):
        if between(earlier, later, imports) is None:
            newest[earlier.version] = later
    return newest


def doubtful(imports: Sequence[Import]) -> Iterator[tuple[Import, Import]]:
    """Yield two imports of one document if it is undecided whether one corrects the other.

    A later import of the document that has either field settles it.
    """
    corrected = corrections(imports)
    for earlier, later in _undecided(imports):
        if corrected.get(earlier.version, later) == later and not any(
            _is_decided(entry) and same_document(entry, later)
            for entry in imports
            if entry.sequence > later.sequence
        ):
            yield earlier, later


def between(earlier: Import, later: Import, imports: Sequence[Import]) -> Import | None:
    """Return a version with another document whose claimed day lies between two others."""
    if earlier.claimed_date is None or later.claimed_date is None:
        return None
    first, last = sorted((earlier.claimed_date, later.claimed_date))
    corrected = {entry.corrects for entry in imports}
    others = (
        entry
        for entry in imports
        if entry.claimed_date is not None
        and first < entry.claimed_date < last
        and entry.locale == later.locale
        and entry.version not in corrected
        and not same_document(entry, later)
    )
    return next(others, None)


def _undecided(imports: Sequence[Import]) -> Iterator[tuple[Import, Import]]:
    """Yield an import, and a later one of its document without either field."""
    for at, later in enumerate(imports):
        if not _is_decided(later):
            yield from (
                (earlier, later) for earlier in imports[:at] if same_document(earlier, later)
            )


def _is_decided(entry: Import) -> bool:
    return entry.corrects is not None or entry.repeats is not None
