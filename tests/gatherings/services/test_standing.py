"""Once it is over, a gathering that stood was hosted: each of its hosts has done so, once."""

from datetime import timedelta

import pytest

from engagement.models import Fact
from gatherings.models import Event
from gatherings.services import events, standing
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
OVER = holding.THEN + timedelta(hours=2)


def hosted():
    rows = Fact.objects.filter(verb="hosted", retracted_at=None).order_by("member")
    return list(rows.values_list("member", "object_id", "occurred_at"))


def test_a_host_has_hosted_once_it_is_over():
    community = make.community()
    one, other = make.member(community), make.member(community)
    event = holding.event(community, host=one)
    event.hosts.create(membership=other, position=1)
    standing.sweep(at=OVER - timedelta(seconds=1))
    assert hosted() == []
    assert [standing.sweep(at=OVER), standing.sweep(at=OVER + timedelta(days=1))] == [1, 1]
    assert hosted() == [(member.number, str(event.key), OVER) for member in (one, other)]


def test_drafts_cancelled_and_imported_ones_were_not():
    community = make.community()
    member = make.member(community)
    holding.event(community, host=member, announced=False)
    events.cancel(event=holding.event(community, host=member), at=EARLY, by=SITE)
    Event.objects.filter(pk=holding.event(community, host=member).pk).update(external_id="x")
    assert (standing.sweep(at=OVER), hosted()) == (0, [])


def test_one_without_an_end_is_over_when_it_begins():
    community = make.community()
    event = holding.event(community, host=make.member(community), ends_at=None)
    standing.sweep(at=event.starts_at)
    assert [at for _member, _event, at in hosted()] == [event.starts_at]
