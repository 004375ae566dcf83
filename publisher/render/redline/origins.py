"""Where the policies that a redline compares come from, in the words of a locale."""

from __future__ import annotations

from publisher.model.redline import Origin
from publisher.render.labels import labels, long_date


def origin_of(origin: Origin, locale: str) -> str:
    """Return where a policy comes from: a version, a commit or the working copy."""
    own = labels(locale)
    match origin.kind:
        case "version":
            return f"{own['version']} {origin.id}"
        case "commit":
            return f"{own['commit']} {origin.id[:10]}"
        case _:
            return own["working_copy"]


def dated_origin_of(origin: Origin, locale: str) -> str:
    """Return the same, with the day since when it is in force, or on which it was committed."""
    where = origin_of(origin, locale)
    if origin.day is None:
        return where
    name = labels(locale)["in_force" if origin.kind == "version" else "committed"]
    return f"{where} ({name} {long_date(origin.day, locale)})"
