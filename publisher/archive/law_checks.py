"""Remarks on what policies say, for every command: now, and at an earlier commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import PurePosixPath
from types import MappingProxyType

from publisher.checks.law import Judged, Lawfulness, judged, lawfulness, master
from publisher.checks.remarks import joined, key_of
from publisher.checks.reviews import Behind, OverTime, Rule
from publisher.checks.sisters import Signs, readable, signs_of
from publisher.checks.unused import unordered_among
from publisher.compose.brands import Composed, compose_all
from publisher.errors import InvalidPolicy, PublisherError
from publisher.history.followers import Before, FirstParentLine, Seen, since_review
from publisher.history.overrides import Override, overrides
from publisher.history.translations import Translation, translations
from publisher.policy.tree import Policy
from publisher.problem import Problem, errors, warning
from publisher.redline.views.marked_lines import in_marks
from publisher.repository.moment import Moment, brand_files, committed
from publisher.workspace import accepted, brands_in, identities_in, load, parsed_brand
from publisher.workspace.facts import Brand
from publisher.workspace.names import brand_file
from publisher.workspace.parsed import Parsed, Workspace


class Judge:
    """Judges what policies say at one moment, brand by brand, with one brand in memory at a time.

    If `everything` is judged, other brands count as they are here. If not, their files are not
    read, and only their names, domains and contacts count, as committed.
    """

    def __init__(self, moment: Moment, today: date, *, everything: bool) -> None:
        self.moment = moment
        self.everything = everything
        self.today = today
        self._master = lru_cache(maxsize=16)(self._composed)

    def of(
        self, own: Workspace, brand: str, policies: Sequence[Policy], over_time: OverTime
    ) -> Judged:
        """Return the remarks on a brand, by its policies; `own` is loaded for it alone."""
        if _broken(own):
            return Judged()
        sisters = own.brands[brand].content.sisters if own.brands[brand].value else ()
        among = replace(own, brands={**load(self.moment.source, sisters).brands, **own.brands})
        used = {(policy.brand.id, policy.locale): policy.files for policy in policies}
        behind = _behind(self.moment, own, used, f"brands/{brand}/", lambda _: self._line)
        known = judged(
            among, brand, policies, self._master, self._signs(policies), over_time, self.today
        )
        return replace(known, behind=tuple(behind))

    def _signs(self, policies: Iterable[Policy]) -> Signs:
        if self.everything:
            return self._all_signs
        return Signs(identities_in(readable(policies), self._files))

    @cached_property
    def _all_signs(self) -> Signs:
        return signs_of(self.moment.source)

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        return brand_files(self.moment)

    @cached_property
    def _line(self) -> FirstParentLine | None:
        return since_review(self.moment)

    def _composed(self, brand: str) -> Policy | None:
        """Return a brand's policy in the master locale, as far as it can be composed."""
        workspace = load(self.moment.source, (brand,))
        return master(workspace, whole(compose_all(workspace, proposed=True)))


def whole(composed: Iterable[Composed]) -> list[Policy]:
    """Return the policies that could be composed."""
    return [one.policy for one in composed if one.policy is not None]


def _broken(workspace: Workspace) -> bool:
    """Return whether a file that all policies read has errors, so that nothing is remarked."""
    return any(file.value is None for file in workspace.shared)


def all_of(moment: Moment, brands: Collection[str]) -> bool:
    """Return whether `brands` are all brands of a workspace."""
    return set(brands) >= set(brands_in(moment.source))


def unordered(moment: Moment, brands: Collection[str]) -> tuple[Problem, ...]:
    """Return an error for each shared clause that `brands` could show, and no brand does.

    Other brands are read only for a clause that none of `brands` shows, and only if they name it.
    """
    files = [parsed_brand(moment.source, brand).value for brand in brands]
    spoken = {locale for file in files if file is not None for locale in file.locales}
    shared = load(moment.source, ())
    own = (load(moment.source, (brand,)) for brand in brands)
    problems = tuple(unordered_among(shared, spoken, own))
    if not problems or all_of(moment, brands):
        return problems
    users = chain(brands, _naming(moment, [problem.path for problem in problems]))
    there = frozenset(brands_in(moment.source))
    loaded = (load(moment.source, (brand,)) for brand in users if brand in there)
    return tuple(unordered_among(shared, spoken, loaded))


