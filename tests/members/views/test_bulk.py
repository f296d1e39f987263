"""Bulk acts at the desk: for the rows that were picked or all that fit, watched and taken back."""

import pytest
from django.urls import reverse

from kernel.clock import now
from members.models import BulkAct, Membership
from members.roles import Role
from members.services import bulk, memberships
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    owner = make.person(name="Ada")
    community = make.community("lantern", owner=owner)
    for name, city in [("Bob", "Paris"), ("Cleo", "Lyon"), ("Dan", "Lyon")]:
        memberships.add(community=community, at=make.EARLY, by=make.SITE, name=name, city=city)
    client.force_login(owner)
    return client, community


def url(name, *args):
    return reverse(f"members:{name}", args=["lantern", *args])


def tagged(tag):
    return sorted(member.name for member in Membership.objects.filter(tags__contains=[tag]))


def carry_out(answer):
    act = BulkAct.objects.first()
    assert answer["Location"] == url("bulk_act", act.pk)
    return bulk.carry_out(bulk_id=act.pk, now=now)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?pick=2&pick=3&city=lyon", ["Cleo"]),
        ("?pick=2&pick=4", ["Bob", "Dan"]),
        ("?city=lyon", ["Cleo", "Dan"]),
        ("?pick=2&city=lyon&all=1", ["Cleo", "Dan"]),
        ("?all=1", ["Ada", "Bob", "Cleo", "Dan"]),
    ],
)
def test_who_is_meant(desk, query, names):
    client, _community = desk
    page = client.get(url("begin_bulk") + query)
    assert page.context["count"].number == len(names)
    carry_out(client.post(url("begin_bulk") + query, {"what": "tag", "tag": "vip"}))
    assert tagged("vip") == names


def test_rules_that_are_not_understood_mean_nobody(desk):
    client, _community = desk
    answer = client.post(url("begin_bulk") + "?rules={&all=1", {"what": "tag", "tag": "vip"})
    assert (answer.status_code, BulkAct.objects.count()) == (200, 0)


def test_it_is_watched_and_taken_back(desk):
    client, _community = desk
    answer = client.post(url("begin_bulk") + "?city=lyon", {"what": "tag", "tag": "vip"})
    waiting = client.get(answer["Location"], headers={"hx-request": "true"})
    assert b'hx-trigger="every 1s"' in waiting.content
    act = carry_out(answer)
    done = client.get(answer["Location"])
    assert (b"every 1s" in done.content, done.context["may_undo"]) == (False, True)
    carry_out(client.post(url("undo_bulk_act", act.pk)))
    assert tagged("vip") == []
    assert client.get(answer["Location"]).context["may_undo"] is False
    assert client.get(url("bulk_acts")).status_code == 200


def test_the_report_says_who_was_refused(desk):
    client, _community = desk
    act = carry_out(client.post(url("begin_bulk") + "?all=1", {"what": "status:resume", "reason": ""}))
    assert (act.changed, act.refused) == (0, 4)
    report = b"".join(client.get(url("bulk_report", act.pk)).streaming_content).decode("utf-8-sig")
    assert report.splitlines()[1] == "1,Ada,Nobody does this to themselves among others."
    assert report.splitlines()[2] == "2,Bob,The act does not fit where the membership stands."


def test_each_role_is_offered_what_it_may_do(desk):
    client, community = desk
    moderator = make.member(community, role=Role.MODERATOR)
    client.force_login(moderator.user)
    assert client.post(url("begin_bulk") + "?all=1", {"what": "tag", "tag": "vip"}).status_code == 200
    assert BulkAct.objects.count() == 0
    restrict = {"what": "status:restrict", "reason": "Spam"}
    act = carry_out(client.post(url("begin_bulk") + "?pick=2", restrict))
    assert act.changed == 1
    client.force_login(make.member(community).user)
    assert client.get(url("begin_bulk")).status_code == 403
