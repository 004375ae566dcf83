"""Names, help and messages are plain English: none of them has one of these words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

PACKAGE = ROOT / "publisher"
MODULES = sorted(PACKAGE.rglob("*.py"))

NAMES = {
    "each": "the noun: `for clause in clauses`",
    "found": "the noun: match, file, problems",
    "said": "the noun: output, text, message",
    "told": "the noun: message, answer, problems",
    "held": "the noun: digests, content",
    "beside": "the noun: attachments, neighbours",
    "possible": "the noun, or is_plausible",
    "made": "built, written; or the noun",
    "gone": "removed, missing",
    "come": "added, new",
    "looked": "checked, seen",
}
"""Words that no name has, and what says more."""

TEXTS = {
    r"mend(s|ed|ing)?": "fix",
    r"anew": "again",
    r"otherwise": "different; if not",
    r"else": "default; other; if not",
    r"lack(s|ed|ing)?": "is missing; does not have",
    r"there is not": "is missing; there is no",
    r"is none that": "is not",
    r"since when": "from which day",
    r"be it": "whether",
    r"another (\S+ ){1,2}than": "a different …; differs from",
    r"hand(s|ed)? (over|out)": "give, send, return",
    r"stands? (before|behind|where|in|at)": "is",
    r"nothing but": "only",
    r"(?<!there )(is|are) no (?!longer|more)\w+": "is not a …",
}
"""Words that neither help nor a message has, and better ones."""

KEYS = {
    ("doctor.py", "found"),
    ("notices_mail.py", "told"),
    ("policies_json.py", "said_afterwards"),
}
"""Names that are keys of published JSON, or commands, which stay."""

CODE = re.compile(r"\{%.*?%\}|`[^`]*`|``.*?``|<[^<>]*>")
PATTERN = re.compile(r"\\[bdswWDS.(\[]|\(\?|\[\^|\.\*")
"""What a regular expression has, and no message."""


def words_of(name: str) -> list[str]:
    """Return the words that a name is made of."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the names that a module gives, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name


def texts_in(tree: ast.AST, *, commands: bool) -> Iterator[tuple[int, str]]:
    """Yield the texts that users may read, with their lines; docstrings are those of commands."""
    nodes = list(ast.walk(tree))
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr) and not commands}
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if node not in docstrings:
                if " " in text and not PATTERN.search(text):
                    yield node.lineno, CODE.sub("", text)


def faults(path: Path) -> Iterator[str]:
    """Yield what a module has of these words, and what is better."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT)
    names = [(line, name) for line, name in names_in(tree) if (path.name, name) not in KEYS]
    for line, name in names:
        for word in NAMES.keys() & set(words_of(name)):
            yield f"{place}:{line}: the name {name}; better: {NAMES[word]}"
    for line, text in texts_in(tree, commands=path.parent.name == "cli"):
        for word, better in TEXTS.items():
            if re.search(rf"\b{word}\b", text, re.IGNORECASE):
                yield f"{place}:{line}: '{text.strip()[:80]}'; better: {better}"


def test_names_help_and_messages_are_plain_english() -> None:
    assert [fault for path in MODULES for fault in faults(path)] == []


def test_a_fault_would_be_seen() -> None:
    module = ast.parse('def looked_at(each):\n    raise Fault(f"{each} lacks a title; mend it")')
    words = {word for _, name in names_in(module) for word in words_of(name)}
    assert NAMES.keys() & words == {"looked", "each"}
    texts = " ".join(text for _, text in texts_in(module, commands=False))
    assert re.search(r"\blacks\b.*\bmend\b", texts)
