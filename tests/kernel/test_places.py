"""Doors: a place opens to those whom the community has let in, by what their role may do there."""

import pytest
from django.test import RequestFactory

from kernel import places
from members.models import Membership
from members.roles import Role
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db


def opened(shell: str, member: Membership, path: str) -> list[places.Door]:
    request = RequestFactory().get(path)
    request.community, request.membership = member.community, member
    return places.doors(shell, request)


def doors(shell: str, member: Membership) -> list[str]:
    return [door.place.key for door in opened(shell, member, "/c/lantern/")]


def test_who_has_left_finds_no_door_but_the_public_ones():
    manager = make.member(make.community("lantern"), role=Role.MANAGER)
    assert "members" in doors(places.DESK, manager)
    gone = standing.act("leave", membership=manager, at=make.EARLY, by=make.SITE)
    assert gone.role == Role.MANAGER
    assert (doors(places.DESK, gone), doors(places.SETTINGS, gone)) == ([], [])
    public = [place.key for place in places.all_of(places.ROOMS) if place.public]
    assert doors(places.ROOMS, gone) == public


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("", ["home"]),
        ("people/", ["people"]),
        ("people/1/", ["people"]),
        ("me/", ["own"]),
        # Rooms that are no place of their own: Home's address is the beginning of theirs, and they are not in it.
        ("plans/", []),
        ("dues/", []),
        ("dues/gifts/", []),
        ("gift/abc/", []),
        ("search/", []),
    ],
)
def test_home_is_where_one_stands_at_its_own_address_alone(path, current):
    member = make.member(make.community("lantern"))
    found = opened(places.ROOMS, member, f"/c/lantern/{path}")
    assert [door.place.key for door in found if door.current] == current


def test_of_the_desk_the_place_is_current_in_whose_rooms_one_stands():
    owner = make.member(make.community("lantern"), role=Role.OWNER)
    for path, current in (("money/payments/", "money"), ("settings/plans/", "settings"), ("", "today")):
        found = opened(places.DESK, owner, f"/c/lantern/desk/{path}")
        assert [door.place.key for door in found if door.current] == [current]


def test_rooms_of_a_group_share_a_tab():
    owner = make.member(make.community("lantern"), role=Role.OWNER)
    found = places.tabs(opened(places.MONEY, owner, "/c/lantern/desk/money/transfers/"))
    assert [(str(tab.label), tab.current, len(tab.doors)) for tab in found] == [
        ("Overview", False, 1),
        ("Dues", False, 4),
        ("Payments", True, 3),
        ("Books", False, 2),
    ]
    assert found[2].url == "/c/lantern/desk/money/payments/"
