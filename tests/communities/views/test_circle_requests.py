"""Asking for a closed circle from home, and the desk's queue beside the members."""

import pytest
from django.test import Client

from communities.models import Circle, CircleMembership, CircleRequest
from communities.services import circle_requests, circles
from members.actors import Actor
from members.models import Membership
from members.roles import Role
from members.services import standing
from tests import api, make

pytestmark = pytest.mark.django_db

HOME, QUEUE = "/c/lantern/", "/c/lantern/desk/circles/requests/"


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


@pytest.fixture
def circle(community):
    return circles.create(community=community, name="Binders", at=make.EARLY, by=make.SITE, kind="closed")


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def asked(circle, name):
    member = make.member(circle.community, name=name)
    return circle_requests.ask(circle=circle, membership=member, at=make.EARLY, note=f"{name} binds.")


def text(answer) -> str:
    return answer.content.decode()


def test_a_member_asks_from_home_and_takes_it_back(community, circle):
    client = signed_in(make.member(community))
    assert f'href="{HOME}circles/binders/ask/"' in text(client.get(HOME))
    too_long = client.post(f"{HOME}circles/binders/ask/", {"note": "x" * 501})
    assert too_long.context["form"].errors
    page = client.post(f"{HOME}circles/binders/ask/", {"note": "I bind."}, follow=True)
    assert "You have asked." in text(page) and 'value="leave"' in text(page)
    assert client.get(f"{HOME}circles/binders/ask/")["Location"] == HOME
    client.post(f"{HOME}circles/binders/", {"act": "leave"})
    assert CircleRequest.objects.get().state == "withdrawn"
    assert f'href="{HOME}circles/binders/ask/"' in text(client.get(HOME))
    circles.create(community=community, name="Open", at=make.EARLY, by=make.SITE)
    assert client.get(f"{HOME}circles/open/ask/")["Location"] == HOME


def test_a_secret_circle_and_a_visitor_have_no_door(community, circle):
    manager = make.member(community, role=Role.MANAGER)
    by = Actor.person(manager.user, manager)
    circles.create(community=community, name="Hush", at=make.EARLY, by=by, kind="secret")
    client = signed_in(make.member(community))
    assert client.get(f"{HOME}circles/hush/ask/").status_code == 404
    assert client.post(f"{HOME}circles/hush/ask/", {}).status_code == 404
    assert "/ask/" not in text(Client().get(HOME))


@pytest.mark.parametrize("many", [1, 3])
def test_the_queue_costs_the_same_for_one_and_for_three(community, circle, many, django_assert_num_queries):
    for n in range(many):
        asked(circle, f"M{n}")
    client = signed_in(make.member(community, role=Role.MANAGER))
    client.get(QUEUE)
    with django_assert_num_queries(4):
        page = client.get(QUEUE)
    assert [row.membership.name for row, _form in page.context["rows"]] == [f"M{n}" for n in range(many)]


def test_the_desk_lets_in_and_declines(community, circle):
    bo, cy, gone = asked(circle, "Bo"), asked(circle, "Cy"), asked(circle, "Gone")
    standing.act("leave", membership=gone.membership, at=make.EARLY, by=make.SITE)
    client = signed_in(make.member(community, role=Role.HOST))
    assert "2 members ask to join a circle." in text(client.get("/c/lantern/desk/"))
    page = text(client.get(QUEUE))
    assert "Bo binds." in page and "Cy binds." in page and "Gone binds." not in page
    page = text(client.post(f"{QUEUE}{bo.key}/", {"act": "approve"}, follow=True))
    assert "Bo is in “Binders” now." in page
    again = client.post(f"{QUEUE}{cy.key}/", {"act": "decline", "reason": ""})
    assert "Say why: the member will read it." in text(again)
    client.post(f"{QUEUE}{cy.key}/", {"act": "decline", "reason": "Not yet."})
    page = text(client.post(f"{QUEUE}{cy.key}/", {"act": "approve"}, follow=True))
    assert "has decided already: Declined." in page and "Nobody waits to be let in" in page
    assert list(CircleMembership.objects.values_list("membership__name", flat=True)) == ["Bo"]


def test_what_stands_beside_the_members_for_whom(community, circle):
    asked(circle, "Bo")
    for role, tabs in (
        (Role.MANAGER, ["members", "applications", "circle_requests"]),
        (Role.HOST, ["members", "circle_requests"]),
        (Role.TREASURER, ["members"]),
    ):
        page = signed_in(make.member(community, role=role)).get("/c/lantern/desk/members/")
        found = [door.place.key for door in page.context["rooms"]]
        assert [key for key in found if key != "duplicates"] == tabs
        waiting = {door.place.key: door.waiting for door in page.context["rooms"]}
        assert waiting.get("circle_requests") == (1 if "circle_requests" in tabs else None)


def test_the_rail_stays_at_members_in_the_rooms_beside_them(community):
    client = signed_in(Membership.objects.get())
    for path in ("members/", "applications/", "circles/requests/", "members/bulk/"):
        page = text(client.get(f"/c/lantern/desk/{path}"))
        rail = page.partition('class="rail-list"')[2].partition("</nav>")[0]
        current = rail.partition('aria-current="page"')[0].rpartition("<a href=")[2].split('"')[1]
        assert (path, current) == (path, "/c/lantern/desk/members/")


# --- over the API -----------------------------------------------------------------------------------------


def test_a_program_reads_the_queue_and_answers(community, circle):
    bo, cy = asked(circle, "Bo"), asked(circle, "Cy")
    program = api.Program(community)
    listed = program.get("circle-requests/?state=open&circle=binders").json()["results"]
    assert [(one["member"], one["note"]) for one in listed] == [
        (bo.membership.number, "Bo binds."),
        (cy.membership.number, "Cy binds."),
    ]
    answer = program.post(f"circle-requests/{bo.key}/decide/", {"decision": "approve"})
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    again = program.post(f"circle-requests/{bo.key}/decide/", {"decision": "decline", "reason": "No."})
    assert (again.status_code, again.json()["code"]) == (422, "decided")
    unsaid = program.post(f"circle-requests/{cy.key}/decide/", {"decision": "decline"})
    assert api.where(unsaid) == [("#/reason", "required")]
    assert program.get(f"circle-requests/{cy.key}/").json()["state"] == "open"
    assert program.get("circle-requests/?circle=other").json()["results"] == []
    assert program.post("circles/binders/ask/", {}).status_code == 403


def test_of_a_circle_that_became_secret_a_program_sees_no_request(community, circle):
    bo = asked(circle, "Bo")
    Circle.objects.update(kind="secret")
    program = api.Program(community)
    assert program.get("circle-requests/").json()["results"] == []
    assert program.get(f"circle-requests/{bo.key}/").status_code == 404
    assert program.post(f"circle-requests/{bo.key}/decide/", {"decision": "approve"}).status_code == 404


def test_a_member_asks_in_the_browser_and_takes_it_back(community, circle):
    member = make.member(community)
    client = api.browser(member.user)
    client.get("/c/lantern/me/")
    token = {"X-CSRFToken": client.cookies["csrftoken"].value}
    root = "/api/v1/communities/lantern/circles/binders/"
    given = {"content_type": "application/json", "headers": token}
    made = client.post(f"{root}ask/", '{"note": "I bind."}', **given)
    assert (made.status_code, made.json()["member"], made.json()["state"]) == (201, member.number, "open")
    assert client.post(f"{root}leave/", "{}", **given).status_code == 204
    assert CircleRequest.objects.get().state == "withdrawn"
