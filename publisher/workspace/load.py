"""Reads a workspace: every file that the asked brands may need, all problems collected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from pydantic import BaseModel

from publisher.errors import InvalidPolicy
from publisher.model.facts import (
    Accepted,
    Brand,
    BrandIdentity,
    Company,
    FormerNames,
    Outline,
    Processors,
    Purposes,
    RetentionPeriods,
    Rights,
)
from publisher.model.problem import Problem, error, errors
from publisher.model.scalars import RESERVED
from publisher.model.source import Source, Unreadable
from publisher.model.workspace import ClauseSource, Parsed, Workspace, brand_file
from publisher.workspace.clauses import parse_clause
from publisher.workspace.text import decode
from publisher.workspace.validate import validate
from publisher.workspace.yaml import parse

M = TypeVar("M", bound=BaseModel)
_NO_PURPOSES = Parsed("shared/purposes.yaml", Purposes({}), ())
_NONE_ACCEPTED = Parsed("shared/accepted.yaml", Accepted(()), ())
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def brands_in(source: Source) -> tuple[str, ...]:
    """Return the ids of the brands in a source, sorted.

    Raises `InvalidPolicy` where ``brands`` is no ordinary folder.
    """
    names, problems = _list(source, "brands")
    if problems:
        raise InvalidPolicy(problems, frozenset(["brands"]))
    return tuple(
        name[:-1]
        for name in names
        if name.endswith("/") and _NAME.fullmatch(name[:-1]) and name[:-1] not in RESERVED
    )


def identity(source: Source, brand: str) -> BrandIdentity | None:
    """Return what a brand is called, even where the rest of its file is faulty."""
    return _yaml(source, brand_file(brand), BrandIdentity).value


def parsed_brand(source: Source, brand: str) -> Parsed[Brand]:
    """Return a brand's file alone, as read."""
    return _yaml(source, brand_file(brand), Brand)


def former_names(source: Source, brand: str) -> FormerNames:
    """Return what a brand was called before, even where the rest of its file is faulty."""
    data, _ = _read(source, brand_file(brand))
    if data is None or b"was" not in data:
        return FormerNames()  # as nearly all are: a file that need not be parsed
    return _yaml(source, brand_file(brand), FormerNames).value or FormerNames()


def load(source: Source, only: Iterable[str] | None = None) -> Workspace:
    """Read the workspace in `source`: all brands, or `only` these and their sisters' names.

    A folder of clauses that cannot be read leaves the brands that it concerns without a value: what
    it has would be passed over. Raises `InvalidPolicy` where there is no telling which brands there
    are.
    """
    known = brands_in(source)
    wanted = known if only is None else tuple(name for name in only if name in known)
    shared = tuple(_clauses(source, "shared"))
    clauses = list(shared)
    brands = {}
    for brand in wanted:
        own = tuple(_clauses(source, f"brands/{brand}"))
        clauses += own
        faults = [p for c in (*shared, *own) if not c.path.endswith(".md") for p in c.problems]
        faults += _stray_clauses(source, f"brands/{brand}")
        parsed = _yaml(source, brand_file(brand), Brand)
        if faults:
            parsed = replace(parsed, value=None, problems=(*parsed.problems, *faults))
        brands[brand] = parsed
    sisters = {s for b in brands.values() if b.value for s in b.value.sisters}
    quoted = sorted({*wanted, *(sisters & {*known})})
    identities = {brand: _yaml(source, brand_file(brand), BrandIdentity) for brand in quoted}
    return Workspace(
        company=_yaml(source, "shared/company.yaml", Company),
        outline=_yaml(source, "shared/policy.yaml", Outline),
        processors=_yaml(source, "shared/processors.yaml", Processors),
        retention=_yaml(source, "shared/retention.yaml", RetentionPeriods),
        rights=_yaml(source, "shared/rights.yaml", Rights),
        purposes=_yaml(source, "shared/purposes.yaml", Purposes, missing=_NO_PURPOSES),
        known=frozenset(known),
        brands=brands,
        names={brand: each.value for brand, each in identities.items() if each.value},
        clauses={clause.path: clause for clause in clauses},
        stray=tuple(_stray(source)) if only is None else (),
        identities=tuple(identities.values()),
    )


