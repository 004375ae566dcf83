"""What forgers and unlucky operators do to an archive, and what `verify` says of it.

A forger leaves nothing but the one fault: hashes, head and git's history fit. What is expected of
each is all that `verify` says: findings behind a ``!``, then notes. Paths begin in the brand's
folder, or its ledger; commits, keys and digests are an ellipsis.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.archive.captures import Captured, record_bytes
from publisher.archive.entries import form_bytes, sha256
from publisher.archive.notice_record import message_digest
from support.forgeries import DAY, ONE, TWO, Forgery, write

NONE = "0" * 64
MD, PDF, SUMS = f"{ONE}/en/policy.md", f"{ONE}/en/policy.pdf", f"{ONE}/SHA256SUMS"
FIRST, SECOND = f"0001-release-{ONE}.json", f"0002-release-{TWO}.json"
RETIRED = "0003-retire-2025-06-01.json"
UNCHAINED = "does not hold the SHA-256 of the entry before it: one of the two was altered"
STRAY = "is in no entry of the ledger, and does not belong in the archive"
SOON, START = date(2025, 1, 25), date(2025, 2, 20)
LATER = DAY + timedelta(days=10)
HASHES = (
    "only hashes were checked, and somebody who rewrites the whole archive can rewrite them, too. "
    "Verify a clone, or compare with one by --against"
)


def ended(version: str, until: str, told: str) -> str:
    """Return what is said of a version that ended at noon, where `told` was told of it earlier."""
    return (
        f"alpha: {version} was in force until {until} (Europe/Brussels). Earlier versions of publisher counted whole "
        f"days, and said that it was in force until {told}; if you told anybody that, do what docs/problems.md says"
    )


EARLIER = (
    *(
        ended(str(day), f"{day + timedelta(days=1)} 12:00:00", str(day))
        for day in (date(2025, 2, 21 - n) for n in range(20))
    ),
    "alpha: the same holds for 3 earlier versions; `publisher versions alpha` lists the hours of each",
)


@dataclass(frozen=True)
class Case:
    """A fault: what it is, how it comes about, and all that is said of it.

    All is committed behind `alter`, in the only commit that there is; `then` comes behind that. Each
    may return options of `verify`. `answers` counts what is said of earlier answers.
    """

    what: str
    alter: Callable[[Forgery], object]
    expected: tuple[str, ...]
    then: Callable[[Forgery], object] = lambda _: None
    answers: bool = False


def case(what: str, alter: Callable[[Forgery], object], *expected: str, **more: Any) -> Case:
    return Case(what, alter, expected, **more)


def nothing(_: Forgery) -> None:
    """Alter nothing."""


def append(kind: str, recorded: date = DAY, **about: Any) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.append(kind, recorded, **about)


def retired(
    recorded: date = DAY, on: date = date(2025, 6, 1), **about: Any
) -> Callable[[Forgery], object]:
    return append("retire", recorded, on=on, **{"locale": None, **about})


def both(*steps: Callable[[Forgery], object]) -> Callable[[Forgery], dict[str, Any]]:
    def take(forgery: Forgery) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for step in steps:
            more = step(forgery)
            options |= more if isinstance(more, dict) else {}
        return options

    return take


def change(number: int, **about: Any) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.change(number, **about)


def put(path: str, data: bytes) -> Callable[[Forgery], object]:
    def put(forgery: Forgery) -> None:
        (forgery.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (forgery.folder / path).write_bytes(data)

    return put


def edit(path: str, change: Callable[[bytes], bytes]) -> Callable[[Forgery], object]:
    def edit(forgery: Forgery) -> None:
        file = forgery.folder / path
        file.write_bytes(change(file.read_bytes()))

    return edit


def deleted(path: str) -> Callable[[Forgery], object]:
    return lambda forgery: (forgery.folder / path).unlink()


def commit(forgery: Forgery) -> None:
    forgery.go_on()


def options(**options: Any) -> Callable[[Forgery], dict[str, Any]]:
    return lambda _: options


# --- the ledger ---


def numbered(*numbers: int) -> Callable[[Forgery], object]:
    """Give the entries other numbers, and each the hash of the one before it."""

    def number(forgery: Forgery) -> None:
        entries = zip(forgery.entries, numbers, strict=True)
        changed = [entry.model_copy(update={"sequence": number}) for entry, number in entries]
        forgery.write(changed, numbered=False)

    return number


def renamed(forgery: Forgery) -> None:
    retired()(forgery)
    name = RETIRED.replace("06-01", "07-01")
    (forgery.ledger / RETIRED).rename(forgery.ledger / name)
    forgery.point(name)


def garbage(data: bytes) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.newest(data)


def reformed(change: Callable[[bytes], bytes]) -> Callable[[Forgery], object]:
    def reform(forgery: Forgery) -> None:
        retired()(forgery)
        edit(f"ledger/{RETIRED}", change)(forgery)
        forgery.point(RETIRED)

    return reform


def newer(name: str = "", **about: Any) -> Callable[[Forgery], object]:
    """Append an entry that a later publisher might write."""

    def append(forgery: Forgery) -> None:
        made = forgery.next("retire", on=date(2025, 6, 1), locale=None)
        fields = made.model_dump(mode="json", exclude={"unsigned"}) | about
        forgery.newest(form_bytes(fields), name or f"0003-{fields['kind']}-2025-06-01.json")

    return append


def newer_version(forgery: Forgery) -> None:
    """Append a version of an unknown kind, of which a document is altered."""
    write(forgery.folder / "2025-02-01", {"en/policy.md": b"Words"})
    sums = sha256((forgery.folder / "2025-02-01/SHA256SUMS").read_bytes())
    about = {
        "kind": "freeze",
        "version": "2025-02-01",
        "sums": sums,
        "signer": forgery.fingerprint("ours"),
    }
    newer("0003-freeze-2025-02-01.json", **about)(forgery)
    (forgery.folder / "2025-02-01/en/policy.md").write_bytes(b"Other words")


# --- versions and captures ---


def other_locales(forgery: Forgery) -> None:
    locales = forgery.entries[0].locales  # type: ignore[union-attr]
    forgery.change(1, locales={**locales, "nl": locales["en"]})


def upper(forgery: Forgery) -> None:
    edit(SUMS, bytes.upper)(forgery)
    forgery.change(1, sums=sha256((forgery.folder / SUMS).read_bytes()))


def redact(
    gone: bool = True, version: str = ONE, name: str = "policy.md", **about: Any
) -> Callable[[Forgery], object]:
    def redact(forgery: Forgery) -> None:
        file = forgery.folder / version / "en" / name
        digest = sha256(file.read_bytes()) if file.exists() else NONE
        fields = {"version": version, "file": f"en/{name}", "digest": digest}
        forgery.append("redact", **fields | about)
        if gone:
            file.unlink()

    return redact


PAGE = "captures/2025-01-31T090000Z-en"


def capture(forgery: Forgery, **about: Any) -> None:
    """Record what a page on the web showed."""
    files = {"page.html": b"<p>Words", "headers.txt": b"Content-Type: text/html\n"}
    moment = datetime(2025, 1, 31, 9, tzinfo=UTC)
    url = "https://alpha.example/privacy"
    shown = {"locale": "en", "url": url, "shown": "in-force", "version": TWO}
    captured = Captured.model_validate(
        {"format": 1, "brand": "alpha", "captured": moment, "status": 200, "current": TWO, "differences": 0}
        | {"files": {name: sha256(data) for name, data in files.items()}} | shown
    )  # fmt: skip
    for name, data in {**files, "capture.json": record_bytes(captured)}.items():
        put(f"{PAGE}/{name}", data)(forgery)
    record = sha256(record_bytes(captured))
    about = {"capture": captured.id, "record": record} | shown | about
    forgery.append("capture", **about)


# --- signatures, tags, time-stamps ---


def signed(key: str = "ours", **about: Any) -> Callable[[Forgery], object]:
    return retired(key=key, **about)


def says_that_ours_signed(forgery: Forgery) -> None:
    signed("theirs", signer=forgery.fingerprint("ours"))(forgery)


def allowed(*keys: str) -> Callable[[Forgery], dict[str, Any]]:
    return lambda forgery: {"allowed_signers": forgery.allowed(*keys)}


def trusts(*keys: str) -> Callable[[Forgery], object]:
    """Let the workspace itself say who may sign."""
    return lambda forgery: forgery.allowed(*keys, path="shared/allowed_signers")


def endorse(number: int, digest: str = "", **about: Any) -> Callable[[Forgery], object]:
    def endorse(forgery: Forgery) -> None:
        (file,) = forgery.ledger.glob(f"{number:04}-*.json")
        own = digest or sha256(file.read_bytes())
        entries = ({"entry": number, "digest": own},)
        forgery.append("endorse", date(2025, 2, 3), entries=entries, **about)

    return endorse


def signed_version(forgery: Forgery) -> None:
    """Sign the entry of the newest version."""
    forgery.change(2, signer=forgery.fingerprint("ours"))
    from publisher.archive.trust.signatures import sign

    sign(forgery.ledger / SECOND, str(forgery.keys / "ours"))


def tag(**about: Any) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.tag(**about)


def tag_of_nothing(forgery: Forgery) -> None:
    forgery.tag(forgery.nothing())


STAMP = "0003-timestamp-2025-02-01.json"


def stamp(
    change: Callable[[bytes], bytes] = bytes, about: str = SECOND, *options: str, **fields: Any
) -> Callable[[Forgery], object]:
    """Let the authority prove an entry; `change` alters its reply, which the entry has the hash of."""

    def stamp(forgery: Forgery) -> None:
        data = (forgery.ledger / about).read_bytes()
        forgery.stamp(data, change, options, **fields)

    return stamp


# --- other copies, and history ---


def copy(forgery: Forgery) -> dict[str, Any]:
    """Keep a copy of the workspace, to compare with."""
    copy = forgery.repo.root.parent / "copy"
    shutil.copytree(forgery.repo.root, copy)
    return {"against": str(copy)}


def both_went_on(forgery: Forgery) -> None:
    """Let two clones append to the ledger: a retirement on main, two entries on a branch."""
    forgery.branch("side")
    retired(on=date(2025, 7, 1))(forgery)
    retired(on=date(2025, 8, 1))(forgery)
    forgery.go_on()
    forgery.branch("main")
    retired()(forgery)
    forgery.go_on()


def merge(*how: str) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.merge(*how)


def both_released(forgery: Forgery) -> None:
    """Let two clones release on one day, each with documents of its own."""
    for name, summary in (("side", "Theirs"), ("main", "Ours")):
        forgery.branch(name)
        forgery.append("release", summary=summary)
        forgery.documents(str(DAY), 3, txt=summary.encode())
        forgery.go_on()


def one_released(forgery: Forgery) -> None:
    """Let two clones append to the ledger: one retires the brand, the other one releases."""
    forgery.branch("side")
    forgery.append("retire", on=date(2025, 7, 1), locale=None)
    forgery.go_on()
    forgery.branch("main")
    forgery.append("release")
    forgery.go_on()


def both_released_one(forgery: Forgery) -> None:
    """Let two clones release a version of one id, one of them behind another entry."""
    one_released(forgery)
    forgery.branch("side")
    forgery.append("release", summary="Theirs")
    forgery.documents(str(DAY), 4, txt=b"Theirs")
    forgery.go_on()
    forgery.branch("main")


def one_went_on(forgery: Forgery) -> None:
    """Let one of two clones append to the ledger."""
    forgery.branch("side")
    retired()(forgery)
    forgery.go_on()
    forgery.branch("main")
    forgery.go_on("Nothing")


def one_redacted(forgery: Forgery) -> None:
    """Let two clones append to the ledger: one retires the brand, the other one redacts."""
    forgery.branch("side")
    redact()(forgery)
    forgery.go_on()
    forgery.branch("main")
    retired()(forgery)
    forgery.go_on()


def exchanged(forgery: Forgery) -> None:
    """Exchange the newest entry for another one, and put it back."""
    retired()(forgery)
    forgery.go_on()
    for path in (forgery.ledger / RETIRED, forgery.folder / "ledger.head"):
        shutil.copy(path, forgery.repo.root.parent)
    forgery.change(3, unsigned="Other")
    forgery.go_on()
    shutil.copy(forgery.repo.root.parent / RETIRED, forgery.ledger)
    shutil.copy(forgery.repo.root.parent / "ledger.head", forgery.folder)
    forgery.go_on()


def entry_of_side(forgery: Forgery) -> None:
    """End a merge with the entry of one ledger, and the documents of the other one."""
    name = f"versions/alpha/ledger/0003-release-{DAY}.json"
    forgery.repo.git("checkout", "-q", "side", "--", name)
    forgery.go_on()


def take(branch: str) -> Callable[[Forgery], object]:
    """Take the ledger of a branch, as it is."""

    def take(forgery: Forgery) -> None:
        forgery.repo.git("rm", "-rqf", "versions/alpha")
        forgery.repo.git("checkout", "-q", branch, "--", "versions/alpha")
        forgery.go_on()

    return take


def pushed(forgery: Forgery) -> None:
    forgery.repo.git("update-ref", "refs/remotes/origin/main", "side")


def tagged(forgery: Forgery) -> None:
    """Tag the newest version, with the hash of an entry that is to be undone, too."""
    files = (forgery.ledger / name for name in (SECOND, RETIRED))
    forgery.tag(message=" ".join(sha256(file.read_bytes()) for file in files))


def rebasing(forgery: Forgery) -> None:
    forgery.repo.git("update-ref", "REBASE_HEAD", "HEAD^1")


def conflicting(forgery: Forgery) -> None:
    """Merge the other branch, and commit the marks of the conflict."""
    with suppress(subprocess.CalledProcessError):
        forgery.merge("--no-commit")
    forgery.go_on()


def without_git(forgery: Forgery) -> None:
    shutil.rmtree(forgery.repo.root / ".git")


def many(forgery: Forgery) -> None:
    """Release every day, so that each version is replaced at noon."""
    for day in range(22):
        forgery.append("release", DAY + timedelta(days=day))


OLDEST, OLDER, OLD = date(2018, 5, 25), date(2019, 5, 25), date(2020, 5, 25)
AFTERNOON = datetime(2025, 2, 1, 16, tzinfo=UTC)
STAMPED = datetime(2025, 2, 1, 12, tzinfo=UTC)


def linked(name: str) -> Callable[[Forgery], object]:
    return lambda forgery: (forgery.folder / name).symlink_to(forgery.repo.root)


def linked_brand(forgery: Forgery) -> dict[str, Any]:
    gamma = forgery.folder.parent / "gamma"
    gamma.rename(forgery.repo.root.parent / "gamma")
    gamma.symlink_to(forgery.repo.root.parent / "gamma")
    return {"brands": ["gamma"]}


def linked_document(forgery: Forgery) -> None:
    (forgery.folder / MD).rename(forgery.repo.root.parent / "policy.md")
    (forgery.folder / MD).symlink_to(forgery.repo.root.parent / "policy.md")


def unlinked(forgery: Forgery) -> None:
    (forgery.folder / MD).unlink()
    (forgery.repo.root.parent / "policy.md").rename(forgery.folder / MD)


def altered_sums(forgery: Forgery) -> None:
    """Let a document and its version's SHA256SUMS agree, but not with the entry."""
    first = forgery.entries[0]
    forgery.documents(ONE, 1, md=b"# Other words")
    forgery.change(1, sums=first.sums)  # type: ignore[union-attr]


