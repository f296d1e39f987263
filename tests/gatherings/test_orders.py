"""Tickets that are paid for: kept meanwhile, theirs once paid, let go where nobody pays, paid back where they cannot be had."""

from datetime import timedelta

import pytest

from commerce.models import Order, PaymentAttempt, Refund
from commerce.services import attempts, coupons, refunds
from gatherings.models import Ticket
from gatherings.services import events, returns, seats, waitlist
from gatherings.services.taking import Guest
from kernel.errors import Refused
from members.models import Message
from members.roles import Status
from tests import make
from tests.commerce import paying
from tests.commerce.dues import AT, SITE, guard
from tests.gatherings import buying
from tests.gatherings.buying import BEGINS, LATE, PRICE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


def states(taken):
    order = Order.objects.get(key=taken.ticket.order)
    tickets = Ticket.objects.filter(order=order.key).order_by("pk").values_list("state", flat=True)
    return order.state, list(tickets), [one.status for one in order.invoices.order_by("pk")]


def send_back(sandbox):
    """What a worker does with refunds that were asked for; how much the provider sent."""
    for refund in Refund.objects.all():
        refunds.send(refund, at=LATE, by=SITE)
    return [refund["amount"] for refund in sandbox.state()["refunds"]]


def test_a_place_is_kept_while_it_is_paid_for_and_theirs_once_it_is(community, account, sandbox):
    kind, one, other = buying.priced(community), make.member(community), make.member(community)
    taken = buying.take(kind, one)
    assert states(taken) == ("held", ["held"], ["open"])
    assert taken.ticket.held_until == AT + timedelta(minutes=15)
    with pytest.raises(Refused) as no:
        buying.take(kind, other)
    assert no.value.code == "full"
    assert buying.take(kind, one).pay_path == taken.pay_path
    buying.pay(taken, account, sandbox)
    assert states(taken) == ("paid", ["valid"], ["paid"])
    assert Message.objects.filter(kind="ticket.yours", membership=one).count() == 1
    guard(community)


def test_what_nobody_pays_is_let_go_and_its_ways_to_pay_are_closed(community, account, sandbox):
    kind, one = buying.priced(community), make.member(community)
    taken = buying.take(kind, one)
    attempt = buying.begin(taken, account)
    assert buying.end(AT + timedelta(minutes=14)) == 0
    assert buying.end() == 1
    assert states(taken) == ("expired", ["expired"], ["void"])
    attempt.refresh_from_db()
    assert attempt.state == "cancelled"
    buying.take(kind, make.member(community), at=LATE)
    guard(community)


def late(taken, account, sandbox):
    """Their money comes all the same: the provider closed nothing, and says so afterwards."""
    attempt = PaymentAttempt.objects.get(invoice__order__key=taken.ticket.order)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state="cancelled")
    sandbox.pay(attempt.reference)
    buying.end()
    return attempts.refresh(attempt, at=LATE, by=SITE)


def test_a_late_payment_is_seated_where_there_is_room(community, account, sandbox):
    kind = buying.priced(community)
    taken = buying.take(kind, make.member(community))
    buying.begin(taken, account)
    late(taken, account, sandbox)
    assert states(taken) == ("paid", ["expired", "valid"], ["void", "paid"])
    assert buying.end() == 0
    assert sandbox.state()["refunds"] == []
    guard(community)


def test_who_was_seated_late_is_paid_back_as_everybody_is(community, account, sandbox):
    kind = buying.priced(community, refund_hours=24)
    taken = buying.take(kind, make.member(community))
    buying.begin(taken, account)
    late(taken, account, sandbox)
    seats.give_back(ticket=Ticket.objects.live().get(), at=LATE)
    assert buying.end() == 1
    assert states(taken) == ("refunded", ["expired", "given_back"], ["void", "paid"])
    assert send_back(sandbox) == [PRICE]
    guard(community)


def test_a_late_payment_for_a_place_that_is_gone_goes_back_by_itself(community, account, sandbox):
    kind = buying.priced(community)
    taken = buying.take(kind, make.member(community))
    buying.begin(taken, account)
    attempt = PaymentAttempt.objects.get()
    PaymentAttempt.objects.update(state="cancelled")
    sandbox.pay(attempt.reference)
    buying.end()
    quicker = buying.take(kind, make.member(community), at=LATE)
    attempts.refresh(attempt, at=LATE, by=SITE)
    assert buying.end() == 1
    assert states(taken) == ("refunded", ["expired"], ["void"])
    assert states(quicker)[1] == ["held"]
    assert send_back(sandbox) == [PRICE]
    guard(community)


def test_who_waits_comes_before_a_late_payment(community, account, sandbox):
    kind, waits = buying.priced(community), make.member(community)
    taken = buying.take(kind, make.member(community))
    buying.begin(taken, account)
    waitlist.join(kind=kind, member=waits, at=AT)
    late(taken, account, sandbox)
    assert buying.end() == 1
    assert states(taken)[0] == "refunded"
    assert waitlist.offer(event_id=kind.event_id, at=LATE) == 1
    assert Ticket.objects.live().get().membership == waits
    assert send_back(sandbox) == [PRICE]
    guard(community)


