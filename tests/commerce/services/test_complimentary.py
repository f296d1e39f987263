"""Terms that staff give for nothing: what they replace, what follows, and that nothing is contracted meanwhile."""

from datetime import date, timedelta

import pytest

from commerce.models import Subscription
from commerce.services import clock, complimentary, subscriptions
from commerce.services.complimentary import give
from members.actors import Actor
from members.models import AuditEntry, Message
from tests import make
from tests.commerce.dues import AT, SITE, balances, guard, plan
from tests.commerce.services.test_subscriptions import join, of, pay, refusal, take

pytestmark = pytest.mark.django_db

UNTIL = date(2026, 6, 30)


@pytest.fixture
def monthly():
    return plan(make.community(currency="CNY"))


def given(member, of, until=UNTIL, **fields):
    return give(
        **(
            {"membership": member, "plan": of, "until": until, "reason": "Speaker", "at": AT, "by": SITE}
            | fields
        )
    )


def contracted(subscription):
    return list(subscription.changes.values_list("kind", "day", "amount"))


def test_a_newcomer_is_let_in_until_the_day_and_then_it_ends(monthly):
    person = join(monthly.community)
    subscriptions.subscribe(membership=person, plan=monthly, at=AT, by=SITE)
    found = given(person, monthly)
    assert (of(person), found.status, found.kind, found.period_end) == (
        "active",
        "active",
        "complimentary",
        date(2026, 7, 1),
    )
    assert contracted(found) == [("begun", AT.date(), 0)]
    assert balances(monthly.community) == {}
    letter = Message.objects.get(kind="dues.given")
    assert "until 30 Jun 2026" in letter.text and "You pay nothing for it." in letter.text
    entry = AuditEntry.objects.get(action="subscription.given")
    assert entry.object_id == found.key.hex
    clock.tick(at=AT + timedelta(days=121))
    found.refresh_from_db()
    assert (found.status, found.cause, found.invoices.count(), of(person)) == (
        "ended",
        "term_ended",
        0,
        "lapsed",
    )
    guard(monthly.community)


def test_it_is_paid_for_afterwards_where_that_was_chosen(monthly):
    member = make.member(monthly.community)
    found = given(member, monthly, then_paid=True)
    assert found.next_price.amount == 12_000
    clock.tick(at=AT + timedelta(days=115))
    bill = found.invoices.get()
    assert (bill.gross, bill.due_on) == (12_000, date(2026, 7, 1))
    found = pay(Subscription.objects.get(), at=AT + timedelta(days=116))
    assert (found.kind, found.period_end) == ("paid", date(2026, 8, 1))
    assert contracted(found) == [("begun", AT.date(), 0), ("changed", date(2026, 7, 1), 12_000)]
    guard(monthly.community)


def test_for_life_there_is_nothing_to_come(monthly):
    member = make.member(monthly.community)
    found = given(member, monthly, until=None)
    assert (found.period_end, found.next_at) == (None, None)
    assert refusal(given, member, monthly) == "for_life"


def test_what_is_paid_goes_into_it_and_what_is_owed_is_taken_back(monthly):
    member = make.member(monthly.community)
    paid = pay(take(member, monthly))
    assert refusal(given, member, monthly, until=date(2026, 3, 31)) == "day"
    clock.tick(at=AT + timedelta(days=27))
    assert paid.invoices.filter(status="open").count() == 1
    found = given(member, monthly)
    assert (found.pk, found.kind, found.invoices.filter(status="open").count()) == (
        paid.pk,
        "complimentary",
        0,
    )
    assert [amount for *_rest, amount in contracted(found)] == [12_000, 0]
    guard(monthly.community)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "required"),
        ({"until": date(2026, 3, 1)}, "day"),
        ({"until": date(2200, 1, 1)}, "day"),
        ({"until": None, "then_paid": True}, "both"),
    ],
)
def test_what_does_not_fit_changes_nothing(monthly, fields, code):
    assert refusal(given, make.member(monthly.community), monthly, **fields) == code
    assert not Subscription.objects.exists()


def test_members_give_themselves_nothing(monthly):
    member = make.member(monthly.community)
    assert refusal(given, member, monthly, by=Actor.person(member.user, member)) == "no_longer_allowed"
    group = plan(monthly.community, group=True)
    assert refusal(given, member, group) == "group"
    assert complimentary.MANAGE == "money.manage"