def _naming(moment: Moment, clauses: Collection[str]) -> Iterator[str]:
    """Yield the brands whose files name some shared clauses, by the paths of these.

    Those changed since the newest commit come last; git searches that commit for the others.
    """
    ids = [PurePosixPath(path).stem.encode() for path in clauses]
    for brand, data in brand_files(moment).items():
        if any(id in data for id in ids):
            yield brand
    if moment.repository is None or moment.commit is None:
        yield from brands_in(moment.source)
        return
    texts = [f"shared/{PurePosixPath(path).name}" for path in clauses]
    paths = moment.repository.naming(moment.commit, texts, "brands")
    here = () if moment.committed else moment.repository.altered(moment.commit, "brands")
    yield from dict.fromkeys(path.split("/")[1] for path in (*paths, *here))


def settle(  # noqa: PLR0913 - all that there is to settle
    moment: Moment,
    workspace: Workspace,
    judgements: Sequence[Judged],
    used: Used,
    today: date,
    brands: Collection[str],
) -> Lawfulness:
    """Return the remarks on `brands` that nobody accepts, once all of them are judged.

    `workspace` has what all brands share, and the brands, without their clauses; `used` are the
    shared files that policies read. Nothing is remarked where a file that all read has errors.
    """
    if _broken(workspace):
        return Lawfulness((), 0)
    behind = tuple(_behind(moment, workspace, used, "shared/", since_review))
    everything = all_of(moment, brands)
    accepting = accepted(moment.source)
    return lawfulness(
        workspace, judgements, behind, accepting, today, brands, everything=everything
    )


class Judging:
    """Judges brands one after another; for each, it keeps what settling needs, but no texts."""

    def __init__(self, moment: Moment, today: date, brands: Collection[str]) -> None:
        self.moment = moment
        self.today = today
        self.brands = brands
        self._judge = Judge(moment, today, everything=all_of(moment, brands))
        self._judgements: list[Judged] = []
        self._used: dict[tuple[str, str], frozenset[str]] = {}
        self._files: dict[str, Parsed[Brand]] = {}

    def add(
        self,
        own: Workspace,
        brand: str,
        policies: Sequence[Policy],
        updated: Mapping[str, date] = MappingProxyType({}),
    ) -> None:
        """Judge a brand by its policies; `own` is loaded for it alone."""
        self._judgements.append(self._judge.of(own, brand, policies, OverTime(updated)))
        for policy in policies:
            files = frozenset(path for path in policy.files if path.startswith("shared/"))
            self._used[brand, policy.locale] = _one_of(files)
        self._files[brand] = Parsed(brand_file(brand), own.brands[brand].value, ())

    def settled(self) -> Lawfulness:
        """Return the remarks on the brands, once all of them are judged."""
        workspace = replace(load(self.moment.source, ()), brands=self._files)
        return settle(self.moment, workspace, self._judgements, self._used, self.today, self.brands)


@lru_cache(maxsize=64)
def _one_of(files: frozenset[str]) -> frozenset[str]:
    """Return one set for all equal ones: most policies read the same shared files."""
    return files


def remarked(
    moment: Moment,
    brands: Collection[str],
    today: date,
    updated: Mapping[str, date] | None = None,
) -> Lawfulness:
    """Return the remarks on the policies of `brands`.

    `updated` has the day on which each brand's policy last changed, where that matters. Nothing is
    remarked where the files that all policies read have errors.
    """
    judging = Judging(moment, today, brands)
    for brand in brands_in(moment.source):
        if brand in brands:
            own = load(moment.source, (brand,))
            judging.add(own, brand, whole(compose_all(own, proposed=True)), updated or {})
    return judging.settled()


Used = Mapping[tuple[str, str], frozenset[str]]
"""The files that each policy read, by brand and locale."""


