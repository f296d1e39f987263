"""A demo community that lives on dues: some pay ahead, some late, one no more; the books are as even as anybody's."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from commerce.models import Invoice, Payment, ProviderAccount, Refund, Subscription
from crowdecon.demo import dues as demo_dues
from crowdecon.demo.fees import FEES
from members.models import Message
from tests import make
from tests.commerce.dues import guard

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_what_a_demo_community_lives_on():
    early = AT - timedelta(days=300)
    community = make.community("lantern", at=early)
    for _n in range(len(demo_dues.PAYERS)):
        make.member(community, at=early)
    demo_dues.begin(community=community, at=AT, random=Random(1))
    guard(community)
    stands = Counter(Subscription.objects.of(community.pk).values_list("status", "cause"))
    assert stands == {
        ("active", ""): 6,
        ("past_due", ""): 2,
        ("ended", "cancelled"): 1,
        ("ended", "payment_failed"): 1,
    }
    assert Invoice.objects.of(community.pk).unpaid().filter(due_on__lt=AT.date()).count() == 2
    assert Refund.objects.filter(community=community).count() == 1
    assert Payment.objects.of(community.pk).count() == 21
    assert not Message.objects.filter(community=community, kind__startswith="dues.").exists()
    assert ProviderAccount.objects.get(community=community).enabled


@pytest.mark.django_db
def test_the_others_ask_for_nothing():
    community = make.community("somewhere", at=AT)
    demo_dues.begin(community=community, at=AT, random=Random(1))
    assert (len(FEES), Subscription.objects.of(community.pk).count()) == (3, 0)
