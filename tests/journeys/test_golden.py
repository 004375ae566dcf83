"""The documents of the small workspace, to the byte; `make golden` takes them anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.workspaces import EVERYTHING, SMALL, policy, read, small

from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.style import style_of
from publisher.repository.source import FolderSource

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_golden(tmp_path: Path, request: pytest.FixtureRequest, ending: str) -> None:
    brand = SMALL["brands/alpha/brand.yaml"] + "facts: {unsure: {unconfirmed: Is it?}}\n"
    root = small(
        tmp_path, {"brands/alpha/clauses/en/data.md": EVERYTHING, "brands/alpha/brand.yaml": brand}
    )
    style = style_of(FolderSource(root), read(root).brands["alpha"])
    draft, ready = policy(root), policy(root, "beta")
    days = {"who": date(2023, 5, 25), "data": date(2024, 3, 1)}
    dating = Dating("ready", date(2024, 3, 1), clauses=days)
    made = {
        "html": lambda: html(draft, Dating("draft"), style),
        "md": lambda: markdown(draft, Dating("draft")),
        "json": lambda: json(ready, dating),
    }[ending]()
    file = GOLDEN / f"policy.{ending}"
    if request.config.getoption("--update-golden"):
        file.write_bytes(made)
    assert made == file.read_bytes(), "if this is meant, run `make golden` and look at the change"
