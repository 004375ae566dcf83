"""Runs the templates of clauses: Jinja's immutable sandbox, made smaller.

What a template may say is `grammar`'s to know; nothing runs before it has been found well.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import (
    BaseLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
)
from jinja2.environment import Environment
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from publisher.compose import tokens
from publisher.compose.grammar import FILTERS, Check, Facts, Find, sentence
from publisher.compose.lines import keep_lines
from publisher.errors import did_you_mean
from publisher.model.problem import Problem, error

LONGEST = 1_000_000
"""Characters that a clause may come to, at most."""


class _LineMarks(Extension):
    """Marks the end of each line of a template's text with where it was written."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data" and "\n" in token.value:
                lines = token.value.split("\n")
                marked = [
                    line + tokens.end_of_line(stream.name or "", token.lineno + index)
                    for index, line in enumerate(lines[:-1])
                ]
                yield Token(token.lineno, "data", "\n".join([*marked, lines[-1]]))
            else:
                yield token


class _Undefined(StrictUndefined):
    """Says which fact is unknown, and which one may be meant."""

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> Any:
        known = self._undefined_obj if isinstance(self._undefined_obj, Mapping) else ()
        raise _Unknown(str(self._undefined_name), did_you_mean(str(self._undefined_name), known))

    __iter__ = __str__ = __len__ = __eq__ = __ne__ = __bool__ = __hash__ = (
        _fail_with_undefined_error
    )
    __contains__ = __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = _fail_with_undefined_error


class _Unknown(TemplateError):
    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"unknown fact '{name}'")
        self.mend = hint or "define it in YAML, or mend the name"


class _NotText(TemplateError):
    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


def _finalize(value: Any) -> Any:
    """Return what a template writes for a value: our own text as it is, facts as tokens."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, StrictUndefined):
        str(value)
    if value is None:
        raise _NotText(
            "a fact without a value is quoted here", "give it one, or test it with {% if %}"
        )
    if isinstance(value, str):
        return Markup(tokens.fact(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return Markup(tokens.fact(str(value)))
    kind = "list" if isinstance(value, list | tuple) else "group of facts"
    raise _NotText(
        f"a {kind} is quoted as if it were text", "name one of its values, or use {% for %}"
    )


def _environment(*extensions: type[Extension]) -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(
        autoescape=True,
        extensions=extensions,
        finalize=_finalize,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=_Undefined,
    )
    env.globals.clear()
    env.tests = {name: env.tests[name] for name in ("none",)}
    env.filters = {name: env.filters[name] for name in FILTERS}
    return env


_PLAIN = _environment()
_MARKING = _environment(_LineMarks)


@lru_cache(maxsize=16384)
def _compiled(path: str, text: str) -> CodeType:
    return _MARKING.compile(keep_lines(text), name=path, filename=path)


class _Loader(BaseLoader):
    def __init__(self, find: Find) -> None:
        self.find = find

    def load(self, environment: Environment, name: str, globals: Any = None) -> Template:
        found = self.find(name)
        if found is None:
            raise TemplateNotFound(name)
        code = _compiled(*found)
        return environment.template_class.from_code(environment, code, globals or {})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template came to: its text with tokens, and the facts that it names.

    Each fact is a chain of names, ``("brand", "processors")``; `steering` are those that decide
    what is shown: conditions and loops.
    """

    text: str
    named: frozenset[tuple[str, ...]]
    steering: frozenset[tuple[str, ...]]


def render(
    name: str, facts: Facts, find: Find, known: Iterable[str] = ()
) -> tuple[Rendered | None, tuple[Problem, ...]]:
    """Return what the template `name` says with `facts`, or every reason why it says nothing.

    `known` are the names of all templates, to suggest one for a name that `find` does not find.
    """
    check = Check(facts, find, known)
    check.template(name, ())
    if check.problems:
        return None, tuple(check.problems)
    env = _MARKING.overlay(loader=_Loader(find))
    text, problem = _run(lambda: env.get_template(name), facts, check.path)
    if problem is not None:
        return None, (problem,)
    return Rendered(text, frozenset(check.named), frozenset(check.steering)), ()


def render_words(path: str, line: int, text: str, facts: Facts) -> Markup | Problem:
    """Return the published words of a registry entry, which stands at `path` and `line`."""
    body = "\n" * (line - 1) + text.strip()
    check = Check(facts, lambda name: (path, body) if name == path else None)
    check.template(path, ())
    if check.problems:
        return check.problems[0]
    template = _PLAIN.from_string(body)
    template.filename = path
    result, problem = _run(lambda: template, facts, path, line)
    return problem if problem is not None else Markup(result.strip())


def _run(
    template: Callable[[], Template], facts: Facts, path: str, line: int = 1
) -> tuple[str, Problem | None]:
    chunks, size = [], 0
    try:
        for chunk in template().generate(**facts):
            chunks.append(chunk)
            size += len(chunk)
            if size > 20 * LONGEST:
                mend = "shorten its loops"
                return "", error("too-large", path, None, "comes to more than 1 MB of text", mend)
    except (_Unknown, _NotText) as fault:
        where = _location(fault, path, line)
        return "", error("fact", *where, str(fault), fault.mend)
    except (TemplateError, SecurityError, TypeError, ValueError) as fault:
        where = _location(fault, path, line)
        return "", error("template", *where, sentence(str(fault)), "mend the expression")
    return "".join(chunks), None


def _location(fault: BaseException, path: str, line: int) -> tuple[str, int]:
    """Return the template's path and line that a fault arose in: Jinja rewrites tracebacks so."""
    for frame in reversed(traceback.extract_tb(fault.__traceback__)):
        if frame.filename == path or frame.filename.endswith(".md"):
            return frame.filename, frame.lineno or line
    return path, line
