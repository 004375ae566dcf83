"""The values that templates see: plain, but that they know when they are unconfirmed.

Whatever a template does with an unconfirmed fact, be it to write, compare, test or count it, its
question is noted, so that nothing unconfirmed can shape a policy unseen. To a comparison the fact
is the text that is proposed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from publisher.model.policy import Question


class Asked:
    """Notes the questions of the unconfirmed values that a template uses."""

    def __init__(self) -> None:
        self._questions: dict[Question, None] = {}

    def note(self, questions: Iterable[Question]) -> None:
        """Note questions."""
        self._questions.update(dict.fromkeys(questions))

    def take(self) -> tuple[Question, ...]:
        """Return the questions noted since the last time, in order."""
        taken = tuple(self._questions)
        self._questions = {}
        return taken


class Tokens(str):
    """Text of our own making, with tokens: to be written as it is."""

    __slots__ = ()


class Words(str):
    """Published words, with tokens: Markdown to be written as it is; `questions` are its own."""

    questions: tuple[Question, ...]
    asked: Asked

    def __new__(cls, text: str, questions: tuple[Question, ...], asked: Asked) -> Words:
        """Make the words that `text` is."""
        self = super().__new__(cls, text)
        self.questions = questions
        self.asked = asked
        return self


class _Unconfirmed:
    """What the unconfirmed values have in common."""

    question: Question
    asked: Asked

    def note(self) -> None:
        """Note that a template has used this value."""
        self.asked.note((self.question,))


def _noting(name: str, base: type) -> Callable[..., Any]:
    """Return the method `name` of `base`, noting the question first."""
    method = getattr(base, name)

    def noted(self: Any, *arguments: Any) -> Any:
        self.note()
        return method(self, *arguments)

    return noted


def _note_all(base: type) -> Callable[[type], type]:
    names = ("__bool__", "__contains__", "__eq__", "__ge__", "__getitem__", "__gt__", "__hash__",
             "__iter__", "__le__", "__len__", "__lt__", "__ne__", "get")  # fmt: skip

    def decorate(cls: type) -> type:
        for name in names:
            if name in vars(cls) or getattr(base, name, None) is None:
                continue
            setattr(cls, name, _noting(name, base))
        return cls

    return decorate


@_note_all(str)
class UnconfirmedText(str, _Unconfirmed):
    """An unconfirmed fact: the text proposed for it, or none."""

    def __new__(cls, text: str, question: Question, asked: Asked) -> UnconfirmedText:
        """Make the fact for which `text` is proposed."""
        self = super().__new__(cls, text)
        self.question = question
        self.asked = asked
        return self

    def upper(self) -> UnconfirmedText:  # noqa: D102 - as str has it
        return UnconfirmedText(self.plain().upper(), self.question, self.asked)

    def lower(self) -> UnconfirmedText:  # noqa: D102 - as str has it
        return UnconfirmedText(self.plain().lower(), self.question, self.asked)

    def plain(self) -> str:
        """Return the text proposed, without noting anything."""
        return str.__str__(self)


@_note_all(list)
class UnconfirmedList(list[Any], _Unconfirmed):
    """A list that nobody has confirmed."""

    def __init__(self, values: Iterable[Any], question: Question, asked: Asked) -> None:
        super().__init__(values)
        self.question = question
        self.asked = asked


@_note_all(dict)
class UnconfirmedEntries(dict[str, Any], _Unconfirmed):
    """Entries of a registry that nobody has confirmed to be in use."""

    def __init__(self, values: dict[str, Any], question: Question, asked: Asked) -> None:
        super().__init__(values)
        self.question = question
        self.asked = asked
