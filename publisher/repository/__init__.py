"""Git, asked safely: every name of a revision is resolved to an id first.

`git` runs it, `reading` reads history and files, `source` and `moment` are the files of a workspace
at one moment, `witness` says what became of the archive, and `writing` commits what a release has
made; nothing else writes.
"""
