"""Building again: what has not changed is not made anew, and what comes out is the same."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from support.workspaces import SMALL, Repo, clause, write

from publisher.archive import dated_policies
from publisher.build.build import build
from publisher.files.cache import Cache
from publisher.render import toolchain


@functools.cache
def typeset_once(work: Any, manuscript: Any) -> Any:
    """Typeset a manuscript; it is the same in every test that builds the same policy."""
    return work(manuscript)


class Counting(Executor):
    """Typesets here and now, and takes down what."""

    def __init__(self) -> None:
        self.typeset: list[str] = []

    def submit(self, work: Any, manuscript: Any) -> Future[Any]:  # type: ignore[override]
        self.typeset.append(manuscript.brand)
        future: Future[Any] = Future()
        future.set_result(typeset_once(work, manuscript))
        return future


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def executor() -> Iterator[Counting]:
    with Counting() as counting:
        yield counting


def test_nothing_changed(repo: Repo, out: Path, cache: Cache, executor: Counting) -> None:
    first = build(repo.workspace, out, cache=cache, executor=executor)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert executor.typeset == ["alpha", "beta"]
    again = build(repo.workspace, out, cache=cache, executor=executor)
    assert again == first
    assert executor.typeset == ["alpha", "beta"]
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before, "written again"


def test_documents_that_are_gone_or_altered_come_back(
    repo: Repo, out: Path, cache: Cache, executor: Counting
) -> None:
    first = build(repo.workspace, out, cache=cache, executor=executor)
    whole = files(out)
    (out / "alpha" / "en" / "policy.pdf").write_bytes(b"altered")
    (out / "beta" / "en" / "policy.html").unlink()
    assert build(repo.workspace, out, cache=cache, executor=executor) == first
    assert files(out) == whole
    shutil.rmtree(out)
    assert build(repo.workspace, out, cache=cache, executor=executor) == first
    assert files(out) == whole
    assert executor.typeset == ["alpha", "beta"]


CHANGES: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "a shared clause": ({"shared/clauses/en/data.md": clause("New.")}, ["alpha", "beta"]),
    "a clause of one brand": ({"brands/beta/clauses/en/data.md": clause("New.")}, ["beta"]),
    "the theme of one brand": ({"brands/alpha/brand.yaml": SMALL["brands/alpha/brand.yaml"] + "theme: {spacing: airy}\n"}, ["alpha"]),
    "a logo": ({"brands/alpha/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'}, ["alpha"]),
    "the name of a sister": ({"brands/beta/brand.yaml": SMALL["brands/beta/brand.yaml"].replace("name: Beta", "name: Gamma")}, ["beta"]),
    "a comment": ({"shared/company.yaml": SMALL["shared/company.yaml"] + "# more\n"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("change", "reached"), CHANGES.values(), ids=CHANGES.keys())
def test_only_what_a_change_reaches_is_typeset_again(
    repo: Repo,
    out: Path,
    cache: Cache,
    executor: Counting,
    change: dict[str, str | bytes | None],
    reached: list[str],
) -> None:
    build(repo.workspace, out, cache=cache, executor=executor)
    repo.commit({"README.md": "so that the dates stay"})
    executor.typeset.clear()
    write(repo.workspace, change)
    cached = build(repo.workspace, out, cache=cache, executor=executor)
    assert executor.typeset == reached
    elsewhere = out.with_name("elsewhere")
    anew = build(repo.workspace, elsewhere, executor=executor)
    assert files(out) == files(elsewhere)
    assert [each.words_digest for each in cached.built] == [
        each.words_digest for each in anew.built
    ]


def test_the_first_pdf_is_begun_before_the_next_brand_is_composed(
    repo: Repo, out: Path, executor: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies_at = dated_policies.policies_at

    def counted(source: Any, brands: Any, *arguments: Any, **named: Any) -> Any:
        executor.typeset += [f"compose {brand}" for brand in brands]
        return policies_at(source, brands, *arguments, **named)

    monkeypatch.setattr(dated_policies, "policies_at", counted)
    build(repo.root, out, executor=executor)
    assert executor.typeset == ["compose alpha", "alpha", "compose beta", "beta"]


def test_a_new_commit_is_seen(repo: Repo, out: Path, cache: Cache, executor: Counting) -> None:
    change: dict[str, str | bytes | None] = {"shared/clauses/en/data.md": clause("New.")}
    write(repo.workspace, change)
    before = build(repo.workspace, out, cache=cache, executor=executor)
    assert {each.status for each in before.built} == {"uncommitted"}
    repo.commit(change)
    after = build(repo.workspace, out, cache=cache, executor=executor)
    assert {each.status for each in after.built} == {"ready"}


def test_other_formats_are_another_build(
    repo: Repo, out: Path, cache: Cache, executor: Counting
) -> None:
    build(repo.workspace, out, formats=["html"], cache=cache, executor=executor)
    assert not list(out.rglob("*.pdf"))
    report = build(repo.workspace, out, formats=["pdf", "html"], cache=cache, executor=executor)
    assert [path.name for path in report.built[0].files] == ["policy.pdf", "policy.html"]
    assert len(list(out.rglob("*.pdf"))) == 2


def test_what_is_broken_is_said_each_time(
    repo: Repo, out: Path, cache: Cache, executor: Counting
) -> None:
    write(repo.workspace, {"brands/beta/clauses/en/data.md": clause("{{ nothing }}")})
    first = build(repo.workspace, out, cache=cache, executor=executor)
    assert first.failed == (("beta", "en"),)
    assert build(repo.workspace, out, cache=cache, executor=executor) == first


def test_a_damaged_cache_is_made_anew(
    repo: Repo, out: Path, cache: Cache, executor: Counting
) -> None:
    first = build(repo.workspace, out, cache=cache, executor=executor)
    whole = files(out)
    assert cache.folder is not None
    for path in cache.folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] + b"!")
    shutil.rmtree(out)
    assert build(repo.workspace, out, cache=cache, executor=executor) == first
    assert files(out) == whole
    executor.typeset.clear()
    build(repo.workspace, out, cache=cache, executor=executor)
    assert not executor.typeset


def test_a_link_in_a_brands_folder_is_no_reason_to_remember(
    repo: Repo, out: Path, cache: Cache, executor: Counting
) -> None:
    (repo.workspace / "brands" / "alpha" / "more").symlink_to(repo.workspace / "shared")
    build(repo.workspace, out, cache=cache, executor=executor)
    brand = SMALL["brands/alpha/brand.yaml"] + "theme: {spacing: airy}\n"
    write(repo.workspace, {"brands/alpha/brand.yaml": brand})
    build(repo.workspace, out, cache=cache, executor=executor)
    assert executor.typeset == ["alpha", "beta", "alpha"]


def test_two_workspaces_of_one_repository_are_two(tmp_path: Path, out: Path, cache: Cache) -> None:
    repo = Repo(tmp_path / "repo", workspace="one")
    repo.commit(dict(SMALL))
    first = build(repo.workspace, out / "one", formats=["json"], cache=cache)
    shutil.copytree(repo.workspace, repo.root / "two")
    second = build(repo.root / "two", out / "two", formats=["json"], cache=cache)
    assert {each.status for each in first.built} == {"ready"}
    assert {each.status for each in second.built} == {"uncommitted"}
    repo.commit()
    third = build(repo.root / "two", out / "two", formats=["json"], cache=cache)
    assert third.built[0].last_updated != first.built[0].last_updated


def test_what_is_edited_during_a_build_is_not_remembered(
    repo: Repo, out: Path, cache: Cache
) -> None:
    def edit(done: int, _total: int, _name: str) -> None:
        if done == 0:
            write(repo.workspace, {"shared/clauses/en/data.md": clause("Later.")})

    build(repo.workspace, out, formats=["json"], cache=cache, progress=edit)
    write(repo.workspace, {"shared/clauses/en/data.md": SMALL["shared/clauses/en/data.md"]})
    report = build(repo.workspace, out, formats=["json"], cache=cache)
    assert report == build(repo.workspace, out, formats=["json"])


def test_a_pointer_that_no_policy_reads_stops_nothing(repo: Repo, out: Path, cache: Cache) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    write(repo.workspace, {"brands/alpha/hero.png": pointer})
    assert not build(repo.workspace, out, formats=["json"], cache=cache).failed


def test_where_nothing_has_changed_git_runs_once_and_little_is_loaded(
    repo: Repo, tmp_path: Path
) -> None:
    log, git = tmp_path / "log", tmp_path / "bin" / "git"
    write(tmp_path, {"bin/git": f'#!/bin/sh\necho run >> {log}\nexec {shutil.which("git")} "$@"\n'})
    git.chmod(0o755)
    code = (
        "import atexit, sys; from publisher.cli import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"
    )
    command = ["build", "--format", "html", "--workspace", str(repo.workspace)]
    path = f"{git.parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PUBLISHER_CACHE": str(tmp_path / "cache")}
    for _ in range(2):
        log.write_text("")
        ended = subprocess.run(
            [sys.executable, "-c", code, *command],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert log.read_text().count("run") == 1
    loaded = set(ended.stderr.split())
    needless = {"jinja2", "yaml", "markdown_it", "git.repo", "publisher.compose.brands"}
    assert not needless & loaded
    assert {"publisher.build.incremental", "publisher.cli.policies"} <= loaded
    assert "publisher.cli.archive" not in loaded, "only the command's own module"


def test_an_altered_toolkit_is_seen_whatever_time_its_file_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, file = Cache(tmp_path / "cache"), tmp_path / "package" / "render.py"
    write(tmp_path, {"package/render.py": "a = 1\n", "package/data/font": "x"})
    monkeypatch.setattr(toolchain, "_PACKAGE", file.parent)
    monkeypatch.setattr(toolchain, "_SETTLED", -1.0)
    whole = toolchain.tools_digest.__wrapped__
    first, status = whole(cache), file.stat()
    assert first == whole() == whole(cache)
    file.write_text("a = 2\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert first != whole(cache) == whole()
    monkeypatch.setattr(toolchain, "_SETTLED", 60.0)
    file.write_text("a = 3\n")
    assert whole(cache) == whole(), "a file that may still be written to is read"
    assert toolchain._touched() is None
