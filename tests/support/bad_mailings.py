"""What goes wrong when a notice is sent, and what users are told."""

from __future__ import annotations

from collections.abc import Callable

from publisher.notices.approval import approve
from publisher.notices.message import prepare
from support.archives import noon
from support.bad_archives import ALPHA, Case
from support.messages import FOLDER
from support.workspaces import Repo

SEND = ("notices", "send", "alpha", "2025-01-20")
LIST = ("--list", "{workspace}/../list.csv")
PLACES = ("--journal", "{workspace}/../journal", "--key", "{workspace}/../key")
MAIL = "server: 127.0.0.1\ntls: none\nport: 1\nsender: legal@alpha.example\n"
GOOD = "Name,Email,Language,Brand\nJane,jane@x.example,en_US,alpha\n"
BASE = "https://acme.example/"


def approved(
    mail: str | None = MAIL, customers: str | None = GOOD, own: str = ""
) -> Callable[[Repo], None]:
    """Return what approves a notice, and writes shared/mail.yaml and the list of customers."""

    def write(repo: Repo) -> None:
        root, now = repo.workspace, noon("2025-06-15")
        if own:
            (root / "brands/alpha/brand.yaml").write_text(ALPHA + own)
        notice = prepare(root, "alpha", "2025-01-20", now, base_url=BASE).notice
        approve(root, notice.digest, "Counsel", now, base_url=BASE)
        if mail is not None:
            (root / "shared/mail.yaml").write_text(mail)
        if customers is not None:
            (root.parent / "list.csv").write_text(customers)

    return write


def _sent(repo: Repo) -> None:
    (repo.workspace.parent / "list.csv").write_text(GOOD)
    key = repo.workspace.parent / "key"
    key.write_text("00" * 32)
    key.chmod(0o600)


def _mail(old: str, new: str) -> Callable[[Repo], None]:
    return approved(MAIL.replace(old, new))


