"""A notice is sent once to everybody, whatever servers and disks do."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from threading import Timer

import pytest
from support.mailservers import Post, box, certificate, free_port, notice, people, serving

from publisher.errors import Refused
from publisher.notices.customers import Customer, Customers
from publisher.notices.journal import read_key, read_log
from publisher.notices.mail import Postbox, RelayFailed, postbox
from publisher.notices.send import Patience, Sent, samples, send, send_test
from publisher.repository.source import FolderSource

SOON = Patience(rounds=(0.01, 0.01, 0.01), troubles=(0.01, 0.01, 0.01))


def sent(
    folder: Path, post_box: Postbox, customers: Customers | None = None, **how: object
) -> Sent:
    return send(
        notice(),
        customers or people(5),
        post_box,
        folder / "journal",
        folder / "key",
        patience=SOON,
        **how,  # type: ignore[arg-type]
    )


def test_everybody_gets_one_message_with_what_it_must_say(tmp_path: Path) -> None:
    post = Post()
    persons = (
        Customer("jane@x.example", "nl", "Doe, Jané", 2),
        Customer("müller@xn--mnchen-3ya.example", "en", "", 3),
    )
    with serving(post) as port:
        settings = box(port, bounces="bounces@alpha.example", unsubscribe="out@alpha.example")
        settings = replace(settings, reply_to="privacy@alpha.example")
        result = sent(tmp_path, settings, Customers("list", {}, persons))
    assert result.complete
    assert result.stopped is None
    assert (result.states, result.tally.accepted) == ({"accepted": 2}, 2)  # type: ignore[union-attr]
    assert set(post.senders) == {"bounces@alpha.example"}
    first, second = post.letters
    assert first["To"] == '"Doe, Jané" <jane@x.example>'
    assert first["From"] == "Alpha <legal@alpha.example>"
    assert first["Reply-To"] == "privacy@alpha.example"
    assert first["Subject"] == "Ons beleid"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Precedence"] is None
    assert first["Content-Language"] == "nl"
    assert first["List-Unsubscribe"] == "<mailto:out@alpha.example>"
    assert first["Date"].datetime.tzinfo is not None
    assert re.fullmatch(r"<[0-9a-f]{16}\.[0-9a-f]{32}@alpha\.example>", first["Message-ID"])
    assert "Éé" in first.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert first.get_body(("html",)).get_content().strip() == "<p>Ons beleid</p>"  # type: ignore[union-attr]
    assert b"To: m\xc3\xbcller@xn--mnchen-3ya.example\r\n" in post.taken[1][1]
    assert second["Subject"] == "Our policy"
    assert {"jane", "müller"}.isdisjoint((tmp_path / "journal").read_text().split('"'))
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


def test_the_same_command_again_sends_nothing(tmp_path: Path) -> None:
    post = Post()
    with serving(post) as port:
        once = sent(tmp_path, box(port))
        again = sent(tmp_path, box(port))
    assert len(post.taken) == 5
    assert len(post.connections) == 1
    assert once.tally == again.tally


GREYLIST = "451 4.7.1 Greylisted, try again in 5 minutes"
RULES: dict[str, tuple[Callable[[str, int], str | None], str]] = {
    "greylists": (lambda _, n: GREYLIST if n < 3 else None, "rcpt"),
    "defers after DATA": (lambda _, n: "451 4.3.0 Try again" if n < 3 else None, "data"),
    "drops at RCPT": (lambda a, n: "drop" if a[1] in "124" and n < 2 else None, "rcpt"),
    "closes with 421": (lambda a, n: "421 4.3.2 Closing" if a[1] in "24" and n < 2 else None, "data"),
    "limits the rate": (lambda a, n: "450 4.7.0 Message rate limit" if a[1] == "1" and n < 3 else None, "data"),
}  # fmt: skip


@pytest.mark.parametrize("what", RULES)
def test_a_server_that_asks_to_come_back_is_asked_again(tmp_path: Path, what: str) -> None:
    rule, where = RULES[what]
    post = Post(**{where: rule})  # type: ignore[arg-type]
    with serving(post) as port:
        result = sent(tmp_path, box(port))
    assert result.complete
    assert [len(ids) for ids in post.ids().values()] == [1] * 5


def test_connections_dropped_after_data_give_copies_with_the_same_id(tmp_path: Path) -> None:
    post = Post(data=lambda address, time: "drop" if address[1] in "124" and time == 1 else None)
    with serving(post) as port:
        result = sent(tmp_path, box(port))
    assert result.complete
    copies = {address: len(ids) for address, ids in post.ids().items()}
    assert copies == {f"p{n}@x.example": 1 + (n in {1, 2, 4}) for n in range(5)}
    assert all(len(set(ids)) == 1 for ids in post.ids().values())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a round end after ten people in a row who are deferred."""
    monkeypatch.setattr("publisher.notices.send._ROW", 10)


