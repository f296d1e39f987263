"""Several places in one order: all of them or none, each with a ticket and a share of its own. Sums are by hand."""

from datetime import timedelta

import pytest

from commerce.models import CreditNote, Order, Payment, PaymentAttempt, Refund
from commerce.services import attempts, coupons, payments, refunds
from gatherings.models import Attendance, Ticket, TicketKind
from gatherings.services import parties, questions, returns, seats, taking, waitlist
from gatherings.services.parties import Guest, Place
from kernel.clock import now
from kernel.errors import Refused
from kernel.money import Money
from members.models import Membership, Message
from members.roles import Status
from tests import make
from tests.commerce import dues, paying
from tests.commerce.dues import AT, SITE, guard
from tests.gatherings import buying, holding
from tests.gatherings.buying import LATE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return paying.community()


@pytest.fixture
def account(community, sandbox):
    return paying.connected(community, sandbox)


def kind_of(community, price=1_000, guest_price=None, **fields):
    kind = buying.priced(community, price=price, refund_hours=24, **fields)
    if guest_price is not None:
        TicketKind.objects.filter(pk=kind.pk).update(guest_price=guest_price)
        kind.refresh_from_db()
    return kind


def friends(kind, *people):
    return [Place(kind, Guest(name, email)) for name, email in people]


def three(kind, who, **said):
    """One's own place and those of two friends, one of whom has an address."""
    others = friends(kind, ("Bea", "bea@example.org"), ("Cem", ""))
    return buying.take(kind, who, others=others, **said)


def standing(taken):
    order = Order.objects.get(key=taken.ticket.order)
    tickets = Ticket.objects.filter(order=order.key).order_by("pk").values_list("state", flat=True)
    return order.state, list(tickets)


def tickets(taken):
    return list(Ticket.objects.live().filter(order=taken.ticket.order).order_by("part"))


def give_back(ticket, at=LATE):
    seats.give_back(ticket=ticket, at=at)
    buying.end(at)


def send_back(sandbox):
    for refund in Refund.objects.filter(state="created"):
        refunds.send(refund, at=LATE, by=SITE)
    return [refund["amount"] for refund in sandbox.state()["refunds"]]


def credit(community, member, amount):
    """Let the member have so much credit: they paid too much once."""
    asked = dues.invoice(member, 100)
    payments.receive(
        invoice=asked, community=community, money=Money(100 + amount, "CNY"), method=Payment.Method.BANK,
        paid_at=AT, at=AT, by=SITE,
    )  # fmt: skip


def credit_of(community):
    return -dues.balances(community).get("credit", 0)


def test_each_has_a_ticket_and_a_letter_and_the_price_of_who_they_are(community, account, sandbox):
    kind, one = kind_of(community, price=1_000, guest_price=1_500, places=5), make.member(community)
    taken = three(kind, one)
    # 10.00 for the member, 15.00 for each of the two guests.
    assert buying.order_of(taken).amount == buying.bill(taken).gross == 4_000
    assert standing(taken) == ("held", ["held"] * 3)
    buying.pay(taken, account, sandbox)
    assert standing(taken) == ("paid", ["valid"] * 3)
    mine, bea, cem = tickets(taken)
    assert [ticket.membership.display_name for ticket in (bea, cem)] == ["Bea", "Cem"]
    assert {ticket.membership.status for ticket in (bea, cem)} == {Status.GUEST}
    assert {ticket.taken_by for ticket in (mine, bea, cem)} == {one}
    assert len({ticket.code for ticket in (mine, bea, cem)}) == 3
    sent = Message.objects.filter(kind__startswith="ticket.").values_list("kind", "membership")
    assert sorted(sent) == [("ticket.brought", bea.membership_id), ("ticket.yours", one.pk)]
    assert Attendance.objects.filter(event=kind.event, answer="yes").count() == 3
    guard(community)


def test_all_of_them_or_none(community, account):
    kind, one = kind_of(community, places=2), make.member(community)
    with pytest.raises(Refused) as no:
        three(kind, one)
    assert (no.value.code, str(no.value)) == ("full", "Only 2 places are left of “In person”.")
    assert (Ticket.objects.count(), Order.objects.count()) == (0, 0)
    assert not Membership.objects.filter(status=Status.GUEST).exists()
    assert buying.take(kind, one, others=friends(kind, ("Bea", ""))).pay_path


