"""Makes the documents of brands: composed, dated and typeset, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.lineage import Lineage
from publisher.build.incremental import Inputs
from publisher.build.report import BrandBuild, BuildOptions, BuildReport, Built
from publisher.compose.brands import Composed, Progress
from publisher.errors import InvalidPolicy
from publisher.files.cache import Cache, key
from publisher.files.format import DOCX, file_name
from publisher.policy.json import json
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.problem import Problem, errors, mild
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.pdf import manuscript
from publisher.render.pdf_job import PdfJob
from publisher.render.style import paper_of, style_of
from publisher.render.toolchain import tools_digest
from publisher.render.word import docx
from publisher.render.worker import Outcome, collect, work
from publisher.repository.moment import Moment
from publisher.scheduler.work import Wording
from publisher.workspace.parsed import Workspace

BATCH = 16
"""How many brands are composed and dated together; two batches are in memory at a time."""


class _Typeset:
    """The PDF of a manuscript: from the cache, or begun elsewhere."""

    def __init__(self, manuscript: PdfJob, executor: Executor, cache: Cache) -> None:
        self.manuscript = manuscript
        self.cache = cache
        self.key = key("pdf", tools_digest(cache), repr(manuscript))
        self.future: Future[Outcome] = Future()
        stored = cache.find((cache.get(self.key) or b"").decode())
        self.stored = stored is not None
        if stored is not None:
            self.future.set_result(stored)
            return
        try:
            self.future = executor.submit(work, manuscript)
        except BrokenExecutor as fault:
            self.future.set_exception(fault)

    def result(self) -> bytes:
        """Return the PDF, once it is typeset; raises what stopped it."""
        pdf = collect(self.manuscript, self.future)
        if not self.stored:
            self.cache.put(self.key, self.cache.keep(pdf).encode())
        return pdf


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """A policy whose documents are made except for its PDFs; `built` is None if errors stop it."""

    brand: str
    locale: str | None
    problems: tuple[Problem, ...]
    built: Built | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    pdfs: dict[str, _Typeset] = field(default_factory=dict)


class Maker:
    """Makes the documents of brands at one moment; `executor` typesets PDFs."""

    def __init__(self, moment: Moment, options: BuildOptions, executor: Executor | None) -> None:
        self.moment = moment
        self.options = options
        self.executor = executor
        self.problems: list[Problem] = []
        self.policies = DatedPolicies(moment, Lineage(moment.archive, moment), options.cache)

    def make(
        self, brands: Sequence[str], progress: Progress
    ) -> Generator[tuple[str, BrandBuild], None, None]:
        """Yield the result of each brand; the next ones are begun while one is finished.

        If it has a PDF, the first is begun alone: that is typeset while the next ones are composed.
        """
        done = 0
        first = BATCH if self.executor is None else 1
        begun: list[_Unfinished] = []
        for at in (0, *range(first, len(brands) + BATCH, BATCH)):
            ready, begun = begun, self._begin_batch(brands[at : at + BATCH if at else first])
            for brand, policies in groupby(ready, key=lambda policy: policy.brand):
                progress(done, len(brands), brand)
                yield brand, _finished(policies)
                done += 1
        progress(done, len(brands), "")

    def _begin_batch(self, brands: Sequence[str]) -> list[_Unfinished]:
        """Compose and date the policies of brands, and begin to typeset them."""
        if not brands:
            return []
        policies = self.policies.of(brands, self.options.locales, proposed=True)
        return [self._begin_policy(composed, policies.workspace) for composed in policies.composed]

    def _begin_policy(self, composed: Composed, workspace: Workspace) -> _Unfinished:
        policy, dating = composed.policy, composed.dating
        if policy is None:
            return _Unfinished(composed.brand, composed.locale, composed.problems)
        try:
            if errors(dating.problems):
                raise InvalidPolicy(dating.problems)
            files, pdfs = self._documents(composed, policy, workspace)
        except InvalidPolicy as fault:
            problems = mild(fault.problems) if composed.proposed else fault.problems
            return _Unfinished(composed.brand, policy.locale, problems)
        built = Built(
            brand=composed.brand,
            locale=policy.locale,
            status=dating.status,
            last_updated=dating.last_updated,
            words_digest=words_digest(policy),
            files=self.options.paths(composed.brand, policy.locale),
            questions=len(policy.questions),
        )
        problems = (*policy.warnings, *dating.problems)
        return _Unfinished(composed.brand, policy.locale, problems, built, files, pdfs)

    def _source(self) -> str:
        """Return the commit that the files are from, or that they were changed after."""
        commit = self.moment.commit or ""
        return commit if self.moment.committed or not commit else f"working copy after {commit}"

    def _documents(
        self, composed: Composed, policy: Policy, workspace: Workspace
    ) -> tuple[dict[str, bytes], dict[str, _Typeset]]:
        """Return the documents of a policy by their paths, and those that are being typeset."""
        source, dating = self.moment.source, composed.dating
        own = workspace.brands[composed.brand]
        style = style_of(source, own, past=self.moment.committed, locale=policy.locale)
        style = style.on(paper_of(workspace, composed.brand, policy.locale))
        files: dict[str, bytes] = {}
        pdfs: dict[str, _Typeset] = {}
        # The PDF first: it is typeset elsewhere while the others are made.
        for format in sorted(self.options.formats, key="pdf".__ne__):
            name = file_name(policy.locale, format)
            match format:
                case "html":
                    files[name] = html(policy, dating, style)
                case "markdown":
                    files[name] = markdown(policy, dating)
                case "json":
                    files[name] = json(policy, dating)
                case "docx":
                    files[name] = docx(policy, dating, style, self._source())
                case _ if self.executor is not None:
                    job = manuscript(policy, dating, style, source)
                    pdfs[name] = _Typeset(job, self.executor, self.options.cache)
        return files, pdfs


def _finished(policies: Iterator[_Unfinished]) -> BrandBuild:
    """Return the result of one brand, once all its documents are made."""
    built: list[Built] = []
    failed: list[tuple[str, str | None]] = []
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for policy in policies:
        try:
            if policy.built is None:
                raise InvalidPolicy(policy.problems)
            files |= {name: typeset.result() for name, typeset in policy.pdfs.items()}
        except InvalidPolicy as fault:
            proposed = policy.built is not None and policy.built.status == "proposed"
            faults = mild(fault.problems) if proposed else fault.problems
            failed += [(policy.brand, policy.locale)] if errors(faults) else []
            problems += faults
            continue
        files |= policy.files
        problems += policy.problems
        built.append(policy.built)
    return BrandBuild(BuildReport(tuple(built), tuple(failed), tuple(problems)), files)


# --- on the workers of a scheduler ---


@dataclass(frozen=True, slots=True)
class BuildWork:
    """What a worker has to know to make the documents of brands."""

    output: Path
    formats: tuple[str, ...]
    locales: tuple[str, ...]
    together: int = 1
    wording: Wording = Wording(  # noqa: RUF009 - it is frozen
        "made", "makes", again="run this again: what is done is kept"
    )

    @property
    def word(self) -> bool:
        """Whether Word documents are made."""
        return DOCX.name in self.formats

    def begin(self, moment: Moment, _root: Path, cache: Cache) -> BrandBuilds:
        """Begin to build the brands of a workspace at a moment."""
        return BrandBuilds(moment, BuildOptions(self.output, self.formats, self.locales, cache))


class BrandBuilds(Inputs):
    """Makes one brand at a time, all of it in this process."""

    def __init__(self, moment: Moment, options: BuildOptions) -> None:
        super().__init__(moment, options.formats, options.cache)
        self.moment = moment
        self.options = options

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self.moment, self.options, _Here())

    def do(self, brand: str) -> BrandBuild:
        """Return a brand's documents; raises the `PublisherError` that stops the build."""
        return dict(self._maker.make((brand,), lambda *_: None))[brand]


class _Here(Executor):
    """Calls functions at once, in this process: it has the limits already."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Do the work at once, and return its result as a future."""
        future: Future[Any] = Future()
        future.set_result(function(*args, **named))
        return future


class ScheduledMaker:
    """Makes the documents of brands on workers, in place of a `Maker`."""

    def __init__(
        self, address: str, root: Path, moment: Moment, options: BuildOptions, inputs: Inputs
    ) -> None:
        from publisher.scheduler.dask import Scheduled

        work = BuildWork(options.output, options.formats, options.locales)
        cached = options.cache.folder is not None
        self.scheduled = Scheduled(address, root, moment, work, inputs, cached=cached)
        self.problems = self.scheduled.problems

    def make(
        self, brands: Sequence[str], progress: Progress
    ) -> Generator[tuple[str, BrandBuild], None, None]:
        """Yield the result of each brand, as it comes."""
        with closing(self.scheduled.results(brands, progress)) as results:
            for brand, result in results:
                yield brand, _failed(brand, result) if isinstance(result, Problem) else result


def _failed(brand: str, problem: Problem) -> BrandBuild:
    return BrandBuild(BuildReport((), ((brand, None),), (problem,)), {})