@pytest.mark.usefixtures("impatient")
def test_greylisting_of_many_is_no_limit_of_the_day(tmp_path: Path) -> None:
    post = Post(rcpt=lambda _, n: GREYLIST if n < 2 else None)
    with serving(post) as port:
        result = sent(tmp_path, box(port), people(35))
    assert result.complete
    assert len(post.taken) == 35


def test_who_is_refused_is_not_asked_again(tmp_path: Path) -> None:
    post = Post(rcpt=lambda a, _: f"550 5.1.1 <{a}>: no such user" if a[1] in "13" else None)
    with serving(post) as port:
        result = sent(tmp_path, box(port))
        again = sent(tmp_path, box(port))
    assert result.complete
    assert [(p.row, p.address) for p in result.refused] == [
        (3, "p1@x.example"),
        (5, "p3@x.example"),
    ]
    assert result.refused[0].answer == "550 5.1.1 <<address>>: no such user"
    assert again == result
    assert post.asked["rcpt", "p1@x.example"] == 1
    assert "p1@" not in (tmp_path / "journal").read_text()


LIMITS = {
    "421 for all": Post(rcpt=lambda *_: "421 4.7.0 Try again later"),
    "a limit at MAIL": Post(mail=lambda: "452 4.5.3 Quota exceeded"),
    "a limit as a refusal": Post(data=lambda *_: "550 5.4.5 Daily user sending limit exceeded"),
    "no SMTP at MAIL": Post(mail=lambda: "hello there"),
    "relaying denied": Post(rcpt=lambda *_: "554 5.7.1 Relay access denied"),
}


@pytest.mark.parametrize("what", LIMITS)
def test_a_server_that_takes_no_more_is_left_alone(tmp_path: Path, what: str) -> None:
    with serving(LIMITS[what]) as port:
        result = sent(tmp_path, box(port), people(20))
    assert result.stopped is not None
    assert result.stopped.startswith("the server accepts no more messages for now: ")
    assert result.stopped.endswith("If it has a daily limit, run the same command again tomorrow")
    assert "-1" not in result.stopped
    assert not result.refused
    assert result.waiting + len(result.deferred) == 20
    with serving(post := Post()) as port:
        assert sent(tmp_path, box(port), people(20)).complete
    assert len(post.taken) == 20


@pytest.mark.usefixtures("impatient")
def test_a_server_that_defers_all_stops_the_run_with_what_to_do(tmp_path: Path) -> None:
    post = Post(rcpt=lambda *_: "450 4.2.1 Try again later")
    with serving(post) as port:
        result = sent(tmp_path, box(port), people(30))
    assert result.stopped == (
        "30 people could not be told yet: 450 4.2.1 Try again later. Run the same command again "
        "in some hours"
    )
    assert sum(post.asked.values()) == 40  # 10 in each of four rounds


def test_a_server_that_refuses_one_after_the_other_is_suspected(tmp_path: Path) -> None:
    post = Post(rcpt=lambda *_: "550 5.1.1 No such user")
    with serving(post) as port:
        result = sent(tmp_path, box(port), people(25))
    assert result.stopped is not None
    assert "refused 20 people in a row: 550 5.1.1 No such user" in result.stopped
    assert len(result.refused) == 20


