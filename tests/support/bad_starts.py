"""What goes wrong with ``publisher init``, and what users are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.messages import FOLDER

COMPANY = ("--company", "Acme NV")
BRAND = ("--brand", "alpha=alpha.example")
WHOLE = (*COMPANY, *BRAND)


def _nothing(folder: Path) -> None:
    """Leave the place as it is: there is no folder."""


def _occupied(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def _file(folder: Path) -> None:
    folder.write_text("mine")


@dataclass(frozen=True)
class StartCase:
    """A call of ``publisher init new`` that is refused."""

    what: str
    arguments: tuple[str, ...]
    message: str
    code: int = 2
    prepare: Callable[[Path], None] = _nothing
    environment: tuple[tuple[str, str], ...] = ()


CASES = (
    StartCase(
        "a folder with files",
        WHOLE,
        f"{FOLDER} exists already, and is not empty; name a new folder",
        prepare=_occupied,
    ),
    StartCase(
        "a file in the place of the folder",
        WHOLE,
        f"{FOLDER} exists already, and is not empty; name a new folder",
        prepare=_file,
    ),
    StartCase(
        "no brand, and nobody to ask",
        COMPANY,
        "a company has a name and a brand; add --company NAME and --brand ID=DOMAIN",
    ),
    StartCase(
        "a company without a name",
        ("--company", "  ", *BRAND),
        "--company takes the name of the company, as its policies name it",
    ),
    StartCase(
        "a brand without a domain",
        (*COMPANY, "--brand", "alpha"),
        "--brand takes an id and a domain such as shop=shop.example, in lower-case letters, "
        "not 'alpha'",
    ),
    StartCase(
        "a brand twice",
        (*WHOLE, "--brand", "alpha=other.example"),
        "--brand names 'alpha' twice; name it once",
    ),
    StartCase(
        "a language without labels",
        (*WHOLE, "--locale", "sv"),
        "the toolkit has no labels for 'sv'; --locale takes one of de, el, en, es, fr, it, nl, pl, pt, "
        "or one of a territory: en-US",
    ),
    StartCase(
        "no language tag",
        (*WHOLE, "--locale", "English"),
        "--locale takes a language tag such as en or nl-BE, not 'English'",
    ),
    StartCase(
        "a language twice",
        (*WHOLE, "--locale", "nl", "--locale", "nl"),
        "--locale names 'nl' twice; name it once",
    ),
    StartCase(
        "no country",
        (*WHOLE, "--country", "Belgium"),
        "--country takes two letters such as BE or US, not 'Belgium'",
    ),
    StartCase(
        "no mailbox",
        (*WHOLE, "--contact", "alpha.example"),
        "--contact takes a mailbox such as privacy@shop.example, or a web form such as "
        "https://shop.example/ask, not 'alpha.example'",
    ),
    StartCase(
        "no time zone",
        (*WHOLE, "--timezone", "CET+1"),
        "--timezone takes a time zone such as Europe/Brussels, not 'CET+1'",
    ),
    StartCase(
        "a wheel that is missing",
        (*WHOLE, "--toolkit", "dist/gone.whl"),
        "the wheel dist/gone.whl cannot be read: no such file or directory; name one that exists",
    ),
    StartCase(
        "a toolkit of two lines",
        (*WHOLE, "--toolkit", "one\ntwo"),
        "--toolkit takes one line, as for pip: an address, or a wheel's file",
    ),
    StartCase(
        "an example of a company",
        ("--example", *COMPANY),
        "--example has a company of its own; leave --company, --brand, --locale, --country, "
        "--contact and --timezone out",
    ),
    StartCase(
        "a day without an example",
        (*WHOLE, "--today", "2026-11-26"),
        "--today is for --example only; leave it out, or add --example",
    ),
    StartCase(
        "no day",
        ("--example", "--today", "26.11.2026"),
        "--today takes a calendar day such as 2026-11-22, not '26.11.2026'",
    ),
    StartCase(
        "an example before entries begin",
        ("--example", "--today", "1990-01-01"),
        "--today takes a day from 1992 to 2098, not '1990-01-01': the past of another cannot be "
        "written",
    ),
    StartCase(
        "an example after git's time",
        ("--example", "--today", "9999-12-31"),
        "--today takes a day from 1992 to 2098, not '9999-12-31': the past of another cannot be "
        "written",
    ),
    StartCase(
        "git does not know who commits",
        WHOLE,
        "git does not know who you are; run `git config --global user.name NAME` and "
        "`git config --global user.email ADDRESS`",
        code=4,
        environment=(("GIT_COMMITTER_NAME", ""),),
    ),
)
