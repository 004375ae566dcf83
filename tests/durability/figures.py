"""What a trial comes to: so many of so many, and what went wrong with the rest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """`good` of `total` trials were as promised; `wrong` tells of the others, a line each."""

    name: str
    good: int
    total: int
    said: str = ""
    wrong: tuple[str, ...] = field(default=(), repr=False)

    @property
    def kept(self) -> bool:
        """Whether the promise was kept, every time, and tried at all."""
        return self.good == self.total > 0

    def __str__(self) -> str:
        said = f" {self.said}" if self.said else ""
        return f"{self.name}: {self.good} of {self.total}{said}"


def figure(name: str, outcomes: list[str], said: str = "") -> Figure:
    """Return the figure of trials, each of which tells what was wrong, or nothing."""
    wrong = tuple(each for each in outcomes if each)
    return Figure(name, len(outcomes) - len(wrong), len(outcomes), said, wrong)
