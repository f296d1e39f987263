"""Two shares side by side, beside a recount that knows the definition alone."""

import math
import random

import pytest
from scipy import optimize, stats

from benchmarks import experiments
from engagement.metrics import _newcombe

#: The share itself is a root where it is 0 or 1.
EDGE = 1e-12


def score_limits(part, whole):
    """The two shares at which the score test of this many is just at 5%: by search, not by formula."""
    share, z = part / whole, stats.norm.ppf(0.975)

    def far(p):
        return (share - p) ** 2 - z**2 * p * (1 - p) / whole

    low = 0.0 if part == 0 else optimize.brentq(far, 0.0, share - EDGE, xtol=1e-15)
    high = 1.0 if part == whole else optimize.brentq(far, share + EDGE, 1.0, xtol=1e-15)
    return low, high


@pytest.mark.parametrize("seed", range(40))
def test_the_interval_is_newcombes_tenth(seed):
    dice = random.Random(seed)
    wholes = dice.randint(1, 400), dice.randint(1, 400)
    parts = [dice.choice([0, whole, dice.randint(0, whole)]) for whole in wholes]
    (low_a, high_a), (low_b, high_b) = map(score_limits, parts, wholes)
    a, b = (part / whole for part, whole in zip(parts, wholes, strict=True))
    wanted = (b - a - math.hypot(b - low_b, high_a - a), b - a + math.hypot(high_b - b, a - low_a))
    found = _newcombe.difference(parts[0], wholes[0], parts[1], wholes[1])
    assert found == pytest.approx(wanted, abs=1e-9)


def test_it_is_what_he_printed():
    """Newcombe (1998), table II: 56/70 less 48/80, and 9/10 less 3/10."""
    assert _newcombe.difference(48, 80, 56, 70) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert _newcombe.difference(3, 10, 9, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert _newcombe.difference(0, 10, 10, 10)[1] == pytest.approx(1)


def test_how_many_it_takes():
    """Fleiss' formula, worked out once by hand with z = 1.959964 and 0.841621: of 20% against 30% it is 293.15, of 20%
    against 10% 198.5; the larger one is taken, and an even number."""
    assert _newcombe.size(0.2, 0.1) == 294
    # Nothing lies 60 points above 50%, or below: nothing is promised.
    with pytest.raises(ValueError):
        _newcombe.size(0.5, 0.6)
    with pytest.raises(ValueError):
        _newcombe.size(0.5, 0.0)
    # Where only one side is there it is that one.
    assert _newcombe.size(0.02, 0.1) == _newcombe.size(0.98, 0.1)
    assert _newcombe.size(0.0, 1.0) == 10


@pytest.mark.parametrize(("base", "least"), [(0.1, 0.1), (0.3, 0.1), (0.5, 0.2), (0.05, 0.05)])
def test_the_size_sees_the_difference_in_four_of_five(base, least):
    """Exactly, by the binomial: how often the interval leaves 0 out, in the harder direction."""
    size = _newcombe.size(base, least)
    powers = [_power(base, other, size) for other in (base - least, base + least) if 0 < other < 1]
    assert 0.78 < min(powers) < 0.85


def _power(base, other, size):
    total = 0.0
    chances = [stats.binom.pmf(range(size + 1), size, p) for p in (base, other)]
    kept = [[n for n, chance in enumerate(of) if chance > 1e-6] for of in chances]
    for a in kept[0]:
        for b in kept[1]:
            low, high = _newcombe.difference(a, size, b, size)
            if low > 0 or high < 0:
                total += chances[0][a] * chances[1][b]
    return total


def test_judged_by_people_at_the_end_it_seldom_cries_wolf_and_otherwise_often():
    """The bench in small: without a difference 5% are told, with daily looks or by letters many times that."""
    found = experiments.alarms(runs=300, seed=7, size=100)
    every_day, later, weekly = found.looking.values()
    assert found.inviters < 0.09 < weekly <= later <= every_day
    assert every_day > 0.15 and found.letters > 0.15
    # Of four looks at equal steps: Armitage, McPherson and Rowe (1969), table 2.
    walk = dict(zip(experiments.LOOKS, experiments.of_a_walk(runs=20_000, seed=7).values(), strict=True))
    assert walk["at the end of each week"] == pytest.approx(0.126, abs=0.01)
    assert 0.75 < experiments.power(0.2, 0.1, runs=1000, seed=7) < 0.86
