"""The texts of a workspace for a language of its own: ``shared/labels/LOCALE.yaml``.

They replace the toolkit's, and are checked against its English ones. Like these they are text,
never markup, and no words of a policy: a better label must not make a policy new. Only `terms` are
words, and only where a clause quotes one, as the toolkit's own terms are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import yaml
from babel.core import Locale, UnknownLocaleError

from publisher.errors import did_you_mean
from publisher.files.packaged import packaged_yaml
from publisher.policy.characters import name_of
from publisher.policy.tree import OwnTexts
from publisher.problem import Problem, error, errors
from publisher.render.fonts import uncovered
from publisher.render.languages import language, languages, texts
from publisher.repository.source import Source
from publisher.workspace import read_texts
from publisher.workspace.facts import Texts
from publisher.workspace.names import texts_file
from publisher.workspace.parsed import Parsed

_MARKUP = re.compile(r"[<>*_`\[\]\\\n]|&#?\w+;")
_PLACE = re.compile(r"\{(\w+)\}")


def own_texts(
    files: Mapping[str, Parsed[Texts]], locale: str
) -> tuple[OwnTexts | None, tuple[Problem, ...]]:
    """Return the workspace's own texts for a locale, or for its language, and their problems.

    Both are empty if there are none, and the toolkit's are used.
    """
    file = files.get(locale) or files.get(language(locale))
    return (None, ()) if file is None else _checked(file)


def texts_in(source: Source, locale: str) -> OwnTexts | None:
    """Return the texts for a locale in the workspace of an archive, if they have no errors.

    The archive stays readable without them: in the toolkit's own texts, or in English.
    """
    return own_texts(read_texts(source, file_names(locale)), locale)[0]


def file_names(locale: str) -> tuple[str, ...]:
    """Return the names under which a workspace may have texts for a locale."""
    return tuple(dict.fromkeys((locale, language(locale))))


def unspoken(locale: str) -> tuple[str, str]:
    """Return why the toolkit has no texts for a locale, and what to do."""
    named = f"choose among the languages {', '.join(languages())}, without a territory"
    if not _dated(locale):
        return f"the toolkit has no labels and dates in '{locale}'", named
    fix = f"{named}; or bring your own labels in {texts_file(language(locale))}"
    return f"the toolkit has no labels in '{locale}'", fix


@lru_cache(maxsize=64)
def _checked(file: Parsed[Texts]) -> tuple[OwnTexts | None, tuple[Problem, ...]]:
    problems = (*file.problems, *(_faults(file) if file.value is not None else ()))
    if file.value is None or errors(problems):
        return None, problems
    kinds = {kind: MappingProxyType(dict(own)) for kind, own in file.value}
    return OwnTexts(file.path, MappingProxyType(kinds)), problems


def _faults(file: Parsed[Texts]) -> Iterator[Problem]:
    name = file.path.rpartition("/")[2].removesuffix(".yaml")
    if not _dated(name):
        message, fix = f"the toolkit cannot write dates in '{name}'", "name another language"
        yield error("labels", file.path, 1, message, fix)
    for kind, own in file.content:
        yield from _kind(file, kind, own)
    yield from _uncovered(file)


def _uncovered(file: Parsed[Texts]) -> Iterator[Problem]:
    """Yield one problem for all characters of a file that no font has: often a whole script."""
    there = ((kind, key, text) for kind, own in file.content for key, text in own.items())
    faults = [(kind, key, missing) for kind, key, text in there if (missing := uncovered(text))]
    if not faults:
        return
    kind, key, (first, *_) = faults[0]
    others = f", and {len(faults) - 1} other texts have such characters" if faults[1:] else ""
    message = f"'{kind}.{key}' has '{first}' ({name_of(first)}), which the bundled fonts do not "
    message += f"have{others}"
    fix = "write it with other characters; a language in a script without a font cannot be printed"
    yield error("glyph", file.path, file.line(kind, key), message, fix)


def _kind(file: Parsed[Texts], kind: str, own: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the faults of one kind of texts, compared with the English ones."""
    english = _english(kind)
    missing = [key for key in english if key not in own]
    if missing:
        fix = "add them; `publisher schema` writes labels-en.yaml, with every text in English"
        message = f"'{kind}' has no text for {', '.join(missing)}"
        yield error("labels", file.path, file.line(kind), message, fix)
    for key, text in own.items():
        where = file.path, file.line(kind, key)
        if key not in english:
            fix = did_you_mean(key, english) or "delete it"
            yield error("unknown-key", *where, f"unknown key '{kind}.{key}'", fix)
            continue
        for message, fix in _wrong(text, english[key]):
            yield error("labels", *where, f"'{kind}.{key}' {message}", fix)


def _wrong(text: str, english: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text, and what to do."""
    forms, wanted = _forms(text), _forms(english)
    if len(forms) != len(wanted):
        number = "one form" if len(wanted) == 1 else "two forms, for one and for several"
        yield f"needs {number}", f"write it as English does: {english}"
    elif forms != wanted or set(_PLACE.sub("", text)) & set("{}"):
        places = " | ".join(" ".join(f"{{{name}}}" for name in form) or "none" for form in wanted)
        yield "has places for values that differ from English", f"write exactly these: {places}"
    markup = _MARKUP.search(_PLACE.sub("", text))
    if markup is not None:
        yield f"has {markup[0]!r}, and labels are plain text", "write it without markup"


def _forms(text: str) -> list[list[str]]:
    """Return the places for values in each form of a text, sorted."""
    return [sorted({*_PLACE.findall(form)}) for form in text.split(" | ")]


def _dated(locale: str) -> bool:
    """Return whether dates can be written in a locale."""
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _english(kind: str) -> Mapping[str, str]:
    return texts(kind, "en") if kind != "terms" else _terms()


@lru_cache
def _terms() -> Mapping[str, str]:
    return MappingProxyType(packaged_yaml("terms.yaml")["en"])


def english_file() -> bytes:
    """Return a file with the English texts, to be translated and put into a workspace."""
    kinds = {kind: dict(_english(kind)) for kind in Texts.model_fields}
    written = yaml.safe_dump(kinds, allow_unicode=True, sort_keys=False, width=10_000)
    head = "# Translate this file, and save it as shared/labels/LOCALE.yaml. Keep each {place}.\n"
    return f"{head}{written}".encode()
