"""Two clones that append to one ledger: git's merge conflicts, and what was merged all the same."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from conftest import Run
from support.archives import noon, refused, released, say, state, try_release
from support.clones import DATES, clone, fault, findings, keep_both, obey, origin, pull
from support.workspaces import Repo, write

from publisher.archive.evidence.bundle import bundle
from publisher.archive.fork import Forked
from publisher.archive.get import Request, get, versions
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import redact, reschedule, retire
from publisher.archive.release.status import status
from publisher.archive.verify.verify import verify
from publisher.compare.diff import diff
from publisher.errors import NotInForce

NOW = noon("2025-06-15")
LEDGER = "versions/alpha/ledger"
HEAD = "versions/alpha/ledger.head"


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return origin(tmp_path_factory.mktemp("forks"))


@pytest.fixture(scope="session")
def apart(bare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clones that each released on another day; and two that did so on the same day."""
    root = tmp_path_factory.mktemp("apart")
    for name, day, words in (
        ("one", "2025-05-02", ""),
        ("two", "2025-05-04", "Fourth."),
        ("same", "2025-05-02", "Fourth."),
    ):
        repo = clone(bare, root / name)
        if words:
            say(repo, words, date="2025-02-02T12:00:00+0000")
        released(repo, day)
    return root


@pytest.fixture
def meet(bare: Path, apart: Path, tmp_path: Path) -> object:
    """Return two clones of which the first has pushed, and the second pulls and conflicts."""

    def clones(first: str, second: str) -> tuple[Repo, Repo]:
        shutil.copytree(bare, tmp_path / "origin.git")
        repos = []
        for name in (first, second):
            shutil.copytree(apart / name, tmp_path / name)
            repos.append(Repo.of(tmp_path / name))
            repos[-1].git("remote", "set-url", "origin", str(tmp_path / "origin.git"))
        repos[0].git("push", "-q")
        return repos[0], repos[1]

    return clones


def said_of_fork(repo: Repo) -> str:
    """Return the one finding there is, which tells of a fork, and that all commands tell it."""
    (found,) = findings(repo)
    message = found.partition(": ")[2]
    assert "altered" not in found
    root = repo.workspace
    faults = [
        fault(status, root, NOW),
        fault(versions, root, NOW),
        fault(get, root, "alpha", NOW, write=False),
        fault(bundle, root, Request("alpha", NOW, version="2025-01-10", write=False)),
        fault(diff, root, "alpha", NOW, old="2025-01-10"),
    ]
    if not (repo.root / ".git" / "MERGE_HEAD").exists():
        faults.append(refused(repo, NOW))
    for error in faults:
        assert isinstance(error, Forked)
        assert error.exit_code == 3
        assert str(error) == f"the ledger of alpha {message}"
    return message


@pytest.mark.parametrize(
    ("first", "second"),
    [("one", "two"), pytest.param("two", "one", marks=pytest.mark.thorough)],
)
def test_on_two_days_in_both_orders(meet: object, first: str, second: str) -> None:
    theirs, ours = meet(first, second)
    assert not pull(ours), "git's merge conflicts"
    assert ours.git("diff", "--name-only", "--diff-filter=U") == HEAD
    before = said_of_fork(ours)
    keep_both(ours)
    message = said_of_fork(ours)
    assert message == before, "in the conflict, and once it was merged all the same"
    assert message.startswith(
        "has two entries 3, written in two clones on 2 and 4 May 2025: "
        "0003-release-2025-05-02.json and 0003-release-2025-05-04.json. "
    )
    mine = {"one": "0003-release-2025-05-02.json", "two": "0003-release-2025-05-04.json"}[second]
    brought = ours.git("log", "-1", "--format=%H", "--diff-filter=A", "--", f"{LEDGER}/{mine}")
    assert f"{mine} (commit {brought[:10]}) was not pushed" in message
    obey(ours, message)
    verified = verify(ours.workspace)
    assert verified.findings == ()
    (note,) = verified.notes
    assert f"{mine} of commit {brought[:10]} was taken back" in note
    ours.git("push", "-q")
    assert pull(theirs)
    assert verify(theirs.workspace).findings == ()
    assert ours.git("rev-parse", f"HEAD:{LEDGER}") == theirs.git("rev-parse", f"HEAD:{LEDGER}")
    say(theirs, "Fifth.", date="2025-05-05T12:00:00+0000")
    assert released(theirs, NOW).sequence == 4
    assert verify(theirs.workspace).findings == ()


