import pytest
from django.db import transaction

from kernel import activity
from kernel.activity import Activity
from tests.make import EARLY


@pytest.fixture
def order(monkeypatch):
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(activity, "_subscribers", [])
    for name in ("first", "second"):
        activity.subscribe(lambda facts, name=name: called.append((name, len(facts))))
    return called


@pytest.mark.django_db
def test_subscribers_hear_in_order_and_once_per_publishing(order):
    fact = Activity(community_id=1, member=1, verb="posted", at=EARLY)
    activity.publish(fact, fact)
    assert order == [("first", 2), ("second", 2)]


@pytest.mark.django_db
def test_an_unknown_verb_is_a_programming_error(order):
    with pytest.raises(ValueError, match="'danced'"):
        activity.publish(Activity(community_id=1, member=1, verb="danced", at=EARLY))
    assert order == []


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_a_programming_error(order):
    with pytest.raises(RuntimeError):
        activity.publish(Activity(community_id=1, member=1, verb="posted", at=EARLY))
    with transaction.atomic():
        activity.publish(Activity(community_id=1, member=1, verb="posted", at=EARLY))
    assert order == [("first", 1), ("second", 1)]


def test_the_verbs_are_those_of_the_design():
    assert len(activity.VERBS) == 32
    assert len(activity.ACTS) == 21
    assert activity.CONTRIBUTIONS < activity.ACTS
