"""At the door everybody comes once, and what was a slip leaves no trace in the figures."""

from datetime import timedelta

import pytest

from engagement.models import Fact
from gatherings.models import Attendance
from gatherings.services import door, events, seats
from kernel.errors import Refused
from members.models import AuditEntry
from members.roles import Role, Status
from tests import make
from tests.gatherings import holding
from tests.gatherings.services.test_events import acting, refused
from tests.make import SITE

pytestmark = pytest.mark.django_db
BEGINS = holding.THEN


@pytest.fixture
def community():
    return make.community()


def facts():
    rows = Fact.objects.filter(verb="attended", retracted_at=None).order_by("member")
    return list(rows.values_list("member", "target", "object_id", "occurred_at"))


def test_coming_twice_is_coming_once(community):
    host, staff, member = (
        make.member(community),
        make.member(community, role=Role.HOST),
        make.member(community),
    )
    event = holding.event(community, host=host)
    seats.take(kind=holding.kind(event), member=member, at=make.EARLY)
    first = door.check_in(event=event, member=member, at=BEGINS, by=acting(host))
    again = door.check_in(event=event, member=member, at=BEGINS + timedelta(1), by=acting(staff))
    assert (again.pk, again.came_at, again.seen_by, again.answer) == (first.pk, BEGINS, host, "yes")
    assert facts() == [(member.number, host.number, str(event.key), BEGINS)]
    door.check_in(event=event, member=host, at=BEGINS, by=acting(host))
    assert facts()[0] == (host.number, None, str(event.key), BEGINS)


def test_what_is_taken_back_is_no_fact_and_can_come_again(community):
    member = make.member(community)
    event = holding.event(community)
    door.check_in(event=event, member=member, at=BEGINS, by=SITE)
    row = door.undo(event=event, member=member, at=BEGINS, by=SITE)
    assert (row.came_at, row.seen_by, facts()) == (None, None, [])
    assert door.undo(event=event, member=member, at=BEGINS, by=SITE).came_at is None
    assert AuditEntry.objects.filter(action="event.came_undone").count() == 1
    later = BEGINS + timedelta(minutes=5)
    assert door.check_in(event=event, member=member, at=later, by=SITE).came_at == later
    assert facts() == [(member.number, None, str(event.key), later)]


def test_who_is_let_in_and_by_whom(community):
    member, other = make.member(community), make.member(community)
    event, draft = holding.event(community), holding.event(community, announced=False)
    moderator = make.member(community, role=Role.MODERATOR)
    come = {"member": member, "at": BEGINS}
    refused("not_allowed", door.check_in, event=event, by=acting(other), **come)
    refused("not_allowed", door.undo, event=event, by=acting(other), **come)
    refused("not_announced", door.check_in, event=draft, by=SITE, **come)
    early = BEGINS - door.OPENS - timedelta(seconds=1)
    refused("too_early", door.check_in, event=event, member=member, at=early, by=SITE)
    type(other).objects.filter(pk=other.pk).update(status=Status.REMOVED)
    refused("not_member", door.check_in, event=event, member=other, at=BEGINS, by=SITE)
    assert not Attendance.objects.exists() and facts() == []
    assert door.check_in(event=event, by=acting(moderator), **come).seen_by == moderator
    events.cancel(event=event, at=BEGINS, by=SITE)
    refused("not_announced", door.check_in, event=event, member=moderator, at=BEGINS, by=SITE)
    elsewhere = make.member(make.community())
    with pytest.raises((ValueError, Refused)):
        door.check_in(event=event, member=elsewhere, at=BEGINS, by=SITE)