TOLD = ("notices", "told", "jane@x.example", *LIST, *PLACES[2:])
CASES = (
    Case("a notice that nobody approved", "error: no notice of alpha 2025-01-20 is approved; run `publisher notices prepare alpha 2025-01-20`, then `publisher notices approve`. Nothing was written", 2, command=(*SEND, *LIST, *PLACES)),
    Case("a notice that is too late", "error: alpha 2025-01-20 takes effect on 2025-01-20, and the last day for its notice was 2024-12-21 (`notice_days` in brand.yaml). Move it with `publisher reschedule alpha 2025-01-20 --in-force DATE`; --short-notice can say why the notice is shorter. Nothing was written", 2, approved(own="notice_days: 30\n"), (*SEND, *LIST, *PLACES)),
    Case("one file for the journal and the key", "error: --journal and --key both name …/../both. Name a file for each", 2, approved(), (*SEND, *LIST, "--journal", "{workspace}/../both", "--key", "{workspace}/../both")),
    Case("mail without shared/mail.yaml", "error: shared/mail.yaml: is missing; create it", 1, approved(None), (*SEND, *LIST, *PLACES)),
    Case("mail without a server", "error: shared/mail.yaml:1: 'server' is missing; add it", 1, _mail("server: 127.0.0.1\n", ""), (*SEND, *LIST, *PLACES)),
    Case("mail to a server that is an address of the web", "error: shared/mail.yaml:1: 'server' is 'https://smtp.example.com/'; write the name of a server: smtp.example.com", 1, _mail("127.0.0.1", "https://smtp.example.com/"), (*SEND, *LIST, *PLACES)),
    Case("mail to an impossible port", "error: shared/mail.yaml:3: 'port' is '99999'; write a number from 1 to 65535", 1, _mail("port: 1", "port: 99999"), (*SEND, *LIST, *PLACES)),
    Case("mail with a password without TLS", "error: shared/mail.yaml:4: 'user' is 'ops'; a password needs `tls: starttls` or `tls: implicit`; or delete `user`", 1, _mail("sender", "user: ops\nsender"), (*SEND, *LIST, *PLACES)),
    Case("mail without the password", "error: PUBLISHER_MAIL_PASSWORD is not set, and shared/mail.yaml names the user 'ops'. Put the password into that variable of the environment. Nothing was written", 4, _mail("tls: none", "user: ops"), (*SEND, *LIST, *PLACES)),
    Case("mail without a sender for the brand", "error: shared/mail.yaml has no `sender` for alpha. Add its address there. Nothing was written", 1, _mail("sender: legal@alpha.example", "sender: {beta: legal@beta.example}"), (*SEND, *LIST, *PLACES)),
    Case("mail from an address outside ASCII", "error: shared/mail.yaml: 'é@alpha.example' has letters outside ASCII before the @. Use another. Nothing was written", 1, _mail("legal@", "é@"), (*SEND, *LIST, *PLACES)),
    Case("mail to a server that is away", "error: 127.0.0.1:1 cannot be reached: connection refused. Correct shared/mail.yaml, or try again", 4, approved(), (*SEND, *LIST, *PLACES)),
    Case("a test to something other than an address", "error: --test: 'jane' is not an e-mail address. Give an address of your own", 2, approved(), (*SEND, "--test", "jane")),
    Case("a test in an unknown locale", "error: unknown locale 'nl'; known: en", 2, approved(), (*SEND, "--test", "me@alpha.example", "--locale", "nl")),
    Case("a mailing without a list", "error: name the list of customers with --list, or an address with --test", 2, approved(), (*SEND, *PLACES)),
    Case("a mailing without a journal", "error: name the --journal and the --key of the notice; both are made if new", 2, approved(), (*SEND, *LIST)),
    Case("a list of customers that is missing", f"error: {FOLDER}/../list.csv cannot be read: no such file or directory. Name the list of customers", 2, approved(customers=None), (*SEND, *LIST, *PLACES)),
    Case("a list of customers in the repository", f"error: {FOLDER}/list.csv is in the git repository {FOLDER}, where lists of customers, journals and keys may not be kept. Name a place outside. Nothing was written", 2, approved(), (*SEND, "--list", "{workspace}/list.csv", *PLACES)),
    Case("a journal in the repository", f"error: {FOLDER}/journal is in the git repository {FOLDER}, where lists of customers, journals and keys may not be kept. Name a place outside. Nothing was written", 2, approved(), (*SEND, *LIST, "--journal", "{workspace}/journal", *PLACES[2:])),
    Case("a list of another brand's customers", "error: list.csv has no customers of alpha: it has beta (1). Name the customers of alpha. Nothing was written", 2, approved(customers=GOOD.replace("alpha", "beta")), (*SEND, *LIST, *PLACES)),
    Case("a list with rows without an address", "error: list.csv has 1 row without a usable address, listed above. Correct the list, or leave them out with --skip-invalid. Nothing was written", 1, approved(customers=f"{GOOD}Bob,bob(at)x.example,en,alpha\n"), (*SEND, *LIST, *PLACES)),
    Case("a list with an unknown column", "error: list.csv has no column named 'Adres'; it has Name, Email, Language, Brand", 2, approved(), (*SEND, *LIST, *PLACES, "--address-column", "Adres")),
    Case("a webhook without TLS", "error: --webhook takes an address such as https://example.com/, not 'http://x.example/'", 2, approved(), (*SEND, *LIST, *PLACES, "--webhook", "http://x.example/")),
    Case("a webhook without a secret", "error: PUBLISHER_WEBHOOK_SECRET is not set to a secret such as whsec_…, with 24 to 64 bytes in Base64. Put the secret that the server gave you into that variable. Nothing was written", 4, approved(), (*SEND, *LIST, *PLACES, "--webhook", "https://x.example/")),
    Case("the question whether somebody without an address was told", "error: 'jane' is not an e-mail address. Give the address of one person", 2, _sent, (*TOLD[:2], "jane", *TOLD[3:])),
    Case("the question whether somebody was told, without the key", f"error: the key {FOLDER}/../key cannot be read: no such file or directory. Name the key with which the notice was sent. Nothing was written", 2, command=TOLD),
    Case("a list to which no notice went", f"error: the ledger has no notice to the list {FOLDER}/../list.csv with the key {FOLDER}/../key. Name the list as it was when the notice was sent, and its key. Nothing was written", 1, _sent, TOLD),
    Case("delivery reports that are missing", f"error: {FOLDER}/../bounces.mbox cannot be read: no such file or directory. Name a mailbox (mbox), or messages (.eml)", 2, command=("notices", "bounced", "{workspace}/../bounces.mbox", *PLACES[:2])),
    Case("a journal to forget that is missing", f"error: {FOLDER}/../journal cannot be read: no such file or directory. Name the journal of the notice", 2, command=("notices", "forget", *PLACES, "--days", "30")),
)  # fmt: skip
