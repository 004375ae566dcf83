"""The templates that a clause is made of, and whether the clause shows all of their text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from jinja2 import nodes

from publisher.compose.grammar import Facts, Find, Grammar, is_super, parsed
from publisher.compose.placeholders import shape
from publisher.errors import did_you_mean
from publisher.policy.memory import remembered
from publisher.problem import Problem, error

DEEPEST = 8
"""The deepest chain of including and extending."""
MOST = 1000
"""The most templates of a clause, each counted as often as it is included."""

_REFERENCE = re.compile(r"(shared|brand)/_?[a-z0-9]+(-[a-z0-9]+)*\.md")
_Reference = nodes.Extends | nodes.Include


class Check:
    """Finds the problems of a template, and of those that it refers to, before it runs.

    `reached` has the paths of all, `path` is the first; `quoted` are the names that they quote.
    """

    def __init__(self, facts: Facts, find: Find, known: Iterable[str] = ()) -> None:
        self.facts = facts
        self.find = find
        self.known = known
        self.bound = {"loop", "super"}
        self.problems: list[Problem] = []
        self.reached: dict[str, int] = {}
        self.quoted: set[str] = set()
        self.path = ""

    def run(self, name: str) -> None:
        """Check the template `name` and all that it refers to."""
        if self._template(name, ()) > MOST:
            message = f"is made of more than {MOST} parts"
            self.problems.append(error("template", self.path, 1, message, "include fewer"))

    def _template(self, name: str, through: tuple[str, ...]) -> int:
        """Check a template, reached `through` others; return how many templates it is made of."""
        path, text = self.find(name) or (name, "")
        self.path = self.path or path
        if path in self.reached:
            return self.reached[path]
        self.reached[path] = 1
        tree = parsed(path, text)
        if isinstance(tree, Problem):
            self.problems.append(tree)
            return 1
        grammar = Grammar(path, self.facts, self.bound)
        grammar.check(tree)
        self.problems += grammar.problems
        self.quoted |= grammar.quoted
        references = _references(tree)
        for reference in references:
            fault = self._fault(reference, (*through, name))
            if fault is not None:
                self.problems.append(error(fault[0], path, reference.lineno, *fault[1:]))
                continue
            self.reached[path] += self._template(_target(reference), (*through, name))
        if any(isinstance(reference, nodes.Extends) for reference in references):
            self.problems += _outside_blocks(path, tree)
            self.problems += self._lost_blocks(name)
        return self.reached[path]

    def _fault(self, node: _Reference, through: tuple[str, ...]) -> tuple[str, str, str] | None:
        """Return rule, message and fix of a faulty reference; None for a good one."""
        verb = "extends" if isinstance(node, nodes.Extends) else "includes"
        name = _target(node)
        if not name:
            fix = 'write its name in quotes: "shared/scope.md"'
            return "template", f"{verb} something without a name", fix
        if not _REFERENCE.fullmatch(name):
            fix = 'write "shared/NAME.md" or "brand/NAME.md"'
            return "outside", f"{verb} '{name}', which is not the name of a clause", fix
        if name in through:
            chain = " → ".join((*through[through.index(name) :], name))
            return "cycle", f"{verb} itself: {chain}", "break the circle"
        if self.find(name) is None:
            part = isinstance(node, nodes.Include)
            fit = (k for k in self.known if k not in through and ("/_" in k) is part)
            fix = did_you_mean(name, fit) or "write that file, or fix the name"
            return "no-clause", f"{verb} '{name}', which does not exist", fix
        if isinstance(node, nodes.Include) and "/_" not in name:
            fix = "move the shared text into a part, whose name starts with _, and include that"
            return "template", f"includes the clause '{name}'", fix
        if len(through) > DEEPEST:
            return "template", f"{verb} too deeply", "include fewer levels"
        return None

    def _lost_blocks(self, name: str) -> list[Problem]:
        """Return a problem for each block of a template that nothing shows."""
        line = self._line(name)
        if len(line) < 2:
            return []
        path, tree = line[0]
        shown = _shown([tree for _, tree in line])
        inherited = {block.name for _, tree in line[1:] for block in tree.find_all(nodes.Block)}
        problems = []
        for block in tree.find_all(nodes.Block):
            if block.name in shown:
                continue
            if block.name in inherited:
                message = f"block '{block.name}' is inside a block that is overridden without it"
                fix = "write its text into that block, or {{ super() }}"
            else:
                message = f"block '{block.name}' is not in the clause that is extended"
                known = ", ".join(sorted(inherited)) or "none"
                fix = did_you_mean(block.name, inherited) or f"blocks there: {known}"
            problems.append(error("no-block", path, block.lineno, message, fix))
        return problems

    def _line(self, name: str) -> list[tuple[str, nodes.Template]]:
        """Return a template and those that it extends, if they exist, in that order."""
        line: list[tuple[str, nodes.Template]] = []
        seen: set[str] = set()
        while name not in seen and (template := self.find(name)) is not None:
            seen.add(name)
            tree = parsed(*template)
            if isinstance(tree, Problem):
                break
            line.append((template[0], tree))
            parent = tree.find(nodes.Extends)
            if parent is None:
                break
            name = _target(parent)
        return line


@remembered(2048)
def extended(path: str, text: str) -> str | None:
    """Return the name of the template that the one at `path` extends, if any."""
    if "extends" not in text:
        return None
    tree = parsed(path, text)
    node = None if isinstance(tree, Problem) else tree.find(nodes.Extends)
    return None if node is None else _target(node) or None


def referred(path: str, text: str) -> tuple[str, ...]:
    """Return the names of all templates that the one at `path` extends or includes."""
    tree = parsed(path, (shape(text) or (text,))[0]) if "{%" in text else None
    return tuple(map(_target, _references(tree))) if isinstance(tree, nodes.Template) else ()


@lru_cache(maxsize=2048)
def _references(tree: nodes.Template) -> tuple[_Reference, ...]:
    return (*tree.find_all(nodes.Extends), *tree.find_all(nodes.Include))


def _target(reference: _Reference) -> str:
    """Return the name in a reference, or nothing if it is not a plain name."""
    value = getattr(reference.template, "value", "")
    return value if isinstance(value, str) else ""


def _outside_blocks(path: str, tree: nodes.Template) -> list[Problem]:
    """Return a problem for text outside blocks in a clause that extends another: Jinja drops it."""
    problems = []
    for node in tree.body:
        if isinstance(node, nodes.Extends | nodes.Block):
            continue
        for part in node.nodes if isinstance(node, nodes.Output) else [node]:
            line = part.lineno
            if isinstance(part, nodes.TemplateData):
                if not part.data.strip():
                    continue
                line += part.data[: -len(part.data.lstrip())].count("\n")
            message = "text outside blocks would be lost"
            fix = "put it between {% block … %} and {% endblock %}"
            problems.append(error("outside-block", path, line, message, fix))
            break
    return problems


def _shown(line: list[nodes.Template]) -> set[str]:
    """Return the names of the blocks shown by the first template of `line`.

    The last template decides which blocks exist; each block is that of the first template that has
    it, and shows that of the next one only through ``super()``.
    """
    versions: dict[str, list[nodes.Block]] = {}
    for tree in line:
        for block in tree.find_all(nodes.Block):
            versions.setdefault(block.name, []).append(block)
    shown: set[str] = set()
    waiting = list(_direct_blocks(line[-1]))
    while waiting:
        name = waiting.pop()
        if name in shown:
            continue
        shown.add(name)
        for version in versions[name]:
            waiting += _direct_blocks(version)
            if not any(is_super(call) for call in version.find_all(nodes.Call)):
                break
    return shown


def _direct_blocks(node: nodes.Node) -> Iterator[str]:
    """Yield the names of the blocks in a node, but not of those inside them."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child.name
        else:
            yield from _direct_blocks(child)
