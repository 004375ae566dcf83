"""Workspaces and repositories that tests make: small, real, with fixed names and dates."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from publisher.compose import compose
from publisher.policy.tree import Policy
from publisher.repository.source import FolderSource
from publisher.workspace import load
from publisher.workspace.parsed import Workspace

SMALL: dict[str, str] = {
    "shared/company.yaml": """\
name: Acme NV
address: [Kerkstraat 1, "9000 Gent, Belgium"]
vat: BE0123 456 749
authority: {name: Data Protection Authority, site: authority.example}
master_locale: en
facts:
  answer-days: 30 days
""",
    "shared/policy.yaml": """\
title: {en: Privacy Policy, nl: Privacyverklaring}
order: [who, data, rights]
""",
    "shared/processors.yaml": """\
mailer:
  name: Mailer Ltd
  role: processor
  location: Ireland
  words: {en: "sends {{ brand.name }}'s letters.", nl: verstuurt brieven.}
bank:
  name: {en: Our bank, nl: Onze bank}
  role: recipient
  words: {en: moves money., nl: verplaatst geld.}
""",
    "shared/retention.yaml": """\
invoices:
  name: {en: Invoices, nl: Facturen}
  period: 10 years
  words: {en: "for {{ entry.period }}.", nl: "{{ entry.period }} lang."}
""",
    "shared/rights.yaml": """\
access:
  article: Art. 15
  words: {en: See your data., nl: Uw gegevens inzien.}
""",
    "shared/clauses/en/who.md": """\
---
title: Who we are
---
{{ company.name }} runs {{ brand.domain }}. Write to [{{ brand.contact }}](mailto:{{ brand.contact }}).
""",
    "shared/clauses/en/data.md": """\
---
title: Your data
---
{% block what %}We keep your name.{% endblock %}

Who receives it:

{% for each in processors %}
- {{ each.name }} {{ each.words }}
{% endfor %}

{% for each in retention %}
- {{ each.name }} {{ each.words }}
{% endfor %}
""",
    "shared/clauses/en/rights.md": """\
---
title: Your rights
---
{% for each in rights %}
- {{ each.words }}
{% endfor %}

See [who we are](#who). We answer within {{ facts["answer-days"] }}.
""",
    "brands/alpha/brand.yaml": """\
name: Alpha
domain: alpha.example
contact: privacy@alpha.example
audience: [businesses]
locales: [en]
timezone: Europe/Brussels
sisters: [beta]
processors: [mailer, bank]
retention: [invoices]
""",
    "brands/beta/brand.yaml": """\
name: Beta
domain: beta.example
contact: privacy@beta.example
audience: [consumers]
locales: [en]
timezone: Europe/Brussels
processors: [bank]
retention: [invoices]
""",
}
"""A workspace with two brands that share three clauses; both are ready to be published."""


def write(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write `files` below `root`; None deletes one."""
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def small(root: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the small workspace below `root`, with `changes`."""
    files: dict[str, str | bytes | None] = {**SMALL, **(changes or {})}
    return write(root, {name: text for name, text in files.items() if text is not None})


def read(root: Path) -> Workspace:
    """Load the workspace in a folder."""
    return load(FolderSource(root))


def policy(root: Path, brand: str = "alpha", locale: str = "en") -> Policy:
    """Compose a policy of the workspace in a folder."""
    return compose(read(root), brand, locale)


def clause(text: str, title: str = "Your data") -> str:
    """Return a clause file with `text`."""
    return f"---\ntitle: {title}\n---\n{text}\n"


EVERYTHING = clause("""\
Text with *emphasis*, **more**, `code`, a [link](https://x.example/a?b=c&d) and a note.[^n]

## A heading

- a list
  1. in a list

     with a paragraph
- and <https://auto.example>

(a) a label
(b) another:
    (i) inside
    (ii) and inside

(viii) a wide one
(ix) the next

> A quotation.

| Purpose | Period |
|---------|-------:|
| a & b   | {{ kept.invoices.period }} |

Term
: Meaning of {{ facts.unsure }}

### Deeper

Line one\\
line two \\* \\<not html\\>

[^n]: The note.
""")
"""A clause with every construct of Markdown that clauses may have."""


class Repo:
    """A git repository made by a test; each commit is a day later than the one before."""

    def __init__(self, root: Path, workspace: str = "") -> None:
        self.root = root
        self.workspace = root / workspace
        self.day = 0
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", "--template=")

    @classmethod
    def of(cls, root: Path, day: int = 20) -> Repo:
        """Return the repository that is in a folder already, after so many commits, or fewer."""
        found = cls.__new__(cls)
        found.root = found.workspace = root
        found.day = day
        return found

    def git(self, *arguments: str, **environment: str) -> str:
        """Run git with an identity of its own and nobody's configuration."""
        own = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "C",
            "GIT_COMMITTER_EMAIL": "c@example.org",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        return subprocess.run(
            ["git", "-c", "maintenance.auto=false", *arguments],
            cwd=self.root,
            env={**inherited, **own, **environment},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def pack(self) -> None:
        """Put all objects into one file: most of what there is to copy of a repository."""
        self.git("repack", "-a", "-d", "-q")

    def commit(
        self,
        files: Mapping[str, str | bytes | None] | None = None,
        message: str = "change",
        date: str | None = None,
    ) -> str:
        """Write `files` into the workspace and commit everything; return the commit's id.

        The first commit is made on 2 January 2024 at noon UTC, each further one a day later.
        """
        write(self.workspace, files or {})
        self.day += 1
        when = date or f"2024-{1 + self.day // 28:02}-{1 + self.day % 28:02}T12:00:00+0000"
        self.git("add", "-A")
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        self.git("commit", "-q", "--allow-empty", "-m", message, **dates)
        head = (self.root / ".git/HEAD").read_text().strip()
        if head.startswith("ref: "):
            return (self.root / ".git" / head.removeprefix("ref: ")).read_text().strip()
        return head

    def forge_date(self, stamp: str) -> str:
        """Give the newest commit a committer's date that git would not write; return its id."""
        raw = self.git("cat-file", "commit", "HEAD").splitlines()
        by = f"committer C <c@example.org> {stamp}"
        raw = [by if line.startswith("committer") else line for line in raw]
        (self.root / "raw").write_text("\n".join(raw) + "\n")
        forged = self.git("hash-object", "-t", "commit", "-w", "--literally", "raw")
        (self.root / "raw").unlink()
        self.git("update-ref", "refs/heads/main", forged)
        return forged


def imported(root: Path, stream: str) -> None:
    """Make a repository whose branch main has what a stream for ``git fast-import`` says."""
    root.mkdir()
    for command in ("init -q -b main", "fast-import --quiet", "reset -q --hard"):
        given = stream if command.startswith("fast") else ""
        subprocess.run(["git", *command.split()], cwd=root, input=given, text=True, check=True)
