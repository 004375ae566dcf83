"""The command line without surprises: what a user types first is understood, or told apart."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from support.several import NOW, RETENTION
from support.shell import publisher
from support.workspaces import SMALL, Repo, clause, small, write

from publisher.cli import TRACEBACK
from publisher.cli.app import PANELS
from publisher.cli.terminal import Pipe, print_problems
from publisher.errors import FAULTY
from publisher.problem import error

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOKT7KHvd0kVia1x8oXwmLC8aQ8pGBCMmtD3UJeja8kt"

# --- help ----------------------------------------------------------------------------------------


def test_help_lists_the_commands_in_panels_in_the_order_of_use() -> None:
    text = publisher("--help").out
    panels = [line.split("─ ")[1].split(" ─")[0] for line in text.splitlines() if "╭─ " in line]
    assert panels == ["Options", *PANELS]
    listed = [line[2:].split()[0] for line in text.splitlines() if line.startswith("│ ")]
    names = [name for names in PANELS.values() for name in names]
    assert [word for word in listed if word in names] == names
    assert publisher("help").out == text


@pytest.mark.parametrize("name", [name for names in PANELS.values() for name in names])
def test_help_of_a_command_shows_no_type_where_it_says_nothing(name: str) -> None:
    done = publisher("help", name)
    assert done.code == 0
    assert done.out == publisher(name, "--help").out
    assert "<bool>" not in done.out
    assert "list[" not in done.out
    assert "Example: publisher" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_help_on_a_misspelt_command() -> None:
    done = publisher("help", "releas")
    assert done.code == 2
    assert "Did you mean 'release'?" in done.err


# --- without a command ---------------------------------------------------------------------------


def test_without_a_command_it_says_where_the_workspace_stands_in_five_lines(several: Path) -> None:
    done = publisher()
    assert done.code == 0
    *lines, last = done.out.splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "workspace", "policies", "in force", "to settle", "uncommitted",
    ]  # fmt: skip
    assert "2 material, 1 draft" in done.out
    assert "open questions in 1 policy" in done.out
    assert last == "Next: `publisher release cloudnovi --dry-run` shows what a release would freeze"
    write(several, {RETENTION: clause("We keep no logs.", "Retention")})
    done = publisher()
    assert RETENTION in done.out
    assert "Next: `publisher impact` shows which policies your changes reach" in done.out
    write(several, {RETENTION: clause("We keep {{ nothing }}.", "Retention")})
    assert publisher("--workspace", str(several)).code == 0


def test_without_a_command_and_a_workspace_it_lists_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = publisher()
    assert done.code == 0
    assert "─ Publish ─" in done.out
    done = publisher("--workspace", "nowhere")
    assert done.code == 2
    assert "error: nowhere is not in a workspace" in done.err


def test_the_workspace_stands_before_or_after_the_command(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = publisher("--workspace", str(workspace), "check")
    after = publisher("check", "--workspace", str(workspace))
    assert (before.code, before.out) == (after.code, after.out) == (0, before.out)
    both = publisher("--workspace", "nowhere", "check", "--workspace", str(workspace))
    assert (both.code, both.out) == (2, "")
    assert "--workspace is given more than once" in both.err


@pytest.mark.parametrize(
    ("option", "command"),
    [
        ("--on", ("get", "alpha", "--on", "2025-01-01", "--on=2025-02-01")),
        (
            "--in-force",
            ("release", "alpha", "--in-force", "2025-01-01", "--in-force", "2025-02-01"),
        ),
        ("--sign", ("retire", "alpha", "--sign", "a", "--on", "2025-01-01", "--sign", "b")),
        ("--output", ("export", "alpha", "--output", "a.zip", "--output", "b.zip")),
        ("--workspace", ("--workspace", ".", "--workspace", ".", "check")),
        ("--jobs", ("build", "--jobs", "2", "--jobs", "2")),
        ("--output", ("notices", "prepare", "alpha", "--output", "a", "--output", "b")),
    ],
)
def test_an_option_of_one_value_is_given_once(
    workspace: Path, option: str, command: tuple[str, ...]
) -> None:
    done = publisher(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: {option} is given more than once, and takes one value. Give it once\n"
    )
    assert not [*workspace.glob("*.zip")]


def test_options_of_several_values_and_flags_may_be_repeated(workspace: Path) -> None:
    once = publisher("check", "--locale", "en", "--json")
    assert publisher("check", *("--locale", "en", "--json") * 2) == once


# --- where files go ------------------------------------------------------------------------------


def test_a_build_from_a_folder_below_goes_into_the_workspaces_own_folder(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace / "brands/alpha/")
    done = publisher("build", "--format", "json")
    assert done.code == 0
    assert "../../build/alpha/en/" in done.out
    assert (workspace / "build/alpha/en/policy.json").exists()
    done = publisher("build", "--format", "json", "--output", "../x")
    assert done.code == 2
    assert "../x is among the company's own files, in brands/" in done.err


def test_get_never_writes_among_the_companys_own_files(
    several: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("brands/cloudnovi", "shared", "versions"):
        monkeypatch.chdir(several / folder)
        before = sorted(Path().iterdir())
        for arguments in ((), ("--bundle",), ("--output", "x.pdf"), ("--output", "new/")):
            done = publisher("get", "cloudnovi", *arguments)
            assert done.code == 2, done
            assert f"in {folder.partition('/')[0]}/. Name another place" in done.err
        assert sorted(Path().iterdir()) == before


def test_check_names_strange_files_among_the_companys_own(workspace: Path) -> None:
    for name in ("brands/alpha/policy.pdf", "shared/notes.txt", "brands/alpha/logo-dark.svg"):
        (workspace / name).write_text("x")
    for name in ("shared/templates/old", "shared/notices/a/b"):
        (workspace / name).mkdir(parents=True)
    for name in ("shared/README.md", "brands/alpha/.gitkeep"):
        (workspace / name).touch()
    (workspace / "shared/allowed_signers").write_text(f"legal@alpha.example {PUBLIC_KEY}\n")
    done = publisher("check", "--workspace", str(workspace), "--json")
    found = {(each["severity"], each["path"]) for each in json.loads(done.out)}
    assert done.code == 0
    assert found >= {
        ("warning", "brands/alpha/policy.pdf"),
        ("warning", "shared/notes.txt"),
        ("warning", "brands/alpha/logo-dark.svg"),
        ("warning", "shared/templates/"),
        ("warning", "shared/notices/a/"),
    }
    assert not any("README" in path or "gitkeep" in path or "signers" in path for _, path in found)


@pytest.mark.parametrize(
    ("arguments", "folder", "name"),
    [
        (["get", "cloudnovi"], "got/deep/", "cloudnovi-2025-03-01-en.pdf"),
        (["get", "cloudnovi", "--bundle"], "zipped/", "cloudnovi-2025-03-01-en.zip"),
        (["diff", "cloudnovi", "--format", "markdown"], "diffs/", "cloudnovi-current-draft-en.md"),
        (["impact", "HEAD~1", "--format", "html"], "impacts/", "impact.html"),
        (["check", "--format", "csv"], "checks/", "remarks.csv"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_an_output_that_ends_in_a_slash_is_a_folder_that_is_made(
    several: Path, arguments: list[str], folder: str, name: str
) -> None:
    done = publisher(*arguments, "--output", folder)
    assert done.code == 0, done.err
    written = [path.name for path in (several / folder).iterdir()]
    assert len(written) == 1
    assert written[0].endswith(name.rpartition(".")[2])
    assert written == [name] or arguments[0] in ("diff", "get")


@pytest.mark.parametrize(
    ("arguments", "file", "begins"),
    [
        (["diff", "cloudnovi"], "r.markdown", b"## "),
        (["diff", "cloudnovi"], "r.HTM", b"<!DOCTYPE html>"),
        (["impact", "HEAD~1"], "x.html", b"<!DOCTYPE html>"),
        (["impact", "HEAD~1"], "x.markdown", b"## "),
        (["get", "cloudnovi"], "x.html", b"<!DOCTYPE html>"),
        (["get", "cloudnovi"], "x.md", b"# Privacy"),
        (["check"], "x.csv", b"\xef\xbb\xbfSeverity"),
        (["check"], "x.sarif", b"{"),
        (["check"], "x.json", b"["),
        (["check"], "x.md", b"## "),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_ending_of_a_file_decides_the_format(
    several: Path, arguments: list[str], file: str, begins: bytes
) -> None:
    done = publisher(*arguments, "--output", file)
    assert done.code == 0, done.err
    assert (several / file).read_bytes().lstrip().lower().startswith(begins.lower())


@pytest.mark.parametrize("command", [["diff", "cloudnovi"], ["impact"], ["get", "cloudnovi"]])
def test_an_ending_and_a_format_that_disagree_are_told_apart(
    several: Path, command: list[str]
) -> None:
    done = publisher(*command, "--format", "markdown", "--output", "x.html")
    assert done.code == 2
    assert "x.html ends in .html, and --format names markdown" in done.err
    assert not (several / "x.html").exists()


def test_a_word_document_needs_no_extra(several: Path) -> None:
    assert publisher("diff", "cloudnovi", "--output", "redline.docx").code == 0
    assert zipfile.is_zipfile(several / "redline.docx")
    project = (ROOT / "pyproject.toml").read_text()
    assert "python-docx" in project.partition("[project.scripts]")[0]
    extras = project.partition("[project.optional-dependencies]")[2].partition("[project.")[0]
    assert "docx" not in extras
    locked = (ROOT / "requirements.lock").read_text()
    assert "\npython-docx==" in locked
    assert "\nlxml==" in locked


# --- words that are understood -------------------------------------------------------------------


def test_status_of_a_brand(several: Path) -> None:
    done = publisher("status", "netvpx")
    assert done.code == 0
    assert "netvpx" in done.out
    assert "cloudnovi" not in done.out


def test_get_takes_a_version_as_its_second_word(several: Path) -> None:
    got = publisher("get", "cloudnovi", "2025-03-01", "--json")
    assert json.loads(got.out)["version"] == "2025-03-01"
    for word, said in (
        ("2025-03-14", "run `publisher get cloudnovi --on 2025-03-14`"),
        (
            "netvpx",
            "'netvpx' is not the id of a version. `publisher versions cloudnovi` lists the ids",
        ),
    ):
        done = publisher("get", "cloudnovi", word)
        assert done.code == 2
        assert said in done.err
    done = publisher("get", "cloudnovi", "2025-03-01", "--version", "2026-11-22")
    assert done.code == 2
    assert "Leave one out" in done.err


def test_check_of_a_locale(tmp_path: Path) -> None:
    brand = SMALL["brands/alpha/brand.yaml"].replace("[en]", "[en, nl]")
    root = small(
        tmp_path,
        {
            "brands/alpha/brand.yaml": brand,
            "shared/clauses/nl/data.md": clause("{{ nothing }}"),
            "shared/clauses/nl/who.md": clause("Wij."),
            "shared/clauses/nl/rights.md": clause("Uw rechten."),
        },
    )
    whole = publisher("check", "--workspace", str(root))
    assert "shared/clauses/nl/data.md:4" in whole.out
    assert whole.code == 1
    english = publisher("check", "--locale", "en", "--workspace", str(root))
    assert (english.code, "clauses/nl/" in english.out) == (0, False)
    assert "2 policies" in english.out
    dutch = publisher("check", "--locale", "nl", "--workspace", str(root))
    assert dutch.code == 1
    assert "1 policy" in dutch.out
    assert "unknown locale 'fr'" in publisher("check", "--locale", "fr", f"--workspace={root}").err
    (root / "brands/alpha/brand.yaml").write_text("name: Alpha\nname: Alpha\n")
    for command in ("check", "build"):  # nobody knows what its locales are
        broken = publisher(command, "alpha", "--locale", "en", "--workspace", str(root))
        assert broken.code == 1
        assert "brands/alpha/brand.yaml:2: 'name' appears twice" in broken.out + broken.err


def test_impact_on_a_brand(several: Path) -> None:
    whole = json.loads(publisher("impact", "HEAD~1", "--json").out)
    assert {each["brand"] for each in whole["reached"]} > {"netvpx"}
    one = json.loads(publisher("impact", "HEAD~1", "--brand", "netvpx", "--json").out)
    assert [each["brand"] for each in one["reached"]] == ["netvpx"]
    assert one["not_reached"] == []
    assert one["files"] == whole["files"]
    done = publisher("impact", "--brand", "netvp")
    assert (done.code, "did you mean 'netvpx'?" in done.err) == (2, True)


def test_two_brands_to_compare_are_told_how(several: Path) -> None:
    done = publisher("diff", "cloudnovi", "netvpx")
    assert done.code == 2
    assert "run `publisher diff cloudnovi --with netvpx`" in done.err


KEY = ("--sign", "key")
TYPOS = [
    ("build", "cloudnvi"),
    ("check", "cloudnvi"),
    ("impact", "--brand", "cloudnvi"),
    ("diff", "cloudnvi"),
    ("diff", "netvpx", "--with", "cloudnvi"),
    ("history", "cloudnvi"),
    ("status", "cloudnvi"),
    ("release", "cloudnvi"),
    ("reschedule", "cloudnvi", "2026-11-22", "--in-force", "2027-01-01", "--reason", "x"),
    ("retire", "cloudnvi", "--on", "2027-01-01", "--reason", "x"),
    ("correct-clock", "cloudnvi", "--at", "2026-12-04T10:15", "--reason", "x"),
    ("site", "cloudnvi"),
    ("drift", "cloudnvi"),
    ("notices", "prepare", "cloudnvi", "2026-11-22"),
    ("notices", "record", "cloudnvi", "2026-11-22", "--channel", "post", "--count", "1"),
    ("versions", "cloudnvi"),
    ("get", "cloudnvi"),
    ("get", "cloudnvi", "--bundle"),
    ("search", "data", "--brand", "cloudnvi"),
    ("export", "cloudnvi", "--output", "x"),
    ("verify", "cloudnvi"),
    ("timestamp", "cloudnvi", "--query", "q.tsq"),
    ("endorse", "cloudnvi", "1", "--reason", "x", *KEY),
    ("import-version", "cloudnvi", "x.pdf", "--claimed-date", "unknown", "--source", "x"),
    ("reconstruct", "cloudnvi"),
    ("redact", "cloudnvi", "2025-03-01", "en/policy.pdf", "--reason", "x", "--authority", "x"),
]


@pytest.mark.parametrize("arguments", TYPOS, ids=" ".join)
def test_a_misspelt_brand_is_recognised(several: Path, arguments: tuple[str, ...]) -> None:
    done = publisher(*arguments)
    assert done.code == 2
    assert "unknown brand 'cloudnvi'; did you mean 'cloudnovi'?" in done.err
    assert "commit brands/cloudnvi" not in done.err
    assert not (several / "q.tsq").exists()


def test_every_command_about_a_brand_recognises_a_misspelt_one() -> None:
    about = {name for names in PANELS.values() for name in names}
    about -= {"init", "schema", "doctor"}
    assert {arguments[0] for arguments in TYPOS} == about


def test_the_shell_completes_brands_versions_and_locales(several: Path) -> None:
    def completed(*words: str) -> set[str]:
        line = {"_PUBLISHER_COMPLETE": "complete_bash", "COMP_CWORD": str(len(words))}
        return set(publisher(COMP_WORDS=" ".join(("publisher", *words)), **line).out.split())

    assert completed("get", "cl") == {"cloudnovi"}
    assert completed("get", "cloudnovi", "20") == {"2026-11-22", "2025-03-01"}
    assert completed("versions", "netvpx", "n") == {"netvpx"}
    assert completed("redact", "cloudnovi", "2026") == {"2026-11-22"}
    assert "2025-03-01" in completed("diff", "cloudnovi", "20")
    assert completed("build", "--locale", "e") == {"en"}
    assert completed("status", "kgb") == {"kgb-hosting"}
    elsewhere = several.parent
    os.chdir(elsewhere)
    assert completed("get", "cl") == set()
    assert completed("--workspace", str(several), "get", "cl") == {"cloudnovi"}


def test_the_shell_completes_nothing_from_a_damaged_archive_and_prints_nothing(
    several: Path,
) -> None:
    entry = next((several / "versions/cloudnovi/ledger").glob("0002-*.json"))
    entry.write_text("x")
    line = {"_PUBLISHER_COMPLETE": "complete_bash", "COMP_CWORD": "3"}
    done = publisher(COMP_WORDS="publisher get cloudnovi 20", **line)
    assert (done.code, done.out.strip(), done.err) == (0, "", "")


# --- what is printed -----------------------------------------------------------------------------


def test_build_and_status_and_their_json_name_states_alike(several: Path) -> None:
    for command in (["status"], ["build", "--format", "json"]):
        key = "state" if command == ["status"] else "status"
        states = {
            each["brand"]: each[key] for each in json.loads(publisher(*command, "--json").out)
        }
        text = publisher(*command).out
        assert "State" in text.splitlines()[0]
        for brand, state in states.items():
            (row,) = [line for line in text.splitlines() if line.startswith(f"{brand} ")]
            assert state in row.split()
    page = (ROOT / "docs/publish-a-change.md").read_text()
    from publisher.cli.terminal import STATES

    assert all(f"| `{state}` |" in page for state in STATES)


@pytest.mark.parametrize("command", [["status"], ["build", "--format", "json"], ["versions"]])
def test_a_narrow_terminal_gets_a_list_and_no_torn_table(several: Path, command: list[str]) -> None:
    wide = publisher(*command, terminal=True).out
    narrow = publisher(*command, terminal=True, width=40).out
    assert any(line.startswith(("Brand", "Version")) for line in wide.splitlines())
    assert not any(line.startswith(("Brand", "Version ")) for line in narrow.splitlines())
    assert "cloudnovi" in narrow
    long = [line for line in narrow.splitlines() if len(line) > 40]
    assert all(" " not in line.strip().partition(": ")[2] for line in long), long


@given(st.text("ab [/]-`é", max_size=200), st.integers(12, 80))
def test_only_the_first_line_of_a_problem_begins_at_the_margin(message: str, width: int) -> None:
    terminal = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=True)
    problem = error("rule", "a.md", 1, f"says {message}", "fix it")
    print_problems((problem,), terminal)
    _heading, *lines = terminal.file.getvalue().rstrip().splitlines()  # type: ignore[attr-defined]
    plain = [re.sub("\x1b[^m]*m", "", line) for line in lines]
    assert plain[0].startswith("a.md:1:")
    assert all(line.startswith("  ") for line in plain[1:])
    assert all(len(line) <= width for line in plain)
    assert "".join("".join(plain).split()) == "".join(str(problem).split())


def test_a_release_of_several_says_last_the_line_that_matters(several: Path) -> None:
    done = publisher("release", "cloudnovi", "kgb-hosting", "--in-force", "2026-12-22")
    assert done.code == 1
    assert done.err.splitlines()[-1] == (
        "error: released: cloudnovi; not released: kgb-hosting (1 open question)"
    )
    assert "kgb-hosting was not released: it is a draft (1 open question). `publisher check" in (
        " ".join(done.err.split())
    )
    assert "Which mailbox" not in done.err


def test_a_release_ends_with_what_people_have_to_do(several: Path) -> None:
    done = publisher("release", "cloudnovi", "--in-force", "2026-12-30", "--approved-by", "Legal")
    assert done.code == 0, done.err
    text = " ".join(done.out.split())
    folder = "versions/cloudnovi/2026-12-04/en/policy"
    assert f"publish {folder}.html and .pdf on cloudnovi.example, from 2026-12-30" in text
    assert "tell business customers, by 2026-12-30" in text
    assert done.out.rstrip().splitlines()[-1].split() == ["approved", "by", "Legal"]
    assert "not signed --sign KEY says who releases it; nobody can sign it later" in text


def test_a_release_says_the_last_day_on_which_customers_can_be_told(several: Path) -> None:
    own = (several / "brands/cloudnovi/brand.yaml").read_text() + "notice_days: 30\n"
    Repo.of(several).commit({"brands/cloudnovi/brand.yaml": own}, date="2026-12-01T12:00:00+0000")
    done = publisher("release", "cloudnovi", "--in-force", "2027-01-20")
    assert done.code == 0, done.err
    assert "tell business customers, by 2026-12-21: `publisher notices" in (
        " ".join(done.out.split())
    )


# --- asked on a terminal -------------------------------------------------------------------------


def on_a_terminal(several: Path, answer: str, *arguments: str, **env: str) -> tuple[int, str]:
    """Run a command on a terminal of its own, and answer what it asks; return how it ended."""
    pty = pytest.importorskip("pty")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(several)
        environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"} | env
        if "CI" not in env:
            environment.pop("CI", None)
        command = [sys.executable, "-m", "publisher", *arguments]
        os.execvpe(sys.executable, command, environment)
    said, answered, until = b"", False, time.monotonic() + 120
    while time.monotonic() < until:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        said += data
        if not answered and b"[y/N]" in said:
            os.write(terminal, answer.encode())
            answered = True
        if not data:
            break
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
def test_a_release_on_a_terminal_asks_before_it_writes(several: Path) -> None:
    before = sorted((several / "versions").rglob("*"))
    code, said = on_a_terminal(several, "n\n", "release", "cloudnovi", "--in-force", "2999-01-01")
    assert code == 1, said
    text = " ".join(said.split())
    assert "2999-01-01" in text
    assert "1 changed" in text
    assert "A released version stays for ever" in text
    assert "Release cloudnovi? [y/N]" in text
    assert "nothing was written" in text
    assert sorted((several / "versions").rglob("*")) == before
    code, said = on_a_terminal(several, "y\n", "release", "cloudnovi", "--in-force", "2999-01-01")
    assert code == 0, said
    assert " is released" in said
    assert len(sorted((several / "versions").rglob("*"))) > len(before)


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
@pytest.mark.parametrize("how", [("--yes",), ("--dry-run",), ()], ids=str)
def test_a_release_does_not_ask_where_nobody_is_to_answer(
    several: Path, how: tuple[str, ...]
) -> None:
    env = {} if how else {"CI": "true"}
    code, said = on_a_terminal(several, "", "release", "kgb-hosting", *how, **env)
    assert code == 1, said
    assert "[y/N]" not in said
    assert "it is a draft (1 open question)" in " ".join(said.split())


def test_another_commit_while_it_asks_is_not_released(several: Path) -> None:
    from publisher.archive.release.append import AppendOptions
    from publisher.archive.release.release import ReleaseOptions, release
    from publisher.cli.release_output import refuse_changed
    from publisher.errors import Refused

    terms = ReleaseOptions(in_force=date(2026, 12, 22))
    preview = release(several, ["cloudnovi"], terms, AppendOptions(NOW, dry_run=True))
    refuse_changed(several, preview, NOW)
    with pytest.raises(Refused, match="run the command again"):
        refuse_changed(several, preview, NOW.replace(day=5))
    Repo.of(several).commit({RETENTION: clause("We keep nothing.", "Retention")})
    with pytest.raises(Refused, match="run the command again"):
        refuse_changed(several, preview, NOW)


# --- ended early ---------------------------------------------------------------------------------


def test_a_reader_that_leaves_early_ends_nothing() -> None:
    read, write_end = os.pipe()
    os.close(read)
    with io.TextIOWrapper(io.BufferedWriter(Pipe(write_end, "wb")), line_buffering=True) as out:
        for _ in range(3):
            print("x" * 100_000, file=out)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes of this kind")
def test_the_exit_code_is_the_commands_own_behind_head(workspace: Path) -> None:
    command = f"set -o pipefail; {sys.executable} -m publisher check --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=workspace, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[", "")


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_leaves_no_process_and_no_half_file(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = [
        *(sys.executable, "-m", "publisher", "build"),
        "--no-cache",
        "--output",
        str(tmp_path / "out"),
    ]
    running = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    time.sleep(2)
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    if running.returncode != 0:  # it was quicker than we
        assert running.returncode == 128 + number
        assert said == "error: interrupted; nothing is half-written\n"
    assert not list(tmp_path.rglob(".staging*"))
    until = time.monotonic() + 30  # they end by themselves, on a busy machine a little later
    while time.monotonic() < until and there_are(running.pid):
        time.sleep(0.1)
    assert not there_are(running.pid)


def test_what_libraries_raise_as_an_interrupted_command_ends_is_not_shown() -> None:
    script = (
        "import sys, publisher.cli as cli\n"
        "class Stream:\n"
        "    def __del__(self):\n"
        "        raise ValueError('read of closed file')\n"
        "def app(**_):\n"
        "    stream = Stream()\n"
        "    raise KeyboardInterrupt\n"
        "cli.app_for = lambda _: app\n"
        "sys.argv = ['publisher']\n"
        "cli.main()\n"
    )
    done = _ran(script)
    assert (done.returncode, done.stderr) == (130, "error: interrupted; nothing is half-written\n")


HEED = "import signal; signal.signal(2, signal.default_int_handler)\n"
"""A command that a script begins in the background ignores ^C, and so does what that begins."""


@pytest.mark.parametrize(
    ("patience", "code", "printed", "message"),
    [("2", 0, "ended\n", ""), ("-1", 130, "", "error: interrupted; nothing is half-written\n")],
)
def test_a_second_signal(patience: str, code: int, printed: str, message: str) -> None:
    script = (
        f"{HEED}import os, publisher.cli as cli\n"
        f"cli._PATIENCE = {patience}\n"
        "with cli._signals():\n"
        "    try:\n"
        "        os.kill(os.getpid(), 2)\n"
        "    except KeyboardInterrupt:\n"
        "        os.kill(os.getpid(), 2)\n"
        "        print('ended')\n"
    )
    done = _ran(script)
    assert (done.returncode, done.stdout, done.stderr) == (code, printed, message)


def test_a_signal_while_a_message_is_printed(tmp_path: Path) -> None:
    script = (
        f"{HEED}import os, publisher.cli as cli\n"
        "cli.failure = lambda message: os.kill(os.getpid(), 2)\n"
        "cli.main()\n"
    )
    done = _ran(script, "status", "--workspace", str(tmp_path))
    message = "error: interrupted; nothing is half-written\n"
    assert (done.returncode, done.stderr) == (130, message)


def test_a_fault_of_the_package_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRACEBACK)
    script = (
        "import sys, publisher.cli as cli\n"
        "def app(**_):\n"
        "    raise RecursionError('too \x1b[31m deep')\n"
        "cli.app_for = lambda _: app\n"
        "sys.argv = ['publisher']\n"
        "cli.main()\n"
    )
    done = _ran(script)
    assert done.returncode == FAULTY
    assert re.fullmatch(
        r"error: this is a fault of Publisher itself at publisher/cli/__init__\.py:\d+: "
        r"RecursionError: too \\x1b\[31m deep\. Nothing is half-written\. Run the command again with "
        r"PUBLISHER_TRACEBACK=1 in the environment, and report all that it prints",
        " ".join(done.stderr.split()),
    )
    with Path("/dev/full").open("w") as stream:
        ended = subprocess.run([sys.executable, "-c", script], stderr=stream, check=False)
    assert ended.returncode == 4
    monkeypatch.setenv(TRACEBACK, "1")
    assert "Traceback (most recent call last)" in _ran(script).stderr


def test_nothing_is_loaded_before_a_signal_can_be_answered() -> None:
    script = (
        "import sys; before = set(sys.modules); import publisher.__main__\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    assert _ran(script).stdout == "publisher publisher.__main__\n"


@pytest.mark.parametrize("moment", ["gc.set_threshold", "resource.getrlimit"])
def test_a_signal_while_a_command_begins(moment: str) -> None:
    script = (
        f"{HEED}import gc, os, resource\n"
        f"{moment} = lambda *_: os.kill(os.getpid(), 2)\n"
        "from publisher.__main__ import main\n"
        "main()\n"
    )
    done = _ran(script)
    assert (done.returncode, done.stderr) == (130, "error: interrupted; nothing is half-written\n")


def _ran(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def there_are(group: int) -> bool:
    """Return whether a group has processes."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_doctor_names_all_that_any_command_needs(several: Path) -> None:
    done = publisher("doctor", "--json")
    named = {each["name"] for each in json.loads(done.out)}
    assert named >= {
        "Python", "Python libraries", "Time zones", "git", "WeasyPrint", "HarfBuzz subsetter",
        "Fonts", "ssh-keygen", "OpenSSL", "Repository", "Committer",
    }  # fmt: skip
