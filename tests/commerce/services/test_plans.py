"""Plans and coupons: made by who may, refused where they do not fit, their prices fixed, each coupon used once."""

from datetime import timedelta

import pytest

from commerce.models import Coupon, Plan
from commerce.services import coupons, plans, subscriptions
from kernel import dues
from kernel.errors import Refused
from members.actors import Actor
from members.models import AuditEntry
from members.services import tiers
from tests import make
from tests.commerce.dues import AT, SITE, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return make.community(currency="CNY")


@pytest.fixture
def member(community):
    return make.member(community, name="Mei")


def made(community, **fields):
    given = {
        "community": community, "tier": community.tiers.get(is_default=True), "name": "Gold", "amount": 36_500,
        "currency": "CNY", "interval": "year", "at": AT, "by": SITE,
    }  # fmt: skip
    return plans.create(**(given | fields))


def refusal(act, *args, **fields):
    with pytest.raises(Refused) as no:
        act(*args, **fields)
    return no.value.code, no.value.field


def test_a_plan_gives_its_tier_dues(community):
    tier = community.tiers.get(is_default=True)
    assert dues.asked(tier.pk) is False
    gold = made(community, trial_days=7)
    assert (gold.price.amount, gold.trial_days, dues.asked(tier.pk)) == (36_500, 7, True)
    plans.archive(plan=gold, at=AT, by=SITE)
    assert dues.asked(tier.pk) is False
    acts = AuditEntry.objects.filter(object_kind="plan").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["plan.created", "plan.archived"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, ("required", "name")),
        ({"amount": -1}, ("amount", "amount")),
        ({"currency": "XYZ"}, ("unknown", "currency")),
        ({"interval": "week"}, ("unknown", "interval")),
        ({"interval": "once"}, ("days", "length_days")),
        ({"length_days": 30}, ("days", "length_days")),
        ({"grace_days": 31}, ("days", "grace_days")),
        ({"trial_days": 400}, ("days", "trial_days")),
        ({"tax_rate": 10_001}, ("range", "tax_rate")),
    ],
)
def test_what_does_not_fit_is_refused(community, fields, said):
    assert refusal(made, community, **fields) == said
    assert not Plan.objects.exists()


def test_words_change_and_the_price_does_not(community):
    gold = plans.change(plan=made(community), name="Goldener", grace_days=5, at=AT, by=SITE)
    assert (gold.name, gold.grace_days) == ("Goldener", 5)
    with pytest.raises(ValueError):
        plans.change(plan=gold, amount=1, at=AT, by=SITE)


def test_a_member_makes_none(community, member):
    by = Actor.person(member.user, member)
    assert refusal(made, community, by=by) == ("no_longer_allowed", "")
    assert refusal(coupons.create, community=community, code="HI", percent=100, at=AT, by=by)[0] == (
        "no_longer_allowed"
    )
    assert (Plan.objects.count(), Coupon.objects.count()) == (0, 0)


def test_hidden_tiers_are_offered_to_who_is_in_them(community, member):
    hidden = tiers.create(community=community, name="Circle", visible=False, at=AT, by=SITE)
    open_plan, inner = plan(community), plan(community, tier=hidden, name="Inner")
    assert list(plans.offered_to(member)) == [open_plan]
    member.tier = hidden
    assert list(plans.offered_to(member)) == [open_plan, inner]


def coupon(community, code="spring", **fields):
    return coupons.create(
        **({"community": community, "code": code, "percent": 1500, "at": AT, "by": SITE} | fields)
    )


def test_a_coupon_reads_the_same_in_capitals_and_once(community, member):
    spring = coupon(community)
    assert spring.code == "SPRING"
    assert refusal(coupon, community, "Spring") == ("taken", "code")
    found = coupons.judge(code=" sprinG ", plan=plan(community), membership=member, at=AT)
    assert found == spring
    assert coupons.judge(code=" ", plan=plan(community), membership=member, at=AT) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"percent": None}, ("both", "percent")),
        ({"amount": 5, "currency": "CNY"}, ("both", "percent")),
        ({"percent": 10_001}, ("range", "percent")),
        ({"code": "a b"}, ("code", "code")),
        ({"periods": 0}, ("range", "periods")),
        ({"expires_at": AT}, ("past", "expires_at")),
    ],
)
def test_a_coupon_that_does_not_fit(community, fields, said):
    assert refusal(coupon, community, **fields) == said
    assert not Coupon.objects.exists()


def test_why_a_coupon_does_not_help(community, member):
    monthly, other = plan(community), plan(community, name="Other")
    coupon(community, "OTHER", plans=[other])
    coupon(community, "LATE", expires_at=AT + timedelta(days=1))
    coupon(community, "EURO", percent=None, amount=100, currency="EUR")
    coupons.end(coupon=coupon(community, "OVER"), at=AT, by=SITE)
    for code, why in (
        ("NONE", "unknown"),
        ("OVER", "unknown"),
        ("OTHER", "other_plan"),
        ("EURO", "currency"),
    ):
        asked = {"code": code, "plan": monthly, "membership": member, "at": AT}
        assert refusal(coupons.judge, **asked) == (why, "coupon")
    asked = {"code": "LATE", "plan": monthly, "membership": member}
    assert refusal(coupons.judge, at=AT + timedelta(days=1), **asked) == ("expired", "coupon")


def test_the_last_use_goes_to_one(community, member):
    coupon(community, limit=1)
    monthly, second = plan(community), make.member(community)
    first = subscriptions.subscribe(membership=member, plan=monthly, coupon="SPRING", at=AT, by=SITE)
    assert [line.gross for line in first.invoices.get().lines.all()] == [12_000, -1_800]
    taken = {"membership": second, "plan": monthly, "coupon": "SPRING", "at": AT, "by": SITE}
    assert refusal(subscriptions.subscribe, **taken) == ("used_up", "coupon")
    # Who never paid has not used it.
    subscriptions.cancel(subscription=first, at=AT, by=SITE)
    assert subscriptions.subscribe(**taken).invoices.get().gross == 10_200
