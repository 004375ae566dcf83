"""``publisher init --example``: three small brands in two languages, with a past.

Lantern has a superseded version, one in force and one to come; Orchard is retired; Harbour is a
draft. All days count from the day that is handed in, and the company, not the git user, commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from publisher.archive.release.release import ReleaseOptions, release
from publisher.errors import GitFailed
from publisher.repository.reading import Repository
from publisher.repository.writing import commit
from publisher.start.surroundings import DATA, new_workspace, surroundings

AUTHOR = "Quayside Trading <policies@quayside.example>"
_ZONE = ZoneInfo("Europe/Brussels")
FIRST_YEAR, LAST_YEAR = 1992, 2098
"""No entry is from before 1990, git reads no date after 2099, and the example has a past."""
_BEGAN = -400


@dataclass(frozen=True, slots=True)
class Edit:
    """A commit, so many days from today; `changes` are old and new texts, each by its file."""

    day: int
    message: str
    changes: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Publication:
    """A release, and the day from which it is in force."""

    day: int
    brand: str
    in_force: int
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """A brand that is given up, from the day after `day`: its text is in force for whole days."""

    day: int
    brand: str
    reason: str


PAST: tuple[Edit | Publication | End, ...] = (
    Publication(-390, "lantern", -390),
    Publication(-389, "orchard", -389),
    Edit(
        -210,
        "Keep messages for a year only",
        {"shared/retention.yaml": ("period: 24 months", "period: 12 months")},
    ),
    Edit(
        -209,
        "Correct a typing error\n\nPolicy-Change: editorial",
        {"shared/clauses/en/objection.md": ("mesage", "message")},
    ),
    Publication(-200, "lantern", -170, "We keep your messages for 12 months, not 24."),
    End(-120, "orchard", "The shop has closed."),
    Edit(
        -20,
        "Add the newsletter of Lantern",
        {
            "brands/lantern/brand.yaml": (
                "processors: [hosting, parcels]\n"
                "retention: [orders, messages]\n"
                "purposes: [sales, enquiries]",
                "processors: [hosting, parcels, letters]\n"
                "retention: [orders, messages, subscriptions]\n"
                "purposes: [sales, enquiries, newsletter]",
            )
        },
    ),
    Publication(-10, "lantern", 20, "Lantern has a newsletter, sent by Pigeon Letters."),
    Edit(
        -2,
        "Say that a letter reaches us, too",
        {
            "shared/clauses/en/contact.md": (").\n", "), or by post to our address.\n"),
            "shared/clauses/nl/contact.md": (").\n", "), of per post naar ons adres.\n"),
        },
    ),
)
"""What happens in the example, in order."""


def init_example(folder: Path, now: datetime, toolkit: str | None = None) -> Path:
    """Make the example in `folder`, and return where it is; its days count from that of `now`.

    The same day and the same tools give the same files and commits. Raises as `init` does.
    """
    folder = folder.absolute()
    contents = surroundings("Quayside Trading BV", toolkit)
    contents |= dict(_texts(DATA / "example"))
    began = _moment(now.date(), _BEGAN)
    message = "Start the privacy policies"
    with new_workspace(folder, contents, message, began, AUTHOR) as root:
        for event in PAST:
            _happen(root, event, now.date())
    return folder


def _texts(folder: Traversable, path: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the texts of the example by path, in the same order everywhere."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _texts(entry, f"{path}{entry.name}/")
        else:
            yield f"{path}{entry.name}", entry.read_bytes()


def _moment(today: date, day: int) -> datetime:
    return datetime.combine(today + timedelta(day), time(10), _ZONE)


def _happen(root: Path, event: Edit | Publication | End, today: date) -> None:
    asked = AppendOptions(_moment(today, event.day), author=AUTHOR)
    match event:
        case Edit():
            _edit(root, event, asked.now)
        case Publication():
            options = ReleaseOptions(today + timedelta(event.in_force), event.summary)
            (outcome,) = release(root, [event.brand], options, asked)
            if outcome.fault is not None:
                raise outcome.fault
        case End():
            tomorrow = asked.now.date() + timedelta(days=1)
            retire(root, event.brand, tomorrow, event.reason, asked)


def _edit(root: Path, edit: Edit, now: datetime) -> None:
    for name, (old, new) in edit.changes.items():
        text = (root / name).read_text(encoding="utf-8")
        (root / name).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    repository = Repository.find(root)
    if repository is None:
        raise GitFailed(f"git reads no repository in {root}; run `publisher doctor`")
    with repository:
        commit(repository, [*edit.changes], edit.message, now, AUTHOR)
