"""Translations, and what has changed in the master's text since the last review.

A clause in a locale translates the file with its name in the master locale, beside it; a text of a
YAML file that exists in both locales translates the master's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from publisher.history.followers import (
    UNKNOWN,
    Before,
    Since,
    paragraphs_of,
    since_review,
)
from publisher.repository.moment import Moment
from publisher.repository.source import Source, bytes_of
from publisher.workspace.facts import Brand, UnconfirmedIds
from publisher.workspace.loader import parse_clause
from publisher.workspace.names import COMPANIES, company_file
from publisher.workspace.parsed import Parsed, Where, Workspace
from publisher.workspace.yaml import parse

_CLAUSE = re.compile(r"(?:shared|brands/([^/]+))/clauses/([^/]+)/[^/]+\.md")
_LISTED = ("processors", "retention", "purposes")
"""The registries whose entries a brand names if it uses them."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated text in the file `path`, and the master's text that it follows.

    Both are clauses, or texts of a YAML file, at `where` in it. `former` are the paths that the
    master's file had under former ids of the brand. `brands` use the translation, by their facts.
    `line` is that of the translation, `now` the master's text now.
    """

    path: str
    locale: str
    master: str
    followed: str
    brands: tuple[str, ...]
    where: Where = ()
    line: int = 1
    former: tuple[str, ...] = ()
    now: str = ""
    since: Since = UNKNOWN

    @property
    def name(self) -> str:
        """The name of the followed text in messages: a file, or a text in one."""
        text = ".".join(str(key) for key in (*self.where, self.master))
        return f"`{text}`" if self.where else self.followed

    def own(self, source: Source) -> object:
        """Return the text of the translation, in a source."""
        if self.where:
            return _text(bytes_of(source, self.path), (*self.where, self.locale))
        return bytes_of(source, self.path)

    def text(self, source: Source) -> tuple[str, ...]:
        """Return the paragraphs of the master's text, in a source."""
        candidates = (bytes_of(source, path) for path in (self.followed, *self.former))
        data = next((data for data in candidates if data is not None), None)
        if self.where:
            return paragraphs_of(iter((_text(data, (*self.where, self.master)),)))
        clause = parse_clause(self.followed, data)[0] if data is not None else None
        return paragraphs_of(iter((clause.title or "", clause.body) if clause is not None else ()))


def translations(
    moment: Moment, workspace: Workspace, folder: str = "", before: Before = since_review
) -> tuple[Translation, ...]:
    """Return the translations in released locales, with what has changed in the master's text.

    They are those below a folder, in the order of their paths. `before` reads the history before a
    moment. Without commits, no change is known. Raises `GitFailed`.
    """
    both = (*_clauses(workspace), *_texts(workspace))
    listed = tuple(one for one in both if one.path.startswith(folder))
    line = before(moment) if listed else None
    if line is None:
        return listed
    zones = {id: brand.value.timezone for id, brand in workspace.brands.items() if brand.value}
    return tuple(
        replace(
            translation,
            now="\n\n".join(translation.text(moment.source)),
            since=line.since(translation, zones[translation.brands[0]]),
        )
        for translation in sorted(listed, key=lambda one: (one.path, one.line))
    )


def _released(workspace: Workspace) -> tuple[str, Mapping[str, dict[str, Brand]]]:
    """Return the master locale, and the brands that release each of the others."""
    company = workspace.company.value
    master = company.master_locale if company is not None else ""
    released: dict[str, dict[str, Brand]] = {}
    for id, brand in workspace.brands.items():
        for locale in brand.value.locales if brand.value is not None else ():
            if locale != master and brand.value is not None:
                released.setdefault(locale, {})[id] = brand.value
    return master, released


def _clauses(workspace: Workspace) -> Iterator[Translation]:
    master, released = _released(workspace)
    for path in sorted(workspace.clauses):
        named = _CLAUSE.fullmatch(path)
        users = released.get(named[2], {}) if named is not None else {}
        if named is None or (named[1] is not None and named[1] not in users):
            continue
        followed = path.replace(f"/clauses/{named[2]}/", f"/clauses/{master}/", 1)
        if users and followed in workspace.clauses:
            former: tuple[str, ...] = ()
            if named[1] is not None:
                names = users[named[1]].was
                former = tuple(followed.replace(named[1], name, 1) for name in names)
                users = {named[1]: users[named[1]]}
            yield Translation(path, named[2], master, followed, tuple(users), former=former)


def _texts(workspace: Workspace) -> Iterator[Translation]:
    """Yield the texts of YAML files that exist in the master locale and in another one."""
    master, released = _released(workspace)
    files = [*workspace.shared, *workspace.companies.values(), *workspace.brands.values()]
    for file in files if released else ():
        for where, locales in _localised(file.document.value, master):
            for locale in locales:
                users = _users(file, where, released.get(locale, {}))
                if users:
                    line = file.line(*where, locale)
                    yield Translation(file.path, locale, master, file.path, users, where, line)


def _localised(value: Any, master: str, where: Where = ()) -> Iterator[tuple[Where, list[str]]]:
    """Yield the places of texts per locale, and their locales except the master's."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _localised(item, master, (*where, at))
    elif isinstance(value, Mapping):
        if where and isinstance(value.get(master), str):
            yield where, [key for key, text in value.items() if key != master and text]
        for key, inner in value.items():
            yield from _localised(inner, master, (*where, key))


def _users(file: Parsed[Any], where: Where, brands: Mapping[str, Brand]) -> tuple[str, ...]:
    """Return the brands that use a text of a file, by their facts."""
    folder, _, name = file.path.partition("/")
    if folder == "brands":
        return tuple(id for id in brands if file.path.startswith(f"brands/{id}/"))
    if file.path.startswith((company_file(None), COMPANIES)):
        return tuple(id for id, one in brands.items() if company_file(one.controller) == file.path)
    registry = name.removesuffix(".yaml")
    if registry not in _LISTED:
        return tuple(brands)
    return tuple(id for id, brand in brands.items() if where[0] in _named(brand, registry))


def _named(brand: Brand, registry: str) -> Sequence[str]:
    ids = getattr(brand, registry)
    return ids.value if isinstance(ids, UnconfirmedIds) else tuple(ids)


def _text(data: bytes | None, where: Where) -> str:
    """Return a text of a YAML file; nothing if the file does not have it."""
    value = _document(data) if data is not None else None
    for key in where:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return ""
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=64)
def _document(data: bytes) -> Any:
    return parse("", data.decode("utf-8", "replace"))[0].value
