"""Quantiles of Student's t, where a library of statistics would be loaded for one number."""

from functools import cache
from math import atan, cos, exp, lgamma, log, pi, sin, sqrt

Z = 1.959963984540054
#: From so many degrees on the expansion is exact to more digits than a float of the series is.
MANY = 300


@cache
def two_sided(degrees: int) -> float:
    """t with 2.5% of the distribution of so many degrees of freedom above it, from 2 on (Abramowitz and Stegun 1964, 26.7.3
    to 26.7.5)."""
    t = _expanded(degrees)
    if degrees >= MANY:
        return t
    for _newton in range(50):
        step = (_within(t, degrees) - 0.95) / (2 * _density(t, degrees))
        t -= step
        if abs(step) < 1e-14 * t:
            break
    return t


def _expanded(v: int) -> float:
    z = Z
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def _within(t: float, v: int) -> float:
    """How much of the distribution lies from -t to t."""
    angle = atan(t / sqrt(v))
    square = cos(angle) ** 2
    odd = v % 2
    term = cos(angle) if odd else 1.0
    total = term if v > 1 else 0.0
    for n in range(2 + odd, v - 1, 2):
        term *= square * (n - 1) / n
        total += term
    return (angle + sin(angle) * total) * 2 / pi if odd else sin(angle) * total


def _density(t: float, v: int) -> float:
    scale = lgamma((v + 1) / 2) - lgamma(v / 2) - log(v * pi) / 2
    return exp(scale - (v + 1) / 2 * log(1 + t * t / v))
