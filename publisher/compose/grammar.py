"""What a clause's template may say: found out before it runs.

A clause may write facts, choose with ``if``, repeat with ``for``, name ``block``s, ``include`` a
part and ``extends`` a shared clause, writing ``super()`` for what that says. It has no calls, no
arithmetic, no macros and no assignments, so that every clause ends quickly and does nothing else.
What Jinja passes over without a word (text outside blocks in a clause that extends another, blocks
that its parent lacks, closing braces without opening ones) is a problem here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from publisher.compose.lines import keep_lines
from publisher.errors import did_you_mean
from publisher.model.problem import Problem, error

DEEPEST_LOOP = 3
DEEPEST_INCLUDE = 8
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
_ESCAPE = 'to show braces themselves, write {{ "{{" }} or {{ "{%" }}'
_REFERENCE = re.compile(r"(shared|brand)/_?[a-z0-9]+(-[a-z0-9]+)*\.md")
_STRAY_END = re.compile(r"\}\}|%\}|#\}")

Facts = Mapping[str, Any]
Find = Callable[[str], tuple[str, str] | None]
"""Path and text of a template by its name, ``shared/scope.md`` or ``brand/scope.md``."""

_PARSER = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701


@lru_cache(maxsize=16384)
def parsed(path: str, text: str) -> nodes.Template | Problem:
    """Return a template as a tree, or why it is none."""
    try:
        return _PARSER.parse(keep_lines(text), name=path, filename=path)
    except TemplateSyntaxError as fault:
        return error("template", path, fault.lineno, sentence(fault.message), _ESCAPE)
    except RecursionError:
        return error("template", path, 1, "is nested too deeply", "write it in simpler steps")


def sentence(message: str | None) -> str:
    """Return what Jinja says, to stand after a place and a colon."""
    text = (message or "is not understood").rstrip(".")
    return text[:1].lower() + text[1:]


def extended(path: str, text: str) -> str | None:
    """Return the name of the template that the one at `path` extends, if any."""
    tree = parsed(path, text)
    node = None if isinstance(tree, Problem) else tree.find(nodes.Extends)
    if node is None or not isinstance(node.template, nodes.Const):
        return None
    return str(node.template.value)


class Check:
    """Finds what is wrong with a template, and those that it refers to, before it runs."""

    def __init__(self, facts: Facts, find: Find, known: Iterable[str] = ()) -> None:
        self.facts = facts
        self.find = find
        self.known = known
        self.bound = {"loop", "super"}
        self.problems: list[Problem] = []
        self.named: set[tuple[str, ...]] = set()
        self.steering: set[tuple[str, ...]] = set()
        self.path = ""

    def problem(self, node: nodes.Node | int, rule: str, message: str, mend: str) -> None:
        """Take a problem down, at a node or a line."""
        line = node if isinstance(node, int) else node.lineno
        self.problems.append(error(rule, self.path, line, message, mend))

    def template(self, name: str, through: tuple[str, ...]) -> frozenset[str]:
        """Check the template `name`, reached `through` others; return the blocks that it has."""
        path, text = self.find(name) or (name, "")
        outer, self.path = self.path or path, path
        tree = parsed(path, text)
        if isinstance(tree, Problem):
            self.problems.append(tree)
            blocks: frozenset[str] = frozenset()
        else:
            blocks = self._tree(tree, (*through, name))
        self.path = outer
        return blocks

    def _tree(self, tree: nodes.Template, through: tuple[str, ...]) -> frozenset[str]:
        self._names(tree)
        self._nodes(tree, loops=0)
        own = {block.name: block for block in tree.find_all(nodes.Block)}
        inherited: frozenset[str] = frozenset()
        references: list[nodes.Extends | nodes.Include] = [
            *tree.find_all(nodes.Extends),
            *tree.find_all(nodes.Include),
        ]
        for reference in references:
            fault = self._fault(reference, through)
            if fault is not None:
                self.problem(reference, *fault)
                continue
            target = reference.template
            blocks = self.template(getattr(target, "value", ""), through)
            if isinstance(reference, nodes.Extends):
                inherited |= blocks
                self._child(tree, own, blocks)
        return inherited | frozenset(own)

    def _names(self, tree: nodes.Template) -> None:
        """Check that every name is a fact or a loop's; includes see the loops around them."""
        names = list(tree.find_all(nodes.Name))
        for node in names:
            if node.ctx == "store" and node.name in self.facts:
                message = f"the loop's name '{node.name}' hides a fact"
                self.problem(node, "template", message, "give it another name")
        self.bound |= {node.name for node in names if node.ctx == "store"}
        for node in names:
            if node.ctx == "load" and node.name not in self.facts and node.name not in self.bound:
                mend = did_you_mean(node.name, self.facts) or (
                    f"known here: {', '.join(sorted(self.facts))}"
                )
                self.problem(node, "fact", f"unknown fact '{node.name}'", mend)

    def _fault(
        self, node: nodes.Extends | nodes.Include, through: tuple[str, ...]
    ) -> tuple[str, str, str] | None:
        """Return rule, message and mend of what is wrong with a reference to another template."""
        verb = "extends" if isinstance(node, nodes.Extends) else "includes"
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            mend = 'write its name in quotes: "shared/scope.md"'
            return "template", f"{verb} something without a name", mend
        name = node.template.value
        if not _REFERENCE.fullmatch(name):
            return (
                "outside",
                f"{verb} '{name}', which is no clause",
                ('write "shared/NAME.md" or "brand/NAME.md"'),
            )
        if self.find(name) is None:
            mend = did_you_mean(name, self.known) or "create that clause, or mend the name"
            return "no-clause", f"{verb} '{name}', which does not exist", mend
        if name in through:
            chain = " → ".join((*through[through.index(name) :], name))
            return "cycle", f"{verb} itself: {chain}", "break the circle"
        if len(through) > DEEPEST_INCLUDE:
            return "template", f"{verb} too deeply", "include fewer levels"
        return None

    def _child(
        self, tree: nodes.Template, own: Mapping[str, nodes.Block], parent: frozenset[str]
    ) -> None:
        """Check a clause that extends another: Jinja drops all but blocks of the parent."""
        for node in tree.body:
            if isinstance(node, nodes.Extends | nodes.Block):
                continue
            for part in node.nodes if isinstance(node, nodes.Output) else [node]:
                if isinstance(part, nodes.TemplateData) and not part.data.strip():
                    continue
                line = part.lineno
                if isinstance(part, nodes.TemplateData):
                    line += part.data[: -len(part.data.lstrip())].count("\n")
                mend = "put it between {% block … %} and {% endblock %}"
                self.problem(line, "outside-block", "text outside blocks would be lost", mend)
                break
        for name, block in own.items():
            if name not in parent and not self._inside_known(tree, name, parent):
                known = ", ".join(sorted(parent)) or "none"
                mend = did_you_mean(name, parent) or f"blocks there: {known}"
                message = f"block '{name}' is not in the clause that is extended"
                self.problem(block, "no-block", message, mend)

    def _inside_known(self, tree: nodes.Template, name: str, parent: frozenset[str]) -> bool:
        """Return whether a block is new but stands inside one that the parent has."""
        return any(
            inner.name == name
            for block in tree.find_all(nodes.Block)
            if block.name in parent
            for inner in block.find_all(nodes.Block)
        )

    def _nodes(self, node: nodes.Node, loops: int) -> None:
        for child in node.iter_child_nodes():
            self._node(child)
            inner = loops + isinstance(child, nodes.For)
            if inner > DEEPEST_LOOP:
                self.problem(child, "template", "loops are nested too deeply", "use fewer")
                continue
            if not (isinstance(child, nodes.Call) and _is_super(child)):
                self._nodes(child, inner)

    def _node(self, node: nodes.Node) -> None:
        match node:
            case nodes.Call() if _is_super(node):
                return
            case nodes.TemplateData():
                self._braces(node)
            case nodes.Filter():
                if node.name not in FILTERS:
                    mend = f"filters are: {', '.join(FILTERS)}"
                    self.problem(node, "template", f"there is no filter '{node.name}'", mend)
            case nodes.Include() if node.ignore_missing:
                self.problem(node, "template", "'ignore missing' hides mistakes", "delete it")
            case nodes.If() | nodes.CondExpr():
                self._steers(node.test)
            case nodes.For():
                self._steers(node.iter)
        if isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Name):
            self._fact(node)
        if not isinstance(node, _ALLOWED):
            mend = "a clause has facts, if, for, block, include, extends and super()"
            self.problem(node, "template", f"a clause cannot have {_called(node)}", mend)

    def _braces(self, node: nodes.TemplateData) -> None:
        for stray in _STRAY_END.finditer(node.data):
            line = node.lineno + node.data.count("\n", 0, stray.start())
            self.problem(line, "template", f"'{stray[0]}' closes nothing", _ESCAPE)

    def _steers(self, test: nodes.Node | None) -> None:
        if test is not None:
            for node in (test, *test.find_all((nodes.Getattr, nodes.Getitem, nodes.Name))):
                chain = _chain(node)
                if chain and chain[0] in self.facts:
                    self.steering.add(chain)

    def _fact(self, node: nodes.Node) -> None:
        """Check that a fact is there, also where this brand's policy does not come to it."""
        chain = _chain(node)
        if chain is None or chain[0] not in self.facts:
            return
        self.named.add(chain)
        value: Any = self.facts
        for depth, name in enumerate(chain):
            if not isinstance(value, Mapping):
                return
            if name not in value:
                unknown = ".".join(chain[: depth + 1])
                near = did_you_mean(name, value)
                mend = (
                    near.replace("'", f"'{'.'.join((*chain[:depth], ''))}", 1)
                    if near
                    else (f"known here: {', '.join(sorted(value)) or 'none'}")
                )
                if depth == len(chain) - 1:
                    self.problem(node, "fact", f"unknown fact '{unknown}'", mend)
                return
            value = value[name]


def _is_super(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "super"
        and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    )


def _chain(node: nodes.Node) -> tuple[str, ...] | None:
    """Return the names of ``brand.facts["x"]``: brand, facts, x; None for what is no such chain."""
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
    }
    kind = type(node)
    if kind in names:
        return names[kind]
    return (
        "arithmetic" if issubclass(kind, nodes.BinExpr | nodes.UnaryExpr) else kind.__name__.lower()
    )
