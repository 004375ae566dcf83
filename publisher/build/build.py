"""``publisher build``: write the documents that would be published."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from publisher.build.incremental import Inputs, Unchanged
from publisher.build.report import BrandBuild, BuildOptions, BuildReport, Built
from publisher.files.cache import Cache
from publisher.files.format import BUILT, PUBLISHED, known_format
from publisher.files.output import write_folder
from publisher.problem import Problem, in_order
from publisher.render.toolchain import reproducible
from publisher.repository.moment import Moment, open_workspace

if TYPE_CHECKING:
    from publisher.compose.brands import Progress

KEPT = 500
"""The number of brands after which results are remembered, so that a killed command keeps them."""

__all__ = ["BuildReport", "Built", "build"]


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
    scheduler: str | None = None,
    cache: Cache | None = None,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Write the policies of the workspace in `root` below `output`, and report on each.

    The default is all brands, locales and published formats. `at` names a revision to build instead
    of the working tree, with the dates that it had then. A policy with errors is not written, and
    stops no other. PDFs are typeset by `executor`, or by `jobs` processes: by default one more than
    there are cores, so that all stay busy. With a `scheduler`, Dask's workers there make whole
    brands instead. Documents in `cache` are not made again. Raises `UnknownName`,
    `UnknownRevision`, `ShallowClone`, `GitFailed`, `CannotWrite`, `LibraryMissing`,
    `SchedulerFailed`.
    """
    named = dict.fromkeys(known_format(format, BUILT) for format in formats)
    chosen = tuple(named) or tuple(PUBLISHED)
    known = cache if cache is not None and reproducible() else Cache(None)
    options = BuildOptions(output, chosen, tuple(locales), known)
    with ExitStack() as stack:
        if known.empty and scheduler is None:  # they load what they need while this one composes
            executor = _typesetters(executor, options, jobs, stack)
        moment = stack.enter_context(open_workspace(root, at))
        wanted = tuple(dict.fromkeys(brands))
        unchanged = Unchanged(Inputs(moment, chosen, known), options)
        reports = unchanged.reports(wanted)
        if not unchanged.complete:
            if scheduler is not None:
                from publisher.build.maker import ScheduledMaker

                scheduled = ScheduledMaker(scheduler, root, moment, options, unchanged.inputs)
                reports = _make(scheduled, moment, wanted, unchanged, reports, progress)
            else:
                from publisher.build.maker import Maker

                executor = _typesetters(executor, options, jobs, stack)
                maker = Maker(moment, options, executor)
                reports = _make(maker, moment, wanted, unchanged, reports, progress)
    known.trim()
    return BuildReport(
        built=tuple(chain.from_iterable(report.built for report in reports.values())),
        failed=tuple(chain.from_iterable(report.failed for report in reports.values())),
        problems=in_order(chain.from_iterable(report.problems for report in reports.values())),
    )


class _BrandMaker(Protocol):
    """What makes documents: `problems` are about no brand."""

    problems: list[Problem]

    def make(
        self, brands: Sequence[str], progress: Progress
    ) -> Generator[tuple[str, BrandBuild], None, None]:
        """Yield the result of each brand, in any order."""


def _make(  # noqa: PLR0913 - they are what a build depends on
    maker: _BrandMaker,
    moment: Moment,
    brands: tuple[str, ...],
    unchanged: Unchanged,
    reports: dict[str, BuildReport],
    progress: Progress,
) -> dict[str, BuildReport]:
    """Make and write the documents of the brands without a report; return the reports on all.

    If something stops it, the results until then are remembered.
    """
    from publisher.compose.brands import brand_names, refuse_unspoken

    options = unchanged.options
    names = brand_names(moment.source, brands)
    refuse_unspoken(moment.source, names, options.locales)
    wanted = [name for name in names if name not in reports]
    try:
        with closing(maker.make(wanted, progress)) as results:
            for brand, result in results:
                if result.files:
                    write_folder(options.output / brand, result.files)
                unchanged.keep(brand, result)
                reports[brand] = result.report
                if len(reports) % KEPT == 0:
                    unchanged.remember()
    finally:
        unchanged.remember()
    built = {name: reports[name] for name in names if name in reports}
    return {**built, "": BuildReport((), (), tuple(maker.problems))}


def _typesetters(
    executor: Executor | None, options: BuildOptions, jobs: int | None, stack: ExitStack
) -> Executor | None:
    """Return `executor`, or processes that typeset PDFs; None if no PDF is wanted."""
    if executor is not None or "pdf" not in options.formats:
        return executor
    from publisher.render.worker import cores, workers

    return stack.enter_context(workers(jobs or cores() + 1))
