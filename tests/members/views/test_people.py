"""The members' directory: what is shown and searched is what members show, and nothing else of them."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Membership, User
from members.roles import Role
from members.services import memberships, merging, profiles, standing
from tests import api, make

pytestmark = pytest.mark.django_db

#: Person, community, membership, page, fields that all see; what stands on one page needs no count.
QUERIES = 4


@pytest.fixture
def community(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    return make.community("lantern", owner=make.person(name="Ada Keeper"))


def said(community, name, *shown, **words):
    member = make.member(community, name=name)
    return profiles.present(membership=member, at=make.EARLY, shown=shown, **words)


def visitor(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    client.get(address())  # the day's first visit is written down; what is counted comes after it
    return client


def address(query=""):
    return reverse("members:people", args=["lantern"]) + query


def names(response):
    return [person.name for person in response.context["page"].people]


@pytest.mark.parametrize("members", [1, 3])
def test_the_same_queries_for_one_and_for_three(community, members, django_assert_num_queries):
    for n in range(members - 1):
        said(community, f"Member {n}", "city", "interests", city="Ulm", interests=["go"])
    client = visitor(Membership.objects.get(number=1))
    with django_assert_num_queries(QUERIES):
        response = client.get(address())
    assert len(names(response)) == members


def test_each_shows_only_what_they_switched_on(community):
    words = {"introduction": "I bind books.", "interests": ["paper"], "city": "Ulm", "country": "Germany"}
    shy = said(community, "Shy", **words)
    open_ = said(community, "Open", "introduction", "interests", "city", "country", "email", **words)
    client = visitor(shy)
    for path, told in ((f"{shy.number}/", False), (f"{open_.number}/", True)):
        page = client.get(address(path)).content.decode()
        for word in ("I bind books.", "paper", "Ulm", "Germany"):
            assert (word in page) == told, (path, word)
    assert open_.email in client.get(address(f"{open_.number}/")).content.decode()
    listed = {person.name: person for person in client.get(address()).context["page"].people}
    assert (listed["Shy"].city, listed["Shy"].interests, listed["Open"].city) == ("", (), "Ulm")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=李雷", ["李雷"]),
        ("?q=雷", ["李雷"]),
        ("?q=bo", ["Bob"]),
        ("?q=Bob Miller", []),
        ("?q=shanghai", []),
        ("?q=@example", []),
        ("?city=shanghai", ["李雷"]),
        ("?city=paris", []),
        ("?interest=AI", ["李雷"]),
        ("?interest=chess", []),
        ("?q=\x00", ["Ada Keeper", "Bob", "李雷"]),
    ],
)
def test_only_what_is_shown_is_found(community, query, found):
    said(community, "李雷", "city", "interests", city="Shanghai", interests=["ai"])
    said(community, "Bob", city="Paris", interests=["chess"])
    assert names(visitor(Membership.objects.get(number=1)).get(address(query))) == found


@pytest.mark.parametrize("act", ["leave", "remove", "ban"])
def test_who_is_gone_is_not_found(community, act):
    gone = said(community, "Gone")
    standing.act(act, membership=gone, at=make.EARLY, by=make.SITE, reason="So it is.")
    client = visitor(Membership.objects.get(number=1))
    assert names(client.get(address())) == ["Ada Keeper"]
    assert client.get(address(f"{gone.number}/")).status_code == 404


def test_who_never_claimed_their_membership_is_found_by_the_staff_alone(community):
    """A file brought them: they have agreed to nothing."""
    row = memberships.add(community=community, at=make.EARLY, by=make.SITE, name="Unclaimed")
    keeper = visitor(Membership.objects.get(number=1))
    assert names(keeper.get(address())) == ["Ada Keeper"]
    assert keeper.get(address(f"{row.number}/")).status_code == 404
    assert "Unclaimed" not in keeper.get(reverse("communities:home", args=["lantern"])).content.decode()
    program = api.Program(community)
    assert program.get(f"people/{row.number}/").status_code == 404
    assert [one["name"] for one in program.get("people/").json()["results"]] == ["Ada Keeper"]
    desk = keeper.get(reverse("members:desk", args=["lantern"])).content.decode()
    assert "Unclaimed" in desk
    Membership.objects.filter(pk=row.pk).update(user=make.person())
    assert names(keeper.get(address())) == ["Ada Keeper", "Unclaimed"]


def test_who_is_not_listed_is_found_by_themselves_only(community):
    hidden = said(community, "Hidden", "city", city="Ulm", listed=False)
    keeper = visitor(Membership.objects.get(number=1))
    assert names(keeper.get(address())) == ["Ada Keeper"]
    assert keeper.get(address(f"{hidden.number}/")).status_code == 404
    assert visitor(hidden).get(address(f"{hidden.number}/")).context["own"] is True
    home = keeper.get(reverse("communities:home", args=["lantern"])).content.decode()
    assert "Hidden" not in home


def test_where_a_merged_record_stood_its_member_is(community):
    old = memberships.add(community=community, name="Old", at=make.EARLY, by=make.SITE)
    kept = said(community, "Kept", "city", city="Ulm")
    merging.merge(kept=kept, merged=old, at=make.EARLY, by=make.SITE)
    keeper = visitor(Membership.objects.get(number=1))
    gone = keeper.get(address(f"{old.number}/"))
    assert (gone.status_code, gone["Location"]) == (302, address(f"{kept.number}/"))
    profiles.present(membership=kept, at=make.EARLY, listed=False)
    assert keeper.get(address(f"{old.number}/")).status_code == 404


@pytest.mark.parametrize("number", [0, 99, 2**31, 2**70])
def test_a_number_that_nobody_has_is_not_found(community, number):
    assert visitor(Membership.objects.get(number=1)).get(address(f"{number}/")).status_code == 404


def test_an_id_of_another_system_is_nobody_s_name(community):
    Membership.objects.create(
        community=community, user=make.person(), number=50, external_id="ada@old.example", sort_key="a", status="active",
        joined_at=make.EARLY,
    )  # fmt: skip
    page = visitor(Membership.objects.get(number=1)).get(address())
    assert names(page) == ["#50", "Ada Keeper"]
    assert "ada@old.example" not in page.content.decode()


def test_staff_find_the_way_to_the_desk_and_others_do_not(community):
    other = said(community, "Other")
    desk = reverse("members:member", args=["lantern", other.number])
    moderator = make.member(community, role=Role.MODERATOR)
    for member, leads in ((moderator, True), (make.member(community), False)):
        page = visitor(member).get(address(f"{other.number}/")).content.decode()
        assert (desk in page) == leads


def test_pages_follow_one_another_by_name(community):
    people = User.objects.bulk_create(User(email=f"m{n}@example.org") for n in range(165))
    Membership.objects.bulk_create(
        Membership(
            community=community, user=people[n], number=n, name=f"M{n:03}", sort_key=f"m{n:03}", status="active",
            joined_at=make.EARLY,
        )
        for n in range(100, 165)
    )  # fmt: skip
    client = visitor(Membership.objects.get(number=1))
    met, cursor = [], ""
    for _page in range(3):
        response = client.get(address(), {"at": cursor})
        met += names(response)
        cursor = response.context["page"].after
    assert (met, cursor) == (["Ada Keeper", *(f"M{n:03}" for n in range(100, 165))], "")


def test_those_who_said_nothing_are_asked_to(community):
    member = make.member(community)
    client = visitor(member)
    assert "Introduce yourself" in client.get(address()).content.decode()
    profiles.present(membership=member, at=make.EARLY, introduction="Hello.")
    assert "Introduce yourself" not in client.get(address()).content.decode()
