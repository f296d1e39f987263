"""A month on a page, an event as a file, a person's own calendar as an address."""

from datetime import timedelta

import icalendar
import pytest
from django.test import Client

from gatherings.models import CalendarFeed, Event, Room
from gatherings.services import events, seats
from kernel.clock import now
from members.roles import Role
from tests import make
from tests.gatherings import holding
from tests.make import SITE

pytestmark = pytest.mark.django_db
MONTH = "/c/lantern/events/month/"


@pytest.fixture
def community():
    return make.community("lantern", timezone="Asia/Shanghai")


def signed_in(member):
    client = Client()
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def soon(community, **fields):
    """Announced, to begin tomorrow."""
    begins = now() + timedelta(days=1)
    values = {"starts_at": begins, "ends_at": begins + timedelta(hours=2), "at": now()} | fields
    return holding.event(community, **values)


def calendar(answer):
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = icalendar.Calendar.from_ical(answer.content)
    return {str(one["summary"]): one for one in found.walk("VEVENT")}


def test_a_month_names_three_of_a_day_and_counts_the_rest(community):
    day = now().astimezone(community.zone).replace(year=2031, month=5, day=17, hour=9, minute=0)
    for n in range(5):
        holding.event(
            community,
            at=now(),
            title=f"Tea {n}",
            starts_at=day + timedelta(hours=n),
            ends_at=None,
            audience="public",
        )
    holding.event(community, at=now(), title="Secret", starts_at=day - timedelta(hours=8), ends_at=None)
    page = Client().get(MONTH, {"month": "2031-05"})
    told = page.content.decode()
    assert [f"Tea {n}" in told for n in range(5)] == [True, True, True, False, False]
    assert "2 more" in told and "Secret" not in told and "May 2031" in told
    # By the community's clock: one o'clock there is the day before in UTC.
    inside = signed_in(make.member(community)).get(MONTH, {"month": "2031-05"})
    (found,) = [one for week in inside.context["weeks"] for one in week if one.count]
    assert (found.day.isoformat(), found.count, found.events[0].title) == ("2031-05-17", 6, "Secret")


@pytest.mark.parametrize("asked", ["", "x", "2031-13", "0001-01", "2031-05-01", "\x00", "9999-12", "٢٠٣١-٠٥"])
def test_what_is_no_month_is_this_one(community, asked):
    page = Client().get(MONTH, {"month": asked})
    today = now().astimezone(community.zone)
    assert (page.status_code, page.context["first"]) == (200, today.date().replace(day=1))


def test_a_month_asks_as_often_however_many_there_are(community, django_assert_num_queries):
    client = signed_in(make.member(community, role=Role.HOST))
    client.get(MONTH)
    for more in (1, 2):
        for _n in range(more):
            soon(community)
        with django_assert_num_queries(4):
            client.get(MONTH, {"month": f"{now() + timedelta(days=1):%Y-%m}"})


def test_an_event_as_a_file_tells_the_address_online_to_who_has_a_place(community):
    member, other = make.member(community), make.member(community)
    event = soon(community, rooms={"online": None}, online_url="https://meet.example/1", title="Call")
    seats.take(kind=holding.kind(event), member=member, at=now())
    path = f"/c/lantern/events/{event.key}/event.ics"
    mine, theirs = signed_in(member).get(path), signed_in(other).get(path)
    assert mine["Content-Disposition"].startswith("attachment")
    assert "meet.example" in str(calendar(mine)["Call"]["description"])
    assert b"meet.example" not in theirs.content
    assert Client().get(path).status_code == 404
    draft = soon(community, announced=False)
    owner = signed_in(community.memberships.get(role=Role.OWNER))
    assert owner.get(f"/c/lantern/events/{draft.key}/event.ics").status_code == 404


