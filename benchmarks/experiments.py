"""How often an experiment cries wolf where there is no difference, and how often it sees one: judged by inviters at the end,
as the product does; by inviters, looked at every day; and by letters. Few inviters bring many: letters by a negative
binomial, their success by a beta-binomial. Seeds were fixed beforehand; nothing is compared with anything.

`make bench ARGS="experiments"`. The goal is 5% for the first, and 80% where the difference is what was planned for; the
others show why it is done so.
"""

import numpy as np
from numpy.typing import NDArray

RUNS, SEED = 20_000, 7
SIZE, DAYS = 300, 28
#: Letters: 1 and a negative binomial of this mean and dispersion; of each its inviter's own share, by a beta.
MORE, DISPERSION, BETA = 4.0, 0.35, (1.0, 4.0)
POWERS = ((0.05, 0.05), (0.1, 0.1), (0.2, 0.1), (0.3, 0.1), (0.5, 0.1))
LEAST, MOST = 0.04, 0.06
PARTS = ("all",)

Counts = NDArray[np.int64]


def tells(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether the interval of the difference leaves 0 out."""
    from engagement.metrics import _newcombe

    low, high = _newcombe.difference(*a, *b)
    return low > 0 or high < 0


def alarms(*, runs: int, seed: int, size: int = SIZE) -> dict[str, float]:
    """In what share of `runs` experiments without a difference one is told, by the way of judging."""
    from engagement.services.arms import arm_of

    chance = np.random.default_rng([seed, size])
    told = {"inviters": 0, "daily": 0, "letters": 0}
    until = np.linspace(0, 2 * size, DAYS + 1).astype(int)[1:]
    for run in range(runs):
        is_b = np.array([arm_of(seed * 1_000_003 + run, place) == "B" for place in range(2 * size)])
        letters = 1 + chance.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + MORE), 2 * size)
        good = chance.binomial(letters, chance.beta(*BETA, 2 * size))
        brought = (good > 0).astype(np.int64)
        told["inviters"] += tells(*_counts(is_b, brought, np.ones_like(letters)))
        told["letters"] += tells(*_counts(is_b, good, letters))
        seen = (_counts(is_b[:n], brought[:n], np.ones(n, dtype=int)) for n in until)
        told["daily"] += any(tells(a, b) for a, b in seen)
    return {name: count / runs for name, count in told.items()}


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
    found = alarms(runs=RUNS // 4, seed=SEED)
    for name, what in (
        ("inviters", "judged by inviters, once, at the end"),
        ("daily", f"the same, looked at on each of {DAYS} days"),
        ("letters", "judged by letters, once, at the end"),
    ):
        print(f"{found[name]:>8.1%}  {what}", flush=True)
    print("Of differences as large as planned are told, at the planned size:")
    for base, least in POWERS:
        print(
            f"{power(base, least, runs=RUNS, seed=SEED):>8.1%}  from {base:.0%}, {least:.0%} more", flush=True
        )
    missed = not LEAST <= found["inviters"] <= MOST
    print(f"{'OUTSIDE' if missed else 'Within'} {LEAST:.0%} to {MOST:.0%}.")
