"""Segments by the service: saved, changed, deleted, and by whom."""

import pytest

from kernel.errors import Refused
from kernel.permissions import unlimited
from members.actors import Actor
from members.models import AuditEntry, Segment
from members.roles import Role
from members.selectors import rules
from members.services import segments
from tests import make

pytestmark = pytest.mark.django_db

VIPS = {"all": [{"field": "tags", "is": "has", "value": "vip"}]}


def save(community, name="Vips", found=VIPS, by=make.SITE):
    return segments.create(
        community=community,
        name=name,
        rules=found,
        catalogue=rules.catalogue(community, may=unlimited),
        at=make.EARLY,
        by=by,
    )


def actor(member):
    return Actor.person(member.user, member)


def test_a_segment_is_saved_changed_and_deleted_and_the_log_tells():
    community = make.community()
    segment = save(community)
    assert (segment.name, segment.rules, segment.made_by) == ("Vips", VIPS, None)
    changed = segments.update(
        segment=segment,
        name="Guests",
        rules=VIPS,
        catalogue=rules.catalogue(community, may=unlimited),
        at=make.EARLY,
        by=make.SITE,
    )
    assert (changed.name, changed.rules) == ("Guests", VIPS)
    segments.delete(segment=segment, at=make.EARLY, by=make.SITE)
    segments.delete(segment=segment, at=make.EARLY, by=make.SITE)
    assert Segment.objects.count() == 0
    entries = AuditEntry.objects.filter(object_kind="segment").order_by("id")
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("segment.created", {}, {"name": "Vips", "rules": VIPS}),
        ("segment.changed", {"name": "Vips"}, {"name": "Guests"}),
        ("segment.deleted", {"name": "Guests", "rules": VIPS}, {}),
    ]


@pytest.mark.parametrize(
    ("name", "found", "field"),
    [
        ("Vips", VIPS, "name"),
        (" ", VIPS, "name"),
        ("x" * 81, VIPS, "name"),
        ("New", {"all": []}, "rules"),
        ("New", {"all": [{"field": "nonsense", "is": "has", "value": "x"}]}, "rules"),
    ],
)
def test_what_is_refused_keeps_nothing(name, found, field):
    community = make.community()
    save(community)
    with pytest.raises(Refused) as refusal:
        save(community, name, found)
    assert refusal.value.field == field
    assert Segment.objects.count() == 1


def test_another_community_may_use_the_same_name():
    save(make.community())
    save(make.community())
    assert Segment.objects.count() == 2


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OWNER, True),
        (Role.MANAGER, True),
        (Role.MODERATOR, False),
        (Role.HOST, False),
        (Role.MEMBER, False),
    ],
)
def test_who_may_save(role, allowed):
    community = make.community()
    by = actor(make.member(community, role=role))
    if allowed:
        assert save(community, by=by).made_by == by.membership
        return
    with pytest.raises(Refused) as refusal:
        save(community, by=by)
    assert refusal.value.code == "no_longer_allowed"
    assert Segment.objects.count() == 0
