"""The commands that tell customers by mail, and show afterwards who was told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.app import command
from publisher.cli.notices import notices
from publisher.cli.options import (
    APPENDING,
    Appending,
    Brand,
    DryRun,
    Json,
    Locale,
    Version,
    WorkspaceDir,
    argument,
    can_ask,
    now,
    opened,
    option,
    root_of,
)
from publisher.cli.terminal import console, counted, failure, plain, print_rows
from publisher.errors import AskedWrongly, InvalidPolicy, Refused

if TYPE_CHECKING:
    from publisher.archive.release.append import AppendOptions
    from publisher.notices.customers import Column, Columns, Customers, Unusable
    from publisher.notices.journal import Log
    from publisher.notices.mail import Postbox
    from publisher.notices.proof import Proof
    from publisher.notices.send import Failed, Sent
    from publisher.notices.values import Notice, Tally

INTERRUPTED = 130
"""The exit code of a command after a ^C."""
_SHOWN = 20
"""The most rows of each kind that a terminal shows; the rest are counted."""

ListFile = Annotated[Path, option("--list", "FILE", "The list of customers: CSV or XLSX.")]
KeyFile = Annotated[Path, option("--key", "FILE", "The key of the notice; outside git.")]
JournalFile = Annotated[
    Path, option("--journal", "FILE", "The journal of the notice; outside git.")
]
Sheet = Annotated[str | None, option("--sheet", "NAME", "The sheet of a spreadsheet.")]
AddressColumn = Annotated[
    str | None, option("--address-column", "NAME", "The column of addresses, if not guessed.")
]
BrandColumn = Annotated[str | None, option("--brand-column", "NAME", "The column of brands.")]


@command(
    "publisher notices send lantern 2026-11-24 --list ~/notice/customers.xlsx "
    "--journal ~/notice/journal --key ~/notice/key",
    notices,
)
def send(
    brand: Brand,
    version: Version,
    list_file: Annotated[
        Path | None, option("--list", "FILE", "The customers: CSV or XLSX; outside git.")
    ] = None,
    journal: Annotated[
        Path | None, option("--journal", "FILE", "The journal of all messages; outside git.")
    ] = None,
    key: Annotated[
        Path | None,
        option("--key", "FILE", "The key of the journal; made if it is missing; outside git."),
    ] = None,
    suppress: Annotated[
        Path | None, option("--suppress", "FILE", "A list of addresses that are not to be told.")
    ] = None,
    sheet: Sheet = None,
    address_column: AddressColumn = None,
    locale_column: Annotated[
        str | None, option("--locale-column", "NAME", "The column of languages.")
    ] = None,
    name_column: Annotated[
        str | None, option("--name-column", "NAME", "The column of names.")
    ] = None,
    brand_column: BrandColumn = None,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out rows without a usable address.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing; write three messages as samples.")
    ] = False,
    output: Annotated[
        Path | None,
        option("--output", "DIR", "Where samples go (default: beside the list); outside git."),
    ] = None,
    test: Annotated[
        str | None, option("--test", "ADDRESS", "Send one message there, and no other.")
    ] = None,
    locale: Locale = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before sending.")] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record", help="Record the counts, although people are left, or it is late."
        ),
    ] = False,
    webhook: Annotated[
        str | None, option("--webhook", "URL", "Also inform this server when the mail is sent.")
    ] = None,
    append: Appending = APPENDING,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Send an approved notice to the customers on a list; after an interruption, go on."""
    from publisher.notices.approval import approved
    from publisher.notices.customers import refuse_tracked
    from publisher.notices.webhook import checked_webhook

    root = opened(workspace, brand)
    in_time = partial(_in_time, root, brand, version)
    asked = append(dry_run=False)
    with _reported(brand, version, json=json) as mailing:
        try:
            notice = approved(root, brand, version, now())
            in_time()
        except Refused:
            if not record or journal is None or dry_run:
                raise
            mailing.entry = _record_journal(root, journal, asked, version)
            return
        box = _postbox(root, notice, sending=not dry_run)
        if test is not None:
            mailing.test = _test(notice, box, test, locale)
            return
        if list_file is None:
            raise AskedWrongly("name the list of customers with --list, or an address with --test")
        private = (list_file, journal, key, suppress, output)
        refuse_tracked(*(path for path in private if path is not None))
        hook = (webhook, checked_webhook(webhook, os.environ)) if webhook is not None else None
        named = _named(
            address=address_column, locale=locale_column, name=name_column, brand=brand_column
        )
        customers = _customers(root, notice, list_file, named, sheet, suppress)
        mailing.customers = customers
        if dry_run:
            mailing.samples = _samples(notice, customers, box, output or list_file.parent)
            return
        places = _places(journal, key)
        _refuse_unsendable(root, notice, customers, places, asked, skip_invalid=skip_invalid)
        _asked(customers, notice, yes=yes)
        sent = _mailed(notice, customers, box, places, in_time)
        mailing.sent = sent
        if sent.tally is not None and (sent.complete or record):
            mailing.entry = _record(root, notice, sent.tally, asked)
        if hook is not None and sent.complete:
            _tell(*hook, notice, sent.tally)
    if not sent.complete:
        raise typer.Exit(INTERRUPTED if sent.interrupted else 4)


