"""``publisher check`` as people and machines read it: remarks on what policies say."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import jsonschema
import pytest
from conftest import ROOT
from docx import Document
from support.commands import called
from support.legal import base, cases, edit, lay
from support.workspaces import SMALL, Repo, small, write

from publisher.archive.law_checks import Judge
from publisher.build.check import CheckReport, check
from publisher.checks.catalogue import catalogue
from publisher.cli.remarks_output import report
from publisher.errors import AskedWrongly
from publisher.problem import warning

Run = Callable[..., CompletedProcess[str]]
VAGUE = "\nWe keep data for as long as necessary (ask @counsel about #12).\n"
HEADER = ["Severity", "Where", "Remark", "What to do", "Authority", "Rule", "Decision"]
LEAK = next(case for case in cases("rules.yaml") if case["rule"] == "leak")
SARIF = json.loads((ROOT / "tests/data/sarif-2.1.0.json").read_text())


@pytest.fixture
def vague(tmp_path: Path) -> Path:
    base(tmp_path)
    edit(tmp_path, [{"in": "shared/clauses/en/why.md", "append": VAGUE}])
    return tmp_path


def test_it_names_the_line_the_fault_the_cure_and_the_authority(vague: Path, run: Run) -> None:
    done = run("check", cwd=vague)
    assert done.returncode == 0
    assert done.stdout.startswith(
        "Warnings\nshared/clauses/en/why.md:8: gives no period that a reader could work out: "
        '"We keep data for as long as necessary (ask @counsel about #12)."; write a `period`, or '
    )
    assert "(GDPR Art. 13(2)(a), WP260 rev.01, annex [to be confirmed], AP, Uber" in done.stdout
    assert "2 policies: 1 warning\n" in done.stdout
    assert f"law as of {catalogue().reviewed} (catalogue 2); no legal advice\n" in done.stdout
    assert run("check", "--strict", cwd=vague).returncode == 1


def test_json_is_a_list_of_remarks_with_their_grounds(vague: Path, run: Run) -> None:
    for options in (("--json",), ("--format", "json")):
        (one,) = json.loads(run("check", *options, cwd=vague).stdout)
        assert (one["rule"], one["severity"], one["line"]) == ("kept-vague", "warning", 8)
        assert [each["confirmed"] for each in one["authority"]] == [True, False, True]
        assert all(each["url"].startswith("https://") for each in one["authority"])
        assert one["places"] == [{"path": "shared/clauses/en/why.md", "line": 8}]
        assert one["brands"] == ["acme", "bolt"]
        assert one["catalogue"] == catalogue().version
        assert len(one["fingerprint"]) == 8


def test_what_is_accepted_is_counted(vague: Path, run: Run) -> None:
    (one,) = json.loads(run("check", "--json", cwd=vague).stdout)
    entry = f"- {{remark: kept-vague, of: {one['fingerprint']}, because: Meant., by: counsel}}\n"
    (vague / "shared/accepted.yaml").write_text(entry)
    assert "2 policies: no problems; 1 accepted\n" in run("check", cwd=vague).stdout
    assert run("check", "--strict", cwd=vague).returncode == 0


def test_a_leak_fails_the_check_and_does_not_stop_a_build(tmp_path: Path, run: Run) -> None:
    lay(tmp_path, LEAK)
    done = run("check", "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert [each["severity"] for each in json.loads(done.stdout)] == ["error"]
    built = run("build", "bolt", "--format", "json", cwd=tmp_path)
    assert (built.returncode, built.stderr) == (0, "")


@pytest.mark.parametrize("example", [True, False], ids=["example", "leak"])
def test_sarif_is_valid_and_its_fingerprints_are_stable(
    tmp_path: Path, run: Run, *, example: bool
) -> None:
    root = lay(tmp_path / "w", LEAK)
    if example:
        root = tmp_path / "x"
        for name in ("brands", "shared"):
            shutil.copytree(ROOT / name, root / name)
    said = json.loads(run("check", "--format", "sarif", cwd=root).stdout)
    jsonschema.validate(said, SARIF)
    plain = json.loads(run("check", "--json", cwd=root).stdout)
    results = said["runs"][0]["results"]
    assert [each["ruleId"] for each in results] == [each["rule"] for each in plain]
    for result, problem in zip(results, plain, strict=True):
        rule = said["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == problem["rule"]
        assert result["partialFingerprints"]["publisher/1"] == problem.get(
            "fingerprint", result["partialFingerprints"]["publisher/1"]
        )
    path = root / "shared/clauses/en/contact.md"
    path.write_text(path.read_text().replace("\ntitle", "\n# A note to colleagues.\ntitle"))
    again = json.loads(run("check", "--format", "sarif", cwd=root).stdout)["runs"][0]["results"]
    assert marks(again) == marks(results)


def marks(results: list[dict[str, Any]]) -> list[str]:
    return sorted(each["partialFingerprints"]["publisher/1"] for each in results)


def test_markdown_notifies_nobody(vague: Path, run: Run) -> None:
    said = run("check", "--format", "markdown", cwd=vague).stdout
    assert said.startswith("## Warnings (1)\n\n- `shared/clauses/en/why.md:8`: gives no period")
    assert "@counsel" not in said
    assert "#12" not in said


@pytest.mark.parametrize("rule", [id for id in catalogue().rules if " " not in id])
def test_every_rule_is_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    from publisher.cli.remarks_output import explain

    explain(rule, json=False)
    said = capsys.readouterr().out
    assert said.startswith(f"{rule}: {catalogue().rules[rule].why}\n")
    assert not re.search(r"\{[a-z_]+\}", said), "no place is left unfilled"
    assert "https://" in said
    explain(rule, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told[0]["rule"] == rule
    accepted = "remark:" in said
    assert accepted is told[0]["acceptable"]


def test_a_copied_folder_of_a_brand_is_named(tmp_path: Path) -> None:
    root = small(tmp_path)
    site = "site: {base_url: https://alpha.example/privacy/}\n"
    text = SMALL["brands/alpha/brand.yaml"].replace("sisters: [beta]\n", "")
    write(root, {f"brands/{name}/brand.yaml": text + site for name in ("alpha", "alpha-2")})
    told = [str(p) for p in check(root).problems if p.rule == "copy"]
    fix = "write this brand's own; if the folder is a copy, delete it"
    other = "the same as in the brand 'alpha'"
    assert told == [
        f"brands/alpha-2/brand.yaml:1: 'name' is 'Alpha', {other}; {fix}",
        f"brands/alpha-2/brand.yaml:2: 'domain' is 'alpha.example', {other}; {fix}",
        "brands/alpha-2/brand.yaml:9: 'site.base_url' is 'https://alpha.example/privacy/', "
        f"{other}; {fix}",
    ]
    own = text.replace("Alpha", "Two") + site.replace("privacy", "two")
    write(root, {"brands/alpha-2/brand.yaml": own})
    assert [p for p in check(root).problems if p.rule == "copy"] == [], "one domain, two addresses"


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("allowed_signers", b"legal@a.example ssh-ed25519\n", ":1: has no key, or options that"),
        ("allowed_signers", b"\xff", ":1: is not UTF-8"),
        ("allowed_signers", b"", ": names no key"),
        (
            "allowed_signers",
            b"a@a.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n",
            ":1: has a key that",
        ),
        ("allowed_signers", None, ": is a symbolic link"),
        ("timestamp_authorities.pem", b"none", ": "),
    ],
)
def test_files_that_say_whom_to_trust_are_read(
    tmp_path: Path, run: Run, file: str, data: bytes | None, said: str
) -> None:
    root = small(tmp_path)
    path = root / "shared" / file
    _ = path.write_bytes(data) if data is not None else path.symlink_to("company.yaml")
    for command in (("check",), ("check", "alpha")):
        done = run(*command, cwd=root)
        assert done.returncode == 1
        assert f"shared/{file}{said}" in " ".join(done.stdout.split())


def test_an_unknown_rule_is_named(run: Run, tmp_path: Path) -> None:
    done = run("check", "--explain", "vage", cwd=tmp_path)
    assert done.returncode == 2
    assert "unknown rule 'vage'; did you mean 'vague'?" in done.stderr


def test_links_are_listed_with_their_places(tmp_path: Path, run: Run) -> None:
    base(tmp_path)
    text = "\nSee *more [here](https://x.example/a)* and [below](#changes).\n"
    edit(tmp_path, [{"in": "shared/clauses/en/why.md", "append": text}])
    said = run("check", "--links", "acme", cwd=tmp_path).stdout
    assert said == (
        "https://dataprotectionauthority.be\n  shared/rights.yaml:28 (acme, en)\n"
        "https://x.example/a\n  shared/clauses/en/why.md:8 (acme, en)\n"
    )
    told = json.loads(run("check", "--links", "--json", cwd=tmp_path).stdout)
    assert [each["target"] for each in told][1] == "https://x.example/a"
    assert [place["brand"] for place in told[1]["places"]] == ["acme", "bolt"]


def test_counsel_gets_a_table_to_fill_in(vague: Path, run: Run, tmp_path: Path) -> None:
    rows = list(csv.reader(run("check", "--format", "csv", cwd=vague).stdout.splitlines()))
    assert rows[0][0].lstrip("\ufeff") == "Severity"
    assert rows[0][-1] == "Decision"
    assert rows[1][:2] == ["warning", "shared/clauses/en/why.md:8"]
    path = tmp_path / "remarks.docx"
    for at in range(2):
        done = run("check", "--format", "docx", "--output", str(path), cwd=vague)
        assert (done.returncode, done.stdout) == (0, f"{path}\n"), (at, done.stderr)
    (table,) = Document(str(path)).tables
    assert [cell.text for cell in table.rows[0].cells] == HEADER
    assert table.rows[1].cells[1].text == "shared/clauses/en/why.md:8"
    assert "as long as necessary" in table.rows[1].cells[2].text


def test_a_word_document_needs_a_file(vague: Path, run: Run) -> None:
    done = run("check", "--format", "docx", cwd=vague)
    assert done.returncode == 2
    assert "name one with --output" in done.stderr
    done = run("check", "--output", "x.txt", cwd=vague)
    assert done.returncode == 2
    assert "a file takes one of json, sarif, markdown, csv, docx, not text" in done.stderr


def test_no_cell_of_a_table_is_a_formula(tmp_path: Path) -> None:
    problem = warning("kept-vague", "=cmd()", None, '=HYPERLINK("https://x.example")', "@fix")
    found = CheckReport(1, (problem,))
    report(tmp_path, found, "csv", str(tmp_path / "x.csv"), datetime.now(UTC))
    text = (tmp_path / "x.csv").read_text("utf-8-sig")
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not any(cell.startswith(("=", "@", "+", "-")) for cell in cells)
    assert "'@fix" in cells


def test_a_folder_of_a_brand_that_was_renamed_since_the_commit(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    small(repo.workspace)
    repo.commit(message="first")
    (repo.workspace / "brands/alpha").rename(repo.workspace / "brands/other")
    report = check(repo.workspace, today=date(2026, 6, 1))
    assert not any(problem.path.startswith("brands/alpha") for problem in report.problems)


def test_an_explanation_fits_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal, of 80 columns
    done = called("check", "--explain", "device", cwd=tmp_path)
    shown, _, _ = done.stdout.partition("Authority:")
    assert "How to fix it" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_brand_that_is_deleted_during_the_check_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small(tmp_path)
    judge = Judge.of

    def deleting(*asked: Any) -> Any:
        shutil.rmtree(root / "brands/beta", ignore_errors=True)
        return judge(*asked)

    monkeypatch.setattr(Judge, "of", deleting)
    with pytest.raises(AskedWrongly, match="brands/beta was deleted during the check"):
        check(root)
