"""Evidence letters as their readers have them: text in a PDF, and commands to be copied from it."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from publisher.archive.entries import Timestamp, entry_bytes, sha256
from publisher.archive.folder import read_ledger
from publisher.archive.ledger import ledger_folder
from publisher.archive.trust.timestamp_reply import read_reply
from publisher.repository.source import ArchiveFolder
from support.archives import noon
from support.workspaces import Repo

LETTER = "evidence-letter.pdf"
OUTSIDERS = (
    "sh", "cat", "cut", "echo", "ls", "sha256sum", "sort", "tail", "grep", "unzip", "ssh-keygen",
)  # fmt: skip
"""The programs that somebody without our tool needs."""

_LINE = re.compile(
    r'<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</line>', re.DOTALL
)
_WORD = re.compile(r"<word [^>]*>(.*?)</word>", re.DOTALL)


def text(pdf: Path) -> str:
    """Return the text of a letter, as it is copied out of it, in one line."""
    done = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def commands(pdf: Path) -> list[str]:
    """Return the commands of a letter by where they stand: indented, in blocks of lines."""
    done = subprocess.run(["pdftotext", "-bbox-layout", pdf, "-"], capture_output=True, check=True)
    found: list[str] = []
    for page in done.stdout.decode().split("<page ")[1:]:
        lines = []
        for left, top, bottom, words in _LINE.findall(page):
            said = " ".join(html.unescape(word) for word in _WORD.findall(words))
            lines.append((float(top), float(bottom), float(left), said))
        below = 0.0
        for top, bottom, left, said in sorted(lines):
            if not INDENT - 0.5 < left < INDENT + 40 or bottom - top > HIGHEST:
                continue
            if top - below < GAP and found and below:
                found[-1] += f"\n{said}"
            else:
                found.append(said)
            below = bottom
    return found


INDENT, HIGHEST, GAP = 78.0, 12.0, 4.0


def unpacked(data: bytes, folder: Path) -> Path:
    """Return where a bundle lies, unpacked in a folder."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        archive.extractall(folder)
        return folder / archive.namelist()[0].partition("/")[0]


def shell(command: str, folder: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as an outsider does: in a plain shell, with few programs."""
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={"PATH": str(programs), "HOME": str(folder), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def few(folder: Path, names: tuple[str, ...] = OUTSIDERS) -> Path:
    """Return a folder with nothing but links to programs."""
    folder.mkdir(parents=True)
    for name in names:
        found = shutil.which(name)
        if found is not None:
            (folder / name).symlink_to(os.path.realpath(found))
    return folder


def appended(repo: Repo, model: type[BaseModel], at: str, **about: Any) -> Any:
    """Append an entry of a kind to the ledger of alpha, by hand; return it."""
    ledger = read_ledger(ArchiveFolder(repo.workspace), "alpha")
    common = {
        "format": 1,
        "sequence": len(ledger) + 1,
        "brand": "alpha",
        "recorded_at": noon(at),
        "timezone": "Europe/Brussels",
        "recorded_by": "Ops <ops@acme.example>",
        "signer": None,
        "previous": ledger.head,
    }
    entry = model.model_validate(common | about)
    path = repo.workspace / ledger_folder("alpha") / entry.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(entry_bytes(entry))
    return entry


def authority(folder: Path) -> Path:
    """Make a time-stamping authority in a folder; return its configuration, its CA in ca.pem."""
    folder.mkdir(parents=True)
    (folder / "serial").write_text("01\n")
    conf = folder / "tsa.cnf"
    conf.write_text(
        "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Stamps\n"
        "[ext]\nextendedKeyUsage=critical,timeStamping\n[ca]\nbasicConstraints=critical,CA:TRUE\n"
        f"[tsa]\ndefault_tsa=own\n[own]\nserial={folder}/serial\nsigner_cert={folder}/tsa.pem\n"
        f"certs={folder}/ca.pem\nsigner_key={folder}/tsa.key\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4.1\ndigests=sha256\nordering=no\ntsa_name=no\ness_cert_id_chain=no\n"
    )

    def openssl(*arguments: str | Path) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    own = ("-config", conf, "-subj")
    openssl(*new, "-x509", *own, "/CN=Root", "-keyout", "ca.key", "-out", "ca.pem", "-days", "9000", "-extensions", "ca")  # fmt: skip
    openssl(*new, *own, "/CN=Stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2", "-days", "9000", "-extfile", conf, "-extensions", "ext", "-out", "tsa.pem")  # fmt: skip
    return conf


def reply(conf: Path, proven: Path) -> bytes:
    """Return an authority's reply on a file."""
    query = conf.with_name("query.tsq")
    answer = conf.with_name("reply.tsr")
    for arguments in (
        ("-query", "-data", proven, "-sha256", "-cert", "-out", query),
        ("-reply", "-queryfile", query, "-config", conf, "-section", "own", "-out", answer),
    ):
        subprocess.run(["openssl", "ts", *arguments], check=True, capture_output=True)
    return answer.read_bytes()


def stamped(repo: Repo, conf: Path, at: str) -> None:
    """Let an authority stamp the newest entry."""
    ledger = repo.workspace / "versions/alpha/ledger"
    newest = max(ledger.glob("*.json"))
    tsr = reply(conf, newest)
    proven = {"entry": int(newest.name[:4]), "digest": sha256(newest.read_bytes())}
    said = read_reply(tsr)
    about = {"kind": "timestamp", "time": said.time, "authority": said.authority}
    about |= {"reply": sha256(tsr)}
    entry = appended(repo, Timestamp, at, **about, **proven)
    (ledger / f"{entry.name}.tsr").write_bytes(tsr)
