"""The processes that typeset: within limits, and one that dies takes nobody with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from support.workspaces import policy

from publisher.build.build import build
from publisher.errors import InvalidPolicy
from publisher.policy.dating import Dating
from publisher.render.pdf import manuscript
from publisher.render.pdf_job import PdfJob
from publisher.render.style import plain_style
from publisher.render.worker import collect, work, workers
from publisher.repository.source import FolderSource

pytestmark = pytest.mark.usefixtures("keep_nothing")

START = '<!doctype html><html lang="en"><title>t</title>'
ROW = "<tr>" + 40 * "<td>x"
LARGE = START + "<table>" + 1700 * ROW + "</table>"
LITTLE = 380 << 20
"""Memory for an ordinary document, and not for much more."""
DEEP = START + 3000 * "<div>" + "x"


@pytest.fixture
def well(workspace: Path) -> PdfJob:
    """A manuscript that can be typeset."""
    return manuscript(
        policy(workspace), Dating("undated"), plain_style("#005a9c"), FolderSource(workspace)
    )


def refused(faulty: PdfJob, *, seconds: int = 60, memory: int = 2 << 30) -> str:
    """Typeset a manuscript beside one that is well; return why it could not be."""
    with workers(1, memory) as pool:
        future = pool.submit(work, faulty, seconds)
        with pytest.raises(InvalidPolicy) as fault:
            collect(faulty, future, memory)
    (problem,) = fault.value.problems
    assert (problem.rule, problem.path) == ("too-much", "brands/alpha")
    return problem.message


def test_a_document_that_takes_too_long_is_given_up(well: PdfJob) -> None:
    assert refused(replace(well, page=LARGE), seconds=1) == "takes longer than 1 s to typeset"


def test_a_document_that_takes_too_much_memory_is_given_up(well: PdfJob) -> None:
    text = START + "<p>" + 1_000_000 * "word "  # many rows of a table take longer to fill it
    message = refused(replace(well, page=text), seconds=600, memory=LITTLE)
    assert message in ("takes too much memory to typeset", "ends the process that typesets it")
    with workers(1, LITTLE) as pool:
        assert collect(well, pool.submit(work, well), LITTLE).startswith(b"%PDF")


def test_a_document_that_is_nested_too_deeply_is_given_up(well: PdfJob) -> None:
    assert refused(replace(well, page=DEEP)) == "is nested too deeply to typeset"


def test_a_process_that_dies_takes_no_other_document_with_it(well: PdfJob) -> None:
    with workers(1) as pool:
        futures = [pool.submit(work, well) for _ in range(3)]
        for process in pool._processes.values():  # type: ignore[attr-defined]
            process.kill()
        documents = {collect(well, future) for future in futures}
    assert len(documents) == 1
    assert documents.pop().startswith(b"%PDF")


@pytest.mark.skipif(sys.platform == "win32", reason="no process is forked there")
def test_a_process_begins_with_weasyprint_loaded() -> None:
    with workers(1) as pool:
        assert pool.submit(eval, "'weasyprint' in __import__('sys').modules").result()


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="no process is forked there")
def test_a_process_begins_with_all_that_a_document_in_english_loads(well: PdfJob) -> None:
    loaded = "tuple(__import__('pyphen').hdcache), frozenset(__import__('sys').modules)"
    with workers(1) as pool:
        before = pool.submit(eval, loaded).result()
        collect(well, pool.submit(work, well))
        assert before == pool.submit(eval, loaded).result()


def test_a_process_loads_nothing_that_it_does_not_need_to_typeset() -> None:
    code = (
        "import sys, publisher.render.typeset\n"
        "from weasyprint.pdf import fonts\n"
        "print(*sorted({'pydantic', 'fontTools.subset', 'fontTools.varLib'} & set(sys.modules)))\n"
        "print(fonts.subset.Options(hinting=False).hinting)\n"
        "try: fonts.instantiateVariableFont(1)\n"
        "except TypeError as fault: print('axisLimits' in str(fault))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "False", "True"], "an old HarfBuzz needs them"


def test_a_callers_own_script_is_not_run_again(
    workspace: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys; from pathlib import Path; from publisher.build.build import build\n"
        "print('once'); build(Path(sys.argv[1]), Path(sys.argv[2]), formats=['pdf'])\n"
    )
    out = tmp_path / "out"
    subprocess.run([sys.executable, str(script), str(workspace), str(out)], check=True)
    assert capfd.readouterr().out == "once\n"
    assert len(list(out.rglob("*.pdf"))) == 2


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_any_executor_gives_the_same_bytes(
    workspace: Path, tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    with workers(2) as processes:
        build(workspace, tmp_path / "a", executor=processes)
    build(workspace, tmp_path / "b", executor=threads)
    build(workspace, tmp_path / "c", jobs=1)
    documents = [
        {p.relative_to(tmp_path / out): p.read_bytes() for p in (tmp_path / out).rglob("policy.*")}
        for out in "abc"
    ]
    assert len(documents[0]) == 8
    assert documents[0] == documents[1] == documents[2]


def test_a_killed_command_leaves_no_process_behind(workspace: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from publisher.render.worker import workers\n"
        "pool = workers(2); [each.result() for each in [pool.submit(os.getpid) for _ in range(4)]]\n"
        "print(*pool._processes, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=300
    )  # which waits until nobody holds its output any more
    assert len(done.stdout.split()) >= 1


def test_nothing_in_the_working_folder_is_run(workspace: Path, tmp_path: Path) -> None:
    for name in ("publisher", "weasyprint", "jinja2", "multiprocessing"):
        (workspace / name).mkdir()
        (workspace / name / "publisher.py").write_text(
            "open('was-run', 'w')\nraise SystemExit(9)\n"
        )
    start = tmp_path / "start.py"
    start.write_text("from publisher.cli import main\nmain()\n")
    command = [sys.executable, str(start), "build", "--format", "pdf", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (workspace / "was-run").exists()
