"""Runs the templates of clauses: Jinja's immutable sandbox, made smaller.

`grammar` checks every template before it runs.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, MappingProxyType
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, TemplateNotFound, nodes, pass_context
from jinja2.environment import Environment
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publisher.compose import placeholders
from publisher.compose.grammar import (
    FILTERS,
    Facts,
    Find,
    is_super,
    keep_lines,
    sentence,
)
from publisher.compose.references import Check
from publisher.compose.unconfirmed import Noted, NotedText, NotedWords, Tokens, Words
from publisher.errors import did_you_mean
from publisher.policy.characters import LARGEST
from publisher.policy.memory import remembered
from publisher.policy.tree import Question
from publisher.problem import Problem, error
from publisher.workspace.loader import is_partial

LONGEST = 20 * LARGEST
"""The most characters of a clause's output, including tokens."""
MOST_ROUNDS = 20_000
"""The most rounds of all loops of a clause."""
_ROUNDS = "_rounds"


class _Fault(TemplateError):
    """A template asks for something that is not allowed."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


class _LineMarks(Extension):
    """Marks the end of each line of a template's text with the place where it was written.

    A part or block that is inside the lines of other templates is marked at its beginning.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Yield the tokens of a template, with its lines marked in the text."""
        path = stream.name or ""
        inside = is_partial(path)
        for token in stream:
            if token.type == "data":
                marked = placeholders.mark_lines(token.value, path, token.lineno, inside=inside)
                yield Token(token.lineno, "data", marked)
            else:
                inside = inside or (token.type, token.value) == ("name", "extends")
                yield token


class _Undefined(StrictUndefined):
    """Reports an unknown fact, with a suggestion."""

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> Any:
        known = self._undefined_obj if isinstance(self._undefined_obj, Mapping) else ()
        name = str(self._undefined_name)
        fix = did_you_mean(name, known) or "define it in YAML, or fix the name"
        raise _Fault(f"unknown fact '{name}'", fix)

    __iter__ = __str__ = __len__ = __eq__ = __ne__ = __bool__ = __hash__ = (
        _fail_with_undefined_error
    )
    __contains__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = _fail_with_undefined_error


class Missing:
    """A fact without a value: false, and equal to none; quoting it fails.

    `key` is its key in the YAML file at `path`: ``authority.name``.
    """

    __slots__ = ("key", "path")

    def __init__(self, key: str, path: str) -> None:
        self.key = key
        self.path = path

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    def __hash__(self) -> int:
        return hash(None)

    def _fail(self, *_: Any) -> Any:
        message = f"a fact without a value is quoted here: {self.path} has no `{self.key}`"
        raise _Fault(message, "fill it in there, or test the fact with {% if … != none %}")

    __iter__ = __str__ = __len__ = __getitem__ = __contains__ = _fail
    __lt__ = __le__ = __gt__ = __ge__ = _fail


class _Environment(ImmutableSandboxedEnvironment):
    """Looks up names in mappings only: no value has attributes."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a value of plain data: attributes are items."""
        if isinstance(obj, LoopContext):
            return super().getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item of plain data, or an undefined value."""
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and 0 <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))


def _written(value: Any) -> str:
    """Return the text of a value in a template: our own text unchanged, facts as tokens."""
    match value:
        case Tokens():
            return value
        case Words():
            if isinstance(value, NotedWords):
                value.note()
            return Tokens(value.origin + value)
        case NotedText():
            value.note()
            return Tokens(placeholders.unconfirmed(value.plain(), value.question))
        case str():
            text, place = getattr(value, "shown", value), getattr(value, "place", None)
            return Tokens(placeholders.fact(text, place))
        case StrictUndefined() | Missing():
            return str(value)
        case int() if not isinstance(value, bool):
            return Tokens(placeholders.fact(str(value)))
        case None:
            raise _Fault("a fact without a value is quoted", "test it with {% if … %} first")
    kind = "list" if isinstance(value, list) else "group of facts"
    fix = "name one of its values, or use {% for %}"
    raise _Fault(f"a {kind} is quoted as if it were text", fix)


def _refuse_unknown(value: Any) -> None:
    if isinstance(value, StrictUndefined | Missing):
        str(value)


@pass_context
def _items(context: Context, value: Any) -> list[Any]:
    """Return the items of a loop, if they are a list and not too many."""
    _refuse_unknown(value)
    if not isinstance(value, list):
        raise _Fault("a loop goes through something that is not a list", "name a list of facts")
    items = list(value)
    rounds = context[_ROUNDS]
    rounds[0] += len(items)
    if rounds[0] > MOST_ROUNDS:
        raise _Fault(f"loops run more than {MOST_ROUNDS} times", "nest fewer of them")
    return items


def _join(value: Any, separator: str = "") -> Tokens:
    _refuse_unknown(value)
    if not isinstance(value, list):
        raise _Fault("only a list can be joined", "name a list of facts")
    return Tokens(_written(separator).join(_written(item) for item in value))


def _cased(change: Callable[[str], str]) -> Callable[[Any], str]:
    def changed(value: Any) -> str:
        _refuse_unknown(value)
        if not isinstance(value, str) or isinstance(value, Words | Tokens):
            raise _Fault("only the case of a fact can be changed", "quote published words whole")
        return change(getattr(value, "shown", value))

    return changed


def _environment(*extensions: type[Extension]) -> _Environment:
    env = _Environment(
        autoescape=False,
        extensions=extensions,
        finalize=_written,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=_Undefined,
    )
    env.globals.clear()
    env.tests = {"none": env.tests["none"]}
    own = {
        "join": _join,
        "lower": _cased(lambda text: text.lower()),
        "upper": _cased(lambda text: text.upper()),
    }
    env.filters = {name: env.filters[name] for name in FILTERS} | own
    env.filters |= {"_items": _items, "_own_text": Tokens}
    return env


_PLAIN = _environment()
_MARKING = _environment(_LineMarks)


@remembered(2048)
def _compiled(environment: _Environment, path: str, text: str) -> CodeType:
    """Return a template as code: loops go through `_items`, and `super()` is left unchanged."""
    tree = environment.parse(keep_lines(text), name=path, filename=path)
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "_items", [], [], None, None, lineno=loop.lineno)
    for output in tree.find_all(nodes.Output):
        output.nodes = [
            nodes.Filter(node, "_own_text", [], [], None, None, lineno=node.lineno)
            if is_super(node)
            else node
            for node in output.nodes
        ]
    return environment.compile(tree, name=path, filename=path)


class _Loader(BaseLoader):
    def __init__(self, find: Find) -> None:
        self.find = find

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:
        """Return the compiled template of a clause."""
        template = self.find(name)
        if template is None:
            raise TemplateNotFound(name)
        code = _compiled(_MARKING, *template)
        return environment.template_class.from_code(environment, code, globals or {})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The result of a template: its text, with tokens.

    `questions` are those of the facts that shaped it; `paths` are the templates it is made of.
    """

    text: str
    questions: tuple[Question, ...]
    paths: tuple[str, ...]