def reschedule(
    old: date, new: date, on: date = DAY + timedelta(days=2)
) -> Callable[[Forgery], object]:
    about = {"version": DAY.isoformat(), "instead_of": old, "in_force_from": new}
    return append("reschedule", on, **about)


def emptied(forgery: Forgery) -> None:
    """Take all that was released out of the archive."""
    for folder in (forgery.ledger, forgery.folder / ONE, forgery.folder / TWO):
        shutil.rmtree(folder)
    forgery.ledger.mkdir()


def imported(day: date, **about: Any) -> Callable[[Forgery], object]:
    return append("import", **{"claimed_date": day, "version": f"{day}-imported", **about})


def reconstruct(forgery: Forgery) -> None:
    about = {"revised": date(2024, 1, 2), "version": "2024-01-02-reconstructed"}
    forgery.append("reconstruct", **about)


def absence(day: date) -> Callable[[Forgery], object]:
    return lambda forgery: forgery.append("absence", on=day, source=forgery.nothing())


def stamp_before(forgery: Forgery) -> None:
    """Let the authority prove an entry that says that it was recorded later."""
    retired(recorded_at=STAMPED + timedelta(minutes=9))(forgery)
    recorded = STAMPED + timedelta(minutes=9)
    stamp(about=RETIRED, entry=3, recorded_at=recorded)(forgery)


