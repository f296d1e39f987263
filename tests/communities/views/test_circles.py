"""The circles' room among the settings, and the doors that members use."""

import pytest
from django.test import Client

from communities.models import Circle
from communities.services import circles
from members.actors import Actor
from members.models import Membership, Tier
from members.roles import Role
from tests import make

pytestmark = pytest.mark.django_db

ROOM = "/c/lantern/desk/settings/circles/"


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def keeper(community) -> Client:
    return signed_in(make.member(community, role=Role.MODERATOR))


def opened(community, name, **fields):
    return circles.create(community=community, name=name, at=make.EARLY, by=make.SITE, **fields)


def order():
    return list(Circle.objects.values_list("name", flat=True))


def test_a_circle_is_opened_changed_moved_archived_and_brought_back(community, keeper):
    tier = Tier.objects.create(community=community, key="gold", name="Gold", rank=90)
    assert keeper.post(ROOM, {"name": "Owls", "kind": "open"}).status_code == 302
    assert keeper.post(ROOM, {"name": "Larks", "kind": "closed", "minimum_tier": tier.pk}).status_code == 302
    larks = Circle.objects.get(name="Larks")
    assert (larks.kind, larks.minimum_tier) == ("closed", tier)
    keeper.post(f"{ROOM}larks/act/", {"act": "up"})
    assert order() == ["Larks", "Owls"]
    keeper.post(f"{ROOM}larks/", {"name": "Finches", "kind": "open", "description": "Song"})
    larks.refresh_from_db()
    assert (larks.name, larks.minimum_tier, larks.slug) == ("Finches", None, "larks")
    keeper.post(f"{ROOM}larks/act/", {"act": "archive"})
    page = keeper.get(ROOM)
    assert [one.name for one in page.context["circles"]] == ["Owls"]
    assert [one.name for one in page.context["archived"]] == ["Finches"]
    keeper.post(f"{ROOM}larks/act/", {"act": "reopen"})
    assert keeper.get(ROOM).context["archived"] == []


def test_a_refusal_stands_at_its_field(community, keeper):
    opened(community, "Owls")
    assert list(keeper.post(ROOM, {"name": "owls", "kind": "open"}).context["form"].errors) == ["name"]
    answer = keeper.post(f"{ROOM}owls/people/", {"number": 99})
    assert answer.context["number_form"].errors == {"number": ["There is no member of this number."]}


def test_a_member_is_brought_in_and_taken_out(community, keeper):
    circle, member = opened(community, "Owls", kind="closed"), make.member(community, name="Bo Li")
    keeper.post(f"{ROOM}owls/people/", {"number": member.number})
    assert "Bo Li" in keeper.get(f"{ROOM}owls/").content.decode()
    for act, hosting in (("appoint", True), ("dismiss", False)):
        keeper.post(f"{ROOM}owls/people/", {"number": member.number, "act": act})
        assert circle.circle_memberships.get().is_host is hosting
    keeper.post(f"{ROOM}owls/people/", {"number": member.number, "act": "take_out"})
    assert circle.circle_memberships.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_same_queries_for_one_and_for_three(community, keeper, rows, settings, django_assert_num_queries):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    for n in range(rows):
        opened(community, f"C{n}")
    keeper.get(ROOM)
    # Person, community, membership, circles, tiers to choose from.
    with django_assert_num_queries(4):
        keeper.get(ROOM)


def test_a_secret_circle_is_nowhere_for_staff_who_are_not_in_it(community, keeper):
    insider = make.member(community, role=Role.MANAGER, name="Insider")
    by = Actor.person(insider.user, insider)
    circles.create(community=community, name="Hush", at=make.EARLY, by=by, kind="secret")
    for path in (f"{ROOM}hush/", f"{ROOM}hush/act/", f"{ROOM}hush/people/", "/c/lantern/circles/hush/"):
        assert keeper.post(path, {"act": "join"}).status_code == 404
    for path in (ROOM, "/c/lantern/", f"/c/lantern/desk/members/{insider.number}/"):
        assert "Hush" not in keeper.get(path).content.decode(), path
        assert "Hush" in signed_in(insider).get(path).content.decode(), path


def test_who_stands_too_low_finds_no_door(community):
    tier = Tier.objects.create(community=community, key="gold", name="Gold", rank=90)
    opened(community, "Salon", minimum_tier=tier)
    low, high = make.member(community), make.member(community)
    Membership.objects.filter(pk=high.pk).update(tier=tier)
    assert signed_in(low).post("/c/lantern/circles/salon/", {"act": "join"}).status_code == 404
    assert "Salon" not in signed_in(low).get("/c/lantern/").content.decode()
    assert "Salon" not in Client().get("/c/lantern/").content.decode()
    assert signed_in(high).post("/c/lantern/circles/salon/", {"act": "join"}).status_code == 302
    assert "Salon" in signed_in(high).get("/c/lantern/").content.decode()


@pytest.mark.parametrize("role", [Role.HOST, Role.TREASURER, Role.MEMBER])
def test_others_do_not_keep_circles(community, role):
    opened(community, "Owls")
    client = signed_in(make.member(community, role=role))
    for path in (ROOM, f"{ROOM}owls/", f"{ROOM}owls/act/", f"{ROOM}owls/people/"):
        assert client.post(path, {"name": "X", "kind": "open", "act": "archive"}).status_code == 403
    assert order() == ["Owls"]
