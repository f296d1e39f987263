"""Gifts, rewards and plans free of charge by the API."""

import pytest

from commerce.models import Gift, Payment, ReferralReward, Refund, Subscription
from commerce.services import gifts, payments
from members.actors import Actor
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.api import where
from tests.commerce import dues

pytestmark = pytest.mark.django_db

JAN = {"recipient_name": "Jan", "recipient_email": "jan@example.org", "message": "See you"}


@pytest.fixture
def community():
    return make.community(currency="CNY")


@pytest.fixture
def giver(community):
    return make.member(community, name="Mei")


@pytest.fixture
def program(community):
    return api.Program(community)


def browser(member):
    """What a signed-in member sends and reads."""
    client = api.browser(member.user)
    client.handler.enforce_csrf_checks = False
    root = f"/api/v1/communities/{member.community.slug}/"

    class Told:
        def get(self, path):
            return client.get(root + path)

        def post(self, path, body=None, **headers):
            return client.post(root + path, body or {}, content_type="application/json", headers=headers)

    return Told()


@pytest.fixture
def given(community, giver):
    """A gift that is ordered and not paid for."""
    plan = dues.plan(community, 3_000)
    made = browser(giver).post("gifts/", {"plan": str(plan.key), "periods": 2} | JAN)
    assert made.status_code == 201
    return Gift.objects.get(key=made.json()["key"])


def pay(gift):
    bill = gift.invoice
    payments.receive(
        invoice=bill, community=bill.community, money=bill.due, method="bank", paid_at=make.EARLY,
        at=make.EARLY, by=dues.SITE,
    )  # fmt: skip
    Gift.objects.filter(pk=gift.pk).update(expires_at="2100-01-01T00:00:00Z")
    gift.refresh_from_db()


def test_a_gift_is_ordered_once_and_paid_by_its_link(community, giver):
    plan, client = dues.plan(community, 3_000), browser(giver)
    body, key = {"plan": str(plan.key), "periods": 2} | JAN, {"Idempotency-Key": "gift-1"}
    made, again = client.post("gifts/", body, **key), client.post("gifts/", body, **key)
    told = made.json()
    assert (made.status_code, again.json(), Gift.objects.count()) == (201, told, 1)
    gift = Gift.objects.get()
    wanted = {
        "state": "unpaid",
        "giver": giver.number,
        "plan": str(plan.key),
        "periods": 2,
        "code": None,
        "invoice": str(gift.invoice.key),
        "pay_url": f"http://testserver/pay/{gift.invoice.pay_token}/",
        "taker": None,
    } | JAN
    assert {name: told[name] for name in wanted} == wanted
    assert (gift.invoice.due.amount, gift.invoice.membership) == (6_000, giver)
    assert client.get(f"gifts/{gift.key}/").json() == told


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"periods": 0}, ("#/periods", "min_value")),
        ({"periods": 25}, ("#/periods", "max_value")),
        ({"recipient_email": "jan"}, ("#/recipient_email", "email")),
        ({"plan": "0" * 32}, ("#/plan", "unknown")),
        ({"code": "X"}, ("#/code", "unknown_field")),
    ],
)
def test_what_cannot_be_given_is_refused(community, giver, wrong, fault):
    plan = dues.plan(community)
    answer = browser(giver).post("gifts/", {"plan": str(plan.key), "periods": 1} | wrong)
    assert (where(answer), Gift.objects.exists()) == ([fault], False)


def test_a_plan_for_groups_and_a_free_one_are_no_gifts(community, giver):
    for plan in (dues.plan(community, group=True), dues.plan(community, 0, name="Free")):
        answer = browser(giver).post("gifts/", {"plan": str(plan.key), "periods": 1})
        assert where(answer) == [("#/plan", "not_offered")]


def test_the_code_is_told_to_the_signed_in_giver_alone(community, giver, given):
    staff = make.member(community, role=Role.TREASURER)
    pay(given)
    readers = [browser(giver), browser(staff), api.Program(community, "read"), api.Program(community)]
    for reader, code in zip(readers, (given.code, None, None, None), strict=True):
        (listed,) = reader.get("gifts/").json()["results"]
        one = reader.get(f"gifts/{given.key}/").json()
        assert (listed, one["state"], one["code"]) == (one, "open", code)
    assert given.code not in readers[2].get("invoices/").content.decode()
    assert browser(make.member(community)).get(f"gifts/{given.key}/").status_code == 404


def test_what_is_between_two_is_told_to_them_alone(community, giver, given):
    pay(given)
    taker, staff = make.member(community), make.member(community, role=Role.MANAGER)
    gifts.redeem(code=given.code, membership=taker, at=make.EARLY, by=Actor.person(taker.user, taker))
    hidden = ("code", "message", "recipient_email", "invoice", "taker")
    bill = str(given.invoice.key)
    for who, wanted in (
        (giver, (None, "See you", "jan@example.org", bill, None)),
        (taker, (None, "See you", "", None, taker.number)),
        (staff, (None, "", "jan@example.org", bill, taker.number)),
    ):
        (told,) = browser(who).get("gifts/").json()["results"]
        assert (told["state"], *(told[name] for name in hidden)) == ("taken", *wanted)
        assert told["pay_url"] is None
    assert browser(make.member(community)).get("gifts/").json()["results"] == []


