"""How often an experiment cries wolf where there is no difference, and how often it sees one: judged by inviters at the end,
as the product does; by inviters, looked at on many days; and by letters. Few inviters bring many: letters by a negative
binomial, their success by a beta-binomial. Seeds were fixed beforehand; nothing is compared with anything.

`make bench ARGS="experiments"`. The goal is 5% for the first, and 80% where the difference is what was planned for; the
others show why it is done so. How often looking finds something hangs on how often one looks and from when on, so it is told
for several ways of looking, each beside a normal walk that is looked at on the same days (Armitage, McPherson and Rowe
1969): what it would be if the counts were so many that the interval kept its 5% at every single look.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

RUNS, SEED = 20_000, 7
SIZE, DAYS = 300, 28
#: Letters: 1 and a negative binomial of this mean and dispersion; of each its inviter's own share, by a beta.
MORE, DISPERSION, BETA = 4.0, 0.35, (1.0, 4.0)
POWERS = ((0.05, 0.05), (0.1, 0.1), (0.2, 0.1), (0.3, 0.1), (0.5, 0.1))
LEAST, MOST = 0.04, 0.06
#: Ways of looking, by the days on which one does, from 0.
LOOKS = {
    f"on each of {DAYS} days": range(DAYS),
    "on each day from the seventh on": range(6, DAYS),
    "at the end of each week": range(6, DAYS, 7),
}
PARTS = ("all",)

Counts = NDArray[np.int64]


def tells(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether the interval of the difference leaves 0 out."""
    from engagement.metrics import _newcombe

    low, high = _newcombe.difference(*a, *b)
    return low > 0 or high < 0


@dataclass(frozen=True)
class Alarms:
    """In what share of experiments without a difference one is told: judged by inviters once, at the end; the same by ways
    of looking (`LOOKS`); by letters at the end."""

    inviters: float
    looking: dict[str, float]
    letters: float


def alarms(*, runs: int, seed: int, size: int = SIZE) -> Alarms:
    from engagement.services.arms import arm_of

    chance = np.random.default_rng([seed, size])
    told = np.zeros((runs, DAYS), dtype=bool)
    letters_told = 0
    until = np.linspace(0, 2 * size, DAYS + 1).astype(int)[1:]
    for run in range(runs):
        is_b = np.array([arm_of(seed * 1_000_003 + run, place) == "B" for place in range(2 * size)])
        letters = 1 + chance.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + MORE), 2 * size)
        good = chance.binomial(letters, chance.beta(*BETA, 2 * size))
        brought = (good > 0).astype(np.int64)
        letters_told += tells(*_counts(is_b, good, letters))
        for day, n in enumerate(until):
            told[run, day] = tells(*_counts(is_b[:n], brought[:n], np.ones(n, dtype=np.int64)))
    looking = {name: float(told[:, list(days)].any(1).mean()) for name, days in LOOKS.items()}
    return Alarms(float(told[:, -1].mean()), looking, letters_told / runs)


def of_a_walk(*, runs: int, seed: int) -> dict[str, float]:
    """The same by ways of looking, of a normal walk of `DAYS` equal steps that has left 1.96 of its deviations behind."""
    steps = np.random.default_rng([seed, DAYS]).standard_normal((runs, DAYS))
    far = np.abs(steps.cumsum(1)) > NormalDist().inv_cdf(0.975) * np.sqrt(np.arange(1, DAYS + 1))
    return {name: float(far[:, list(days)].any(1).mean()) for name, days in LOOKS.items()}


def power(base: float, least: float, *, runs: int, seed: int) -> float:
    """In what share of `runs` experiments of the planned size the difference is told, where it is as large as planned."""
    from engagement.metrics import _newcombe

    size = _newcombe.size(base, least)
    chance = np.random.default_rng([seed, round(1000 * base), round(1000 * least)])
    a, b = chance.binomial(size, base, runs), chance.binomial(size, base + least, runs)
    return sum(tells((x, size), (y, size)) for x, y in zip(a.tolist(), b.tolist(), strict=True)) / runs


def _counts(is_b: NDArray[np.bool_], good: Counts, of: Counts) -> tuple[tuple[int, int], tuple[int, int]]:
    a = int(good[~is_b].sum()), int(of[~is_b].sum())
    return a, (int(good[is_b].sum()), int(of[is_b].sum()))


def run(_parts: list[str]) -> None:
    print(
        f"{RUNS // 4:,} experiments with {SIZE} in each arm and no difference, seed {SEED}: a difference is told in"
    )
    found, walk = alarms(runs=RUNS // 4, seed=SEED), of_a_walk(runs=10 * RUNS, seed=SEED)
    print(f"{found.inviters:>8.1%}  judged by inviters, once, at the end")
    for name, share in found.looking.items():
        print(f"{share:>8.1%}  the same, looked at {name} (a normal walk: {walk[name]:.1%})")
    print(f"{found.letters:>8.1%}  judged by letters, once, at the end", flush=True)
    print("Of differences as large as planned are told, at the planned size:")
    for base, least in POWERS:
        print(
            f"{power(base, least, runs=RUNS, seed=SEED):>8.1%}  from {base:.0%}, {least:.0%} more", flush=True
        )
    missed = not LEAST <= found.inviters <= MOST
    print(f"{'OUTSIDE' if missed else 'Within'} {LEAST:.0%} to {MOST:.0%}.")
