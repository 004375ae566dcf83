"""What documents say of how far they are from being published."""

from __future__ import annotations

from publisher.model.dating import Dating
from publisher.render.labels import labels, long_date

_STATES = {
    "ready": "not_released",
    "draft": "draft",
    "uncommitted": "not_committed",
    "undated": "undated",
}


def state(dating: Dating, locale: str) -> str:
    """Return what a document says of its state; nothing for one that is released."""
    own = labels(locale)
    if dating.status == "released":
        return ""
    if dating.recorded is not None:
        day, commit = long_date(dating.recorded, locale), (dating.commit or "")[:10]
        return own[dating.status].replace("{day}", day).replace("{commit}", commit)
    return own[_STATES[dating.status]]


def banner(dating: Dating, locale: str) -> str:
    """Return what every page of a document says that is not released; nothing for an archived one.

    Whoever is handed a single page must see it.
    """
    if dating.frozen:
        return ""
    return " · ".join(dict.fromkeys((state(dating, locale), labels(locale)["not_released"])))
