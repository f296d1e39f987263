"""A group: its people come by the codes of its seats, are in while it is paid for, and go."""

import pytest

from commerce.services import groups, lateness, refunds, seats, subscriptions
from kernel.errors import Refused
from members.actors import Actor
from members.services import standing
from tests import make
from tests.commerce.dues import AT, SITE, guard, plan
from tests.commerce.services.test_subscriptions import join, of, pay, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    community = make.community(currency="CNY")
    found = plan(community, 1_000, group=True)
    return pay(
        subscriptions.subscribe(membership=make.member(community), plan=found, quantity=2, at=AT, by=SITE)
    )


def code(group):
    return group.seats.get(membership=None, ended_at=None).code


def test_people_come_by_code_and_go(group):
    person = join(group.community)
    seat = groups.take(code=code(group).lower(), membership=person, at=AT, by=SITE)
    assert (of(person), seat.membership) == ("active", person)
    assert groups.take(code=seat.code, membership=person, at=AT, by=SITE) == seat
    other = join(group.community)
    assert refusal(groups.take, code=seat.code, membership=other, at=AT, by=SITE) == "taken"
    free = groups.leave(seat=seat, at=AT, by=Actor.person(person.user, person))
    assert (of(person), free.code == seat.code) == ("lapsed", False)
    assert refusal(groups.take, code=seat.code, membership=other, at=AT, by=SITE) == "unknown"
    groups.take(code=free.code, membership=other, at=AT, by=SITE)
    assert of(other) == "active"
    guard(group.community)


def test_who_has_a_plan_takes_no_seat(group):
    member = make.member(group.community)
    pay(subscriptions.subscribe(membership=member, plan=plan(group.community), at=AT, by=SITE))
    assert refusal(groups.take, code=code(group), membership=member, at=AT, by=SITE) == "subscribed"


def test_what_the_payer_ends_ends_for_all(group):
    person = join(group.community)
    seat = groups.take(code=code(group), membership=person, at=AT, by=SITE)
    nosy = join(group.community)
    with pytest.raises(Refused):
        groups.leave(seat=seat, at=AT, by=Actor.person(nosy.user, nosy))
    own = group.seats.get(membership=group.membership)
    assert refusal(groups.leave, seat=own, at=AT, by=SITE) == "own"
    standing.act("leave", membership=group.membership, at=AT, by=SITE)
    assert of(person) == "lapsed"


def test_who_leaves_the_community_frees_the_seat(group):
    person = join(group.community)
    seat = groups.take(code=code(group), membership=person, at=AT, by=SITE)
    standing.act("leave", membership=person, at=AT, by=SITE)
    seat.refresh_from_db()
    assert (seat.ended_at, code(group) != seat.code) == (AT, True)
    assert group.seats.filter(ended_at=None).count() == 2
    standing.act("take_back", membership=person, reason="Asked", at=AT, by=SITE)
    assert refusal(groups.leave, seat=seat, at=AT, by=SITE) == "free"


def test_seats_follow_a_payer_who_is_late(group):
    person = join(group.community)
    groups.take(code=code(group), membership=person, at=AT, by=SITE)
    lateness.suspend(group, community=group.community, at=AT)
    assert (of(group.membership), of(person)) == ("suspended", "suspended")
    lateness.lapse(group, community=group.community, at=AT)
    assert (of(group.membership), of(person)) == ("lapsed", "lapsed")


def test_a_group_in_which_others_sit_is_not_paused(group):
    groups.take(code=code(group), membership=join(group.community), at=AT, by=SITE)
    assert refusal(subscriptions.pause, subscription=group, at=AT, by=SITE) == "seats"
    standing.act("pause", membership=group.membership, at=AT, by=SITE)
    group.refresh_from_db()
    assert (group.paused_on, group.next_at is None) == (None, False)


def test_who_was_removed_takes_no_seat(group):
    person = make.member(group.community)
    standing.act("remove", membership=person, reason="Spam", at=AT, by=SITE)
    assert refusal(groups.take, code=code(group), membership=person, at=AT, by=SITE) == "ended"


def test_nobody_sits_down_on_a_seat_that_is_given_up(group):
    first, second = join(group.community), join(group.community)
    subscriptions.change_plan(subscription=group, plan=group.plan, quantity=1, at=AT, by=SITE)
    assert refusal(groups.take, code=code(group), membership=first, at=AT, by=SITE) == "full"
    subscriptions.change_plan(subscription=group, plan=group.plan, quantity=2, at=AT, by=SITE)
    groups.take(code=code(group), membership=second, at=AT, by=SITE)
    assert of(second) == "active"


def test_who_came_last_goes_where_more_sit_than_are_paid_for(group):
    person = join(group.community)
    groups.take(code=code(group), membership=person, at=AT, by=SITE)
    group.quantity = 1
    seats.fit(group, at=AT)
    assert (of(person), of(group.membership)) == ("lapsed", "active")
    assert group.seats.get(ended_at=None).membership == group.membership


def test_whoever_had_a_group_that_ended_has_and_joins_another(group):
    payer, person = group.membership, join(group.community)
    groups.take(code=code(group), membership=person, at=AT, by=SITE)
    invoice = group.invoices.get()
    refunds.refund(
        payment=invoice.payments.get(), money=invoice.total, reason="Asked", then="now", at=AT, by=SITE
    )
    asked = {"membership": payer, "plan": group.plan, "at": AT, "by": SITE}
    subscriptions.subscribe(quantity=2, **asked)
    anew = pay(subscriptions.subscribe(quantity=3, **asked))
    groups.take(code=anew.seats.filter(membership=None).first().code, membership=person, at=AT, by=SITE)
    assert (of(person), anew.seats.filter(ended_at=None).count()) == ("active", 3)


def test_who_sits_in_a_group_has_none_of_their_own(group):
    person = join(group.community)
    groups.take(code=code(group), membership=person, at=AT, by=SITE)
    asked = {"membership": person, "plan": group.plan, "at": AT, "by": SITE}
    assert refusal(subscriptions.subscribe, **asked) == "seat"
    single = pay(subscriptions.subscribe(**asked | {"plan": plan(group.community)}))
    assert refusal(subscriptions.change_plan, subscription=single, plan=group.plan, at=AT, by=SITE) == "seat"
