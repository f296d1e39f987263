import pytest
from django.db import DatabaseError, transaction

from engagement.models import Fact
from tests import make
from tests.engagement import stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def fact():
    community = make.community()
    stream.load(community, stream.row(1, "posted", "03-02 10:00"))
    return Fact.objects.of(community.pk).get(verb="posted")


def same(fact):
    """The fact by all but its identity, which a retracted one gives up."""
    return Fact.objects.of(fact.community_id).filter(verb="posted")


@pytest.mark.parametrize(
    "change",
    [
        {"member": 2},
        {"verb": "read"},
        {"occurred_at": stream.at("03-03 10:00")},
        {"target": 2},
        {"value": 1},
        {"staff": True},
        {"utc_day": "2026-03-03"},
        {"dedupe": "00000000-0000-0000-0000-000000000000"},
        {"batch": "00000000-0000-0000-0000-000000000000"},
        {"retracted_at": stream.NOW, "member": 2},
    ],
)
def test_a_fact_is_never_changed(fact, change):
    before = same(fact).values().get()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        same(fact).update(**change)
    assert same(fact).values().get() == before


def test_a_fact_is_never_deleted(fact):
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        same(fact).delete()
    assert same(fact).count() == 1


def test_a_fact_can_be_retracted_once_and_stays_so(fact):
    same(fact).update(retracted_at=stream.NOW)
    for later in (None, stream.at("03-11 10:00")):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            same(fact).update(retracted_at=later)
    assert same(fact).get().retracted_at == stream.NOW
    assert not Fact.objects.of(fact.community_id).valid().filter(verb="posted").exists()
