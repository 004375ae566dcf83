"""Which imported versions were corrected: from their entries alone.

An import says which version it `corrects`, or, where it has the document of an earlier one and does
not correct it, that it `repeats` it: the text was in force a second time. Entries from before these
fields say neither. One of those that has the document of an earlier one corrects it, unless the
claimed day of another document lies between theirs: then a policy went back to its former text.
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
    found = {each.corrects: each for each in imports if each.corrects is not None}
    for earlier, later in _unsaid(imports):
        if between(earlier, later, imports) is None:
            found[earlier.version] = later
    return found


def doubtful(imports: Sequence[Import]) -> Iterator[tuple[Import, Import]]:
    """Yield two imports of one document of which nobody has said whether one corrects the other.

    A later import of the document that says what it is settles it.
    """
    corrected = corrections(imports)
    for earlier, later in _unsaid(imports):
        if corrected.get(earlier.version, later) == later and not any(
            _says(each) and same_document(each, later)
            for each in imports
            if each.sequence > later.sequence
        ):
            yield earlier, later


def between(earlier: Import, later: Import, imports: Sequence[Import]) -> Import | None:
    """Return a version with another document whose claimed day lies between those of two."""
    if earlier.claimed_date is None or later.claimed_date is None:
        return None
    first, last = sorted((earlier.claimed_date, later.claimed_date))
    corrected = {each.corrects for each in imports}
    others = (
        each
        for each in imports
        if each.claimed_date is not None
        and first < each.claimed_date < last
        and each.locale == later.locale
        and each.version not in corrected
        and not same_document(each, later)
    )
    return next(others, None)


def _unsaid(imports: Sequence[Import]) -> Iterator[tuple[Import, Import]]:
    """Yield an import, and a later one of its document that says nothing about it."""
    for at, later in enumerate(imports):
        if not _says(later):
            yield from ((each, later) for each in imports[:at] if same_document(each, later))


def _says(entry: Import) -> bool:
    return entry.corrects is not None or entry.repeats is not None
