"""The tax inside a price: what is asked is gross, and net + tax = gross to the last unit.

Amounts are in smallest units; a rate is in basis points (600 = 6%).
"""

from dataclasses import dataclass
from fractions import Fraction

from kernel.money import rounded


def tax_within(gross: int, rate: int) -> int:
    """`gross - round(gross / (1 + r))`, halves away from zero; of what is taken back exactly the same with a minus.

    Raises `ValueError` for a rate below zero.
    """
    if rate < 0:
        raise ValueError("A tax is not below zero.")
    return gross - rounded(Fraction(gross * 10_000, 10_000 + rate))


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with the tax in it. A total is the sum of its lines, never reckoned anew from their gross."""

    gross: int
    tax: int

    @property
    def net(self) -> int:
        return self.gross - self.tax

    def __add__(self, other: "Taxed") -> "Taxed":
        return Taxed(self.gross + other.gross, self.tax + other.tax)


def taxed(gross: int, rate: int) -> Taxed:
    """The amount with its tax at this rate. Raises as `tax_within`."""
    return Taxed(gross, tax_within(gross, rate))


def sent_back(paid: Taxed, before: int, now: int) -> Taxed:
    """Of a payment of which `before` has gone back already, `now` more: with so much of its tax that by the time all has
    gone back all the tax has, however many parts it took.

    Raises `ValueError` for more than was paid.
    """
    if before < 0 or now < 0 or before + now > paid.gross:
        raise ValueError("No more goes back than was paid.")
    if not now:
        return Taxed(0, 0)
    return Taxed(now, paid.tax * (before + now) // paid.gross - paid.tax * before // paid.gross)
