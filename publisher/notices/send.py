"""Sends a notice: one message after the other, each in the journal before it goes out.

After a kill, a broken connection or ^C, the same command continues where it stopped. Nobody is
missed, and only the person whose message was on its way gets it twice, with the same Message-ID.
"""

from __future__ import annotations

import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType

from publisher.errors import ENDING, Refused
from publisher.notices.customers import Customer, Customers, refuse_tracked
from publisher.notices.journal import FINAL, Journal, State, clock, keyed, message_id, open_journal
from publisher.notices.mail import Answer, Postbox, Relay, RelayFailed, mail, refuse_lines
from publisher.notices.values import Notice, Tally

_STATES: Mapping[str, State] = {"accepted": "accepted", "refused": "refused"}
_ROW = 50
"""After this many deferred people in a row, the others would be deferred, too."""
_REFUSED = 20
"""After this many refused people in a row, the server may mean us, not them."""
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: before each new round for those deferred, and after each broken connection.

    Servers that know nobody yet (greylisting) ask to come back after some minutes.
    """

    rounds: Sequence[float] = (60, 300, 900)
    troubles: Sequence[float] = (1, 5, 15, 60)


@dataclass(frozen=True, slots=True)
class Failed:
    """A person whose message was not accepted, with the row of the list and the server's answer."""

    row: int
    address: str
    answer: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a run: the counts so far, and who is left.

    `states` counts people by the state of their message, `waiting` those not tried yet. `stopped`
    says why the run ended early, and what to do; None if everybody has an answer.
    """

    tally: Tally | None
    states: Mapping[State, int]
    waiting: int
    refused: tuple[Failed, ...]
    deferred: tuple[Failed, ...]
    stopped: str | None
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether everybody was accepted or refused, or asked not to be told."""
        return not self.waiting and not self.deferred


class _Stopped(Exception):
    """The run ends: for now, no more messages go out."""


Progress = Callable[[int, int, str], None]


def send(  # noqa: PLR0913 - a run has that many sides
    notice: Notice,
    customers: Customers,
    box: Postbox,
    journal: Path,
    key: Path,
    in_time: Callable[[], object] = lambda: None,
    progress: Progress = lambda *_: None,
    patience: Patience | None = None,
) -> Sent:
    """Send a notice to everybody who is not told yet by the journal; return the result.

    `in_time` raises `Refused` once it is too late for the notice; it is asked at the start, and
    before each round, which it stops. Raises `Refused`, `JournalUnwritten` and, if not one message
    could be tried, `RelayFailed`.
    """
    refuse_tracked(journal, key)
    refuse_lines(notice)
    in_time()
    with open_journal(journal, key, notice, customers) as (log, secret):
        run = _Run(notice, box, log, secret, progress, patience or Patience())
        stopped, interrupted = None, False
        try:
            run.suppress(customers.suppressed)
            run.tell(customers.people, in_time)
        except _Stopped as fault:
            stopped = str(fault)
        except KeyboardInterrupt:
            stopped, interrupted = "interrupted. Run the same command again to go on", True
        finally:
            run.relay.close()
        return run.result(customers, stopped, interrupted=interrupted)


def send_test(notice: Notice, person: Customer, box: Postbox) -> str:
    """Send one message without a journal; return the server's answer.

    Raises `Refused` if the server does not accept it, and `RelayFailed`.
    """
    refuse_lines(notice)
    letter, international = mail(notice, person, box, _test_id(notice, box), clock())
    relay = Relay(box)
    try:
        answer = relay.deliver(person.address, letter.as_bytes(), international=international)
    finally:
        relay.close()
    if answer.kind != "accepted":
        raise Refused(f"the server did not accept the test message: {answer.text}. Try again", 4)
    return answer.text


def samples(notice: Notice, customers: Customers, box: Postbox) -> Iterator[tuple[str, bytes]]:
    """Yield the names and messages of some people, if possible at least one in each locale."""
    by_locale: dict[str, list[Customer]] = {}
    for person in customers.people:
        by_locale.setdefault(person.locale, []).append(person)
    first = [people[0] for people in by_locale.values()]
    rest = [person for person in customers.people if person not in first]
    for number, person in enumerate([*first, *rest][:_SAMPLES], 1):
        id = _test_id(notice, box)
        letter, _ = mail(notice, person, box, id, clock())
        yield f"{notice.brand}-{notice.version}-{number}-{person.locale}.eml", letter.as_bytes()


def _test_id(notice: Notice, box: Postbox) -> str:
    return message_id(notice.digest, f"test{time.time_ns():028x}", box.domain)


