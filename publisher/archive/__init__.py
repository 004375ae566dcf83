"""The archive of released versions, under ``versions/``: append-only, chained, checkable.

`ledger` and `timeline` are pure: the chain of entries, and what was in force when. `folder` reads
the archive on the disk, `store` appends to it. `trust` decides whom to believe, `verify` finds what
is wrong, `release` writes, and `evidence` is for outsiders.
"""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.archive.get import get as get
    from publisher.archive.verify.verify import verify as verify

promise(__name__, get="get", verify="verify.verify")
