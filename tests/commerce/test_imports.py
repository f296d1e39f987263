"""Payments from a file: in the books to the cent, once, and what is in the books stays there."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.models import Entry, Payment, Refund, Transaction
from engagement.models import Fact
from kernel.errors import Refused
from members.actors import Actor
from members.roles import Role
from tests import make
from tests.commerce import dues
from tests.members.imports.files import AT, begin, counts, problems, send

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cdnow"
HEADER = "payment,member,amount,currency,paid_at,kind,refunded,refunded_at\n"
MEMBERS = "member,joined_at\na,2026-01-01T00:00Z\nb,2026-01-01T00:00Z\n"


@pytest.fixture
def community():
    made = make.community(timezone="Asia/Shanghai")
    send(made, MEMBERS)
    return made


def load(community, text, **how):
    return send(community, HEADER + text, kind="payments", **how)


def facts(community):
    rows = (
        Fact.objects.of(community.pk)
        .filter(verb__in=("paid", "refunded"))
        .order_by("occurred_at", "member", "verb")
    )
    return list(rows.values_list("member", "verb", "value"))


def books(community):
    """Everything that an import writes."""
    return (
        list(
            Payment.objects.of(community.pk).order_by("id").values_list("external_id", "amount", "refunded")
        ),
        Entry.objects.filter(community=community).count(),
        facts(community),
    )


def test_a_payment_is_money_in_the_bank_and_revenue_of_its_day(community):
    run = load(community, "p1,a,120.00,CNY,2026-03-02T23:30:00,dues,,\np2,b,1000,JPY,2026-03-03T18:00Z,,,\n")
    assert counts(run) == (2, 0, 0, 0)
    assert dues.balances(community) == {"bank": 12_000, "revenue": -12_000}
    assert dues.balances(community, "JPY") == {"bank": 1_000, "revenue": -1_000}
    first, second = Payment.objects.of(community.pk).order_by("id")
    assert (first.method, first.invoice, first.kind, first.recorded_at) == ("imported", None, "dues", AT)
    assert first.paid_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    days = Transaction.objects.of(community.pk).order_by("id").values_list("source_id", "kind", "day")
    assert [(source, kind, str(day)) for source, kind, day in days] == [
        (first.pk, "payment", "2026-03-02"),
        (second.pk, "payment", "2026-03-04"),
    ]
    assert facts(community) == [(2, "paid", Decimal("120.00")), (3, "paid", Decimal("1000"))]
    dues.guard(community)


def test_a_payment_of_nothing_is_a_payment(community):
    assert counts(load(community, "p1,a,0.00,CNY,2026-03-02,,,\n")) == (1, 0, 0, 0)
    assert facts(community) == [(2, "paid", Decimal(0))]
    assert not Transaction.objects.of(community.pk).exists()


def test_what_went_back_leaves_the_bank_on_its_day(community):
    load(community, "p1,a,120.00,CNY,2026-03-02,,60.00,2026-03-05\np2,b,10,CNY,2026-03-02,,10,\n")
    assert dues.balances(community) == {"bank": 6_000, "revenue": -6_000}
    refunds = Refund.objects.filter(community=community).order_by("id")
    assert [(one.state, one.amount, one.settled_at.isoformat()) for one in refunds] == [
        ("succeeded", 6_000, "2026-03-04T16:00:00+00:00"),
        ("succeeded", 1_000, "2026-03-01T16:00:00+00:00"),
    ]
    assert facts(community) == [
        (2, "paid", Decimal(120)),
        (3, "paid", Decimal(10)),
        (3, "refunded", Decimal(10)),
        (2, "refunded", Decimal(60)),
    ]


def test_twice_changes_nothing(community):
    text = "p1,a,120.00,CNY,2026-03-02,dues,60,2026-03-05\np2,b,0,CNY,2026-03-02,,,\np2,b,0.00,cny,2026-03-02,,,\n"
    assert counts(load(community, text)) == (2, 0, 1, 0)
    before = books(community)
    assert counts(load(community, text)) == (0, 0, 3, 0)
    assert books(community) == before


def test_what_went_back_since_is_posted_as_the_difference(community):
    for refunded, outcome in (("", (1, 0, 0, 0)), ("20", (0, 1, 0, 0)), ("50", (0, 1, 0, 0))):
        assert counts(load(community, f"p1,a,120,CNY,2026-03-02,,{refunded},2026-03-09\n")) == outcome
    assert dues.balances(community) == {"bank": 7_000, "revenue": -7_000}
    assert list(
        Refund.objects.filter(community=community).order_by("id").values_list("amount", flat=True)
    ) == [
        2_000,
        3_000,
    ]
    # An older file says nothing of it, or less: the books do not go back.
    assert counts(load(community, "p1,a,120,CNY,2026-03-02,,,\n")) == (0, 0, 1, 0)
    assert problems(load(community, "p1,a,120,CNY,2026-03-02,,20,\n")) == [(2, "refunded", "refunded_less")]
    assert dues.balances(community) == {"bank": 7_000, "revenue": -7_000}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("p1,a,121,CNY,2026-03-02,,,", "amount"),
        ("p1,b,120,CNY,2026-03-02,,,", "member"),
        ("p1,a,120,USD,2026-03-02,,,", "currency"),
        ("p1,a,120,CNY,2026-03-03,,,", "paid_at"),
    ],
)
def test_what_is_in_the_books_does_not_change(community, row, column):
    load(community, "p1,a,120,CNY,2026-03-02,,,\n")
    before = books(community)
    assert problems(load(community, row + "\n")) == [(2, column, "payment_changed")]
    assert books(community) == before


def test_a_row_that_cannot_be_taken_is_rejected_with_its_reason_and_stops_no_other(community):
    run = load(
        community,
        ",a,1,CNY,2026-03-02,,,\n"
        "p1,nobody,1,CNY,2026-03-02,,,\n"
        "p2,a,1,QQQ,2026-03-02,,,\n"
        "p3,a,1.001,CNY,2026-03-02,,,\n"
        "p4,a,1.5,JPY,2026-03-02,,,\n"
        "p5,a,one,CNY,2026-03-02,,,\n"
        "p6,a,-1,CNY,2026-03-02,,,\n"
        "p7,a,1,CNY,2027-03-02,,,\n"
        "p8,a,1,CNY,2026-03-02,,2,\n"
        "p9,a,1,CNY,2026-03-02,,1,2026-03-01\n"
        "p10,a,1.500,KWD,2026-03-02,,,\n",
    )
    assert counts(run) == (1, 0, 0, 10)
    assert problems(run) == [
        (2, "payment", "needed"),
        (3, "member", "unknown_member"),
        (4, "currency", "currency"),
        (5, "amount", "decimals"),
        (6, "amount", "decimals"),
        (7, "amount", "number"),
        (8, "amount", "negative"),
        (9, "paid_at", "future"),
        (10, "refunded", "refunded_more"),
        (11, "refunded_at", "refunded_before"),
    ]
    assert dues.balances(community, "KWD") == {"bank": 1_500, "revenue": -1_500}
    assert dues.balances(community) == {}


def test_who_may_not_manage_money_sends_no_payments(community):
    manager = make.member(community, role=Role.MANAGER)
    with pytest.raises(Refused) as refusal:
        begin(
            community,
            HEADER + "p1,a,1,CNY,2026-03-02,,,\n",
            kind="payments",
            by=Actor.person(manager.user, manager),
        )
    assert refusal.value.code == "no_longer_allowed"


def test_questions_do_not_grow_with_the_file(community):
    def questions(name: str, many: int) -> int:
        rows = "".join(f"{name}{n},a,{n},CNY,2026-03-02,,{n % 2},\n" for n in range(1, many + 1))
        with CaptureQueriesContext(connection) as asked:
            assert counts(load(community, rows)) == (many, 0, 0, 0)
        return len(asked)

    questions("warm", 2)
    assert questions("few", 3) == questions("many", 100)


@pytest.mark.skipif(
    not REAL.exists() and os.environ.get("CI") != "true",
    reason="The real payments' data are not beside the project.",
)
@pytest.mark.parametrize("size", [2_000, pytest.param(None, marks=pytest.mark.long)], ids=["some", "all"])
def test_eighteen_months_of_real_payments_reconcile_to_the_cent(size):
    lines = (REAL / "payments.csv").read_text().splitlines(keepends=True)
    chosen = lines[: size + 1] if size else lines
    rows = [line.split(",") for line in chosen[1:]]
    payers = {"member", *(row[1] for row in rows)}
    members = (REAL / "members.csv").read_text().splitlines(keepends=True)
    community = make.community(timezone="UTC")
    send(community, "".join(line for line in members if line.split(",")[0] in payers))
    total, nothing = sum(Decimal(row[2]) for row in rows), sum(Decimal(row[2]) == 0 for row in rows)
    if size is None:
        assert (len(rows), len({row[1] for row in rows}), total, nothing) == (
            69_659,
            23_570,
            Decimal("2500315.63"),
            80,
        )
    assert counts(send(community, "".join(chosen), kind="payments")) == (len(rows), 0, 0, 0)
    cents = int(total * 100)
    assert dues.balances(community, "USD") == {"bank": cents, "revenue": -cents}
    payments = Payment.objects.of(community.pk)
    assert payments.values("membership").distinct().count() == len({row[1] for row in rows})
    assert payments.filter(amount=0).count() == nothing
    assert Transaction.objects.of(community.pk).count() == len(rows) - nothing
    assert Fact.objects.of(community.pk).filter(verb="paid").count() == len(rows)
    assert counts(send(community, "".join(chosen), kind="payments")) == (0, 0, len(rows), 0)
    assert dues.balances(community, "USD") == {"bank": cents, "revenue": -cents}
    dues.guard(community)
