"""Circles that members open, and who looks after a circle: what hosts may, and what only staff."""

import pytest

from communities.models import Circle, CircleMembership
from communities.services import circle_hosts, circle_requests, circles
from communities.services import settings as community_settings
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry, Message, Tier
from members.roles import Role
from members.services import standing
from tests import make
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    community = make.community("lantern")
    Circle.objects.of(community.pk).delete()
    return community_settings.update(community=community, at=EARLY, by=SITE, members_open_circles=True)


def acting(member) -> Actor:
    return Actor.person(member.user, member)


@pytest.fixture
def ada(community):
    return make.member(community, name="Ada")


@pytest.fixture
def bo(community):
    return make.member(community, name="Bo")


@pytest.fixture
def circle(community, ada):
    return own(community, ada)


def own(community, member, name="Night owls", **fields):
    return circle_hosts.open_own(community=community, name=name, at=EARLY, by=acting(member), **fields)


def refused(act, **told):
    with pytest.raises(Refused) as refusal:
        act(at=EARLY, **told)
    return refusal.value.code


def hosting():
    found = CircleMembership.objects.filter(is_host=True).order_by("membership__number")
    return list(found.values_list("circle__slug", "membership__name"))


def test_a_member_opens_a_circle_and_looks_after_it(community, ada, circle):
    assert (circle.slug, circle.kind, circle.minimum_tier, circle.position) == ("night-owls", "open", None, 0)
    assert hosting() == [("night-owls", "Ada")]
    entry = AuditEntry.objects.get(action="circle.opened")
    assert (entry.after, entry.actor) == ({"name": "Night owls", "description": "", "kind": "open"}, ada.user)


def test_where_staff_alone_open_circles_members_do_not(community, ada):
    community_settings.update(community=community, at=EARLY, by=SITE, members_open_circles=False)
    told = {"community": community, "name": "X"}
    assert refused(circle_hosts.open_own, **told, by=acting(ada)) == "staff_only"
    manager = make.member(community, role=Role.MANAGER)
    assert circle_hosts.open_own(**told, at=EARLY, by=acting(manager)).name == "X"


@pytest.mark.parametrize(("act", "reason"), [("pause", ""), ("suspend", ""), ("restrict", "x")])
def test_who_may_only_read_opens_none_and_looks_after_none(community, ada, circle, act, reason):
    ada = standing.act(act, membership=ada, at=EARLY, by=SITE, reason=reason)
    assert refused(circle_hosts.open_own, community=community, name="Y", by=acting(ada)) == "staff_only"
    assert refused(circles.update, circle=circle, name="Z", by=acting(ada)) == "no_longer_allowed"


def test_the_bounds_of_opening(community, ada, circle):
    told = {"community": community, "by": acting(ada)}
    assert refused(circle_hosts.open_own, name="Hush", kind="secret", **told) == "kind"
    assert refused(circle_hosts.open_own, name="NIGHT OWLS", **told) == "taken"
    for n in range(circle_hosts.MOST_HOSTED - 1):
        own(community, ada, f"Circle {n}")
    assert refused(circle_hosts.open_own, name="One more", **told) == "too_many"
    circles.archive(circle=circle, at=EARLY, by=acting(ada))
    assert own(community, ada, "One more").position == circle_hosts.MOST_HOSTED


def test_a_host_changes_words_and_kind_and_nothing_that_is_of_the_staff(community, ada, bo, circle):
    told = {"circle": circle, "by": acting(ada)}
    changed = circles.update(name="Owls", description="Late", kind="closed", at=EARLY, **told)
    assert (changed.name, changed.description, changed.kind) == ("Owls", "Late", "closed")
    tier = Tier.objects.of(community.pk).first()
    assert refused(circles.update, minimum_tier=tier, **told) == "staff_only"
    assert refused(circles.update, kind="secret", **told) == "staff_only"
    assert refused(circles.reopen, **told) == "no_longer_allowed"
    assert refused(circles.move, down=True, **told) == "no_longer_allowed"
    assert refused(circles.put_in, membership=bo, **told) == "no_longer_allowed"
    assert refused(circles.update, circle=circle, name="Mine", by=acting(bo)) == "no_longer_allowed"
    other = circles.create(community=community, name="Other", at=EARLY, by=SITE)
    assert refused(circles.update, circle=other, name="Mine", by=acting(ada)) == "no_longer_allowed"


def test_hosts_make_hosts_and_step_down_and_staff_end_it(community, ada, bo, circle):
    told = {"circle": circle, "membership": bo}
    assert refused(circle_hosts.appoint, **told, by=acting(ada)) == "not_in_it"
    circles.join(circle=circle, membership=bo, at=EARLY)
    assert refused(circle_hosts.appoint, **told, by=acting(bo)) == "no_longer_allowed"
    for _twice in range(2):
        circle_hosts.appoint(**told, at=EARLY, by=acting(ada))
    assert hosting() == [("night-owls", "Ada"), ("night-owls", "Bo")]
    assert AuditEntry.objects.filter(action="circle.host_appointed").count() == 1
    assert Message.objects.filter(membership=bo, kind="circle.host").count() == 1
    assert refused(circle_hosts.dismiss, circle=circle, membership=ada, by=acting(bo)) == "staff_only"
    assert refused(circles.take_out, circle=circle, membership=ada, by=acting(bo)) == "host"
    circle_hosts.dismiss(circle=circle, membership=ada, at=EARLY, by=acting(ada))
    circle_hosts.dismiss(**told, at=EARLY, by=SITE)
    assert hosting() == []
    assert refused(circles.update, circle=circle, name="X", by=acting(ada)) == "no_longer_allowed"


def test_a_circle_has_so_many_hosts_and_no_more(community, ada, circle):
    for n in range(circle_hosts.MOST_HOSTS):
        member = make.member(community)
        circles.join(circle=circle, membership=member, at=EARLY)
        told = {"circle": circle, "membership": member, "by": acting(ada)}
        if n == circle_hosts.MOST_HOSTS - 1:
            assert refused(circle_hosts.appoint, **told) == "too_many"
        else:
            circle_hosts.appoint(at=EARLY, **told)
    assert len(hosting()) == circle_hosts.MOST_HOSTS


def test_hosts_answer_who_asks_and_take_out_who_is_in(community, ada, bo):
    closed = own(community, ada, "Closed", kind="closed")
    asked = circle_requests.ask(circle=closed, membership=bo, at=EARLY, note="Please")
    assert Message.objects.filter(membership=ada, kind="circle.asked").count() == 1
    other = make.member(community)
    assert (
        refused(circle_requests.decide, request=asked, approve=True, by=acting(other)) == "no_longer_allowed"
    )
    circle_requests.decide(request=asked, approve=True, at=EARLY, by=acting(ada))
    assert closed.circle_memberships.filter(membership=bo).exists()
    circles.take_out(circle=closed, membership=bo, at=EARLY, by=acting(ada))
    assert not closed.circle_memberships.filter(membership=bo).exists()


def test_who_leaves_a_circle_hosts_it_no_more(community, ada, circle):
    circles.leave(circle=circle, membership=ada)
    circles.join(circle=circle, membership=ada, at=EARLY)
    assert hosting() == []
