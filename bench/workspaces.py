"""Workspaces of any size, and repositories with long histories, made from fixed seeds."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

CLAUSES = 20
WORDS = """
we process your personal data only for the purposes that this policy names and keep it no longer
than they need you may ask at any time which data of yours we hold and have it corrected erased or
handed to another controller our processors act on our instructions and under a contract that binds
them to secrecy
"""
EDITORIAL = "Policy-Change: editorial"

Files = dict[str, str]
Kind = Literal["ordinary", "editorial", "emphasis", "moved"]


def workspace(brands: int, clauses: int = CLAUSES) -> Files:
    """Return the files of a workspace: shared clauses, a third of which every brand overrides."""
    ids = [f"clause-{number:02}" for number in range(1, clauses + 1)]
    files = {
        "shared/company.yaml": (
            "name: Acme NV\naddress: [Kerkstraat 1, '9000 Gent']\nvat: BE0123 456 749\n"
            "authority: {name: Data Protection Authority, site: authority.example}\n"
            "master_locale: en\n"
        ),
        "shared/policy.yaml": f"title: {{en: Privacy Policy}}\norder: [{', '.join(ids)}]\n",
        "shared/processors.yaml": (
            "mailer: {name: Mailer Ltd, role: processor, location: Ireland, "
            "words: {en: sends letters.}}\n"
        ),
        "shared/retention.yaml": (
            "invoices: {name: Invoices, period: 10 years, words: {en: 'for {{ entry.period }}.'}}\n"
        ),
        "shared/rights.yaml": "access: {article: Art. 15, words: {en: See your data.}}\n",
    }
    for number, id in enumerate(ids):
        files[f"shared/clauses/en/{id}.md"] = clause(number, 0)
    for number in range(1, brands + 1):
        brand = f"brand-{number:03}"
        files[f"brands/{brand}/brand.yaml"] = (
            f"name: Brand {number}\ndomain: {brand}.example\ncontact: privacy@{brand}.example\n"
            "audience: [businesses]\nlocales: [en]\ntimezone: Europe/Brussels\n"
            "processors: [mailer]\nretention: [invoices]\n"
        )
        for index in range(2, clauses, 3):
            files[f"brands/{brand}/clauses/en/{ids[index]}.md"] = clause(index, number)
    return files


def clause(number: int, seed: int, *, edits: int = 0, emphasis: int = 0) -> str:
    """Return a clause: paragraphs and a list, every other one with facts; ~150 words.

    Another seed gives other words, each edit changes one of them; another `emphasis` gives the same
    words, set otherwise.
    """
    chance = random.Random(f"{number} {seed}")
    said = [" ".join(chance.choices(WORDS.split(), k=18)) for _ in range(8)]
    if edits:
        said[edits % 8] += f" ({edits})"
    if emphasis:
        words = said[emphasis % 8].split(" ")
        words[emphasis % len(words)] = f"*{words[emphasis % len(words)]}*"
        said[emphasis % 8] = " ".join(words)
    quoted = (
        "{{ company.name }} runs {{ brand.domain }}: write to {{ brand.contact }}.\n\n"
        "{% for each in processors %}\n- {{ each.name }} {{ each.words }}\n{% endfor %}\n\n"
        if number % 2
        else ""
    )
    lines = "\n\n".join(said[:4]) + "\n\n## Details\n\n" + "\n".join(f"- {t}" for t in said[4:])
    return f"---\ntitle: Clause {number + 1}\n---\n{quoted}{lines}\n"


def write(root: Path, files: Files) -> Path:
    """Write a workspace's files below `root`."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def repository(root: Path, commits: int, brands: int = 3, kind: Kind = "ordinary") -> Path:
    """Make a repository with a long history.

    Each commit changes one clause, shared or of one brand. `kind` says how: its words, every other
    time as an editorial change ("ordinary"), or always ("editorial"); or its emphasis only, without
    saying so, so that every commit must be composed to be told from one that changes words
    ("emphasis"). "moved" is "ordinary", and every hundredth commit moves the workspace into
    a folder of its own, or back.
    """
    root.mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    stream = "".join(_stream(workspace(brands), commits, kind))
    git(root, "fast-import", "--quiet", stdin=stream)
    git(root, "reset", "--quiet", "--hard")
    return root


def _stream(files: Files, commits: int, kind: Kind) -> Iterator[str]:
    """Yield a history as `git fast-import` reads it."""
    chance = random.Random(kind)
    paths = sorted(path for path in files if path.endswith(".md"))
    times = dict.fromkeys(paths, 0)
    yield commit(0, "first", files)
    folder = ""
    for at in range(1, commits):
        if kind == "moved" and at % 100 == 0 and (folder or at + 100 < commits):
            was, folder = folder, "" if folder else "legal/"
            yield (
                commit(at, "move", {})[:-1]
                + "".join(f"R {was}{name} {folder}{name}\n" for name in ("brands", "shared"))
                + "\n"
            )
            continue
        path = chance.choice(paths)
        times[path] += 1
        how = {"emphasis" if kind == "emphasis" else "edits": times[path]}
        editorial = kind == "editorial" or (kind in ("ordinary", "moved") and at % 2)
        message = f"change\n\n{EDITORIAL}" if editorial else "change"
        yield commit(at, message, {folder + path: clause(*_seed(path), **how)})


def _seed(path: str) -> tuple[int, int]:
    """Return the number of the clause in a file, and of its brand, 0 for the shared one."""
    return int(path[-5:-3]) - 1, 0 if path.startswith("shared/") else int(path.split("/")[1][-3:])


def commit(at: int, message: str, files: Files) -> str:
    """Return a commit as `git fast-import` reads it."""
    changes = "".join(
        f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        for path, text in files.items()
    )
    return (
        f"commit refs/heads/main\ncommitter A B <a@b.example> {1_500_000_000 + at * 600} +0000\n"
        f"data {len(message.encode())}\n{message}\n{changes}\n"
    )


def git(root: Path, *arguments: str, stdin: str = "") -> str:
    """Run git in a folder, without anybody's configuration; return what it prints."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *arguments],
        cwd=root,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
