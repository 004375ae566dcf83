"""Safe access to git: every name of a revision is resolved to an id first.

`git` runs it, `headers` and `commits` parse what it prints, `objects` and `reading` read history,
`source` and `moment` are the files of a workspace at one moment, `witness` finds alterations of the
archive, and `writing` commits the files of a release: only that module writes.
"""
