"""Git, asked safely: every name of a revision is resolved to an id first.

`runner` runs it, `reading` reads history and files, `witness` says what became of the archive, and
`writing` commits what a release has made; nothing else writes.
"""

from publisher.repository.reading import Repository

__all__ = ["Repository"]
