"""Every figure that reads the forest, on the oddest of forests: right, and without recursion however deep."""

from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engagement.metrics import _projection, growth_rate, what_if
from engagement.selectors.history import History, microseconds
from engagement.selectors.money import Contracts
from engagement.selectors.records import Counts, Firsts, Members, Statuses
from engagement.selectors.referrals import Arrivals, Invitations, Inviters, Roles, Spends
from kernel.metrics import metrics

MINUTE, START = 60_000_000, datetime(2025, 9, 1, tzinfo=UTC)
#: As many days lie between the first joining and the last.
DAYS = 200
AS_OF = date(2026, 3, 20)


class Columns:
    """`Records` of members who joined one after the other, did nothing, and were brought by whom `inviter` says (places)."""

    def __init__(self, inviter: np.ndarray) -> None:
        many = len(inviter)
        self.apart = DAYS * 1440 // max(many, 1) * MINUTE
        self.members = Members(np.arange(1, many + 1), microseconds(START) + np.arange(many) * self.apart)
        self.statuses = Statuses(np.zeros(0, np.int64), np.zeros(0, np.int64), [])
        told = np.flatnonzero(inviter >= 0)
        self.inviters = Inviters(told + 1, inviter[told] + 1, np.zeros(len(told), np.int64))
        self.invitations = Invitations(*np.zeros((4, 0), np.int64))
        self.arrivals, self.roles = Arrivals(*np.zeros((2, 0), np.int64)), Roles(*np.zeros((3, 0), np.int64))
        self.contracts = Contracts(*np.zeros((11, 0), np.int64))
        self.spends = Spends(*np.zeros((5, 0), np.int64))
        self.ways, self.active_days = [], {}
        self.referrals = self.money = self

    def order_keys(self, number):
        return [("",)] * len(number)

    def counts(self, start, end):
        return Counts(*np.zeros((4, 0), np.int64))

    def first_acts(self, verbs):
        return Firsts(*np.zeros((3, 0), np.int64))


def counted(inviter, monkeypatch):
    """Every figure of the forest, of who is brought by the place `inviter` has for them."""
    monkeypatch.setattr(growth_rate, "RESAMPLES", 3)
    monkeypatch.setattr(what_if, "project", partial(_projection.project, runs=20))
    records = Columns(np.asarray(inviter, np.int64))
    past = History(zone=ZoneInfo("UTC"), as_of=AS_OF, records=records)
    found = {
        key: metrics.get(key).compute(past) for key in ("cycle_time", "generations", "cascades", "channels")
    }
    found["referral_k"] = metrics.get("referral_k").compute(past, grain="all")[0]
    for grain in ("week", "month"):
        rows = metrics.get("referral_k").compute(past, grain=grain)
        assert sum(row["invitees"] for row in rows) == found["referral_k"]["invitees"]
    for key in ("growth_rate", "what_if"):
        found[key] = metrics.get(key).compute(past)
    for key, data in found.items():
        assert metrics.get(key).finding([data] if key == "referral_k" else data), key
    assert sum(row["members"] for row in found["generations"]) == found["cascades"]["members"] == len(inviter)
    return found, records.apart / (1440 * MINUTE)


@pytest.mark.parametrize("loop", [False, True])
def test_a_chain_of_a_hundred_thousand_and_one_that_closes(loop, monkeypatch):
    """Everybody was brought by the one right before; and the first, where it closes, by the last: that edge is refused."""
    many = 100_000
    above = np.arange(many) - 1
    above[0] = many - 1 if loop else -1
    found, days = counted(above, monkeypatch)
    tree = found["cascades"]["largest"][0]
    assert (found["cascades"]["trees"], found["cascades"]["refused"]) == (1, int(loop))
    assert (tree["root"], tree["size"], tree["depth"], tree["width"]) == (1, many, many - 1, 1)
    assert tree["virality"] == pytest.approx((many + 1) / 3, rel=1e-12)
    assert [found["generations"][g]["members"] for g in (0, 1, many - 1)] == [1, 1, 1]
    k = found["referral_k"]
    # All but the last brought one.
    assert (k["k"], k["eligible"], k["before_inviter"]) == ((many - 1) / many, many, 0)
    assert found["cycle_time"]["median_days"] == pytest.approx(days, rel=1e-12)
    assert found["growth_rate"]["share"] == 1.0
    assert {row["by"]: row["joined"] for row in found["channels"]} == {"member": many - 1, "nobody": 1}
    assert found["what_if"]["members"]["weeks"][-1]["median"] > 0


def test_a_giant_star(monkeypatch):
    many = 100_000
    found, days = counted(np.where(np.arange(many) == 0, -1, 0), monkeypatch)
    tree = found["cascades"]["largest"][0]
    assert (tree["size"], tree["depth"], tree["width"]) == (many, 1, many - 1)
    assert tree["virality"] == pytest.approx(2 * (many - 1) / many, rel=1e-12)
    assert [row["members"] for row in found["generations"]] == [1, many - 1]
    within = int(30 / days)
    assert found["referral_k"]["invitees"] == within
    # One member brought all of it: the interval says how little that tells.
    assert found["referral_k"]["high"] > 7 * found["referral_k"]["k"]
    assert found["cycle_time"]["n"] == int(60 / days)


def test_an_empty_forest_and_one_of_people_who_brought_themselves(monkeypatch):
    many = 1_000
    alone, _days = counted(np.full(many, -1), monkeypatch)
    themselves, _days = counted(np.arange(many), monkeypatch)
    assert (alone["cascades"]["refused"], themselves["cascades"]["refused"]) == (0, many)
    for found in (alone, themselves):
        k = found["referral_k"]
        assert (k["k"], k["low"], k["high"]) == (0.0, 0.0, 3 / k["eligible"])
        assert (found["cascades"]["trees"], found["cascades"]["roots"]) == (0, many)
        assert found["generations"] == [{"generation": 0, "members": many}]
        assert found["cycle_time"]["median_days"] is None
        assert (found["growth_rate"]["reason"], found["growth_rate"]["share"]) == ("few_joins", 0.0)
        assert found["what_if"]["members"]["weeks"][-1]["median"] > 0
    alone["cascades"]["refused"] = many
    assert alone == themselves


def test_who_brought_one_another_two_by_two(monkeypatch):
    """Of each two the edge of the earlier is refused, the later one was brought by the earlier."""
    many = 1_000
    found, days = counted(np.arange(many) ^ 1, monkeypatch)
    assert (found["cascades"]["refused"], found["cascades"]["sizes"]) == (many // 2, {"2": many // 2})
    assert [row["members"] for row in found["generations"]] == [many // 2, many // 2]
    assert found["referral_k"]["k"] == pytest.approx(0.5, abs=0.01)
    assert found["cycle_time"]["p75"] == pytest.approx(days, rel=1e-12)
