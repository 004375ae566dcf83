"""The command line, as a user meets it: output, messages, exit codes, files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import jsonschema
import pytest
import yaml
from conftest import ROOT, Run
from support.archives import archive, released
from support.commands import called
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.cli.terminal import quoted

ALPHA = SMALL["brands/alpha/brand.yaml"]


def test_build_writes_every_format_and_prints_a_table(repo: Repo, run: Run) -> None:
    done = run("build", cwd=repo.workspace)
    assert done.returncode == 0, done.stderr
    for brand in ("alpha", "beta"):
        for ending in ("html", "pdf", "md", "json"):
            assert (repo.workspace / f"build/{brand}/en/policy.{ending}").stat().st_size > 300
        assert re.search(rf"{brand} +en +ready +2024-01-02 +build/{brand}/en/", done.stdout)
    assert done.stderr == ""
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert sorted(p.name for p in (repo.workspace / "build").iterdir()) == ["alpha", "beta"]


def test_build_as_json(repo: Repo, run: Run) -> None:
    done = run(
        "build", "alpha", "--format", "html", "--json", "--output", "out", cwd=repo.workspace
    )
    (one,) = json.loads(done.stdout)
    assert one["files"] == ["out/alpha/en/policy.html"]
    assert (one["brand"], one["locale"], one["status"]) == ("alpha", "en", "ready")
    assert one["last_updated"] == "2024-01-02"
    assert re.fullmatch("[0-9a-f]{64}", one["words_digest"])
    assert [path.name for path in (repo.workspace / "out/alpha/en").iterdir()] == ["policy.html"]


def test_build_finds_the_workspace_upwards_or_where_it_is_told(repo: Repo, run: Run) -> None:
    inside = repo.workspace / "brands/alpha"
    done = run("build", "--format", "json", cwd=inside)
    assert done.returncode == 0, done.stderr
    assert "../../build/alpha/en/" in done.stdout
    assert (repo.workspace / "build/alpha/en/policy.json").exists()
    assert [path.name for path in inside.iterdir()] == ["brand.yaml"]
    elsewhere = repo.root.parent
    done = run("check", "--workspace", str(repo.workspace), cwd=elsewhere)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "alhpa"], "error: unknown brand 'alhpa'; did you mean 'alpha'?"),
        (["build", "--locale", "nl"], "error: unknown locale 'nl'; known: en"),
        (["build", "--format", "rtf"], "error: unknown format 'rtf'"),
        (["build", "--at", "nowhere"], "error: 'nowhere' is not a revision of this repository"),
        (["build", "--at", "-x"], "error: '-x' is not the name of a revision"),
        (["check", "gamma"], "error: unknown brand 'gamma'"),
        (["check", "--workspace", "brands"], "error: brands is not in a workspace"),
        (["build", "--nope"], "No such option"),
    ],
)
def test_asked_wrongly(repo: Repo, run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments, cwd=repo.workspace)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (repo.workspace / "build").exists()


def test_errors_stop_what_they_touch_and_nothing_else(repo: Repo, run: Run) -> None:
    write(repo.workspace, {"brands/beta/clauses/en/data.md": clause("{{ brand.nam }}")})
    done = run("build", "--format", "html", cwd=repo.workspace)
    assert done.returncode == 1
    assert (
        "brands/beta/clauses/en/data.md:4: unknown fact 'brand.nam'; did you mean 'brand.name'?"
        in done.stderr
    )
    assert "beta/en was not built" in done.stderr
    assert (repo.workspace / "build/alpha/en/policy.html").exists()
    assert not (repo.workspace / "build/beta").exists()


def test_a_build_with_errors_leaves_the_files_of_the_last_one(repo: Repo, run: Run) -> None:
    run("build", "--format", "html", cwd=repo.workspace)
    file = repo.workspace / "build/alpha/en/policy.html"
    before = file.read_bytes()
    write(repo.workspace, {"shared/clauses/en/data.md": clause("{{")})
    assert run("build", cwd=repo.workspace).returncode == 1
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["policy.html"]


def test_a_draft_is_built_and_said_to_be_one(tmp_path: Path, run: Run) -> None:
    brand = ALPHA.replace("privacy@alpha.example", "{unconfirmed: Which mailbox?}")
    root = small(tmp_path, {"brands/alpha/brand.yaml": brand})
    done = run("build", "alpha", cwd=root)
    assert done.returncode == 0
    assert "draft" in done.stdout
    html = (root / "build/alpha/en/policy.html").read_text()
    assert "[to be confirmed]" in html
    assert "Which mailbox?" in html
    checked = run("check", cwd=root)
    assert checked.returncode == 0
    assert "brands/alpha/brand.yaml:3: Which mailbox?" in checked.stdout
    assert ", 1 open question\n" in checked.stdout


def test_check_prints_everything_and_fails_on_errors_only(tmp_path: Path, run: Run) -> None:
    root = small(
        tmp_path,
        {
            "shared/clauses/en/unused.md": clause("x"),
            "shared/company.yaml": SMALL["shared/company.yaml"].replace("vat", "vta"),
        },
    )
    done = run("check", "--json", cwd=root)
    assert done.returncode == 1
    rules = {(p["severity"], p["rule"], p["path"], p["line"]) for p in json.loads(done.stdout)}
    assert ("error", "unknown-key", "shared/company.yaml", 3) in rules
    write(root, {"shared/company.yaml": SMALL["shared/company.yaml"]})
    done = run("check", cwd=root)
    assert done.returncode == 1
    assert "shared/clauses/en/unused.md: is in no list of clauses" in done.stdout


def test_the_accent_is_checked_for_contrast(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": ALPHA + 'theme:\n  accent: "#ffcc00"\n'})
    done = run("build", "--format", "html", cwd=root)
    assert done.returncode == 1
    assert (
        "brands/alpha/brand.yaml:11: 'theme.accent' #ffcc00 has a contrast of 1.5:1 with #ffffff; "
        "choose one of at least 4.5:1 (WCAG 2.2 AA)"
    ) in done.stderr
    assert (root / "build/beta/en/policy.html").exists()


def test_a_glyph_that_the_fonts_lack_is_refused(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {"brands/alpha/clauses/en/data.md": clause("日本 text")})
    done = run("build", "alpha", "--format", "pdf", cwd=root)
    assert done.returncode == 1
    assert (
        "brands/alpha/clauses/en/data.md:4: has '日' (U+65E5 CJK UNIFIED IDEOGRAPH-65E5), "
        "which the bundled fonts do not have; write it with Latin, Greek or Cyrillic letters"
    ) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_revision_before_the_workspace(tmp_path: Path, run: Run) -> None:
    repo = Repo(tmp_path / "repo")
    old = repo.commit({"README.md": "x"})
    small(repo.workspace)
    repo.commit()
    done = run("build", "--at", old, cwd=repo.workspace)
    assert done.returncode == 2
    assert "error: there are no brands here" in done.stderr


def test_brands_behind_a_link(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path / "w")
    (root / "brands").rename(tmp_path / "elsewhere")
    (root / "brands").symlink_to(tmp_path / "elsewhere")
    done = run("check", cwd=root)
    assert done.returncode == 1
    assert "brands: is a symbolic link; copy the file itself in" in done.stderr


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("timezone: Europe/Brussels", "timezone: [Europe/Brussels]", "brands/alpha/brand.yaml:6: 'timezone' is not right; write a time zone"),
        ("locales: [en]", "locales: [nl-DE]", "brands/alpha/brand.yaml:5: the toolkit has no labels and dates in 'nl-DE'"),
        ("locales: [en]", "locales: [en, en]", "'en' appears twice: delete one"),
        ("[mailer, bank]", "[mailer, mailer]", "'mailer' appears twice: delete one"),
    ],
)  # fmt: skip
def test_one_brands_odd_values_stop_that_brand_only(
    tmp_path: Path, run: Run, before: str, after: str, expected: str
) -> None:
    root = small(tmp_path, {"brands/alpha/brand.yaml": ALPHA.replace(before, after)})
    done = run("build", "--format", "html", cwd=root)
    assert done.returncode == 1
    assert expected in done.stderr
    assert (root / "build/beta/en/policy.html").exists()


def test_what_is_printed_cannot_steer_the_terminal(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {"brands/alpha/clauses/en/z\x1b[31mRED\nb.md": clause("x")})
    done = run("check", cwd=root)
    assert "\x1b" not in done.stdout
    assert "z\\x1b[31mRED\\nb.md" in done.stdout


def test_colons_are_no_picture(repo: Repo) -> None:
    done = called("get", ":b:", cwd=repo.workspace)
    assert "':b:'" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_no_room_for_any_message(repo: Repo) -> None:
    for command in ("--help", "get nobody", "status --nonsense"):
        script = f"exec {sys.executable} -m publisher {command} > /dev/full 2>&1"
        done = subprocess.run(["sh", "-c", script], check=False, cwd=repo.workspace)
        assert done.returncode == 4


@pytest.mark.parametrize("encoding", ["idna", "punycode", "ascii"])
def test_an_encoding_that_has_not_every_character(repo: Repo, run: Run, encoding: str) -> None:
    done = run("get", "b\xe9ta", cwd=repo.workspace, PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert done.stderr.startswith("error: unknown brand 'b")


@pytest.mark.parametrize(
    "moment", [datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 12, 1, tzinfo=UTC)]
)
def test_a_clock_that_is_wrong(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    monkeypatch.setattr("publisher.cli.options.datetime", Mock(now=lambda: moment))
    done = called("versions", cwd=repo.workspace)
    assert done.returncode == 4
    assert done.stderr.startswith(f"error: this machine's clock says {moment.date()}. Set it")


@pytest.mark.parametrize("zone", ["UTC+99", "/dev/null", "/"])
def test_a_zone_that_is_none(repo: Repo, run: Run, zone: str) -> None:
    done = run("status", cwd=repo.workspace, TZ=zone)
    assert done.returncode == 4
    assert done.stderr.startswith("error: this machine's time zone cannot be used: ")
    assert done.stderr.endswith(". Set the variable TZ to a zone such as Europe/Brussels\n")


@pytest.mark.skipif(sys.platform != "linux", reason="signals are Linux's")
def test_a_git_that_is_ended_by_the_system(repo: Repo, run: Run, tmp_path: Path) -> None:
    repo.commit()
    (tmp_path / "git").write_text(
        f'#!/bin/sh\ntest "$1" = version && exec {shutil.which("git")} "$@"\nkill -25 $$\n'
    )
    (tmp_path / "git").chmod(0o755)
    done = run("history", "alpha", cwd=repo.workspace, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 4
    assert "git cannot read this repository: it was ended by signal 25. " in done.stderr


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 0", "error: git does not answer as git; check which program `which git` names\n"),
        ("exit 7", "git cannot read this repository: it ended with status 7. Repair it"),
        ("echo No. >&2; exit 7", "git cannot read this repository: No. Repair it"),
    ],
)
def test_another_program_in_place_of_git(
    repo: Repo, run: Run, tmp_path: Path, script: str, message: str
) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "git").chmod(0o755)
    done = run("history", "alpha", cwd=repo.workspace, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 4
    assert message in done.stderr


def test_names_that_are_no_utf8(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path)
    (root / "shared/clauses/en" / os.fsdecode(b"\xff.md")).write_text(clause("x"))
    for arguments in (["check"], ["check", "--json"], ["build", "--format", "html"]):
        done = run(*arguments, cwd=root, PYTHONIOENCODING="utf-8:strict")
        assert "Traceback" not in done.stderr


def test_a_work_tree_of_a_repository_whose_folder_is_no_utf8(tmp_path: Path) -> None:
    repo = Repo(tmp_path / os.fsdecode(b"\xff"))
    small(repo.workspace)
    repo.commit()
    repo.git("worktree", "add", "../tree")
    done = called("status", cwd=tmp_path / "tree")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "darwin", reason="names of folders are UTF-8 there")
def test_a_work_tree_that_names_its_repository_by_a_path_that_is_no_utf8(tmp_path: Path) -> None:
    repo = Repo(tmp_path / os.fsdecode(b"\xff"))
    small(repo.workspace)
    repo.commit()
    repo.git("worktree", "add", "../tree")
    common = repo.root / ".git/worktrees/tree/commondir"
    common.write_bytes(os.fsencode(repo.root / ".git") + b"\n")
    assert called("doctor", cwd=tmp_path / "tree").returncode == 0


def test_a_folder_with_a_line_break_in_its_name_among_the_archives(repo: Repo) -> None:
    odd = "versions/a\nb/ledger/{}.json"
    repo.commit({odd.format("0001-release-2026-01-01"): "{}", odd.format("0001-other"): "{}"})
    assert called("verify", cwd=repo.workspace).returncode == 3
    shutil.rmtree(repo.workspace / "versions")
    repo.commit()
    assert called("verify", cwd=repo.workspace).returncode == 3
    for command in ("status", "versions"):
        assert called(command, cwd=repo.workspace).returncode == 0


@pytest.mark.parametrize("size", ["0", "²", "9" * 20, "9" * 5000])
def test_a_terminal_of_no_size_is_told_all_the_same(repo: Repo, run: Run, size: str) -> None:
    sizes = dict.fromkeys(("COLUMNS", "LINES", "TERMINAL_WIDTH"), size)
    done = run("build", "gamma", cwd=repo.workspace, **sizes)
    assert "error: unknown brand 'gamma'; known: alpha, beta" in done.stderr
    assert done.returncode == 2
    done = run("build", "--jobs", "many", cwd=repo.workspace, **sizes)
    assert "valid integer" in done.stderr
    assert done.returncode == 2


def test_a_limit_on_open_files_is_named(repo: Repo) -> None:
    limited = ("bash", "-c", 'ulimit -n 8; exec "$@"', "bash")
    command = (*limited, sys.executable, "-m", "publisher", "status")
    done = subprocess.run(command, cwd=repo.workspace, check=False, capture_output=True, text=True)
    assert done.returncode == 4
    assert "too many open files. Raise `ulimit -n`, then try again" in done.stderr


@pytest.mark.skipif(sys.platform == "darwin", reason="names of folders are UTF-8 there")
def test_a_workspace_in_a_folder_whose_name_is_not_utf8(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repository", os.fsdecode(b"caf\xe9"))
    small(repo.workspace)
    repo.commit()
    for _ in range(2):  # the second time, the cache knows the dates
        done = called("status", cwd=repo.workspace)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.search(r"beta +en +– +– +2024-01-02 +first", done.stdout)


def test_a_working_folder_that_was_deleted(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    code = "import os; os.rmdir(os.getcwd()); from publisher.cli import main; main()"
    command = [sys.executable, "-c", code, "status"]
    where = tmp_path / "gone"
    done = subprocess.run(command, cwd=where, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (4, "")
    message = "error: the folder in which this runs was deleted. Change to another, then try again"
    assert done.stderr.split() == message.split()


def test_no_folder_for_temporary_files(repo: Repo) -> None:
    code = "import tempfile; tempfile._candidate_tempdir_list = lambda: ['/No/Such']; "
    command = [sys.executable, "-c", f"{code}from publisher.cli import main; main()", "history"]
    done = subprocess.run(
        [*command, "alpha"], cwd=repo.workspace, check=False, capture_output=True, text=True
    )
    assert done.returncode == 4
    reason = "no usable temporary directory found in ['/No/Such']"
    message = f"error: the system refused: {reason}. Let the variable TMPDIR name a folder"
    assert " ".join(done.stderr.split()).startswith(message)


def test_a_folder_in_a_thousand_folders(repo: Repo) -> None:
    repo.commit()
    deep = repo.workspace / "brands/alpha/a"
    subprocess.run(["mkdir", "-p", f"{deep}{'/a' * 1000}"], check=True)
    try:
        for command in ("build --format json", "impact"):
            done = called(*command.split(), cwd=repo.workspace)
            assert done.returncode == 0, done.stderr
    finally:
        subprocess.run(["rm", "-rf", f"{deep}"], check=True)


@pytest.mark.thorough
def test_names_that_are_no_text_are_shown_in_every_output(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    for name in (b"\xff.md", b"a\x1b[31m.md"):
        (repo.workspace / "shared/clauses/en" / os.fsdecode(name)).write_text(clause("x"))
    brand = repo.workspace / "brands" / os.fsdecode(b"\xfe")
    brand.mkdir()
    (brand / "brand.yaml").write_text("name: X\n")
    for command in (
        *("check", "check --json", "status", "status --json", "impact", "impact --json"),
        *(f"check --output {tmp_path}/o.{ending}" for ending in ("sarif", "md", "csv", "docx")),
        *(f"impact --output {tmp_path}/i.{ending}" for ending in ("md", "html", "json")),
    ):
        done = called(*command.split(), cwd=repo.workspace)
        assert done.returncode in (0, 1), done
        assert "\x1b" not in done.stdout + done.stderr
    written = {file.suffix: file.read_bytes() for file in tmp_path.glob("[io].*")}
    assert len(written) == 6
    assert not [e for e, data in written.items() if e != ".docx" and b"\x1b" in data]
    assert b"\\udcff.md" in written[".html"]


def test_other_files_of_a_folder_stay_where_schemas_are_written(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("mine")
    before = (tmp_path / "other").stat().st_ino, tmp_path.stat().st_ino
    assert called("schema", "--output", ".", cwd=tmp_path).returncode == 0
    assert (tmp_path / "company.json").exists()
    assert ((tmp_path / "other").stat().st_ino, tmp_path.stat().st_ino) == before


def test_too_many_jobs_are_refused(repo: Repo) -> None:
    done = called("build", "--jobs", "9" * 30, cwd=repo.workspace)
    assert done.returncode == 2
    assert "1000" in done.stderr


@pytest.mark.parametrize("name", ["a b", "it's", "new\nline", "\x1b[31m", os.fsdecode(b"\xff\\'")])
def test_a_path_in_a_command_is_that_path_for_the_shell(name: str) -> None:
    command = f"printf %s {quoted(name)}"
    assert command.isprintable()
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert done.stdout == os.fsencode(name)


def test_a_folder_that_takes_no_files(repo: Repo, run: Run) -> None:
    (repo.workspace / "build").write_text("a file")
    done = run("build", "--format", "html", cwd=repo.workspace)
    assert done.returncode == 4
    assert "error: cannot write" in done.stderr
    assert (repo.workspace / "build").read_text() == "a file"


def test_the_same_files_whatever_the_clock_zone_locale_and_hash_seed(repo: Repo, run: Run) -> None:
    def bytes_of(output: str, **environment: str) -> dict[str, bytes]:
        done = run("build", "--output", output, cwd=repo.workspace, **environment)
        assert done.returncode == 0, done.stderr
        folder = repo.workspace / output
        return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.*")}

    one = bytes_of("one", TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")
    other = bytes_of("two/deeper", TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="2")
    assert one == other


def test_leftovers_of_a_killed_build_are_swept(repo: Repo, run: Run) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    write(repo.workspace, {f"build/.staging-{gone.pid}/alpha/en/policy.html": "half"})
    run("build", "--format", "html", cwd=repo.workspace)
    assert not list((repo.workspace / "build").glob(".staging*"))


def test_the_schemas_of_the_example_are_those_of_the_models(run: Run, tmp_path: Path) -> None:
    done = run("schema", "--output", str(tmp_path), cwd=ROOT)
    assert done.returncode == 0
    for file in tmp_path.iterdir():
        assert file.read_text() == (ROOT / "shared/schemas" / file.name).read_text(), (
            "run `publisher schema`"
        )


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "shared").glob("*.yaml"), *(ROOT / "brands").glob("*/brand.yaml")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_an_editor_finds_the_schema_of_each_file_and_no_fault_in_it(path: Path) -> None:
    first, _, _ = path.read_text().partition("\n")
    schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
    assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == []


def test_every_help_has_an_example(run: Run, tmp_path: Path) -> None:
    for command in ([], ["build"], ["check"], ["schema"], ["doctor"]):
        done = run(*command, "--help", cwd=tmp_path)
        assert done.returncode == 0
        assert "Example: publisher" in done.stdout
        assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_version(run: Run, tmp_path: Path) -> None:
    assert re.fullmatch(r"publisher \d+\.\d+\.\d+\n", run("--version", cwd=tmp_path).stdout)


def test_the_shell_completes_commands_and_options(run: Run, tmp_path: Path) -> None:
    asked = {"_PUBLISHER_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    assert "build" in run(cwd=tmp_path, COMP_WORDS="publisher bu", **asked).stdout
    asked["COMP_CWORD"] = "2"
    assert "cloudnovi" in run(cwd=ROOT, COMP_WORDS="publisher build c", **asked).stdout


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"COMP_WORDS": "publisher get "},
        {"COMP_WORDS": "publisher get ", "COMP_CWORD": "x"},
        {"COMP_WORDS": "publisher get ", "COMP_CWORD": ""},
        {"COMP_WORDS": "publisher get ", "COMP_CWORD": "9" * 5_000},
        {"COMP_CWORD": "1"},
    ],
)
def test_a_completion_that_no_shell_asks_for_prints_nothing(
    run: Run, tmp_path: Path, line: dict[str, str]
) -> None:
    done = run(cwd=tmp_path, _PUBLISHER_COMPLETE="complete_bash", **line)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_doctor_says_what_is_well(repo: Repo, run: Run) -> None:
    done = run("doctor", "--json", cwd=repo.workspace)
    found = {each["name"]: each["well"] for each in json.loads(done.stdout)}
    assert done.returncode == 0, found
    assert {"Python", "git", "WeasyPrint", "HarfBuzz subsetter", "Fonts", "Repository"} <= set(
        found
    )


def test_doctor_names_what_is_lacking_and_how_to_get_it(
    workspace: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    done = run("doctor", cwd=workspace, PATH=str(tmp_path / "bin"))
    assert done.returncode == 4
    assert "missing  git: not found" in done.stdout
    assert "apt-get install git" in done.stdout or sys.platform != "linux"


def test_doctor_says_that_a_git_answers_something_odd(
    workspace: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nprintf '\\377'\n")
    (tmp_path / "git").chmod(0o755)
    done = run("doctor", cwd=workspace, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 4
    assert "missing  git: �" in done.stdout


TYPESETTING = {"weasyprint", "fontTools", "docx", "pypdfium2", "dask"}
COMPOSING = TYPESETTING | {"jinja2", "markdown_it", "publisher.compose"}
READING = COMPOSING | {"babel", "yaml", "publisher.workspace.facts"}


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (("--help",), READING - {"markdown_it"} | {"pydantic"}),  # Rich loads it
        (("versions",), READING),
        (("get", "alpha", "--output", "-"), READING),
        (("search", "nothing"), READING),
        (("build", "--format", "html"), READING),
        (("status",), COMPOSING),
        (("check",), TYPESETTING),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_commands_load_only_what_they_need(
    archived: Path, arguments: tuple[str, ...], heavy: set[str]
) -> None:
    """The second time, a build has nothing to make, and `status` remembers the newest commit."""
    code = (
        "import sys\nfrom publisher.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    for _ in range(2 if arguments[0] in ("build", "status") else 1):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=archived,
            env={**os.environ, "COLUMNS": "80"},
            capture_output=True,
            check=True,
        )
    assert sorted(heavy & set(done.stderr.decode().split())) == []


def test_the_project_needs_nothing_beside_it() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    top = {name.partition("/")[0] for name in tracked}
    assert {"pyproject.toml", "brands", "shared", "publisher", "versions", "tests"} <= top
    assert not top & {"build", "dist", ".venv"}
    assert os.path.lexists(ROOT / "README.md")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_no_room_for_what_is_printed(repo: Repo) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "publisher", "build", "--format", "json"],
            cwd=repo.workspace,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr.startswith("error: the system refused: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("limit", ["-n 8", "-n 16", "-v 45000", "-v 110000", "-v 150000"])
@pytest.mark.parametrize("command", ["check", "verify", "build --no-cache --output out"])
@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
@pytest.mark.thorough
def test_a_limit_of_the_system_ends_in_a_message(tmp_path: Path, command: str, limit: str) -> None:
    workspace = small(tmp_path / "workspace")
    script = f"ulimit {limit}; exec {sys.executable} -m publisher {command}"
    done = subprocess.run(
        ["sh", "-c", script], check=False, cwd=workspace, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2, 4)
    assert done.returncode == 0 or done.stderr.startswith("error: ")
    assert done.returncode != 4 or done.stderr.count("\n") == 1, "no library says more"
    if limit == "-v 45000":
        little = "error: this needs 100 MB of memory, but may only use 43. Raise `ulimit -v`\n"
        assert (done.returncode, done.stderr) == (4, little)


def without_rights(command: str, repo: Repo) -> subprocess.CompletedProcess[str]:
    """Run a command as a user who may not read every file, even if the tests run as root."""
    user = "setpriv --bounding-set=-dac_override,-dac_read_search " if os.geteuid() == 0 else ""
    return subprocess.run(
        f"{user}{sys.executable} -m publisher {command}".split(),
        check=False,
        cwd=repo.workspace,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("command", ["versions", "search x", "get alpha", "drift alpha x.html"])
@pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read every folder"
)
def test_an_archive_that_this_user_may_not_read_is_not_an_empty_one(
    repo: Repo, command: str
) -> None:
    archive = repo.workspace / "versions/alpha"
    (archive / "ledger").mkdir(parents=True)
    archive.chmod(0)
    done = without_rights(command, repo)
    archive.chmod(0o755)
    refused = f"error: the system refused: {archive}"  # or a folder in it
    assert (done.returncode, done.stderr.startswith(refused)) == (4, True), done.stderr
    assert done.stderr.endswith(": permission denied. Fix the permissions, then try again\n")


@pytest.mark.parametrize("command", ["status", "versions", "verify", "get alpha"])
@pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read every file"
)
def test_an_entry_that_this_user_may_not_read_is_not_an_altered_one(
    tmp_path: Path, command: str
) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-01-10")
    entry = repo.workspace / "versions/alpha/ledger/0001-release-2025-01-10.json"
    entry.chmod(0)
    done = without_rights(command, repo)
    refused = f"error: the system refused: {entry}: permission denied. Fix the permissions"
    assert (done.returncode, done.stderr.startswith(refused)) == (4, True), done.stderr


@pytest.mark.skipif(
    os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read every file"
)
def test_a_clause_that_this_user_may_not_read_is_not_to_be_committed(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    (repo.workspace / "shared/clauses/en/data.md").chmod(0)
    user = "setpriv --bounding-set=-dac_override,-dac_read_search " if os.geteuid() == 0 else ""
    done = subprocess.run(
        f"{user}{sys.executable} -m publisher release alpha --dry-run".split(),
        check=False,
        cwd=repo.workspace,
        capture_output=True,
        text=True,
    )
    refused = "shared/clauses/en/data.md cannot be read: permission denied; fix its permissions. N"
    assert (done.returncode, refused in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "schema --output {}",
        "schema --output {}/below",
        "build --output {}",
        "build --output {}/below",
        "build --output {}/below/it",
        "check --output {}/report.csv",
        "diff alpha HEAD draft --output {}/redline.html",
    ],
)
def test_a_file_in_the_place_of_a_folder_is_named(
    repo: Repo, tmp_path: Path, run: Run, command: str
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    ran = run(*command.format(file).split(), cwd=repo.workspace)
    assert ran.returncode == 4
    assert f"cannot write {file}: it is a file, not a folder" in " ".join(ran.stderr.split())
    assert "Choose another place, or move it away" in " ".join(ran.stderr.split())
    assert file.read_text() == "mine"


@pytest.mark.parametrize("processes", [3, 6, 8, 10])
@pytest.mark.skipif(
    not (shutil.which("setpriv") and shutil.which("prlimit")) or os.geteuid() != 0,
    reason="only root becomes a user without any",
)
@pytest.mark.thorough
def test_too_few_processes_are_no_fault_of_the_policy(repo: Repo, processes: int) -> None:
    repo.commit({"shared/clauses/en/data.md": "---\ntitle: Data\n---\nSecond.\n"})
    able = "=+dac_override,+dac_read_search"
    user = f"setpriv --reuid 54321 --clear-groups --inh-caps{able} --ambient-caps{able}"
    with tempfile.TemporaryDirectory() as folder:  # which others may enter, unlike the test's own
        Path(folder).chmod(0o755)
        shutil.copytree(repo.root, f"{folder}/repo")
        subprocess.run(["chown", "-R", "54321", folder], check=True)
        command = f"diff alpha HEAD^ HEAD --format pdf --output {folder}/redline.pdf"
        done = subprocess.run(
            f"{user} prlimit --nproc={processes} {sys.executable} -m publisher {command}".split(),
            check=False,
            cwd=f"{folder}/repo",
            capture_output=True,
            text=True,
        )
        assert not Path(f"{folder}/redline.pdf").exists()
    assert done.returncode == 4, done.stderr
    assert done.stderr.startswith("error: the system ")
    assert "End other programs, or raise `ulimit -u`, then try again" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("kilobytes", [120_000, 150_000])
@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
@pytest.mark.thorough
def test_a_library_without_memory_ends_no_command(repo: Repo, kilobytes: int) -> None:
    """Where Pango finds no memory, it takes its process with it: that is not the command's."""
    repo.commit({"shared/clauses/en/data.md": "---\ntitle: Data\n---\nSecond.\n"})
    command = "diff alpha HEAD^ HEAD --format pdf --output ../redline.pdf"
    script = f"ulimit -v {kilobytes}; exec {sys.executable} -m publisher {command}"
    done = subprocess.run(
        ["sh", "-c", script], check=False, cwd=repo.workspace, capture_output=True, text=True
    )
    assert done.returncode in (0, 4)
    assert done.returncode == 0 or done.stderr.startswith("error: the memory is full")
    assert (repo.workspace.parent / "redline.pdf").exists() == (done.returncode == 0)


def test_more_people_than_there_are_cannot_have_been_told(repo: Repo, run: Run) -> None:
    told = ("notices", "record", "alpha", "2025-01-10", "--channel", "post", "--count")
    for count in ("99999999999999999999", "9" * 5000, "-1", "0"):
        ran = run(*told, count, cwd=repo.workspace)
        assert (ran.returncode, "Invalid value for '--count'" in ran.stderr) == (2, True)


def test_a_document_that_the_system_cannot_read_is_named(repo: Repo, run: Run) -> None:
    about = ("--locale", "en", "--claimed-date", "2020-01-01", "--source", "x")
    ran = run("import-version", "alpha", "/proc/self/mem", *about, cwd=repo.workspace)
    said = " ".join(ran.stderr.split())
    assert ran.returncode == 2
    assert "/proc/self/mem is not a file that can be read; name the old document itself" in said
