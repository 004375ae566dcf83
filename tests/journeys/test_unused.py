"""A shared clause that is in no order: told by check, and in the way of a release, but of no more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.archives import archive, refused, released
from support.workspaces import SMALL, Repo, clause

from publisher.archive.release.status import status
from publisher.build.build import build
from publisher.build.check import check
from publisher.compare.revisions import history
from publisher.problem import Problem

EXTRA = "shared/clauses/en/extra.md"
ALPHA, BETA = "brands/alpha/brand.yaml", "brands/beta/brand.yaml"
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def ready(tmp_path: Path) -> Repo:
    return archive(tmp_path / "repo")


def unused(repo: Repo, *brands: str) -> list[Problem]:
    problems = check(repo.workspace, brands=brands).problems
    return [problem for problem in problems if problem.rule == "unused"]


def test_it_is_an_error_of_check_and_of_release(ready: Repo) -> None:
    ready.commit({EXTRA: clause("Extra.")})
    for brands in ((), ("alpha",), ("beta",)):
        (problem,) = unused(ready, *brands)
        assert (problem.severity, problem.path) == ("error", EXTRA)
    assert EXTRA in str(refused(ready, "2025-01-01"))
    assert {each.state for each in status(ready.workspace, NOW)} == {"errors"}
    ready.commit({EXTRA: None})
    assert released(ready, "2025-01-01").version == "2025-01-01"


def test_it_stops_no_build_and_moves_no_date(ready: Repo, tmp_path: Path) -> None:
    before = ready.git("rev-parse", "HEAD")
    ready.commit({EXTRA: clause("Extra.")})
    report = build(ready.workspace, tmp_path / "out", formats=["json"])
    assert (report.failed, report.problems) == ((), ())
    assert {each.last_updated for each in report.built} == {date(2024, 1, 2)}
    assert [each.commit for each in history(ready.workspace, "alpha")[0].entries] == [before]


@pytest.mark.parametrize(
    "files",
    [
        {"shared/policy.yaml": SMALL["shared/policy.yaml"].replace("rights]", "rights, extra]")},
        {BETA: SMALL[BETA] + "clauses: {place: [{clause: extra, after: who}]}\n"},
        {"brands/beta/clauses/en/who.md": '{% extends "shared/extra.md" %}\n'},
    ],
    ids=["in the order", "placed by one brand", "extended"],
)
def test_what_some_brand_shows_is_in_nobodys_way(ready: Repo, files: dict[str, str]) -> None:
    ready.commit({EXTRA: clause("Extra."), **files})
    assert [problem for problem in unused(ready) if problem.severity == "error"] == []
    assert unused(ready, "alpha") == []
    assert released(ready, "2025-01-01").version == "2025-01-01"


def test_only_brands_that_could_show_it_are_stopped(ready: Repo) -> None:
    dutch = {
        path.replace("/en/", "/nl/"): text for path, text in SMALL.items() if "/clauses/en/" in path
    }
    ready.commit(
        {
            **dutch,
            BETA: SMALL[BETA].replace("[en]", "[nl]"),
            EXTRA.replace("/en/", "/nl/"): clause("Meer."),
        }
    )
    assert unused(ready, "alpha") == []
    assert released(ready, "2025-01-01").version == "2025-01-01"
    assert [problem.severity for problem in unused(ready, "beta")] == ["error"]
    assert EXTRA.replace("/en/", "/nl/") in str(refused(ready, "2025-01-01", "beta"))


def test_a_part_and_what_all_brands_leave_out_are_warnings(ready: Repo) -> None:
    leave_out = "clauses: {omit: [rights]}\n"
    ready.commit(
        {
            "shared/clauses/en/_part.md": "A part.\n",
            ALPHA: SMALL[ALPHA] + leave_out,
            BETA: SMALL[BETA] + leave_out,
        }
    )
    assert [problem.severity for problem in unused(ready)] == ["warning", "warning"]


def test_a_brands_own_clause_in_no_order_is_an_error_too(ready: Repo) -> None:
    ready.commit({"brands/alpha/clauses/en/extra.md": clause("Extra.")})
    (problem,) = check(ready.workspace, brands=["alpha"]).problems
    assert (problem.severity, problem.rule) == ("error", "unplaced")
    assert "extra" in str(refused(ready, "2025-01-01"))
