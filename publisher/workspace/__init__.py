"""Source → workspace: YAML files and clauses, read, validated, with path and line.

`load` is the way in; `yaml` and `validate` are its steps, file by file; `facts` has the models of
the files, `parsed` the values that were read. They take a while to load, so they are loaded when
needed: `names` is enough for commands on the archive alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from publisher.repository.source import Source
from publisher.workspace.names import FormerNames, brands_in, renamed

if TYPE_CHECKING:
    from publisher.workspace.loader import (
        accepted,
        identities_in,
        identity,
        load,
        mail,
        parsed_brand,
        read_texts,
        reload,
        stray_names,
    )

__all__ = [
    "accepted",
    "brands_in",
    "former_names",
    "identities_in",
    "identity",
    "load",
    "mail",
    "parsed_brand",
    "read_texts",
    "reload",
    "stray_names",
]


def __getattr__(name: str) -> Any:
    """Return a name from `loader`, which is loaded for it."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("publisher.workspace.loader"), name)


def former_names(source: Source, brand: str) -> FormerNames:
    """Return a brand's former names, even if the rest of its file is faulty."""
    if not renamed(source, brand):
        return FormerNames()
    from publisher.workspace.loader import stated_names

    return stated_names(source, brand) or FormerNames()
