"""All rules of the catalogue, on the policies of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from publisher.checks import claims, company, purposes, recipients, retention, rights, wording
from publisher.checks.catalogue import catalogue, countries
from publisher.checks.remarks import Remark, idle, merged, problem, settled
from publisher.checks.reviews import NOTHING, OverTime, aged, fallen, overdue, stale, unkept
from publisher.checks.sisters import leaks, sisters
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
    """What the catalogue remarks, and how many remarks are accepted."""

    problems: tuple[Problem, ...]
    accepted: int


def lawfulness(  # noqa: PLR0913 - all that rules look at
    workspace: Workspace,
    policies: Iterable[Policy],
    accepted: Parsed[Accepted],
    today: date,
    brands: Collection[str],
    over_time: OverTime = NOTHING,
) -> Lawfulness:
    """Return what a lawyer would remark on the policies of `brands`.

    Workspace and policies are those of all brands, since some rules look from one to another.
    `over_time` is what is known of the history.
    """
    policies = tuple(policies)
    laws = _laws(workspace)
    idlers = bool(accepted.value and accepted.value.root)
    among = frozenset(workspace.brands if idlers else brands)
    remarks = [
        one
        for one in (
            *_remarks(workspace, policies, today, among),
            *fallen(over_time),
            *aged(workspace, over_time, today),
            *unkept(workspace, _masters(workspace, policies).values(), over_time),
        )
        if any(catalogue().rules[one.rule].profile in laws[id] for id in one.brands or laws)
    ]
    names = {id: brand.value.name for id, brand in workspace.brands.items() if brand.value}
    wanted = tuple(one for one in remarks if _concerns(one, brands))
    open_remarks = [problem(one, names) for one in merged(wanted)]
    problems, count = settled(open_remarks, accepted, today)
    every = [problem(one, names) for one in merged(remarks)]
    unused = idle(accepted, every) if _complete(workspace, policies) else ()
    faults = (*unknown_laws(workspace), *accepted.problems, *vanished_in(accepted, Accepted))
    return Lawfulness((*problems, *unused, *faults, *stale(workspace, today)), count)


def _concerns(one: Remark, brands: Collection[str]) -> bool:
    """Return whether a remark is on one of some brands, or on what all share."""
    if one.brands:
        return one.brands[0] in brands
    folder, _, rest = one.spot[0].partition("/")
    return folder != "brands" or rest.partition("/")[0] in brands


def _complete(workspace: Workspace, policies: tuple[Policy, ...]) -> bool:
    """Return whether no policy is missing, so that it is known which remarks there are."""
    composed = {(policy.brand.id, policy.locale) for policy in policies}
    return all(
        brand.value is not None and all((id, locale) in composed for locale in brand.value.locales)
        for id, brand in workspace.brands.items()
    )


def _remarks(
    workspace: Workspace, policies: tuple[Policy, ...], today: date, among: Collection[str]
) -> Iterator[Remark]:
    """Yield what the rules remark on the brands `among` all, each by itself."""
    chosen = _masters(workspace, policies)
    for policy in (policy for id, policy in chosen.items() if id in among):
        subject = Subject(workspace, policy.brand.id, policy)
        for rule in _RULES:
            yield from rule(subject)
        yield from sisters(subject, chosen)
    yield from leaks(workspace, (policy for policy in policies if policy.brand.id in among))
    yield from overdue(workspace, today)


def _masters(workspace: Workspace, policies: Iterable[Policy]) -> dict[str, Policy]:
    """Return one policy of each brand: that in the master locale, or else its first."""
    chosen: dict[str, Policy] = {}
    master = workspace.company.content.master_locale
    for policy in policies:
        if policy.brand.id not in chosen or policy.locale == master:
            chosen[policy.brand.id] = policy
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
    """Yield an error for each law that a category names and the catalogue does not have."""
    registry = workspace.retention
    for id, category in registry.value.root.items() if registry.value else ():
        if category.law is not None and category.law not in countries().keep:
            known = ", ".join(countries().keep)
            fix = did_you_mean(category.law, countries().keep) or f"known here: {known}"
            line = registry.line(id, "law")
            yield error("value", registry.path, line, f"there is no law '{category.law}'", fix)
