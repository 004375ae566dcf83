"""Finds brands that a build would make as it made them before, without reading what they say.

What a build makes of a brand follows from the files that are shared, those of the brand, what the
brands are called, the newest commit, the newest entry of its
ledger, and the tools. Where none of them has changed, the documents
are already there, or in the cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from publisher.archive.folder import by_number
from publisher.archive.ledger import ledger_folder
from publisher.build.report import BrandBuild, BuildReport, Built
from publisher.errors import NotFetched
from publisher.files.cache import Cache, key
from publisher.files.output import write_folder
from publisher.problem import Problem
from publisher.render.documents import file_name
from publisher.render.toolchain import tools_digest
from publisher.repository.moment import Moment
from publisher.repository.source import Unreadable
from publisher.workspace import former_names


class Unchanged:
    """Knows the builds of before by what they were made from; `complete` says that all are."""

    def __init__(
        self,
        moment: Moment,
        output: Path,
        formats: tuple[str, ...],
        locales: tuple[str, ...],
        cache: Cache,
    ) -> None:
        self.source = moment.source
        self.archive = moment.archive
        self.output = output
        self.formats = formats
        self.cache = cache
        self.complete = False
        self._keys: dict[str, str] = {}
        self._made: dict[str, bytes] = {}
        self._common: str | None = None
        if cache.folder is None or locales:
            return
        prefix = moment.repository.prefix if moment.repository is not None else None
        self._moment = repr((formats, moment.commit, moment.committed, prefix))
        self._common = self._shared()

    def reports(self, brands: Sequence[str]) -> dict[str, BuildReport]:
        """Put the documents in place that need not be made; return the reports on their brands.

        Looks at `brands`, or at all.
        """
        if self._common is None:
            return {}
        brands = brands or [name.removesuffix("/") for name in self._brands()]
        found = {brand: self._report(brand) for brand in brands}
        self.complete = bool(brands) and None not in found.values()
        return {brand: report for brand, report in found.items() if report is not None}

    def keep(self, brand: str, made: BrandBuild) -> None:
        """Take down what was made of a brand, if it is all well, to be remembered."""
        name = self._keys.get(brand)
        if name is None or made.report.failed:
            return
        digests = {path: self.cache.keep(data) for path, data in made.files.items()}
        entry = {
            "built": [{**asdict(each), "files": None} for each in made.report.built],
            "problems": [asdict(each) for each in made.report.problems],
            "files": digests,
        }
        self._made[brand] = json.dumps(entry, default=str).encode()

    def remember(self) -> None:
        """Remember what was taken down, if its files are still those that it was looked up by.

        Somebody may have changed them after that and before they were composed.
        """
        if not self._made or self._shared() != self._common:
            return
        for brand, entry in self._made.items():
            name = self._key(brand)
            if name is not None and name == self._keys[brand]:
                self.cache.put(name, entry)

    def _report(self, brand: str) -> BuildReport | None:
        name = self._key(brand)
        if name is None:
            return None
        self._keys[brand] = name
        stored = self.cache.get(name)
        if stored is None:
            return None
        entry = json.loads(stored)
        if not self._put_in_place(self.output / brand, entry["files"]):
            return None
        return BuildReport(
            built=tuple(self._built(each) for each in entry["built"]),
            failed=(),
            problems=tuple(Problem(**each) for each in entry["problems"]),
        )

    def _built(self, said: dict[str, Any]) -> Built:
        day = said["last_updated"]
        folder = self.output / said["brand"]
        files = tuple(folder / file_name(said["locale"], format) for format in self.formats)
        return Built(**{**said, "last_updated": day and date.fromisoformat(day), "files": files})

    def _put_in_place(self, folder: Path, digests: dict[str, str]) -> bool:
        """Write those of a brand's documents that are not there; return whether they are known."""
        missing: dict[str, bytes] = {}
        for path, digest in digests.items():
            try:
                there = (folder / path).read_bytes()
            except OSError:
                there = b""
            if hashlib.sha256(there).hexdigest() == digest:
                continue
            data = self.cache.find(digest)
            if data is None:
                return False
            missing[path] = data
        if missing:
            write_folder(folder, missing)
        return True

    # --- what a build is made from ---

    def _shared(self) -> str | None:
        """Return the digest of what all brands are made from; None where it cannot be read."""
        try:
            return key(
                "build",
                tools_digest(),
                self._moment,
                self._content("shared"),
                *(name + self._file(f"brands/{name}brand.yaml") for name in self._brands()),
            )
        except (Unreadable, NotFetched):
            return None

    def _key(self, brand: str) -> str | None:
        """Return the key of what a brand is made from; None where it cannot be read."""
        try:
            own = self._content(f"brands/{brand}")
            names = (brand, *former_names(self.source, brand.rstrip("/")).was)
            return key(str(self._common), brand, own, *map(self._newest_entry, names))
        except (Unreadable, NotFetched):
            return None

    def _newest_entry(self, brand: str) -> bytes:
        """Return the newest entry of a brand's ledger, which holds the digest of those before."""
        folder = ledger_folder(brand)
        names = [name for name in self.archive.list(folder) if name.endswith(".json")]
        last = max(names, key=by_number, default=None)
        return (self.archive.read(f"{folder}/{last}") or b"") if last is not None else b""

    def _brands(self) -> list[str]:
        return [name for name in self.source.list("brands") if name.endswith("/")]

    def _file(self, path: str) -> str:
        data = self.source.read(path)
        return "" if data is None else hashlib.sha256(data).hexdigest()

    def _content(self, folder: str) -> str:
        """Return a digest of all that lies below a folder."""
        return key(*self._below(folder))

    def _below(self, folder: str) -> Iterator[str]:
        """Yield the path of all that lies below a folder, and the digest of each file."""
        for name in self.source.list(folder):
            path = f"{folder}/{name}"
            yield path
            if name.endswith("/"):
                yield from self._below(path.removesuffix("/"))
            else:
                yield self._file(path)
