"""When each clause last changed, and "last updated" where there is a released version."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from support.workspaces import SMALL, Repo, clause, policy, small, write

from publisher.build.build import build
from publisher.compose.brands import compose_all, load_brands
from publisher.files.cache import Cache
from publisher.history.dates import Dates, PolicyAt
from publisher.policy.dating import Dating, Released
from publisher.policy.words import words_digest
from publisher.repository.moment import open_workspace

ALPHA = SMALL["brands/alpha/brand.yaml"]
DATA = SMALL["shared/clauses/en/data.md"]
OUTLINE = SMALL["shared/policy.yaml"]
EDITORIAL = "fix a typo\n\nPolicy-Change: editorial"
SHARED = "shared/clauses/en/data.md"
FIRST, SECOND, THIRD, FOURTH = (date(2024, 1, day) for day in (2, 3, 4, 5))
ISSUED = date(2024, 1, 20)
Files = dict[str, str | bytes | None]


def dated(
    repo: Repo,
    version: Released | None = None,
    brand: str = "alpha",
    cache: Cache | None = None,
) -> Dating:
    with open_workspace(repo.workspace) as moment:
        workspace = load_brands(moment.source, [brand])
        (composed,) = compose_all(workspace)
        assert composed.policy is not None
        released = {(brand, "en"): version} if version else {}
        (dating,) = Dates(moment, cache).of(
            [(composed.policy, workspace.brands[brand].content)], released
        )
    return dating


def days(repo: Repo, version: Released | None = None) -> dict[str, date]:
    return dict(dated(repo, version).clauses)


def release(repo: Repo, **changed: date) -> Released:
    """Return what a version says that is released from the newest commit, on 20 January."""
    clauses = {"who": FIRST, "data": FIRST, "rights": FIRST} | changed
    words = words_digest(policy(repo.workspace))
    return Released("2024-01-20", repo.git("rev-parse", "HEAD"), words, ISSUED, clauses)


def renamed(text: str = DATA) -> Files:
    return {
        SHARED: None,
        "shared/clauses/en/personal.md": text,
        "shared/policy.yaml": OUTLINE.replace("data", "personal"),
    }


# --- clauses -------------------------------------------------------------------------------------


def test_each_clause_has_the_day_of_its_own_last_change(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who we are")})
    repo.commit({"shared/clauses/en/who.md": clause("Us.", "Who we are")}, EDITORIAL)
    assert days(repo) == {"who": THIRD, "data": SECOND, "rights": FIRST}


def test_the_order_of_clauses_changes_none(repo: Repo) -> None:
    repo.commit({"shared/policy.yaml": OUTLINE.replace("who, data", "data, who")})
    found = dated(repo)
    assert (found.last_updated, set(found.clauses.values())) == (SECOND, {FIRST})


def test_a_clause_under_another_id_keeps_its_day(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    repo.commit(renamed(clause("New.")))
    assert days(repo) == {"who": FIRST, "personal": SECOND, "rights": FIRST}


def test_a_clause_renamed_by_an_editorial_commit_keeps_its_day(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who we are")})
    repo.commit(renamed(DATA.replace("keep", "store")), EDITORIAL)
    repo.commit({"shared/clauses/en/personal.md": DATA.replace("keep", "hold")}, EDITORIAL)
    assert days(repo) == {"who": SECOND, "personal": FIRST, "rights": FIRST}


def test_a_clause_that_moved_to_the_brand_keeps_its_day(repo: Repo) -> None:
    repo.commit({SHARED: clause("Two."), "brands/alpha/clauses/en/data.md": DATA})
    assert days(repo)["data"] == FIRST
    assert dated(repo, brand="beta").clauses["data"] == SECOND


def test_a_clause_that_came_and_one_that_came_editorially(repo: Repo) -> None:
    repo.commit({SHARED: DATA.replace("keep", "store")})
    new = {"shared/clauses/en/new.md": clause("Split off.", "New")}
    repo.commit({**new, "shared/policy.yaml": OUTLINE.replace("data", "data, new")}, EDITORIAL)
    assert days(repo) == {"who": FIRST, "data": SECOND, "new": SECOND, "rights": FIRST}
    repo.commit({"shared/policy.yaml": OUTLINE})
    repo.commit({"shared/policy.yaml": OUTLINE.replace("data", "data, new")})
    assert days(repo)["new"] == date(2024, 1, 6)


def test_a_clause_that_changed_while_another_was_broken(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/who.md": clause("{{ ")})
    repo.commit({SHARED: clause("New.")})
    repo.commit({"shared/clauses/en/who.md": SMALL["shared/clauses/en/who.md"]})
    assert days(repo) == {"who": FIRST, "data": FOURTH, "rights": FIRST}


def test_what_is_wrong_before_the_policys_own_date_is_not_told(repo: Repo) -> None:
    repo.commit({SHARED: clause("{{ ")})
    repo.commit({SHARED: DATA})
    repo.commit({SHARED: clause("New.")})
    found = dated(repo)
    assert (found.last_updated, found.problems) == (date(2024, 1, 5), ())
    assert found.clauses["who"] == FIRST


def test_the_baseline_stands_in_for_the_first_commit(repo: Repo) -> None:
    baseline = "baseline: {last_updated: 2019-05-25, source: the old site}\n"
    repo.commit({"brands/alpha/brand.yaml": ALPHA + baseline, SHARED: clause("New.")})
    old = date(2019, 5, 25)
    assert days(repo) == {"who": old, "data": SECOND, "rights": old}


def test_what_has_no_date_has_none_on_its_clauses(repo: Repo) -> None:
    write(repo.workspace, {SHARED: clause("Not committed.")})
    assert (dated(repo).status, days(repo)) == ("uncommitted", {})
    repo.commit(date="1970-01-01T12:00:00+0000")
    assert (dated(repo).status, days(repo)) == ("undated", {})


def test_ids_that_are_changed_but_not_committed_are_dated(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    write(repo.workspace, renamed(clause("New.")))
    assert days(repo) == {"who": FIRST, "personal": SECOND, "rights": FIRST}


# --- merges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "day"), [("x", date(2024, 5, 1)), (EDITORIAL, FIRST)])
def test_a_merge_is_dated_by_what_it_brings(repo: Repo, message: str, day: date) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({SHARED: clause("One.")}, message)
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"})
    when = {"GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000"}
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", **when)
    found = dated(repo)
    assert (found.last_updated, found.clauses["data"]) == (day, day)
    assert found.clauses["who"] == FIRST


# --- where there is a version --------------------------------------------------------------------


def test_the_words_of_the_version_have_its_date(repo: Repo) -> None:
    version = release(repo, data=SECOND)
    found = dated(repo, version)
    assert (found.status, found.last_updated, found.version) == ("ready", ISSUED, "2024-01-20")
    assert (found.commit, found.clauses) == (version.source, version.clauses)
    repo.commit({SHARED: clause("New.")})
    repo.commit({SHARED: DATA})
    assert dated(repo, version) == found


def test_a_clause_renamed_since_the_version_has_its_date(repo: Repo) -> None:
    version = release(repo, data=SECOND)
    repo.commit(renamed())
    assert days(repo, version) == {"who": FIRST, "personal": SECOND, "rights": FIRST}
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who we are")})
    assert days(repo, version) == {"who": THIRD, "personal": SECOND, "rights": FIRST}


def test_a_material_revision_after_the_version_moves_the_date(repo: Repo) -> None:
    version = release(repo, rights=SECOND)
    repo.commit({SHARED: clause("New.")})
    repo.commit({SHARED: clause("Newer.")}, EDITORIAL)
    found = dated(repo, version)
    assert (found.last_updated, found.version) == (SECOND, None)
    assert found.clauses == {"who": FIRST, "data": SECOND, "rights": SECOND}


def test_editorial_revisions_after_the_version_leave_its_date(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    version = release(repo, data=SECOND)
    repo.commit({SHARED: clause("Newer.")}, EDITORIAL)
    found = dated(repo, version)
    assert (found.status, found.last_updated, found.version) == ("ready", ISSUED, None)
    assert (found.commit, found.clauses) == (version.source, version.clauses)


def test_a_clause_added_by_an_editorial_commit_has_the_versions_date(repo: Repo) -> None:
    version = release(repo)
    new = {"shared/clauses/en/new.md": clause("Split off.", "New")}
    repo.commit({**new, "shared/policy.yaml": OUTLINE.replace("data", "data, new")}, EDITORIAL)
    assert days(repo, version)["new"] == ISSUED


def test_the_version_may_come_from_a_commit_that_changed_nothing_here(repo: Repo) -> None:
    repo.commit({"README.md": "x"})
    version = release(repo)
    repo.commit({SHARED: clause("New.")}, EDITORIAL)
    assert dated(repo, version).last_updated == ISSUED
    repo.commit({SHARED: clause("Newer.")})
    assert dated(repo, version).last_updated == date(2024, 1, 5)


@pytest.mark.parametrize("source", ["0" * 40, "--help", "HEAD"])
def test_a_version_from_a_commit_that_is_not_here_is_found_by_its_words(
    repo: Repo, source: str
) -> None:
    repo.commit({SHARED: clause("As released.")})
    version = replace(release(repo), source=source)
    repo.commit({SHARED: clause("Edited.")}, EDITORIAL)
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who we are")}, EDITORIAL)
    found = dated(repo, version)
    assert (found.status, found.last_updated) == ("ready", ISSUED)
    assert set(found.clauses.values()) == {FIRST}
    repo.commit({SHARED: clause("New.")})
    assert dated(repo, version).last_updated == date(2024, 1, 6)


def test_a_version_that_git_knows_nothing_of(repo: Repo) -> None:
    version = replace(release(repo), source="0" * 40, words="0" * 64)
    assert dated(repo, version).last_updated == FIRST


def test_outside_git_the_words_of_the_version_have_its_date(tmp_path: Path, repo: Repo) -> None:
    version = release(repo)
    root = small(tmp_path / "exported")
    with open_workspace(root) as moment:
        brand = load_brands(moment.source, ["alpha"]).brands["alpha"].content
        said = policy(root)
        (found,) = Dates(moment).of([(said, brand)], {("alpha", "en"): version})
        (other,) = Dates(moment).of(
            [(said, brand)], {("alpha", "en"): replace(version, words="0" * 64)}
        )
    assert (found.status, found.last_updated) == ("ready", ISSUED)
    assert (other.status, other.clauses) == ("undated", {})


# --- documents -----------------------------------------------------------------------------------


def test_the_documents_say_when_each_clause_last_changed(repo: Repo, tmp_path: Path) -> None:
    repo.commit({SHARED: clause("New.")})
    (one,) = build(
        repo.workspace, tmp_path / "out", brands=["alpha"], formats=["html", "json"]
    ).built
    page, data = (file.read_text() for file in one.files)
    sections = BeautifulSoup(page, "html.parser").select("main section")
    said = {each["id"]: each.select_one(".changed") for each in sections}
    assert said["who"].get_text() == "Last changed 2 January 2024"
    assert said["who"].time["datetime"] == "2024-01-02"
    assert said["data"] is None, "the day on top is its own"
    changed = {each["id"]: each["last_changed"] for each in json.loads(data)["clauses"]}
    assert changed == {"who": "2024-01-02", "data": "2024-01-03", "rights": "2024-01-02"}


def test_the_label_is_there_in_every_language() -> None:
    from publisher.render.languages import labels, languages

    assert len({labels(each)["last_changed"] for each in languages()}) == len(languages())


def test_a_dating_is_a_value(repo: Repo) -> None:
    found = dated(repo)
    assert pickle.loads(pickle.dumps(found)) == found
    assert repr(found) == repr(dated(repo))


# --- what is remembered --------------------------------------------------------------------------


def test_a_date_that_was_found_before_is_not_sought_again(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[str] = []
    compose_at = PolicyAt.__call__

    def counted(self: PolicyAt, commit: str) -> object:
        composed.append(commit)
        return compose_at(self, commit)

    monkeypatch.setattr(PolicyAt, "__call__", counted)
    for number in range(10):
        repo.commit({SHARED: clause(f"Number {number}.")})
    cache = Cache(tmp_path / "remembered")
    first = dated(repo, cache=cache)
    assert first.clauses == {"who": FIRST, "data": date(2024, 1, 12), "rights": FIRST}
    composed.clear()
    repo.commit({"README.md": "x"})
    assert dated(repo, cache=cache) == first
    assert composed == []
    repo.commit({SHARED: clause("Newer.")})
    repo.commit(renamed(clause("Newer.")), EDITORIAL)
    found = dated(repo, cache=cache)
    assert len(composed) == 2
    assert found == dated(repo)
    assert found.clauses["personal"] == date(2024, 1, 14)


def test_two_workspaces_of_one_commit_are_not_mixed_up(tmp_path: Path) -> None:
    repo, other = Repo(tmp_path / "repo", "one"), tmp_path / "repo" / "two"
    small(repo.workspace)
    small(other)
    repo.commit()
    write(other, {SHARED: clause("New.")})
    repo.commit()
    cache = Cache(tmp_path / "remembered")
    assert dated(repo, cache=cache).last_updated == FIRST
    repo.workspace = other
    assert dated(repo, cache=cache).last_updated == SECOND


def test_a_baseline_counts_for_a_date_that_was_remembered(repo: Repo, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "remembered")
    assert dated(repo, cache=cache).last_updated == FIRST
    baseline = "baseline: {last_updated: 2019-05-25, source: the old site}\n"
    repo.commit({"brands/alpha/brand.yaml": ALPHA + baseline})
    found = dated(repo, cache=cache)
    assert found.last_updated == date(2019, 5, 25)
    assert set(found.clauses.values()) == {date(2019, 5, 25)}