@dataclass
class _Mailing:
    """What a command has done with a notice so far."""

    brand: str
    version: str
    customers: Customers | None = None
    sent: Sent | None = None
    test: str | None = None
    samples: tuple[Path, ...] = ()
    entry: str | None = None


@contextmanager
def _reported(brand: str, version: str, *, json: bool) -> Iterator[_Mailing]:
    """Give a report to fill in; `json` prints it at the end, and sends text to standard error."""
    mailing = _Mailing(brand, version)
    with redirect_stdout(sys.stderr) if json else nullcontext():
        yield mailing
    if json:
        from publisher.cli.json import print_json
        from publisher.cli.notices_json import OUTPUTS

        print_json(OUTPUTS["notices-send"], mailing)


def _customers(
    root: Path,
    notice: Notice,
    list_file: Path,
    columns: Columns,
    sheet: str | None,
    suppress: Path | None,
) -> Customers:
    """Return the customers on a list, and print a summary."""
    from publisher.notices.customers import audience_of, read_customers

    audience = audience_of(root, notice.brand, notice.messages, notice.default_locale)
    customers = read_customers(list_file, audience, columns, sheet, suppress)
    _listed(customers, notice)
    return customers


def _mailed(
    notice: Notice,
    customers: Customers,
    box: Postbox,
    places: tuple[Path, Path],
    in_time: Callable[[], object],
) -> Sent:
    """Send a notice, with a bar on a terminal; print the result, and return it."""
    from publisher.notices.send import send as task

    with _bar(len(customers.people)) as progress:
        sent = task(notice, customers, box, *places, in_time, progress)
    _sent(sent)
    return sent


def _in_time(root: Path, brand: str, version: str) -> None:
    """Raise `Refused` once it is too late for a notice: the version may have been moved."""
    from publisher.notices.outcome import refuse_late

    refuse_late(root, brand, version, now())


def _named(**columns: str | None) -> dict[Column, str]:
    """Return the columns that the user named."""
    return {column: name for column, name in columns.items() if name is not None}  # type: ignore[misc]


def _places(journal: Path | None, key: Path | None) -> tuple[Path, Path]:
    if journal is None or key is None:
        raise AskedWrongly("name the --journal and the --key of the notice; both are made if new")
    if os.path.realpath(journal) == os.path.realpath(key):
        raise AskedWrongly(f"--journal and --key both name {journal}. Name a file for each")
    return journal, key


def _postbox(root: Path, notice: Notice, *, sending: bool) -> Postbox:
    """Return how the mail of the notice's brand is sent."""
    from publisher.archive.lineage import Lineage
    from publisher.notices.mail import postbox
    from publisher.repository.source import ArchiveFolder, FolderSource
    from publisher.workspace import parsed_brand

    today = Lineage(ArchiveFolder(root)).today(notice.brand)
    source = FolderSource(root)
    own = parsed_brand(source, today)
    if own.value is None:
        raise InvalidPolicy(own.problems)
    return postbox(source, today, own.value.name, os.environ if sending else None)


