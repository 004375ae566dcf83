"""Composes the policies that a command needs, each with its problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from publisher.compose import compose, unplaced
from publisher.errors import AskedWrongly, InvalidPolicy, UnknownName
from publisher.policy.dating import UNDATED, Dating
from publisher.policy.tree import Policy
from publisher.problem import Problem, error, in_order, mild, warning
from publisher.render.languages import known
from publisher.render.own_texts import own_texts, unspoken
from publisher.repository.moment import refuse_left_out
from publisher.repository.source import FolderSource, Source
from publisher.workspace import brands_in, load
from publisher.workspace.names import brands_among
from publisher.workspace.parsed import Where, Workspace

Progress = Callable[[int, int, str], None]
"""Called with the number of brands or policies done, the number of all, and the next one."""


@dataclass(frozen=True, slots=True)
class Composed:
    """One brand's policy in one locale, or the problems that it has instead.

    `locale` is None if the faults of the brand's file leave its locales unknown. `dating` is that
    of the policy, if a caller has added it. `proposed`: its locale is only proposed, so that its
    problems are not errors.
    """

    brand: str
    locale: str | None
    policy: Policy | None
    problems: tuple[Problem, ...] = ()
    dating: Dating = UNDATED
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of brands in one workspace, in the order of the brands and their locales."""

    workspace: Workspace
    composed: tuple[Composed, ...]

    @property
    def whole(self) -> dict[tuple[str, str], Policy]:
        """The policies without errors, by brand and locale."""
        return {
            (one.brand, one.locale): one.policy
            for one in self.composed
            if one.policy is not None and one.locale is not None
        }

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the other policies."""
        return tuple(problem for one in self.composed for problem in one.problems)


def policies_at(
    source: Source,
    brands: Iterable[str] = (),
    locales: Iterable[str] = (),
    *,
    proposed: bool = False,
) -> Policies:
    """Return the policies of `brands` in a source, or of all, in all locales or in `locales`.

    Those that are only `proposed` are left out, unless they are asked for. An invalid file is a
    problem of the policies that need it. Raises `UnknownName` for an unknown brand, `AskedWrongly`
    if there is no brand.
    """
    workspace = load_brands(source, brands)
    return Policies(workspace, compose_all(workspace, locales, proposed=proposed))


def brand_names(source: Source, brands: Iterable[str]) -> tuple[str, ...]:
    """Return `brands`, or the names of all; raises `UnknownName` for an unknown one."""
    named = tuple(dict.fromkeys(brands))
    if isinstance(source, FolderSource):
        refuse_left_out(source.root, named)
    if named and brands_among(source, named) == set(named):
        return named
    there = brands_in(source)
    if not there:
        raise AskedWrongly(
            "there are no brands here: a brand is a folder with brands/NAME/brand.yaml"
        )
    for brand in named:
        if brand not in there:
            raise UnknownName("brand", brand, there)
    return there


def load_brands(source: Source, brands: Iterable[str]) -> Workspace:
    """Load the workspace for `brands`, or all; raises `UnknownName` for an unknown one."""
    brands = tuple(brands)
    names = brand_names(source, brands)
    return load(source, names if brands else None)


def refuse_unspoken(source: Source, brands: Iterable[str], locales: Iterable[str]) -> None:
    """Raise `UnknownName` for a locale that none of `brands` has, as far as their files say."""
    locales = tuple(locales)
    if not locales:
        return
    files = load(source, brands).brands.values()
    if any(brand.value is None for brand in files):
        return
    spoken = {locale for brand in files if brand.value for locale in brand.value.built}
    for locale in locales:
        if locale not in spoken:
            raise UnknownName("locale", locale, spoken)


def compose_all(
    workspace: Workspace, locales: Iterable[str] = (), *, proposed: bool = False
) -> tuple[Composed, ...]:
    """Compose the policy of every brand loaded, in all its locales or only in `locales`.

    Those that are only `proposed` are left out, unless they are asked for.
    """
    wanted = tuple(locales)
    return tuple(
        composed
        for brand in workspace.brands
        for composed in _brand(workspace, brand, wanted, proposed=proposed)
    )


def _brand(
    workspace: Workspace, brand: str, wanted: tuple[str, ...], *, proposed: bool
) -> Iterator[Composed]:
    """Yield a brand's policies in the locales that are `wanted`, or in all if none is."""
    parsed = workspace.brands[brand]
    if parsed.value is None:
        yield Composed(brand, None, None, in_order(parsed.problems))
        return
    misplaced = _misplaced(workspace, brand, None)
    for at, locale in enumerate(parsed.value.locales):
        if not wanted or locale in wanted:
            yield _one(workspace, brand, locale, ("locales", at), misplaced)
    for at, locale in enumerate(parsed.value.proposed if proposed else ()):
        if not wanted or locale in wanted:
            yield _proposal(workspace, brand, locale, ("proposed", at))


def _proposal(workspace: Workspace, brand: str, locale: str, where: Where) -> Composed:
    """Return a brand's proposed policy; its problems are not errors."""
    misplaced = _misplaced(workspace, brand, locale)
    composed = replace(_one(workspace, brand, locale, where, misplaced), proposed=True)
    if composed.policy is not None:
        return composed
    file = workspace.brands[brand]
    message, fix = f"the proposal in {locale} has errors", "fix them to see it built"
    remark = warning("proposed", file.path, file.document.line(where), message, fix)
    return replace(composed, problems=in_order((*mild(composed.problems), remark)))


def _misplaced(workspace: Workspace, brand: str, proposed: str | None) -> tuple[Problem, ...]:
    """Return a problem for each clause file that is in no policy of a brand.

    These are its policy in the `proposed` locale, or all released ones.
    """
    tongues = workspace.brands[brand].content.proposed
    problems = ((problem.path.split("/")[3], problem) for problem in unplaced(workspace, brand))
    return tuple(
        problem
        for tongue, problem in problems
        if tongue == proposed or (proposed is None and tongue not in tongues)
    )


def _one(
    workspace: Workspace, brand: str, locale: str, where: Where, misplaced: tuple[Problem, ...]
) -> Composed:
    """Return a brand's policy in the locale that its file names in the place `where`."""
    problems = list(misplaced)
    if not known(locale) and own_texts(workspace.texts, locale) == (None, ()):
        file = workspace.brands[brand]
        message, fix = unspoken(locale)
        problems.append(error("labels", file.path, file.document.line(where), message, fix))
    try:
        policy = compose(workspace, brand, locale)
    except InvalidPolicy as fault:
        return Composed(brand, locale, None, in_order((*problems, *fault.problems)))
    return Composed(brand, locale, None if problems else policy, in_order(problems))
