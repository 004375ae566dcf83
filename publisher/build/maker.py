"""Makes the documents of brands: composed, dated and typeset, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from publisher.archive.dated_policies import DatedPolicies
from publisher.archive.lineage import Lineage
from publisher.build.report import BrandBuild, BuildReport, Built
from publisher.compose.brands import brand_names, refuse_unspoken
from publisher.errors import InvalidPolicy
from publisher.files.cache import Cache, key
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import Policy
from publisher.policy.words import words_digest
from publisher.problem import Problem
from publisher.render.documents import file_name
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.pdf import manuscript
from publisher.render.pdf_job import PdfJob
from publisher.render.style import style_of
from publisher.render.toolchain import tools_digest
from publisher.render.worker import Outcome, collect, work
from publisher.repository.moment import Moment
from publisher.workspace.parsed import Workspace

BATCH = 16
"""Brands that are composed and dated side by side; two batches are in memory at a time."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A policy whose documents are there, but for its PDF, or what stops it."""

    brand: str
    locale: str | None
    built: Built | None
    files: dict[str, bytes]
    pdf: tuple[str, _Typeset] | None
    problems: tuple[Problem, ...]


class _Typeset:
    """The PDF of a manuscript: from the cache, or begun elsewhere."""

    def __init__(self, manuscript: PdfJob, executor: Executor, cache: Cache) -> None:
        self.manuscript = manuscript
        self.cache = cache
        self.key = key("pdf", tools_digest(), repr(manuscript))
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
        """Return the PDF, once it is there; raises what stopped it."""
        pdf = collect(self.manuscript, self.future)
        if not self.stored:
            self.cache.put(self.key, self.cache.keep(pdf).encode())
        return pdf


class Maker:
    """Makes the documents of brands at one moment; `executor` typesets, `cache` remembers."""

    def __init__(  # noqa: PLR0913 - they are the command's options
        self,
        moment: Moment,
        output: Path,
        formats: tuple[str, ...],
        locales: tuple[str, ...],
        executor: Executor | None,
        cache: Cache,
    ) -> None:
        self.moment = moment
        self.output = output
        self.formats = formats
        self.locales = locales
        self.executor = executor
        self.cache = cache
        self.policies = DatedPolicies(moment, Lineage(moment.archive), cache)

    def names(self, brands: Sequence[str]) -> tuple[str, ...]:
        """Return `brands`, or the names of all; raises `UnknownName`."""
        names = brand_names(self.moment.source, brands)
        refuse_unspoken(self.moment.source, names, self.locales)
        return names

    def make(
        self, brands: Sequence[str], progress: Callable[[int, int, str], None]
    ) -> Iterator[tuple[str, BrandBuild]]:
        """Yield what becomes of each brand; the next ones are begun while one is finished."""
        done = 0
        begun: list[_Begun] = []
        for at in range(0, len(brands) + BATCH, BATCH):
            ready, begun = begun, self._begin(brands[at : at + BATCH])
            for brand, policies in groupby(ready, key=lambda each: each.brand):
                progress(done, len(brands), brand)
                yield brand, _finished(policies)
                done += 1
        progress(done, len(brands), "")

    def _begin(self, brands: Sequence[str]) -> list[_Begun]:
        """Compose and date the policies of brands, and begin to typeset them."""
        if not brands:
            return []
        workspace, composed = self.policies.of(brands, self.locales)
        return [
            self._documents(each.policy, each.dating, workspace)
            if each.policy is not None
            else _Begun(each.brand, each.locale, None, {}, None, each.problems)
            for each in composed
        ]

    def _documents(self, policy: Policy, dating: Dating, workspace: Workspace) -> _Begun:
        brand = policy.brand.id
        files: dict[str, bytes] = {}
        pdf = None
        try:
            if any(problem.severity == "error" for problem in dating.problems):
                raise InvalidPolicy(dating.problems)
            past = self.moment.committed
            style = style_of(self.moment.source, workspace.brands[brand], past=past)
            for format in self.formats:
                name = file_name(policy.locale, format)
                match format:
                    case "html":
                        files[name] = html(policy, dating, style)
                    case "markdown":
                        files[name] = markdown(policy, dating)
                    case "json":
                        files[name] = json(policy, dating)
                    case _ if self.executor is not None:
                        made_from = manuscript(policy, dating, style, self.moment.source)
                        pdf = name, _Typeset(made_from, self.executor, self.cache)
        except InvalidPolicy as fault:
            return _Begun(brand, policy.locale, None, {}, None, fault.problems)
        folder = self.output / brand
        built = Built(
            brand=brand,
            locale=policy.locale,
            status=dating.status,
            last_updated=dating.last_updated,
            words_digest=words_digest(policy),
            files=tuple(folder / file_name(policy.locale, format) for format in self.formats),
            questions=len(policy.questions),
        )
        problems = (*policy.warnings, *dating.problems)
        return _Begun(brand, policy.locale, built, files, pdf, problems)


def _finished(policies: Iterator[_Begun]) -> BrandBuild:
    """Return what became of one brand, once all its documents are there."""
    built: list[Built] = []
    failed: list[tuple[str, str | None]] = []
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for each in policies:
        try:
            if each.built is None:
                raise InvalidPolicy(each.problems)
            if each.pdf is not None:
                name, typeset = each.pdf
                files[name] = typeset.result()
        except InvalidPolicy as fault:
            failed.append((each.brand, each.locale))
            problems += fault.problems
            continue
        files |= each.files
        problems += each.problems
        built.append(each.built)
    return BrandBuild(BuildReport(tuple(built), tuple(failed), tuple(problems)), files)
