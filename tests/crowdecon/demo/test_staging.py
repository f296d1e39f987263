from dataclasses import replace
from datetime import UTC, datetime

import pytest

from communities.models import Circle, Community, Post, Reaction, Vote
from crowdecon.demo import doors, simulation, staging
from crowdecon.demo.profiles import DAWN, PROFILES
from engagement.models import Fact, Spend
from kernel.clock import local_day
from members.models import ImportRun, Invitation, Membership
from tests import make

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = replace(DAWN, arrivals=(1.0, 1.0), fission=0.3)


@pytest.mark.django_db
def test_a_year_goes_in_through_the_doors(monkeypatch):
    monkeypatch.setattr(simulation, "DAYS", 60)
    owner, member = make.person(), make.person()
    community = staging.stage(profile=SMALL, owner=owner, member=member, at=AT)
    first_day = (AT - staging.timedelta(days=60)).date()
    year = simulation.live(SMALL, first_day=first_day, until=AT, seed=staging.SEED)

    members = Membership.objects.of(community.id).order_by("number")
    assert [membership.joined_at for membership in members] == [person.joined_at for person in year.people]
    inviters = [m.invited_by.number - 1 if m.invited_by else None for m in members]
    assert inviters == [person.inviter for person in year.people]
    brought = [membership for membership in members if membership.invited_by]
    assert {membership.channel for membership in brought} == {"personal"}
    assert {membership.channel for membership in members if not membership.invited_by} == {
        "",
        "wechat",
        "poster",
    }
    by_link = {link.channel: link.used for link in Invitation.objects.of(community.pk).links()}
    assert by_link == {name: members.filter(channel=name).count() for name in ("wechat", "poster")}
    costs = Spend.objects.of(community.pk).order_by("first")
    assert {(cost.channel, cost.campaign) for cost in costs} == {
        ("wechat", "晨跑计划"),
        ("poster", "公园"),
        ("personal", ""),
    }
    assert (costs.first().first, costs.last().last) == (first_day, local_day(AT, community.zone))
    assert list(members.values_list("role", flat=True)[:5]) == [
        "owner",
        "manager",
        "moderator",
        "host",
        "member",
    ]
    assert (members[0].user, members[4].user) == (owner, member)
    said = {membership.number for membership in members if "introduction" in membership.shown}
    assert said == {person.index + 1 for person in year.people[1:] if person.introduction}

    opened = Circle.objects.filter(circle_memberships__is_host=True).order_by("position")
    assert [circle.name for circle in opened] == [name for name, _about in DAWN.circles][: len(opened)]
    assert members[4] == opened[0].circle_memberships.get(is_host=True).membership

    said = Post.objects.of(community.pk).order_by("created_at").values_list("title", "comment_count")
    assert list(said) == [(thread.title, len(thread.answers)) for thread in DAWN.threads]
    helped = Post.objects.filter(accepted__isnull=False).order_by("created_at")
    assert [(post.title, post.accepted.body) for post in helped] == [
        (thread.title, thread.answers[thread.helped]) for thread in DAWN.threads if thread.helped is not None
    ]
    asked = {
        post.title: {option.text for option in post.poll.options.all()}
        for post in Post.objects.filter(poll__isnull=False)
    }
    assert asked == {thread.title: set(thread.options) for thread in DAWN.threads if thread.options}
    for verb, given in (("voted", Vote.objects), ("reacted", Reaction.objects), ("accepted", helped)):
        simulated = [act for act in year.acts if act.verb == verb]
        done = Fact.objects.filter(community_id=community.id, verb=verb).count() - len(simulated)
        assert done == given.count() > 0, verb

    run = ImportRun.objects.get()
    assert (run.created, run.rejected, run.state) == (len(year.acts), 0, "done")
    joined = Fact.objects.filter(community_id=community.id, verb="joined").count()
    assert joined == len(year.people)
    assert staging.stage(profile=SMALL, owner=owner, member=member, at=AT) is None
    assert Community.objects.count() == 1


def test_every_demo_community_has_doors_whose_costs_are_told():
    assert set(doors.DOORS) == {profile.slug for profile in PROFILES}
    for asked in doors.DOORS.values():
        assert sum(door.share for door in asked.links) < 0.8