AHEAD = date(2027, 3, 4)
"""What a clock that was ahead showed."""


def counted(shown: str, by: str) -> str:
    """Return what is said of an entry with a clock that was ahead; `by` is the day of the other."""
    return (
        f"versions/alpha/ledger/0003-release-{AHEAD}.json was recorded as {AHEAD} 12:00:00, corrected to "
        f"2025-02-01 {shown} (Europe/Brussels) by 0004-clock-{by}.json: because"
    )


def clock(
    *rights: tuple[int, datetime, date | None], recorded: datetime = AFTERNOON + timedelta(days=2)
) -> Callable[[Forgery], object]:
    """Say of entries when they were really made."""

    def correct(forgery: Forgery) -> None:
        entries = [
            {
                "entry": number,
                "digest": sha256(file.read_bytes()),
                "time": time,
                "takes_effect": day,
            }
            for number, time, day in rights
            for file in forgery.ledger.glob(f"{number:04}-*.json")
        ]
        forgery.append("clock", recorded.date(), entries=entries, recorded_at=recorded)

    return correct


def from_nothing(forgery: Forgery) -> None:
    """Release, with a clock that is ahead, from a commit that is as old as the one that has all."""
    forgery.append("release", AHEAD, source=forgery.nothing())


def left_out(*patterns: str) -> Callable[[Forgery], object]:
    """Let a sparse checkout have what matches patterns, or nothing of the archive."""
    return lambda forgery: forgery.repo.git(
        "sparse-checkout", "set", *(patterns or ("brands", "shared"))
    )


