"""What people, and git, do to an archive: each is named as what it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from support.archives import archive, released, say
from support.workspaces import Repo

from durability.aftermath import BRAND
from durability.figures import Figure, figure
from publisher.archive.entries import entry_bytes, read_entry, sha256
from publisher.archive.folder import read_sums
from publisher.archive.verify.verify import verify

OLD, NEW = "versions/alpha/2024-03-01", "versions/alpha/2024-04-01"
LEDGER = "versions/alpha/ledger"
FIRST, SECOND = f"{LEDGER}/0001-release-2024-03-01.json", f"{LEDGER}/0002-release-2024-04-01.json"
HEAD, CLONE, TAG = "{head}", "{clone}", f"{BRAND}/2024-04-01"
"""What is compared with: the kept SHA-256 of the newest entry, a clone, a tag."""


@dataclass(frozen=True)
class Deed:
    """Something that is done to an archive, and what verification says of it."""

    what: str
    do: Callable[[Repo], object]
    finding: str
    against: str | None = None


def trials(folder: Path) -> Iterator[Figure]:
    """Yield how many deeds are named."""
    repo = archive(folder / "archive")
    released(repo, "2024-03-01")
    say(repo, "Second.", date="2024-03-02T12:00:00+0000")
    released(repo, "2024-04-01", tag=True)
    (head,) = verify(repo.workspace).heads.values()
    known = {HEAD: head, CLONE: str(shutil.copytree(repo.root, folder / "clone"))}
    tried = [_tried(repo, deed, known) for deed in DEEDS]
    yield figure("history", tried, "deeds are found, and named as what they are")


def _tried(repo: Repo, deed: Deed, known: dict[str, str]) -> str:
    root = repo.root.with_name("deed")
    shutil.copytree(repo.root, root, symlinks=True)
    deed.do(Repo.of(root))
    against = known.get(deed.against or "", deed.against)
    findings = [str(each) for each in verify(root, against=against).findings]
    shutil.rmtree(root)
    said = deed.finding.format(**{name.strip("{}"): value for name, value in known.items()})
    return "" if any(said in each for each in findings) else f"{deed.what}: {findings}"


def _edit(repo: Repo, path: str, change: Callable[[bytes], bytes]) -> None:
    file = repo.root / path
    file.write_bytes(change(file.read_bytes()))


def _commit(repo: Repo, message: str = "change") -> None:
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", message)


def _cut(repo: Repo) -> None:
    """Cut the newest version off, and all that git knows of it."""
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("tag", "-d", TAG)


def _deleted(path: str) -> Callable[[Repo], None]:
    def delete(repo: Repo) -> None:
        repo.git("rm", "-rq", path)
        _commit(repo)

    return delete


def _swapped(one: str, other: str) -> Callable[[Repo], None]:
    def swap(repo: Repo) -> None:
        first, second = (repo.root / path for path in (one, other))
        data = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(data)

    return swap


def _linked(repo: Repo) -> None:
    path = repo.root / OLD / "en/policy.pdf"
    path.rename(repo.root / "policy.pdf")
    path.symlink_to(repo.root / "policy.pdf")


def _crlf(path: str) -> Callable[[Repo], None]:
    return lambda repo: _edit(repo, path, lambda data: data.replace(b"\n", b"\r\n"))


def _rewritten(repo: Repo) -> None:
    """Alter a document and make all that follows from it anew: sums, entry, and the chain."""
    page = repo.root / OLD / "en/policy.md"
    page.write_bytes(page.read_bytes().replace(b"name", b"game"))
    sums = repo.root / OLD / "SHA256SUMS"
    old = (read_sums(sums.read_bytes()) or {})["en/policy.md"]
    sums.write_bytes(sums.read_bytes().replace(old.encode(), sha256(page.read_bytes()).encode()))
    previous = None
    for path in (FIRST, SECOND):
        file = repo.root / path
        if not file.exists():
            break  # a commit from before it
        said = json.loads(file.read_bytes()) | {"previous": previous}
        if path == FIRST:
            said["sums"] = sha256(sums.read_bytes())
        file.write_bytes(entry_bytes(read_entry(json.dumps(said).encode())))
        previous = sha256(file.read_bytes())


def _rewritten_in_git(repo: Repo) -> None:
    """Do the same, and write git's history anew, so that it never knew anything else."""
    commits = repo.git("rev-list", "--reverse", "HEAD").split()
    repo.git("switch", "-q", "--orphan", "anew")
    for commit in commits:
        repo.git("read-tree", "-u", "--reset", commit)
        if (repo.root / FIRST).exists():
            _rewritten(repo)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-C", commit)
    repo.git("branch", "-qM", "anew", "main")


def _filtered(repo: Repo) -> None:
    """Rewrite a released file in every commit."""
    edit = f"test ! -f {OLD}/en/policy.md || sed -i s/name/game/ {OLD}/en/policy.md"
    repo.git(
        "filter-branch", "-f", "--tree-filter", edit, "HEAD", FILTER_BRANCH_SQUELCH_WARNING="1"
    )


