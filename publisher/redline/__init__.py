"""Two policies → their redline, and either policy back from it."""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.redline.compare import redline as redline
    from publisher.redline.sides import accepted as accepted
    from publisher.redline.sides import rejected as rejected

promise(__name__, redline="compare", accepted="sides", rejected="sides")
