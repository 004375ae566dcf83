"""An archive that a test alters as a forger does: with hashes, head and git's history to fit."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from publisher.archive.entries import VERSIONS, Entry, Record, entry_bytes, read_entry, sha256
from publisher.archive.folder import sums_bytes
from publisher.archive.ledger import head_bytes
from publisher.archive.trust.signatures import fingerprint, sign
from publisher.archive.trust.timestamp_reply import query, read_reply
from publisher.archive.verify.verify import Verified
from publisher.archive.verify.verify import verify as verify_all
from support.archives import archive, released, say
from support.authorities import Authority
from support.ledgers import chained, entry
from support.workspaces import Repo

ONE, TWO = "2025-01-10", "2025-01-20"
DAY = date(2025, 2, 1)
"""The day on which forged entries say that they were recorded."""
WHEN = "2025-05-06T12:00:00+0000"
DATES = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}


def two_versions(folder: Path) -> None:
    """Write a repository with two versions of a brand, released by the toolkit."""
    repo = archive(folder)
    released(repo, ONE)
    say(repo, "Second [letter](https://alpha.example/letter).", date="2025-01-11T12:00:00+0000")
    released(repo, TWO)
    repo.pack()


class Forgery:
    """A copy of the repository with two versions, and keys: `ours` and `theirs`."""

    def __init__(self, original: Path, keys: Path, root: Path, tsa: Authority) -> None:
        shutil.copytree(original, root, symlinks=True)
        self.original = original
        self.tsa = tsa
        self.repo = Repo.of(root)
        self.keys = keys
        self.enter(root)
        self.first = read_entry((self.ledger / f"0001-release-{ONE}.json").read_bytes()).source
        self.two = read_entry((self.ledger / f"0002-release-{TWO}.json").read_bytes())

    def enter(self, workspace: Path) -> None:
        """Go on in another folder, which has the workspace."""
        self.repo.workspace = workspace
        self.folder = workspace / "versions/alpha"
        self.ledger = self.folder / "ledger"

    # --- the ledger ---

    @property
    def entries(self) -> list[Entry]:
        """The entries, as they are on the disk."""
        files = sorted(self.ledger.glob("*.json"))
        return [read_entry(file.read_bytes()) for file in files]  # type: ignore[misc]

    def write(self, entries: Iterable[Entry], *, numbered: bool = True) -> None:
        """Write the whole ledger, each entry with the hash of the one before, and its head."""
        records = chained(entries) if numbered else _linked(entries)
        shutil.rmtree(self.ledger)
        self.ledger.mkdir()
        for record in records:
            (self.ledger / record.name).write_bytes(record.data)
        self.point(records[-1].name)

    def change(self, number: int, **about: Any) -> None:
        """Give an entry other fields, and those behind it the hashes that follow."""
        entries = self.entries
        entries[number - 1] = entries[number - 1].model_copy(update=about)
        self.write(entries)

    def newest(self, data: bytes, name: str = "") -> None:
        """Append a file to the ledger, whatever it holds."""
        name = name or f"{len(self.entries) + 1:04}-retire-2025-06-01.json"
        (self.ledger / name).write_bytes(data)
        self.point(name)

    def point(self, name: str) -> None:
        """Let the head name an entry."""
        data = head_bytes(name, sha256((self.ledger / name).read_bytes()))
        (self.folder / "ledger.head").write_bytes(data)

    def next(self, kind: str, recorded: date = DAY, **about: Any) -> Entry:
        """Return an entry that follows the newest one."""
        names = sorted(file.name for file in self.ledger.glob("*.json"))
        previous = sha256((self.ledger / names[-1]).read_bytes()) if names else None
        common = {"sequence": len(names) + 1, "previous": previous}
        return entry(kind, recorded, **common | about)

    def append(
        self, kind: str, recorded: date = DAY, key: str | None = None, **about: Any
    ) -> Entry:
        """Append an entry, signed with a key if one is named; it may say that another one signed.

        A version has the documents of the newest one, unless it says otherwise.
        """
        if key is not None:
            about = {"signer": self.fingerprint(key)} | about
        if kind in VERSIONS:
            about = self._version(kind, recorded, about)
        made = self.next(kind, recorded, **about)
        file = self.ledger / made.name
        file.write_bytes(entry_bytes(made))
        self.point(made.name)
        if key is not None:
            sign(file, str(self.keys / key))
        return made

    def _version(self, kind: str, recorded: date, about: dict[str, Any]) -> dict[str, Any]:
        """Copy the documents of the newest version for another one; return what it says."""
        version = about.get("version", f"{recorded}-{kind}ed".replace("-releaseed", ""))
        folder = self.folder / version
        if kind == "import":
            document = about.pop("document", b"Old words.\n")
            files = {"en/policy.md": document}
            write(folder, files)
            digests = {"en/policy.md": {"name": "old.md", "digest": sha256(document)}}
            about |= {"files": digests, "sums": sha256(sums_bytes(files))}
        else:
            if not folder.exists():
                shutil.copytree(self.original / "versions/alpha" / TWO, folder)
            newest = self.two
            own = {"sums": newest.sums, "locales": newest.locales, "source": newest.source}
            about = own | about
        return {"version": version} | about

    # --- documents ---

    def documents(self, version: str, number: int, **changes: bytes | None) -> None:
        """Change documents of a version by the ends of their names, and the hashes to fit."""
        folder = self.folder / version
        for ending, data in changes.items():
            file = folder / f"en/policy.{ending}"
            file.unlink() if data is None else file.write_bytes(data)
        files = {f"en/{file.name}": file.read_bytes() for file in (folder / "en").iterdir()}
        (folder / "SHA256SUMS").write_bytes(sums_bytes(files))
        self.change(number, sums=sha256(sums_bytes(files)))

    def replace(self, ending: str, old: bytes, new: bytes) -> None:
        """Replace words in a document of the newest version, and write the hashes to fit."""
        data = (self.folder / TWO / f"en/policy.{ending}").read_bytes()
        assert old in data
        self.documents(TWO, 2, **{ending: data.replace(old, new)})

    # --- git, keys ---

    def commit(self) -> str:
        """Commit all, in one commit that has no other before it."""
        self.repo.git("update-ref", "-d", "refs/heads/main")
        return self.go_on()

    def go_on(self, message: str = "All") -> str:
        """Commit all."""
        self.repo.git("add", "--all", "--force")
        self.repo.git("commit", "-q", "--allow-empty", "-m", message, **DATES)
        return self.repo.git("rev-parse", "HEAD")

    def nothing(self) -> str:
        """Return a commit without any file."""
        tree = self.repo.git("hash-object", "-t", "tree", "-w", os.devnull)
        return self.repo.git("commit-tree", "-m", "Nothing", tree, **DATES)

    def branch(self, name: str) -> None:
        """Check out a branch; make it where it is new."""
        known = self.repo.git("branch", "--list", name)
        self.repo.git("checkout", "-q", *([] if known else ["-b"]), name)

    def tag(self, commit: str = "HEAD", message: str | None = None, key: str | None = None) -> None:
        """Tag the newest version, with the hash of its entry or another message."""
        (file,) = self.ledger.glob(f"*-release-{TWO}.json")
        message = message or f"alpha {TWO}\n\n{sha256(file.read_bytes())}"
        how = ["-a"]
        if key is not None:
            how = ["-s", "-u", str(self.keys / f"{key}.pub")]
        config = ["-c", "gpg.format=ssh"]
        self.repo.git(*config, "tag", *how, "-m", message, f"alpha/{TWO}", commit, **DATES)

    def merge(self, *how: str) -> None:
        """Merge the other branch, with the files of both where there are any, or as `how` says."""
        how = how or ("-X", "ours")
        self.repo.git("merge", "-q", "--no-edit", "--no-ff", *how, "side", **DATES)

    def stamp(
        self,
        data: bytes,
        change: Callable[[bytes], bytes],
        options: Sequence[str],
        **about: Any,
    ) -> None:
        """Append the authority's word on some bytes, and its reply as `change` alters it."""
        asked = self.tsa.query(data, *options) if options else query(sha256(data))
        whole = self.tsa.reply(asked)
        reply, made = change(whole), read_reply(whole)
        number = about.get("entry", 2)
        proven = next(self.ledger.glob(f"{number:04}-*.json"), None)
        own = {"entry": number, "digest": sha256(proven.read_bytes() if proven else b"")}
        own |= {"time": made.time, "authority": made.authority, "reply": sha256(reply)}
        own |= {"recorded_at": made.time + timedelta(minutes=2)}
        file = self.ledger / self.append("timestamp", **own | about).name
        file.with_name(f"{file.name}.tsr").write_bytes(reply)

    def fingerprint(self, key: str) -> str:
        """Return the fingerprint of a key."""
        return fingerprint(str(self.keys / key))

    def allowed(self, *keys: str, path: str = "") -> Path:
        """Write a file of keys that may sign; return its path."""
        lines = [f"{key}@acme.example {(self.keys / f'{key}.pub').read_text()}" for key in keys]
        file = self.repo.workspace / path if path else self.repo.root.parent / "allowed"
        file.write_text("".join(lines))
        return file

    def verify(self, **options: Any) -> Verified:
        """Verify the archive."""
        return verify_all(self.repo.workspace, **options)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a version, and their SHA256SUMS."""
    for path, data in {**files, "SHA256SUMS": sums_bytes(files)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def make_keys(folder: Path) -> None:
    """Make the keys that forgers have."""
    folder.mkdir()
    for name in ("ours", "theirs"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name]
        subprocess.run([*command, "-f", folder / name], check=True)


def _linked(entries: Iterable[Entry]) -> list[Record]:
    """Return the files of entries, chained, with the numbers that they have."""
    records: list[Record] = []
    for made in entries:
        previous = sha256(records[-1].data) if records else None
        data = entry_bytes(made.model_copy(update={"previous": previous}))
        records.append(Record(made.name, data))
    return records
