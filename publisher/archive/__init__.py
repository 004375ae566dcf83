"""The archive of released versions, under ``versions/``: append-only, chained, checkable.

`ledger` and `timeline` are pure: the chain of entries, and what was in force when. `folder` reads
the archive as it lies on the disk, `store` appends to it, `verify` looks for what is wrong.
"""
