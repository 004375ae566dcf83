"""``publisher verify``: whether the archive is as it was released, with git as a witness."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from publisher.archive.committed import differing, uncommitted, version_of
from publisher.archive.folder import FOLDER, archived_brands
from publisher.archive.ledger import ledger_folder
from publisher.archive.proofs import Proofs, proofs
from publisher.archive.signatures import AllowedSigners
from publisher.archive.verify import Examined, Finding, Note, examine
from publisher.repository import Repository
from publisher.repository.witness import altered, blobs, missing
from publisher.tasks.anchors import compared_with, tags_moved
from publisher.tasks.archived import misquoted, with_versions
from publisher.tasks.trusting import Named, trusted
from publisher.tasks.workspaces import Moment, open_workspace


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at: `findings` are what is wrong, `notes` what is worth knowing.

    `heads` holds the SHA-256 of the newest entry of each brand: whoever keeps it elsewhere can tell
    later whether the ledger was cut off or written anew. `proofs` tell who signed entries, and
    since when they are there. `versions` and `entries` count.
    """

    brands: tuple[str, ...]
    entries: int
    versions: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    heads: dict[str, str]
    proofs: tuple[Proofs, ...]


def verify(  # noqa: PLR0913 - they are the command's options
    root: Path,
    brands: Iterable[str] = (),
    *,
    against: str | None = None,
    allowed_signers: Path | None = None,
    authorities: Path | None = None,
    rebuild: bool = False,
) -> Verified:
    """Look at the archive of the workspace in `root`, or at that of `brands`; repair nothing.

    `against` names another telling of it: a clone, a revision, or the SHA-256 of an entry.
    `allowed_signers` and `authorities` are files that say whose signatures and time-stamps to
    believe, in place of the workspace's. `rebuild` composes each version again from its source
    commit. Raises `NeverReleased`, `AskedWrongly`, `InvalidTrust`, `ShallowClone`, `GitFailed`.
    """
    brands = tuple(dict.fromkeys(brands))
    given = Named(allowed_signers, authorities)
    with open_workspace(root) as moment, trusted(moment, given) as believed:
        trust = believed.trust
        committed = _committed(moment)
        wanted = _brands(moment, committed, brands)
        with ThreadPoolExecutor(1) as aside:  # git goes through history while we read files
            history = aside.submit(_history, moment, brands)
            examined = [examine(root, brand, trust) for brand in wanted]
        told: list[Finding | Note] = [each for one in examined for each in one.findings]
        told += [each for one in examined for each in one.notes]
        told += [Note(each) for each in believed.notes]
        told += [] if brands else _strays(moment)
        told += history.result()
        for one in examined:
            told += _newest(one)
            told += _unsigned(one, trust.signers) if trust.signers is not None else ()
            if moment.repository is not None and moment.commit is not None:
                told += _in_git(moment.repository, committed, one)
                told += tags_moved(moment.repository, one, trust.signers)
                told += _rebuilt(moment.repository, one) if rebuild else ()
        if moment.repository is None or moment.commit is None:
            told.append(Note("the workspace is not in git: nothing but hashes was looked at"))
        if against is not None:
            told += compared_with(moment, examined, against, whole=not brands)
    return Verified(
        wanted,
        sum(len(each.entries) for each in examined),
        sum(len(each.releases) for each in examined),
        tuple(dict.fromkeys(each for each in told if isinstance(each, Finding))),
        tuple(dict.fromkeys(each.text for each in told if isinstance(each, Note))),
        {each.brand: each.digests[max(each.digests)] for each in examined if each.digests},
        tuple(proofs(each, trust) for each in examined),
    )


def _committed(moment: Moment) -> Mapping[str, tuple[str, str]]:
    """Return mode and id of every file of the archive in the newest commit, by its path."""
    if moment.repository is None or moment.commit is None:
        return {}
    moment.repository.refuse_shallow()
    return blobs(moment.repository, moment.commit, FOLDER)


def _brands(
    moment: Moment, committed: Mapping[str, tuple[str, str]], named: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the brands to look at: those `named`, else all, here or in the newest commit."""
    parts = [path.split("/") for path in committed]
    there = sorted({*archived_brands(moment.archive), *(each[1] for each in parts if each[2:])})
    return with_versions(there, named)


def _strays(moment: Moment) -> Iterator[Finding]:
    for name in moment.archive.list(FOLDER):
        if not name.endswith("/") and name != "README.md":
            yield Finding(f"{FOLDER}/{name}", "belongs to no brand")


def _history(moment: Moment, named: Collection[str]) -> list[Finding]:
    """Return what commits did to the archive, or to that of brands, other than to add to it."""
    found = []
    if moment.repository is not None and moment.commit is not None:
        for each in altered(moment.repository, moment.commit, FOLDER):
            parts = each.path.split("/")
            if parts[2:] and (not named or parts[1] in named):
                message = f"was {each.what} by commit {each.commit[:10]}"
                found.append(Finding(each.path, message, version_of(each.path)))
    return found


def _rebuilt(repository: Repository, each: Examined) -> Iterator[Finding | Note]:
    from publisher.tasks.rebuilding import rebuilt  # it loads what composes and renders

    return rebuilt(repository, each)


def _newest(each: Examined) -> Iterator[Finding]:
    """Yield whether the newest version is misquoted: no later entry holds the hash of its own."""
    for release in each.releases[-1:]:
        for locale in release.locales:
            yield from misquoted(each, release, locale)


def _in_git(
    repository: Repository, committed: Mapping[str, tuple[str, str]], each: Examined
) -> Iterator[Finding | Note]:
    """Yield where git tells something else of a brand, or does not know."""
    yield from differing(committed, each)
    new = uncommitted(committed, each)
    if new:
        yield Note(
            f"{new[0]}{f' and {len(new) - 1} more' if new[1:] else ''} not committed yet; "
            f"run `git add --force {FOLDER}/{each.brand}` and `git commit`"
        )
    unknown = missing(repository, (release.source for release in each.releases))
    for release in each.releases:
        if release.source in unknown:
            yield Note(
                f"{ledger_folder(each.brand)}/{release.name}: its source commit "
                f"{release.source[:10]} is not in this repository"
            )


def _unsigned(each: Examined, allowed: AllowedSigners) -> Iterator[Finding | Note]:
    """Yield the entries that nobody signed, though one before was signed."""
    signed = False
    for path, entry in each.entries.items():
        if entry.signer is not None:
            signed = True
        elif signed:
            yield Finding(path, "is not signed, and an entry before it is", entry.about)
    if each.entries and not signed:
        yield Note(f"{each.brand}: no entry is signed, though {allowed.where} says whose keys may")
