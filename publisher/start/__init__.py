"""New workspaces: of a company's own, from starter clauses, and an example with a past."""

from typing import TYPE_CHECKING

from publisher import promise

if TYPE_CHECKING:
    from publisher.start.example import init_example as init_example
    from publisher.start.starter import init as init

promise(__name__, init="starter", init_example="example")
