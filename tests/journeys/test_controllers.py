"""Several companies in one workspace: who speaks in each policy, then and now."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import Run
from support.archives import ATTRIBUTES, archive, noon, released
from support.letters import LETTER, text, unpacked
from support.workspaces import SMALL, Repo, clause, policy, small, write

from publisher.archive.entries import Import
from publisher.archive.evidence.bundle import bundle
from publisher.archive.get import Request
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.import_version import Imported, import_version
from publisher.archive.release.reconstruct import reconstruct
from publisher.archive.verify.verify import verify
from publisher.build.build import build
from publisher.build.check import check
from publisher.compare.diff import diff
from publisher.compare.impact import impact
from publisher.errors import InvalidPolicy, Refused, UnknownName

COMPANY, BRAVO = "shared/company.yaml", "shared/companies/bravo.yaml"
ALPHA, BETA = "brands/alpha/brand.yaml", "brands/beta/brand.yaml"
WHO = "shared/clauses/en/who.md"
BRAVO_INC = """\
name: Bravo Inc.
address: ["1 Main Street", "Springfield"]
country: US
facts:
  answer-days: 45 days
"""
GROUP = {BRAVO: BRAVO_INC, BETA: SMALL[BETA] + "controller: bravo\n"}
MOVED = {ALPHA: SMALL[ALPHA] + "controller: bravo\n"}
NOW = datetime(2024, 2, 1, tzinfo=UTC)


@pytest.fixture
def group(tmp_path: Path) -> Repo:
    """Alpha is of Acme NV, beta of Bravo Inc., since 2 January 2024."""
    repo = Repo(tmp_path / "repo")
    small(repo.workspace, {**GROUP, **ATTRIBUTES})
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@acme.example")
    repo.commit()
    return repo


def dates(repo: Repo) -> dict[str, date | None]:
    report = build(repo.workspace, repo.root.parent / "out", formats=["json"])
    return {one.brand: one.last_updated for one in report.built}


# --- composing and checking ---


def test_each_brand_quotes_its_own_company(tmp_path: Path) -> None:
    root = small(tmp_path, GROUP)
    alpha, beta = policy(root), policy(root, "beta")
    assert alpha == policy(small(tmp_path / "alone"))
    assert (alpha.controller.name, beta.controller.name) == ("Acme NV", "Bravo Inc.")
    assert beta.controller.address == ("1 Main Street", "Springfield")
    shown = str([one.blocks for one in beta.clauses])
    assert "Bravo Inc. runs beta.example" in shown
    assert "within 45 days" in shown
    assert "Acme" not in shown
    assert (BRAVO in alpha.files, COMPANY in alpha.files) == (False, True)
    assert (BRAVO in beta.files, COMPANY in beta.files) == (True, False)


def test_a_company_does_not_lend_its_facts_to_another(tmp_path: Path) -> None:
    root = small(tmp_path, {**GROUP, BRAVO: BRAVO_INC.partition("facts:")[0]})
    with pytest.raises(InvalidPolicy) as fault:
        policy(root, "beta")
    assert "unknown fact" in str(fault.value)
    quoting = clause("VAT {{ company.vat }}.")
    root = small(tmp_path / "vat", {**GROUP, WHO: quoting})
    assert "BE0123 456 749" in str(policy(root).clauses)
    with pytest.raises(InvalidPolicy) as fault:
        policy(root, "beta")
    assert str(fault.value).startswith(
        f"{WHO}:4: a fact without a value is quoted here: {BRAVO} has no `vat`"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {BETA: SMALL[BETA] + "controller: bravoo\n"},
            f"{BETA}:9: there is no company 'bravoo' in shared/companies; did you mean 'bravo'?",
        ),
        (
            {BRAVO: None},
            f"{BETA}:9: there is no company 'bravo' in shared/companies; write {BRAVO}, or fix the "
            "name",
        ),
        ({BRAVO: "name: Bravo\n"}, f"{BRAVO}:1: 'address' is missing; add it"),
        (
            {BRAVO: BRAVO_INC + "main_branch: trunk\n"},
            f"{BRAVO}:6: unknown key 'main_branch'; known here: address, authority",
        ),
        (
            {"shared/companies/Charlie.yaml": BRAVO_INC},
            "shared/companies/Charlie.yaml: has a name that does not work on every system",
        ),
        (
            {"shared/companies/charlie.yml": BRAVO_INC},
            "shared/companies/charlie.yml: is not a YAML file (.yaml) and would be ignored",
        ),
        (
            {"shared/companies/charlie.yaml": BRAVO_INC},
            "shared/companies/charlie.yaml: is the controller of no brand; write "
            "`controller: charlie` in a brand.yaml, or delete it",
        ),
        (
            {BRAVO: BRAVO_INC.replace("Bravo Inc.", "Bravo Inc. #1")},
            f"{BRAVO}:1: 'name' loses '#1': after a space, # begins a comment",
        ),
        (
            {BRAVO: BRAVO_INC.replace("Bravo Inc.", "Bravo 日")},
            f"{BRAVO}:1: has '日' (U+65E5 CJK UNIFIED IDEOGRAPH-65E5), which the bundled fonts",
        ),
    ],
)
def test_what_is_wrong_with_a_company_is_told_at_its_place(
    tmp_path: Path, changes: dict[str, str | None], expected: str
) -> None:
    files = {name: text for name, text in {**GROUP, **changes}.items() if text is not None}
    problems = [str(problem) for problem in check(small(tmp_path, files)).problems]
    assert [problem for problem in problems if problem.startswith(expected)], problems


def test_an_error_of_one_company_stops_its_brands_only(tmp_path: Path) -> None:
    root = small(tmp_path, {**GROUP, BRAVO: "name: [\n"})
    assert policy(root).controller.name == "Acme NV"
    with pytest.raises(InvalidPolicy):
        policy(root, "beta")


def test_laws_are_those_of_the_company(tmp_path: Path) -> None:
    root = small(tmp_path, {**GROUP, BRAVO: BRAVO_INC + "profiles: [us-ca]\n"})
    remarks = [problem for problem in check(root).problems if problem.grounds is not None]
    by_brand = {
        brand: {one.rule for one in remarks if brand in one.grounds.brands}
        for brand in ("alpha", "beta")
    }
    assert "us-ca-changes" in by_brand["beta"]
    assert "us-ca-changes" not in by_brand["alpha"]
    assert "dpo" in by_brand["alpha"]
    assert "dpo" not in by_brand["beta"]


def test_remarks_on_facts_lead_to_the_file_of_the_company(tmp_path: Path) -> None:
    files = {**GROUP, BRAVO: BRAVO_INC + "dpo: dpo@bravo.example\n", WHO: clause("We are us.")}
    problems = check(small(tmp_path, files)).problems
    told = {problem.path: problem.message for problem in problems if problem.rule == "controller"}
    assert "Bravo Inc." in told[BRAVO]
    assert "Acme NV" in told[COMPANY]
    assert [p.path for p in problems if p.rule in ("dpo-unsaid", "representative")] == [BRAVO] * 2


# --- dates, redlines and impact ---


def test_a_fact_of_a_company_dates_its_brands_only(group: Repo) -> None:
    group.commit({BRAVO: BRAVO_INC.replace("45 days", "40 days")})
    assert dates(group) == {"alpha": date(2024, 1, 2), "beta": date(2024, 1, 3)}
    group.commit({COMPANY: SMALL[COMPANY].replace("Acme NV", "Acme SA")})
    assert dates(group) == {"alpha": date(2024, 1, 4), "beta": date(2024, 1, 3)}


def test_impact_of_a_fact_of_a_company_is_on_its_brands_only(group: Repo) -> None:
    write(group.workspace, {BRAVO: BRAVO_INC.replace("Bravo Inc.", "Bravo LLC")})
    found = impact(group.workspace, NOW)
    assert [one.brand for one in found.reached] == ["beta"]
    assert [(one.brand, one.reasons[0].why) for one in found.untouched] == [("alpha", "unused")]


def test_a_company_that_comes_after_its_brand_heals_the_brand(group: Repo) -> None:
    group.commit({BRAVO: None})
    group.commit({BRAVO: BRAVO_INC})
    assert dates(group) == {"alpha": date(2024, 1, 2), "beta": date(2024, 1, 2)}
    group.commit({BRAVO: None})
    group.commit({BRAVO: BRAVO_INC.replace("45", "40")})
    assert dates(group) == {"alpha": date(2024, 1, 2), "beta": date(2024, 1, 6)}


def test_a_brand_that_changes_hands(group: Repo, run: Run) -> None:
    group.commit(MOVED)
    assert dates(group) == {"alpha": date(2024, 1, 3), "beta": date(2024, 1, 2)}
    found = impact(group.workspace, NOW, "HEAD~1..HEAD")
    assert [one.brand for one in found.reached] == ["alpha"]
    (pair,) = diff(group.workspace, "alpha", NOW, old="HEAD~1", new="HEAD")
    marked = str(pair.redline.controller)
    assert "Acme NV" in marked
    assert "Bravo Inc." in marked
    shown = run("diff", "alpha", "HEAD~1", "HEAD", "--json", cwd=group.workspace).stdout
    assert "controller_changed" in shown


def test_impact_says_where_only_the_controller_above_the_text_differs(group: Repo) -> None:
    unnamed = clause("We run {{ brand.domain }}.", "Who we are")
    facts = {COMPANY: SMALL[COMPANY].replace("30 days", "45 days")}
    group.commit({WHO: unnamed, **facts})
    group.commit(MOVED)
    (alpha,) = (
        one
        for one in impact(group.workspace, NOW, "HEAD~1..HEAD").untouched
        if one.brand == "alpha"
    )
    assert [(one.path, one.why) for one in alpha.reasons] == [(ALPHA, "controller")]
    group.commit({BRAVO: BRAVO_INC.replace("1 Main", "2 Main"), ALPHA: MOVED[ALPHA] + "# x\n"})
    found = impact(group.workspace, NOW, "HEAD~1..HEAD")
    assert {one.brand: [reason.why for reason in one.reasons] for one in found.untouched} == {
        "alpha": ["no words", "controller"],
        "beta": ["controller"],
    }


# --- the archive ---

OLD = b"Privacy Policy\n\n1. Who we are\nOld Owner Ltd runs alpha.example.\n"


def taken(repo: Repo, folder: Path, **how: str | None) -> Imported:
    path = folder / "old.txt"
    path.write_bytes(OLD)
    asked = AppendOptions(noon("2025-06-15"))
    day = date(2019, 5, 25)
    return import_version(repo.workspace, "alpha", [path], day, "A letter", asked, **how)


def letter(repo: Repo, version: str, folder: Path) -> str:
    asked = Request("alpha", noon("2025-12-15"), version=version, locale="en", write=False)
    return text(unpacked(bundle(repo.workspace, asked).data, folder) / LETTER)


@pytest.mark.thorough
@pytest.mark.parametrize("named", ["Old Owner Ltd", "bravo"])
def test_an_import_says_who_the_controller_was(
    group: Repo, tmp_path: Path, run: Run, named: str
) -> None:
    name = "Bravo Inc." if named == "bravo" else named
    done = taken(group, tmp_path, controller=named)
    assert isinstance(done.appended.entry, Import)
    assert done.appended.entry.controller == name
    assert not [note for note in done.notes if "--controller" in note]
    group.commit()
    assert verify(group.workspace).findings == ()
    released(group, "2025-07-10")
    said = letter(group, "2019-05-25-imported", tmp_path / "out")
    assert f"Controller {name}" in said
    assert f"Provenance, as asserted A letter Controller: {name}" in said
    assert "taken from the archive of Acme NV" in said
    base = ("--base-url", "https://alpha.example/p/", "--output", str(tmp_path / "site"))
    done = run("site", "alpha", *base, cwd=group.workspace)
    assert done.returncode == 0, done.stderr
    (facts,) = (tmp_path / "site").rglob("en/2019-05-25-imported/policy.jsonld")
    assert json.loads(facts.read_text())["publisher"] == {"@type": "Organization", "name": name}
    (pair,) = diff(group.workspace, "alpha", NOW, old="2019-05-25-imported", new="HEAD")
    assert name in str(pair.redline.controller)


def test_a_company_that_nobody_knows_is_refused(group: Repo, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"unknown company 'brav'; did you mean 'bravo'\?"):
        taken(group, tmp_path, controller="brav")
    with pytest.raises(Refused, match="--controller takes text on one line"):
        taken(group, tmp_path, controller="Old\nOwner")


def test_the_controller_of_an_import_can_be_corrected(group: Repo, tmp_path: Path) -> None:
    first = taken(group, tmp_path)
    assert "its letter names only the brand" in " ".join(first.notes)
    with pytest.raises(Refused, match="to record its controller, add --corrects 2019-05-25-imp"):
        taken(group, tmp_path, controller="Old Owner Ltd")
    entry = first.appended.entry
    assert isinstance(entry, Import)
    better = taken(group, tmp_path, controller="Old Owner Ltd", corrects=entry.version)
    assert isinstance(better.appended.entry, Import)
    again = {"controller": "Old Owner Ltd", "corrects": better.appended.entry.version}
    with pytest.raises(Refused, match="nothing would be corrected"):
        taken(group, tmp_path, **again)
    with pytest.raises(Refused, match="nothing would be corrected"):
        taken(group, tmp_path, corrects=better.appended.entry.version)


@pytest.mark.thorough
def test_letters_of_a_brand_that_changed_hands_guess_nothing(
    group: Repo, tmp_path: Path, run: Run
) -> None:
    taken(group, tmp_path)
    group.commit()
    first = released(group, "2025-07-01").version
    said = letter(group, "2019-05-25-imported", tmp_path / "one")
    assert "Controller Acme NV" in said  # the only company that the archive knows
    group.commit(MOVED)
    released(group, "2025-09-01")
    said = letter(group, "2019-05-25-imported", tmp_path / "two")
    assert "Controller" not in said
    assert "taken from the archive of Alpha on" in said
    said = letter(group, first, tmp_path / "three")
    assert "Controller Acme NV" in said
    assert "taken from the archive of Bravo Inc. on" in said
    assert not re.search(r"\bNone\b(?! (is|of))", said)
    done = run("export", "alpha", "--output", f"{tmp_path / 'out'}/", cwd=group.workspace)
    assert done.returncode == 0, done.stderr
    assert "Acme NV, Bravo Inc." in text(tmp_path / "out/index.pdf")


def test_what_is_reconstructed_names_the_company_of_its_day(group: Repo) -> None:
    group.commit(MOVED)
    asked = AppendOptions(noon("2025-06-15"))
    reconstruct(group.workspace, "alpha", asked, freeze=True)
    files = sorted(group.workspace.glob("versions/alpha/*/en/policy.md"))
    named = ["Bravo Inc." in path.read_text() for path in files]
    assert named == [False, True]


def test_one_company_needs_no_controller(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    done = taken(repo, tmp_path)
    assert not [note for note in done.notes if "--controller" in note]
    assert "controller" not in (done.appended.paths[0].read_text())
