from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from engagement.models import Fact
from engagement.services import bulk, facts
from kernel import activity, clock
from kernel.activity import Activity
from kernel.errors import Refused
from members.models import AuditEntry
from tests import make
from tests.engagement import stream
from tests.engagement.stream import at, row

pytestmark = pytest.mark.django_db
BATCH = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def community():
    return make.community()


def tell(community, member, verb, when, **more):
    activity.publish(Activity(community_id=community.pk, member=member, verb=verb, at=when, **more))


# --- one by one ---------------------------------------------------------------------------------------


def test_what_is_published_becomes_a_fact_and_a_dirty_day(community):
    before = len(stream.dirty(community))
    tell(
        community, 1, "posted", at("03-02 23:30"), target=2, object_kind="post", object_id="7",
        circle_id=3, value=Decimal("1.50"), staff=True,
    )  # fmt: skip
    fact = Fact.objects.of(community.pk).get(verb="posted")
    assert (fact.member, fact.target, fact.object_kind, fact.object_id) == (1, 2, "post", "7")
    assert (fact.circle_id, fact.value, fact.staff, fact.batch) == (3, Decimal("1.50"), True, None)
    assert (fact.occurred_at, str(fact.utc_day)) == (at("03-02 23:30"), "2026-03-02")
    assert stream.dirty(community)[before:] == [(at("03-02 23:30"), at("03-02 23:30"))]


def test_a_fact_and_its_dirty_day_take_one_query(community):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        tell(community, 1, "posted", at("03-02 10:00"))
    assert len(queries) == 1


def test_what_is_published_twice_is_one_fact(community):
    tell(community, 1, "posted", at("03-02 10:00"), dedupe="post:7")
    before = stream.dirty(community)
    tell(community, 2, "asked", at("03-04 10:00"), dedupe="post:7")
    assert stream.stored(community) == [(1, "posted", at("03-02 10:00"))]
    assert stream.dirty(community) == before


def test_the_same_name_in_another_community_is_another_fact(community):
    other = make.community()
    tell(community, 1, "posted", at("03-02 10:00"), dedupe="post:7")
    tell(other, 1, "posted", at("03-02 10:00"), dedupe="post:7")
    assert stream.stored(other) == [(1, "posted", at("03-02 10:00"))]


def test_facts_of_one_transaction_appear_together_or_not_at_all(community):
    before = stream.dirty(community)
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(community, 1, "posted", at("03-02 10:00"))
        raise RuntimeError
    assert stream.stored(community) == []
    assert stream.dirty(community) == before


def test_many_published_at_once_are_the_same_facts(community):
    told = [
        Activity(
            community_id=community.pk,
            member=n % 7 + 1,
            verb="read",
            at=at("03-02 10:00") + timedelta(minutes=n),
        )
        for n in range(facts.MANY + 5)
    ]
    activity.publish(*told)
    activity.publish(*told[:3])
    assert stream.stored(community) == [(one.member, "read", one.at) for one in told]


def test_a_fact_may_lie_one_day_ahead_and_no_more(community):
    now = clock.now()
    tell(community, 1, "posted", now + timedelta(hours=23))
    with pytest.raises(Refused, match="in the future") as refusal:
        tell(community, 1, "posted", now + timedelta(hours=25))
    assert (refusal.value.code, refusal.value.field) == ("future", "occurred_at")
    assert len(stream.stored(community)) == 1


# --- in bulk ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "code"), [(1899, "too_old"), (2999, "future")])
def test_one_row_of_an_impossible_year_refuses_all_of_the_load(community, year, code):
    wrong = row(2, "read", "03-03 11:00")
    wrong = wrong._replace(at=wrong.at.replace(year=year))
    with pytest.raises(Refused) as refusal:
        stream.load(community, row(1, "posted", "03-02 10:00"), wrong)
    assert (refusal.value.code, stream.stored(community)) == (code, [])


def test_loading_tells_new_rows_from_repeated_and_known_ones(community):
    first = stream.load(community, row(1, "posted", "03-02 10:00"), row(2, "read", "03-03 11:00"))
    again = stream.load(
        community,
        row(2, "read", "03-03 11:00"),
        row(3, "read", "03-04 12:00"),
        row(3, "read", "03-04 12:00"),
        row(1, "posted", "03-02 10:00"),
        row(1, "posted", "03-02 10:00", target=2),
    )
    assert (first.inserted, first.duplicates) == (2, [])
    assert (again.inserted, again.duplicates, again.duplicate) == (2, [0, 2, 3], 3)
    assert stream.stored(community) == [
        (1, "posted", at("03-02 10:00")),
        (1, "posted", at("03-02 10:00")),
        (2, "read", at("03-03 11:00")),
        (3, "read", at("03-04 12:00")),
    ]


