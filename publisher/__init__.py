"""Publish the privacy policies of every brand of a company, and prove what they said."""

import sys

__version__ = "0.1.0"


def promise(room: str, **modules: str) -> None:
    """Offer functions as attributes of the package `room`, each from the module named for it.

    A module is imported when its function is asked for: a command loads only what it needs. A
    function may have the name of its module, which Python would put in its place once imported.
    """
    from importlib import import_module  # not above: a ^C in its first moments would be a traceback
    from types import ModuleType

    def function(name: str, module: str) -> property:
        return property(lambda _: getattr(import_module(f"{room}.{module}"), name), lambda *_: None)

    functions = {name: function(name, module) for name, module in modules.items()}
    sys.modules[room].__class__ = type("Room", (ModuleType,), functions)