class _Run:
    def __init__(  # noqa: PLR0913 - see `send`
        self,
        notice: Notice,
        box: Postbox,
        journal: Journal,
        key: bytes,
        progress: Progress,
        patience: Patience,
    ) -> None:
        self.notice = notice
        self.box = box
        self.journal = journal
        self.key = key
        self.progress = progress
        self.patience = patience
        self.relay = Relay(box)
        self.greylisted = False
        self.answers: dict[str, str] = {}
        self._troubles = 0
        self._refused = 0
        self._next = time.monotonic()

    def suppress(self, people: Sequence[Customer]) -> None:
        """Record those who asked not to be told, and were not tried before."""
        for person in people:
            who = keyed(self.key, person.address)
            if who not in self.journal.states:
                self.journal.write(who, "suppressed", person.locale)

    def tell(self, people: Sequence[Customer], in_time: Callable[[], object]) -> None:
        """Tell everybody who is left, in rounds; raises `_Stopped`, `KeyboardInterrupt`."""
        left = [(keyed(self.key, person.address), person) for person in people]
        left = [(who, person) for who, person in left if self.journal.states.get(who) not in FINAL]
        for wait in (0, *self.patience.rounds):
            if not left:
                return
            if wait:
                self._wait(wait, f"{len(left)} people deferred; trying them again")
                try:
                    in_time()
                except Refused as fault:
                    late = str(fault).removesuffix(". Nothing was written")
                    raise _Stopped(late) from fault
            left = self._round(left)
        if left:
            raise _Stopped(
                f"{len(left)} people could not be told yet: {self._newest(left)}. Run the same "
                "command again in some hours"
            )

    def _round(self, left: list[tuple[str, Customer]]) -> list[tuple[str, Customer]]:
        """Try everybody once; return whom to try again, those deferred first."""
        again: list[tuple[str, Customer]] = []
        row = 0
        for at, (who, person) in enumerate(left):
            before = self.journal.states.get(who)
            answer = self._attempt(who, person)
            row = row + 1 if answer.kind == "deferred" else 0
            self.greylisted |= answer.kind == "accepted" and before == "deferred"
            if answer.kind not in _STATES:
                again.append((who, person))
            if row >= _ROW and not self.greylisted:
                return [*again, *left[at + 1 :]]
        return again

    def _attempt(self, who: str, person: Customer) -> Answer:
        """Tell one person, with the journal before and after; raises `_Stopped`."""
        self._pace()
        self._connect()
        id = message_id(self.notice.digest, who, self.box.domain)
        letter, international = mail(self.notice, person, self.box, id, clock())
        data = letter.as_bytes()
        with _uninterrupted():
            self.journal.write(who, "trying", person.locale)
            answer = self.relay.deliver(person.address, data, international=international)
            text = re.sub(re.escape(person.address), "<address>", answer.text, flags=re.IGNORECASE)
            self.journal.write(who, _STATES.get(answer.kind, "deferred"), person.locale, text)
        self.answers[who] = text
        self.progress(self.journal.done, self.journal.head.people, text)
        self._judge(answer)
        return answer

    def _judge(self, answer: Answer) -> None:
        """Wait after an answer that is about us, or a broken connection; raises `_Stopped`."""
        if answer.kind == "barred":
            raise _Stopped(
                f"the server accepts no mail from {self.box.bounces}: {answer.text}. Correct "
                "shared/mail.yaml, then run the same command again"
            )
        self._refused = self._refused + 1 if answer.kind == "refused" else 0
        if self._refused >= _REFUSED:
            raise _Stopped(
                f"the server refused {_REFUSED} people in a row: {answer.text}. If that is about "
                "them, run the same command again; if it is about you, ask the server's operator"
            )
        if answer.kind not in {"halted", "lost"}:
            self._troubles = 0
            return
        self._troubles += 1
        if self._troubles <= len(self.patience.troubles):
            self._wait(self.patience.troubles[self._troubles - 1], answer.text)
        elif answer.kind == "halted":
            raise _Stopped(
                f"the server accepts no more messages for now: {answer.text}. If it has a daily "
                "limit, run the same command again tomorrow"
            )
        else:
            raise _Stopped(
                f"the server hangs up on each message: {answer.text}. Ask its operator, then run "
                "the same command again"
            )

    def _connect(self) -> None:
        """Connect; retry for some time if there was a connection before."""
        for wait in (*self.patience.troubles, None):
            try:
                self.relay.connect()
            except RelayFailed as fault:
                if not self.answers:
                    raise
                if wait is None:
                    raise _Stopped(str(fault)) from fault
                self._wait(wait, str(fault))
            else:
                return

    def _pace(self) -> None:
        """Wait for the next message's turn; raises `_Stopped` at the limit of a day."""
        settings = self.box.settings
        if settings.per_day is not None:
            day = clock() - timedelta(days=1)
            moments = self.journal.accepted_since(day)
            if len(moments) >= settings.per_day:
                again = (moments[settings.per_day - 1] + timedelta(days=1)).astimezone()
                raise _Stopped(
                    f"shared/mail.yaml allows {settings.per_day} messages a day. Run the same "
                    f"command again after {again:%Y-%m-%d %H:%M}"
                )
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / settings.per_minute

    def _wait(self, seconds: float, why: str) -> None:
        people = self.journal.head.people
        self.progress(self.journal.done, people, f"waiting {seconds:.0f} s: {why}")
        time.sleep(seconds)

    def _newest(self, left: Sequence[tuple[str, Customer]]) -> str:
        """Return the most frequent answer for the people who are left."""
        answers = Counter(self.answers[who] for who, _ in left if who in self.answers)
        return answers.most_common(1)[0][0] if answers else "no answer"

    def result(self, customers: Customers, stopped: str | None, *, interrupted: bool) -> Sent:
        """Return the result of the run, and of those before it."""
        log = self.journal.log()
        by_state: dict[State, list[Failed]] = {}
        for person in customers.people:
            event = log.last.get(keyed(self.key, person.address))
            if event is not None:
                failed = Failed(person.row, person.address, event.answer)
                by_state.setdefault(event.state, []).append(failed)
        deferred = [*by_state.get("deferred", ()), *by_state.get("trying", ())]
        return Sent(
            log.tally,
            dict(log.states),
            log.head.people - len(log.last),
            tuple(by_state.get("refused", ())),
            tuple(deferred),
            stopped,
            interrupted,
        )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back signals that end a command until a message has its answer in the journal.

    A second ^C ends the command at once.
    """
    noted: list[tuple[int, FrameType | None]] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {n: signal.getsignal(n) for n in ENDING if callable(signal.getsignal(n))}

    def note(number: int, frame: FrameType | None) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append((number, frame))

    for number in before:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number, frame in noted:
        handler = before[number]
        if callable(handler):
            handler(number, frame)