def test_given_back_in_time_it_is_paid_back_in_full(community, account, sandbox):
    kind = buying.priced(community, refund_hours=24, tax_rate=600)
    taken = buying.take(kind, make.member(community))
    buying.pay(taken, account, sandbox)
    seats.give_back(ticket=taken.ticket, at=LATE)
    assert buying.end() == 1
    assert states(taken) == ("refunded", ["given_back"], ["paid"])
    assert send_back(sandbox) == [PRICE]
    assert buying.bill(taken).credit_notes.get().gross == PRICE
    guard(community)


@pytest.mark.parametrize(
    ("hours", "before", "back"), [(24, 24, True), (24, 23, False), (None, 100, False), (0, 1, True)]
)
def test_the_rule_says_who_is_paid_back(community, hours, before, back):
    kind = buying.priced(community, refund_hours=hours)
    assert returns.is_refunded(kind.event, BEGINS - timedelta(hours=before)) is back


def test_staff_take_a_ticket_back_and_say_what_happens_to_the_money(community, account, sandbox):
    kind = buying.priced(community, places=5)
    for refund in (True, False):
        taken = buying.take(kind, make.member(community))
        buying.pay(taken, account, sandbox)
        returns.take_back(ticket=taken.ticket, refund=refund, reason="A mistake", at=LATE, by=SITE)
        buying.end()
        assert states(taken)[:2] == ("refunded" if refund else "paid", ["cancelled"])
    assert send_back(sandbox) == [PRICE]
    guard(community)


def test_a_gathering_that_is_called_off_pays_everybody_back(community, account, sandbox):
    kind = buying.priced(community, places=5)
    paid, paying_now = (buying.take(kind, make.member(community)) for _n in range(2))
    buying.pay(paid, account, sandbox)
    attempt = buying.begin(paying_now, account)
    events.cancel(event=kind.event, at=LATE, by=SITE)
    # Whoever pays in that very moment is paid back too.
    sandbox.pay(attempt.reference)
    buying.end()
    buying.end()
    assert states(paid)[:2] == states(paying_now)[:2] == ("refunded", ["cancelled"])
    assert send_back(sandbox) == [PRICE, PRICE]
    guard(community)


def test_a_guest_buys_without_an_account_and_is_nobody_in_the_figures(community, account, sandbox):
    kind, known = buying.priced(community), make.member(community, email="ada@example.org")
    taken = buying.take(kind, Guest("Ada", "Ada@example.org"))
    guest = taken.ticket.membership
    assert (guest.status, guest.user, guest.email) == (Status.GUEST, None, "ada@example.org")
    assert guest.pk != known.pk and not guest.is_counted and not guest.is_admitted
    buying.pay(taken, account, sandbox)
    assert states(taken) == ("paid", ["valid"], ["paid"])
    letters = Message.objects.filter(membership=guest).values_list("kind", "address")
    assert sorted(letters) == [
        (kind, "ada@example.org") for kind in ("dues.receipt", "ticket.held", "ticket.yours")
    ]


@pytest.mark.parametrize("name,email,code", [("", "a@example.org", "name"), ("Ada", "nowhere", "email")])
def test_a_guest_says_who_they_are(community, account, name, email, code):
    with pytest.raises(Refused) as no:
        buying.take(buying.priced(community), Guest(name, email))
    assert no.value.code == code
    assert Ticket.objects.count() == 0


def test_a_gathering_of_members_is_no_guests(community, account):
    with pytest.raises(Refused) as no:
        buying.take(buying.priced(community, audience="members"), Guest("Ada", "ada@example.org"))
    assert no.value.code == "not_for_you"


def coupon(community, **off):
    return coupons.create(community=community, code="SPRING", at=AT, by=SITE, good_for="orders", **off)


def test_a_coupon_takes_its_share_off_and_is_used_once(community, account, sandbox):
    coupon(community, percent=2000)
    kind, one = buying.priced(community, places=5), make.member(community)
    taken = buying.take(kind, one, coupon="spring")
    assert buying.order_of(taken).amount == buying.bill(taken).gross == PRICE * 8 // 10
    buying.end()
    # What was not paid for has used nothing up.
    assert buying.take(kind, one, at=LATE, coupon="spring").pay_path


def test_a_coupon_that_takes_all_of_it_off_asks_for_no_payment(community, account):
    coupon(community, percent=10_000)
    taken = buying.take(buying.priced(community), make.member(community), coupon="SPRING")
    assert taken.pay_path == ""
    assert states(taken) == ("paid", ["valid"], ["paid"])
    guard(community)


def test_a_coupon_for_dues_is_none_for_tickets(community, account):
    coupons.create(community=community, code="DUES", percent=2000, at=AT, by=SITE)
    with pytest.raises(Refused) as no:
        buying.take(buying.priced(community), make.member(community), coupon="DUES")
    assert (no.value.field, Ticket.objects.count(), Order.objects.count()) == ("coupon", 0, 0)


def test_a_payment_of_which_nobody_says_anything_keeps_its_place_a_little_longer(
    community, account, sandbox_peer, sandbox
):
    taken = buying.take(buying.priced(community), make.member(community))
    buying.begin(taken, account)
    with sandbox_peer.away():
        buying.end()
        assert states(taken) == ("held", ["held"], ["open"])
        # But nobody is kept out by it for ever.
        buying.end(AT + timedelta(hours=1))
        assert states(taken) == ("expired", ["expired"], ["open"])
    buying.end(AT + timedelta(hours=1))
    assert states(taken) == ("expired", ["expired"], ["void"])
    guard(community)
