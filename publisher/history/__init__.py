"""When a policy's words changed: commits → revisions, and the age of the policy and its clauses.

A revision is a commit on the first-parent line at which the words differ from the commit before.
Only composing decides: each commit that touches a file which the policy reads is composed and its
words compared; commits that touch none are passed over unread.
"""

from publisher.history.age import Age, Boundary, Subject, ages, day_of, untrue_date
from publisher.history.merges import Brought, ComposeAt

__all__ = [
    "Age",
    "Boundary",
    "Brought",
    "ComposeAt",
    "Subject",
    "ages",
    "day_of",
    "untrue_date",
]
