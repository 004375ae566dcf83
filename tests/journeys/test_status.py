"""The page that ops looks at each morning."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from support.archives import DATA, archive, noon, released, say
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.release.release import ReleaseOptions, release
from publisher.archive.release.status import Standing, status
from publisher.build.build import build
from publisher.compose.brands import Policies
from publisher.errors import ArchiveDamaged
from publisher.files.cache import Cache

ALPHA = SMALL["brands/alpha/brand.yaml"]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return archive(tmp_path / "repo")


def of(repo: Repo, day: str, brand: str = "alpha") -> Standing:
    cache = Cache(repo.workspace.parent / "cache")
    standings = status(repo.workspace, noon(day), cache)
    assert status(repo.workspace, noon(day), cache) == standings, "what is remembered is the same"
    (found,) = (each for each in standings if each.brand == brand)
    return found


def test_a_brand_from_its_first_commit_to_its_end(repo: Repo) -> None:
    at = of(repo, "2025-01-01")
    assert (at.state, at.last_updated, at.latest, at.force.version) == (
        "first", date(2024, 1, 2), None, None,
    )  # fmt: skip
    released(repo, "2025-01-10", in_force=date(2025, 2, 1))
    at = of(repo, "2025-01-11")
    assert at.state == "released"
    assert at.force.version is None
    assert at.force.upcoming == (("2025-01-10", date(2025, 2, 1)),)
    say(repo, "Fixed.", "typo\n\nPolicy-Change: editorial", "2025-02-02T12:00:00+0000")
    at = of(repo, "2025-02-03")
    assert (at.state, at.force.version, at.last_updated) == (
        "editorial", "2025-01-10", date(2024, 1, 2),
    )  # fmt: skip
    assert at.since is not None
    assert at.since.changed == ("data",)
    say(repo, "We keep all.", date="2025-02-04T12:00:00+0000")
    at = of(repo, "2025-02-05")
    assert (at.state, at.last_updated) == ("material", date(2025, 2, 4))
    retire(repo.workspace, "alpha", date(2025, 3, 1), "Sold", AppendOptions(noon("2025-02-06")))
    at = of(repo, "2025-02-07")
    assert (at.force.version, at.force.ends) == ("2025-01-10", date(2025, 3, 1))
    at = of(repo, "2025-03-01")
    assert (at.force.version, at.force.ends) == (None, date(2025, 3, 1))
    repo.git("rm", "-rq", "brands/alpha")
    beta = SMALL["brands/beta/brand.yaml"]
    repo.commit({"brands/beta/brand.yaml": beta}, date="2025-03-02T12:00:00+0000")
    assert of(repo, "2025-03-03").state == "gone"


def test_it_says_which_brand_it_is_at_and_composes_one_at_a_time(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[object, ...]] = []
    of_brands = DatedPolicies.of

    def noted(self: DatedPolicies, brands: tuple[str, ...], **how: bool) -> Policies:
        seen.append(brands)
        return of_brands(self, brands, **how)

    monkeypatch.setattr(DatedPolicies, "of", noted)
    status(repo.workspace, noon("2025-01-01"), progress=lambda *at: seen.append(at))
    alpha, beta = ((0, 2, "alpha"), ("alpha",)), ((1, 2, "beta"), ("beta",))
    assert seen == [*alpha, *beta, (2, 2, "")]


def test_uncommitted_edits_are_named_where_they_reach(repo: Repo) -> None:
    own = clause("Our own.")
    repo.commit({"brands/beta/clauses/en/data.md": own}, date="2024-02-01T12:00:00+0000")
    write(repo.workspace, {DATA: clause("Uncommitted.")})
    assert of(repo, "2025-01-01").uncommitted == (DATA,)
    assert of(repo, "2025-01-01", "beta").uncommitted == ()
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    write(repo.workspace, {DATA: SMALL[DATA], "brands/beta/logo.svg": logo})
    assert of(repo, "2025-01-01").uncommitted == ()
    assert of(repo, "2025-01-01", "beta").uncommitted == ("brands/beta/logo.svg",)
    write(repo.workspace, {DATA: SMALL[DATA] + "\n\n"})
    assert of(repo, "2025-01-01").uncommitted == (), "white space reaches no document"


def test_a_brand_that_is_not_committed(repo: Repo) -> None:
    brand = ALPHA.replace("Alpha", "Gamma").replace("sisters: [beta]\n", "")
    write(repo.workspace, {"brands/gamma/brand.yaml": brand})
    at = of(repo, "2025-01-01", "gamma")
    assert (at.state, at.uncommitted) == ("first", ("brands/gamma/brand.yaml",))


def test_versions_of_a_brand_that_is_not_committed_are_known(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "above" / "repo")
    released(repo, "2025-01-10")
    before = of(repo, "2025-01-20")
    assert (before.state, before.latest) == ("released", "2025-01-10")
    repo.git("config", "core.worktree", str(tmp_path / "above"))  # so no commit has this workspace
    at = of(repo, "2025-01-20")
    assert (at.state, at.latest, at.force, at.last_updated) == (
        *(before.state, before.latest, before.force, before.last_updated),
    )
    assert at.uncommitted == ("brands/alpha/brand.yaml",)
    ran = run("release", "alpha", cwd=repo.workspace)
    assert (ran.returncode, "has no shared/company.yaml; commit shared/" in ran.stderr) == (1, True)
    write(repo.workspace, {DATA: clause("Other words.")})
    assert of(repo, "2025-01-20").state == "material"


def test_drafts_and_errors(repo: Repo, run: Run) -> None:
    brand = ALPHA + "facts: {unsure: {unconfirmed: Is it?}}\n"
    own = "brands/alpha/clauses/en/data.md"
    repo.commit({"brands/alpha/brand.yaml": brand, own: clause("{{ facts.unsure }}")})
    at = of(repo, "2025-01-01")
    assert (at.state, at.questions, at.last_updated) == ("draft", 1, None)
    assert run("status", cwd=repo.workspace).returncode == 0
    repo.commit({own: clause("{{ company.nmae }}")})
    at = of(repo, "2025-01-01")
    assert at.state == "errors"
    assert "company.nmae" in str(at.problems[0])
    done = run("status", cwd=repo.workspace)
    assert done.returncode == 1
    assert "did you mean 'company.name'?" in done.stdout


def test_what_is_remembered_holds_until_the_archive_or_the_commit_is_another(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(repo, "2025-01-10")
    of(repo, "2025-01-11")
    with monkeypatch.context() as patched:
        patched.setattr("publisher.archive.dated_policies.DatedPolicies", None)
        (repo.workspace / "brands/alpha/clauses/en/odd.md").mkdir(parents=True)
        assert of(repo, "2025-01-11").state == "released", "nothing is composed that is committed"
        assert of(repo, "2025-01-11").uncommitted == ("brands/alpha/clauses/en/odd.md",)
        with pytest.raises(TypeError):
            of(repo, "2025-01-12")
    text = repo.workspace / "versions/alpha/2025-01-10/en/policy.json"
    text.write_bytes(text.read_bytes().replace(b"data", b"date"))
    with pytest.raises(ArchiveDamaged):
        of(repo, "2025-01-11")


def test_the_page_fits_a_terminal(repo: Repo, run: Run) -> None:
    released(repo, "2025-01-10", in_force=date(2025, 2, 1))
    say(repo, "We keep all.", date="2025-02-04T12:00:00+0000")
    done = run("status", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    table = done.stdout.partition("\n\n")[0].splitlines()
    assert all(len(line) <= 80 for line in table)
    assert table[1].split() == ["alpha", "en", "2025-01-10", "–", "2025-02-04", "material"]
    assert "since 2025-01-10: changed data; +1 −17 words" in done.stdout
    said = json.loads(run("status", "--json", cwd=repo.workspace).stdout)
    assert said[0]["state"] == "material"
    assert said[0]["since"]["changed"] == ["data"]
    assert said[1] == {
        "brand": "beta",
        "locale": "en",
        "state": "first",
        "in_force": None,
        "retired": None,
        "upcoming": [],
        "latest": None,
        "last_updated": "2025-02-04",
        "since": None,
        "open_questions": 0,
        "remarks": 6,
        "uncommitted": [],
        "problems": [],
        "behind": None,
        "web": None,
        "promises_notice": False,
        "notices": [],
    }


BROKEN = {
    "no YAML": "name: [\n",
    "no facts": "name: Beta\n",
    "formerly itself": SMALL["brands/beta/brand.yaml"] + "was: [beta]\n",
    "a locale twice": SMALL["brands/beta/brand.yaml"] + "was_locales: {en: [en]}\n",
}


@pytest.mark.parametrize("file", BROKEN.values(), ids=BROKEN)
def test_one_broken_brand_stops_no_other(repo: Repo, tmp_path: Path, file: str) -> None:
    alone = SMALL["brands/alpha/brand.yaml"].replace("sisters: [beta]\n", "")
    repo.commit(
        {
            "brands/alpha/brand.yaml": alone,
            "brands/beta/brand.yaml": file,
            ".gitattributes": "versions/** -text -filter -ident\n",
        }
    )
    now = noon("2025-01-01")
    alpha, beta = status(repo.workspace, now)
    assert (alpha.state, alpha.problems) == ("first", ())
    assert beta.state == "errors"
    assert {problem.path for problem in beta.problems} == {"brands/beta/brand.yaml"}
    report = build(repo.workspace, tmp_path / "out", formats=["json"])
    assert [policy.brand for policy in report.built] == ["alpha"]
    assert [brand for brand, _ in report.failed] == ["beta"]
    asked = AppendOptions(now, dry_run=True)
    (outcome,) = release(repo.workspace, ["alpha"], ReleaseOptions(), asked)
    assert outcome.fault is None