def test_the_days_before_are_answered(meet: object) -> None:
    _, ours = meet("one", "two")
    pull(ours)
    keep_both(ours)
    root = ours.workspace
    day = get(root, "alpha", NOW, on=date(2025, 5, 1), write=False)
    assert day.version.version == "2025-01-20"
    assert day.unsettled == (
        "not settled from 2025-05-02 14:00:00 on: the ledger of alpha has two entries 3, written in two "
        "clones on 2 and 4 May 2025: 0003-release-2025-05-02.json and 0003-release-2025-05-04.json"
    )
    assert day.period.ends is None
    morning = get(root, "alpha", NOW, on=datetime.fromisoformat("2025-05-02T13:59"), write=False)
    assert morning.version.version == "2025-01-20"
    first = get(root, "alpha", NOW, on=date(2025, 1, 15), write=False)
    assert (first.version.version, first.unsettled) == ("2025-01-10", None)
    assert first.period.until == date(2025, 1, 20)
    assert get(root, "alpha", NOW, version="2025-01-20", write=False).unsettled is not None
    for asked in (
        {"on": date(2025, 5, 2)},
        {"on": datetime.fromisoformat("2025-05-02T14:01")},
        {"on": date(2025, 5, 4)},
        {"on": date.max},
        {"version": "2025-05-02"},
        {"version": "2025-05-04"},
    ):
        assert isinstance(fault(get, root, "alpha", NOW, write=False, **asked), Forked)
    assert isinstance(fault(get, root, "alpha", NOW, write=False, on=date.min), NotInForce)


def test_what_is_printed_of_a_day_before(meet: object, run: Run) -> None:
    _, ours = meet("one", "two")
    pull(ours)
    keep_both(ours)
    told = run("get", "alpha", "--on", "2025-03-01", "--json", cwd=ours.workspace)
    assert told.returncode == 0
    assert '"state": "unsettled"' in told.stdout
    assert '"in_force_until": null' in told.stdout
    told = run("verify", cwd=ours.workspace)
    assert told.returncode == 3
    assert "altered" not in told.stdout + told.stderr
    told = run("verify", "--against", "origin/main", cwd=ours.workspace)
    assert "says something else" not in told.stdout, "its telling is one of the two"


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_on_one_day_with_one_side_taken(meet: object, side: str) -> None:
    _, ours = meet("one", "same")
    assert not pull(ours)
    message = said_of_fork(ours)
    assert "on 2 May 2025: each named 0003-release-2025-05-02.json. " in message
    ours.git("checkout", side, "--", "versions")
    ours.git("add", "-A")
    ours.git("commit", "-q", "--no-edit", **DATES)
    verified = verify(ours.workspace)
    assert verified.findings == ()
    (note,) = verified.notes
    assert "0003-release-2025-05-02.json of commit " in note
    assert len(verified.heads) == 1
    kept = get(ours.workspace, "alpha", NOW, write=False, format="markdown").data
    assert (b"Fourth." in kept) == (side == "--ours")


def test_on_one_day_undone_as_the_message_says(meet: object) -> None:
    theirs, ours = meet("one", "same")
    pull(ours)
    obey(ours, said_of_fork(ours))
    assert verify(ours.workspace).findings == ()
    assert not (ours.root / ".git" / "MERGE_HEAD").exists()
    assert ours.git("rev-parse", f"HEAD:{LEDGER}") == theirs.git("rev-parse", f"HEAD:{LEDGER}")


def test_on_one_day_with_parts_of_both(meet: object) -> None:
    """An entry of one clone and the documents of the other are not called altered either."""
    _, ours = meet("one", "same")
    pull(ours)
    ours.git("checkout", "--ours", "--", "versions")
    ours.git("checkout", "--theirs", "--", f"{LEDGER}/0003-release-2025-05-02.json")
    ours.git("add", "-A")
    ours.git("commit", "-q", "--no-edit", **DATES)
    (found,) = findings(ours)
    assert "merged parts of both" in found
    assert "altered" not in found
    obey(ours, found, keep=1)
    assert findings(ours) == []


