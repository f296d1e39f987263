"""How often K's interval holds the true K, in each of twelve cells: communities whose members bring others by a negative
binomial of dispersion 0.5 (few bring many), the truth known. Seeds were fixed beforehand; nothing is compared with anything.

`make bench ARGS="coverage"`. Its goal is that of the design: 92 to 98% in each cell.
"""

import numpy as np

SIZES, MEANS, DISPERSION = (100, 300, 1_000), (0.1, 0.5, 0.9, 1.3), 0.5
RUNS, SEED = 20_000, 7
LEAST, MOST = 0.92, 0.98
PARTS = ("all",)


def covered(n: int, k: float, *, runs: int, seed: int) -> float:
    """In what share of `runs` communities of `n` members the interval holds `k`."""
    from engagement.metrics.referral_k import interval

    chance = np.random.default_rng([seed, n, round(k * 10)])
    brought = chance.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + k), (runs, n))
    totals, squares = brought.sum(axis=1), (brought * brought).sum(axis=1)
    held = 0
    for total, square in zip(totals.tolist(), squares.tolist(), strict=True):
        low, high = interval(n, total, square)
        held += low is not None and high is not None and low <= k <= high
    return held / runs


def run(_parts: list[str]) -> None:
    missed = 0
    print(f"{RUNS:,} communities a cell, seed {SEED}.\n{'members':>8}" + "".join(f"  K = {k}" for k in MEANS))
    for n in SIZES:
        shares = [covered(n, k, runs=RUNS, seed=SEED) for k in MEANS]
        missed += sum(not LEAST <= share <= MOST for share in shares)
        print(f"{n:>8}" + "".join(f"{share:>9.1%}" for share in shares), flush=True)
    print(f"{missed} of {len(SIZES) * len(MEANS)} cells outside {LEAST:.0%} to {MOST:.0%}.")
