"""``publisher init``: a new workspace, for a company or as an example; on a terminal it asks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from publisher.cli.app import command
from publisher.cli.options import argument, day, now, option
from publisher.cli.terminal import console, counted, failure, line, plain, quoted
from publisher.errors import AskedWrongly

if TYPE_CHECKING:
    from publisher.start.answers import Answers

T = TypeVar("T")
_COMPANY_OPTIONS = "--company, --brand, --locale, --country, --contact and --timezone"


@command(
    "publisher init policies --company 'Moulin SAS' --brand moulin=moulin.example --locale fr "
    "--locale en --country FR"
)
def init(
    folder: Annotated[Path, argument("DIR", "A new folder, or an empty one.")],
    company: Annotated[str, option("--company", "NAME", "The company behind the brands.")] = "",
    country: Annotated[str, option("--country", "CC", "Where it is established: BE, US.")] = "",
    brands: Annotated[
        list[str] | None, option("--brand", "ID=DOMAIN", "A brand; may be repeated.")
    ] = None,
    locales: Annotated[
        list[str] | None,
        option(
            "--locale", "LOCALE", "A language, the master first; may be repeated (default: en)."
        ),
    ] = None,
    contact: Annotated[
        str, option("--contact", "CONTACT", "Where privacy questions go: a mailbox or a form.")
    ] = "",
    timezone: Annotated[
        str, option("--timezone", "ZONE", "Dates count there (default: by the country).")
    ] = "",
    toolkit: Annotated[
        str | None,
        option(
            "--toolkit", "SPEC", "What pip installs, or a wheel's file (default: this toolkit)."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: open questions stay open.")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Make an example with three brands and a past.")
    ] = False,
    today: Annotated[
        str | None, option("--today", "DATE", "The day that the example counts from.")
    ] = None,
) -> None:
    """Make a new workspace: a repository with starter texts, and nothing of the toolkit."""
    texts = (company, brands or (), locales or (), country, contact, timezone)
    if example:
        if any(texts):
            raise AskedWrongly(f"--example has a company of its own; leave {_COMPANY_OPTIONS} out")
        _example(folder, toolkit, today)
        return
    if today is not None:
        raise AskedWrongly("--today is for --example only; leave it out, or add --example")
    asking = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    if not asking and not (company and brands):
        raise AskedWrongly(
            "a company has a name and a brand; add --company NAME and --brand ID=DOMAIN"
        )
    from publisher.start.answers import answers

    known = _asked(*texts) if asking else answers(*texts)
    _company(folder, toolkit, known, zone_given=bool(timezone))


def _company(folder: Path, toolkit: str | None, known: Answers, *, zone_given: bool) -> None:
    from publisher.start.starter import init as make

    started = make(folder, known, now(), toolkit)
    line(
        f"Made {started.root}: {counted(len(known.brands), 'brand')} in "
        f"{', '.join(known.locales)}, {counted(started.questions, 'open question')}."
    )
    line("The texts are a start, and not legal advice: a lawyer must read them.")
    if known.timezone == "UTC" and not zone_given:
        line("Dates count in UTC; if that is wrong, change `timezone` in each brand.yaml.")
    _next(
        started.root,
        ("publisher build", "see the drafts, in build/"),
        ("publisher check", "list the open questions, with file and line"),
        ("git commit -a", "once you have answered them there"),
        ("publisher release BRAND", "publish, once a lawyer has read it"),
    )


def _example(folder: Path, toolkit: str | None, today: str | None) -> None:
    from publisher.start.example import FIRST_YEAR, LAST_YEAR, init_example

    moment = now() if today is None else datetime.combine(day("--today", today), time(12), UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise AskedWrongly(
            f"--today takes a day from {FIRST_YEAR} to {LAST_YEAR}, not '{moment.date()}': the "
            "past of another cannot be written"
        )
    root = init_example(folder, moment, toolkit)
    line(f"Made {root}: an example with three brands in two languages, and a past.")
    line("Its company is invented, and its texts are not legal advice.")
    _next(
        root,
        ("publisher status", "see where every policy stands"),
        ("publisher versions", "see what was released, and when it was in force"),
        ("publisher history lantern", "see what changed, and when"),
        ("publisher diff lantern", "compare what was released with what is written now"),
    )


def _next(root: Path, *steps: tuple[str, str]) -> None:
    """Print what to do next, one command on each line."""
    out = console()
    out.print("\nNext:")
    rows = ((f"cd {quoted(root)}", ""), *steps)
    for step, what in rows:
        note = f"{step:<25}  [dim]# {plain(what)}[/]" if what else plain(step)
        out.print(f"  {note}", soft_wrap=True)


def _asked(
    company: str,
    brands: list[str] | tuple[()],
    locales: list[str] | tuple[()],
    country: str,
    contact: str,
    timezone: str,
) -> Answers:
    """Return the answers, asking for those that no option gave, until each is valid."""
    from publisher.start import answers as start

    company = company or _ask("Company (as policies name it)", _name)
    country = country or _ask("Country (BE, US, …; empty: open)", start.checked_country)
    brands = brands or _ask(
        "Brands (shop=shop.example, …)",
        lambda text: ["=".join(start.checked_brand(part)) for part in _parts(text)],
        needed=True,
    )
    locales = locales or _ask(
        "Languages, the master first",
        lambda text: [start.checked_locale(part) for part in _parts(text)],
        default="en",
    )
    contact = contact or _ask(
        "Mailbox or web form for privacy questions (empty: open)", start.checked_contact
    )
    if not timezone and start.zone_of(start.checked_country(country)) == start.UTC:
        timezone = _ask("Time zone in which dates count", start.checked_zone, default=start.UTC)
    return start.answers(company, brands, locales, country, contact, timezone)


def _parts(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _name(text: str) -> str:
    if not text.strip():
        raise AskedWrongly("a policy names the company behind it; type its name")
    return text


def _ask(prompt: str, read: Callable[[str], T], default: str = "", *, needed: bool = False) -> T:
    """Return an answer, parsed; asks again after one that cannot be."""
    while True:
        text = typer.prompt(prompt, default=default, show_default=bool(default))
        try:
            value = read(text)
            if needed and not value:
                raise AskedWrongly("name at least one; type an id, = and its domain")
        except AskedWrongly as fault:
            failure(str(fault))
        else:
            return value
