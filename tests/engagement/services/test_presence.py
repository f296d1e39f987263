import pytest
from django.core.cache import cache

from engagement.services import presence
from tests import make
from tests.engagement import stream
from tests.engagement.stream import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    cache.clear()
    return make.member(make.community(timezone="Asia/Shanghai"))


def visits(member):
    return [one for one in stream.stored(member.community) if one[1] == "visited"]


def test_a_member_visits_once_a_local_day(member):
    for when in ("03-02 15:59", "03-02 16:01", "03-03 15:59"):
        presence.note_visit(membership=member, at=at(when))
    assert visits(member) == [
        (member.number, "visited", at("03-02 15:59")),
        (member.number, "visited", at("03-02 16:01")),
    ]


def test_the_cache_only_saves_work(member):
    presence.note_visit(membership=member, at=at("03-02 10:00"))
    cache.clear()
    presence.note_visit(membership=member, at=at("03-02 11:00"))
    assert visits(member) == [(member.number, "visited", at("03-02 10:00"))]


def test_a_second_page_costs_no_query(member, django_assert_num_queries):
    presence.note_visit(membership=member, at=at("03-02 10:00"))
    with django_assert_num_queries(0):
        presence.note_visit(membership=member, at=at("03-02 11:00"))
