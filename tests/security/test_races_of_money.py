"""Two workers at one instant: what is earned on a day is posted once."""

from datetime import UTC, datetime
from functools import partial

import pytest

from commerce.models import Deferral, RecognitionDay
from commerce.services import payments, recognition
from tests import make
from tests.commerce import dues
from tests.security.races import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_workers_post_a_day_once():
    community = make.community(currency="CNY")
    for _n in range(3):
        asked = dues.invoice(make.member(community))
        payments.receive(
            invoice=asked, community=community, money=asked.due, method="bank",
            paid_at=dues.AT, at=dues.AT, by=make.SITE,
        )  # fmt: skip
    for day, new in ((4, 2), (6, 2), (9, 3)):
        work = partial(recognition.recognise, community=community, at=datetime(2026, 3, day, 12, tzinfo=UTC))
        assert sum(together(*[work] * 4)) == new
    days = RecognitionDay.objects.order_by("day")
    assert [str(one.day) for one in days] == [f"2026-03-0{n}" for n in range(2, 9)]
    earned = 3 * (12_000 * 8 // 31)
    assert (
        sum(one.revenue for one in days)
        == earned
        == sum(Deferral.objects.values_list("recognised", flat=True))
    )
    assert dues.balances(community)["revenue"] == -earned
    dues.guard(community)
