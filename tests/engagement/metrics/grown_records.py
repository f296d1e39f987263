"""A grown community as columns, so that the product's `History` reads it; week n begins n weeks after `FIRST`, a Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from pyroaring import BitMap

from engagement.selectors.history import History, microseconds
from engagement.selectors.money import Contracts
from engagement.selectors.records import Members, Statuses
from engagement.selectors.referrals import Inviters
from tests.oracle.worlds import NEVER, Grown

FIRST = date(2024, 1, 1)
DAY = 86_400_000_000


class GrownRecords:
    """As much of `Records` as the projection reads."""

    def __init__(self, grown: Grown) -> None:
        start = microseconds(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC))
        number = np.arange(1, len(grown.joined) + 1)
        gone = grown.left != NEVER
        self.members = Members(number, start + (grown.joined * DAY).astype(np.int64))
        at = start + (grown.left[gone] * DAY).astype(np.int64)
        self.statuses = Statuses(number[gone], at, ["left"] * int(gone.sum()))
        self.active_days: dict[int, BitMap] = {}
        self.money = self
        self.contracts = Contracts(*np.zeros((11, 0), np.int64))
        self.referrals = self
        brought = grown.inviter >= 0
        self.inviters = Inviters(
            number[brought], number[grown.inviter[brought]], np.zeros(int(brought.sum()), np.int64)
        )

    def order_keys(self, number: np.ndarray) -> list[tuple[str]]:
        return [("",) for _one in number]


def history(grown: Grown, week: int) -> History:
    """At the end of so many weeks."""
    as_of = FIRST + timedelta(weeks=week) - timedelta(days=1)
    return History(zone=ZoneInfo("UTC"), as_of=as_of, records=GrownRecords(grown))  # type: ignore[arg-type]
