"""One member's page and what staff may do on it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Membership
from members.roles import Role, Status
from members.selectors import people
from members.services import memberships
from tests import api, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    client.force_login(owner)
    client.get(address("desk"))  # the day's first visit is written down; what is counted comes after it
    return client, community


def add(community, name="Bob", **fields):
    return memberships.add(community=community, at=make.EARLY, by=make.SITE, name=name, **fields)


def address(name, *args):
    return reverse(f"members:{name}", args=["lantern", *args])


def test_the_page_tells_who_brought_whom(desk):
    client, community = desk
    bob = add(community)
    cleo = add(community, "Cleo", invited_by=bob)
    page = client.get(address("member", bob.number))
    assert [invitee.name for invitee in page.context["invitees"]] == ["Cleo"]
    on_the_way = add(community, "Dora", invited_by=bob)
    Membership.objects.filter(pk=on_the_way.pk).update(status="waiting")
    page = client.get(address("member", bob.number))
    assert ([one.name for one in page.context["invitees"]], page.context["invitee_count"]) == (["Cleo"], 1)
    page = client.get(address("member", cleo.number))
    assert page.context["member"].invited_by == bob
    assert page.context["invitees"] == []


def test_the_page_costs_the_same_for_one_invitee_and_for_three(desk, django_assert_num_queries):
    client, community = desk
    bob = add(community)
    for _n in range(2):
        add(community, "One", invited_by=bob)
        with django_assert_num_queries(26):
            client.get(address("member", bob.number))
        add(community, "Two", invited_by=bob)


def test_changing_a_profile(desk):
    client, community = desk
    bob = add(community)
    fields = {
        "name": "王小明",
        "email": "",
        "city": "上海",
        "country": "",
        "interests": "跑步，摄影",
        "tags": "vip, vip",
    }
    response = client.post(address("edit", bob.number), fields)
    assert response.url == address("member", bob.number)
    bob.refresh_from_db()
    assert (bob.name, bob.city, bob.interests, bob.tags) == ("王小明", "上海", ["跑步", "摄影"], ["vip"])


def test_adding_a_member(desk):
    client, community = desk
    response = client.post(
        address("add"), {"name": "Bob", "external_id": "b7", "joined_at": "2026-02-01T10:00"}
    )
    added = Membership.objects.of(community.pk).get(external_id="b7")
    assert response.url == address("member", added.number)
    assert (added.status, added.joined_at.isoformat()) == ("active", "2026-02-01T10:00:00+00:00")
    again = client.post(address("add"), {"name": "Bob", "external_id": "b7"})
    assert list(again.context["form"].errors) == ["external_id"]
    nameless = client.post(address("add"), {"city": "Paris"})
    assert "__all__" in nameless.context["form"].errors
    assert Membership.objects.of(community.pk).count() == 2


def test_giving_a_role_is_the_owners_alone(desk):
    client, community = desk
    bob = add(community)
    manager = make.member(community, role=Role.MANAGER)
    client.post(address("role", bob.number), {"role": Role.HOST})
    bob.refresh_from_db()
    assert bob.role == Role.HOST
    client.force_login(manager.user)
    assert client.post(address("role", bob.number), {"role": Role.OWNER}).status_code == 403
    bob.refresh_from_db()
    assert bob.role == Role.HOST


def test_the_last_owner_stays_one(desk):
    client, community = desk
    ada = Membership.objects.of(community.pk).get()
    page = client.post(address("role", ada.number), {"role": Role.MEMBER})
    assert page.status_code == 200
    assert page.context["form"].non_field_errors() == [
        "A community needs an owner: make somebody else one first."
    ]
    ada.refresh_from_db()
    assert ada.role == Role.OWNER


def act(key, member):
    return reverse("members:act", args=["lantern", member.number, key])


def test_a_pause_ends_after_its_last_day_in_the_communitys_zone(desk):
    client, community = desk
    bob = add(community)
    community.timezone = "Asia/Shanghai"
    community.save()
    client.post(act("pause", bob), {"until": "2030-03-01", "reason": ""})
    bob.refresh_from_db()
    assert (bob.status, bob.status_until) == (Status.PAUSED, datetime(2030, 3, 1, 16, tzinfo=UTC))
    page = client.get(address("member", bob.number))
    assert [one.key for one in page.context["acts"]] == ["resume", "leave", "remove", "ban"]
    assert "fit any more" in client.get(act("pause", bob)).content.decode()
    late = client.post(act("pause", bob), {})
    assert late.context["form"].non_field_errors() == ["“Pause” does not fit: the membership is “Paused”."]
    client.post(act("resume", bob), {})
    past = client.post(act("pause", bob), {"until": "2020-03-01"})
    assert past.context["form"].errors == {"until": ["This time has passed already."]}


@pytest.mark.parametrize("key", ["apply", "return", "no-such-act"])
def test_what_only_members_do_themselves_has_no_page_here(desk, key):
    client, community = desk
    assert client.get(act(key, add(community))).status_code == 404


def test_the_acts_one_is_shown_are_those_one_may_do(desk):
    _client, community = desk
    bob = add(community)
    shown = {}
    for role in (Role.MANAGER, Role.MODERATOR, Role.TREASURER, Role.HOST):
        one = make.member(community, role=role)
        page = api.browser(one.user).get(address("member", bob.number))
        shown[role] = [found.key for found in page.context["acts"]]
        for key in ("suspend", "restrict"):
            answer = api.browser(one.user).get(act(key, bob)).status_code
            assert answer == (200 if key in shown[role] else 403)
    assert shown == {
        "manager": ["pause", "suspend", "restrict", "leave", "remove", "ban"],
        "moderator": ["restrict"],
        "treasurer": ["suspend"],
        "host": [],
    }


def test_another_tier_until_it_is_full(desk):
    client, community = desk
    bob, eve = add(community), add(community)
    tier = community.tiers.exclude(is_default=True).first()
    tier.capacity = 1
    tier.save()
    client.post(address("tier", bob.number), {"tier": tier.pk, "reason": "earned"})
    bob.refresh_from_db()
    assert bob.tier == tier
    full = client.post(address("tier", eve.number), {"tier": tier.pk})
    assert full.context["form"].errors == {"tier": [f"“{tier.name}” is full."]}
    entry = AuditEntry.objects.get(action="member.tier_changed")
    assert entry.after == {"tier": tier.key, "reason": "earned"}


def test_removing_asks_why(desk):
    client, community = desk
    bob = add(community)
    assert client.get(act("remove", bob)).status_code == 200
    assert client.post(act("remove", bob), {"reason": " "}).status_code == 200
    bob.refresh_from_db()
    assert bob.status == Status.ACTIVE
    client.post(act("remove", bob), {"reason": "Spam"})
    bob.refresh_from_db()
    assert bob.status == Status.REMOVED
    assert AuditEntry.objects.get(action="member.remove").after["reason"] == "Spam"
    assert [(change.before, change.after, change.reason) for change in people.history(bob)] == [
        ("Active", "Removed", "Spam"),
        ("", "Active", ""),
    ]


@pytest.mark.parametrize("name", ["member", "edit", "role", "tier"])
def test_a_member_of_elsewhere_is_not_here(desk, name):
    client, _community = desk
    elsewhere = make.community("elsewhere")
    make.member(elsewhere)
    stranger = make.member(elsewhere)
    assert stranger.number == 3
    assert client.get(address(name, stranger.number)).status_code == 404
