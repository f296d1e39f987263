"""What the weekly digest tells of gatherings: the next ones that its reader may come to, in one question."""

from datetime import timedelta

import pytest

from communities.services import circles
from gatherings.services import events
from gatherings.week import next_ones
from kernel.digests import Week
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
THIS = {"starts_at": EARLY + timedelta(hours=12), "ends_at": None}


def of(community):
    return next_ones(Week(community, EARLY - WEEK, EARLY))


def test_the_next_that_one_may_come_to(django_assert_num_queries):
    community = make.community()
    one, other = make.member(community), make.member(community)
    circle = circles.create(community=community, name="Shut", kind="closed", at=EARLY, by=SITE)
    circles.put_in(circle=circle, membership=other, at=EARLY, by=SITE)
    holding.event(community, title="Supper", city="Basel", **THIS)
    holding.event(community, title="For some", circle=circle, **THIS)
    holding.event(community, title="Draft", announced=False, **THIS)
    holding.event(community, title="Too far", starts_at=EARLY + 2 * WEEK, ends_at=None)
    events.cancel(event=holding.event(community, title="Off", **THIS), at=EARLY, by=SITE)
    told = of(community)
    with django_assert_num_queries(1):
        found = told(one)
    assert found.title == "Coming up"
    assert [line.text for line in found.lines] == ["Supper, Monday, 5 January 2026, 21:00, Basel"]
    assert [line.text.split(",")[0] for line in told(other).lines] == ["Supper", "For some"]


def test_where_nothing_is_to_come_there_is_nothing_to_tell(django_assert_num_queries):
    community = make.community()
    member = make.member(community)
    told = of(community)
    with django_assert_num_queries(0):
        assert told(member) is None
