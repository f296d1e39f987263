"""What is to be paid, at the desk: each with what comes next, and how its member is reached."""

import pytest
from django.test import Client

from members.models import CustomField, Membership
from tests import make
from tests.commerce.dues import AT, invoice

pytestmark = pytest.mark.django_db
ROOM = "/c/lantern/desk/money/owed/"


@pytest.fixture
def community(db):
    made = make.community("lantern", owner=make.person("ada@example.org", name="Ada"), currency="CNY", at=AT)
    CustomField.objects.create(community=made, key="Mobile", name="Mobile", kind="phone")
    return made


@pytest.fixture
def desk(community):
    client = Client()
    client.force_login(community.founded_by, backend="django.contrib.auth.backends.ModelBackend")
    return client


def owing(community, **custom):
    member = make.member(community)
    Membership.objects.filter(pk=member.pk).update(custom=custom)
    invoice(member)


def test_a_member_who_gave_a_number_is_called_from_the_list(community, desk):
    owing(community, Mobile="+49 (30) 90-1820")
    assert 'href="tel:+4930901820">Call</a>' in desk.get(ROOM).content.decode()


@pytest.mark.parametrize(
    "custom", [{}, {"Mobile": ""}, {"Mobile": "ask me"}, {"Mobile": 7}, {"Other": "+49 30 901820"}]
)
def test_where_there_is_none_nobody_is_called(community, desk, custom):
    owing(community, **custom)
    page = desk.get(ROOM).content.decode()
    assert "1 invoice is open" in page and "tel:" not in page


def test_more_rows_ask_no_more(community, desk, django_assert_num_queries):
    desk.get(ROOM)
    for more in (1, 2):
        for _n in range(more):
            owing(community, Mobile="+49 30 901820")
        with django_assert_num_queries(8):
            desk.get(ROOM)
