"""The paths of the files of a workspace, and the present and former names of its brands.

No model of a file is loaded for this: commands on the archive alone need none, and stay quick.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from publisher.errors import InvalidPolicy
from publisher.problem import Problem, error
from publisher.repository.source import Source, TreeSource, Unreadable
from publisher.workspace.scalars import RESERVED, Id, Locale

COMPANIES = "shared/companies"
"""The folder of the controllers that brands name."""
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class FormerNames(BaseModel):
    """The former names in a brand's file, even if the rest is faulty."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    was: tuple[Id, ...] = ()
    was_locales: dict[Locale, tuple[Locale, ...]] = Field(default_factory=dict)


def texts_file(locale: str) -> str:
    """Return the path of the company's own labels in a locale."""
    return f"shared/labels/{locale}.yaml"


def company_file(id: str | None) -> str:
    """Return the path of the file of a controller, by the id in the files of brands, if any."""
    return f"{COMPANIES}/{id}.yaml" if id is not None else "shared/company.yaml"


def brand_file(brand: str) -> str:
    """Return the path of a brand's file."""
    return f"brands/{brand}/brand.yaml"


def brands_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the ids of the brands whose folders contain some paths."""
    inside = (path.split("/", 2) for path in paths if path.startswith("brands/"))
    return frozenset(part[1] for part in inside if len(part) > 2)


@lru_cache(maxsize=16384)
def is_id(name: str) -> bool:
    """Return whether a file or folder has a name that an id can be."""
    return bool(NAME.fullmatch(name)) and name not in RESERVED


def brands_in(source: Source) -> tuple[str, ...]:
    """Return the ids of the brands in a source, sorted.

    Raises `InvalidPolicy` if ``brands`` is not an ordinary folder.
    """
    names, problems = listed(source, "brands")
    if problems:
        raise InvalidPolicy(problems, frozenset(["brands"]))
    return tuple(name[:-1] for name in names if name.endswith("/") and is_id(name[:-1]))


def brands_among(source: Source, names: Collection[str]) -> frozenset[str]:
    """Return those of some names that are brands in a source.

    In a commit of git, no others are looked at. Raises `InvalidPolicy` as `brands_in` does.
    """
    if isinstance(source, TreeSource):
        with suppress(Unreadable):
            return frozenset(n for n in names if is_id(n) and source.is_folder(f"brands/{n}"))
    return frozenset(names) & frozenset(brands_in(source))


def renamed(source: Source, brand: str) -> bool:
    """Return whether a brand's file may have former names; most have not, and need no parser."""
    data, _ = read(source, brand_file(brand))
    return data is not None and b"was" in data


def read(source: Source, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
    """Return the bytes of a file, None for a missing one; and why it cannot be read."""
    try:
        return source.read(path), ()
    except Unreadable as fault:
        return None, (error("not-a-file", path, None, fault.reason, fault.fix),)


def listed(source: Source, folder: str) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the names in a folder; and why it cannot be read."""
    try:
        return source.list(folder), ()
    except Unreadable as fault:
        return (), (error("not-a-file", folder, None, fault.reason, fault.fix),)
