"""How many members are flagged as at risk about whom nothing has changed: `python -m benchmarks.steady [members] [runs]`.

Ways of coming that stay the same for all of 270 days: on each day with the same chance for everybody, from one at which hardly
anybody is looked at; with chances as they are in communities, many small and few large; with a chance of one's own from 15 to
60%; on some weekdays; and in spells, with absences of 12 days in the mean. Needs no server: the figure's own code on days made
by chance.
"""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

DAYS = 270
START = datetime(2025, 9, 1, 12, tzinfo=UTC)
Come = NDArray[np.bool_]
Way = Callable[[np.random.Generator, int], Come]


def at_one_rate(rate: float) -> Way:
    """Everybody on each day with the same chance."""
    return lambda random, members: random.random((members, DAYS)) < rate


def as_in_communities(random: np.random.Generator, members: int) -> Come:
    """Each day with a chance of one's own, most of them small: of a beta distribution with a mean of one day in seven."""
    rate = random.beta(1.0, 6.0, (members, 1))
    return random.random((members, DAYS)) < rate


def by_chance(random: np.random.Generator, members: int) -> Come:
    """Each day with a chance of one's own, 15 to 60%."""
    rate = random.uniform(0.15, 0.6, (members, 1))
    return random.random((members, DAYS)) < rate


def on_weekdays(random: np.random.Generator, members: int) -> Come:
    """On one to four days of the week, 8 times of 10."""
    often = random.integers(1, 5, members)
    rank = random.random((members, 7)).argsort(axis=1).argsort(axis=1)
    days = np.tile(rank < often[:, None], (1, DAYS // 7 + 1))[:, :DAYS]
    return days & (random.random((members, DAYS)) < 0.8)


def in_spells(random: np.random.Generator, members: int) -> Come:
    """By chance while they are there: spells of 40 days in the mean, then absences of 12."""
    here, come = np.ones(members, bool), np.zeros((members, DAYS), bool)
    rate = random.uniform(0.15, 0.6, members)
    for day in range(DAYS):
        turn = random.random(members)
        here = np.where(here, turn > 1 / 40, turn < 1 / 12)
        come[:, day] = here & (random.random(members) < rate)
    return come


WAYS: Mapping[str, Way] = {
    **{f"on {rate:.0%} of the days": at_one_rate(rate) for rate in (0.14, 0.17, 0.2, 0.25, 0.3, 0.4)},
    "as in communities": as_in_communities,
    "by chance": by_chance,
    "on weekdays": on_weekdays,
    "in spells": in_spells,
}


def share(come: Come) -> tuple[int, float]:
    """How many are looked at, and the share of them that the figure flags."""
    from engagement.metrics.at_risk import fading
    from engagement.selectors.history import History

    history = History(zone=ZoneInfo("UTC"), as_of=_last(), records=_records(come))
    found = fading(history)
    steady = int(found.steady.sum())
    return steady, int(found.flagged.sum()) / max(steady, 1)


def _last() -> date:
    return date.fromordinal(START.toordinal() + DAYS - 1)


def _records(come: Come) -> Any:
    from pyroaring import BitMap

    from engagement.selectors.history import microseconds
    from engagement.selectors.records import Members, Statuses

    members = len(come)
    numbers = np.arange(1, members + 1)

    class Days:
        def __init__(self) -> None:
            self.members = Members(numbers, np.full(members, microseconds(START)))
            self.statuses = Statuses(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
            self.active_days: Mapping[int, BitMap] = {
                START.toordinal() + day: BitMap((np.flatnonzero(come[:, day]) + 1).tolist())
                for day in range(DAYS)
            }

        def order_keys(self, number: NDArray[np.int64]) -> list[tuple[str]]:
            return [("",)] * len(number)

    return Days()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowdecon.settings.test")
    import django

    django.setup()
    members, runs = (int(word) for word in (sys.argv[1:] + ["4000", "10"][len(sys.argv) - 1 :])[:2])
    print(f"{runs} runs of {members:,} members, {DAYS} days; share of steady members flagged:")
    for name, way in WAYS.items():
        found = [share(way(np.random.default_rng(seed), members)) for seed in range(runs)]
        shares = [each for _steady, each in found]
        looked_at = sum(steady for steady, _share in found) // runs
        print(f"  {name}: {min(shares):.1%} to {max(shares):.1%}, {looked_at:,} looked at a run")


if __name__ == "__main__":
    main()