def _dropped_by_a_merge(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side", "HEAD~1")
    repo.commit({"README.md": "side"})
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")
    repo.git("rm", "-rqf", NEW, SECOND)
    repo.git("commit", "-q", "-m", "merge")


def _second(repo: Repo) -> None:
    """Put another entry 2 beside the one that is there, which follows entry 1 as well."""
    data = (repo.root / SECOND).read_bytes().replace(b"C <", b"D <").replace(b"Ops <", b"Sop <")
    data = data.replace(b"2024-04-01", b"2024-04-02")
    (repo.root / LEDGER / "0002-release-2024-04-02.json").write_bytes(data)
    shutil.copytree(repo.root / NEW, repo.root / "versions/alpha/2024-04-02")
    _commit(repo)


def _instead(repo: Repo) -> None:
    """Put another entry 2 in the place of the one that is there, as if it were of another clone."""
    _second(repo)
    repo.git("rm", "-rqf", NEW, SECOND)
    _commit(repo)


def _moved_tag(repo: Repo) -> None:
    message = repo.git("tag", "-l", "--format=%(contents)", TAG)
    repo.git("tag", "-f", "-a", "-m", message, TAG, "HEAD~2")


DEEDS = (
    Deed("the newest document is cut short", lambda r: _edit(r, f"{NEW}/en/policy.pdf", lambda d: d[:9000]),
         f"{NEW}/en/policy.pdf: is altered: its SHA-256 is not in SHA256SUMS"),
    Deed("… to nothing", lambda r: _edit(r, f"{NEW}/en/policy.pdf", lambda _: b""),
         f"{NEW}/en/policy.pdf: is altered: it is empty"),
    Deed("the newest version is cut off, with its commit and tag", _cut,
         "versions: has no entry with the SHA-256 {head}: an entry was altered or cut off", HEAD),
    Deed("the same, against a clone", _cut,
         f"{SECOND}: is missing here: from entry 2 on, {{clone}} differs", CLONE),
    Deed("a version is deleted", _deleted(OLD), f"{OLD}/en/policy.pdf: was deleted by commit"),
    Deed("a version is deleted, and not committed", lambda r: shutil.rmtree(r.root / OLD), f"{OLD}/SHA256SUMS: is missing"),
    Deed("an entry is deleted", _deleted(FIRST), f"{SECOND}: follows a gap: entry 1 is missing"),
    Deed("all is deleted", _deleted("versions"), f"{FIRST}: was deleted by commit"),
    Deed("two documents are swapped", _swapped(f"{OLD}/en/policy.md", f"{OLD}/en/policy.html"),
         f"{OLD}/en/policy.md: is altered: it is en/policy.html"),
    Deed("two entries are swapped", _swapped(FIRST, SECOND), f"{FIRST}: says that it is 0002-release-2024-04-01.json"),
    Deed("two versions are swapped", lambda r: [_swapped(f"{OLD}/en/{n}", f"{NEW}/en/{n}")(r) for n in ("policy.md", "policy.pdf")],
         f"{OLD}/en/policy.md: is altered: its SHA-256 is not in SHA256SUMS"),
    Deed("a file is inserted", lambda r: (r.root / OLD / "en/policy.txt").write_text("x"),
         f"{OLD}/en/policy.txt: is in no entry of the ledger, and does not belong in the archive"),
    Deed("an entry is inserted", lambda r: shutil.copy(r.root / SECOND, r.root / LEDGER / "0003-release-2024-04-01.json"),
         f"{LEDGER}/0003-release-2024-04-01.json: says that it is 0002-release-2024-04-01.json"),
    Deed("a document becomes a link", _linked, f"{OLD}/en/policy.pdf: is a symbolic link"),
    Deed("a document gets other line ends", _crlf(f"{OLD}/en/policy.md"),
         f"{OLD}/en/policy.md: is altered: its line ends were converted to CRLF"),
    Deed("the sums get other line ends", _crlf(f"{OLD}/SHA256SUMS"), f"{OLD}/SHA256SUMS: is altered: its line ends were converted to CRLF"),
    Deed("an entry gets other line ends", _crlf(FIRST), f"{FIRST}: is not in the one form that an entry has: its line ends were converted to CRLF"),
    Deed("the chain is written anew from the middle, and committed", lambda r: (_rewritten(r), _commit(r)), f"{FIRST}: was altered by commit"),
    Deed("the same, and git's history with it", _rewritten_in_git,
         "versions: has no entry with the SHA-256 {head}: an entry was altered or cut off", HEAD),
    Deed("… against a clone", _rewritten_in_git, f"{FIRST}: is different here: from entry 1 on, {{clone}} differs", CLONE),
    Deed("… against the tag", _rewritten_in_git, f"tag {TAG}: does not hold the SHA-256 of {SECOND}"),
    Deed("a second entry is put beside the newest", _second, f"{LEDGER}: has two entries 2, written in two clones on 1 and 2 April 2024"),
    Deed("… and the newest is dropped then", _instead, f"{SECOND}: was deleted by commit"),
    Deed("a merge drops a version", _dropped_by_a_merge, f"{SECOND}: was deleted by commit"),
    Deed("filter-branch rewrites a released file", _filtered, f"{OLD}/en/policy.md: is altered: its SHA-256 is not in SHA256SUMS"),
    Deed("a tag is moved", _moved_tag, f"tag {TAG}: names a commit that does not have {SECOND}"),
)  # fmt: skip
"""What is done. A rewriting of everything is found only against what somebody else has kept."""
