"""`--scheduler`: whole brands on Dask's workers, with the same bytes as on one machine."""

from __future__ import annotations

import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import Run
from support import scheduled
from support.archives import archive, released
from support.scheduled import Cluster, cluster
from support.shell import publisher
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive.verify.verify import verify
from publisher.build.build import BuildReport, build
from publisher.build.check import check
from publisher.errors import LibraryMissing, SchedulerFailed
from publisher.files.cache import Cache
from publisher.scheduler import dask, on_worker

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def many(repo: Repo) -> Repo:
    """A workspace with six brands."""
    for name in ("Gamma", "Delta", "Eta", "Zeta"):
        brand = SMALL["brands/beta/brand.yaml"].replace("Beta", name).replace("beta", name.lower())
        write(repo.workspace, {f"brands/{name.lower()}/brand.yaml": brand})
    repo.commit(message="more brands")
    return repo


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler with two workers."""
    with cluster(tmp_path / "cluster") as begun:
        begun.worker()
        begun.worker()
        begun.wait(2)
        yield begun


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def here(repo: Repo, out: Path) -> tuple[BuildReport, dict[str, bytes]]:
    """Build on this machine; return the report, and the files."""
    report = build(repo.workspace, out)
    return report, files(out)


@pytest.mark.thorough
def test_the_same_bytes(many: Repo, tmp_path: Path) -> None:
    out = tmp_path / "out"
    alone = here(many, out)
    write(many.workspace, {"brands/zeta/brand.yaml": SMALL["brands/beta/brand.yaml"] + "x: 1\n"})
    with_fault = build(many.workspace, tmp_path / "fault")
    there = build(many.workspace, tmp_path / "fault2", scheduler="local:2")
    assert there.problems == with_fault.problems
    assert there.failed == with_fault.failed != ()
    many.git("checkout", "-q", "--", ".")
    for path in out.rglob("*.*"):
        path.unlink()
    assert (build(many.workspace, out, scheduler="local:2"), files(out)) == alone
    old = build(many.workspace, out, at="HEAD~1", formats=["json"], scheduler="local:1")
    assert [policy.brand for policy in old.built] == ["alpha", "beta"]


@pytest.mark.thorough
def test_a_worker_dies_in_the_middle(many: Repo, two: Cluster, tmp_path: Path) -> None:
    alone = here(many, tmp_path / "out")

    def kill(done: int, _total: int, _brand: str) -> None:
        if done == 1:
            two.processes[1].kill()

    (tmp_path / "out").rename(tmp_path / "before")
    report = build(many.workspace, tmp_path / "out", scheduler=two.address, progress=kill)
    assert two.processes[1].wait(10) == -9
    assert (report, files(tmp_path / "out")) == alone


@pytest.mark.thorough
def test_the_scheduler_goes_away(many: Repo, two: Cluster, tmp_path: Path) -> None:
    cache, out = Cache(tmp_path / "cache"), tmp_path / "out"

    def kill(done: int, _total: int, _brand: str) -> None:
        if done == 2:
            two.processes[0].kill()

    with pytest.raises(SchedulerFailed, match=r"went away; .* what is done is kept"):
        build(many.workspace, out, scheduler=two.address, cache=cache, progress=kill)
    kept = files(out)
    assert len(kept) >= 8, "two brands were written"
    begun: list[int] = []
    report = build(
        many.workspace,
        out,
        scheduler="local:1",
        cache=cache,
        progress=lambda _done, total, _brand: begun.append(total),
    )
    assert begun[0] == 6 - len({name.partition("/")[0] for name in kept}), "only the rest"
    assert len(report.built) == 6
    assert kept.items() <= files(out).items()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("how", "message"),
    [
        (scheduled.dies, "ends the process that makes it, 3 times; shorten its longest"),
        (scheduled.takes_long, "takes longer than 1 s to typeset; shorten the longest"),
        (scheduled.takes_memory, "takes too much memory to typeset; shorten the longest"),
    ],
)
def test_a_task_that_dies(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: object, message: str
) -> None:
    monkeypatch.setattr(on_worker, "do", how)
    report = build(repo.workspace, tmp_path, scheduler="local:1")
    assert [policy.brand for policy in report.built] == ["beta"]
    assert [brand for brand, _ in report.failed] == ["alpha"]
    (problem,) = report.problems
    assert str(problem).startswith(f"brands/alpha: {message}")


@pytest.mark.thorough
def test_a_worker_that_differs(many: Repo, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sitecustomize.py").write_text(scheduled.OTHER_TOOL)
    with cluster(tmp_path / "cluster") as begun:
        path = ":".join([str(tmp_path / "other"), *sys.path])
        begun.worker(PYTHONPATH=path)
        begun.worker("--nanny")
        begun.wait(2)
        with pytest.raises(SchedulerFailed, match=r"no worker of tcp://.* can do this; tcp://"):
            build(many.workspace, tmp_path / "out", scheduler=begun.address)
        begun.worker()
        begun.wait(3)
        report = build(many.workspace, tmp_path / "out", scheduler=begun.address)
    assert len(report.built) == 6, report.problems
    assert sorted(problem.message for problem in report.problems) == [
        "has pydyf 1.2.3, and this machine 0.13.0",
        "may not begin processes, so that no limit would hold",
    ]
    assert {problem.severity for problem in report.problems} == {"warning"}


def in_both_ways(root: Path, *arguments: str) -> tuple[int, str]:
    """Run a command here, and with two workers; return the code and the output of both."""
    where = ("--workspace", str(root))
    here, there = (publisher(*arguments, *where, *s) for s in ((), ("--scheduler", "local:2")))
    assert (there.code, there.out, there.err) == (here.code, here.out, here.err)
    return here.code, here.out


BROKEN = {"brands/zeta/brand.yaml": SMALL["brands/beta/brand.yaml"] + "x: 1\n"}
FAULTY = {
    "brands/eta/clauses/en/data.md": clause("Gamma knows, and so does privacy@delta.example."),
    "brands/eta/clauses/en/_part.md": "Nobody includes this.",
    "brands/delta/notes.txt": "to do",
    "shared/clauses/en/extra.md": clause("In no list."),
    "shared/clauses/fr/who.md": clause("Dans aucune langue."),
    "shared/retention.yaml": SMALL["shared/retention.yaml"].replace(
        "10 years", "{unconfirmed: How long?, value: 10 years}"
    ),
    "shared/accepted.yaml": "- {remark: leak, of: 0123abcd, because: Known., by: Ops}\n",
}
"""Faults of single brands, of what brands share, and between brands."""


@pytest.mark.thorough
def test_check_says_the_same(many: Repo) -> None:
    write(many.workspace, FAULTY)
    code, out = in_both_ways(many.workspace, "check")
    assert code == 1
    for path in (*FAULTY, "Gamma", "Delta"):
        assert path in out, path
    write(many.workspace, BROKEN)
    code, out = in_both_ways(many.workspace, "check", "--json")
    assert (code, "brands/zeta/brand.yaml" in out) == (1, True)
    in_both_ways(many.workspace, "check", "eta", "beta", "--format", "sarif")


@pytest.mark.thorough
def test_a_worker_dies_while_it_checks(many: Repo, two: Cluster) -> None:
    write(many.workspace, {**FAULTY, **BROKEN})
    alone = check(many.workspace)

    def kill(done: int, _total: int, _brand: str) -> None:
        if done == 1:
            two.processes[1].kill()

    assert check(many.workspace, scheduler=two.address, progress=kill) == alone
    assert two.processes[1].wait(10) == -9


@pytest.mark.thorough
def test_a_brand_that_nobody_could_check(many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    write(many.workspace, FAULTY)
    alone = check(many.workspace)
    monkeypatch.setattr(on_worker, "do", scheduled.dies)
    ended = publisher("check", "--workspace", str(many.workspace), "--scheduler", "local:2")
    report = check(many.workspace, scheduler="local:2")
    assert ended.code == 1
    told, before = (
        {str(p): p.severity for p in problems} for problems in (report.problems, alone.problems)
    )
    error = "brands/alpha: ends the process that checks it, 3 times; shorten its longest tables"
    (failure,) = (text for text in told if text.startswith(error))
    assert told[failure] == "error"
    assert told.keys() - {failure} <= before.keys()
    assert "brands/eta/clauses/en/data.md" in " ".join(told), "the other brands go on"
    assert failure in " ".join(ended.out.split())


@pytest.mark.thorough
def test_brands_that_a_worker_gets_together(many: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ends its process takes none of the others with it, and goes alone after that."""
    beta = SMALL["brands/beta/brand.yaml"]
    for number in range(14):
        brand = beta.replace("Beta", f"Iota {number}").replace("beta", f"iota-{number}")
        write(many.workspace, {f"brands/iota-{number}/brand.yaml": brand})
    alone = check(many.workspace)
    tasks: list[list[str]] = []
    hand_out = dask.Scheduled._hand_out

    def noted(self: dask.Scheduled[object], brands: list[dask._Begun]) -> None:
        tasks.append([begun.brand for begun in brands])
        hand_out(self, brands)

    monkeypatch.setattr(dask.Scheduled, "_hand_out", noted)
    assert check(many.workspace, scheduler="local:1") == alone
    assert [len(brands) for brands in tasks][:3] == [5, 3, 3]
    tasks.clear()
    monkeypatch.setattr(on_worker, "do", scheduled.dies)
    report = check(many.workspace, scheduler="local:1")
    assert tasks.count(["alpha"]) == 2
    assert len([p for p in report.problems if p.message.startswith("ends the process")]) == 1
    assert report.policies == alone.policies == 20, "one in each brand"


