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
from publisher.workspace import brands_in, former_names


def rebuilt(repository: Repository, each: Examined) -> Iterator[Finding | Note]:
    """Yield which versions of a brand have other words when they are composed again."""
    made = [version for version in each.versions if not isinstance(version, Import)]
    unknown = missing(repository, (version.source for version in made))
    names = (each.brand, *former_names(ArchiveFolder(each.root), each.brand).was)
    same = 0
    for release in made:
        if release.source in unknown:
            continue  # said elsewhere
        found = _words(repository, release, names)
        where = version_folder(each.brand, release.version)
        for locale, said in release.locales.items():
            yield from misquoted(each, release, locale)
            digest = found.get(locale)
            if digest == said.words:
                same += 1
                continue
            what = "cannot be composed" if digest is None else "has other words"
            message = f"{what} when it is made again from {release.source[:10]}{_tools(release)}"
            yield Finding(f"{where}/{locale}", message, release.version)
        if _tools(release):
            yield Note(f"{where} was made with other tools{_tools(release)}")
    yield from _absent(repository, each, names)
    yield Note(f"{each.brand}: {same} composed again with the same words")


def _absent(repository: Repository, each: Examined, names: tuple[str, ...]) -> Iterator[Finding]:
    """Yield which entries say that a commit does not have a policy that it has."""
    absences = {path: entry for path, entry in each.entries.items() if isinstance(entry, Absence)}
    unknown = missing(repository, (entry.source for entry in absences.values()))
    for path, entry in absences.items():
        if entry.source not in unknown:
            for locale in sorted(_words(repository, entry, names).keys() & set(entry.locales)):
                message = f"says that {entry.source[:10]} has nothing in {locale}, and it has"
                yield Finding(path, message, entry.about)


def _words(
    repository: Repository, release: Release | Reconstruct | Absence, names: tuple[str, ...]
) -> dict[str, str]:
    """Return the words digest of each locale of a brand at the source commit of an entry.

    `names` are those that the brand may have had there.
    """
    try:
        source = source_at(repository, release.source)
        there = (name for name in names if name in brands_in(source))
        workspace = load_brands(source, (next(there, release.brand),))
        composed = compose_all(workspace)
    except (GitFailed, InvalidPolicy, NotFetched, AskedWrongly):
        return {}
    return {
        each.locale: words_digest(each.policy)
        for each in composed
        if each.policy is not None and each.locale is not None
    }


def _tools(release: Release | Reconstruct) -> str:
    """Return in what the tools of today differ from those that made a version."""
    now = recorded_tools()
    differing = [
        f"{name} {then} (now {now.get(name, 'missing')})"
        for name, then in release.tools.items()
        if now.get(name) != then
    ]
    return f": {', '.join(differing)}" if differing else ""