def notice(**about: Any) -> Callable[[Forgery], object]:
    moment = datetime(2025, 1, 25, 9, tzinfo=UTC)
    own = {"version": TWO, "in_force_from": date(2025, 1, 20), "first": moment, "last": moment}
    return append("notice", **own | about)


def record(data: bytes = b"", text: str = "Words", digest: str = "") -> Callable[[Forgery], object]:
    """Keep the text of a notice that was sent, or something else in its place."""

    def record(forgery: Forgery) -> None:
        sent = message_digest("News", "Words", "<p>Words", {})
        notice(texts={"en": sent})(forgery)
        known = (
            "approvals:\n"
            f"- {{digest: '{NONE}', by: Legal, approved_on: 2025-01-24, default_locale: en,\n"
            "  in_force_from: '2025-01-20T00:00:00+01:00', messages: {en: {subject: News,\n"
            f"  text: {text}, html: <p>Words, digest: '{digest or sent}'}}}}}}\n"
        )
        put(f"../../shared/notices/alpha-{TWO}.yaml", data or known.encode())(forgery)

    return record


def attached(forgery: Forgery) -> None:
    """Give the PDF of the newest version the attached sources of another policy."""
    import pypdfium2

    pdf, other = forgery.folder / TWO / "en/policy.pdf", forgery.repo.root.parent / "other.pdf"
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(document.count_attachments()):
            file = document.get_attachment(number)
            file.set_data(bytes(file.get_data()).replace(b"Second", b"Hidden"))
        document.save(other)
    forgery.documents(TWO, 2, pdf=other.read_bytes())


