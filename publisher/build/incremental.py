"""Finds brands whose documents would be the same as before, without composing their policies.

The documents of a brand follow from the shared files, those of the brand, the names of all brands,
the newest commit, the newest entry of the brand's ledger, and the tools. Where none of them has
changed, the documents lie in place already, or in the cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from pydantic import TypeAdapter

from publisher.archive.fields import by_number, ledger_folder
from publisher.build.report import BrandBuild, BuildOptions, BuildReport
from publisher.errors import NotFetched
from publisher.files.cache import Cache, key
from publisher.files.format import DOCX
from publisher.files.output import write_folder
from publisher.render.toolchain import tools_digest, word_tools
from publisher.repository.moment import Moment
from publisher.repository.source import Unreadable, read_output
from publisher.workspace import former_names


@dataclass(frozen=True, slots=True)
class _Remembered:
    """The report on a brand, and the SHA-256 of its documents, by their paths in its folder."""

    report: BuildReport
    digests: Mapping[str, str]


@lru_cache
def _remembered() -> TypeAdapter[_Remembered]:
    return TypeAdapter(_Remembered)


class Inputs:
    """Everything that the documents of brands are made from at one moment, as digests."""

    def __init__(self, moment: Moment, formats: Sequence[str], cache: Cache) -> None:
        self.cache = cache
        self.source = moment.source
        self.archive = moment.archive
        prefix = moment.repository.prefix if moment.repository is not None else None
        tools = word_tools() if DOCX.name in formats else ""
        self._moment = repr((formats, tools, moment.commit, moment.committed, prefix))

    @cached_property
    def common(self) -> str | None:
        """The digest of the files that every brand reads, as they were at first."""
        return self.shared()

    def shared(self) -> str | None:
        """Return the digest of the files that every brand reads; None if one is unreadable."""
        try:
            return key(
                "build",
                tools_digest(self.cache),
                self._moment,
                self._content("shared"),
                *(f"{name}/" + self._file(f"brands/{name}/brand.yaml") for name in self.brands()),
            )
        except (Unreadable, NotFetched):
            return None

    def own(self, brand: str) -> str | None:
        """Return the key of a brand's documents; None if a file of it is unreadable."""
        try:
            own = self._content(f"brands/{brand}")
            names = (brand, *former_names(self.source, brand.rstrip("/")).was)
            return key(str(self.common), brand, own, *map(self._newest_entry, names))
        except (Unreadable, NotFetched):
            return None

    def _newest_entry(self, brand: str) -> bytes:
        """Return the newest entry of a brand's ledger; it holds the digest of the one before."""
        folder = ledger_folder(brand)
        names = [name for name in self.archive.list(folder) if name.endswith(".json")]
        last = max(names, key=by_number, default=None)
        return (self.archive.read(f"{folder}/{last}") or b"") if last is not None else b""

    def brands(self) -> list[str]:
        """Return the names of all brands."""
        names = self.source.list("brands")
        return [name.removesuffix("/") for name in names if name.endswith("/")]

    def _file(self, path: str) -> str:
        data = self.source.read(path)
        return "" if data is None else hashlib.sha256(data).hexdigest()

    def _content(self, folder: str) -> str:
        """Return a digest of all files below a folder."""
        return key(*self._below(folder))

    def _below(self, folder: str) -> Iterator[str]:
        """Yield each path below a folder, and the digest of each file."""
        for name in self.source.list(folder):
            path = f"{folder}/{name}"
            yield path
            if name.endswith("/"):
                yield from self._below(path.removesuffix("/"))
            else:
                yield self._file(path)


class Unchanged:
    """Reports on brands from earlier builds; `complete` says that it has a report on each."""

    def __init__(self, inputs: Inputs, options: BuildOptions) -> None:
        self.inputs = inputs
        self.options = options
        self.complete = False
        self._keys: dict[str, str] = {}
        self._results: dict[str, bytes] = {}
        self._known = options.cache.folder is not None and not options.locales

    def reports(self, brands: Sequence[str]) -> dict[str, BuildReport]:
        """Put the documents of unchanged brands in place; return the reports on these.

        Looks at `brands`, or at all.
        """
        if not self._known or self.inputs.common is None:
            return {}
        brands = brands or self.inputs.brands()
        reports = {brand: self._report(brand) for brand in brands}
        self.complete = bool(brands) and None not in reports.values()
        return {brand: report for brand, report in reports.items() if report is not None}

    def keep(self, brand: str, result: BrandBuild) -> None:
        """Note a brand's result without failures, so that `remember` stores it."""
        if brand in self._keys and not result.report.failed:
            keep = self.options.cache.keep
            digests = {path: keep(data) for path, data in result.files.items()}
            built = tuple(replace(policy, files=()) for policy in result.report.built)
            remembered = _Remembered(replace(result.report, built=built), digests)
            self._results[brand] = _remembered().dump_json(remembered)

    def remember(self) -> None:
        """Store the results, if the files are still those that the keys were made from.

        They may have changed between that and composing.
        """
        if not self._results or self.inputs.shared() != self.inputs.common:
            return
        for brand, result in self._results.items():
            name = self.inputs.own(brand)
            if name is not None and name == self._keys[brand]:
                self.options.cache.put(name, result)
        self._results.clear()

    def _report(self, brand: str) -> BuildReport | None:
        name = self.inputs.own(brand)
        if name is None:
            return None
        self._keys[brand] = name
        stored = self.options.cache.get(name)
        if stored is None:
            return None
        remembered = _remembered().validate_json(stored)
        if not self._put_in_place(brand, remembered.digests):
            return None
        paths = self.options.paths
        report = remembered.report
        built = (replace(policy, files=paths(brand, policy.locale)) for policy in report.built)
        return replace(report, built=tuple(built))

    def _put_in_place(self, brand: str, digests: Mapping[str, str]) -> bool:
        """Write the missing documents of a brand; return whether the cache has all of them."""
        folder = self.options.output / brand
        missing: dict[str, bytes] = {}
        for path, digest in digests.items():
            present = read_output(folder / path) or b""
            if hashlib.sha256(present).hexdigest() == digest:
                continue
            data = self.options.cache.find(digest)
            if data is None:
                return False
            missing[path] = data
        if missing:
            write_folder(folder, missing)
        return True
