"""Renders the documents of a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from publisher.errors import InvalidPolicy
from publisher.files.format import file_name
from publisher.policy.dating import Dating
from publisher.policy.json import json
from publisher.policy.tree import Policy
from publisher.problem import Problem
from publisher.render.markdown import markdown
from publisher.render.page import html
from publisher.render.pdf import manuscript
from publisher.render.style import Style, paper_of, plain_style, style_of
from publisher.render.worker import collect, cores, work, workers
from publisher.repository.moment import Moment
from publisher.repository.source import Source
from publisher.workspace import brands_in, load
from publisher.workspace.facts import Brand
from publisher.workspace.parsed import Parsed, Workspace
from publisher.workspace.theme import RefusedTheme
from publisher.workspace.validate import validate


def style_today(source: Source, brands: Iterable[str], locale: str) -> Style:
    """Return the style of the first of some brands that a source still has, or a plain one.

    It has the paper of that brand in a locale. Raises `InvalidPolicy` if its theme cannot be used.
    """
    there = brands_in(source)
    for brand in brands:
        workspace = load(source, (brand,)) if brand in there else None
        if workspace is not None and workspace.brands[brand].value is not None:
            style = style_of(source, workspace.brands[brand], past=True)
            return style.on(paper_of(workspace, brand, locale))
    return plain_style()


def past_style(source: Source, own: Parsed[Brand]) -> tuple[Style, tuple[Problem, ...]]:
    """Return the style of a brand at a past commit; a plain one where rules since then refuse it.

    No rule on looks may keep the words of the past from being read. The problems are those of the
    look that is refused.
    """
    theme = own.content.theme
    if isinstance(theme, RefusedTheme):
        _, problems = validate(own.path, Brand, own.document)
        return plain_style(), tuple(one for one in problems if "'theme" in one.message)
    try:
        return style_of(source, own, past=True), ()
    except InvalidPolicy as fault:
        return plain_style(theme.accent), fault.problems


def frozen_documents(
    moment: Moment,
    workspace: Workspace,
    policies: Mapping[str, Policy],
    datings: Mapping[str, Dating],
    *,
    past: bool = False,
) -> dict[str, bytes]:
    """Return all documents of a brand's policies by their paths, rendered without a cache.

    `past` is for a commit whose theme `style_of` may refuse today: its words count, so that it gets
    a plain look then. Raises `InvalidPolicy`, `LibraryMissing`.
    """
    files = {}
    with workers(min(len(policies), cores())) as executor:
        typeset = {}
        for locale, policy in policies.items():
            dating = datings[locale]
            own = workspace.brands[policy.brand.id]
            style = past_style(moment.source, own)[0] if past else style_of(moment.source, own)
            style = style.on(paper_of(workspace, policy.brand.id, locale))
            files[file_name(locale, "html")] = html(policy, dating, style)
            files[file_name(locale, "markdown")] = markdown(policy, dating)
            files[file_name(locale, "json")] = json(policy, dating)
            job = manuscript(policy, dating, style, moment.source)
            typeset[locale] = job, executor.submit(work, job)
        for locale, (job, future) in typeset.items():
            files[file_name(locale, "pdf")] = collect(job, future)
    return files
