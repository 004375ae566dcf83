"""A workspace with several versions, made once: what the examples of help and docs are tried in.

It is 4 December 2026 there. Cloudnovi has a version in force, one to come, and words that differ
from both; NETVPX has a version, and KGB Hosting is a draft.
"""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from pathlib import Path

from support.archives import ATTRIBUTES, noon, released
from support.workspaces import SMALL, Repo, clause, write

NOW: datetime = noon("2026-12-04")
RETENTION = "shared/clauses/en/retention.md"
OLD_PDF = "Privacy policy 2019 (final).pdf"
_RENAMED = {"alpha": "cloudnovi", "Alpha": "Cloudnovi", "beta": "netvpx", "Beta": "NETVPX"}


def several(folder: Path) -> None:
    """Make the repository, in `folder`/repo; `folder`/home has a key to sign with."""
    key = folder / "home" / ".ssh" / "policy"
    key.parent.mkdir(parents=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    repo = Repo(folder / "repo")
    write(repo.workspace, _files())
    for name, value in (("user.name", "Ops"), ("user.email", "ops@cloudnovi.example")):
        repo.git("config", name, value)
    repo.commit(message="Our first policies", date="2024-01-02T12:00:00+0000")
    repo.commit({RETENTION: clause("We keep logs.", "Retention")}, date="2024-02-01T12:00:00+0000")
    released(repo, "2025-03-01", "cloudnovi")
    released(repo, "2025-03-01", "netvpx", sign=str(key))
    text = "We keep logs for three months."
    repo.commit({RETENTION: clause(text, "Retention")}, date="2026-11-20T12:00:00+0000")
    released(repo, "2026-11-22", "cloudnovi", in_force=date(2026, 12, 22))
    repo.git("clone", "-q", "--bare", ".", str(folder / "origin.git"))
    repo.git("remote", "add", "origin", str(folder / "origin.git"))
    repo.git("fetch", "-q", "origin")
    text = "We keep logs for six months."
    repo.commit({RETENTION: clause(text, "Retention")}, date="2026-11-23T12:00:00+0000")
    repo.pack()


def _files() -> dict[str, str]:
    files = {}
    for name, text in (SMALL | ATTRIBUTES).items():
        for old, new in _RENAMED.items():
            name, text = name.replace(old, new), text.replace(old, new)  # noqa: PLW2901
        files[name.replace("/data.md", "/retention.md")] = text
    files["shared/policy.yaml"] = files["shared/policy.yaml"].replace("data", "retention")
    for brand in ("cloudnovi", "netvpx"):
        site = f"site: {{base_url: 'https://policies.example/{brand}/'}}\n"
        files[f"brands/{brand}/brand.yaml"] += site
    draft = files["brands/netvpx/brand.yaml"].replace("netvpx", "kgb-hosting")
    contact = "{unconfirmed: Which mailbox do customers write to?}"
    draft = draft.replace("privacy@kgb-hosting.example", contact).replace("NETVPX", "KGB Hosting")
    return files | {"brands/kgb-hosting/brand.yaml": draft}
