"""Members' plans by the API."""

from datetime import UTC, datetime

import pytest

from commerce.models import Coupon, Invoice, Subscription
from commerce.services import payments
from members.models import AuditEntry
from members.roles import Role
from tests import api, make
from tests.api import where
from tests.commerce import dues

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("commerce.api.subscriptions.now", lambda: NOON)


@pytest.fixture
def community():
    return make.community(currency="CNY")


@pytest.fixture
def member(community):
    return make.member(community)


@pytest.fixture
def program(community):
    return api.Program(community)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def paid(subscription: Subscription) -> None:
    (owed,) = subscription.invoices.filter(status="open")
    payments.receive(
        invoice=owed, community=subscription.community, money=owed.due, method="bank", paid_at=NOON, at=NOON,
        by=dues.SITE,
    )  # fmt: skip


def taken(program, member, plan, **fields):
    return program.post("subscriptions/", {"member": member.number, "plan": str(plan.key)} | fields)


def test_a_plan_is_taken_once_with_its_invoice(program, member, community):
    plan = dues.plan(community, 12_000)
    Coupon.objects.create(community=community, code="HALF", percent=5000, created_at=make.EARLY)
    body = {"member": member.number, "plan": str(plan.key), "coupon": "half"}
    quote = program.post("subscriptions/quote/", body).json()
    assert [(line["kind"], line["total"]) for line in quote["lines"]] == [
        ("dues", yuan("120.00")),
        ("coupon", yuan("-60.00")),
    ]
    assert (quote["now"], quote["due"], quote["period_end"]) == (True, yuan("60.00"), "2026-04-02")
    assert not Subscription.objects.exists()
    made = program.post("subscriptions/", body, **{"Idempotency-Key": "s-1"})
    again = program.post("subscriptions/", body, **{"Idempotency-Key": "s-1"})
    told = made.json()
    assert (made.status_code, again.json(), told["status"], told["price"]) == (
        201,
        told,
        "pending",
        yuan("120.00"),
    )
    (owed,) = program.get("invoices/").json()["results"]
    assert (owed["subscription"], owed["due"]) == (told["key"], yuan("60.00"))
    paid(Subscription.objects.get())
    told = program.get(f"subscriptions/{told['key']}/").json()
    assert (told["status"], told["period_end"], [one["kind"] for one in told["changes"]]) == (
        "active",
        "2026-04-02",
        ["begun"],
    )
    dues.guard(community)


def test_what_a_change_costs_is_said_and_asked_for(program, member, community):
    month, better = dues.plan(community, 3_100), dues.plan(community, 6_200, name="Better")
    key = taken(program, member, month).json()["key"]
    paid(Subscription.objects.get())
    quote = program.post("subscriptions/quote/", {"member": member.number, "plan": str(better.key)}).json()
    assert [(line["kind"], line["total"]) for line in quote["lines"]] == [
        ("unused", yuan("-31.00")),
        ("dues", yuan("62.00")),
    ]
    told = program.post(f"subscriptions/{key}/change-plan/", {"plan": str(better.key)}).json()
    assert (told["plan"], told["next_plan"]) == (str(month.key), str(better.key))
    owed = Invoice.objects.get(status="open")
    assert (owed.reason, owed.due.amount) == ("change", 3_100)
    paid(Subscription.objects.get())
    told = program.get(f"subscriptions/{key}/").json()
    assert (told["plan_name"], told["next_plan"], told["period_end"]) == ("Better", None, "2026-04-02")
    dues.guard(community)


