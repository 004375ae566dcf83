"""Does a command's work for each brand: here, or on the workers of a scheduler."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from publisher.compose.brands import Progress
from publisher.files.cache import Cache
from publisher.problem import Problem
from publisher.repository.moment import Moment
from publisher.scheduler.work import T, Work


def results(  # noqa: PLR0913 - they are what the work depends on
    scheduler: str | None,
    root: Path,
    moment: Moment,
    work: Work[T],
    brands: Sequence[str],
    *,
    cache: Cache,
    progress: Progress,
    unfit: list[Problem],
) -> Generator[tuple[str, T | Problem], None, None]:
    """Yield the result for each brand, in order; without a `scheduler`, it is made here.

    The result is an error for a brand that ends every process that works on it. The workers that
    cannot take part are added to `unfit`. Raises `SchedulerFailed`, `LibraryMissing`, and what
    stops the work.
    """
    begun = work.begin(moment, root, cache)
    if scheduler is None:
        for at, brand in enumerate(brands):
            progress(at, len(brands), brand)
            yield brand, begun.do(brand)
        progress(len(brands), len(brands), "")
        return
    from publisher.scheduler.dask import Scheduled

    cached = cache.folder is not None
    scheduled = Scheduled(scheduler, root, moment, work, begun, cached=cached)
    with closing(scheduled.results(brands, progress)) as arriving:
        yield from _in_turn(brands, arriving)
    unfit += scheduled.problems


def _in_turn(
    brands: Sequence[str], arriving: Iterator[tuple[str, T | Problem]]
) -> Iterator[tuple[str, T | Problem]]:
    """Yield results in the order of `brands`, though they arrive in any order."""
    early: dict[str, T | Problem] = {}
    for brand in brands:
        while brand not in early:
            arrived, result = next(arriving)
            early[arrived] = result
        yield brand, early.pop(brand)
