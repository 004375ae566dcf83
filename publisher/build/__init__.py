"""A workspace's policies → the documents that would be published, and their problems."""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.build.build import build as build

promise(__name__, build="build")
