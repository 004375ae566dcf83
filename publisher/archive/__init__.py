"""The archive of released versions, under ``versions/``: append-only, chained, checkable.

`ledger` and `timeline` are pure: the chain of entries, and what was in force when. `folder` reads
the archive as it lies on the disk, `store` appends to it. `trust` says who is believed, `verify`
what is wrong, `release` writes, and `evidence` is for outsiders.
"""
