"""What a later commit says of an earlier one: ``Policy-Change: editorial COMMIT``."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import DATA, archive, released, say, try_release
from support.workspaces import Repo, clause, small

from publisher.archive.release.status import status
from publisher.build.check import check
from publisher.compare.revisions import history
from publisher.compose.brands import compose_all, load_brands
from publisher.files.cache import Cache
from publisher.history.dates import Dates
from publisher.problem import Problem
from publisher.repository.moment import committed
from publisher.repository.reading import Repository

Run = Callable[..., CompletedProcess[str]]
FIRST, SECOND, THIRD = date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def remark(repo: Repo, *lines: str, subject: str = "Correct") -> str:
    """Commit nothing but trailers."""
    trailers = "\n".join(f"Policy-Change: {line}" for line in lines)
    return repo.commit(message=f"{subject}\n\n{trailers}")


def last_updated(repo: Repo, at: str = "HEAD", cache: Cache | None = None) -> date | None:
    return dated(repo.root, at, cache)


def dated(root: Path, at: str, cache: Cache | None = None) -> date | None:
    """Return the date of alpha's policy at a commit."""
    with Repository.bare(root, "") as repository:
        moment = committed(repository, at)
        workspace = load_brands(moment.source, ("alpha",))
        (composed,) = compose_all(workspace)
        assert composed.policy is not None
        pair = (composed.policy, workspace.brands["alpha"].content)
        return Dates(moment, cache).of([pair])[0].last_updated


def trailers(problems: tuple[Problem, ...]) -> list[str]:
    return [str(problem) for problem in problems if problem.rule == "trailer"]


def checked(repo: Repo, **options: Any) -> list[str]:
    return trailers(check(repo.workspace, **options).problems)


# --- what a later commit says, holds ---------------------------------------------------------------


def test_a_later_commit_says_that_one_was_editorial(repo: Repo) -> None:
    typo = say(repo, "We keep your names.", "fix a typo")
    assert last_updated(repo) == SECOND
    before = repo.git("rev-parse", "HEAD")
    remark(repo, f"editorial {typo[:7]}")
    assert last_updated(repo) == FIRST
    assert last_updated(repo, before) == SECOND, "a date depends on what came before only"
    assert checked(repo) == []


def test_several_are_named_and_the_last_word_holds(repo: Repo) -> None:
    one, two = say(repo, "One."), say(repo, "Two.")
    remark(repo, f"editorial {one}", f"editorial {two[:12].upper()}")
    assert last_updated(repo) == FIRST
    remark(repo, f"material {one[:8]}")
    assert last_updated(repo) == SECOND
    remark(repo, f"editorial {one[:8]}")
    assert last_updated(repo) == FIRST


def test_one_that_calls_itself_editorial_is_called_material(repo: Repo) -> None:
    hasty = say(repo, "We sell your name.", "x\n\nPolicy-Change: editorial")
    assert last_updated(repo) == FIRST
    remark(repo, f"material {hasty}")
    assert last_updated(repo) == SECOND


def test_the_commit_that_names_another_is_judged_by_itself(repo: Repo) -> None:
    one = say(repo, "One.")
    say(repo, "Two.", f"x\n\nPolicy-Change: editorial {one}")
    assert last_updated(repo) == THIRD
    say(repo, "Three.", f"x\n\nPolicy-Change: editorial\nPolicy-Change: editorial {one}")
    assert last_updated(repo) == THIRD


def test_a_merge_and_what_it_brings_can_be_named(repo: Repo) -> None:
    repo.git("switch", "-qc", "side")
    brought = say(repo, "Side.")
    repo.git("switch", "-q", "main")
    dates = {"GIT_COMMITTER_DATE": "2024-05-01T12:00:00+0000"}
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side", **dates)
    merge = repo.git("rev-parse", "HEAD")
    assert last_updated(repo) == date(2024, 5, 1)
    remark(repo, f"editorial {brought}")
    assert last_updated(repo) == FIRST
    remark(repo, f"material {merge}")
    assert last_updated(repo) == date(2024, 5, 1)
    (newest, _) = history(repo.workspace, "alpha")[0].entries
    assert [(each.change, each.commit) for each in newest.afterwards] == [
        ("material", merge), ("editorial", brought),
    ]  # fmt: skip


