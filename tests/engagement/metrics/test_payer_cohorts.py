"""Who keeps paying: by hand, by chance against a plain recount, and 23,570 real payers against pandas."""

import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from kernel.metrics import metrics
from tests.engagement.metrics.records import Fact, Member, at, history

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "cdnow"
JOINED = at("2026-01-05")


def cohorts(past, **parameters):
    return metrics.get("payer_cohorts").compute(past, **parameters)


def paid(member, *days):
    return [Fact(member, "paid", at(day)) for day in days]


def test_by_hand():
    people = [Member(n, JOINED, f"m{n}") for n in (1, 2, 3)]
    facts = [
        *paid(1, "2026-01-10", "2026-01-20", "2026-02-01", "2026-04-30"),
        *paid(2, "2026-01-31", "2026-03-01"),
        *paid(3, "2026-03-15"),
        # Nothing but a payment counts, and what went back undoes none.
        Fact(3, "refunded", at("2026-03-16")),
        Fact(3, "visited", at("2026-02-16")),
    ]
    past = history(people, facts, date(2026, 4, 30))
    assert cohorts(past) == [
        {"cohort": "2026-01", "size": 2, "active": [2, 1, 1, 1]},
        {"cohort": "2026-02", "size": 0, "active": [0, 0, 0]},
        {"cohort": "2026-03", "size": 1, "active": [1, 0]},
        {"cohort": "2026-04", "size": 0, "active": [0]},
    ]
    # A month that is not complete is not known, and what is later does not exist.
    assert cohorts(history(people, facts, date(2026, 3, 15))) == [
        {"cohort": "2026-01", "size": 2, "active": [2, 1, None]},
        {"cohort": "2026-02", "size": 0, "active": [0, None]},
        {"cohort": "2026-03", "size": 1, "active": [None]},
    ]
    shown = cohorts(past, **{"from": date(2026, 3, 31), "to": date(2026, 3, 31)})
    assert [row["cohort"] for row in shown] == ["2026-03"]
    figure = metrics.get("payer_cohorts")
    assert (figure.headline(cohorts(past)).value, figure.headline(cohorts(past)).period) == (0.5, "2026-01")


def test_nobody_and_nothing():
    assert cohorts(history([], [], date(2026, 4, 30))) == []
    figure = metrics.get("payer_cohorts")
    data = cohorts(history([Member(1, JOINED, "a")], [], date(2026, 2, 28)))
    assert [row["size"] for row in data] == [0, 0]
    assert figure.headline(data).value is None


@pytest.mark.parametrize("seed", range(20))
def test_by_chance_against_a_plain_recount(seed):
    chance, zone = Random(seed), ZoneInfo("Asia/Shanghai")
    start = datetime(2025, 1, 1, tzinfo=UTC)
    people = [Member(n, start + timedelta(days=chance.randint(0, 90)), f"m{n}") for n in range(1, 12)]
    facts = [
        Fact(chance.randint(1, 11), chance.choice(["paid", "paid", "read"]), start + timedelta(hours=hours))
        for hours in (chance.randint(0, 9_000) for _n in range(60))
    ]
    as_of = date(2025, 10, chance.choice((15, 31)))
    there = {one.number for one in people if one.joined_at.astimezone(zone).date() <= as_of}
    months: dict[int, set[str]] = {}
    for fact in facts:
        day = fact.at.astimezone(zone).date()
        if fact.verb == "paid" and day <= as_of and fact.member in there:
            months.setdefault(fact.member, set()).add(f"{day:%Y-%m}")
    rows = cohorts(history(people, facts, as_of, zone="Asia/Shanghai"))
    assert sum(row["size"] for row in rows) == len(months)
    names = [row["cohort"] for row in rows]
    for i, row in enumerate(rows):
        cohort = [paid for paid in months.values() if min(paid) == row["cohort"]]
        counted = [sum(name in paid for paid in cohort) for name in names[i:]]
        if as_of.day != 31:
            counted[-1] = None
        assert (row["size"], row["active"]) == (len(cohort), counted)


@pytest.mark.skipif(
    not REAL.exists() and os.environ.get("CI") != "true",
    reason="The real payments' data are not beside the project.",
)
def test_eighteen_months_of_real_payments_against_pandas():
    table = pd.read_csv(REAL / "payments.csv", parse_dates=["paid_at"])
    numbers = {own_id: n for n, own_id in enumerate(table.member.unique(), 1)}
    first_days = table.groupby("member").paid_at.min()
    people = [
        Member(n, first_days[own_id].to_pydatetime().replace(tzinfo=UTC), own_id)
        for own_id, n in numbers.items()
    ]
    times = [moment.to_pydatetime() for moment in table.paid_at]
    facts = [
        Fact(numbers[own_id], "paid", moment.replace(tzinfo=UTC))
        for own_id, moment in zip(table.member, times, strict=True)
    ]
    rows = cohorts(history(people, facts, date(1998, 6, 30)))
    month = table.paid_at.dt.year * 12 + table.paid_at.dt.month
    first = month.groupby(table.member).transform("min")
    pairs = table.assign(first=first, k=month - first).drop_duplicates(["member", "k"])
    counted = Counter(zip(pairs["first"], pairs.k, strict=True))
    january = 1997 * 12 + 1
    assert [row["active"] for row in rows] == [
        [counted[january + i, k] for k in range(18 - i)] for i in range(18)
    ]
    assert [row["size"] for row in rows] == [7846, 8476, 7248, *[0] * 15]
    assert rows[0]["active"][:4] == [7846, 1157, 964, 810]
