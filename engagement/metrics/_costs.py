"""What each way of coming cost, beside how many came by it: a cost lies on its days in equal shares, and only the days count
whose joinings are old enough for what is counted."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

from engagement.metrics import _amounts
from engagement.selectors.history import WEEK, History
from engagement.selectors.money import currency_of
from engagement.selectors.referrals import Way

#: Why a way has no costs.
NONE_ENTERED = "none_entered"
STEPS = ("joined", "activated", "retained", "paid")
Costs = dict[Way, dict[int, dict[str, Fraction]]]


def by_way(history: History, start: int) -> Costs:
    """By way, currency (its code) and step, in smallest units: of the days from `start` on whose joinings can be judged."""
    ends = _ends(history.today)
    found: Costs = defaultdict(lambda: defaultdict(lambda: dict.fromkeys(STEPS, Fraction(0))))
    known = history.records.referrals
    spent = known.spends
    columns = (
        column.tolist() for column in (spent.way, spent.first, spent.last, spent.amount, spent.currency)
    )
    for way, first, last, amount, currency in zip(*columns, strict=True):
        for step, end in ends.items():
            days = max(0, min(last, end) - max(first, start) + 1)
            if days:
                found[known.ways[way]][currency][step] += Fraction(amount * days, last - first + 1)
    return found


def _ends(today: int) -> dict[str, int]:
    """The last day of joining that can be judged at the end of `today`. The first day of all ordinals is a Monday."""
    over = today - 5 * WEEK + 1
    return {
        "joined": today,
        "activated": today - 14,
        "retained": over - (over - 1) % WEEK + WEEK - 1,
        "paid": today - 30,
    }


def told(costs: dict[int, dict[str, Fraction]], row: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a currency: what was spent, and what each who joined, became active, stayed and paid has cost; null where nobody
    did."""
    return [
        {
            "currency": currency_of(code),
            "spent": _amounts.text(costs[code]["joined"], code),
            **{
                f"per_{step}": _amounts.text(costs[code][step] / row[step], code) if row[step] else None
                for step in STEPS
            },
        }
        for code in sorted(costs)
    ]
