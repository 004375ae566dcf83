"""A notice to 2,000 people, by a sender that is killed, to a server that fails in every way."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support.mailservers import Post, serving

from durability.figures import Figure, figure
from publisher.notices.journal import read_log

PEOPLE = 2000
KILLS = 50
TESTS = Path(__file__).parents[1]
SENDER = """
import sys
from pathlib import Path
from support.mailservers import box, notice, people
from publisher.notices.send import Patience, send

folder, port, number = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
patience = Patience(rounds=(0.1,) * 6, troubles=(0.01,) * 6)
files = (folder / "journal", folder / "key")
sent = send(notice(), people(number), box(port, timeout="60"), *files, patience=patience)
sys.exit(0 if sent.complete else 4)
"""


@dataclass
class Siege:
    """What a sender came to: its `runs` by how they ended, and what the server took."""

    folder: Path
    people: int
    kills: int
    seed: int = 1
    runs: list[int] = field(default_factory=list)
    post: Post = field(default_factory=lambda: Post(rcpt=_before, data=_after))

    def carry_out(self) -> list[str]:
        """Send, kill and send again until everybody is told; tell what was wrong with each person."""
        rng = random.Random(self.seed)
        with serving(self.post) as port:
            for _ in range(self.kills):
                self.runs.append(self._run(port, rng))
            while self.runs[-1] != 0 and len(self.runs) < self.kills + 9:
                self.runs.append(self._run(port, None))
        return self.outcomes()

    def outcomes(self) -> list[str]:
        """Tell what is wrong with what became of each person, or nothing."""
        ids = self.post.ids()
        return [_wrong(f"p{n}@x.example", ids) for n in range(self.people)]

    def _run(self, port: int, rng: random.Random | None) -> int:
        """Run the sender, to its end or to a random moment after some more messages."""
        command = [sys.executable, "-c", SENDER, str(self.folder), str(port), str(self.people)]
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        began = len(self.post.taken)
        sender = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE, text=True
        )
        if rng is not None:
            more = 1 + rng.randrange(max(2, self.people // self.kills))
            while len(self.post.taken) < began + more and sender.poll() is None:
                time.sleep(0.001)
            time.sleep(rng.random() * 0.05)
            sender.kill()
        _, errors = sender.communicate()
        if sender.returncode > 0 and errors:
            print(errors[-500:], file=sys.stderr)
        return sender.returncode

    @property
    def copies(self) -> int:
        """How many messages were taken beyond one for each person."""
        return sum(len(ids) - 1 for ids in self.post.ids().values())


def _wrong(address: str, taken: dict[str, list[str]]) -> str:
    ids = taken.get(address, [])
    if _refused(address):
        return f"{address} is refused, and was told" if ids else ""
    if not ids:
        return f"{address} was missed"
    return "" if len(set(ids)) == 1 else f"{address} got different messages: {ids}"


def _number(address: str) -> int:
    return int(address[1 : address.index("@")])


def _refused(address: str) -> bool:
    return _number(address) % 10 == 7


def _hung_up(address: str) -> bool:
    return _number(address) % 43 == 0 and not _refused(address)


def _before(address: str, time: int) -> str | None:
    """Return what the server answers to an address: some wait, some are unknown, some hang up."""
    if _refused(address):
        return "550 5.1.1 No such user"
    if _number(address) % 5 == 0 and time < 3:
        return "451 4.7.1 Greylisted"
    return "drop" if _number(address) % 31 == 0 and time < 2 else None


def _after(address: str, time: int) -> str | None:
    """Return what the server answers to a message: some it takes, and hangs up."""
    if _hung_up(address) and time < 2:
        return "drop"
    return "421 4.3.2 Closing" if _number(address) % 47 == 0 and time < 2 else None


def trials(folder: Path) -> Iterator[Figure]:
    """Yield what became of each person, of each message, and of each run."""
    siege = Siege(folder, PEOPLE, KILLS)
    wrong = siege.carry_out()
    killed = siege.runs.count(-9)
    yield figure("notices", wrong, f"people told, or refused; the sender was killed {killed} times")
    flying = killed + sum(_hung_up(f"p{n}@") for n in range(PEOPLE))
    text = f"messages on their way at a kill or a hang-up: {siege.copies} came twice, with one id"
    yield figure("notices", ["too many copies" * (siege.copies > flying)] * flying, text)
    ended = ["" if code in {-9, 0, 4} else f"a run ended with {code}" for code in siege.runs]
    states = read_log(folder / "journal").states
    counts = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    yield figure("notices", ended, f"runs of the sender; in the journal: {counts}")
