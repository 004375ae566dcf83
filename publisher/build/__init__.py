"""A workspace's policies → the files that would be published, and what is wrong."""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.build.build import build as build

promise(__name__, build="build")
