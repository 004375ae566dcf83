"""Archives that the work tree does not have: commits deleted them, or other references have them.

Only git knows of them. Without it, a brand whose archive is gone looks like one without a release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from publisher.archive.ledger import ledger_folder
from publisher.errors import ArchiveGone
from publisher.repository.source import FOLDER

if TYPE_CHECKING:
    from publisher.repository.reading import Repository

_FIRST_ENTRY = re.compile(rf"{FOLDER}/([^/]+)/ledger/0001-[^/]+\.json")
_FEW = 20
"""So many folders are looked up in history by their names; more are all looked through."""


def among(
    repository: Repository, commit: str, brands: Collection[str], folder: Callable[[str], str]
) -> frozenset[str]:
    """Return those of some brands whose `folder` a commit has."""
    from publisher.repository.moment import source_at
    from publisher.repository.witness import folders

    named, source = {*folders(repository, commit, FOLDER)}, source_at(repository, commit)
    return frozenset(brand for brand in named & {*brands} if source.folder_id(folder(brand)))


def refuse_deleted(
    repository: Repository, commit: str, brands: Collection[str] | None = None
) -> None:
    """Raise `ArchiveGone` if commits up to `commit` deleted the ledger of one of some brands.

    The work tree has no ledger of these brands; without `brands`, it has none at all.
    """
    from publisher.repository.witness import deletions

    few = brands is not None and len(brands) <= _FEW
    places = [ledger_folder(brand) for brand in sorted(brands or ())] if few else [FOLDER]
    for by, whole, path in deletions(repository, commit, places, _FIRST_ENTRY):
        brand = path.split("/")[1]
        if brands is None or brand in brands:
            raise ArchiveGone(
                f"{ledger_folder(brand)} is missing, as commit {by[:10]} deleted it",
                f"run `git checkout {whole[:10]} -- {FOLDER}/{brand}` and commit that, then run "
                "`publisher verify`",
            )


def references(repository: Repository, commit: str, brands: Collection[str]) -> dict[str, str]:
    """Return the branch or tag that has a ledger, by brand, for those of some brands that have one.

    Only references that `commit` does not contain are asked: of others, `refuse_deleted` knows.
    """
    from publisher.repository.moment import source_at
    from publisher.repository.witness import folders, unmerged

    there: dict[str, str] = {}
    for name, other in unmerged(repository, commit, FOLDER) if brands else ():
        for brand in {*folders(repository, other, FOLDER)} & {*brands} - there.keys():
            if source_at(repository, other).folder_id(ledger_folder(brand)):
                there[brand] = name
    return there
