"""A row opened in place, and the keys that walk the table."""

import pytest
from django.urls import reverse

from members.roles import Role
from members.services import memberships
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community("lantern", owner=make.person(name="Ada"))


def place(number):
    return reverse("members:opened", args=["lantern", number])


def test_the_row_shows_contacts_and_what_may_be_done(client, community, django_assert_num_queries):
    client.force_login(community.memberships.get().user)
    bob = memberships.add(
        community=community, at=make.EARLY, by=make.SITE, name="Bob", email="bob@example.org", tags=["vip"]
    )
    client.get(place(bob.number), headers={"hx-request": "true"})
    # Person, community, membership, the member, their history, fields of the community's own.
    with django_assert_num_queries(6):
        answer = client.get(place(bob.number) + "?columns=8", headers={"hx-request": "true"})
    text = answer.content.decode()
    assert 'colspan="8"' in text and "mailto:bob@example.org" in text and "vip" in text
    assert reverse("members:act", args=["lantern", bob.number, "pause"]) in text
    table = client.get(reverse("members:desk", args=["lantern"])).content.decode()
    assert place(bob.number) in table and 'id="keys"' in table


def test_without_script_it_is_the_member_s_page(client, community):
    client.force_login(community.memberships.get().user)
    assert client.get(place(1))["Location"] == reverse("members:member", args=["lantern", 1])
    assert client.get(place(77)).status_code == 404


def test_a_member_opens_nothing_and_a_host_sees_no_acts_of_managers(client, community):
    client.force_login(make.member(community, role=Role.HOST).user)
    answer = client.get(place(1), headers={"hx-request": "true"})
    assert (answer.status_code, answer.context["acts"]) == (200, [])
    client.force_login(make.member(community).user)
    assert client.get(place(1)).status_code == 403