@pytest.fixture
def archived(tmp_path: Path) -> Repo:
    """A repository with a version of alpha, and one of beta."""
    repo = archive(tmp_path / "archived")
    released(repo, "2024-02-02")
    released(repo, "2024-02-03", "beta", tag=True)
    return repo


@pytest.mark.thorough
def test_verify_says_the_same(archived: Repo) -> None:
    code, out = in_both_ways(archived.workspace, "verify", "--rebuild", "--documents")
    assert (code, "2 versions and 2 entries of 2 brands: as released" in out) == (0, True)
    path = "versions/beta/2024-02-03/en/policy.pdf"
    write(archived.workspace, {path: b"another", "versions/stray": "x"})
    archived.git("tag", "--force", "beta/2024-02-03", "-m", "moved")
    code, out = in_both_ways(archived.workspace, "verify")
    assert code == 3
    assert path in out
    assert "tag beta/2024-02-03: does not hold the SHA-256" in " ".join(out.split())
    in_both_ways(archived.workspace, "verify", "beta", "--against", "HEAD", "--json")


@pytest.mark.thorough
def test_a_brand_that_nobody_could_verify(archived: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_worker, "do", scheduled.dies)
    asked = ("verify", "--workspace", str(archived.workspace), "--scheduler", "local:1")
    ended = publisher(*asked, "--against", "HEAD")
    assert ended.code == 4
    said = " ".join(f"{ended.out} {ended.err}".split())
    assert "versions/alpha: ends the process that verifies it, 3 times; verify it on this" in said
    assert "1 version and 1 entry of 2 brands: 1 finding; nothing was repaired" in said
    assert "restore" not in said
    write(archived.workspace, {"versions/beta/2024-02-03/en/policy.md": "another"})
    assert publisher(*asked, "beta").code == publisher(*asked).code == 3


