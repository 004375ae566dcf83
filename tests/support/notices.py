"""A repository with a version to come, of which customers are to be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from support.archives import archive, noon, released, say
from support.workspaces import SMALL, Repo

NOW = noon("2025-01-21")
STARTS = date(2025, 3, 1)
VERSION = "2025-01-20"
BASE = "https://alpha.example/privacy/"
ADDRESS = f"site: {{base_url: '{BASE}'}}\nnotice_days: 30\n"


def with_notice_due(root: Path) -> Repo:
    """Return a repository whose brand has a version in force, and one from 1 March 2025."""
    repo = archive(root)
    repo.commit(
        {"brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"] + ADDRESS},
        "address",
        "2024-01-03T12:00:00+0000",
    )
    released(repo, "2025-01-10")
    say(repo, "We keep your name and your dog's.", date="2025-01-11T12:00:00+0000")
    released(repo, VERSION, in_force=STARTS, summary="We also keep the name of your dog")
    return repo