def test_they_are_found_by_what_is_asked(program, community, giver, given):
    other = dues.a_gift(make.member(community))
    Gift.objects.filter(pk=other.pk).update(expires_at=make.EARLY)
    for asked, wanted in {
        "": [other, given],
        "?state=unpaid": [given],
        "?state=expired": [other],
        f"?giver={giver.number}": [given],
        f"?taker={giver.number}": [],
    }.items():
        results = program.get(f"gifts/{asked}").json()["results"]
        assert (asked, [one["key"] for one in results]) == (asked, [str(one.key) for one in wanted])


def test_its_giver_takes_back_what_is_not_paid(community, giver, given):
    path = f"gifts/{given.key}/revoke/"
    assert browser(make.member(community)).post(path, {"reason": "x"}).status_code == 404
    told = browser(giver).post(path, {"reason": "Too early"}).json()
    assert (told["state"], told["pay_url"]) == ("revoked", None)
    assert browser(giver).post(path, {"reason": "x"}).json()["code"] == "revoked"


def test_what_is_paid_goes_back_once_by_who_manages_money(program, community, giver, given, monkeypatch):
    pay(given)
    path, why = f"gifts/{given.key}/revoke/", {"reason": "Too early"}
    monkeypatch.setattr("members.doors.recently_proven", lambda request: True)
    manager, treasurer = (make.member(community, role=role) for role in (Role.MANAGER, Role.TREASURER))
    assert browser(manager).post(path, why).json()["code"] == "missing_permission"
    assert browser(giver).post(path, why).json()["code"] == "no_longer_allowed"
    assert api.Program(community, "read").post(path, why).json()["code"] == "missing_scope"
    monkeypatch.setattr("members.doors.recently_proven", lambda request: False)
    assert browser(treasurer).post(path, why).json()["code"] == "proof_needed"
    assert not Refund.objects.exists()
    key = {"Idempotency-Key": "back-1"}
    told, again = (program.post(path, why, **key).json() for _n in range(2))
    assert (told["state"], again) == ("revoked", told)
    assert Refund.objects.get().amount == 6_000
    assert AuditEntry.objects.get(action="gift.revoked").after["reason"] == "Too early"
    assert dues.balances(community) == {}
    dues.guard(community)


def test_a_key_gives_nothing_and_no_operation_takes_a_code(program, community):
    plan = dues.plan(community)
    answer = program.post("gifts/", {"plan": str(plan.key), "periods": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "no_member")
    for path in ("gifts/redeem/", "gifts/take/"):
        assert program.post(path, {"code": "x"}).status_code == 404
    assert not Gift.objects.exists()


def test_rewards_are_ones_own_and_all_are_for_who_sees_the_money(program, community, giver):
    member, other = make.member(community), make.member(community)
    for inviter in (giver, other):
        came = dues.received(dues.invoice(make.member(community)))
        ReferralReward.objects.create(
            community=community, inviter=inviter, invitee=came.membership, payment=came, amount=1_200,
            currency="CNY", made_at=dues.AT, held_until=dues.AT,
        )  # fmt: skip
    assert browser(member).get("rewards/").json()["results"] == []
    (mine,) = browser(giver).get("rewards/").json()["results"]
    payment = Payment.objects.order_by("pk")[0]
    assert mine | {"made_at": "", "held_until": ""} == {
        "member": giver.number,
        "brought": payment.membership.number,
        "state": "held",
        "amount": {"amount": "12.00", "currency": "CNY"},
        "payment": None,
        "made_at": "",
        "held_until": "",
        "settled_at": None,
    }
    told = program.get("rewards/").json()["results"]
    assert [one["member"] for one in told] == [other.number, giver.number]
    assert told[1]["payment"] == str(payment.key)
    assert program.get(f"rewards/?member={giver.number}").json()["results"] == told[1:]
    assert program.get("rewards/?state=given").json()["results"] == []


def test_a_plan_is_given_free_of_charge_until_a_day_and_for_life(program, community):
    first, second, plan = make.member(community), make.member(community), dues.plan(community)
    body = {"plan": str(plan.key), "reason": "Ten years of books"}
    body_first = body | {"member": first.number, "until": "2099-12-31", "then_paid": True}
    made = program.post("subscriptions/free/", body_first)
    told = made.json()
    assert (made.status_code, told["kind"], told["status"]) == (201, "complimentary", "active")
    assert (told["period_end"], told["next_plan"]) == ("2100-01-01", str(plan.key))
    assert made["Location"].endswith(f"/subscriptions/{told['key']}/")
    for_life = program.post("subscriptions/free/", body | {"member": second.number}).json()
    assert (for_life["member"], for_life["period_end"], for_life["next_plan"]) == (second.number, None, None)
    entries = AuditEntry.objects.filter(action="subscription.given").order_by("pk")
    assert [entry.after["member"] for entry in entries] == [first.number, second.number]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"until": "2020-01-01"}, ("#/until", "day")),
        ({"then_paid": True}, ("#/until", "both")),
        ({"member": 9_999}, ("#/member", "unknown")),
        ({"member": None}, ("#/member", "null")),
        ({"plan": "0" * 32}, ("#/plan", "unknown")),
        ({"reason": " "}, ("#/reason", "blank")),
    ],
)
def test_what_cannot_be_given_free_is_refused(program, community, giver, wrong, fault):
    plan = dues.plan(community)
    body = {"member": giver.number, "plan": str(plan.key), "reason": "x"} | wrong
    answer = program.post("subscriptions/free/", body)
    assert (where(answer), Subscription.objects.exists()) == ([fault], False)
