"""Git, asked safely: every name of a revision is resolved to an id first.

`git` runs it, `reading` reads history and files, `source` and `moment` are the files of a workspace
at one moment, `witness` finds alterations of the archive, and `writing` commits the files of a
release: only that module writes.
"""
