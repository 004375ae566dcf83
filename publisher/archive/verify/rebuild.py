"""Composes versions again from their source commits, and compares their words."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.archive.entries import Absence, Import, Reconstruct, Release
from publisher.archive.folder import version_folder
from publisher.archive.verify.findings import Examined, Finding, Note, misquoted
from publisher.compose.brands import compose_all, load_brands
from publisher.errors import AskedWrongly, GitFailed, InvalidPolicy, NotFetched
from publisher.policy.words import words_digest
from publisher.render.toolchain import recorded_tools
from publisher.repository.moment import source_at
from publisher.repository.reading import Repository
from publisher.repository.source import ArchiveFolder
from publisher.repository.witness import missing
from publisher.workspace import former_names
from publisher.workspace.names import brands_among


def rebuilt(repository: Repository, one: Examined) -> Iterator[Finding | Note]:
    """Yield which versions of a brand have different words when they are composed again."""
    composed = [version for version in one.versions if not isinstance(version, Import)]
    unknown = missing(repository, (version.source for version in composed))
    names = (one.brand, *former_names(ArchiveFolder(one.root), one.brand).was)
    same = 0
    for version in composed:
        if version.source in unknown:
            continue  # `verify` notes it
        words = _words(repository, version, names)
        where, tools = version_folder(one.brand, version.version), _tools(version)
        for locale, recorded in version.locales.items():
            yield from misquoted(one, version, locale)
            digest = words.get(locale)
            if digest == recorded.words:
                same += 1
                continue
            what = "cannot be composed" if digest is None else "has other words"
            message = f"{what} when it is made again from {version.source[:10]}{tools}"
            yield Finding(f"{where}/{locale}", message, version.version)
        if tools:
            yield Note(f"{where} was made with other tools{tools}")
    yield from _absent(repository, one, names)
    yield Note(f"{one.brand}: {same} composed again with the same words")


def _absent(repository: Repository, one: Examined, names: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the entries on the absence of a policy that the commit does have."""
    absences = {path: entry for path, entry in one.entries.items() if isinstance(entry, Absence)}
    unknown = missing(repository, (entry.source for entry in absences.values()))
    for path, entry in absences.items():
        if entry.source not in unknown:
            for locale in sorted(_words(repository, entry, names).keys() & set(entry.locales)):
                message = f"says that {entry.source[:10]} has nothing in {locale}, but it has"
                yield Finding(path, message, entry.about)


def _words(
    repository: Repository, entry: Release | Reconstruct | Absence, names: tuple[str, ...]
) -> dict[str, str]:
    """Return the words digest of each locale of a brand at the source commit of an entry.

    `names` are those that the brand may have had there.
    """
    try:
        source = source_at(repository, entry.source, past=True)
        there = brands_among(source, names)
        present = (name for name in names if name in there)
        workspace = load_brands(source, (next(present, entry.brand),))
        composed = compose_all(workspace)
    except (GitFailed, InvalidPolicy, NotFetched, AskedWrongly):
        return {}
    return {
        result.locale: words_digest(result.policy)
        for result in composed
        if result.policy is not None and result.locale is not None
    }


def _tools(version: Release | Reconstruct) -> str:
    """Return in which tools this machine differs from those that made a version."""
    now = recorded_tools()
    differing = [
        f"{name} {then} (now {now.get(name, 'missing')})"
        for name, then in version.tools.items()
        if now.get(name) != then
    ]
    return f": {', '.join(differing)}" if differing else ""
