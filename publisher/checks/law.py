"""All rules of the catalogue, on the policies of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from publisher.checks import claims, company, purposes, recipients, retention, rights, wording
from publisher.checks.catalogue import catalogue, countries
from publisher.checks.remarks import Remark, idle, merged, problem, settled
from publisher.checks.reviews import Behind, OverTime, aged, fallen, overdue, stale, unkept
from publisher.checks.sisters import Masters, Signs, leaks, sisters
from publisher.checks.subject import Subject
from publisher.checks.vanished import vanished_in
from publisher.errors import did_you_mean
from publisher.policy.tree import Policy
from publisher.problem import Problem, error
from publisher.workspace.facts import Accepted, Controller
from publisher.workspace.parsed import Parsed, Workspace

_RULES = (
    *purposes.RULES,
    *recipients.RULES,
    *retention.RULES,
    *rights.RULES,
    *company.RULES,
    *wording.RULES,
    *claims.RULES,
)


@dataclass(frozen=True, slots=True)
class Lawfulness:
    """The remarks by the catalogue, and how many remarks are accepted."""

    problems: tuple[Problem, ...]
    accepted: int


@dataclass(frozen=True, slots=True)
class Judged:
    """The remarks on one brand: on its words, on names of others, and on its age.

    `whole` says that none of its released policies is missing, so that these are all remarks.
    `behind` are its overrides and translations that fell behind.
    """

    words: tuple[Remark, ...] = ()
    leaks: tuple[Remark, ...] = ()
    overdue: tuple[Remark, ...] = ()
    aged: tuple[Remark, ...] = ()
    unkept: tuple[Remark, ...] = ()
    whole: bool = False
    behind: tuple[Behind, ...] = ()


def judged(  # noqa: PLR0913 - all that rules look at
    workspace: Workspace,
    brand: str,
    policies: Sequence[Policy],
    masters: Masters,
    signs: Signs,
    over_time: OverTime,
    today: date,
) -> Judged:
    """Return the remarks on a brand, by its policies.

    `workspace` has the brand and its sisters; `masters` returns the policy of a sister, and `signs`
    reveal other brands. `over_time` is what is known of the brand's history.
    """
    own = {policy.brand.id: policy for policy in (master(workspace, policies),) if policy}
    subjects = [Subject(workspace, brand, policy) for policy in own.values()]
    file, composed = workspace.brands[brand].value, {policy.locale for policy in policies}
    return Judged(
        tuple(
            one
            for subject in subjects
            for one in (*(r for rule in _RULES for r in rule(subject)), *sisters(subject, masters))
        ),
        tuple(leaks(workspace, policies, signs)),
        tuple(one for one in overdue(workspace, today) if not one.spot[0].startswith("shared/")),
        tuple(aged(workspace, over_time, today)),
        tuple(unkept(workspace, own.values(), over_time)),
        file is not None and composed >= {*file.locales},
    )


def lawfulness(  # noqa: PLR0913 - all that there is to settle
    workspace: Workspace,
    judgements: Sequence[Judged],
    behind: tuple[Behind, ...],
    accepted: Parsed[Accepted],
    today: date,
    brands: Collection[str],
    *,
    everything: bool,
) -> Lawfulness:
    """Return the remarks on the policies of `brands`.

    `judgements` are on these; if they are `everything`, useless acceptances are known. `workspace`
    has the brands, without their clauses, and what all share; `behind` are the translations there
    that fell behind.
    """
    laws, brands = _laws(workspace), frozenset(brands)
    followers = [*behind, *(one for judgement in judgements for one in judgement.behind)]
    remarks = [
        one
        for one in (
            *(one for judgement in judgements for one in judgement.words),
            *(one for judgement in judgements for one in judgement.leaks),
            *overdue(workspace, today),
            *(one for judgement in judgements for one in judgement.overdue),
            *fallen(sorted(followers, key=lambda one: (one.rule, one.path, one.line))),
            *(one for judgement in judgements for one in judgement.aged),
            *(one for judgement in judgements for one in judgement.unkept),
        )
        if any(catalogue().rules[one.rule].profile in laws[id] for id in one.brands or laws)
    ]
    names = {id: brand.value.name for id, brand in workspace.brands.items() if brand.value}
    wanted = tuple(one for one in remarks if _concerns(one, brands))
    open_remarks = [problem(one, names) for one in merged(wanted)]
    problems, count = settled(open_remarks, accepted, today)
    every = [problem(one, names) for one in merged(remarks)]
    known = everything and all(one.whole for one in judgements)
    unused = idle(accepted, every) if known else ()
    faults = (*unknown_laws(workspace), *accepted.problems, *vanished_in(accepted, Accepted))
    return Lawfulness((*problems, *unused, *faults, *stale(workspace, today)), count)


def _concerns(one: Remark, brands: Collection[str]) -> bool:
    """Return whether a remark is on one of some brands, or on shared files."""
    if one.brands:
        return one.brands[0] in brands
    folder, _, rest = one.spot[0].partition("/")
    return folder != "brands" or rest.partition("/")[0] in brands


def master(workspace: Workspace, policies: Iterable[Policy]) -> Policy | None:
    """Return one of a brand's policies: the one in the master locale, or the first."""
    chosen, locale = None, workspace.company.content.master_locale
    for policy in policies:
        if chosen is None or policy.locale == locale:
            chosen = policy
    return chosen


def _laws(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Return the laws to check for each brand: those of its company, if that can be read."""
    companies = {
        id: workspace.company_of(id).value for id, brand in workspace.brands.items() if brand.value
    }
    company = workspace.company.content
    return {id: profiles(companies.get(id) or company) for id in workspace.brands}


def profiles(company: Controller) -> frozenset[str]:
    """Return the laws to check: the company's `profiles`, or the default for its country."""
    if company.profiles is not None:
        return frozenset((*company.profiles, "ops"))
    own = ("be",) if company.country == "BE" else ()
    return frozenset(("gdpr", "eprivacy", "ops", *own))


def unknown_laws(workspace: Workspace) -> Iterator[Problem]:
    """Yield an error for each law named by a category that the catalogue does not have."""
    registry = workspace.retention
    for id, category in registry.value.root.items() if registry.value else ():
        if category.law is not None and category.law not in countries().keep:
            known = ", ".join(countries().keep)
            fix = did_you_mean(category.law, countries().keep) or f"known here: {known}"
            line = registry.line(id, "law")
            yield error("value", registry.path, line, f"there is no law '{category.law}'", fix)
