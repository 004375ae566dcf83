"""What is in examples/ works as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml
from conftest import ROOT
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