def test_a_sender_that_the_server_refuses_stops_the_run(tmp_path: Path) -> None:
    with serving(Post(mail=lambda: "550 5.7.1 Sender unknown")) as port:
        result = sent(tmp_path, box(port))
    assert result.stopped is not None
    assert "accepts no mail from legal@alpha.example: 550 5.7.1 Sender unknown" in result.stopped
    assert len(result.deferred) == 1


def test_the_limit_of_a_day_holds_over_runs(tmp_path: Path) -> None:
    post = Post()
    with serving(post) as port:
        first = sent(tmp_path, box(port, per_day="3"))
        second = sent(tmp_path, box(port, per_day="3"))
        assert first.stopped is not None
        assert first.stopped.startswith("shared/mail.yaml allows 3 messages a day. Run the same")
        assert (second.stopped, len(post.taken)) == (first.stopped, 3)
        assert sent(tmp_path, box(port, per_day="9")).complete


def test_the_rate_of_a_minute(tmp_path: Path) -> None:
    post = Post()
    began = datetime.now()  # noqa: DTZ005
    with serving(post) as port:
        sent(tmp_path, box(port, per_minute="600"), people(4))
    assert 0.3 <= (datetime.now() - began).total_seconds() < 2  # noqa: DTZ005


@pytest.mark.thorough
def test_a_slow_server_is_waited_for_so_long(tmp_path: Path) -> None:
    with serving(Post(delay=1.5)) as port:
        result = sent(tmp_path, box(port, timeout="1"), people(1))
    assert result.stopped is not None
    assert "the server did not answer in time" in result.stopped
    assert len(result.deferred) == 1


def test_addresses_outside_ascii_need_a_server_that_takes_them(tmp_path: Path) -> None:
    persons = (Customer("é@x.example", "en", "", 2), Customer("a@x.example", "en", "", 3))
    with serving(post := Post(), enable_SMTPUTF8=False) as port:
        result = sent(tmp_path, box(port), Customers("list", {}, persons))
    assert result.complete
    assert [address for address, _ in post.taken] == ["a@x.example"]
    assert result.refused[0].answer == "this server accepts no addresses outside ASCII (SMTPUTF8)"


def test_who_asked_not_to_be_told_is_not_told(tmp_path: Path) -> None:
    everyone = people(3).people
    with serving(post := Post()) as port:
        result = sent(tmp_path, box(port), Customers("list", {}, everyone[:2], everyone[2:]))
    assert result.complete
    assert result.states == {"suppressed": 1, "accepted": 2}
    assert len(post.taken) == 2


def test_tls_is_required_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = certificate(tmp_path)
    secure = {"tls": "starttls", "server": "localhost", "user": "ops"}
    with serving(post := Post(), paper) as port:
        where = f"localhost:{port}"
        with pytest.raises(RelayFailed) as unknown:
            sent(tmp_path, box(port, **secure))
        monkeypatch.setenv("SSL_CERT_FILE", str(paper))
        with pytest.raises(RelayFailed) as wrong:
            sent(tmp_path, box(port, **secure))
        with pytest.raises(RelayFailed) as speech:
            sent(tmp_path, box(port, **{**secure, "tls": "implicit"}))
        settings = box(port, **secure)
        right = Postbox(settings.settings, settings.sender, "A", None, settings.sender, "right")
        assert sent(tmp_path, right).complete
    assert str(unknown.value) == (
        f"the certificate of {where} is invalid: self-signed certificate. Renew it, or correct "
        "shared/mail.yaml"
    )
    assert str(wrong.value).startswith(f"{where} refuses the user 'ops': 535 5.7.8")
    assert str(speech.value) == (
        f"{where} does not speak TLS as `tls: implicit` asks for. Correct `tls` or `port` in "
        "shared/mail.yaml"
    )
    assert len(post.taken) == 5


def test_a_server_without_tls_gets_nothing(tmp_path: Path) -> None:
    with serving(post := Post()) as port, pytest.raises(RelayFailed) as fault:
        sent(tmp_path, box(port, tls="starttls"))
    assert str(fault.value) == (
        f"127.0.0.1:{port} offers no STARTTLS, so the mail would be readable on its way. Write "
        "`tls: implicit` in shared/mail.yaml, or name another server"
    )
    assert not post.taken


