"""Amounts of money: whole numbers of a currency's smallest unit, never a float.

The number of decimals is that of ISO 4217, not the one a language likes to show (CLDR shows a króna, a dinar of Iraq or an
ariary without them).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from django.utils.translation import gettext as _

from kernel.errors import Refused

#: Currencies whose smallest unit is not a hundredth: ISO 4217, list one of 2026.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
#: The largest amount that is taken, in smallest units: far below what the database holds, far above any dues.
LARGEST = 10**15

_WRITTEN = re.compile(r"-?\d{1,16}(\.\d{1,4})?", re.ASCII)


def exponent(currency: str) -> int:
    """How many decimals the currency has: JPY 0, CNY and USD 2, KWD 3."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` is in the currency's smallest units (fen, cents, yen); `currency` is a code of ISO 4217.

    Amounts of different currencies are never added or compared: `ValueError`.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"Money is counted in whole smallest units, not in {type(self.amount).__name__}.")

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """What was written as a decimal number with a point, "1280.50". Raises `Refused` (`amount`) for anything else, for
        more decimals than the currency has, and for more than can be meant."""
        text = text.strip()
        if not _WRITTEN.fullmatch(text):
            raise Refused(_("Write the amount as a number, such as 1280.50."), code="amount")
        scaled = Decimal(text).scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            message = _("%(currency)s has %(decimals)d decimals at most.")
            raise Refused(message % {"currency": currency, "decimals": exponent(currency)}, code="decimals")
        if abs(scaled) > LARGEST:
            raise Refused(_("This amount is too large."), code="amount")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """1280.50, with exactly the decimals of the currency."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:f}"

    def __bool__(self) -> bool:
        return self.amount != 0

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never put together.")
        return other.amount


def rounded(value: Fraction) -> int:
    """To the nearest whole number, halves away from zero: the same for a charge and for what takes it back."""
    size = (abs(value) * 2 + 1) // 2
    return int(size) if value >= 0 else -int(size)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts by these weights, to the last unit: each part is within one unit of its share, and they add up.

    Raises `ValueError` where no weight is positive.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("Something must have a weight, and nothing less than none.")
    sign, size = (1, amount) if amount >= 0 else (-1, -amount)
    parts = [size * weight // total for weight in weights]
    # What is left goes to those who lost most by rounding, the first of equals first.
    owed = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
    for i in owed[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
