"""Two policies compared, wherever each comes from; a change, and the policies that it reaches."""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.compare.diff import diff as diff

promise(__name__, diff="diff")