def test_a_server_that_is_away(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(RelayFailed) as fault:
        sent(tmp_path, box(port))
    assert str(fault.value) == (
        f"127.0.0.1:{port} cannot be reached: connection refused. Correct shared/mail.yaml, or try "
        "again"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(RelayFailed) as late:
        sent(tmp_path, box(silent.getsockname()[1], timeout="1"))
    assert "does not answer within 1 seconds. Try again" in str(late.value)
    assert read_log(tmp_path / "journal").events == ()


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    post, port = Post(), free_port()
    servers = ExitStack()
    back: list[Timer] = []

    def restart() -> None:
        servers.enter_context(serving(post, port=port))

    def progress(done: int, total: int, text: str) -> None:
        if done == 2 and not back:
            servers.close()
            back.append(Timer(0.3, restart))
            back[0].start()

    restart()
    patience = Patience(rounds=(0.01,), troubles=(0.2,) * 20)
    files = (tmp_path / "journal", tmp_path / "key")
    with servers:
        settings = box(port, timeout="1")
        result = send(notice(), people(5), settings, *files, progress=progress, patience=patience)
        back[0].join()
    assert result.complete
    assert [len(ids) for ids in post.ids().values()] == [1] * 5


def test_a_server_that_stays_away(tmp_path: Path) -> None:
    post, port = Post(), free_port()
    with ExitStack() as servers:
        servers.enter_context(serving(post, port=port))
        result = sent(tmp_path, box(port), progress=lambda *_: servers.close())
    assert result.stopped is not None
    assert result.stopped.startswith(f"127.0.0.1:{port} cannot be reached: connection refused")
    assert (result.states["accepted"], len(post.taken)) == (1, 1)


def test_too_late_is_asked_at_the_start_and_before_each_round(tmp_path: Path) -> None:
    asked: list[int] = []

    def late() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Refused("too late")

    with serving(Post(rcpt=lambda *_: GREYLIST)) as port:
        result = sent(tmp_path, box(port), in_time=late)
    assert result.stopped == "too late"
    assert len(result.deferred) == 5
    with pytest.raises(Refused, match="too late"):
        sent(tmp_path / "elsewhere", box(port), in_time=late)
    assert not (tmp_path / "elsewhere").exists()


def test_a_test_message_is_in_no_journal(tmp_path: Path) -> None:
    person = Customer("me@alpha.example", "nl", "", 0)
    with serving(post := Post()) as port:
        assert send_test(notice(), person, box(port)) == "250 2.0.0 OK"
        assert send_test(notice(), person, box(port))
    one, two = post.letters
    assert one["Subject"] == "Ons beleid"
    assert one["Message-ID"] != two["Message-ID"]


def test_what_brand_yaml_and_mail_yaml_say_of_the_sender(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/mail.yaml").write_text(
        "server: x.example\nsender: info@münchen.example\nreply_to: {alpha: a@x.example}\n"
    )
    settings = postbox(FolderSource(tmp_path), "alpha", "Alpha\nBcc: all@x.example", None)
    assert settings.sender == settings.bounces == "info@xn--mnchen-3ya.example"
    (_, data), *_ = samples(notice(), people(1), settings)
    letter = message_from_bytes(data, policy=default)
    assert letter["From"].addresses[0].display_name == "Alpha Bcc: all@x.example"
    assert letter["Reply-To"] == "a@x.example"
    assert letter["Bcc"] is None


def test_samples_have_each_locale(tmp_path: Path) -> None:
    persons = (*people(3).people, Customer("n@x.example", "nl", "", 9))
    files = dict(samples(notice(), Customers("list", {}, persons), box(25)))
    assert [*files] == [
        f"alpha-2026-12-22-{n}-{locale}.eml" for n, locale in ((1, "en"), (2, "nl"), (3, "en"))
    ]
    assert all(b"To: " in data for data in files.values())


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    with pytest.raises(Refused, match="others can read the key"):
        read_key(key)