def other_words(number: int) -> Callable[[Forgery], object]:
    def change(forgery: Forgery) -> None:
        locales = forgery.entries[number - 1].locales  # type: ignore[union-attr]
        changed = {"en": locales["en"].model_copy(update={"words": NONE})}
        forgery.change(number, locales=changed)

    return change


def other_branch(forgery: Forgery) -> None:
    forgery.branch("side")
    forgery.change(2, summary="New")
    forgery.repo.git("update-ref", "-d", "refs/heads/side")
    forgery.go_on()
    forgery.branch("main")


def moved(forgery: Forgery) -> None:
    """Move the workspace into a folder."""
    root = forgery.repo.root
    forgery.repo.git("rm", "-rq", "--cached", ".")
    (root / "legal").mkdir()
    for name in ("brands", "shared", "versions"):
        (root / name).rename(root / "legal" / name)
    forgery.enter(root / "legal")
    forgery.go_on()


def moved_and_changed(forgery: Forgery) -> None:
    """Move the workspace into a folder, and write its ledger again there."""
    moved(forgery)
    forgery.change(1, summary="New")
    forgery.repo.git("reset", "-q", "--soft", "HEAD^")
    forgery.go_on()


def cut(forgery: Forgery) -> None:
    (forgery.ledger / RETIRED).unlink()
    forgery.point(SECOND)


