"""Gatherings over the API: planned, read, changed, announced, cancelled and decided on by keys and by people."""

from datetime import timedelta

import pytest

from gatherings.models import Attendance, Event, GatheringRules, Ticket
from gatherings.services import events, seats
from kernel.clock import now
from members.roles import Role
from tests import api, make
from tests.gatherings import holding
from tests.gatherings.views.test_events import ADDRESS, gathering

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", at=now() - timedelta(days=30))


@pytest.fixture
def program(community):
    return api.Program(community)


def person(member):
    """The browser of the member, as a `Program` asks."""

    class Person(api.Program):
        def __init__(self):
            self.root = f"/api/v1/communities/{member.community.slug}/"
            self.client = api.Client()
            self.client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")

    return Person()


def code(answer):
    """The word for what was refused."""
    return answer.json()["code"]


BODY = {
    "title": "Supper", "starts_at": "2031-03-29T19:00:00+01:00", "timezone": "Europe/Berlin", "venue": "The mill",
    "rooms": [{"way": "in_person", "places": 4}, {"way": "online"}],
}  # fmt: skip


def test_a_gathering_is_planned_and_read(community, program):
    owner = community.memberships.get(role=Role.OWNER)
    tier = community.tiers.first()
    circle = community.circles.first()
    given = {"publish": True, "hosts": [owner.number], "circle": circle.slug, "minimum_tier": tier.key}
    answer = program.post("events/", BODY | given)
    assert answer.status_code == 201
    made = answer.json()
    assert answer["Location"].endswith(f"/events/{made['id']}/")
    assert (made["state"], made["starts_at"], made["hosts"]) == (
        "published",
        "2031-03-29T18:00:00Z",
        [owner.number],
    )
    assert (made["circle"], made["minimum_tier"]) == (circle.slug, tier.key)
    assert made["rooms"] == [
        {"way": "in_person", "places": 4, "taken": 0, "waiting": 0, "left": 4},
        {"way": "online", "places": None, "taken": 0, "waiting": 0, "left": None},
    ]
    assert [(kind["way"], kind["price"], kind["guest_price"]) for kind in made["kinds"]] == [
        ("in_person", {"amount": "0.00", "currency": "EUR"}, None),
        ("online", {"amount": "0.00", "currency": "EUR"}, None),
    ]
    read = program.get(f"events/{made['id']}/")
    assert (read.json(), read["ETag"]) == (made, answer["ETag"])
    assert program.get(f"events/{made['id']}/", **{"If-None-Match": read["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"rooms": []}, "#/rooms"),
        ({"hosts": [99]}, "#/hosts"),
        ({"circle": "nowhere"}, "#/circle"),
        ({"minimum_tier": "none"}, "#/minimum_tier"),
        ({"ends_at": "2031-03-29T10:00:00Z"}, "#/ends_at"),
        ({"timezone": "Mars/Olympus"}, "#/timezone"),
        ({"title": " "}, "#/title"),
        ({"nothing": 1}, "#/nothing"),
    ],
)
def test_what_does_not_fit_is_named(program, changed, where):
    answer = program.post("events/", BODY | changed)
    assert answer.status_code in (400, 422)
    assert [pointer for pointer, _code in api.where(answer)] == [where]
    assert not Event.objects.exists()


def test_a_change_is_whole_and_of_what_was_read(community, program):
    event = gathering(community, places=2)
    seats.take(kind=holding.kind(event), member=make.member(community), at=now())
    path = f"events/{event.key}/"
    tag = program.get(path)["ETag"]
    refused = program.patch(path, {"title": "Dinner", "rooms": [{"way": "in_person", "places": 0}]})
    assert refused.status_code == 400
    refused = program.patch(path, {"title": "Dinner", "rooms": [{"way": "online"}]})
    assert (refused.status_code, api.where(refused)[0][1]) == (422, "taken")
    changed = program.patch(
        path, {"title": "Dinner", "rooms": [{"way": "in_person", "places": 1}]}, **{"If-Match": tag}
    )
    assert (changed.status_code, changed.json()["title"]) == (200, "Dinner")
    assert changed.json()["rooms"] == [{"way": "in_person", "places": 1, "taken": 1, "waiting": 0, "left": 0}]
    late = program.patch(path, {"title": "Lunch"}, **{"If-Match": tag})
    assert late.status_code == 412
    member = person(make.member(community))
    assert code(member.patch(path, {"title": "Mine"})) == "not_allowed"
    event.refresh_from_db()
    assert event.title == "Dinner"


def test_acts_are_done_once(community, program):
    event = gathering(community, announced=False)
    path = f"events/{event.key}/"
    assert [program.post(f"{path}publish/").json()["state"] for _n in range(2)] == ["published"] * 2
    cancelled = [program.post(f"{path}cancel/", {"reason": "Snow."}).json() for _n in range(2)]
    assert [(one["state"], one["reason"], one["revision"]) for one in cancelled] == [
        ("cancelled", "Snow.", 1)
    ] * 2
    assert program.post(f"{path}decide/", {"decision": "approve"}).status_code == 422


def test_members_propose_and_the_staff_decide(community):
    member, host = make.member(community), make.member(community, role=Role.HOST)
    made = person(member).post("events/", BODY | {"publish": True}).json()
    assert (made["state"], made["hosts"]) == ("proposed", [member.number])
    path = f"events/{made['id']}/decide/"
    assert person(member).post(path, {"decision": "approve"}).status_code == 403
    assert person(host).post(path, {"decision": "decline"}).status_code == 422
    assert person(host).post(path, {"decision": "approve"}).json()["state"] == "published"
    GatheringRules.objects.create(community=community, members_plan="no")
    assert code(person(member).post("events/", BODY)) == "not_allowed"


def test_the_list_is_narrowed(community, program):
    circle = community.circles.first()
    first = gathering(community, title="One", circle=circle)
    gathering(community, days=40, title="Two", audience="public")
    events.cancel(event=gathering(community, days=60, title="Three"), at=now(), by=make.SITE)
    gathering(community, days=80, title="Draft", announced=False)

    def titles(query="", by=program):
        return [one["title"] for one in by.get(f"events/{query}").json()["results"]]

    assert titles() == ["One", "Two", "Three", "Draft"]
    assert titles(by=person(make.member(community))) == ["One", "Two", "Three"]
    day = (now() + timedelta(days=30)).date()
    assert titles(f"?since={day}") == ["Two", "Three", "Draft"]
    assert titles(f"?until={day}") == ["One"]
    assert titles(f"?until={first.starts_at.date()}") == ["One"]
    assert titles(f"?circle={circle.slug}") == ["One"]
    assert titles("?state=cancelled") == ["Three"]
    assert titles("?audience=public") == ["Two"]
    assert list(program.get("events/?fields=id,title").json()["results"][0]) == ["id", "title"]
    page = program.get("events/?limit=3").json()
    assert page["next"] and not page["previous"]
    assert [one["title"] for one in program.client.get(page["next"]).json()["results"]] == ["Draft"]


def test_the_address_online_is_told_to_who_has_a_place(community, program):
    member = make.member(community)
    event = gathering(community, rooms={"online": 2}, online_url=ADDRESS)
    path = f"events/{event.key}/"
    assert [by.get(path).json()["online_url"] for by in (program, person(member))] == [ADDRESS, ""]
    seats.take(kind=holding.kind(event), member=member, at=now())
    assert person(member).get(path).json()["online_url"] == ADDRESS


def test_an_answer_is_one_s_own(community, program):
    member = make.member(community)
    event = gathering(community, rooms={"in_person": 1, "online": 1})
    say = {"event": str(event.key)}
    by = person(member)
    assert code(by.post("attendances/", say | {"answer": "yes"})) == "kind"
    kind = str(event.kinds.get(room__way="online").key)
    got = by.post("attendances/", say | {"answer": "yes", "kind": kind}).json()
    assert (got["event"], got["member"], got["answer"]) == (str(event.key), member.number, "yes")
    assert by.post("attendances/", say | {"answer": "maybe"}).json()["answer"] == "maybe"
    assert Ticket.objects.live().count() == 0
    assert program.post("attendances/", say | {"answer": "yes", "kind": kind}).status_code == 403
    assert by.post("attendances/", say).status_code == 422
    foreign = gathering(make.community())
    assert code(by.post("attendances/", {"event": str(foreign.key), "answer": "no"})) == "unknown"


def test_the_door_lets_in_once(community, program):
    host, member = make.member(community), make.member(community)
    event = gathering(community, days=0.1, host=host)
    came = {"event": str(event.key), "member": member.number, "came": True}
    first, again = (person(host).post("attendances/", came).json() for _n in range(2))
    assert (first["came_at"], first["let_in_by"], first["answer"]) == (again["came_at"], host.number, "")
    assert person(member).post("attendances/", came).status_code == 422
    assert program.post("attendances/", came | {"came": False}).json()["came_at"] is None
    assert program.post("attendances/", came | {"member": 999}).status_code == 422
    assert Attendance.objects.get().came_at is None


def test_who_reads_whose(community, program):
    host, member, other = (make.member(community) for _n in range(3))
    event = gathering(community, host=host)
    seats.take(kind=holding.kind(event), member=member, at=now())
    seats.answer(event=event, member=other, answer="maybe", at=now())

    def numbers(by, path):
        return [one["member"] for one in by.get(path).json()["results"]]

    both = [member.number, other.number]
    assert [numbers(by, "attendances/") for by in (program, person(host), person(member))] == [
        both,
        both,
        both[:1],
    ]
    assert numbers(program, "attendances/?answer=maybe") == [other.number]
    assert numbers(program, f"attendances/?member={member.number}&came=false") == [member.number]
    assert numbers(program, f"attendances/?event={event.key}&came=true") == []
    shown = [numbers(by, "tickets/") for by in (program, person(host), person(member), person(other))]
    assert shown == [[member.number]] * 3 + [[]]
    ticket = program.get(f"tickets/?event={event.key}&state=valid").json()["results"][0]
    assert (ticket["way"], ticket["price"]) == ("in_person", {"amount": "0.00", "currency": "EUR"})
    assert Ticket.objects.get().code not in str(ticket)


def test_who_comes_to_a_free_gathering_brings_others(community):
    event = gathering(community, audience="public", places=3)
    event.kinds.update(guest_price=0)
    member = make.member(community)
    yes = {"event": str(event.key), "answer": "yes", "others": [{"name": "Bea"}, {"name": "Cem"}]}
    assert person(member).post("attendances/", yes).json()["answer"] == "yes"
    taken = Ticket.objects.filter(event=event, state="valid", taken_by=member)
    assert taken.count() == 3
    other = make.member(community)
    assert code(person(other).post("attendances/", yes)) == "full"
    event.kinds.update(guest_price=500)
    event.rooms.update(capacity=9)
    assert code(person(other).post("attendances/", yes)) == "priced"
    assert not Ticket.objects.filter(taken_by=other).exists()


def test_a_code_lets_its_holder_in_and_tells_why_not(community, program):
    event = gathering(community, days=0.1)
    tickets = [
        seats.take(kind=holding.kind(event), member=make.member(community), at=now()) for _n in range(2)
    ]
    seats.give_back(ticket=tickets[1], at=now())
    came = {"event": str(event.key), "came": True, "code": tickets[0].code}
    first, again = (program.post("attendances/", came).json() for _n in range(2))
    assert first == again and first["member"] == tickets[0].membership.number and first["came_at"]
    assert code(program.post("attendances/", came | {"code": tickets[1].code})) == "given_back"
    elsewhere = came | {"event": str(gathering(community, days=0.1).key)}
    assert code(program.post("attendances/", elsewhere)) == "elsewhere"
    assert code(program.post("attendances/", came | {"code": "nonsense"})) == "unknown"
    assert program.post("attendances/", came | {"member": 1}).status_code == 422
    assert program.post("attendances/", came | {"came": False}).json()["came_at"] is None
