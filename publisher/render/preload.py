"""Imported by the process that others are forked from: loads WeasyPrint, and what it needs."""

from __future__ import annotations

import gc
import os
from contextlib import suppress

from publisher.errors import PublisherError

with suppress(PublisherError):  # whoever typesets is told
    from publisher.render.typeset import warm_up

    warm_up()
    gc.collect()
    gc.freeze()  # so that no process copies what all share, to look for garbage in it

# What a process says of a command that was interrupted is for nobody.
with open(os.devnull, "w") as nowhere:  # noqa: PTH123
    os.dup2(nowhere.fileno(), 2)
