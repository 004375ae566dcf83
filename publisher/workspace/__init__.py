"""Source → workspace: YAML files and clauses, read, validated, with path and line.

`load` is the way in; `yaml` and `validate` are its steps, file by file; `facts` has the models of
the files, `parsed` the values that were read.
"""

from publisher.workspace.load import (
    accepted,
    brands_in,
    former_names,
    identity,
    load,
    mail,
    parsed_brand,
    read_texts,
)

__all__ = [
    "accepted",
    "brands_in",
    "former_names",
    "identity",
    "load",
    "mail",
    "parsed_brand",
    "read_texts",
]