@pytest.mark.thorough
def test_a_worker_with_other_files_verifies_nothing(
    archived: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_worker, "do", scheduled.reads_others)
    monkeypatch.setattr(dask, "WORKERLESS", 0.1)
    with pytest.raises(SchedulerFailed, match=r"can do this; .* reads other files in versions/"):
        verify(archived.workspace, scheduler="local:1")


@pytest.mark.thorough
def test_a_brand_that_is_edited_meanwhile(many: Repo, tmp_path: Path) -> None:
    def edit(done: int, _total: int, _brand: str) -> None:
        if done == 1:
            path = many.workspace / "brands/zeta/brand.yaml"
            path.write_text(path.read_text().replace("privacy@", "write-to@"))

    report = build(many.workspace, tmp_path, formats=["json"], scheduler="local:1", progress=edit)
    assert not report.problems
    assert b"write-to@" in (tmp_path / "zeta/en/policy.json").read_bytes()


def test_no_scheduler(
    repo: Repo, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "REACHED", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("PUBLISHER_SCHEDULER", address)
    ended = run("build", "--output", str(tmp_path / "out"), cwd=repo.workspace)
    assert ended.returncode == 4
    assert ended.stderr.startswith(f"error: no scheduler answers at {address}: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (b"", "it says nothing"),
        (b"SSH-2.0-x\r\n" + b"\xff" * 100, "another program does"),
        (bytes(100), "another program does"),
    ],
    ids=["silence", "garbage", "zeros"],
)
def test_another_program_listens(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, message: str
) -> None:
    monkeypatch.setattr(dask, "REACHED", 5.0 if says else 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"

        def answer() -> None:
            with server.accept()[0] as peer, suppress(ConnectionResetError):
                peer.sendall(says)
                while peer.recv(4096):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(SchedulerFailed, match=f"answers at {address}: {message}; start it"):
            build(repo.workspace, tmp_path, scheduler=address)
        thread.join()


def test_no_certificates(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(SchedulerFailed, match="no certificates for tls://"):
        build(repo.workspace, tmp_path, scheduler="tls://127.0.0.1:1")


@pytest.mark.parametrize(
    "address", ["local", "local:0", "local:1000", "http://x:1", "127.0.0.1:8786", "tcp://x"]
)
def test_no_address(repo: Repo, address: str) -> None:
    for command in ("build", "check", "verify"):
        ended = publisher(command, "--workspace", str(repo.workspace), "--scheduler", address)
        assert ended.code == 2
        assert f"tls://HOST:PORT or local:N, not '{address}'" in ended.err


def test_jobs_are_of_this_machine(repo: Repo, run: Run) -> None:
    ended = run("build", "--scheduler", "local:1", "--jobs", "2", cwd=repo.workspace)
    assert ended.returncode == 2
    assert "leave out --jobs" in ended.stderr


def test_the_extra_is_missing(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LibraryMissing, match="pip install 'distributed>="):
        build(repo.workspace, tmp_path, scheduler="local:1")


class Faulty:
    """Work with a fault of its own."""

    common = ""

    def begin(self, *_: object) -> Faulty:
        return self

    def own(self, _: str) -> str:
        return ""

    def do(self, brand: str) -> None:
        raise LookupError(brand)


def test_a_fault_of_ours_is_not_the_workers(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    job = on_worker.Job(Faulty(), repo.workspace, None, head, "", cached=False, tools=())
    outcome = on_worker.do(job, "alpha", "")
    assert isinstance(outcome, on_worker.Stopped)
    assert outcome.exit_code == 70
    assert "on a worker, at alpha: LookupError: alpha. Run the command again" in outcome.message


def test_a_configuration_that_dask_cannot_read(repo: Repo, process: Run, tmp_path: Path) -> None:
    (tmp_path / "dask.yaml").write_text("distributed: [1")
    ended = process(
        *("check", "--scheduler", "local:1"),
        cwd=repo.workspace,
        DASK_CONFIG=str(tmp_path / "dask.yaml"),
    )
    assert ended.returncode == 4
    assert ended.stderr.startswith("error: Dask cannot use its configuration: ")
    assert ended.stderr.count("\n") == 1, ended.stderr


def test_nothing_of_it_stays(repo: Repo, tmp_path: Path) -> None:
    """Logs and warnings are as before."""
    import logging

    filters = [*warnings.filters]
    with pytest.raises(SchedulerFailed):
        build(repo.workspace, tmp_path, scheduler="tls://127.0.0.1:1")
    assert logging.root.manager.disable == 0
    assert warnings.filters == filters