def test_kinds_may_differ_and_their_room_is_one(community, account):
    kind, one = kind_of(community, places=3), make.member(community)
    other = TicketKind.objects.create(
        event=kind.event, room=kind.room, name="Late", price=500, guest_price=700
    )
    taken = buying.take(kind, one, others=[Place(other, Guest("Bea")), Place(other, Guest("Cem"))])
    assert buying.order_of(taken).amount == 1_000 + 2 * 700
    with pytest.raises(Refused):
        buying.take(kind, make.member(community))


def test_what_nobody_pays_is_let_go_as_one(community, account):
    kind = kind_of(community, places=3)
    taken = three(kind, make.member(community))
    assert buying.end() == 1
    assert standing(taken) == ("expired", ["expired"] * 3)


def late(taken, account, sandbox, meanwhile=lambda: None):
    buying.begin(taken, account)
    attempt = PaymentAttempt.objects.get(invoice__order__key=taken.ticket.order)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state="cancelled")
    sandbox.pay(attempt.reference)
    buying.end()
    meanwhile()
    attempts.refresh(attempt, at=LATE, by=SITE)
    buying.end()


def test_late_money_seats_all_of_them(community, account, sandbox):
    taken = three(kind_of(community, places=3), make.member(community))
    late(taken, account, sandbox)
    assert standing(taken) == ("paid", ["expired"] * 3 + ["valid"] * 3)
    # It had become credit, which paid the second invoice: its share goes back by the provider all the same.
    give_back(tickets(taken)[1])
    assert send_back(sandbox) == [1_000]
    assert standing(taken)[0] == "paid"
    for ticket in tickets(taken):
        give_back(ticket)
    assert send_back(sandbox) == [1_000, 1_000, 1_000]
    assert (standing(taken)[0], credit_of(community)) == ("refunded", 0)
    guard(community)


def test_late_money_for_fewer_than_all_goes_back_whole(community, account, sandbox):
    kind = kind_of(community, places=3)
    taken = three(kind, make.member(community))
    late(taken, account, sandbox, lambda: buying.take(kind, make.member(community), at=LATE))
    assert standing(taken) == ("refunded", ["expired"] * 3)
    assert send_back(sandbox) == [3_000]
    assert Ticket.objects.live().count() == 1
    guard(community)


def test_shares_add_up_to_what_was_paid_to_the_last_unit(community, account, sandbox):
    coupons.create(
        community=community, code="SPRING", amount=100, currency="CNY", at=AT, by=SITE, good_for="orders"
    )
    kind = kind_of(community, places=3, tax_rate=600)
    taken = three(kind, make.member(community), coupon="SPRING")
    buying.pay(taken, account, sandbox)
    # 1.00 off 30.00 is 0.34, 0.33 and 0.33 off 10.00.
    assert buying.order_of(taken).amount == 2_900
    for at_hand, back in ((1, [967]), (1, [967, 967]), (0, [966, 967, 967])):
        give_back(tickets(taken)[at_hand])
        assert sorted(send_back(sandbox)) == back
    assert standing(taken) == ("refunded", ["given_back"] * 3)
    bill = buying.bill(taken)
    notes = CreditNote.objects.filter(invoice=bill)
    assert (sum(one.gross for one in notes), sum(one.tax for one in notes)) == (2_900, bill.tax)
    guard(community)


def test_what_credit_paid_goes_back_as_credit(community, account, sandbox):
    one = make.member(community)
    credit(community, one, 1_500)
    kind = kind_of(community, places=3)
    taken = buying.take(kind, one, others=friends(kind, ("Bea", "")))
    buying.pay(taken, account, sandbox)
    # 20.00, of which 15.00 were credit: the first share is 5.00 of the payment and 5.00 of the credit.
    give_back(tickets(taken)[1])
    assert (send_back(sandbox), credit_of(community)) == ([500], 500)
    give_back(tickets(taken)[0])
    assert (send_back(sandbox), credit_of(community)) == ([500], 1_500)
    assert standing(taken)[0] == "refunded"
    guard(community)


def test_never_more_goes_back_than_is_left_of_what_came(community, account, sandbox):
    taken = three(kind_of(community, places=3), make.member(community))
    buying.pay(taken, account, sandbox)
    # Staff sent 25.00 back by themselves.
    refunds.ask(
        payment=Payment.objects.get(), money=Money(2_500, "CNY"), reason="Sorry", then=Refund.Then.KEEP, at=AT,
        by=SITE,
    )  # fmt: skip
    for ticket in tickets(taken):
        give_back(ticket)
    assert (sum(send_back(sandbox)), credit_of(community)) == (3_000, 0)
    guard(community)


