"""Revenue, what recurs, dues: by hand, and communities that live by chance against plain recounts and the ledger itself."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest

from commerce.periods import Interval, per_month
from commerce.services import payments, recognition
from engagement.metrics._wilson import interval
from engagement.metrics.mrr import MOVEMENTS, survival
from engagement.models import Figure
from engagement.selectors import loading
from engagement.selectors.history import History, microseconds
from engagement.selectors.money import CAUSES, CHANGES, Contracts, StoredMoney, code_of, currency_of
from engagement.services import refresh
from kernel.metrics import metrics
from kernel.money import Money, rounded
from tests import make
from tests.commerce import dues
from tests.commerce.dues import AT, SITE, guard
from tests.engagement.metrics.dues_world import World
from tests.engagement.metrics.records import Member, RowMoney, at, history
from tests.oracle import money as oracle

pytestmark = pytest.mark.django_db
JOINED = at("2026-01-05")


def compute(community, key, as_of, **parameters):
    return metrics.get(key).compute(loading.history(community=community, as_of=as_of), **parameters)


def units(text, currency):
    return Money.parse(text, currency).amount


def exact(text):
    return Decimal(text)


def both(account, found, key):
    return -sum(one.get(key, 0) for one in (found[name] for name in account))


@pytest.mark.parametrize(
    ("seed", "days", "people"), [pytest.param(3, 300, 11, marks=pytest.mark.exhaustive), (11, 150, 6)]
)
def test_a_life_on_dues_against_plain_recounts_and_the_ledger(seed, days, people):
    world = World(seed, days=days, people=people)
    guard(world.community)
    if people > 10:
        assert any(one["value"] for one in compute(world.community, "mrr", world.as_of)["value"])
    check_revenue(world, world.as_of)
    check_mrr(world, world.as_of)
    check_dues(world, world.as_of)
    # Of a day in the middle nothing later is known.
    early = world.as_of - timedelta(days=73)
    check_revenue(world, early)
    check_mrr(world, early)
    check_dues(world, early)
    same_in_any_order(world)
    people_are_counted_once(world)


def check_revenue(world, as_of):
    zone = world.community.zone
    rows = compute(world.community, "revenue", as_of)
    assert {row["currency"] for row in rows} >= {"EUR"}
    moved = oracle.moved(world.payments(), world.refunds(), zone, as_of)
    bank = ("bank", "clearing")
    came = world.ledger(bank, kinds=("payment", "payment_back"))
    back = world.ledger(bank, kinds=("refund",))
    earned = world.ledger(("revenue", "discount"))
    for row in rows:
        key = row["period"], row["currency"]
        if row["collected"] is None:
            assert date.fromisoformat(f"{row['period']}-01").replace(day=28) + timedelta(days=4) > as_of
            continue
        told = {name: units(row[name], row["currency"]) for name in ("collected", "refunded", "recognised")}
        plain = moved[key]
        assert (told["collected"], told["refunded"]) == (plain["collected"], plain["refunded"])
        assert row["payers"] == len(plain["payers"])
        if plain["payers"]:
            average = rounded(Fraction(plain["collected"], len(plain["payers"])))
            assert units(row["average"], row["currency"]) == average
        assert told == {
            "collected": came.get(key, 0),
            "refunded": -back.get(key, 0),
            "recognised": -earned.get(key, 0),
        }
        parts = Counter()
        for name, text in row["sources"].items():
            parts[name.split("_")[0]] += units(text, row["currency"])
        assert {name: parts[name] for name in told} == told
    # The same money by day and by week.
    for grain in ("day", "week"):
        finer = compute(world.community, "revenue", as_of, grain=grain)
        complete = [row for row in finer if row["collected"] is not None]
        last = max(row["period"] for row in complete)
        until = date.fromisoformat(last) + timedelta(days=6 if grain == "week" else 0)
        total = sum(exact(row["collected"]) for row in complete if row["currency"] == "EUR")
        paid = [p for p in oracle_days(world, until) if p[1] == "EUR"]
        assert total == sum((amount for _day, _currency, amount in paid), Decimal(0))


def oracle_days(world, until):
    zone = world.community.zone
    for row in world.payments():
        if row["method"] == "credit":
            continue
        for moment, sign in ((row["recorded_at"], 1), (row["reversed_at"], -1)):
            if moment is not None and moment.astimezone(zone).date() <= until:
                day = moment.astimezone(zone).date()
                yield day, row["currency"], sign * Money(row["amount"], row["currency"]).decimal


def check_mrr(world, as_of):
    data = compute(world.community, "mrr", as_of)
    changes = world.changes(as_of)
    first = min(date.fromisoformat(f"{row['period']}-01") for row in data["months"])
    ends = oracle.month_ends(first, as_of)
    for currency in {row["currency"] for row in data["months"]}:
        rows = [row for row in data["months"] if row["currency"] == currency]
        plain = [oracle.contracted(changes, day, currency) for day in ends]
        moves = oracle.movements(plain)
        before = 0
        for row, now, move in zip(rows, plain, moves, strict=False):
            told = {name: units(row[name], currency) for name in ("mrr", *MOVEMENTS)}
            assert told["mrr"] == rounded(sum(now.values(), Fraction(0)))
            assert sum(told[name] for name in MOVEMENTS) == told["mrr"] - before
            assert all(abs(told[name] - move[name]) < 1 for name in MOVEMENTS)
            assert (row["members"], row["churned"]) == (len(now), len(move["lost"]))
            assert sum(one["members"] for one in row["causes"].values()) == len(move["lost"])
            assert sum(units(one["amount"], currency) for one in row["causes"].values()) == told["churn"]
            before = told["mrr"]
        assert [row["mrr"] is None for row in rows] == [False] * len(ends) + [True] * (len(rows) - len(ends))
    for one in data["value"]:
        expected = oracle.value(changes, as_of, one["currency"])
        if expected is None:
            assert (one["months"], one["value"]) == (None, None)
            continue
        assert (one["months"], one["subscriptions"]) == (expected["months"], expected["subscriptions"])
        worth, spread = float(expected["value"]), 1.959963984540054 * sqrt(expected["variance"])
        for name, amount in (("value", worth), ("low", max(worth - spread, 0)), ("high", worth + spread)):
            assert abs(units(one[name], one["currency"]) - amount) <= 0.51
    if as_of == world.as_of:
        now = oracle.contracted(world.changes(), as_of + timedelta(days=1), "EUR")
        plain = Counter()
        for one in world.still_contracted():
            if one.currency == "EUR":
                plain[world.member_of(one.membership.number)] += oracle.monthly(
                    {
                        "kind": "begun", "own": True, "interval": one.plan.interval, "amount": one.amount,
                        "quantity": one.quantity,
                    }
                )  # fmt: skip
        assert now == {member: amount for member, amount in plain.items() if amount}


def check_dues(world, as_of):
    data = compute(world.community, "dues", as_of)
    changes, zone = world.changes(as_of), world.community.zone
    counted, amounts, kept = Counter(), Counter(), Counter()
    for invoice in world.invoices():
        mine = changes.get(invoice["subscription"], [])
        told = oracle.outcome(invoice, mine, as_of, zone)
        if told is None:
            continue
        month = oracle.month_of(invoice["due"]), invoice["currency"]
        counted[month, told] += 1
        amounts[month] += invoice["amount"]
        if told in ("on_time", "late") and as_of - timedelta(days=365) < invoice["starts"] <= as_of:
            held = oracle.standing(mine, invoice["starts"])
            kept[held["interval"], held["tier"]] += 1
    months = {(row["period"], row["currency"]): row for row in data["months"]}
    for key, row in months.items():
        if row["due"] is None:
            continue
        outcomes = ("on_time", "late", "in_grace", "suspended", "lapsed", "ended", "forgiven")
        assert [row[name] for name in outcomes] == [counted[key, name] for name in outcomes]
        assert row["due"] == sum(counted[key, name] for name in outcomes)
        assert units(row["amount_due"], row["currency"]) == amounts[key]
    for one in data["now"]:
        open_now = sum(
            n for ((_month, currency), told), n in counted.items()
            if currency == one["currency"] and told in ("in_grace", "suspended")
        )  # fmt: skip
        assert one["in_grace"] + one["suspended"] == open_now
    assert {(one["term"], one["tier"]): one["renewed"] for one in data["renewal"] if one["renewed"]} == kept
    ended, lost = Counter(), Counter()
    for mine in changes.values():
        over = [row for row in mine if row["kind"] == "ended"]
        if not over or not any(row["kind"] in ("begun", "changed", "resumed") for row in mine):
            continue
        row = over[-1]
        if row["day"] <= as_of:
            ended[oracle.month_of(row["day"]), row["currency"], row["cause"]] += 1
            renews = any(oracle.monthly(one) for one in mine)
            recent = row["day"] > as_of - timedelta(days=365)
            if renews and recent and row["cause"] in ("cancelled", "payment_failed", "term_ended"):
                lost[row["interval"], row["tier"]] += 1
    told = {
        (*key, cause): n
        for key, row in months.items()
        for cause, n in (row["causes"] or {}).items()
    }  # fmt: skip
    complete = {key for key, row in months.items() if row["causes"] is not None}
    assert told == {key: n for key, n in ended.items() if key[:2] in complete}
    assert {(one["term"], one["tier"]): one["ended"] for one in data["renewal"] if one["ended"]} == lost


def same_in_any_order(world):
    """Rows of the books in another order, where none is promised, give the same digits; so does a second computing."""
    stored = StoredMoney(world.community.pk)
    chance = np.random.default_rng(5)
    shuffled = RowMoney(
        books=mixed(stored.books, chance),
        payers=mixed(stored.payers, chance),
        asked=mixed(stored.asked, chance),
        contracts=stored.contracts._replace(subscription=stored.contracts.subscription * -1),
        tiers=stored.tiers,
    )
    records = loading.Stored(world.community.pk)
    other = loading.Stored(world.community.pk)
    other.money = shuffled
    shuffled.asked = shuffled.asked._replace(subscription=shuffled.asked.subscription * -1)
    histories = [
        History(zone=world.community.zone, as_of=world.as_of, records=one)
        for one in (records, records, other)
    ]
    for key in ("revenue", "mrr", "dues"):
        first, second, third = (metrics.get(key).compute(one) for one in histories)
        assert first == second == third


def mixed(rows, chance):
    order = chance.permutation(len(rows[0]))
    return type(rows)(*(column[order] for column in rows))


def people_are_counted_once(world):
    """Erasing changes no figure; two records of one person are one member, and no money is lost."""
    keys = ("revenue", "mrr", "dues")
    before = {key: compute(world.community, key, world.as_of) for key in keys}
    world.erase_somebody()
    assert {key: compute(world.community, key, world.as_of) for key in keys} == before
    old, kept = world.two_become_one()
    assert kept in StoredMoney(world.community.pk).payers.member
    assert old not in StoredMoney(world.community.pk).payers.member
    after = compute(world.community, "revenue", world.as_of)
    assert [row["collected"] for row in after] == [row["collected"] for row in before["revenue"]]
    check_revenue(world, world.as_of)
    check_mrr(world, world.as_of)


def test_nothing_is_known_of_a_community_without_money():
    community = make.community(at=AT)
    make.member(community, at=AT)
    for key, nothing in (
        ("revenue", []),
        ("mrr", {"months": [], "value": []}),
        ("dues", {"months": [], "now": [], "renewal": []}),
    ):
        figure = metrics.get(key)
        data = compute(community, key, AT.date() + timedelta(days=60))
        assert data == nothing
        assert figure.headline(data).value is None
        assert "No data yet" in figure.finding(data)


KINDS = {kind: CHANGES.index(kind) for kind in CHANGES}


def contracts(*rows):
    """Rows of (subscription, member, kind, day, amount of a month, cause), in euro cents, known on their day."""
    columns = [
        (
            subscription, member, code_of("EUR"), 0, 1, KINDS[kind], CAUSES.index(cause),
            date.fromisoformat(day).toordinal(), microseconds(at(known or day)), round(12 * cents), round(12 * cents),
        )
        for subscription, member, kind, day, cents, cause, known in rows
    ]  # fmt: skip
    return RowMoney(contracts=Contracts(*np.array(columns, np.int64).T))


def test_what_moves_the_recurring_revenue_by_hand():
    held = contracts(
        (1, 1, "begun", "2026-01-10", 1000, "", ""),
        (2, 2, "trial", "2026-01-10", 0, "", ""),
        # A year's 100.00 is 8.33 and a third a month.
        (3, 3, "begun", "2026-01-12", Fraction(10_000, 12), "", ""),
        (2, 2, "begun", "2026-02-10", 500, "", ""),
        (1, 1, "changed", "2026-02-10", 1500, "", ""),
        # Foreseen for the next period, and gone before it began.
        (3, 3, "changed", "2026-04-01", 9_999, "", "2026-03-02"),
        (3, 3, "ended", "2026-03-05", 0, "payment_failed", ""),
        (1, 1, "paused", "2026-03-07", 0, "", ""),
        (1, 1, "resumed", "2026-04-07", 700, "", ""),
        (2, 2, "changed", "2026-04-09", 300, "", ""),
        (4, 3, "begun", "2026-05-02", Fraction(10_000, 12), "", ""),
    )
    past = history([Member(n, JOINED, f"m{n}") for n in (1, 2, 3)], [], date(2026, 5, 20), money=held)
    data = metrics.get("mrr").compute(past)
    told = [[row[name] for name in ("period", "mrr", *MOVEMENTS, "members")] for row in data["months"]]
    assert told == [
        ["2026-01", "18.33", "18.33", "0.00", "0.00", "0.00", "0.00", 2],
        ["2026-02", "28.33", "5.00", "5.00", "0.00", "0.00", "0.00", 3],
        ["2026-03", "5.00", "0.00", "0.00", "0.00", "-23.33", "0.00", 1],
        ["2026-04", "10.00", "0.00", "0.00", "-2.00", "0.00", "7.00", 2],
        ["2026-05", None, None, None, None, None, None, None],
    ]
    march = data["months"][2]
    assert march["causes"] == {
        "payment_failed": {"members": 1, "amount": "-8.33"},
        "paused": {"members": 1, "amount": "-15.00"},
    }
    assert (march["churned"], march["logo_churn"]) == (2, 2 / 3)
    assert march["revenue_churn"] == float(Fraction(28_000, 34_000))
    assert data["value"] == [
        {
            "currency": "EUR", "subscriptions": 4, "months": None, "value": None, "low": None, "high": None,
            "staying": None,
        }
    ]  # fmt: skip
    assert metrics.get("mrr").finding(data) == "\u20ac10.00 a month is contracted with 2 members in Apr 2026."


def test_the_value_of_twelve_who_stay_or_go_by_hand():
    """Of 10.00 each: two end in month 1, one in month 3, one is too young to be seen."""
    rows = [(n, n, "begun", "2026-01-15", 1000, "", "") for n in range(1, 12)]
    rows += [(12, 12, "begun", "2026-04-20", 1000, "", "")]
    rows += [(n, n, "ended", "2026-02-15", 0, "cancelled", "") for n in (1, 2)]
    rows += [(3, 3, "ended", "2026-04-10", 0, "cancelled", "")]
    people = [Member(n, JOINED, f"m{n}") for n in range(1, 13)]
    past = history(people, [], date(2026, 5, 10), money=contracts(*rows))
    (told,) = metrics.get("mrr").compute(past)["value"]
    # Eleven are seen through month 1; nine through month 2, too few: H is 1, and the first month is certain.
    assert (told["months"], told["value"], told["low"], told["high"]) == (1, "10.00", "10.00", "10.00")
    staying, worth, spread = survival([12, 11, 9, 9], [0, 2, 0, 1], [1000.0, 1000.0, 1000.0, 1000.0])
    assert staying == pytest.approx([1.0, 9 / 11, 9 / 11, 8 / 11], rel=1e-12)
    assert worth == pytest.approx(1000 * (1 + 9 / 11 + 9 / 11 + 8 / 11), rel=1e-12)
    first, last = 1000 * (9 / 11 + 9 / 11 + 8 / 11), 1000 * 8 / 11
    assert spread == pytest.approx(sqrt(first**2 * 2 / (11 * 9) + last**2 * 1 / (9 * 8)), rel=1e-12)


def test_wilson_s_interval_is_the_published_one():
    # Newcombe 1998, table I: 81 of 263 and 1 of 29.
    assert [round(limit, 4) for limit in interval(81, 263)] == [0.2553, 0.3662]
    assert [round(limit, 4) for limit in interval(1, 29)] == [0.0061, 0.1718]
    assert interval(0, 5)[0] == 0.0 and interval(5, 5)[1] == 1.0


def test_what_is_earned_after_midnight_is_in_the_day_s_figures():
    """A refresh that ran before the day's earnings were posted is overtaken by them."""
    community = make.community(at=AT, currency="CNY")
    bill = dues.invoice(make.member(community, at=AT))
    payments.receive(
        invoice=bill, community=community, money=bill.due, method="bank", paid_at=AT, at=AT, by=SITE
    )  # fmt: skip
    later = AT + timedelta(days=3)
    refresh.refresh(community_id=community.pk, at=later)

    def earned():
        kept = Figure.objects.filter(community_id=community.pk, key="revenue", asked="grain=day")
        row = kept.get(as_of=later.date() - timedelta(days=1))
        return {one["period"]: one["recognised"] for one in row.data}["2026-03-03"]

    assert earned() == "0.00"
    recognition.recognise(community=community, at=later)
    refresh.refresh(community_id=community.pk, at=later)
    assert earned() == "3.87"


def test_a_price_s_month_is_what_periods_say():
    assert {each.value: 1 / per_month(1, each) for each in Interval if per_month(1, each)} == oracle.PER_MONTH


def test_a_currency_stands_for_a_number_and_back():
    assert [currency_of(code_of(code)) for code in ("EUR", "CNY", "KWD")] == ["EUR", "CNY", "KWD"]


def test_the_books_of_a_community_take_six_queries(django_assert_num_queries):
    community = make.community(at=AT)
    with django_assert_num_queries(6):
        stored = StoredMoney(community.pk)
        assert not len(stored.books.day) and not len(stored.payers.day)
        assert not len(stored.contracts.day) and not len(stored.asked.due) and stored.tiers
