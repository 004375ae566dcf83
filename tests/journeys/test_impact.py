"""Whom a change reaches, and whom it does not, and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from conftest import Run
from playwright.sync_api import Browser
from support.archives import noon
from support.browsers import violations
from support.workspaces import SMALL, Repo, clause

from publisher.compare.impact import Impact, impact
from publisher.errors import AskedWrongly, GitFailed, ShallowClone, UnknownRevision

TODAY = noon("2025-06-15")
DATA, WHO = "shared/clauses/en/data.md", "shared/clauses/en/who.md"
EDITORIAL = "Fix a typo\n\nPolicy-Change: editorial"
NOTICE = SMALL["brands/alpha/brand.yaml"] + "notice_days: 30\n"


def told(repo: Repo, revisions: str | None = None, *, staged: bool = False) -> Impact:
    return impact(repo.workspace, TODAY, revisions, staged=staged)


def write(repo: Repo, path: str, text: str) -> None:
    file = repo.workspace / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def why(found: Impact, brand: str = "beta") -> list[tuple[str, str, str | None]]:
    return [
        (reason.path, reason.why, reason.by)
        for each in found.untouched
        for reason in each.reasons
        if each.brand == brand
    ]


def test_the_working_tree_reaches_every_brand_that_says_it(repo: Repo) -> None:
    write(repo, DATA, clause("We keep your whole name."))
    found = told(repo)
    assert [(each.brand, each.locale, each.editorial) for each in found.reached] == [
        ("alpha", "en", False),
        ("beta", "en", False),
    ]
    assert found.files == (DATA,)
    assert found.untouched == found.failed == ()
    assert {each.difference.redline.counts.clauses_changed for each in found.reached} == {1}


def test_an_override_keeps_a_change_away(repo: Repo) -> None:
    own = "brands/beta/clauses/en/data.md"
    repo.commit({own: clause("Beta keeps nothing.")})
    write(repo, DATA, clause("We keep your whole name."))
    found = told(repo)
    assert [each.brand for each in found.reached] == ["alpha"]
    assert why(found) == [(DATA, "overridden", own)]


def test_a_condition_keeps_a_change_away(repo: Repo) -> None:
    text = "We keep names.{{% if brand.id == 'alpha' %}} {}{{% endif %}}"
    repo.commit({DATA: clause(text.format("Also ages."))})
    write(repo, DATA, clause(text.format("Also shoe sizes.")))
    found = told(repo)
    assert [each.brand for each in found.reached] == ["alpha"]
    assert why(found) == [(DATA, "condition", None)]


def test_what_changes_no_words_reaches_nobody(repo: Repo) -> None:
    write(repo, DATA, SMALL[DATA].replace("your name", "your *name*"))
    found = told(repo)
    assert found.reached == ()
    assert why(found) == [(DATA, "no words", None)]


def test_other_reasons(repo: Repo) -> None:
    new, dutch, beta = ("shared/clauses/en/new.md", "shared/clauses/nl/who.md",
                        "brands/beta/brand.yaml")  # fmt: skip
    write(repo, new, clause("New."))
    write(repo, dutch, clause("Wie."))
    write(repo, beta, SMALL[beta].replace("consumers", "businesses"))
    write(repo, "shared/clauses/en/_part.md", "A part.\n")
    found = told(repo)
    assert found.reached == ()
    assert why(found, "alpha") == [
        ("shared/clauses/en/_part.md", "unused", None),
        (new, "absent", None),
        (dutch, "locale", "nl"),
    ]
    assert (beta, "no words", None) in why(found)


def test_a_range_of_commits_is_editorial_if_all_are(repo: Repo) -> None:
    repo.git("tag", "start")
    repo.commit({DATA: clause("We keep your name.")}, EDITORIAL)
    repo.commit({WHO: clause("Beta is left alone.")}, EDITORIAL)
    (one, _) = told(repo, "start..HEAD").reached
    assert one.editorial
    repo.commit({DATA: clause("We sell your name.")})
    assert not told(repo, "start..HEAD").reached[0].editorial
    assert told(repo, "start..HEAD~1").reached[0].editorial
    assert [each.asked for each in told(repo, "start..HEAD").origins] == ["start", "HEAD"]


def test_three_dots_leave_out_what_the_other_branch_did(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({DATA: clause("Side.")})
    repo.git("checkout", "-q", "main")
    repo.commit({WHO: clause("Main.", "Who we are")})
    (two,) = {
        each.difference.redline.counts.clauses_changed for each in told(repo, "main..side").reached
    }
    (three,) = {
        each.difference.redline.counts.clauses_changed for each in told(repo, "main...side").reached
    }
    assert (two, three) == (2, 1)


def test_what_is_staged(repo: Repo) -> None:
    write(repo, DATA, clause("Staged."))
    repo.git("add", "-A")
    write(repo, DATA, clause("Not staged."))
    found = told(repo, staged=True)
    assert "Staged" in str(found.reached[0].difference.redline)
    assert "Not staged" not in str(found.reached[0].difference.redline)
    repo.git("reset", "-q", "--hard")
    write(repo, "shared/clauses/en/rights.md", "")
    assert told(repo, staged=True).files == ()


def test_the_earliest_day_keeps_the_notice(repo: Repo) -> None:
    repo.commit({"brands/alpha/brand.yaml": NOTICE})
    repo.git("tag", "start")
    write(repo, DATA, clause("New."))
    one, other = told(repo).reached
    assert (one.earliest, one.notice_days) == (date(2025, 7, 15), 30)
    assert (other.earliest, other.notice_days) == (date(2025, 6, 15), None)
    repo.commit(message=EDITORIAL)
    assert told(repo, "start..HEAD").reached[0].earliest == date(2025, 6, 15)


def test_a_brand_that_comes_and_one_that_goes(repo: Repo) -> None:
    beta = SMALL["brands/beta/brand.yaml"]
    write(repo, "brands/gamma/brand.yaml", beta.replace("Beta", "Gamma").replace("beta", "gamma"))
    (repo.workspace / "brands/beta/brand.yaml").unlink()
    write(
        repo,
        "brands/alpha/brand.yaml",
        SMALL["brands/alpha/brand.yaml"].replace("[beta]", "[gamma]"),
    )
    found = {each.brand: each.difference.redline for each in told(repo).reached}
    assert found["gamma"].old is None
    assert found["beta"].new is None


def test_what_has_errors_is_said_and_stops_no_other(repo: Repo, run: Run) -> None:
    write(repo, "brands/beta/clauses/en/data.md", clause("{{ nothing }}"))
    write(repo, WHO, clause("Changed.", "Who we are"))
    found = told(repo)
    assert found.failed == (("beta", "en"),)
    assert [each.brand for each in found.reached] == ["alpha"]
    done = run("impact", cwd=repo.workspace)
    assert done.returncode == 1
    assert "brands/beta/clauses/en/data.md:4: " in done.stderr
    repo.commit()
    write(repo, "brands/beta/clauses/en/data.md", clause("Fixed."))
    (fixed,) = told(repo).reached
    assert fixed.broken


def test_a_brand_whose_file_has_errors_is_not_gone(repo: Repo) -> None:
    file = repo.workspace / "brands/beta/brand.yaml"
    whole = file.read_text()
    file.write_text(f"{whole}timezone: Mars/Phobos\n")
    found = told(repo)
    assert (found.failed, found.reached) == ((("beta", None),), ())
    repo.commit()
    file.write_text(whole)
    (fixed,) = told(repo).reached
    assert fixed.broken


def test_what_is_printed(repo: Repo, run: Run) -> None:
    own = "brands/beta/clauses/en/data.md"
    repo.commit({own: clause("Beta keeps nothing."), "brands/alpha/brand.yaml": NOTICE})
    write(repo, DATA, clause("We keep your whole name."))
    text = run("impact", cwd=repo.workspace).stdout
    assert "1 file changed, and the words of 1 of 2 policies" in text
    assert "(30 days' notice)" in text
    assert f"{DATA}: overridden by {own}" in text
    comment = run("impact", "--format", "markdown", cwd=repo.workspace).stdout
    assert "| alpha/en |" in comment
    assert "<ins>" in comment
    assert "<ins>" not in run("impact", "--format", "md", "--summary", cwd=repo.workspace).stdout
    document = json.loads(run("impact", "--json", cwd=repo.workspace).stdout)
    assert document["reached"][0]["redline"]["counts"] == document["reached"][0]["counts"]
    assert document["not_reached"][0]["reasons"][0]["why"] == "overridden"
    repo.git("checkout", "-q", ".")
    assert "has changed" in run("impact", cwd=repo.workspace).stdout


def test_policies_that_change_alike_are_shown_once(repo: Repo, run: Run) -> None:
    write(repo, DATA, SMALL[DATA].replace("your name", "your surname"))
    write(repo, "brands/beta/clauses/en/data.md", clause("Beta keeps nothing."))
    apart = run("impact", "--format", "markdown", cwd=repo.workspace).stdout
    assert apart.count("<details>") == 2
    (repo.workspace / "brands/beta/clauses/en/data.md").unlink()
    together = run("impact", "--format", "html", cwd=repo.workspace).stdout
    assert together.count("alpha/en, and the same in: beta/en") == 1
    assert together.count("<details") == 1
    text = run("impact", cwd=repo.workspace).stdout
    assert text.count("surname") == 1
    assert text.index("beta/en: material") < text.index("alpha/en, and the same in: beta/en")


def test_a_comment_notifies_nobody_and_refers_to_nothing(repo: Repo, run: Run) -> None:
    repo.commit({DATA: clause("Write to @acme/legal. See GH-3 and o/r#5.", "Fixes #7 for $x^2$")})
    repo.commit({DATA: clause("Ask @acme/dpo. See GH-4 and o/r#6 and !8.", "Fixes #8 for $x^2$")})
    comment = run("impact", "HEAD~1..HEAD", "--format", "markdown", cwd=repo.workspace).stdout
    for token in ("@acme", "#7", "#8", "GH-3", "GH-4", "#5", "#6", "!8", "$x^2$"):
        assert token not in comment
    assert "@<!-- -->acme/<del>legal</del>" in comment or "@<!-- -->acme/dpo" in comment
    page = run("impact", "HEAD~1..HEAD", "--format", "html", cwd=repo.workspace).stdout
    assert "@acme/dpo" in page
    assert "<!-- -->" not in page


def test_what_is_asked_wrongly(repo: Repo, tmp_path: Path, run: Run) -> None:
    repo.git("branch", "feature")
    for revisions in ("featur", "nothing..HEAD", "-x", "--output=x..HEAD"):
        with pytest.raises(UnknownRevision) as caught:
            told(repo, revisions)
        assert ("feature" in str(caught.value)) == (revisions == "featur")
    with pytest.raises(AskedWrongly):
        told(repo, "HEAD", staged=True)
    with pytest.raises(GitFailed):
        impact(tmp_path, TODAY)
    repo.commit()
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))
    with pytest.raises(ShallowClone):
        impact(tmp_path / "shallow", TODAY, "HEAD~1..HEAD")
    assert run("impact", "--format", "docx", cwd=repo.workspace).returncode == 2


def test_the_page_is_for_everybody(repo: Repo, run: Run, tmp_path: Path, browser: Browser) -> None:
    own = "brands/beta/clauses/en/data.md"
    repo.commit({own: clause("Beta keeps nothing.")})
    write(repo, DATA, clause("We keep your *whole* name & more."))
    path = tmp_path / "impact.html"
    done = run("impact", "--format", "html", "--output", str(path), cwd=repo.workspace)
    assert done.stdout == f"{path}\n"
    assert "<script" not in path.read_text()
    for width, scheme in ((1200, "light"), (360, "dark")):
        assert violations(browser, path, width, scheme) == []


def test_what_the_other_side_has_done_is_not_editorial(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({WHO: clause("A typo less.", "Who we are")}, EDITORIAL)
    repo.git("checkout", "-q", "main")
    repo.commit({DATA: clause("Something else.")})
    assert not any(each.editorial for each in told(repo, "main..feature").reached)
    assert not any(each.editorial for each in told(repo, "HEAD..HEAD~1").reached)
    assert all(each.editorial for each in told(repo, "main...feature").reached)


def test_an_impact_is_written_nowhere_among_the_companys_own_files(repo: Repo, run: Run) -> None:
    write(repo, DATA, clause("New."))
    for place in ("versions/x.json", "shared/policy.yaml", "shared", "brands/new/"):
        before = (repo.workspace / "shared/policy.yaml").read_text()
        done = run("impact", "--json", "--output", place, cwd=repo.workspace)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert (repo.workspace / "shared/policy.yaml").read_text() == before


def test_branches_without_a_commit_in_common(repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "apart")
    repo.commit({DATA: clause("Apart.")})
    with pytest.raises(AskedWrongly, match="no commit in common"):
        told(repo, "main...apart")
    assert told(repo, "main..apart").reached


def test_a_folder_among_the_clauses_is_no_clause(repo: Repo) -> None:
    odd = "shared/clauses/en/_old/data.md"
    repo.commit({odd: clause("One.")})
    write(repo, odd, clause("Two."))
    assert why(told(repo)) == [(odd, "unused", None)]


def test_a_clause_that_is_not_utf8_beside_one_that_changes(repo: Repo) -> None:
    repo.commit({WHO: b"---\ntitle: Who\n---\nAs in shared/caf\xe9.md\n"})
    write(repo, DATA, clause("We keep your whole name."))
    found = told(repo)
    assert found.failed == (("alpha", "en"), ("beta", "en"))
    assert [problem.message for problem in found.problems] == ["is not UTF-8: byte 0xe9"]


def test_a_brand_whose_clauses_are_behind_a_link(repo: Repo) -> None:
    (repo.workspace / "brands/beta/clauses").mkdir()
    (repo.workspace / "brands/beta/clauses/en").symlink_to("../../../shared/clauses/en")
    repo.commit()
    write(repo, DATA, clause("We keep your whole name."))
    found = told(repo)
    assert [brand for brand, _ in found.failed] == ["beta"]
    assert "brands/beta/clauses/en: is a symbolic link" in str(found.problems[0])
    assert [each.brand for each in found.reached] == ["alpha"]
