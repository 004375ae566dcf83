"""Archives that the work tree does not have: commits deleted them, or other references have them.

Only git knows of them. Without it, a brand whose archive is gone looks like one without a release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from publisher.archive.ledger import ledger_folder
from publisher.errors import ArchiveMissing
from publisher.repository.source import FOLDER

if TYPE_CHECKING:
    from publisher.repository.reading import Repository

_FIRST_ENTRY = re.compile(rf"{FOLDER}/([^/\n]+)/ledger/0001-[^/\n]+\.json")


def among(
    repository: Repository, commit: str, brands: Collection[str], folder: Callable[[str], str]
) -> frozenset[str]:
    """Return those of some brands whose `folder` a commit has."""
    from publisher.repository.moment import source_at

    source = source_at(repository, commit)
    return frozenset(brand for brand in brands if source.folder_id(folder(brand)))


def deleted(
    repository: Repository, commit: str, brands: Collection[str] | None = None
) -> dict[str, ArchiveMissing]:
    """Return what to raise for ledgers that commits up to `commit` deleted, by brand.

    The work tree has none of these. It is asked for a few `brands`, or for all that ever were.
    """
    from publisher.repository.witness import deletions

    removed: dict[str, ArchiveMissing] = {}
    places = [FOLDER] if brands is None else [ledger_folder(brand) for brand in sorted(brands)]
    for by, whole, path in deletions(repository, commit, places, _FIRST_ENTRY):
        brand = path.split("/")[1]
        fault = ArchiveMissing(
            f"{ledger_folder(brand)} is missing, as commit {by[:10]} deleted it",
            f"run `git checkout {whole[:10]} -- {FOLDER}/{brand}` and commit that, then run "
            "`publisher verify`",
        )
        removed.setdefault(brand, fault)
    return removed


def references(repository: Repository, commit: str, brands: Collection[str]) -> dict[str, str]:
    """Return the branch or tag that has a ledger, by brand, for those of some brands that have one.

    Only references that `commit` does not contain are asked: of others, `deleted` knows.
    """
    from publisher.repository.moment import source_at
    from publisher.repository.witness import folders, unmerged

    there: dict[str, str] = {}
    for name, other in unmerged(repository, commit, FOLDER) if brands else ():
        for brand in {*folders(repository, other, FOLDER)} & {*brands} - there.keys():
            if source_at(repository, other).folder_id(ledger_folder(brand)):
                there[brand] = name
    return there
