"""The values that templates see: plain text and lists, some of them unconfirmed.

Facts are laid out once and shared; nothing in them changes. Each run of a template sees them
through a `Noted` of its own: if the template writes, compares, tests or counts an unconfirmed fact,
the question is noted, so that nothing unconfirmed shapes a policy unseen. In a comparison, the fact
is the text proposed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from publisher.policy.tree import Question


@dataclass(frozen=True, slots=True)
class UnconfirmedFact:
    """A fact that nobody has confirmed, as it is shared: text, a list, or entries of a registry."""

    value: str | list[Any] | dict[str, Any]
    question: Question


def proposed(fact: Any) -> Any:
    """Return a shared fact as if it were confirmed."""
    return fact.value if isinstance(fact, UnconfirmedFact) else fact


class PlacedFact(str):
    """A confirmed fact, and the path and line where it was written."""

    place: tuple[str, int]
    __slots__ = ("place",)

    def __new__(cls, text: str, place: tuple[str, int]) -> Self:
        """Make a fact of `text`."""
        self = super().__new__(cls, text)
        self.place = place
        return self


class Tokens(str):
    """Our own text, with tokens: to be written unchanged."""

    __slots__ = ()


class Words(str):
    """Published words, with tokens: Markdown to be written unchanged; `questions` are its own.

    `origin` is the mark of the place where they were written.
    """

    questions: tuple[Question, ...]
    origin: str

    def __new__(cls, text: str, questions: tuple[Question, ...], origin: str = "") -> Self:
        """Make the words that `text` is."""
        self = super().__new__(cls, text)
        self.questions = questions
        self.origin = origin
        return self


class Noted:
    """Facts as one run sees them, and the questions of those that it has used.

    Never share one: each clause, and the words of the registries, have their own. `unsure` are the
    names of the facts that have something unconfirmed in them.
    """

    def __init__(self, shared: Mapping[str, Any], unsure: Collection[str]) -> None:
        self.shared = shared
        self.unsure = unsure
        self._seen: dict[int, Any] = {}
        self._questions: dict[Question, None] = {}

    def facts(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the facts with these names; their use is noted here."""
        return {name: self.fact(name) for name in names if name in self.shared}

    def fact(self, name: str) -> Any:
        """Return a fact; its use is noted here."""
        value = self.shared[name]
        return self.of(value) if name in self.unsure else value

    def note(self, questions: Iterable[Question]) -> None:
        """Note questions."""
        self._questions.update(dict.fromkeys(questions))

    def take(self) -> tuple[Question, ...]:
        """Return the questions noted since the last time, in order."""
        taken = tuple(self._questions)
        self._questions = {}
        return taken

    def of(self, value: Any) -> Any:
        """Return a shared value as this run sees it; the same value, always the same."""
        if type(value) is str:
            return value
        seen = self._seen.get(id(value))
        if seen is None:
            seen = self._seen[id(value)] = self._bound(value)
        return seen

    def _bound(self, value: Any) -> Any:
        match value:
            case UnconfirmedFact():
                kind = _KINDS[type(value.value)]
                return kind(self.of(value.value), (value.question,), self)
            case Words() if value.questions:
                return NotedWords(value, value.questions, value.origin, noted=self)
            case dict():
                return {key: self.of(item) for key, item in value.items()}
            case list():
                return [self.of(item) for item in value]
        return value


class _Noting:
    """An unconfirmed value as a run sees it: its `Noted` notes each use."""

    questions: tuple[Question, ...]
    noted: Noted

    def note(self) -> None:
        """Note that a template has used this value."""
        self.noted.note(self.questions)


def _noting(name: str, base: type) -> Callable[..., Any]:
    """Return the method `name` of `base`, noting the question first."""
    method = getattr(base, name)

    def noted(self: Any, *arguments: Any) -> Any:
        self.note()
        return method(self, *arguments)

    return noted


_USES = "bool contains eq ge getitem gt hash iter le len lt ne reversed"


def _note_all(base: type) -> Callable[[type], type]:
    """Return a decorator that makes a class note each use of what it inherits from `base`."""

    def decorate(cls: type) -> type:
        for name in ("get", *(f"__{use}__" for use in _USES.split())):
            if name not in vars(cls) and getattr(base, name, None) is not None:
                setattr(cls, name, _noting(name, base))
        return cls

    return decorate


@_note_all(str)
class NotedText(str, _Noting):
    """An unconfirmed fact: the text proposed for it, or none."""

    def __new__(cls, text: str, questions: tuple[Question, ...], noted: Noted) -> NotedText:
        """Make the fact for which `text` is proposed."""
        self = super().__new__(cls, text)
        self.questions = questions
        self.noted = noted
        return self

    @property
    def question(self) -> Question:
        """The question that would settle it."""
        return self.questions[0]

    def upper(self) -> NotedText:  # noqa: D102 - as str has it
        return NotedText(self.plain().upper(), self.questions, self.noted)

    def lower(self) -> NotedText:  # noqa: D102 - as str has it
        return NotedText(self.plain().lower(), self.questions, self.noted)

    def plain(self) -> str:
        """Return the text proposed, without noting anything."""
        return str.__str__(self)


@_note_all(str)
class NotedWords(Words, _Noting):
    """Published words that quote something unconfirmed."""

    def __new__(
        cls, text: str, questions: tuple[Question, ...], origin: str = "", *, noted: Noted
    ) -> Self:
        """Make the words that `text` is."""
        self = super().__new__(cls, text, questions, origin)
        self.noted = noted
        return self


class _NotedValues(_Noting):
    def __init__(self, values: Any, questions: tuple[Question, ...], noted: Noted) -> None:
        super().__init__(values)  # type: ignore[call-arg]
        self.questions = questions
        self.noted = noted


@_note_all(list)
class NotedList(_NotedValues, list[Any]):
    """A list that nobody has confirmed."""


@_note_all(dict)
class NotedEntries(_NotedValues, dict[str, Any]):
    """Entries of a registry that nobody has confirmed to be in use."""


_KINDS: dict[type, Callable[..., Any]] = {str: NotedText, list: NotedList, dict: NotedEntries}
