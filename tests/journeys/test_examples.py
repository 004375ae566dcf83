"""What is in examples/ works as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Run
from support.workspaces import SMALL, Repo, clause

WORKFLOW = ROOT / "examples" / "github" / "policy-impact.yml"
DATA = "shared/clauses/en/data.md"


def step(id: str) -> str:
    """Return what a step of the workflow runs."""
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["impact"]["steps"]
    return next(each["run"] for each in steps if each.get("id") == id)


def compared(repo: Repo, base: str, tmp_path: Path) -> tuple[str, str]:
    """Run the step that compares, as GitHub would; return the comment, and the step's outputs."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    files = {"GITHUB_STEP_SUMMARY": tmp_path / "summary", "GITHUB_OUTPUT": tmp_path / "output"}
    subprocess.run(
        ["bash", "-e", "-c", step("compare")],
        cwd=repo.root,
        env={
            **os.environ,
            **{name: str(file) for name, file in files.items()},
            "PATH": path,
            "BASE": base,
            "HEAD": repo.git("rev-parse", "HEAD"),
        },
        check=True,
    )
    return (repo.root / "impact.md").read_text(), files["GITHUB_OUTPUT"].read_text()


def test_the_workflow_checks_out_the_whole_history() -> None:
    steps = yaml.safe_load(WORKFLOW.read_text())["jobs"]["impact"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0


def test_no_job_that_runs_what_a_pull_request_brings_can_write() -> None:
    for path in WORKFLOW.parent.glob("*.yml"):
        workflow = yaml.safe_load(path.read_text())
        if "pull_request" not in workflow[True]:  # YAML 1.1 reads the key `on` as true
            continue
        for job in workflow["jobs"].values():
            rights = {**workflow.get("permissions", {}), **job.get("permissions", {})}
            own = any("checkout" in step.get("uses", "") for step in job["steps"])
            assert not (own and "write" in rights.values()), path.name


def test_the_workflow_comments_whom_a_pull_request_reaches(repo: Repo, tmp_path: Path) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.commit({DATA: SMALL[DATA].replace("your name", "your whole name")})
    comment, output = compared(repo, base, tmp_path)
    assert "| alpha/en |" in comment
    assert "<ins>whole </ins>" in comment
    assert output == "code=0\n"


def test_the_workflow_comments_and_fails_where_a_policy_has_errors(
    repo: Repo, tmp_path: Path
) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.commit({DATA: clause("{{ nothing }}")})
    comment, output = compared(repo, base, tmp_path)
    assert f"{DATA}:4" in comment.replace("\\", "").replace("<!-- -->", "")
    assert output == "code=1\n"


@pytest.mark.parametrize("name", ["policy-site", "policy-drift"])
def test_a_workflow_writes_nothing_into_the_repository(name: str) -> None:
    said = yaml.safe_load((WORKFLOW.parent / f"{name}.yml").read_text())
    assert said["permissions"]["contents"] == "read"
    (job,) = said["jobs"].values()
    runs = " ".join(step.get("run", "") for step in job["steps"])
    assert "git push" not in runs
    assert "git commit" not in runs


def test_the_nightly_build_of_the_site_is_skipped_until_it_is_due(tmp_path: Path, run: Run) -> None:
    steps = yaml.safe_load((WORKFLOW.parent / "policy-site.yml").read_text())["jobs"]["site"][
        "steps"
    ]
    (due,) = (each["run"] for each in steps if each.get("id") == "due")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GITHUB_OUTPUT": str(tmp_path / "output")}
    site = str(tmp_path / "site")
    for built, expected in ((False, "due=1\n"), (True, "due=0\n")):
        if built:
            run("site", "--base-url", "https://x.example/", "--output", site, cwd=ROOT)
        (tmp_path / "output").write_text("")
        command = due.replace("publisher site", f"publisher site --output {site}")
        subprocess.run(["bash", "-e", "-c", command], cwd=ROOT, env=environment, check=True)
        assert (tmp_path / "output").read_text() == expected