def test_with_the_marks_of_the_conflict_committed(meet: object) -> None:
    _, ours = meet("one", "same")
    pull(ours)
    ours.git("add", "-A")
    ours.git("commit", "-q", "--no-edit", **DATES)
    obey(ours, said_of_fork(ours))
    assert findings(ours) == []


def test_an_undoing_that_took_all_of_both_back_is_found(meet: object) -> None:
    _, ours = meet("one", "two")
    pull(ours)
    keep_both(ours)
    ours.git("rm", "-rqf", "versions/alpha")
    ours.git("checkout", "HEAD~1~1", "--", "versions/alpha")
    ours.git("commit", "-qm", "neither", **DATES)
    assert any("was deleted by commit" in found for found in findings(ours))


def test_a_ledger_made_up_of_both_by_hand_is_found(meet: object) -> None:
    """Only a telling that stood before may be chosen; what else is dropped stays a finding."""
    _, ours = meet("one", "two")
    pull(ours)
    keep_both(ours)
    ours.git("rm", "-rqf", f"{LEDGER}/0003-release-2025-05-04.json", "versions/alpha/2025-05-04")
    shutil.rmtree(ours.root / "versions/alpha/2025-01-10/en")
    ours.git("add", "-A")
    ours.git("commit", "-qm", "mine", **DATES)
    found = findings(ours)
    assert any("2025-01-10" in one and "was deleted by commit" in one for one in found)


def test_longer_branches_of_other_kinds(bare: Path, tmp_path: Path) -> None:
    """A retirement here; there a version for later, which is rescheduled, and one of that day."""
    shutil.copytree(bare, tmp_path / "origin.git")
    one, two = (clone(tmp_path / "origin.git", tmp_path / name) for name in ("one", "two"))
    retire(one.workspace, "alpha", date(2025, 7, 1), "Sold", AppendOptions(noon("2025-05-03")))
    released(two, "2025-04-28", in_force=date(2025, 8, 1))
    reschedule(two.workspace, "alpha", "2025-04-28", date(2025, 8, 15), "Later",
               AppendOptions(noon("2025-05-01")))  # fmt: skip
    two.git("push", "-q")
    assert not pull(one)
    keep_both(one)
    message = said_of_fork(one)
    assert message.startswith(
        "has two entries 3, written in two clones on 28 April and 3 May 2025: "
        "0003-release-2025-04-28.json and 0003-retire-2025-07-01.json. "
        "0003-retire-2025-07-01.json (commit "
    )
    answer = get(one.workspace, "alpha", NOW, on=date(2025, 4, 27), write=False)
    assert answer.version.version == "2025-01-20"
    assert isinstance(fault(get, one.workspace, "alpha", NOW, on=date(2025, 4, 28)), Forked)
    obey(one, message)
    assert findings(one) == []
    assert (one.workspace / LEDGER / "0004-reschedule-2025-04-28.json").exists()


def test_a_fork_that_both_have_pushed_leaves_the_choice(meet: object) -> None:
    _, ours = meet("one", "two")
    pull(ours)
    keep_both(ours)
    ours.git("push", "-q")
    message = said_of_fork(ours)
    assert "Keep the one that was published" in message
    obey(ours, message, keep=1)
    assert findings(ours) == []
    assert (ours.workspace / LEDGER / "0003-release-2025-05-04.json").exists()


def test_a_rebase_that_conflicts_is_skipped(meet: object) -> None:
    theirs, ours = meet("one", "two")
    subprocess.run(["git", "pull", "-q", "--rebase"], cwd=ours.root, check=False,
                   capture_output=True)  # fmt: skip
    message = said_of_fork_in_a_rebase(ours)
    assert "`git rebase --skip`" in message
    obey(ours, message)
    assert findings(ours) == []
    assert ours.git("rev-parse", f"HEAD:{LEDGER}") == theirs.git("rev-parse", f"HEAD:{LEDGER}")


def said_of_fork_in_a_rebase(repo: Repo) -> str:
    (found,) = findings(repo)
    return found


def test_a_file_that_was_redacted_in_one_of_two(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "origin.git")
    one, two = (clone(tmp_path / "origin.git", tmp_path / name) for name in ("one", "two"))
    redact(one.workspace, "alpha", "2025-01-10", "en/policy.pdf", "A name", "Court",
           AppendOptions(noon("2025-05-03")))  # fmt: skip
    retire(two.workspace, "alpha", date(2025, 7, 1), "Sold", AppendOptions(noon("2025-05-04")))
    two.git("push", "-q")
    pull(one)
    keep_both(one)
    message = said_of_fork(one)
    assert isinstance(fault(get, one.workspace, "alpha", NOW, version="2025-01-10"), Forked)
    obey(one, message)
    assert findings(one) == []


