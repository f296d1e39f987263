"""Doors: a place opens to those whom the community has let in, by what their role may do there."""

import pytest
from django.test import RequestFactory

from kernel import places
from members.models import Membership
from members.roles import Role
from members.services import standing
from tests import make

pytestmark = pytest.mark.django_db


def doors(shell: str, member: Membership) -> list[str]:
    request = RequestFactory().get("/c/lantern/")
    request.community, request.membership = member.community, member
    return [door.place.key for door in places.doors(shell, request)]


def test_who_has_left_finds_no_door_but_the_public_ones():
    manager = make.member(make.community("lantern"), role=Role.MANAGER)
    assert "members" in doors(places.DESK, manager)
    gone = standing.act("leave", membership=manager, at=make.EARLY, by=make.SITE)
    assert gone.role == Role.MANAGER
    assert (doors(places.DESK, gone), doors(places.SETTINGS, gone)) == ([], [])
    public = [place.key for place in places.all_of(places.ROOMS) if place.public]
    assert doors(places.ROOMS, gone) == public