def test_one_is_taken_back_without_its_money_and_the_others_with_theirs(community, account, sandbox):
    taken = three(kind_of(community, places=3), make.member(community))
    buying.pay(taken, account, sandbox)
    mine, bea, cem = tickets(taken)
    returns.take_back(ticket=bea, refund=False, reason="Asked for it", at=LATE, by=SITE)
    buying.end()
    assert send_back(sandbox) == []
    # Both at once are one way back.
    seats.give_back(ticket=mine, at=LATE)
    seats.give_back(ticket=cem, at=LATE)
    buying.end()
    assert (send_back(sandbox), buying.end()) == ([2_000], 0)
    assert standing(taken) == ("paid", ["given_back", "cancelled", "given_back"])
    guard(community)


def test_all_of_them_are_given_back_at_once(community, account, sandbox):
    kind = kind_of(community, price=1_000, guest_price=1_500, places=3)
    taken = three(kind, make.member(community))
    buying.pay(taken, account, sandbox)
    mine, bea, _cem = tickets(taken)
    seats.give_back(ticket=mine, along=True, at=LATE)
    buying.end()
    # One way back for all that was paid.
    assert (standing(taken), send_back(sandbox)) == (("refunded", ["given_back"] * 3), [4_000])
    assert Attendance.objects.filter(event=kind.event, answer="no").count() == 3
    # Of the two friends one can be written to.
    assert [one.membership_id for one in Message.objects.filter(kind="ticket.given_back")] == [
        bea.membership_id
    ]
    seats.give_back(ticket=mine, along=True, at=LATE)
    assert Message.objects.filter(kind="ticket.given_back").count() == 1
    guard(community)


def test_who_was_brought_along_gives_back_nobody_elses(community, account, sandbox):
    taken = three(kind_of(community, places=3), make.member(community))
    buying.pay(taken, account, sandbox)
    _mine, bea, _cem = tickets(taken)
    seats.give_back(ticket=bea, along=True, at=LATE)
    assert standing(taken) == ("paid", ["valid", "given_back", "valid"])


def test_all_of_them_are_taken_back_at_once(community, account, sandbox):
    one = make.member(community)
    taken, other = (three(kind_of(community, places=3), one, at=at) for at in (AT, LATE))
    buying.pay(taken, account, sandbox)
    mine, _bea, cem = tickets(taken)
    seats.give_back(ticket=cem, at=LATE)
    returns.take_back(ticket=mine, refund=True, reason="It is full of wasps", along=True, at=LATE, by=SITE)
    buying.end()
    assert standing(taken) == ("refunded", ["cancelled", "cancelled", "given_back"])
    assert send_back(sandbox) == [3_000]
    assert Message.objects.filter(kind="ticket.taken_back_paid").count() == 2
    # What they took at another gathering stays.
    assert standing(other) == ("held", ["held"] * 3)
    guard(community)


def test_what_is_wanted_no_more_before_it_is_paid_ends_all_of_it(community, account):
    taken = three(kind_of(community, places=3), make.member(community))
    seats.give_back(ticket=tickets(taken)[0], at=AT)
    buying.end(AT + timedelta(minutes=1))
    assert standing(taken) == ("expired", ["given_back", "expired", "expired"])
    guard(community)


def test_a_free_place_comes_along_with_a_priced_one(community, account, sandbox):
    kind = kind_of(community, price=0, guest_price=2_000, places=3)
    taken = buying.take(kind, make.member(community), others=friends(kind, ("Bea", "")))
    assert standing(taken) == ("held", ["held", "held"])
    assert buying.order_of(taken).amount == buying.bill(taken).gross == 2_000
    buying.pay(taken, account, sandbox)
    give_back(tickets(taken)[0])
    assert send_back(sandbox) == []
    give_back(tickets(taken)[0])
    assert send_back(sandbox) == [2_000]
    assert standing(taken) == ("refunded", ["given_back", "given_back"])
    guard(community)


def test_at_a_free_gathering_they_are_theirs_at_once(community):
    kind, one = kind_of(community, price=0, guest_price=0, places=3), make.member(community)
    taken = three(kind, one)
    assert (taken.pay_path, Ticket.objects.filter(state="valid", taken_by=one).count()) == ("", 3)
    with pytest.raises(Refused) as no:
        buying.take(kind, make.member(community))
    assert no.value.code == "full"