def _test(notice: Notice, box: Postbox, address: str, locale: str | None) -> str:
    """Send one message; print what the server answered, and return that."""
    from publisher.errors import UnknownName
    from publisher.notices.customers import Customer, parse_address
    from publisher.notices.send import send_test

    tag = locale or notice.default_locale
    if tag not in notice.messages:
        raise UnknownName("locale", tag, notice.messages)
    try:
        person = Customer(parse_address(address), tag, "", 0)
    except ValueError as fault:
        raise AskedWrongly(f"--test: '{address}' {fault}. Give an address of your own") from None
    answer = send_test(notice, person, box)
    console().print(f"{plain(person.address)}: [green]{plain(answer)}[/]", soft_wrap=True)
    return answer


def _samples(notice: Notice, customers: Customers, box: Postbox, folder: Path) -> tuple[Path, ...]:
    """Write some messages as they would be sent; print where they are, and return that."""
    from publisher.files.output import write_files
    from publisher.notices.send import samples

    paths = write_files(folder, dict(samples(notice, customers, box)))
    for path in paths:
        console().print(f"sample: {plain(str(path))}", soft_wrap=True)
    console().print("[bold]Nothing was sent.[/] Open the samples in a mail program")
    return paths


def _listed(customers: Customers, notice: Notice) -> None:
    """Print whom the list names, and what was left out or assumed."""
    out = console()
    locales = ", ".join(f"{number} in {locale}" for locale, number in customers.locales.items())
    people = f"{len(customers.people)} people" if len(customers.people) != 1 else "1 person"
    out.print(f"[bold]{plain(customers.name)}[/]: {people} of {notice.brand}: {locales}")
    rows = {
        "columns": ", ".join(f"{column}: '{head}'" for column, head in customers.columns.items()),
        "twice": f"{counted(customers.doubles, 'address')} more than once"
        * bool(customers.doubles),
        "not to be told": f"{len(customers.suppressed)} by --suppress" * bool(customers.suppressed),
        "other brands": ", ".join(
            f"{name or '(none)'} {n}" for name, n in customers.others.items()
        ),
        "default": _unmapped(customers, notice),
    }
    print_rows({name: text for name, text in rows.items() if text})
    for note in customers.notes:
        out.print(f"  [dim]note:[/] {plain(note)}")
    _rows(customers.conflicts, "yellow")
    _rows(customers.invalid, "red")


def _unmapped(customers: Customers, notice: Notice) -> str:
    """Return who gets the default language because the brand does not have theirs."""
    if not customers.unmapped or len(notice.messages) == 1:
        return ""
    values = ", ".join(f"'{value}' {n}" for value, n in customers.unmapped.items())
    return f"{sum(customers.unmapped.values())} get {notice.default_locale}: {values}"


def _rows(rows: tuple[Unusable, ...], style: str) -> None:
    texts = [f"row {row.row}: '{row.text[:60]}' {row.reason}" for row in rows]
    _lines(texts, style)


def _lines(texts: Sequence[str], style: str) -> None:
    """Print lines: all of them into a pipe, the first ones on a terminal."""
    out = console()
    shown = texts[:_SHOWN] if out.is_terminal else texts
    for text in shown:
        out.print(f"  [{style}]{plain(text)}[/]", soft_wrap=True)
    if len(shown) < len(texts):
        out.print(f"  [{style}]… and {len(texts) - len(shown)} more; `| less` shows all[/]")


def _refuse_unsendable(
    root: Path,
    notice: Notice,
    customers: Customers,
    places: tuple[Path, Path],
    asked: AppendOptions,
    *,
    skip_invalid: bool,
) -> None:
    """Raise `Refused` for rows without an address, and for a list that was told already.

    Also raises what `record_notice` does, so that nothing is sent that could not be recorded.
    """
    from publisher.notices.outcome import record_notice
    from publisher.notices.proof import refuse_again
    from publisher.notices.values import Tally

    if customers.invalid and not skip_invalid:
        raise Refused(
            f"{customers.name} has {counted(len(customers.invalid), 'row')} without a usable "
            "address, listed above. Correct the list, or leave them out with --skip-invalid",
            1,
        )
    refuse_again(root, notice, customers, *places)
    nothing = Tally("mail", 0, 0, 0, asked.now, asked.now, None)
    record_notice(root, notice, nothing, replace(asked, dry_run=True))


