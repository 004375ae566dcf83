"""Archives of brands and locales that were renamed, and of workspaces that were moved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import archive, noon, refused, released, say
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Got, Request, get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.build.check import check
from publisher.compare.diff import diff
from publisher.compare.revisions import history
from publisher.errors import InvalidPolicy, NeverReleased, NotInForce
from publisher.problem import Problem
from publisher.redline.summary import changes

ALPHA = SMALL["brands/alpha/brand.yaml"].replace("sisters: [beta]\n", "")
NOVA = ALPHA.replace("Alpha", "Nova").replace("alpha.", "nova.")
NOW = noon("2025-12-01")


def rename(repo: Repo, brand_file: str, old: str = "alpha", new: str = "nova") -> str:
    (repo.workspace / f"brands/{old}").rename(repo.workspace / f"brands/{new}")
    return repo.commit({f"brands/{new}/brand.yaml": brand_file}, "rename", "2025-06-01T12:00:00Z")


@pytest.fixture
def renamed(tmp_path: Path) -> Repo:
    """Alpha, released on 1 March and 1 May 2025, and called nova since 1 June."""
    repo = archive(tmp_path / "repo")
    repo.commit({"brands/alpha/brand.yaml": ALPHA})
    released(repo, "2025-03-01")
    say(repo, "We keep more.", date="2025-04-20T12:00:00Z")
    released(repo, "2025-05-01")
    rename(repo, NOVA + "was: [alpha]\n")
    return repo


def got(repo: Repo, brand: str, day: str | None, **how: str) -> Got:
    on = date.fromisoformat(day) if day else None
    return get(repo.workspace, brand, NOW, on=on, write=False, format="markdown", **how)


def lost(repo: Repo) -> list[Problem]:
    return [problem for problem in check(repo.workspace).problems if problem.rule == "was"]


@pytest.mark.parametrize("name", ["alpha", "nova"])
def test_both_names_are_answered_from_the_archive_of_the_old(renamed: Repo, name: str) -> None:
    assert lost(renamed) == []
    assert got(renamed, name, "2025-04-01").version.version == "2025-03-01"
    assert got(renamed, name, None).version.version == "2025-05-01"
    assert got(renamed, name, None).version.brand == "alpha"
    (listed,) = versions(renamed.workspace, NOW, [name])
    assert listed.brand == "nova"
    assert [each.version.version for each in listed.versions] == ["2025-05-01", "2025-03-01"]
    assert history(renamed.workspace, name)[0].brand == "nova"
    (found,) = diff(renamed.workspace, name, NOW, old="on:2025-04-01", new="draft")
    assert changes(found.redline).changed == ("who", "data")
    assert bundle(renamed.workspace, Request(name, NOW, write=False)).version.brand == "alpha"


def test_the_next_version_follows_the_last_one_of_the_old_name(renamed: Repo) -> None:
    entry = released(renamed, "2025-07-01", "nova")
    assert (entry.brand, entry.sequence, entry.change) == ("nova", 1, "material")
    assert entry.changes["en"].changed == ("who",)
    assert entry.locales["en"].last_updated == date(2025, 6, 1)
    for name in ("alpha", "nova"):
        assert got(renamed, name, "2025-07-01").version == entry
        old = got(renamed, name, "2025-06-30")
        assert (old.version.brand, old.version.version) == ("alpha", "2025-05-01")
        assert (old.period.until, old.period.state) == (date(2025, 7, 1), "superseded")
        assert got(renamed, name, None, version="2025-03-01").version.brand == "alpha"
        assert got(renamed, name, None, version="2025-07-01").version.brand == "nova"
    (listed,) = versions(renamed.workspace, NOW)
    assert [(each.version.brand, each.period.until) for each in listed.versions] == [
        ("nova", None),
        ("alpha", date(2025, 7, 1)),
        ("alpha", date(2025, 5, 1)),
    ]
    evidence = bundle(renamed.workspace, Request("alpha", NOW, on=date(2025, 6, 1), write=False))
    assert b"versions/nova/ledger/0001-release-2025-07-01.json" in evidence.data
    assert verify(renamed.workspace).findings == ()


def test_a_rename_alone_is_nothing_to_release(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    repo.commit({"brands/alpha/brand.yaml": ALPHA})
    first = released(repo, "2025-03-01")
    rename(repo, ALPHA + "was: [alpha]\n")
    (standing,) = (each for each in status(repo.workspace, NOW) if each.brand == "nova")
    assert (standing.state, standing.latest, standing.force.version) == (
        "released",
        first.version,
        first.version,
    )
    assert standing.last_updated == first.locales["en"].last_updated
    assert "nova has the words of its version 2025-03-01, released as alpha" in str(
        refused(repo, "2025-07-01", "nova")
    )


def test_an_archive_that_has_lost_its_brand_is_named(renamed: Repo) -> None:
    write(renamed.workspace, {"brands/nova/brand.yaml": NOVA})
    (problem,) = lost(renamed)
    assert str(problem) == (
        "versions/alpha: has versions of the brand 'alpha', which is not in brands/; if it has "
        "another name now, write `was: [alpha]` in its brand.yaml; if it is gone, run `publisher "
        "retire alpha --on DATE --reason TEXT`"
    )
    renamed.commit()
    retire(renamed.workspace, "alpha", date(2025, 12, 1), "sold", AppendOptions(NOW))
    assert lost(renamed) == []
    with pytest.raises(NeverReleased):
        versions(renamed.workspace, NOW, ["nova"])


def test_a_first_version_waits_until_it_is_said_what_became_of_the_old_name(
    renamed: Repo,
) -> None:
    renamed.commit({"brands/nova/brand.yaml": NOVA}, "forget", "2025-06-02T12:00:00Z")
    for dry_run in (True, False):
        fault = refused(renamed, "2025-07-01", "nova", dry_run=dry_run)
        assert fault.exit_code == 1
        assert str(fault) == (
            "it would be the first version of nova, and versions/alpha has versions of 'alpha', "
            "which is no longer in brands/; if nova is its new name, write `was: [alpha]` in "
            "brands/nova/brand.yaml and commit that; if it is gone, run `publisher retire alpha "
            "--on DATE --reason TEXT` first. Nothing was written"
        )
    retire(renamed.workspace, "alpha", date(2025, 12, 1), "sold", AppendOptions(noon("2025-07-01")))
    assert released(renamed, "2025-07-02", "nova").change == "first"
    renamed.commit({"brands/nova/brand.yaml": None}, "away", "2025-07-03T12:00:00Z")
    assert "versions/nova has versions of 'nova'" in str(refused(renamed, "2025-07-04", "beta"))


def test_a_brand_that_is_only_deleted_here_or_that_another_one_was_is_not_lost(
    renamed: Repo,
) -> None:
    """What counts is the newest commit, as for all that is released."""
    (renamed.workspace / "brands/nova/brand.yaml").unlink()
    assert released(renamed, "2025-07-01", "beta").change == "first"


UNTRUE = {
    "a brand that is there": ("beta", "'was' names 'beta', a brand in brands/"),
    "itself": ("nova", "'was' names the brand itself"),
}


@pytest.mark.parametrize("what", UNTRUE)
def test_former_names_that_cannot_be_true(renamed: Repo, what: str) -> None:
    name, message = UNTRUE[what]
    write(renamed.workspace, {"brands/nova/brand.yaml": NOVA + f"was:\n  - alpha\n  - {name}\n"})
    (problem,) = lost(renamed)
    assert (problem.path, problem.line, problem.severity) == ("brands/nova/brand.yaml", 11, "error")
    assert problem.message == message
    with pytest.raises(InvalidPolicy):
        got(renamed, "alpha", None)


def test_two_brands_cannot_have_been_the_same(renamed: Repo) -> None:
    beta = SMALL["brands/beta/brand.yaml"] + "was: [alpha]\n"
    write(renamed.workspace, {"brands/beta/brand.yaml": beta})
    assert [problem.message for problem in lost(renamed)] == [
        "'was' names 'alpha', and so does brands/nova/brand.yaml",
        "'was' names 'alpha', and so does brands/beta/brand.yaml",
    ]
    with pytest.raises(InvalidPolicy):
        got(renamed, "alpha", None)


def test_a_brand_that_was_renamed_twice(renamed: Repo) -> None:
    released(renamed, "2025-07-01", "nova")
    rename(renamed, NOVA.replace("Nova", "Zed") + "was: [alpha, nova]\n", "nova", "zed")
    say(renamed, "We keep less.", date="2025-08-20T12:00:00Z")
    released(renamed, "2025-09-01", "zed")
    for name in ("alpha", "nova", "zed"):
        days = ("2025-04-01", "2025-08-31", "2025-09-01")
        assert [got(renamed, name, day).version.brand for day in days] == ["alpha", "nova", "zed"]
    assert verify(renamed.workspace, rebuild=True).findings == ()


# --- locales -------------------------------------------------------------------------------------


@pytest.fixture
def retagged(tmp_path: Path) -> Repo:
    """Alpha, released in Dutch as nl on 1 March 2025, and in nl-BE since."""
    repo = archive(tmp_path / "repo")
    nl = {f"shared/clauses/nl/{name}.md": clause(f"{name} NL", name) for name in SMALL_CLAUSES}
    repo.commit({**nl, "brands/alpha/brand.yaml": ALPHA.replace("[en]", "[nl]")})
    released(repo, "2025-03-01")
    (repo.root / "shared/clauses/nl").rename(repo.root / "shared/clauses/nl-BE")
    registries = ("policy", "processors", "retention", "rights")
    names = [f"shared/{name}.yaml" for name in registries]
    was = "was_locales: {nl-BE: [nl]}\n"
    repo.commit({
        **{name: SMALL[name].replace("nl:", "nl-BE:") for name in names},
        "brands/alpha/brand.yaml": ALPHA.replace("[en]", "[nl-BE]") + was,
    })  # fmt: skip
    return repo


SMALL_CLAUSES = ("who", "data", "rights")


@pytest.mark.parametrize("tag", ["nl", "nl-BE", None])
def test_a_locale_answers_by_both_tags(retagged: Repo, tag: str | None) -> None:
    assert lost(retagged) == []
    how = {} if tag is None else {"locale": tag}
    assert got(retagged, "alpha", "2025-04-01", **how).locale == "nl"
    released(retagged, "2025-07-01", editorial=True, reason="Another tag.")
    assert got(retagged, "alpha", "2025-08-01", **how).locale == "nl-BE"


def test_a_locale_with_another_tag_is_the_same_policy(retagged: Repo) -> None:
    (standing,) = (each for each in status(retagged.workspace, NOW) if each.brand == "alpha")
    assert (standing.locale, standing.state, standing.latest) == ("nl-BE", "released", "2025-03-01")
    assert standing.force.version == "2025-03-01"
    (found,) = diff(retagged.workspace, "alpha", NOW)
    assert (found.locale, changes(found.redline).clauses) == ("nl-BE", ())


def test_a_locale_that_an_archive_has_lost_is_named(retagged: Repo) -> None:
    write(retagged.workspace, {"brands/alpha/brand.yaml": ALPHA.replace("[en]", "[nl-BE]")})
    assert "versions/alpha: has versions in 'nl', which is not among the locales" in str(
        lost(retagged)[0]
    )
    with pytest.raises(NotInForce):
        got(retagged, "alpha", "2025-04-01", locale="nl-BE")


# --- workspaces ----------------------------------------------------------------------------------


def moved(repo: Repo, old: str, new: str) -> None:
    for name in ("brands", "shared", "versions", ".gitattributes"):
        (repo.root / new).mkdir(exist_ok=True, parents=True)
        (repo.root / old / name).rename(repo.root / new / name)
    repo.workspace = repo.root / new


@pytest.mark.parametrize(("old", "new"), [("", "legal"), ("legal", ""), ("legal", "docs/legal")])
def test_an_archive_that_moves_is_witnessed_still(tmp_path: Path, old: str, new: str) -> None:
    repo = archive(tmp_path / "repo", old)
    first = released(repo, "2025-03-01")
    moved(repo, old, new)
    repo.commit(message="move", date="2025-04-01T12:00:00Z")
    say(repo, "We keep more.", date="2025-04-20T12:00:00Z")
    released(repo, "2025-05-01")
    report = verify(repo.workspace, rebuild=True)
    assert report.findings == ()
    assert "alpha: 2 composed again with the same words" in report.notes
    where = first.source
    (found,) = diff(repo.workspace, "alpha", NOW, old=where, new="HEAD")
    assert changes(found.redline).changed == ("data",)


def test_what_was_done_to_an_archive_before_it_moved_is_seen(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-03-01")
    path = "versions/alpha/2025-03-01/en/policy.md"
    before = (repo.root / path).read_bytes()
    forged = repo.commit({path: b"forged"}, date="2025-03-02T12:00:00Z")
    repo.commit({path: before}, date="2025-03-03T12:00:00Z")
    moved(repo, "", "legal")
    repo.commit(message="move", date="2025-04-01T12:00:00Z")
    findings = [str(each) for each in verify(repo.workspace).findings]
    assert f"{path}: was altered by commit {forged[:10]}" in findings


def test_an_archive_that_moved_there_and_back_is_as_it_was(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-03-01")
    moved(repo, "", "legal")
    repo.commit(date="2025-04-01T12:00:00Z")
    moved(repo, "legal", "")
    repo.commit(date="2025-04-02T12:00:00Z")
    assert verify(repo.workspace).findings == ()


def test_a_file_that_was_lost_on_the_way_is_a_finding(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-03-01")
    moved(repo, "", "legal")
    path = "versions/alpha/2025-03-01/en/policy.md"
    kept = (repo.workspace / path).read_bytes()
    (repo.workspace / path).unlink()
    commit = repo.commit(date="2025-04-01T12:00:00Z")
    repo.commit({path: kept}, date="2025-04-02T12:00:00Z")
    findings = [str(each) for each in verify(repo.workspace).findings]
    assert findings == [f"{path}: was deleted by commit {commit[:10]}"]


def test_the_list_says_under_which_name_a_version_was_released(renamed: Repo, run: Run) -> None:
    done = run("versions", "nova", cwd=renamed.workspace)
    assert "as alpha" in done.stdout


def test_a_former_name_whose_file_was_a_folder_is_no_former_place(repo: Repo) -> None:
    repo.commit({"brands/old/brand.yaml/note": "x"})
    (repo.workspace / "brands/old/brand.yaml/note").unlink()
    repo.commit()
    new = repo.commit({"brands/nova/brand.yaml": NOVA + "was: [old]\n"})
    (one,) = history(repo.workspace, "nova")
    assert [entry.commit for entry in one.entries] == [new]
