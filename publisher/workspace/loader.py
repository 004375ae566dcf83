"""Reads a workspace: every file that the given brands may need, with all problems.

Files are UTF-8, of a reasonable size, without deceptive characters. A clause file consists of front
matter and body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar, cast

from pydantic import BaseModel

from publisher.policy.characters import LARGEST, LONGEST, disguised, forbidden, without_dropped
from publisher.policy.memory import remembered
from publisher.policy.tree import Question
from publisher.problem import Problem, error, errors
from publisher.repository.moment import bringing
from publisher.repository.source import Source, TreeSource
from publisher.workspace.facts import (
    Accepted,
    Brand,
    BrandIdentity,
    Company,
    Controller,
    FrontMatter,
    Mail,
    Outline,
    PastBrand,
    PastIdentity,
    Processors,
    Purposes,
    RetentionPeriods,
    Rights,
    Texts,
)
from publisher.workspace.names import (
    COMPANIES,
    NAME,
    FormerNames,
    brand_file,
    brands_among,
    brands_in,
    company_file,
    is_id,
    listed,
    read,
    texts_file,
)
from publisher.workspace.parsed import ClauseSource, Document, Parsed, Workspace
from publisher.workspace.scalars import LOCALE, RESERVED
from publisher.workspace.validate import validate
from publisher.workspace.yaml import parse

_EXTENDS = re.compile(r"\s*\{%[-+]?\s*extends\b")
_CONFLICT = re.compile(r"^(<{7}|>{7})(?= |$)", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def is_partial(path: str) -> bool:
    """Return whether a file is a part that clauses include, not a clause: ``_address.md``."""
    return path.rpartition("/")[2].startswith("_")


def parse_clause(path: str, data: bytes) -> tuple[ClauseSource | None, tuple[Problem, ...]]:
    """Return the clause in a file, or None, and its problems."""
    text, text_problems = decode(path, data)
    if errors(text_problems):
        return None, text_problems
    clause, problems = _front_and_body(path, text)
    return clause, (*text_problems, *problems)


def _front_and_body(path: str, text: str) -> tuple[ClauseSource | None, tuple[Problem, ...]]:
    if not text.strip():
        fix = "write the clause, or delete the file"
        return None, (error("empty", path, 1, "is empty", fix),)
    front_matter = _FRONT_MATTER.match(text)
    if front_matter is None and (is_partial(path) or _EXTENDS.match(text)):
        return ClauseSource(path, None, 1, (), None, text), ()
    if front_matter is None:
        fix = "start the file with `---`, `title: …`, `---`, each on a line of its own"
        return None, (error("front-matter", path, 1, "has no front matter", fix),)
    document, front, faults = _front(path, front_matter[1])
    if front is None or faults:
        return None, faults
    own = (front.title, front.when, front.covers, front.asserts)
    if is_partial(path) and any(own):
        fix = "leave `title`, `when`, `covers` and `asserts` to the clauses that include it"
        return None, (error("front-matter", path, 1, "is a part, not a clause", fix),)
    questions = tuple(
        Question(question, path, document.line(("unconfirmed", index)))
        for index, question in enumerate(front.unconfirmed)
    )
    blank = "\n" * text.count("\n", 0, front_matter.end())
    return (
        ClauseSource(
            path=path,
            title=front.title,
            title_line=document.line(("title",)),
            questions=questions,
            when=front.when,
            covers=front.covers,
            asserts=front.asserts,
            review_by=front.review_by,
            body=blank + text[front_matter.end() :],
            front=document,
        ),
        (),
    )


@remembered(2048)
def _front(path: str, text: str) -> tuple[Document, FrontMatter | None, tuple[Problem, ...]]:
    """Return the front matter of a clause, which most edits leave as it is, and its problems."""
    document, faults = parse(path, text, first_line=2)
    if document.value is None:
        document = Document({}, document.lines)
    front, more = validate(path, FrontMatter, document)
    return document, front, (*faults, *more)


def decode(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file, with lines ending in LF, and its problems.

    The text is empty if it cannot be decoded. Characters of no width are left out, with a warning.
    """
    if len(data) > LARGEST:
        fix = "split it into several"
        return "", (error("too-large", path, None, "is larger than 1 MB", fix),)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        return "", (error("encoding", path, 1, "is UTF-16", "save it as UTF-8"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        message = f"is not UTF-8: byte 0x{data[fault.start]:02x}"
        return "", (error("encoding", path, line, message, "save it as UTF-8"),)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, text_problems = without_dropped(path, text)
    return text, (
        *text_problems,
        *forbidden(path, text),
        *_conflicts(path, text),
        *_long_lines(path, text),
        *disguised(path, text),
    )


def _conflicts(path: str, text: str) -> Iterator[Problem]:
    """Yield a problem for the first conflict marker of git, if there is one."""
    mark = _CONFLICT.search(text)
    if mark is not None:
        message = f"has a mark of a conflict in git, '{mark[1]}'"
        fix = "keep one text, and delete the lines with <<<<<<<, ======= and >>>>>>>"
        yield error("conflict", path, text.count("\n", 0, mark.start()) + 1, message, fix)


def _long_lines(path: str, text: str) -> Iterator[Problem]:
    """Yield a problem for the first line that is too long, if there is one."""
    if len(text) > LONGEST:
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LONGEST:
                message = f"has a line of {len(line):,} characters, more than {LONGEST:,}"
                yield error("too-long", path, number, message, "divide it into several lines")
                return


M = TypeVar("M", bound=BaseModel)
_NO_PURPOSES = Parsed("shared/purposes.yaml", Purposes({}), ())
_NONE_ACCEPTED = Parsed("shared/accepted.yaml", Accepted(()), ())
_NO_MAIL: Parsed[Mail] = Parsed("shared/mail.yaml", None, ())
_PAST: Mapping[type[BaseModel], type[BaseModel]] = {
    Brand: PastBrand,
    BrandIdentity: PastIdentity,
}
"""The models of files that rules since a past commit may refuse."""
_WORD = re.compile(r"\w+")
_SIGN = re.compile(
    r"^(name|domain|contact):[ ]+(\w[^#\n]*?)[ ]*$(?!(?:\n[ ]*)+[ ]\S)", re.MULTILINE
)
_ASKED = re.compile(r"^contact:(?:[ ]*\{|[ ]*\n[ ]+(?:unconfirmed|value):)", re.MULTILINE)
_KEY = re.compile(r"^[\"']?(?:name|domain|contact)[\"']?[ ]*:", re.MULTILINE)


def identity(source: Source, brand: str) -> BrandIdentity | None:
    """Return a brand's name and domain, even if the rest of its file is faulty."""
    return _yaml(source, brand_file(brand), BrandIdentity).value


def stated_names(source: Source, brand: str) -> FormerNames | None:
    """Return the former names that a brand's file states."""
    return _yaml(source, brand_file(brand), FormerNames).value


def parsed_brand(source: Source, brand: str) -> Parsed[Brand]:
    """Return a brand's file alone, as read."""
    return _yaml(source, brand_file(brand), Brand)


def identities_in(text: str, files: Mapping[str, bytes]) -> dict[str, BrandIdentity]:
    """Return the brands whose name, domain or contact a text may have.

    `files` has the file of each brand. A plain file is parsed only if the text has one of the
    three, so that thousands of brands are searched quickly.
    """
    parsed, words = {}, frozenset(_WORD.findall(text))
    for brand, data in files.items():
        plain = _signs(data)
        if plain is None or any(words.issuperset(_WORD.findall(sign)) for sign in plain):
            parsed[brand] = _parse_yaml(brand_file(brand), data, BrandIdentity).value
    return {brand: identity for brand, identity in parsed.items() if identity is not None}


@lru_cache(maxsize=16384)
def _signs(data: bytes) -> tuple[str, ...] | None:
    """Return the name, domain and contact in a brand's file; None if it has to be parsed."""
    text, faults = decode("", data)
    if faults:
        return None
    signs = dict(_SIGN.findall(text))
    known = len(signs) == 3 or (len(signs) == 2 and _ASKED.search(text))
    return tuple(signs.values()) if known and len(_KEY.findall(text)) == 3 else None


def load(source: Source, only: Iterable[str] | None = None) -> Workspace:
    """Read the workspace in `source`: all brands, or `only` these and their sisters' names.

    If a folder of clauses cannot be read, its brands have no value: clauses would be missing.
    Raises `InvalidPolicy` if the folder of brands cannot be read.
    """
    wanted = brands_in(source) if only is None else _wanted(source, tuple(only))
    shared = _clauses_below(source, "shared")
    clauses = list(shared)
    brands = {}
    for brand in wanted:
        own = _clauses_below(source, f"brands/{brand}")
        clauses += own
        faults = [p for c in (*shared, *own) if not c.path.endswith(".md") for p in c.problems]
        faults += _stray_clauses(source, f"brands/{brand}")
        parsed = _yaml(source, brand_file(brand), Brand)
        if faults:
            parsed = replace(parsed, value=None, problems=(*parsed.problems, *faults))
        brands[brand] = parsed
    sisters = {s for b in brands.values() if b.value for s in b.value.sisters}
    quoted = {*wanted, *brands_among(source, sisters)}
    absent = sisters - quoted
    identities = {b: _yaml(source, brand_file(b), BrandIdentity) for b in sorted(quoted)}
    return Workspace(
        company=_yaml(source, "shared/company.yaml", Company),
        companies=_companies(source),
        outline=_yaml(source, "shared/policy.yaml", Outline),
        processors=_yaml(source, "shared/processors.yaml", Processors),
        retention=_yaml(source, "shared/retention.yaml", RetentionPeriods),
        rights=_yaml(source, "shared/rights.yaml", Rights),
        purposes=_yaml(source, "shared/purposes.yaml", Purposes, missing=_NO_PURPOSES),
        known=frozenset(brands_in(source) if absent else quoted),
        left_out=bringing(source, absent),
        brands=brands,
        names={brand: file.value for brand, file in identities.items() if file.value},
        clauses={clause.path: clause for clause in clauses},
        stray=tuple(stray_names(source)) if only is None else (),
        identities=tuple(identities.values()),
        texts=read_texts(source, _labelled(source)),
    )


def reload(workspace: Workspace, before: TreeSource, source: TreeSource) -> Workspace | None:
    """Return the workspace of a few brands in `source`, made from that in the tree `before`.

    That is the result of `load`, but only differences are read; None if anything but the text of
    clauses differs.
    """
    facts = (brand.value for brand in workspace.brands.values() if brand.value is not None)
    sisters = {brand_file(sister) for brand in facts for sister in brand.sisters}
    if not sisters.issubset(file.path for file in workspace.identities):
        return None  # one was missing, and may exist now
    if any(source.id(path) != before.id(path) for path in sisters):
        return None
    clauses = {**workspace.clauses}
    for folder in ("shared", *(f"brands/{brand}" for brand in workspace.brands)):
        same = source.id(folder) == before.id(folder)
        edited = () if same else source.edited(before, folder)
        if edited is None or not clauses.keys() >= {*edited}:
            return None
        clauses |= {path: clause for path in edited for clause in _clause(source, path)}
    return replace(workspace, clauses=clauses)


def _wanted(source: Source, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of some names that are brands, in their order."""
    there = brands_among(source, names)
    return tuple(name for name in names if name in there)


def _companies(source: Source) -> dict[str, Parsed[Controller]]:
    """Return the controllers that brands may name, by id; without a folder there are none."""
    ids = (n.removesuffix(".yaml") for n in listed(source, COMPANIES)[0] if n.endswith(".yaml"))
    return {id: _yaml(source, company_file(id), Controller) for id in ids if is_id(id)}


def read_texts(source: Source, locales: Iterable[str]) -> dict[str, Parsed[Texts]]:
    """Return the company's own labels by locale, for those of `locales` that it has."""
    paths = {locale: texts_file(locale) for locale in locales}
    files = ((locale, path, *read(source, path)) for locale, path in paths.items())
    return {
        locale: _parse_yaml(path, data, Texts) if data is not None else Parsed(path, None, faults)
        for locale, path, data, faults in files
        if data is not None or faults
    }


def _labelled(source: Source) -> Iterator[str]:
    """Yield the names of the files of labels, without their ending."""
    for name in listed(source, "shared/labels")[0]:
        if LOCALE.fullmatch(name.removesuffix(".yaml")) and name.endswith(".yaml"):
            yield name.removesuffix(".yaml")


def accepted(source: Source) -> Parsed[Accepted]:
    """Return the accepted remarks; there may be none."""
    return _yaml(source, "shared/accepted.yaml", Accepted, missing=_NONE_ACCEPTED)


def mail(source: Source) -> Parsed[Mail]:
    """Return how mail is sent; it has no value where the workspace sends none."""
    return _yaml(source, "shared/mail.yaml", Mail, missing=_NO_MAIL)


def _yaml(source: Source, path: str, model: type[M], missing: Parsed[M] | None = None) -> Parsed[M]:
    """Return a file as read; a missing one is an error, or is `missing`."""
    data, problems = read(source, path)
    if data is not None:
        past = isinstance(source, TreeSource) and source.past
        return _parse_yaml(path, data, cast("type[M]", _PAST.get(model, model)) if past else model)
    if missing is not None and not problems:
        return missing
    if not problems:
        problems = (error("missing-file", path, None, "is missing", "create it"),)
    return Parsed(path, None, problems)


@lru_cache(maxsize=2048)
def _parse_yaml(path: str, data: bytes, model: type[M]) -> Parsed[M]:
    text, text_problems = decode(path, data)
    if errors(text_problems):
        return Parsed(path, None, text_problems)
    document, faults = parse(path, text)
    value, more = validate(path, model, document)
    if model in (BrandIdentity, PastIdentity, FormerNames):
        return Parsed(path, value, (), document)
    if any(fault.rule == "yaml-syntax" for fault in faults):
        more = ()  # a missing key may come after the fault
    return Parsed(path, None if faults else value, (*text_problems, *faults, *more), document)


@remembered(2048)
def _parse_clause(path: str, data: bytes) -> Parsed[ClauseSource]:
    clause, problems = parse_clause(path, data)
    return Parsed(path, clause, problems)


def _clauses_below(source: Source, folder: str) -> tuple[Parsed[ClauseSource], ...]:
    """Return the clauses below a folder as `_clauses` does; those of a git tree are read once."""
    id = source.id(f"{folder}/clauses") if isinstance(source, TreeSource) else None
    return tuple(_clauses(source, folder)) if id is None else _clauses_of(_Tree(id, source), folder)


class _Tree:
    """A git tree as a key: its id determines its content, wherever it is read from."""

    __slots__ = ("id", "source")

    def __init__(self, id: str, source: Source) -> None:
        self.id = id
        self.source: Source | None = source

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Tree) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


@lru_cache(maxsize=1024)
def _clauses_of(tree: _Tree, folder: str) -> tuple[Parsed[ClauseSource], ...]:
    source, tree.source = tree.source, None  # the key is kept, its repository is not
    return tuple(_clauses(source, folder)) if source is not None else ()


def _clauses(source: Source, folder: str) -> Iterator[Parsed[ClauseSource]]:
    """Yield the clauses below a folder; and the folders among them that cannot be read."""
    locales, problems = listed(source, f"{folder}/clauses")
    if problems:
        yield Parsed(f"{folder}/clauses", None, problems)
    for locale in locales:
        names, problems = listed(source, f"{folder}/clauses/{locale.rstrip('/')}")
        if problems:
            yield Parsed(f"{folder}/clauses/{locale}", None, problems)
        for name in names:
            path = f"{folder}/clauses/{locale}{name.rstrip('/')}"
            if path.endswith(".md"):
                yield from _clause(source, path)


def _clause(source: Source, path: str) -> Iterator[Parsed[ClauseSource]]:
    """Yield the clause in a file, if it is there."""
    data, problems = read(source, path)
    if data is not None:
        yield _parse_clause(path, data)
    elif problems:
        yield Parsed(path, None, problems)


def stray_names(source: Source) -> Iterator[Problem]:
    """Yield a problem for each file that would be ignored, except those in brands' folders."""
    yield from _stray_names(source, "brands", "a folder")
    yield from listed(source, COMPANIES)[1]
    yield from _stray_names(source, COMPANIES, "a YAML file (.yaml)")
    yield from _stray_clauses(source, "shared")
    own = {f"{locale}.yaml" for locale in _labelled(source)}
    for name in listed(source, "shared/labels")[0]:
        if name not in own and not name.startswith("."):
            path = f"shared/labels/{_printable(name.rstrip('/'))}"
            yield _not(path, "a file of labels such as nl.yaml or pt-BR.yaml")


def _stray_clauses(source: Source, folder: str) -> Iterator[Problem]:
    for locale in listed(source, f"{folder}/clauses")[0]:
        path = f"{folder}/clauses/{locale.rstrip('/')}"
        if locale.endswith("/"):
            yield from _stray_names(source, path, "a Markdown file (.md)")
        elif not locale.startswith(".") and not listed(source, path)[1]:
            yield _not(_printable(path), "a folder")


def _stray_names(source: Source, folder: str, kind: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    ending = "/" if kind == "a folder" else kind.rpartition("(")[2].rstrip(")")
    for name in listed(source, folder)[0]:
        if name.startswith("."):
            continue
        bare = name.removesuffix(ending)
        path = f"{folder}/{_printable(name.rstrip('/'))}"
        stem = bare if ending == ".yaml" else bare.removeprefix("_")
        if bare == name:
            yield _not(path, kind)
        elif not NAME.fullmatch(stem) or bare in RESERVED:
            fix = "rename it: lower-case letters, digits and single hyphens, as in who-we-are"
            message = f"has a name that does not work on every system{_other(bare, seen)}"
            yield error("name", path, None, message, fix)
        seen[bare.casefold()] = bare


def _not(path: str, kind: str) -> Problem:
    fix = "move it elsewhere or delete it"
    return error("stray-file", path, None, f"is not {kind} and would be ignored", fix)


def _other(bare: str, seen: Mapping[str, str]) -> str:
    other = seen.get(bare.casefold())
    return f" (and is '{other}' on other machines)" if other else ""


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)[1:-1]
