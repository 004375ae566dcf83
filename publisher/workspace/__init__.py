"""Source → workspace: YAML files and clauses, read, validated, with path and line.

`load` is the way in; `text`, `yaml`, `validate` and `clauses` are its steps, file by file.
"""

from publisher.workspace.load import accepted, brands_in, former_names, identity, load, parsed_brand

__all__ = ["accepted", "brands_in", "former_names", "identity", "load", "parsed_brand"]