def test_a_person_s_calendar_over_all_their_communities(community):
    """What they come to for certain, what they think about, what was cancelled; and nothing that is not theirs."""
    member, other = make.member(community), make.community("harbour")
    also = member.user.memberships.create(
        community=other, number=77, status="active", joined_at=make.EARLY, tier=other.tiers.first()
    )
    comes, thinks = soon(community, title="Comes"), soon(other, title="Thinks")
    off, held = soon(community, title="Off"), soon(community, title="Held", host=member)
    soon(community, title="Not theirs")
    left = soon(community, title="Given back")
    for event in (comes, off, left):
        seats.take(kind=holding.kind(event), member=member, at=now())
    seats.answer(event=thinks, member=also, answer="maybe", at=now())
    seats.answer(event=left, member=member, answer="no", at=now())
    events.cancel(event=off, reason="Snow.", at=now(), by=SITE)
    client = signed_in(member)
    client.post("/me/calendar/", {"act": "open"})
    token = CalendarFeed.objects.get(user=member.user).token
    found = calendar(Client().get(f"/calendar/{token}.ics"))
    assert {name: str(one["status"]) for name, one in found.items()} == {
        "Comes": "CONFIRMED", "Thinks": "TENTATIVE", "Off": "CANCELLED", "Held": "CONFIRMED",
    }  # fmt: skip
    assert str(held.key) in str(found["Held"]["uid"])


def test_nobody_reads_it_without_its_address(community):
    member = make.member(community)
    client = signed_in(member)
    assert "webcal" not in client.get("/me/calendar/").content.decode()
    client.post("/me/calendar/", {"act": "open"})
    token = CalendarFeed.objects.get().token
    assert f"webcal://testserver/calendar/{token}.ics" in client.get("/me/calendar/").content.decode()
    answer = Client().get(f"/calendar/{token}.ics")
    again = Client().get(f"/calendar/{token}.ics", headers={"if-none-match": answer["ETag"]})
    assert (answer.status_code, again.status_code, "private" in answer["Cache-Control"]) == (200, 304, True)
    client.post("/me/calendar/", {"act": "renew"})
    renewed = CalendarFeed.objects.get().token
    assert renewed != token and Client().get(f"/calendar/{token}.ics").status_code == 404
    assert Client().get(f"/calendar/{renewed}.ics").status_code == 200
    client.post("/me/calendar/", {"act": "close"})
    assert Client().get(f"/calendar/{renewed}.ics").status_code == 404
    assert Client().get("/me/calendar/").status_code == 302


def test_who_left_keeps_what_is_theirs_and_nothing_else(community):
    member = make.member(community)
    mine, maybe = soon(community, title="Mine"), soon(community, title="Maybe")
    seats.take(kind=holding.kind(mine), member=member, at=now())
    seats.answer(event=maybe, member=member, answer="maybe", at=now())
    type(member).objects.filter(pk=member.pk).update(status="left")
    signed_in(member).post("/me/calendar/", {"act": "open"})
    found = calendar(Client().get(f"/calendar/{CalendarFeed.objects.get().token}.ics"))
    assert set(found) == {"Mine"}


def test_it_comes_again_from_the_page(community):
    host = make.member(community, role=Role.HOST)
    client, event = signed_in(host), soon(community, host=host, places=8)
    path = f"/c/lantern/events/{event.key}/again/"
    page = client.get(path).content.decode()
    assert "every week · on" in page and "every 2 weeks" in page
    day = event.starts_at.astimezone(community.zone)
    weekly = f"FREQ=WEEKLY;BYDAY={day:%a}".upper()[:-1]
    wrong = client.post(path, {"rule": "own", "own_rule": "FREQ=HOURLY"})
    assert "not a way to come again" in wrong.content.decode()
    both = client.post(path, {"rule": weekly, "times": "3", "until": "2031-01-01"})
    assert "not both" in both.content.decode() and Event.objects.count() == 1
    assert client.post(path, {"rule": weekly, "times": "3"}).status_code == 302
    assert [room.capacity for room in Room.objects.all()] == [8, 8, 8]
    shown = client.get(f"/c/lantern/events/{event.key}/").content.decode()
    assert "3 times" in shown
    second = Event.objects.order_by("starts_at")[1]
    edited = client.get(f"/c/lantern/events/{second.key}/edit/").content.decode()
    assert "This one and those after it" in edited
    client.post(f"/c/lantern/events/{second.key}/cancel/", {"scope": "following", "reason": "Holidays."})
    assert list(Event.objects.order_by("starts_at").values_list("state", flat=True)) == [
        "published", "cancelled", "cancelled",
    ]  # fmt: skip