def accepted(source: Source) -> Parsed[Accepted]:
    """Return the remarks that are accepted; there need not be any."""
    return _yaml(source, "shared/accepted.yaml", Accepted, missing=_NONE_ACCEPTED)


def _yaml(source: Source, path: str, model: type[M], missing: Parsed[M] | None = None) -> Parsed[M]:
    """Return a file as read; one that is not there is an error, or is `missing`."""
    data, problems = _read(source, path)
    if data is not None:
        return _parse_yaml(path, data, model)
    if missing is not None and not problems:
        return missing
    if not problems:
        problems = (error("missing-file", path, None, "is missing", "create it"),)
    return Parsed(path, None, problems)


@lru_cache(maxsize=2048)
def _parse_yaml(path: str, data: bytes, model: type[M]) -> Parsed[M]:
    text, told = decode(path, data)
    if errors(told):
        return Parsed(path, None, told)
    document, faults = parse(path, text)
    value, more = validate(path, model, document)
    if model in (BrandIdentity, FormerNames):
        return Parsed(path, value, (), document)
    if any(fault.rule == "yaml-syntax" for fault in faults):
        more = ()  # what seems to be missing may stand behind the fault
    return Parsed(path, None if faults else value, (*told, *faults, *more), document)


@lru_cache(maxsize=2048)
def _parse_clause(path: str, data: bytes) -> Parsed[ClauseSource]:
    clause, problems = parse_clause(path, data)
    return Parsed(path, clause, problems)


def _read(source: Source, path: str) -> tuple[bytes | None, tuple[Problem, ...]]:
    try:
        return source.read(path), ()
    except Unreadable as fault:
        return None, (error("not-a-file", path, None, fault.reason, fault.mend),)


def _list(source: Source, folder: str) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    try:
        return source.list(folder), ()
    except Unreadable as fault:
        return (), (error("not-a-file", folder, None, fault.reason, fault.mend),)


def _clauses(source: Source, folder: str) -> Iterator[Parsed[ClauseSource]]:
    """Yield the clauses below a folder; and the folders among them that cannot be read."""
    locales, problems = _list(source, f"{folder}/clauses")
    if problems:
        yield Parsed(f"{folder}/clauses", None, problems)
    for locale in locales:
        names, problems = _list(source, f"{folder}/clauses/{locale.rstrip('/')}")
        if problems:
            yield Parsed(f"{folder}/clauses/{locale}", None, problems)
        for name in names:
            path = f"{folder}/clauses/{locale}{name.rstrip('/')}"
            if path.endswith(".md"):
                data, problems = _read(source, path)
                if data is not None:
                    yield _parse_clause(path, data)
                elif problems:
                    yield Parsed(path, None, problems)


def _stray(source: Source) -> Iterator[Problem]:
    """Yield a problem for each name that would be passed over, but for those of a brand's own."""
    yield from _stray_names(source, "brands", "a folder")
    yield from _stray_clauses(source, "shared")


def _stray_clauses(source: Source, folder: str) -> Iterator[Problem]:
    for locale in _list(source, f"{folder}/clauses")[0]:
        path = f"{folder}/clauses/{locale.rstrip('/')}"
        if locale.endswith("/"):
            yield from _stray_names(source, path, "a Markdown file (.md)")
        elif not locale.startswith(".") and not _list(source, path)[1]:
            yield _not(_printable(path), "a folder")


def _stray_names(source: Source, folder: str, kind: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    ending = "/" if kind == "a folder" else ".md"
    for name in _list(source, folder)[0]:
        if name.startswith("."):
            continue
        bare = name.removesuffix(ending)
        path = f"{folder}/{_printable(name.rstrip('/'))}"
        if bare == name:
            yield _not(path, kind)
        elif not _NAME.fullmatch(bare.removeprefix("_")) or bare in RESERVED:
            mend = "rename it: lower-case letters, digits and single hyphens, as in who-we-are"
            message = f"has a name that does not work everywhere{_other(bare, seen)}"
            yield error("name", path, None, message, mend)
        seen[bare.casefold()] = bare


def _not(path: str, kind: str) -> Problem:
    mend = "move it elsewhere or delete it"
    return error("stray-file", path, None, f"is not {kind} and would be passed over", mend)


def _other(bare: str, seen: Mapping[str, str]) -> str:
    other = seen.get(bare.casefold())
    return f" (and is '{other}' on other machines)" if other else ""


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)[1:-1]