def _asked(customers: Customers, notice: Notice, *, yes: bool) -> None:
    """Ask before mail is sent, if somebody can answer."""
    if yes or not can_ask():
        return
    question = f"Send the notice of {notice.version} to {len(customers.people)} people?"
    if not typer.confirm(question, err=True):
        raise AskedWrongly("nothing was sent. Answer y to send, or give --yes")


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a function that reports progress, which a terminal shows as a bar."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=total)

        def show(done: int, people: int, text: str) -> None:
            bar.update(task, completed=done, total=people, description=plain(text[:50]))

        yield show


def _sent(sent: Sent) -> None:
    """Print the counts, who was not reached, and what to do now."""
    out = console()
    counts = ", ".join(f"{number} {state}" for state, number in sent.states.items())
    out.print(
        f"[bold]{counts or 'nobody was tried'}[/]"
        + f", {sent.waiting} waiting" * bool(sent.waiting)
    )
    out.print("[dim]accepted: the server took the message; it may not have been read[/]")
    _failed("refused", sent.refused)
    _failed("deferred", sent.deferred)
    if sent.stopped is not None:
        failure(sent.stopped)


def _failed(state: str, people: tuple[Failed, ...]) -> None:
    texts = [
        f"{state}: row {person.row}, {person.address}: {person.answer or 'no answer'}"
        for person in people
    ]
    _lines(texts, "yellow")


def _record(root: Path, notice: Notice, tally: Tally, asked: AppendOptions) -> str | None:
    """Append the outcome of a notice to the ledger, if it is new; return the entry's name."""
    from publisher.cli import release_output
    from publisher.notices.outcome import record_notice
    from publisher.notices.proof import has_tally

    if has_tally(root, notice, tally):
        console().print("[dim]the ledger has these counts already[/]")
        return None
    result = record_notice(root, notice, tally, asked)
    release_output.appended(result)
    return result.entry.name


def _record_journal(
    root: Path, journal: Path, asked: AppendOptions, version: str | None = None
) -> str | None:
    """Append the outcome from a journal, as `_record` does, even for a late notice."""
    from publisher.notices.approval import approved_before
    from publisher.notices.journal import read_log

    log = read_log(journal)
    if log.tally is None or version not in (log.head.version, None):
        raise Refused(f"{journal} has no answer to this notice. Name the journal of the notice")
    notice = approved_before(root, log.head.brand, log.head.version, log.head.notice)
    return _record(root, notice, log.tally, asked)


def _tell(url: str, key: bytes, notice: Notice, tally: Tally | None) -> None:
    from publisher.notices.webhook import post

    post(url, key, notice, tally, now())
    console().print(f"{plain(url)}: told")


@command("publisher notices bounced ~/Maildir/bounces.mbox --journal ~/notice/journal", notices)
def bounced(
    reports: Annotated[
        list[Path], argument("FILE", "Delivery reports: a mailbox (mbox), or messages (.eml).")
    ],
    journal: JournalFile,
    append: Appending = APPENDING,
    workspace: WorkspaceDir = None,
) -> None:
    """Record in the journal, and in the ledger, who was not reached, by delivery reports."""
    from publisher.notices.bounces import take_reports
    from publisher.notices.customers import refuse_tracked
    from publisher.notices.journal import read_log

    root = root_of(workspace)
    refuse_tracked(journal, *reports)
    result = take_reports(journal, reports)
    console().print(
        f"[bold]{result.new} bounced[/], {result.known} known already, {result.unknown} not of "
        f"this journal, {counted(result.others, 'message')} without a failure"
    )
    log = read_log(journal)
    if not _recorded(root, log):
        console().print("the ledger gets the counts when `publisher notices send` is done")
        return
    _record_journal(
        root,
        journal,
        append(dry_run=False),
    )


