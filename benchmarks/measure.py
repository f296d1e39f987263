"""Timing side by side: the two take turns, and what is told is the median of the ratios of the turns."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Measured:
    """One line of the table. `goal` is the ratio it should stay within, `least` whether it is a lower limit."""

    work: str
    against: str
    ours: float
    theirs: float
    ratio: float
    goal: float
    least: bool = False
    unit: str = "s"

    @property
    def reached(self) -> bool:
        return self.ratio >= self.goal if self.least else self.ratio <= self.goal


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def side_by_side(
    work: str,
    against: str,
    *,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    goal: float,
    repeats: int,
    speed: bool = False,
) -> Measured:
    """Compare durations, or with `speed` how fast we are in parts of their speed."""
    turns = [(seconds(ours), seconds(theirs)) for _turn in range(repeats)]
    ratios = [theirs / ours if speed else ours / theirs for ours, theirs in turns]
    return Measured(
        work=work,
        against=against,
        ours=median(turn[0] for turn in turns),
        theirs=median(turn[1] for turn in turns),
        ratio=median(ratios),
        goal=goal,
        least=speed,
    )


def table(lines: list[Measured]) -> str:
    head = "| work | against | ours | theirs | ratio | goal | |\n|---|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {line.work} | {line.against} | {line.ours:.4g} {line.unit} | {line.theirs:.4g} {line.unit} "
        f"| **{line.ratio:.3f}** | {'at least' if line.least else 'at most'} {line.goal:g} "
        f"| {'yes' if line.reached else 'no'} |"
        for line in lines
    )