def test_a_named_row_is_known_by_its_name_alone(community):
    loaded = stream.load(
        community,
        row(1, "posted", "03-02 10:00", dedupe="a"),
        row(2, "read", "03-03 10:00", dedupe="a"),
        row(1, "posted", "03-02 10:00", dedupe="b"),
        row(1, "posted", "03-02 10:00"),
    )
    assert (loaded.inserted, loaded.duplicates) == (3, [1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            row(1, "paid", "03-02 10:00", value=Decimal("1.5")),
            row(1, "paid", "03-02 10:00", value=Decimal("1.50")),
            True,
        ),
        (row(1, "paid", "03-02 10:00", value=Decimal(0)), row(1, "paid", "03-02 10:00"), False),
        (row(1, "read", "03-02 10:00", staff=True), row(1, "read", "03-02 10:00"), True),
        (row(1, "read", "03-02 10:00+02:00"[:11]), row(1, "read", "03-02 10:01"), False),
        (row(1, "read", "03-02 10:00", circle_id=1), row(1, "read", "03-02 10:00"), False),
        (
            row(1, "read", "03-02 10:00", object_kind="post", object_id="1"),
            row(1, "read", "03-02 10:00", object_kind="post", object_id="2"),
            False,
        ),
    ],
)
def test_when_two_unnamed_rows_are_one(community, one, other, same):
    assert stream.load(community, one, other).duplicates == ([1] if same else [])


def test_bulk_and_bus_agree_on_what_is_the_same(community):
    tell(community, 1, "posted", at("03-02 10:00"), target=2, value=Decimal("2.00"))
    assert stream.load(community, row(1, "posted", "03-02 10:00", 2, value=Decimal(2))).duplicates == [0]


def test_rows_keep_every_character(community):
    odd = "tab\there \\ back\nnew\rline ✓ 会员 \\N"
    stream.load(community, row(1, "posted", "03-02 10:00", object_kind="post", object_id=odd))
    assert Fact.objects.of(community.pk).get(verb="posted").object_id == odd


def test_chunks_know_one_another(community, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 3)
    rows = [row(n, "read", "03-02 10:00") for n in (1, 2, 3, 4, 2, 5, 6, 7, 1)]
    loaded = stream.load(community, *rows)
    assert (loaded.inserted, loaded.duplicates) == (7, [4, 8])


@pytest.mark.parametrize(
    ("bad", "error"),
    [(row(1, "read", "03-11 12:01"), Refused), (row(1, "danced", "03-02 10:00"), ValueError)],
)
def test_a_row_that_cannot_be_refuses_the_load_whole(community, bad, error):
    before = stream.dirty(community)
    with pytest.raises(error):
        stream.load(community, row(1, "read", "03-02 10:00"), bad)
    assert stream.stored(community) == []
    assert stream.dirty(community) == before


def test_loading_logs_the_hours_it_touched_and_only_of_new_rows(community):
    before = len(stream.dirty(community))
    stream.load(
        community, row(1, "read", "03-02 10:10"), row(1, "read", "03-03 07:50"), row(1, "read", "03-07 01:00")
    )
    stream.load(community, row(1, "read", "03-02 10:10"))
    microsecond = timedelta(microseconds=1)
    assert stream.dirty(community)[before:] == [
        (at("03-02 10:00"), at("03-03 08:00") - microsecond),
        (at("03-07 01:00"), at("03-07 02:00") - microsecond),
    ]


# --- retraction ---------------------------------------------------------------------------------------


def test_a_batch_is_retracted_audited_and_dirties_its_days(community):
    stream.load(community, row(1, "read", "03-02 10:10"), batch=BATCH)
    stream.load(community, row(2, "read", "03-02 10:20"))
    before = len(stream.dirty(community))
    count = facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW)
    assert count == 1
    assert stream.stored(community) == [(2, "read", at("03-02 10:20"))]
    assert stream.dirty(community)[before:] == [
        (at("03-02 10:00"), at("03-02 11:00") - timedelta(microseconds=1))
    ]
    entry = AuditEntry.objects.get(action="facts.retracted")
    assert (entry.object_id, entry.after, entry.actor_words) == (str(BATCH), {"facts": 1}, "tests")


def test_retracting_again_finds_nothing(community):
    stream.load(community, row(1, "read", "03-02 10:10"), batch=BATCH)
    facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW)
    assert facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW) == 0


def test_another_community_s_batch_is_not_touched(community):
    other = make.community()
    stream.load(other, row(1, "read", "03-02 10:10"), batch=BATCH)
    assert facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW) == 0
    assert len(stream.stored(other)) == 1


def test_what_was_retracted_can_come_in_again(community):
    stream.load(community, row(1, "read", "03-02 10:10", dedupe="a"), batch=BATCH)
    facts.retract(community_id=community.pk, batch=BATCH, by=make.SITE, at=stream.NOW)
    assert stream.load(community, row(1, "posted", "03-02 10:10", dedupe="a")).duplicates == []
    assert stream.stored(community) == [(1, "posted", at("03-02 10:10"))]
