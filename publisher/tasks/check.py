"""``publisher check``: everything wrong with a workspace, and every open question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from publisher.checks.questions import open_questions
from publisher.checks.text import literal_marks
from publisher.checks.unused import unused_clauses, unused_entries
from publisher.errors import InvalidPolicy
from publisher.model.dating import Dating
from publisher.model.policy import Policy
from publisher.model.problem import Problem, in_order
from publisher.model.workspace import Workspace
from publisher.render.fonts import lacking
from publisher.render.html import html
from publisher.render.style import style_of
from publisher.tasks.policies import compose_all, load_brands
from publisher.tasks.workspaces import Moment, open_workspace


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Every problem, by path and line; `policies` says how many were looked at."""

    policies: int
    problems: tuple[Problem, ...]


def check(root: Path, *, brands: Iterable[str] = (), at: str | None = None) -> CheckReport:
    """Return what is wrong with the workspace in `root`: all of it, or what touches `brands`."""
    brands = tuple(brands)
    with open_workspace(root, at) as moment:
        workspace = load_brands(moment.source, brands)
        composed = compose_all(workspace)
        problems = [problem for each in composed for problem in each.problems]
        problems += workspace.problems
        for each in composed:
            if each.policy is not None:
                problems += _rendering(moment, workspace, each.policy)
    policies = [each.policy for each in composed if each.policy is not None]
    problems += open_questions(policies)
    problems += [problem for policy in policies for problem in literal_marks(policy)]
    if not brands and len(policies) == len(composed):
        used = frozenset(path for policy in policies for path in policy.files)
        problems += unused_clauses(workspace, used)
        problems += unused_entries(workspace)
    return CheckReport(len(composed), in_order(problems))


def _rendering(moment: Moment, workspace: Workspace, policy: Policy) -> tuple[Problem, ...]:
    """Return why a policy's documents could not be made, short of making them all."""
    try:
        own = workspace.brands[policy.brand.id]
        html(policy, Dating("undated"), style_of(moment.source, own, past=moment.committed))
    except InvalidPolicy as fault:
        return fault.problems
    return lacking(policy, moment.source)
