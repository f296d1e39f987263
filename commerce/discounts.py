"""What a coupon takes off a charge. Amounts are gross, in smallest units."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kernel.money import rounded, split


@dataclass(frozen=True, slots=True)
class Discount:
    """Either a share in basis points (1500 = 15%) or an amount off each period's charge, in the charge's currency; for the
    first `periods` periods that are charged under it, None for all.

    Raises `ValueError` for both or neither, and for what is out of reach.
    """

    percent: int = 0
    amount: int = 0
    periods: int | None = None

    def __post_init__(self) -> None:
        if bool(self.percent) == bool(self.amount):
            raise ValueError("A discount is a share or an amount.")
        if not 0 <= self.percent <= 10_000 or self.amount < 0:
            raise ValueError("A discount takes off something, and no more than all.")
        if self.periods is not None and self.periods < 1:
            raise ValueError("A discount holds for one period at least.")

    def holds(self, used: int) -> bool:
        """Whether it holds once more, after `used` periods charged under it."""
        return self.periods is None or used < self.periods


def off(discount: Discount, charges: Sequence[int], used: int = 0) -> list[int]:
    """What comes off each of one period's charges: numbers of zero or less in the charges' order, none larger than its
    charge. The whole is reckoned on the sum and then shared out by weight, so one line or several come to the same;
    what is no charge (a credit) is left alone, and what an amount exceeds the charges by is lost.

    `used` is how many periods were charged under the discount before this one.
    """
    weights = [max(charge, 0) for charge in charges]
    whole = sum(weights)
    if not whole or not discount.holds(used):
        return [0] * len(charges)
    taken = min(discount.amount or rounded(Fraction(whole * discount.percent, 10_000)), whole)
    return [-part for part in split(taken, weights)]
