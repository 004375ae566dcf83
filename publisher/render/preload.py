"""Imported by the process that others are forked from: loads WeasyPrint, and what it needs."""

from __future__ import annotations

import gc
import os
from contextlib import suppress

from publisher.errors import PublisherError

# Nobody needs the last words of a process whose command was interrupted, or that has no memory:
# the command says why it ends.
with open(os.devnull, "w") as nowhere:  # noqa: PTH123
    os.dup2(nowhere.fileno(), 2)

gc.disable()  # loaded modules are not garbage
with suppress(PublisherError):  # which typesetting raises again
    from publisher.render.typeset import warm_up

    warm_up()
    gc.freeze()  # so that no process copies shared memory to look for garbage in it
gc.enable()
