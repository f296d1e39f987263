"""Intervals for shares of few."""

from math import sqrt

Z = 1.959963984540054


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95% interval of part / whole (Wilson 1927). Raises `ZeroDivisionError` of nothing."""
    share, spread = part / whole, Z * Z / whole
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / whole + spread / whole / 4) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)
