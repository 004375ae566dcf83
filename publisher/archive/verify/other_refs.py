"""Compares the archive with the other branches and tags of the clone, and with its former places.

A rewritten history begins elsewhere, and its own commits agree with it. Other references, and files
deleted at a former place, show that something is different.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from publisher.archive.folder import archived_brands
from publisher.archive.ledger import ledger_folder
from publisher.archive.verify.findings import Finding
from publisher.archive.verify.witnesses import Digests, ledger_digests
from publisher.repository.moment import source_at
from publisher.repository.reading import Repository
from publisher.repository.source import FOLDER
from publisher.repository.witness import Past, unmerged

FIRST_ENTRY = re.compile(rf"(?:.*/)?{FOLDER}/([^/]+)/ledger/0001-[^/]+\.json")


def differing_refs(repository: Repository, commit: str, ledgers: Digests) -> Iterator[Finding]:
    """Yield the entries that differ in references that `commit` does not contain.

    A reference that is only behind or ahead gives no finding, unless the two histories have no
    common commit: then an entry that is missing here is a finding, too.
    """
    for name, other in unmerged(repository, commit, FOLDER):
        source = source_at(repository, other)
        apart = repository.fork(commit, other) is None
        for brand in set(archived_brands(source)) & set(ledgers):
            witness = ledger_digests(source, brand)
            number = _first_difference(ledgers[brand], witness, whole=apart)
            if number is not None:
                where = f"{ledger_folder(brand)}/{witness[number][0]}"
                yield Finding(
                    where,
                    f"is not as in {name}: one of the two was rewritten, or two clones went on "
                    f"with the ledger; see `publisher verify --against {name}`",
                )


def _first_difference(
    here: Mapping[int, tuple[str, ...]], there: Mapping[int, tuple[str, str]], *, whole: bool
) -> int | None:
    """Return the first entry that is different here; with `whole`, or that is missing here."""
    for number, (_, digest) in sorted(there.items()):
        if digest not in here.get(number, () if whole else (digest,)):
            return number
    return None


def moved_and_changed(repository: Repository, past: Past, ledgers: Digests) -> Iterator[Finding]:
    """Yield the ledgers of these brands that were deleted elsewhere, and begin differently here.

    `past` has the deletions of `FIRST_ENTRY`.
    """
    for by, path, digest in past.deletions:
        named = FIRST_ENTRY.fullmatch(path)
        brand = named[1] if named is not None else ""
        own = ledgers.get(brand)
        if (
            own is not None
            and digest not in own.get(1, ())
            and path != repository.path(f"{ledger_folder(brand)}/{path.rpartition('/')[2]}")
        ):
            yield Finding(
                ledger_folder(brand),
                f"does not begin as {path} did, which commit {by[:10]} deleted: an archive that "
                "moves keeps its entries",
            )
