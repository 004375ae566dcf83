"""``publisher build``: what would be published, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from publisher.errors import InvalidPolicy, UnknownName
from publisher.model.dating import Dating, Status
from publisher.model.policy import Policy
from publisher.model.problem import Problem, in_order
from publisher.model.words import words_digest
from publisher.model.workspace import Workspace
from publisher.output import write_folder
from publisher.render.style import Style, style_of
from publisher.tasks.dates import Dates
from publisher.tasks.policies import Composed, compose_all, load_brands
from publisher.tasks.workspaces import Moment, open_workspace

FORMATS = {"html": "html", "pdf": "pdf", "markdown": "md", "json": "json"}
"""The formats, and what their files' names end in."""

_ALIASES = {"md": "markdown"}

Progress = Callable[[int, int, str], None]
"""Told how many policies of how many are done, and which one is next."""


@dataclass(frozen=True, slots=True)
class Built:
    """One policy that was built. `files` are where it was written, in the order asked for."""

    brand: str
    locale: str
    status: Status
    last_updated: date | None
    words_digest: str
    files: tuple[Path, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build came to; `failed` are the brands, with locales, that have errors instead."""

    built: tuple[Built, ...]
    failed: tuple[tuple[str, str | None], ...]
    problems: tuple[Problem, ...]


def build(  # noqa: PLR0913 - they are the command's options
    root: Path,
    output: Path,
    *,
    brands: Iterable[str] = (),
    locales: Iterable[str] = (),
    formats: Iterable[str] = (),
    at: str | None = None,
    progress: Progress = lambda *_: None,
) -> BuildReport:
    """Write the policies of the workspace in `root` below `output`, and say what became of each.

    Builds all brands, locales and formats unless some are named; `at` names a revision to build
    instead of the working tree, with the dates that it had then. A policy with errors is not
    written, and stops no other. Raises `UnknownName`, `UnknownRevision`, `ShallowClone`,
    `GitFailed`, `CannotWrite`, `LibraryMissing`.
    """
    formats = tuple(dict.fromkeys(_ALIASES.get(name, name) for name in formats)) or tuple(FORMATS)
    for name in formats:
        if name not in FORMATS:
            raise UnknownName("format", name, FORMATS)
    with open_workspace(root, at) as moment:
        workspace = load_brands(moment.source, brands)
        composed = compose_all(workspace, locales)
        builder = _Builder(moment, workspace, output, formats)
        done = 0
        for brand, policies in groupby(composed, key=lambda each: each.brand):
            files: dict[str, bytes] = {}
            for each in policies:
                progress(done, len(composed), f"{each.brand}/{each.locale}")
                files |= builder.files(each)
                done += 1
            if files:
                write_folder(output / brand, files)
        progress(done, len(composed), "")
    return BuildReport(tuple(builder.built), tuple(builder.failed), in_order(builder.problems))


class _Builder:
    def __init__(
        self, moment: Moment, workspace: Workspace, output: Path, formats: tuple[str, ...]
    ) -> None:
        self.moment = moment
        self.workspace = workspace
        self.output = output
        self.formats = formats
        self.dates = Dates(moment)
        self.built: list[Built] = []
        self.failed: list[tuple[str, str | None]] = []
        self.problems: list[Problem] = []

    def files(self, composed: Composed) -> dict[str, bytes]:
        """Date and render one policy; return its files, by their paths in the brand's folder.

        None where it has problems, which are taken down.
        """
        try:
            if composed.policy is None:
                raise InvalidPolicy(composed.problems)
            return self.rendered(composed.policy)
        except InvalidPolicy as fault:
            self.failed.append((composed.brand, composed.locale))
            self.problems += fault.problems
            return {}

    def rendered(self, policy: Policy) -> dict[str, bytes]:
        own = self.workspace.brands[policy.brand.id]
        style = style_of(self.moment.source, own)
        dating = self.dates.of(policy, own.content)
        self.problems += dating.problems
        files = {
            f"{policy.locale}/policy.{FORMATS[name]}": render(name, policy, dating, style)
            for name in self.formats
        }
        self.built.append(
            Built(
                brand=policy.brand.id,
                locale=policy.locale,
                status=dating.status,
                last_updated=dating.last_updated,
                words_digest=words_digest(policy),
                files=tuple(self.output / policy.brand.id / name for name in files),
                questions=len(policy.questions),
            )
        )
        return files


def render(name: str, policy: Policy, dating: Dating, style: Style) -> bytes:
    """Return a policy in the format `name`; raises `InvalidPolicy` where it cannot be rendered."""
    match name:
        case "html":
            from publisher.render.html import html

            return html(policy, dating, style)
        case "markdown":
            from publisher.render.markdown import markdown

            return markdown(policy, dating)
        case "json":
            from publisher.render.json import json

            return json(policy, dating)
    from publisher.render.pdf import pdf

    return pdf(policy, dating, style)
