"""Histories of one small brand that tests make, all commits at once, and what they say each day."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.compose import compose
from publisher.errors import InvalidPolicy
from publisher.policy.words import words_digest
from publisher.repository.moment import source_at
from publisher.repository.reading import Repository
from publisher.workspace import load
from support.workspaces import SMALL, Repo, clause

LOCALES = ("en", "nl")
ZONE = "Europe/Brussels"
START = datetime(2024, 1, 2, 12, tzinfo=UTC)
ALPHA = SMALL["brands/alpha/brand.yaml"].replace("sisters: [beta]\n", "")
REGISTRIES = ("processors", "retention", "rights")
QUESTION = 'facts:\n  unsure: {value: "maybe", unconfirmed: "Is it so?"}\n'


@dataclass(frozen=True)
class World:
    """What a brand's files say at a commit.

    `broken` are the files that cannot be read; `draft` the locales that quote what nobody has
    confirmed.
    """

    words: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(LOCALES, "One."))
    locales: tuple[str, ...] = LOCALES
    there: bool = True
    broken: frozenset[str] = frozenset()
    draft: frozenset[str] = frozenset()

    def files(self) -> dict[str, str]:
        """Return all files of the workspace."""
        company = SMALL["shared/company.yaml"].partition("facts:")[0]
        unsure = QUESTION if self.draft else "facts:\n  unsure: maybe\n"
        files = {
            ".gitattributes": "versions/** -text -filter -ident\n",
            "shared/company.yaml": company + unsure if "shared" not in self.broken else "name: [\n",
            "shared/policy.yaml": "title: {en: Privacy Policy, nl: Privacy}\norder: [data]\n",
            **dict.fromkeys(map("shared/{}.yaml".format, REGISTRIES), "{}\n"),
        }
        for locale in LOCALES:
            said = self.words[locale] + (" {{ facts.unsure }}" if locale in self.draft else "")
            said = said if locale not in self.broken else "{{ nothing }}"
            files[f"shared/clauses/{locale}/data.md"] = clause(said)
        if self.there:
            spoken = ALPHA.replace("locales: [en]", f"locales: [{', '.join(self.locales)}]")
            spoken = spoken.replace("processors: [mailer, bank]\nretention: [invoices]\n", "")
            files["brands/alpha/brand.yaml"] = spoken if "brand" not in self.broken else "name: [\n"
        files["brands/beta/brand.yaml"] = ALPHA.replace("alpha", "beta").partition("processors")[0]
        return files


@dataclass(frozen=True)
class Made:
    """A commit: what the workspace says then, when it was made, and its message."""

    world: World
    at: datetime
    message: str = "change"


def history(root: Path, commits: Sequence[Made]) -> Repo:
    """Return a repository with these commits, one behind the other."""
    repo = Repo(root)
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@acme.example")
    stream = bytearray()
    for made in commits:
        who = f"C <c@example.org> {int(made.at.timestamp())} +0000"
        stream += f"commit refs/heads/main\nauthor {who}\ncommitter {who}\n".encode()
        stream += f"data {len(made.message.encode())}\n{made.message}\ndeleteall\n".encode()
        for path, text in made.world.files().items():
            stream += f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n".encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=bytes(stream), check=True)
    repo.git("reset", "-q", "--hard", "main")
    return repo


Answer = dict[str, str | None]


def told(root: Path, days: Iterable[date]) -> dict[date, Answer]:
    """Return the words digest of each locale on each day: of the newest commit that it had by then.

    A commit is not older than the one that it follows. Where a policy is broken, or a draft, what
    was there before still holds; None where it is not there.
    """
    known = Repository.find(root)
    assert known is not None
    with known as repository:
        line = list(reversed([each.id for each in repository.log(repository.head() or "")]))
        answers: list[tuple[date, Answer]] = []
        latest = date.min
        for commit in line:
            made = datetime.fromtimestamp(repository.time(commit) or 0, ZoneInfo(ZONE))
            latest = max(latest, made.date())
            before = answers[-1][1] if answers else dict.fromkeys(LOCALES)
            answers.append((latest, {each: said(repository, commit, each, before[each])
                                     for each in LOCALES}))  # fmt: skip
    found = {}
    for day in days:
        newest = [answer for begins, answer in answers if begins <= day]
        found[day] = newest[-1] if newest else dict.fromkeys(LOCALES)
    return found


def said(repository: Repository, commit: str, locale: str, before: str | None) -> str | None:
    """Return the words digest of a policy at a commit, or what holds from `before`."""
    workspace = load(source_at(repository, commit), ("alpha",))
    brand = workspace.brands.get("alpha")
    if brand is None or (brand.value is not None and locale not in brand.value.locales):
        return None
    try:
        policy = compose(workspace, "alpha", locale)
    except InvalidPolicy:
        return before
    return before if policy.draft else words_digest(policy)


def span(commits: Sequence[Made]) -> list[date]:
    """Return each day from before the first of some commits until after the last."""
    days = [made.at.date() for made in commits]
    first, last = min(days) - timedelta(days=1), max(days) + timedelta(days=3)
    return [first + timedelta(days=at) for at in range((last - first).days)]
