"""What happened between two policies, in the words of a locale: ``row “Lima” removed; …``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from publisher.redline.events import Event, events
from publisher.redline.values import Redline
from publisher.render.languages import labels

EVENTS = 8
"""How many kinds of events are told; of the others, how many there are."""
NAMES = 3
"""How many names are told of one kind."""
_LONGEST = 60
"""The characters of a name that are told, at most."""


def summary(redline: Redline, locale: str) -> str:
    """Return what happened, as one line; empty where nothing did, or there is one policy only."""
    own = labels(locale)
    happened = events(redline)
    told = [_told(event, own) for event in happened[:EVENTS]]
    rest = sum(event.count for event in happened[EVENTS:])
    text = "; ".join([*told, *([_more(rest, own)] if rest else [])])
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _told(event: Event, own: Mapping[str, str]) -> str:
    one, _, many = own[f"did_{event.kind}"].partition(" | ")
    text = one if event.count == 1 else many
    return text.replace("{count}", str(event.count)).replace("{names}", _names(event, own))


def _names(event: Event, own: Mapping[str, str]) -> str:
    """Return the first names, and how many more there are."""
    names = [_quoted(name, own) for name in event.names[:NAMES]]
    if event.was:
        names = [
            f"{_quoted(was, own)} → {name}" for was, name in zip(event.was, names, strict=False)
        ]
    rest = event.count - len(names)
    return ", ".join(names) + (f" {_more(rest, own)}" if rest else "")


def _more(count: int, own: Mapping[str, str]) -> str:
    return own["and_more"].replace("{count}", str(count))


def _quoted(name: str, own: Mapping[str, str]) -> str:
    return own["quoted"].replace("{name}", " ".join(_shortened(name)))


def _shortened(name: str) -> Iterator[str]:
    """Yield the words of a name, as many as there is room for."""
    room = _LONGEST
    for at, word in enumerate(name.split()):
        room -= len(word) + 1
        if room < 0:
            yield f"{word[:_LONGEST]}…" if at == 0 else "…"
            return
        yield word