def test_two_brands_merge_cleanly(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "origin.git")
    one, two = (clone(tmp_path / "origin.git", tmp_path / name) for name in ("one", "two"))
    retire(one.workspace, "alpha", date(2025, 7, 1), "Sold", AppendOptions(noon("2025-05-03")))
    released(two, "2025-05-04", "beta")
    one.git("push", "-q")
    assert pull(two)
    verified = verify(two.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    assert verified.entries == 4


# --- the file by which git's merge conflicts ---


def test_the_head_names_the_newest_entry_as_sha256sum_does(meet: object) -> None:
    _, ours = meet("one", "two")
    head = ours.workspace / HEAD
    assert head.read_text().endswith("  ledger/0003-release-2025-05-04.json\n")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", head.name], cwd=head.parent,
                   check=True)  # fmt: skip
    assert ours.git("status", "--porcelain") == ""
    assert findings(ours) == []


def test_an_archive_without_a_head_is_as_valid(meet: object) -> None:
    _, ours = meet("one", "two")
    ours.git("rm", "-q", HEAD)
    ours.git("commit", "-qm", "as it was before there was one", **DATES)
    verified = verify(ours.workspace)
    assert (verified.findings, verified.notes) == ((), ())
    say(ours, "Fifth.", date="2025-05-05T12:00:00+0000")
    ours.git("remote", "remove", "origin")
    released(ours, NOW)
    assert "0004-release" in (ours.workspace / HEAD).read_text()


def test_a_head_that_lags_is_no_fault_and_the_next_entry_corrects_it(meet: object) -> None:
    _, ours = meet("one", "two")
    ours.git("checkout", "-q", "HEAD~2", "--", HEAD)
    verified = verify(ours.workspace)
    assert verified.findings == ()
    assert verified.notes == (
        f"{HEAD} names entry 2, and the newest is 3; the next entry corrects it",
    )
    ours.git("reset", "-q", "--hard")
    (ours.workspace / HEAD).write_bytes(
        subprocess.run(["git", "show", f"HEAD~2:{HEAD}"], cwd=ours.root, check=True,
                       capture_output=True).stdout
    )  # fmt: skip
    say(ours, "Fifth.", date="2025-05-05T12:00:00+0000")
    ours.git("remote", "remove", "origin")
    released(ours, NOW)
    assert findings(ours) == []
    assert ours.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "text", ["", "0" * 64 + "  ledger/0003-release-2025-05-04.json\n", "nonsense\n", "upper"]
)
def test_a_head_that_is_false_is_found(meet: object, text: str) -> None:
    _, ours = meet("one", "two")
    head = ours.workspace / HEAD
    write(ours.workspace, {HEAD: head.read_text().upper() if text == "upper" else text})
    (found,) = findings(ours)
    assert found.startswith(f"{HEAD}: is not as it was written: ")
    assert refused(ours, NOW).exit_code == 3
    command = found.partition("run `")[2].partition("`")[0]
    subprocess.run(["sh", "-c", command], cwd=ours.workspace, check=True)
    assert findings(ours) == []


def test_the_newest_entry_cut_off_is_found_without_git(meet: object) -> None:
    _, ours = meet("one", "two")
    shutil.rmtree(ours.root / ".git")
    shutil.rmtree(ours.workspace / "versions/alpha/2025-05-04")
    (ours.workspace / LEDGER / "0003-release-2025-05-04.json").unlink()
    assert [found.partition(":")[0] for found in findings(ours)] == [HEAD]


def test_a_release_that_is_not_committed_leaves_the_head_to_the_commit(
    bare: Path, tmp_path: Path
) -> None:
    repo = clone(bare, tmp_path / "one")
    released(repo, "2025-05-02", commit=False)
    assert findings(repo) == []
    repo.git("add", "--force", "versions/alpha")
    repo.git("commit", "-qm", "Release", **DATES)
    assert verify(repo.workspace).notes == ()
    before = state(repo)
    assert try_release(repo, NOW, dry_run=True, editorial=True, reason="again").appended is not None
    assert state(repo) == before