def _behind(
    moment: Moment, workspace: Workspace, used: Used, folder: str, before: Before
) -> Iterator[Behind]:
    """Yield the overrides and translations below a folder that fell behind.

    There are none where the history is cut off.
    """
    if moment.repository is None or moment.repository.shallow():
        return
    for override in overrides(moment, workspace, before):
        about = (override.followed, override.hidden)
        yield from _fallen("override-behind", override, (override.brand,), about)
    for one in translations(moment, workspace, folder, before):
        users = tuple(id for id in one.brands if one.path in used.get((id, one.locale), ()))
        yield from _fallen("translation-behind", one, users, (one.name, f"{one.locale} {one.now}"))


def _fallen(
    rule: Rule, follower: Override | Translation, brands: tuple[str, ...], about: tuple[str, str]
) -> Iterator[Behind]:
    """Yield an override or a translation if what it follows changed; `about` names that."""
    since = follower.since
    if brands and since.redline is not None and since.changed is not None:
        line = follower.line if isinstance(follower, Translation) else 1
        clause = PurePosixPath(follower.path).stem
        commits = _named(since.changed), _named(since.reviewed)
        marked = in_marks(since.redline)
        path = follower.path
        yield Behind(rule, brands, clause, path, line, about[0], *commits, marked, about[1])


def _named(seen: Seen | None) -> str:
    """Return a commit in words: "on 2026-11-22 (0a62bd1b0e: Subject)"."""
    if seen is None or not seen.commit:
        return "in what is not committed yet"
    return f"on {seen.day or 'an unknown day'} ({seen.commit[:10]}: {seen.subject})"


def refusals(moment: Moment, brand: str, today: date) -> tuple[Problem, ...]:
    """Return what stops the release of a brand: errors of content, translations that fell behind.

    A version has all languages of a brand, so one that is behind stops it, unless the remark is
    accepted.
    """
    problems = remarked(moment, (brand,), today).problems
    behind = (problem for problem in problems if problem.rule == "translation-behind")
    return (*errors(problems), *(replace(problem, severity="error") for problem in behind))


def counted(problems: Iterable[Problem]) -> Counter[str]:
    """Return how many remarks each brand has; one that several have counts for each."""
    grounds = (problem.grounds for problem in problems if problem.grounds is not None)
    return Counter(chain.from_iterable(one.brands for one in grounds))


def between(
    old: Moment, new: Moment, today: date, brands: Collection[str]
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return the remarks on `brands` that a change brings, and those that it takes away."""
    after, before = (_on_content(moment, today, brands) for moment in (new, old))
    return _but(after, set(map(key_of, before))), _but(before, set(map(key_of, after)))


def _on_content(moment: Moment, today: date, brands: Collection[str]) -> tuple[Problem, ...]:
    with suppress(InvalidPolicy):
        there = [brand for brand in brands if brand in brands_in(moment.source)]
        problems = remarked(moment, there, today).problems
        return tuple(problem for problem in problems if problem.grounds is not None)
    return ()


def _but(problems: Iterable[Problem], keys: set[tuple[str, str]]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if key_of(problem) not in keys)


def grown(
    head: Moment, brand: str, version: str, commit: str | None, today: date
) -> tuple[Problem, ...]:
    """Return a warning if a brand has remarks that it did not have at the version before.

    `commit` is the one that version was released from; there is no warning if it cannot be read.
    """
    if head.repository is None or commit is None:
        return ()
    try:
        brought, _ = between(committed(head.repository, commit), head, today, (brand,))
    except PublisherError:
        return ()
    own = [
        problem
        for problem in brought
        if problem.grounds is not None and brand in problem.grounds.brands
    ]
    if not own:
        return ()
    count = "a remark" if len(own) == 1 else f"{len(own)} remarks"
    rules = joined(tuple(dict.fromkeys(problem.rule for problem in own)))
    message = f"has {count} that its version {version} did not have: {rules}"
    fix = f"see `publisher check {brand}`"
    return (warning("remarks", brand_file(brand), None, message, fix),)
