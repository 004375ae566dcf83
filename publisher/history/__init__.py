"""When a policy's words changed: commits → revisions, and the age of the policy and its clauses.

A revision is a commit on the first-parent line at which the words differ from the commit before.
Each commit that touches a file of the policy is composed, and its words compared; commits that
touch none are skipped.
"""

from publisher.history.age import CUT, Age, Boundary, Subject, ages, day_of, untrue_date
from publisher.history.clause_steps import ClauseStep, Compared, follow, id_today, ids_ever, steps
from publisher.history.walk import Brought, ComposeAt, Former, Gap, Step, Trace

__all__ = [
    "CUT",
    "Age",
    "Boundary",
    "Brought",
    "ClauseStep",
    "Compared",
    "ComposeAt",
    "Former",
    "Gap",
    "Step",
    "Subject",
    "Trace",
    "ages",
    "day_of",
    "follow",
    "id_today",
    "ids_ever",
    "steps",
    "untrue_date",
]
