"""Two workers at one instant: what is earned on a day is posted once."""

from datetime import UTC, datetime
from functools import partial

import pytest

from commerce.models import Deferral, RecognitionDay, Subscription
from commerce.services import gifts, payments, recognition
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


def test_two_people_take_a_gift_and_one_has_it():
    community = make.community(currency="CNY")
    gift = dues.a_gift(make.member(community))
    people = [make.member(community) for _n in range(4)]
    came = together(
        *(partial(gifts.redeem, code=gift.code, membership=one, at=dues.AT, by=make.SITE) for one in people)
    )
    assert sorted(str(one) for one in came if isinstance(one, str)) == ["redeemed"] * 3
    gift.refresh_from_db()
    assert gift.redeemed_by in people
    assert Subscription.objects.filter(community=community).count() == 1
    assert Deferral.objects.filter(line__invoice__gift=gift).count() == 1
    dues.guard(community)
