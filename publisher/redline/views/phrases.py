"""Phrases about a redline: in English, for a terminal and for a pull request.

`summary` returns the events, ``row “Lima” removed; …``, and `origin_of` the source of a policy, in
the words of a locale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from publisher.policy.tree import Policy
from publisher.redline.events import Event, events
from publisher.redline.values import ClauseRedline, Counts, Origin, Redline
from publisher.render.languages import labels_of, long_date

EVENTS = 8
"""How many kinds of event a summary names; it counts the others."""
NAMES = 3
"""How many names a summary gives for one kind."""
_LONGEST = 60
"""The longest name that is not shortened, in characters."""


def compared(locale: str, origins: tuple[Origin, Origin]) -> tuple[str, str]:
    """Return in words which policies are compared, and the source of each."""
    old, new = origins
    if old.brand == new.brand:
        return f"{old.brand}/{locale}", f"{origin_text(old)} → {origin_text(new)}"
    sides = (f"{origin.brand} in {origin_text(origin)}" for origin in origins)
    return f"{old.brand} and {new.brand}/{locale}", " → ".join(sides)


def counts_text(counts: Counts) -> str:
    """Return in words how much differs: ``+3 −1 words, 12 moved; 1 link changed``."""
    words = f"+{counts.words_added} −{counts.words_removed} words"
    if counts.words_moved:
        words += f", {counts.words_moved} moved"
    marks = counts.punctuation_added + counts.punctuation_removed
    if counts.words_added or counts.words_removed:
        marks = 0  # it is counted with the words
    others = {
        "passage moved": counts.passages_moved,
        "mark of punctuation": marks,
        "link changed": counts.links_changed,
        "emphasis changed": counts.emphasis_changed,
        "passage confirmed or questioned": counts.confirmed_changed,
        "change of structure": counts.structure_changed,
        "paragraph split": counts.paragraphs_split,
        "paragraph joined": counts.paragraphs_joined,
        "list divided": counts.lists_divided,
        "list joined": counts.lists_joined,
        "clause divided": counts.clauses_divided,
        "clause joined": counts.clauses_joined,
    }
    return "; ".join([words, *(_many(number, what) for what, number in others.items() if number)])


def _many(number: int, what: str) -> str:
    noun, _, rest = what.partition(" ")
    plural = "emphases" if noun == "emphasis" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural} {rest}"


def clauses_counted(counts: Counts) -> str:
    """Return in words how many clauses differ, and how: ``clauses: 2 changed, 1 moved``."""
    numbers = {
        "changed": counts.clauses_changed,
        "added": counts.clauses_added,
        "removed": counts.clauses_removed,
        "moved": counts.clauses_moved,
        "renamed": counts.clauses_renamed,
    }
    numbered = ", ".join(f"{number} {what}" for what, number in numbers.items() if number)
    return f"clauses: {numbered}" if numbered else "no clause differs"


def became(clause: ClauseRedline) -> str:
    """Return in words how a clause differs."""
    part = clause.part
    if part.move is not None and part.move.end == "from":
        return "moved from here"
    if part.status == "to":
        words = ["moved here", *(["changed"] if clause.counts.clauses_changed else [])]
    elif part.status in ("same", "changed"):
        words = ["changed"] if clause.counts and not part.same else []
    else:
        words = [part.status]
    if part.continued:
        ways = {"old": "divided from the clause before it", "new": "joined to the clause before it"}
        words = [ways[side] for side in part.continued]
    if clause.renamed:
        words = [*words, f"renamed from {clause.old} to {clause.new}"]
    return ", ".join(words) or "as before"


def origin_text(origin: Origin) -> str:
    """Return in words the source of a policy."""
    match origin.kind:
        case "version":
            if origin.id.endswith("-imported"):
                return f"version {origin.id}, whose text was extracted from an imported document"
            if origin.id.endswith("-reconstructed"):
                return f"version {origin.id}, never released"
            day = f"in force from {origin.day}" if origin.day else "never in force"
            return f"version {origin.id}, {day}"
        case "commit":
            day = f" of {origin.day}" if origin.day else ""
            return f"commit {origin.id[:10]}{day}"
        case "staged":
            return "what is staged"
        case "draft":
            return "the working tree"
        case "file":
            return f"the file {origin.id}"


def absent(redline: Redline, origins: tuple[Origin, Origin]) -> str:
    """Return in words which policy is missing; empty if none is."""
    for policy, origin, done in zip(
        (redline.old, redline.new), origins, ("added", "removed"), strict=True
    ):
        if policy is None:
            there = (
                f"{origin.brand} has no policy in {redline.policy.locale} in {origin_text(origin)}"
            )
            return f"{there}: the other is shown whole, as {done}"
    return ""


def origin_of(origin: Origin, own: Mapping[str, str]) -> str:
    """Return the source of a policy, in labels: a version, a commit or the working copy."""
    match origin.kind:
        case "version":
            return f"{own['version']} {origin.id}"
        case "commit":
            return f"{own['commit']} {origin.id[:10]}"
        case "file":
            return origin.id
        case _:
            return own["working_copy"]


def dated_origin_of(origin: Origin, policy: Policy) -> str:
    """Return the source in the words of a policy, with the day in force or of the commit."""
    own = labels_of(policy)
    where = origin_of(origin, own)
    if origin.day is None:
        return where
    name = own["in_force" if origin.kind == "version" else "committed"]
    return f"{where} ({name} {long_date(origin.day, policy.locale)})"


def summary(redline: Redline, own: Mapping[str, str]) -> str:
    """Return the events as one line, in labels.

    It is empty without any, or if one of the policies is missing.
    """
    happened = events(redline)
    sentences = [_event_text(event, own) for event in happened[:EVENTS]]
    rest = sum(event.count for event in happened[EVENTS:])
    text = "; ".join([*sentences, *([_more(rest, own)] if rest else [])])
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def happenings(redline: Redline, own: Mapping[str, str]) -> tuple[str, ...]:
    """Return all events in labels, as sentences without a full stop: ``Clause “Cookies” added``."""
    texts = (_event_text(event, own) for event in events(redline))
    return tuple(f"{text[:1].upper()}{text[1:]}" for text in texts)


def _event_text(event: Event, own: Mapping[str, str]) -> str:
    one, _, many = own[f"did_{event.kind}"].partition(" | ")
    text = one if event.count == 1 else many
    return text.replace("{count}", str(event.count)).replace("{names}", _names(event, own))


def _names(event: Event, own: Mapping[str, str]) -> str:
    """Return the first names, and the number of the others."""
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
    """Yield the words of a name, as many as fit."""
    room = _LONGEST
    for at, word in enumerate(name.split()):
        room -= len(word) + 1
        if room < 0:
            yield f"{word[:_LONGEST]}…" if at == 0 else "…"
            return
        yield word
