"""Two shares side by side: how far they are apart, and how many it takes to see it."""

from math import ceil, sqrt
from statistics import NormalDist

from engagement.metrics import _wilson

#: Two-sided 5%, and seen in four of five experiments where the difference is what was planned for.
ALPHA, POWER = 0.05, 0.8


def difference(part_a: int, whole_a: int, part_b: int, whole_b: int) -> tuple[float, float]:
    """The 95% interval of B's share less A's: Newcombe (1998), method 10, from Wilson's intervals without correction for
    continuity. Raises `ZeroDivisionError` of nothing."""
    a, b = part_a / whole_a, part_b / whole_b
    low_a, high_a = _wilson.interval(part_a, whole_a)
    low_b, high_b = _wilson.interval(part_b, whole_b)
    apart = b - a
    return (
        apart - sqrt((b - low_b) ** 2 + (high_a - a) ** 2),
        apart + sqrt((high_b - b) ** 2 + (a - low_a) ** 2),
    )


def size(base: float, least: float) -> int:
    """How many are wanted in each arm to see a difference of `least` from the share `base`, whichever way it goes (two-sided
    5%, power 80%): the normal approximation (Fleiss, Levin and Paik 2003, 4.14), rounded up to an even number, so that
    blocks of four are whole. Raises `ValueError` where no share lies so far from `base`."""
    others = [other for other in (base - least, base + least) if 0 <= other <= 1]
    if not others or least <= 0:
        raise ValueError("No share lies so far away.")
    wanted = max(_one_way(base, other) for other in others)
    return max(2 * ceil(wanted / 2), LEAST)


#: Below this an interval of two shares tells nothing that anybody would act on.
LEAST = 10


def _one_way(base: float, other: float) -> float:
    normal = NormalDist()
    z, power = normal.inv_cdf(1 - ALPHA / 2), normal.inv_cdf(POWER)
    mean = (base + other) / 2
    spread = z * sqrt(2 * mean * (1 - mean)) + power * sqrt(base * (1 - base) + other * (1 - other))
    return (spread / (other - base)) ** 2
