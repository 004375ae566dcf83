"""``publisher history``, on real repositories: revisions, gaps, merges, and one clause followed."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.cli.options import day as parse_day
from publisher.compare.revisions import PolicyHistory, history
from publisher.errors import AskedWrongly, GitFailed, ShallowClone, UnknownName
from publisher.redline.values import Counts
from publisher.workspace import load

ALPHA = SMALL["brands/alpha/brand.yaml"]
DATA = SMALL["shared/clauses/en/data.md"]
OUTLINE = SMALL["shared/policy.yaml"]
EDITORIAL = "fix a typo\n\nPolicy-Change: editorial"
SHARED = "shared/clauses/en/data.md"
OWN = "brands/alpha/clauses/en/data.md"
Files = dict[str, str | bytes | None]
MERGED = {"GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000"}


def told(repo: Repo, brand: str = "alpha", **options: Any) -> PolicyHistory:
    (only,) = history(repo.workspace, brand, **options)
    return only


def kinds(repo: Repo, brand: str = "alpha", **options: Any) -> list[str]:
    """Return the kinds of all entries but that of the first commit."""
    entries = told(repo, brand, **options).entries
    assert entries[-1].changes is not None
    assert entries[-1].changes.added == ("who", "data", "rights")
    return [each.kind for each in entries[:-1]]


def renamed(id: str = "personal-data", text: str = DATA) -> Files:
    """Return the files in which the clause about data has another id."""
    return {
        SHARED: None,
        f"shared/clauses/en/{id}.md": text,
        "shared/policy.yaml": OUTLINE.replace("data", id),
    }


def merge(repo: Repo, side: str = "side", message: str = "merge", *options: str) -> str:
    repo.git("merge", "-q", "--no-ff", *options, "-m", message, side, **MERGED)
    return repo.git("rev-parse", "HEAD")


# --- revisions -----------------------------------------------------------------------------------


def test_a_revision_says_what_it_changed(repo: Repo) -> None:
    changed = {
        SHARED: DATA.replace("your name", "your full name"),
        "shared/clauses/en/rights.md": None,
        "shared/clauses/en/new.md": clause("Quite new.", "More"),
        "shared/policy.yaml": OUTLINE.replace("[who, data, rights]", "[data, who, new]"),
    }
    id = repo.commit(changed, "Say more\non two lines\n\nand why")
    newest, first = told(repo).entries
    assert newest.changes is not None
    assert (newest.kind, newest.commit, newest.day) == ("material", id, date(2024, 1, 3))
    assert (newest.author, newest.subject) == ("A", "Say more on two lines")
    found = newest.changes
    assert (found.changed, found.added, found.removed) == (("data",), ("new",), ("rights",))
    assert len(found.moved) == 1
    assert (found.counts.words_added, found.counts.words_removed) == (1 + 3, 13)
    assert (first.kind, first.day) == ("material", date(2024, 1, 2))


def test_a_repository_without_a_commit_has_no_newest_one(tmp_path: Path, run: Run) -> None:
    small(Repo(tmp_path / "new").workspace)
    ran = run("history", "alpha", cwd=tmp_path / "new")
    assert ran.stdout == "alpha/en\nthe repository has no commit yet\nno revisions\n\n"


def test_what_changes_no_words_is_no_revision(repo: Repo) -> None:
    repo.commit({SHARED: DATA.replace("your name", "your *name*")})
    repo.commit({"brands/beta/clauses/en/data.md": clause("Other.")})
    assert kinds(repo, "beta") == ["material"]
    repo.commit(renamed())
    assert kinds(repo) == []


def test_editorial_revisions_are_told_too(repo: Repo) -> None:
    repo.commit({SHARED: clause("Old.")})
    repo.commit({SHARED: clause("Older.")}, EDITORIAL)
    assert kinds(repo) == ["editorial", "material"]


def test_a_revert_is_a_revision_too(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    repo.git("revert", "--no-edit", "HEAD", **MERGED)
    there, back = told(repo).entries[1], told(repo).entries[0]
    assert kinds(repo) == ["material", "material"]
    assert there.changes
    assert back.changes
    assert there.changes.counts.words_added == back.changes.counts.words_removed > 0


def test_a_squash_is_one_revision(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({SHARED: clause("One.")})
    repo.commit({SHARED: clause("Two.")})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--squash", "side")
    repo.commit(message="both at once")
    assert [each.subject for each in told(repo).entries] == ["both at once", "first"]


def test_a_brand_that_went_and_came_back(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    repo.commit({"brands/alpha/brand.yaml": None})
    repo.commit({SHARED: clause("Newer.")})
    repo.commit({"brands/alpha/brand.yaml": ALPHA})
    came, went, *_ = told(repo).entries
    assert kinds(repo) == ["material"] * 3
    assert came.changes
    assert went.changes
    assert came.changes.added == went.changes.removed == ("who", "data", "rights")


def test_the_day_is_that_of_the_brands_time_zone(repo: Repo) -> None:
    auckland = {"brands/alpha/brand.yaml": ALPHA.replace("Europe/Brussels", "Pacific/Auckland")}
    repo.commit({**auckland, SHARED: clause("New.")}, date="2024-06-01T11:30:00-0500")
    assert told(repo).entries[0].day == date(2024, 6, 2)
    assert told(repo, "beta").entries[0].day == date(2024, 6, 1)


def test_every_locale_has_a_history_of_its_own(repo: Repo) -> None:
    dutch = {
        f"shared/clauses/nl/{id}.md": clause("Wij.", id.upper()) for id in ("who", "data", "rights")
    }
    repo.commit({"brands/alpha/brand.yaml": ALPHA.replace("[en]", "[en, nl]"), **dutch})
    repo.commit({SHARED: clause("New.")})
    english, flemish = history(repo.workspace, "alpha")
    assert (english.locale, len(english.entries)) == ("en", 2)
    assert (flemish.locale, len(flemish.entries)) == ("nl", 1)
    assert [each.locale for each in history(repo.workspace, "alpha", locales=["nl"])] == ["nl"]


def test_since_leaves_out_what_was_before(repo: Repo) -> None:
    repo.commit({SHARED: clause("New.")})
    repo.commit({SHARED: clause("Newer.")})
    days = [each.day for each in told(repo, since=date(2024, 1, 3)).entries]
    assert days == [date(2024, 1, 4), date(2024, 1, 3)]


def test_the_working_tree_that_differs_is_mentioned(repo: Repo) -> None:
    assert not told(repo).uncommitted
    write(repo.workspace, {SHARED: DATA.replace("your name", "your *name*")})
    assert not told(repo).uncommitted
    write(repo.workspace, {SHARED: clause("Not committed.")})
    assert told(repo).uncommitted
    write(repo.workspace, {SHARED: "---\ntitle: [\n---\n"})
    assert told(repo).uncommitted
    assert len(told(repo).entries) == 1


# --- gaps ----------------------------------------------------------------------------------------


def test_a_gap_is_told_and_history_goes_on_behind_it(repo: Repo) -> None:
    repo.commit({SHARED: clause("Two.")})
    broken = repo.commit({SHARED: clause("{{ Three.")}, "break it")
    repo.commit({SHARED: clause("Three.")}, EDITORIAL)
    fixed, gap, second, first = told(repo).entries
    assert (gap.kind, gap.commit, gap.subject) == ("gap", broken, "break it")
    assert gap.changes is None
    assert gap.problems[0].path == SHARED
    assert (fixed.kind, second.kind, first.kind) == ("material",) * 3


def test_a_policy_that_is_broken_now_has_a_history(repo: Repo) -> None:
    repo.commit({SHARED: clause("Two.")})
    repo.commit({SHARED: clause("{{ Three.")})
    repo.commit({"shared/company.yaml": "name: [\n"})
    found = told(repo)
    assert [each.kind for each in found.entries] == ["gap", "gap", "material", "material"]
    assert found.errors[0].path == "shared/company.yaml"


# --- merges --------------------------------------------------------------------------------------


def branch(repo: Repo, *commits: tuple[Files, str]) -> None:
    """Commit on a branch, then on main."""
    repo.git("checkout", "-q", "-b", "side")
    for files, message in commits:
        repo.commit(files, message)
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"})


def test_a_merge_is_one_revision_at_its_own_date(repo: Repo) -> None:
    branch(repo, ({SHARED: clause("One.")}, "one"), ({SHARED: clause("Two.")}, "two"))
    id = merge(repo)
    newest = told(repo).entries[0]
    assert (newest.commit, newest.kind, newest.day) == (id, "material", date(2024, 5, 1))
    assert kinds(repo) == ["material"]


def test_a_merge_is_editorial_if_all_that_it_brings_is(repo: Repo) -> None:
    branch(
        repo,
        ({SHARED: clause("One.")}, EDITORIAL),
        ({SHARED: DATA.replace("keep", "store")}, EDITORIAL),
        ({"brands/beta/clauses/en/who.md": clause("We.")}, "another brand's, and material"),
        ({"README.md": "y"}, "nobody's"),
        ({"README.md": "x"}, "nobody's"),
    )
    merge(repo)
    assert kinds(repo) == ["editorial"]
    assert kinds(repo, "beta") == ["material"]


def test_a_merge_is_material_if_one_that_it_brings_is(repo: Repo) -> None:
    branch(
        repo,
        ({SHARED: clause("One.")}, EDITORIAL),
        ({SHARED: clause("Two.")}, "two"),
        ({SHARED: clause("Three.")}, EDITORIAL),
    )
    merge(repo)
    assert kinds(repo) == ["material"]


def test_a_merge_is_editorial_if_it_says_so(repo: Repo) -> None:
    branch(repo, ({SHARED: clause("One.")}, "one"))
    merge(repo, "side", EDITORIAL)
    assert kinds(repo) == ["editorial"]


def test_a_merge_that_changes_the_words_itself_is_material(repo: Repo) -> None:
    branch(repo, ({"README.md": "x"}, EDITORIAL))
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    write(repo.workspace, {SHARED: clause("Slipped in.")})
    repo.git("commit", "-qam", "merge", **MERGED)
    assert kinds(repo) == ["material"]


def test_a_broken_commit_that_a_merge_brings_counts_as_changing(repo: Repo) -> None:
    branch(
        repo,
        ({SHARED: clause("{{ One.")}, EDITORIAL),
        ({"shared/clauses/en/who.md": clause("We {{ ", "Who")}, "broken"),
        ({SHARED: clause("One."), "shared/clauses/en/who.md": SMALL["shared/clauses/en/who.md"]}, EDITORIAL),
    )  # fmt: skip
    merge(repo)
    assert kinds(repo) == ["material"]


def test_a_branch_that_was_brought_up_to_date_is_judged_by_its_own_commits(repo: Repo) -> None:
    branch(repo, ({SHARED: DATA.replace("keep", "store")}, EDITORIAL))
    repo.commit({"shared/clauses/en/who.md": clause("Others.", "Who we are")}, "material, on main")
    repo.git("checkout", "-q", "side")
    merge(repo, "main", "bring up to date")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "y"})
    merge(repo)
    assert kinds(repo) == ["editorial", "material"]


def test_a_merge_within_a_merge_is_judged_by_what_it_brings(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "inner")
    repo.commit({SHARED: DATA.replace("keep", "store")}, EDITORIAL)
    repo.git("checkout", "-q", "-b", "outer", "main")
    repo.commit({"README.md": "y"})
    merge(repo, "inner", "inner")
    repo.git("checkout", "-q", "main")
    repo.commit({"brands/beta/clauses/en/who.md": clause("We.")})
    merge(repo, "outer", "outer")
    assert kinds(repo) == ["editorial"]
    repo.git("checkout", "-q", "outer")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "main")
    write(repo.workspace, {SHARED: clause("Slipped in.")})
    repo.git("commit", "-qam", "a merge that changes the words itself", **MERGED)
    repo.git("checkout", "-q", "main")
    merge(repo, "outer", "outer again")
    assert kinds(repo) == ["material", "editorial"]


# --- one clause ----------------------------------------------------------------------------------


def of_clause(repo: Repo, id: str) -> list[tuple[str, str]]:
    """Return kind and subject of what happened to a clause."""
    return [(each.kind, each.subject) for each in told(repo, clause=id).entries]


def test_a_clause_is_followed_through_its_ids_and_files(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/who.md": clause("We.", "Who")}, "another clause")
    repo.commit({SHARED: clause("Two.")}, "reword")
    repo.commit(renamed(text=clause("Two.")), "rename")
    own = "brands/alpha/clauses/en/personal-data.md"
    repo.commit({own: clause("Two.")}, "override")
    repo.commit({own: clause("Three.")}, EDITORIAL)
    followed = [
        ("editorial", "fix a typo"),
        ("same words", "override"),
        ("same words", "rename"),
        ("material", "reword"),
        ("material", "first"),
    ]
    assert of_clause(repo, "personal-data") == followed
    entries = told(repo, clause="personal-data").entries
    assert entries[1].files == ("shared/clauses/en/personal-data.md", own)
    assert entries[2].changes is not None
    assert entries[2].changes.renamed == (("data", "personal-data"),)
    found = told(repo, clause="data")
    assert (found.clause, found.asked, found.entries) == ("personal-data", "data", entries)


def test_a_clause_that_is_gone_is_followed_from_its_removal(repo: Repo) -> None:
    repo.commit({"shared/policy.yaml": OUTLINE.replace(", rights", "")}, "remove")
    repo.commit({SHARED: clause("Two.")}, "another")
    assert of_clause(repo, "rights") == [("material", "remove"), ("material", "first")]


def test_a_clause_that_came_later_begins_there(repo: Repo) -> None:
    repo.commit({"shared/clauses/en/new.md": clause("N.", "New"),
                 "shared/policy.yaml": OUTLINE.replace("[who", "[new, who")}, "add")  # fmt: skip
    repo.commit({"shared/clauses/en/new.md": clause("M.", "New")}, "reword")
    assert of_clause(repo, "new") == [("material", "reword"), ("material", "add")]


def test_a_clause_that_moved(repo: Repo) -> None:
    repo.commit({"shared/policy.yaml": "title: {en: Privacy Policy}\norder: [rights, who, data]\n"})
    assert of_clause(repo, "rights")[0] == ("material", "change")
    assert len(of_clause(repo, "who")) == 1


# --- asked wrongly, and elsewhere ----------------------------------------------------------------


def test_names_that_are_not_there(repo: Repo) -> None:
    with pytest.raises(UnknownName, match="unknown brand 'alfa'; did you mean 'alpha'"):
        history(repo.workspace, "alfa")
    with pytest.raises(UnknownName, match="unknown locale of alpha 'nl'; known: en"):
        history(repo.workspace, "alpha", locales=["nl"])
    with pytest.raises(UnknownName, match="unknown clause 'right'; did you mean 'rights'"):
        history(repo.workspace, "alpha", clause="right")


@pytest.mark.parametrize("day", ["2024-02-30", "20240101", "2024-W01-1", "yesterday", ""])
def test_a_day_that_is_none(day: str) -> None:
    with pytest.raises(AskedWrongly, match="takes a calendar day"):
        parse_day("--since", day)


def test_a_shallow_clone_and_a_folder_without_git(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"README.md": "x"})
    repo.git("clone", "-q", "--depth", "1", repo.root.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(ShallowClone):
        history(tmp_path / "shallow", "alpha")
    with pytest.raises(GitFailed, match="is not in a git repository"):
        history(small(tmp_path / "workspace"), "alpha")


def test_before_the_first_commit_there_is_none(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace)
    found = told(repo)
    assert (found.entries, found.uncommitted) == ((), True)


# --- the command line ----------------------------------------------------------------------------


def test_what_the_command_prints(repo: Repo, run: Run) -> None:
    repo.commit({SHARED: DATA.replace("your name", "our names")}, "Say [bold]more\x1b[31m")
    write(repo.workspace, {SHARED: clause("Not committed.")})
    done = run("history", "alpha", cwd=repo.workspace)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "alpha/en",
        "the words of the working tree differ from the newest commit",
    ]
    assert lines[2].startswith("2024-01-03  ")
    assert lines[2].endswith("  material    Say [bold]more\\x1b[31m")
    assert [line.strip() for line in lines[3:5]] == ["A, +2 −2 words", "changed: data"]


def test_the_policys_title_is_told(repo: Repo, run: Run) -> None:
    repo.commit({"shared/policy.yaml": OUTLINE.replace("Privacy Policy", "Privacy")})
    lines = [
        line.strip() for line in run("history", "alpha", cwd=repo.workspace).stdout.split("\n")
    ]
    assert lines.count("changed: the policy's title") == 1
    assert lines[2:4] == ["A, +0 −1 words", "changed: the policy's title"]


def test_what_the_command_prints_as_json(repo: Repo, run: Run) -> None:
    repo.commit({SHARED: clause("{{ ")}, "break")
    id = repo.commit(renamed(text=clause("Two.")), "fix")
    done = run("history", "alpha", "--json", cwd=repo.workspace)
    newest, gap, first = json.loads(done.stdout)
    counts = newest.pop("counts")
    assert (counts["words_added"], counts["words_removed"]) == (1, 19)
    assert counts.keys() == asdict(Counts()).keys()
    assert newest == {
        "brand": "alpha", "locale": "en", "clause": None, "kind": "material", "date": "2024-01-04",
        "commit": id, "author": "A", "subject": "fix", "title_changed": False,
        "clauses": {
            "added": [], "changed": ["personal-data"], "removed": [], "moved": [],
            "renamed": [{"before": "data", "after": "personal-data"}],
        },
        "files": None, "problems": [], "said_afterwards": [],
    }  # fmt: skip
    assert (gap["kind"], gap["clauses"], gap["problems"][0]["path"]) == ("gap", None, SHARED)
    assert first["clauses"]["added"] == ["who", "data", "rights"]


def test_how_the_command_ends(repo: Repo, run: Run) -> None:
    assert run("history", "alpha", "--since", "2024-13-01", cwd=repo.workspace).returncode == 2
    assert run("history", "alpha", "--clause", "x", cwd=repo.workspace).returncode == 2
    repo.commit({SHARED: clause("{{ ")}, "break")
    done = run("history", "alpha", cwd=repo.workspace)
    assert done.returncode == 1
    assert SHARED in done.stderr
    assert "gap" in done.stdout


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "no-such", "base64"])
def test_odd_bytes_in_a_commit_are_no_traceback(repo: Repo, run: Run, encoding: str) -> None:
    write(repo.workspace, {SHARED: clause("New.")})
    (repo.root.parent / "message").write_bytes(b"caf\xe9 \x1b[31m")
    repo.git("add", "-A")
    repo.git("-c", f"i18n.commitEncoding={encoding}", "commit", "-q", "-F", "../message", **MERGED)
    done = run("history", "alpha", cwd=repo.workspace)
    assert done.returncode == 0
    assert ("café" in done.stdout) == (encoding == "ISO-8859-1")
    assert "\x1b" not in done.stdout


def test_a_brand_that_is_deleted_meanwhile_is_unknown(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleting(source: Any, only: Any) -> Any:
        shutil.rmtree(repo.workspace / "brands/alpha", ignore_errors=True)
        return load(source, only)

    monkeypatch.setattr("publisher.compare.revisions.load", deleting)
    with pytest.raises(UnknownName, match="unknown brand 'alpha'"):
        history(repo.workspace, "alpha")