def copy_of(change: Callable[[Path], object], brand: str) -> Callable[[Forgery], dict[str, Any]]:
    def keep(forgery: Forgery) -> dict[str, Any]:
        options = copy(forgery)
        change(Path(options["against"]) / "versions" / brand)
        return options

    return keep


_DIGEST = re.compile(r"(?<=SHA256:)[A-Za-z0-9+/]{43}|\b[0-9a-f]{64}\b|\b[0-9a-f]{10}\b")
_STAMPED = re.compile(r"(?<=reply says 2025-02-01)T12:00:\d\d(\.\d+)?")


def remarks(forgery: Forgery, case: Case) -> list[str]:
    """Let a case come about; return all that `verify` says of it."""
    first = both(case.alter)(forgery)
    forgery.commit()
    verified = forgery.verify(**first | both(case.then)(forgery))
    texts = [*(f"! {finding}" for finding in verified.findings), *verified.notes, *verified.newer]
    texts += filter(None, [verified.unwitnessed, *(verified.answers if case.answers else ())])
    return [shortened(text, forgery) for text in texts]


def shortened(text: str, forgery: Forgery) -> str:
    """Return a text without what differs from run to run, and without the folder of the brand."""
    text = re.sub(r"git -C \S+/repo ", "git ", text.replace(str(forgery.repo.root.parent), ""))
    for folder in ("versions/alpha/ledger/", "versions/alpha/"):
        text = text.replace(f"! {folder}", "! ")
    return _STAMPED.sub("T12:00:…", _DIGEST.sub("…", text))
