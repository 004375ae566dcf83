"""The grammar of a clause's template, which is checked before it runs.

A clause may write facts, choose with ``if``, repeat with ``for``, name ``block``s, ``include`` a
part and ``extends`` a shared clause, writing ``super()`` for what that says. It has no calls,
arithmetic, macros or assignments, so every clause ends quickly and only writes text. What Jinja
drops silently is a problem here: text outside blocks in a clause that extends another, blocks that
its parent does not have, closing braces without opening ones. Line ends that Jinja would remove are
kept, and so are braces that mean nothing to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from publisher.compose.unconfirmed import proposed
from publisher.compose.written import HEADING_ID
from publisher.errors import did_you_mean
from publisher.policy.characters import forbidden
from publisher.policy.memory import remembered
from publisher.problem import Problem, error, warning

_ALONE = re.compile(r"[ \t]*(\{%((?!%\}).)*%\}|\{#((?!#\}).)*#\})[ \t]*")
_TAG_FIRST = re.compile(r"^([ \t]+\{[%#])(?![-+])")
_TAG_LAST = re.compile(r"(?<![-+])([%#]\})$")


def keep_lines(text: str) -> str:
    """Return a template in which a line vanishes only if it is one tag.

    Jinja drops the end of every line that ends in a tag, which joins paragraphs, and the
    indentation of every line that begins with one; a plus sign in the tag prevents that. An id
    after a heading, ``{#types}``, begins a comment; if that does not end, the id becomes
    ``{:#types}``.
    """
    if "{#" in text and "#}" not in text[text.rindex("{#") :]:
        text = _kept_ids(text)
    return "\n".join(
        line if _ALONE.fullmatch(line) else _TAG_LAST.sub(r"+\1", _TAG_FIRST.sub(r"\1+", line))
        for line in text.split("\n")
    )


def _kept_ids(text: str) -> str:
    """Return a template in which no id of a heading after the last comment begins a comment."""
    lines = text.split("\n")
    last = max((at for at, line in enumerate(lines) if "#}" in line), default=-1)
    for at in range(last + 1, len(lines)):
        heading = HEADING_ID.match(lines[at])
        if heading is not None:
            head = lines[at].rpartition("{#")[0]
            lines[at] = f"{head}{{:#{heading[1]}}}"
    return "\n".join(lines)


DEEPEST = 60
"""The deepest tree of a template."""
DEEPEST_LOOP = 3
_FAR = 10**15
"""Numbers in templates are smaller: larger ones are not written as they were typed."""
FILTERS = ("first", "join", "last", "length", "lower", "sort", "upper")

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.And,
    nodes.Block,
    nodes.Compare,
    nodes.CondExpr,
    nodes.Const,
    nodes.Extends,
    nodes.Filter,
    nodes.For,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.Include,
    nodes.List,
    nodes.Name,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Template,
    nodes.TemplateData,
    nodes.Tuple,
)
VOCABULARY = "_vocabulary"
"""The name among the facts of the ids that a list may have, by the chain that leads to it."""
_ESCAPE = 'to show braces themselves, write {{ "{{" }} or {{ "{%" }}'
_UNCOMMENTED = (
    'delete the id of the heading; to show `{#`, write {{ "{#" }}; a note to colleagues goes '
    "after a # between the --- lines"
)
SHOWN = 40
"""The most characters of a comment that are shown."""
_RAW = re.compile(r"\{%[-+]?\s*raw\b")
_STRAY_END = re.compile(r"\}\}|%\}|#\}")

Facts = Mapping[str, Any]
Find = Callable[[str], tuple[str, str] | None]
"""Path and text of a template by its name, ``shared/scope.md`` or ``brand/scope.md``."""

_PARSER = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701


@remembered(2048)
def parsed(path: str, text: str) -> nodes.Template | Problem:
    """Return a template as a tree, or the problem with it."""
    raw = _RAW.search(text)
    if raw is not None:
        line = text.count("\n", 0, raw.start()) + 1
        return error("template", path, line, "a clause cannot have {% raw %}", _ESCAPE)
    try:
        tree = _PARSER.parse(keep_lines(text), name=path, filename=path)
        return _too_deep(path, tree) or tree
    except TemplateSyntaxError as fault:
        return error("template", path, fault.lineno, *_plainly(str(fault.message)))
    except (RecursionError, ValueError, MemoryError):
        return error("template", path, 1, "is not understood", "write it in simpler steps")


@remembered(2048)
def comments(path: str, first: int, text: str) -> tuple[Problem, ...]:
    """Return a warning for each comment in a template, which swallows text.

    `text` begins at the line `first` of the file. A malformed template has no warnings.
    """
    if "{#" not in text or isinstance(parsed(path, text), Problem):
        return ()
    warnings = []
    for line, kind, value in _PARSER.lex(keep_lines(text), name=path, filename=path):
        if kind == "comment_begin":
            begun = line + first - 1
        elif kind == "comment":
            shown = " ".join(value.split())
            shown = shown if len(shown) <= SHOWN else f"{shown[: SHOWN - 1]}…"
            message = f"`{{#` begins a comment, which readers do not see: '{shown}'"
            warnings.append(warning("comment", path, begun, message, _UNCOMMENTED))
    return tuple(warnings)


def _plainly(message: str) -> tuple[str, str]:
    """Return Jinja's message about a mistake, in words for authors, and how to fix it."""
    if tag := re.search(r"innermost block that needs to be closed is '(\w+)'", message):
        return f"{{% {tag[1]} %}} is not closed", f"add {{% end{tag[1]} %}}"
    if tag := re.search(r"unknown tag '(end\w+|else|elif)'", message):
        return f"{{% {tag[1]} %}} closes nothing", "delete it, or write the tag that it closes"
    if "end of comment tag" in message:
        fix = 'delete the id of the heading; to show `{#`, write {{ "{#" }}'
        return "`{#` begins a comment that is not closed", fix
    if re.search(r"unexpected '\}'|end of print statement|unexpected end of template", message):
        return "{{ is not closed, or does not hold a fact", f"end it with }}}}; {_ESCAPE}"
    return sentence(message), _ESCAPE


def _too_deep(path: str, tree: nodes.Template) -> Problem | None:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            fix = "write it in simpler steps"
            return error("template", path, node.lineno, "is nested too deeply", fix)
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
    return None


def sentence(message: str | None) -> str:
    """Return a message of Jinja's in a form that can follow a place and a colon."""
    text = (message or "is not understood").rstrip(".")
    return text[:1].lower() + text[1:]


def is_super(node: nodes.Node) -> bool:
    """Return whether a node is ``super()``: the text of the clause that is extended."""
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "super"
        and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    )


class Grammar:
    """Finds the mistakes in one template, by itself and without those that include it.

    `bound` are the names of loops, its own and those around it; `quoted` are the names it quotes.
    """

    def __init__(self, path: str, facts: Facts, bound: set[str]) -> None:
        self.path = path
        self.facts = facts
        self.bound = bound
        self.quoted: set[str] = set()
        self.problems: list[Problem] = []

    def problem(self, node: nodes.Node | int, rule: str, message: str, fix: str) -> None:
        """Note a problem, at a node or a line."""
        line = node if isinstance(node, int) else node.lineno
        self.problems.append(error(rule, self.path, line, message, fix))

    def check(self, tree: nodes.Template) -> None:
        """Check the whole tree."""
        self._names(tree)
        self._children(tree, loops=0)

    def _names(self, tree: nodes.Template) -> None:
        """Check that every name is a fact or a loop variable; includes see outer loops."""
        names = _names(tree)
        for node in names:
            if node.ctx == "store" and node.name in self.facts:
                message = f"the loop's name '{node.name}' hides a fact"
                self.problem(node, "template", message, "give it another name")
        self.bound |= {node.name for node in names if node.ctx == "store"}
        self.quoted |= {node.name for node in names if node.ctx == "load"}
        for node in names:
            if node.ctx == "load" and node.name not in self.facts and node.name not in self.bound:
                known = f"known here: {', '.join(sorted(n for n in self.facts if n[0] != '_'))}"
                fix = did_you_mean(node.name, self.facts) or known
                self.problem(node, "fact", f"unknown fact '{node.name}'", fix)

    def _children(self, node: nodes.Node, loops: int) -> None:
        for child in node.iter_child_nodes():
            if is_super(child):
                if not isinstance(node, nodes.Output):
                    fix = "write {{ super() }} alone"
                    self.problem(child, "template", "super() is part of a larger expression", fix)
                continue
            self._node(child)
            inner = loops + isinstance(child, nodes.For)
            if inner > DEEPEST_LOOP:
                self.problem(child, "template", "loops are nested too deeply", "use fewer")
                continue
            self._children(child, inner)

    def _node(self, node: nodes.Node) -> None:
        match node:
            case nodes.TemplateData():
                self._braces(node)
            case nodes.Const(value=str(text)):
                self.problems += forbidden(self.path, text, node.lineno)
            case nodes.Const(value=int() | float() as number) if not -_FAR < number < _FAR:
                fix = "put it between quotes, as text"
                self.problem(node, "template", "has a number with too many digits", fix)
            case nodes.Filter() if node.name not in FILTERS:
                fix = f"filters are: {', '.join(FILTERS)}"
                self.problem(node, "template", f"unknown filter '{node.name}'", fix)
            case nodes.Include() if node.ignore_missing:
                self.problem(node, "template", "'ignore missing' hides mistakes", "delete it")
            case nodes.Compare():
                self._literal(node)
            case nodes.Getattr() | nodes.Getitem():
                self._fact(node)
        if not isinstance(node, _ALLOWED):
            fix = "a clause has facts, if, for, block, include, extends and super()"
            if isinstance(node, nodes.Sub):
                fix = 'a name with a hyphen needs brackets: facts["answer-days"]'
            self.problem(node, "template", f"a clause cannot have {_called(node)}", fix)

    def _braces(self, node: nodes.TemplateData) -> None:
        line, counted = node.lineno, 0
        for stray in _STRAY_END.finditer(node.data):
            line += node.data.count("\n", counted, stray.start())
            counted = stray.start()
            self.problem(line, "template", f"'{stray[0]}' closes nothing", _ESCAPE)

    def _literal(self, node: nodes.Compare) -> None:
        """Check that a text that is compared with a list of ids is one of those ids."""
        if not isinstance(node.expr, nodes.Const) or len(node.ops) != 1:
            return
        known = self.facts.get(VOCABULARY, {}).get(_chain(node.ops[0].expr))
        if known is not None and node.ops[0].op in ("in", "notin") and node.expr.value not in known:
            fix = did_you_mean(str(node.expr.value), known) or f"known: {', '.join(known)}"
            self.problem(node, "fact", f"unknown value '{node.expr.value}'", fix)

    def _fact(self, node: nodes.Node) -> None:
        """Check that a fact exists, even in a part that this brand's policy does not show."""
        chain = _chain(node)
        if chain is None or chain[0] in self.bound or chain[0] not in self.facts:
            return
        value: Any = self.facts
        for name in chain[:-1]:
            if not isinstance(value, Mapping) or name not in value:
                return
            value = proposed(value[name])
        if isinstance(value, Mapping) and chain[-1] not in value:
            meant = get_close_matches(chain[-1], list(value), n=1)
            known = f"known here: {', '.join(sorted(value)) or 'none'}"
            fix = f"did you mean '{_spelled((*chain[:-1], *meant))}'?" if meant else known
            self.problem(node, "fact", f"unknown fact '{_spelled(chain)}'", fix)


@lru_cache(maxsize=2048)
def _names(tree: nodes.Template) -> tuple[nodes.Name, ...]:
    return tuple(tree.find_all(nodes.Name))


def _chain(node: nodes.Node) -> tuple[str, ...] | None:
    """Return the names of ``brand.facts["x"]``: brand, facts, x; None for any other node."""
    match node:
        case nodes.Name(name=name):
            return (name,)
        case nodes.Getattr(node=inner, attr=name):
            chain = _chain(inner)
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str(name))):
            chain = _chain(inner)
        case _:
            return None
    return None if chain is None else (*chain, name)


def _spelled(chain: tuple[str, ...]) -> str:
    """Return a chain as a template writes it."""
    first, *rest = chain
    return first + "".join(f".{n}" if n.isidentifier() else f'["{n}"]' for n in rest)


def _called(node: nodes.Node) -> str:
    names: dict[type[nodes.Node], str] = {
        nodes.Assign: "{% set %}",
        nodes.AssignBlock: "{% set %}",
        nodes.Macro: "{% macro %}",
        nodes.Import: "{% import %}",
        nodes.FromImport: "{% import %}",
        nodes.CallBlock: "{% call %}",
        nodes.FilterBlock: "{% filter %}",
        nodes.With: "{% with %}",
        nodes.Call: "calls",
        nodes.Concat: "the operator ~",
        nodes.Keyword: "named arguments",
        nodes.Slice: "slices",
        nodes.Test: "tests with `is`",
        nodes.Dict: "groups of its own",
    }
    kind = type(node)
    if kind in names:
        return names[kind]
    return (
        "arithmetic" if issubclass(kind, nodes.BinExpr | nodes.UnaryExpr) else kind.__name__.lower()
    )
