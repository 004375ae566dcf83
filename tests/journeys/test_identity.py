"""A folder is where a policy is kept, not which policy it is: moves and renames, on real git."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.workspaces import SMALL, Repo, clause, small

from publisher.compare.revisions import history
from publisher.compose.brands import compose_all, load_brands
from publisher.history.dates import Dates
from publisher.policy.dating import Dating
from publisher.repository.moment import open_workspace

ALPHA = SMALL["brands/alpha/brand.yaml"].replace("sisters: [beta]\n", "")
BETA = SMALL["brands/beta/brand.yaml"]
DATA = SMALL["shared/clauses/en/data.md"]
FIRST, SECOND, THIRD = (date(2024, 1, day) for day in (2, 3, 4))


def dating(root: Path, brand: str = "alpha", locale: str = "en", at: str | None = None) -> Dating:
    with open_workspace(root, at) as moment:
        workspace = load_brands(moment.source, (brand,))
        (found,) = (each for each in compose_all(workspace, (locale,)))
        assert found.policy is not None, found.problems
        (dated,) = Dates(moment).of([(found.policy, workspace.brands[brand].content)])
    return dated


def entries(root: Path, brand: str = "alpha", locale: str = "en") -> list[tuple[str, date | None]]:
    (told,) = history(root, brand, locales=(locale,))
    return [(entry.kind, entry.day) for entry in told.entries]


def said(dated: Dating) -> str:
    return "\n".join(map(str, dated.problems))


def started(root: Path, workspace: str = "", **files: str) -> Repo:
    """Return a repository with the small workspace, in which alpha names no other brand."""
    repo = Repo(root, workspace)
    small(repo.workspace, {"brands/alpha/brand.yaml": ALPHA, **files})
    repo.commit()
    return repo


def move(repo: Repo, old: str, new: str) -> None:
    """Move a folder in the repository, or all that is in it."""
    names = ("brands", "shared") if "" in (old, new) else ("",)
    for name in names:
        target = repo.root / new / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (repo.root / old / name).rename(target)


MOVES = {
    "down": ("", "legal"),
    "deep down": ("", "web/legal/policies"),
    "up": ("legal", ""),
    "sideways": ("legal", "policies"),
    "into itself": ("legal", "legal-texts/legal"),
    "letter case only": ("legal", "Legal"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_workspace_that_moves_keeps_its_dates_and_its_history(tmp_path: Path, name: str) -> None:
    old, new = MOVES[name]
    repo = started(tmp_path / "repo", old)
    repo.commit({"shared/clauses/en/data.md": clause("We keep it.")})
    repo.commit({"README.md": "x"})
    move(repo, old, new)
    repo.commit(message="move")
    root = repo.root / new
    assert dating(root).last_updated == SECOND
    assert dating(root).problems == ()
    assert dating(root).clauses == {"who": FIRST, "data": SECOND, "rights": FIRST}
    assert entries(root) == [("material", SECOND), ("material", FIRST)]


def test_a_workspace_that_moves_and_changes_in_one_commit_is_cut_there(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    (repo.root / "shared/clauses/en/who.md").write_text(clause("Only us.", "Who we are"))
    move(repo, "", "legal")
    commit = repo.commit()
    dated = dating(repo.root / "legal")
    assert dated.last_updated == SECOND
    assert f"brands/alpha/brand.yaml: the history in en is cut at {commit[:10]}" in said(dated)
    assert "brands/alpha had other words" in said(dated)
    (entry,) = history(repo.root / "legal", "alpha")[0].entries
    assert [problem.rule for problem in entry.problems] == ["history"]


def test_a_baseline_ends_the_doubt(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    (repo.root / "shared/clauses/en/who.md").write_text(clause("Only us.", "Who we are"))
    move(repo, "", "legal")
    repo.commit()
    baseline = "baseline: {last_updated: 2024-01-02, source: the site}\n"
    repo.commit({"legal/brands/alpha/brand.yaml": ALPHA + baseline})
    assert (dating(repo.root / "legal").last_updated, said(dating(repo.root / "legal"))) == (
        FIRST,
        "",
    )


def test_a_baseline_stands_for_the_beginning_also_behind_a_move(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    move(repo, "", "legal")
    repo.commit()
    baseline = "baseline: {last_updated: 2020-05-25, source: the site}\n"
    repo.commit({"legal/brands/alpha/brand.yaml": ALPHA + baseline})
    assert dating(repo.root / "legal").last_updated == date(2020, 5, 25)


def test_a_workspace_that_moves_there_and_back(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    for old, new in (("", "legal"), ("legal", ""), ("", "docs"), ("docs", "legal")):
        move(repo, old, new)
        repo.commit()
    assert dating(repo.root / "legal").last_updated == FIRST
    assert entries(repo.root / "legal") == [("material", FIRST)]


def test_a_workspace_that_is_copied_is_cut_from_the_one_that_stays(tmp_path: Path) -> None:
    import shutil

    repo = started(tmp_path / "repo", "legal")
    shutil.copytree(repo.root / "legal", repo.root / "policies")
    repo.commit()
    shutil.rmtree(repo.root / "legal")
    repo.commit()
    dated = dating(repo.root / "policies")
    assert dated.last_updated == SECOND
    assert "legal/brands/alpha had the same words, and stayed there" in said(dated)


def test_a_move_that_breaks_the_workspace_and_is_fixed_later(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    move(repo, "", "legal")
    company = repo.root / "legal/shared/company.yaml"
    company.unlink()
    repo.commit()
    company.write_text(SMALL["shared/company.yaml"])
    repo.commit()
    assert dating(repo.root / "legal").last_updated == FIRST


def test_a_move_in_a_merge(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    repo.git("switch", "-q", "-c", "tidy")
    move(repo, "", "legal")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.commit({"README.md": "x"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "tidy")
    assert dating(repo.root / "legal").last_updated == FIRST
    assert entries(repo.root / "legal") == [("material", FIRST)]


def test_an_old_commit_is_built_where_the_workspace_was_then(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    old = repo.commit({"shared/clauses/en/data.md": clause("We keep it.")})
    move(repo, "", "legal")
    repo.commit()
    assert dating(repo.root / "legal", at=old).last_updated == SECOND


def test_brands_that_move_between_workspaces_of_one_repository(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo", "one")
    small(repo.root / "two", {"brands/beta/brand.yaml": None, "brands/alpha/brand.yaml": None,
                              "brands/gamma/brand.yaml": BETA.replace("eta", "amma")})  # fmt: skip
    repo.commit()
    (repo.root / "one/brands/alpha").rename(repo.root / "two/brands/alpha")
    repo.commit()
    assert dating(repo.root / "two").last_updated == FIRST
    assert dating(repo.root / "two", "gamma").last_updated == SECOND


# --- brands --------------------------------------------------------------------------------------


def rename(repo: Repo, old: str, new: str) -> None:
    (repo.workspace / f"brands/{old}").rename(repo.workspace / f"brands/{new}")


def test_a_brand_whose_folder_is_renamed_keeps_its_date(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    for old, new in (("alpha", "nova"), ("nova", "zed")):
        rename(repo, old, new)
        repo.commit()
    assert dating(repo.root, "zed").last_updated == FIRST
    assert entries(repo.root, "zed") == [("material", FIRST)]


def test_a_brand_that_is_renamed_and_changed_is_cut_unless_it_says_what_it_was(
    tmp_path: Path,
) -> None:
    repo = started(tmp_path / "repo")
    repo.commit()
    rename(repo, "alpha", "nova")
    nova = ALPHA.replace("Alpha", "Nova").replace("alpha.", "nova.")
    commit = repo.commit({"brands/nova/brand.yaml": nova})
    dated = dating(repo.root, "nova")
    assert dated.last_updated == THIRD
    assert f"is cut at {commit[:10]}: before that commit, brands/alpha had other words" in said(
        dated
    )
    assert "write `was: [alpha]`" in said(dated)
    repo.commit({"brands/nova/brand.yaml": f"{nova}was: [alpha]\n"})
    dated = dating(repo.root, "nova")
    assert (dated.last_updated, said(dated)) == (THIRD, "")
    assert dated.clauses == {"who": THIRD, "data": THIRD, "rights": FIRST}
    assert entries(repo.root, "nova") == [("material", THIRD), ("material", FIRST)]


def test_an_editorial_rename_leaves_the_date_alone(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    rename(repo, "alpha", "nova")
    nova = ALPHA.replace("privacy@", "post@") + "was: [alpha]\n"
    repo.commit({"brands/nova/brand.yaml": nova}, "rename\n\nPolicy-Change: editorial")
    assert dating(repo.root, "nova").last_updated == FIRST


def test_a_brand_that_went_before_it_came_back_under_another_name(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    repo.commit({"brands/alpha/brand.yaml": None})
    repo.commit({"README.md": "x"})
    repo.commit({"brands/nova/brand.yaml": f"{ALPHA}was: [alpha]\n"})
    assert entries(repo.root, "nova") == [
        ("material", date(2024, 1, 5)),
        ("material", SECOND),
        ("material", FIRST),
    ]


@pytest.mark.parametrize("takes", [None, "beta"])
def test_a_brand_that_is_new_is_not_cut_from_one_that_stays(
    tmp_path: Path, takes: str | None
) -> None:
    repo = started(tmp_path / "repo")
    repo.commit({"brands/nova/brand.yaml": {None: BETA, "beta": ALPHA}[takes]})
    dated = dating(repo.root, "nova")
    assert (dated.last_updated, said(dated)) == (SECOND, "")


def test_two_brands_that_change_folders_keep_their_dates(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo")
    repo.commit({"brands/beta/clauses/en/data.md": clause("Beta keeps more.")})
    rename(repo, "alpha", "aside")
    rename(repo, "beta", "alpha")
    rename(repo, "aside", "beta")
    repo.commit()
    assert dating(repo.root, "alpha").last_updated == SECOND  # which is Beta's text now
    assert dating(repo.root, "beta").last_updated == FIRST


def test_a_text_taken_over_from_another_brand_is_a_change(tmp_path: Path) -> None:
    """What alpha says from now on, beta said before: no rename, as alpha is Alpha still."""
    plain = {"shared/clauses/en/who.md": clause("We.", "Who"),
             "shared/clauses/en/data.md": clause("Data.", "Data"),
             "shared/clauses/en/rights.md": clause("Rights.", "Rights")}  # fmt: skip
    own = clause("Beta keeps more.", "Data")
    repo = started(tmp_path / "repo", **plain, **{"brands/beta/clauses/en/data.md": own})
    repo.commit({"brands/beta/clauses/en/data.md": clause("Beta keeps all.", "Data"),
                 "brands/beta/brand.yaml": BETA.replace("name: Beta", "name: Beta NV"),
                 "brands/alpha/clauses/en/data.md": own})  # fmt: skip
    assert dating(repo.root, "alpha").last_updated == SECOND


def test_two_brands_that_both_may_be_the_one_are_named(tmp_path: Path) -> None:
    plain = {"shared/clauses/en/who.md": clause("We.", "Who"),
             "shared/clauses/en/data.md": clause("Data.", "Data"),
             "shared/clauses/en/rights.md": clause("Rights.", "Rights")}  # fmt: skip
    repo = started(tmp_path / "repo", **plain)
    repo.commit({"brands/alpha/brand.yaml": None, "brands/beta/brand.yaml": None,
                 "brands/nova/brand.yaml": ALPHA})  # fmt: skip
    assert "brands/alpha, brands/beta each had these words" in said(dating(repo.root, "nova"))
    repo.commit({"brands/nova/brand.yaml": f"{ALPHA}was: [beta]\n"})
    assert (dating(repo.root, "nova").last_updated, said(dating(repo.root, "nova"))) == (FIRST, "")


# --- locales -------------------------------------------------------------------------------------

DUTCH = {
    **{f"shared/clauses/nl/{name}.md": clause(f"{name} NL", name)
       for name in ("who", "data", "rights")},
    "brands/alpha/brand.yaml": ALPHA.replace("[en]", "[en, nl]"),
}  # fmt: skip
REGISTRIES = [f"shared/{name}.yaml" for name in ("policy", "processors", "retention", "rights")]


def retag(repo: Repo, new: str, **changes: str) -> str:
    (repo.root / "shared/clauses/nl").rename(repo.root / f"shared/clauses/{new}")
    return repo.commit({
        "brands/alpha/brand.yaml": ALPHA.replace("[en]", f"[en, {new}]"),
        **{name: SMALL[name].replace("nl:", f"{new}:") for name in REGISTRIES},
        **changes,
    })  # fmt: skip


def test_a_locale_that_is_renamed_keeps_its_date(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo", **DUTCH)
    retag(repo, "nl-BE")
    assert dating(repo.root, locale="nl-BE").last_updated == FIRST
    assert entries(repo.root, locale="nl-BE") == [("material", FIRST)]


def test_a_locale_that_is_renamed_and_changed(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo", **DUTCH)
    retag(repo, "nl-BE", **{"shared/clauses/nl-BE/who.md": clause("anders", "who")})
    dated = dating(repo.root, locale="nl-BE")
    assert "brands/alpha in nl had other words" in said(dated)
    assert "write `was_locales: {nl-BE: [nl]}`" in said(dated)
    named = ALPHA.replace("[en]", "[en, nl-BE]") + "was_locales: {nl-BE: [nl]}\n"
    repo.commit({"brands/alpha/brand.yaml": named})
    dated = dating(repo.root, locale="nl-BE")
    assert (dated.last_updated, dated.clauses["data"], said(dated)) == (SECOND, FIRST, "")


def test_another_language_in_place_of_one_is_no_rename(tmp_path: Path) -> None:
    repo = started(tmp_path / "repo", **DUTCH)
    retag(repo, "de", **{"shared/clauses/de/who.md": clause("wir", "who")})
    assert (
        dating(repo.root, locale="de").last_updated,
        dating(repo.root, locale="de").problems,
    ) == (
        SECOND,
        (),
    )


# --- any history ---------------------------------------------------------------------------------

CHANGES = st.sampled_from(["one", "two", "editorial", "nothing"])
MOVED = st.sampled_from(["", "", "legal", "web/legal", "brand", "both"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(CHANGES, MOVED), max_size=6))
def test_moves_change_no_date(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    """The same changes with and without moves between them give the same dates of all clauses."""
    root = tmp_path_factory.mktemp("any")
    still, moving = started(root / "still"), started(root / "moving")
    folder, brand = "", "alpha"
    for at, (change, moved) in enumerate(steps):
        if moved in ("brand", "both"):
            moving.workspace = moving.root / folder
            rename(moving, brand, f"brand-{at}")
            brand = f"brand-{at}"
        to = {"brand": folder, "both": f"at/{at}"}.get(moved, moved)
        if to != folder:
            move(moving, folder, "aside")
            move(moving, "aside", to)
            folder = to
        moving.workspace = moving.root / folder
        moving.commit(message="move")
        still.commit(message="nothing")
        changes = (
            {} if change == "nothing" else {"shared/clauses/en/data.md": clause(f"{change} {at}")}
        )
        message = "x\n\nPolicy-Change: editorial" if change == "editorial" else "x"
        for repo in (still, moving):
            repo.commit(changes, message)
    kept, followed = dating(still.root), dating(moving.workspace, brand)
    assert (kept.last_updated, kept.clauses, kept.problems) == (
        followed.last_updated,
        followed.clauses,
        followed.problems,
    )
    assert entries(still.root) == entries(moving.workspace, brand)
