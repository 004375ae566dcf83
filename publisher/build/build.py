"""``publisher build``: what would be published, as files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path

from publisher.build.incremental import Unchanged
from publisher.build.report import BuildReport, Built
from publisher.compose.brands import Progress
from publisher.files.cache import Cache
from publisher.files.format import PUBLISHED, known_format
from publisher.files.output import write_folder
from publisher.problem import in_order
from publisher.render.toolchain import reproducible
from publisher.render.worker import cores, workers
from publisher.repository.moment import open_workspace

__all__ = ["BuildReport", "Built", "Progress", "build"]


def build(  # noqa: PLR0913 - they are the command's options
    root: Path,
    output: Path,
    *,
    brands: Iterable[str] = (),
    locales: Iterable[str] = (),
    formats: Iterable[str] = (),
    at: str | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    cache: Cache | None = None,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Write the policies of the workspace in `root` below `output`, and say what became of each.

    Builds all brands, locales and formats unless some are named; `at` names a revision to build
    instead of the working tree, with the dates that it had then. A policy with errors is not
    written, and stops no other. PDFs are typeset by `executor`, or by `jobs` processes, one more
    than there are cores if none is given, so that all stay busy; what `cache` has is not made
    again. Raises `UnknownName`, `UnknownRevision`, `ShallowClone`, `GitFailed`, `CannotWrite`,
    `LibraryMissing`.
    """
    formats = tuple(dict.fromkeys(map(known_format, formats))) or tuple(PUBLISHED)
    brands, locales = tuple(dict.fromkeys(brands)), tuple(locales)
    cache = cache or Cache(None)
    with ExitStack() as stack:
        if cache.empty:  # they load what they need, while we compose
            executor = _workers(executor, formats, jobs, stack)
        if not reproducible():
            cache = Cache(None)
        moment = stack.enter_context(open_workspace(root, at))
        unchanged = Unchanged(moment, output, formats, locales, cache)
        reports = unchanged.reports(brands)
        if not unchanged.complete:
            executor = _workers(executor, formats, jobs, stack)
            from publisher.build.maker import Maker

            maker = Maker(moment, output, formats, locales, executor, cache)
            names = maker.names(brands)
            rest = [name for name in names if name not in reports]
            for brand, made in maker.make(rest, progress):
                if made.files:
                    write_folder(output / brand, made.files)
                unchanged.keep(brand, made)
                reports[brand] = made.report
            unchanged.remember()
            reports = {name: reports[name] for name in names}
    cache.trim()
    return _whole(reports.values())


def _whole(reports: Collection[BuildReport]) -> BuildReport:
    return BuildReport(
        built=tuple(each for report in reports for each in report.built),
        failed=tuple(each for report in reports for each in report.failed),
        problems=in_order(each for report in reports for each in report.problems),
    )


def _workers(
    executor: Executor | None, formats: tuple[str, ...], jobs: int | None, stack: ExitStack
) -> Executor | None:
    """Return who typesets PDFs, if there are any to be: `executor`, or processes of our own."""
    if executor is not None or "pdf" not in formats:
        return executor
    return stack.enter_context(workers(jobs or cores() + 1))
