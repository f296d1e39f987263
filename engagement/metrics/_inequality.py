"""How unequally something is spread."""

import numpy as np

from engagement.packing import Whole


def gini(values: Whole) -> float | None:
    """Gini of whole numbers >= 0: (2 * sum(i * x_i) / (n * S)) - (n + 1) / n over ascending x, i from 1.

    0 is everyone the same, towards 1 is one having it all; None when the sum S is 0. All sums are of whole
    numbers, with one division at the end, so that no order of rows shows in the digits.
    """
    n, total = len(values), int(values.sum())
    if not total:
        return None
    ranked = int((np.arange(1, n + 1) * np.sort(values)).sum())
    return (2 * ranked - (n + 1) * total) / (n * total)


def top(values: Whole, hundredths: int) -> int:
    """How much the largest ceil(n * hundredths / 100) of the n values hold together."""
    count = -(-len(values) * hundredths // 100)
    return int(np.sort(values)[len(values) - count :].sum())
