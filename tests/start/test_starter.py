"""A company's new workspace: complete, quiet when filled in, and all of it or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import Run
from support.starts import ALONE, fill_in
from support.workspaces import policy, write

from publisher.build.build import build
from publisher.build.check import check
from publisher.checks.links import outside_links
from publisher.files.output import new_folder
from publisher.policy.dating import UNDATED
from publisher.render.markdown import markdown
from publisher.start.answers import answers
from publisher.start.starter import starter


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_is_a_repository_with_one_commit_and_nothing_of_the_toolkit(started: Path) -> None:
    assert _git(started, "log", "--format=%an|%cI|%s") == (
        "Ops|2026-11-26T09:00:00+00:00|Start the privacy policies of Moulin SAS"
    )
    assert _git(started, "status", "--porcelain") == ""
    assert _git(started, "branch", "--show-current") == "main"
    assert sorted(path.name for path in started.iterdir()) == [
        ".git",
        ".gitattributes",
        ".github",
        ".gitignore",
        ".gitlab-ci.yml",
        "README.md",
        "brands",
        "requirements.txt",
        "shared",
    ]
    assert (started / "requirements.txt").read_text() == "policy-publisher==1\n"
    assert (started / ".gitattributes").read_text().endswith("versions/** -text -filter -ident\n")
    assert [*started.parent.iterdir()] == [started], "no staging folder is left"


def test_each_text_says_that_it_is_no_legal_advice(started: Path) -> None:
    texts = [*started.glob("shared/*.yaml"), *started.glob("*/*/brand.yaml"), started / "README.md"]
    texts += started.glob("shared/clauses/*/*.md")
    assert len(texts) == 6 + 2 + 1 + 2 * 15
    assert all("not legal advice" in text.read_text() for text in texts)


def test_schemas_explain_every_yaml_file(started: Path) -> None:
    for text in [*started.glob("shared/*.yaml"), *started.glob("brands/*/brand.yaml")]:
        named = text.read_text().split("$schema=", 1)[1].split("\n", 1)[0]
        json.loads((text.parent / named).read_text())


def test_a_new_one_has_questions_and_no_other_remark(started: Path) -> None:
    problems = check(started).problems
    assert {problem.severity for problem in problems} == {"question"}
    asked = [problem.message for problem in problems if problem.path == "shared/company.yaml"]
    assert len(asked) == 6, asked


def test_a_filled_in_one_has_no_remark_at_all(started: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(started, tmp_path / "filled"))
    fill_in(root)
    assert [str(problem) for problem in check(root).problems] == []
    texts = build(root, tmp_path / "out", brands=["moulin"], locales=["en"], formats=["markdown"])
    text = (tmp_path / "out/moulin/en/policy.md").read_text()
    assert not texts.failed
    assert "Draft" not in text
    assert "None" not in text
    for fact in ("Moulin SAS", "26110 Nyons", "FR00123456789", "CNIL", "10 years", "Art. L123-22"):
        assert fact in text


def test_a_company_outside_europe_has_no_authority_but_a_representative(tmp_path: Path) -> None:
    root = write(tmp_path, {path: text.decode() for path, text in starter(ALONE).items()})
    assert {problem.severity for problem in check(root).problems} == {"question"}
    fill_in(root)
    assert [str(problem) for problem in check(root).problems] == []
    filled = policy(root, "prairie", "en-US")
    assert not filled.draft
    text = repr(filled.clauses)
    assert "VAT" not in text
    assert "The authority that supervises us" not in text
    assert "Our representative in the European Union" in text
    targets = [link.target for link in outside_links(filled)]
    assert targets.count("https://prairie.com/privacy-questions?from=policy") == 5
    assert "mailto:" not in text
    assert "None" not in markdown(filled, UNDATED).decode()


def test_an_american_company_may_have_neither_officer_nor_representative(tmp_path: Path) -> None:
    root = write(tmp_path, {path: text.decode() for path, text in starter(ALONE).items()})
    fill_in(root)
    file = root / "shared/company.yaml"
    lines = file.read_text().splitlines(True)
    file.write_text("".join(line for line in lines if not line.startswith(("dpo", "rep"))))
    assert not policy(root, "prairie", "en-US").draft
    assert {problem.rule for problem in check(root).problems} == {"dpo", "representative"}


def test_another_language_has_the_english_text_with_a_question_for_each_clause() -> None:
    files = starter(answers("Acme", ["a=a.example"], ["fr", "en-US"]))
    english = {path.rpartition("/")[2]: text for path, text in files.items() if "/en-US/" in path}
    french = {path.rpartition("/")[2]: text for path, text in files.items() if "/fr/" in path}
    assert english.keys() == french.keys()
    for name, text in french.items():
        assert text.count(b"Not yet translated into French") == 1
        assert b"translated" not in english[name]
        assert text.split(b"---\n")[2] == english[name].split(b"---\n")[2]
    company = yaml.safe_load(files["shared/company.yaml"])
    assert company["master_locale"] == "fr"


@pytest.mark.parametrize("locale", ["de", "el", "fr", "nl-BE", "pl"])
def test_a_master_in_another_language_has_questions_only(tmp_path: Path, locale: str) -> None:
    known = answers("Acme", ["a=a.example"], [locale], "BE")
    write(tmp_path, {path: text.decode() for path, text in starter(known).items()})
    assert {problem.severity for problem in check(tmp_path).problems} == {"question"}


@pytest.mark.parametrize(
    "name",
    ["Zoë & Søn", 'A "B" \\ C: #1', "{{ x }} {% y %}", "NO", "1.10", "*Star* [x](y)", "$name"],
)
def test_any_name_of_a_company_is_quoted_as_it_is(tmp_path: Path, name: str) -> None:
    known = answers(name, ["a=a.example"])
    write(tmp_path, {path: text.decode() for path, text in starter(known).items()})
    composed = policy(tmp_path, "a", "en")
    assert composed.controller.name == name
    assert check(tmp_path).problems[0].severity == "question"


def test_workflows_check_compare_and_verify_with_the_whole_history(started: Path) -> None:
    github = yaml.safe_load((started / ".github/workflows/policies.yml").read_text())
    steps = github["jobs"]["policies"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    gitlab = yaml.safe_load((started / ".gitlab-ci.yml").read_text())
    assert gitlab["variables"]["GIT_DEPTH"] == "0"
    runs = [step.get("run", "") for step in steps]
    scripts = [
        line for job in gitlab.values() if isinstance(job, dict) for line in job.get("script", ())
    ]
    for commands in (runs, scripts):
        for command in ("publisher check", "publisher impact", "publisher verify"):
            assert any(line.startswith(command) for line in commands), command
    assert "pip install -r requirements.txt" in runs
    assert gitlab["before_script"] == ["pip install -r requirements.txt"]


def test_the_command_tells_what_to_do_next_in_five_lines(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ops")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ops@shop.example")
    (tmp_path / "new one").mkdir()
    done = run(
        "init",
        "new one",
        "--company",
        "Acme",
        "--brand",
        "a=a.example",
        "--toolkit",
        "x",
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    head, steps = done.stdout.split("Next:\n")
    assert "not legal advice" in head
    assert len(steps.splitlines()) == 5
    assert max(map(len, steps.splitlines()[1:])) < 80
    assert steps.splitlines()[0] == f"  cd '{tmp_path}/new one'"
    assert (tmp_path / "new one/shared/company.yaml").is_file()


def test_an_empty_folder_may_be_the_working_folder(tmp_path: Path, process: Run) -> None:
    here = tmp_path / "here"
    here.mkdir()
    known = {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Ops"), ("EMAIL", "ops@shop.example"))
    }
    company = ("--company", "Acme", "--brand", "a=a.example", "--toolkit", "x")
    done = process("init", ".", *company, cwd=here, **known)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"  cd {here}\n" in done.stdout
    assert (here / ".git").is_dir()


def test_what_a_killed_one_left_is_swept_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    left = tmp_path / f".staging-{ended.pid}-1" / "policies"
    left.mkdir(parents=True)
    with new_folder(tmp_path / "policies") as folder:
        (folder / "whole").write_text("yes")
    assert [path.name for path in tmp_path.iterdir()] == ["policies"]


def test_nothing_is_left_where_the_work_fails_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "home/x"))

    monkeypatch.setattr("publisher.start.surroundings.commit", broken)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ops")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ops@shop.example")
    home = tmp_path / "home"
    home.mkdir()
    done = run("init", "new", "--company", "Acme", "--brand", "a=a.example", cwd=home)
    assert done.returncode == 4
    assert "no space left on device" in done.stderr
    assert [*home.iterdir()] == []
