"""From a wheel, outside the checkout and without a network, to a released policy.

The wheel is the one that `init` puts into workspaces. The environment that it is installed into is
empty but for a path to this environment's libraries: nothing fetches these again.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from conftest import ROOT
from support.starts import fill_in

from publisher.start.surroundings import requirements

COMPANY = ("--company", "Moulin SAS", "--country", "FR", "--brand", "moulin=moulin.fr")


@pytest.mark.thorough
def test_a_wheel_in_an_empty_environment_does_all_that_a_company_begins_with(
    tmp_path: Path,
) -> None:
    files = requirements(None)
    (name,) = (name for name in files if name.endswith(".whl"))
    wheel = tmp_path / Path(name).name
    wheel.write_bytes(files[name])
    python = _environment(tmp_path / "environment", wheel)
    home = tmp_path / "home"
    home.mkdir()

    def run(*command: str, cwd: Path) -> str:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            **{
                f"GIT_{who}_{key}": value
                for who in ("AUTHOR", "COMMITTER")
                for key, value in (("NAME", "Ops"), ("EMAIL", "ops@moulin.fr"))
            },
        }
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    publisher = str(python.with_name("publisher"))
    where = run(str(python), "-c", "import publisher; print(publisher.__file__)", cwd=home)
    assert str(ROOT) not in where

    run(publisher, "init", "shop", *COMPANY, "--yes", cwd=home)
    shop = home / "shop"
    assert (shop / name).read_bytes() == wheel.read_bytes(), "a wheel is handed on as it was"
    assert "open questions" in run(publisher, "check", cwd=shop)
    run(publisher, "build", cwd=shop)
    assert (shop / "build/moulin/en/policy.pdf").read_bytes().startswith(b"%PDF-")

    fill_in(shop)
    run("git", "commit", "-qam", "Answer the questions", cwd=shop)
    run(publisher, "check", "--strict", cwd=shop)
    run(publisher, "release", "moulin", cwd=shop)
    run(publisher, "verify", cwd=shop)
    got = run(publisher, "get", "moulin", "--output", "answer.pdf", cwd=shop)
    (released,) = shop.glob("versions/moulin/2*/en/policy.pdf")
    assert (shop / "answer.pdf").read_bytes() == released.read_bytes()
    assert re.search(r"\b[0-9a-f]{64}\b", got)


def _environment(folder: Path, wheel: Path) -> Path:
    """Install a wheel into a new environment, which finds its libraries in this one."""
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run([*pip, "--no-index", "--quiet", str(wheel)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python
