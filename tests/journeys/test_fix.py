"""``check --fix``: it does what takes no thought, changes no word, and nothing else in a file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from conftest import Run, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.workspaces import clause, policy, small, write

from publisher.build.check import check
from publisher.build.fix import edited, fix
from publisher.errors import InvalidPolicy
from publisher.policy.words import words
from publisher.problem import in_order
from publisher.repository.source import FolderSource

DATA = "shared/clauses/en/data.md"
TITLED = "shared/clauses/en/rights.md"
WRITTEN = """\
## Logs {#logs}

One\u00ad two.

---

1. a
1. b
1. c

***
- [ ] d

e\
"""
FIXED = """\
## Logs

One two.

1. a
2. b
3. c

- d

e\
"""


def file(body: str) -> str:
    return f"---\ntitle: Your data\n---\n{body}"


def test_it_fixes_what_takes_no_thought_and_shows_it(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {DATA: file(WRITTEN), TITLED: clause("x", "Cookies: what they are")})
    shown = run("check", "--fix", "--dry-run", cwd=root)
    assert shown.returncode == 1, "the title is still without its quotes"
    assert (root / DATA).read_text() == file(WRITTEN)
    done = run("check", "--fix", cwd=root)
    assert done.returncode == 0, done.stdout
    assert (root / DATA).read_text() == file(FIXED)
    assert '\ntitle: "Cookies: what they are"\n' in (root / TITLED).read_text()
    for text in (shown.stdout, done.stdout):
        assert "-1. b\n-1. c\n" in text
        assert "+2. b\n+3. c\n" in text
        assert "-One\\xad two.\n" in text
        assert "+One two.\n" in text
    assert "2 files fixed; the words of every policy stay the same" in done.stdout
    again = run("check", "--fix", cwd=root)
    assert again.stdout.startswith("0 files fixed; the words of every policy stay the same\n\n")
    assert not {p.rule for p in check(root).problems if p.grounds is None}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
def test_nothing_else_in_the_file_changes(tmp_path: Path, end: str, bom: str, last: str) -> None:
    before, after = (bom + (file(body) + last).replace("\n", end) for body in (WRITTEN, FIXED))
    root = small(tmp_path, {DATA: before.encode()})
    (root / DATA).chmod(0o640)
    said = words(policy(root))
    report = fix(root)
    made = (root / DATA).read_bytes().decode()
    assert made == after
    assert stat.S_IMODE((root / DATA).stat().st_mode) == 0o640
    assert words(policy(root)) == said
    assert [each.path for each in report.fixed] == [DATA]
    assert sorted(each.name for each in (root / DATA).parent.iterdir()) == [
        "data.md",
        "rights.md",
        "who.md",
    ]


def test_a_loop_that_counts_stays(tmp_path: Path) -> None:
    body = "{% for each in processors %}\n1. {{ each.name }}\n{% endfor %}\n"
    root = small(tmp_path, {DATA: file(body)})
    assert fix(root).fixed == ()
    assert '["ol",1]' in words(policy(root))


def test_what_cannot_be_compared_waits_until_errors_are_fixed(tmp_path: Path, run: Run) -> None:
    root = small(tmp_path, {DATA: file("1. a\n1. b\n\n<b>c</b>\n")})
    done = run("check", "--fix", cwd=root)
    assert done.returncode == 1
    assert f"{DATA}: was not fixed; fix the errors of its policies first" in done.stdout
    assert "1. a\n1. b\n" in (root / DATA).read_text()


def test_edits_that_would_change_words_are_not_made(tmp_path: Path) -> None:
    # The first "1." of the line is a number of the list around it.
    root = small(tmp_path, {DATA: file("1. 1. a\n   1. b\n")})
    said = words(policy(root))
    fix(root)
    assert words(policy(root)) == said


def test_another_brands_files_stay(tmp_path: Path) -> None:
    own = "brands/beta/clauses/en/data.md"
    root = small(tmp_path, {own: file("1. a\n1. b\n"), TITLED: file("1. a\n1. b\n")})
    assert [each.path for each in fix(root, brands=["alpha"]).fixed] == [TITLED]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dry-run"], "error: --dry-run is about what --fix would write; add --fix"),
        (["--fix", "--at", "HEAD"], "error: --fix changes the files as they are, and --at names a "
         "commit; omit one"),
    ],
)  # fmt: skip
def test_it_is_asked_wrongly(workspace: Path, run: Run, arguments: list[str], message: str) -> None:
    done = run("check", *arguments, cwd=workspace)
    assert (done.returncode, done.stderr.strip()) == (2, message)


PIECES = st.sampled_from(
    ["a", "b c", "\n", "\n\n", "---\n", "***", "1. ", "1) ", "\n1. x\n1. y", "- ", "- [ ] z", "> ",
     "## T {#t}\n", "[t](#t)", " {: #u}", "\u200b", "\u00ad", "| a | b |\n|---|---|\n| 1. | --- |\n",
     "`1. 1.`", "{% if true %}\n", "{% endif %}\n", "  ", "{{ brand.name }}", "\n2. ", "<br>"]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=9).map("".join))
@settings(max_examples=examples(150))
def test_a_fix_changes_no_word(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = small(tmp_path_factory.mktemp("fix"), {DATA: clause(text)})
    try:
        before = policy(root)
    except InvalidPolicy:
        before = None
    fix(root)
    if before is not None:
        assert words(policy(root)) == words(before)
        # And not only because those edits were refused that change some.
        one = in_order(each for each in before.warnings if each.edits)[:1]
        made = edited(clause(text).encode(), one, DATA)
        assert words(policy(write(root, {DATA: made}))) == words(before) or "1. 1." in text


def test_the_workspace_is_read_as_it_lies(workspace: Path) -> None:
    before = {path: FolderSource(workspace).read(path) for path in (DATA, TITLED)}
    assert fix(workspace).fixed == ()
    assert before == {path: FolderSource(workspace).read(path) for path in (DATA, TITLED)}
