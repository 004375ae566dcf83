"""Two policies → their redline, and either policy back from it."""

from publisher.redline.compare import redline
from publisher.redline.sides import accepted, rejected

__all__ = ["accepted", "redline", "rejected"]
