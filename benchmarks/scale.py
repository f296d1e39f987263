"""How much data a run works on: `SCALE=full` is what the goals are stated for, the default takes minutes."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Scale:
    facts: int
    members: int
    days: int
    edges: int
    repeats: int
    first: date = date(2026, 1, 1)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, datetime.min.time(), UTC)


SCALES = {
    "small": Scale(facts=100_000, members=5_000, days=60, edges=20_000, repeats=3),
    "usual": Scale(facts=1_000_000, members=40_000, days=180, edges=200_000, repeats=5),
    "full": Scale(facts=10_000_000, members=200_000, days=180, edges=2_000_000, repeats=5),
}


def chosen() -> Scale:
    return SCALES[os.environ.get("SCALE", "usual")]
