"""What is wrong with an archive, or with a release, and what users are told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publisher.archive.entries import form_bytes, sha256
from publisher.archive.release.append import AppendOptions
from publisher.archive.release.lifecycle import retire
from support.archives import DATA, forge, noon, released, say
from support.keys import key_pairs
from support.messages import FOLDER
from support.workspaces import SMALL, Repo, clause

ALPHA = SMALL["brands/alpha/brand.yaml"]
ONE = "versions/alpha/2025-01-10"
TWO = "versions/alpha/2025-01-20"
LEDGER = "versions/alpha/ledger"
HEAD = "versions/alpha/ledger.head"
FIRST = f"{LEDGER}/0001-release-2025-01-10.json"
SECOND = f"{LEDGER}/0002-release-2025-01-20.json"
RELEASE = ("release", "alpha")
REFUSED = "error: alpha was not released: "
FORK = (
    "has two entries 3, written in two clones on 2 and 3 February 2025: "
    "0003-release-2025-02-02.json and 0003-retire-2025-07-01.json. 0003-retire-2025-07-01.json "
    "(commit …) was not pushed. To undo it, run `git rm -rfq versions/alpha`, `git checkout … -- "
    "versions/alpha` and `git commit -m 'Undo entry 3 of alpha'`; then repeat the command that "
    "made it"
)


@dataclass(frozen=True)
class Case:
    """A fault: what it is, the command, what it says, with which code, and how it comes about.

    The repository has two versions of the brand, of 10 and 20 January 2025, and words committed
    since; the command is run on 15 June 2025. `blocks` are the most that it may write in a file, of
    512 bytes each.
    """

    what: str
    message: str
    code: int
    prepare: Callable[[Repo], object] = lambda _: None
    command: tuple[str, ...] = RELEASE
    blocks: int | None = None


def past(repo: Repo) -> None:
    """Give a repository the two versions, and words since."""
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    repo.pack()
    say(repo, "Third.", date="2025-02-01T12:00:00+0000")


def _remark(value: str) -> Callable[[Repo], None]:
    def remark(repo: Repo) -> None:
        repo.commit(message=f"Correct\n\nPolicy-Change: {value}", date="2025-02-02T12:00:00+0000")

    return remark


def _sells(folder: Path) -> None:
    data = (folder / "policy.md").read_bytes()
    (folder / "policy.md").write_bytes(data.replace(b"Second.", b"Sells"))


def _edit(path: str, old: bytes, new: bytes) -> Callable[[Repo], None]:
    def edit(repo: Repo) -> None:
        file = repo.workspace / path
        data = file.read_bytes()
        assert old in data
        file.write_bytes(data.replace(old, new, 1))

    return edit


def _write(path: str, text: str) -> Callable[[Repo], object]:
    return lambda repo: (repo.workspace / path).write_text(text)


def _commit(
    path: str, text: str | None, when: str = "2025-02-02T12:00:00+0000"
) -> Callable[[Repo], object]:
    return lambda repo: repo.commit({path: text}, "change", when)


def _linked(repo: Repo) -> None:
    pdf = repo.workspace / ONE / "en/policy.pdf"
    pdf.rename(repo.root.parent / "elsewhere.pdf")
    pdf.symlink_to(repo.root.parent / "elsewhere.pdf")


def _linked_archive(repo: Repo) -> None:
    (repo.workspace / "versions/alpha").rename(repo.root.parent / "elsewhere")
    (repo.workspace / "versions/alpha").symlink_to(repo.root.parent / "elsewhere")


def _deleted(repo: Repo) -> None:
    repo.git("rm", "-rqf", "versions")
    repo.git("commit", "-qm", "Tidy up")


def _before_releases(repo: Repo) -> None:
    repo.git("switch", "-qc", "draft", repo.git("rev-list", "--max-parents=0", "HEAD").strip())


def _sparse(repo: Repo) -> None:
    repo.git("update-index", "-q", "--refresh")
    repo.git("sparse-checkout", "set", "brands", "shared")


def _swapped(repo: Repo) -> None:
    first, second = repo.workspace / FIRST, repo.workspace / SECOND
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)


def _shallow(repo: Repo) -> None:
    (repo.root / ".git" / "shallow").write_text(repo.git("rev-parse", "HEAD") + "\n")


def _no_commit(repo: Repo) -> None:
    newest = repo.git("rev-parse", "HEAD")
    (repo.root / ".git" / "objects" / newest[:2] / newest[2:]).unlink()


def _detached(repo: Repo) -> None:
    repo.git("checkout", "-q", "--detach")


def _branch(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "draft")


def _merging(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit({"README.md": "side"}, date="2025-02-02T12:00:00+0000")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")


def _foreign(repo: Repo) -> None:
    os.chown(repo.root, 12345, 12345)
    os.chown(repo.root / ".git", 12345, 12345)


def _draft(repo: Repo) -> None:
    brand = ALPHA + "facts: {unsure: {unconfirmed: Is it?}}\n"
    own = "brands/alpha/clauses/en/data.md"
    repo.commit(
        {"brands/alpha/brand.yaml": brand, own: clause("{{ facts.unsure }}")},
        date="2025-02-02T12:00:00+0000",
    )


def _uncommitted_version(repo: Repo) -> None:
    released(repo, "2025-02-02", commit=False)


def _upcoming(repo: Repo) -> None:
    released(repo, "2025-02-02", in_force=date(2025, 8, 1))
    say(repo, "Fourth.", date="2025-02-03T12:00:00+0000")


def _upcoming_and_retired(repo: Repo) -> None:
    _upcoming(repo)
    retire(repo.workspace, "alpha", date(2025, 9, 1), "Sold", AppendOptions(noon("2025-02-04")))


def _later(repo: Repo) -> None:
    released(repo, "2025-06-16")
    say(repo, "Fourth.", date="2025-02-03T12:00:00+0000")


def _sign(*arguments: str) -> Callable[[Repo], None]:
    """Sign the next version with a key, then sign its entry again in another way."""

    def sign(repo: Repo) -> None:
        key_pairs(repo.root.parent, "ours", "theirs")
        released(repo, "2025-02-02", sign=str(repo.root.parent / "ours"), tag=True)
        entry = repo.workspace / LEDGER / "0003-release-2025-02-02.json"
        if arguments:
            Path(f"{entry}.sig").unlink()
            key, namespace = arguments
            subprocess.run(
                ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f",
                 str(repo.root.parent / key), str(entry)],
                check=True, capture_output=True,
            )  # fmt: skip

    return sign


def _moved_tag(repo: Repo) -> None:
    _sign()(repo)
    message = repo.git("tag", "-l", "--format=%(contents:subject)%0a%0a%(contents:body)",
                       "alpha/2025-02-02")  # fmt: skip
    repo.git("tag", "-f", "-a", "-m", message, "alpha/2025-02-02", "HEAD~1")


def _open_key(repo: Repo) -> None:
    key_pairs(repo.root.parent, "ours")
    (repo.root.parent / "ours").chmod(0o644)


def _locked(repo: Repo) -> None:
    """Hold the lock until this process ends."""
    import fcntl

    lock = os.open(repo.root / ".git" / "publisher.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.write(lock, b"process 4711 on build-server\n")


def _sha256(repo: Repo) -> None:
    shutil.rmtree(repo.root / ".git")
    repo.git("init", "-q", "-b", "main", "--object-format=sha256")
    repo.git("add", "--all")
    repo.git("commit", "-qm", "first")


def _retired(repo: Repo) -> None:
    retire(repo.workspace, "alpha", date(2025, 3, 1), "Sold", AppendOptions(noon("2025-02-02")))


def _newer(repo: Repo) -> None:
    """Append an entry of a kind that does not exist yet."""
    said = json.loads((repo.workspace / SECOND).read_bytes())
    previous = sha256((repo.workspace / SECOND).read_bytes())
    said |= {"sequence": 3, "kind": "notify", "version": None, "sums": None, "previous": previous}
    (repo.workspace / LEDGER / "0003-notify-2025-02-01.json").write_bytes(form_bytes(said))


def _tracked(repo: Repo) -> Repo:
    """Return a clone of a repository, from which that has fetched."""
    repo.git("clone", "-q", str(repo.root), str(repo.root.parent / "other"))
    other = Repo.of(repo.root.parent / "other")
    other.git("config", "user.name", "Ops")
    other.git("config", "user.email", "ops@acme.example")
    released(other, "2025-02-02")
    repo.git("remote", "add", "origin", str(other.root))
    repo.git("fetch", "-q", "origin")
    return other


def _behind(repo: Repo) -> None:
    _tracked(repo)
    repo.git("branch", "-q", "--set-upstream-to", "origin/main")


def _forked(repo: Repo) -> None:
    _tracked(repo)
    retire(repo.workspace, "alpha", date(2025, 7, 1), "Sold", AppendOptions(noon("2025-02-03")))
    when = {"GIT_AUTHOR_DATE": "2025-02-04T12:00Z", "GIT_COMMITTER_DATE": "2025-02-04T12:00Z"}
    repo.git("merge", "-q", "--no-edit", "-X", "ours", "origin/main", **when)


THIRD = f"{LEDGER}/0003-release-2025-02-02.json"
SAME = "versions never change. To issue the same words again, for example with an accessible PDF, add --editorial --reason TEXT. Nothing was written"
FILTER = (
    "so git would not keep archived files byte for byte; write `versions/** -text -filter -ident` as the "
    "last line of .gitattributes, take versions/ out of .gitignore, and commit that. Nothing was written"
)
DAMAGED = "The archive was altered: run `publisher verify`, which lists all faults, and restore the altered files from git or from another clone"
NEVER = ("get", "alpha", "--on")

CASES = (
    # --- releases that are refused ---
    Case("a release with uncommitted changes",
         f"{REFUSED}uncommitted changes reach the policy of alpha: {DATA}; commit them, or set them aside with `git stash`, then release. Nothing was written",
         1, _write(DATA, clause("Uncommitted."))),
    Case("a release of a draft", "error: alpha was not released: it is a draft (1 open question). `publisher check alpha` lists the questions; write the confirmed values in their places and commit, then release. Nothing was written", 1, _draft),
    Case("a release with errors", "error: alpha was not released: it has errors. Fix them and commit, then release. Nothing was written", 1,
         _commit(DATA, clause("{{ company.nmae }}"))),
    Case("a shared clause that no policy shows", "shared/clauses/en/extra.md: is in no list of clauses, so no policy shows it; name it in shared/policy.yaml, place it in a brand.yaml, or delete it", 1,
         _commit("shared/clauses/en/extra.md", clause("Extra."))),
    Case("a misspelt trailer", "commit …: has the trailer Policy-Change: editoral, which is not understood; did you mean `editorial`? Then say so in a later commit: `git commit --allow-empty -m \"Correct …\" -m \"Policy-Change: editorial …\"`", 0,
         _remark("editoral"), ("check", "alpha")),
    Case("a trailer that names an unknown commit", "commit …: names the commit '0123456', which is not among the commits before it; in a later commit, say what you meant: `git commit --allow-empty -m \"Correct ID\" -m \"Policy-Change: editorial ID\"`; `publisher history` shows the ids", 0,
         _remark("editorial 0123456"), ("check", "alpha")),
    Case("a title that YAML cuts off at #",
         "shared/policy.yaml:1: 'title' loses '#2': after a space, # begins a comment; put the text in quotes (\"Annex #2\"), or the comment on a line of its own above it",
         1, _commit("shared/policy.yaml", "title: Annex #2\norder: [who, data, rights]\n")),
    Case("a text in the quotation marks of a word processor",
         "brands/alpha/brand.yaml:1: 'name' has quotation marks that would be shown: “Alpha”; write \"Alpha\"; to show the marks, write \"“Alpha”\"", 1,
         _write("brands/alpha/brand.yaml", ALPHA.replace("name: Alpha", "name: “Alpha”")), ("check", "alpha")),
    Case("a folder of a brand that was copied", "brands/beta/brand.yaml:1: 'name' is 'Alpha', the same as in the brand 'alpha'; write this brand's own; if the folder is a copy, delete it", 0,
         _write("brands/beta/brand.yaml", ALPHA.replace("sisters: [beta]\n", "")), ("check", "alpha", "beta")),
    Case("allowed signers that cannot be read", "shared/allowed_signers:1: names nobody; write a line such as: legal@example.com namespaces=\"policy-release,git\" ssh-ed25519 AAAA…", 1,
         _write("shared/allowed_signers", "!x ssh-ed25519 AAAA\n"), ("check", "alpha")),
    Case("a dry run with a key that others can read", f"{REFUSED}ssh-keygen could not sign with …/ours: WARNING: UNPROTECTED PRIVATE KEY FILE! …", 4,
         _open_key, (*RELEASE, "--dry-run", "--sign", "{workspace}/../ours")),
    Case("a release of the words of the latest version",
         f"{REFUSED}alpha has the words of its version 2025-01-20: there is nothing to release; released {SAME}",
         2, lambda repo: repo.git("reset", "-q", "--hard", "HEAD~1")),
    Case("a first release while an archive has lost its brand",
         f"{REFUSED.replace('alpha', 'beta')}it would be the first version of beta, and versions/alpha has versions of 'alpha', which is no longer in brands/; if beta is its new name, write `was: [alpha]` in brands/beta/brand.yaml and commit that; if it is gone, run `publisher retire alpha --on DATE --reason TEXT` first. Nothing was written", 1,
         _commit("brands/alpha/brand.yaml", None), ("release", "beta")),
    Case("a release from another branch",
         f"{REFUSED}versions come from the branch 'main', and the work tree is on the branch 'draft'; run `git switch main`, or set main_branch in shared/company.yaml. Nothing was written",
         2, _branch),
    Case("a release from a detached HEAD",
         f"{REFUSED}versions come from the branch 'main', and the work tree is on no branch; run `git switch main`, or set main_branch in shared/company.yaml. Nothing was written",
         2, _detached),
    Case("a release during a merge", f"{REFUSED}a merge, or a cherry-pick, is under way; finish it with `git commit`, or leave it with `git merge --abort` or `git cherry-pick --abort`. Nothing was written", 1, _merging),
    Case("an in-force day before publication",
         f"{REFUSED}a version published on 2025-06-15 cannot come into force before that day, on 2025-06-14; give that day or a later one with --in-force. Nothing was written",
         2, command=(*RELEASE, "--in-force", "2025-06-14")),
    Case("an in-force day before that of an earlier version",
         f"{REFUSED}version 2025-02-02 comes into force on 2025-08-01, so a later version cannot come into force before it, on 2025-07-01; give --in-force 2025-08-01 or later, or move the earlier one with `publisher reschedule alpha 2025-02-02`. Nothing was written",
         2, _upcoming, (*RELEASE, "--in-force", "2025-07-01")),
    Case("a retirement before a version that is to come", "version 2025-02-02 never comes into force: the retirement comes first. A release after that, with --in-force 2025-07-01 or later, brings it back", 0,
         _upcoming, ("retire", "alpha", "--on", "2025-07-01", "--reason", "Sold", "--dry-run")),
    Case("a new day after the retirement", "error: alpha is retired from 2025-09-01, by a later entry than version 2025-02-02, so that would never come into force on 2025-10-01; give a day before 2025-09-01, or release a new version with --in-force 2025-09-01 or later. Nothing was written", 2,
         _upcoming_and_retired, ("reschedule", "alpha", "2025-02-02", "--in-force", "2025-10-01", "--reason", "Later")),
    Case("a material change on short notice",
         f"{REFUSED}alpha gives 30 days' notice of a material change: the earliest day is 2025-07-15; give it with --in-force 2025-07-15, or say why it is sooner with --short-notice REASON. Nothing was written",
         2, _commit("brands/alpha/brand.yaml", ALPHA + "notice_days: 30\n")),
    Case("an option with a day that does not exist", "error: --in-force takes a calendar day such as 2026-11-22, not '2025-02-30'",
         2, command=(*RELEASE, "--in-force", "2025-02-30")),
    Case("an editorial release without a reason", "error: --editorial needs --reason TEXT, and --reason is for --editorial only",
         2, command=(*RELEASE, "--editorial")),
    Case("a release from a shallow clone",
         f"{REFUSED}this clone is shallow: the commits that date the policies are missing; run `git fetch --unshallow`, then try again", 4, _shallow),
    Case("a clock before the last entry",
         f"{REFUSED}the clock says 2025-06-15 14:00, which is before the ledger's last entry, 2025-06-16 14:00 +0200; set the clock. If the clock is right, that entry was made with a wrong one: run `publisher correct-clock alpha --at MOMENT --reason TEXT`, with the moment at which it was really made. Nothing was written", 4, _later),
    Case("a clock years after the newest commit",
         f"{REFUSED.replace('alpha', 'beta')}the clock says 2025-06-15, which is more than five years after the newest commit, … of 2019-02-03; set the clock, or confirm with --clock-is-right that it is right. Nothing was written",
         4, _commit("brands/beta/brand.yaml", SMALL["brands/beta/brand.yaml"], "2019-02-03T12:00:00+0000"), ("release", "beta")),
    Case("a commit dated in the future",
         f"{REFUSED}the newest commit, …, is dated in the future (2025-07-01 12:00 UTC); set the clock of the computer that made it, and commit again. Nothing was written",
         4, _commit(DATA, clause("Later."), "2025-07-01T12:00:00+0000")),
    Case("a commit dated in the year 10000",
         f"{REFUSED}the newest commit, …, is dated in the future (after the year 9999); set the clock of the computer that made it, and commit again. Nothing was written",
         4, _commit(DATA, clause("Later."), "@253402400800 +0000")),
    Case("no `-text` for versions/",
         f"{REFUSED}git's attribute 'text' is auto for versions/alpha/2025-06-15/en/policy.html, {FILTER}",
         4, _commit(".gitattributes", "* text=auto\n")),
    Case("versions/ in Git LFS",
         f"{REFUSED}git's attribute 'filter' is lfs for versions/alpha/2025-06-15/en/policy.pdf, {FILTER}",
         4, _commit(".gitattributes", "versions/** -text\n*.pdf filter=lfs\n")),
    Case("versions/ ignored by git",
         f"{REFUSED}git ignores versions/alpha/2025-06-15/en/policy.pdf (.gitignore:1:*.pdf), {FILTER}",
         4, _commit(".gitignore", "*.pdf\n")),
    Case("an earlier version that is not committed yet",
         f"{REFUSED}{THIRD} is recorded, but is not committed yet; run `git -C ../repo add --force versions/alpha ':!*/.staging-*' && git -C ../repo commit -m 'Record versions/alpha' -- versions/alpha` first. Nothing was written", 1, _uncommitted_version),
    Case("a git user without a name",
         f"{REFUSED}git does not know who you are; run `git config --global user.name NAME` and `git config --global user.email ADDRESS`",
         4, lambda repo: repo.git("config", "--unset", "user.email")),
    Case("a git user whose name steers the terminal",
         f"{REFUSED}git's name or address for you has an invisible character; run `git config --global user.name NAME` and `git config --global user.email ADDRESS`",
         4, lambda repo: repo.git("config", "user.name", "O\x1bps")),
    Case("a release while another command appends",
         f"{REFUSED}another command is appending to the archive: process 4711 on build-server; wait until it is done, then try again. Nothing was written", 4, _locked),
    Case("a full disk", f"{REFUSED}cannot write {FOLDER}/versions/alpha: file too large; the archive is unchanged. Free some space, or fix the permissions, then try again", 4, blocks=16),
    Case("a repository with SHA-256 objects", f"{REFUSED}this repository keeps SHA-256 objects; convert it to SHA-1", 4, _sha256),
    Case("a commit from before 1990", f"{REFUSED}the policy of alpha in en has no date: commit …: has a date that lies before 1990, and is not used; commit the change again, with the right date. Nothing was written", 4,
         _commit(DATA, clause("Old."), "1985-01-01T12:00:00+0000")),
    Case("a file that is not an SSH key", f"{REFUSED}'no-key' is not an SSH key that ssh-keygen can read: ssh-keygen: no-key: No such file or directory. Name the file of a private key, or of a public key whose private key ssh-agent has", 4,
         command=(*RELEASE, "--sign", "no-key")),
    Case("a repository that belongs to another user",
         f"{REFUSED}this repository belongs to another user, and git refuses to read it; if you trust it, run `git config --global --add safe.directory {FOLDER}`",
         4, _foreign),
    Case("a release into a damaged archive",
         f"{REFUSED}{ONE}/en/policy.md: is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3,
         _edit(f"{ONE}/en/policy.md", b"Privacy", b"Piracy")),
    # --- past versions ---
    Case("a day before the first version",
         "error: on 2024-12-31, no version of alpha was in force: the first, 2025-01-10, was in force from 2025-01-10. This archive does not know what was published before that. Nothing was written",
         2, command=(*NEVER, "2024-12-31")),
    Case("a day in the future",
         "error: 2025-07-01 is in the future, so nobody knows yet what alpha will say then; today (2025-06-15), version 2025-01-20 is in force, and nothing is scheduled until then. `--version ID` gets a version. Nothing was written",
         2, command=(*NEVER, "2025-07-01")),
    Case("a moment before the first version",
         "error: at 2025-01-10 09:00:00 (Europe/Brussels), no version of alpha was in force: the first, 2025-01-10, was in force from 2025-01-10 13:00:00. This archive does not know what was published before that. Nothing was written",
         2, command=(*NEVER, "2025-01-10T09:00")),
    Case("a time that clocks show twice", "error: 2024-10-27T02:30:00 occurs twice in Europe/Brussels: it can mean 2024-10-27T02:30:00+02:00 or 2024-10-27T02:30:00+01:00. Give one of these two",
         2, command=(*NEVER, "2024-10-27T02:30")),
    Case("a time that clocks skip", "error: 2025-03-30T02:30:00 is skipped by the clocks in Europe/Brussels: it can mean 2025-03-30T01:30:00+01:00 or 2025-03-30T03:30:00+02:00. Give one of these two",
         2, command=(*NEVER, "2025-03-30T02:30")),
    Case("a moment that cannot be read", "error: --on takes a calendar day such as 2026-11-22, or a moment such as 2026-11-22T09:00, not 'noon'", 2,
         command=(*NEVER, "noon")),
    Case("a day after retirement",
         "error: on 2025-06-15, no version of alpha was in force: it was retired on 2025-03-01 (Sold). The last one was 2025-01-20; `--version 2025-01-20` gets it. Nothing was written",
         2, _retired, ("get", "alpha")),
    Case("a locale in which a version was not published", "error: version 2025-01-20 of alpha was not published in nl, but in en. Nothing was written",
         2, command=("get", "alpha", "--locale", "nl")),
    Case("an unknown version", "error: unknown version '2025-01-21'; did you mean '2025-01-20'?", 2,
         command=("get", "alpha", "--version", "2025-01-21")),
    Case("an altered document", f"error: {ONE}/en/policy.pdf is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3,
         _edit(f"{ONE}/en/policy.pdf", b"%PDF", b"%FDP"), ("get", "alpha", "--version", "2025-01-10")),
    # --- exports ---
    Case("an export of an unknown brand", "error: unknown brand 'gamma'; known: alpha, beta", 2, command=("export", "gamma", "--output", "out")),
    Case("an export of a brand without versions", "error: 'beta' has no released version; brands with one: alpha", 2, command=("export", "alpha", "beta", "--output", "out")),
    Case("a period from before there were policies", "error: 0001-01-01 is in no year that a policy can be of; give one of 1990 to 9000", 2,
         command=("export", "alpha", "--output", "out", "--since", "0001-01-01")),
    Case("a period that ends before it begins", "error: --since 2025-02-01 is after --until 2025-01-01. Exchange the two", 2,
         command=("export", "alpha", "--output", "out", "--since", "2025-02-01", "--until", "2025-01-01")),
    Case("a period without a version", "error: no version of alpha was in force from 2019-01-01 until 2024-12-31. `publisher versions alpha` lists the periods of all versions. Nothing was written", 2,
         command=("export", "alpha", "--output", "out.zip", "--since", "2019-01-01", "--until", "2024-12-31")),
    Case("an export in a language that no version has", "error: unknown locale 'fr'; known: en", 2, command=("export", "alpha", "--output", "out", "--locale", "fr")),
    Case("an index in an unknown language", "error: unknown language 'zz'; known: de, el, en, es, fr, it, nl, pl, pt", 2, command=("export", "alpha", "--output", "out", "--language", "zz")),
    Case("an export in an unknown format", "error: unknown format 'docxx'; did you mean 'docx'?", 2, command=("export", "alpha", "--output", "out", "--format", "docxx")),
    Case("an export into the archive", f"error: {FOLDER}/versions/out is among the company's own files, in versions/. Name another place", 2,
         command=("export", "alpha", "--output", "{workspace}/versions/out")),
    Case("an export into a folder with files", f"error: {FOLDER} exists already, and is not empty; name a new folder", 2,
         _edit(f"{ONE}/en/policy.md", b"Privacy", b"Piracy"), ("export", "alpha", "--output", "{workspace}")),
    Case("an export over another file", f"error: {FOLDER}/README.zip exists already, and is a different file; name another", 2,
         _write("README.zip", "x"), ("export", "alpha", "--output", "{workspace}/README.zip")),
    Case("an export to a pipe", "error: --output - does not take an export. Name a folder, or a .zip file", 2, command=("export", "alpha", "--output", "-")),
    Case("an export with an altered document, also of a format that is not wanted", f"error: {ONE}/en/policy.md is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3,
         _edit(f"{ONE}/en/policy.md", b"Privacy", b"Piracy"), ("export", "alpha", "--output", "out", "--format", "pdf")),
    # --- comparisons ---
    Case("an unknown version to compare", "error: unknown version '2025-01-21'; did you mean '2025-01-20'?", 2,
         command=("diff", "alpha", "2025-01-21")),
    Case("an unknown revision to compare", "error: 'curent' is not a revision of this repository; did you mean 'current'?", 2,
         command=("diff", "alpha", "curent")),
    Case("a day to compare that does not exist", "error: on: takes a calendar day, such as on:2026-11-22, not 'on:2025-02-30'; for a moment, write on:2026-11-22T09:00", 2,
         command=("diff", "alpha", "on:2025-02-30")),
    Case("nothing in force to compare with", "error: nothing of beta is in force, as it has no released version; name what to compare with, such as the newest commit: `publisher diff beta HEAD`", 2,
         command=("diff", "beta")),
    Case("an altered version to compare", f"error: {ONE}/en/policy.json is altered: its SHA-256 is not in SHA256SUMS. {DAMAGED}", 3,
         _edit(f"{ONE}/en/policy.json", b"Privacy", b"Piracy"), ("diff", "alpha", "2025-01-10")),
    Case("a comparison with a policy that has errors", "error: a policy with errors cannot be compared. Fix it, or name a commit where the policy is valid", 1,
         _commit(DATA, clause("{{ nothing }}")), ("diff", "alpha", "current", "HEAD")),
    Case("a comparison in a shallow clone", "error: this clone is shallow: the commits that date the policies are missing; run `git fetch --unshallow`, then try again", 4,
         _shallow, ("diff", "alpha", "v0")),
    *(Case(f"{what} as JSON and as {format}, at once", f"error: --json and --format {format} name two formats; give one of them", 2, command=(*command, "--json", "--format", format))
      for what, format, command in (("remarks", "csv", ("check",)), ("a redline", "html", ("diff", "alpha")), ("an impact", "markdown", ("impact", "HEAD")))),
    Case("a redline in a file, as text", "error: a file takes one of html, pdf, markdown, json, docx, not text. Name one with --format, or let the file's name end in one of .html, .pdf, .md, .json, .docx", 2,
         command=("diff", "alpha", "--output", "x.txt")),
    Case("a file to compare that is missing", "error: there is no file counsel.docx; name the file with its folder", 2,
         command=("diff", "alpha", "counsel.docx")),
    Case("a pipe to compare", f"error: {FOLDER}/pipe.pdf is not a file, but a pipe, a socket or a device. Name a saved document", 2,
         lambda repo: os.mkfifo(repo.workspace / "pipe.pdf"), ("diff", "alpha", "{workspace}/pipe.pdf")),
    Case("a file without text to compare", "error: empty.html has no text that could be extracted, so it cannot be compared. Take another copy of it, in another format",
         2, _write("empty.html", "<p></p>"), ("diff", "alpha", "{workspace}/empty.html")),
    Case("tracked changes of no Word file", "error: --as-sent rejects the tracked changes of a Word file, and neither side is one. Name one, or leave --as-sent out",
         2, command=("diff", "alpha", "--as-sent")),
    Case("revisions together with --staged", "error: give revisions or --staged, not both", 2, command=("impact", "HEAD~1", "--staged")),
    Case("a range with an unknown end", "error: 'mian' is not a revision of this repository; did you mean 'main'?", 2,
         command=("impact", "mian...HEAD")),
    # --- verification ---
    Case("an entry that a newer version wrote", f"{LEDGER}/0003-notify-2025-02-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it", 4,
         _newer, ("verify",)),
    Case("a question to a ledger that a newer version wrote", f"error: {LEDGER}/0003-notify-2025-02-01.json was written by a newer version of publisher (unknown kind 'notify'). Update it", 4,
         _newer, ("get", "alpha")),
    Case("two clones that appended to one ledger", f"error: the ledger of alpha {FORK}", 3, _forked, ("get", "alpha")),
    Case("the same, in the list of verify", f"{LEDGER}: {FORK}", 3, _forked, ("verify",)),
    Case("a clone that lags behind", f"{REFUSED}main is 1 commit behind origin/main, which has released alpha 2025-02-02. Run `git pull` first. Nothing was written", 2, _behind),
    Case("a ledger.head that names a missing entry", f"{HEAD}: is not as it was written: it names an entry that is missing. If the ledger itself is right, run `(cd versions/alpha && sha256sum ledger/0002-release-2025-01-20.json > ledger.head)`", 3,
         _edit(HEAD, b"0002", b"0003"), ("verify",)),
    Case("a question to a ledger whose newest entry is gone", "error: versions/alpha/ledger.head names an entry that is missing. The archive was altered: run `publisher verify`, which lists all faults, and restore the altered files from git or from another clone", 3,
         lambda repo: (repo.workspace / f"{LEDGER}/0002-release-2025-01-20.json").unlink(), ("get", "alpha")),
    Case("a ledger without its entries", "error: versions/alpha/ledger.head names an entry that is missing. The archive was altered: run `publisher verify`, which lists all faults, and restore the altered files from git or from another clone", 3,
         lambda repo: shutil.rmtree(repo.workspace / "versions/alpha/ledger"), ("status",)),
    Case("a document that says something else than the policy, with hashes to fit", f"{TWO}/en/policy.md: says “Sells”; policy.json says “Second.”", 3,
         lambda repo: forge(repo, "2025-01-20", _sells), ("verify",)),
    Case("an altered byte", f"{ONE}/en/policy.md: is altered: its SHA-256 is not in SHA256SUMS", 3,
         _edit(f"{ONE}/en/policy.md", b"Privacy", b"Piracy"), ("verify",)),
    Case("a missing file", f"{ONE}/en/policy.md: is missing", 3, lambda repo: (repo.workspace / ONE / "en/policy.md").unlink(), ("verify",)),
    Case("a file that no entry names", f"{ONE}/en/extra.txt: is in no entry of the ledger, and does not belong in the archive", 3, _write(f"{ONE}/en/extra.txt", "x"), ("verify",)),
    Case("a symbolic link in place of a file", f"{ONE}/en/policy.pdf: is a symbolic link", 3, _linked, ("verify",)),
    Case("a gap in the ledger", f"{SECOND}: follows a gap: entry 1 is missing", 3, lambda repo: (repo.workspace / FIRST).unlink(), ("verify",)),
    Case("entries in another order", f"{FIRST}: says that it is 0002-release-2025-01-20.json", 3, _swapped, ("verify",)),
    Case("an altered entry", f"{SECOND}: does not hold the SHA-256 of the entry before it: one of the two was altered", 3, _edit(FIRST, b"Ops", b"Sop"), ("verify",)),
    Case("a Git LFS pointer in the archive", f"{ONE}/en/policy.pdf: is altered: it is a Git LFS pointer", 3,
         _write(f"{ONE}/en/policy.pdf", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"), ("verify",)),
    Case("a ledger without its newest entries",
         f"versions: has no entry with the SHA-256 {'1' * 64}: an entry was altered or cut off", 3, command=("verify", "--against", "1" * 64)),
    Case("an invalid --against",
         "error: '-x' is not a folder with a clone, a revision of this repository, or the SHA-256 of an entry (64 hexadecimal digits). Name one of them",
         2, command=("verify", "--against=-x")),
    Case("a signature by another key", f"{THIRD}.sig: is by the key SHA256:…; the entry names SHA256:…", 3, _sign("theirs", "policy-release"), ("verify",)),
    Case("a signature for another purpose", f"{THIRD}.sig: is not a signature of 0003-release-2025-02-02.json for policy-release", 3,
         _sign("ours", "file"), ("verify",)),
    Case("a tag that was moved", f"tag alpha/2025-02-02: names a commit that does not have {THIRD}", 3, _moved_tag, ("verify",)),
    Case("a tag that is no longer signed", "tag alpha/2025-02-02: is not signed; its version is", 3, _moved_tag, ("verify",)),
    Case("an archive that is gone", "error: versions/alpha is in the newest commit, but missing here. The archive was altered: run `publisher verify`, which lists all faults, and restore the altered files from git or from another clone", 3,
         lambda repo: shutil.rmtree(repo.workspace / "versions"), ("status",)),
    Case("an archive whose deletion is committed", "error: versions/alpha/ledger is missing, as commit … deleted it. The archive was altered: run `git checkout … -- versions/alpha` and commit that, then run `publisher verify`", 3,
         _deleted, (*NEVER, "2025-02-01")),
    Case("an archive that only another branch has", "error: the work tree has no version of 'alpha', and main has released versions of it. Run `git merge main`, or ask in a work tree of main", 4,
         _before_releases, (*NEVER, "2025-02-01")),
    Case("the same, among the warnings", "versions/alpha: is not here, and main has released versions of 'alpha'; run `git merge main` before you answer or release anything of 'alpha'", 0,
         _before_releases, ("check", "alpha")),
    Case("an archive that is not checked out", "error: not all of the brand 'alpha' is checked out here, as the checkout is sparse; run `git sparse-checkout add brands/alpha versions/alpha`, then try again", 4,
         _sparse, ("get", "alpha")),
    Case("a list of archives that are not checked out", "error: not all of the brand 'alpha' is checked out here, as the checkout is sparse; run `git sparse-checkout add brands/alpha versions/alpha`, then try again", 4,
         _sparse, ("versions",)),
    Case("an archive behind a link", "error: versions/alpha is a link, or not a folder. The archive was altered: run `publisher verify`, which lists all faults, and restore the altered files from git or from another clone", 3,
         _linked_archive, ("versions",)),
    Case("a former name that is a brand, where one brand is checked", "brands/alpha/brand.yaml:10: 'was' names 'beta', a brand in brands/; delete it there", 1,
         _write("brands/alpha/brand.yaml", ALPHA + "was: [beta]\n"), ("check", "alpha")),
    Case("an empty word", "error: the value after alpha is empty; fill it in, or leave it out", 2,
         command=("diff", "alpha", "", "current")),
    Case("an option without a value", "error: the value after --output= is empty; fill it in, or leave it out", 2,
         command=("build", "--output=")),
    Case("an option of one value, given twice", "error: --on is given more than once, and takes one value. Give it once", 2,
         command=(*NEVER, "2025-01-15", "--on", "2025-02-01")),
    Case("a document that cannot be compared", "error: …/old.odt is in a format that cannot be read. Save it as one of .pdf, .html, .htm, .md, .markdown, .docx, .txt", 2,
         _write("old.odt", "PK"), ("diff", "alpha", "{workspace}/old.odt", "current")),
    Case("a redline in place of the file that is compared", "error: …/counsel.md is what is read here, and would be lost. Name another file", 2,
         _write("counsel.md", "# Who we are\n\nAcme sells.\n"), ("diff", "alpha", "current", "{workspace}/counsel.md", "--output", "{workspace}/counsel.md")),
    Case("schemas in the archive", "error: …/versions is among the company's own files, in versions/. Name another place", 2,
         command=("schema", "--output", "{workspace}/versions")),
    Case("a folder to compare", "error: …/brands is a folder. Name a file in it: .pdf, .html, .htm, .md, .markdown, .docx, .txt", 2,
         command=("diff", "alpha", "{workspace}/brands", "current")),
    Case("overrides of an unknown clause", "error: unknown clause 'dat'; did you mean 'data'?", 2,
         command=("history", "--overrides", "--clause", "dat")),
    Case("overrides since a day", "error: --overrides lists all overrides; leave --since out", 2,
         command=("history", "--overrides", "--since", "2025-01-01")),
    Case("a build into git's folder", "error: …/.git is among the company's own files, in .git/. Name another place", 2,
         command=("build", "--output", "{workspace}/.git")),
    Case("an impact in a damaged repository", "error: git cannot read this repository: bad object …. Repair it, or clone it again", 4,
         _no_commit, ("impact",)),
    Case("a release while git is locked", f"{REFUSED}git is locked: a git command runs here, or was killed. Wait for its end; if none runs, delete .git/index.lock. Nothing was written", 4,
         lambda repo: (repo.root / ".git" / "index.lock").touch()),
    Case("a brand without versions", "error: unknown brand 'gamma'; known: alpha, beta", 2, command=("verify", "gamma")),
)  # fmt: skip
