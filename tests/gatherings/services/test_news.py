"""What changed or was called off is written by workers, some at a time, to whom it concerns, once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gatherings.models import News
from gatherings.services import events, news, seats, series
from gatherings.services.series import Scope
from members.models import Message
from members.services import mail
from tests import make
from tests.gatherings import holding
from tests.make import EARLY, SITE
from tests.security.races import together

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def community():
    return make.community()


def coming(event, many=1, at=EARLY):
    people = [make.member(event.community) for _n in range(many)]
    for member in people:
        seats.take(kind=holding.kind(event), member=member, at=at)
    return people


def readers(kind):
    rows = Message.objects.filter(kind=kind).order_by("membership")
    return list(rows.values_list("membership", flat=True))


@pytest.mark.parametrize("act", ["cancel", "change"])
def test_whoever_does_it_waits_for_as_much_with_thousands_as_with_one(community, act):
    def queries(many):
        event = holding.event(community)
        coming(event, many)
        fields = {"event": event, "at": LATER, "by": SITE}
        with CaptureQueriesContext(
            connection,
        ) as done:
            events.cancel(**fields) if act == "cancel" else events.change(**fields, venue="The barn")
        return len(done)

    assert queries(1) == queries(6)
    assert Message.objects.filter(kind__in=["event.cancelled", "event.changed"]).count() == 0


def test_they_are_told_some_at_a_time_and_a_worker_that_dies_is_gone_on_with(community, monkeypatch):
    monkeypatch.setattr(news, "BATCH", 2)
    event = holding.event(community)
    people = coming(event, 5)
    events.cancel(event=event, reason="Snow.", at=LATER, by=SITE)
    assert news._some(News.objects.get().pk) == 2
    assert readers("event.cancelled") == [one.pk for one in people[:2]]
    assert news.tell() == 3
    assert readers("event.cancelled") == [one.pk for one in people]
    assert (news.tell(), News.objects.count()) == (0, 0)


def test_who_has_not_heard_of_the_first_change_hears_of_the_last_alone(community):
    event = holding.event(community)
    coming(event)
    events.change(event=event, at=LATER, by=SITE, venue="The barn")
    events.change(event=event, at=LATER + DAY, by=SITE, venue="The mill")
    assert news.tell() == 1
    text = Message.objects.get(kind="event.changed").text
    assert "The mill" in text and "The barn" not in text


def test_who_came_after_the_change_knows_of_it(community):
    event = holding.event(community)
    events.change(event=event, at=LATER, by=SITE, venue="The barn")
    coming(event, at=LATER + DAY)
    assert (news.tell(), readers("event.changed")) == (0, [])


def test_of_several_of_a_series_one_hears_in_one_letter(community):
    event = holding.event(community, venue="The mill")
    begun = series.begin(event=event, rule="FREQ=WEEKLY;COUNT=6", at=EARLY, by=SITE)
    often, once = make.member(community), make.member(community)
    evenings = list(begun.events.order_by("starts_at"))
    for one in evenings[1:]:
        seats.take(kind=holding.kind(one), member=often, at=EARLY)
    seats.take(kind=holding.kind(evenings[2]), member=once, at=EARLY)
    series.cancel(event=evenings[1], scope=Scope.FOLLOWING, reason="Away.", at=LATER, by=SITE)
    assert (News.objects.count(), news.tell()) == (5, 2)
    texts = dict(Message.objects.filter(kind="event.cancelled").values_list("membership", "text"))
    assert "Monday, 19 January 2026" in texts[often.pk] and "and 2 more" in texts[often.pk]
    assert "Monday, 26 January 2026" in texts[once.pk] and "more" not in texts[once.pk]


def test_of_what_happened_elsewhere_long_ago_nobody_hears(community):
    event = holding.event(community)
    coming(event)
    with mail.withheld():
        events.change(event=event, at=LATER, by=SITE, venue="The barn")
    assert News.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_to_nobody_twice(community, monkeypatch):
    monkeypatch.setattr(news, "BATCH", 2)
    event = holding.event(community)
    people = coming(event, 5)
    events.cancel(event=event, at=LATER, by=SITE)
    together(news.tell, news.tell)
    news.tell()
    assert readers("event.cancelled") == [one.pk for one in people]
