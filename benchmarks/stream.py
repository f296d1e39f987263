"""A generated stream of facts, the same for everybody it is given to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.scale import Scale

#: Verbs and how often each: mostly presence, some responses, fewer contributions.
VERBS = {
    "visited": 30, "read": 25, "reacted": 14, "commented": 10, "messaged": 6, "voted": 4, "posted": 3,
    "answered": 3, "attended": 2, "asked": 1, "shared": 1, "helped": 1,
}  # fmt: skip
TARGETED = {"reacted", "commented", "messaged", "answered", "helped"}


@dataclass(frozen=True)
class Stream:
    """Parallel columns, ordered by time. `target` 0 is none; `verb` is a place in `VERBS`."""

    member: NDArray[np.int64]
    target: NDArray[np.int64]
    verb: NDArray[np.int64]
    microsecond: NDArray[np.int64]
    joined_day: NDArray[np.int64]
    scale: Scale

    def __len__(self) -> int:
        return len(self.member)

    def instant(self, microsecond: int) -> datetime:
        return self.scale.start + timedelta(microseconds=microsecond)


def make(scale: Scale, *, seed: int = 7) -> Stream:
    """Some members do a great deal and most little; activity begins on the day of joining."""
    random = np.random.default_rng(seed)
    keenness = random.pareto(1.1, scale.members) + 0.02
    # Members 1..n by day of joining: half of them are there from the start.
    joined_day = np.sort(np.maximum(0, random.integers(-scale.days, scale.days, scale.members)))
    member = random.choice(scale.members, scale.facts, p=keenness / keenness.sum())
    day = joined_day[member] + (random.random(scale.facts) * (scale.days - joined_day[member])).astype(
        np.int64
    )
    microsecond = day * 86_400_000_000 + random.integers(0, 86_400_000_000, scale.facts)
    shares = np.array(list(VERBS.values())) / sum(VERBS.values())
    verb = random.choice(len(VERBS), scale.facts, p=shares)
    near = (member + random.integers(1, 60, scale.facts)) % scale.members
    far = random.integers(0, scale.members, scale.facts)
    targeted = np.isin(verb, [place for place, name in enumerate(VERBS) if name in TARGETED])
    target = np.where(targeted, np.where(random.random(scale.facts) < 0.8, near, far) + 1, 0)
    order = np.argsort(microsecond, kind="stable")
    return Stream(member[order] + 1, target[order], verb[order], microsecond[order], joined_day, scale)
