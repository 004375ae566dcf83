"""Dating, on real repositories: the date moves only when the words that a brand shows do."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.archive.release.status import status
from publisher.build.build import BuildReport, Built, build
from publisher.compare.revisions import history
from publisher.errors import GitFailed, ShallowClone, UnknownRevision

ALPHA = SMALL["brands/alpha/brand.yaml"]
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
DATA = SMALL["shared/clauses/en/data.md"]
FIRST = date(2024, 1, 2)
SECOND = date(2024, 1, 3)
THIRD = date(2024, 1, 4)
FOURTH = date(2024, 1, 5)
NOW = datetime(2024, 2, 1, tzinfo=UTC)


def built(root: Path, brand: str = "alpha", at: str | None = None) -> tuple[Built, BuildReport]:
    report = build(root, root.parent / "out", brands=[brand], formats=["json"], at=at)
    (one,) = report.built
    return one, report


def last_updated(repo: Repo, brand: str = "alpha", at: str | None = None) -> date | None:
    return built(repo.workspace, brand, at)[0].last_updated


def test_the_first_commit_dates_the_policy(repo: Repo) -> None:
    one, _ = built(repo.workspace)
    assert (one.status, one.last_updated) == ("ready", FIRST)


UNMOVED = {
    "another brand's override": {"brands/beta/clauses/en/data.md": clause("Other.")},
    "another brand's facts": {
        "brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace("privacy@", "info@")
    },
    "a comment in YAML": {"brands/alpha/brand.yaml": f"# a comment\n{ALPHA}"},
    "reordered keys": {
        "brands/alpha/brand.yaml": "\n".join(sorted(ALPHA.splitlines())) + "\n",
        "shared/processors.yaml": SMALL["shared/processors.yaml"].replace(
            "  name: Mailer Ltd\n  role: processor\n", "  role: processor\n  name: Mailer Ltd\n"
        ),
    },
    "a theme": {"brands/alpha/brand.yaml": ALPHA + 'theme: {accent: "#000000"}\n'},
    "emphasis": {"shared/clauses/en/data.md": DATA.replace("your name", "your *name*")},
    "line breaks in the source": {
        "shared/clauses/en/data.md": DATA.replace("We keep your", "We keep\nyour")
    },
    "a fact that is not quoted": {
        "shared/company.yaml": SMALL["shared/company.yaml"] + "  unused: x\n"
    },
    "a processor that is not in use": {
        "shared/processors.yaml": SMALL["shared/processors.yaml"]
        + "other: {name: O, role: processor, words: {en: x.}}\n"
    },
    "a file that has nothing to do with it": {"README.md": "hello\n"},
    "a clause moved from shared to the brand": {
        "shared/clauses/en/data.md": clause("Other."),
        "brands/alpha/clauses/en/data.md": DATA,
    },
    "a logo": {"brands/alpha/logo.svg": LOGO},
}
MOVED = {
    "a word in a shared clause": {
        "shared/clauses/en/data.md": DATA.replace("your name", "your names")
    },
    "a fact that is quoted": {
        "shared/company.yaml": SMALL["shared/company.yaml"].replace("Acme NV", "Acme SA")
    },
    "a fact quoted by a registry's words": {
        "brands/alpha/brand.yaml": ALPHA.replace("name: Alpha", "name: Alfa")
    },
    "a period": {
        "shared/retention.yaml": SMALL["shared/retention.yaml"].replace("10 years", "7 years")
    },
    "an override": {"brands/alpha/clauses/en/data.md": clause("New.")},
    "the order of clauses": {
        "shared/policy.yaml": SMALL["shared/policy.yaml"].replace("who, data", "data, who")
    },
    "a clause's title": {"shared/clauses/en/data.md": DATA.replace("title: Your", "title: The")},
    "the policy's title": {"shared/policy.yaml": "title: Policy\norder: [who, data, rights]\n"},
    "a list's structure": {"shared/clauses/en/rights.md": clause("1. See your data.\n", "Rights")},
}


@pytest.mark.parametrize("change", UNMOVED.values(), ids=UNMOVED.keys())
def test_the_date_stays_for(repo: Repo, change: dict[str, str | bytes | None]) -> None:
    repo.commit(change)
    assert last_updated(repo) == FIRST


@pytest.mark.parametrize("change", MOVED.values(), ids=MOVED.keys())
def test_the_date_moves_for(repo: Repo, change: dict[str, str | bytes | None]) -> None:
    repo.commit(change)
    assert last_updated(repo) == SECOND


def test_the_target_of_a_link_moves_the_date(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("[a](https://x.example)")})
    repo.commit({"shared/clauses/en/data.md": clause("[a](https://y.example)")})
    assert last_updated(repo) == THIRD


def test_a_renamed_clause_keeps_its_date(repo: Repo) -> None:
    who = SMALL["shared/clauses/en/who.md"]
    repo.commit(
        {
            "shared/clauses/en/who.md": None,
            "shared/clauses/en/who-we-are.md": who,
            "shared/policy.yaml": SMALL["shared/policy.yaml"].replace("[who,", "[who-we-are,"),
            "shared/clauses/en/rights.md": SMALL["shared/clauses/en/rights.md"].replace(
                "#who", "#who-we-are"
            ),
        }
    )
    assert last_updated(repo) == FIRST


def test_a_shared_clause_that_the_brand_overrides_whole(repo: Repo) -> None:
    repo.commit({"brands/alpha/clauses/en/data.md": clause("Ours.")})
    repo.commit({"shared/clauses/en/data.md": clause("Shared, new.")})
    assert last_updated(repo) == SECOND
    assert last_updated(repo, "beta") == THIRD


def test_a_block_that_an_override_inherits(repo: Repo) -> None:
    override = '{% extends "shared/data.md" %}\n{% block what %}Ours.{% endblock %}\n'
    repo.commit({"brands/alpha/clauses/en/data.md": override})
    repo.commit({"shared/clauses/en/data.md": DATA.replace("We keep your name", "Unseen")})
    assert last_updated(repo) == SECOND
    repo.commit({"shared/clauses/en/data.md": DATA.replace("Who receives", "Who gets")})
    assert last_updated(repo) == FOURTH


def test_words_that_come_back_are_two_revisions(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    repo.commit({"shared/clauses/en/data.md": DATA})
    assert last_updated(repo) == THIRD


def test_an_editorial_change_does_not_move_the_date(repo: Repo) -> None:
    typo = {"shared/clauses/en/data.md": DATA.replace("keep", "kepe")}
    repo.commit(typo)
    repo.commit({"shared/clauses/en/data.md": DATA}, "fix a typo\n\nPolicy-Change: editorial")
    assert last_updated(repo) == SECOND


def test_the_first_commit_is_material_whatever_it_says(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"README.md": "x"})
    small(repo.workspace)
    repo.commit(message="add policies\n\nPolicy-Change: editorial")
    assert last_updated(repo) == SECOND


def test_a_trailer_that_is_not_understood_is_reported(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("N.")}, "x\n\nPolicy-Change: cosmetic")
    one, report = built(repo.workspace)
    assert one.last_updated == SECOND
    assert "has the trailer Policy-Change: cosmetic" in str(report.problems[0])


def test_the_baseline_stands_in_for_the_first_commit_only(repo: Repo) -> None:
    baseline = "baseline: {last_updated: 2019-05-25, source: the old site}\n"
    repo.commit({"brands/alpha/brand.yaml": ALPHA + baseline})
    assert last_updated(repo) == date(2019, 5, 25)
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    assert last_updated(repo) == THIRD


def test_a_baseline_after_the_first_commit_is_an_error(repo: Repo) -> None:
    baseline = "baseline: {last_updated: 2031-01-01, source: the old site}\n"
    repo.commit({"brands/alpha/brand.yaml": ALPHA + baseline})
    report = build(repo.workspace, repo.root.parent / "out", brands=["alpha"], formats=["json"])
    assert [problem.rule for problem in report.problems] == ["baseline"]
    assert report.failed == (("alpha", "en"),)


def test_the_baseline_is_not_for_what_came_later(repo: Repo) -> None:
    beta = SMALL["brands/beta/brand.yaml"]
    baseline = "baseline: {last_updated: 2019-05-25, source: the old site}\n"
    repo.commit(
        {
            "brands/beta/brand.yaml": beta.replace("[en]", "[en, nl]") + baseline,
            "shared/clauses/nl/who.md": clause("Wij."),
            "shared/clauses/nl/data.md": clause("Dit."),
            "shared/clauses/nl/rights.md": clause("Dat."),
        }
    )
    report = build(repo.workspace, repo.root.parent / "out", brands=["beta"], formats=["json"])
    assert {b.locale: b.last_updated for b in report.built} == {
        "en": date(2019, 5, 25),
        "nl": SECOND,
    }


def test_a_brand_that_comes_back_is_dated_anew(repo: Repo) -> None:
    baseline = "baseline: {last_updated: 2019-05-25, source: the old site}\n"
    repo.commit({"brands/alpha/brand.yaml": None})
    repo.commit({"brands/alpha/brand.yaml": ALPHA + baseline})
    assert last_updated(repo) == THIRD


def test_two_equal_trailers_are_one(repo: Repo) -> None:
    twice = "fix\n\nPolicy-Change: editorial\npolicy-change:Editorial"
    repo.commit({"shared/clauses/en/data.md": clause("New.")}, twice)
    assert last_updated(repo) == FIRST


def test_the_day_is_that_of_the_brands_time_zone(repo: Repo) -> None:
    repo.commit(
        {
            "shared/clauses/en/data.md": clause("New."),
            "brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace(
                "Europe/Brussels", "Pacific/Auckland"
            ),
        },
        date="2024-06-01T11:30:00-0500",
    )
    assert last_updated(repo, "alpha") == date(2024, 6, 1)
    assert last_updated(repo, "beta") == date(2024, 6, 2)


def test_a_merge_that_brings_nothing_to_the_brand(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"brands/beta/clauses/en/data.md": clause("Other.")})
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"})
    date_ = {"GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000"}
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", **date_)
    assert last_updated(repo, "alpha") == FIRST
    assert last_updated(repo, "beta") == date(2024, 5, 1)


def test_a_locale_is_dated_by_itself(repo: Repo) -> None:
    dutch = {
        "brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace("[en]", "[en, nl]"),
        "shared/clauses/nl/who.md": clause("Wij."),
        "shared/clauses/nl/data.md": clause("Dit."),
        "shared/clauses/nl/rights.md": clause("Dat."),
    }
    repo.commit(dutch)
    report = build(repo.workspace, repo.root.parent / "out", brands=["beta"], formats=["json"])
    assert {each.locale: each.last_updated for each in report.built} == {"en": FIRST, "nl": SECOND}


# --- what is not committed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"shared/clauses/en/data.md": clause("New.")},
        {"brands/alpha/clauses/en/data.md": clause("New and untracked.")},
        {"shared/clauses/en/data.md": None, "brands/alpha/clauses/en/data.md": clause("Moved.")},
    ],
)
def test_uncommitted_words_have_no_date(repo: Repo, change: dict[str, str | bytes | None]) -> None:
    write(repo.workspace, change)
    one, _ = built(repo.workspace)
    assert (one.status, one.last_updated) == ("uncommitted", None)


def test_uncommitted_changes_that_reach_no_words_leave_the_date(repo: Repo) -> None:
    write(
        repo.workspace,
        {
            "shared/clauses/en/data.md": DATA.replace("your name", "your *name*"),
            "brands/beta/clauses/en/data.md": clause("Other."),
        },
    )
    one, _ = built(repo.workspace)
    assert (one.status, one.last_updated) == ("ready", FIRST)
    assert built(repo.workspace, "beta")[0].status == "uncommitted"


def test_a_rename_that_is_not_committed_hides_no_revision(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who we are")})
    write(
        repo.workspace,
        {
            "shared/clauses/en/who.md": None,
            "shared/clauses/en/we.md": clause("We.", "Who we are"),
            "shared/policy.yaml": SMALL["shared/policy.yaml"].replace("[who,", "[we,"),
            "shared/clauses/en/rights.md": SMALL["shared/clauses/en/rights.md"].replace(
                "#who", "#we"
            ),
        },
    )
    assert last_updated(repo) == SECOND


def test_a_link_made_a_file_is_a_change_and_no_crash(repo: Repo) -> None:
    path = repo.workspace / "brands/alpha/clauses/en/data.md"
    path.parent.mkdir(parents=True)
    path.symlink_to("../../../../shared/clauses/en/data.md")
    repo.commit()
    path.unlink()
    write(repo.workspace, {"brands/alpha/clauses/en/data.md": DATA})
    assert built(repo.workspace)[0].status == "uncommitted"


def test_outside_git_a_policy_is_undated(workspace: Path) -> None:
    one, _ = built(workspace)
    assert (one.status, one.last_updated) == ("undated", None)


def test_before_the_first_commit_a_policy_is_undated(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace)
    assert built(repo.workspace)[0].status == "undated"


# --- the past ------------------------------------------------------------------------------------


def test_at_builds_the_policy_as_it_was_with_the_date_that_it_had(repo: Repo) -> None:
    old = repo.git("rev-parse", "HEAD")
    repo.commit({"shared/clauses/en/data.md": clause("Newer.")})
    repo.git("tag", "newer")
    write(repo.workspace, {"shared/clauses/en/data.md": clause("Not committed.")})
    assert last_updated(repo, at=old) == FIRST
    one, _ = built(repo.workspace, at="newer")
    assert one.last_updated == SECOND
    assert "Newer." in one.files[0].read_text()


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("nowhere", "'nowhere' is not a revision of this repository"),
        ("--output=x", "'--output=x' is not the name of a revision"),
        ("HEAD^{tree}", "is not a revision of this repository"),
        ("", "is not a revision"),
        ("^HEAD", "is not a revision"),
        ("HEAD..HEAD", "is not a revision"),
        ("both", "is ambiguous: there is a branch and a tag of that name"),
    ],
)
def test_a_revision_that_is_none(repo: Repo, revision: str, reason: str) -> None:
    repo.git("branch", "both")
    repo.commit()
    repo.git("tag", "both")
    with pytest.raises(UnknownRevision, match=re.escape(reason)):
        built(repo.workspace, at=revision)


def test_a_brand_without_the_locale_asked_for_is_left_out(repo: Repo, tmp_path: Path) -> None:
    alpha = ALPHA.replace("locales: [en]", "locales: [en, nl]")
    dutch = {f"shared/clauses/nl/{id}.md": clause("Tekst.", id) for id in ("who", "data", "rights")}
    write(repo.workspace, {"brands/alpha/brand.yaml": alpha, **dutch})
    report = build(repo.workspace, tmp_path / "out", locales=["nl"], formats=["json"])
    assert [(policy.brand, policy.locale) for policy in report.built] == [("alpha", "nl")]
    assert report.failed == ()


# --- gaps ----------------------------------------------------------------------------------------


def test_a_broken_commit_is_passed_over_and_reported_by_history_alone(repo: Repo) -> None:
    broken = repo.commit({"shared/company.yaml": "name: [\n"})
    repo.commit({"shared/company.yaml": SMALL["shared/company.yaml"]})
    one, report = built(repo.workspace)
    assert one.last_updated == FIRST
    assert report.problems == ()
    assert not any(standing.problems for standing in status(repo.workspace, NOW))
    (policy,) = history(repo.workspace, "alpha")
    gap = policy.entries[0]
    assert (gap.kind, gap.commit) == ("gap", broken)
    assert str(gap.problems[0]).startswith("shared/company.yaml:2: is not valid")


def test_words_that_changed_across_a_gap_are_dated_where_it_was_fixed(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("{{ New.")})
    repo.commit({"brands/alpha/notes.txt": "x"})
    repo.commit({"shared/clauses/en/data.md": clause("New.")}, "fix\n\nPolicy-Change: editorial")
    one, report = built(repo.workspace)
    assert one.last_updated == FOURTH
    assert report.problems == ()


def test_what_does_not_concern_the_brand_makes_no_gap_material(repo: Repo) -> None:
    editorial = "x\n\nPolicy-Change: editorial"
    repo.commit({"shared/clauses/en/data.md": clause("{{ Reworded.")}, editorial)
    repo.commit({"brands/beta/clauses/en/data.md": clause("Other."), "shared/notes.txt": "x"})
    repo.commit({"shared/clauses/en/data.md": clause("Reworded.")}, editorial)
    assert last_updated(repo) == FIRST


def test_a_gap_at_the_beginning(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace, {"shared/company.yaml": "name: [\n"})
    repo.commit()
    repo.commit({"shared/company.yaml": SMALL["shared/company.yaml"]})
    repo.commit({"README.md": "x"})
    assert last_updated(repo) == SECOND


# --- git, asked safely ---------------------------------------------------------------------------


def test_a_shallow_clone_is_refused_with_the_fix(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"README.md": "x"})
    repo.git("clone", "-q", "--depth", "1", repo.root.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(ShallowClone, match="git fetch --unshallow"):
        built(tmp_path / "shallow")


def test_a_workspace_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo", "legal/policies")
    small(repo.workspace)
    repo.commit()
    repo.commit({"../../README.md": "x", "../../brands/alpha/brand.yaml": "not ours\n"})
    repo.commit({"brands/beta/clauses/en/data.md": clause("Other.")})
    assert last_updated(repo) == FIRST
    assert last_updated(repo, "beta") == THIRD
    assert last_updated(repo, at="HEAD~2") == FIRST


def test_replaced_history_and_grafts_are_not_believed(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    old = {"GIT_COMMITTER_DATE": "2001-01-01T12:00:00+0000"}
    forged = repo.git("commit-tree", "HEAD^{tree}", "-p", first, "-m", "forged", **old)
    repo.git("replace", "HEAD", forged)
    (repo.root / ".git/info").mkdir(exist_ok=True)
    (repo.root / ".git/info/grafts").write_text(repo.git("rev-parse", "HEAD") + "\n")
    assert last_updated(repo) == SECOND


def test_configuration_runs_nothing(repo: Repo, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\nexit 1\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.x.textconv", "alias.log", "core.pager"):
        repo.git("config", key, str(trap))
    (repo.root / ".gitattributes").write_text("* diff=x\n")
    (repo.root / ".git/hooks").mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction"):
        (repo.root / ".git/hooks" / hook).write_text(f"#!/bin/sh\ntouch {sprung}\n")
        (repo.root / ".git/hooks" / hook).chmod(0o755)
    assert last_updated(repo) == FIRST
    assert not sprung.exists()


def test_git_in_a_hook_reads_our_repository_not_the_callers(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo(tmp_path / "other")
    other.commit({"README.md": "x"})
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git/index"))
    assert last_updated(repo) == FIRST


@pytest.mark.parametrize("stamp", ["0 +0000", "-99999 +0000", "99999999999999 +0000"])
def test_a_date_that_cannot_be_true_is_reported_and_not_used(repo: Repo, stamp: str) -> None:
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    forged = repo.forge_date(stamp)
    one, report = built(repo.workspace)
    assert (one.status, one.last_updated) == ("undated", None)
    assert str(report.problems[-1]).startswith(f"commit {forged[:10]}: has a date that")


def test_sha256_repositories_are_refused(tmp_path: Path) -> None:
    small(tmp_path / "w")
    Repo(tmp_path / "other").git("init", "-q", "--object-format=sha256", str(tmp_path / "w"))
    with pytest.raises(GitFailed, match="SHA-256"):
        built(tmp_path / "w")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("log.diffMerges", "off"),
        ("log.diffMerges", "combined"),
        ("diff.relative", "true"),
        ("trailer.separators", "="),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("diff.orderFile", "/nonexistent"),
        ("core.quotePath", "true"),
    ],
)
def test_configuration_of_the_repository_changes_no_date(
    tmp_path: Path, key: str, value: str
) -> None:
    repo = Repo(tmp_path / "repo", "policies")
    small(repo.workspace)
    repo.commit()
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"shared/clauses/en/data.md": clause("New.")})
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"})
    when = {"GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000"}
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", **when)
    repo.commit({"shared/clauses/en/data.md": clause("Neu.")}, "x\n\nPolicy-Change: editorial")
    repo.git("config", key, value)
    assert last_updated(repo) == date(2024, 5, 1)


@pytest.mark.parametrize("what", ["HEAD~2", "HEAD~2^{tree}"])
def test_a_missing_object_is_no_end_of_history(repo: Repo, what: str) -> None:
    for text in ("One.", "Two.", "Three.", "Four."):
        repo.commit({"shared/clauses/en/data.md": clause(text)}, "x\n\nPolicy-Change: editorial")
    id = repo.git("rev-parse", what)
    (repo.root / ".git/objects" / id[:2] / id[2:]).unlink()
    with pytest.raises(GitFailed, match=r"git (has no object|cannot read this repository)"):
        built(repo.workspace)


@pytest.mark.parametrize("broken", ["", "0" * 40 + "\n", "1" * 40 + "\n"])
def test_a_broken_branch_is_not_taken_for_no_commits(repo: Repo, broken: str) -> None:
    (repo.root / ".git/refs/heads/main").write_text(broken)
    with pytest.raises(GitFailed):
        built(repo.workspace)


def test_a_broken_repository_is_not_taken_for_none(workspace: Path) -> None:
    (workspace / ".git").write_text("gitdir: /nonexistent/x\n")
    with pytest.raises(GitFailed, match="git cannot read this repository"):
        built(workspace)


def test_a_submodule_is_told_as_one(repo: Repo) -> None:
    other = Repo(repo.root.parent / "other")
    other.commit({"data.md": clause("x")})
    head = other.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},brands/alpha/clauses")
    repo.git("commit", "-q", "-m", "submodule")
    report = build(repo.workspace, repo.root.parent / "out", brands=["alpha"], at="HEAD")
    assert any("is a submodule" in str(problem) for problem in report.problems)


def test_safe_directory_is_handed_on_as_git_reads_it(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(repo.root, 12345, 12345)
    os.chown(repo.root / ".git", 12345, 12345)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / ".gitconfig"
    config.write_text(f"[safe]\n\tdirectory = *\n\tdirectory =\n\tdirectory = {tmp_path}/ok\n")
    with pytest.raises(GitFailed, match=r"git config --global --add safe\.directory"):
        built(repo.workspace)
    config.write_text("")
    own = repo.root / ".git/config"
    own.write_text(f"{own.read_text()}[safe]\n\tdirectory = *\n")
    with pytest.raises(GitFailed, match=r"git config --global --add safe\.directory"):
        built(repo.workspace)
    config.write_text(f"[safe]\n\tdirectory = {repo.root}\n")
    assert last_updated(repo) == FIRST


test_safe_directory_is_handed_on_as_git_reads_it = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away"
)(test_safe_directory_is_handed_on_as_git_reads_it)


# --- cost ----------------------------------------------------------------------------------------


def test_commits_that_touch_nothing_it_read_are_not_composed(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publisher.history import places

    for number in range(20):
        repo.commit({"brands/beta/clauses/en/data.md": clause(f"Other {number}.")})
        repo.commit({"README.md": f"{number}"})
    composed: list[str] = []
    composition = places.composition

    def counted(workspace: object, brand: str, *rest: object) -> object:
        composed.append(brand)
        return composition(workspace, brand, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(places, "composition", counted)
    assert last_updated(repo) == FIRST
    assert composed == []


def test_the_json_says_what_the_table_says(repo: Repo) -> None:
    one, _ = built(repo.workspace)
    written = json.loads(one.files[0].read_text())
    assert written["last_updated"] == "2024-01-02"
    assert written["words_digest"] == one.words_digest
    assert written["status"] == one.status


EDITORIAL = "x\n\nPolicy-Change: editorial"
COMPANY = SMALL["shared/company.yaml"]


def test_what_changes_while_another_file_is_broken_counts(repo: Repo) -> None:
    repo.commit({"shared/company.yaml": COMPANY + "nonsense: [\n"}, message=EDITORIAL)
    repo.commit({"shared/clauses/en/data.md": DATA.replace("your name", "your names")})
    repo.commit({"shared/company.yaml": COMPANY}, message=EDITORIAL)
    assert last_updated(repo) == FOURTH


def test_a_part_that_changes_while_what_includes_it_is_broken_counts(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(
        repo.workspace,
        {
            "shared/clauses/en/data.md": clause('{% include "shared/_part.md" %}'),
            "shared/clauses/en/_part.md": "One.\n",
        },
    )
    repo.commit()
    repo.commit({"shared/clauses/en/data.md": "---\ntitle: [\n---\n"}, message=EDITORIAL)
    repo.commit({"shared/clauses/en/_part.md": "Two.\n"})
    whole: dict[str, str | bytes | None] = {
        "shared/clauses/en/data.md": clause('{% include "shared/_part.md" %}')
    }
    repo.commit(whole, message=EDITORIAL)
    assert last_updated(repo) == FOURTH


def test_a_stray_file_that_is_deleted_fixes_it(repo: Repo) -> None:
    repo.commit(
        {
            "brands/alpha/clauses/en/notes.txt": "x",
            "shared/clauses/en/data.md": DATA.replace("your name", "your names"),
        }
    )
    repo.commit({"brands/alpha/clauses/en/notes.txt": None})
    assert last_updated(repo) == THIRD


def test_a_folder_beside_the_workspace_is_not_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo", workspace="bb")
    repo.commit(dict(SMALL))
    other = {f"../aa/{path}": text for path, text in SMALL.items()}
    repo.commit({**other, "../aa/shared/clauses/en/data.md": clause("Other.")})
    assert last_updated(repo) == FIRST
    repo.commit({"../aa/brands/alpha/brand.yaml": ALPHA.replace("name: Alpha", "name: A")})
    assert last_updated(repo) == FIRST
