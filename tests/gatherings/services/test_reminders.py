"""Who comes is reminded once, in time, in their own words, and nobody else is."""

from datetime import timedelta

import pytest

from gatherings.models import Attendance, GatheringRules
from gatherings.services import events, reminders, seats, taking
from members.models import Message, OptOut, QuietHours
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEFORE = holding.THEN - DAY


@pytest.fixture
def community():
    return make.community()


def coming(event, at=EARLY, way="in_person"):
    member = make.member(event.community)
    seats.take(kind=event.kinds.get(room__way=way), member=member, at=at)
    return member


def letters(*kinds):
    rows = Message.objects.filter(kind__in=kinds or ["event.reminder"]).order_by("kind", "membership__number")
    return list(rows.values_list("kind", "membership__number"))


def test_a_day_before_who_comes_may_come_or_holds_it_hears_of_it_once(community):
    host = make.member(community)
    event = holding.event(community, host=host, venue="The mill")
    comes, maybe, no = coming(event), make.member(community), make.member(community)
    seats.take(kind=holding.kind(event), member=host, at=EARLY)
    seats.answer(event=event, member=maybe, answer="maybe", at=EARLY)
    seats.answer(event=event, member=no, answer="no", at=EARLY)
    assert reminders.sweep(at=BEFORE - timedelta(seconds=1)) == 0
    assert [
        reminders.sweep(at=BEFORE),
        reminders.sweep(at=BEFORE),
        reminders.sweep(at=BEFORE + 6 * HOUR),
    ] == [3, 0, 0]
    assert letters("event.holds", "event.reminder", "event.undecided") == [
        ("event.holds", host.number), ("event.reminder", comes.number), ("event.undecided", maybe.number),
    ]  # fmt: skip
    said = dict(Message.objects.values_list("kind", "text"))
    assert "2 have a place." in said["event.holds"] and "/people/" in said["event.holds"]
    reminder = said["event.reminder"]
    assert f"/tickets/{comes.tickets.get().code}/" in reminder and "The mill" in reminder
    assert "Monday, 12 January 2026, 09:00" in reminder
    assert f"/events/{event.key}/" in said["event.undecided"]


def test_who_answers_on_the_last_day_needs_no_reminder(community):
    event = holding.event(community)
    coming(event, at=BEFORE)
    assert reminders.sweep(at=BEFORE + HOUR) == 0


def test_of_what_is_moved_to_another_day_one_hears_again(community):
    event = holding.event(community)
    coming(event)
    reminders.sweep(at=BEFORE)
    later = {"starts_at": holding.THEN + 3 * DAY, "ends_at": None}
    events.change(event=event, at=BEFORE + HOUR, by=SITE, **later)
    assert reminders.sweep(at=BEFORE + 2 * HOUR) == 0
    assert reminders.sweep(at=BEFORE + 3 * DAY) == 1


def test_of_what_is_cancelled_or_has_begun_or_was_given_back_nobody_hears(community):
    cancelled, begun, given_back = (holding.event(community) for _n in range(3))
    for event in (cancelled, given_back):
        coming(event)
    seats.give_back(ticket=given_back.tickets.get(), at=EARLY)
    events.cancel(event=cancelled, at=EARLY, by=SITE)
    assert reminders.sweep(at=BEFORE) == 0
    coming(begun)
    assert reminders.sweep(at=holding.THEN) == 0


def test_who_comes_online_hears_where_an_hour_before_and_nobody_else(community):
    ways = {"in_person": None, "online": None}
    event = holding.event(community, rooms=ways, online_url="https://meet.example/supper", venue="The mill")
    online, _there = coming(event, way="online"), coming(event)
    assert reminders.sweep(at=BEFORE) == 2
    assert "The mill" not in Message.objects.get(kind="event.reminder", membership=online).text
    assert [reminders.sweep(at=holding.THEN - HOUR), reminders.sweep(at=holding.THEN - HOUR / 2)] == [1, 0]
    assert letters("event.begins") == [("event.begins", online.number)]
    assert "https://meet.example/supper" in Message.objects.get(kind="event.begins").text


def test_where_the_workers_stood_still_one_letter_is_enough(community):
    event = holding.event(community, rooms={"online": None}, online_url="https://meet.example/supper")
    member = coming(event, way="online")
    assert reminders.sweep(at=holding.THEN - HOUR / 2) == 1
    assert letters("event.begins", "event.reminder") == [("event.begins", member.number)]


@pytest.mark.parametrize(
    ("hours", "at", "many"), [(0, BEFORE, 0), (48, BEFORE - DAY, 1), (48, BEFORE - 2 * DAY, 0)]
)
def test_the_community_says_when(community, hours, at, many):
    GatheringRules.objects.create(community=community, reminded_hours=hours)
    coming(holding.event(community))
    assert reminders.sweep(at=at) == many


def test_guests_with_an_address_are_reminded_of_their_ticket(community):
    kind = holding.kind(holding.event(community, audience="public"))
    type(kind).objects.update(guest_price=0)
    kind.refresh_from_db()
    guest = taking.Guest(name="Ada", email="ada@example.org")
    ticket = taking.take(kind=kind, who=guest, at=EARLY, by=SITE).ticket
    reminders.sweep(at=BEFORE)
    letter = Message.objects.get(kind="event.reminder")
    assert letter.address == "ada@example.org" and ticket.code in letter.text


def test_a_reminder_can_be_switched_off_and_the_hour_before_waits_for_no_quiet_hours(community):
    event = holding.event(community, rooms={"online": None}, online_url="https://meet.example/supper")
    silent, sleeping = coming(event, way="online"), coming(event, way="online")
    for kind in ("event.reminder", "event.begins"):
        OptOut.objects.create(community=community, membership=silent, channel="mail", kind=kind, at=EARLY)
    begins = (holding.THEN - 2 * HOUR).time()
    QuietHours.objects.create(user=sleeping.user, begins=begins, ends=holding.THEN.time(), timezone="UTC")
    reminders.sweep(at=holding.THEN - HOUR)
    states = dict(Message.objects.filter(kind="event.begins").values_list("membership__number", "state"))
    assert states == {silent.number: "suppressed", sleeping.number: "queued"}


def test_whom_a_file_names_is_reminded_by_who_wrote_it(community):
    event = holding.event(community)
    type(event).objects.filter(pk=event.pk).update(external_id="x")
    for answer in ("yes", "maybe"):
        member = make.member(community)
        Attendance.objects.create(event=event, membership=member, answer=answer, answered_at=EARLY)
    assert reminders.sweep(at=BEFORE) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_remind_nobody_twice(community, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    event = holding.event(community)
    for _n in range(5):
        coming(event)
    told = together(*[lambda: reminders.sweep(at=BEFORE)] * 2)
    assert sum(told) == 5 and len(letters()) == 5
