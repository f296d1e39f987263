"""What comes again is written ahead, changed one by one, from one on or all together, and what was stays as it was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gatherings.models import Event, Series, Ticket
from gatherings.services import events, seats, series
from kernel.errors import Refused
from members.actors import Actor
from members.roles import Role, Status
from tests import make
from tests.gatherings import holding
from tests.make import SITE

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
#: A Thursday, a week before summer time begins.
FIRST = datetime(2026, 3, 19, 19, tzinfo=BERLIN)
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def community():
    return make.community(timezone="Europe/Berlin")


def weekly(community, rule="FREQ=WEEKLY;COUNT=4", **fields):
    """Four Thursdays, announced."""
    values = {"starts_at": FIRST, "ends_at": FIRST + timedelta(hours=2), "at": AT} | fields
    event = holding.event(community, **values)
    series.begin(event=event, rule=rule, at=AT, by=SITE)
    event.refresh_from_db()
    return event


def walls(**narrowed):
    rows = Event.objects.filter(**narrowed).order_by("starts_at")
    return [f"{one.starts_at.astimezone(BERLIN):%m-%d %H:%M} {one.state}" for one in rows]


def nth(n):
    return Event.objects.order_by("occurrence")[n]


def refused(code, work, **named):
    with pytest.raises(Refused) as refusal:
        work(**named)
    assert refusal.value.code == code


def test_they_are_written_with_rooms_kinds_hosts_and_questions(community):
    host = make.member(community, role=Role.HOST)
    gone = make.member(community, role=Role.HOST)
    event = holding.event(
        community,
        host=host,
        starts_at=FIRST,
        ends_at=FIRST + timedelta(hours=2),
        at=AT,
        places=12,
        announced=False,
    )
    event.hosts.create(membership=gone, position=1)
    type(gone).objects.filter(pk=gone.pk).update(status=Status.LEFT)
    event.questions.create(position=0, text="What do you bring?", required=True)
    series.begin(event=event, rule="FREQ=WEEKLY;COUNT=3", at=AT, by=SITE)
    assert walls() == ["03-19 19:00 draft", "03-26 19:00 draft", "04-02 19:00 draft"]
    last = nth(2)
    assert (last.ends_at - last.starts_at, last.occurrence) == (timedelta(hours=2), last.starts_at)
    assert [(room.way, room.capacity) for room in last.rooms.all()] == [("in_person", 12)]
    assert [(kind.room, kind.price) for kind in last.kinds.all()] == [(last.rooms.get(), 0)]
    assert [one.membership for one in last.hosts.all()] == [host]
    assert [(one.text, one.required) for one in last.questions.all()] == [("What do you bring?", True)]
    events.publish(event=event, at=AT, by=SITE)
    assert walls() == ["03-19 19:00 published", "03-26 19:00 published", "04-02 19:00 published"]


def test_written_on_by_the_sweep_and_never_twice(community):
    event = weekly(community, "FREQ=WEEKLY")
    written = Event.objects.count()
    assert written == 51 and series.write_on(series=event.series, at=AT) == 0
    assert series.write_on(series=event.series, at=AT + timedelta(days=14)) == 2
    assert (Event.objects.count(), Event.objects.values("starts_at").distinct().count()) == (53, 53)


def test_all_that_come_into_sight_are_written_on_and_those_that_ended_are_not(community):
    weekly(community, "FREQ=WEEKLY"), weekly(community, "FREQ=WEEKLY;COUNT=2")
    assert series.write_all_on(at=AT) == 0
    assert series.write_all_on(at=AT + timedelta(days=14)) == 2
    assert series.write_all_on(at=AT + timedelta(days=14)) == 0


def test_no_more_than_so_many_stand_before_us(community, monkeypatch):
    monkeypatch.setattr(series, "MOST", 5)
    event = weekly(community, "FREQ=DAILY")
    assert Event.objects.count() == 5
    later = FIRST + timedelta(days=2, hours=1)
    assert series.write_on(series=event.series, at=later) == 3
    days = [one.starts_at.astimezone(BERLIN).date() for one in Event.objects.order_by("starts_at")]
    assert days == [FIRST.date() + timedelta(days=n) for n in range(8)]


def test_one_is_changed_by_itself_and_left_alone_later(community):
    weekly(community)
    second = nth(1)
    series.change(
        event=second,
        scope="one",
        at=AT,
        by=SITE,
        title="With a guest",
        ends_at=None,
        starts_at=FIRST + timedelta(days=8),
    )
    series.change(event=nth(0), scope="all", at=AT, by=SITE, title="Supper club")
    assert list(Event.objects.order_by("occurrence").values_list("title", "is_apart")) == [
        ("Supper club", False), ("With a guest", True), ("Supper club", False), ("Supper club", False),
    ]  # fmt: skip
    assert walls()[1] == "03-27 19:00 published"


def test_the_hour_moves_for_those_after_it_on_the_wall_s_clock(community):
    event = weekly(community)
    third = nth(2)
    later = {
        "starts_at": third.starts_at + timedelta(minutes=30),
        "ends_at": third.starts_at + timedelta(hours=3),
    }
    series.change(event=third, scope="following", at=AT, by=SITE, **later)
    assert walls() == [
        "03-19 19:00 published", "03-26 19:00 published", "04-02 19:30 published", "04-09 19:30 published",
    ]  # fmt: skip
    assert sorted(Series.objects.values_list("rule", flat=True)) == [
        "FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;UNTIL=20260402T165959Z",
    ]  # fmt: skip
    assert [one.occurrence == one.starts_at for one in Event.objects.all()] == [True] * 4
    event.series.refresh_from_db()
    for one in Series.objects.all():
        assert series.write_on(series=one, at=AT + timedelta(days=40)) == 0


def test_all_to_come_leaves_what_was(community):
    weekly(community)
    moment = FIRST + timedelta(days=8)
    series.change(event=nth(3), scope="all", at=moment, by=SITE, venue="The new room")
    assert list(Event.objects.order_by("occurrence").values_list("venue", flat=True)) == [
        "", "", "The new room", "The new room",
    ]  # fmt: skip


def test_the_day_of_several_is_the_rule_s_to_move(community):
    event = weekly(community)
    day = timedelta(days=1)
    refused(
        "day", series.change, event=event, scope="all", at=AT, by=SITE, starts_at=FIRST + day,
        ends_at=FIRST + day + timedelta(hours=2),
    )  # fmt: skip
    assert walls()[0] == "03-19 19:00 published"


def test_another_rule_from_one_on_cancels_what_it_has_not(community):
    weekly(community)
    member, second = make.member(community), nth(1)
    ticket = seats.take(kind=holding.kind(nth(2)), member=member, at=AT)
    series.change_rule(event=second, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=2", at=AT, by=SITE)
    assert walls() == [
        "03-19 19:00 published", "03-26 19:00 published", "04-02 19:00 cancelled", "04-09 19:00 published",
    ]  # fmt: skip
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.CANCELLED


def test_those_after_one_are_cancelled_and_none_come_again(community):
    weekly(community, "FREQ=WEEKLY")
    assert series.cancel(event=nth(2), scope="following", reason="Summer.", at=AT, by=SITE) == 49
    assert walls(state="published") == ["03-19 19:00 published", "03-26 19:00 published"]
    for one in Series.objects.all():
        assert series.write_on(series=one, at=AT + timedelta(days=60)) == 0


def test_drafts_that_nobody_knows_of_are_gone(community):
    event = weekly(community, announced=False)
    assert series.cancel(event=event, scope="all", at=AT, by=SITE) == 4
    assert not Event.objects.exists()


def test_what_cannot_come_again(community):
    event = holding.event(community, starts_at=FIRST, ends_at=None, at=AT)
    refused("rule", series.begin, event=event, rule="FREQ=HOURLY", at=AT, by=SITE)
    refused("first", series.begin, event=event, rule="FREQ=WEEKLY;BYDAY=MO", at=AT, by=SITE)
    refused("no_series", series.cancel, event=event, scope="all", at=AT, by=SITE)
    member = make.member(community)
    who = Actor.person(member.user, member)
    refused("not_allowed", series.begin, event=event, rule="FREQ=WEEKLY", at=AT, by=who)
    series.begin(event=event, rule="FREQ=WEEKLY;COUNT=2", at=AT, by=SITE)
    event.refresh_from_db()
    refused("series", series.begin, event=event, rule="FREQ=WEEKLY", at=AT, by=SITE)
    refused("not_allowed", series.cancel, event=event, scope="all", at=AT, by=who)
    refused("over", series.cancel, event=event, scope="following", at=FIRST, by=SITE)
    assert Event.objects.filter(state="published").count() == 2