def _recorded(root: Path, log: Log) -> bool:
    from publisher.notices.proof import is_recorded

    return is_recorded(root, log.head.brand, log.head.list)


@command(
    "publisher notices told jane@example.com --list ~/notice/customers.xlsx --key ~/notice/key",
    notices,
)
def told(
    address: Annotated[str, argument("ADDRESS", "The address of the person.")],
    list_file: ListFile,
    key: KeyFile,
    journal: Annotated[
        Path | None, option("--journal", "FILE", "Also show the state of the message.")
    ] = None,
    sheet: Sheet = None,
    address_column: AddressColumn = None,
    brand_column: BrandColumn = None,
    json: Json = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Show whether a person was told, when, and what; end with 1 if not, or if unproven."""
    from publisher.notices.proof import prove

    named = _named(address=address_column, brand=brand_column)
    root = root_of(workspace)
    proofs = prove(root, address, list_file, key, journal, named, sheet)
    if json:
        from publisher.cli.json import print_json
        from publisher.cli.notices_json import OUTPUTS

        print_json(OUTPUTS["notices-told"], proofs)
    for proof in () if json else proofs:
        _proved(proof, journal)
    if journal is not None and not any(proof.state == "accepted" for proof in proofs):
        raise typer.Exit(1)


_OUTCOMES = {
    "accepted": "told: the server took the message, which may not have been read",
    "bounced": "not told: the message came back",
    "refused": "not told: the server refused the message",
    "deferred": "not told yet: the server asked to come back",
    "trying": "unknown: the sender was stopped before the server's answer",
    "suppressed": "not told: the address was on the list of --suppress",
}
"""What to print about a person, by the last event in the journal."""


def _proved(proof: Proof, journal: Path | None) -> None:
    """Print what the ledger has on a notice, and the journal on one person."""
    from publisher.archive.notified import in_words

    entry, out = proof.entry, console()
    out.print(
        f"[bold]{plain(proof.person.address)}[/] is on the list of the notice of {entry.brand} "
        f"{entry.version}, in force from {entry.in_force_from} (row {proof.person.row})",
        soft_wrap=True,
    )
    outcome = _OUTCOMES.get(proof.state or "", "not told: the journal does not have the address")
    if proof.events is None:
        other = f"{journal} is the journal of another list; " if journal is not None else ""
        outcome = f"{other}name the --journal of the notice to see it"
    rows = {
        "ledger": f"{entry.name}: {in_words(entry)}",
        "list": str(entry.recipients),
        "outcome": outcome,
    }
    print_rows(rows)
    for event in proof.events or ():
        text = f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {event.state} ({event.locale}) {event.answer}"
        out.print(f"  {plain(text.strip())}", soft_wrap=True)


@command(
    "publisher notices forget --journal ~/notice/journal --key ~/notice/key --days 1095", notices
)
def forget(
    journal: JournalFile,
    key: KeyFile,
    days: Annotated[
        int,
        option("--days", "N", "How long both are kept after the last message.", min=0, max=36_500),
    ],
    dry_run: DryRun = False,
    workspace: WorkspaceDir = None,
) -> None:
    """Delete a journal and its key; the ledger keeps the counts and the digest of the list."""
    from publisher.notices.journal import forget as task
    from publisher.notices.journal import read_log

    root = root_of(workspace)
    log = read_log(journal)
    if not _recorded(root, log):
        raise Refused(
            f"the ledger of {log.head.brand} does not have what came of {journal}. Run `publisher "
            "notices send` to its end, or with --record, first",
            1,
        )
    other = task(journal, key, now(), days, dry_run=dry_run)
    verb = "would be deleted" if dry_run else "are deleted"
    what = f"{plain(str(journal))} and {plain(str(key))} {verb}"
    if other is not None:
        verb = "would be deleted" if dry_run else "is deleted"
        what = f"{plain(str(journal))} {verb}; the key stays, as {plain(str(other))} needs it"
    console().print(f"{what}; the list is yours to delete", soft_wrap=True)
