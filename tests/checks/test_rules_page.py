"""The page for counsel says what the catalogue says."""

from __future__ import annotations

import runpy

from conftest import ROOT

from publisher.checks.catalogue import catalogue


def test_the_page_is_current_and_has_every_rule() -> None:
    made = runpy.run_path(str(ROOT / "scripts/rules_page.py"))["page"]()
    assert (ROOT / "docs/rules.md").read_text() == made, "run python scripts/rules_page.py"
    for id in catalogue().rules:
        assert f"| `{id.partition(' ')[0]}` |" in made
