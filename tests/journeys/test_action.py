"""The action for GitHub and the hook for pre-commit, run in the example as their hosts would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
CONTACT = "shared/clauses/en/contact.md"
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]


@dataclass
class Runner:
    """What a step finds around it; `run` runs one step, as the runner of GitHub would."""

    there: Path
    own: Path
    inputs: Mapping[str, str] = field(default_factory=dict)
    path: str = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(self, id: str) -> subprocess.CompletedProcess[str]:
        step = STEPS[id]
        assert step["shell"] == "bash"
        defaults = {name: about["default"] for name, about in ACTION["inputs"].items()}
        values = {f"inputs.{name}": text for name, text in {**defaults, **self.inputs}.items()}
        values["github.action_path"] = str(ROOT)
        given = {
            name: re.sub(r"\$\{\{ (.+?) \}\}", lambda asked: values[asked[1]], text)
            for name, text in step.get("env", {}).items()
        }
        assert "${{" not in step["run"], "a value in a script could be a command"
        files = {
            name: str(self.own / name)
            for name in ("GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        environment = {**os.environ, **given, **files, "RUNNER_TEMP": str(self.own)}
        return subprocess.run(
            [*BASH, step["run"]],
            cwd=self.there,
            env={**environment, "PATH": self.path},
            capture_output=True,
            text=True,
            check=False,
        )

    def written(self, name: str) -> str:
        return (self.own / name).read_text()


@pytest.fixture
def runner(demo: Path, tmp_path: Path) -> Runner:
    (tmp_path / "runner").mkdir()
    compared = {"base": "HEAD~1", "head": "HEAD"}
    return Runner(demo, tmp_path / "runner", {"workspace": ".", **compared})


def git(*arguments: str | Path) -> None:
    subprocess.run(["git", *arguments], check=True)


@pytest.mark.thorough
def test_it_checks_verifies_and_says_which_policies_change(runner: Runner) -> None:
    assert runner.run("history").returncode == 0
    checked = runner.run("check")
    assert checked.returncode == 0
    assert "1 open question" in checked.stdout
    log = json.loads((runner.there / "publisher.sarif").read_text())
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "brands/harbour/brand.yaml"
    verified = runner.run("verify")
    assert verified.returncode == 0
    assert "4 versions and 5 entries of 2 brands: as released" in verified.stdout
    assert runner.run("impact").returncode == 0
    assert "| lantern/en | +6 −0 words |" in runner.written("GITHUB_STEP_SUMMARY")
    file = runner.written("GITHUB_OUTPUT").strip().removeprefix("file=")
    assert Path(file).read_text() == runner.written("GITHUB_STEP_SUMMARY")


def test_it_refuses_a_shallow_clone_and_names_the_option(runner: Runner, tmp_path: Path) -> None:
    git("clone", "-q", "--depth", "1", runner.there.as_uri(), tmp_path / "shallow")
    runner.there = tmp_path / "shallow"
    done = runner.run("history")
    assert done.returncode == 4
    assert "::error::" in done.stdout
    assert "fetch-depth: 0" in done.stdout


@pytest.mark.thorough
def test_it_fails_for_an_error_and_puts_it_into_the_sarif(runner: Runner) -> None:
    text = (runner.there / CONTACT).read_text()
    (runner.there / CONTACT).write_text(text.replace("brand.contact ", "brand.contcat "))
    done = runner.run("check")
    assert done.returncode == 1
    assert f"{CONTACT}:4: unknown fact 'brand.contcat'" in done.stdout + done.stderr
    assert "brand.contcat" in (runner.there / "publisher.sarif").read_text()


@pytest.mark.thorough
def test_it_fails_for_a_warning_only_if_it_is_strict(runner: Runner) -> None:
    (runner.there / "shared/unknown.txt").write_text("x")
    assert runner.run("check").returncode == 0
    runner.inputs = {**runner.inputs, "strict": "true"}
    assert runner.run("check").returncode == 1


def test_it_fails_for_an_altered_archive(runner: Runner) -> None:
    page = runner.there / "versions/lantern/2026-05-18/en/policy.md"
    page.write_text(page.read_text() + "x")
    done = runner.run("verify")
    assert done.returncode == 3
    assert "versions/lantern/2026-05-18/en/policy.md" in done.stdout + done.stderr


def test_it_installs_itself_with_pinned_hashes_into_an_environment_of_its_own(
    runner: Runner, tmp_path: Path
) -> None:
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    recorded = tmp_path / "recorded"
    python.write_text(
        f'#!/bin/sh\necho "$@" >> {recorded}\nif test "$2" = venv; then mkdir -p "$3/bin"\n'
        f'cp {python} "$3/bin/python"; fi\n'
    )
    python.chmod(0o755)
    runner.path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = runner.run("install")
    assert done.returncode == 0, done.stderr
    _, venv, locked, itself = recorded.read_text().splitlines()
    assert venv == f"-m venv {runner.own}/publisher"
    assert locked.endswith(f"--require-hashes -r {ROOT}/requirements.lock")
    assert itself.endswith(f"--no-deps {ROOT}")
    assert runner.written("GITHUB_PATH") == f"{runner.own}/publisher/bin\n"


def test_it_needs_no_token_and_says_what_each_input_is() -> None:
    text = (ROOT / "action.yml").read_text()
    assert "github.token" not in text
    assert "secrets" not in text
    assert not any("uses" in step for step in STEPS.values())
    assert all(about["description"] for about in ACTION["inputs"].values())
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])


def test_the_page_about_it_names_its_inputs_as_they_are() -> None:
    page = (ROOT / "docs/continuous-integration.md").read_text()
    for name, about in ACTION["inputs"].items():
        assert f"| `{name}` |" in page, name
        if "$" not in about["default"]:
            assert f"| `{about['default']}` |" in page, name


def hooks() -> Iterator[dict[str, object]]:
    yield from yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.mark.thorough
def test_the_hook_is_one_that_pre_commit_takes_and_its_command_runs(runner: Runner) -> None:
    manifest = str(ROOT / ".pre-commit-hooks.yaml")
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", manifest]
    subprocess.run(command, check=True)
    (hook,) = hooks()
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    assert re.match(str(hook["files"]), CONTACT)
    assert not re.match(str(hook["files"]), "versions/lantern/ledger.head")
    entry = [*BASH, str(hook["entry"])]
    environment = {**os.environ, "PATH": runner.path}
    assert subprocess.run(entry, cwd=runner.there, env=environment, check=False).returncode == 0