def test_who_has_a_place_brings_others_later_and_no_more_than_ten(community):
    kind, one = kind_of(community, price=0, guest_price=0, places=50), make.member(community)
    buying.take(kind, one)
    nine = friends(kind, *((f"Friend {n}", "") for n in range(9)))
    assert taking.take_all(places=nine, who=one, at=AT, by=SITE).many == 9
    with pytest.raises(Refused) as no:
        taking.take_all(places=nine[:1], who=one, at=AT, by=SITE)
    assert (no.value.code, Ticket.objects.count()) == ("too_many", 10)


def test_who_was_offered_a_place_has_it_and_others_do_not_come_before_who_waits(community, account):
    kind, one, other = kind_of(community, places=1), make.member(community), make.member(community)
    first = buying.take(kind, make.member(community))
    for waits in (one, other):
        waitlist.join(kind=kind, member=waits, at=AT)
    give_back(first.ticket)
    waitlist.offer(event_id=kind.event_id, at=LATE)
    with pytest.raises(Refused):
        buying.take(kind, one, at=LATE, others=friends(kind, ("Bea", "")))
    assert buying.take(kind, one, at=LATE).pay_path


def test_each_of_them_answers_what_must_be_answered(community, account):
    kind = kind_of(community, places=5)
    questions.ask(event=kind.event, text="Vegetarian?", kind="text", required=True, at=AT, by=SITE)
    asked = kind.event.questions.get().pk
    bea = Place(kind, Guest("Bea"), {asked: "No"})
    with pytest.raises(Refused) as no:
        buying.take(
            kind, make.member(community), answers={asked: "Yes"}, others=[bea, Place(kind, Guest("Cem"))]
        )
    assert (no.value.code, no.value.field) == ("unanswered", f"place_2_question_{asked}")
    taken = buying.take(kind, make.member(community), answers={asked: "Yes"}, others=[bea])
    assert [one.answers[0]["answer"] for one in tickets(taken)] == ["Yes", "No"]


def test_nobody_is_brought_to_a_gathering_of_members(community, account):
    kind = kind_of(community, places=5, audience="members")
    with pytest.raises(Refused) as no:
        buying.take(kind, make.member(community), others=friends(kind, ("Bea", "")))
    assert no.value.code == "not_for_you"


def test_who_was_brought_without_an_address_is_written_nothing(community):
    kind = kind_of(community, price=0, guest_price=0, places=5)
    buying.take(kind, Guest("Ada", "ada@example.org"), others=friends(kind, ("Bea", "")))
    assert list(Message.objects.values_list("address", flat=True)) == ["ada@example.org"]
    with pytest.raises(Refused):
        parties.take_free(
            places=friends(kind, ("Cem", "nowhere")), payer=make.member(community), at=AT, by=SITE
        )


def test_a_phone_adds_somebody_and_leaves_them_out_again(client):
    community = make.community()
    event = holding.event(community, places=5, audience="public")
    event.kinds.update(guest_price=0)
    type(event).objects.filter(pk=event.pk).update(starts_at=now() + timedelta(days=7), ends_at=None)
    kind = event.kinds.get()
    address = f"/c/{community.slug}/events/{event.key}/buy/"
    said = {"kind": str(kind.key), "many": "0", "name": "Ada", "email": "ada@example.org"}
    page = client.post(address, said | {"act": "add"}).content.decode()
    assert 'name="place_1-name"' in page and 'value="Ada"' in page and 'value="1"' in page
    said |= {"many": "2", "place_1-name": "Bea", "place_1-email": "", "place_2-name": "Cem"}
    page = client.post(address, said | {"act": "drop_1"}).content.decode()
    assert 'value="Cem"' in page and 'value="Bea"' not in page and 'name="place_2-name"' not in page
    page = client.post(address, said | {"place_2-name": "", "act": "take"})
    assert (page.status_code, Ticket.objects.count()) == (200, 0)
    done = client.post(address, said | {"act": "take"}, follow=True)
    shown = done.content.decode()
    assert "All 3 places are yours" in shown and "Bea" in shown and "Cem" in shown
    bea = Ticket.objects.get(membership__name="Bea")
    theirs = client.get(f"/c/{community.slug}/tickets/{bea.code}/").content.decode()
    assert "Taken for you by Ada" in theirs and "Cem" not in theirs