def render(
    name: str, noted: Noted, find: Find, known: Iterable[str] = ()
) -> tuple[Rendered | None, tuple[Problem, ...]]:
    """Return the template `name` filled in with the facts of `noted`, or None and its problems.

    `known` are the names of all templates, to suggest one for an unknown name.
    """
    path, body = find(name) or (name, "")
    if _is_plain(body):
        return Rendered(placeholders.mark_lines(body, path, 1), (), (path,)), ()
    check = Check(noted.shared, find, known)
    check.run(name)
    if check.problems:
        return None, tuple(check.problems)
    env = _MARKING.overlay(loader=_Loader(find))
    noted.take()
    facts = noted.facts(check.quoted)
    text, problem = _run(lambda: env.get_template(name), facts, check.path)
    if problem is not None:
        return None, (problem,)
    return Rendered(text, noted.take(), tuple(check.reached)), ()


def render_words(
    path: str, line: int, text: str, noted: Noted, more: Facts = MappingProxyType({})
) -> Words | Problem:
    """Return words that are at `path` and `line`: those of a registry entry, or a title.

    They quote the facts of `noted`, and `more`. They are one paragraph: a blank line in them is a
    problem.
    """
    if _is_plain(text):
        return _one_paragraph(path, line, text, ())
    body = "\n" * (line - 1) + text.strip()
    check = Check({**noted.shared, **more}, lambda name: (path, body) if name == path else None)
    check.run(path)
    if check.problems:
        return check.problems[0]
    noted.take()

    def template() -> Template:
        return _PLAIN.template_class.from_code(_PLAIN, _compiled(_PLAIN, path, body), {})

    facts = {**noted.facts(check.quoted), **{name: noted.of(value) for name, value in more.items()}}
    result, problem = _run(template, facts, path, line)
    if problem is not None:
        return problem
    return _one_paragraph(path, line, result, noted.take())


def _is_plain(text: str) -> bool:
    """Return whether a template is nothing but text."""
    return "{" not in text and "}" not in text


def _one_paragraph(
    path: str, line: int, result: str, questions: tuple[Question, ...]
) -> Words | Problem:
    lines = [text.strip() for text in placeholders.without_origins(result).strip().split("\n")]
    if "" in lines[1:]:
        fix = "write one, or put the rest into a clause"
        return error("words", path, line, "has more than one paragraph", fix)
    return Words(" ".join(lines), questions)


def _run(
    template: Callable[[], Template], facts: Facts, path: str, line: int = 1
) -> tuple[str, Problem | None]:
    chunks, size = [], 0
    try:
        for chunk in template().generate(**facts, **{_ROUNDS: [0]}):
            chunks.append(chunk)
            size += len(chunk)
            if size > LONGEST:
                raise _Fault("produces far too much text", "shorten its loops")
    except _Fault as fault:
        return "", error("fact", *_location(fault, path, line), str(fault), fault.fix)
    except TypeError as fault:  # whose own message is Python's
        message, where = "uses a value as its kind does not allow", _location(fault, path, line)
        return "", error("template", *where, message, "fix the expression")
    except (TemplateError, SecurityError, ValueError) as fault:
        where = _location(fault, path, line)
        return "", error("template", *where, sentence(str(fault)), "fix the expression")
    except (RecursionError, SyntaxError, MemoryError):
        return "", error(
            "template", path, line, "is nested too deeply", "write it in simpler steps"
        )
    return "".join(chunks), None


def _location(fault: BaseException, path: str, line: int) -> tuple[str, int]:
    """Return path and line of the template in which a fault arose, from Jinja's traceback."""
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if frame.filename == path or frame.filename.endswith(".md"):
            return frame.filename, frame.lineno or line
    return path, line