def test_it_is_cancelled_kept_and_rested(program, member, community):
    key = taken(program, member, dues.plan(community)).json()["key"]
    paid(Subscription.objects.get())
    acts = [("cancel", {"reason": "Away"}), ("resume", {}), ("pause", {}), ("resume", {})]
    found = []
    for act, body in acts:
        told = program.post(f"subscriptions/{key}/{act}/", body).json()
        found.append((told["status"], told["cancel_reason"], told["paused_on"]))
    assert found == [
        ("cancelled", "Away", None),
        ("active", "", None),
        ("active", "", "2026-03-02"),
        ("active", "", None),
    ]
    assert program.post(f"subscriptions/{key}/resume/").json()["code"] == "not_now"
    assert set(AuditEntry.objects.filter(object_kind="subscription").values_list("action", flat=True)) == {
        "subscription.begun",
        "subscription.cancelled",
        "subscription.kept",
    }


def test_members_decide_about_their_own_and_staff_about_all(community, member):
    plan, other = dues.plan(community), make.member(community)
    root = f"/api/v1/communities/{community.slug}/subscriptions/"

    def post(who, path="", **body):
        client = api.browser(who.user)
        client.handler.enforce_csrf_checks = False
        return client.post(root + path, body, content_type="application/json")

    mine = post(member, plan=str(plan.key))
    assert (mine.status_code, mine.json()["member"]) == (201, member.number)
    assert post(member, plan=str(plan.key), member=other.number).status_code == 403
    assert post(other, f"{mine.json()['key']}/cancel/").status_code == 404
    assert post(make.member(community, role=Role.MANAGER), f"{mine.json()['key']}/cancel/").status_code == 403
    treasurer = make.member(community, role=Role.TREASURER)
    assert post(treasurer, plan=str(plan.key), member=other.number).json()["member"] == other.number
    assert post(treasurer, f"{mine.json()['key']}/cancel/").json()["cause"] == "cancelled"
    found = {
        who.number: [one["member"] for one in api.browser(who.user).get(root).json()["results"]]
        for who in (member, treasurer)
    }
    assert found == {member.number: [member.number], treasurer.number: [other.number, member.number]}


def test_they_are_found_by_what_is_asked(program, community):
    plan, year = dues.plan(community), dues.plan(community, interval="year")
    people = [make.member(community) for _n in range(3)]
    for person, chosen in zip(people, (plan, plan, year), strict=True):
        taken(program, person, chosen)
    Subscription.objects.filter(membership=people[0]).update(status="past_due")
    for asked, found in {
        "": [2, 1, 0],
        "?status=pending": [2, 1],
        f"?plan={plan.key}": [1, 0],
        f"?member={people[2].number}": [2],
        "?late=true": [0],
        "?late=false": [2, 1],
    }.items():
        results = program.get(f"subscriptions/{asked}").json()["results"]
        assert (asked, [one["member"] for one in results]) == (asked, [people[n].number for n in found])


def test_seats_have_codes_and_are_freed(program, member, community):
    group = dues.plan(community, 1_000, group=True)
    key = taken(program, member, group, quantity=3).json()["key"]
    paid(Subscription.objects.get())
    seats = program.get(f"subscriptions/{key}/seats/").json()["results"]
    assert [seat["member"] for seat in seats] == [member.number, None, None]
    assert len({seat["code"] for seat in seats}) == 3
    refused = program.post(f"subscriptions/{key}/seats/{seats[0]['key']}/free/")
    assert (refused.status_code, refused.json()["code"]) == (422, "own")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"plan": "0" * 32}, ("#/plan", "unknown")),
        ({"member": 999}, ("#/member", "unknown")),
        ({"quantity": 2}, ("#/quantity", "seats")),
        ({"coupon": "none"}, ("#/coupon", "unknown")),
    ],
)
def test_what_does_not_fit_is_named(program, member, community, wrong, fault):
    body = {"member": member.number, "plan": str(dues.plan(community).key)} | wrong
    for path in ("subscriptions/", "subscriptions/quote/"):
        answer = program.post(path, body)
        assert (path, answer.status_code, where(answer)) == (path, 422, [fault])
    assert not Subscription.objects.exists()


def test_a_program_says_whose_it_is(program, community):
    answer = program.post("subscriptions/", {"plan": str(dues.plan(community).key)})
    assert (answer.status_code, where(answer)) == (422, [("#/member", "required")])
