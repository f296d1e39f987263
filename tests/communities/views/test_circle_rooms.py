"""Circles as members live in them: their rooms, opening one, and what hosts do there."""

import pytest
from django.test import Client

from communities.models import Circle, CircleRequest
from communities.services import circle_hosts, circle_requests, circles
from communities.services import settings as community_settings
from members.actors import Actor
from members.models import Membership
from members.services import profiles
from tests import make

pytestmark = pytest.mark.django_db

ROOT = "/c/lantern/circles/"


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community_settings.update(
        community=community, at=make.EARLY, by=make.SITE, members_open_circles=True
    )


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def bo(community):
    return make.member(community, name="Bo")


@pytest.fixture
def owls(community, ada):
    by = Actor.person(ada.user, ada)
    return circle_hosts.open_own(community=community, name="Owls", kind="closed", at=make.EARLY, by=by)


def visitor(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(ROOT)  # the day's first visit is written down; what is counted comes after it
    return client


def test_a_member_opens_a_circle_and_stands_in_its_room(community, ada):
    answer = visitor(ada).post(ROOT, {"name": "Owls", "description": "Late", "kind": "open"}, follow=True)
    assert answer.redirect_chain == [(f"{ROOT}owls/", 302)]
    assert answer.context["is_host"] and [one.name for one in answer.context["hosts"]] == ["Ada"]


def test_a_refusal_stands_at_its_field_and_nothing_is_lost(community, ada, owls):
    page = visitor(ada).post(ROOT, {"name": "OWLS", "description": "Late", "kind": "open"})
    assert list(page.context["form"].errors) == ["name"]
    assert page.context["form"]["description"].value() == "Late"


def test_where_staff_alone_open_circles_there_is_no_form(community, ada):
    community_settings.update(community=community, at=make.EARLY, by=make.SITE, members_open_circles=False)
    client = visitor(ada)
    assert client.get(ROOT).context["may_open"] is False
    assert client.post(ROOT, {"name": "X", "kind": "open"}).context["form"].non_field_errors()
    assert not Circle.objects.exists()


def test_joining_and_leaving_lead_back_to_where_one_was(community, ada, bo):
    circles.create(community=community, name="Larks", at=make.EARLY, by=make.SITE)
    client = visitor(bo)
    assert client.post(f"{ROOT}larks/", {"act": "join", "from": "room"})["Location"] == f"{ROOT}larks/"
    assert client.post(f"{ROOT}larks/", {"act": "leave"})["Location"] == "/c/lantern/"


def test_who_leaves_a_secret_circle_does_not_find_it_again(community, bo):
    owner = Membership.objects.get(number=1)
    by = Actor.person(owner.user, owner)
    hush = circles.create(community=community, name="Hush", kind="secret", at=make.EARLY, by=by)
    circles.put_in(circle=hush, membership=bo, at=make.EARLY, by=by)
    client = visitor(bo)
    assert client.get(f"{ROOT}hush/").status_code == 200
    assert client.post(f"{ROOT}hush/", {"act": "leave", "from": "room"})["Location"] == "/c/lantern/"
    assert client.get(f"{ROOT}hush/").status_code == 404


def test_of_a_closed_circle_others_see_who_looks_after_it_and_no_more(community, ada, bo, owls):
    page = visitor(bo).get(f"{ROOT}owls/").context
    assert ([one.name for one in page["hosts"]], page["people"]) == (["Ada"], [])
    circles.put_in(circle=owls, membership=bo, at=make.EARLY, by=make.SITE)
    hidden = make.member(community, name="Cy")
    circles.put_in(circle=owls, membership=hidden, at=make.EARLY, by=make.SITE)
    profiles.present(membership=hidden, at=make.EARLY, listed=False)
    assert [one.name for one in visitor(bo).get(f"{ROOT}owls/").context["people"]] == ["Ada", "Bo"]


def test_hosts_answer_from_their_page(community, ada, bo, owls):
    asked = circle_requests.ask(circle=owls, membership=bo, at=make.EARLY, note="I am awake")
    client, answer = visitor(ada), f"{ROOT}owls/care/requests/{asked.key}/"
    assert "I am awake" in client.get(f"{ROOT}owls/care/").content.decode()
    refused = client.post(answer, {"act": "decline", "reason": ""}, follow=True)
    assert "Say why: the member will read it." in refused.content.decode()
    long = client.post(answer, {"act": "decline", "reason": "No. " * 61})
    assert long.status_code == 200 and "No. " * 60 in long.content.decode()
    client.post(answer, {"act": "approve"})
    asked.refresh_from_db()
    assert (asked.state, asked.decided_words) == (CircleRequest.State.APPROVED, "Ada")
    act = f"{ROOT}owls/care/people/"
    client.post(act, {"act": "appoint", "number": bo.number})
    assert owls.circle_memberships.filter(is_host=True).count() == 2
    client.post(act, {"act": "step_down", "number": ada.number})
    assert client.get(f"{ROOT}owls/care/").status_code == 403
    visitor(bo).post(act, {"act": "take_out", "number": ada.number})
    assert list(owls.circle_memberships.values_list("membership__name", flat=True)) == ["Bo"]


def test_hosts_change_it_and_close_it(community, ada, owls):
    client = visitor(ada)
    client.post(f"{ROOT}owls/care/", {"name": "Night owls", "description": "Late", "kind": "open"})
    owls.refresh_from_db()
    assert (owls.name, owls.description, owls.kind, owls.slug) == ("Night owls", "Late", "open", "owls")
    client.post(f"{ROOT}owls/care/people/", {"act": "archive"})
    owls.refresh_from_db()
    assert owls.archived_at is not None
    assert client.get(f"{ROOT}owls/").status_code == 200


@pytest.mark.parametrize("number", ["", "0", "x", "99", str(2**40)])
def test_nobody_of_that_number_is_in_it(ada, owls, number):
    answer = visitor(ada).post(f"{ROOT}owls/care/people/", {"act": "take_out", "number": number})
    assert answer.status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("place", "queries"), [("", 4), ("owls/", 11), ("owls/care/", 6)])
def test_the_same_queries_for_one_and_for_three(
    community, ada, owls, rows, place, queries, django_assert_num_queries
):
    for n in range(rows):
        circles.create(community=community, name=f"Circle {n}", at=make.EARLY, by=make.SITE)
        circles.put_in(circle=owls, membership=make.member(community), at=make.EARLY, by=make.SITE)
        circle_requests.ask(circle=owls, membership=make.member(community), at=make.EARLY)
    client = visitor(ada)
    with django_assert_num_queries(queries):
        client.get(f"{ROOT}{place}")
