"""The example that `publisher init demo --example --today 2026-12-04` makes: the docs' own workspace.

Beside it is what the pages say that a reader has: a key, a remote repository and an old document.
"""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from support.archives import noon
from support.shell import publisher
from support.workspaces import Repo

MADE = "publisher init demo --example --today 2026-12-04"
NOW: datetime = noon("2026-12-04")
OLD_PDF = "Privacy policy 2019 (final).pdf"


def demo(folder: Path) -> None:
    """Make the example in `folder`/repo; `folder`/home has a key to sign with."""
    root = folder / "repo"
    options = MADE.removeprefix("publisher init demo ").split()
    done = publisher("init", str(root), *options, "--toolkit", "policy-publisher")
    assert done.code == 0, done.err
    key = folder / "home" / ".ssh" / "policy"
    key.parent.mkdir(parents=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    origin = str(folder / "origin.git")
    for command in (
        ("config", "user.name", "Ops"),
        ("config", "user.email", "ops@quayside.example"),
        ("clone", "-q", "--bare", ".", origin),
        ("remote", "add", "origin", origin),
        ("fetch", "-q", "origin"),
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    Repo.of(root).pack()
    policy = (root / "versions/orchard/2025-11-10/en/policy.pdf").read_bytes()
    for name in (OLD_PDF, "old.pdf"):
        (root / name).write_bytes(policy)
    options = ("--locale", "en", "--format", "docx", "--workspace", str(root))
    assert publisher("get", "lantern", *options, "--output", str(root / "counsel.docx")).code == 0