def test_a_merge_brings_what_is_said_on_its_branch(repo: Repo) -> None:
    typo = say(repo, "We keep your names.")
    repo.git("switch", "-qc", "side")
    remark(repo, f"editorial {typo}")
    repo.git("switch", "-q", "main")
    repo.commit({"README": "x"})
    assert last_updated(repo) == SECOND
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert last_updated(repo) == FIRST


def test_branches_that_say_otherwise_are_told_and_the_date_moves(repo: Repo) -> None:
    typo = say(repo, "We keep your names.")
    repo.git("switch", "-qc", "side")
    remark(repo, f"editorial {typo}")
    repo.git("switch", "-q", "main")
    remark(repo, f"material {typo}")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert last_updated(repo) == SECOND
    (told,) = checked(repo)
    assert f"says that {typo[:10]} is editorial, and " in told
    assert f'-m "Policy-Change: editorial {typo[:10]}"' in told
    remark(repo, f"editorial {typo}")
    assert (last_updated(repo), checked(repo)) == (FIRST, [])


def test_a_first_commit_stays_the_first(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    remark(repo, f"editorial {first}")
    assert last_updated(repo) == FIRST


# --- a plain telling of the rule --------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A commit: its text, what it says of itself, and of which others: how far back, and what.

    `side` is what a commit says of itself that a merge brings, and that has the merge's text.
    """

    text: int
    editorial: bool
    remarks: tuple[tuple[int, str], ...]
    side: bool | None = None


MADE = st.builds(
    Made,
    text=st.integers(0, 2),
    editorial=st.integers(0, 3).map(lambda n: n == 0),
    remarks=st.lists(
        st.tuples(st.integers(1, 7), st.sampled_from(["editorial", "editorial", "material"])),
        max_size=2,
    ).map(tuple),
    side=st.sampled_from([None, None, None, True, False]),
)


class Objects:
    """Writes commits into a repository without git, which would take longer than to date them."""

    def __init__(self, root: Path) -> None:
        repo = Repo(root)
        self.folder, self.trees = root / ".git" / "objects", []
        for text in range(3):
            small(root, {DATA: clause(f"Text {text}.")})
            repo.git("add", "-A")
            self.trees.append(repo.git("write-tree"))

    def commit(self, text: int, day: int, parents: list[str], message: str) -> str:
        seconds = int(noon(day).timestamp())
        head = "".join(f"parent {parent}\n" for parent in parents)
        who = f"A <a@example.org> {seconds} +0000"
        body = f"tree {self.trees[text]}\n{head}author {who}\ncommitter {who}\n\n{message}\n"
        data = b"commit %d\0" % len(body.encode()) + body.encode()
        id = hashlib.sha1(data).hexdigest()
        path = self.folder / id[:2] / id[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(data))
        return id


def noon(day: int) -> datetime:
    return datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)


@dataclass(frozen=True)
class Written:
    """A commit as it was written; `parent` is the index of its first parent, `line` whether it is
    on the line of first parents, `brings` the index of the one that it brings."""

    id: str
    text: int
    editorial: bool
    remarks: tuple[tuple[int, str], ...]
    parent: int | None
    line: bool
    brings: int | None = None


def write_all(objects: Objects, history: list[Made]) -> list[Written]:
    """Write a history, oldest first."""
    written: list[Written] = []
    last: int | None = None

    def add(made: Made, line: bool, editorial: bool, parents: list[int]) -> int:
        at = len(written)
        remarks = tuple((at - back, what) for back, what in made.remarks if line and back <= at)
        said = [f"Policy-Change: {what} {written[index].id[:12]}" for index, what in remarks]
        said += ["Policy-Change: editorial"] if editorial else []
        ids = [written[index].id for index in parents]
        id = objects.commit(made.text, at, ids, "\n".join([f"Commit {at}", "", *said]))
        first, brings = (*parents, None, None)[:2]
        written.append(Written(id, made.text, editorial, remarks, first, line, brings))
        return at

    for made in history:
        parents = [] if last is None else [last]
        if made.side is not None and last is not None:
            parents.append(add(made, False, made.side, parents))
        last = add(made, True, made.editorial, parents)
    return written


def plainly(written: list[Written], at: int) -> date:
    """Return the date at a commit, from the rule as it is written, all compared."""
    says: dict[int, str] = {}
    for one in written[: at + 1]:
        words = dict.fromkeys(index for index, _ in one.remarks)
        for index in words:
            said = {what for named, what in one.remarks if named == index}
            says[index] = "editorial" if said == {"editorial"} else "material"

    def editorial(index: int) -> bool:
        one = written[index]
        if index in says or one.editorial:
            return says.get(index, "editorial") == "editorial"
        return one.brings is not None and differs(one.brings) and editorial(one.brings)

    def differs(index: int) -> bool:
        parent = written[index].parent
        return parent is None or written[parent].text != written[index].text

    line = [index for index in range(at + 1) if written[index].line]
    newest = max(
        index
        for index in line
        if differs(index) and (written[index].parent is None or not editorial(index))
    )
    return noon(newest).date()


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    return Objects(tmp_path_factory.mktemp("objects"))


@settings(max_examples=examples(25))
@given(history=st.lists(MADE, min_size=2, max_size=8), asked=st.permutations(range(8)))
def test_dates_are_those_of_the_plain_rule(
    objects: Objects, history: list[Made], asked: list[int]
) -> None:
    written = write_all(objects, history)
    root = objects.folder.parent.parent
    line = [at for at, one in enumerate(written) if one.line]
    with TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        for at in [line[place] for place in asked if place < len(line)][:4]:
            expected = plainly(written, at)
            assert dated(root, written[at].id) == expected
            assert dated(root, written[at].id, cache) == expected, "whatever was dated before"


# --- what is told ----------------------------------------------------------------------------------


def test_history_says_who_said_it_and_when(repo: Repo, run: Run) -> None:
    typo = say(repo, "We keep your names.")
    by = remark(repo, f"editorial {typo[:7]}")
    lines = [
        each.strip() for each in run("history", "alpha", cwd=repo.workspace).stdout.split("\n")
    ]
    assert lines[1].startswith(f"2024-01-03  {typo[:10]}  editorial")
    assert lines[3] == f"editorial, said afterwards by A on 2024-01-04 in {by[:10]}"
    newest, first = json.loads(run("history", "alpha", "--json", cwd=repo.workspace).stdout)
    assert newest["said_afterwards"] == [
        {"change": "editorial", "commit": typo, "by": by, "author": "A", "date": "2024-01-04"}
    ]
    assert first["said_afterwards"] == []
    (followed, _) = history(repo.workspace, "alpha", clause="data")[0].entries
    assert [each.by for each in followed.afterwards] == [by]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("HEAD~1", "and 'HEAD~1' is not the id of a commit"),
        ("abcdef", "and 'abcdef' is not the id of a commit"),
        ("0123456", "names the commit '0123456', which is not among the commits before it"),
        ("0" * 40, "which is not among the commits before it"),
        ("{tree}", "which is not among the commits before it"),
        ("{side}", "which is not among the commits before it"),
        ("{empty}", "which changed nothing in brands/ or shared/"),
    ],
)
def test_a_name_that_is_wrong_is_told(repo: Repo, name: str, what: str) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    repo.git("switch", "-qc", "side")
    side = say(repo, "Side.")
    repo.git("switch", "-q", "main")
    say(repo, "We keep your names.")
    when = last_updated(repo)
    empty = repo.commit({"README": "x"}, "readme")
    by = remark(repo, f"editorial {name.format(tree=tree, side=side, empty=empty)}")
    assert last_updated(repo) == when
    (told,) = checked(repo)
    assert told.startswith(f"commit {by[:10]}: ")
    assert what in told
    assert "`publisher history` shows the ids" in told


def test_an_id_is_looked_up_among_the_commits_before_the_one_that_names_it(
    objects: Objects,
) -> None:
    first = objects.commit(0, 0, [], "first")
    typo = objects.commit(1, 1, [first], "typo")
    by = objects.commit(1, 2, [typo], f"Correct\n\nPolicy-Change: editorial {typo[:7]}")
    root = objects.folder.parent.parent
    twin = objects.folder / typo[:2] / f"{typo[2:-1]}{'0' if typo[-1] != '0' else '1'}"
    twin.write_bytes((objects.folder / by[:2] / by[2:]).read_bytes())
    assert dated(root, by) == noon(0).date(), "whatever else a clone has"


def test_what_is_not_understood_is_told_until_a_later_commit_says_it(repo: Repo, run: Run) -> None:
    typo = say(repo, "We keep your names.", "x\n\nPolicy-Change: editoral")
    (told,) = checked(repo)
    assert told == (
        f"commit {typo[:10]}: has the trailer Policy-Change: editoral, which is not understood; "
        "did you mean `editorial`? Then say so in a later commit: `git commit --allow-empty -m "
        f'"Correct {typo[:10]}" -m "Policy-Change: editorial {typo[:10]}"`'
    )
    (alpha, _) = status(repo.workspace, NOW)
    assert trailers(alpha.problems) == [told]
    assert run("check", cwd=repo.workspace).returncode == 0
    remark(repo, f"editorial {typo[:10]}")
    assert (last_updated(repo), checked(repo)) == (FIRST, [])


def test_only_commits_that_matter_are_told(repo: Repo) -> None:
    say(repo, "One.", "x\n\nPolicy-Change: minor")
    repo.commit({"brands/beta/theme.css": "p { margin: 0 }\n"}, "x\n\nPolicy-Change: tiny")
    assert len(checked(repo)) == 2
    assert len(checked(repo, brands=["alpha"])) == 1
    say(repo, "Two.", "a change that dates the policies")
    assert checked(repo) == []
    remark(repo, "editoral abcdef1")
    assert len(checked(repo)) == 1
    assert checked(repo, at="HEAD~1") == []


def test_a_shallow_clone_is_told(repo: Repo, tmp_path: Path) -> None:
    say(repo, "One.")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.root}", str(tmp_path / "clone"))
    (told,) = trailers(check(tmp_path / "clone").problems)
    assert "is in a shallow clone, so that trailers are not checked" in told


# --- releases --------------------------------------------------------------------------------------


def test_a_release_after_it_is_editorial(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2024-02-01")
    typo = say(repo, "We keep your names.", date="2024-02-02T12:00:00+0000")
    remark(repo, f"editorial {typo}")
    (alpha, _) = status(repo.workspace, NOW)
    assert (alpha.state, alpha.last_updated) == ("editorial", FIRST)
    entry = released(repo, "2025-01-01")
    assert (entry.change, entry.locales["en"].last_updated) == ("editorial", FIRST)


def test_a_released_date_never_changes(tmp_path: Path) -> None:
    repo = archive(tmp_path / "repo")
    late = say(repo, "We keep your names.")
    released(repo, "2024-02-01")
    by = remark(repo, f"editorial {late}")
    (alpha, beta) = status(repo.workspace, NOW)
    assert (alpha.state, alpha.last_updated, beta.last_updated) == ("released", SECOND, FIRST)
    assert trailers(beta.problems) == []
    assert (
        trailers(alpha.problems)
        == checked(repo)
        == [
            f"commit {by[:10]}: names {late[:10]}, which alpha 2024-02-01 has already, so its date "
            "stays; nothing to do: a released version never changes"
        ]
    )
    typo = say(repo, "We keep their names.", "x\n\nPolicy-Change: editorial")
    assert released(repo, "2025-01-01").locales["en"].last_updated == SECOND
    assert checked(repo, brands=["alpha"]) == []
    assert typo


def test_a_dry_run_tells(tmp_path: Path, run: Run) -> None:
    repo = archive(tmp_path / "repo")
    released(repo, "2024-02-01", in_force=date(2999, 1, 1))
    say(repo, "We keep your names.", "x\n\nPolicy-Change: editoral")
    outcome = try_release(repo, "2025-01-01", in_force=date(2999, 1, 2), dry_run=True)
    assert outcome.appended is not None
    assert trailers(outcome.problems) == checked(repo) != []
    later = ("alpha", "2024-02-01", "--in-force", "2999-01-02", "--reason", "x", "--dry-run")
    done = run("reschedule", *later, cwd=repo.workspace)
    assert done.returncode == 0
    assert f"{checked(repo)[0]}\n" in done.stderr
