"""The rooms of gatherings as people see them: strangers, members, hosts, the staff."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from communities.models import Circle
from gatherings.models import Attendance, Event, GatheringRules, Ticket, Waiting
from gatherings.services import events, seats
from kernel.clock import now
from members.roles import Role
from tests import make
from tests.gatherings import holding

pytestmark = pytest.mark.django_db
ADDRESS = "https://meet.example/supper"


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


@pytest.fixture
def member(community):
    return make.member(community, name="Ada")


def client_of(member=None):
    client = Client()
    if member is not None:
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def gathering(community, days=2, **fields):
    begins = now() + timedelta(days=days)
    times = {"starts_at": begins, "ends_at": begins + timedelta(hours=2)}
    return holding.event(community, at=now() - timedelta(days=9), **(times | fields))


def page(member, path=""):
    answer = client_of(member).get(f"/c/lantern/events/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_sees_what_is_theirs(community, member):
    gathering(community, title="Open house", audience="public")
    gathering(community, title="Members' table")
    gathering(community, title="Not yet", announced=False)
    gathering(community, days=-2, title="Last week", audience="public")
    circle = Circle.objects.create(community=community, slug="s", name="S", kind="secret")
    gathering(community, title="Hush", circle=circle)
    seen = {"Open house", "Members' table", "Not yet", "Last week", "Hush"}

    def named(body):
        return {title for title in seen if title.replace("'", "&#x27;") in body}

    assert named(page(None)) == {"Open house"}
    assert named(page(None, "?show=past")) == {"Last week"}
    assert named(page(member)) == {"Open house", "Members' table"}
    assert named(page(member, "?show=mine")) == set()
    assert named(page(member, f"?circle={community.circles.first().slug}")) == set()
    assert client_of(member).get("/c/lantern/events/?circle=s").status_code == 404
    staff = make.member(community, role=Role.HOST)
    found = client_of(staff).get("/c/lantern/desk/events/?time=any").content.decode()
    assert named(found) == {"Open house", "Members' table", "Not yet", "Last week"}


def test_a_link_to_an_open_gathering_shows_what_it_is(community, member):
    event = gathering(community, title='Soup "& more', audience="public", venue="The mill", city="Ulm")
    head = page(None, f"{event.key}/").partition("</head>")[0]
    told = dict(re.findall(r'<meta property="og:(\S+)" content="([^"]*)">', head))
    assert (told["title"], told["url"]) == (
        "Soup &quot;&amp; more",
        f"http://testserver/c/lantern/events/{event.key}/",
    )
    assert told["description"].endswith("The mill · Ulm")
    closed = gathering(community, title="Members' table")
    assert "og:" not in page(member, f"{closed.key}/").partition("</head>")[0]


def test_the_address_online_is_told_to_who_has_a_place(community, member):
    host = make.member(community)
    event = gathering(community, host=host, online_url=ADDRESS, rooms={"online": 3}, audience="public")
    path = f"{event.key}/"
    assert [ADDRESS in page(who, path) for who in (None, member, host)] == [False, False, True]
    seats.take(kind=holding.kind(event), member=member, at=now())
    assert ADDRESS in page(member, path)
    assert "2 of 3 places left" in page(None, path)


def test_yes_maybe_and_no_are_a_tap_each(community, member):
    event, client = gathering(community, places=1), client_of(member)

    def say(answer, **given):
        assert (
            client.post(f"/c/lantern/events/{event.key}/answer/", {"answer": answer, **given}).status_code
            == 302
        )
        row = Attendance.objects.filter(event=event, membership=member).first()
        return row.answer if row else None, Ticket.objects.live().filter(event=event).count()

    assert say("yes") == (None, 0)  # no kind was chosen
    assert say("yes", kind=holding.kind(event).key) == ("yes", 1)
    assert "You have a place" in page(member, f"{event.key}/")
    assert say("maybe") == ("maybe", 0)
    other = make.member(community)
    seats.take(kind=holding.kind(event), member=other, at=now())
    assert say("yes", kind=holding.kind(event).key) == ("maybe", 1)
    assert "All places are taken." in page(member, f"{event.key}/")
    assert say("no") == ("no", 1)
    foreign = gathering(make.community())
    assert client.post(f"/c/lantern/events/{foreign.key}/answer/", {"answer": "no"}).status_code == 404


def test_what_stands_on_the_page_of_a_cancelled_one(community, member):
    event = gathering(community)
    events.cancel(event=event, reason="Snow everywhere.", at=now(), by=make.SITE)
    body = page(member, f"{event.key}/")
    assert "This gathering is cancelled." in body and "Snow everywhere." in body and "Yes, I come" not in body
    turn = gathering(community, title="Wait", places=1)
    Waiting.objects.create(
        event=turn, room=turn.rooms.get(), kind=holding.kind(turn), membership=member, since=now()
    )
    assert "You are on the waiting list" in page(member, f"{turn.key}/")


def form(**changed):
    return {
        "title": "Walk", "description": "Slowly.", "starts_at": "2031-03-29T19:00", "ends_at": "2031-03-29T21:00",
        "timezone": "Europe/Berlin", "in_person": "on", "venue": "The gate", "places_in_person": "8", "audience": "members",
        "hosts": "", "act": "announce",
    } | changed  # fmt: skip


def test_a_gathering_is_planned_on_the_clock_of_its_place(community, member):
    client, path = client_of(member), "/c/lantern/events/new/"
    assert client.get(path).status_code == 200
    answer = client.post(path, form(hosts=f"Ada, {community.memberships.get(role=Role.OWNER).number}"))
    event = Event.objects.get()
    assert answer["Location"] == f"/c/lantern/events/{event.key}/"
    assert (event.state, event.starts_at.isoformat()) == ("proposed", "2031-03-29T18:00:00+00:00")
    assert [row.membership.number for row in event.hosts.all()] == [member.number, 1]
    assert [(room.way, room.capacity) for room in event.rooms.all()] == [("in_person", 8)]
    body = client.get(f"/c/lantern/events/{event.key}/").content.decode()
    assert "It waits for the staff to agree." in body and "19:00\u201321:00, Berlin time" in body
    assert "(18:00 in " in body


def test_what_is_wrong_is_said_where_it_is_wrong(community, member):
    client, path = client_of(member), "/c/lantern/events/new/"
    for changed, words in (
        ({"starts_at": "2031-03-30T02:30", "ends_at": ""}, "the clocks go forward then"),
        ({"starts_at": "tomorrow"}, "Say the day and the hour"),
        ({"ends_at": "2031-03-29T18:00"}, "It ends before it begins."),
        ({"in_person": ""}, "Say whether people come to a place"),
        ({"hosts": "Nobody At All"}, "Nobody here is called"),
        ({"hosts": "#99"}, "Nobody here is called"),
        ({"timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"title": ""}, "This field is required."),
    ):
        answer = client.post(path, form(**changed))
        assert (answer.status_code, words in answer.content.decode()) == (200, True), changed
    assert not Event.objects.exists()
    GatheringRules.objects.create(community=community, members_plan="no")
    assert client.get(path).status_code == client.post(path, form()).status_code == 403


def test_hosts_change_it_and_others_do_not(community, member):
    event, path = gathering(community, host=member, places=2), ""
    path = f"/c/lantern/events/{event.key}/edit/"
    client = client_of(member)
    assert 'value="Supper"' in client.get(path).content.decode()
    seats.take(kind=holding.kind(event), member=member, at=now())
    changed = form(title="Dinner", places_in_person="1", hosts=str(member.number), act="save")
    assert client.post(path, changed).status_code == 302
    event.refresh_from_db()
    assert (event.title, event.venue, event.rooms.get().capacity) == ("Dinner", "The gate", 1)
    refused = client.post(path, form(in_person="", online="on", hosts=str(member.number), act="save"))
    assert "1 person has a place there" in refused.content.decode()
    other = client_of(make.member(community))
    assert other.get(path).status_code == other.post(path, changed).status_code == 403
    assert other.get(f"/c/lantern/events/{event.key}/cancel/").status_code == 403
    assert (
        "1 person loses their place." in client.get(f"/c/lantern/events/{event.key}/cancel/").content.decode()
    )
    client.post(f"/c/lantern/events/{event.key}/cancel/", {"reason": "Rain."})
    event.refresh_from_db()
    assert (event.state, event.reason) == ("cancelled", "Rain.")


def test_the_staff_decide_on_proposals(community, member):
    manager = make.member(community, role=Role.MANAGER)
    event = gathering(community, announced=False, host=member)
    client_of(member).post(f"/c/lantern/events/{event.key}/announce/")
    client, path = client_of(manager), "/c/lantern/desk/events/proposals/"
    assert "1 gathering waits for your yes." in client.get("/c/lantern/desk/").content.decode()
    assert "Supper" in client.get(path).content.decode()
    no = client.post(f"{path}{event.key}/", {"act": "decline"})
    assert "Say why: they read it." in no.content.decode()
    client.post(f"{path}{event.key}/", {"act": "approve"})
    event.refresh_from_db()
    assert (event.state, event.decided_by) == ("published", manager)


def test_who_may_plan_is_a_setting(community):
    client = client_of(make.member(community, role=Role.MANAGER))
    said = {"members_plan": "yes", "reminded_hours": "0"}
    assert client.post("/c/lantern/desk/settings/events/", said).status_code == 302
    assert (GatheringRules.objects.get().members_plan, GatheringRules.objects.get().reminded_hours) == (
        "yes",
        0,
    )
    assert "errorlist" in client.post("/c/lantern/desk/settings/events/", {}).content.decode()


@pytest.mark.parametrize(
    ("path", "queries"),
    [("events/", 8), ("events/?show=past", 8), ("events/?show=mine", 8), ("desk/events/?time=any", 9)],
)
def test_lists_ask_as_often_for_three_as_for_one(community, path, queries, django_assert_num_queries):
    owner = community.memberships.get(role=Role.OWNER)
    client = client_of(owner)

    def more():
        gathering(community, host=owner, places=4, audience="public")
        gathering(community, days=-3, host=owner)

    more()
    client.get(f"/c/lantern/{path}")
    with django_assert_num_queries(queries):
        client.get(f"/c/lantern/{path}")
    more(), more()
    with django_assert_num_queries(queries):
        client.get(f"/c/lantern/{path}")
